"""What a refused save says: beside its button, naming the fields, each a jump away, the first of them in view."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from models import RECORDS
from models.system import Role
from services import clock, store
from services.access import SYSTEM
from tests.conftest import Cast
from tests.stage import PHONE, Seat, Visitor, healthy, nodes, seat, visit

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def save(at: "AppTest", form: str) -> None:
    at.button(f"{at.session_state['tokens'][form]}.do").click().run()


def told(at: "AppTest") -> list[str]:
    return [node.proto.body for node in nodes(at) if node.type == "html" and "class='refused'" in node.proto.body]


@ON_SQLITE
def test_a_refused_save_names_its_fields_each_with_a_jump(cast: Cast) -> None:
    at = visit(seat(Role.ADMINISTRATOR), "organisation", do="new")
    assert not told(at)
    save(at, "organisation.new")
    [message] = told(at)
    assert healthy(at) and "有 2 处要改：" in message and not at.error
    jumps = re.findall(r"href='#(fe-\w+)'", message)
    placed = re.findall(
        r"class='fe' id='(fe-\w+)'", " ".join(node.proto.body for node in nodes(at) if node.type == "html")
    )
    assert jumps == placed == ["fe-name", "fe-kind"]


@ON_SQLITE
def test_the_message_stays_until_the_next_save_and_goes_with_it(cast: Cast) -> None:
    at = visit(seat(Role.ADMINISTRATOR), "organisation", do="new")
    save(at, "organisation.new")
    token = at.session_state["tokens"]["organisation.new"]
    at.text_input(f"{token}.name").input("康馨基金会").run()
    assert told(at)
    at.selectbox(f"{token}.kind").select_index(0).run()
    save(at, "organisation.new")
    assert not told(at) and store.rows(SYSTEM, RECORDS["organisation"]).total == 1


@ON_SQLITE
def test_a_short_form_names_its_fields_at_its_own_button_and_nothing_is_said_at_the_top(cast: Cast) -> None:
    given = {"title": "晕厥", "kind": "first_aid", "place": "青苗路口", "starts": clock.now() - timedelta(hours=1)}
    key = store.save(SYSTEM, RECORDS["deployment"], given)
    at = visit(seat(Role.COORDINATOR), "deployment", id=key)
    save(at, f"deployed.{key}")
    [message] = told(at)
    assert healthy(at) and not at.error
    assert "有 1 处要改：</b><a href='#fe-volunteer_id'>志愿者</a>" in message


@ON_SQLITE
def test_what_somebody_else_changed_meanwhile_is_told_beside_the_button_too(cast: Cast) -> None:
    key = store.save(SYSTEM, RECORDS["organisation"], {"name": "康馨基金会", "kind": "foundation"})
    at = visit(seat(Role.ADMINISTRATOR), "organisation", id=key, do="edit")
    store.save(SYSTEM, RECORDS["organisation"], {"owner": "何经理"}, id=key)
    save(at, f"organisation.{key}")
    assert healthy(at) and [one.value for one in at.warning] == ["您打开之后，别人改过这条记录。请对照后再保存。"]


@pytest.mark.xdist_group("browser")
def test_on_a_phone_the_first_faulty_field_comes_into_view_and_the_last_is_a_touch_away(
    window: Callable[..., Visitor],
) -> None:
    from playwright.sync_api import expect

    who: Seat = seat(Role.COORDINATOR)
    page = window(size=PHONE).sign_in(who).open("volunteer", do="new")
    page.locator(".st-key-form-actions button").first.click()
    expect(page.locator("#fe-name")).to_be_in_viewport()
    message = page.locator(".refused")
    message.scroll_into_view_if_needed()
    expect(page.locator(".st-key-form-actions button").first).to_be_in_viewport()
    expect(page.locator("#fe-name")).not_to_be_in_viewport()
    message.get_by_role("link", name="手机号").click()
    expect(page.locator("#fe-phone")).to_be_in_viewport()
