"""The demonstration's volunteers: the register, those who wait for approval, credentials and teams."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from models.people import (
    Availability,
    Blood,
    CredentialKind,
    Education,
    IdType,
    Politics,
    TeamRole,
    VolunteerSource,
    VolunteerState,
)
from models.periods import add_months
from seed.demo.stage import DAY, Stage
from seed.presets import load_reference
from services.volunteers import NOTICE_VERSION, UNMISTAKABLE

GROWN, MINORS, APPLICANTS = 405, 3, 12
CONSENT = f"{NOTICE_VERSION}-zh"
HISTORY = timedelta(days=250)
ISSUERS = ("棠泠应急救护培训中心", "汐榆急救培训学校")
OCCUPATIONS = ("在职", "学生", "退休", "自由职业")
PURPOSES = {
    "晨曦应急救护队": "社区、学校应急救护科普与活动现场保障",
    "暖阳病房探访队": "病房探访、患儿陪伴",
    "向导门诊服务队": "门诊导诊、候诊区协助",
    "青苗校园宣讲队": "校园心肺复苏与AED宣讲",
}


def fill(stage: Stage) -> list[dict[str, Any]]:
    """Returns the grown people who serve, in the order of their registration."""
    register, applicants = _register(stage), _applicants(stage)
    applicants[-1] |= _same_as(next(person for person in register if _is_grown(person)), stage)
    everyone = [*register, *applicants]
    stage.people(everyone)
    for person, key in zip(everyone, stage.add("volunteer", everyone), strict=True):
        person["volunteer_id"] = key
    active = [person for person in register if person["state"] == VolunteerState.ACTIVE and _is_grown(person)]
    _certify(stage, active)
    _gather(stage, active)
    return active


def _is_grown(person: dict[str, Any]) -> bool:
    return not person.get("guardian_name")


def _register(stage: Stage) -> list[dict[str, Any]]:
    people = [_grown(stage, place) for place in range(GROWN)] + [_minor(stage) for _ in range(MINORS)]
    days = sorted(stage.day(stage.since - HISTORY, stage.today) for _ in people)
    stage.random.shuffle(people)
    numbers: Counter[int] = Counter()
    for place, (person, day) in enumerate(zip(people, days, strict=True)):
        numbers[day.year] += 1
        person |= _intentions(stage) | _kept(stage, place)
        person |= {"registered_on": day, "consent_on": day, "number": f"V{day:%Y}{numbers[day.year]:06d}"}
        if stage.random.random() < 0.85:
            person |= {"verified_on": stage.day(day, day + 20 * DAY), "verified_by": "演示"}
    return people


def _grown(stage: Stage, place: int) -> dict[str, Any]:
    person = stage.invent.volunteer()
    if place % 70 == 3:
        number = f"E{stage.random.randrange(10**6):08d}"
        return person | {"id_type": IdType.PASSPORT, "id_number": number}
    return person


def _minor(stage: Stage) -> dict[str, Any]:
    person, guardian = stage.invent.volunteer(14, 17), stage.invent.person()
    return person | {
        "guardian_name": person["name"][0] + guardian["name"][1:],
        "guardian_phone": guardian["phone"],
        "occupation": "学生",
    }


def _kept(stage: Stage, place: int) -> dict[str, Any]:
    """How a volunteer stands: a few pause, a few have left."""
    state = VolunteerState.PAUSED if place % 23 == 5 else VolunteerState.LEFT if place % 29 == 11 else None
    imported = VolunteerSource.IMPORT if place < 120 else stage.random.choice(list(VolunteerSource)[:2])
    return {"state": state or VolunteerState.ACTIVE, "source": imported, "consent": True, "consent_version": CONSENT}


def _applicants(stage: Stage) -> list[dict[str, Any]]:
    applied = {"state": VolunteerState.APPLIED, "source": VolunteerSource.PUBLIC, "consent": True}
    people = [stage.invent.volunteer() | _intentions(stage) | applied for _ in range(APPLICANTS)]
    for person in people:
        day = stage.day(stage.today - 9 * DAY, stage.today)
        reference = "".join(stage.random.choices(UNMISTAKABLE, k=8))
        person |= {"registered_on": day, "consent_on": day, "consent_version": CONSENT}
        person["reference"] = f"{reference[:4]}-{reference[4:]}"
    return people


def _same_as(known: dict[str, Any], stage: Stage) -> dict[str, Any]:
    """Somebody of the register who applies again, under another document."""
    same = {name: known[name] for name in ("name", "gender", "birth_date", "phone", "region_code", "region")}
    return same | {"id_type": IdType.PASSPORT, "id_number": f"E{stage.random.randrange(10**6):08d}"}


def _intentions(stage: Stage) -> dict[str, Any]:
    chance = stage.random
    categories, skills = (_codes(name) for name in OPTIONS)
    return {
        "is_emergency_rescue": chance.random() < 0.82,
        "service_categories": chance.sample(categories, chance.randint(1, 3)),
        "skills": chance.sample(skills, chance.randint(1, 3)),
        "availability": _times(chance),
        "education": chance.choice(list(Education)[2:]),
        "political_status": chance.choice(list(Politics)),
        "blood_type": chance.choice([None, *Blood]),
        "occupation": chance.choice(OCCUPATIONS),
        "service_area": chance.choice(("院内", "社区", "院内、社区", "全市")),
    }


def _times(chance: Random) -> list[Availability]:
    """Most by day, a few by night too, and some never said when."""
    daytime = [one for one in Availability if one is not Availability.NIGHT]
    found: list[Availability] = chance.sample(daytime, chance.randint(1, 4))
    if len(found) == 4:
        return [*found, Availability.NIGHT]
    return [] if found == [Availability.WEEKEND_EVENING] else found


OPTIONS = ("service_categories", "skills")


@cache
def _codes(name: str) -> list[str]:
    """What one can intend to do: the list's codes, without "none" and "other"."""
    return [row["code"] for row in load_reference(name) if row["code"] not in ("none", "other")]


def _certify(stage: Stage, active: Sequence[dict[str, Any]]) -> None:
    """Certificates, most of them valid; some end within 7, 30 and 90 days, some have ended."""
    holders = stage.random.sample(list(active), min(260, len(active)))
    ends = [(0, 7)] * 5 + [(8, 30)] * 11 + [(31, 90)] * 22 + [(-200, -1)] * 26 + [(91, 1000)] * 196
    rows = []
    for place, (person, (first, last)) in enumerate(zip(holders, ends, strict=False)):
        until = stage.today + DAY * stage.random.randint(first, last)
        kind = stage.random.choice((CredentialKind.CPR_AED, CredentialKind.FIRST_AIDER))
        rows.append(_credential(stage, person, kind, place) | {
            "issued_on": add_months(until, -36) + DAY, "expires_on": until,
        })  # fmt: skip
    lasting = [_credential(stage, person, CredentialKind.MEDICAL, 500 + n) for n, person in enumerate(holders[:24])]
    stage.add("volunteer_credential", rows + lasting)


def _credential(stage: Stage, person: dict[str, Any], kind: CredentialKind, place: int) -> dict[str, Any]:
    day = stage.day(stage.since - 900 * DAY, stage.since)
    issuer = ISSUERS[place % 2]
    return {
        "volunteer_id": person["volunteer_id"],
        "kind": kind,
        "number": f"{kind.value[:3].upper()}{place + 1:06d}",
        "issuer": issuer,
        "issued_on": day,
    }


def _gather(stage: Stage, active: Sequence[dict[str, Any]]) -> None:
    """Four teams, each with a leader, deputies and members; some members have left again."""
    crews = [stage.random.sample(list(active), size) for size in (34, 26, 22, 16)]
    founded = [stage.day(stage.since - HISTORY, stage.since) for _ in crews]
    teams = [
        {"name": name, "purpose": purpose, "founded_on": day, "leader": crew[0]["name"]}
        for (name, purpose), day, crew in zip(PURPOSES.items(), founded, crews, strict=True)
    ]
    ids = stage.add("volunteer_team", teams)
    crew_rows = zip(ids, founded, crews, strict=True)
    stage.add("team_membership", [row for key, day, crew in crew_rows for row in _members(stage, key, day, crew)])


def _members(stage: Stage, team: int, founded: date, crew: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for place, person in enumerate(crew):
        joined = stage.day(max(founded, person["registered_on"]), stage.today)
        left = stage.day(joined, stage.today) if place % 13 == 12 else None
        role = TeamRole.LEADER if not place else TeamRole.DEPUTY if place < 3 else TeamRole.MEMBER
        own = {"team_id": team, "volunteer_id": person["volunteer_id"], "role": role}
        rows.append(own | {"joined_on": joined, "left_on": left})
    return rows
