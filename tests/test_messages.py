"""Every error code that is raised anywhere has its words, in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ui.messages import MESSAGES, words_of

RAISED = {"Invalid", "Denied", "NotFound", "PortalError", "BadValue", "BadIdentifier", "SheetError"}
SPEAKING = {"check", "problem", "_why", "_problem", "_used", "_wrong"}
KEPT = {"errors", "found", "wrong", "problems", "refused"}
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
FOLDERS = ("models", "services", "reports", "web", "seed")


def constants(node: ast.AST | None) -> Iterator[str]:
    """The codes that an expression can come to: itself, a mapping's values, the sides of a condition."""
    match node:
        case ast.Constant(value=str(text)) if CODE.fullmatch(text):
            yield text
        case ast.Dict(values=values):
            for value in values:
                yield from constants(value)
        case ast.DictComp(value=value):
            yield from constants(value)
        case ast.IfExp(body=body, orelse=orelse):
            yield from constants(body)
            yield from constants(orelse)
        case ast.BoolOp(values=values):
            for value in values:
                yield from constants(value)


def codes_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in RAISED:
                yield from constants(first)
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))], value=value) if name in KEPT:
                yield from constants(value)
            case ast.FunctionDef(name=name) if name in SPEAKING:
                for part in ast.walk(node):
                    if isinstance(part, ast.Return):
                        yield from constants(part.value)


def raised() -> dict[str, set[str]]:
    """{code: the files that raise it}"""
    found: dict[str, set[str]] = {}
    for folder in FOLDERS:
        for path in Path(folder).rglob("*.py"):
            for code in codes_of(ast.parse(path.read_text(encoding="utf-8"))):
                found.setdefault(code, set()).add(str(path))
    return found


def test_every_code_has_words() -> None:
    assert {code: files for code, files in raised().items() if code not in MESSAGES} == {}


def test_the_search_for_codes_finds_them() -> None:
    known = {"required", "id_checksum", "sign_in_failed", "locked", "credit_code_checksum", "has_children"}
    assert known <= set(raised())
    assert len(raised()) > 60


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_words_stand_in_both_languages(code: str) -> None:
    words = MESSAGES[code]
    assert re.search(r"[\u4e00-\u9fff]", words.zh)
    assert re.search(r"[A-Za-z]{2}", words.en) and not re.search(r"[\u4e00-\u9fff]", words.en)
    assert re.findall(r"\{\w+\}", words.zh) == re.findall(r"\{\w+\}", words.en)


def test_an_unknown_code_gets_general_words_and_never_itself() -> None:
    assert words_of("nobody_knows_this") == MESSAGES["other"]


def test_no_words_are_kept_for_nothing() -> None:
    paths = [path for folder in (*FOLDERS, "ui", "pages") for path in Path(folder).rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths if path.name != "messages.py")
    assert [code for code in MESSAGES if f'"{code}"' not in text and not code.startswith("http_")] == []
