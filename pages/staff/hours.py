"""Hours that wait for a second person: several are confirmed at once, those with a note one by one."""

from typing import Any

import pandas as pd
import streamlit as st

from models.words import L
from pages.staff.hours_notes import notes
from services import serving_hours, serving_roster
from services.access import Actor
from services.serving_roster import Waiting
from ui.messages import words_of
from ui.shell import Outcome, button, counted, empty, field_key, field_value, go, header, literal, t
from ui.tables import height


def page(actor: Actor) -> None:
    rows, total = serving_roster.queue(actor)
    about = L("选中几条一起确认；有提示的点开逐条处理，自己录入的由别人确认。",
              "Select several and confirm them; open those with a note; what you entered somebody else confirms.")  # fmt: skip
    header(t(L("确认时长", "Confirm hours")), about)
    if not rows:
        empty(
            L("没有待确认的时长", "No hours wait"),
            L("签退或录入后会出现在这里。", "They appear here once entered."),
            "task_alt",
        )
        return
    st.markdown(f"**{counted(total)}** {t(L('条', 'entries'))}")
    event: Any = st.dataframe(
        _frame(rows), hide_index=True, on_select="rerun", selection_mode=["multi-row", "single-cell"], placeholder="",
        height=height(len(rows)), key=field_key("hours", "table"),
    )  # fmt: skip
    chosen = [rows[place] for place in event.selection.rows]
    if event.selection.cells and not chosen:
        go("service_hours", id=rows[event.selection.cells[0][0]].id)
    if chosen and serving_hours.may_review(actor, 0):
        _confirm_chosen(actor, chosen)


def _confirm_chosen(actor: Actor, chosen: list[Waiting]) -> None:
    def act(_used: str) -> Outcome:
        reason = field_value("hours", "reason", "") or ""
        refused = serving_hours.confirm_many(actor, {one.id: one.version for one in mine}, reason=reason)
        done = len(mine) - len(refused)
        if not refused:
            return Outcome(L(f"已确认 {done} 条", f"{done} confirmed"))
        return Outcome(_partly(done, [(one, refused[one.id]) for one in mine if one.id in refused]), partly=True)

    mine = [one for one in chosen if not (one.own or one.too_high)]
    if others := len(chosen) - len(mine):
        told = L(f"所选有 {others} 条您不能确认：自己录入的请同事确认，级别高的由更高一级复核。",
                 f"{others} of those selected are not yours to confirm: a colleague confirms what you entered, "
                 "a higher level reviews long days.")  # fmt: skip
        st.caption(f":material/info: {t(told)}")
    if any(not one.is_plain for one in mine):
        st.text_input(t(L("有提示的几条的说明 *", "Reason for those with a note *")), key=field_key("hours", "reason"),
                      max_chars=200)  # fmt: skip
    if mine:
        words = L(f"确认所选 {len(mine)} 条", f"Confirm {len(mine)} selected")
        button(words, act, form="hours", kind="primary", icon=":material/check:")


def _partly(done: int, refused: list[tuple[Waiting, str]]) -> L:
    """How many took effect, and of each of the others which it is and why not."""
    told = [(f"{literal(one.name)} {one.served_on} {literal(one.activity)}", words_of(code)) for one, code in refused]
    zh, en = ("；".join(f"{who}（{why.zh}）" for who, why in told), "; ".join(f"{who} ({why.en})" for who, why in told))
    return L(f"已确认 {done} 条，{len(told)} 条没有：{zh}", f"{done} confirmed, {len(told)} not: {en}")


def _frame(rows: list[Waiting]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t(L("志愿者", "Volunteer")): [row.name for row in rows],
            t(L("小时", "Hours")): [str(row.hours) for row in rows],
            t(L("提示", "Note")): [t(L("、", ", ")).join(notes(row)) for row in rows],
            t(L("活动", "Activity")): [row.activity for row in rows],
            t(L("日期", "Day")): [str(row.served_on or "") for row in rows],
            t(L("起止", "Times")): [row.times for row in rows],
            t(L("来源", "Source")): [t(row.source.label) for row in rows],
            t(L("录入人", "Entered by")): [row.entered_name for row in rows],
            t(L("记录期限", "Record by")): [str(row.record_by or "") for row in rows],
        }
    )
