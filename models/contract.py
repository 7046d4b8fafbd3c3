"""The contract, its indicators and the stations that deliver it (sources 000, 003, 004; contracts.md)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from sqlmodel import Field

from models.base import ACT, FILTER, FIXED, LIST, LONG, SEARCH, Choice, Record, Ui, record, unique
from models.types import Amount, Json, Word
from models.words import L


class ContractState(Choice):
    ACTIVE = "active", "执行中", "Running"
    ENDED = "ended", "已结束", "Ended"


@record(
    "服务合同",
    "Contract",
    area="contract",
    menu=1,
    icon="assignment",
    title="title",
    sort="-starts",
    keys=(("code",),),
    about=L("服务期、金额与指标的依据。", "The period, the amount, and what the indicators rest on."),
)
class Contract(Record, table=True):
    """A year of service that a hospital bought; both days count as days of the contract."""

    __table_args__ = (unique("ux_contract_code", "code"),)
    code: Annotated[str, Ui("合同编号", "Code", LIST | SEARCH)] = Field(min_length=1, max_length=40)
    title: Annotated[str, Ui("合同名称", "Title", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    client: Annotated[str, Ui("采购方", "Client", LIST)] = Field(default="", max_length=120)
    supplier: Annotated[str, Ui("服务方", "Supplier", LIST)] = Field(default="", max_length=120)
    starts: Annotated[date, Ui("开始日期", "Starts", LIST)] = Field()
    ends: Annotated[date, Ui("结束日期", "Ends", LIST, help=L("含当天", "Including this day"))] = Field()
    signed_on: Annotated[date | None, Ui("签订日期", "Signed on")] = None
    amount: Annotated[Decimal | None, Ui("金额（元）", "Amount (CNY)")] = Field(default=None, sa_type=Amount, ge=0)
    settlement_rate: Annotated[Decimal | None, Ui("结算费率（%）", "Settlement rate (%)")] = Field(
        default=None, sa_type=Amount, ge=0, le=100
    )
    state: Annotated[ContractState, Ui("状态", "State", LIST | FILTER)] = Field(
        default=ContractState.ACTIVE, sa_type=Word
    )
    preset: Annotated[str, Ui("预设", "Preset", FIXED)] = Field(default="", max_length=40)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        starts, ends = values.get("starts"), values.get("ends")
        return {"ends": "ends_before_start"} if starts and ends and ends < starts else {}


@record(
    "服务类别",
    "Service category",
    area="contract",
    menu=3,
    icon="category",
    title="zh",
    sort="code",
    keys=(("contract_id", "code"),),
    about=L("合同的服务类别。", "The contract's lines of service."),
)
class ServiceCategory(Record, table=True):
    """One line of service of a contract."""

    __table_args__ = (unique("ux_service_category_code", "contract_id", "code"),)
    contract_id: Annotated[int, Ui("合同", "Contract", LIST | FILTER)] = Field(foreign_key="contract.id", index=True)
    code: Annotated[str, Ui("序号", "Code", LIST | SEARCH)] = Field(min_length=1, max_length=10)
    zh: Annotated[str, Ui("中文名称", "Chinese name", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    en: Annotated[str, Ui("英文名称", "English name", LIST)] = Field(min_length=1, max_length=160)


class TargetKind(Choice):
    AT_LEAST = "at_least", "不少于", "At least"
    DELIVER = "deliver", "交付", "Deliver"
    ONGOING = "ongoing", "恒常", "Ongoing"
    SEVERAL = "several", "若干", "Several"
    RATIO = "ratio", "比率", "Ratio"
    PER_UNIT = "per_unit", "每站 / 每人", "Per unit"


class Counting(Choice):
    SUM = "sum", "计人次 / 件数", "Count every one"
    DISTINCT = "distinct", "去重计数", "Count once each"
    LATEST = "latest", "取最新存量", "Newest of each"
    STANDING = "standing", "统计日现存", "There on the day"
    DELIVERABLE = "deliverable", "交付成果", "Deliverables"


class Per(Choice):
    UNIT = "unit", "每站", "Per station"
    WORKER = "worker", "每名社工", "Per worker"


@record(
    "指标",
    "Indicator",
    area="contract",
    menu=2,
    icon="flag",
    title="zh",
    sort="code",
    keys=(("contract_id", "code"),),
    about=L("合同的量化指标：目标、口径、原文。", "The contract's targets, how each is counted, and its own wording."),
)
class Indicator(Record, table=True):
    """A target of the contract and how it is counted: data that names a measure, no code."""

    __table_args__ = (unique("ux_indicator_code", "contract_id", "code"),)
    contract_id: Annotated[int, Ui("合同", "Contract", LIST | FILTER)] = Field(foreign_key="contract.id", index=True)
    category_id: Annotated[int, Ui("服务类别", "Category", LIST)] = Field(foreign_key="service_category.id", index=True)
    code: Annotated[str, Ui("编号", "Code", LIST | SEARCH)] = Field(min_length=1, max_length=10)
    zh: Annotated[str, Ui("中文名称", "Chinese name", LIST | SEARCH)] = Field(min_length=1, max_length=160)
    en: Annotated[str, Ui("英文名称", "English name", help=L("不填则同中文", "Empty: as the Chinese"))] = Field(
        default="", max_length=200
    )
    kind: Annotated[TargetKind, Ui("目标种类", "Kind of target", LIST | FILTER)] = Field(sa_type=Word)
    target: Annotated[Decimal | None, Ui("目标值", "Target", LIST)] = Field(default=None, sa_type=Amount, ge=0)
    unit_zh: Annotated[str, Ui("单位（中文）", "Unit (Chinese)", LIST)] = Field(default="", max_length=20)
    unit_en: Annotated[str, Ui("单位（英文）", "Unit (English)")] = Field(default="", max_length=40)
    wording: Annotated[str, Ui("合同原文", "The contract's wording")] = Field(default="", max_length=200)
    rule_zh: Annotated[str, Ui("计算口径（中文）", "Counting rule (Chinese)", LONG)] = Field(default="", max_length=500)
    rule_en: Annotated[str, Ui("计算口径（英文）", "Counting rule (English)", LONG)] = Field(default="", max_length=800)
    measure: Annotated[str, Ui("度量", "Measure", ACT)] = Field(default="", max_length=80)
    args: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    counting: Annotated[Counting, Ui("计数方式", "Counting")] = Field(default=Counting.SUM, sa_type=Word)
    per: Annotated[Per | None, Ui("考核单位", "Per")] = Field(default=None, sa_type=Word)
    of_measure: Annotated[str, Ui("分母度量", "Measure of the denominator", ACT)] = Field(default="", max_length=80)
    of_args: dict[str, Any] = Field(default_factory=dict, sa_type=Json)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """A number belongs to every kind but 若干 and 恒常, and to them it does not."""
        values["en"] = values.get("en") or values.get("zh") or ""
        if not values.get("kind"):
            return {}
        countless = values["kind"] in (TargetKind.SEVERAL, TargetKind.ONGOING)
        if countless and values.get("target") is not None:
            return {"target": "target_not_wanted"}
        return {"target": "required"} if not countless and values.get("target") is None else {}


@record(
    "站点",
    "Station",
    area="contract",
    menu=4,
    icon="location_on",
    title="name",
    sort="name",
    keys=(("name",),),
    about=L(
        "社工站或服务点；记录归到站点，站长只看本站。", "Stations; records belong to one, its lead sees only that one."
    ),
)
class Unit(Record, table=True):
    """A station (社工站) or service point."""

    __table_args__ = (unique("ux_unit_name", "name"),)
    name: Annotated[str, Ui("站点名称", "Name", LIST | SEARCH)] = Field(min_length=1, max_length=80)
    township: Annotated[str, Ui("乡镇街道", "Township", LIST)] = Field(default="", max_length=60)
    lead: Annotated[str, Ui("站长", "Lead", LIST)] = Field(default="", max_length=60)
    address: Annotated[str, Ui("地址", "Address", LIST)] = Field(default="", max_length=200)
