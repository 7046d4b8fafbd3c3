"""What another person does with the list of a session: approve or return it, and what was decided before."""

from collections.abc import Sequence

import streamlit as st

from models.words import L
from services import certificates
from services.access import Actor
from services.eligibility import Batch
from ui.shell import Outcome, button, errors_of, escaped, field_key, field_value, literal, t


def decide(actor: Actor, batch: Batch) -> None:
    form, back = f"approve.{batch.id}", f"return.{batch.id}"
    with st.container(border=True):
        who = literal(batch.submitted_by)
        st.markdown(t(L(f"{who} 提交了 **{batch.people}** 人", f"**{batch.people}** people, submitted by {who}")))
        if batch.short_reason:
            why = literal(batch.short_reason)
            st.markdown(t(L(f"课时不足仍发证：{why}", f"Issued though the class was too short: {why}")))
        if batch.own:
            st.caption(
                t(L("您提交的名单由另一位同事批准。", "A colleague has to approve the list that you submitted."))
            )
        elif batch.ruled:
            st.caption(
                t(
                    L(
                        "名单里有您个别处理过的人，由另一位同事批准。",
                        "A colleague has to approve it: you ruled on somebody of this list.",
                    )
                )
            )
        with st.container(horizontal=True):
            if actor.may("approve", "training") and not (batch.own or batch.ruled):
                _approve(actor, batch, form)
            if actor.may("approve", "training") or batch.own:
                _send_back(actor, batch, back)
        errors_of(form)


def _approve(actor: Actor, batch: Batch, form: str) -> None:
    def act(used: str) -> Outcome:
        numbers = certificates.approve(actor, batch.id, token=used)
        first, last = numbers[0], numbers[-1]
        return Outcome(
            L(f"已发 {len(numbers)} 张：{first} 至 {last}", f"{len(numbers)} issued: {first} to {last}"), stays=True
        )

    button(L("批准并发证", "Approve and issue"), act, form=form, kind="primary", icon=":material/verified:")


def _send_back(actor: Actor, batch: Batch, form: str) -> None:
    with st.popover(t(L("退回", "Return")), icon=":material/undo:"):
        st.text_input(t(L("理由", "Reason")), key=field_key(form, "reason"))

        def act(used: str) -> Outcome:
            certificates.send_back(actor, batch.id, field_value(form, "reason", ""), token=used)
            return Outcome(L("已退回", "Returned"))

        button(L("确认退回", "Return it"), act, form=form)
        errors_of(form)


def history(batches: Sequence[Batch]) -> None:
    """The lists that were decided, the newest first."""
    lines = [
        f"<p class='s'>{escaped(t(batch.state.label))} · {escaped(_told(batch))}</p>"
        for batch in batches
        if batch.decided_by
    ]
    if lines:
        st.html("".join(lines))


def _told(batch: Batch) -> str:
    people = t(L(f"{batch.people} 人", f"{batch.people} people" if batch.people != 1 else "1 person"))
    by = L(
        f"{batch.submitted_by} 提交，{batch.decided_by} 处理",
        f"submitted by {batch.submitted_by}, decided by {batch.decided_by}",
    )
    return " · ".join(part for part in (people, t(by), _short(batch), batch.reason) if part)


def _short(batch: Batch) -> str:
    why = batch.short_reason
    return t(L(f"课时不足仍发证：{why}", f"Issued though the class was too short: {why}")) if why else ""
