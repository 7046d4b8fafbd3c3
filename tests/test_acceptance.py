"""Acceptance reports as they are kept: made by the worker, opened by whom they cover, signed once and then fixed."""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from models import RECORDS
from models.acceptance import ReportState
from models.system import Role
from models.words import L
from reports import content, making
from seed import load
from services import acceptance, attachments, clock, jobs, store
from services.acceptance import Kept
from services.access import SYSTEM, Actor
from services.attachments import Accepted
from services.errors import AlreadyDone, Denied, Invalid, NotFound, PortalError
from tests.conftest import Cast
from tests.stage import healthy, opened, seat, texts, visit
from tests.test_jobs import worker_of

REPORT = RECORDS["acceptance_report"]


@pytest.fixture
def contract(database: str) -> int:
    load.load_reference(SYSTEM)
    return load.load_preset_contract(SYSTEM, "medical_social_work", date(2026, 6, 1))


def made(actor: Actor, contract: int, edition: str = "whole", formats: Sequence[str] = ("pdf",)) -> Kept:
    key = making.submit_report(actor, contract, edition, formats, date(2026, 9, 1))
    assert jobs.work_once()
    task = jobs.get(actor, key)
    assert "error" not in task.result, task.result
    return next(kept for kept in acceptance.made_of(actor, contract) if kept.row.id == task.result["report"])


def test_one_click_makes_all_formats_and_keeps_them_by_hash(contract: int) -> None:
    chen = worker_of("chen", Role.LEADER)
    kept = made(chen, contract, formats=("pdf", "xlsx", "docx"))
    assert {file.name.rsplit(".", 1)[-1] for file in kept.files} == {"pdf", "xlsx", "docx"}
    for file in kept.files:
        _, data = attachments.open(chen, file.id)
        assert hashlib.sha256(data).hexdigest() == file.sha256 and len(data) == file.size
    assert kept.row.values["state"] == ReportState.MADE and kept.row.values["total"] == 24


def test_a_report_says_that_records_behind_it_were_written_since(contract: int) -> None:
    chen = worker_of("chen", Role.LEADER)
    assert not made(chen, contract, formats=("pdf",)).is_outdated
    (kept,) = acceptance.made_of(chen, contract)
    acceptance.sign(chen, kept.row.id, "同意")
    assert not acceptance.made_of(chen, contract)[0].is_outdated
    store.save(
        SYSTEM, RECORDS["official_account_post"], {"title": "推文", "published_on": clock.today(), "state": "published"}
    )
    assert acceptance.made_of(chen, contract)[0].is_outdated


def test_a_job_that_is_taken_twice_makes_one_report(contract: int) -> None:
    chen = worker_of("chen", Role.LEADER)
    key = making.submit_report(chen, contract, "whole", ["pdf"], date(2026, 9, 1))
    first = jobs.take()
    again = jobs.take(clock.now() + timedelta(seconds=90))
    assert first and again and (first.id, again.id) == (key, key)
    ends = [jobs._outcome(job, lambda code: L(code, code), lambda *_: None) for job in (first, again)]
    (kept,) = acceptance.made_of(chen, contract)
    assert [result for _, result in ends] == [{"report": kept.row.id}] * 2 and len(kept.files) == 1


def test_a_report_is_signed_once_with_an_opinion_and_stays_as_it_is(contract: int, cast: Cast) -> None:
    chen = worker_of("chen", Role.LEADER)
    key = made(chen, contract).row.id
    with pytest.raises(Invalid) as refused:
        acceptance.sign(chen, key, "  ")
    assert refused.value.fields == {"opinion": "opinion_missing"}
    acceptance.sign(chen, key, "同意验收", token="one")
    with pytest.raises(AlreadyDone):
        acceptance.sign(chen, key, "同意验收", token="one")
    with pytest.raises(Invalid) as again:
        acceptance.sign(cast.admin, key, "不同意")
    assert again.value.fields == {"": "already_signed"}
    row = store.get(chen, REPORT, key)
    assert (row.values["state"], row.values["opinion"], row.values["signed_by"]) == ("signed", "同意验收", "林社工")
    for act in (
        lambda who: store.save(who, REPORT, {"opinion": "改"}, id=key),
        lambda who: store.remove(who, REPORT, key),
        lambda who: store.remove(who, RECORDS["contract"], contract),
    ):
        for who in (cast.admin, chen, SYSTEM):
            with pytest.raises(PortalError):
                act(who)
    assert store.get(chen, REPORT, key).values == row.values


def test_its_files_cannot_be_taken_away_or_added_to(contract: int, cast: Cast) -> None:
    kept = made(worker_of("chen", Role.LEADER), contract)
    for act in (
        lambda: attachments.remove(cast.admin, kept.files[0].id),
        lambda: attachments.attach(cast.admin, REPORT, kept.row.id, "x.txt", b"x"),
    ):
        with pytest.raises(Denied):
            act()


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.AUDITOR, Role.STATION_LEAD, Role.HEALTH_STEWARD])
def test_only_who_may_approve_indicators_signs(contract: int, role: Role) -> None:
    key = made(worker_of("chen", Role.LEADER), contract).row.id
    with pytest.raises(Denied):
        acceptance.sign(Actor(None, "某", (role,)), key, "同意")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.HEALTH_STEWARD])
def test_who_may_not_export_makes_none(contract: int, role: Role) -> None:
    with pytest.raises(Denied):
        making.submit_report(worker_of("reader", role), contract, "whole", ["pdf"])


def test_the_files_are_opened_by_whom_they_cover(contract: int, cast: Cast) -> None:
    client = store.save(SYSTEM, RECORDS["client"], {"name": "张三", "kind": "patient", "opened_on": "2026-06-02"})
    given = {"client_id": client, "kind": "other", "requested_on": "2026-06-02", "served_on": "2026-06-02",
             "state": "served"}  # fmt: skip
    store.save(SYSTEM, RECORDS["assistance_service"], given)
    chen = worker_of("chen", Role.LEADER)
    kept = made(chen, contract)
    assert attachments.open(cast.lin, kept.files[0].id)
    for stranger in (cast.he, cast.wang):  # the one may not read services, the other only one station
        with pytest.raises(NotFound):
            attachments.open(stranger, kept.files[0].id)
        assert acceptance.made_of(stranger, contract) == []
    with pytest.raises(Denied):
        attachments.open(cast.stranger, kept.files[0].id)


def test_a_report_of_one_station_is_for_those_who_see_it(contract: int, cast: Cast) -> None:
    values = making.values_of(content.gather(cast.wang, contract, as_of=date(2026, 9, 1)))
    key = acceptance.keep(cast.wang, values, [Accepted("a.pdf", b"%PDF", "application/pdf")])
    assert [kept.row.id for kept in acceptance.made_of(cast.wang, contract)] == [key]
    assert [kept.row.id for kept in acceptance.made_of(cast.lin, contract)] == [key]
    other = Actor(None, "李站长", (Role.STATION_LEAD,), frozenset({cast.other_station}))
    assert acceptance.made_of(other, contract) == []


@pytest.mark.parametrize(("edition", "formats", "field"), [("year", ["pdf"], "edition"), ("whole", [], "format"),
                                                           ("whole", ["exe"], "format")])  # fmt: skip
def test_what_cannot_be_made_is_refused_at_once(contract: int, edition: str, formats: list[str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        making.submit_report(SYSTEM, contract, edition, formats)
    assert field in refused.value.fields


def test_an_edition_that_has_not_begun_fails_with_its_reason(contract: int) -> None:
    chen = worker_of("chen", Role.LEADER)
    key = making.submit_report(chen, contract, "month:9", ["pdf"], date(2026, 9, 1))
    jobs.work_once()
    assert jobs.get(chen, key).result["error"] == "edition_not_begun"


# -- the page --------------------------------------------------


def test_a_leader_makes_and_signs_it_on_the_page(demo: None) -> None:
    chen = seat(Role.LEADER)
    assert healthy(visit(chen, "acceptance", "en"))
    at = visit(chen, "acceptance")
    next(one for one in at.button if one.label == "生成报告").click().run()
    assert healthy(at) and jobs.work_once()
    at.run()
    assert healthy(at) and any("SHA-256" in text for text in texts(at))
    next(one for one in at.button if one.label == "签署这份报告").click().run()
    assert any("请写验收意见" in text for text in texts(at))
    at.text_area[0].set_value("同意验收。")
    next(one for one in at.button if one.label == "签署这份报告").click().run()
    assert healthy(at) and any("同意验收。" in text for text in texts(at))
    assert not [one for one in at.button if one.label == "签署这份报告"]


def test_an_auditor_reads_reports_and_makes_none(demo: None) -> None:
    at = visit(seat(Role.AUDITOR), "acceptance")
    assert healthy(at) and not [one for one in at.button if one.label == "生成报告"]


def test_a_ledger_is_one_click_from_its_list(demo: None) -> None:
    chen = seat(Role.LEADER)
    at = opened(visit(chen, "organisation"), "ledger.organisation.open")
    next(one for one in at.button if one.label == "生成 A4 台账").click().run()
    assert healthy(at) and jobs.work_once()
    at.run()
    assert (
        healthy(at) and jobs.recent(chen.actor)[0].result["rows"] == store.rows(SYSTEM, RECORDS["organisation"]).total
    )
    assert "ledger.organisation.open" not in visit(seat(Role.AUDITOR), "organisation").session_state


def test_the_command_line_writes_report_and_ledger(
    contract: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import manage

    for fmt in ("docx", "xlsx", "pdf"):
        assert (
            manage.main(["report", str(tmp_path / f"r.{fmt}"), "--edition", "category:01", "--as-of", "2026-09-01"])
            == 0
        )
        assert manage.main(["ledger", "indicator", str(tmp_path / f"l.{fmt}")]) == 0
        assert (tmp_path / f"r.{fmt}").stat().st_size > 5000 < (tmp_path / f"l.{fmt}").stat().st_size
    assert '"rows": 32' in capsys.readouterr().out
    for wrong in (["report", str(tmp_path / "r.txt")], ["ledger", "indicator", str(tmp_path / "l.txt")],
                  ["report", str(tmp_path / "r.pdf"), "--edition", "month:99"]):  # fmt: skip
        assert manage.main(wrong) == 1
    assert not (tmp_path / "r.txt").exists() and "docx" in capsys.readouterr().err
