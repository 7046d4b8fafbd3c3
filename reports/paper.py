"""Papers in PDF and drawings in PNG, set by typst with the project's own font (P "Chinese output")."""

import json
import marshal
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

PIXELS_PER_INCH = 200.0
PATIENCE = 600

_ROOT = Path(__file__).resolve().parent.parent
_CHILD = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from reports.typeset import main; main()"


def pdf(template: str, data: Any, moment: datetime) -> bytes:
    """The PDF of a template filled with data."""
    return _set(template, data, format="pdf", timestamp=int(moment.timestamp()))[0]


def pictures(drawings: Sequence[str]) -> list[bytes]:
    """Each SVG as a PNG, with the project's font."""
    return _set("pictures", list(drawings), format="png", ppi=PIXELS_PER_INCH) if drawings else []


def _set(template: str, data: Any, **wanted: Any) -> list[bytes]:
    """What the typesetter makes, in its own process, without this one's environment; RuntimeError where it fails."""
    asked = json.dumps({"template": template, "data": data, "wanted": wanted}, ensure_ascii=False).encode()
    ran = subprocess.run(
        [sys.executable, "-I", "-c", _CHILD], input=asked, capture_output=True, timeout=PATIENCE, check=False, env={}
    )
    if ran.returncode:
        raise RuntimeError(f"typst failed: {ran.stderr.decode(errors='replace')[-2000:]}")
    return list(marshal.loads(ran.stdout))
