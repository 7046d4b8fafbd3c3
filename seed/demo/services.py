"""The demonstration's clients: assistance, green channels, follow-up, and aid from the named charity projects.

Fewer patients are assisted (03.1) and fewer green channels opened (06.6) than is due; aid runs ahead (01.3).
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlmodel import col, select

from models.charity import LINE, AidState, CharityProject, PartnerRole, ProjectState
from models.clients import AssistanceKind, AssistanceState, Channel, ClientKind, ClientSource, FollowupState, KeyGroup
from models.partners import Organisation, OrganisationKind
from seed.demo.invented import REGIONS
from seed.demo.stage import DAY, Stage

SIXTH = 6
GREEN = AssistanceKind.GREEN_CHANNEL
DIAGNOSES = ("急性淋巴细胞白血病", "特发性脊柱侧弯", "幼年特发性关节炎", "漏斗胸", "室间隔缺损", "年龄相关性白内障")
OUTCOMES = ("恢复良好，按时服药", "需协助预约复诊", "已转介社区随访", "情绪稳定，继续关注")
WORKERS = ("何岚", "苏禾", "叶澄", "林溪")


def fill(stage: Stage, departments: Sequence[int]) -> None:
    assisted, aided = stage.paced(1500, 0.86), stage.paced(300, 1.12)
    clients = _clients(stage, departments, sorted([*assisted, *aided]))
    _assist(stage, departments, clients[: len(assisted)], assisted)
    _open_channels(stage, departments, clients)
    _follow_up(stage, clients)
    _aid(stage, clients[-len(aided) :], aided)


def _clients(stage: Stage, departments: Sequence[int], days: Sequence[date]) -> list[int]:
    people = [_client(stage, departments, place, day) for place, day in enumerate(days)]
    stage.people(people)
    keys = stage.add("client", people)
    stage.at_station.update(keys[1::SIXTH])
    return keys


def _client(stage: Stage, departments: Sequence[int], place: int, day: date) -> dict[str, Any]:
    """A patient or a relative; every sixth is a child with a guardian, every sixth a client of the station."""
    is_child = place % SIXTH == 4
    person, (code, region) = stage.invent.person(), stage.random.choice(list(REGIONS.items()))
    age = stage.random.randint(2, 12) if is_child else stage.random.randint(19, 88)
    return person | {
        "birth_date": stage.today - DAY * (age * 365 + stage.random.randint(30, 360)),
        "region": region,
        "region_code": code,
        "number": f"D{place + 1:06d}",
        "kind": ClientKind.CHILD if is_child else stage.random.choice(list(ClientKind)[:4]),
        "key_groups": [stage.random.choice(list(KeyGroup))] if stage.random.random() < 0.2 else [],
        "department_id": stage.random.choice(departments),
        "source": stage.random.choice(list(ClientSource)),
        "opened_on": day,
        "guardian_name": f"{person['name'][0]}先生" if is_child else "",
        "consent": True,
        "consent_scope": "就医协助与随访",
        "consent_on": day,
        "unit_id": stage.station if place % SIXTH == 1 else None,
    }


def _assist(stage: Stage, departments: Sequence[int], clients: Sequence[int], days: Sequence[date]) -> None:
    """Each client once, every fourth again; a few still wait or came to nothing."""
    rows = [_service(stage, departments, client, day) for client, day in zip(clients, days, strict=True)]
    again = [
        _service(stage, departments, key, stage.day(day, stage.today)) for key, day in zip(clients, days, strict=True)
    ]
    waiting = [_open(stage, row, place) for place, row in enumerate(again[1:25:4])]
    failed = [row | {"state": AssistanceState.CANCELLED, "served_on": None} for row in again[2:40:5]]
    _number(stage, [*rows, *again[::4], *waiting, *failed], "JZ")


def _open(stage: Stage, row: dict[str, Any], place: int) -> dict[str, Any]:
    """Asked for these days, every second one seen to already."""
    asked = {"requested_on": stage.today - DAY * place, "served_on": None, "satisfaction": None}
    if place % 2:
        return row | asked | {"state": AssistanceState.ACCEPTED, "accepted_on": stage.today}
    return row | asked | {"state": AssistanceState.REQUESTED}


def _number(stage: Stage, rows: Sequence[dict[str, Any]], letters: str) -> None:
    rows = stage.placed(rows)
    stage.add("assistance_service", [row | {"number": f"{letters}{n + 1:06d}"} for n, row in enumerate(rows)])


def _service(stage: Stage, departments: Sequence[int], client: int, day: date) -> dict[str, Any]:
    return {
        "client_id": client,
        "kind": stage.random.choice([kind for kind in AssistanceKind if kind != GREEN]),
        "department_id": stage.random.choice(departments),
        "requested_on": day - DAY * stage.random.randint(0, 3),
        "served_on": day,
        "state": AssistanceState.SERVED,
        "worker": stage.random.choice(WORKERS),
        "satisfaction": stage.random.choice((None, 4, 5, 5)),
    }


def _open_channels(stage: Stage, departments: Sequence[int], clients: Sequence[int]) -> None:
    """Fewer than are due; they go to clients who were assisted anyway."""
    days = stage.paced(50, 0.74)
    green = [_service(stage, departments, stage.random.choice(clients[:200]), day) | {"kind": GREEN} for day in days]
    opened = [row | {"state": AssistanceState.OPENED} for row in green]
    failed = [row | {"state": AssistanceState.FAILED} for row in green[::6]]
    _number(stage, [*opened, *failed], "LT")


def _follow_up(stage: Stage, clients: Sequence[int]) -> None:
    """Calls in every month; some clients were not reached, the next are due this and next week."""
    rows = []
    for first, last in stage.months:
        for client in stage.random.sample(list(clients), min(24, len(clients))):
            due = stage.day(first, last)
            reached = stage.random.random() < 0.9
            state = FollowupState.DONE if reached else FollowupState.UNREACHED
            told = {"done_on": due, "outcome": stage.random.choice(OUTCOMES)} if reached else {}
            rows.append({"client_id": client, "due_on": due, "state": state, **told})
    ahead = [{"client_id": key, "due_on": stage.today + DAY * (n % 15 - 4)} for n, key in enumerate(clients[:30])]
    channels = [Channel.PHONE, Channel.PHONE, Channel.WECHAT]
    worker = stage.random.choice(WORKERS)
    stage.add(
        "followup_task",
        [row | {"channel": channels[n % 3], "worker": worker} for n, row in enumerate(stage.placed(rows + ahead))],
    )


def _aid(stage: Stage, clients: Sequence[int], days: Sequence[date]) -> None:
    """Four of the named projects run, with money from the foundations; most applications are paid."""
    projects = stage.session.exec(select(CharityProject).order_by(col(CharityProject.id))).all()[:4]
    if not projects:
        return
    for place, project in enumerate(projects):
        project.state, project.starts = ProjectState.RUNNING, stage.since - DAY * (300 - 60 * place)
        project.budget = Decimal(1_000_000 + 100_000 * place)
    stage.session.flush()
    _fund(stage, [project.id or 0 for project in projects])
    states = (AidState.PAID, AidState.PAID, AidState.CLOSED)
    rows = [
        _application(stage, projects, key, day, states[n % 3])
        for n, (key, day) in enumerate(zip(clients, days, strict=True))
    ]
    open_ones = [_application(stage, projects, key, stage.today, AidState.SUBMITTED) for key in clients[:4]]
    open_ones += [_application(stage, projects, key, stage.today, AidState.SCREENED) for key in clients[4:9]]
    open_ones += [_application(stage, projects, key, stage.today, AidState.APPROVED) for key in clients[9:14]]
    open_ones += [_application(stage, projects, key, stage.today, AidState.REFUSED) for key in clients[14:17]]
    open_ones = [row | {"applied_on": stage.today - DAY * (1 + 2 * n)} for n, row in enumerate(open_ones)]
    numbered = [row | {"number": f"JZ-{n + 1:05d}"} for n, row in enumerate(stage.placed(rows + open_ones))]
    _walk(stage, numbered, stage.add("aid_application", numbered))


def _walk(stage: Stage, rows: Sequence[dict[str, Any]], keys: Sequence[int]) -> None:
    """The steps that led each application to where it stands, some days apart."""
    steps = []
    for row, key in zip(rows, keys, strict=True):
        refused = row["state"] == AidState.REFUSED
        way = (*LINE[:2], AidState.REFUSED) if refused else LINE[: LINE.index(row["state"]) + 1]
        last = row.get("paid_on") or stage.today
        for place, (before, after) in enumerate(pairwise(way)):
            day = min(row["applied_on"] + DAY * 3 * place, last)
            steps.append({
                "aid_application_id": key, "before": before, "after": after, "stepped_on": day,
                "taken_by": WORKERS[place % 2], "reason": row.get("reason", "") if after == AidState.REFUSED else "",
            })  # fmt: skip
    stage.add("aid_step", steps)


def _application(
    stage: Stage, projects: Sequence[CharityProject], client: int, day: date, state: AidState
) -> dict[str, Any]:
    place = stage.random.randrange(len(projects))
    asked = Decimal(stage.random.randint(5, 40) * 1000)
    row = {
        "client_id": client,
        "charity_project_id": projects[place].id,
        "applied_on": day - DAY * stage.random.randint(10, 40),
        "diagnosis": DIAGNOSES[place],
        "asked": asked,
        "state": state,
    }
    if state in (AidState.PAID, AidState.CLOSED):
        row["paid_on"] = day
    if state == AidState.CLOSED:
        row["result"] = "救助款已用于治疗，回访情况良好"
    if state == AidState.REFUSED:
        row["reason"] = "不符合项目救助标准"
    return row | (
        {} if state in (AidState.SUBMITTED, AidState.SCREENED, AidState.REFUSED) else {"granted": asked * 3 / 4}
    )


def _fund(stage: Stage, projects: Sequence[int]) -> None:
    """Every project has a foundation behind it, whose money arrived in two parts."""
    wanted = (
        select(Organisation.id).where(Organisation.kind == OrganisationKind.FOUNDATION).order_by(col(Organisation.id))
    )
    pairs = list(zip(projects, stage.session.exec(wanted).all(), strict=False))
    partners = [{"charity_project_id": project, "organisation_id": key} for project, key in pairs]
    stage.add("project_partner", [row | {"role": PartnerRole.FUNDER} for row in partners])
    money = [
        row | {"received_on": stage.since + DAY * 60 * part, "amount": Decimal(450_000), "voucher": f"ZZ{part}{n:04d}"}
        for part in range(2)
        for n, row in enumerate(partners)
    ]
    stage.add("funding", money)
