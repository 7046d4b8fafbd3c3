"""Who of a class may have a certificate and who may not, each with lessons, hours and results beside the name."""

from collections.abc import Sequence

import streamlit as st

from models.certificates import Ruling
from models.words import L
from pages.staff.certify_figures import results
from services.eligibility import Candidate
from ui.shell import escaped, t
from ui.tables import Columns, frame, grid_html, height, widths

NAME, NUMBER, RENEWS = L("姓名", "Name"), L("证书编号", "Number"), L("续自", "Renews")
RESULT = L("结果", "Result")
WHY = "white-space:normal;min-width:17rem"


def so_far(people: Sequence[Candidate]) -> None:
    """Everybody of a class that still runs, with their figures until now and without a verdict."""
    if not people:
        st.caption(t(L("还没有人报名或签到。", "Nobody enrolled or came.")))
        return
    st.markdown(f"**{t(L('参加', 'Took part'))}**　{len(people)}")
    _table(people, {NAME: lambda one: one.name, **results(people)})


def passed(people: Sequence[Candidate]) -> None:
    shown = [one for one in people if not one.missing]
    if not people:
        st.caption(t(L("还没有人报名或签到。", "Nobody enrolled or came.")))
        return
    st.markdown(f"**{t(L('可发证', 'To be certified'))}**　{len(shown)}")
    if not shown:
        st.caption(t(L("没有人符合条件，原因见下表。", "Nobody meets the conditions; the list below says why.")))
        return
    columns: Columns = {
        NAME: lambda one: one.name,
        **results(shown),
        RESULT: _result,
        NUMBER: _number,
        RENEWS: lambda one: one.renews,
    }
    _table(shown, {heading: cell for heading, cell in columns.items() if any(map(cell, shown))})


def _table(shown: Sequence[Candidate], columns: Columns) -> None:
    cells = frame(shown, columns)
    wide = {t(RESULT): st.column_config.Column(width="large")} if any(one.ruled for one in shown) else {}
    st.dataframe(cells, hide_index=True, placeholder="", height=height(len(shown)), column_config=widths(cells) | wide)


def left_out(people: Sequence[Candidate]) -> None:
    """Who passed and was held back by a decision."""
    _reasons(L("暂不发证（人工留下）", "Left out by decision"), [one for one in people if one.is_left_out])


def kept_back(people: Sequence[Candidate]) -> None:
    _reasons(L("还不能发证", "Not yet eligible"), [one for one in people if one.missing and not one.is_left_out])


def _reasons(heading: L, shown: Sequence[Candidate]) -> None:
    if not shown:
        return
    st.markdown(f"**{t(heading)}**　{len(shown)}")
    figures = results(shown)
    numbers = {NUMBER: _number} if any(one.number for one in shown) else {}
    cells = "".join(_line(one, {**figures, **numbers}) for one in shown)
    st.html(f"<div class='listed'>{grid_html((NAME, L('原因', 'Reason'), *figures, *numbers), cells)}</div>")


def _line(one: Candidate, columns: Columns) -> str:
    why = t(L("；", "; ")).join(t(missing.reason) for missing in one.missing)
    told = "".join(f"<td>{escaped(str(cell(one)))}</td>" for cell in columns.values())
    return f"<tr><th scope='row'>{escaped(one.name)}</th><td style='{WHY}'>{escaped(why)}</td>{told}</tr>"


def _result(one: Candidate) -> str:
    if one.ruled and one.ruled.ruling == Ruling.LET_THROUGH:
        return t(L(f"▲ 到课不足仍发证：{one.ruled.reason}", f"▲ Let through: {one.ruled.reason}"))
    return t(L("● 通过", "● Passed"))


def _number(one: Candidate) -> str:
    return one.number + (t(L("（已撤销）", " (revoked)")) if one.is_revoked else "")
