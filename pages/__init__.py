"""The portal's own screens: one function each, for what needs more than the generic page of a record type."""

from collections.abc import Callable
from dataclasses import dataclass

from models.words import L
from pages.admin import accounts, attendance, contract, journal, recycle, retention, rule, table
from pages.leader import acceptance, closing, dashboard, indicator, screen, target
from pages.staff import (
    aid,
    approvals,
    assistance,
    base,
    calendar,
    certificates,
    checklist,
    coverage,
    department,
    me,
    organisation,
    partner_forms,
    project,
    rescue,
    scheduling,
    search,
    session,
    site,
    snapshots,
    steps,
    today,
    visit,
    volunteer,
    wechat,
)
from services import clock
from services.access import AREAS, Actor, Verb
from ui.pages import Own


@dataclass(frozen=True)
class Screen:
    """A screen: its address, name, icon, menu section and place in it (0: none), the permission that opens it."""

    url: str
    label: L
    icon: str
    section: str
    area: str
    draw: Callable[[Actor], None]
    verb: Verb = "read"
    place: int = 5

    def open_to(self, actor: Actor) -> bool:
        """Every person of the house where no area is named; with "*" whoever may do it in some area."""
        areas = AREAS if self.area == "*" else (self.area,)
        return not self.area or any(actor.may(self.verb, area) for area in areas)


SCREENS: list[Screen] = [
    Screen("today", L("今日", "Today"), "today", "today", "", today.page),
    Screen("me", L("我的账号", "My account"), "account_circle", "today", "", me.page, place=0),
    Screen("search", L("查找", "Search"), "search", "today", "", search.page, place=0),
    Screen(
        "approvals", L("审核", "Approvals"), "how_to_reg", "volunteers", "volunteers", approvals.page, verb="approve"
    ),
    Screen("rescue", L("应急救护", "Emergency rescue"), "emergency", "volunteers", "volunteers", rescue.page, place=1),
    Screen("certificates", L("到期证书", "Ending soon"), "event_busy", "volunteers", "volunteers", certificates.page),
    Screen("steps", L("下一步", "Next steps"), "event_upcoming", "partners", "partners", steps.page, place=1),
    Screen("coverage", L("区域覆盖", "Coverage"), "map", "partners", "partners", coverage.page, place=2),
    Screen("base", L("基地", "Bases"), "apartment", "training", "training", base.page, place=1),
    Screen("calendar", L("培训日历", "Calendar"), "calendar_month", "training", "training", calendar.page, place=1),
    Screen(
        "snapshots", L("本月快照", "Monthly snapshots"), "edit_note", "community", "community", snapshots.page, place=1
    ),
    Screen("indicators", L("指标总览", "Overview"), "monitoring", "indicators", "indicators", dashboard.page),
    Screen("figure", L("指标", "Indicator"), "flag", "indicators", "indicators", indicator.page, place=0),
    Screen("rule", L("怎样计数", "How it counts"), "rule", "contract", "contract", rule.page, verb="write", place=0),
    Screen(
        "table", L("指标表", "Table of indicators"), "table", "contract", "contract", table.page, verb="write", place=0
    ),
    Screen("target", L("目标与计划", "Target and plan"), "edit_note", "indicators", "indicators", target.page, place=0),
    Screen("closing", L("月度结账", "Month closing"), "lock", "indicators", "indicators", closing.page, place=6),
    Screen("screen", L("大屏", "Screen"), "tv", "indicators", "indicators", screen.page, place=0),
    Screen(
        "acceptance", L("验收报告", "Acceptance report"), "task", "indicators", "indicators", acceptance.page, place=6
    ),
    Screen("accounts", L("账号", "Accounts"), "manage_accounts", "admin", "admin", accounts.page),
    Screen("journal", L("审计日志", "Audit log"), "history", "admin", "admin", journal.page),
    Screen("retention", L("留存与匿名化", "Retention"), "auto_delete", "admin", "admin", retention.page, verb="write"),
    Screen("attendance_rules", L("出勤规则", "Attendance rules"), "rule_settings", "admin", "admin", attendance.page),
    Screen("recycle", L("回收站", "Bin"), "delete", "admin", "*", recycle.page, verb="remove"),
]
OWN: dict[str, Own] = {
    "contract": Own(before_list=contract.beginnings),
    "indicator": Own(detail=contract.indicator),
    "volunteer": Own(detail=volunteer.page, form={"advise": volunteer.advise}),
    "organisation": Own(detail=organisation.page, form={"advise": partner_forms.advise}),
    "agreement": Own(begin=organisation.renewal),
    "interaction": Own(begin=lambda _actor: {"happened_on": clock.today()}),
    "aid_application": Own(detail=aid.page, begin=lambda _actor: {"applied_on": clock.today()}),
    "charity_project": Own(detail=project.page),
    "assistance_service": Own(
        detail=assistance.page, begin=assistance.begin, form={"advise": assistance.advise, "stick": assistance.STICK}
    ),
    "department": Own(detail=department.page),
    "demonstration_site": Own(detail=site.page),
    "community_visit": Own(detail=visit.page, begin=visit.begin),
    "deliverable": Own(detail=checklist.page),
    "wechat_group": Own(detail=wechat.page),
    "training_session": Own(detail=session.page, form={"save": scheduling.save, "advise": scheduling.advise}),
}
