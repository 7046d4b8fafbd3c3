"""One visit assistance: where it stands and its next step, today as the day; what was entered already is told."""

from datetime import date
from typing import Any

import streamlit as st

from models import RECORDS
from models.clients import AssistanceState
from models.words import L
from services import assistance, clock
from services.access import Actor
from services.store import Row
from ui.detail import detail, fields_html
from ui.shell import Outcome, language, link, literal, t
from ui.steps import bar, short_form

ASSISTANCE = RECORDS["assistance_service"]
LABELS = {
    "accept": L("受理", "Accept"),
    "serve": L("登记完成", "Record as served"),
    "open": L("登记已开通", "Record as opened"),
    "fail": L("未成功", "Failed"),
    "cancel": L("取消", "Cancel"),
}
STICK = ("kind", "department_id", "place", "state", "worker", "requested_on", "served_on")
FACTS = ("client_id", "kind", "department_id", "place", "requested_on", "accepted_on", "served_on", "worker",
         "satisfaction", "summary")  # fmt: skip
REQUESTED, ACCEPTED, SERVED, OPENED, FAILED, CANCELLED = AssistanceState


def page(actor: Actor, key: int) -> None:
    detail(actor, ASSISTANCE, key, above=_service, titled=_titled, folded=True)


def _titled(row: Row) -> tuple[str, str]:
    return f"{row.show('kind', language())} · {row.show('client_id')}", row.show("number")


def _service(actor: Actor, row: Row) -> None:
    state = AssistanceState(row.values["state"])
    last = OPENED if row.values["kind"] == "green_channel" else SERVED
    if state in (FAILED, CANCELLED):
        st.badge(t(state.label), icon=":material/block:", color="gray")
    else:
        line = (REQUESTED, ACCEPTED, last)
        st.html(bar([one.label for one in line], line.index(state)))
    left, right = st.columns([6, 4], gap="medium")
    with left:
        names = assistance.open_to(actor, row) if row.deleted_at is None else []
        if names:
            with st.container(border=True):
                _step(actor, row, names[0])
            with st.container(horizontal=True):
                for name in names[1:]:
                    with st.popover(t(LABELS[name])):
                        _step(actor, row, name, "secondary")
        elif row.values["served_on"] and state in (SERVED, OPENED):
            _counts(row)
    with right, st.container(border=True):
        pairs = [(t(ASSISTANCE.field(n).label), row.show(n, language())) for n in FACTS if row.values.get(n)]
        st.html(fields_html(pairs))
        link(L("打开服务对象", "Open the client"), "client", ":material/person:", id=row.values["client_id"])


def _step(actor: Actor, row: Row, name: str, kind: str = "primary") -> None:
    step, today = assistance.STEPS[name], clock.today()
    preset = {day: row.values[day] or today for day in ("accepted_on", "served_on")}

    def act(given: dict[str, Any], used: str) -> Outcome:
        assistance.advance(actor, row.id, name, given, version=row.version, token=used)
        return Outcome(AssistanceState(step.to).label)

    form = f"assist.{row.id}.{name}"
    short_form(actor, ASSISTANCE, step.asks, form, LABELS[name], act, row=row, preset=preset, kind=kind)


def _counts(row: Row) -> None:
    """Which indicators this service feeds."""
    codes = ["03.1"]
    codes += ["06.6"] if row.values["kind"] == "green_channel" else []
    codes += ["06.7"] if row.values["place"] == "community" else []
    zh, en = (
        f"按 {row.show('served_on')} 计入 {'、'.join(codes)}。",
        f"Counts in {', '.join(codes)} on {row.show('served_on')}.",
    )
    st.success(t(L(zh, en)), icon=":material/flag:")


def begin(actor: Actor) -> dict[str, object]:
    """A new one is asked for today, and worked on by who enters it."""
    return {"requested_on": clock.today(), "state": REQUESTED, "worker": actor.name}


def advise(actor: Actor, given: dict[str, Any], key: int) -> None:
    """The same client, kind and day, told before anything is saved."""
    client, kind, day = given.get("client_id"), given.get("kind"), given.get("requested_on")
    if not (isinstance(client, int) and kind and isinstance(day, date)):
        return
    for one in assistance.alike(actor, client, str(kind), day, but=key):
        told = f"{literal(one.title)}（{one.show('state', language())}）"
        st.warning(
            t(L(f"同一服务对象同一天已登记同类协助：{told}", f"Entered already, same client, kind and day: {told}")),
            icon=":material/content_copy:",
        )
