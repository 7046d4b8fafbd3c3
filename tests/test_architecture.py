"""The shape of the house: which way imports go, where Streamlit and the database may be touched, how long functions are."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from models import RECORDS

LONGEST_FUNCTION = 40
ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("models", "services", "ui", "pages", "web", "reports", "seed")
GENERIC = ("models/base.py", "services/store.py", "services/values.py", "services/exchange.py", "ui/listing.py",
           "ui/form.py", "ui/detail.py", "ui/tables.py", "ui/steps.py", "ui/exchange.py",
           "ui/pages.py", "services/search.py", "services/db.py")  # fmt: skip


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def test_nothing_imports_against_the_arrows() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    found = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("path", sources("models", "services", "seed", "web"), ids=str)
def test_streamlit_stays_in_the_interface(path: Path) -> None:
    assert not re.search(r"^\s*(import|from) streamlit\b(?!_)", path.read_text(), re.M)


@pytest.mark.parametrize("path", [p for p in sources(*PACKAGES) if p.name != "db.py"], ids=str)
def test_engines_and_sessions_are_made_in_db_alone(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"create_engine|sessionmaker|raw_connection|import .*\bSession\b", text)


@pytest.mark.parametrize("path", sources("ui", "pages"), ids=str)
def test_no_sql_in_the_interface(path: Path) -> None:
    assert not re.search(r"from (sqlalchemy|sqlmodel)|db\.(unit|reading|connection)\(", path.read_text())


@pytest.mark.parametrize("path", [*sources(*PACKAGES), ROOT / "manage.py"], ids=str)
def test_today_is_the_day_of_the_site(path: Path) -> None:
    assert not re.search(r"\b(date|datetime)\.(today|utcnow)\(|datetime\.now\(\)", path.read_text())


@pytest.mark.parametrize("name", GENERIC)
def test_generic_modules_name_no_record_type(name: str) -> None:
    """`person` is part of the machinery (one identity, many roles), and `unit` is the scope; every other type is data."""
    text = (ROOT / name).read_text()
    names = [record for record in RECORDS if record not in ("person", "unit", "option", "account")]
    assert [record for record in names if f'"{record}"' in text] == []


def functions() -> list[tuple[int, str]]:
    return sorted(
        (node.end_lineno - node.lineno + 1, f"{path.name}:{node.name}")  # type: ignore[operator]
        for path in [*sources(*PACKAGES), ROOT / "app.py", ROOT / "manage.py"]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def test_functions_are_short() -> None:
    """The ruler: most functions are a few lines, and none is longer than a screen."""
    lengths = [length for length, _ in functions()]
    assert median(lengths) < 12
    assert lengths[int(len(lengths) * 0.9)] < 35
    assert [told for told in functions() if told[0] > LONGEST_FUNCTION] == []


@pytest.mark.parametrize("path", sources("pages"), ids=str)
def test_pages_are_short(path: Path) -> None:
    if path.name not in ("__init__.py", "portal.py"):
        assert len(path.read_text().splitlines()) <= 110
