"""The records behind an indicator as a sheet: exactly the rows that count, and how they are counted (features K5, K10)."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from models import RECORDS
from models.system import Verb
from models.words import L, Language
from services import clock, db, kpi, proofs
from services.access import Actor
from services.figures import Figure
from services.naming import parts
from services.proofs import Line
from services.sheets import Column, SheetOut, write_sheet

CHUNK, EVERY = 500, 10**9
HEADINGS = (
    L("日期", "Date"), L("记录类型", "Kind of record"), L("记录编号", "Record no."), L("记录", "Record"),
    L("站点", "Station"), L("经办人", "Worker"), L("计入", "Counts"), L("佐证（份）", "Files"),
    L("同时计入", "Also counts in"),
)  # fmt: skip
NUMBERS = (L("计入", "Counts"), L("佐证（份）", "Files"), L("记录编号", "Record no."))
RULE = (L("项目", "Item"), L("内容", "Content"))

Progress = Callable[[str, int, int], None]


def write(
    actor: Actor,
    indicator_id: int,
    target: Path | BinaryIO,
    *,
    as_of: date | None = None,
    month: int | None = None,
    unit_id: int | None = None,
    language: Language = "zh",
    progress: Progress = lambda step, done, total: None,
) -> int:
    """Write the rows behind the number (of one contract month or station), and a second sheet with the rule.

    The column "counts" adds up to the number. Returns how many rows; the export is in the audit. Raises Denied, NotFound.
    """
    actor.need("export", "indicators")
    day = as_of or clock.today()
    figure = kpi.figure(actor, indicator_id, day)
    proof = kpi.rows(actor, indicator_id, day, month=month, unit_id=unit_id, size=EVERY)
    with db.unit(actor) as session:
        said = {"rows": proof.rows_total, "indicator": figure.code}
        db.note(session, Verb.EXPORT, "indicator", indicator_id, said)
    columns = [Column(label(language), "number" if label in NUMBERS else "text") for label in HEADINGS]
    rows = _rows(actor, indicator_id, proof.rows, day, language, progress)
    about = SheetOut(
        L("计算口径", "Rule")(language), [Column(label(language)) for label in RULE], _rule(figure, proof, day)
    )
    write_sheet(target, [SheetOut(figure.code, columns, rows), about])
    return proof.rows_total


def _rows(
    actor: Actor, indicator_id: int, rows: tuple[kpi.ProofRow, ...], day: date, language: Language, progress: Progress
) -> Iterator[list[object]]:
    for done, part in enumerate(parts(rows, CHUNK)):
        progress("writing", done * CHUNK, len(rows))
        for line in proofs.lines(actor, indicator_id, part, day):
            yield _cells(line, language)


def _cells(line: Line, language: Language) -> list[object]:
    title = L("无权查看", "Not yours to see")(language) if line.title is None else line.title
    kind, also = RECORDS[line.record].label(language), " ".join(line.also)
    return [line.day.isoformat(), kind, line.ref, title, line.station, line.worker, line.n, line.files, also]


def _rule(figure: Figure, proof: kpi.Proof, day: date) -> list[list[Any]]:
    """Both languages, since who confirms the rule may read either."""
    rule = figure.rule or L("", "")
    return [
        ["编号 Code", figure.code], ["指标 Indicator", f"{figure.name.zh} / {figure.name.en}"],
        ["合同原文 The contract's wording", figure.wording], ["计算口径", rule.zh], ["Counting rule", rule.en],
        ["截至 As of", day.isoformat()], ["行数 Rows", proof.rows_total], ["计入合计 Sum of the rows", proof.counted],
    ]  # fmt: skip
