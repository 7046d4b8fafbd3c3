"""typst in a process of its own, which keeps nothing: setting a paper takes memory that typst never gives back."""

import json
import marshal
import sys
import warnings
from pathlib import Path
from typing import Any

import typst

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE / "templates"


def fonts() -> typst.Fonts:
    """The project's font and no other: neither the machine's nor typst's own."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(HERE / "fonts")])


def compiled(template: str, data: Any, wanted: dict[str, Any]) -> list[bytes]:
    """The pages of a template filled with data, or its one PDF; data are handed over, never made part of the source."""
    compiler = typst.Compiler(
        str(TEMPLATES / f"{template}.typ"), root=str(TEMPLATES), font_paths=fonts(), ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a character that the font lacks prints as a box
        made = compiler.compile(**wanted)
    return made if isinstance(made, list) else [made or b""]


def main() -> None:
    """Reads {template, data, wanted} as JSON, writes the list of results marshalled."""
    asked = json.load(sys.stdin.buffer)
    marshal.dump(compiled(asked["template"], asked["data"], asked["wanted"]), sys.stdout.buffer)
