"""The demonstration year: the same numbers each time, nothing that the portal would refuse, nothing too early."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import SQLModel, col, func, select

from models import RECORDS, spans
from models.partners import Agreement, AgreementState, Interaction
from models.people import Person, Volunteer, VolunteerCredential, VolunteerState
from models.service import HoursState, ServiceHours, ServiceShift, ShiftSignup, ShiftState
from models.training import Attendance, Enrolment, EnrolmentState, SessionState, TrainingSession
from seed import demo, load
from services import (
    clashes,
    clock,
    closing,
    db,
    eligibility,
    kit,
    kpi,
    seats,
    serving,
    serving_hours,
    serving_roster,
    store,
    teaching,
    values,
    volunteers,
)
from services.access import SYSTEM
from services.errors import Invalid, NotFound
from tests.conftest import HOME, _use

TODAY = date(2025, 9, 17)
HALF, YOUNG = 201, 11
COUNTS = {
    "volunteer": 420, "volunteer_credential": 440, "volunteer_team": 4, "team_membership": 98, "organisation": 70,
    "contact": 100, "interaction": 265, "agreement": 31, "stage_change": 111, "venue": 5, "instructor": 10,
    "training_session": 52, "enrolment": 1405, "partner_link": 9, "attendance": 1032, "department": 7, "cooperation_project": 3,
    "technology_promotion": 5, "charity_project": 6, "project_partner": 4, "funding": 8, "client": 895,
    "aid_application": 202, "assistance_service": 926, "followup_task": 198, "wechat_group": 99, "group_snapshot": 674,
    "welfare_campaign": 15, "promo_material": 20, "official_account_post": 22, "community_visit": 21, "screening": 9,
    "coordination_meeting": 7, "demonstration_site": 2, "deliverable": 3, "required_document": 15,
    "policy_document": 15, "base_duty_log": 112, "staff_member": 5, "staff_qualification": 5, "grant_application": 2,
    "publication": 2, "seminar": 1, "award_nomination": 1, "partner_quota": 3, "quota_entry": 15,
    "service_shift": 93, "shift_slot": 2, "shift_signup": 198, "service_hours": 437, "star_award": 5,
    "volunteer_insurance": 20, "correction_request": 4,
    "theory_score": 513, "practical_check": 296, "feedback": 509,
    "certificate": 315, "certificate_batch": 12,
    "equipment": 6, "equipment_check": 12, "training_series": 1,
}  # fmt: skip
FILLED = [RECORDS[name] for name in COUNTS]
BOARD = {
    "01.1": (5, "achieved"), "01.2": (4, "achieved"), "01.3": (185, "on_pace"), "02.1": (97, "achieved"),
    "02.2": (7, "behind"), "02.3": (32062, "on_pace"), "02.4": (12, "on_pace"), "02.5": (7, "on_pace"),
    "03.1": (710, "behind"), "04.1": (2, "achieved"), "04.2": (4, "at_risk"), "04.3": (12, "on_pace"),
    "05.1": (0, "on_pace"), "05.2": (2, "at_risk"), "05.3": (242, "behind"), "06.1": (0, "on_pace"),
    "06.2": (1, "on_pace"), "06.3": (19, "on_pace"), "06.4": (7, "on_pace"), "06.5": (5, "behind"),
    "06.6": (20, "at_risk"), "06.7": (312, "on_pace"), "07.1": (13, "achieved"), "08.1": (1, "achieved"),
    "08.2": (7, "on_pace"), "08.3": (7, "on_pace"), "08.4": (6, "behind"), "08.5": (6, "behind"),
    "09.1": (1, "achieved"), "09.2": (1, "behind"), "09.3": (0, "at_risk"), "10.1": (4, "achieved"),
}  # fmt: skip
MAY_LIE_AHEAD = {
    "certificate": {"valid_until"},
    "volunteer_credential": {"expires_on"},
    "instructor": {"credential_until"},
    "service_shift": {"starts", "ends", "record_by"},
    "service_hours": {"record_by"},
    "volunteer_insurance": {"ends"},
    "interaction": {"next_on"},
    "agreement": {"ends"},
    "partner_quota": {"ends"},
    "followup_task": {"due_on"},
    "welfare_campaign": {"held_on"},
    "promo_material": {"published_on"},
    "community_visit": {"visited_on"},
    "seminar": {"held_on"},
    "staff_qualification": {"expires_on"},
    "equipment": {"next_check_on"},
    "equipment_check": {"next_check_on"},
    "training_series": {"first_on"},
    "training_session": {"starts", "ends", "registration_opens", "registration_closes", "held_on"},
}


@dataclass(frozen=True)
class Year:
    kind: str
    contract_id: int


@pytest.fixture(scope="module")
def year(request: pytest.FixtureRequest) -> Iterator[Year]:
    """A database with a demonstration year, so many days into the contract; loaded once for all tests."""
    kind, days = request.param
    _empty(request, kind)
    contract_id = load.load_preset_contract(SYSTEM, "medical_social_work", TODAY - timedelta(days=days - 1))
    demo.load(contract_id, today=TODAY)
    yield Year(kind, contract_id)
    db.dispose()


def _empty(request: pytest.FixtureRequest, kind: str) -> None:
    if kind == "sqlite":
        for leftover in HOME.glob("demo.db*"):
            leftover.unlink()
        shutil.copy(request.getfixturevalue("sqlite_template"), HOME / "demo.db")
        _use(f"sqlite:///{HOME / 'demo.db'}")
        return
    _use(request.getfixturevalue("postgres_url"))
    request.getfixturevalue("sweeper").sweep()


half_way = pytest.mark.parametrize("year", [("sqlite", HALF), ("postgres", HALF)], indirect=True, scope="module")
any_year = pytest.mark.parametrize(
    "year", [("sqlite", HALF), ("postgres", HALF), ("sqlite", YOUNG)], indirect=True, scope="module"
)


def count(model: Any, *conditions: Any) -> int:
    with db.reading(SYSTEM) as s:
        return s.exec(select(func.count()).select_from(model).where(*conditions)).one()


@half_way
def test_the_same_day_gives_the_same_records_and_the_same_board(year: Year) -> None:
    assert {record.name: count(record.model) for record in FILLED} == COUNTS
    board = kpi.board(SYSTEM, year.contract_id, TODAY)
    assert board.day / board.days == pytest.approx(0.55, abs=0.005)
    assert {figure.code: (figure.actual, figure.status) for figure in board.figures} == BOARD


@half_way
def test_every_status_is_on_the_board(year: Year) -> None:
    shown = {figure.status for figure in kpi.board(SYSTEM, year.contract_id, TODAY).figures}
    assert shown == {"achieved", "on_pace", "behind", "at_risk"}


@half_way
def test_two_lines_lack_what_they_need_in_one_month(year: Year) -> None:
    figures = {figure.code: figure for figure in kpi.board(SYSTEM, year.contract_id, TODAY).figures}
    assert all(figures["08.3"].by_month)
    assert [list(figures[code].by_month).count(0) for code in ("08.4", "08.5")] == [1, 1]


@half_way
def test_two_indicators_have_a_plan_and_one_was_amended(year: Year) -> None:
    figures = kpi.board(SYSTEM, year.contract_id, TODAY).figures
    assert {figure.code: sum(figure.plan) for figure in figures if figure.plan} == {"02.4": 20, "06.3": 30}
    assert {f.code: (f.original_target, f.target) for f in figures if f.amendments} == {"06.7": (500, 600)}


@any_year
def test_all_months_that_are_over_but_four_are_closed_and_the_first_was_corrected(year: Year) -> None:
    months = closing.year(SYSTEM, year.contract_id, TODAY).months
    over = [month for month in months if month.last < TODAY]
    done = max(len(over) - 4, 0)
    assert [month.state for month in over] == [*["closed"] * done, "ready", *["waiting"] * 3][: len(over)]
    corrected = [month for month in months if len(month.editions) > 1]
    assert corrected == (over[:1] if len(over) > 4 else [])
    for month in corrected:
        before, after = (closing.snapshot(SYSTEM, edition.id) for edition in month.editions)
        assert [change.after.code for change in closing.differences(before, after)] == ["06.7"]
        (change,) = closing.adjustments(SYSTEM, month.editions[0].id)
        assert (change.record, change.actor, change.reason) == ("community_visit", "示例社工", "按纸质签到表更正")


@any_year
def test_every_row_would_pass_the_form(year: Year) -> None:
    with db.reading(SYSTEM) as s:
        people = s.exec(select(Person)).all()
        checked = {
            (record.name, row.id): values.validate(record, store.current(s, record, row), TODAY)[1]
            for record in FILLED
            for row in s.exec(select(record.model))
        }
    assert len(people) > 1000 and len(checked) > 2000
    assert {key: errors for key, errors in checked.items() if errors} == {}


@any_year
def test_nothing_has_happened_after_today(year: Year) -> None:
    for record in FILLED:
        dated = [spec for spec in record.own_fields if spec.kind in ("date", "time")]
        for spec in dated:
            if spec.name not in MAY_LIE_AHEAD.get(record.name, ()):
                assert _latest(record.model, spec.name) <= TODAY, (record.name, spec.name)


def _latest(model: Any, name: str) -> date:
    with db.reading(SYSTEM) as s:
        newest = s.exec(select(func.max(col(getattr(model, name))))).one()
    return TODAY if newest is None else clock.local(newest).date() if hasattr(newest, "hour") else newest


@any_year
def test_sessions_to_come_are_neither_held_nor_attended(year: Year) -> None:
    to_come = col(TrainingSession.held_on) >= TODAY
    assert count(TrainingSession, to_come, TrainingSession.state == SessionState.OPEN) >= 9
    assert not count(TrainingSession, to_come, TrainingSession.state == SessionState.HELD)
    with db.reading(SYSTEM) as s:
        ahead = s.exec(select(TrainingSession.id).where(to_come)).all()
    assert not count(Attendance, col(Attendance.session_id).in_(ahead))


@any_year
def test_no_phone_and_no_document_number_lies_open(year: Year) -> None:
    with db.reading(SYSTEM) as s:
        known = {number for person in s.exec(select(Person)) for number in (person.phone, person.id_number) if number}
        known |= {row.guardian_phone for row in s.exec(select(Volunteer)) if row.guardian_phone}
    lying_open = set(re.findall(r"(?=(1[3-9]\d{9}|\d{17}[\dX]|E\d{8}))", _everything_stored(year)))
    assert len(known) > 1400
    assert known & lying_open == set()


def _everything_stored(year: Year) -> str:
    with db.connection() as bare:
        rows = [
            cell
            for table in SQLModel.metadata.sorted_tables
            for row in bare.exec_driver_sql(f'SELECT * FROM "{table.name}"')
            for cell in row
        ]
    cells = [bytes(cell).decode("latin-1") if isinstance(cell, bytes | memoryview) else str(cell) for cell in rows]
    files = HOME.glob("demo.db*") if year.kind == "sqlite" else ()
    return "\n".join([*cells, *(path.read_bytes().decode("latin-1") for path in files)])


@any_year
def test_a_second_load_is_refused_and_leaves_all_as_it_was(year: Year) -> None:
    before = db.data_version()
    with pytest.raises(Invalid) as refused:
        demo.load(year.contract_id, today=TODAY)
    assert refused.value.fields == {"": "not_empty"}
    assert db.data_version() == before


@half_way
def test_the_approver_has_applications_and_a_likely_duplicate(year: Year) -> None:
    waiting = volunteers.queue(SYSTEM)
    assert waiting.total == 12
    assert sum(bool(applicant.duplicates) for applicant in waiting.rows) == 1


@half_way
def test_three_minors_serve_with_a_guardian_whom_one_can_reach(year: Year) -> None:
    with db.reading(SYSTEM) as s:
        found = s.exec(select(Volunteer).where(Volunteer.guardian_name != "")).all()
    assert len(found) == 3
    assert all(row.guardian_phone and row.state != VolunteerState.APPLIED for row in found)


@any_year
@pytest.mark.parametrize(("first", "last"), [(-400, -1), (0, 7), (8, 30), (31, 90)])
def test_certificates_end_in_every_span_of_the_reminders(year: Year, first: int, last: int) -> None:
    assert count(VolunteerCredential, _within(VolunteerCredential.expires_on, first, last)) >= 5


def _within(column: Any, first: int, last: int) -> Any:
    """From so many days after today to so many."""
    return column.between(TODAY + timedelta(days=first), TODAY + timedelta(days=last))


@any_year
def test_volunteers_serve_by_the_rules_of_the_rota(year: Year) -> None:
    """Nobody is on two shifts at once or on one without its credentials, and no two entries of a person overlap."""
    with db.reading(SYSTEM) as s:
        shifts = {row.id: row for row in s.exec(select(ServiceShift))}
        taken = s.exec(select(ShiftSignup).where(col(ShiftSignup.state).in_(serving.BUSY))).all()
        for one in taken:
            shift = shifts[one.shift_id]
            assert serving.overlaps(s, one.volunteer_id, shift.starts, shift.ends, one.shift_id) == []
            serving._need_credentials(s, shift, one.volunteer_id, one.slot_id, clock.local(shift.starts).date())
            serving._need_insurance(s, shift, one.volunteer_id, clock.local(shift.starts).date())
        for row in s.exec(select(ServiceHours)):
            others = serving_hours._others(s, row.volunteer_id, row.served_on, row.id)
            assert not any(spans.clash(spans.parse(row.times), spans.parse(other.times)) for other in others)
    assert {row.state for row in shifts.values()} == {ShiftState.DONE, ShiftState.OPEN}
    assert count(ServiceHours, ServiceHours.state == HoursState.PENDING) >= 5
    assert len(serving_roster.queue(SYSTEM)[0]) == serving_roster.queue(SYSTEM)[1]


@any_year
def test_nobody_was_certified_against_the_rules_and_one_left_a_class_without_lessons_early(year: Year) -> None:
    with db.reading(SYSTEM) as s:
        held = s.exec(select(TrainingSession.id).where(TrainingSession.state == SessionState.HELD)).all()
    found = [one for key in held if key for one in eligibility.eligibility(SYSTEM, key).candidates]
    assert not [one for one in found if one.number and one.missing]
    early = [one for one in found if one.result and not one.result.lessons and one.too_little]
    assert ["到课 1 小时" in one.missing[0].reason.zh for one in early] == [True]


@any_year
def test_agreements_end_soon_are_renewed_drafted_and_terminated(year: Year) -> None:
    signed = Agreement.state == AgreementState.SIGNED
    for first, last in ((0, 30), (31, 60)):
        assert count(Agreement, signed, _within(Agreement.ends, first, last)) == 3
    assert count(Agreement, col(Agreement.renewal_of_id).is_not(None)) == 1
    assert count(Agreement, Agreement.state == AgreementState.DRAFT) == 3
    assert count(Agreement, Agreement.state == AgreementState.TERMINATED) == 1


@any_year
def test_next_steps_are_done_overdue_and_coming(year: Year) -> None:
    is_open = ~col(Interaction.done)
    assert count(Interaction, col(Interaction.done)) > 30
    assert count(Interaction, is_open, col(Interaction.next_on) < TODAY) >= 5
    assert count(Interaction, is_open, col(Interaction.next_on) >= TODAY) >= 5


@any_year
def test_one_session_has_a_waitlist_and_no_more_seats_than_it_offers(year: Year) -> None:
    with db.reading(SYSTEM) as s:
        found = s.exec(select(Enrolment.session_id).where(Enrolment.state == EnrolmentState.WAITLISTED)).all()
        full = s.get_one(TrainingSession, found[0])
        assert len(set(found)) == 1 and seats.free_seats(s, full) == 0
        sessions = s.exec(select(TrainingSession)).all()
        assert min(seats.free_seats(s, row) for row in sessions) == 0


@any_year
def test_one_session_ended_yesterday_and_was_not_closed(year: Year) -> None:
    ended = TrainingSession.held_on == TODAY - timedelta(days=1), TrainingSession.state == SessionState.CLOSED
    assert count(TrainingSession, *ended) == 1


@any_year
def test_no_session_clashes_with_another(year: Year) -> None:
    with db.reading(SYSTEM) as s:
        planned = [(row, teaching.teaching_in(s, row.id or 0)) for row in s.exec(select(TrainingSession))]
    for row, teachers in planned:
        span: dict[str, Any] = {"starts": row.starts, "ends": row.ends, "session_id": row.id}
        assert teachers
        assert clashes.of_plan(SYSTEM, venue_id=row.venue_id, instructor_ids=teachers, **span) == []


@any_year
def test_no_equipment_is_booked_beyond_what_is_usable(year: Year) -> None:
    with db.reading(SYSTEM) as s:
        sessions = s.exec(select(TrainingSession)).all()
        booked = {row.id: kit.booked(s, row.id) for row in sessions}
        short = [kit.short(s, booked[row.id], row.starts, row.ends, row.id) for row in sessions]
    assert sum(map(len, booked.values())) > 40
    assert not any(short)


@any_year
def test_nobody_sits_in_the_class_that_they_teach(year: Year) -> None:
    taught = (
        "SELECT count(*) FROM enrolment e JOIN session_instructor t ON t.session_id = e.session_id"
        " JOIN instructor i ON i.id = t.instructor_id WHERE i.person_id = e.person_id"
    )
    with db.connection() as bare:
        assert bare.exec_driver_sql(taught).scalar() == 0


@any_year
def test_every_record_is_audited_and_can_be_found(year: Year) -> None:
    with db.connection() as bare:
        audited = bare.exec_driver_sql(
            "SELECT record, count(*) FROM audit_entry WHERE actor = 'system' AND verb = 'create' GROUP BY record"
        )
        by_record = dict(tuple(row) for row in audited)
    assert {record.name: by_record[record.name] for record in FILLED} == {r.name: count(r.model) for r in FILLED}
    partner = store.rows(SYSTEM, RECORDS["organisation"], store.Query(size=1)).rows[0]
    found = store.rows(SYSTEM, RECORDS["organisation"], store.Query(text=partner.values["name"]))
    assert [row.id for row in found.rows] == [partner.id]


def test_a_contract_that_does_not_exist_is_said_so_and_nothing_is_written(database: str) -> None:
    with pytest.raises(NotFound):
        demo.load(1, today=TODAY)
    assert count(Volunteer) == 0
