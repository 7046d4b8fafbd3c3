"""The numbers that an administrator sets: declared once, kept in one table, changed in one place and told on one page."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from models.system import AuditEntry, Role, Setting, Verb
from services import db, numbers
from services.access import SYSTEM
from services.errors import Conflict, Denied, Invalid
from services.numbers import Stand, Subject
from tests.conftest import Cast
from tests.stage import healthy, seat, texts, visit

LATE = "attendance.late_minutes"
ONE, TWO = "serving.star_1", "serving.star_2"


def refusal(act: Callable[[], Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        act()
    return error.value.fields


def stand(key: str) -> Stand:
    return next(one for one in numbers.stands(SYSTEM, numbers.every()[key].subject) if one.number.key == key)


# -- declared -----------------------------------------------------------------------------------------------------


def test_every_module_that_declares_numbers_is_known() -> None:
    declaring = {
        f"services.{path.stem}"
        for path in Path("services").glob("*.py")
        if re.search(r"^from services.numbers import .*\b(number|tries)\b", path.read_text(), re.M)
    }
    assert declaring == set(numbers.HOMES)


@pytest.mark.parametrize("key", sorted(numbers.every()))
def test_a_number_is_usual_within_its_limits_and_told_in_both_languages(key: str) -> None:
    one = numbers.NUMBERS[key]
    assert one.low <= one.usual <= one.high and len(key) <= 60
    assert all(
        re.search(r"[\u4e00-\u9fff]", words.zh) and re.search(r"[a-z]", words.en) for words in (one.label, one.source)
    )
    assert not one.above or numbers.NUMBERS[one.above].usual < one.usual


def test_nothing_else_reads_or_writes_the_settings() -> None:
    own = {
        "accounts.py",
        "feeds.py",
        "numbers.py",
        "settings.py",
    }  # the set-up code, the site's mark, when numbers were set, the setter
    naming = {path.name for path in Path("services").glob("*.py") if re.search(r"\bSetting\b", path.read_text())}
    assert naming == own


# -- changed --------------------------------------------------------------------------------------------------------


def test_a_number_stands_as_it_was_set_with_who_and_when(cast: Cast) -> None:
    assert (stand(LATE).value, stand(LATE).version, stand(LATE).at) == (10, 0, None)
    who = seat(Role.ADMINISTRATOR).actor
    assert numbers.change(who, {LATE: 15, "attendance.early_minutes": 10}) == 1
    found = stand(LATE)
    assert (found.value, found.version, found.by) == (15, 1, who.name) and found.at is not None
    assert numbers.change(who, {LATE: 15}) == 0 and stand(LATE).version == 1
    assert numbers.change(who, {LATE: 10}) == 1 and (stand(LATE).value, stand(LATE).version) == (10, 2)


def test_a_change_is_in_the_audit_with_what_it_was_before(cast: Cast) -> None:
    numbers.change(cast.admin, {LATE: 15})
    with db.reading(SYSTEM) as s:
        told = s.exec(select(AuditEntry.changes).where(col(AuditEntry.record) == "setting")).all()
    assert told == [{LATE: [10, 15]}]


@pytest.mark.parametrize(("given", "code"), [(-1, "too_small"), (241, "too_large"), (None, "required")])
def test_a_number_outside_its_limits_is_refused_and_nothing_half_done(cast: Cast, given: Any, code: str) -> None:
    assert refusal(lambda: numbers.change(cast.admin, {"attendance.early_minutes": 20, LATE: given})) == {LATE: code}
    assert stand("attendance.early_minutes").version == 0


def test_a_level_exceeds_the_one_below_it_also_when_both_are_set_at_once(cast: Cast) -> None:
    assert refusal(lambda: numbers.change(cast.admin, {ONE: 300})) == {TWO: "not_rising"}
    assert refusal(lambda: numbers.change(cast.admin, {TWO: 100})) == {TWO: "not_rising"}
    numbers.change(cast.admin, {ONE: 300, TWO: 301})
    assert (stand(ONE).value, stand(TWO).value) == (300, 301)


def test_two_at_once_do_not_set_levels_that_fall(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    start, judged, falling = Barrier(2), Barrier(2), numbers._falling

    def slow(*given: Any) -> dict[str, str]:
        found = falling(*given)
        with suppress(BrokenBarrierError):
            judged.wait(0.5)  # whoever may judge at the same time as the other does so before the other writes
        return found

    monkeypatch.setattr(numbers, "_falling", slow)

    def change(wanted: dict[str, int]) -> str:
        start.wait()
        try:
            numbers.change(SYSTEM, wanted, dict.fromkeys(wanted, 0))
        except Invalid as error:
            return error.fields[TWO]
        return "set"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(change, ({ONE: 290}, {TWO: 150}))) == ["not_rising", "set"]
    assert stand(ONE).value < stand(TWO).value


def test_levels_that_fall_already_hinder_no_other_number(cast: Cast) -> None:
    with db.unit(SYSTEM) as s:
        s.add_all([Setting(key=ONE, value=290), Setting(key=TWO, value=150)])
    assert numbers.change(cast.admin, {LATE: 15}) == 1
    assert refusal(lambda: numbers.change(cast.admin, {ONE: 280})) == {TWO: "not_rising"}
    assert numbers.change(cast.admin, {TWO: 300}) == 1


def test_what_somebody_else_set_meanwhile_is_not_written_over(cast: Cast) -> None:
    seen = {LATE: stand(LATE).version}
    numbers.change(cast.admin, {LATE: 15}, seen)
    with pytest.raises(Conflict) as error:
        numbers.change(cast.admin, {LATE: 20}, seen)
    [(label, theirs, mine)] = error.value.detail["fields"]
    assert (label, theirs, mine) == (numbers.NUMBERS[LATE].label, 15, 20)
    assert numbers.change(cast.admin, {LATE: 15}, seen) == 0  # the same is no conflict
    assert stand(LATE).value == 15


def test_they_hold_for_every_station_so_only_an_administrator_of_all_sets_them(cast: Cast) -> None:
    local = replace(cast.admin, units=frozenset({cast.station}))
    for who in (cast.lin, cast.wang, cast.chen, cast.he, cast.stranger, local):
        with pytest.raises(Denied):
            numbers.change(who, {LATE: 15})
    assert stand(LATE).value == 10


# -- the page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("subject", list(Subject))
def test_the_page_shows_every_number_of_a_subject_with_its_usual_value(cast: Cast, subject: Subject) -> None:
    at = visit(seat(Role.ADMINISTRATOR), "numbers", subject=subject)
    assert healthy(at)
    wanted = [one for one in numbers.every().values() if one.subject == subject]
    assert [box.value for box in at.number_input] == [one.usual for one in wanted]
    captions = [caption.value for caption in at.caption]
    assert all(any(f"默认 {one.usual:,}" in caption for caption in captions) for one in wanted)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_number_is_set_on_the_page_and_a_wrong_one_told_beside_it(cast: Cast) -> None:
    who = seat(Role.ADMINISTRATOR)
    at = visit(who, "numbers", subject="training")
    token = at.session_state["tokens"]["numbers.training"]
    at.number_input(f"{token}.{LATE}").set_value(500)
    at.button(f"{token}.do").click().run()
    assert healthy(at) and "0 至 240" in " ".join(texts(at)) and at.number_input(f"{token}.{LATE}").value == 500
    at.number_input(f"{token}.{LATE}").set_value(15)
    at.button(f"{token}.do").click().run()
    assert healthy(at) and stand(LATE).value == 15
    assert f"；{who.actor.name} " in " ".join(caption.value for caption in at.caption)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_number_that_must_exceed_another_is_told_which_and_only_a_law_is_named(cast: Cast) -> None:
    at = visit(seat(Role.ADMINISTRATOR), "numbers", subject="stars")
    token = at.session_state["tokens"]["numbers.stars"]
    at.number_input(f"{token}.{TWO}").set_value(100)
    at.button(f"{token}.do").click().run()
    assert healthy(at) and "必须大于“一星所需小时”，那里是 100" in " ".join(texts(at))
    named = [one.value for one in at.caption if "通行做法" in one.value]
    assert len(named) <= 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_auditor_reads_the_numbers_and_sets_none(cast: Cast) -> None:
    at = visit(seat(Role.AUDITOR), "numbers", subject="stars")
    assert healthy(at) and at.number_input and all(box.disabled for box in at.number_input)
    assert not [button for button in at.button if button.label == "保存"]


# -- what was set before -----------------------------------------------------------------------------------------------


def test_the_migration_tells_who_set_what_from_the_audit(database: str) -> None:
    with db.unit(SYSTEM) as s:
        s.add_all([Setting(key=LATE, value=15), Setting(key=ONE, value=90)])
        s.add(AuditEntry(verb=Verb.CHANGE, record="setting", account_id=7, changes={LATE: [10, 12]}))
        s.flush()
        s.add(AuditEntry(verb=Verb.CHANGE, record="setting", account_id=8, changes={LATE: [12, 15]}))
    module = import_module("migrations.versions.0018_settings")
    with db.connection(write=True) as bare:
        module._told_by_the_audit(bare)
        found = bare.execute(text("SELECT key, changed_by, value FROM setting")).all()
    told = {key: (by, json.loads(value) if isinstance(value, str) else value) for key, by, value in found}
    assert told == {LATE: (8, 15), ONE: (None, 90)}
