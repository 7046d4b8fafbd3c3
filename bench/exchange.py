"""50,000 rows in and out of a sheet, each in a process of its own whose peak memory is told; a class's certificates."""

import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from bench.data import DAYS, Size, first_day, identity, names, phone
from bench.registers import LIN, VOLUNTEER
from bench.timing import Line, Work, timed, verdict
from models.identifiers import mask_identity
from reports import certificates
from services import db, exchange
from services.store import Query

ROWS = 50_000
GIB = 1024
CLASS, SITE = 500, "https://portal.example.org"


def sheets(size: Size, folder: Path) -> Iterator[Line]:
    """Volunteers go out, then as many new ones come in, and the same sheet comes again."""
    yield from _out(size, folder)
    yield from _in(size, folder)


def _out(size: Size, folder: Path) -> Iterator[Line]:
    target = folder / "out.xlsx"
    took, peak = apart(partial(_export, DAYS * ROWS // size.volunteers), target)
    cells = _read(target)
    bare = timed(lambda: _write(folder / "bare.xlsx", cells))
    yield verdict(Work("export of 50,000 rows", _export, _write, times_counterpart=1.3), took, bare)
    yield Line("its peak memory, MiB", peak, None, "≤ 1,024 MiB", peak <= GIB)


def _in(size: Size, folder: Path) -> Iterator[Line]:
    source = folder / "volunteers.xlsx"
    _write_ledger(source, size.volunteers)
    read = timed(lambda: _read(source))
    for again in ("", ", again (nothing changes)"):
        took, peak = apart(_import, source)
        yield verdict(Work(f"import of 50,000 rows{again}", _import, _read, times_counterpart=3), took, read)
        yield Line(f"its peak memory{again}, MiB", peak, None, "≤ 1,024 MiB", peak <= GIB)


def papers() -> Iterator[Line]:
    """The certificates of a class of 500 in one PDF, against as many papers of one page."""
    rows = [_paper(number) for number in range(1, CLASS + 1)]
    one = timed(lambda: certificates.pdf(rows[:1], SITE))
    whole = timed(lambda: certificates.pdf(rows, SITE))
    yield Line("500 certificates in one PDF", whole, CLASS * one, "≤ 20,000 ms", whole <= 20_000)


def _paper(number: int) -> dict[str, Any]:
    """What a certificate prints, invented."""
    day = first_day()
    return {
        "number": f"JH2026-{number:05d}", "issuer": "示例医院应急救护科普基地", "issuer_en": "Base for First-Aid Education",
        "title": "心肺复苏与AED培训合格证", "title_en": "Certificate of CPR and AED Training",
        "holder": next(names(Random(number))), "document": mask_identity(identity(number)), "hours": 4.0,
        "course_name": "心肺复苏与AED培训", "course_name_en": "CPR and AED course", "starts_on": day, "ends_on": day,
        "issued_on": day, "valid_until": day, "renews": "", "person_in_charge": "示例主任", "copies": 0, "copied_on": None,
    }  # fmt: skip


def apart(work: Callable[[Path], float], path: Path) -> tuple[float, float]:
    """Milliseconds and peak MiB of the work in a fresh process."""
    db.dispose()
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_with_peak, work, path).result()


def _with_peak(work: Callable[[Path], float], path: Path) -> tuple[float, float]:
    took = work(path)
    return took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _import(path: Path) -> float:
    return timed(lambda: exchange.run_import(LIN, VOLUNTEER, path))


def _export(days: int, path: Path) -> float:
    wanted = Query(filters={"registered_on": (first_day(), first_day() + timedelta(days=days - 1))})
    return timed(lambda: exchange.export(LIN, VOLUNTEER, wanted, path))


def _read(path: Path) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def _write(path: Path, cells: list[list[Any]]) -> None:
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    page = book.add_worksheet()
    for number, row in enumerate(cells):
        for column, value in enumerate(row):
            if value not in (None, ""):
                page.write(number, column, value)
    book.close()


def _write_ledger(path: Path, after: int) -> None:
    """A ledger of people that the register does not know."""
    headings = [
        "姓名*",
        "证件类型*",
        "证件号码*",
        "手机号*",
        "居住区域代码*",
        "居住区域",
        "服务区域",
        "知情同意*",
        "登记日期",
    ]
    given = names(Random(11))
    rows = (
        [
            next(given),
            "居民身份证",
            identity(n),
            phone(n),
            "440105",
            "海珠区",
            "海珠区",
            "是",
            str(date(2026, 3, 1 + n % 28)),
        ]
        for n in range(after + 1, after + ROWS + 1)
    )
    _write(path, [headings, *rows])
