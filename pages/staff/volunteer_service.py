"""What a volunteer gave: hours by source, stars, trainings and evaluations (M67 art. 7-10)."""

import streamlit as st

from models.people import VolunteerState
from models.service import Quality
from models.words import L
from pages.staff import volunteer_link, volunteer_proofs
from services import serving_absence, serving_ledger, serving_lifecycle, serving_proof
from services.access import Actor
from services.serving_ledger import Ledger, Told
from services.store import Row
from ui.detail import fields_html
from ui.shell import go, t

SERVING = (VolunteerState.ACTIVE, VolunteerState.PAUSED)
COMMA = L("、", ", ")
STAGES = {"active": "green", "dormant": "orange", "left": "gray"}


def draw(actor: Actor, row: Row) -> None:
    """The card of service on a volunteer's page."""
    ledger, told = serving_ledger.ledger(actor, row.id), serving_ledger.told(actor, row.id)
    with st.container(border=True, key="service"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{t(L('服务', 'Service'))}**", width="content")
            _badges(actor, row, ledger)
        with st.grid(4, min_column_width=120):
            st.metric(t(L("累计时长", "Hours in all")), str(ledger.total))
            st.metric(t(L("服务次数", "Times")), ledger.entries)
            st.metric(t(L("最近服务", "Last served")), str(ledger.last_on or "—"))
            st.metric(t(L("未到次数", "No-shows")), serving_absence.missed_by(actor, row.id))
        st.html(fields_html(_facts(ledger, told)))
        if actor.may("write", "volunteers"):
            _acts(actor, row, ledger)
        volunteer_proofs.draw(actor, serving_proof.of_volunteer(actor, row.id))


def _badges(actor: Actor, row: Row, ledger: Ledger) -> None:
    found = serving_lifecycle.stage_of(actor, row.id)
    if found:
        st.badge(t(found.label), color=STAGES[found])  # type: ignore[arg-type]
    if ledger.awarded:
        by_hand = L("（破格）", " (by hand)") if ledger.awarded > ledger.entitled else L("", "")
        words = L(f"{ledger.awarded} 星{by_hand.zh}", f"{stars(ledger.awarded)}{by_hand.en}")
        st.badge(t(words), icon=":material/star:", color="orange" if by_hand.zh else "blue")


def stars(level: int) -> str:
    return f"{level} star" if level == 1 else f"{level} stars"


def _facts(ledger: Ledger, told: Told) -> list[tuple[str, str]]:
    sources = t(COMMA).join(f"{t(source.label)} {hours}" for source, hours in ledger.by_source.items())
    trained = t(L("；", "; ")).join(f"{one.held_on} {one.title} {one.hours:g}h" for one in told.trainings[:5])
    rated = t(COMMA).join(
        f"{t(quality.label)} {told.qualities[quality]}" for quality in Quality if quality in told.qualities
    )
    pairs = (
        (L("按来源", "By source"), sources),
        (L("参加培训", "Trainings"), trained),
        (L("服务评价", "Evaluations"), rated),
    )
    return [(t(label), words) for label, words in pairs if words]


def _acts(actor: Actor, row: Row, ledger: Ledger) -> None:
    with st.container(horizontal=True):
        if row.values["state"] in SERVING and row.values["consent"]:
            volunteer_link.draw(actor, row)
        if ledger.entries:
            with st.popover(t(L("出具证明", "Issue a proof")), icon=":material/verified:"):
                volunteer_proofs.issue(actor, row)
        if ledger.applied > ledger.awarded:
            waits = L(
                f"已申请 {ledger.applied} 星，等评定", f"Applied for {stars(ledger.applied)}; waits for a decision"
            )
            st.badge(t(waits), icon=":material/hourglass_empty:", color="orange")
        words = L(f"申请 {ledger.entitled} 星", f"Apply for {stars(ledger.entitled)}")
        if ledger.may_apply and st.button(t(words), icon=":material/star:"):
            go("star_award", do="new", **{"set.volunteer_id": row.id, "set.level": ledger.entitled})
