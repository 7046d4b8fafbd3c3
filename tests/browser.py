"""A browser for the tests: an installed Chrome or Chromium, else Playwright's own, else Debian's package when root."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def installed() -> str | None:
    """The path of an installed browser."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


@cache
def find() -> str | None:
    """The browser that the tests drive, without installing anything."""
    return installed() or playwrights_own()


def _try(*command: str) -> bool:
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def ensure() -> str | None:
    """The browser, installed where it can be had."""
    if found := find():
        return found
    find.cache_clear()
    if _try(sys.executable, "-m", "playwright", "install", "chromium") and find():
        return find()
    find.cache_clear()
    if shutil.which("apt-get") and os.getuid() == 0:
        _try("apt-get", "update", "-qq")
        _try("apt-get", "install", "-y", "-qq", "chromium", "fonts-noto-cjk")
    return find()


if __name__ == "__main__" and not ensure():
    sys.stdout.write("No browser can be had here: the browser tests are left out (CI fails instead).\n")
    sys.exit(1 if os.environ.get("CI") else 0)
