"""Active, dormant, left by one definition; and sheets in the columns of the national system, read back (V11, V12)."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select

from models import RECORDS
from models.people import IdType, TeamMembership, Volunteer, VolunteerTeam
from models.system import AuditEntry, Option, Verb
from seed.load import load_reference
from services import clock, db, numbers, serving_export, serving_hours, serving_ledger, serving_lifecycle, store
from services.access import SYSTEM
from services.errors import Denied, Invalid
from services.serving_lifecycle import Stage
from tests.conftest import Cast
from tests.test_my import named
from tests.test_serving import volunteer
from tests.test_serving_hours import YESTERDAY, entry

LONG_AGO = clock.today() - timedelta(days=500)


def team(name: str, *people: int, founded: int = 500, dissolved: int | None = None) -> None:
    with db.unit(SYSTEM) as s:
        ended = None if dissolved is None else clock.today() - timedelta(days=dissolved)
        row = VolunteerTeam(name=name, founded_on=clock.today() - timedelta(days=founded), dissolved_on=ended)
        s.add(row)
        s.flush()
        for who in people:
            s.add(TeamMembership(team_id=row.id or 0, volunteer_id=who, joined_on=LONG_AGO))


def served(who: int) -> int:
    key = entry(who, "09:00-09:20 10:00-10:20 11:00-11:20")
    serving_hours.confirm(SYSTEM, key)
    return key


def test_figures_list_and_sheet_count_teams_alike(cast: Cast, tmp_path: Path) -> None:
    load_reference(SYSTEM)
    busy, idle = volunteer(registered_on=LONG_AGO), volunteer(registered_on=LONG_AGO)
    served(busy)
    team("甲队", busy)
    team("乙队", idle)
    team("丙队", busy, dissolved=3)
    team("丁队", founded=10)
    counts = serving_lifecycle.team_counts(cast.lin)
    assert counts == {Stage.ACTIVE: 2, Stage.DORMANT: 1, Stage.LEFT: 1}
    assert Counter(one.stage for one in serving_lifecycle.teams(cast.lin)) == Counter(counts)
    sheet = tmp_path / "teams.xlsx"
    serving_export.write(SYSTEM, "teams", sheet, LONG_AGO, clock.today(), purpose="核对")
    labels = Counter(row["stage"] for row in serving_export.read_back("teams", sheet))
    assert labels == {stage.label.zh: count for stage, count in counts.items()}
    assert serving_lifecycle.volunteer_counts(cast.lin) == {Stage.ACTIVE: 1, Stage.DORMANT: 1, Stage.LEFT: 0}
    numbers.change(cast.admin, {"serving.dormant_days": 600})
    assert serving_lifecycle.team_counts(cast.lin)[Stage.DORMANT] == 0


def test_hours_go_out_and_come_back_with_every_required_column(cast: Cast, tmp_path: Path) -> None:
    load_reference(SYSTEM)
    who = named(
        volunteer(), name="欧阳明珠", id_type=IdType.RESIDENT_ID, id_number="11010519491231002X", region_code="440105"
    )
    served(who)
    entry(who, "13:00-14:00")  # waits, and stays at home
    sheet = tmp_path / "hours.xlsx"
    assert serving_export.write(cast.lin, "hours", sheet, YESTERDAY, YESTERDAY, purpose="上报") == 3
    rows = serving_export.read_back("hours", sheet)
    assert all(row[code] for row in rows for code in serving_export.REQUIRED["hours"])
    assert sum(Decimal(row["hours"]) for row in rows) == serving_ledger.ledger(cast.lin, who).total == 1
    first = rows[0]
    assert (first["id_type"], first["id_number"], first["type"], first["state"]) == (
        "01",
        "11010519491231002X",
        "1",
        "2",
    )
    assert first["start"] == f"{YESTERDAY} 09:00:00" and first["area_code"] == "440105" + "0" * 12
    with db.reading(SYSTEM) as s:
        told = s.exec(select(AuditEntry).where(AuditEntry.verb == Verb.EXPORT)).one()
    assert (told.reason, told.changes["rows"]) == ("上报", 3)


def test_headings_are_edited_as_data_and_a_required_one_must_stay(cast: Cast, tmp_path: Path) -> None:
    load_reference(SYSTEM)
    served(volunteer())
    with db.reading(SYSTEM) as s:
        keys = {row.code: row.id for row in s.exec(select(Option).where(Option.list_name == "national_hours"))}
    store.save(cast.admin, RECORDS["option"], {"zh": "服务开始"}, id=keys["start"])
    store.save(cast.admin, RECORDS["option"], {"active": False}, id=keys["remark"])
    headings = serving_export.columns_of("hours")
    assert headings["start"] == "服务开始" and "remark" not in headings
    store.save(cast.admin, RECORDS["option"], {"active": False}, id=keys["hours"])
    with pytest.raises(Invalid):
        serving_export.write(cast.admin, "hours", tmp_path / "x.xlsx", YESTERDAY, YESTERDAY, purpose="上报")


def test_full_numbers_leave_for_a_purpose_and_with_the_right_alone(cast: Cast, tmp_path: Path) -> None:
    load_reference(SYSTEM)
    with pytest.raises(Denied):
        serving_export.write(cast.chen, "hours", tmp_path / "x.xlsx", YESTERDAY, YESTERDAY, purpose="看看")
    with pytest.raises(Invalid):
        serving_export.write(cast.lin, "hours", tmp_path / "x.xlsx", YESTERDAY, YESTERDAY, purpose=" ")


def test_the_parts_of_an_entry_add_up_and_stop_at_the_ceiling() -> None:
    parts = serving_export.parts("09:00-09:20 10:00-10:20 11:00-11:20", 60)
    assert sum(hours for _, hours in parts) == Decimal("1.00")
    assert [span for span, _ in serving_export.parts("07:50-11:20", 180)] == [(470, 650)]


def test_volunteers_fill_their_required_columns(cast: Cast, tmp_path: Path) -> None:
    load_reference(SYSTEM)
    who = named(volunteer(registered_on=YESTERDAY, service_area="院内", skills=["driving"], service_categories=["ward_visit"]),
                id_type=IdType.PASSPORT, id_number="E12345678", phone="13800138000", region_code="440105")  # fmt: skip
    with db.reading(SYSTEM) as s:
        assert s.get_one(Volunteer, who).registered_on == YESTERDAY
    sheet = tmp_path / "people.xlsx"
    serving_export.write(cast.lin, "volunteers", sheet, YESTERDAY, YESTERDAY, purpose="上报")
    [row] = serving_export.read_back("volunteers", sheet)
    assert all(row[code] for code in serving_export.REQUIRED["volunteers"]) and row["service_categories"] == "病房探访"
