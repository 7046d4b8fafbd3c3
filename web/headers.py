"""What every answer carries: security headers (rules.md §7), and Streamlit's page in the portal's name and language."""

import base64
import hashlib
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.words import L, Language
from services.institution import PORTAL
from web.pages import LANGUAGE_COOKIE, speech

NO_SCRIPT = L("请在浏览器中启用 JavaScript 后刷新。", "Please enable JavaScript in your browser and reload.")
FIXED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(), microphone=(), payment=(), usb=()",
}
HTTPS_ONLY = "max-age=31536000"
UNWANTED = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
FRAMED = "/component/"


class SecurityHeaders:
    """Adds the security headers to every answer and rewrites Streamlit's index page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.policy = policy()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if "text/html" in Headers(scope=scope).get("accept", ""):
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in UNWANTED]}
        await self.app(scope, receive, Rewriter(self, scope, send))

    def add(self, headers: MutableHeaders, scope: Scope) -> None:
        for name, value in FIXED.items():
            headers.setdefault(name, value)
        headers.setdefault("content-security-policy", self.policy)
        if scope["path"].startswith(FRAMED):
            headers["x-frame-options"] = "SAMEORIGIN"
            headers["content-security-policy"] = self.policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        if scope["scheme"] == "https":
            headers["strict-transport-security"] = HTTPS_ONLY


class Rewriter:
    """One answer on its way out; Streamlit's index page is held back until it is whole."""

    def __init__(self, owner: SecurityHeaders, scope: Scope, send: Send) -> None:
        self.owner, self.scope, self.send = owner, scope, send
        self.start: Message | None = None
        self.body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            self.owner.add(headers, self.scope)
            if self._is_streamlit_page(headers):
                self.start = message
                return
        if self.start is None:
            await self.send(message)
        else:
            await self._collect(message)

    def _is_streamlit_page(self, headers: MutableHeaders) -> bool:
        """Its pages come from a file and so carry an etag; the plain pages carry none."""
        if self.scope["method"] != "GET" or self.scope["path"].startswith((FRAMED, "/media/")):
            return False
        return headers.get("content-type", "").startswith("text/html") and "etag" in headers

    async def _collect(self, message: Message) -> None:
        self.body += message.get("body", b"")
        if message.get("more_body") or self.start is None:
            return
        page = in_our_name(self.body.decode(), speech(Request(self.scope).cookies.get(LANGUAGE_COOKIE))).encode()
        headers = MutableHeaders(scope=self.start)
        del headers["etag"], headers["last-modified"]
        headers["content-length"], headers["cache-control"] = str(len(page)), "no-store"
        await self.send(self.start)
        await self.send({"type": "http.response.body", "body": page})


def in_our_name(page: str, language: Language) -> str:
    """Streamlit's index page with our title, icon and language; Chinese gets the dictionary of its English words."""
    words = '<script src="/portal/words.js"></script>' if language == "zh" else ""
    page = page.replace('<html lang="en">', f'<html lang="{"zh-CN" if language == "zh" else "en"}">', 1)
    page = re.sub(r"<title>.*?</title>", f"<title>{PORTAL(language)}</title>{words}", page, count=1)
    page = re.sub(r"<noscript>.*?</noscript>", f"<noscript>{NO_SCRIPT(language)}</noscript>", page, flags=re.S)
    page = re.sub(r"<!--.*?-->\s*", "", page, flags=re.S)
    page = re.sub(r'<link rel="service-desc"[^>]*>', "", page)
    return page.replace('href="./favicon.png"', 'href="/portal/icon.svg"')


@cache
def policy() -> str:
    """The content security policy, with the hash of the one inline script in Streamlit's index page (stack.md §10)."""
    page = _index_file().read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.S)
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in scripts)
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' blob: {hashes}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "frame-src 'self' blob: data:",
            "frame-ancestors 'none'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        )
    )


def _index_file() -> Path:
    """Streamlit's index page, found without importing Streamlit."""
    found = find_spec("streamlit")
    assert found and found.origin
    return Path(found.origin).parent / "static" / "index.html"


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
