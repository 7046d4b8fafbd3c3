"""The ledgers of every record type: what its list shows, masked as an export is, in three formats."""

import io
from typing import Any

import docx
import openpyxl
import pytest

from models import RECORDS, RecordType
from models.base import LIST
from models.system import AuditEntry, Role, Verb
from reports import ledger, making, paper_words
from services import db, jobs, store
from services.access import SYSTEM, Actor
from services.errors import Denied, Invalid
from services.store import Query
from tests.conftest import Cast
from tests.test_jobs import worker_of

ENTRIES = [record for record in RECORDS.values() if record.menu]
NASTY = ['#read("/etc/passwd")', "*bold* ]] $x$", "=1+1", "<w:p>&amp;"]


def word_rows(data: bytes) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in docx.Document(io.BytesIO(data)).tables[0].rows]


def sheet(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]


@pytest.mark.parametrize("record", ENTRIES, ids=lambda record: record.name)
def test_every_record_type_has_its_ledger(demo: None, record: RecordType) -> None:
    found = ledger.gather(SYSTEM, record, Query(size=5))
    shown = [spec.label.zh for spec in record.fields if spec.shows(LIST)]
    assert found.headings == ["序号", *shown] and len(found.rows) == store.rows(SYSTEM, record).total
    found.rows[30:] = []
    assert ledger.pdf(found).startswith(b"%PDF")
    texts = word_rows(ledger.word(found))
    assert texts == [found.headings, *found.texts()]
    rows = list(sheet(ledger.excel(found)).iter_rows(values_only=True))
    assert list(rows[2]) == found.headings and found.total in rows[1][0]
    assert len([row for row in rows[3:] if isinstance(row[0], int)]) == len(found.rows)


def test_it_shows_what_the_list_shows_its_filters_columns_and_order(demo: None) -> None:
    record = RECORDS["organisation"]
    query = Query(filters={"kind": ["school"]}, sort="name", fields=["kind", "name"])
    found = ledger.gather(SYSTEM, record, query, "en")
    assert found.headings == ["No.", "Kind", "Name"]
    page = store.rows(SYSTEM, record, query)
    assert [row[1] for row in found.rows] == [row.values["name"] for row in page.rows]
    assert found.title == "Ledger: organisation"


def test_names_are_masked_for_a_leader_and_numbers_for_everybody(demo: None) -> None:
    chen, lin = Actor(None, "陈院长", (Role.LEADER,)), Actor(None, "林社工", (Role.COORDINATOR,))
    record, query = RECORDS["volunteer"], Query(fields=["name", "id_number", "phone"])
    for name, number, phone in ledger.gather(chen, record, query).rows:
        assert "*" in str(name) and "*" in str(phone) and (not number or "*" in str(number))
    for name, number, phone in ledger.gather(lin, record, query).rows:
        assert "*" not in str(name) and "*" in str(phone) and (not number or "*" in str(number))


def test_a_station_lead_has_the_own_station_alone(cast: Cast) -> None:
    for station in (cast.station, cast.other_station):
        given = {"logged_on": "2026-02-01", "on_duty": f"{station}", "entry": "开放", "unit_id": station}
        store.save(SYSTEM, RECORDS["base_duty_log"], given)
    assert len(ledger.gather(cast.wang, RECORDS["base_duty_log"], Query()).rows) == 1
    assert len(ledger.gather(cast.lin, RECORDS["base_duty_log"], Query()).rows) == 2


def test_who_may_not_export_gets_none(cast: Cast) -> None:
    auditor = Actor(None, "审计", (Role.AUDITOR,))
    for stranger in (cast.stranger, cast.he, auditor):
        with pytest.raises(Denied):
            ledger.gather(stranger, RECORDS["volunteer"], Query())
        with pytest.raises(Denied):
            making.submit_ledger(stranger, RECORDS["volunteer"], Query(), "pdf")


def test_what_looks_like_markup_or_a_formula_stays_text(cast: Cast) -> None:
    for text in NASTY:
        store.save(SYSTEM, RECORDS["organisation"], {"name": text, "kind": "community"})
    found = ledger.gather(SYSTEM, RECORDS["organisation"], Query(sort="id", fields=["name"]))
    assert ledger.pdf(found).startswith(b"%PDF")
    assert [row[1] for row in word_rows(ledger.word(found))[1:]] == NASTY
    cells = [row[1] for row in sheet(ledger.excel(found)).iter_rows(min_row=4, max_row=7)]
    assert [(cell.value, cell.data_type) for cell in cells] == [(text, "s") for text in NASTY]


def test_the_worker_makes_it_and_only_who_may_export_fetches_it(cast: Cast) -> None:
    lin = worker_of("lin", Role.COORDINATOR)
    store.save(SYSTEM, RECORDS["organisation"], {"name": "甲社区", "kind": "community"})
    key = making.submit_ledger(lin, RECORDS["organisation"], Query(), "docx")
    assert jobs.work_once() and jobs.get(lin, key).result["rows"] == 1
    name, data = jobs.result_file(lin, key)
    assert name.startswith("合作单位台账-") and name.endswith(".docx") and data.startswith(b"PK")
    with db.reading(SYSTEM) as s:
        verbs = [entry.verb for entry in s.execute(AuditEntry.__table__.select().order_by("id"))]  # type: ignore[attr-defined]
    assert {Verb.EXPORT, Verb.DOWNLOAD} <= set(verbs)
    with pytest.raises(Invalid):
        making.submit_ledger(lin, RECORDS["organisation"], Query(), "exe")


@pytest.mark.parametrize(("value", "words"), [(0, "0"), (1234567, "1,234,567"), (0.1 + 0.2, "0.3"), (None, "—")])
def test_numbers_are_written_to_their_last_digit(value: Any, words: str) -> None:
    assert paper_words.exact(value) == words


def test_a_list_too_long_for_paper_is_a_workbook_only(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_PRINTED", 1)
    for name in ("甲社区", "乙社区"):
        store.save(SYSTEM, RECORDS["organisation"], {"name": name, "kind": "community"})
    found = ledger.gather(SYSTEM, RECORDS["organisation"], Query())
    for fmt in ("pdf", "docx"):
        with pytest.raises(Invalid) as refused:
            ledger.written(found, fmt)
        assert refused.value.fields == {"format": "ledger_too_long"}
    assert ledger.written(found, "xlsx").startswith(b"PK")
