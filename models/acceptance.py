"""Acceptance reports (验收报告) as they were made and signed (mission.md, journey 5; feature K10)."""

from datetime import date, datetime
from typing import Annotated

from sqlmodel import Field

from models.base import FILTER, FIXED, LIST, LONG, Choice, Record, Ui, record
from models.types import Codes, UtcDateTime, Word
from models.words import L


class EditionKind(Choice):
    WHOLE = "whole", "全本", "Whole"
    CATEGORY = "category", "分类", "One category"
    MONTH = "month", "月报", "Month"
    QUARTER = "quarter", "季报", "Quarter"


class ReportState(Choice):
    MADE = "made", "待签署", "To be signed"
    SIGNED = "signed", "已签署", "Signed"


@record(
    "验收报告",
    "Acceptance report",
    area="indicators",
    icon="task",
    title="name",
    sort="-id",
    menu=0,
    about=L(
        "某一时刻的指标、记录与佐证，签署后不可更改。", "Figures, records and evidence of one moment; signed, it stays."
    ),
)
class AcceptanceReport(Record, table=True):
    """One edition made at one moment; its files are its attachments.

    areas: whose records its lists name; units: the stations that it is limited to, none: all of them.
    """

    name: Annotated[str, Ui("名称", "Name", LIST | FIXED)] = Field(min_length=1, max_length=200)
    contract_id: Annotated[int, Ui("合同", "Contract", LIST | FILTER | FIXED)] = Field(
        foreign_key="contract.id", index=True
    )
    edition: Annotated[EditionKind, Ui("版本", "Edition", LIST | FILTER | FIXED)] = Field(sa_type=Word)
    which: Annotated[str, Ui("类别或期次", "Which", FIXED)] = Field(default="", max_length=10)
    as_of: Annotated[date, Ui("统计日", "As of", LIST | FIXED)] = Field()
    moment: Annotated[datetime, Ui("数据时刻", "Moment", LIST | FIXED)] = Field(sa_type=UtcDateTime)
    data_version: Annotated[int, Ui("数据版本", "Data version", FIXED)] = Field()
    made_by: Annotated[str, Ui("生成人", "Made by", LIST | FIXED)] = Field(default="", max_length=60)
    met: Annotated[int, Ui("量化指标达成项数", "Targets met", LIST | FIXED)] = 0
    total: Annotated[int, Ui("量化指标项数", "Targets", LIST | FIXED)] = 0
    areas: list[str] = Field(default_factory=list, sa_type=Codes)
    units: list[str] = Field(default_factory=list, sa_type=Codes)
    state: Annotated[ReportState, Ui("状态", "State", LIST | FILTER | FIXED)] = Field(
        default=ReportState.MADE, sa_type=Word
    )
    signed_by: Annotated[str, Ui("签署人", "Signed by", LIST | FIXED)] = Field(default="", max_length=60)
    signed_account_id: int | None = None
    signed_at: Annotated[datetime | None, Ui("签署时间", "Signed at", LIST | FIXED)] = Field(
        default=None, sa_type=UtcDateTime
    )
    opinion: Annotated[str, Ui("验收意见", "Opinion", LONG | FIXED)] = Field(default="", max_length=1000)
