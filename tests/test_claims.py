"""Volunteers claim past hours by themselves: every rule of an entry holds, and somebody of the staff confirms (V5, V6)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from models import RECORDS
from models.service import HoursSource, HoursState, ServiceHours, ServicePost, ShiftSignup, SignupState
from models.system import AuditEntry, Role
from models.waiting import WAITING
from services import (
    clock,
    db,
    finding,
    serving,
    serving_absence,
    serving_claim,
    serving_hours,
    serving_pass,
    serving_roster,
    serving_self,
    store,
)
from services.access import SYSTEM, Actor
from services.errors import Conflict, Denied, Invalid
from services.serving_claim import Claim
from services.serving_pass import Visitor
from services.serving_roster import Missed
from tests.conftest import Cast
from tests.stage import healthy, seat, texts, visit
from tests.test_my import link, named, phone, send, visitor  # noqa: F401
from tests.test_serving import post, refusal, shift, signups, volunteer
from tests.test_serving_hours import YESTERDAY, entry, moment, of_shift, stored


def told(post_id: int, starts: str = "08:30", ends: str = "11:10", **more: Any) -> Claim:
    return Claim(**{"post_id": post_id, "day": YESTERDAY, "starts": starts, "ends": ends, "content": "导诊", **more})


def claimed(who: Visitor) -> ServiceHours:
    with db.reading(SYSTEM) as s:
        return s.exec(select(ServiceHours).where(ServiceHours.volunteer_id == who.volunteer_id)).one()


def test_a_claim_waits_tagged_as_the_volunteers_own_and_counts_once_confirmed(cast: Cast) -> None:
    who, at_post = visitor(volunteer(unit_id=cast.station)), post()
    assert serving_claim.claim(who, told(at_post)) == Decimal("2.67")
    row = claimed(who)
    assert (row.state, row.source, row.hours, row.unit_id) == ("pending", "claim", Decimal("2.67"), cast.station)
    assert (row.entered_by, row.content, row.times, row.record_by is None) == (None, "导诊", "08:30-11:10", False)
    with db.reading(SYSTEM) as s:
        assert row.activity == s.get_one(ServicePost, at_post).name
        made, link = s.exec(select(AuditEntry).where(AuditEntry.record == "service_hours").order_by(col(AuditEntry.id)))
        assert made.actor.startswith("志愿者") and link.changes == {"pass": who.actor.pass_id}
        now = finding.moment(clock.today(), clock.now())
        waits = finding.page(s, WAITING["hours_to_confirm"].record, finding.Query(only="hours_to_confirm", at=now))
        assert waits.ids == [row.id]
    assert serving_self.page(who).ledger.total == 0
    serving_hours.confirm(cast.wang, row.id or 0)
    ledger = serving_self.page(who).ledger
    assert (ledger.total, ledger.by_source) == (Decimal("2.67"), {HoursSource.CLAIM: Decimal("2.67")})


def test_whoever_made_the_link_does_not_confirm_what_came_by_it(cast: Cast) -> None:
    """Nobody's own: with a volunteer's link one could claim in their name."""
    lin = Actor(7, "林社工", (Role.COORDINATOR,))
    who_id = volunteer()
    path = serving_pass.make_link(lin, who_id)
    who = serving_pass.visitor(serving_pass.enter(path.rsplit("/", 1)[1]))
    assert who
    serving_claim.claim(who, told(post()))
    with pytest.raises(Denied) as error:
        serving_hours.confirm(lin, claimed(who).id or 0)
    assert error.value.code == "own_entry"
    serving_hours.confirm(Actor(8, "周社工", (Role.COORDINATOR,)), claimed(who).id or 0)


def test_a_link_that_brought_no_claim_bars_nobody(cast: Cast) -> None:
    lin, zhou = Actor(7, "林社工", (Role.COORDINATOR,)), Actor(8, "周社工", (Role.COORDINATOR,))
    who_id = volunteer()
    serving_pass.make_link(lin, who_id)
    serving_pass.revoke(lin, who_id, "发错了人")
    unused = serving_pass.make_link(lin, who_id)
    assert serving_pass.is_good(unused.rsplit("/", 1)[1])
    used = serving_pass.visitor(serving_pass.enter(serving_pass.make_link(zhou, who_id).rsplit("/", 1)[1]))
    assert used
    serving_claim.claim(used, told(post()))
    with pytest.raises(Denied, match="own_entry"):
        serving_hours.confirm(zhou, claimed(used).id or 0)
    serving_hours.confirm(lin, claimed(used).id or 0)


def test_nobody_confirms_what_they_claimed_as_the_volunteer_that_they_are_besides(cast: Cast) -> None:
    who = visitor(named(volunteer(), name="周 社工"))  # the link is a colleague's
    serving_claim.claim(who, told(post()))
    key = claimed(who).id or 0
    with pytest.raises(Denied, match="own_name"):
        serving_hours.confirm(Actor(8, "周社工", (Role.COORDINATOR,)), key)
    assert stored(key).state == HoursState.PENDING
    serving_hours.confirm(Actor(7, "林社工", (Role.COORDINATOR,)), key)


def test_who_made_the_link_by_which_somebody_signed_in_or_out_does_not_confirm(cast: Cast) -> None:
    lin, zhou, who_id = (Actor(7, "林社工", (Role.COORDINATOR,)), Actor(8, "周社工", (Role.COORDINATOR,)), volunteer())
    key = shift(8, 11, day=YESTERDAY)
    serving.sign_up(SYSTEM, key, who_id)
    first = serving_pass.visitor(serving_pass.enter(serving_pass.make_link(lin, who_id).rsplit("/", 1)[1]))
    second = serving_pass.visitor(serving_pass.enter(serving_pass.make_link(zhou, who_id).rsplit("/", 1)[1]))
    assert first and second
    serving_self.sign_in(first, key, now=moment(8))
    serving_self.sign_out(second, now=moment(11))
    for actor in (lin, zhou):
        with pytest.raises(Denied, match="own_entry"):
            serving_hours.confirm(actor, of_shift(key).id or 0)
    serving_hours.confirm(Actor(9, "王站长", (Role.COORDINATOR,)), of_shift(key).id or 0)


@pytest.mark.parametrize(
    ("more", "errors"),
    [
        ({"starts": "11:10", "ends": "08:30"}, {"times": "times_backwards"}),
        ({"starts": "23:00", "ends": "01:00"}, {"times": "times_backwards"}),
        ({"starts": "09:00", "ends": "09:00"}, {"times": "times_backwards"}),
        ({"day": clock.today() + timedelta(days=1)}, {"served_on": "date_future"}),
        ({"day": clock.today() - timedelta(days=31)}, {"served_on": "claim_too_old"}),
        ({"post_id": 999}, {"post_id": "not_a_choice"}),
        ({"content": "长" * 501}, {"content": "too_long"}),
    ],
)
def test_a_claim_that_cannot_be_is_refused_beside_its_field(
    cast: Cast, more: dict[str, Any], errors: dict[str, str]
) -> None:
    who, at_post = visitor(volunteer()), post()
    assert refusal(lambda: serving_claim.claim(who, told(**{"post_id": at_post} | more))) == errors
    assert serving_self.page(who).entries == []


def test_a_post_that_is_closed_takes_no_claims(cast: Cast) -> None:
    who, old = visitor(volunteer()), post(active=False)
    assert old not in serving_claim.posts(who)
    assert refusal(lambda: serving_claim.claim(who, told(old))) == {"post_id": "not_a_choice"}


def test_nothing_is_claimed_twice_nor_beside_other_hours(cast: Cast) -> None:
    who, at_post = visitor(volunteer()), post()
    entry(who.volunteer_id, "09:00-10:00")
    for _ in range(2):
        assert refusal(lambda: serving_claim.claim(who, told(at_post))) == {"times": "hours_overlap"}
    serving_claim.claim(who, told(at_post, "10:00", "11:00"))


def test_a_long_day_is_reviewed_higher_up(cast: Cast) -> None:
    """8.01 hours of a day are reviewed at level 1, by somebody with all stations in view."""
    who = visitor(volunteer(unit_id=cast.station))
    entry(who.volunteer_id, "08:00-12:00")
    serving_claim.claim(who, told(post(), "13:00", "17:01"))
    with db.reading(SYSTEM) as s:
        row = s.exec(select(ServiceHours).where(ServiceHours.source == HoursSource.CLAIM)).one()
        other = s.exec(select(ServiceHours).where(ServiceHours.source == HoursSource.GROUP)).one()
    assert row.review_level == 1
    serving_hours.confirm(cast.lin, other.id or 0)
    with pytest.raises(Denied):
        serving_hours.confirm(cast.wang, row.id or 0, reason="已核实")
    serving_hours.confirm(cast.lin, row.id or 0, reason="已核实")


def test_ten_claims_may_wait_and_no_more(cast: Cast) -> None:
    who, at_post = visitor(volunteer()), post()
    for hour in range(10):
        serving_claim.claim(who, told(at_post, f"{hour:02}:00", f"{hour:02}:30"))
    with pytest.raises(Denied, match="claims_waiting"):
        serving_claim.claim(who, told(at_post, "12:00", "13:00"))


# -- shifts --------------------------------------------------


def test_a_claim_belongs_to_ones_own_shift_whose_times_are_its_limits(cast: Cast) -> None:
    who, at_post = visitor(volunteer()), post()
    key = shift(8, 11, day=YESTERDAY, post_id=at_post, title="周二导诊")
    serving.sign_up(SYSTEM, key, who.volunteer_id)
    assert refusal(lambda: serving_claim.claim(who, told(at_post, "08:00", "11:30"))) == {"times": "above_shift"}
    assert refusal(lambda: serving_claim.claim(who, told(at_post, "10:00", "11:30"))) == {"times": "beyond_shift"}
    serving_claim.claim(who, told(at_post, "08:00", "10:30"))
    row = of_shift(key)
    assert (row.activity, row.source, row.hours) == ("周二导诊", "claim", Decimal("2.50"))
    assert signups(key)[0].state == SignupState.SIGNED
    serving_hours.finish_shift(cast.lin, key)
    assert serving_absence.missed_by(cast.lin, who.volunteer_id) == 0
    serving_hours.confirm(cast.lin, row.id or 0)
    assert signups(key)[0].state == SignupState.SERVED


def test_what_was_refused_is_claimed_again_within_the_shift_and_the_reviewer_reads_why(cast: Cast) -> None:
    who, at_post = visitor(volunteer()), post()
    key = shift(8, 12, day=YESTERDAY, post_id=at_post)
    serving.sign_up(SYSTEM, key, who.volunteer_id)
    serving_claim.claim(who, told(at_post, "08:00", "12:00"))
    serving_hours.reject(cast.lin, of_shift(key).id or 0, "十点才到")
    for starts, ends, code in (("08:00", "18:00", "above_shift"), ("11:00", "13:00", "beyond_shift")):
        assert refusal(partial(serving_claim.claim, who, told(at_post, starts, ends))) == {"times": code}
    for starts in ("08:00", "10:00"):  # the same again waits too
        serving_claim.claim(who, told(at_post, starts, "12:00"))
        row = claimed(who)
        assert (row.shift_id, row.state, row.source, row.confirmed_name) == (key, "pending", "claim", "")
        [waits], _ = serving_roster.queue(cast.lin)
        assert waits.refused == "十点才到"
        serving_hours.reject(cast.lin, row.id or 0, "十点才到")


@pytest.mark.parametrize(("state", "code"), [("pending", "hours_already"), ("void", "hours_taken_back")])
def test_hours_of_a_shift_that_wait_or_were_taken_back_leave_no_way_round_it(cast: Cast, state: str, code: str) -> None:
    who, at_post = visitor(volunteer()), post()
    key = shift(8, 12, day=YESTERDAY, post_id=at_post)
    serving.sign_up(SYSTEM, key, who.volunteer_id)
    serving_claim.claim(who, told(at_post, "08:00", "09:00"))
    if state == "void":
        serving_hours.confirm(cast.lin, of_shift(key).id or 0, reason="已核实")
        serving_hours.void(cast.lin, of_shift(key).id or 0, "重复")
    for starts, ends in (("09:00", "12:00"), ("08:00", "18:00"), ("9:00", "12:00")):
        assert refusal(partial(serving_claim.claim, who, told(at_post, starts, ends))) == {"times": code}


@pytest.mark.parametrize("how", ["taken_off", "withdrawn_then", "shift_called_off"])
def test_a_shift_that_one_was_not_on_is_not_claimed_and_the_reviewer_knows(cast: Cast, how: str) -> None:
    who, at_post = visitor(volunteer()), post()
    key = shift(8, 12, day=YESTERDAY, post_id=at_post, title="上午导诊")
    signup = serving.sign_up(SYSTEM, key, who.volunteer_id)
    if how == "taken_off":
        serving_absence.take_off(cast.lin, signup, "与患者争吵")
    elif how == "withdrawn_then":
        with db.unit(SYSTEM) as s:
            serving.leave(s, s.get_one(ShiftSignup, signup))
    else:
        serving.cancel_shift(SYSTEM, key, "台风")
    assert refusal(lambda: serving_claim.claim(who, told(at_post, "08:00", "20:00"))) == {"times": how}
    serving_claim.claim(who, told(at_post, "12:00", "20:00"))  # touches no shift of theirs
    [waits], _ = serving_roster.queue(cast.lin)
    said = [Missed("上午导诊", SignupState.WITHDRAWN, "与患者争吵")] if how == "taken_off" else []
    assert list(waits.missed) == said and serving_roster.missed_that_day(cast.lin, waits.id) == said


def test_a_claim_that_is_refused_wipes_out_no_no_show(cast: Cast) -> None:
    """Whether the shift is closed before the claim is refused, or after."""
    for close_first in (True, False):
        who, at_post = visitor(volunteer()), post()
        key = shift(8, 12, day=YESTERDAY, post_id=at_post)
        serving.sign_up(SYSTEM, key, who.volunteer_id)
        serving_claim.claim(who, told(at_post, "08:00", "12:00"))
        acts: list[Callable[[], Any]] = [partial(serving_hours.finish_shift, cast.lin, key),
                partial(serving_hours.reject, cast.lin, of_shift(key).id or 0, "没有来过")]  # fmt: skip
        for act in acts if close_first else reversed(acts):
            act()
        assert signups(key)[0].state == SignupState.NO_SHOW
        assert serving_absence.missed_by(cast.lin, who.volunteer_id) == 1


def test_a_believed_claim_that_is_taken_back_leaves_a_no_show(cast: Cast) -> None:
    who, at_post = visitor(volunteer()), post()
    key = shift(8, 12, day=YESTERDAY, post_id=at_post)
    signup = serving.sign_up(SYSTEM, key, who.volunteer_id)
    serving_absence.no_show(cast.lin, signup, "没看到人")
    serving_hours.finish_shift(cast.lin, key)
    serving_claim.claim(who, told(at_post, "08:00", "12:00"))
    serving_hours.confirm(cast.lin, of_shift(key).id or 0)
    serving_hours.void(cast.lin, of_shift(key).id or 0, "监控里没有")
    assert signups(key)[0].state == SignupState.NO_SHOW


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """What each of several acts came to that begin together."""
    begin = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> str:
        begin.wait()
        try:
            act()
        except Invalid as error:
            return next(iter(error.fields.values()))
        except Denied as error:
            return error.code
        return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(one, acts))


def test_of_two_claims_at_once_the_eleventh_and_the_shifts_second_are_refused(cast: Cast) -> None:
    who, at_post = visitor(volunteer()), post()
    key = shift(8, 12, day=YESTERDAY, post_id=at_post)
    serving.sign_up(SYSTEM, key, who.volunteer_id)
    claims = [
        partial(serving_claim.claim, who, told(at_post, a, b)) for a, b in (("08:00", "09:00"), ("10:00", "12:00"))
    ]
    assert at_once(*claims) == ["", "hours_already"]
    for hour in range(12, 20):
        serving_claim.claim(who, told(at_post, f"{hour}:00", f"{hour}:30"))
    late = [partial(serving_claim.claim, who, told(at_post, f"{hour}:00", f"{hour}:30")) for hour in (20, 21)]
    assert at_once(*late) == ["", "claims_waiting"]


def test_a_no_show_is_undone_by_who_confirms_and_not_by_the_claim(cast: Cast) -> None:
    who, at_post = visitor(volunteer()), post()
    key = shift(8, 11, day=YESTERDAY, post_id=at_post)
    signup = serving.sign_up(SYSTEM, key, who.volunteer_id)
    serving_absence.no_show(cast.lin, signup, "没看到人")
    serving_claim.claim(who, told(at_post, "08:00", "10:30"))
    assert signups(key)[0].state == SignupState.NO_SHOW
    serving_hours.confirm(cast.lin, of_shift(key).id or 0)
    assert (signups(key)[0].state, signups(key)[0].note) == (SignupState.SERVED, "")
    with pytest.raises(Conflict):
        serving_hours.confirm(cast.lin, of_shift(key).id or 0)


def test_a_claim_that_staff_correct_is_theirs_and_waits_for_a_second_person(cast: Cast) -> None:
    who = visitor(volunteer())
    serving_claim.claim(who, told(post()))
    key, lin = claimed(who).id or 0, Actor(7, "林社工", (Role.COORDINATOR,))
    store.save(lin, RECORDS["service_hours"], {"times": "08:30-11:00"}, id=key)
    assert (stored(key).source, stored(key).state, stored(key).entered_by) == ("group", HoursState.PENDING, 7)
    with pytest.raises(Denied):
        serving_hours.confirm(lin, key)


# -- the pages --------------------------------------------------


def test_hours_are_claimed_on_the_phone_and_what_was_typed_stays(cast: Cast, phone: TestClient) -> None:  # noqa: F811
    who, at_post = volunteer(), post()
    assert phone.get("/my/claim").status_code == 401
    path = link(who)
    assert "补报时长" in send(phone, path, path).text
    typed = {
        "post_id": str(at_post),
        "day": f"{YESTERDAY}",
        "starts": "11:00",
        "ends": "08:00",
        "content": "带路、取号",
    }
    page = send(phone, "/my/claim", "/my/claim", **typed).text
    assert "开始须早于结束" in page and "带路、取号" in page and 'value="11:00"' in page
    assert "请填写这一项" in send(phone, "/my/claim", "/my/claim", **typed | {"content": " "}).text
    assert "08:30 的格式" in send(phone, "/my/claim", "/my/claim", **typed | {"ends": "25:00"}).text
    sent = send(phone, "/my/claim", "/my/claim", **typed | {"ends": "12:30"}).text
    assert "工作人员确认后生效" in sent and "1.50 小时" in sent and "待确认 · 本人申请" in sent


def test_the_form_speaks_english(cast: Cast, phone: TestClient) -> None:  # noqa: F811
    path = link(volunteer())
    send(phone, path, path)
    page = phone.get("/my/claim?lang=en").text
    assert all(words in page for words in ("Claim hours", "On which day", "What you did", "rehearsals"))


def test_the_reviewer_reads_what_staff_said_of_that_day(demo: None) -> None:
    lin, who, at_post = seat(Role.COORDINATOR), visitor(volunteer()), post(name="红棉义诊")
    key = shift(8, 10, day=YESTERDAY, post_id=at_post, title="上午义诊")
    serving_absence.no_show(SYSTEM, serving.sign_up(SYSTEM, key, who.volunteer_id), "没看到人")
    serving_claim.claim(who, told(at_post, "08:00", "10:00"))
    assert visit(lin, "service_shift", id=key).dataframe[0].value["到岗"][0] == "未到：没看到人"
    page = visit(lin, "service_hours", id=claimed(who).id)
    assert healthy(page) and any("当天班次未到：上午义诊（没看到人）" in one.value for one in page.warning)
    notes = " ".join(str(note) for note in visit(lin, "hours").dataframe[0].value["提示"])
    assert "本人补报、当天班次未到：上午义诊（没看到人）" in notes
    notes = " ".join(str(note) for note in visit(lin, "hours", "en").dataframe[0].value["Note"])
    assert "Claimed, No-show that day: 上午义诊 (没看到人)" in notes and "、" not in notes


def test_the_claim_is_shown_as_work_and_confirmed_on_its_page(demo: None) -> None:
    lin, who = seat(Role.COORDINATOR), visitor(volunteer())
    serving_claim.claim(who, told(post(name="红棉义诊"), "08:00", "10:00"))
    at = visit(lin, "hours")
    assert healthy(at) and "本人补报" in " ".join(str(note) for note in at.dataframe[0].value["提示"])
    page = visit(lin, "service_hours", id=claimed(who).id)
    assert healthy(page) and any("本人补报" in text for text in texts(page))
    next(one for one in page.button if one.label == "确认生效").click().run()
    assert healthy(page) and claimed(who).state == HoursState.EFFECTIVE


def test_the_form_says_how_far_back_hours_can_be_claimed(cast: Cast, phone: TestClient) -> None:  # noqa: F811
    path = link(volunteer())
    send(phone, path, path)
    days = serving_claim.days(visitor(volunteer()))
    since = clock.today() - timedelta(days=days)
    assert f"最近 {days} 天（{since} 起）" in phone.get("/my/claim").text
