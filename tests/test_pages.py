"""Every screen, drawn without a browser: empty and full, filled in wrongly, in both languages, for every role."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from models import RECORDS, RecordType
from models.base import FieldSpec
from models.clients import AssistanceState
from models.community import HeldState
from models.system import Role
from models.words import L, Language
from pages import OWN as RECORD_PAGES
from pages import SCREENS
from services import assessment, clock, lessons, store
from services.store import Query
from tests.stage import Seat, healthy, menu, nodes, opened, seat, texts, visit
from tests.test_permissions import MATRIX
from ui.detail import SECTIONS
from ui.messages import words_of
from ui.tables import widths
from ui.words import plural

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

ENTRIES = [record for record in RECORDS.values() if record.menu]
NAMES = [record.name for record in ENTRIES]
TYPED = [record.name for record in ENTRIES if record.is_typed]
OWN = [screen.url for screen in SCREENS]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SENTENCE = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}")


@pytest.fixture
def admin(demo: None) -> Seat:
    return seat(Role.ADMINISTRATOR, Role.COORDINATOR)


def heading(at: "AppTest") -> str:
    found = re.search(r"<h1 class='t'>(.*?)</h1>", " ".join(texts(at)))
    return found[1] if found else ""


def table(at: "AppTest") -> Any:
    return at.dataframe[0].value


def spoken(at: "AppTest") -> list[str]:
    """What the portal says, without the names of people and of the other language."""
    foot = ("管理员甲", "English", "中文")
    kept = []
    for text in texts(at):
        for name in foot:
            text = text.replace(name, "")
        kept.append(re.sub(r"<style>.*?</style>|<[^>]*>|:\w+\[|:material/\w+:", " ", text, flags=re.S))
    return kept


def foreign(at: "AppTest", language: Language) -> list[str]:
    """What a page without data says in the other language."""
    other = CHINESE if language == "en" else SENTENCE
    return [text for text in spoken(at) if other.search(text)]


# -- lists ---------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_an_empty_list_says_what_it_is_and_offers_the_first_entry(bare: None, name: str, language: Language) -> None:
    at, record = visit(seat(Role.ADMINISTRATOR), name, language), RECORDS[name]
    assert healthy(at) and foreign(at, language) == []
    assert heading(at) == plural(record.label)(language)
    assert len(at.dataframe) == 0
    nothing = L(f"还没有{record.label.zh}", f"No {record.label.en.lower()} yet")
    assert any(nothing(language) in one.value for one in at.markdown)
    may = record.is_typed and seat(Role.ADMINISTRATOR).actor.may("write", record.area)
    assert any(button.key == "first" for button in at.button) == may


@pytest.mark.parametrize("name", NAMES)
def test_a_list_shows_the_rows_and_how_many_there_are(admin: Seat, name: str) -> None:
    at, found = visit(admin, name, show="all"), store.rows(admin.actor, RECORDS[name])
    assert healthy(at)
    if found.total:
        assert len(table(at)) == len(found.rows)
        assert any(one.value.startswith(f"**{found.total:,}**") for one in at.markdown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("url", OWN)
def test_every_screen_is_drawn_on_an_empty_portal(bare: None, url: str, language: Language) -> None:
    at = visit(seat(Role.ADMINISTRATOR), "" if url == "today" else url, language)
    assert healthy(at) and foreign(at, language) == []
    assert url in ("figure", "target", "screen", "rule", "certify") or heading(at)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("url", OWN)
def test_every_screen_is_drawn_on_a_full_portal(admin: Seat, url: str, language: str) -> None:
    asked = {
        "figure": {"code": "05.2"}, "target": {"code": "05.2"}, "search": {"q": "li"}, "rule": {"id": "1"}, "certify": {"id": "1"},
    }.get(url, {})  # fmt: skip
    at = visit(admin, "" if url == "today" else url, language, **asked)
    assert healthy(at)
    assert url == "screen" or heading(at)  # the screen draws its own


def test_a_search_narrows_the_list_and_stands_in_the_address(admin: Seat) -> None:
    at = visit(admin, "organisation")
    title = store.rows(admin.actor, RECORDS["organisation"]).rows[0].title
    at.text_input(key="organisation.q").set_value(title).run()
    assert list(table(at).iloc[:, 0]) == [title]
    assert at.query_params["q"] == title
    assert len(table(visit(admin, "organisation", q=title))) == 1


def test_what_nothing_matches_can_be_cleared(admin: Seat) -> None:
    at = visit(admin, "organisation", q="没有这样的单位")
    assert any("没有符合条件的记录" in one.value for one in at.markdown)
    at.button(key="clear").click().run()
    assert len(table(at)) == 50


def test_a_page_of_fifty_follows_another(admin: Seat) -> None:
    first, second = (list(table(visit(admin, "volunteer", page=page)).iloc[:, 5]) for page in (1, 2))
    assert len(first) == len(second) == 50
    assert not set(first) & set(second)


PLACES = ("organisation.more", "organisation.columns", "export.organisation.open", "ledger.organisation.open")
OFFERED = (
    L("维系等级", "Tier"), L("显示哪些列", "Columns shown"), L("导出所示", "Export what is shown"),
    L("生成 A4 台账", "Make the A4 ledger"),
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_behind_the_buttons_of_a_list_is_drawn_when_it_is_opened(admin: Seat, language: Language) -> None:
    at, offered = visit(admin, "organisation", language), [one(language) for one in OFFERED]
    labels = [one.label for one in (*at.selectbox, *at.multiselect, *at.button)]
    assert not set(offered) & set(labels)
    at = opened(at, *PLACES)
    assert healthy(at)
    assert set(offered) <= {one.label for one in (*at.selectbox, *at.multiselect, *at.button)}


def test_a_filter_behind_a_button_narrows_the_list_while_that_is_closed_too(admin: Seat) -> None:
    at = opened(visit(admin, "organisation"), "organisation.more")
    at.selectbox(key="organisation.f.tier").set_value("important")
    at.text_input(key="organisation.f.owner").set_value("没有这个人")
    at.session_state["organisation.more"] = False  # closed by the click with which the field is left
    at.run()
    assert (at.query_params["f.tier"], at.query_params["f.owner"]) == ("important", "没有这个人")
    assert any("没有符合条件的记录" in one.value for one in at.markdown)
    at.text_input(key="organisation.f.owner").set_value("").run()
    assert "f.owner" not in at.query_params and set(table(at)["维系等级"]) == {"重要"}


def test_the_columns_that_were_chosen_stand_in_the_address_and_none_means_the_usual_ones(admin: Seat) -> None:
    at = opened(visit(admin, "organisation"), "organisation.columns")
    usual = list(table(at).columns)
    at.multiselect(key="organisation.cols").set_value(["name", "owner"]).run()
    assert (list(table(at).columns), at.query_params["cols"]) == (["单位名称", "负责人"], "name,owner")
    at.multiselect(key="organisation.cols").set_value([]).run()
    assert list(table(at).columns) == usual and "cols" not in at.query_params


def test_what_was_typed_for_an_export_is_there_when_it_is_opened_again(admin: Seat) -> None:
    place = "export.volunteer.open"
    at = opened(visit(admin, "volunteer"), place)
    widget(at, "purpose").set_value("年审").run()
    at.session_state[place] = False
    at.run()
    assert not any(one.label == "导出所示" for one in at.button)
    assert widget(opened(at, place), "purpose").value == "年审"


# -- forms ---------------------------------------------------


def widget(at: "AppTest", name: str) -> Any:
    """The widget of a form's field."""
    return next(node for node in nodes(at) if re.fullmatch(rf"[0-9a-f]{{32}}\.{name}", str(getattr(node, "key", ""))))


def press(at: "AppTest", label: str = "保存") -> "AppTest":
    return next(button for button in at.button if button.label == label).click().run()


def said_beside(at: "AppTest", name: str) -> str:
    """The words that stand directly under a field, where there are any."""
    drawn = nodes(at)
    after = drawn[drawn.index(widget(at, name)) + 1]
    found = re.search(r"role='alert'>(.*?)</p>", str(after.proto.body)) if after.type == "html" else None
    return found[1] if found else ""


def required(record: RecordType) -> list[FieldSpec]:
    return [spec for spec in record.form_fields if spec.required and spec.default in (None, "")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TYPED)
def test_an_empty_form_marks_every_required_field_and_keeps_the_rest(
    bare: None, name: str, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.shell.language", lambda: language)  # the test's own reading of a choice has no user
    record, who = RECORDS[name], seat(Role.ADMINISTRATOR)
    at = visit(who, name, language, do="new")
    assert foreign(at, language) == []
    widget(at, "notes").set_value("已经写好的话")
    press(at, L("保存", "Save")(language))
    assert healthy(at)
    words = words_of("required")(language)
    given = RECORD_PAGES[name].begin(who.actor) if name in RECORD_PAGES else {}
    missing = [spec.name for spec in required(record) if spec.name not in given]
    assert {field: said_beside(at, field) for field in missing} == dict.fromkeys(missing, words)
    assert widget(at, "notes").value == "已经写好的话"
    assert store.rows(who.actor, record).total == 0


TODAY = clock.today()
TEN = datetime.combine(TODAY + timedelta(days=190), datetime.min.time().replace(hour=10))
VOLUNTEER = {"name": "欧阳试", "id_number": "E12345678", "id_type": "passport", "phone": "13800138000",
             "region_code": "440105", "birth_date": TODAY.replace(year=1990, day=1)}  # fmt: skip
PAST = date(2025, 3, 3)
FILLED: dict[str, dict[str, Any]] = {
    "contract": {"code": "X-9", "title": "另一份合同", "starts": TODAY, "ends": TODAY + timedelta(days=364)},
    "service_category": {"code": "99", "zh": "别的服务", "en": "Other services"},
    "indicator": {"code": "99.1", "zh": "别的指标", "en": "Another", "kind": "several"},
    "unit": {"name": "石桥站"},
    "organisation": {"name": "试制单位", "kind": "school"},
    "contact": {"name": "欧阳联", "phone": "13800138001"},
    "interaction": {"happened_on": TODAY, "summary": "电话沟通了讲座的事"},
    "agreement": {"signed_on": TODAY, "starts": TODAY, "ends": TODAY + timedelta(days=364), "number": "HT-试-1"},
    "volunteer": {**VOLUNTEER, "consent": True},
    "volunteer_credential": {"kind": "first_aider", "number": "CERT-9", "issuer": "红十字会", "issued_on": TODAY},
    "volunteer_team": {"name": "试队", "founded_on": TODAY},
    "team_membership": {"joined_on": TODAY},
    "option": {"list_name": "skills", "code": "zz", "zh": "试技", "en": "Trial"},
    "course": {"code": "ZZ", "name": "试课", "kind": "cpr_aed"},
    "certificate_issuer": {"name": "试办单位", "prefix": "ZZ"},
    "venue": {"name": "试场"},
    "equipment": {"name": "试用模拟人", "kind": "manikin"},
    "equipment_check": {"checked_on": PAST, "checked_by": "试甲"},
    "public_holiday": {"day": TODAY + timedelta(days=3000), "name": "试假"},
    "instructor": {"name": "欧阳师"},
    "training_session": {"title": "试班", "starts": TEN, "ends": TEN + timedelta(hours=2)},
    "enrolment": {"name": "欧阳学", "phone": "13800138003"},
    "attendance": {"name": "欧阳到", "phone": "13800138004"},
    "theory_score": {"score": "88"},
    "practical_check": {},
    "question": {"text": "试题一道？", "options": "甲\n乙", "answer": "A"},
    "feedback": {"content": "5", "teaching": "4", "organising": "3"},
    "lesson": {"topic": "试课"},
    "deployment": {"title": "试出队", "kind": "first_aid", "place": "东苑", "starts": TEN - timedelta(days=200)},
    "deployment_member": {"hours": "0.5"},
    "presence": {"name": "欧阳次", "phone": "13800138005"},
    "charity_project": {"name": "试行救助项目"},
    "project_partner": {},
    "funding": {"received_on": PAST, "amount": "1000"},
    "department": {"name": "试制科"},
    "cooperation_project": {"name": "试行合作", "state": "planned"},
    "partner_quota": {"kind": "other", "starts": PAST, "ends": PAST, "granted": "12"},
    "technology_promotion": {"technology": "试行技术", "promoted_on": PAST},
    "client": {"name": "试一人", "phone": "13800139901"},
    "assistance_service": {"kind": "escort", "requested_on": PAST, "state": "requested"},
    "aid_application": {"applied_on": PAST},
    "followup_task": {"due_on": PAST},
    "wechat_group": {"name": "试建群", "founded_on": TODAY},
    "group_snapshot": {"taken_on": PAST, "members": "10"},
    "welfare_campaign": {"title": "试办活动", "held_on": PAST},
    "promo_material": {"title": "试制海报", "published_on": PAST},
    "official_account_post": {"title": "试发推文", "published_on": PAST},
    "community_visit": {"place": "试点社区", "visited_on": PAST, "encounters": "12"},
    "screening": {"disease": "试筛", "place": "试点社区", "screened_on": PAST, "screened": "3"},
    "coordination_meeting": {"title": "试开会议", "held_on": PAST},
    "demonstration_site": {"name": "试建示范点"},
    "deliverable": {"name": "试建成果", "code": "trial"},
    "policy_document": {"title": "试行制度"},
    "required_document": {"name": "试行清单"},
    "base_duty_log": {"logged_on": PAST, "on_duty": "试甲", "entry": "巡检"},
    "staff_member": {"name": "试二人", "phone": "13800139902", "hired_on": TODAY},
    "staff_qualification": {"kind": "training", "issued_on": TODAY},
    "grant_application": {"title": "试报课题", "state": "draft"},
    "publication": {"title": "试写文章", "state": "draft"},
    "seminar": {"title": "试办研讨会", "level": "city", "held_on": PAST},
    "monthly_target": {"month": (TODAY - timedelta(days=200)).replace(day=1), "amount": "5"},
    "target_amendment": {"effective_on": TODAY, "target_after": "700", "reason": "试改"},
    "service_post": {"code": "ZZ", "name": "试岗", "form": "other"},
    "service_shift": {"title": "试设班次", "starts": TEN, "ends": TEN + timedelta(hours=2)},
    "shift_slot": {"name": "试角", "maximum": "1"},
    "shift_signup": {},
    "service_hours": {"activity": "试行服务", "served_on": PAST, "times": "08:00-09:00"},
    "star_award": {"level": "5", "reason": "试评"},
    "volunteer_insurance": {"policy": "试-1", "starts": PAST, "ends": PAST},
    "correction_request": {"asked": "试改"},
    "award_nomination": {"award": "试评奖项", "nominee": "试队", "nominated_on": PAST},
}


def _trainee_not_examined(who: Seat) -> dict[str, Any]:
    """A person with a seat in a session whose course has theory and practice, and no result yet."""
    for one in assessment.recent(who.actor):
        for person in assessment.exam(who.actor, one.session_id).people if one.scored == one.checked == 0 else ():
            row = store.rows(
                who.actor, RECORDS["enrolment"], Query(filters={"session_id": one.session_id}, text=person.name)
            ).rows[0]
            phone = store.reveal(who.actor, RECORDS["enrolment"], row.id, "phone", "试填")
            return {"session_id": one.session_id, "name": person.name, "phone": phone}
    raise LookupError


def who_fills(who: Seat, record: RecordType) -> dict[str, Any]:
    """The values of a valid form: those above, and for every required parent the first that there is to choose."""
    if record.name in ("attendance", "lesson", "presence"):
        held = store.rows(who.actor, RECORDS["training_session"], Query(filters={"state": "held"}, size=9)).rows
        undivided = next(row for row in held if not lessons.lessons(who.actor, row.id))
        span = {name: undivided.values[name] for name in ("starts", "ends") if name in record.by_name}
        local = {name: clock.local(moment).replace(tzinfo=None) for name, moment in span.items()}
        return FILLED[record.name] | {"session_id": undivided.id} | local
    if record.name in ("theory_score", "practical_check"):
        return FILLED[record.name] | _trainee_not_examined(who)
    if record.name == "shift_signup":
        posts = store.rows(who.actor, RECORDS["service_post"], Query(text="候诊区", size=1))
        wanted = {
            "state": "open",
            "post_id": posts.rows[0].id,
            "starts": (TODAY + timedelta(days=1), TODAY + timedelta(days=20)),
        }
        shifts = store.rows(who.actor, RECORDS["service_shift"], Query(filters=wanted, size=1, sort="-starts"))
        free = store.rows(who.actor, RECORDS["volunteer"], Query(filters={"state": "active"}, size=1))
        return {"shift_id": shifts.rows[0].id, "volunteer_id": free.rows[0].id}
    if "indicator_id" in record.by_name:
        counted = store.rows(who.actor, RECORDS["indicator"], Query(text="05.3", size=1))
        return FILLED[record.name] | {"indicator_id": counted.rows[0].id}
    needed = {"required_document": ("deliverable_id",)}.get(record.name, ())  # one of two parents
    parents = [s for s in record.form_fields if s.kind == "record" and (s.required or s.name in needed)]
    return {
        spec.name: next(iter(store.choices(who.actor, RECORDS[spec.refers_to or ""]))) for spec in parents
    } | FILLED[record.name]


def fill(at: "AppTest", record: RecordType, values: dict[str, Any]) -> None:
    """Type the values into their fields."""
    for name, value in values.items():
        choices = {member.value: member for member in record.field(name).choices or ()}
        widget(at, name).set_value(choices.get(value, value) if choices else value)


@pytest.mark.parametrize("name", TYPED)
def test_what_is_typed_is_saved_and_stands_in_the_list(admin: Seat, name: str) -> None:
    record = RECORDS[name]
    before = store.rows(admin.actor, record).total
    at = visit(admin, name, do="new")
    fill(at, record, who_fills(admin, record))
    press(at)
    assert healthy(at)
    saved = int(at.query_params.get("id", 0))
    assert saved, [text for text in texts(at) if "alert" in text]
    assert store.rows(admin.actor, record).total == before + 1
    shown = visit(admin, name, sort="-id", q="")
    title = store.get(admin.actor, record, saved).title
    assert title in repr(table(shown).values.tolist()) or record.title not in table(shown).columns


def test_a_number_that_is_none_is_told_and_kept(admin: Seat) -> None:
    at = visit(admin, "venue", do="new")
    widget(at, "name").set_value("试场")
    widget(at, "capacity").set_value("四十")
    press(at)
    assert said_beside(at, "capacity") == "请填写数字"
    assert (widget(at, "name").value, widget(at, "capacity").value) == ("试场", "四十")


def test_a_save_after_somebody_elses_shows_both_versions(admin: Seat) -> None:
    record = RECORDS["organisation"]
    key = store.rows(admin.actor, record).rows[0].id
    at = visit(admin, "organisation", id=key, do="edit")
    store.save(admin.actor, record, {"owner": "别人"}, id=key)
    widget(at, "owner").set_value("我")
    press(at)
    assert any("别人改过这条记录" in one.value for one in at.warning)
    line = table(at).iloc[0]
    assert list(line) == ["负责人", "别人", "我"]
    assert widget(at, "owner").value == "我"


# -- one record ---------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_record_is_drawn_with_its_four_sections_in_one_language(admin: Seat, name: str) -> None:
    found = [row.id for row in store.rows(admin.actor, RECORDS[name], Query(size=1)).rows]
    key = found[0] if found else _made(admin, name)
    for section in SECTIONS:
        at = visit(admin, name, "en", id=key, tab=section)
        assert chinese_labels(at) == []
        assert healthy(at), section
        assert len(at.segmented_control(key="section").options) == len(SECTIONS) == 4
        assert at.segmented_control(key="section").value == section


def _made(who: Seat, name: str) -> int:
    at = visit(who, name, do="new")
    fill(at, RECORDS[name], who_fills(who, RECORDS[name]))
    return int(press(at).query_params["id"])


def test_a_record_goes_to_the_bin_and_comes_back(admin: Seat) -> None:
    record = RECORDS["venue"]
    key = store.save(admin.actor, record, {"name": "多余的场地"})
    at = visit(admin, "venue", id=key)
    at.text_input(key=f"why.venue.{key}").set_value("重复")
    press(at, "移入回收站")
    assert healthy(at)
    assert "多余的场地" not in repr(table(visit(admin, "venue")).values.tolist())
    assert "多余的场地" in repr([one.value.values.tolist() for one in visit(admin, "recycle").dataframe])
    press(visit(admin, "venue", id=key, bin=1), "恢复")
    assert store.get(admin.actor, record, key).title == "多余的场地"


# -- who sees what ---------------------------------------------------


def allowed(role: Role) -> set[str]:
    """The pages that the matrix gives a role."""
    may = {area for area, letters in MATRIX[role].items() if "r" in letters}
    removes = any("d" in letters for letters in MATRIX[role].values())
    approves = "a" in MATRIX[role]["volunteers"]
    own = {screen.url: screen.area == "" or screen.area in may for screen in SCREENS}
    own |= {"recycle": removes, "approvals": approves, "retention": "w" in MATRIX[role]["admin"]}
    own |= {"national": "p" in MATRIX[role]["volunteers"]}
    own |= dict.fromkeys(("rule", "table"), "w" in MATRIX[role]["contract"])
    return {record.name for record in ENTRIES if record.area in may} | {url for url, yes in own.items() if yes}


@pytest.mark.parametrize("role", list(Role))
def test_the_menu_of_a_role_is_what_it_may_read(demo: None, role: Role) -> None:
    at = visit(seat(role))
    assert healthy(at)
    assert {url or "today" for url in menu(at)} - {"today"} == allowed(role) - {"today"}


@pytest.mark.parametrize("role", list(Role))
def test_a_deep_link_to_a_page_that_is_not_allowed_shows_nothing(demo: None, role: Role) -> None:
    who, reader = seat(role), seat(Role.ADMINISTRATOR)
    for name in sorted({*NAMES, *OWN} - allowed(role)):
        some = store.rows(reader.actor, RECORDS[name], Query(size=1)).rows if name in RECORDS else []
        at = visit(who, name, id=some[0].id if some else 1)
        assert healthy(at)
        assert len(at.dataframe) == 0
        assert not some or some[0].title not in " ".join(texts(at))


def test_a_visitor_whose_session_ended_sees_nothing(demo: None) -> None:
    who = seat(Role.ADMINISTRATOR)
    from services import accounts

    accounts.sign_out(who.session)
    at = visit(who, "volunteer", id=1)
    assert not at.exception and len(at.dataframe) == 0
    assert any("请重新登录" in text for text in texts(at))


@pytest.mark.parametrize("role", [Role.LEADER, Role.AUDITOR])
def test_who_only_reads_is_offered_no_writing(demo: None, role: Role) -> None:
    who = seat(role)
    for name in ("volunteer", "organisation", "training_session", "indicator", "option"):
        keys = [str(button.key) for button in visit(who, name).button]
        assert not {"new", "import", "first"} & set(keys)
        for row in store.rows(who.actor, RECORDS[name], Query(size=1)).rows:
            assert "edit" not in [button.key for button in visit(who, name, id=row.id).button]
        at = visit(who, name, do="new")
        assert any("权限" in text for text in texts(at)) and not any(button.label == "保存" for button in at.button)


# -- languages ---------------------------------------------------


ELSEWHERE = [("volunteer", {"do": "import"}), ("organisation", {"do": "import"}), ("accounts", {"do": "new"})]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("url", "asked"), ELSEWHERE)
def test_no_page_speaks_two_languages(bare: None, url: str, asked: dict[str, str], language: Language) -> None:
    assert foreign(visit(seat(Role.ADMINISTRATOR), url, language, **asked), language) == []


def labels(at: "AppTest") -> list[str]:
    """What is the portal's own on a page full of data: labels, buttons, columns, placeholders."""
    found = [str(info["page_name"]) for info in at._registered_pages.values()]
    for node in nodes(at):
        if node.type == "dataframe":
            found += [str(name) for name in node.value.columns]
        for name in ("label", "placeholder", "help"):
            text = getattr(getattr(node, "proto", None), name, None)
            found += [text] if isinstance(text, str) else []
    return found


def chinese_labels(at: "AppTest") -> list[str]:
    masked = re.compile(r"Now .*; leave empty to keep it|.* · pieces$")
    return [text for text in labels(at) if CHINESE.search(masked.sub("", text))]


@pytest.mark.parametrize("name", NAMES)
def test_labels_beside_data_are_english_in_english(admin: Seat, name: str) -> None:
    assert chinese_labels(visit(admin, name, "en")) == []
    for row in store.rows(admin.actor, RECORDS[name], Query(size=1)).rows:
        assert chinese_labels(visit(admin, name, "en", id=row.id, do="edit")) == []


# -- what must never happen ---------------------------------------------------


def test_a_bug_inside_a_page_is_shown_as_a_number(admin: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object, **_more: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(store, "rows", broken)
    at = visit(admin, "volunteer")
    assert not at.exception
    assert re.search(r"编号 [0-9a-f]{8}", at.error[0].value)
    assert "secret detail" not in " ".join(texts(at))


HOSTILE: dict[str, list[dict[str, str]]] = {
    "volunteer": [
        {"id": "99999999999999"}, {"id": "999999999"}, {"id": "abc"}, {"id": "-1"}, {"id": "٣"},
        {"id": "1' OR '1'='1"}, {"id": "1", "do": "edit"}, {"do": "edit"}, {"do": "nothing"},
        {"id": "1", "tab": "nothing"}, {"id": "1", "bin": "1"},
        {"page": "0"}, {"page": "99999999"}, {"page": "99999999999999999999999"}, {"page": "²"},
        {"sort": "; DROP TABLE"}, {"sort": "-version"}, {"cols": "password_hash,search_text"},
        {"f.state": "nothing"}, {"f.unit_id": "x"}, {"f.registered_on": "2026-13-45~x"},
        {"q": "%_'\"\\"}, {"q": "9" * 400}, {"q": "<b>*x*</b>"}, {"do": "new", "set.kind": "nothing"},
    ],
    "organisation": [{"id": "abc"}, {"id": "1", "tab": "nothing"}, {"sort": "-version"}, {"do": "new", "set.kind": "nothing"}],
    "agreement": [
        {"id": "-1"}, {"f.starts": "9999-12-31~"}, {"do": "new", "set.organisation_id": "99999999999999999999"},
        {"do": "new", "set.signed_on": "soon"}, {"do": "new", "renew": "x"}, {"do": "new", "renew": "9999999"},
    ],
    "training_session": [
        {"sort": "-id"}, {"id": "٣"}, {"id": "1", "tab": "nothing"}, {"do": "new", "set.starts": "soon"},
        {"do": "new", "set.instructors": "1"}, {"do": "new", "set.capacity": "many"}, {"f.starts": "9999-12-31~"},
    ],
    "figure": [
        {"contract": "9999999"}, {"contract": "x", "code": "05.2"}, {"code": "<b>"}, {"code": "05.2", "page": "²"},
        {"code": "05.2", "f.unit_id": "x"}, {"code": "05.2", "tab": "nothing"},
    ],
    "indicators": [{"contract": "9999999"}, {"contract": "x"}, {"code": "<b>"}, {"as_of": "2026-13-45"}],
    "search": [{"q": "%_'\"\\"}, {"q": "9" * 400}, {"q": "<b>*x*</b>"}],
    "journal": [{"before": "99999999999999999999"}, {"before": "x"}, {"page": "²"}, {"id": "1' OR '1'='1"}],
    "rescue": [{"page": "99999999999999999999999"}, {"q": "%_'\"\\"}, {"id": "abc"}],
    "callout": [{"page": "99999999999999999999999"}, {"region": "<b>", "time": "never"}, {"cert": "%"}],
    "reminders": [{"id": "99999999999999"}, {"id": "abc"}, {"do": "nothing"}],
    "accounts": [{"id": "99999999999999"}, {"id": "abc"}, {"do": "nothing"}],
    "approvals": [{"id": "99999999999999"}, {"id": "abc"}, {"page": "0"}],
}  # fmt: skip
ADDRESSES = [(url, asked) for url, several in HOSTILE.items() for asked in several]


@pytest.mark.parametrize(("url", "asked"), ADDRESSES)
def test_no_address_breaks_a_page(admin: Seat, url: str, asked: dict[str, str]) -> None:
    assert healthy(visit(admin, url, **asked))


# -- what a page costs ---------------------------------------------------


@pytest.mark.parametrize(
    ("url", "asked", "most"),
    [("volunteer", {}, 30), ("organisation", {}, 30), ("volunteer", {"id": "1"}, 35), ("organisation", {"id": "1"}, 40),
     ("training_session", {"id": "1"}, 40), ("indicators", {}, 20), ("", {}, 55), ("volunteer", {"do": "new"}, 30)],
)  # fmt: skip
def test_a_page_costs_a_bounded_number_of_statements(
    admin: Seat, statements: Callable[[], int], url: str, asked: dict[str, str], most: int
) -> None:
    visit(admin, url, **asked)
    statements()
    visit(admin, url, **asked)
    assert 0 < statements() <= most


@pytest.mark.usefixtures("demo")
def test_a_service_entered_as_done_is_asked_for_its_day_which_is_today_at_first() -> None:
    at = visit(seat(Role.COORDINATOR), "assistance_service", do="new")
    assert "服务 / 开通日期" in {box.label for box in at.date_input}
    next(box for box in at.selectbox if box.label == "状态 *").select(AssistanceState.SERVED).run()
    day = next(box for box in at.date_input if box.label == "服务 / 开通日期 *")
    assert day.value == clock.today()


@pytest.mark.usefixtures("demo")
def test_a_visit_says_how_many_were_served_unless_it_is_only_planned_and_0_is_asked_back() -> None:
    at = visit(seat(Role.COORDINATOR), "community_visit", do="new")
    served = next(box for box in at.text_input if box.label == "服务人次 *")
    assert served.value == ""
    served.input("0").run()
    assert "服务人次填了 0" in " ".join(texts(at))
    next(box for box in at.selectbox if box.label == "状态").select(HeldState.PLANNED).run()
    assert next(box for box in at.text_input if box.label == "服务人次").value == "0"
    assert "服务人次填了 0" not in " ".join(texts(at))


@pytest.mark.parametrize("name", ["training_session", "service_post", "volunteer"])
def test_no_picker_of_a_form_takes_everything_at_once(demo: None, name: str) -> None:
    """All forty instructors of a session are never meant (0 is Streamlit's word for: not offered)."""
    pickers = visit(seat(Role.ADMINISTRATOR), name, do="new").multiselect
    assert pickers and {one.label: one.proto.select_all for one in pickers if one.proto.select_all} == {}


def test_a_column_is_as_wide_as_its_longest_text_wherever_it_stands() -> None:
    """The browser measures the first rows: numbers that begin further down would be cut off."""
    cells = pd.DataFrame({"编号": [""] * 12 + ["V2026000298"], "姓名": ["何晓舟"] * 13})
    assert {name: column["width"] for name, column in widths(cells).items()} == {"编号": 99}
