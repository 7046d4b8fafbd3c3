"""An indicator's number by whatever its records share: worker, kind, department, theme, station, month."""

import streamlit as st

from models.words import L
from services import splits
from services.access import Actor
from services.figures import Board, Figure
from ui.charts import split
from ui.kpi import draw_chart, mode, picture_name
from ui.shell import language, link, param, set_params, t
from ui.words import plural

KEY = "split.by"


def draw_splits(actor: Actor, figure: Figure, board: Board) -> None:
    """One chart, by what the select above it says; the parts add up to the number."""
    ways = {name: label for name, label in splits.ways(actor, figure.id).items() if name != splits.MONTH}
    if not figure.actual or not ways:
        return
    by = _chosen(list(ways))
    found = splits.split(actor, figure.id, by, board.as_of)
    if [part.value for part in found] == [None]:
        _not_filled(actor, figure, ways, by)
        return
    parts = [(t(part.name), part.n) for part in found]
    chart = split(parts, figure, language(), mode(), ways[by])
    name = f"{picture_name(figure, board)}-{t(ways[by])}"
    draw_chart(chart, f"chart.split.{by}", name, above=lambda: _select(ways))


def _not_filled(actor: Actor, figure: Figure, ways: dict[str, L], by: str) -> None:
    """No record says it: there is nothing to draw, but a place to fill it in."""
    record, label = splits.source(actor, figure.id), ways[by]
    with st.container(border=True):
        _select(ways)
        words = L(
            f"这些{record.label.zh}都没有填“{label.zh}”。在记录的“编辑”里填上，这里就能按它看。",
            f"None of these records says “{label.en}”. Fill it in under Edit of each record to see it here.",
        )
        st.markdown(f":material/info: {t(words)}")
        link(L(f"去填：{record.label.zh}", f"Open: {plural(record.label).en}"), record.name, ":material/edit:")


def _chosen(names: list[str]) -> str:
    """What the select says, at first what the address does; another indicator may not have it."""
    wanted = st.session_state.get(KEY) or param("by")
    st.session_state[KEY] = wanted if wanted in names else names[0]
    return str(st.session_state[KEY])


def _select(ways: dict[str, L]) -> None:
    st.selectbox(
        t(L("按什么看", "Split by")), list(ways), key=KEY, width=220, label_visibility="collapsed",
        format_func=lambda name: t(L(f"按{ways[name].zh}看", f"By {ways[name].en.lower()}")),
        on_change=lambda: set_params(by=st.session_state[KEY]),
    )  # fmt: skip
