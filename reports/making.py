"""Acceptance reports and ledgers as jobs of the worker, and as files for the command line (design decision 17)."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from models import RECORDS, RecordType
from models.words import Language
from reports import content, editions, excel, ledger, paper, view, word
from reports.content import Report, Told
from services import acceptance, clock, jobs
from services.access import Actor
from services.attachments import Accepted
from services.errors import Invalid
from services.jobs import does
from services.store import Query

OFFICE = "application/vnd.openxmlformats-officedocument."
MIMES = {
    "docx": OFFICE + "wordprocessingml.document",
    "xlsx": OFFICE + "spreadsheetml.sheet",
    "pdf": "application/pdf",
}
WRITERS: dict[str, Callable[[Report], bytes]] = {
    "docx": word.document,
    "xlsx": excel.workbook,
    "pdf": lambda report: paper.pdf("report", view.texts(report), report.moment),
}


def written(report: Report, fmt: str) -> bytes:
    """The report in a format. Raises Invalid({"format": code})."""
    if fmt not in WRITERS:
        raise Invalid({"format": "report_format"})
    return WRITERS[fmt](report)


def submit_report(
    actor: Actor, contract_id: int, edition: str, formats: Sequence[str], as_of: date | None = None
) -> int:
    """Queue an acceptance report; returns the job's id. Raises Denied, or Invalid for an edition nobody can read."""
    editions.read(edition)
    if not formats or any(fmt not in WRITERS for fmt in formats):
        raise Invalid({"format": "report_format"})
    asked = {"record": acceptance.record().name, "contract": contract_id, "edition": edition, "formats": list(formats)}
    return jobs.submit(actor, "report", asked | {"as_of": as_of.isoformat() if as_of else None})


def submit_ledger(actor: Actor, record: RecordType, query: Query, fmt: str, language: Language = "zh") -> int:
    """Queue the ledger of what a list shows; returns the job's id. Raises Denied."""
    if fmt not in ledger.FORMATS:
        raise Invalid({"format": "report_format"})
    asked = {"record": record.name, "query": asdict(query), "fmt": fmt, "language": language}
    return jobs.submit(actor, "ledger", asked)


@does("report")
def _report(actor: Actor, params: Mapping[str, Any], _words: jobs.Words, told: Told) -> dict[str, Any]:
    day = date.fromisoformat(params["as_of"]) if params["as_of"] else None
    report = content.gather(actor, params["contract"], editions.read(params["edition"]), day, told)
    made = []
    for done, fmt in enumerate(params["formats"]):
        told(fmt, done, len(params["formats"]))
        made.append(Accepted(f"{file_name(report)}.{fmt}", written(report, fmt), MIMES[fmt]))
    return {"report": acceptance.keep(actor, values_of(report), made, token=params["token"])}


def values_of(report: Report) -> dict[str, Any]:
    """A report as it is kept beside its files."""
    board = report.board
    return {
        "name": f"{view.title(report)} {report.name.zh}"[:200],
        "contract_id": board.contract_id,
        "edition": report.edition.kind,
        "which": report.edition.which,
        "as_of": board.as_of,
        "moment": report.moment,
        "data_version": report.version,
        "met": report.met,
        "total": report.quantified,
        "areas": sorted(report.areas),
    }


def file_name(report: Report) -> str:
    which = f"-{report.edition.which}" if report.edition.which else ""
    return f"{view.title(report)}{which}-{report.board.as_of:%Y%m%d}"


@does("ledger")
def _ledger(actor: Actor, params: Mapping[str, Any], _words: jobs.Words, told: Told) -> dict[str, Any]:
    record, fmt = RECORDS[params["record"]], params["fmt"]
    made = ledger.gather(actor, record, jobs.query_of(params["query"]), params["language"], told)
    told(fmt, 0, 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"ledger.{fmt}")
        path.write_bytes(ledger.written(made, fmt))
        return {
            "rows": len(made.rows),
            **jobs.keep(path, f"{made.title.replace(':', '')}-{clock.today():%Y%m%d}.{fmt}"),
        }
