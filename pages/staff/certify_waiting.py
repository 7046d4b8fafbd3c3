"""The lists of certificates that wait for approval: of which class, how many people, by whom and since when."""

from models.words import L
from services import clock, eligibility
from services.access import Actor
from ui.shell import empty, go, header, t
from ui.tables import Columns, frame, picked

COLUMNS: Columns = {
    L("培训班", "Session"): lambda one: one.title,
    L("人数", "People"): lambda one: one.people,
    L("提交人", "Submitted by"): lambda one: one.submitted_by,
    L("提交日期", "Submitted on"): lambda one: f"{clock.local(one.submitted_at):%Y-%m-%d}",
}


def lists(actor: Actor) -> None:
    header(
        t(L("待批准的发证名单", "Certificates to approve")),
        L("点一行核对并批准。", "Click a row to check and approve it."),
    )
    found = eligibility.lists_waiting(actor)
    if not found:
        about = L("提交的名单会出现在这里。", "Lists that are submitted appear here.")
        empty(L("没有等待批准的名单", "No list waits for approval"), about, "verified")
        return
    if one := picked(frame(found, COLUMNS), found, "certify.lists"):
        go("certify", id=one.session_id)
