"""The demonstration's partners: organisations, contacts, the log with next steps, agreements, stages."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from models.partners import AgreementKind, AgreementState, InteractionKind, Level, OrganisationKind, Stage, Tier
from models.periods import add_months, default_end
from models.quotas import QuotaAct, QuotaKind
from seed.demo.stage import DAY
from seed.demo.stage import Stage as Demo

FOUNDATION, SOCIAL, COMMUNITY, SCHOOL, GOVERNMENT, ENTERPRISE, MEDICAL, MEDIA, OTHER = OrganisationKind
LEAD, TALKS, SIGNED, ACTIVE, DORMANT, ENDED = Stage
NATIONAL, WON_TARGET = 5, 20
KNOWN = (COMMUNITY, SCHOOL, GOVERNMENT, COMMUNITY, SCHOOL, SOCIAL, ENTERPRISE, COMMUNITY, MEDIA)
WON = [MEDICAL, COMMUNITY, MEDICAL, SOCIAL, MEDICAL, ENTERPRISE, MEDICAL, SCHOOL, MEDICAL, MEDIA]
OTHERS = [COMMUNITY] * 9 + [SCHOOL] * 6 + [SOCIAL] * 7 + [GOVERNMENT] * 4 + [ENTERPRISE] * 5 + [FOUNDATION] * 3
ALL = 70
DEPARTMENTS = ("心血管内科", "康复医学科", "儿科", "肿瘤科", "急诊科", "老年医学科", "妇产科")
OWNERS = ("何岚", "苏禾", "叶澄")
TITLES = ("主任", "秘书长", "项目经理", "社工部部长", "办公室主任", "德育主任", "干事")
TALK = (
    "沟通年度合作计划", "商定应急救护科普进社区的时间", "走访了解居民健康需求", "介绍医疗救助项目申请流程",
    "讨论协议条款", "交流志愿者招募与培训", "复盘上次活动的反馈", "确认培训场地与人数", "对接转诊绿色通道",
)  # fmt: skip
STEPS = ("寄送协议文本", "确认活动日期", "邀请参加开班仪式", "回访合作意向", "提交项目方案", "安排现场勘察")


def fill(demo: Demo) -> list[dict[str, Any]]:
    """Returns the organisations, those with an agreement first."""
    partners = _national(demo) + _known(demo) + _won(demo)
    everyone = partners + _others(demo, ALL - len(partners))
    for partner, key in zip(everyone, demo.add("organisation", everyone), strict=True):
        partner["organisation_id"] = key
    contacts = _contacts(demo, everyone)
    _log(demo, everyone, contacts)
    _agree(demo, partners, everyone[len(partners) :])
    demo.add("stage_change", [row for partner in everyone for row in _history(demo, partner)])
    _quotas(demo, partners)
    return everyone


# -- who ------------------------------------------------------------------------------------------------------------


def _partner(demo: Demo, kind: OrganisationKind, **values: Any) -> dict[str, Any]:
    """An organisation; signed_on is the day of its first agreement, if any."""
    made = demo.invent.organisation(kind) | {
        "level": Level.DISTRICT,
        "tier": Tier.REGULAR,
        "stage": ACTIVE,
        "owner": demo.random.choice(OWNERS),
        "source": demo.random.choice(("主动联络", "科室推荐", "活动结识", "同行介绍")),
    }
    return made | values


def _national(demo: Demo) -> list[dict[str, Any]]:
    days = (demo.since - DAY * (30 + 25 * place) for place in range(NATIONAL))
    national = {"level": Level.NATIONAL, "tier": Tier.KEY, "tags": ["医疗救助"]}
    return [_partner(demo, FOUNDATION, signed_on=day, **national) for day in days]


def _known(demo: Demo) -> list[dict[str, Any]]:
    """Partners from before the contract, whose agreements still run."""
    days = [demo.since - DAY * (20 + 12 * place) for place in range(len(KNOWN))]
    return [_partner(demo, kind, signed_on=day, tier=Tier.IMPORTANT) for kind, day in zip(KNOWN, days, strict=True)]


def _won(demo: Demo) -> list[dict[str, Any]]:
    """Partners won for departments: evenly over the days gone by, and a little more of them than is due (04.3)."""
    wanted = ceil(WON_TARGET * 1.08 * demo.elapsed)
    days = demo.period.day_of(demo.today)
    return [
        _partner(
            demo,
            WON[place % len(WON)],
            signed_on=demo.period.start + DAY * (days * place // wanted),
            department=demo.random.choice(DEPARTMENTS),
            stage=demo.random.choice((SIGNED, ACTIVE)),
            level=Level.CITY,
        )
        for place in range(wanted)
    ]


def _others(demo: Demo, wanted: int) -> list[dict[str, Any]]:
    """Organisations with whom nothing is signed yet, or no more."""
    stages = (LEAD, TALKS, LEAD, TALKS, LEAD, DORMANT, TALKS, ENDED)
    kinds = demo.random.sample(OTHERS + [MEDICAL] * 6 + [MEDIA] * 3 + [OTHER] * 2, len(OTHERS) + 11)
    levels = (Level.DISTRICT, Level.DISTRICT, Level.CITY, Level.PROVINCIAL)
    return [
        _partner(demo, kinds[n % len(kinds)], stage=stages[n % len(stages)], level=demo.random.choice(levels))
        for n in range(wanted)
    ]


def _contacts(demo: Demo, partners: Sequence[dict[str, Any]]) -> dict[int, int]:
    """One or two people at each; returns the main contact by organisation."""
    rows = []
    for partner in partners:
        for place in range(demo.random.choice((1, 1, 2))):
            own = {"organisation_id": partner["organisation_id"], "title": demo.random.choice(TITLES)}
            rows.append(demo.invent.person() | own | {"work_phone": demo.invent.work_phone(), "is_primary": not place})
    demo.people(rows)
    ids = demo.add("contact", rows)
    return {row["organisation_id"]: key for row, key in zip(rows, ids, strict=True) if row["is_primary"]}


# -- what was said ----------------------------------------------------------------------------------------------------


def _log(demo: Demo, partners: Sequence[dict[str, Any]], contacts: dict[int, int]) -> None:
    rows = []
    for partner in partners:
        key = partner["organisation_id"]
        often = demo.random.randint(3, 6) if partner["stage"] in (SIGNED, ACTIVE, TALKS) else 2
        rows += [_talk(demo, key, contacts[key]) for _ in range(often)]
    rows += [_talk(demo, partner["organisation_id"], None) for partner in partners[:12]]
    demo.add("interaction", rows)


def _talk(demo: Demo, organisation_id: int, contact_id: int | None) -> dict[str, Any]:
    day = demo.day(demo.since, demo.today)
    row = {
        "organisation_id": organisation_id,
        "contact_id": contact_id,
        "kind": demo.random.choice(list(InteractionKind)),
        "happened_on": day,
        "summary": demo.random.choice(TALK),
    }
    recent = day > demo.today - 25 * DAY
    return row | (_next(demo, day) if recent or demo.random.random() < 0.4 else {})


def _next(demo: Demo, day: date) -> dict[str, Any]:
    """What comes next: of old talks always done, of recent ones some overdue and some to come."""
    planned = day + DAY * demo.random.randint(3, 24)
    done = planned < demo.today and (demo.random.random() < 0.6 or planned < demo.today - 14 * DAY)
    told = {"done": True, "result": "已完成"} if done else {}
    return {"next_step": demo.random.choice(STEPS), "next_on": planned} | told


# -- what was signed --------------------------------------------------------------------------------------------------


def _agree(demo: Demo, partners: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]]) -> None:
    """Agreements in force, some about to end; one renewed, one terminated, three drafts."""
    signed = [_agreement(demo, partner, place) for place, partner in enumerate(partners)]
    ends = (12, 26, 29, 41, 48, 57)
    for row, days in zip(signed[NATIONAL - 2 :], ends, strict=False):
        row["ends"] = demo.today + DAY * days
    renewed = signed[0] | {"ends": demo.since + 60 * DAY}
    ids = demo.add("agreement", [renewed, *signed[1:]])
    begins = min(renewed["ends"] + DAY, demo.today)
    again = _agreement(demo, partners[0], len(signed), begins) | {"renewal_of_id": ids[0]}
    rest = [_agreement(demo, other, len(signed) + 1 + n) for n, other in enumerate(_undecided(others))]
    ended = _agreement(demo, partners[NATIONAL], 90, demo.since - 400 * DAY)
    ended |= {"state": AgreementState.TERMINATED, "terminated_on": demo.since - 30 * DAY}
    demo.add("agreement", [again, *({**row, "state": AgreementState.DRAFT} for row in rest), ended])


def _undecided(others: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [other for other in others if other["stage"] == TALKS][:3]


def _agreement(demo: Demo, partner: dict[str, Any], place: int, signed_on: date | None = None) -> dict[str, Any]:
    day = signed_on or partner.get("signed_on") or demo.today - DAY * (place % 9)
    starts, kind = min(day + DAY * (place % 4), demo.today), partner["kind"]
    return {
        "organisation_id": partner["organisation_id"],
        "number": f"HZ{day:%Y}-{place + 1:03d}",
        "kind": {FOUNDATION: AgreementKind.DONATION, MEDICAL: AgreementKind.MEDICAL}.get(kind, AgreementKind.FRAMEWORK),
        "signed_on": day,
        "starts": starts,
        "ends": max(default_end(starts, demo.random.choice((24, 36))), add_months(demo.period.start, 3)),
        "amount": Decimal(demo.random.randint(5, 60) * 10_000) if kind == FOUNDATION else None,
        "scope": "医疗救助与公益项目合作" if kind == FOUNDATION else "健康宣教、培训与转介合作",
    }


# -- how it came about ------------------------------------------------------------------------------------------------

PATHS: dict[Stage, tuple[Stage, ...]] = {
    LEAD: (),
    TALKS: (TALKS,),
    SIGNED: (TALKS, SIGNED),
    ACTIVE: (TALKS, SIGNED, ACTIVE),
    DORMANT: (TALKS, DORMANT),
    ENDED: (TALKS, ENDED),
}
REASONS = {DORMANT: "对方人员调整，暂缓推进", ENDED: "合作意向不一致，终止洽谈"}


def _history(demo: Demo, partner: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps to the present stage, the signing on its day."""
    path = PATHS[partner["stage"]]
    signed = partner.get("signed_on") or demo.day(demo.since + 20 * DAY, demo.today)
    days = (signed - timedelta(days=18), signed, min(signed + timedelta(days=9), demo.today))
    return [
        {
            "organisation_id": partner["organisation_id"],
            "before": before,
            "after": after,
            "changed_on": day,
            "reason": REASONS.get(after, ""),
        }
        for before, after, day in zip((LEAD, *path), path, days, strict=False)
    ]


# -- what they may use ------------------------------------------------------------------------------------------------

QUOTAS = ((NATIONAL, QuotaKind.SEATS, 60), (NATIONAL + 1, QuotaKind.SEATS, 40), (NATIONAL + 2, QuotaKind.BEDS, 6))
ENTRIES = (
    (QuotaAct.ASSIGN, -4, "应急救护培训，社区网格员"),
    (QuotaAct.ASSIGN, -2, "救护员取证班"),
    (QuotaAct.RELEASE, 1, "一人临时不能参加"),
    (QuotaAct.ADJUST, 2, "下半年增加"),
)


def _quotas(demo: Demo, partners: Sequence[dict[str, Any]]) -> None:
    """Three partners with a quota of the contract's year, and what was used of each; one entry is undone."""
    term = {"starts": demo.since, "ends": max(demo.period.end, demo.today + 30 * DAY)}
    rows = [
        term | {"organisation_id": partners[place]["organisation_id"], "kind": kind, "granted": granted}
        for place, kind, granted in QUOTAS
    ]
    for key in demo.add("partner_quota", rows):
        days = [demo.since + DAY * (20 + 25 * place) for place in range(len(ENTRIES))]
        entries = [
            {"quota_id": key, "act": act, "amount": amount, "entered_on": day, "purpose": purpose}
            for day, (act, amount, purpose) in zip(days, ENTRIES, strict=True)
        ]
        ids = demo.add("quota_entry", entries)
        demo.add("quota_entry", [entries[1] | {"amount": 2, "purpose": "班次改期", "reversal_of_id": ids[1]}])
