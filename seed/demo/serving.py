"""The demonstration's volunteers at work: a month of shifts behind and two weeks ahead, hours confirmed and waiting, stars.

The shifts lie around today, whenever the contract began: every screen of the rota has something to show.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from models import spans
from models.people import CredentialKind, VolunteerCredential
from models.service import (
    HoursSource,
    HoursState,
    Quality,
    RequestState,
    ServicePost,
    ShiftState,
    SignupState,
    StarState,
)
from seed.demo.stage import DAY, Stage, at
from services import db, serving_ledger, serving_numbers, serving_proof
from services.access import Actor

BEHIND, AHEAD, OLDER = 35, 14, 3
PLAN: dict[str, tuple[str, str, tuple[int, ...], int, int, int, int]] = {
    # post: place, in charge, weekdays, first and last hour, least and most people
    "outpatient_guide": ("门诊大厅", "林社工", (0, 1, 2, 3, 4), 8, 11, 2, 4),
    "waiting_area": ("二楼候诊区", "林社工", (0, 2, 4), 14, 17, 1, 3),
    "ward_visit": ("住院部 8 楼", "周社工", (1, 3), 15, 17, 1, 3),
    "children_zone": ("儿科活动区", "周社工", (5,), 9, 11, 1, 2),
    "first_aid": ("市民广场", "吴医生", (6,), 8, 12, 2, 4),
    "community": ("红棉社区", "周社工", (5,), 9, 12, 2, 6),
}
CREW = 36
INFECTION = 24
SHORT_DAYS = 3


@dataclass
class Rota:
    """What is planned and what came of it, as rows that are written at the end."""

    stage: Stage
    posts: dict[str, ServicePost]
    crew: Sequence[int]
    aiders: Sequence[int]
    trained: Sequence[int]
    busy: set[tuple[int, date]] = field(default_factory=set)
    signups: list[dict[str, Any]] = field(default_factory=list)
    hours: list[dict[str, Any]] = field(default_factory=list)

    def pick(self, code: str, day: date, count: int) -> list[int]:
        """People who may take the post and have nothing else that day."""
        pool = {
            "first_aid": self.aiders,
            "outpatient_guide": self.crew,
            "waiting_area": self.crew,
            "community": self.crew,
        }
        free = [one for one in pool.get(code, self.trained) if (one, day) not in self.busy]
        chosen = self.stage.random.sample(free, min(count, len(free)))
        self.busy |= {(one, day) for one in chosen}
        return chosen


def fill(stage: Stage, people: Sequence[dict[str, Any]]) -> None:
    """Needs the posts of the reference lists; `people` are the grown volunteers who serve."""
    ids = [person["volunteer_id"] for person in people]
    crew = stage.random.sample(ids, min(CREW, len(ids)))
    posts = {row.code: row for row in stage.session.exec(select(ServicePost))}
    aiders = _aiders(stage, crew)
    _insure(stage, aiders)
    rota = Rota(stage, posts, crew, aiders, _train(stage, crew[:INFECTION]))
    for code, plan in PLAN.items():
        for day in _days(stage, plan[2]):
            _shift(rota, code, day, *plan)
    _older(rota)
    keys = stage.add("shift_signup", rota.signups)
    assert len(keys) == len(rota.signups)
    entries = stage.add("service_hours", rota.hours)
    _afterwards(stage, rota, entries)


def _days(stage: Stage, weekdays: Sequence[int]) -> list[date]:
    span = (stage.today + DAY * ahead for ahead in range(-BEHIND, AHEAD + 1))
    return [day for day in span if day.weekday() in weekdays]


def _aiders(stage: Stage, crew: Sequence[int]) -> list[int]:
    """Of everybody those whose first-aid certificate outlasts the plan."""
    held = select(VolunteerCredential.volunteer_id).where(
        col(VolunteerCredential.kind).in_((CredentialKind.CPR_AED, CredentialKind.FIRST_AIDER)),
        col(VolunteerCredential.expires_on) > stage.today + DAY * (AHEAD + 1),
        col(VolunteerCredential.issued_on) < stage.today - DAY * (BEHIND + 1),
    )
    return sorted(set(stage.session.exec(held).all()))[:20]


def _insure(stage: Stage, people: Sequence[int]) -> None:
    year = {"starts": stage.today - DAY * 120, "ends": stage.today + DAY * 244, "insurer": "示例财产保险公司"}
    rows = [year | {"volunteer_id": one, "policy": f"AX{place + 1:08d}"} for place, one in enumerate(people)]
    stage.add("volunteer_insurance", rows)


def _train(stage: Stage, people: Sequence[int]) -> Sequence[int]:
    """Infection control and privacy, asked for at the bedside."""
    day = stage.today - DAY * 90
    rows = [
        {
            "volunteer_id": one, "kind": CredentialKind.INFECTION_CONTROL, "number": f"YG{place + 1:06d}",
            "issuer": "示例医院感染管理科", "issued_on": day, "expires_on": day + DAY * 364,
        }
        for place, one in enumerate(people)
    ]  # fmt: skip
    stage.add("volunteer_credential", rows)
    return people


def _shift(
    rota: Rota,
    code: str,
    day: date,
    place: str,
    in_charge: str,
    _days: Any,
    first: int,
    last: int,
    least: int,
    most: int,
) -> None:
    stage, over = rota.stage, day < rota.stage.today
    post, waits = rota.posts[code], day >= stage.today - DAY * 2 and over
    given = {
        "post_id": post.id, "title": post.name, "place": place, "in_charge": in_charge, "minimum": least, "capacity": most,
        "starts": at(day, first), "ends": at(day, last), "record_by": serving_numbers.record_by(stage.session, day),
        "state": ShiftState.DONE if over and not waits else ShiftState.OPEN,
    }  # fmt: skip
    [key] = stage.add("service_shift", [given])
    if code == "first_aid" and not over:
        lead = {"name": "急救组长", "credential": CredentialKind.FIRST_AIDER, "minimum": 1, "maximum": 1}
        stage.add("shift_slot", [lead | {"shift_id": key}])
    for one in rota.pick(code, day, _wanted(stage, day, least, most)):
        _serve(rota, key, given, one, day, first, last, over=over, waits=waits)


def _wanted(stage: Stage, day: date, least: int, most: int) -> int:
    """How many signed up: enough behind, too few in the next days, some later on."""
    ahead = (day - stage.today).days
    if 0 <= ahead <= SHORT_DAYS:
        return max(least - 1, 0)
    return stage.random.randint(least, most) if ahead < 0 else stage.random.randint(0, most - 1)


def _serve(
    rota: Rota, key: int, given: dict[str, Any], one: int, day: date, first: int, last: int, *, over: bool, waits: bool
) -> None:
    chance = rota.stage.random.random()
    away = over and not waits and chance < 0.06
    came = over and not away and (not waits or chance < 0.5)
    state = SignupState.NO_SHOW if away else SignupState.SERVED if came else SignupState.SIGNED
    rota.signups.append({"shift_id": key, "volunteer_id": one, "state": state})
    if came:
        rota.hours.append(_entry(rota, key, given, one, day, first * 60, last * 60))


def _entry(
    rota: Rota, key: int | None, given: dict[str, Any], one: int, day: date, first: int, last: int
) -> dict[str, Any]:
    stage, chance = rota.stage, rota.stage.random
    late = chance.choice((0, 0, 0, 5, 10))
    recent = day >= stage.today - DAY * 5
    short = recent and chance.random() < 0.15
    span = (first + late, first + (last - first) // 3 if short else last)
    minutes = span[1] - span[0]
    state = HoursState.PENDING if (recent and chance.random() < 0.4) or short else HoursState.EFFECTIVE
    entry = {
        "volunteer_id": one, "shift_id": key, "served_on": day, "activity": given["title"], "place": given["place"],
        "in_charge": given["in_charge"], "content": rota.posts["other"].content if key is None else "",
        "times": spans.written([span]), "minutes": minutes, "hours": spans.hours(minutes), "is_short": short,
        "source": chance.choice((HoursSource.CHECK_IN, HoursSource.CHECK_IN, HoursSource.GROUP)), "state": state,
        "record_by": serving_numbers.record_by(stage.session, day), "entered_name": "示例社工",
    }  # fmt: skip
    if state == HoursState.EFFECTIVE:
        rated = chance.choice((None, None, Quality.GOOD, Quality.EXCELLENT))
        entry |= {"confirmed_name": "示例督导", "confirmed_on": min(day + DAY * 2, stage.today), "quality": rated}
    return entry


def _older(rota: Rota) -> None:
    """Service of months ago, entered by hand: some have given enough for a star or two."""
    told = {"title": "院内志愿服务", "place": "门诊楼", "in_charge": "林社工"}
    for place, one in enumerate(rota.crew[:12]):
        for back in range(40 - place * OLDER):
            day = rota.stage.today - DAY * (BEHIND + 8 + back * 4)
            rota.hours.append(_entry(rota, None, told, one, day, 8 * 60, (16 if place < 2 else 12) * 60))


def prove(by: Actor, today: date) -> None:
    """Proofs for those who gave most, issued as staff would; the last one was taken back."""
    with db.reading(by) as session:
        given = serving_ledger.hours_by_volunteer(session)
    most = sorted(given, key=lambda one: (-given[one], one))[:3]
    told: dict[str, Any] = {
        "unit_name": "示例医院医务社工部",
        "in_charge": "林社工",
        "contact": "020-00000000",
        "purpose": "评优",
    }
    keys = [serving_proof.issue(by, one, today=today, **told) for one in most]
    if keys:
        serving_proof.revoke(by, keys[-1], "证件类型有误，另行出具", today=today)


def _afterwards(stage: Stage, rota: Rota, entries: Sequence[int]) -> None:
    """Stars awarded and applied for, corrections asked and answered."""
    given: dict[int, Decimal] = {}
    for row in rota.hours:
        if row["state"] == HoursState.EFFECTIVE:
            given[row["volunteer_id"]] = given.get(row["volunteer_id"], Decimal(0)) + row["hours"]
    most = sorted(given.items(), key=lambda pair: -pair[1])[:6]
    day = stage.today - DAY * 6
    awards = [
        {"volunteer_id": one, "level": 1, "applied_on": day, "hours": hours, "is_manual": hours < 100, "reason": "坚持服务",
         "state": StarState.AWARDED, "decided_name": "示例督导", "decided_on": day + DAY}
        for one, hours in most[:3]
    ]  # fmt: skip
    waiting = {"level": 1, "applied_on": stage.today - DAY * 2, "reason": "重大活动保障"}
    awards += [waiting | {"volunteer_id": one, "hours": hours, "is_manual": hours < 100} for one, hours in most[3:5]]
    stage.add("star_award", awards)
    newest = sorted(zip(entries, rota.hours, strict=True), key=lambda pair: pair[1]["served_on"])[-40::12]
    asked = ("少记了半小时，实际 11:30 离开", "活动名称写错了", "这天我没有来", "地点应为住院部")
    stage.add("correction_request", [
        {"volunteer_id": row["volunteer_id"], "hours_id": key, "asked": words, "asked_on": stage.today - timedelta(days=place),
         **({"state": RequestState.ACCEPTED, "answer": "已按签到表更正", "answered_on": stage.today} if place == 3 else {})}
        for place, ((key, row), words) in enumerate(zip(newest, asked, strict=False))
    ])  # fmt: skip
