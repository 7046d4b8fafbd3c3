"""Districts and the partners in them: every number equals the list that it opens; blank districts come first."""

from datetime import date
from typing import Any

import pytest

from models import RECORDS
from models.system import Role
from seed.load import load_reference
from services import coverage, store
from services.access import SYSTEM
from services.coverage import Coverage, District, Number
from services.errors import Denied, NotFound
from services.finding import Query
from tests.conftest import Cast
from tests.stage import healthy, seat, texts, visit

TODAY = date(2026, 11, 23)
GUANGZHOU, SHENZHEN = "440100", "440300"


@pytest.fixture
def regions(cast: Cast) -> Cast:
    load_reference(SYSTEM)
    return cast


def add(cast: Cast, record: str, **values: Any) -> int:
    return store.save(cast.admin, RECORDS[record], values, today=TODAY)


def organisation(cast: Cast, region: str, **more: Any) -> int:
    number = store.rows(cast.admin, RECORDS["organisation"]).total
    return add(cast, "organisation", **{"name": f"单位{number}", "kind": "community", "region": region, **more})


def numbers(district: District) -> list[Number]:
    found = [district.partners, *district.by_kind.values(), *district.by_stage.values(), district.agreements]
    return [*found, *(number for number in (district.visits, district.volunteers) if number)]


def by_name(found: Coverage) -> dict[str, District]:
    return {district.name.zh: district for district in found.districts}


def test_every_number_equals_the_list_that_it_opens(regions: Cast) -> None:
    cast = regions
    one, two = organisation(cast, "海珠区"), organisation(cast, "广州市海珠区", kind="school", stage="active")
    organisation(cast, "天河区", kind="foundation", stage="ended")
    paper = {"signed_on": date(2026, 1, 1), "starts": date(2026, 1, 1)}
    add(cast, "agreement", organisation_id=one, ends=date(2026, 11, 23), **paper)
    add(cast, "agreement", organisation_id=one, ends=date(2026, 11, 22), kind="other", **paper)
    add(cast, "agreement", organisation_id=two, ends=date(2028, 1, 1), state="draft", **paper)
    add(cast, "agreement", organisation_id=two, ends=date(2028, 1, 1), signed_on=TODAY, starts=date(2027, 1, 1))
    for state in ("held", "planned"):
        add(cast, "community_visit", place="某社区", visited_on=TODAY, organisation_id=two, state=state, encounters=0)
    found = coverage.coverage(cast.admin, today=TODAY)
    for district in found.districts:
        for number in numbers(district):
            assert store.rows(cast.admin, number.record, Query(filters=number.filters)).total == number.n
    haizhu = by_name(found)["海珠区"]
    assert [n.n for n in (haizhu.partners, haizhu.agreements, haizhu.visits) if n] == [2, 1, 1]
    for part in (haizhu.by_kind, haizhu.by_stage):
        assert sum(number.n for number in part.values()) == haizhu.partners.n  # type: ignore[attr-defined]


def test_districts_without_a_partner_come_first_then_those_with_most(regions: Cast) -> None:
    for region in ("海珠区", "天河区", "天河区"):
        organisation(regions, region)
    found = coverage.coverage(regions.he, today=TODAY)
    assert found.city == GUANGZHOU and len(found.districts) == 11
    assert [district.partners.n for district in found.districts] == [0] * 9 + [2, 1]
    assert {d.name.zh for d in found.blank} == set(by_name(found)) - {"海珠区", "天河区"}


def test_a_city_may_be_chosen_and_an_unknown_one_is_not_found(regions: Cast) -> None:
    organisation(regions, "南山区")
    organisation(regions, "福田区")
    assert coverage.coverage(regions.he, today=TODAY).city == SHENZHEN
    assert by_name(coverage.coverage(regions.he, GUANGZHOU, today=TODAY))["海珠区"].partners.n == 0
    with pytest.raises(NotFound):
        coverage.coverage(regions.he, "999999")


def test_a_district_that_the_hospital_adds_is_covered_too(regions: Cast) -> None:
    add(regions, "option", list_name="regions", code="441204", zh="高要区", en="Gaoyao")
    add(regions, "option", list_name="regions", code="440105013", zh="琶洲街道", en="Pazhou")
    organisation(regions, "高要区")
    found = coverage.coverage(regions.he, "441200", today=TODAY)
    assert [(d.name.zh, d.partners.n) for d in found.districts] == [("高要区", 1)]
    assert [d.name.zh for d in coverage.coverage(regions.he, "440105", today=TODAY).districts] == ["琶洲街道"]


def test_organisations_outside_every_district_are_told(regions: Cast) -> None:
    keys = [organisation(regions, region) for region in ("", "广州市", "火星")]
    organisation(regions, "海珠区")
    found = coverage.coverage(regions.he, today=TODAY)
    assert ([stray.id for stray in found.strays], found.strays_total) == (sorted(keys, reverse=True), 3)


def test_a_station_sees_its_own_and_who_may_not_read_volunteers_gets_no_number(regions: Cast) -> None:
    organisation(regions, "海珠区")
    organisation(regions, "海珠区", unit_id=regions.station)
    assert by_name(coverage.coverage(regions.wang, GUANGZHOU, today=TODAY))["海珠区"].partners.n == 1
    assert by_name(coverage.coverage(regions.he, GUANGZHOU, today=TODAY))["海珠区"].volunteers is None
    assert by_name(coverage.coverage(regions.lin, GUANGZHOU, today=TODAY))["海珠区"].volunteers is not None
    with pytest.raises(Denied):
        coverage.coverage(regions.stranger)


def test_volunteers_count_where_they_live(regions: Cast) -> None:
    person = {
        "name": "甲",
        "id_type": "other",
        "id_number": "X1234567",
        "phone": "13900135521",
        "region_code": "440105",
    }
    volunteer = {"consent": True, "region": "海珠区", "birth_date": date(1990, 1, 1)}
    add(regions, "volunteer", **person, **volunteer)
    number = by_name(coverage.coverage(regions.admin, GUANGZHOU, today=TODAY))["海珠区"].volunteers
    assert number and number.n == 1
    assert store.rows(regions.admin, number.record, Query(filters=number.filters)).total == 1


def test_without_a_list_of_regions_nothing_is_covered(cast: Cast) -> None:
    assert coverage.coverage(cast.he) == Coverage("", {}, [], [], 0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_names_the_blank_districts(demo: None, language: str) -> None:
    at = visit(seat(Role.PARTNER_MANAGER), "coverage", language)
    assert healthy(at)
    assert any(("空白区" if language == "zh" else "without a partner") in text for text in texts(at))
    assert healthy(visit(seat(Role.LEADER), "coverage", language, city=SHENZHEN))
