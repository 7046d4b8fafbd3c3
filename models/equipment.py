"""The teaching equipment of the bases: what there is and in which state, its checks, which session has booked how much of it
(source 000 §三.8; feature T12; the ratios of rules.md 2.2 and 2.8)."""

from datetime import date
from typing import Annotated, Any

from sqlalchemy import Index
from sqlmodel import Field

from models.base import DOER, FILTER, LIST, LONG, SEARCH, Choice, Record, StationRow, Ui, record, unique
from models.checks import at_most, in_order, past
from models.types import Word
from models.words import L


class EquipmentKind(Choice):
    MANIKIN = "manikin", "模拟人", "Manikin"
    AED_TRAINER = "aed_trainer", "AED 训练机", "AED trainer"
    BANDAGING = "bandaging", "包扎用品", "Bandaging kit"
    PROJECTOR = "projector", "投影音响", "Projector and sound"
    OTHER = "other", "其他", "Other"


class EquipmentState(Choice):
    USABLE = "usable", "可用", "Usable"
    DAMAGED = "damaged", "损坏", "Damaged"
    RETIRED = "retired", "已报废", "Retired"


@record(
    "教具",
    "Kit item",
    area="training",
    menu=6,
    icon="inventory_2",
    title="name",
    sort="name",
    keys=(("asset_number",), ("name",)),
    about=L(
        "模拟人、AED 训练机等教具：有多少、能用多少、何时检查。",
        "Manikins, AED trainers and the like: how many, how many work.",
    ),
)
class Equipment(Record, table=True):
    """Equipment of one make that is booked by number; a piece with a number of its own is a row with one piece."""

    __table_args__ = (unique("ux_equipment_asset_number", "asset_number"), unique("ux_equipment_name", "name"))
    name: Annotated[str, Ui("名称", "Name", LIST | SEARCH)] = Field(min_length=1, max_length=80)
    kind: Annotated[EquipmentKind, Ui("类别", "Kind", LIST | FILTER)] = Field(sa_type=Word)
    number: Annotated[int, Ui("数量", "Number owned", LIST)] = Field(default=1, ge=1, le=10_000)
    out_of_use: Annotated[
        int,
        Ui("其中停用", "Of these out of use", LIST, help=L("送修、待检的件数", "Under repair or waiting for a check")),
    ] = Field(default=0, ge=0, le=10_000)
    state: Annotated[EquipmentState, Ui("状态", "State", LIST | FILTER)] = Field(
        default=EquipmentState.USABLE, sa_type=Word
    )
    asset_number: Annotated[str | None, Ui("资产编号", "Asset number", LIST | SEARCH)] = Field(
        default=None, max_length=40
    )
    serial_number: Annotated[str, Ui("出厂编号", "Serial number", SEARCH)] = Field(default="", max_length=80)
    venue_id: Annotated[int | None, Ui("存放场地", "Kept in")] = Field(default=None, foreign_key="venue.id")
    acquired_on: Annotated[date | None, Ui("购入日期", "Acquired on")] = None
    next_check_on: Annotated[date | None, Ui("下次检查", "Next check", LIST | FILTER)] = None

    @property
    def usable(self) -> int:
        return self.number - self.out_of_use if self.state == EquipmentState.USABLE else 0

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return at_most(values, "out_of_use", "number") | past(values, today, "acquired_on")


@record(
    "教具检查",
    "Kit check",
    area="training",
    menu=10,
    icon="build",
    title="checked_by",
    sort="-checked_on",
    keys=(("equipment_id", "checked_on"),),
    about=L(
        "教具的检查、清洁和维修；最新一次决定教具的状态。", "Checks, cleaning, repairs; the newest decides the state."
    ),
)
class EquipmentCheck(Record, table=True):
    """Somebody looked at the equipment: the state and the number out of use that they found are the equipment's."""

    __table_args__ = (unique("ux_equipment_check_day", "equipment_id", "checked_on"),)
    equipment_id: Annotated[int, Ui("教具", "Kit item", LIST | SEARCH)] = Field(foreign_key="equipment.id", index=True)
    checked_on: Annotated[date, Ui("检查日期", "Checked on", LIST | FILTER)] = Field()
    checked_by: Annotated[str, Ui("检查人", "Checked by", LIST | SEARCH | DOER)] = Field(min_length=1, max_length=60)
    state: Annotated[EquipmentState, Ui("检查结果", "State found", LIST | FILTER)] = Field(
        default=EquipmentState.USABLE, sa_type=Word
    )
    out_of_use: Annotated[int, Ui("停用件数", "Number out of use", LIST)] = Field(default=0, ge=0, le=10_000)
    finding: Annotated[str, Ui("情况", "Findings", LIST | LONG)] = Field(default="", max_length=500)
    next_check_on: Annotated[date | None, Ui("下次检查", "Next check", LIST)] = None

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return past(values, today, "checked_on") or in_order(values, "checked_on", "next_check_on")


@record(
    "教具预约",
    "Kit booking",
    area="training",
    menu=0,
    icon="inventory_2",
    title="id",
    sort="id",
    keys=(("session_id", "equipment_id"),),
)
class EquipmentBooking(StationRow, table=True):
    """So many pieces of the equipment are the session's from its start to its end (half-open)."""

    __table_args__ = (
        unique("ux_equipment_booking", "session_id", "equipment_id"),
        Index("ix_equipment_booking_equipment", "equipment_id", "deleted_at", "session_id"),
    )
    session_id: Annotated[int, Ui("培训班", "Session", LIST)] = Field(foreign_key="training_session.id")
    equipment_id: Annotated[int, Ui("教具", "Kit item", LIST)] = Field(foreign_key="equipment.id")
    number: Annotated[int, Ui("件数", "Number", LIST)] = Field(default=1, ge=1, le=10_000)
