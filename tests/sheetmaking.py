"""Makes sheets that the tests import: generated people, and a valid row of any record type."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from models import RECORDS, RecordType
from models.base import FieldSpec
from models.identifiers import credit_code_check, resident_check_character
from services import options
from services.sheets import Column, SheetOut, write_sheet

DAY = date(2026, 11, 1)


def identity(number: int) -> str:
    """A made-up resident number whose check character is right."""
    first = f"440105{date(1960, 1, 1) + timedelta(days=number):%Y%m%d}001"
    return first + resident_check_character(first)


def volunteer(number: int, **more: Any) -> dict[str, Any]:
    """A good row of the volunteer sheet, by heading."""
    return {
        "姓名": f"王{chr(0x4E00 + number)}", "证件类型": "居民身份证", "证件号码": identity(number),
        "手机号": f"1380013{number:04d}", "居住区域代码": "440105", "居住区域": "海珠区", "知情同意": "是", **more,
    }  # fmt: skip


def sheet(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """An xlsx with a column for every heading; a str that begins with = is a formula."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, headings)
        for index, row in enumerate(rows, 1):
            for column, heading in enumerate(headings):
                value = row.get(heading)
                if isinstance(value, str) and value.startswith("="):
                    page.write_formula(index, column, value)
                elif isinstance(value, str):
                    page.write_string(index, column, value)
                elif value is not None:
                    page.write_number(index, column, value)
    return path


def filled(record: RecordType, path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """The record's template filled in: the rows hold texts by field name."""
    columns = [Column(spec.label.zh, "text", spec.required) for spec in record.sheet_fields]
    lines = [[row.get(spec.name, "") for spec in record.sheet_fields] for row in rows]
    write_sheet(path, [SheetOut("表", columns, lines)])
    return path


def valid_row(record: RecordType, number: int) -> dict[str, str]:
    """A row that the record's rules accept; it names the parents that valid_row of the same number makes."""
    found = {spec.name: _text(record, spec, number) for spec in record.sheet_fields if spec.name != "unit_id"}
    special: dict[str, str] = SPECIAL[record.name](number) if record.name in SPECIAL else {}
    return found | special


def _text(record: RecordType, spec: FieldSpec, number: int) -> str:
    if spec.refers_to:
        parent = RECORDS[spec.refers_to]
        if parent is record or parent.title not in parent.by_name:
            return ""
        return valid_row(parent, number).get(parent.title, "")
    if spec.choices:
        return next(iter(spec.choices)).label.zh
    if spec.options:
        known = options.labels(spec.options)
        return next((label.zh for label in known.values()), "")
    return KINDS[spec.kind](f"{record.label.zh}{spec.label.zh}"[: (spec.max_length or 60) - 4], number)


KINDS: dict[str, Callable[[str, int], str]] = {
    "text": lambda words, n: f"{words}{n}",
    "long": lambda words, n: f"{words}{n}，第一段",
    "number": lambda words, n: str(n + 1),
    "money": lambda words, n: f"{n + 1}.50",
    "flag": lambda words, n: "是",
    "date": lambda words, n: (DAY - timedelta(days=n)).isoformat(),
    "time": lambda words, n: datetime(2026, 10, n % 27 + 1, 9).strftime("%Y-%m-%d %H:%M"),
}


def _person(number: int) -> dict[str, str]:
    row = volunteer(number)
    return {
        "name": row["姓名"], "id_type": "居民身份证", "id_number": row["证件号码"], "phone": row["手机号"],
        "gender": "", "birth_date": "", "region_code": "440105", "wechat": f"wx{number}",
        "email": f"a{number}@example.org",
    }  # fmt: skip


def _only(record: str, row: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if name in RECORDS[record].by_name}


LATER = (DAY + timedelta(days=400)).isoformat()
SPECIAL: dict[str, Any] = {
    "contract": lambda n: {"ends": LATER},
    "service_category": lambda n: {"code": f"{n:02d}"},
    "indicator": lambda n: {"code": f"{n:02d}.1", "kind": "不少于", "measure": "volunteer.kept", "of_measure": ""},
    "organisation": lambda n: {"credit_code": credit_code(n), "tags": "重点、区内"},
    "contact": lambda n: {**_only("contact", _person(n)), "gender": "男", "work_phone": "020-84113300"},
    "certificate_issuer": lambda n: {"prefix": "ABCDEFGH"[n % 8] * 2},
    "course": lambda n: {"prerequisites": "", "renewed_by_id": ""},
    "instructor": lambda n: {**_only("instructor", _person(n)), "gender": "男"},
    "volunteer": lambda n: {
        **_only("volunteer", _person(n)), "guardian_phone": "13900139000", "emergency_phone": "13900139001",
        "availability": "工作日上午、周末下午", "state": "在册",
    },
    "agreement": lambda n: {"ends": LATER, "starts": DAY.isoformat(), "state": "已终止", "terminated_on": DAY.isoformat()},
    "volunteer_credential": lambda n: {"expires_on": LATER},
    "volunteer_team": lambda n: {"dissolved_on": ""},
    "team_membership": lambda n: {"left_on": ""},
    "interaction": lambda n: {"next_on": LATER},
    "training_session": lambda n: {
        "starts": f"2026-10-{n % 27 + 1:02d} 09:00", "ends": f"2026-10-{n % 27 + 1:02d} 12:00",
        "registration_opens": "2026-09-01 08:00", "registration_closes": "2026-09-30 18:00", "state": "报名中",
        "instructors": volunteer(n)["姓名"], "capacity": "30",
    },
    "enrolment": lambda n: {**_only("enrolment", _person(n + 500)), "state": "已录取"},
    "attendance": lambda n: _only("attendance", _person(n + 500)),
    "department": lambda n: {"work_phone": "020-84113300"},
    "charity_project": lambda n: {"state": "已结束", "ends": DAY.isoformat()},
    "client": lambda n: {
        **_only("client", _person(n + 700)), "gender": "男", "guardian_phone": "13900139000",
        "key_groups": "独居、残疾人",
    },
    "assistance_service": lambda n: {"state": "已完成", "satisfaction": str(n)},
    "aid_application": lambda n: {"state": "已拨付"},
    "followup_task": lambda n: {"state": "已完成"},
    "cooperation_project": lambda n: {"state": "已启动", "ended_on": LATER},
    "wechat_group": lambda n: {"state": "已解散"},
    "group_snapshot": lambda n: {"members": "120", "active": "30"},
    "community_visit": lambda n: {"services": "健康宣教、疾病筛查", "encounters": "12"},
    "coordination_meeting": lambda n: {"parties": "科室、医务社工"},
    "deliverable": lambda n: {"state": "已验收"},
    "demonstration_site": lambda n: {"state": "已验收"},
    "required_document": lambda n: {"site_id": ""} if n % 2 else {"deliverable_id": ""},
    "policy_document": lambda n: {"state": "已发布"},
    "staff_member": lambda n: {**_only("staff_member", _person(n + 900)), "gender": "男", "left_on": ""},
    "staff_qualification": lambda n: {"expires_on": LATER},
    "equipment": lambda n: {"number": "9", "out_of_use": "0", "state": "可用", "next_check_on": LATER},
    "equipment_check": lambda n: {"usable": "9"},
    "lesson": lambda n: {"starts": f"2026-10-{n % 27 + 1:02d} 09:00", "ends": f"2026-10-{n % 27 + 1:02d} 11:00", "venue_id": "",
                         "instructor_id": ""},
    "presence": lambda n: {
        **_only("presence", _person(n + 600)), "lesson_id": f"{valid_row(RECORDS['training_session'], n)['code']}-{n + 1}",
        "arrived_at": f"2026-10-{n % 27 + 1:02d} 09:00", "left_at": f"2026-10-{n % 27 + 1:02d} 11:00",
    },
    "deployment": lambda n: {"ends": f"2026-10-{n % 27 + 1:02d} 12:00"},
    "deployment_member": lambda n: {"hours": "3"},
    "question": lambda n: {"options": "甲\n乙", "options_en": "A\nB", "answer": "A"},
    "theory_score": lambda n: {**_only("theory_score", _person(n + 500)), "score": "80", "attempt": "1"},
    "practical_check": lambda n: {**_only("practical_check", _person(n + 500)), "attempt": "1"},
    "feedback": lambda n: {"content": "5", "teaching": "4", "organising": "5"},
    "service_shift": lambda n: {
        "starts": f"2026-12-{n % 27 + 1:02d} 09:00", "ends": f"2026-12-{n % 27 + 1:02d} 12:00", "signup_until": "",
        "withdraw_until": "", "minimum": "1", "capacity": "4",
    },
    "service_post": lambda n: {"credentials": "", "either": "", "needs_insurance": "否"},
    "shift_slot": lambda n: {"minimum": "1", "maximum": "2", "credential": ""},
    "volunteer_insurance": lambda n: {"starts": DAY.isoformat(), "ends": LATER},
    "service_hours": lambda n: {"shift_id": "", "times": "09:00-10:00", "served_on": (DAY - timedelta(days=n)).isoformat()},
    "star_award": lambda n: {"level": "1"},
    "correction_request": lambda n: {"hours_id": ""},
}  # fmt: skip


def credit_code(number: int) -> str:
    first = f"91440101MA5A{number:05d}"
    return first + credit_code_check(first)


ORDER = (
    "unit", "contract", "service_category", "indicator", "organisation", "contact", "interaction", "agreement",
    "volunteer", "volunteer_credential", "volunteer_team", "team_membership", "option", "certificate_issuer", "course", "venue",
    "instructor", "training_session", "enrolment", "attendance", "department", "charity_project", "project_partner", "funding",
    "client", "assistance_service", "aid_application", "followup_task", "cooperation_project", "technology_promotion",
    "wechat_group", "group_snapshot", "welfare_campaign", "promo_material", "official_account_post", "deliverable",
    "demonstration_site", "required_document", "policy_document", "community_visit", "screening",
    "coordination_meeting", "base_duty_log", "staff_member", "staff_qualification", "grant_application", "publication",
    "seminar", "award_nomination", "partner_quota", "monthly_target", "target_amendment", "public_holiday", "equipment",
    "equipment_check", "lesson", "presence", "question", "theory_score", "practical_check", "feedback", "service_post",
    "service_shift", "shift_slot", "volunteer_insurance", "shift_signup", "service_hours", "star_award",
    "correction_request", "deployment", "deployment_member",
)  # fmt: skip
"""Every record of the menu, parents before children."""
