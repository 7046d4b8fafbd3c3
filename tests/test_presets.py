"""The contract presets say what the contracts print, and a preset that contradicts itself is refused."""

import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from models.words import L
from seed import presets
from seed.presets import Indicator, Preset, load_preset, load_reference, preset_codes

PRINTED = [
    ("01.1", "国家级社会组织（基金会）合作单位", "several", None, "家", "若干"),
    ("01.2", "打造具备影响力的公益项目", "at_least", 2, "个", "至少2个"),
    ("01.3", "服务总人数", "at_least", 300, "人", "至少300人"),
    ("02.1", "日常运营和管理社群", "several", None, "个", "若干"),
    ("02.2", "拓展建立新的微信社群", "at_least", 15, "个", "不少于15个"),
    ("02.3", "维系和管理微信社群客户", "at_least", 50_000, "人", "5万人"),
    ("02.4", "策划推出福利活动", "at_least", 20, "次", "不少于20次"),
    ("02.5", "设计制作系列宣传物料", "ongoing", None, "件", "恒常"),
    ("03.1", "为来院患者提供就医协助服务", "at_least", 1_500, "人", "不少于1500人"),
    ("04.1", "协助科室运营和推出医疗合作项目", "at_least", 2, "个", "不少于2个"),
    ("04.2", "协助科室推广适宜新技术", "at_least", 10, "个", "不少于10个"),
    ("04.3", "协助科室新拓展合作单位", "at_least", 20, "个", "不少于20个"),
    ("05.1", "广东省医务社会工作专业人才重点实训基地", "deliver", 1, "个", "建成1个，并完善各项制度"),
    ("05.2", "培训工作开展（对外培训）", "at_least", 5, "次", "不少于5次对外培训工作"),
    ("05.3", "培训工作开展（人次）", "at_least", 500, "人次", "目标不少于500人次"),
    ("06.1", '搭建"健康宣教-健康建档-疾病筛查-快速就医-跟进随访"社区服务模式', "deliver", 1, "套", "1套"),
    ("06.2", "健康社区示范点", "deliver", 2, "个", "2个"),
    ("06.3", "社区走访", "at_least", 30, "次", "不少于30次"),
    ("06.4", "电话随访", "ongoing", None, "次", "恒常"),
    ("06.5", "召集多方会议（科室、医务社工、志愿者等）", "at_least", 10, "次", "不少于10次"),
    ("06.6", "成功开通绿色就医通道", "at_least", 50, "例", "至少50例"),
    ("06.7", "服务社区居民或病患者", "at_least", 500, "人次", "500人次"),
    ("07.1", "社区、学校、社会组织、政府企业", "at_least", 10, "家", "不少于10家"),
    ("08.1", "完善基地管理制度", "deliver", 1, "个", "1个"),
    ("08.2", "基地管理", "ongoing", None, "条", "恒常"),
    ("08.3", "数据维系", "ongoing", None, "条", "恒常"),
    ("08.4", "培训协调与保障", "ongoing", None, "次", "恒常"),
    ("08.5", "微信公众号运营", "ongoing", None, "篇", "恒常"),
    ("09.1", "申报课题", "at_least", 1, "个", "不少于1个"),
    ("09.2", "在专业刊物、网站等发表专业文章", "at_least", 2, "篇", "2篇"),
    ("09.3", "协助筹备省级以上级别研讨会", "at_least", 1, "次", "1次"),
    ("10.1", "专职工作人员（具备对外联络或社会工作专业资质）", "at_least", 3, "名", "至少配备3名专职工作人员"),
]

CATEGORIES = [
    ("01", "搭建全国性医疗救助资源网络"),
    ("02", "微信社群运营和管理"),
    ("03", "一站式全流程就医协助服务"),
    ("04", "专科业务发展、学科群建设和对外联络"),
    ("05", "基地建设工作"),
    ("06", "健康社区行动"),
    ("07", '构建"医社联动"多维合作空间'),
    ("08", "广东省紧急医学救援指导中心应急救护科普基地"),
    ("09", "科研与推广"),
    ("10", "商务要求"),
]

STATION = [
    ("B1", "入户探访", "per_unit", 24, "worker"),
    ("B2", "服务建档", "ongoing", None, "unit"),
    ("B3", "个案接案", "per_unit", 2, "unit"),
    ("B4", "个案服务次数", "ratio", 100, None),
    ("B5", "小组工作", "per_unit", 2, "unit"),
    ("B6", "乡镇活动", "per_unit", 3, "unit"),
    ("B7", "新增实名注册志愿者", "per_unit", 30, "unit"),
    ("B8", "志愿服务队", "per_unit", 1, "unit"),
    ("B9", "检查指导", "ongoing", None, "unit"),
    ("B10", "新增持证社工", "at_least", 10, None),
    ("B11", "驻站社工配备", "per_unit", 3, "unit"),
    ("B12", "经费", "per_unit", 212_000, "unit"),
]

STEWARD = [
    ("C1", "健康管家在岗人数", "at_least", 3),
    ("C2", "随访按时完成率", "ratio", 90),
    ("C3", "量表完成率", "ratio", 80),
    ("C4", "产后42天复诊通知率", "ratio", 100),
    ("C5", "健康档案建档率", "ratio", 100),
    ("C6", "线上课程、讲座、直播、沙龙", "ongoing", None),
    ("C7", "套餐服务履约率", "ratio", 95),
]

COUNTED_NOW = {
    "01.1": ("organisation.in_force", {"kinds": ["foundation"], "levels": ["national"]}, "distinct"),
    "04.3": ("organisation.first_signed", {"for_department": True}, "distinct"),
    "05.2": ("training_session.held", {"bases": ["training_base"], "audiences": ["external"]}, "sum"),
    "05.3": ("attendance.held", {"bases": ["training_base"], "audiences": ["external"]}, "sum"),
    "07.1": (
        "organisation.in_force",
        {"kinds": ["community", "school", "social_organisation", "government", "enterprise"]},
        "distinct",
    ),
    "08.3": ("volunteer.kept", {"emergency": True}, "sum"),
    "08.4": ("training_session.held", {"bases": ["emergency_base"]}, "sum"),
    "B7": ("volunteer.verified", {}, "distinct"),
    "B8": ("volunteer_team.active", {}, "distinct"),
}

RECORD_TYPES = """
contract service_category indicator monthly_target period_close deliverable policy_document unit staff_member
staff_qualification budget_line expense organisation contact interaction agreement charity_project funding person
volunteer volunteer_credential volunteer_team team_membership volunteer_shift shift_signup service_hours course venue
equipment instructor training_session enrolment attendance assessment certificate session_feedback client
health_record assistance_service referral aid_application followup_plan followup_task scale scale_response
service_package package_item subscription item_delivery lecture settlement social_case case_session social_group
group_meeting group_attendance community_activity ward_visit health_education professional_assessment home_visit
supervision_visit required_document demonstration_site community_visit screening coordination_meeting wechat_group group_snapshot
welfare_campaign promo_material official_account_post department cooperation_project technology_promotion
base_duty_log grant_application publication seminar award_nomination service_standard inspection
"""

CHINESE = re.compile(r"[\u4e00-\u9fff]")

REFERENCES = ["courses", "regions", "skills", "service_categories", "charity_projects"]


def everything() -> list[Indicator]:
    return [indicator for code in preset_codes() for indicator in load_preset(code).indicators]


def texts(value: Any) -> list[L]:
    """Every text in two languages inside a model, a list or a row of reference data."""
    if isinstance(value, L):
        return [value]
    if isinstance(value, BaseModel):
        value = {field: getattr(value, field) for field in type(value).model_fields}
    if isinstance(value, dict):
        own = [L(value["zh"], value["en"])] if "zh" in value else []
        return own + [text for part in value.values() for text in texts(part)]
    return [text for part in value for text in texts(part)] if isinstance(value, list) else []


def test_three_presets_ship() -> None:
    assert preset_codes() == ["maternity_steward", "medical_social_work", "township_station"]
    assert [load_preset(code).months for code in preset_codes()] == [12, 12, 12]


def test_the_medical_social_work_contract_prints_32_indicators() -> None:
    printed = [
        (i.code, i.zh, i.kind, i.target, i.unit.zh, i.wording) for i in load_preset("medical_social_work").indicators
    ]
    assert len(printed) == 32
    assert printed == PRINTED


def test_its_indicators_lie_in_nine_categories_and_the_business_requirements() -> None:
    preset = load_preset("medical_social_work")
    assert [(category.code, category.zh) for category in preset.categories] == CATEGORIES
    assert all(indicator.category == indicator.code[:2] for indicator in preset.indicators)


def test_fifty_thousand_members_are_a_stock_of_the_newest_snapshots() -> None:
    [members] = [i for i in load_preset("medical_social_work").indicators if i.code == "02.3"]
    assert (members.target, members.count, members.measure) == (50_000, "latest", "group_snapshot.members")


def test_what_is_there_on_the_day_is_counted_on_the_day() -> None:
    standing = {i.code for i in load_preset("medical_social_work").indicators if i.count == "standing"}
    assert standing == {"02.1", "10.1"}


def test_the_deliverables_that_indicators_ask_for_ship_with_their_documents() -> None:
    preset = load_preset("medical_social_work")
    asked = {i.code: i.args["code"] for i in preset.indicators if "code" in i.args}
    documents = {deliverable.code: len(deliverable.documents) for deliverable in preset.deliverables}
    assert asked == {"05.1": "training_base", "06.1": "community_service_model", "08.1": "emergency_base_rules"}
    assert documents == {"training_base": 5, "community_service_model": 5, "emergency_base_rules": 5}


def test_an_indicator_cannot_ask_for_a_deliverable_that_does_not_ship() -> None:
    with pytest.raises(ValidationError):
        Preset.model_validate(changed(kind="deliver", count="deliverable", args={"code": "no_such"}))


def test_the_station_contract_prints_twelve_indicators() -> None:
    assert [(i.code, i.zh, i.kind, i.target, i.per) for i in load_preset("township_station").indicators] == STATION


def test_the_steward_contract_prints_seven_indicators() -> None:
    assert [(i.code, i.zh, i.kind, i.target) for i in load_preset("maternity_steward").indicators] == STEWARD


def test_what_is_counted_now_names_its_measure() -> None:
    by_code = {i.code: (i.measure, i.args, i.count) for i in everything() if i.code in COUNTED_NOW}
    assert by_code == COUNTED_NOW


def test_every_measure_counts_a_record_of_the_portal() -> None:
    measures = [measure for i in everything() for measure in (i.measure, i.of) if measure]
    assert {measure.split(".")[0] for measure in measures} <= set(RECORD_TYPES.split())


def test_no_indicator_code_is_used_by_two_presets() -> None:
    codes = [indicator.code for indicator in everything()]
    assert len(codes) == len(set(codes)) == 32 + 12 + 7


@pytest.mark.parametrize("code", presets.preset_codes())
def test_a_preset_speaks_both_languages(code: str) -> None:
    spoken = texts(load_preset(code))
    assert len(spoken) > 3 * len(load_preset(code).indicators)
    assert not [text for text in spoken if CHINESE.search(text.en) or not (CHINESE.search(text.zh) or text.zh == "%")]


@pytest.mark.parametrize("name", REFERENCES)
def test_reference_data_speaks_both_languages(name: str) -> None:
    rows = load_reference(name)
    spoken = texts(rows)
    assert len(spoken) >= len(rows) > 0
    assert not [text for text in spoken if CHINESE.search(text.en) or not CHINESE.search(text.zh)]


SOUND: dict[str, Any] = {
    "code": "sample",
    "title": {"zh": "示例", "en": "Sample"},
    "client": {"zh": "某医院", "en": "A hospital"},
    "months": 12,
    "categories": [{"code": "01", "zh": "类别", "en": "Category"}],
    "indicators": [
        {
            "code": "01.1",
            "category": "01",
            "zh": "指标",
            "en": "Indicator",
            "kind": "at_least",
            "target": 3,
            "unit": {"zh": "次", "en": "visits"},
            "wording": "不少于3次",
            "rule": {"zh": "规则", "en": "Rule"},
            "measure": "home_visit.made",
        }
    ],
}

PEOPLE = {"zh": "人", "en": "people"}
STAFF = {"zh": "名", "en": "staff"}
ATTENDANCES = {"zh": "人次", "en": "attendances"}


def changed(**fields: Any) -> dict[str, Any]:
    """The sound preset with some fields of its one indicator set."""
    preset = deepcopy(SOUND)
    preset["indicators"][0] |= fields
    return preset


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"kind": "several", "target": None},
        {"kind": "ongoing", "target": None},
        {"kind": "ongoing", "target": None, "per": "unit"},
        {"kind": "deliver", "count": "deliverable"},
        {"kind": "per_unit", "per": "worker"},
        {"kind": "ratio", "target": 99.5, "of": "home_visit.due", "of_args": {"urgent": True}},
        {"unit": PEOPLE, "count": "distinct"},
        {"unit": PEOPLE, "count": "latest"},
        {"unit": PEOPLE, "count": "standing"},
        {"unit": ATTENDANCES, "count": "sum"},
    ],
)
def test_a_sound_preset_is_accepted(fields: dict[str, Any]) -> None:
    assert len(Preset.model_validate(changed(**fields)).indicators) == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"kind": "several"}, "several has no target"),
        ({"kind": "ongoing"}, "ongoing has no target"),
        ({"target": None}, "at_least needs a target"),
        ({"kind": "deliver", "target": None, "count": "deliverable"}, "deliver needs a target"),
        ({"kind": "per_unit", "target": None, "per": "unit"}, "per_unit needs a target"),
        ({"kind": "ratio", "target": None, "of": "home_visit.due"}, "ratio needs a target"),
        ({"kind": "ratio", "target": 101, "of": "home_visit.due"}, "at most 100"),
        ({"kind": "ratio", "target": 90}, "names `of`"),
        ({"of": "home_visit.due"}, "names `of`"),
        ({"of_args": {"urgent": True}}, "of_args without `of`"),
        ({"kind": "per_unit"}, "needs per"),
        ({"per": "unit"}, "at_least is not split by unit"),
        ({"unit": PEOPLE}, "distinct people, sum"),
        ({"unit": STAFF, "count": "sum"}, "distinct people, sum"),
        ({"unit": PEOPLE, "count": "deliverable"}, "distinct people, deliverable"),
        ({"unit": ATTENDANCES, "count": "distinct"}, "attendances"),
        ({"unit": ATTENDANCES, "count": "latest"}, "attendances"),
        ({"kind": "deliver"}, "counts deliverables"),
        ({"count": "deliverable"}, "counts deliverables"),
        ({"category": "02"}, "do not exist: 02"),
    ],
)
def test_an_indicator_that_contradicts_itself_is_refused(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Preset.model_validate(changed(**fields))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"code": 1.1}, "code"),
        ({"code": "first"}, "code"),
        ({"category": 1}, "category"),
        ({"target": "3"}, "target"),
        ({"target": True}, "target"),
        ({"target": 0}, "target"),
        ({"target": float("inf")}, "target"),
        ({"kind": "at_most"}, "kind"),
        ({"count": "average"}, "count"),
        ({"per": "township"}, "per"),
        ({"measure": "home_visit"}, "measure"),
        ({"measure": "select count(*)"}, "measure"),
        ({"zh": ""}, "zh"),
        ({"unit": {"zh": "次", "en": " "}}, "unit"),
        ({"rule": {"zh": "规则"}}, "rule"),
        ({"goal": 3}, "goal"),
    ],
)
def test_a_field_of_the_wrong_shape_is_refused_by_name(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Preset.model_validate(changed(**fields))
    assert {error["loc"][2] for error in refusal.value.errors()} == {field}


@pytest.mark.parametrize("part", ["indicators", "categories"])
def test_a_code_used_twice_is_refused(part: str) -> None:
    twice = SOUND | {part: SOUND[part] * 2}
    with pytest.raises(ValidationError, match="used twice: 01"):
        Preset.model_validate(twice)


@pytest.mark.parametrize("change", [{"indicators": []}, {"months": 0}, {"months": "12"}, {"owner": "x"}])
def test_a_preset_of_the_wrong_shape_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Preset.model_validate(SOUND | change)


@pytest.mark.parametrize("load", [load_preset, load_reference])
@pytest.mark.parametrize("name", ["nothing", "../reference/skills", ""])
def test_an_unknown_name_is_a_lookup_error(load: Callable[[str], object], name: str) -> None:
    with pytest.raises(LookupError, match="there are"):
        load(name)


def test_a_preset_file_must_carry_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "another.yaml").write_text((presets.CONTRACTS / "township_station.yaml").read_text("utf-8"), "utf-8")
    monkeypatch.setattr(presets, "CONTRACTS", tmp_path)
    with pytest.raises(ValueError, match="calls itself township_station"):
        load_preset("another")


SKILL = "- {code: first_aid, zh: 应急救护, en: First aid}\n"
GUANGZHOU = '- {code: "440100", zh: 广州市, en: Guangzhou, level: city, parent: "440000"}\n'
NUMERIC = "- {code: 440000, zh: 广东省, en: Guangdong, level: province, parent: null}\n"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("skills", SKILL * 2, "used twice: first_aid"),
        ("regions", GUANGZHOU, "do not exist: 440000"),
        ("regions", NUMERIC, "valid string"),
        ("skills", SKILL.replace("First aid", '""'), "en"),
    ],
)
def test_bad_reference_data_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str, reason: str
) -> None:
    (tmp_path / f"{name}.yaml").write_text(content, "utf-8")
    monkeypatch.setattr(presets, "REFERENCE", tmp_path)
    with pytest.raises(ValueError, match=reason):
        load_reference(name)


def course(code: str) -> dict[str, Any]:
    return next(row for row in load_reference("courses") if row["code"] == code)


def test_a_red_cross_first_aider_learns_sixteen_hours_and_renews_after_three_years_in_eight() -> None:
    first = course("red_cross_rescuer")
    assert (first["class_hours"], first["capacity_min"], first["capacity_max"]) == (16, 20, 50)
    assert (first["trainees_per_instructor"], first["trainees_per_manikin"], first["validity_months"]) == (20, 20, 36)
    assert course(first["renewal"])["class_hours"] == 8
    assert (course("red_cross_primary")["class_hours"], course("red_cross_primary")["online_hours"]) == (8, 4)


def test_aha_courses_hold_two_years_with_six_to_an_instructor_and_three_to_a_manikin() -> None:
    for row in (course("aha_bls"), course("aha_heartsaver")):
        assert (row["validity_months"], row["trainees_per_instructor"], row["trainees_per_manikin"]) == (24, 6, 3)


def test_every_kind_of_course_has_a_type_and_a_lecture_leads_to_no_certificate() -> None:
    kinds = {row["kind"] for row in load_reference("courses")}
    assert len(kinds) == 8
    assert course("awareness")["validity_months"] is None


def test_regions_nest_by_their_codes() -> None:
    rows = load_reference("regions")
    parents: dict[str, Callable[[str], str | None]] = {
        "province": lambda code: None,
        "city": lambda code: code[:2] + "0000",
        "district": lambda code: code[:4] + "00",
    }
    assert [row["parent"] for row in rows] == [parents[row["level"]](row["code"]) for row in rows]
    assert [sum(row["level"] == level for row in rows) for level in parents] == [34, 21, 20]
    assert {"440105": "海珠区", "440311": "光明区", "441900": "东莞市", "810000": "香港特别行政区"}.items() <= {
        row["code"]: row["zh"] for row in rows
    }.items()


def test_the_hospital_has_seven_forms_of_service_beside_first_aid_and_the_community() -> None:
    assert [row["zh"] for row in load_reference("service_categories")] == [
        "门诊导诊",
        "病房探访",
        "手术前陪护",
        "患儿活动区协助管理",
        "候诊区协助管理",
        "病友小组",
        "应急救护",
        "社区",
        "其他",
    ]


def test_the_six_named_charity_projects_ship() -> None:
    projects = load_reference("charity_projects")
    names = [re.findall("“(.+)”", project["zh"]) for project in projects]
    assert names == [["一米阳光"], ["直立人生"], ["风雨童舟"], ["挺胸做人"], ["心·希望"], ["眼见为实"]]
    assert projects[0]["disease"] == L("白血病", "Leukaemia")
