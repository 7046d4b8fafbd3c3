"""Every line of the medical social-work contract, counted from records: what counts, what does not, and its proof."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import col, select

from models import RECORDS
from models.charity import CharityProject
from models.deliverables import Deliverable, RequiredDocument
from models.periods import Period
from seed import load
from services import clock, db, kpi, proof_sheet, proofs, splits, store, values
from services.access import SYSTEM
from services.errors import Invalid
from services.figures import Figure

YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
BEFORE, FIRST, SPRING, AUTUMN, LAST, AFTER = (
    date(2024, 12, 31), YEAR.start, date(2025, 3, 10), date(2025, 9, 20), YEAR.end, date(2026, 1, 1)
)  # fmt: skip
TODAY = date(2026, 6, 1)


@dataclass
class World:
    """A portal with the contract loaded, to which a test adds records as people would."""

    contract: int
    serial: Iterator[int] = field(default_factory=lambda: count(1))

    def add(self, record: str, **given: Any) -> int:
        return store.save(SYSTEM, RECORDS[record], given, today=TODAY)

    def change(self, record: str, key: int, **given: Any) -> None:
        store.save(SYSTEM, RECORDS[record], given, id=key, today=TODAY)

    def drop(self, record: str, key: int) -> None:
        store.remove(SYSTEM, RECORDS[record], key)

    def name(self) -> str:
        return f"甲{next(self.serial)}"

    def phone(self) -> str:
        return f"138001{next(self.serial):05d}"

    def client(self, **given: Any) -> int:
        return self.add("client", name=self.name(), phone=self.phone(), **given)

    def organisation(self, kind: str = "school", **given: Any) -> int:
        return self.add("organisation", name=self.name(), kind=kind, **given)

    def agreement(self, organisation: int, first: date, last: date, **given: Any) -> int:
        days = {"signed_on": given.pop("signed_on", first), "starts": first, "ends": last}
        return self.add("agreement", organisation_id=organisation, **days, **given)

    def project(self, **given: Any) -> int:
        return self.add("charity_project", name=self.name(), **given)

    def aid(self, client: int, project: int, state: str = "paid", paid_on: date | None = SPRING, **given: Any) -> int:
        days = {"applied_on": given.pop("applied_on", BEFORE), "paid_on": paid_on, "state": state}
        keys = {"client_id": client, "charity_project_id": project, "number": self.name()}
        return self.add("aid_application", **keys, **days, granted=Decimal(1000), reason="材料不符", **given)

    def group(self, founded_on: date, dissolved_on: date | None = None) -> int:
        state = "dissolved" if dissolved_on else "active"
        name = self.name()
        return self.add("wechat_group", name=name, founded_on=founded_on, dissolved_on=dissolved_on, state=state)

    def snapshot(self, group: int, taken_on: date, members: int) -> int:
        return self.add("group_snapshot", group_id=group, taken_on=taken_on, members=members)

    def assist(self, client: int, day: date, state: str = "served", kind: str = "escort", **given: Any) -> int:
        days = {"requested_on": day, "served_on": day, "number": self.name()}
        return self.add("assistance_service", client_id=client, kind=kind, state=state, **days, **given)

    def session(self, day: date, state: str = "held", **given: Any) -> int:
        course = self.add("course", code=self.name(), name=self.name(), kind="first_aid")
        starts = clock.from_local(datetime(day.year, day.month, day.day, 9))
        span = {"starts": starts, "ends": starts + timedelta(hours=2), "held_on": day}
        return self.add("training_session", title=self.name(), course_id=course, state=state, **span, **given)

    def attend(self, session: int, name: str, phone: str) -> int:
        return self.add("attendance", session_id=session, name=name, phone=phone)

    def deliverable(self, code: str) -> tuple[int, list[int]]:
        """One that ships with the contract, and the documents that it requires."""
        with db.reading(SYSTEM) as s:
            found = s.exec(select(Deliverable).where(Deliverable.code == code)).one()
            wanted = select(RequiredDocument.id).where(RequiredDocument.deliverable_id == found.id)
            return found.id or 0, [key or 0 for key in s.exec(wanted.order_by(col(RequiredDocument.id)))]

    def publish(self, required: int, published_on: date | None = SPRING, state: str = "published") -> int:
        keys = {"title": self.name(), "required_id": required}
        return self.add("policy_document", **keys, state=state, published_on=published_on)

    def staff(self, hired_on: date, left_on: date | None = None, **given: Any) -> int:
        person = {"name": self.name(), "phone": self.phone()}
        return self.add("staff_member", **person, hired_on=hired_on, left_on=left_on, **given)

    def qualify(self, staff: int, issued_on: date = BEFORE, expires_on: date | None = None, **given: Any) -> int:
        kind = given.pop("kind", "national_certificate")
        days = {"issued_on": issued_on, "expires_on": expires_on}
        return self.add("staff_qualification", staff_member_id=staff, number=self.name(), kind=kind, **days)

    def figure(self, code: str, as_of: date = AFTER) -> Figure:
        return next(f for f in kpi.board(SYSTEM, self.contract, as_of).figures if f.code == code)

    def counted(self, code: str, as_of: date = AFTER) -> Any:
        """The sum of the rows behind the number."""
        return kpi.rows(SYSTEM, self.figure(code, as_of).id, as_of, size=1000).counted

    def every_day(self, record: str, day: str, also: Any = (), **given: Any) -> None:
        """Records on days of which four count: the first, two others and the last day of the period."""
        for on in (BEFORE, FIRST, SPRING, AUTUMN, LAST, AFTER):
            self.add(record, **given, **{day: on}, **{name: self.name() for name in also})


@pytest.fixture
def world(database: str) -> World:
    return World(load.load_preset_contract(SYSTEM, "medical_social_work", YEAR.start))


# -- every indicator: records that count and records that do not, and the number by hand ---------------------------

CASES: dict[str, Callable[[World], int]] = {}


def case(code: str) -> Callable[[Callable[[World], int]], Callable[[World], int]]:
    def note(function: Callable[[World], int]) -> Callable[[World], int]:
        CASES[code] = function
        return function

    return note


@case("01.1")
def national_foundations(w: World) -> int:
    known, late, other_level, other_kind = (
        w.organisation("foundation", level="national"), w.organisation("foundation", level="national"),
        w.organisation("foundation", level="provincial"), w.organisation("school", level="national"),
    )  # fmt: skip
    w.agreement(known, date(2024, 2, 1), FIRST)
    w.agreement(known, SPRING, AUTUMN)
    w.agreement(late, AFTER, date(2027, 1, 1))
    w.agreement(w.organisation("foundation", level="national"), date(2023, 1, 1), BEFORE)
    w.agreement(w.organisation("foundation", level="national"), SPRING, AUTUMN, state="draft")
    for other in (other_level, other_kind):
        w.agreement(other, SPRING, AUTUMN)
    for ended in ({"terminated_on": SPRING}, {}):
        w.agreement(w.organisation("foundation", level="national"), SPRING, AUTUMN, state="terminated", **ended)
    before = {"state": "terminated", "terminated_on": BEFORE}
    w.agreement(w.organisation("foundation", level="national"), date(2023, 1, 1), LAST, **before)
    return 2


@case("01.2")
def charity_projects(w: World) -> int:
    w.project(state="running", starts=date(2024, 5, 1))
    w.project(state="running", starts=LAST)
    w.project(state="ended", starts=date(2024, 5, 1), ends=FIRST)
    w.project(state="ended", starts=date(2024, 5, 1), ends=BEFORE)
    w.project(state="running", starts=AFTER)
    w.project(state="planned", starts=SPRING)
    w.project(state="cancelled", starts=SPRING)
    return 3


@case("01.3")
def people_aided(w: World) -> int:
    project, other = w.project(state="running", starts=FIRST), w.project(state="running", starts=FIRST)
    twice, closed = w.client(), w.client()
    w.aid(twice, project)
    w.aid(twice, other, paid_on=AUTUMN)
    w.aid(closed, project, "closed", LAST)
    for state in ("drafted", "submitted", "approved", "refused"):
        w.aid(w.client(), project, state)
    for day in (BEFORE, AFTER):
        w.aid(w.client(), project, paid_on=day)
    return 2


@case("02.1")
def groups_in_operation(w: World) -> int:
    w.group(date(2024, 1, 1))
    w.group(SPRING)
    w.group(SPRING, dissolved_on=LAST)
    w.group(SPRING, dissolved_on=date(2025, 12, 30))
    w.group(AFTER)
    w.drop("wechat_group", w.group(SPRING))
    return 3


@case("02.2")
def groups_founded(w: World) -> int:
    for day in (BEFORE, FIRST, SPRING, LAST, AFTER):
        w.group(day)
    w.group(SPRING, dissolved_on=AUTUMN)
    w.drop("wechat_group", w.group(SPRING))
    return 4


@case("02.3")
def members(w: World) -> int:
    one, gone, removed, never = w.group(BEFORE), w.group(BEFORE, AUTUMN), w.group(BEFORE), w.group(BEFORE)
    for day, number in ((BEFORE, 400), (SPRING, 430), (AUTUMN, 460), (AFTER, 500)):
        w.snapshot(one, day, number)
    w.snapshot(w.group(SPRING), LAST, 77)
    w.snapshot(gone, SPRING, 300)
    w.snapshot(gone, LAST, 310)
    w.snapshot(never, BEFORE, 90)
    late = w.snapshot(removed, AUTUMN, 200)
    w.snapshot(removed, SPRING, 190)
    w.drop("group_snapshot", late)
    return 460 + 77 + 190


@case("02.4")
def campaigns(w: World) -> int:
    w.every_day("welfare_campaign", "held_on", ("title",))
    for state in ("planned", "cancelled"):
        w.add("welfare_campaign", title=w.name(), held_on=SPRING, state=state)
    return 4


@case("02.5")
def materials(w: World) -> int:
    w.every_day("promo_material", "published_on", ("title",))
    for state in ("draft", "withdrawn"):
        w.add("promo_material", title=w.name(), published_on=date(2025, 6, 1), state=state)
    return 4


@case("03.1")
def assisted(w: World) -> int:
    twice = w.client()
    w.assist(twice, SPRING)
    w.assist(twice, AUTUMN, kind="appointment")
    w.assist(w.client(), LAST, "opened", "green_channel")
    for state in ("requested", "accepted", "failed", "cancelled"):
        w.assist(w.client(), SPRING, state)
    for day in (BEFORE, AFTER):
        w.assist(w.client(), day)
    return 2


@case("04.1")
def cooperation(w: World) -> int:
    w.every_day("cooperation_project", "launched_on", ("name",), state="launched")
    w.add("cooperation_project", name=w.name(), state="ended", launched_on=SPRING, ended_on=AUTUMN)
    for state in ("planned", "cancelled"):
        w.add("cooperation_project", name=w.name(), state=state, launched_on=SPRING)
    return 5


@case("04.2")
def technologies(w: World) -> int:
    for technology, day in (("微创 技术（A）", SPRING), ("微创技术(a)", AUTUMN), ("早筛技术", LAST)):
        w.add("technology_promotion", technology=technology, promoted_on=day)
    for state in ("planned", "cancelled"):
        w.add("technology_promotion", technology=w.name(), promoted_on=SPRING, state=state)
    for day in (BEFORE, AFTER):
        w.add("technology_promotion", technology=w.name(), promoted_on=day)
    return 2


@case("04.3")
def won_for_departments(w: World) -> int:
    for day in (BEFORE, FIRST, LAST, AFTER):
        organisation = w.organisation(department="儿科")
        w.agreement(organisation, day, date(2027, 1, 1))
        w.agreement(organisation, SPRING if day < SPRING else TODAY, date(2027, 1, 1))
    w.agreement(w.organisation(), SPRING, AUTUMN)
    w.agreement(w.organisation(department="儿科"), SPRING, AUTUMN, state="draft")
    return 2


@case("05.1")
def training_base(w: World) -> int:
    key, documents = w.deliverable("training_base")
    for document in documents:
        w.publish(document)
    w.change("deliverable", key, state="accepted", accepted_on=AUTUMN)
    return 1


@case("05.2")
def external_sessions(w: World) -> int:
    for day in (BEFORE, FIRST, LAST, AFTER):
        w.session(day, base="training_base", audience="external")
    for state in ("draft", "open", "closed", "cancelled"):
        w.session(SPRING, state, base="training_base", audience="external")
    w.session(SPRING, base="training_base", audience="internal")
    w.session(SPRING, base="emergency_base", audience="external")
    return 2


@case("05.3")
def external_attendances(w: World) -> int:
    external = {"base": "training_base", "audience": "external"}
    first, second = w.session(SPRING, **external), w.session(AUTUMN, **external)
    others = (
        w.session(SPRING, "closed", **external),
        w.session(AFTER, **external),
        w.session(SPRING, base="emergency_base"),
    )
    for session in (first, second, *others):
        w.attend(session, "王芳", "13900000001")
    w.attend(first, "李明", "13900000002")
    return 3


@case("06.1")
def service_model(w: World) -> int:
    key, documents = w.deliverable("community_service_model")
    assert len(documents) == 5
    for document in documents:
        w.publish(document)
    w.change("deliverable", key, state="accepted", accepted_on=LAST)
    return 1


@case("06.2")
def demonstration_sites(w: World) -> int:
    for day in (BEFORE, FIRST, LAST, AFTER):
        w.add("demonstration_site", name=w.name(), state="accepted", accepted_on=day)
    for state in ("open", "submitted"):
        w.add("demonstration_site", name=w.name(), state=state, accepted_on=SPRING)
    lacking = w.add("demonstration_site", name=w.name(), state="accepted", accepted_on=SPRING)
    w.add("required_document", site_id=lacking, name="服务台账")
    whole = w.add("demonstration_site", name=w.name(), state="accepted", accepted_on=SPRING)
    w.publish(w.add("required_document", site_id=whole, name="服务台账"))
    return 3


@case("06.3")
def visits(w: World) -> int:
    w.every_day("community_visit", "visited_on", ("place",), encounters=0)
    for state in ("planned", "cancelled"):
        w.add("community_visit", place=w.name(), visited_on=SPRING, state=state, encounters=0)
    return 4


@case("06.4")
def telephone(w: World) -> int:
    who = w.client()
    for day in (BEFORE, FIRST, SPRING, AUTUMN, LAST, AFTER):
        w.add("followup_task", client_id=who, due_on=day, done_on=day, state="done")
    june = date(2025, 6, 3)
    for state in ("open", "unreached", "lost", "cancelled"):
        w.add("followup_task", client_id=w.client(), due_on=june, done_on=june, state=state)
    for channel in ("wechat", "sms", "face_to_face"):
        w.add("followup_task", client_id=w.client(), due_on=june, done_on=june, state="done", channel=channel)
    return 4


@case("06.5")
def meetings(w: World) -> int:
    w.every_day("coordination_meeting", "held_on", ("title",), parties=["department", "social_worker"])
    w.add("coordination_meeting", title=w.name(), held_on=SPRING, parties=["department", "volunteer", "community"])
    for parties in ([], ["department"], ["department", "department"]):
        w.add("coordination_meeting", title=w.name(), held_on=SPRING, parties=parties)
    for state in ("planned", "cancelled"):
        both = ["department", "volunteer"]
        w.add("coordination_meeting", title=w.name(), held_on=SPRING, parties=both, state=state)
    return 5


@case("06.6")
def green_channels(w: World) -> int:
    twice = w.client()
    for day in (BEFORE, FIRST, LAST, AFTER):
        w.assist(twice, day, "opened", "green_channel")
    for state in ("requested", "accepted", "failed", "cancelled"):
        w.assist(w.client(), SPRING, state, "green_channel")
    w.assist(w.client(), SPRING)
    return 2


@case("06.7")
def encounters(w: World) -> int:
    for day, number in ((BEFORE, 7), (FIRST, 11), (LAST, 13), (AFTER, 17)):
        visit = w.add("community_visit", place=w.name(), visited_on=day, encounters=number)
        w.add("screening", disease="高血压", place=w.name(), screened_on=day, screened=number + 100)
        w.add("screening", disease="眼病", place=w.name(), screened_on=day, screened=1000, visit_id=visit)
    for state in ("planned", "cancelled"):
        w.add("community_visit", place=w.name(), visited_on=SPRING, encounters=500, state=state)
        w.add("screening", disease="高血压", place=w.name(), screened_on=SPRING, screened=500, state=state)
    patient = w.client()
    for day in (SPRING, AUTUMN):
        w.assist(patient, day, place="community")
    w.assist(patient, SPRING, "failed", place="community")
    w.assist(patient, SPRING, place="hospital", kind="appointment")
    return (11 + 111) + (13 + 113) + 2


@case("07.1")
def linked(w: World) -> int:
    for kind in ("community", "school", "social_organisation", "government", "enterprise", "foundation", "media"):
        w.agreement(w.organisation(kind), SPRING, AUTUMN)
    again = w.organisation("community")
    for first in (SPRING, AUTUMN):
        w.agreement(again, first, LAST)
    w.agreement(w.organisation("school"), AFTER, TODAY)
    w.agreement(w.organisation("school"), SPRING, AUTUMN, state="terminated")
    return 6


@case("08.1")
def base_rules(w: World) -> int:
    key, documents = w.deliverable("emergency_base_rules")
    for document in documents:
        w.publish(document)
    w.change("deliverable", key, state="accepted", accepted_on=SPRING)
    return 1


@case("08.2")
def duty_log(w: World) -> int:
    w.every_day("base_duty_log", "logged_on", ("on_duty",), entry="巡检")
    w.add("base_duty_log", base="training_base", logged_on=date(2025, 6, 1), on_duty="甲", entry="巡检")
    return 4


@case("08.3")
def data_upkeep(w: World) -> int:
    for number, (registered, verified, rescue) in enumerate(
        [(BEFORE, FIRST, True), (SPRING, AUTUMN, True), (LAST, None, True), (AFTER, None, True), (SPRING, None, False)]
    ):
        person = {"name": w.name(), "phone": w.phone(), "id_type": "passport", "id_number": f"E0000000{number}"}
        days = {"registered_on": registered, "consent_on": registered, "verified_on": verified}
        birth = {"birth_date": date(1980, 1, 1), "gender": "male", "region_code": "440105", "consent": True}
        w.add("volunteer", **person, **birth, **days, is_emergency_rescue=rescue)
    return 4


@case("08.4")
def emergency_sessions(w: World) -> int:
    for day in (BEFORE, FIRST, SPRING, AUTUMN, LAST, AFTER):
        w.session(day, base="emergency_base")
    w.session(date(2025, 6, 1), "cancelled", base="emergency_base")
    w.session(date(2025, 7, 1), base="training_base")
    return 4


@case("08.5")
def posts(w: World) -> int:
    w.every_day("official_account_post", "published_on", ("title",))
    for state in ("draft", "withdrawn"):
        w.add("official_account_post", title=w.name(), published_on=date(2025, 6, 1), state=state)
    return 4


@case("09.1")
def grants(w: World) -> int:
    w.every_day("grant_application", "submitted_on", ("title",), state="submitted")
    for state in ("granted", "rejected", "finished"):
        w.add("grant_application", title=w.name(), state=state, submitted_on=SPRING)
    w.add("grant_application", title=w.name(), state="draft", submitted_on=SPRING)
    return 7


@case("09.2")
def articles(w: World) -> int:
    w.every_day("publication", "published_on", ("title",), state="published")
    for state in ("draft", "submitted", "accepted", "rejected"):
        w.add("publication", title=w.name(), state=state, published_on=SPRING)
    return 4


@case("09.3")
def seminars(w: World) -> int:
    w.every_day("seminar", "held_on", ("title",), level="provincial")
    for level in ("national", "international", "city", "hospital"):
        w.add("seminar", title=w.name(), level=level, held_on=SPRING)
    for state in ("planned", "cancelled"):
        w.add("seminar", title=w.name(), level="national", held_on=SPRING, state=state)
    return 6


@case("10.1")
def qualified_staff(w: World) -> int:
    twice, until_last, outreach = w.staff(SPRING), w.staff(BEFORE, LAST), w.staff(LAST)
    for kind in ("national_certificate", "local_certificate"):
        w.qualify(twice, kind=kind)
    w.qualify(until_last, expires_on=LAST)
    w.qualify(outreach, issued_on=LAST, kind="outreach")
    w.qualify(w.staff(BEFORE, date(2025, 12, 30)))
    w.qualify(w.staff(AFTER))
    w.qualify(w.staff(BEFORE), issued_on=AFTER)
    w.qualify(w.staff(BEFORE), expires_on=date(2025, 12, 30))
    w.qualify(w.staff(BEFORE), kind="training")
    w.qualify(w.staff(BEFORE, full_time=False))
    w.staff(BEFORE)
    return 3


def test_no_indicator_is_left_out(world: World) -> None:
    assert sorted(CASES) == [figure.code for figure in kpi.board(SYSTEM, world.contract, AFTER).figures]
    assert len(CASES) == 32


@pytest.mark.parametrize("code", sorted(CASES))
def test_the_number_is_what_one_counts_by_hand(world: World, code: str) -> None:
    """Of an ongoing indicator four records lie in four months: its number is the months, its proof the records."""
    nothing = world.figure(code)
    assert (nothing.actual, world.counted(code)) == (0, 0)
    by_hand = CASES[code](world)
    figure = world.figure(code)
    assert (figure.actual, world.counted(code)) == (by_hand, by_hand)
    assert world.figure(code, BEFORE).actual == 0


# -- what is easily counted wrong ---------------------------------------------------------------------------------


def test_a_patient_served_twice_in_a_community_is_one_person_and_two_attendances(world: World) -> None:
    patient = world.client()
    for day in (SPRING, AUTUMN):
        world.assist(patient, day, place="community")
    assert (world.figure("03.1").actual, world.figure("06.7").actual) == (1, 2)
    world.assist(patient, AUTUMN, place="hospital", kind="appointment")
    assert (world.figure("03.1").actual, world.figure("06.7").actual) == (1, 2)


def test_one_visit_feeds_visits_and_attendances(world: World) -> None:
    world.add("community_visit", place="东苑", visited_on=SPRING, encounters=24)
    assert (world.figure("06.3").actual, world.figure("06.7").actual) == (1, 24)


def test_each_row_of_the_proof_says_which_record_it_is(world: World) -> None:
    encounters(world)
    rows = kpi.rows(SYSTEM, world.figure("06.7").id, AFTER).rows
    assert {row.record for row in rows} == {"community_visit", "screening", "assistance_service"}
    for row in rows:
        assert store.get(SYSTEM, RECORDS[row.record], row.ref)


@pytest.mark.parametrize(
    ("as_of", "members", "groups"),
    [
        (date(2025, 3, 9), 0, 2),
        (SPRING, 300, 2),
        (AUTUMN, 420, 2),
        (AUTUMN + timedelta(days=1), 120, 1),
        (LAST, 150, 1),
    ],
)
def test_a_dissolved_group_takes_its_members_along_from_the_next_day_on(
    world: World, as_of: date, members: int, groups: int
) -> None:
    kept, gone = world.group(BEFORE), world.group(BEFORE, AUTUMN)
    for group, day, number in ((gone, SPRING, 300), (kept, AUTUMN, 120), (kept, LAST, 150)):
        world.snapshot(group, day, number)
    assert (world.figure("02.3", as_of).actual, world.counted("02.3", as_of)) == (members, members)
    assert (world.figure("02.1", as_of).actual, world.counted("02.1", as_of)) == (groups, groups)


def test_a_group_that_was_counted_counts_whatever_day_of_founding_was_entered(world: World) -> None:
    group = world.group(SPRING)
    world.snapshot(group, SPRING - timedelta(days=1), 100)
    assert world.figure("02.3", SPRING - timedelta(days=1)).actual == 100
    world.snapshot(group, SPRING, 80)
    assert world.figure("02.3", SPRING).actual == 80


def test_a_removed_group_stops_counting_with_its_snapshots(world: World) -> None:
    keys = [world.snapshot(world.group(BEFORE), SPRING, number) for number in (100, 20)]
    assert world.figure("02.3").actual == 120
    group = store.get(SYSTEM, RECORDS["group_snapshot"], keys[0]).values["group_id"]
    world.drop("group_snapshot", keys[0])
    world.drop("wechat_group", group)
    assert (world.figure("02.3").actual, world.figure("02.1").actual) == (20, 1)


def test_staff_count_while_they_are_in_post_and_qualified(world: World) -> None:
    world.qualify(world.staff(date(2025, 2, 1), date(2025, 11, 30)), issued_on=SPRING, expires_on=date(2026, 3, 9))
    days = (SPRING - timedelta(days=1), SPRING, date(2025, 11, 30), date(2025, 12, 1))
    assert [world.figure("10.1", day).actual for day in days] == [0, 1, 1, 0]
    figure = world.figure("10.1", SPRING)
    assert (figure.expected, figure.projection, figure.status) == (3.0, 1.0, "at_risk")


def test_a_deliverable_waits_for_its_last_document(world: World) -> None:
    key, documents = world.deliverable("training_base")
    before = world.figure("05.1", SPRING)
    assert (before.status, before.numerator, before.denominator) == ("not_started", 0, len(documents))
    world.change("deliverable", key, state="accepted", accepted_on=SPRING)
    for document in documents[:-1]:
        world.publish(document, FIRST)
    lacking = world.figure("05.1", SPRING)
    assert (lacking.actual, lacking.status) == (0, "on_pace")
    assert (lacking.numerator, lacking.denominator) == (len(documents) - 1, len(documents))
    world.publish(documents[-1], published_on=None, state="draft")
    assert world.figure("05.1", SPRING).actual == 0
    world.publish(documents[-1], AUTUMN)
    assert [world.figure("05.1", day).actual for day in (SPRING, AUTUMN)] == [0, 1]
    assert world.figure("05.1", AUTUMN).numerator == len(documents)


def test_a_document_that_was_replaced_keeps_the_day_of_its_first_version(world: World) -> None:
    documents = world.deliverable("training_base")[1]
    training_base(world)
    world.publish(documents[0], FIRST, "retired")
    assert [world.figure("05.1", day).actual for day in (SPRING, AUTUMN)] == [0, 1]


def test_a_retired_document_without_a_successor_opens_the_deliverable_again(world: World) -> None:
    key, documents = world.deliverable("emergency_base_rules")
    published = [world.publish(document) for document in documents]
    world.change("deliverable", key, state="accepted", accepted_on=SPRING)
    assert world.figure("08.1").status == "achieved"
    world.change("policy_document", published[0], state="retired")
    assert (world.figure("08.1").actual, world.figure("08.1").numerator) == (0, len(documents) - 1)


def test_what_another_contract_built_does_not_count_for_this_one(world: World) -> None:
    base_rules(world)
    later = World(load.load_preset_contract(SYSTEM, "medical_social_work", AFTER))
    figure = later.figure("08.1", TODAY)
    assert (figure.actual, figure.numerator, figure.denominator) == (0, 0, 5)
    assert world.figure("08.1").actual == 1


def test_a_required_document_belongs_to_one_thing(world: World) -> None:
    site = world.add("demonstration_site", name="东苑示范点")
    for parents in ({}, {"site_id": site, "deliverable_id": world.deliverable("training_base")[0]}):
        with pytest.raises(Invalid) as refused:
            world.add("required_document", name="台账", **parents)
        assert "one_parent" in refused.value.fields.values()


def test_the_six_named_projects_ship_and_do_not_count_before_they_run(world: World) -> None:
    load.load_preset_contract(SYSTEM, "medical_social_work", YEAR.start)
    with db.reading(SYSTEM) as s:
        projects = s.exec(select(CharityProject)).all()
    assert len(projects) == 6 and {project.state for project in projects} == {"planned"}
    assert "“心·希望”先心病救治公益项目" in {project.name for project in projects}
    world.change("charity_project", projects[0].id or 0, state="running", starts=SPRING)
    assert world.figure("01.2").actual == 1


# -- what contradicts itself ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "given", "errors"),
    [
        ("aid_application", {"state": "approved"}, {"granted": "required"}),
        ("aid_application", {"state": "paid", "granted": 5}, {"paid_on": "required"}),
        ("aid_application", {"state": "refused"}, {"reason": "reason_missing"}),
        ("aid_application", {"asked": 5, "granted": 6, "state": "approved"}, {"granted": "granted_above_asked"}),
        (
            "aid_application", {"granted": 5, "paid": 6, "paid_on": SPRING, "state": "paid"},
            {"paid": "paid_above_granted"},
        ),
        (
            "assistance_service", {"kind": "green_channel", "state": "served", "served_on": SPRING},
            {"state": "state_of_kind"},
        ),
        ("assistance_service", {"kind": "escort", "state": "opened", "served_on": SPRING}, {"state": "state_of_kind"}),
        ("assistance_service", {"kind": "escort", "state": "served"}, {"served_on": "required"}),
        ("followup_task", {"state": "done"}, {"done_on": "required"}),
        ("followup_task", {"state": "done", "done_on": TODAY + timedelta(days=1)}, {"done_on": "date_future"}),
        ("charity_project", {"name": "甲", "state": "running"}, {"starts": "required"}),
        (
            "charity_project", {"name": "甲", "state": "ended", "starts": AUTUMN, "ends": SPRING},
            {"ends": "ends_before_start"},
        ),
        ("wechat_group", {"name": "甲", "founded_on": FIRST, "state": "dissolved"}, {"dissolved_on": "required"}),
        ("wechat_group", {"name": "甲", "founded_on": FIRST, "dissolved_on": LAST}, {"state": "state_and_day"}),
        ("deliverable", {"name": "甲", "code": "x", "state": "accepted"}, {"accepted_on": "required"}),
        ("policy_document", {"title": "甲", "state": "published"}, {"published_on": "required"}),
        ("publication", {"title": "甲", "state": "published"}, {"published_on": "required"}),
        (
            "community_visit", {"place": "甲", "visited_on": TODAY + timedelta(days=1), "encounters": 0},
            {"visited_on": "date_future"},
        ),
        ("community_visit", {"place": "甲", "visited_on": FIRST}, {"encounters": "required"}),
        (
            "screening", {"disease": "甲", "place": "乙", "screened_on": FIRST, "screened": 1, "found": 2},
            {"found": "too_large"},
        ),
    ],
)  # fmt: skip
def test_a_record_that_contradicts_itself_is_refused(
    record: str, given: dict[str, Any], errors: dict[str, str]
) -> None:
    parents = {"client_id": 1, "charity_project_id": 1, "applied_on": FIRST, "requested_on": FIRST, "due_on": FIRST}
    own = {name: value for name, value in parents.items() if name in RECORDS[record].by_name}
    assert values.validate(RECORDS[record], own | given, TODAY)[1] == errors


def test_a_child_under_fourteen_has_a_guardian(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        world.client(birth_date=date(2014, 6, 1))
    assert refused.value.fields == {"guardian_name": "guardian_of_child"}
    assert world.client(birth_date=date(2012, 6, 1)) and world.client(birth_date=date(2014, 6, 1), guardian_name="乙")


def test_a_diagnosis_leaves_masked_and_lies_encrypted(world: World) -> None:
    key = world.aid(world.client(), world.project(), diagnosis="白血病")
    assert "白血病" not in str(store.get(SYSTEM, RECORDS["aid_application"], key).values["diagnosis"])
    with db.connection() as bare:
        stored = bare.exec_driver_sql("SELECT diagnosis FROM aid_application").scalar()
    assert stored and "白血病".encode() not in bytes(stored)


# -- the sum of the rows is the number, whatever was recorded -----------------------------------------------------

PARENTS = ("organisation", "charity_project", "client", "wechat_group", "course", "demonstration_site", "staff_member")
EVENTS = (
    "agreement", "aid_application", "group_snapshot", "welfare_campaign", "promo_material", "assistance_service",
    "cooperation_project", "technology_promotion", "training_session", "community_visit", "followup_task",
    "coordination_meeting", "screening", "base_duty_log", "official_account_post", "grant_application", "publication",
    "seminar", "staff_qualification", "required_document", "policy_document", "attendance",
)  # fmt: skip


@dataclass
class Chance:
    """Invents rows of any record type: days around the period, every state, every parent."""

    random: random.Random
    serial: Iterator[int] = field(default_factory=lambda: count(1))
    ids: dict[str, list[int]] = field(default_factory=dict)

    def value(self, spec: Any) -> Any:
        if spec.kind == "record":
            return self.random.choice(
                [*self.ids.get(spec.refers_to, [None]), None][: None if not spec.required else -1]
            )
        if spec.choices:
            picked = self.random.sample(list(spec.choices), self.random.randint(0, 2))
            return picked if spec.kind == "choices" else self.random.choice(list(spec.choices))
        return self.plain(spec)

    def plain(self, spec: Any) -> Any:
        day = YEAR.start + timedelta(days=self.random.randint(-40, 400))
        if spec.name in ("technology", "department"):
            return self.random.choice(["甲", "乙", "丙"])
        made: dict[str, Callable[[], Any]] = {
            "text": lambda: f"乙{next(self.serial)}",
            "long": lambda: f"甲{next(self.serial)}",
            "date": lambda: day if spec.required or self.random.random() < 0.8 else None,
            "time": lambda: clock.from_local(datetime(day.year, day.month, day.day, 9)),
            "number": lambda: self.random.randint(int(spec.minimum or 0), min(int(spec.maximum or 99), 99)),
            "money": lambda: Decimal(self.random.randint(1, 99)),
            "flag": lambda: self.random.random() < 0.8,
        }
        return made[spec.kind]() if spec.kind in made else None

    def row(self, name: str, serial: int) -> dict[str, Any]:
        record = RECORDS[name]
        row = {spec.name: self.value(spec) for spec in record.own_fields if spec.name not in ("unit_id", "credit_code")}
        row |= {"name": f"乙{serial}", "phone": f"1380{serial:07d}"} if record.role_fields else {}
        row |= {"work_phone": None, "guardian_phone": None} | ({"contract_id": None} if name == "deliverable" else {})
        if name == "training_session":
            row |= {
                "ends": row["starts"] + timedelta(hours=2),
                "registration_opens": None,
                "held_on": row["starts"].date(),
            }
        return row


def invent(chance: Chance, name: str, wanted: int) -> None:
    """So many rows of a record type that its rules accept, some of them moved to the bin again."""
    record, made = RECORDS[name], 0
    for _ in range(wanted * 12):
        if made >= wanted:
            break
        try:
            key = store.save(SYSTEM, record, chance.row(name, next(chance.serial)), today=TODAY)
        except Invalid:
            continue
        made += 1
        if name in EVENTS and chance.random.random() < 0.1:
            try:
                store.remove(SYSTEM, record, key)
                continue
            except Invalid:
                pass
        chance.ids.setdefault(name, []).append(key)
    assert made >= min(wanted, 3), name


@pytest.mark.parametrize("seed", [1])
def test_the_sum_of_the_rows_is_the_number_of_every_indicator(world: World, seed: int, tmp_path: Path) -> None:
    """Over the records of every case above and invented ones among them."""
    for add_records in CASES.values():
        add_records(world)
    chance = Chance(random.Random(seed))
    with db.reading(SYSTEM) as s:
        chance.ids["required_document"] = [key or 0 for key in s.exec(select(RequiredDocument.id))]
    for name in PARENTS:
        invent(chance, name, 5)
    for name in EVENTS:
        invent(chance, name, 14)
    moved = set()
    for as_of in (BEFORE, FIRST, SPRING, date(2025, 7, 1), LAST, TODAY):
        for figure in kpi.board(SYSTEM, world.contract, as_of).figures:
            moved |= {figure.code} if figure.actual else set()
            _agrees(figure, as_of)
    assert moved == set(CASES)
    for figure in kpi.board(SYSTEM, world.contract, LAST).figures:
        _agrees_in_full(figure, LAST, tmp_path / f"{figure.code}.xlsx")


def _agrees(figure: Figure, as_of: date) -> None:
    """Rows, trend, stations and number tell the same."""
    proof = kpi.rows(SYSTEM, figure.id, as_of, size=10_000)
    told = (figure.code, as_of)
    assert sum(row.n for row in proof.rows) == proof.counted, told
    total = sum(figure.by_month) if not figure.is_stock else (figure.by_month or (0,))[-1]
    assert total == proof.counted, told
    assert sum(part.n for part in kpi.by_station(SYSTEM, figure.id, as_of)) == proof.counted, told
    if figure.kind == "ongoing":
        assert figure.actual == sum(1 for n in figure.by_month if n), told
    else:
        assert figure.actual == proof.counted, told
    for month in range(len(figure.by_month)):
        part = kpi.rows(SYSTEM, figure.id, as_of, month=month, size=10_000)
        assert part.counted == sum(row.n for row in part.rows), told
        assert part.counted == figure.by_month[month], told


def _agrees_in_full(figure: Figure, as_of: date, sheet: Path) -> None:
    """All pages, every split and the exported sheet tell the same; what a row says of other indicators is so."""
    total = kpi.rows(SYSTEM, figure.id, as_of).counted
    pages = -(-kpi.rows(SYSTEM, figure.id, as_of).rows_total // 20)
    rows = [row for page in range(pages) for row in kpi.rows(SYSTEM, figure.id, as_of, page=page, size=20).rows]
    assert sum(row.n for row in rows) == total, figure.code
    for by in splits.ways(SYSTEM, figure.id):
        assert sum(part.n for part in splits.split(SYSTEM, figure.id, by, as_of)) == total, (figure.code, by)
    assert proof_sheet.write(SYSTEM, figure.id, sheet, as_of=as_of) == len(rows)
    written = list(load_workbook(sheet)[figure.code].values)
    place = written[0].index("计入")
    assert sum(row[place] for row in written[1:]) == total, figure.code
    for line in proofs.lines(SYSTEM, figure.id, rows[:20], as_of):
        assert line.title and not line.title.startswith("#"), line
        assert figure.code not in line.also
        for code in line.also:
            assert line.ref in _refs(code, line.record, as_of), (figure.code, line)


def _refs(code: str, record: str, as_of: date) -> set[int]:
    """The records of a type that an indicator counts."""
    found = next(figure for figure in kpi.board(SYSTEM, None, as_of).figures if figure.code == code)
    rows = kpi.rows(SYSTEM, found.id, as_of, size=10_000).rows
    return {row.ref for row in rows if row.record == record}
