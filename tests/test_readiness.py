"""Who can be called now, and the log of those who went: certificate, place, time, consent, rest, hours (T10, T16; point 7)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlmodel import col, select

from models import RECORDS, spans
from models.deployment import Deployment, DeploymentMember
from models.people import Availability, Volunteer
from models.service import HoursSource, HoursState, ServiceHours, ShiftSignup
from models.system import AuditEntry, Role, Verb
from services import channels, clock, db, deployments, options, readiness, rescue, serving_hours, store
from services.access import SYSTEM
from services.errors import AlreadyDone, Denied, Invalid, NotFound
from services.readiness import CallOrder, CallQuery
from services.rescue import RescueQuery
from tests.conftest import Cast
from tests.stage import healthy, seat, texts, visit
from tests.test_volunteers import CHEN, HUANG, LIU, TODAY, certify, change

DEPLOYMENT, MEMBER, VOLUNTEER = (RECORDS[name] for name in ("deployment", "deployment_member", "volunteer"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NINE = datetime(TODAY.year, TODAY.month, TODAY.day, 1, tzinfo=UTC)  # nine o'clock at the site
ANYBODY = CallQuery()
WEEKEND = CallQuery(region="海珠区", slot="weekend")


def enlist(cast: Cast, given: dict[str, Any], region: str, slot: str, days: int | None, **more: Any) -> int:
    code = {"海珠区": "440105", "天河区": "440106"}[region]
    values = {**given, "region": region, "region_code": code, "availability": [slot], **more}
    key = store.save(cast.lin, VOLUNTEER, values, today=TODAY)
    certify(cast, key, "cpr_aed", days, f"C{key}")
    return key


def team(cast: Cast, **more: Any) -> dict[str, int]:
    """Liu until today, Chen expired yesterday, Huang lives elsewhere and serves in Haizhu."""
    return {
        "刘敏诗": enlist(cast, LIU, "海珠区", "weekend_morning", 0, **more),
        "陈一舟": enlist(cast, CHEN, "海珠区", "weekend_morning", -1, **more),
        "黄星野": enlist(cast, HUANG, "天河区", "weekend_evening", 400, service_area="海珠区、越秀区", **more),
    }


def called(cast: Cast, query: CallQuery = ANYBODY, moment: datetime = NINE) -> list[str]:
    return [row.who.name for row in readiness.call_list(cast.lin, query, now=moment).rows]


def deploy(*people: int, starts: datetime = NINE - 3 * HOUR, ends: datetime | None = None, **more: Any) -> int:
    given = {"title": "龙舟赛保障", "kind": "event", "starts": starts, "ends": ends, "place": "江湾码头"} | more
    key = store.save(SYSTEM, DEPLOYMENT, given)
    for one in people:
        store.save(SYSTEM, MEMBER, {"deployment_id": key, "volunteer_id": one})
    return key


# -- who can be called --------------------------------------------------


def test_certificate_district_and_weekend_find_the_fixture_and_no_expired_one(cast: Cast) -> None:
    team(cast)
    assert called(cast, WEEKEND) == ["刘敏诗", "黄星野"]
    assert called(cast, CallQuery(region="440105", slot="weekend_morning")) == ["刘敏诗"]
    assert called(cast, CallQuery(slot="weekday")) == []
    assert called(cast, CallQuery(kind="bls")) == [] and len(called(cast, CallQuery(kind="cpr_aed"))) == 2
    usable = RescueQuery(certificate="expiring", region="海珠区", availability="weekend")
    assert [row.name for row in rescue.rescue_view(cast.lin, usable, today=TODAY).rows] == ["刘敏诗"]


def test_a_certificate_is_valid_through_its_last_day_at_the_site(cast: Cast) -> None:
    team(cast)
    last_minute = datetime(TODAY.year, TODAY.month, TODAY.day, 15, 59, tzinfo=UTC)
    assert "刘敏诗" in called(cast, moment=last_minute)
    assert "刘敏诗" not in called(cast, moment=last_minute + timedelta(minutes=1))


@pytest.mark.parametrize(
    "values", [{"consent": False}, {"state": "paused"}, {"is_emergency_rescue": False}], ids=lambda v: next(iter(v))
)
def test_without_consent_or_while_paused_nobody_is_called(cast: Cast, values: dict[str, Any]) -> None:
    change(team(cast)["刘敏诗"], **values)
    assert called(cast) == ["黄星野"]


def test_whoever_is_out_now_is_not_called_also_by_another_station(cast: Cast) -> None:
    keys = team(cast, unit_id=cast.station)
    deploy(keys["黄星野"], unit_id=cast.other_station)
    assert called(cast) == ["刘敏诗"]
    found = readiness.call_list(cast.wang, now=NINE)
    assert ([row.who.id for row in found.rows], found.on_duty) == ([keys["刘敏诗"]], 1)


def test_whoever_is_back_is_called_again_those_rested_longest_first_and_the_unexperienced_last(cast: Cast) -> None:
    keys = team(cast)
    deploy(keys["黄星野"], starts=NINE - 12 * DAY, ends=NINE - 12 * DAY + HOUR)
    assert called(cast) == ["黄星野", "刘敏诗"]
    deploy(keys["刘敏诗"], starts=NINE - 2 * DAY, ends=NINE - 2 * DAY + HOUR)
    assert called(cast) == ["黄星野", "刘敏诗"]
    deploy(keys["黄星野"], starts=NINE - 9 * DAY, ends=NINE - 9 * DAY + HOUR, title="演练")
    rows = readiness.call_list(cast.lin, now=NINE).rows
    assert [(row.who.name, row.rested) for row in rows] == [("黄星野", 9), ("刘敏诗", 2)]
    deploy(keys["黄星野"], starts=NINE - HOUR, ends=NINE, title="刚归队")
    assert called(cast) == ["刘敏诗", "黄星野"]


def test_a_shift_that_runs_now_is_a_duty(cast: Cast) -> None:
    keys = team(cast)
    post = store.save(SYSTEM, RECORDS["service_post"], {"code": "p1", "name": "急救点", "form": "medical"})
    times = {"starts": NINE - HOUR, "ends": NINE + HOUR}
    shift = store.save(SYSTEM, RECORDS["service_shift"], {"post_id": post, "title": "急救点", "capacity": 2, **times})
    with db.unit(SYSTEM) as s:
        s.add(ShiftSignup(shift_id=shift, volunteer_id=keys["刘敏诗"]))
    assert called(cast) == ["黄星野"]
    assert called(cast, moment=NINE + HOUR) == ["刘敏诗", "黄星野"]


def test_who_has_time_now_is_called_before_who_lives_near_and_both_before_the_rest(cast: Cast) -> None:
    """Liu lives in Haizhu and has time at weekends; Huang serves there and has time by night."""
    keys = team(cast)
    night = NINE + 14 * HOUR
    change(keys["黄星野"], availability=["night"])
    assert called(cast, CallQuery(region="海珠区"), night) == ["黄星野", "刘敏诗"]
    change(keys["刘敏诗"], availability=["night"])
    assert called(cast, CallQuery(region="海珠区"), night) == ["刘敏诗", "黄星野"]
    deploy(keys["黄星野"], starts=night - 9 * DAY, ends=night - 9 * DAY + HOUR)
    assert called(cast, CallQuery(region="海珠区"), night) == ["刘敏诗", "黄星野"]
    assert called(cast, moment=night) == ["黄星野", "刘敏诗"]


@pytest.mark.parametrize(
    ("order", "first"), [(CallOrder.RESTED, "黄星野"), (CallOrder.HOURS, "刘敏诗"), (CallOrder.NAME, "黄星野")]
)
def test_the_reader_chooses_the_order(cast: Cast, order: CallOrder, first: str) -> None:
    """Huang (hxy) rested longer, Liu (lms) served more hours, of which only those that took effect count."""
    keys = team(cast)
    for who, days in (("刘敏诗", 2), ("黄星野", 9)):
        deploy(keys[who], starts=NINE - days * DAY, ends=NINE - days * DAY + HOUR, title=who)
    with db.unit(SYSTEM) as s:
        for who, minutes, state in (
            ("刘敏诗", 90, "effective"),
            ("黄星野", 60, "effective"),
            ("黄星野", 600, "pending"),
        ):
            s.add(ServiceHours(volunteer_id=keys[who], activity=f"{minutes}", served_on=TODAY - 30 * DAY, times="08:00-09:00",
                               minutes=minutes, state=HoursState(state)))  # fmt: skip
    rows = readiness.call_list(cast.lin, CallQuery(order=order), now=NINE).rows
    assert rows[0].who.name == first
    assert {row.who.name: row.hours for row in rows} == {"刘敏诗": Decimal("1.50"), "黄星野": Decimal(1)}


@pytest.mark.parametrize(
    ("hour", "slot"),
    [
        (6, Availability.WEEKDAY_MORNING),
        (11, Availability.WEEKDAY_MORNING),
        (12, Availability.WEEKDAY_AFTERNOON),
        (18, Availability.WEEKDAY_EVENING),
        (21, Availability.WEEKDAY_EVENING),
    ],
)
def test_the_slot_of_a_moment_is_that_of_the_site(cast: Cast, hour: int, slot: Availability) -> None:
    wednesday = clock.from_local(datetime(2026, 11, 25, hour))
    assert readiness.slot_of(cast.lin, wednesday) == slot
    store.save(SYSTEM, RECORDS["public_holiday"], {"day": clock.local(wednesday).date(), "name": "放假"})
    assert readiness.slot_of(cast.lin, wednesday) == slot.value.replace("weekday", "weekend")


@pytest.mark.parametrize("hour", [0, 3, 5, 22, 23])
def test_the_night_is_no_morning_on_whatever_day(cast: Cast, hour: int) -> None:
    for day in (25, 28):  # a Wednesday, a Saturday
        assert readiness.slot_of(cast.lin, clock.from_local(datetime(2026, 11, day, hour, 59))) == Availability.NIGHT
    key = team(cast)["黄星野"]
    assert called(cast, CallQuery(slot="night")) == []
    change(key, availability=["weekend_evening", "night"])
    assert called(cast, CallQuery(slot="night")) == ["黄星野"]


def test_who_never_said_when_stands_apart_and_only_where_a_time_is_asked_for(cast: Cast) -> None:
    change(team(cast)["刘敏诗"], availability=[])
    found = readiness.call_list(cast.lin, CallQuery(slot="weekend_evening"), now=NINE)
    assert [row.who.name for row in found.rows] == ["黄星野"]
    assert ([row.who.name for row in found.unknown], found.unsaid) == (["刘敏诗"], 1)
    anybody = readiness.call_list(cast.lin, ANYBODY, now=NINE)
    assert (anybody.total, anybody.unknown, anybody.unsaid) == (2, [], 0)


# -- taking it along --------------------------------------------------


def sheet(cast: Cast, actor: Any, **more: Any) -> list[tuple[Any, ...]]:
    target = BytesIO()
    readiness.export(actor, CallQuery(), target, now=NINE, **more)
    return list(load_workbook(BytesIO(target.getvalue())).worksheets[0].values)[1:]


def entries(verb: Verb) -> list[AuditEntry]:
    with db.reading(SYSTEM) as s:
        return list(s.exec(select(AuditEntry).where(AuditEntry.verb == verb).order_by(AuditEntry.id.desc())))  # type: ignore[union-attr]


def test_one_purpose_shows_the_numbers_of_those_listed_and_of_nobody_else(cast: Cast) -> None:
    keys = team(cast)
    listed = [row.who.id for row in readiness.call_list(cast.lin, WEEKEND, now=NINE).rows]
    assert sorted(listed) == sorted([keys["刘敏诗"], keys["黄星野"]])
    found = readiness.numbers(cast.lin, [*keys.values(), 999], "  江湾码头溺水救援 ", now=NINE)
    assert found == {keys["刘敏诗"]: LIU["phone"], keys["黄星野"]: HUANG["phone"]}  # Chen's certificate has ended
    each = [one for one in entries(Verb.REVEAL) if one.record_id]
    assert sorted(one.record_id or 0 for one in each) == sorted(listed)
    for key in listed:  # also where they are looked up by themselves
        seen = store.history(cast.lin, RECORDS["volunteer"], key)[0]
        assert (seen.verb, seen.changes["field"], seen.reason) == (Verb.REVEAL, "phone", "紧急召集：江湾码头溺水救援")
    [told] = [one for one in entries(Verb.REVEAL) if one.record_id is None]
    assert (told.record, told.record_id, told.reason) == ("volunteer", None, "紧急召集：江湾码头溺水救援")
    assert told.changes == {"field": "phone", "list": "call", "people": sorted(listed)}
    deploy(keys["刘敏诗"])
    assert readiness.numbers(cast.lin, keys.values(), "再次召集", now=NINE) == {keys["黄星野"]: HUANG["phone"]}


def test_an_english_sheet_joins_its_lists_in_english(cast: Cast) -> None:
    change(team(cast)["刘敏诗"], availability=[Availability.NIGHT, Availability.WEEKEND_MORNING])
    assert "Nights, Weekend mornings" in [row[8] for row in sheet(cast, cast.lin, language="en")]


def test_numbers_need_a_purpose_and_the_right_and_stay_in_the_station(cast: Cast) -> None:
    keys = team(cast, unit_id=cast.other_station)
    with pytest.raises(Invalid) as error:
        readiness.numbers(cast.lin, keys.values(), "  ", now=NINE)
    assert error.value.fields == {"why": "required"}
    for actor in (cast.chen, cast.he, cast.stranger):
        with pytest.raises(Denied):
            readiness.numbers(actor, keys.values(), "看一看", now=NINE)
    assert entries(Verb.REVEAL) == []
    assert readiness.numbers(cast.wang, keys.values(), "召集", now=NINE) == {}


def test_the_sheet_holds_the_numbers_that_were_asked_for_and_masks_the_others(cast: Cast) -> None:
    keys = team(cast)
    assert [row[3] for row in sheet(cast, cast.lin)] == [
        f"{phone[:3]}****{phone[-4:]}" for phone in (str(LIU["phone"]), str(HUANG["phone"]))
    ]
    asked = sheet(cast, cast.lin, full=[keys["黄星野"]], why="龙舟赛调派")
    assert [row[3] for row in asked] == ["138****8000", HUANG["phone"]]
    assert all(row[1].endswith("*") for row in sheet(cast, cast.chen))
    with pytest.raises(Denied):
        sheet(cast, cast.chen, full=keys.values(), why="看一看")
    with pytest.raises(Invalid):
        sheet(cast, cast.lin, full=keys.values())
    with pytest.raises(Denied):
        readiness.call_list(cast.stranger)
    assert [(one.reason, one.changes["full"]) for one in entries(Verb.EXPORT)] == [
        ("", []), ("紧急召集：龙舟赛调派", [keys["黄星野"]]), ("", []),
    ]  # fmt: skip
    assert all(one.changes["rows"] == 2 for one in entries(Verb.EXPORT))


def test_who_never_said_when_stands_at_the_end_of_the_sheet(cast: Cast) -> None:
    change(team(cast)["刘敏诗"], availability=[])
    target = BytesIO()
    readiness.export(cast.lin, CallQuery(slot="weekend"), target, now=NINE)
    rows = list(load_workbook(BytesIO(target.getvalue())).worksheets[0].values)[1:]
    assert [(row[0], row[1]) for row in rows] == [("1", "黄星野"), ("2", "刘敏诗")]


# -- deployments --------------------------------------------------


def test_hours_left_open_are_those_of_the_deployment_once_it_ends(cast: Cast) -> None:
    keys = team(cast)
    one = deploy(keys["刘敏诗"])
    assert hours() == [None]
    store.save(SYSTEM, DEPLOYMENT, {"ends": NINE - HOUR}, id=one)
    assert hours() == [Decimal(2)]


def hours() -> list[Decimal | None]:
    with db.reading(SYSTEM) as s:
        return [member.hours for member in s.exec(select(DeploymentMember).order_by(col(DeploymentMember.id)))]


def test_those_who_come_are_sent_out_together_and_called_no_more(cast: Cast) -> None:
    keys = team(cast)
    going = [keys["刘敏诗"], keys["黄星野"]]
    given = {"title": "江湾码头溺水救援", "kind": "emergency", "place": "江湾码头"}
    one = deployments.send_out(cast.lin, given, going, token="sent")
    assert sorted(member.volunteer_id for member in members(one)) == sorted(going)
    assert called(cast, moment=clock.now()) == [] and hours() == [None, None]
    with pytest.raises(AlreadyDone):
        deployments.send_out(cast.lin, given, going, token="sent")


def members(deployment: int) -> list[DeploymentMember]:
    with db.reading(SYSTEM) as s:
        return list(s.exec(select(DeploymentMember).where(DeploymentMember.deployment_id == deployment)))


@pytest.mark.parametrize(
    ("given", "people", "errors"),
    [
        ({}, [], {"people": "nobody_goes"}),
        ({}, ["刘敏诗", "黄星野"], {"people": "on_duty"}),
        ({"place": ""}, ["刘敏诗"], {"place": "required"}),
    ],
)
def test_where_one_cannot_go_nobody_is_sent(
    cast: Cast, given: dict[str, Any], people: list[str], errors: dict[str, str]
) -> None:
    keys = team(cast)
    deploy(keys["黄星野"], starts=clock.now() - HOUR, unit_id=cast.other_station)
    with pytest.raises(Invalid) as error:
        deployments.send_out(
            cast.lin, {"title": "救援", "kind": "emergency", "place": "码头"} | given, [keys[who] for who in people]
        )
    assert error.value.fields == errors
    with db.reading(SYSTEM) as s:
        assert len(s.exec(select(Deployment)).all()) == len(s.exec(select(DeploymentMember)).all()) == 1


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"ends": NINE - 4 * HOUR}, {"ends": "ends_before_start"}),
        ({"starts": NINE + 9999 * DAY}, {"starts": "moment_future"}),
        ({"title": ""}, {"title": "required"}),
        ({"helped": -1}, {"helped": "too_small"}),
    ],
)
def test_a_deployment_that_cannot_be_is_told_beside_its_field(
    cast: Cast, values: dict[str, Any], errors: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as error:
        deploy(**values)
    assert error.value.fields == errors


def test_nobody_is_deployed_twice_nor_longer_than_the_deployment(cast: Cast) -> None:
    keys = team(cast)
    one = deploy(keys["刘敏诗"], ends=NINE - HOUR)
    for more, errors in (
        ({"volunteer_id": keys["刘敏诗"]}, {"volunteer_id": "taken"}),
        ({"volunteer_id": keys["黄星野"], "hours": Decimal(3)}, {"hours": "above_deployment"}),
    ):
        with pytest.raises(Invalid) as error:
            store.save(SYSTEM, MEMBER, {"deployment_id": one} | more)
        assert error.value.fields == errors


def test_the_hours_are_credited_once_as_those_of_a_deployment(cast: Cast) -> None:
    keys = team(cast)
    started = clock.from_local(datetime(2026, 3, 1, 22))
    one = deploy(keys["刘敏诗"], keys["黄星野"], starts=started, ends=started + 5 * HOUR)
    assert deployments.credit(cast.lin, one) == 2
    assert deployments.credit(cast.lin, one) == 0
    with db.reading(SYSTEM) as s:
        found = s.exec(select(ServiceHours).where(ServiceHours.volunteer_id == keys["刘敏诗"])).all()
    assert sorted((row.served_on.isoformat(), row.times, row.hours) for row in found if row.served_on) == [
        ("2026-03-01", "22:00-24:00", Decimal(2)), ("2026-03-02", "00:00-03:00", Decimal(3))
    ]  # fmt: skip
    assert {(row.source, row.state) for row in found} == {(HoursSource.DEPLOYMENT, HoursState.PENDING)}


def ledger(who: int) -> list[tuple[str, str, str]]:
    """(day, times, state) of what the ledger of hours holds of somebody."""
    with db.reading(SYSTEM) as s:
        found = s.exec(select(ServiceHours).where(ServiceHours.volunteer_id == who)).all()
    return sorted((str(row.served_on), row.times, str(row.state)) for row in found)


def test_times_that_are_corrected_change_the_hours_that_were_credited(cast: Cast) -> None:
    keys, started = team(cast), clock.from_local(datetime(2026, 3, 1, 22))
    one = deploy(keys["刘敏诗"], keys["黄星野"], starts=started, ends=started + 5 * HOUR)
    part = next(row for row in members(one) if row.volunteer_id == keys["黄星野"])
    store.save(SYSTEM, MEMBER, {"hours": Decimal(1)}, id=part.id)
    assert deployments.credit(cast.lin, one) == 2
    with db.reading(SYSTEM) as s:
        [entry] = s.exec(select(ServiceHours).where(ServiceHours.served_on == date(2026, 3, 2)))
    serving_hours.confirm(cast.admin, db.id_of(entry))
    store.save(cast.lin, DEPLOYMENT, {"ends": started + 90 * timedelta(minutes=1)}, id=one)
    assert {row.volunteer_id: (row.hours, row.credited_on) for row in members(one)} == {
        keys["刘敏诗"]: (Decimal("1.5"), None), keys["黄星野"]: (Decimal(1), None)
    }  # fmt: skip
    assert deployments.credit(cast.lin, one) == 2
    assert ledger(keys["刘敏诗"]) == [("2026-03-01", "22:00-23:30", "pending"), ("2026-03-02", "00:00-03:00", "void")]
    assert ledger(keys["黄星野"]) == [("2026-03-01", "22:00-23:00", "pending")]
    assert deployments.credit(cast.lin, one) == 0


def test_what_is_told_as_before_stays_confirmed(cast: Cast) -> None:
    keys, started = team(cast), clock.from_local(datetime(2026, 3, 1, 9))
    one = deploy(keys["刘敏诗"], keys["黄星野"], starts=started, ends=started + 2 * HOUR)
    deployments.credit(cast.lin, one)
    for entry in credited(one):
        serving_hours.confirm(cast.admin, entry)
    store.save(cast.lin, DEPLOYMENT, {"debrief": "物资要早些装车"}, id=one)
    assert all(row.credited_on for row in members(one))
    [left, _] = members(one)
    store.save(cast.lin, MEMBER, {"hours": Decimal("0.5")}, id=left.id)
    assert deployments.credit(cast.lin, one) == 1
    assert ledger(left.volunteer_id) == [("2026-03-01", "09:00-09:30", "pending")]
    assert ledger(keys["黄星野"] + keys["刘敏诗"] - left.volunteer_id) == [("2026-03-01", "09:00-11:00", "effective")]


def test_who_was_not_there_after_all_keeps_no_hours_of_it(cast: Cast) -> None:
    keys, started = team(cast), clock.from_local(datetime(2026, 3, 1, 9))
    one = deploy(keys["刘敏诗"], keys["黄星野"], starts=started, ends=started + 2 * HOUR)
    deployments.credit(cast.lin, one)
    absent = next(row for row in members(one) if row.volunteer_id == keys["黄星野"])
    store.remove(cast.admin, MEMBER, db.id_of(absent))
    assert deployments.credit(cast.lin, one) == 1
    assert ledger(keys["黄星野"]) == [("2026-03-01", "09:00-11:00", "void")]
    assert ledger(keys["刘敏诗"]) == [("2026-03-01", "09:00-11:00", "pending")]


def test_who_is_put_back_gets_the_hours_again(cast: Cast) -> None:
    keys, started = team(cast), clock.from_local(datetime(2026, 3, 1, 9))
    one = deploy(keys["刘敏诗"], starts=started, ends=started + 2 * HOUR)
    deployments.credit(cast.lin, one)
    [member] = members(one)
    store.remove(cast.admin, MEMBER, db.id_of(member))
    deployments.credit(cast.lin, one)
    store.restore(cast.admin, MEMBER, db.id_of(member))
    assert deployments.credit(cast.lin, one) == 1
    assert [state for _, _, state in ledger(keys["刘敏诗"])] == ["pending", "void"]


def test_who_cannot_see_the_people_of_another_station_takes_no_hours_of_theirs(cast: Cast) -> None:
    keys, started = team(cast), clock.from_local(datetime(2026, 3, 1, 9))
    one = deploy(keys["刘敏诗"], starts=started, ends=started + 2 * HOUR, unit_id=cast.station)
    deployments.credit(cast.lin, one)
    store.save(cast.lin, DEPLOYMENT, {"unit_id": cast.other_station, "ends": started + HOUR}, id=one)
    deployments.credit(cast.lin, one)
    elsewhere = replace(cast.wang, units=frozenset({cast.other_station}))
    assert deployments.credit(elsewhere, one) == 0
    assert ledger(keys["刘敏诗"]) == [("2026-03-01", "09:00-10:00", "pending")]


def credited(deployment: int) -> list[int]:
    with db.reading(SYSTEM) as s:
        return [row.id or 0 for row in s.exec(select(ServiceHours).where(ServiceHours.deployment_id == deployment))]


def test_hours_are_not_credited_while_they_are_out_nor_by_a_reader(cast: Cast) -> None:
    one = deploy(team(cast)["刘敏诗"])
    with pytest.raises(Invalid):
        deployments.credit(cast.lin, one)
    with pytest.raises(Denied):
        deployments.credit(cast.chen, one)
    with pytest.raises(NotFound):
        deployments.credit(cast.lin, one + 1)


@given(st.integers(0, 24 * 60 - 1), st.integers(1, 14 * 24 * 60))
def test_the_days_of_a_deployment_add_up_to_its_hours(minute: int, length: int) -> None:
    starts = clock.from_local(datetime(2026, 3, 1)) + minute * timedelta(minutes=1)
    days = list(deployments._days(starts, Decimal(length) / 60))
    assert sum(spans.minutes(spans.parse(times)) for _, times in days) == length
    assert len({day for day, _ in days}) == len(days)


# -- on the screen --------------------------------------------------


def test_the_screens_show_what_there_is(demo: None) -> None:
    who = seat(Role.COORDINATOR)
    for language, word in (("zh", "可调派"), ("en", "can be called")):
        at = visit(who, "callout", language, time="any")
        assert healthy(at) and any(word in text for text in texts(at))
    log = store.rows(who.actor, DEPLOYMENT)
    assert log.total >= 1 and healthy(visit(who, "deployment", id=log.rows[-1].id))
    assert healthy(visit(seat(Role.ADMINISTRATOR), "reminders"))
    assert healthy(visit(seat(Role.ADMINISTRATOR), "reminders", do="new"))


def test_a_channel_is_made_with_the_form_and_what_is_wrong_stands_beside_its_field(bare: None) -> None:
    at = visit(seat(Role.ADMINISTRATOR), "reminders", do="new")
    next(one for one in at.button if one.label == "保存").click().run()
    assert "请填写这一项" in " ".join(texts(at)) and healthy(at)
    typed = {"名称 *": "科室邮箱", "SMTP 服务器 *": "smtp.hospital.cn", "发件人地址 *": "a@hospital.cn"}
    for label, text in typed.items():
        next(one for one in at.text_input if one.label == label).input(text)
    at.text_area[0].input("lin@hospital.cn")
    next(one for one in at.button if one.label == "保存").click().run()
    assert healthy(at)
    [made] = channels.channels(SYSTEM)
    assert (made.values["name"], made.values["recipients"]) == ("科室邮箱", "lin@hospital.cn")


def phones(at: Any) -> list[str]:
    return [str(number) for table in at.dataframe for number in table.value["手机"]]


def test_the_page_shows_the_numbers_of_everybody_listed_for_one_purpose(demo: None) -> None:
    who = seat(Role.COORDINATOR)
    at = visit(who, "callout", time="any")
    masked = phones(at)
    assert masked and all("****" in number for number in masked)
    show = next(one for one in at.button if one.label.startswith("显示本页"))
    show.click().run()
    assert "请填写这一项" in " ".join(texts(at)) and all("****" in number for number in phones(at))
    next(one for one in at.text_input if one.label.startswith("紧急召集")).input("江湾码头溺水救援")
    next(one for one in at.button if one.label.startswith("显示本页")).click().run()
    assert healthy(at) and len(phones(at)) == len(masked) and all(number.isdecimal() for number in phones(at))
    [told] = [one for one in entries(Verb.REVEAL) if one.record_id is None]
    assert told.reason.endswith("江湾码头溺水救援") and len(told.changes["people"]) == len(masked)
    next(one for one in at.button if one.label == "收起号码").click().run()
    assert phones(at) == masked


def field(at: Any, label: str) -> Any:
    return next(one for one in at.text_input if one.label.startswith(label))


def test_those_who_come_are_sent_out_from_the_page(demo: None) -> None:
    at = visit(seat(Role.COORDINATOR), "callout", time="any")
    assert not any(one.label.startswith("谁去") for one in at.multiselect)
    next(one for one in at.text_input if one.label.startswith("紧急召集")).input("江湾码头溺水救援")
    next(one for one in at.button if one.label.startswith("显示本页")).click().run()
    next(one for one in at.button if one.label == "出队").click().run()
    assert "先选谁去" in " ".join(texts(at)) and field(at, "事件").value == "江湾码头溺水救援"
    who = next(one for one in at.multiselect if one.label.startswith("谁去"))
    first = len(phones(at))
    who.select(who.options[0]).select(who.options[1])
    field(at, "地点").input("江湾码头")
    next(one for one in at.button if one.label.endswith("出队")).click().run()
    assert healthy(at) and at.query_params.get("id")
    row = store.get(SYSTEM, DEPLOYMENT, int(at.query_params["id"]))
    assert (row.values["title"], row.values["ends"], len(members(row.id))) == ("江湾码头溺水救援", None, 2)
    assert len(phones(visit(seat(Role.COORDINATOR), "callout", time="any"))) <= first
    assert deployments.on_duty(SYSTEM, [member.volunteer_id for member in members(row.id)]) == {
        member.volunteer_id for member in members(row.id)
    }


def test_the_sheet_that_is_downloaded_holds_the_numbers_that_are_shown(
    demo: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[Any] = []
    monkeypatch.setattr("streamlit.download_button", lambda _label, data, *_, **__: offered.append(data))
    at = visit(seat(Role.COORDINATOR), "callout", time="any")
    next(one for one in at.text_input if one.label.startswith("紧急召集")).input("江湾码头溺水救援")
    next(one for one in at.button if one.label.startswith("显示本页")).click().run()
    seen = set(phones(at))
    sheet = load_workbook(BytesIO(offered[-1]())).worksheets[0]  # made after the visit, as a browser fetches it
    heading, *rows = sheet.values
    written = {str(row[3]) for row in rows}
    assert healthy(at) and heading[3] == "手机" and seen <= written and all(one.isdecimal() for one in seen)
    told = entries(Verb.EXPORT)[0]
    assert told.reason.endswith("江湾码头溺水救援") and len(told.changes["full"]) == len(seen)


def test_who_may_not_see_personal_data_gets_no_numbers(demo: None) -> None:
    at = visit(seat(Role.LEADER), "callout", time="any")
    assert healthy(at) and all("****" in number for number in phones(at))
    assert not any(one.label.startswith("显示本页") for one in at.button)


def test_at_night_the_page_says_that_it_is_night(demo: None, monkeypatch: pytest.MonkeyPatch) -> None:
    night = clock.from_local(datetime(TODAY.year, TODAY.month, TODAY.day, 23, 30))
    monkeypatch.setattr(clock, "now", lambda: night)
    who = seat(Role.COORDINATOR)
    with db.unit(SYSTEM) as s:
        for row in s.exec(select(Volunteer)):
            row.availability = [one for one in row.availability if one != "night"]
    at = visit(who, "callout")
    assert healthy(at) and "现在（夜间）" in texts(at) and any("没有人登记夜间可服务" in text for text in texts(at))
    next(one for one in at.button if one.label == "看不限时间的名单").click().run()
    assert healthy(at) and phones(at)


def test_a_station_lead_reads_that_an_empty_list_is_of_their_station_alone(demo: None) -> None:
    at = visit(seat(Role.STATION_LEAD, units=(999,)), "callout", time="any")
    assert healthy(at) and any("只看得到本站点" in text for text in texts(at))
    districts = next(one for one in at.selectbox if one.label.startswith("区域")).options
    codes = list(options.labels("regions"))
    assert codes[0].endswith("00") and districts[0] != options.labels("regions")[codes[0]].zh
