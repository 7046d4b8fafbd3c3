"""The work list: every number is the length of its list, oldest first, only what one may do."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from string import Formatter
from typing import Any

import pytest
from sqlmodel import col, select

from models import RECORDS, WAITING
from models.base_work import QualificationKind, StaffQualification
from models.certificates import BatchState, CertificateBatch
from models.charity import AidApplication, AidState, CharityProject
from models.clients import AssistanceKind, AssistanceService, AssistanceState, FollowupState, FollowupTask
from models.community import GroupSnapshot, WechatGroup
from models.deliverables import Deliverable, PolicyDocument, PolicyState, RequiredDocument
from models.equipment import Equipment, EquipmentBooking, EquipmentKind
from models.people import Volunteer
from models.service import CorrectionRequest, HoursState, ServiceHours, ServicePost, ServiceShift, StarAward
from models.system import Setting
from models.training import Course, CourseKind, SessionState, TrainingSession
from models.waiting import PLANNED, PLANS
from models.words import L
from pages.staff.today_words import about
from seed import load
from services import db, eligibility, expiry, finishing, kpi, partners, store, today, volunteers
from services.access import SYSTEM, Actor
from services.db import PortalSession
from services.errors import Conflict, Denied, Invalid
from services.expiry import Band
from services.finding import Query, moment
from services.today import Today
from tests.conftest import Cast

VOLUNTEER, CREDENTIAL, ORGANISATION, AGREEMENT, INTERACTION = (
    RECORDS[name] for name in ("volunteer", "volunteer_credential", "organisation", "agreement", "interaction")
)
DAY = date(2026, 11, 23)  # a Monday
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)  # noon at the site
PASSPORT = {
    "name": "刘敏诗", "id_type": "passport", "id_number": "E12345678", "phone": "13800138000", "region_code": "440105",
    "consent": True,
}  # fmt: skip


def later(days: int) -> date:
    return DAY + timedelta(days=days)


def person(number: int) -> dict[str, Any]:
    return {**PASSPORT, "id_number": f"E1234567{number}", "phone": f"1380013800{number}"}


def held(title: str, starts: datetime, state: str = "open", hours: int = 2, **more: Any) -> None:
    with db.unit(SYSTEM) as session:
        if session.get(Course, 1) is None:
            session.add(Course(id=1, code="c", name="救护", kind=CourseKind.FIRST_AID))
            session.flush()
        ends = starts + timedelta(hours=hours)
        session.add(
            TrainingSession(title=title, course_id=1, state=SessionState(state), starts=starts, ends=ends, **more)
        )


def busy(cast: Cast) -> None:
    """Two applications, a step overdue and one to come, an agreement and a certificate that end, sessions."""
    for number in (1, 2):
        volunteers.register(person(number), "zh", "10.0.0.1", today=later(-number))
    key = store.save(cast.lin, VOLUNTEER, person(3), today=DAY)
    paper = {"volunteer_id": key, "kind": "bls", "number": "B1", "issuer": "红十字会", "issued_on": date(2024, 1, 1)}
    store.save(cast.lin, CREDENTIAL, {**paper, "expires_on": later(40)}, today=DAY)
    place = store.save(cast.he, ORGANISATION, {"name": "康馨公益基金会", "kind": "foundation", "owner": "何经理"})
    signed = {"organisation_id": place, "signed_on": later(-300), "starts": later(-300), "ends": later(28)}
    store.save(cast.he, AGREEMENT, signed, today=DAY)
    for due in (-5, 3):
        said = {"organisation_id": place, "happened_on": later(-20), "summary": "谈续签"}
        store.save(cast.he, INTERACTION, {**said, "next_step": "回电话", "next_on": later(due)}, today=DAY)
    held("上周五的班", NOW - timedelta(days=3))
    held("已举办的班", NOW - timedelta(days=3), "held")
    held("明天的班", NOW + timedelta(days=1))


def of_kind(seen: Today, kind: str) -> list[today.Item]:
    return [item for item in seen.items if item.kind == kind]


def counts(seen: Today) -> Mapping[str, int]:
    return {number.kind: number.count for number in seen.numbers}


def test_a_coordinator_sees_what_waits_the_oldest_first(cast: Cast) -> None:
    busy(cast)
    seen = today.work(cast.lin, DAY, NOW)
    assert counts(seen) == {"approvals": 2, "this_week": 1, "followups": 0, "behind": 0}
    assert [(item.kind, item.due, item.overdue) for item in seen.items] == [
        ("next_steps", later(-5), 5),
        ("approvals", later(-2), 0),
        ("this_week", later(1), 0),
        ("next_steps", later(3), 0),
        ("to_close", later(4), 0),
        ("agreements", later(28), 0),
        ("certificates", later(40), 0),
    ]
    assert seen.items[0].title == L("康馨公益基金会：回电话", "康馨公益基金会: 回电话")
    assert seen.total == len(seen.items)


# -- a number is the length of the list that it opens --------------------------------------------------


def fill(cast: Cast) -> None:
    """One row at least of every kind, some with a station, and rows beside them that do not wait."""
    busy(cast)
    with db.unit(SYSTEM) as session:
        for kind in FILLINGS:
            session.add_all(FILLINGS[kind](cast, session))
            session.flush()


def client(session: PortalSession, number: int) -> int:
    given = {"name": f"患者{number}", "consent": True}
    return int(store.write(session, RECORDS["client"], given, None, DAY).id)


def plans(cast: Cast, session: PortalSession) -> list[Any]:
    """Of every plannable type: two whose day has passed, one at a station; one to come; one that took place."""
    made = []
    for model, title, plan in PLANNED:
        given: dict[str, Any] = {"screened": 1, "place": "东苑"} if model.__name__ == "Screening" else {}
        given |= {"level": "provincial"} if model.__name__ == "Seminar" else {}
        rows = [
            (-3, plan.planned, None),
            (-1, plan.planned, cast.station),
            (0, plan.planned, None),
            (-3, plan.done, None),
        ]
        made += [
            model(**given, **{title: f"活动{n}", plan.day: later(days), "state": state, "unit_id": unit})
            for n, (days, state, unit) in enumerate(rows)
        ]
    return made


def followups(cast: Cast, session: PortalSession) -> list[Any]:
    key, days = client(session, 1), (-9, 0, 7, 8)
    rows = [FollowupTask(client_id=key, due_on=later(day), unit_id=cast.station) for day in days]
    return [*rows, FollowupTask(client_id=key, due_on=later(-3), state=FollowupState.UNREACHED)]


def assistance(cast: Cast, session: PortalSession) -> list[Any]:
    key = client(session, 2)
    rows = [(AssistanceState.REQUESTED, -1), (AssistanceState.ACCEPTED, -9), (AssistanceState.CANCELLED, -9)]
    return [
        AssistanceService(client_id=key, kind=AssistanceKind.ESCORT, requested_on=later(day), state=state)
        for state, day in rows
    ]


def aid(cast: Cast, session: PortalSession) -> list[Any]:
    project, key = CharityProject(id=1, name="示例项目"), client(session, 3)
    states = (AidState.SUBMITTED, AidState.APPROVED, AidState.PAID, AidState.DRAFTED)
    session.add(project)
    session.flush()
    return [AidApplication(client_id=key, charity_project_id=1, applied_on=later(-20), state=state) for state in states]


def papers(cast: Cast, session: PortalSession) -> list[Any]:
    given = {"name": "何岚", "phone": "13800138099", "hired_on": later(-400)}
    member = store.write(session, RECORDS["staff_member"], given, None, DAY).id
    teacher = {"name": "周老师", "phone": "13800138098", "credential_until": later(80)}
    store.write(session, RECORDS["instructor"], teacher, None, DAY)
    kind, issued = QualificationKind.LOCAL, later(-500)
    ends = [(kind, later(30)), (QualificationKind.OUTREACH, later(91)), (QualificationKind.NATIONAL, None)]
    rows = [StaffQualification(staff_member_id=member, kind=k, issued_on=issued, expires_on=end) for k, end in ends]
    renewed = [
        StaffQualification(
            staff_member_id=member, kind=QualificationKind.MEDICAL, issued_on=issued, expires_on=later(end)
        )
        for end in (20, 400)
    ]
    return [*rows, *renewed]


def kit(cast: Cast, session: PortalSession) -> list[Any]:
    """One to be checked, one later; a class whose manikins broke, and one that has enough."""
    rows = [
        Equipment(name=f"模拟人{n}", kind=EquipmentKind.MANIKIN, number=4, out_of_use=broken, next_check_on=later(due))
        for n, broken, due in ((1, 0, 3), (2, 3, 30))
    ]
    at = NOW + timedelta(days=40)
    ahead = [TrainingSession(title="晚些的班", course_id=1, starts=at, ends=at + timedelta(hours=2)) for _ in rows]
    session.add_all([*rows, *ahead])
    session.flush()
    pairs = zip(ahead, rows, strict=True)
    return [EquipmentBooking(session_id=one.id or 0, equipment_id=row.id or 0, number=2) for one, row in pairs]


def groups(cast: Cast, session: PortalSession) -> list[Any]:
    made = [
        WechatGroup(id=n, name=f"群{n}", founded_on=later(-days), unit_id=cast.station if n == 2 else None)
        for n, days in enumerate((400, 400, 400, 10), start=1)
    ]
    session.add_all(made)
    session.flush()
    counted = [GroupSnapshot(group_id=1, taken_on=later(-35), members=9)]
    return [*counted, GroupSnapshot(group_id=2, taken_on=later(-36), members=9)]


def documents(cast: Cast, session: PortalSession) -> list[Any]:
    session.add(Deliverable(id=1, name="实训基地", code="training_base"))
    session.flush()
    session.add_all([RequiredDocument(id=n, deliverable_id=1, name=f"制度{n}") for n in (1, 2, 3)])
    session.flush()
    return [
        PolicyDocument(title="制度1", required_id=1, state=PolicyState.PUBLISHED, published_on=DAY),
        PolicyDocument(title="制度2", required_id=2),
    ]


def lists(cast: Cast, session: PortalSession) -> list[Any]:
    """A list that waits for approval, and one that was returned."""
    held = (
        session.execute(select(col(TrainingSession.id)).where(col(TrainingSession.state) == "held")).scalar_one() or 0
    )
    return [CertificateBatch(session_id=held), CertificateBatch(session_id=held, state=BatchState.RETURNED)]


def serving(cast: Cast, session: PortalSession) -> list[Any]:
    """A shift short of people, one that has them, one that is over; hours of each state; what volunteers ask for."""
    who = session.execute(select(col(Volunteer.id)).order_by(col(Volunteer.id)).limit(1)).scalar_one() or 0
    session.add(ServicePost(id=1, code="p", name="导诊", form="guide"))
    hours = [(20, 2), (20, 0), (-30, 1)]
    spans = [(NOW + timedelta(hours=start), NOW + timedelta(hours=start + 2), least) for start, least in hours]
    session.add_all(
        ServiceShift(id=n, post_id=1, title=f"班{n}", starts=begins, ends=over, minimum=least, record_by=later(9))
        for n, (begins, over, least) in enumerate(spans, start=1)
    )
    session.flush()
    noted = [(HoursState.PENDING, -1), (HoursState.OPEN, -1), (HoursState.EFFECTIVE, -2)]
    return [
        *(
            ServiceHours(
                volunteer_id=who,
                activity=state,
                served_on=later(day),
                times="08:00-09:00",
                state=state,
                record_by=later(9),
            )
            for state, day in noted
        ),
        CorrectionRequest(volunteer_id=who, asked="少记了", asked_on=DAY),
        StarAward(volunteer_id=who, level=1, applied_on=DAY),
    ]


FILLINGS: dict[str, Callable[[Cast, PortalSession], list[Any]]] = {
    "plans": plans, "followups": followups, "assistance": assistance, "aid": aid, "papers": papers, "groups": groups,
    "documents": documents, "lists": lists, "kit": kit, "serving": serving,
}  # fmt: skip
EXPECTED = {
    "approvals": 2, "next_steps": 2, "certificates": 1, "followups": 3, "assistance": 2, "aid_decide": 1, "aid_pay": 1,
    "to_close": 1, "certify": 1, "this_week": 1, "instructors": 1, "agreements": 1, "qualifications": 1, "documents": 2, "groups": 2,
    "equipment_checks": 1, "equipment_broken": 1, "shifts_at_risk": 1, "shifts_to_record": 1, "hours_to_confirm": 1,
    "signed_in_still": 1, "corrections": 1, "stars": 1,
    **dict.fromkeys(PLANS, 2),
}  # fmt: skip


def opened(actor: Actor, number: today.Number) -> int:
    """How many the page shows that the number opens, asked as the page asks."""
    own = {
        "approvals": lambda: volunteers.queue(actor).total,
        "steps": lambda: len(partners.next_steps(actor, DAY)),
        "certificates": lambda: expiry.board(actor, Band.QUARTER, today=DAY).counts[Band.QUARTER],
        "certify": lambda: len(eligibility.lists_waiting(actor)),
        "today": lambda: len(of_kind(today.work(actor, DAY, NOW), str(number.query.get("kind")))),
    }
    if number.page in own:
        return own[number.page]()
    asked = Query(only=str(number.query["only"]), sort=str(number.query.get("sort", "")), at=moment(DAY, NOW))
    return store.rows(actor, RECORDS[number.page], asked).total


def every_number(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> dict[str, today.Number]:
    monkeypatch.setattr(today, "NUMBERS", 99)
    return {number.kind: number for number in today.work(actor, DAY, NOW).numbers}


@pytest.mark.parametrize("who", ["admin", "lin", "he", "chen", "wang", "stranger"])
def test_every_number_is_the_length_of_the_list_that_it_opens(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    fill(cast)
    actor: Actor = SYSTEM if who == "admin" else getattr(cast, who)
    numbers = every_number(actor, monkeypatch)
    assert {name: number.count for name, number in numbers.items()} == {
        name: opened(actor, number) for name, number in numbers.items()
    }
    for name, number in numbers.items():
        items = of_kind(today.work(actor, DAY, NOW), name)
        assert len(items) == (min(number.count, 1) if items and items[0].id is None else number.count)
    if who == "admin":
        assert {name: number.count for name, number in numbers.items()} == {
            **EXPECTED,
            "months": 0,
            "gaps": 0,
            "behind": 0,
        }
        assert set(EXPECTED) | {"months", "gaps", "behind"} == set(today.KINDS)


def test_what_waits_for_a_decision_says_how_many_and_since_when(cast: Cast) -> None:
    fill(cast)
    found = {one.kind: one for one in today.work(cast.lin, DAY, NOW).decisions}
    assert set(found) == {name for name, kind in today.KINDS.items() if kind.is_decision} - {"months"}
    assert (found["approvals"].count, found["approvals"].first) == (2, later(-2))
    hours = found["hours_to_confirm"]
    [item] = of_kind(today.work(cast.lin, DAY, NOW), "hours_to_confirm")
    assert (hours.first, hours.page, hours.query) == (item.since, item.page, item.query)
    assert item.since is not None and item.due is not None and item.since < item.due
    assert not today.work(cast.he, DAY, NOW).decisions


def test_a_station_lead_has_the_rows_of_the_own_station_alone(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(cast)
    counted = {name: number.count for name, number in every_number(cast.wang, monkeypatch).items()}
    assert {name: counted[name] for name in PLANS if name in counted} == {name: 1 for name in PLANS if name in counted}
    assert (counted["followups"], counted["assistance"], counted["groups"]) == (3, 0, 1)


OTHERS = 6  # the data's version, the contract, the terms


def test_all_kinds_are_counted_at_once_and_only_those_that_wait_are_read(
    cast: Cast, statements: Callable[[], int]
) -> None:
    today.work(cast.lin, DAY, NOW)
    statements()
    assert not today.work(cast.lin, DAY, NOW).items
    assert statements() <= OTHERS + 1
    fill(cast)
    statements()
    waiting = {item.kind for item in today.work(cast.lin, DAY, NOW).items}
    assert statements() <= OTHERS + 1 + 2 * len(waiting) and len(waiting) > 20


def test_the_statements_do_not_grow_with_what_waits(cast: Cast, statements: Callable[[], int]) -> None:
    fill(cast)
    today.work(cast.lin, DAY, NOW)
    statements()
    today.work(cast.lin, DAY, NOW)
    few = statements()
    with db.unit(SYSTEM) as session:
        session.add_all([FollowupTask(client_id=1, due_on=later(-n)) for n in range(40)])
    statements()
    today.work(cast.lin, DAY, NOW)
    assert statements() == few


def test_a_setting_says_after_how_many_days_something_is_overdue(cast: Cast) -> None:
    fill(cast)
    days = {item.overdue for item in of_kind(today.work(cast.lin, DAY, NOW), "assistance")}
    assert days == {0, 6}
    with db.unit(SYSTEM) as session:
        session.add(Setting(key="wait.assistance", value=0))
    assert {item.overdue for item in of_kind(today.work(cast.lin, DAY, NOW), "assistance")} == {1, 9}


@pytest.mark.parametrize("name", WAITING)
def test_what_a_line_names_are_fields_of_its_record(name: str) -> None:
    waiting = WAITING[name]
    named = {field for _, field, _, _ in Formatter().parse(waiting.doing.zh + waiting.doing.en) if field}
    assert named <= ({"count"} if waiting.together else set(waiting.record.by_name))
    assert {waiting.due, waiting.opens} - {""} <= set(waiting.record.by_name)
    assert waiting.together == (not waiting.due)


def test_deciding_and_closing_takes_things_off_the_list(cast: Cast) -> None:
    busy(cast)
    for row in volunteers.queue(cast.lin).rows:
        volunteers.approve(cast.lin, row.id, verified=True, today=DAY)
    for step in partners.next_steps(cast.he, DAY):
        partners.finish_step(cast.he, step.interaction_id, "已回", today=DAY)
    seen = today.work(cast.lin, DAY, NOW)
    assert counts(seen)["approvals"] == 0
    assert of_kind(seen, "approvals") == of_kind(seen, "next_steps") == []


def test_what_takes_place_today_stands_first_by_its_time_and_with_its_place(cast: Cast) -> None:
    held("午后班", NOW + timedelta(hours=3))
    held("上午班", NOW - timedelta(hours=1))
    store.save(SYSTEM, VOLUNTEER, PASSPORT)
    items = [item for item in today.work(cast.lin, DAY, NOW).items if item.due == DAY]
    assert [item.title.zh for item in items][:2] == ["培训：上午班", "培训：午后班"]
    assert about(items[1], DAY).zh.startswith("15:00，2026-11-23")


def test_a_partner_manager_sees_no_volunteers(cast: Cast) -> None:
    busy(cast)
    seen = today.work(cast.he, DAY, NOW)
    assert list(counts(seen)) == ["next_steps", "agreements", "this_week", "behind"]
    assert {item.record for item in seen.items} == {"interaction", "agreement", "training_session"}
    assert of_kind(seen, "to_close") == []


def test_a_reader_has_nothing_to_act_on(cast: Cast) -> None:
    busy(cast)
    seen = today.work(cast.chen, DAY, NOW)
    assert {item.kind for item in seen.items} == {"this_week", "agreements", "certificates"}
    assert list(counts(seen)) == ["behind", "months", "agreements", "certificates"]


def test_a_stranger_sees_nothing(cast: Cast) -> None:
    busy(cast)
    assert today.work(cast.stranger, DAY, NOW) == Today([], [])


def test_a_station_lead_sees_their_own_station(cast: Cast) -> None:
    busy(cast)
    held("一号站的班", NOW + timedelta(days=2), unit_id=cast.station)
    with db.unit(SYSTEM) as session:
        session.get_one(Volunteer, 1).unit_id = cast.station
    seen = today.work(cast.wang, DAY, NOW)
    assert counts(seen) == {"approvals": 1, "this_week": 1, "followups": 0, "next_steps": 0}
    assert [item.title.zh for item in of_kind(seen, "this_week")] == ["培训：一号站的班"]


def test_an_empty_portal_has_nothing_to_do(cast: Cast) -> None:
    seen = today.work(cast.lin, DAY, NOW)
    assert seen.items == [] and set(counts(seen).values()) == {0} and seen.numbers[0].first is None


@pytest.mark.parametrize(
    ("hours", "state", "kinds"),
    [
        (-2, "open", ["to_close"]),
        (-2, "closed", ["to_close"]),
        (-2, "draft", ["to_close"]),
        (-2, "held", []),
        (-2, "cancelled", []),
        (-1, "open", ["this_week"]),
        (1, "draft", []),
        (24 * 6 + 11, "open", ["this_week"]),
        (24 * 6 + 12, "open", []),
    ],
)
def test_the_week_ends_on_sunday_and_a_session_is_over_at_its_end(
    cast: Cast, hours: int, state: str, kinds: list[str]
) -> None:
    held("班", NOW + timedelta(hours=hours), state)
    assert [item.kind for item in today.work(cast.lin, DAY, NOW).items] == kinds


def test_the_count_goes_on_where_the_list_stops(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today, "SHOWN", 2)
    for day in range(3):
        held(f"班{day}", NOW + timedelta(days=day))
    seen = today.work(cast.lin, DAY, NOW)
    assert (counts(seen)["this_week"], len(of_kind(seen, "this_week"))) == (3, 2)
    assert seen.total == 3


# -- what follows from the indicators --------------------------------------------------


@pytest.fixture
def contract(cast: Cast) -> int:
    """The main contract in its third month."""
    return load.load_preset_contract(SYSTEM, "medical_social_work", date(2026, 9, 10))


def test_an_ongoing_line_without_a_record_asks_for_one_of_each(cast: Cast, contract: int) -> None:
    log = {"base": "emergency_base", "on_duty": "何岚", "entry": "巡检"}
    store.save(cast.lin, RECORDS["base_duty_log"], {**log, "logged_on": date(2026, 9, 12)}, today=DAY)
    (kept, last, this) = (None, *(item for item in of_kind(today.work(cast.lin, DAY, NOW), "gaps") if _is_log(item)))
    assert kept is None
    assert (last.due, last.overdue, this.due, this.overdue) == (date(2026, 11, 9), 14, date(2026, 12, 9), 0)
    assert last.page == "base_duty_log" and last.title == L(
        "补录基地管理日志（10-10 至 11-09）", "Enter the base duty log of 10-10 to 11-09"
    )
    assert last.query == {"do": "new", "set.base": "emergency_base", "set.logged_on": "2026-11-09"}
    assert this.query["set.logged_on"] == DAY.isoformat()
    store.save(cast.lin, RECORDS["base_duty_log"], {**log, "logged_on": last.due}, today=DAY)
    assert [_is_log(item) for item in of_kind(today.work(cast.lin, DAY, NOW), "gaps")].count(True) == 1


def _is_log(item: today.Item) -> bool:
    return item.record == "base_duty_log"


def test_what_lags_is_the_same_on_the_board_and_in_the_work_list(cast: Cast, contract: int) -> None:
    lagging = {figure.code for figure in kpi.board(cast.chen, as_of=DAY).figures if figure.status in LAGS}
    items = of_kind(today.work(cast.chen, DAY, NOW), "behind")
    assert len(items) > 5 and {item.query["code"] for item in items} == lagging
    assert counts(today.work(cast.chen, DAY, NOW))["behind"] == len(items)
    shown = {item.query["code"] for item in of_kind(today.work(cast.he, DAY, NOW), "behind")}
    assert shown == {"04.2", "04.3", "07.1"}
    assert of_kind(today.work(cast.chen, DAY, NOW), "gaps") == []


LAGS = ("behind", "at_risk")


def test_of_one_station_only_what_each_station_owes_is_judged(cast: Cast) -> None:
    load.load_preset_contract(SYSTEM, "township_station", date(2026, 9, 10))
    figures = [item.detail["figure"] for item in today.work(cast.wang, DAY, NOW).items if "figure" in item.detail]
    assert all(figure.units for figure in figures)


# -- finished on the spot --------------------------------------------------


def waiting_call(cast: Cast) -> int:
    with db.unit(SYSTEM) as session:
        session.add(FollowupTask(client_id=client(session, 1), due_on=later(-2), unit_id=cast.station, worker="何岚"))
    return of_kind(today.work(cast.lin, DAY, NOW), "followups")[0].id or 0


def test_a_follow_up_ends_with_its_outcome_and_the_next_one_is_made(cast: Cast) -> None:
    key = waiting_call(cast)
    following = finishing.follow_up(cast.lin, key, FollowupState.DONE, " 恢复良好 ", later(3), today=DAY)
    done, task = (store.get(cast.lin, RECORDS["followup_task"], k).values for k in (key, following or 0))
    assert (done["state"], done["done_on"], done["outcome"], done["next_on"]) == ("done", DAY, "恢复良好", later(3))
    assert (task["state"], task["due_on"], task["worker"], task["unit_id"]) == ("open", later(3), "何岚", cast.station)
    assert [item.id for item in of_kind(today.work(cast.lin, DAY, NOW), "followups")] == [following]
    with pytest.raises(Conflict):
        finishing.follow_up(cast.lin, key, FollowupState.DONE, "又一次", today=DAY)


def test_nobody_reached_needs_no_outcome_and_is_not_done(cast: Cast) -> None:
    key = waiting_call(cast)
    assert finishing.follow_up(cast.lin, key, FollowupState.UNREACHED, "", today=DAY) is None
    assert store.get(cast.lin, RECORDS["followup_task"], key).values["done_on"] is None


@pytest.mark.parametrize(
    ("outcome", "days", "wrong"),
    [("", 1, {"outcome": "required"}), ("好", -1, {"next_on": "date_past"}), (" ", -1, {"outcome", "next_on"})],
)
def test_a_follow_up_without_its_facts_is_refused_whole(cast: Cast, outcome: str, days: int, wrong: Any) -> None:
    key = waiting_call(cast)
    with pytest.raises(Invalid) as error:
        finishing.follow_up(cast.lin, key, FollowupState.DONE, outcome, later(days), today=DAY)
    assert error.value.fields == wrong or set(error.value.fields) == wrong
    assert store.get(cast.lin, RECORDS["followup_task"], key).values["state"] == "open"
    with pytest.raises(Denied):
        finishing.follow_up(cast.chen, key, FollowupState.DONE, "好", today=DAY)


def test_a_visit_that_took_place_says_how_many_were_served_and_0_is_asked_back(cast: Cast) -> None:
    fill(cast)
    name = "planned_community_visit"
    first = of_kind(today.work(SYSTEM, DAY, NOW), name)[0].id or 0
    with pytest.raises(Invalid) as error:
        finishing.took_place(SYSTEM, name, first, {"visited_on": later(-2), "encounters": None}, today=DAY)
    assert error.value.fields == {"encounters": "required"}
    assert [spec.name for spec in finishing.asked(name, DAY) if spec.required] == ["visited_on", "encounters"]
    assert [spec.name for spec in finishing.nobody(name, {"encounters": 0})] == ["encounters"]
    assert not finishing.nobody(name, {"encounters": 3}) and not finishing.nobody(name, {"encounters": None})
    finishing.took_place(SYSTEM, name, first, {"visited_on": later(-2), "encounters": 0}, today=DAY)
    assert store.get(SYSTEM, WAITING[name].record, first).values["encounters"] == 0


@pytest.mark.parametrize("name", PLANS)
def test_what_was_planned_is_marked_as_held_once(cast: Cast, name: str) -> None:
    fill(cast)
    first = of_kind(today.work(SYSTEM, DAY, NOW), name)[0].id or 0
    told = {"parties": ["department", "community"], "encounters": 12, "attendees": 9}
    finishing.took_place(SYSTEM, name, first, {**told, PLANS[name].day: later(-2)}, today=DAY)
    values = store.get(SYSTEM, WAITING[name].record, first).values
    assert (values["state"], values[PLANS[name].day]) == (PLANS[name].done, later(-2))
    assert all(values[field] == told[field] for field in PLANS[name].asks if field in told)
    assert [item.id for item in of_kind(today.work(SYSTEM, DAY, NOW), name)] != [first]
    with pytest.raises(Conflict):
        finishing.took_place(SYSTEM, name, first, {}, today=DAY)
    with pytest.raises(Denied):
        finishing.took_place(cast.stranger, name, first, {}, today=DAY)
