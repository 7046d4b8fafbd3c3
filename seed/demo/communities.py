"""The demonstration's communities: WeChat groups, campaigns, materials, posts, visits, screenings, meetings, sites.

New groups lag behind (02.2), one month has no post of the official account (08.5), and one of two sites is accepted.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from models.community import CampaignKind, GroupState, HeldState, MaterialKind, Party, PostState, Service
from models.deliverables import DeliverableState
from models.partners import OrganisationKind
from seed.demo.stage import DAY, Stage

THEMES = ("心血管健康", "肿瘤康复", "孕产育儿", "糖尿病管理", "脊柱健康", "老年关怀", "应急救护", "志愿者之家")
OLD = 92
CAMPAIGNS = ("线上义诊", "名医直播问答", "免费血压血糖检测", "健康礼包派送", "专科体检优惠")
MATERIALS = ("健康科普海报", "救助项目折页", "志愿服务宣传短片", "急救知识图文")
POSTS = ("心肺复苏七步法", "志愿者故事", "救助项目申请指南", "秋冬慢病管理要点", "培训预告")
COMMUNITIES = ("东苑社区", "南屏社区", "西岭社区", "北岸社区", "中和社区", "云溪社区")
OTHERS = (Party.DEPARTMENT, Party.VOLUNTEER, Party.COMMUNITY)
DISEASES = ("高血压", "糖尿病", "白内障", "脊柱侧弯")


def fill(stage: Stage, partners: Sequence[dict[str, Any]]) -> None:
    _groups(stage)
    _campaigns(stage)
    _monthly(stage)
    _visits(stage, _sites(stage), [one for one in partners if one["kind"] == OrganisationKind.COMMUNITY])
    _meetings(stage)


def _groups(stage: Stage) -> None:
    """Many from before the contract, too few new ones, two dissolved; a snapshot of each at every month's end."""
    founded = [stage.since - DAY * (20 + 9 * place) for place in range(OLD)] + stage.paced(15, 0.85)
    rows: list[dict[str, Any]] = [
        {"name": f"{THEMES[n % len(THEMES)]}{n // len(THEMES) + 1}群", "theme": THEMES[n % len(THEMES)],
         "founded_on": day, "owner": stage.random.choice(("何岚", "苏禾", "叶澄"))}
        for n, day in enumerate(founded)
    ]  # fmt: skip
    gone = {"state": GroupState.DISSOLVED, "dissolved_on": stage.today - 25 * DAY}
    rows[3:5] = [row | gone for row in rows[3:5]]
    keys = stage.add("wechat_group", rows)
    stage.add("group_snapshot", [shot for key, row in zip(keys, rows, strict=True) for shot in _shots(stage, key, row)])


def _shots(stage: Stage, group: int, row: dict[str, Any]) -> list[dict[str, Any]]:
    members, last_day = stage.random.randint(240, 330), row.get("dissolved_on") or stage.today
    shots = []
    for first, last in stage.months:
        members = min(members + stage.random.randint(-3, 16), 500)
        if max(first, row["founded_on"]) <= last <= last_day:
            active = round(members * stage.random.uniform(0.08, 0.25))
            shots.append({"group_id": group, "taken_on": last, "members": members, "active": active})
    return shots


def _campaigns(stage: Stage) -> None:
    rows = [_campaign(stage, place, day) for place, day in enumerate(stage.paced(20, 1.05))]
    planned = {"state": HeldState.PLANNED, "participants": None}
    ahead = _campaign(stage, 3, stage.today + 12 * DAY) | planned
    passed = rows[-1] | planned | {"title": CAMPAIGNS[2], "held_on": stage.today - 3 * DAY}
    off = _campaign(stage, 1, stage.today - 33 * DAY) | {"state": HeldState.CANCELLED, "participants": None}
    stage.add("welfare_campaign", [*rows, ahead, passed, off])


def _campaign(stage: Stage, place: int, day: date) -> dict[str, Any]:
    title = f"{CAMPAIGNS[place % len(CAMPAIGNS)]}（{day.month}月）"
    kind, number = stage.random.choice(list(CampaignKind)), stage.random.randint(40, 300)
    return {"title": title, "held_on": day, "kind": kind, "participants": number}


def _monthly(stage: Stage) -> None:
    """Materials in every month, posts in every month but one."""
    completed = stage.period.months_completed(stage.today)
    missed = stage.period.months[completed // 3][0] if completed > 2 else None
    materials: list[dict[str, Any]] = []
    posts: list[dict[str, Any]] = []
    for first, last in stage.months:
        for title in MATERIALS[: max((last - first).days // 9, 1)]:
            kind = stage.random.choice(list(MaterialKind))
            materials.append({"title": title, "kind": kind, "published_on": stage.day(first, last)})
        for title in POSTS[: max((last - first).days // 7, 1)] if first != missed else ():
            reads = stage.random.randint(180, 4200)
            posts.append({"title": title, "published_on": stage.day(first, last), "reads": reads})
    draft = {"title": "年度救助成果展", "published_on": stage.today + 9 * DAY, "state": PostState.DRAFT}
    stage.add("promo_material", [*materials, draft])
    stage.add("official_account_post", posts)


def _sites(stage: Stage) -> list[int]:
    accepted = {"state": DeliverableState.ACCEPTED, "accepted_on": stage.today - 6 * DAY, "accepted_by": "示例验收组"}
    return stage.add("demonstration_site", [
        {"name": "东苑健康社区示范点", "begun_on": stage.since, **accepted},
        {"name": "云溪健康社区示范点", "begun_on": stage.since},
    ])  # fmt: skip


def _visits(stage: Stage, sites: Sequence[int], communities: Sequence[dict[str, Any]]) -> None:
    """A visit serves a dozen or two; screenings on the spot belong to it, two were held apart."""
    days = stage.paced(30, 1.12)
    rows = [_visit(stage, place, day, sites) for place, day in enumerate(days)]
    planned = {"state": HeldState.PLANNED, "encounters": 0}
    ahead = _visit(stage, 2, stage.today + 6 * DAY, sites) | planned
    passed = ahead | {"place": COMMUNITIES[4], "visited_on": stage.today - 2 * DAY}
    for place, row in enumerate(rows):
        row["organisation_id"] = communities[place % len(communities)]["organisation_id"]
    keys = stage.add("community_visit", [*rows, ahead, passed])
    held = [
        {"disease": DISEASES[n % 4], "place": row["place"], "screened_on": row["visited_on"], "visit_id": key,
         "screened": min(row["encounters"], 12), "found": stage.random.randint(0, 4)}
        for n, (key, row) in enumerate(zip(keys, rows, strict=False)) if n % 3 == 0
    ]  # fmt: skip
    apart = [
        {"disease": DISEASES[n], "place": "门诊大厅", "screened_on": days[-1 - n], "screened": 18}
        for n in range(min(2, len(days)))
    ]
    stage.add("screening", held + apart)


def _visit(stage: Stage, place: int, day: date, sites: Sequence[int]) -> dict[str, Any]:
    name = COMMUNITIES[place % len(COMMUNITIES)]
    site = {"东苑社区": sites[0], "云溪社区": sites[1]}.get(name)
    services = stage.random.sample(list(Service)[:5], stage.random.randint(1, 3))
    served = stage.random.randint(9, 19)
    return {"place": name, "visited_on": day, "site_id": site, "services": services, "encounters": served}


def _meetings(stage: Stage) -> None:
    rows = [
        {"title": f"多方联席会议第{place + 1}次", "held_on": day, "attendees": stage.random.randint(6, 18),
         "parties": [Party.SOCIAL_WORKER, *stage.random.sample(OTHERS, 2)]}
        for place, day in enumerate(stage.paced(10, 0.9))
    ]  # fmt: skip
    alone = {"title": "社工部例会", "held_on": stage.today - 8 * DAY, "parties": [Party.SOCIAL_WORKER], "attendees": 5}
    passed = {"title": "社区健康共建座谈会", "held_on": stage.today - DAY, "state": HeldState.PLANNED}
    stage.add("coordination_meeting", [*rows, alone, passed])
