"""What the contract wants built: deliverables, demonstration sites, their documents (contracts.md, deliver)."""

from datetime import date
from typing import Annotated, Any

from sqlalchemy import FromClause, Index, Select, and_, case, or_, select
from sqlmodel import Field, col, func

from models.base import ACT, FILTER, LIST, LONG, SEARCH, Choice, Record, StationRow, Ui, record, unique
from models.checks import happened, past
from models.measures import facts, later, measure
from models.types import Word
from models.words import L


class DeliverableState(Choice):
    OPEN = "open", "建设中", "In progress"
    SUBMITTED = "submitted", "待验收", "Submitted"
    ACCEPTED = "accepted", "已验收", "Accepted"


ACCEPTED = (DeliverableState.ACCEPTED,)


@record(
    "交付成果",
    "Deliverable",
    area="research",
    menu=1,
    icon="inventory",
    title="name",
    sort="code",
    keys=(("name",),),
    days=("accepted_on",),
    about=L(
        "要建成什么；验收且必备文件全部发布后计入指标。",
        "What is to be built; counts when accepted with all documents.",
    ),
)
class Deliverable(Record, table=True):
    """Something that the contract wants built and accepted."""

    __table_args__ = (
        unique("ux_deliverable_name", "contract_id", "name"),
        Index("ix_deliverable_fact", "code", "state", "accepted_on"),
    )
    name: Annotated[str, Ui("成果名称", "Name", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    code: Annotated[
        str,
        Ui(
            "成果代码", "Code", LIST | FILTER,
            help=L("指标按它找到成果，如 training_base", "The indicator finds it by this, e.g. training_base"),
        ),
    ] = Field(min_length=1, max_length=40)  # fmt: skip
    contract_id: Annotated[int | None, Ui("合同", "Contract", FILTER)] = Field(
        default=None, foreign_key="contract.id", index=True
    )
    state: Annotated[DeliverableState, Ui("状态", "State", LIST | FILTER | ACT)] = Field(
        default=DeliverableState.OPEN, sa_type=Word
    )
    accepted_on: Annotated[date | None, Ui("验收日期", "Accepted on", LIST | FILTER | ACT)] = None
    accepted_by: Annotated[str, Ui("验收人", "Accepted by", LIST | ACT)] = Field(default="", max_length=60)
    summary: Annotated[str, Ui("建设情况", "Summary", LONG)] = Field(default="", max_length=2000)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return past(values, today, "accepted_on") or happened(values, today, "accepted_on", ACCEPTED)


@record(
    "健康社区示范点",
    "Demonstration site",
    area="community",
    menu=9,
    icon="home_health",
    title="name",
    sort="name",
    keys=(("name",),),
    days=("accepted_on",),
    about=L("示范点的建设与验收；已验收的计入 06.2。", "Demonstration sites and their acceptance; count in 06.2."),
)
class DemonstrationSite(StationRow, table=True):
    """A healthy-community demonstration site."""

    __table_args__ = (
        unique("ux_demonstration_site_name", "name"),
        Index("ix_demonstration_site_fact", "state", "accepted_on"),
    )
    name: Annotated[str, Ui("示范点名称", "Name", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    organisation_id: Annotated[int | None, Ui("所在社区（合作单位）", "Community (organisation)", LIST)] = Field(
        default=None, foreign_key="organisation.id", index=True
    )
    address: Annotated[str, Ui("地址", "Address", LIST)] = Field(default="", max_length=200)
    begun_on: Annotated[date | None, Ui("启动日期", "Begun on", LIST)] = None
    state: Annotated[DeliverableState, Ui("状态", "State", LIST | FILTER | ACT)] = Field(
        default=DeliverableState.OPEN, sa_type=Word
    )
    accepted_on: Annotated[date | None, Ui("验收日期", "Accepted on", LIST | FILTER | ACT)] = None
    accepted_by: Annotated[str, Ui("验收人", "Accepted by", LIST | ACT)] = Field(default="", max_length=60)
    summary: Annotated[str, Ui("建设情况", "Summary", LONG)] = Field(default="", max_length=2000)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return past(values, today, "begun_on", "accepted_on") or happened(values, today, "accepted_on", ACCEPTED)


@record(
    "必备文件",
    "Required document",
    area="research",
    menu=2,
    icon="checklist",
    title="name",
    sort="name",
    keys=(("deliverable_id", "name"), ("site_id", "name")),
    about=L("每项成果或示范点要求有哪些文件。", "Which documents a deliverable or a site must have."),
)
class RequiredDocument(Record, table=True):
    """One line of the checklist of a deliverable or a demonstration site."""

    __table_args__ = (
        unique("ux_required_document_deliverable", "deliverable_id", "name"),
        unique("ux_required_document_site", "site_id", "name"),
    )
    deliverable_id: Annotated[int | None, Ui("交付成果", "Deliverable", LIST | FILTER)] = Field(
        default=None, foreign_key="deliverable.id"
    )
    site_id: Annotated[int | None, Ui("示范点", "Demonstration site", LIST | FILTER)] = Field(
        default=None, foreign_key="demonstration_site.id"
    )
    name: Annotated[str, Ui("文件要求", "Document", LIST | SEARCH)] = Field(min_length=1, max_length=120)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """It belongs to one thing: a deliverable or a site."""
        parents = [name for name in ("deliverable_id", "site_id") if values.get(name)]
        return {} if len(parents) == 1 else {parents[-1] if parents else "deliverable_id": "one_parent"}


class PolicyState(Choice):
    DRAFT = "draft", "草案", "Draft"
    PUBLISHED = "published", "已发布", "Published"
    RETIRED = "retired", "已废止", "Retired"


ISSUED = (PolicyState.PUBLISHED, PolicyState.RETIRED)


@record(
    "制度文件",
    "Policy document",
    area="research",
    menu=3,
    icon="gavel",
    title="title",
    sort="title",
    keys=(("title", "version_name"),),
    days=("published_on",),
    until="",
    about=L(
        "制度和文件的各个版本；已发布的满足必备文件。",
        "Rules and documents, each version; published ones fulfil a requirement.",
    ),
)
class PolicyDocument(Record, table=True):
    """One version of a rule or document; the text itself is attached."""

    __table_args__ = (
        unique("ux_policy_document_version", "title", "version_name"),
        Index("ix_policy_document_required", "required_id", "state", "published_on"),
    )
    title: Annotated[str, Ui("文件名称", "Title", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    version_name: Annotated[str, Ui("版本", "Version", LIST)] = Field(default="1.0", min_length=1, max_length=20)
    required_id: Annotated[int | None, Ui("对应的必备文件", "Fulfils requirement", LIST | FILTER)] = Field(
        default=None, foreign_key="required_document.id"
    )
    state: Annotated[PolicyState, Ui("状态", "State", LIST | FILTER)] = Field(default=PolicyState.DRAFT, sa_type=Word)
    published_on: Annotated[date | None, Ui("发布日期", "Published on", LIST | FILTER)] = None
    author: Annotated[str, Ui("起草人", "Author", LIST)] = Field(default="", max_length=60)
    summary: Annotated[str, Ui("内容摘要", "Summary", LONG)] = Field(default="", max_length=2000)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return past(values, today, "published_on") or happened(values, today, "published_on", ISSUED)


def _checklist(parent: Any) -> Select[Any]:
    """Every required document (item, of) and the day since when it has been published; NULL while none is in force."""
    in_force = func.max(case((col(PolicyDocument.state) == PolicyState.PUBLISHED, 1), else_=0))
    first = func.min(case((col(PolicyDocument.state).in_(ISSUED), PolicyDocument.published_on)))
    return (
        select(
            col(RequiredDocument.id).label("item"),
            parent.label("of"),
            case((in_force == 1, first)).label("published_on"),
        )
        .join(PolicyDocument, col(PolicyDocument.required_id) == RequiredDocument.id, isouter=True)
        .where(parent.is_not(None))
        .group_by(col(RequiredDocument.id), parent)
    )


def _complete(parent: Any) -> FromClause:
    """What each parent's checklist holds: documents required and published, and the day of the last publication."""
    item = _checklist(parent).subquery("item").c
    published, last = func.count(item.published_on), func.max(item.published_on)
    counted = select(item.of, func.count().label("required"), published.label("published"), last.label("last"))
    return counted.group_by(item.of).subquery("checklist")


def _of_contract(code: str | None, contract_id: int | None) -> Any:
    """Deliverables of the contract, or of none in particular; of one code, or every one."""
    of_contract = or_(col(Deliverable.contract_id).is_(None), col(Deliverable.contract_id) == contract_id)
    return and_(of_contract, col(Deliverable.code) == code) if code else of_contract


@measure("deliverable.accepted")
def deliverables_accepted(code: str | None = None, contract_id: int | None = None) -> Select[Any]:
    """Deliverables of the contract accepted with every required document published, from the later of those days on."""
    checklist = _complete(col(RequiredDocument.deliverable_id))
    return (
        facts(later(Deliverable.accepted_on, checklist.c.last), Deliverable.id)
        .join_from(Deliverable, checklist, checklist.c.of == Deliverable.id)
        .where(_of_contract(code, contract_id), col(Deliverable.state) == DeliverableState.ACCEPTED)
        .where(checklist.c.required == checklist.c.published)
    )


@measure("deliverable.documents")
def documents_of_deliverables(code: str | None = None, contract_id: int | None = None) -> Select[Any]:
    """The documents that the deliverable requires, on the day of their publication, if they are."""
    item = _checklist(col(RequiredDocument.deliverable_id)).subquery("item").c
    of_deliverable = item.of == Deliverable.id
    return (
        facts(item.published_on, item.item, record="required_document").join_from(
            item.item.table, Deliverable, of_deliverable
        )
    ).where(_of_contract(code, contract_id))  # fmt: skip


@measure("demonstration_site.accepted")
def sites_accepted() -> Select[Any]:
    """Sites accepted with no required document missing, from the later of those days on."""
    checklist = _complete(col(RequiredDocument.site_id))
    whole = or_(checklist.c.required.is_(None), checklist.c.required == checklist.c.published)
    day = later(DemonstrationSite.accepted_on, func.coalesce(checklist.c.last, DemonstrationSite.accepted_on))
    return (
        facts(day, DemonstrationSite.id, station=DemonstrationSite.unit_id)
        .join_from(DemonstrationSite, checklist, checklist.c.of == DemonstrationSite.id, isouter=True)
        .where(col(DemonstrationSite.state) == DeliverableState.ACCEPTED, whole)
    )


@measure("demonstration_site.documents")
def documents_of_sites() -> Select[Any]:
    """The documents that the sites require, on the day of their publication, if they are."""
    item = _checklist(col(RequiredDocument.site_id)).subquery("item").c
    proof = facts(item.published_on, item.item, station=DemonstrationSite.unit_id, record="required_document")
    return proof.join_from(item.item.table, DemonstrationSite, item.of == DemonstrationSite.id)
