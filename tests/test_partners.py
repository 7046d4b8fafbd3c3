"""Similar names, stages, next steps, agreements, the whole organisation: works, stranger, reader, bad id, bad input."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import select

from models import RECORDS
from models.partners import Organisation, Stage, StageChange
from services import db, exchange, partners, store
from services.access import SYSTEM
from services.errors import Conflict, Denied, Invalid, NotFound
from services.store import Query
from tests.conftest import Cast

ORGANISATION, AGREEMENT, INTERACTION, CONTACT = (
    RECORDS[name] for name in ("organisation", "agreement", "interaction", "contact")
)
TODAY, SOON = date(2026, 11, 23), date(2026, 12, 22)


def later(days: int) -> date:
    return TODAY + timedelta(days=days)


def organisation(cast: Cast, name: str = "康馨公益基金会", **more: Any) -> int:
    return store.save(
        cast.he, ORGANISATION, {"name": name, "kind": "foundation", "owner": "何经理", **more}, today=TODAY
    )


def agreement(cast: Cast, key: int, ends: date = SOON, **more: Any) -> int:
    paper = {"organisation_id": key, "signed_on": date(2025, 12, 1), "starts": date(2025, 12, 1), "ends": ends}
    return store.save(cast.he, AGREEMENT, paper | more, today=TODAY)


def talk(cast: Cast, key: int, day: date, step: str = "", due: date | None = None) -> int:
    said = {"organisation_id": key, "happened_on": day, "summary": "谈续签", "next_step": step, "next_on": due}
    return store.save(cast.he, INTERACTION, said, today=TODAY)


def stages(key: int) -> list[tuple[str, str, str]]:
    with db.reading(SYSTEM) as session:
        rows = session.exec(select(StageChange).where(StageChange.organisation_id == key).order_by(StageChange.id))  # type: ignore[arg-type]
        return [(row.before, row.after, row.reason) for row in rows]


# -- similar names --------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "康馨基金会",
        "广州市康馨公益基金会",
        "康馨公益基金会（广东）",
        "康馨慈善基金会有限公司",
        "康馨公益基金",
        " 康馨公益基金会 ",
    ],
)
def test_a_similar_name_is_told(cast: Cast, name: str) -> None:
    key = organisation(cast)
    organisation(cast, "海珠区第一小学", kind="school")
    assert [(one.id, one.name) for one in partners.similar(cast.he, name)] == [(key, "康馨公益基金会")]
    assert partners.similar(cast.he, name, but=key) == []


def test_a_company_is_recognised_without_its_legal_form(cast: Cast) -> None:
    organisation(cast, "广东省仁和医疗器械股份有限公司", kind="enterprise")
    assert partners.similar(cast.he, "仁和医疗器械有限责任公司")


@pytest.mark.parametrize("name", ["康泰医院", "新港街道居委会", "", "（）", "'; DROP TABLE organisation", "市"])
def test_other_names_are_not_told(cast: Cast, name: str) -> None:
    organisation(cast)
    assert partners.similar(cast.he, name) == []


def test_another_stations_organisation_is_not_told(cast: Cast) -> None:
    key = organisation(cast)
    with db.unit(SYSTEM) as session:
        session.get_one(Organisation, key).unit_id = cast.other_station
    assert partners.similar(cast.wang, "康馨基金会") == []
    with pytest.raises(NotFound):
        partners.whole(cast.wang, key, TODAY)
    with pytest.raises(NotFound):
        partners.move_stage(cast.wang, key, Stage.TALKS)


# -- stages --------------------------------------------------


def test_every_step_is_kept_and_a_step_back_needs_a_reason(cast: Cast) -> None:
    key = organisation(cast)
    partners.move_stage(cast.he, key, Stage.ACTIVE, today=TODAY)
    partners.move_stage(cast.he, key, Stage.ACTIVE, today=TODAY)
    with pytest.raises(Invalid) as error:
        partners.move_stage(cast.he, key, Stage.TALKS, " ", today=TODAY)
    assert error.value.fields == {"reason": "required"}
    partners.move_stage(cast.he, key, Stage.TALKS, "负责人更换", today=TODAY)
    partners.move_stage(cast.he, key, Stage.ENDED, today=TODAY)
    assert stages(key) == [("lead", "active", ""), ("active", "in_talks", "负责人更换"), ("in_talks", "ended", "")]


def test_signing_leads_to_the_stage_signed_and_never_back(cast: Cast) -> None:
    key = organisation(cast)
    paper = agreement(cast, key, state="draft")
    assert stages(key) == []
    store.save(cast.he, AGREEMENT, {"state": "signed"}, id=paper, today=TODAY)
    assert [step[:2] for step in stages(key)] == [("lead", "signed")]
    partners.move_stage(cast.he, key, Stage.ACTIVE)
    agreement(cast, key, later(400), kind="donation")
    assert store.get(cast.he, ORGANISATION, key).values["stage"] == "active"
    with db.reading(SYSTEM) as session:
        assert session.exec(select(StageChange)).all()[0].changed_on == date(2025, 12, 1)


def test_a_refused_agreement_moves_nothing(cast: Cast) -> None:
    key = organisation(cast)
    with pytest.raises(Invalid):
        agreement(cast, key, date(2020, 1, 1))
    with pytest.raises(Invalid):
        agreement(cast, 999)
    assert stages(key) == []


def test_two_who_sign_at_once_make_one_step(cast: Cast) -> None:
    key = organisation(cast)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda kind: agreement(cast, key, kind=kind), ["project", "donation", "training", "medical"]))
    assert [step[:2] for step in stages(key)] == [("lead", "signed")]


# -- next steps --------------------------------------------------


def test_steps_are_listed_by_owner_the_most_overdue_first(cast: Cast) -> None:
    one, other = organisation(cast), organisation(cast, "新港小学", kind="school", owner="林社工")
    talk(cast, one, later(-30), "寄协议", later(5))
    talk(cast, other, later(-30), "回电话", later(-3))
    talk(cast, one, later(-30), "明年再谈", later(100))
    talk(cast, one, later(-30))
    found = partners.next_steps(cast.he, TODAY)
    assert [(step.step, step.owner, step.overdue) for step in found] == [
        ("回电话", "林社工", 3),
        ("寄协议", "何经理", -5),
    ]
    assert [step.organisation for step in partners.next_steps(cast.he, TODAY, owner="何经理")] == ["康馨公益基金会"]


def test_a_step_is_closed_once_with_its_result_and_sets_the_following_one(cast: Cast) -> None:
    key = organisation(cast)
    step = talk(cast, key, later(-30), "寄协议", later(-1))
    with pytest.raises(Invalid) as error:
        partners.finish_step(cast.he, step, " ", today=TODAY)
    assert error.value.fields == {"result": "required"}
    with pytest.raises(Invalid) as error:
        partners.finish_step(cast.he, step, "已寄出", "确认收到", today=TODAY)
    assert error.value.fields == {"next_on": "step_and_date"}
    assert not store.get(cast.he, INTERACTION, step).values["done"]
    following = partners.finish_step(cast.he, step, "已寄出", "确认收到", later(7), today=TODAY)
    assert store.get(cast.he, INTERACTION, step).values["result"] == "已寄出"
    (open_step,) = partners.next_steps(cast.he, TODAY)
    assert (open_step.interaction_id, open_step.step) == (following, "确认收到")
    with pytest.raises(Conflict):
        partners.finish_step(cast.he, step, "又寄一次", today=TODAY)
    assert partners.finish_step(cast.he, following or 0, "已收到", today=TODAY) is None


# -- agreements and silence --------------------------------------------------


def test_a_signed_agreement_that_is_terminated_was_in_force_through_that_day(cast: Cast) -> None:
    """Without a day through today, or through its end; what has not begun, or is entered as terminated, never was."""
    key = organisation(cast)

    def ended(paper: int, **given: Any) -> date | None:
        store.save(cast.he, AGREEMENT, {"state": "terminated", **given}, id=paper, today=TODAY)
        found: date | None = store.get(cast.he, AGREEMENT, paper).values["terminated_on"]
        return found

    assert ended(agreement(cast, key)) == TODAY
    assert ended(agreement(cast, key, later(-9), kind="donation")) == later(-9)
    assert ended(agreement(cast, key, kind="training"), terminated_on=later(-3)) == later(-3)
    assert ended(agreement(cast, key, kind="project", starts=later(2))) is None
    assert ended(agreement(cast, key, kind="medical", state="terminated")) is None


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"terminated_on": later(1)}, "date_future"),
        ({"terminated_on": date(2025, 11, 30)}, "outside_term"),
        ({"terminated_on": TODAY, "ends": later(-1)}, "outside_term"),
        ({"terminated_on": TODAY, "state": "signed"}, "state_and_day"),
        ({"terminated_on": TODAY, "state": "draft"}, "state_and_day"),
    ],
)
def test_a_day_of_termination_lies_within_the_term_and_not_ahead(cast: Cast, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        agreement(cast, organisation(cast), **{"state": "terminated", **given})
    assert refused.value.fields == {"terminated_on": code}


def test_the_day_of_termination_goes_out_and_comes_in_with_the_sheet(cast: Cast, tmp_path: Path) -> None:
    key = organisation(cast)
    agreement(cast, key, state="terminated", terminated_on=later(-3), number="KX-1")
    sheet = tmp_path / "agreements.xlsx"
    exchange.export(cast.he, AGREEMENT, Query(), sheet)
    assert exchange.run_import(cast.he, AGREEMENT, sheet, today=TODAY).unchanged == 1
    path = tmp_path / "agreements.csv"
    rows = "KX-2,2025-12-01,2025-12-01,2026-12-31,已终止,2026-03-01", "KX-3,2025-12-01,2025-12-01,2026-12-31,已终止,"
    heads = "合作单位,协议编号,签署日期,生效日期,到期日期,状态,终止日期"
    path.write_text("\n".join([heads, *(f"康馨公益基金会,{row}" for row in rows)]), encoding="utf-8")
    assert exchange.run_import(cast.he, AGREEMENT, path, today=TODAY).created == 2
    found = store.rows(cast.he, AGREEMENT, Query(sort="number", fields=("number", "terminated_on"))).rows
    assert [row.values["terminated_on"] for row in found] == [later(-3), date(2026, 3, 1), None]


def test_an_agreement_that_ends_soon_is_listed_until_it_is_renewed(cast: Cast) -> None:
    key = organisation(cast)
    old = agreement(cast, key, later(29), number="KX-1")
    agreement(cast, key, later(60), kind="donation")
    agreement(cast, key, later(61), kind="medical")
    agreement(cast, key, later(-1), kind="training")
    agreement(cast, key, later(10), kind="project", state="terminated")
    found = partners.expiring_agreements(cast.he, TODAY)
    assert [(one.number, one.days_left, one.band) for one in found] == [("KX-1", 29, 30), ("", 60, 60)]
    draft = partners.draft_renewal(cast.he, old)
    store.save(cast.he, AGREEMENT, {**draft, "signed_on": TODAY}, today=TODAY)
    assert [one.days_left for one in partners.expiring_agreements(cast.he, TODAY)] == [60]


@pytest.mark.parametrize(
    ("starts", "ends", "next_ends"),
    [
        (date(2025, 12, 21), date(2026, 12, 20), date(2027, 12, 20)),
        (date(2024, 3, 1), date(2025, 2, 28), date(2026, 2, 28)),
        (date(2026, 1, 1), date(2026, 1, 10), date(2026, 1, 20)),
    ],
)
def test_a_renewal_begins_the_day_after_and_lasts_as_long(
    cast: Cast, starts: date, ends: date, next_ends: date
) -> None:
    key = organisation(cast)
    old = agreement(cast, key, ends, starts=starts, amount="412600.00", scope="每年 40 例")
    draft = partners.draft_renewal(cast.he, old)
    assert (draft["starts"], draft["ends"], draft["state"]) == (ends + timedelta(days=1), next_ends, "draft")
    assert (draft["renewal_of_id"], draft["amount"], draft["scope"]) == (old, Decimal("412600.00"), "每年 40 例")
    assert "number" not in draft and "signed_on" not in draft


def test_partners_not_spoken_to_are_listed_the_longest_silent_first(cast: Cast) -> None:
    names = ["九十一天", "九十天", "从未", "线索", "撤销的记录"]
    one, two, three, _lead, binned = keys = [organisation(cast, name) for name in names]
    for key in (one, two, three, binned):
        partners.move_stage(cast.he, key, Stage.ACTIVE)
    talk(cast, one, later(-91))
    talk(cast, one, later(-200))
    talk(cast, two, later(-90))
    store.remove(cast.he, INTERACTION, talk(cast, binned, TODAY))
    found = partners.silent(cast.he, TODAY)
    assert [(one.name, one.days) for one in found] == [("从未", None), ("撤销的记录", None), ("九十一天", 91)]
    assert len(keys) == 5


# -- whole --------------------------------------------------


def test_an_organisation_is_shown_whole_in_a_constant_number_of_statements(cast: Cast) -> None:
    key = organisation(cast)
    paper = agreement(cast, key)
    talk(cast, key, later(-3), "寄协议", later(2))
    store.save(cast.he, CONTACT, {"organisation_id": key, "name": "邓一一", "phone": "13900135521"})
    seen = partners.whole(cast.he, key, TODAY)
    assert (seen.organisation.title, seen.days_left, len(seen.agreements)) == ("康馨公益基金会", {paper: 29}, 1)
    assert seen.next_step and seen.next_step.step == "寄协议"
    assert [row.values["phone"] for row in seen.contacts] == ["139****5521"]
    assert [row.values["after"] for row in seen.stages] == ["signed"]
    few = statements(cast, key)
    for day in range(5):
        talk(cast, key, later(-day), "再谈", later(day))
        agreement(cast, key, later(100 + day), kind="donation", starts=later(-day), number=f"D{day}")
    assert statements(cast, key) == few


def statements(cast: Cast, key: int) -> int:
    seen: list[str] = []
    count = lambda *args: seen.append(args[2])  # noqa: E731
    event.listen(db.engine(), "before_cursor_execute", count)
    partners.whole(cast.he, key, TODAY)
    event.remove(db.engine(), "before_cursor_execute", count)
    return len(seen)


# -- rights and bad ids --------------------------------------------------


def test_strangers_read_nothing_and_readers_write_nothing(cast: Cast) -> None:
    key = organisation(cast)
    paper, step = agreement(cast, key), talk(cast, key, TODAY, "寄协议", later(2))
    for act in (
        lambda who: partners.similar(who, "康馨"),
        lambda who: partners.next_steps(who),
        lambda who: partners.expiring_agreements(who),
        lambda who: partners.silent(who),
        lambda who: partners.whole(who, key),
    ):
        with pytest.raises(Denied):
            act(cast.stranger)
        act(cast.chen)
    for write in (
        lambda who: partners.move_stage(who, key, Stage.ENDED),
        lambda who: partners.finish_step(who, step, "好"),
        lambda who: partners.draft_renewal(who, paper),
    ):
        for actor in (cast.stranger, cast.chen):
            with pytest.raises(Denied):
                write(actor)


def test_unknown_ids_are_not_found(cast: Cast) -> None:
    for act in (
        lambda: partners.whole(cast.he, 999),
        lambda: partners.move_stage(cast.he, 999, Stage.ENDED),
        lambda: partners.finish_step(cast.he, 999, "好"),
        lambda: partners.draft_renewal(cast.he, 999),
    ):
        with pytest.raises(NotFound):
            act()
