"""What is asked of an indicator: its target and how that was amended, its monthly plan (features K4 and K9)."""

import streamlit as st

from models.words import L
from pages.leader import plan
from reports.figure_words import amount, plan_words, target_words
from services import kpi, targets
from services.access import Actor
from services.errors import NotFound
from services.figures import Board, Figure
from services.targets import AMENDMENT, Amended
from ui.form import FORM_WIDTH, draw, typed
from ui.messages import words_of
from ui.shell import Outcome, button, errors, escaped, field_key, field_value, header, link, number, param, t

ASKED = [AMENDMENT.field(name) for name in ("effective_on", "target_after", "reason", "document")]


def page(actor: Actor) -> None:
    board = kpi.board(actor, number("contract") or None)
    figure = next((f for f in board.figures if f.code == param("code")), None)
    if figure is None or not _has_target(figure):
        raise NotFound
    back = {"code": figure.code, "contract": board.contract_id}
    link(L("返回指标", "Back to the indicator"), "figure", ":material/arrow_back:", **back)
    goal = (
        amount(figure.target or 0, figure.unit) if figure.kind != "ratio" else target_words(figure, figure.target or 0)
    )
    header(
        f"{figure.code}　{t(figure.name)}",
        L(
            f"现在的目标：{goal.zh}。下面是每个月打算完成多少，以及目标改过几次。",
            f"The target now: {goal.en}. Below: what each month is to bring, and how the target was changed.",
        ),
    )
    _timeline(figure, targets.history(actor, figure.id), board)
    if targets.may_amend(actor):
        _amend(actor, figure)
    if targets.may_be_planned(figure.kind):
        plan.editor(actor, figure, board)


def section(actor: Actor, figure: Figure, board: Board) -> None:
    """On the indicator's own page: how the target came about, what its plan lacks, and the way here."""
    if not _has_target(figure):
        return
    _timeline(figure, targets.history(actor, figure.id), board)
    if figure.plan:
        st.caption(t(L("月度计划：", "Monthly plan: ")) + t(plan_words(figure, figure.plan)))
    where = {"code": figure.code, "contract": board.contract_id}
    link(L("改目标、排月度计划", "Change the target, plan the months"), "target", ":material/edit_note:", **where)


def _has_target(figure: Figure) -> bool:
    return figure.target is not None and figure.kind not in targets.UNTOLD


def _timeline(figure: Figure, changes: list[Amended], board: Board) -> None:
    if not changes:
        return
    lines = "".join(_change(figure, one, coming=one.effective_on > board.as_of) for one in changes)
    with st.container(border=True):
        st.html(f"<h4>{escaped(t(L('目标改动记录', 'Changes of the target')))}</h4><ol class='tl'>{lines}</ol>")


def _change(figure: Figure, one: Amended, *, coming: bool) -> str:
    scale = 100 if figure.kind == "ratio" else 1
    before, after = (t(target_words(figure, float(value) / scale)) for value in (one.before, one.after))
    files = " ".join(f"<a href='/files/{key}' target='_blank'>{escaped(name)}</a>" for key, name in one.files)
    day = L(f"从 {one.effective_on} 起", f"from {one.effective_on}")
    more = t(L("，还没到日子", ", not yet")) if coming else ""
    ground = " · ".join(part for part in (escaped(one.document), files) if part)
    return (
        f"<li><b>{before} → {after} {escaped(t(figure.unit))}</b><small>{t(day)}{more}</small>"
        f"<p>{escaped(one.reason)}</p>{f'<p>{ground}</p>' if ground else ''}</li>"
    )


def _amend(actor: Actor, figure: Figure) -> None:
    form = f"amend.{figure.id}"
    wrong = errors(form)
    with st.expander(t(L("改目标", "Change the target")), icon=":material/edit_note:", expanded=bool(wrong)):
        st.caption(
            t(L("和采购方书面商定了新目标，才在这里登记。合同里原来的数字留着备查；从您填的那天起，进度按新目标算，之前的不重算。",
                "Only what was agreed with the client in writing. The contract's first number stays on record; from the day "
                "that you enter, progress is measured by the new target, and nothing before it changes."))
        )  # fmt: skip
        with st.container(width=FORM_WIDTH):
            for spec in ASKED:
                draw(actor, spec, field_key(form, spec.name), None, is_new=True)
                if spec.name in wrong:
                    st.html(f"<p class='fe' role='alert'>{escaped(t(words_of(wrong[spec.name])))}</p>")
            st.file_uploader(
                t(L("商定新目标的文件（扫描件，可不传）", "The paper that says so (a scan, optional)")),
                key=field_key(form, "file"),
            )

            def act(used: str) -> Outcome:
                given, paper = typed(ASKED, form, None), field_value(form, "file")
                file = (paper.name, paper.getvalue()) if paper else None
                targets.amend(actor, figure.id, given, file=file, token=used)
                return Outcome(L("新目标已登记，进度按它算", "The new target is entered; progress follows it"))

            button(L("保存新目标", "Save the new target"), act, form=form, kind="primary", icon=":material/check:")
