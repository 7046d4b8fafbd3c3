"""Sheets in the columns of the national system, and how teams and volunteers stand on the same day (V11, V12)."""

import streamlit as st

from models.words import L
from services import clock, jobs, serving_export, serving_lifecycle
from services.access import Actor
from ui.exchange import export_status
from ui.shell import Outcome, button, errors_of, field_key, field_value, header, link, t

FORM = "national"


def page(actor: Actor) -> None:
    about = L("按全国志愿服务信息系统的列导出；列名和代码在“选项”里可改。",
              "In the columns of the national system; headings and codes are edited under Options.")  # fmt: skip
    header(t(L("全国系统导出", "National export")), about)
    export_status(actor)
    with st.container(border=True, width=760):
        _form(actor)
    link(L("改列名和代码", "Edit headings and codes"), "option", ":material/edit:", q="national")
    stages(actor)


def _form(actor: Actor) -> None:
    first, last = serving_export.usual_period(clock.today())
    titles = serving_export.TITLES
    st.segmented_control(t(L("导出什么", "What")), list(titles), default="hours", format_func=lambda k: t(titles[k]),
                         key=field_key(FORM, "sheet"))  # fmt: skip
    with st.container(horizontal=True):
        st.date_input(t(L("从", "From")), value=first, key=field_key(FORM, "first"), format="YYYY-MM-DD")
        st.date_input(t(L("到", "Through")), value=last, key=field_key(FORM, "last"), format="YYYY-MM-DD")
    help_text = t(L("含完整证件号码，用途会记入日志", "It holds full document numbers; the purpose is logged"))
    st.text_input(t(L("用途 *", "Purpose *")), key=field_key(FORM, "purpose"), help=help_text)
    errors_of(FORM)

    def act(_used: str) -> Outcome:
        sheet, begins, ends = (field_value(FORM, name) for name in ("sheet", "first", "last"))
        key = jobs.submit_national(actor, sheet, begins, ends, field_value(FORM, "purpose", "") or "")
        return Outcome(L("正在导出", "Exporting"), "national", {"job": key})

    button(L("导出", "Export"), act, form=FORM, kind="primary", icon=":material/download:")


def stages(actor: Actor) -> None:
    """Active, dormant, left: counted by the one definition that the sheet uses too."""
    for label, found in (
        (L("服务队", "Teams"), serving_lifecycle.team_counts(actor)),
        (L("志愿者", "Volunteers"), serving_lifecycle.volunteer_counts(actor)),
    ):
        st.markdown(f"**{t(label)}**")
        with st.grid(3, min_column_width=140):
            for stage, count in found.items():
                st.metric(t(stage.label), f"{count:,}", border=True)


def teams(actor: Actor) -> None:
    """Above the list of teams: how many are active, and which are dormant."""
    found = serving_lifecycle.teams(actor)
    dormant = [team.name for team in found if team.stage == serving_lifecycle.Stage.DORMANT]
    counts = "　".join(f"{t(stage.label)} {count}" for stage, count in serving_lifecycle.team_counts(actor).items())
    if found:
        st.caption(counts + (t(L("；休眠：", "; dormant: ")) + t(L("、", ", ")).join(dormant) if dormant else ""))
