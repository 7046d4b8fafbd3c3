"""What a volunteer gave: hours by source, stars, trainings and evaluations (M67 art. 7-10); the link to their own page."""

import streamlit as st

from models.people import VolunteerState
from models.service import Quality
from models.words import L
from pages.staff import volunteer_proofs
from services import clock, serving_absence, serving_ledger, serving_lifecycle, serving_pass, serving_proof
from services.access import Actor
from services.serving_ledger import Ledger, Told
from services.store import Row
from ui.detail import fields_html
from ui.shell import Outcome, button, go, t

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
        words = L(f"{ledger.awarded} 星{by_hand.zh}", f"{ledger.awarded} stars{by_hand.en}")
        st.badge(t(words), icon=":material/star:", color="orange" if by_hand.zh else "blue")


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
            _link(actor, row)
        if ledger.entries:
            with st.popover(t(L("出具证明", "Issue a proof")), icon=":material/verified:"):
                volunteer_proofs.issue(actor, row)
        words = L(f"申请 {ledger.entitled} 星", f"Apply for {ledger.entitled} star{'s' if ledger.entitled > 1 else ''}")
        if ledger.may_apply and st.button(t(words), icon=":material/star:"):
            go("star_award", do="new", **{"set.volunteer_id": row.id, "set.level": ledger.entitled})


def _link(actor: Actor, row: Row) -> None:
    site = str(st.context.url or "").split("/volunteer")[0]
    with st.popover(t(L("个人页链接", "Link to their page")), icon=":material/link:"):
        told = L(
            "只能用一次，复制后发给本人；打开后那台手机会记住。",
            "Works once: copy it and send it; the phone that opens it stays signed in.",
        )
        st.caption(t(told))

        def make(_used: str) -> Outcome:
            path = serving_pass.make_link(actor, row.id)
            return Outcome(L("链接已生成，只显示这一次", "The link, shown this once"), stays=True, secret=site + path)

        def end(_used: str) -> Outcome:
            ended = serving_pass.revoke(actor, row.id)
            return Outcome(L(f"已作废 {ended} 个", f"{ended} ended"))

        for one in serving_pass.passes(actor, row.id):
            used = f"{clock.local(one.used_at):%Y-%m-%d %H:%M}" if one.used_at else ""
            words = L(f"已于 {used} 打开", f"Opened at {used}") if used else L("有一个还没用的链接", "One link waits")
            st.markdown(f":small[{t(words)}]")
        button(L("生成新链接", "Make a link"), make, form=f"link.{row.id}", icon=":material/add_link:")
        button(L("全部作废", "End them all"), end, form=f"unlink.{row.id}", icon=":material/link_off:")
