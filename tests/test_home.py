"""The home page of each role, and evidence from a record's page: drawn, clicked, and closed to who may not see it."""

import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from models import RECORDS
from models.system import Role
from models.waiting import WAITING
from services import attachments, clock, eligibility, store, today
from services.access import SYSTEM
from services.store import Query
from tests.stage import PHONE, Seat, Served, Visitor, healthy, seat, texts, visit

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

VISIT = RECORDS["community_visit"]


def lead() -> Seat:
    (unit,) = (row.id for row in store.rows(SYSTEM, RECORDS["unit"]).rows)
    return seat(Role.STATION_LEAD, units=(unit,))


def sits(role: Role) -> Seat:
    return lead() if role == Role.STATION_LEAD else seat(role)


def lines(at: "AppTest") -> list[str]:
    return [one.value for one in at.markdown if re.match(r":\w+\[:material/", one.value)]


def folded(at: "AppTest") -> list[int]:
    """How many lines each closed fold holds."""
    found = [re.search(r"(\d+)( 项| more)?(，最早 .*|, first .*)?$", one.label) for one in at.expander]
    return [int(match.group(1)) for match in found if match]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", Role)
def test_everybody_has_something_to_do_in_the_demonstration(demo: None, role: Role, language: str) -> None:
    who = sits(role)
    at, found = visit(who, "", language), today.work(who.actor)
    assert healthy(at)
    assert [metric.value for metric in at.metric] == [f"{number.count:,}" for number in found.numbers]
    assert len(at.metric) == 4 and any(number.count for number in found.numbers)
    undecided = [item for item in found.items if item.kind not in {one.kind for one in found.decisions}]
    assert len(lines(at)) + sum(folded(at)) == len(undecided)
    assert {button.key for button in at.button if str(button.key).startswith("decide.")} == {
        f"decide.{one.kind}" for one in found.decisions
    }


def test_what_is_folded_is_one_click_away(demo: None) -> None:
    who = seat(Role.COORDINATOR)
    at = visit(who)
    before, (first, *_) = len(lines(at)), folded(at)
    at.session_state["rest.0.next_steps"] = True
    at.run()
    assert healthy(at) and len(lines(at)) == before + first


def test_what_waits_for_a_decision_stands_before_everything_else_with_its_age(demo: None) -> None:
    who = seat(Role.LEADER)
    at, found = visit(who), today.work(who.actor)
    said = [one.value for one in at.markdown]
    assert f"等我决定 {sum(one.count for one in found.decisions)} 件" in said[0]
    ages = [(clock.today() - one.first).days for one in found.decisions if one.first]
    assert ages and f"已等 {max(ages)} 天" in said[1]
    assert said[1] not in lines(at) and said.index(lines(at)[0]) > len(found.decisions)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.STATION_LEAD])
def test_the_list_shows_as_many_as_the_number_says(demo: None, role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today, "NUMBERS", 99)
    who = sits(role)
    numbers = {number.kind: number for number in today.work(who.actor).numbers}
    for name, waiting in WAITING.items():
        assert name in numbers or not who.actor.may(waiting.verb, waiting.record.area), name  # type: ignore[arg-type]
    for name in sorted(WAITING.keys() & numbers.keys()):
        number = numbers[name]
        at = visit(who, number.page, **number.query)
        assert healthy(at) and WAITING[name].label.zh in " ".join(texts(at)), name
        if name == "certify":  # one list alone is opened at once
            assert len(eligibility.lists_waiting(who.actor)) == number.count
            continue
        shown = [one.value for one in at.markdown if one.value.startswith(f"**{number.count:,}** ")]
        assert shown if number.count else any("没有符合条件的记录" in one.value for one in at.markdown), name


def test_a_narrowed_list_can_be_widened(demo: None) -> None:
    who = seat(Role.COORDINATOR)
    at = visit(who, "followup_task", only="followups", sort="due_on")
    at.button(key="followup_task.only").click().run()
    total = store.rows(who.actor, RECORDS["followup_task"]).total
    assert "only" not in at.query_params and any(one.value.startswith(f"**{total:,}**") for one in at.markdown)


@pytest.mark.parametrize("kind", ["behind", "gaps"])
def test_what_has_no_list_of_its_own_is_shown_on_the_home_page(demo: None, kind: str) -> None:
    who = seat(Role.COORDINATOR)
    at = visit(who, "", kind=kind)
    assert healthy(at) and len(at.metric) == 0
    assert len(lines(at)) == len([item for item in today.work(who.actor).items if item.kind == kind]) > 0


def test_an_empty_day_is_calm(bare: None) -> None:
    at = visit(seat(Role.COORDINATOR))
    assert healthy(at) and any("今天没有待办" in one.value for one in at.markdown)


# -- evidence --------------------------------------------------


def picture(colour: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(stream, "PNG")
    return stream.getvalue()


def first_visit(who: Seat) -> int:
    return store.rows(who.actor, VISIT, Query(filters={"state": "held"})).rows[0].id


def test_the_list_says_how_many_files_prove_a_row(demo: None) -> None:
    who = seat(Role.COORDINATOR)
    page = store.rows(who.actor, VISIT)
    counts = attachments.counts(who.actor, VISIT, [row.id for row in page.rows])
    shown = list(visit(who, "community_visit").dataframe[0].value["佐证"])
    assert shown == [str(counts[row.id]) if row.id in counts else "" for row in page.rows] and any(shown)
    assert "佐证" not in visit(who, "contact").dataframe[0].value.columns


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_records_pictures_stand_at_its_head_and_all_files_in_its_gallery(demo: None, language: str) -> None:
    who = seat(Role.LEADER)
    key = first_visit(who)
    attachments.attach(SYSTEM, VISIT, key, "名单<1>.csv", b"a,b\n")
    found = attachments.list(who.actor, VISIT, key)
    head, gallery = (
        " ".join(texts(visit(who, "community_visit", language, id=key, **more))) for more in ({}, {"tab": "files"})
    )
    assert all((f"/files/{file.id}/thumb" in head) == file.is_picture for file in found)
    assert all(f"href='/files/{file.id}'" in gallery for file in found)
    assert "名单&lt;1&gt;.csv" in gallery and "<i>CSV</i>" in gallery
    assert "stFileUploader" not in gallery and len(found) > 1


@pytest.mark.xdist_group("browser")
def test_a_coordinator_shows_a_visit_by_two_pictures_and_nobody_else_gets_at_them(
    portal: Served, window: Callable[..., Visitor]
) -> None:
    from playwright.sync_api import expect

    lin, steward, auditor = seat(Role.COORDINATOR), seat(Role.HEALTH_STEWARD), seat(Role.AUDITOR)
    key = store.save(lin.actor, VISIT, {"place": "照片社区", "visited_on": "2026-01-02", "encounters": 3})
    here = window(size=PHONE).sign_in(lin)
    page = here.open("community_visit", id=key, tab="files")
    given = [{"name": f"{name}.png", "mimeType": "image/png", "buffer": picture(name)} for name in ("red", "green")]
    bad = {"name": "坏.png", "mimeType": "image/png", "buffer": b"MZ"}
    upload = page.get_by_test_id("stFileUploaderDropzoneInput")
    assert "image/jpeg" in (upload.get_attribute("accept") or "")
    upload.set_input_files([*given, bad])  # type: ignore[arg-type]
    page.get_by_role("button", name="保存 3 个附件").click()
    page.get_by_text("已保存 2 个，未保存：坏.png").wait_for()
    pictures = page.locator("div.gal img")
    for place in range(2):
        pictures.nth(place).scroll_into_view_if_needed()
        expect(pictures.nth(place)).to_have_js_property("naturalWidth", 320)
    found = attachments.list(lin.actor, VISIT, key)
    assert sorted(file.name for file in found) == ["green.png", "red.png"]
    assert {file.by for file in found} == {lin.actor.name}
    paths = [f"{portal.url}/files/{found[0].id}{end}" for end in ("", "/thumb")]
    statuses = {
        name: [window().sign_in(who).context.request.get(path).status for path in paths]
        for name, who in (("coordinator", lin), ("steward", steward), ("auditor", auditor))
    }
    assert statuses == {"coordinator": [200, 200], "steward": [404, 404], "auditor": [200, 200]}
    assert [window().context.request.get(path, max_redirects=0).status for path in paths] == [401, 401]


@pytest.mark.xdist_group("browser")
def test_a_follow_up_is_recorded_where_it_stands(portal: Served, window: Callable[..., Visitor]) -> None:
    lin = seat(Role.COORDINATOR)
    first = next(item for item in today.work(lin.actor).items if item.kind == "followups")
    page = window().sign_in(lin).open()
    line = page.locator(f".st-key-item-followups-{first.id}-{first.due}")
    line.get_by_role("button", name="记录随访").click()
    page.get_by_role("button", name="保存").click()
    page.get_by_test_id("stPopoverBody").get_by_text("请填写这一项").wait_for()
    page.get_by_label("随访结果 *").fill("恢复良好")
    page.get_by_label("随访结果 *").press("Control+Enter")
    page.get_by_text("随访已记录").wait_for()
    line.wait_for(state="detached")
    stored = store.get(lin.actor, RECORDS["followup_task"], first.id or 0).values
    assert (stored["state"], stored["outcome"]) == ("done", "恢复良好")
