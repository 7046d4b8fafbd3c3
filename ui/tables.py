"""Tables: what stands in their columns, which row a click picks, and the pages of a long one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa
import streamlit as st

from models import RecordType
from models.base import LIST, FieldSpec
from models.words import L
from services.store import Row
from ui.shell import escaped, field_key, field_value, go, language, number, set_params, t

Item = TypeVar("Item")
Columns = Mapping[L, Callable[[Any], Any]]
LINE, SCREENFUL = 33, 33 * 28 + 2  # pixels: a line of Streamlit's tables in the theme's font size


def frame(items: Sequence[Any], columns: Columns) -> pd.DataFrame:
    """A line for each item: under every heading what its function says of it."""
    return pd.DataFrame({t(heading): [cell(item) for item in items] for heading, cell in columns.items()})


def as_frame(rows: Sequence[Row], specs: Sequence[FieldSpec]) -> pa.Table:
    """The rows as texts for a table: only what may leave the server. Arrow is what Streamlit would make of them."""
    spoken = language()
    texts = {t(spec.label): [row.show(spec.name, spoken) for row in rows] for spec in specs}
    return pa.table({label: pa.array(column, pa.string()) for label, column in texts.items()})


MEASURED, WIDEST = 10, 420


def widths(cells: pd.DataFrame | pa.Table) -> dict[str, Any]:
    """Widths for the columns whose longest text stands below the rows by which the browser measures them: it would be
    cut off there."""
    lines = {
        str(name): cells[name].to_pylist() if isinstance(cells, pa.Table) else list(cells[name])
        for name in _names(cells)
    }
    wanted = {name: _seen_and_whole(name, column) for name, column in lines.items()}
    return {
        name: st.column_config.Column(width=min(whole + 18, WIDEST))
        for name, (seen, whole) in wanted.items() if whole > seen
    }  # fmt: skip


def _seen_and_whole(name: str, column: Sequence[Any]) -> tuple[int, int]:
    """The pixels of the longest text of a column: of what the browser measures, its heading included, and of all lines."""
    heading, *texts = (_pixels(str(one or "")) for one in [name, *column])
    return max([heading, *texts[:MEASURED]]), max(texts, default=0)


def _names(cells: pd.DataFrame | pa.Table) -> list[str]:
    return cells.column_names if isinstance(cells, pa.Table) else list(cells.columns)


def _pixels(text: str) -> int:
    """What a text takes in a table; Chinese signs are the wide ones."""
    wide = 0 if text.isascii() else sum(sign > "\u2e7f" for sign in text)
    return round(7.4 * len(text) + 5.8 * wide)


def height(lines: int) -> int:
    """Pixels in which a table of so many lines stands whole, up to a screenful that scrolls."""
    return min(LINE * (lines + 1) + 2, SCREENFUL)


def picked_cell(cells: pd.DataFrame | pa.Table, key: str, **more: Any) -> tuple[int, str] | None:
    """Draw a table; the place of the line and the heading of the column that a click picked."""
    columns = widths(cells) | more.pop("column_config", {})
    event: Any = st.dataframe(
        cells,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-cell",
        key=key,
        placeholder="",
        column_config=columns,
        **more,
    )
    return event.selection.cells[0] if event.selection.cells else None


def picked(cells: pd.DataFrame | pa.Table, items: Sequence[Item], key: str, **more: Any) -> Item | None:
    """Draw the table of these items; the one whose line a click picked."""
    cell = picked_cell(cells, key, **more)
    return items[cell[0]] if cell else None


def opening_table(record: RecordType, rows: Sequence[Row], key: str, *, without: str = "", **params: Any) -> None:
    """Draw rows of a record type as its list shows them, but for one field; a click opens one."""
    specs = [spec for spec in record.fields if spec.shows(LIST) and spec.name != without]
    if row := picked(as_frame(rows, specs), rows, key):
        go(record.name, id=row.id, **params)


def editable(cells: pd.DataFrame, form: str, name: str, heading: L, *, may: bool, **more: Any) -> None:
    """Draw a table of which one column may be typed into, by whoever may; `edited` tells what was typed."""
    fixed = [column for column in cells.columns if column != t(heading) or not may]
    st.data_editor(cells, hide_index=True, key=field_key(form, name), placeholder="", disabled=fixed, **more)


def edited(form: str, name: str, heading: L) -> dict[int, Any]:
    """What was typed into a column of an editable table and is not saved yet, by the place of its line."""
    edits: dict[Any, dict[str, Any]] = (field_value(form, name) or {}).get("edited_rows", {})
    return {int(place): cells[t(heading)] for place, cells in edits.items() if t(heading) in cells}


def grid_html(headings: Iterable[L], rows: str) -> str:
    """A small table as HTML, its rows ready; it scrolls sideways by keyboard too."""
    head = "".join(f"<th scope='col'>{escaped(t(heading))}</th>" for heading in headings)
    return f"<div class='grid' tabindex='0'><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"


def turn_page(total: int, size: int, key: str) -> None:
    """Where there is more than one page, the choice of the one that is shown: `page` in the address, from 1."""
    pages, shown = -(-total // size), max(number("page"), 1)
    if pages > 1 and (chosen := st.pagination(pages, default=shown, key=key)) != shown:
        set_params(page=chosen if chosen > 1 else "")
        st.rerun()
