"""The acceptance reports that were made: their files with hashes, their state, and the signature with an opinion."""

import streamlit as st

from models.acceptance import ReportState
from models.words import L
from services import acceptance
from services.acceptance import Kept
from services.access import Actor
from ui.shell import Outcome, button, errors_of, escaped, field_key, field_value, language, t

OUTDATED = L(
    "生成之后，记录又有变动；签署的仍是数据时刻的数字。需要最新数字，请先重新生成。",
    "Records have changed since. Signed, it tells the figures of its moment; make it anew for those of now.",
)


def reports_made(actor: Actor, contract_id: int) -> None:
    found = acceptance.made_of(actor, contract_id)
    st.subheader(t(L("已生成的报告", "Reports made")))
    if not found:
        st.caption(t(L("还没有报告。", "None yet.")))
    for kept in found:
        with st.container(border=True):
            _report(actor, kept)


def _report(actor: Actor, kept: Kept) -> None:
    row, values = kept.row, kept.row.values
    signed = values["state"] == ReportState.SIGNED
    when = row.show("moment", language())
    met, by = f"{values['met']}/{values['total']}", values["made_by"]
    made = L(f"数据时刻 {when} · 统计日 {values['as_of']} · 量化指标达成 {met} 项 · {by}",
             f"Moment {when} · as of {values['as_of']} · targets met {met} · {by}")  # fmt: skip
    links = "　".join(f"<a href='/files/{f.id}' title='SHA-256 {f.sha256}'>{escaped(f.name)}</a>" for f in kept.files)
    hashes = " · ".join(f"{f.name.rsplit('.', 1)[-1]} {f.sha256[:12]}" for f in kept.files)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f"<b>{escaped(values['name'])}</b><p class='s'>{escaped(t(made))}</p>", width="stretch")
        icon, colour = (":material/verified:", "green") if signed else (":material/edit:", "gray")
        st.badge(row.show("state", language()), icon=icon, color=colour)  # type: ignore[arg-type]
    st.html(f"<p>{links}</p><p class='s'>SHA-256: {escaped(hashes)}</p>")
    if signed:
        told = f"{values['signed_by']} · {row.show('signed_at', language())}"
        st.html(f"<p>{escaped(values['opinion'])}</p><p class='s'>{escaped(told)}</p>")
        return
    if kept.is_outdated:
        st.warning(t(OUTDATED), icon=":material/update:")
    if actor.may("approve", "indicators"):
        _sign(actor, row.id)


def _sign(actor: Actor, key: int) -> None:
    form = f"sign.{key}"
    with st.popover(t(L("签署", "Sign")), icon=":material/draw:"):
        st.text_area(t(L("验收意见", "Opinion")), key=field_key(form, "opinion"), max_chars=1000)

        def act(used: str) -> Outcome:
            acceptance.sign(actor, key, field_value(form, "opinion", ""), token=used)
            return Outcome(L("已签署", "Signed"))

        button(L("签署这份报告", "Sign this report"), act, form=form, kind="primary")
        errors_of(form)
