"""The demonstration's deployments of rescue volunteers: eight over the year, one of them under way."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlmodel import col, select

from models.deployment import DeploymentKind, Duty
from models.people import CredentialKind, Volunteer, VolunteerCredential, VolunteerState
from seed.demo.stage import DAY, Stage
from services import clock

LOG: tuple[tuple[int, DeploymentKind, str, str, str, int, int, str, str], ...] = (
    # days ago, kind, event, place, requested by, people, minutes, outcome, debrief
    (176, DeploymentKind.EVENT, "龙舟赛医疗保障", "江湾码头", "红棉街道办", 6, 300, "处理中暑 2 人、擦伤 5 人", "饮水点要再多一处"),
    (141, DeploymentKind.DRILL, "地铁站应急演练", "江南西站", "区应急管理局", 8, 180, "完成 3 个科目", "对讲机频道要事先统一"),
    (118, DeploymentKind.FIRST_AID, "商场心脏骤停急救", "棠悦广场", "120 指挥中心", 2, 70, "除颤 1 次，恢复心律", "AED 就近可取"),
    (92, DeploymentKind.DISASTER, "台风“银杏”安置点值守", "汐榆中学", "区民政局", 10, 600, "服务安置群众 180 人", "夜班两人一组"),
    (63, DeploymentKind.EVENT, "社区马拉松保障", "滨江步道", "区体育局", 9, 330, "处理抽筋、低血糖 7 人", "终点区增加担架 1 副"),
    (34, DeploymentKind.FIRST_AID, "公交车上乘客晕厥", "青苗路口", "市民求助", 2, 45, "协助转送急诊 1 人", ""),
    (12, DeploymentKind.EVENT, "校运会急救点", "晨曦小学", "晨曦小学", 4, 240, "包扎 6 人", "低年级段要加一名志愿者"),
    (0, DeploymentKind.EVENT, "社区义诊日急救值守", "市民广场", "红棉街道办", 3, 0, "", ""),
)  # fmt: skip


def fill(stage: Stage) -> None:
    """Those of before the contract's beginning are left out."""
    crew, place = _crew(stage), 0
    for ago, kind, title, where, by, people, minutes, outcome, debrief in LOG:
        day = stage.today - DAY * ago
        if day < stage.since:
            continue
        starts = clock.from_local(datetime.combine(day, time(8, 30))) if minutes else clock.now() - timedelta(hours=1)
        row = {
            "title": title, "kind": kind, "starts": starts.replace(microsecond=0), "place": where, "requested_by": by,
            "ends": starts + timedelta(minutes=minutes) if minutes else None, "outcome": outcome, "debrief": debrief,
            "helped": sum(int(part) for part in outcome.split() if part.isdecimal()) or None,
        }  # fmt: skip
        [key] = stage.add("deployment", [row])
        went = [crew[(place + n) % len(crew)] for n in range(people)]
        place += people - 1
        stage.add("deployment_member", [_member(key, one, n, minutes) for n, one in enumerate(went)])


def _member(deployment: int, volunteer: int, place: int, minutes: int) -> dict[str, Any]:
    return {
        "deployment_id": deployment, "volunteer_id": volunteer, "duty": Duty.RESCUER if place else Duty.LEADER,
        "hours": round(minutes / 60, 2) or None,
    }  # fmt: skip


def _crew(stage: Stage) -> list[int]:
    """Volunteers who may be called: two dozen with a certificate that is valid today."""
    holders = (
        select(VolunteerCredential.volunteer_id)
        .join(Volunteer, col(Volunteer.id) == col(VolunteerCredential.volunteer_id))
        .where(VolunteerCredential.kind.in_([CredentialKind.CPR_AED, CredentialKind.FIRST_AIDER, CredentialKind.BLS]))  # type: ignore[attr-defined]
        .where(col(VolunteerCredential.expires_on) >= stage.today, col(Volunteer.is_emergency_rescue))
        .where(Volunteer.state == VolunteerState.ACTIVE)
    )
    return sorted(set(stage.session.exec(holders)))[:24]
