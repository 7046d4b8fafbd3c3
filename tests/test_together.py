"""What was done together with an organisation: every total equals the list that it opens; scope, rights, files."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from models import RECORDS
from models.system import Role
from models.training import Course, CourseKind
from services import attachments, db, store, together
from services.access import SYSTEM
from services.errors import Denied, NotFound
from services.finding import Query
from tests.conftest import Cast
from tests.stage import healthy, seat, texts, visit

TODAY = date(2026, 11, 23)
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 60


def add(cast: Cast, record: str, **values: Any) -> int:
    return store.save(cast.admin, RECORDS[record], values, today=TODAY)


@pytest.fixture
def partner(cast: Cast) -> int:
    """A partner with something of every kind, beside another with the same, so that a missing filter shows."""
    with db.unit(SYSTEM) as session:
        session.add(Course(id=1, code="c", name="救护", kind=CourseKind.FIRST_AID))
    return [_filled(cast, name, place) for place, name in enumerate(("别的单位", "康馨公益基金会"))][1]


def _filled(cast: Cast, name: str, place: int) -> int:
    key = add(cast, "organisation", name=name, kind="foundation")
    for hour, state in ((1, "held"), (5, "held"), (9, "cancelled")):
        start, end = (f"2026-08-2{place}T{hour + more:02d}:00:00Z" for more in (0, 3))
        session = add(cast, "training_session", title=f"班{place}{hour}", course_id=1, starts=start, ends=end,
                      organisation_id=key, state=state)  # fmt: skip
        for n in range(2 if state == "held" else 1):
            if state == "held":
                add(cast, "attendance", session_id=session, name=f"学员{n}", phone=f"1390013{place}{hour}0{n}")
    for n, state in enumerate(("held", "held", "planned")):
        add(cast, "community_visit", place=f"社区{n}", visited_on=TODAY, organisation_id=key, state=state, encounters=7)
    project = add(cast, "charity_project", name=f"项目{place}", state="running", starts=TODAY)
    for role in ("funder", "publicity"):
        add(cast, "project_partner", charity_project_id=project, organisation_id=key, role=role)
    for n in range(2):
        add(cast, "funding", charity_project_id=project, organisation_id=key, received_on=date(2026, 5, n + 1),
            amount="1000.50", voucher=f"V{place}{n}")  # fmt: skip
    add(cast, "cooperation_project", name=f"合作{place}", organisation_id=key, state="planned")
    return key


def test_every_total_equals_the_list_that_it_opens(cast: Cast, partner: int) -> None:
    found = together.together(cast.admin, partner)
    totals = {line.record.name: line.total for line in found.lines}
    assert totals == {
        "training_session": 2, "attendance": 4, "community_visit": 2, "project_partner": 2, "funding": 2,
        "cooperation_project": 1,
    }  # fmt: skip
    for line in found.lines:
        assert store.rows(cast.admin, line.record, Query(filters=line.filters)).total == line.total, line.record.name


def test_sums_are_those_of_the_rows(cast: Cast, partner: int) -> None:
    sums = {line.record.name: line.sum for line in together.together(cast.admin, partner).lines if line.summed}
    assert sums == {"funding": Decimal("2001.00"), "community_visit": 14}


def test_a_project_is_told_once_with_its_roles_and_the_money(cast: Cast, partner: int) -> None:
    (part,) = together.together(cast.admin, partner).parts
    assert (part.project, [str(role) for role in part.roles], part.amount) == (
        "项目1",
        ["funder", "publicity"],
        Decimal("2001.00"),
    )


def test_files_of_the_partner_and_of_what_names_it_are_proof(cast: Cast, partner: int) -> None:
    session = store.rows(cast.admin, RECORDS["training_session"], Query(filters={"organisation_id": partner})).rows[0]
    other = store.rows(cast.admin, RECORDS["training_session"], Query(filters={"organisation_id": partner - 1})).rows[0]
    attachments.attach(cast.admin, RECORDS["organisation"], partner, "协议.png", PICTURE)
    gone = attachments.attach(cast.admin, RECORDS["organisation"], partner, "旧.png", PICTURE + b"2")
    attachments.remove(cast.admin, gone)
    attachments.attach(cast.admin, RECORDS["training_session"], session.id, "签到.png", PICTURE + b"1")
    attachments.attach(cast.admin, RECORDS["training_session"], other.id, "别的.png", PICTURE + b"3")
    found = together.together(cast.admin, partner)
    assert ([file.name for file in found.files], found.files_total) == (["签到.png", "协议.png"], 2)


def test_only_what_the_reader_may_read_is_told(cast: Cast, partner: int) -> None:
    with pytest.raises(Denied):
        together.together(cast.stranger, partner)
    with pytest.raises(NotFound):
        together.together(cast.wang, partner)
    with pytest.raises(NotFound):
        together.together(cast.admin, 999)
    assert {line.record.name for line in together.together(cast.he, partner).lines} == {
        line.record.name for line in together.together(cast.admin, partner).lines
    }


def test_a_filter_through_another_record_needs_the_right_to_read_that(cast: Cast, partner: int) -> None:
    path = {"session_id.organisation_id.name": "康馨"}
    assert store.rows(cast.admin, RECORDS["attendance"], Query(filters=path)).total == 4
    health_steward = seat(Role.HEALTH_STEWARD).actor
    with pytest.raises(Denied):
        store.rows(health_steward, RECORDS["attendance"], Query(filters=path))


def test_a_path_that_leads_nowhere_filters_nothing(cast: Cast, partner: int) -> None:
    for path in ("nothing.name", "session_id.nothing", "state.name", "session_id.", "."):
        assert store.rows(cast.admin, RECORDS["attendance"], Query(filters={path: "x"})).total == 8


def test_related_lists_cost_no_session_each(cast: Cast, partner: int, statements: Callable[[], int]) -> None:
    found = store.related(cast.admin, RECORDS["organisation"], partner)
    filled = sum(bool(page.rows) for _, _, page in found)
    assert statements() <= len(found) + 2 * filled + 4


def test_the_page_shows_the_totals_and_the_list_opens_narrowed(demo: None) -> None:
    who = seat(Role.PARTNER_MANAGER)
    with db.reading(SYSTEM):
        keys = [row.id for row in store.rows(SYSTEM, RECORDS["organisation"], Query(size=100)).rows]
    found = next(line for key in keys for line in together.together(who.actor, key).lines
                 if line.record.name == "training_session")  # fmt: skip
    key = found.filters["organisation_id"]
    at = visit(who, "organisation", id=key)
    assert healthy(at)
    assert any(f"**{found.total}**" in text for text in texts(at)) or at.get("page_link")
    at = visit(who, "training_session", **{"f.organisation_id": key, "f.state": "held"})
    assert healthy(at) and any(f"**{found.total}**" in text for text in texts(at))
