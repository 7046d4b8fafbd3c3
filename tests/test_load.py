"""What ships with the portal is loaded once, by its natural keys, and never undoes what people did since."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import col, func, select

from models.contract import Contract, Indicator, ServiceCategory
from models.system import Option
from models.training import Course
from seed import load, presets
from services import db
from services.access import SYSTEM, Actor
from services.errors import Denied
from tests.conftest import Cast

START = date(2026, 3, 15)
ALICE = Actor(7, "甲", SYSTEM.roles, is_system=True)


def count(model: type) -> int:
    with db.reading(SYSTEM) as s:
        return s.exec(select(func.count()).select_from(model)).one()


def contract(contract_id: int) -> Contract:
    with db.reading(SYSTEM) as s:
        return s.get_one(Contract, contract_id)


@pytest.mark.parametrize("code", presets.preset_codes())
def test_every_preset_loads_whole(database: str, code: str) -> None:
    contract_id = load.load_preset_contract(SYSTEM, code, START)
    preset = presets.load_preset(code)
    with db.reading(SYSTEM) as s:
        stored = {row.code: row for row in s.exec(select(Indicator))}
        categories = {row.id: row.code for row in s.exec(select(ServiceCategory))}
    assert set(stored) == {indicator.code for indicator in preset.indicators}
    for indicator in preset.indicators:
        row = stored[indicator.code]
        assert (row.contract_id, categories[row.category_id]) == (contract_id, indicator.category)
        assert (row.kind, row.counting, row.per) == (indicator.kind, indicator.count, indicator.per)
        assert row.target == (None if indicator.target is None else Decimal(str(indicator.target)))
        assert (row.measure, row.args, row.of_args) == (indicator.measure, indicator.args, indicator.of_args)


def test_the_period_ends_the_day_before_the_corresponding_day(database: str) -> None:
    loaded = contract(load.load_preset_contract(SYSTEM, "medical_social_work", START))
    assert (loaded.starts, loaded.ends) == (START, date(2027, 3, 14))


def test_an_end_a_title_and_a_code_may_be_given(database: str) -> None:
    loaded = contract(
        load.load_preset_contract(
            SYSTEM, "medical_social_work", START, end=date(2027, 3, 15), contract_code="HT-1", title="医务社工"
        )
    )
    assert (loaded.ends, loaded.code, loaded.title) == (date(2027, 3, 15), "HT-1", "医务社工")


def test_a_second_load_changes_nothing_and_writes_no_audit(database: str) -> None:
    first = load.begin("medical_social_work", START, organisation="某医院")
    before = db.data_version(), count(Option), count(Course), count(Indicator)
    assert load.begin("medical_social_work", START, organisation="某医院") == first
    assert load.load_preset_contract(SYSTEM, "medical_social_work", START) == first
    assert (db.data_version(), count(Option), count(Course), count(Indicator)) == before


def test_another_first_day_is_another_contract(database: str) -> None:
    this_year = load.load_preset_contract(SYSTEM, "medical_social_work", START)
    next_year = load.load_preset_contract(SYSTEM, "medical_social_work", date(2027, 3, 15))
    assert this_year != next_year
    assert [contract(key).code for key in (this_year, next_year)] == [
        "medical_social_work", "medical_social_work-2027-03-15",
    ]  # fmt: skip


def test_a_second_load_adds_what_is_missing_and_mends_what_the_portal_loaded(database: str) -> None:
    load.load_preset_contract(SYSTEM, "medical_social_work", START)
    with db.unit(SYSTEM) as s:
        s.exec(select(Indicator).where(Indicator.code == "01.2")).one().wording = "旧"
    load.load_preset_contract(SYSTEM, "medical_social_work", START)
    with db.reading(SYSTEM) as s:
        assert s.exec(select(Indicator).where(Indicator.code == "01.2")).one().wording == "至少2个"


def test_a_second_load_leaves_what_people_changed_or_binned(database: str) -> None:
    load.begin("medical_social_work", START)
    with db.unit(ALICE) as s:
        s.exec(select(Indicator).where(Indicator.code == "01.3")).one().target = Decimal(400)
        binned = s.exec(select(Option).where(Option.code == "hairdressing")).one()
        binned.deleted_at = binned.changed_at
    load.begin("medical_social_work", START)
    with db.reading(SYSTEM) as s:
        assert s.exec(select(Indicator).where(Indicator.code == "01.3")).one().target == 400
        assert not s.exec(select(Option).where(Option.code == "hairdressing")).all()


def test_the_contract_is_loaded_anew_when_the_first_lies_in_the_bin(database: str) -> None:
    first = load.load_preset_contract(SYSTEM, "medical_social_work", START)
    with db.unit(SYSTEM) as s:
        row = s.get_one(Contract, first)
        row.deleted_at = row.changed_at
    assert load.load_preset_contract(SYSTEM, "medical_social_work", START) != first


def test_the_reference_lists_become_options_in_their_order(database: str) -> None:
    load.load_reference(SYSTEM)
    with db.reading(SYSTEM) as s:
        rows = s.exec(select(Option).where(Option.list_name == "skills").order_by(col(Option.position))).all()
    assert [(row.code, row.zh, row.en) for row in rows] == [
        (row["code"], row["zh"], row["en"]) for row in presets.load_reference("skills")
    ]


def test_a_course_without_a_theory_exam_has_no_passing_score(database: str) -> None:
    load.load_reference(SYSTEM)
    with db.reading(SYSTEM) as s:
        courses = {row.code: row for row in s.exec(select(Course))}
    assert len(courses) == len(presets.load_reference("courses"))
    assert courses["awareness"].passing_score is None and courses["awareness"].trainees_per_instructor is None
    assert courses["cpr_aed"].passing_score == 60 and courses["cpr_aed"].validity_months == 36


def test_an_unknown_preset_loads_nothing(database: str) -> None:
    with pytest.raises(LookupError):
        load.load_preset_contract(SYSTEM, "no_such", START)
    assert count(Contract) == 0


def test_only_an_administrator_may_load(cast: Cast) -> None:
    for actor in (cast.lin, cast.chen, cast.stranger):
        with pytest.raises(Denied):
            load.load_preset_contract(actor, "medical_social_work", START)
        with pytest.raises(Denied):
            load.load_reference(actor)
    assert load.load_preset_contract(cast.admin, "medical_social_work", START)
