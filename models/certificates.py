"""Certificates of training as they were issued: what each prints, kept as it was printed (source 000 §三.8; features T7-T9)."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from sqlalchemy import Index, text
from sqlmodel import Field

from models.base import FILTER, FIXED, LIST, NAME, SEARCH, Choice, Record, StationRow, Ui, now, record, unique
from models.people import CredentialKind
from models.periods import add_months
from models.training import Base
from models.types import Json, UtcDateTime, Word
from models.words import L

SOON = 90


class Standing(Choice):
    """How a certificate stands on a day; in grace it is expired and may still be renewed."""

    VALID = "valid", "有效", "Valid"
    EXPIRING = "expiring", "即将到期", "Expiring"
    GRACE = "grace", "宽限期", "In grace"
    EXPIRED = "expired", "已过期", "Expired"
    REVOKED = "revoked", "已撤销", "Revoked"


def standing(valid_until: date | None, today: date, *, grace: int = 0, soon: int = SOON) -> Standing:
    """Valid through its last day, expiring in its last `soon` days, in grace for `grace` days after; None never ends."""
    if valid_until is None or valid_until > today + timedelta(days=soon):
        return Standing.VALID
    if valid_until >= today:
        return Standing.EXPIRING
    return Standing.GRACE if valid_until >= today - timedelta(days=grace) else Standing.EXPIRED


def last_day(issued_on: date, months: int | None, *, month_end: bool = False) -> date | None:
    """The last day of validity: the corresponding day (rules.md §2), or the last of its month (2.8); None without an end."""
    if months is None:
        return None
    day = add_months(issued_on, months)
    return day.replace(day=monthrange(day.year, day.month)[1]) if month_end else day


@record(
    "发证单位",
    "Certificate issuer",
    area="reference",
    icon="verified",
    title="name",
    sort="name",
    keys=(("prefix",), ("name",)),
    about=L("证书上的落款、负责人与编号前缀。", "The name, person in charge and number prefix on certificates."),
)
class CertificateIssuer(Record, table=True):
    """Who issues certificates; its prefix and the year make a series of numbers."""

    __table_args__ = (
        unique("ux_certificate_issuer_prefix", "prefix"),
        unique("ux_certificate_issuer_name", "name"),
    )
    name: Annotated[str, Ui("单位名称", "Name", LIST | SEARCH)] = Field(min_length=1, max_length=80)
    name_en: Annotated[str, Ui("英文名称", "English name", LIST)] = Field(default="", max_length=120)
    prefix: Annotated[
        str, Ui("编号前缀", "Number prefix", LIST, help=L("如 JH，编号为 JH2026-00001", "JH makes JH2026-00001"))
    ] = Field(min_length=1, max_length=12)
    person_in_charge: Annotated[str, Ui("负责人", "Person in charge", LIST)] = Field(default="", max_length=60)
    base: Annotated[
        Base | None,
        Ui("所属基地", "Base", LIST | FILTER,
           help=L("基地的证书落款随承办基地；外单位留空", "A base's certificates follow who held the session; empty: an outside body")),
    ] = Field(default=None, sa_type=Word)  # fmt: skip
    active: Annotated[bool, Ui("在用", "In use", LIST | FILTER)] = True

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """The prefix is of letters and digits and does not end with one, since the year follows it."""
        prefix = str(values.get("prefix") or "").strip().upper()
        values["prefix"] = prefix
        fits = prefix.isascii() and prefix.isalnum() and not prefix[-1].isdigit()
        return {} if not prefix or fits else {"prefix": "prefix_format"}


class BatchState(Choice):
    SUBMITTED = "submitted", "待批准", "Submitted"
    ISSUED = "issued", "已发证", "Issued"
    RETURNED = "returned", "已退回", "Returned"
    WITHDRAWN = "withdrawn", "已撤回", "Withdrawn"


@record(
    "发证申请",
    "Certificate batch",
    area="training",
    icon="order_approve",
    title="id",
    menu=0,
    about=L("一人提交名单，另一人批准后发证。", "One person submits the list, another approves, then they are issued."),
)
class CertificateBatch(StationRow, table=True):
    """People of a session put forward for certificates by one person and decided on by another."""

    __table_args__ = (
        Index(
            "ux_certificate_batch_open", "session_id", unique=True,
            sqlite_where=text("state = 'submitted' AND deleted_at IS NULL"),
            postgresql_where=text("state = 'submitted' AND deleted_at IS NULL"),
        ),
    )  # fmt: skip
    session_id: Annotated[int, Ui("培训班", "Session", LIST | FIXED)] = Field(
        foreign_key="training_session.id", index=True
    )
    state: Annotated[BatchState, Ui("状态", "State", LIST | FILTER | FIXED)] = Field(
        default=BatchState.SUBMITTED, sa_type=Word
    )
    people: list[int] = Field(default_factory=list, sa_type=Json)
    submitted_at: Annotated[datetime, Ui("提交时间", "Submitted at", LIST | FIXED)] = Field(
        default_factory=now, sa_type=UtcDateTime
    )
    submitted_by: Annotated[str, Ui("提交人", "Submitted by", LIST | FIXED)] = Field(default="", max_length=60)
    submitter_id: int | None = None
    short_reason: Annotated[str, Ui("课时不足仍发证的理由", "Why issued for a class that was too short", FIXED)] = (
        Field(default="", max_length=200)
    )
    decided_at: Annotated[datetime | None, Ui("处理时间", "Decided at", LIST | FIXED)] = Field(
        default=None, sa_type=UtcDateTime
    )
    decided_by: Annotated[str, Ui("处理人", "Decided by", LIST | FIXED)] = Field(default="", max_length=60)
    reason: Annotated[str, Ui("退回理由", "Reason of return", FIXED)] = Field(default="", max_length=200)


class Ruling(Choice):
    WITHHELD = "withheld", "暂不发证", "Left out"
    LET_THROUGH = "let_through", "到课不足仍发证", "Let through"


@record(
    "发证个别处理",
    "Certificate ruling",
    area="training",
    icon="gavel",
    title="id",
    menu=0,
    keys=(("session_id", "name", "phone"),),
    role_fields=("name", "phone"),
    about=L(
        "某人虽合格而暂不发证，或到课不足仍发证，都写明理由。",
        "Somebody left out although they passed, or let through in spite of their attendance, with the reason.",
    ),
)
class CertificateRuling(StationRow, table=True):
    """What a coordinator decided of one person of a session against what their results say; taken back it is in the bin."""

    __table_args__ = (unique("ux_certificate_ruling_person", "session_id", "person_id"),)
    session_id: Annotated[int, Ui("培训班", "Session", LIST | FIXED)] = Field(
        foreign_key="training_session.id", index=True
    )
    person_id: Annotated[int, Ui("人员", "Person", FIXED)] = Field(foreign_key="person.id", index=True)
    ruling: Annotated[Ruling, Ui("处理", "Ruling", LIST | FILTER | FIXED)] = Field(sa_type=Word)
    reason: Annotated[str, Ui("理由", "Reason", LIST | FIXED)] = Field(max_length=200)
    ruled_by: Annotated[str, Ui("处理人", "Ruled by", LIST | FIXED)] = Field(default="", max_length=60)


class CertificateState(Choice):
    ISSUED = "issued", "已发", "Issued"
    REVOKED = "revoked", "已撤销", "Revoked"


PRINTED, LATER = L("证书内容", "As printed"), L("发证以后", "Since then")


@record(
    "证书",
    "Certificate",
    area="training",
    menu=2,
    icon="workspace_premium",
    title="number",
    sort="-id",
    keys=(("number",),),
    role_fields=("name", "phone"),
    about=L("本院发出的证书；打印与查验用的是同一份内容。", "What we issued; what is printed is what is checked."),
)
class Certificate(StationRow, table=True):
    """A certificate with everything that it prints, as it was on the day of issue; it is revoked, never changed."""

    __table_args__ = (
        Index("ux_certificate_number", "number", unique=True),
        Index("ux_certificate_series", "series", "sequence", unique=True),
        Index(
            "ux_certificate_person", "session_id", "person_id", unique=True,
            sqlite_where=text("state = 'issued' AND deleted_at IS NULL"),
            postgresql_where=text("state = 'issued' AND deleted_at IS NULL"),
        ),
        Index("ix_certificate_held", "person_id", "kind", "valid_until"),
        Index("ix_certificate_ends", "valid_until", "id"),
    )  # fmt: skip
    person_id: Annotated[int, Ui("人员", "Person", FIXED)] = Field(foreign_key="person.id", index=True)
    number: Annotated[str, Ui("证书编号", "Number", LIST | SEARCH | FIXED, group=PRINTED)] = Field(max_length=40)
    series: str = Field(max_length=20)
    sequence: int
    title: Annotated[str, Ui("证书名称", "Title", LIST | FIXED, group=PRINTED)] = Field(max_length=60)
    title_en: Annotated[str, Ui("英文名称", "Title in English", FIXED, group=PRINTED)] = Field(
        default="", max_length=120
    )
    holder: Annotated[str, Ui("持证人", "Holder", FIXED | NAME, group=PRINTED)] = Field(max_length=60)
    document: Annotated[str, Ui("证件号码（打码）", "Document number (masked)", FIXED, group=PRINTED)] = Field(
        default="", max_length=40
    )
    kind: Annotated[CredentialKind, Ui("种类", "Kind", LIST | FILTER | FIXED, group=PRINTED)] = Field(sa_type=Word)
    course_name: Annotated[str, Ui("所修课程", "Course taken", FIXED, group=PRINTED)] = Field(max_length=80)
    course_name_en: Annotated[str, Ui("课程英文名称", "Course in English", FIXED, group=PRINTED)] = Field(
        default="", max_length=120
    )
    hours: Annotated[float, Ui("学时", "Class hours", FIXED, group=PRINTED)] = Field()
    starts_on: Annotated[date, Ui("培训开始", "Course began on", FIXED, group=PRINTED)] = Field()
    ends_on: Annotated[date, Ui("培训结束", "Course ended on", FIXED, group=PRINTED)] = Field()
    issuer: Annotated[str, Ui("发证单位", "Issuer", LIST | FIXED, group=PRINTED)] = Field(max_length=80)
    issuer_en: Annotated[str, Ui("单位英文名称", "Issuer in English", FIXED, group=PRINTED)] = Field(
        default="", max_length=120
    )
    person_in_charge: Annotated[str, Ui("负责人", "Person in charge", FIXED, group=PRINTED)] = Field(
        default="", max_length=60
    )
    issued_on: Annotated[date, Ui("发证日期", "Issued on", LIST | FILTER | FIXED, group=PRINTED)] = Field(index=True)
    valid_until: Annotated[date | None, Ui("有效期至", "Valid until", LIST | FILTER | FIXED, group=PRINTED)] = None
    renews: Annotated[str, Ui("续自证书", "Renews certificate", FIXED, group=PRINTED)] = Field(
        default="", max_length=40
    )
    session_id: Annotated[int, Ui("培训班", "Session", FIXED)] = Field(foreign_key="training_session.id", index=True)
    course_id: Annotated[int, Ui("证书所属课程", "Course of the certificate", FILTER | FIXED)] = Field(
        foreign_key="course.id"
    )
    batch_id: Annotated[int, Ui("发证申请", "Batch", FIXED)] = Field(foreign_key="certificate_batch.id", index=True)
    renews_id: Annotated[int | None, Ui("续自", "Renews", FIXED)] = Field(default=None, foreign_key="certificate.id")
    state: Annotated[CertificateState, Ui("状态", "State", LIST | FILTER | FIXED, group=LATER)] = Field(
        default=CertificateState.ISSUED, sa_type=Word
    )
    revoked_on: Annotated[date | None, Ui("撤销日期", "Revoked on", FIXED, group=LATER)] = None
    revoked_by: Annotated[str, Ui("撤销人", "Revoked by", FIXED, group=LATER)] = Field(default="", max_length=60)
    revoke_reason: Annotated[str, Ui("撤销理由", "Reason of revocation", FIXED, group=LATER)] = Field(
        default="", max_length=200
    )
    copies: Annotated[int, Ui("补发次数", "Copies made", FIXED, group=LATER)] = 0
    copied_on: Annotated[date | None, Ui("最近补发", "Last copy on", FIXED, group=LATER)] = None
