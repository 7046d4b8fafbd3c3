"""The demonstration's house: departments and their projects, the bases, deliverables, staff, research.

Too few technologies are promoted (04.2), the model lacks a document (06.1), the second article is not out (09.2).
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import col, select

from models.base_work import QualificationKind, StaffRole
from models.deliverables import Deliverable, DeliverableState, PolicyState, RequiredDocument
from models.outreach import CooperationState, PromotionKind
from models.people import Education
from models.research import AcademicLevel, GrantState, NominationState, PublicationState
from models.training import Base
from seed.demo.partners import DEPARTMENTS
from seed.demo.stage import DAY, Stage

TECHNOLOGIES = ("经导管主动脉瓣植入", "加速康复外科", "脊柱微创矫形", "肿瘤多学科会诊", "老年综合评估", "眩晕手法复位")
COOPERATION = ("心血管专科联盟远程会诊", "青少年脊柱健康联合门诊", "老年慢病医联体随访")
PUBLISHED = {"training_base": 3, "community_service_model": 4, "emergency_base_rules": 5}
DUTY = ("设备巡检与消毒", "接待参观与咨询", "教具整理与补充", "培训场地准备", "AED 电量与耗材检查")
OWNERS = ("何岚", "苏禾", "叶澄")


def fill(stage: Stage, partners: Sequence[dict[str, Any]]) -> list[int]:
    """Returns the departments' ids."""
    rows = [{"name": name, "liaison": stage.random.choice(OWNERS)} for name in DEPARTMENTS]
    departments = stage.add("department", rows)
    _outreach(stage, departments, partners)
    _deliver(stage)
    _log(stage)
    _staff(stage)
    _research(stage)
    return departments


def _outreach(stage: Stage, departments: Sequence[int], partners: Sequence[dict[str, Any]]) -> None:
    states = (CooperationState.LAUNCHED, CooperationState.LAUNCHED, CooperationState.PLANNED)
    days = (*stage.paced(2, 1.8)[:2], stage.today - 4 * DAY)
    stage.add(
        "cooperation_project",
        [
            {
                "name": name,
                "department_id": stage.random.choice(departments),
                "organisation_id": stage.random.choice(partners)["organisation_id"],
                "launched_on": day,
                "state": state,
            }
            for name, day, state in zip(COOPERATION, days, states, strict=False)
        ],
    )
    days_of = stage.paced(10, 0.72)
    rows = [_promotion(stage, departments, place, day) for place, day in enumerate(days_of)]
    again = rows[0] | {"promoted_on": stage.today - 5 * DAY, "place": "社区卫生服务中心"}
    stage.add("technology_promotion", [*rows, again])


def _promotion(stage: Stage, departments: Sequence[int], place: int, day: date) -> dict[str, Any]:
    return {
        "technology": TECHNOLOGIES[place % len(TECHNOLOGIES)],
        "department_id": stage.random.choice(departments),
        "promoted_on": day,
        "kind": stage.random.choice(list(PromotionKind)),
        "audience": stage.random.randint(20, 160),
    }


def _deliver(stage: Stage) -> None:
    """The checklists that shipped with the contract, in part fulfilled; one deliverable is accepted."""
    for found in stage.session.exec(select(Deliverable).order_by(col(Deliverable.id))).all():
        wanted = select(RequiredDocument).where(RequiredDocument.deliverable_id == found.id)
        required = stage.session.exec(wanted.order_by(col(RequiredDocument.id))).all()
        done = PUBLISHED.get(found.code, 0)
        stage.add("policy_document", [_policy(stage, row, place < done) for place, row in enumerate(required)])
        if done == len(required):
            found.state, found.accepted_on = DeliverableState.ACCEPTED, stage.today - 3 * DAY
            found.accepted_by = "示例验收组"
    stage.session.flush()


def _policy(stage: Stage, required: RequiredDocument, is_out: bool) -> dict[str, Any]:
    day = stage.day(stage.since, stage.today - 5 * DAY) if is_out else None
    state = PolicyState.PUBLISHED if is_out else PolicyState.DRAFT
    author = stage.random.choice(OWNERS)
    return {"title": required.name, "required_id": required.id, "state": state, "published_on": day, "author": author}


def _log(stage: Stage) -> None:
    """Two entries a week for each base."""
    weeks = ((stage.today - stage.since).days + 1) // 7
    rows = []
    for base, week, weekday in ((base, week, day) for base in Base for week in range(weeks) for day in (1, 4)):
        rows.append({
            "base": base, "logged_on": stage.since + DAY * (week * 7 + weekday), "on_duty": stage.random.choice(OWNERS),
            "visitors": stage.random.randint(0, 45), "equipment_checked": stage.random.random() < 0.9,
            "entry": stage.random.choice(DUTY),
        })  # fmt: skip
    stage.add("base_duty_log", rows)


def _staff(stage: Stage) -> None:
    """Five in post, four of them qualified."""
    people = [stage.invent.volunteer(26, 44) for _ in range(5)]
    stage.people(people)
    roles = (StaffRole.PROJECT_MANAGER, *[StaffRole.SOCIAL_WORKER] * 3, StaffRole.OUTREACH)
    rows = [
        person | {
            "role": role, "hired_on": stage.since - DAY * (90 + 200 * place), "education": Education.BACHELOR,
            "major": "社会工作",
        }
        for place, (person, role) in enumerate(zip(people, roles, strict=True))
    ]  # fmt: skip
    ids = stage.add("staff_member", rows)
    kinds = (
        QualificationKind.NATIONAL,
        QualificationKind.NATIONAL,
        QualificationKind.LOCAL,
        QualificationKind.TRAINING,
    )
    stage.add(
        "staff_qualification",
        [
            {
                "staff_member_id": key,
                "kind": kind,
                "number": f"SW{place + 1:06d}",
                "issued_on": stage.since - DAY * (400 + 100 * place),
                "expires_on": stage.today + 40 * DAY if kind == QualificationKind.OUTREACH else None,
                "training_hours": 72.0 if kind == QualificationKind.TRAINING else None,
            }
            for place, (key, kind) in enumerate(zip(ids, (*kinds, QualificationKind.OUTREACH), strict=True))
        ],
    )


def _research(stage: Stage) -> None:
    sent, out = stage.paced(1, 1.0)[0] + 20 * DAY, stage.paced(2, 0.9)[0] + 60 * DAY
    sent, out = min(sent, stage.today), min(out, stage.today)
    stage.add("grant_application", [
        {"title": "医务社工介入慢病管理的效果研究", "funder": "示例省社科规划办", "state": GrantState.SUBMITTED,
         "submitted_on": sent, "leader": OWNERS[0]},
        {"title": "应急救护志愿者队伍可持续发展研究", "funder": "示例市卫生健康委", "state": GrantState.DRAFT},
    ])  # fmt: skip
    stage.add("publication", [
        {"title": "医院志愿服务的组织与保障", "outlet": "示例医院管理杂志", "state": PublicationState.PUBLISHED,
         "published_on": out, "authors": OWNERS[1]},
        {"title": "“医社联动”实践与思考", "outlet": "示例社会工作网", "state": PublicationState.ACCEPTED,
         "submitted_on": stage.today - 30 * DAY, "authors": OWNERS[2]},
    ])  # fmt: skip
    ahead = {"held_on": stage.today + 80 * DAY, "state": "planned", "place": "学术报告厅"}
    stage.add("seminar", [{"title": "全省医务社会工作研讨会", "level": AcademicLevel.PROVINCIAL, **ahead}])
    stage.add("award_nomination", [
        {"award": "最美志愿者", "nominee": "晨曦应急救护队", "nominated_on": stage.today - 40 * DAY,
         "state": NominationState.NOMINATED},
    ])  # fmt: skip
