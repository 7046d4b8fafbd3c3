"""Those who were called and come: sent out together from the call list, as a deployment that is under way."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from models import RECORDS
from models.deployment import DeploymentKind
from models.words import L
from pages.staff.callout_numbers import Shown, cover
from services import deployments
from services.access import Actor
from ui.shell import Outcome, field_key, field_value, t
from ui.steps import short_form

DEPLOYMENT = RECORDS["deployment"]
FORM, FIELDS = "callout.going", ("title", "kind", "place", "requested_by")


def going(actor: Actor, now: Shown) -> None:
    """While numbers are shown: who of these comes, and where to. Nothing for whoever keeps no deployments."""
    names = {who: name for who, name in now.names.items() if who in now.phones}
    if not names or not actor.may("write", DEPLOYMENT.area):
        return
    with st.expander(t(L("有人来了？在这里出队", "Somebody comes? Send them out here")), icon=":material/ambulance:"):
        _who(actor, names)
        preset = {"title": now.why[:120], "kind": DeploymentKind.EMERGENCY}
        count = len(field_value(FORM, "people") or ())
        label = L(f"{count} 人出队", f"Send out {count}") if count else L("出队", "Send out")
        short_form(actor, DEPLOYMENT, FIELDS, FORM, label, _act(actor), preset=preset, across=True)


def _who(actor: Actor, names: Mapping[int, str]) -> None:
    busy, on_duty = deployments.on_duty(actor, names), t(L("（在岗）", " (on duty)"))
    st.multiselect(
        t(L("谁去 *", "Who goes *")), list(names), key=field_key(FORM, "people"),
        format_func=lambda who: names[who] + (on_duty if who in busy else ""),
        placeholder=t(L("选应召的人", "Choose those who come")), select_all=False,
    )  # fmt: skip


def _act(actor: Actor) -> Any:
    def act(given: dict[str, Any], used: str) -> Outcome:
        people = field_value(FORM, "people") or []
        key = deployments.send_out(actor, given, people, token=used)
        cover(people)
        told = L(
            f"{len(people)} 人已出队；归队后在这里填归队时间和结果",
            f"{len(people)} sent out; enter here when they are back, and the outcome",
        )
        return Outcome(told, url=DEPLOYMENT.name, params={"id": key})

    return act
