"""The portal's own screens: one function each, for what needs more than the generic page of a record type."""

from collections.abc import Callable
from dataclasses import dataclass

from models.words import L
from pages.admin import (
    accounts,
    contract,
    institution,
    journal,
    numbers,
    recycle,
    reminders,
    retention,
    rule,
    table,
)
from pages.leader import acceptance, closing, dashboard, indicator, screen, target
from pages.staff import (
    aid,
    approvals,
    assistance,
    base,
    calendar,
    callout,
    certificate,
    certificates,
    certify,
    checklist,
    class_list,
    coverage,
    department,
    deployment,
    hours,
    hours_entry,
    lesson_plan,
    me,
    national,
    organisation,
    partner_forms,
    project,
    requests,
    rescue,
    rota,
    scheduling,
    scores,
    search,
    session,
    shift,
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
    """A screen: its address, name, icon, menu section and place in it (0: none), and what opens it: this verb in the
    area of its section's name, or in another one ("*": in any); with "" it is open to everybody of the house."""

    url: str
    label: L
    icon: str
    section: str
    draw: Callable[[Actor], None]
    verb: Verb = "read"
    place: int = 5
    own_area: str | None = None

    @property
    def area(self) -> str:
        return self.section if self.own_area is None else self.own_area

    def open_to(self, actor: Actor) -> bool:
        areas = AREAS if self.area == "*" else (self.area,)
        return not self.area or any(actor.may(self.verb, area) for area in areas)


SCREENS: list[Screen] = [
    Screen("today", L("今日", "Today"), "today", "today", today.page, own_area=""),
    Screen("me", L("我的账号", "My account"), "account_circle", "today", me.page, own_area="", place=0),
    Screen("search", L("查找", "Search"), "search", "today", search.page, own_area="", place=0),
    Screen("approvals", L("审核", "Approvals"), "how_to_reg", "volunteers", approvals.page, verb="approve", place=1),
    Screen("rescue", L("应急救护", "Emergency rescue"), "emergency", "volunteers", rescue.page, place=1),
    Screen("callout", L("应急调派", "Call list"), "sos", "volunteers", callout.page, place=1),
    Screen(
        "certificates", L("证书到期看板", "Certificates ending"), "event_busy", "volunteers", certificates.page, place=2
    ),
    Screen("rota", L("排班", "Rota"), "calendar_clock", "volunteers", rota.page, place=2),
    Screen("hours", L("确认时长", "Confirm hours"), "approval", "volunteers", hours.page, place=2),
    Screen(
        "national",
        L("全国系统导出", "National export"),
        "ios_share",
        "volunteers",
        national.page,
        verb="personal",
        place=9,
    ),
    Screen("steps", L("下一步", "Next steps"), "event_upcoming", "partners", steps.page, place=1),
    Screen("coverage", L("区域覆盖", "Coverage"), "map", "partners", coverage.page, place=2),
    Screen("base", L("基地", "Bases"), "apartment", "training", base.page, place=1),
    Screen("scores", L("考核", "Assessment"), "grading", "training", scores.page, place=2),
    Screen("certify", L("发证", "Certificates"), "verified", "training", certify.page, place=0),
    Screen("calendar", L("培训日历", "Calendar"), "calendar_month", "training", calendar.page, place=1),
    Screen("snapshots", L("本月快照", "Monthly snapshots"), "edit_note", "community", snapshots.page, place=1),
    Screen("indicators", L("指标总览", "Overview"), "monitoring", "indicators", dashboard.page),
    Screen("figure", L("指标", "Indicator"), "flag", "indicators", indicator.page, place=0),
    Screen("rule", L("怎样计数", "How it counts"), "rule", "contract", rule.page, verb="write", place=0),
    Screen("table", L("指标表", "Table of indicators"), "table", "contract", table.page, verb="write", place=0),
    Screen("target", L("目标与计划", "Target and plan"), "edit_note", "indicators", target.page, place=0),
    Screen("closing", L("月度结账", "Month closing"), "lock", "indicators", closing.page, place=6),
    Screen("screen", L("大屏", "Screen"), "tv", "indicators", screen.page, place=0),
    Screen("acceptance", L("验收报告", "Acceptance report"), "task", "indicators", acceptance.page, place=6),
    Screen("accounts", L("账号", "Accounts"), "manage_accounts", "admin", accounts.page),
    Screen("institution", L("单位与电话", "Name and phone"), "apartment", "admin", institution.page),
    Screen("journal", L("审计日志", "Audit log"), "history", "admin", journal.page),
    Screen("reminders", L("提醒", "Reminders"), "notifications", "admin", reminders.page),
    Screen("retention", L("留存与匿名化", "Retention"), "auto_delete", "admin", retention.page, verb="write"),
    Screen("numbers", L("参数设置", "Settings"), "tune", "admin", numbers.page),
    Screen("recycle", L("回收站", "Bin"), "delete", "admin", recycle.page, own_area="*", verb="remove"),
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
    "deployment": Own(detail=deployment.page, begin=deployment.begin),
    "department": Own(detail=department.page),
    "demonstration_site": Own(detail=site.page),
    "community_visit": Own(detail=visit.page, begin=visit.begin, form={"advise": visit.advise}),
    "deliverable": Own(detail=checklist.page),
    "wechat_group": Own(detail=wechat.page),
    "certificate": Own(detail=certificate.page),
    "service_shift": Own(detail=shift.page),
    "service_hours": Own(detail=hours_entry.page),
    "correction_request": Own(detail=requests.correction),
    "star_award": Own(detail=requests.star),
    "volunteer_team": Own(before_list=national.teams),
    "lesson": Own(form={"save": lesson_plan.save, "advise": lesson_plan.advise}),
    "training_session": Own(
        before_list=class_list.ahead, detail=session.page, form={"save": scheduling.save, "advise": scheduling.advise}
    ),
}
