"""The list of any record type: search, filters, order, columns, pages of 50 in SQL; its state stands in the address."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import streamlit as st

from models import RECORDS, WAITING, RecordType
from models.base import LIST, LONG, NAME, FieldSpec
from models.words import L
from services import attachments, options, store
from services.access import Actor
from services.store import PAGE, Query
from ui import exchange
from ui.shell import counted, empty, forget, go, header, number, param, set_params, t
from ui.tables import as_frame, height, picked, turn_page
from ui.words import plural

IN_A_ROW = 3
LINKED = ("record", "choice", "choices", "option", "options", "flag", "date", "text")
NAMES = L("名称、拼音或首字母", "Name, pinyin or initials")
HINT = L("姓名、拼音或号码后四位", "Name, pinyin or last four digits")
Extra = Callable[[Actor], None]


def listing(actor: Actor, record: RecordType, *, title: L | None = None, before: Extra | None = None) -> None:
    """Draw the list page of a record type; `before` draws something of its own above the table."""
    place = header(t(title or plural(record.label)), record.about)
    with place:
        _actions(actor, record)
    exchange.export_status(actor)
    if before:
        before(actor)
    only = _only(record)
    query = _controls(actor, record, only)
    page = store.rows(actor, record, query)
    if not page.rows and query.page:
        set_params(page="")
        st.rerun()
    if page.rows:
        _table(actor, record, query, page)
    else:
        _nothing(actor, record, query)


def _actions(actor: Actor, record: RecordType) -> None:
    if not record.is_typed:
        return
    if actor.may("import", record.area) and st.button(
        t(L("导入", "Import")), icon=":material/upload_file:", key="import"
    ):
        go(record.name, do="import")
    if actor.may("write", record.area):
        label = L(f"登记{record.label.zh}", f"New {record.label.en.lower()}")
        if st.button(t(label), icon=":material/add:", type="primary", key="new"):
            go(record.name, do="new")


# -- what is asked -------------------------------------------


def _only(record: RecordType) -> str:
    """What waits of these records, where the address asks for that alone; says so, and how to see all."""
    waiting = WAITING.get(param("only"))
    if waiting is None or waiting.record is not record:
        return ""
    with st.container(horizontal=True, vertical_alignment="center", key="only"):
        st.badge(t(waiting.label), icon=":material/filter_alt:", color="primary")
        if st.button(t(L("看全部", "Show all")), key=f"{record.name}.only", type="tertiary"):
            set_params(only="", sort="", page="")
            st.rerun()
    return waiting.name


def _controls(actor: Actor, record: RecordType, only: str) -> Query:
    specs = [*_from_link(record), *store.list_filters(record)]
    if not actor.units and record.has_unit and not store.any_station(actor):
        specs = [spec for spec in specs if spec.name != "unit_id"]
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        words = st.text_input(
            t(L("查找", "Find")), value=param("q"), key=f"{record.name}.q", icon=":material/search:",
            placeholder=t(HINT if record.role_fields else NAMES), width=280,
        )  # fmt: skip
        set_params(q=words)
        filters = {spec.name: _filter(actor, record, spec) for spec in specs[:IN_A_ROW]}
        if specs[IN_A_ROW:]:
            filters |= _more_filters(actor, record, specs[IN_A_ROW:])
    return Query(
        text=words or "",
        filters=filters,
        sort=param("sort") or record.sort,
        page=max(number("page") - 1, 0),
        fields=_columns(record),
        binned=param("do") == "bin",
        only=only,
    )


def _more_filters(actor: Actor, record: RecordType, specs: Sequence[FieldSpec]) -> dict[str, Any]:
    """The filters for which there is no room: all of them while their place is open, else those that hold something."""
    with st.popover(
        t(L("更多筛选", "More filters")), icon=":material/filter_list:", on_change="rerun", key=f"{record.name}.more"
    ) as more:
        drawn = [spec for spec in specs if more.open or _is_set(record, spec)]
        return {spec.name: _filter(actor, record, spec) for spec in drawn}


def _is_set(record: RecordType, spec: FieldSpec) -> bool:
    """Whether the address has a value for a filter, or its widget one that came as its place was closed."""
    ends = (".from", ".to") if spec.kind in ("date", "time") else ("",)
    typed = (st.session_state.get(f"{record.name}.f.{spec.name}{end}") for end in ends)
    return bool(param(f"f.{spec.name}")) or any(typed)


def _from_link(record: RecordType) -> list[FieldSpec]:
    """Fields by which a link narrows the list though they are no usual filter of it; they show while they are set."""
    usual = {spec.name for spec in store.list_filters(record)}
    paths = [name.removeprefix("f.") for name in st.query_params if name.startswith("f.")]
    found = [spec for path in paths if path not in usual and (spec := record.reach(path))]
    return [spec for spec in found if spec.kind in LINKED and not spec.personal and not spec.shows(NAME)]


def as_params(filters: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of an address that opens a list with these filters."""
    return {f"f.{name}": _as_param(value) for name, value in filters.items()}


def _as_param(value: Any) -> str:
    if isinstance(value, tuple):
        return "~".join(day.isoformat() if day else "" for day in value)
    return {True: "1", False: "0"}[value] if isinstance(value, bool) else str(getattr(value, "value", value))


def _filter(actor: Actor, record: RecordType, spec: FieldSpec) -> Any:
    """One filter, read from the address and written back to it."""
    key, label, stored = f"{record.name}.f.{spec.name}", t(spec.label), param(f"f.{spec.name}")
    if spec.kind in ("date", "time"):
        return _dates(key, label, spec, stored)
    if spec.kind == "text":
        typed = st.text_input(label, value=stored, key=key, width=150)
        set_params(**{f"f.{spec.name}": typed})
        return typed
    labels = _labels(actor, spec, stored)
    codes = list(labels)
    index = codes.index(stored) if stored in codes else None
    chosen = st.selectbox(
        label,
        codes,
        index=index,
        key=key,
        format_func=lambda code: labels[code],
        placeholder=t(L("全部", "All")),
        width=170,
    )
    set_params(**{f"f.{spec.name}": chosen})
    if chosen is None:
        return None
    return {"flag": lambda: chosen == "1", "record": lambda: int(chosen)}.get(spec.kind, lambda: chosen)()


def _labels(actor: Actor, spec: FieldSpec, stored: str) -> dict[str, str]:
    if spec.kind == "flag":
        return {"1": t(L("是", "Yes")), "0": t(L("否", "No"))}
    if spec.choices:
        return {member.value: t(member.label) for member in spec.choices}
    if spec.options:
        return {code: t(label) for code, label in options.labels(spec.options).items()}
    keep = [int(stored)] if stored.isdecimal() and len(stored) < 16 else []
    found = store.choices(actor, RECORDS[spec.refers_to or ""], keep=keep, size=200)
    return {str(key): title for key, title in found.items()}


def _dates(key: str, label: str, spec: FieldSpec, stored: str) -> tuple[date | None, date | None]:
    first, _, last = stored.partition("~")
    bounds = [_date(first), _date(last)]
    with st.popover(label, icon=":material/date_range:" if not stored else ":material/event_available:"):
        bounds[0] = st.date_input(t(L("从", "From")), value=bounds[0], key=f"{key}.from", format="YYYY-MM-DD")
        bounds[1] = st.date_input(t(L("至", "To")), value=bounds[1], key=f"{key}.to", format="YYYY-MM-DD")
    text = "~".join(day.isoformat() if day else "" for day in bounds)
    set_params(**{f"f.{spec.name}": "" if text == "~" else text})
    return bounds[0], bounds[1]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _columns(record: RecordType) -> list[str]:
    chosen = [name for name in param("cols").split(",") if name in record.by_name]
    return chosen or _usual_columns(record)


def _usual_columns(record: RecordType) -> list[str]:
    return [spec.name for spec in record.fields if spec.shows(LIST)]


# -- what is shown -------------------------------------------


def _table(actor: Actor, record: RecordType, query: Query, page: store.Page) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="count"):
        st.markdown(
            f"**{counted(page.total, page.more)}** {t(L('条', 'row' if page.total == 1 else 'rows'))}", width="content"
        )
        with st.container(horizontal=True, width="content", key="table-tools"):
            _order(record, query)
            _choose_columns(record)
            if actor.may("export", record.area):
                exchange.export_button(actor, record, query)
                exchange.ledger_button(actor, record, query)
    frame = _with_files(actor, record, page, as_frame(page.rows, [record.field(name) for name in query.fields]))
    key = f"{record.name}.table.{query.page}.{query.text}.{query.sort}.{query.only}"
    row = picked(frame, page.rows, key, height=height(len(frame)), alt=t(record.label))
    if row:
        go(record.name, id=row.id)
    turn_page(page.total, PAGE, f"{record.name}.page.{query.text}")


def _with_files(actor: Actor, record: RecordType, page: store.Page, frame: pa.Table) -> pa.Table:
    """The table with a second column that says how many files prove each row, where any has some."""
    counts = attachments.counts(actor, record, [row.id for row in page.rows])
    if not counts:
        return frame
    texts = [str(counts[row.id]) if row.id in counts else "" for row in page.rows]
    return frame.add_column(1, t(L("佐证", "Files")), pa.array(texts, pa.string()))


def _order(record: RecordType, query: Query) -> None:
    sortable = [
        spec for spec in record.fields if spec.shows(LIST) and not spec.personal and spec.kind not in UNSORTABLE
    ]
    names = list(dict.fromkeys([record.sort, *(spec.name for spec in sortable), *(f"-{s.name}" for s in sortable)]))
    labels = {spec.name: t(spec.label) for spec in record.fields} | {"id": t(L("登记先后", "Entered"))}

    def words(name: str) -> str:
        return f"{labels.get(name.lstrip('-'), name)} {'↓' if name.startswith('-') else '↑'}"

    chosen = st.selectbox(
        t(L("排序", "Order")), names, index=names.index(query.sort) if query.sort in names else 0,
        format_func=words, key=f"{record.name}.sort", label_visibility="collapsed", width=170,
    )  # fmt: skip
    if chosen != query.sort:
        set_params(sort="" if chosen == record.sort else chosen, page="")
        st.rerun()


UNSORTABLE = ("links", "choices", "options", "record", "long")


def _choose_columns(record: RecordType) -> None:
    with st.popover(
        t(L("列", "Columns")), icon=":material/view_column:", on_change="rerun", key=f"{record.name}.columns"
    ) as columns:
        if columns.open:
            st.multiselect(
                t(L("显示哪些列", "Columns shown")),
                [spec.name for spec in record.fields if not spec.shows(LONG) or spec.shows(LIST)],
                default=_columns(record),
                format_func=lambda name: t(record.field(name).label),
                key=f"{record.name}.cols",
                on_change=_keep_columns,
                args=(record,),
            )


def _keep_columns(record: RecordType) -> None:
    chosen = st.session_state[f"{record.name}.cols"]
    set_params(cols="" if chosen == _usual_columns(record) else ",".join(chosen))


def _nothing(actor: Actor, record: RecordType, query: Query) -> None:
    if query.text or query.only or any(value not in (None, "", (None, None)) for value in query.filters.values()):
        box = empty(
            L("没有符合条件的记录", "Nothing matches"),
            L("换个说法，或清除筛选。", "Try other words, or clear the filters."),
            "search_off",
        )
        if box.button(t(L("清除筛选", "Clear filters")), key="clear"):
            forget(f"{record.name}.")
            st.query_params.clear()
            st.rerun()
        return
    box = empty(L(f"还没有{record.label.zh}", f"No {record.label.en.lower()} yet"), record.about, record.icon)
    if (
        record.is_typed
        and actor.may("write", record.area)
        and box.button(
            t(L(f"登记第一个{record.label.zh}", f"Enter the first {record.label.en.lower()}")),
            type="primary",
            key="first",
        )
    ):
        go(record.name, do="new")
