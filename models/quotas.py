"""What a partner may use of ours in a period (training seats, beds), kept as a ledger (feature P6)."""

from datetime import date
from typing import Annotated, Any

from sqlalchemy import Index
from sqlmodel import Field

from models.base import FILTER, FIXED, LIST, SEARCH, Choice, StationRow, Ui, record, unique
from models.checks import in_order
from models.types import Word
from models.words import L


class QuotaKind(Choice):
    SEATS = "training_seats", "培训名额", "Training seats"
    BEDS = "beds", "床位", "Beds"
    GREEN_CHANNEL = "green_channel", "绿色通道", "Green channels"
    OTHER = "other", "其他", "Other"


class QuotaAct(Choice):
    ASSIGN = "assign", "分配", "Assigned"
    RELEASE = "release", "退回", "Released"
    ADJUST = "adjust", "调整", "Adjusted"


@record(
    "合作名额",
    "Partner quota",
    area="partners",
    menu=11,
    icon="event_seat",
    title="id",
    sort="-ends",
    keys=(("organisation_id", "kind", "starts"),),
    about=L(
        "给了哪家合作单位多少名额；使用和余额在单位页上看。", "What a partner may use; its page says what is left."
    ),
)
class PartnerQuota(StationRow, table=True):
    """So many of a resource for a partner, from a day through another."""

    __table_args__ = (unique("ux_partner_quota", "organisation_id", "kind", "starts"),)
    organisation_id: Annotated[int, Ui("合作单位", "Organisation", LIST | SEARCH)] = Field(
        foreign_key="organisation.id"
    )
    kind: Annotated[QuotaKind, Ui("资源", "Resource", LIST | FILTER)] = Field(default=QuotaKind.SEATS, sa_type=Word)
    starts: Annotated[date, Ui("生效日期", "Starts", LIST | FILTER)] = Field()
    ends: Annotated[
        date, Ui("截止日期", "Ends", LIST | FILTER, help=L("当天仍可使用", "May be used through this day"))
    ] = Field()
    granted: Annotated[
        int, Ui("给予数量", "Granted", LIST, help=L("以后的增减记在台账里", "Later changes go into the ledger"))
    ] = Field(ge=0, le=1_000_000)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return in_order(values, "starts", "ends")


@record(
    "名额台账",
    "Quota entry",
    area="partners",
    icon="receipt_long",
    title="id",
    sort="-id",
    menu=0,
)
class QuotaEntry(StationRow, table=True):
    """One line of a quota's ledger, never changed nor removed; what is left is what was granted and the sum of these.

    amount is what it adds to that: assigning takes away, releasing gives back. An undo is a line of the same act and the
    opposite amount that names the line it undoes, which no second one can.
    """

    __table_args__ = (
        unique("ux_quota_entry_reversal", "reversal_of_id"),
        Index("ix_quota_entry_quota", "quota_id", "id"),
    )
    quota_id: Annotated[int, Ui("名额", "Quota", LIST | FIXED)] = Field(foreign_key="partner_quota.id")
    act: Annotated[QuotaAct, Ui("种类", "Kind", LIST | FIXED)] = Field(sa_type=Word)
    amount: Annotated[int, Ui("数量", "Amount", LIST | FIXED)] = Field()
    entered_on: Annotated[date, Ui("日期", "On", LIST | FIXED)] = Field()
    session_id: Annotated[int | None, Ui("培训班", "Session", LIST | FIXED)] = Field(
        default=None, foreign_key="training_session.id", index=True
    )
    purpose: Annotated[str, Ui("用途", "Purpose", LIST | FIXED)] = Field(default="", max_length=200)
    reversal_of_id: Annotated[int | None, Ui("撤销的是", "Undoes", LIST | FIXED)] = Field(
        default=None, foreign_key="quota_entry.id"
    )
