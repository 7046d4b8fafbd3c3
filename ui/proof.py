"""The rows behind an indicator's number on the screen: filtered, told, opened by a click, taken away as a sheet."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import streamlit as st

from models import RECORDS
from models.contract import Counting
from models.words import L
from reports.closing_words import sum_words, zero_words
from reports.figure_words import month_name, period_of
from services import jobs, kpi, proofs, splits
from services.access import Actor
from services.figures import Board, Figure
from services.proofs import Line
from ui.kpi import figure_params
from ui.shell import Outcome, button, go, language, number, param, set_params, t
from ui.tables import picked_cell, turn_page

PAGE = 50
MONTH_KEY, STATION_KEY = "proof.month", "proof.station"


def draw_proof(actor: Actor, figure: Figure, board: Board, counting: Counting) -> None:
    """The rows whose sum is the number, newest first; of one month or station where the address says so."""
    st.subheader(t(L("逐条依据", "Row by row")), anchor=False)
    month, unit = _filters(actor, figure, board) if any(figure.by_month) else (None, None)
    shown = number("page") or 1
    proof = kpi.rows(actor, figure.id, board.as_of, month=month, unit_id=unit, page=shown - 1, size=PAGE)
    st.markdown(f"**{t(sum_words(figure, float(proof.counted), proof.rows_total, month is None and unit is None))}**")
    if not proof.rows:
        set_params(page="")
        return
    lines = proofs.lines(actor, figure.id, proof.rows, board.as_of)
    _table(lines, board, counting, f"proof.{shown}.{month}.{unit}")
    turn_page(proof.rows_total, PAGE, f"proof.page.{month}.{unit}")


# -- filters --------------------------------------------------


def month_asked(board: Board) -> int | None:
    """The contract month (from 0) that the address names by its first day's year and month."""
    names = month_names(board)
    return names.index(param("month")) if param("month") in names else None


def month_names(board: Board) -> list[str]:
    """The started contract months as the address and the chart call them: 2026-05."""
    period = period_of(board)
    return [f"{first:%Y-%m}" for first, _ in period.months[: period.months_started(board.as_of)]]


def pick_month(chart: str) -> None:
    """From a click on a column: the rows of that month, or of all again."""
    points = st.session_state[chart].selection.points
    chosen = str(points[0]["x"]) if points else ""
    st.session_state[MONTH_KEY] = chosen or None
    set_params(month=chosen, page="")


def _filters(actor: Actor, figure: Figure, board: Board) -> tuple[int | None, int | None]:
    names, stations = month_names(board), _stations(actor, figure, board)
    labels = {name: f"{name[:4]} · {t(month_name(date.fromisoformat(f'{name}-01')))}" for name in names}
    with st.container(horizontal=True, vertical_alignment="bottom", key="proof-filters"):
        _select(L("月份", "Month"), "month", MONTH_KEY, labels)
        if stations:
            _select(L("站点", "Station"), "station", STATION_KEY, {str(key): name for key, name in stations.items()})
    unit = number("station")
    return month_asked(board), unit if unit in stations else None


def _select(label: L, name: str, key: str, labels: dict[str, str]) -> None:
    options = list(labels)
    st.session_state.setdefault(key, param(name) if param(name) in options else None)
    st.selectbox(
        t(label), options, key=key, format_func=lambda code: labels.get(code, code), width=200,
        placeholder=t(L("全部", "All")), on_change=lambda: set_params(**{name: st.session_state[key], "page": ""}),
    )  # fmt: skip


def _stations(actor: Actor, figure: Figure, board: Board) -> dict[int, str]:
    if splits.STATION not in splits.ways(actor, figure.id):
        return {}
    return {part.unit_id: part.name for part in kpi.by_station(actor, figure.id, board.as_of) if part.unit_id}


# -- the table --------------------------------------------------

DAY, TITLE, COUNTS = L("日期", "Date"), L("记录", "Record"), L("计入", "Counts")
STATION, WORKER = L("站点", "Station"), L("经办人", "Worker")
FILES, ALSO = L("佐证", "Evidence"), L("同时计入", "Also counts in")


def _table(lines: Sequence[Line], board: Board, counting: Counting, key: str) -> None:
    """A click opens the record; on its evidence its files; on another indicator's code that indicator."""
    frame = pd.DataFrame(_columns(lines, counting))
    cell = picked_cell(frame, key, column_config={t(TITLE): st.column_config.Column(width="medium")})
    if cell is None:
        return
    place, column = cell
    line = lines[place]
    if column == t(ALSO) and len(line.also) == 1:
        go("figure", code=line.also[0], **figure_params(board))
    go(line.record, id=line.ref, tab="files" if column == t(FILES) else "")


def _columns(lines: Sequence[Line], counting: Counting) -> dict[str, list[str]]:
    """What no row has is left out."""
    several = len({line.record for line in lines}) > 1
    found = {
        DAY: [line.day.isoformat() for line in lines],
        TITLE: [_title(line, several) for line in lines],
        COUNTS: [f"{line.n:g}" if line.n else t(zero_words(counting)) for line in lines],
        STATION: [line.station for line in lines],
        WORKER: [line.worker for line in lines],
        FILES: [_files(line.files) for line in lines],
        ALSO: ["  ".join(line.also) for line in lines],
    }
    return {t(label): cells for label, cells in found.items() if any(cells)}


def _title(line: Line, several: bool) -> str:
    title = t(L("（不在您的权限内）", "(not yours to see)")) if line.title is None else line.title
    return f"{t(RECORDS[line.record].label)} · {title}" if several else title


def _files(number: int) -> str:
    if not number:
        return t(L("无佐证", "none"))
    return t(L(f"{number} 份", f"{number} file{'s' * (number != 1)}"))


# -- the sheet --------------------------------------------------


def export_button(actor: Actor, figure: Figure, board: Board) -> None:
    """The rows that count, all of them or as filtered, as a sheet."""
    if not actor.may("export", "indicators"):
        return
    month, unit = month_asked(board), number("station") or None

    def act(_used: str) -> Outcome:
        key = jobs.submit_proof(actor, figure.id, day=board.as_of, month=month, unit_id=unit, language=language())
        return Outcome(L("正在导出", "Exporting"), "figure", dict(st.query_params) | {"job": key})

    label = (
        L("导出依据", "Export the records") if month is None and unit is None else L("导出筛选的依据", "Export these")
    )
    button(label, act, form=f"proof.{figure.id}", icon=":material/download:")
