"""The equipment of a session in its form: what is free at that time, how much of it is booked (feature T12)."""

from datetime import datetime

import streamlit as st

from models.words import L
from services import kit
from services.access import Actor
from services.kit import Offer
from ui.shell import field_key, field_value, literal, t


def picker(actor: Actor, starts: datetime, ends: datetime, form: str, key: int) -> dict[int, int]:
    """Choose equipment and how many pieces; returns what is chosen now."""
    offers = {offer.id: offer for offer in kit.offers(actor, starts, ends, key or None)}
    if not offers:
        return {}
    with st.container(border=True):
        st.markdown(f"**{t(L('教具', 'Equipment'))}**")
        chosen = st.multiselect(
            t(L("这次要用的教具", "Kit that this session needs")),
            list(offers),
            default=[one.id for one in offers.values() if one.booked],
            format_func=lambda one: _label(offers[one]),
            key=field_key(form, "equipment"),
            placeholder=t(L("可多选", "Choose any number")),
            select_all=False,
        )
        for one in chosen:
            _number(offers[one], form)
    return picked(form)


def picked(form: str) -> dict[int, int]:
    """What the picker of the form holds at this moment."""
    return {one: int(field_value(form, f"number.{one}", 1)) for one in field_value(form, "equipment", [])}


def words(actor: Actor, session_id: int) -> list[tuple[str, str]]:
    """The line of a session's page that says what it has booked; none where it has nothing."""
    found = t(L("、", ", ")).join(f"{name} × {number}" for name, number in kit.named(actor, session_id))
    return [(t(L("教具", "Kit")), found)] if found else []


def _number(offer: Offer, form: str) -> None:
    st.number_input(
        literal(f"{offer.name} · {t(L('件数', 'pieces'))}"),
        min_value=1, max_value=10_000, step=1, value=offer.booked or max(min(offer.free, 1), 1),
        key=field_key(form, f"number.{offer.id}"),
    )  # fmt: skip


def _label(offer: Offer) -> str:
    words = L(f"空闲 {offer.free} / {offer.usable}", f"{offer.free} of {offer.usable} free")
    if not offer.usable:
        words = L("已损坏", "damaged")
    return f"{offer.name}（{words.zh}）" if t(L("zh", "en")) == "zh" else f"{offer.name} ({words.en})"
