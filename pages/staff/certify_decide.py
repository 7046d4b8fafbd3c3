"""What another person does with the list of a session: approve or return it, and what was decided before."""

from collections.abc import Sequence

import streamlit as st

from models.words import L
from services import certificates
from services.access import Actor
from services.eligibility import Batch
from ui.shell import Outcome, button, errors_of, escaped, field_key, field_value, literal, t


def decide(actor: Actor, title: str, batch: Batch) -> None:
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
                _approve(actor, title, batch, form)
            if actor.may("approve", "training") or batch.own:
                _send_back(actor, batch, back)
        errors_of(form)


def _approve(actor: Actor, title: str, batch: Batch, form: str) -> None:
    """Asked once more, since numbers are never given back."""

    def act(used: str) -> Outcome:
        numbers = certificates.approve(actor, batch.id, token=used)
        return Outcome(_issued(numbers), stays=True)

    with st.popover(t(L("批准并发证", "Approve and issue")), type="primary", icon=":material/verified:"):
        count, name = batch.people, literal(title)
        which = L(
            f"{count} 张证书" if count > 1 else "1 张证书", f"{count} certificates" if count > 1 else "1 certificate"
        )
        about = L(
            f"将为“{name}”的 **{which.zh}** 编号并发出，编号不能收回。",
            f"**{which.en}** of “{name}” will be numbered and issued. Numbers are never given back.",
        )
        st.markdown(t(about))
        button(L(f"确认发证 {count} 张", f"Issue {which.en}"), act, form=form, kind="primary")


def _issued(numbers: Sequence[str]) -> L:
    first, last, count = numbers[0], numbers[-1], len(numbers)
    if first == last:
        return L(f"已发 1 张：{first}", f"1 issued: {first}")
    return L(f"已发 {count} 张：{first} 至 {last}", f"{count} issued: {first} to {last}")


def _send_back(actor: Actor, batch: Batch, form: str) -> None:
    """Whoever submitted the list takes it back; to somebody else it is returned."""
    label = L("撤回", "Withdraw") if batch.own else L("退回", "Return")
    confirm = L("确认撤回", "Withdraw it") if batch.own else L("确认退回", "Return it")
    done = L("已撤回", "Withdrawn") if batch.own else L("已退回", "Returned")
    with st.popover(t(label), icon=":material/undo:"):
        st.text_input(t(L("理由 *", "Reason *")), key=field_key(form, "reason"), max_chars=200)

        def act(used: str) -> Outcome:
            certificates.send_back(actor, batch.id, field_value(form, "reason", ""), token=used)
            return Outcome(done)

        button(confirm, act, form=form)
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
