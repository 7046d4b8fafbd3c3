"""The portal's own tables: accounts, sign-in, audit, attachments, jobs. None of them is a record of the work."""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import Index
from sqlmodel import Field

from models.base import FILTER, FIXED, LIST, SEARCH, Choice, Record, Table, Ui, now, record, unique
from models.types import Codes, Json, UtcDateTime, Word
from models.words import L


class Role(Choice):
    """Who uses the portal (mission.md)."""

    ADMINISTRATOR = "administrator", "管理员", "Administrator"
    LEADER = "leader", "领导", "Leader"
    COORDINATOR = "coordinator", "项目社工", "Coordinator"
    BASE_MANAGER = "base_manager", "基地管理员", "Training base manager"
    PARTNER_MANAGER = "partner_manager", "合作管理员", "Partner manager"
    HEALTH_STEWARD = "health_steward", "健康管家", "Health steward"
    STATION_LEAD = "station_lead", "站长", "Station lead"
    AUDITOR = "auditor", "审计员", "Auditor"


@record(
    "账号",
    "Account",
    area="admin",
    icon="manage_accounts",
    title="name",
    sort="username",
    keys=(("username",),),
    menu=0,
)
class Account(Record, table=True):
    """Somebody who signs in."""

    username: Annotated[str, Ui("用户名", "User name", LIST | SEARCH)] = Field(max_length=40, unique=True)
    name: Annotated[str, Ui("姓名", "Name", LIST | SEARCH)] = Field(max_length=60)
    roles: Annotated[list[Role], Ui("角色", "Roles", LIST)] = Field(default_factory=list, sa_type=Codes)
    units: Annotated[list[str], Ui("只限站点", "Only stations", FIXED, help=L("空表示全部", "Empty means all"))] = (
        Field(default_factory=list, sa_type=Codes)
    )
    active: Annotated[bool, Ui("启用", "Active", LIST | FILTER)] = True
    must_change: Annotated[bool, Ui("须改密码", "Must change password", LIST | FIXED)] = True
    password_hash: str = ""
    old_hashes: list[str] = Field(default_factory=list, sa_type=Codes)
    password_changed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WebSession(Table, table=True):
    """One signed-in browser: only the hash of its cookie is kept."""

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    account_id: int = Field(foreign_key="account.id", index=True)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    seen_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ip: str = Field(default="", max_length=60)
    agent: str = Field(default="", max_length=200)


class Attempt(Table, table=True):
    """One try at something limited: a failed sign-in, a public registration. `key` says whose (u:name, ip:address)."""

    __table_args__ = (Index("ix_attempt_key_at", "key", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=120)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class UsedToken(Table, table=True):
    """A submit that was carried out: its second click does nothing."""

    token: str = Field(primary_key=True, max_length=64)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Setting(Table, table=True):
    """A value of the portal as a whole: a number that an administrator set (services/numbers.py), or its own mark."""

    key: str = Field(primary_key=True, max_length=60)
    value: Any = Field(default=None, sa_type=Json, nullable=True)
    version: int = 1
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    changed_by: int | None = None


class Verb(Choice):
    CREATE = "create", "新增", "Created"
    CHANGE = "change", "修改", "Changed"
    REMOVE = "remove", "移入回收站", "Moved to bin"
    RESTORE = "restore", "恢复", "Restored"
    ERASE = "erase", "彻底删除", "Erased"
    REVEAL = "reveal", "查看个人信息", "Personal data seen"
    EXPORT = "export", "导出", "Exported"
    IMPORT = "import", "导入", "Imported"
    SIGN_IN = "sign_in", "登录", "Signed in"
    SIGN_OUT = "sign_out", "退出", "Signed out"
    SIGN_IN_FAILED = "sign_in_failed", "登录失败", "Sign-in failed"
    LOCKED = "locked", "锁定", "Locked out"
    ATTACH = "attach", "上传附件", "File attached"
    DOWNLOAD = "download", "下载附件", "File downloaded"
    OVERRIDE = "override", "说明理由后保存", "Saved with a reason"
    ANONYMISE = "anonymise", "匿名化", "Anonymised"


class AuditEntry(Table, table=True):
    """Who did what to which record and when; append-only, kept by the database itself. Its newest id is the data's version."""

    __table_args__ = (
        Index("ix_audit_entry_record", "record", "record_id", "id"),
        Index("ix_audit_entry_newest", "record", "id"),
        Index("ix_audit_entry_at", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    account_id: int | None = Field(default=None, index=True)
    actor: str = Field(default="", max_length=60)
    verb: Verb = Field(sa_type=Word)
    record: str = Field(max_length=40)
    record_id: int | None = None
    changes: Any = Field(default=None, sa_type=Json, nullable=True)
    reason: str = Field(default="", max_length=500)


class Summary(Table, table=True):
    """What each day adds to an indicator's number (`part`: "n", of a ratio's denominator "of"), within a scope of stations.

    Derived, so neither audited nor backed up: `behind` holds the newest audit ids of the record types that were counted,
    `in_flight` the transactions that were writing then, `fingerprint` how it was counted.
    """

    indicator_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    part: str = Field(primary_key=True, max_length=2)
    scope: str = Field(primary_key=True)
    fingerprint: str = Field(max_length=40)
    behind: Any = Field(sa_type=Json)
    in_flight: str = Field(default="")
    series: str
    counted_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Attachment(Table, table=True):
    """A file that proves a record; its content is stored by hash, apart from the database."""

    __table_args__ = (Index("ix_attachment_record", "record", "record_id"),)
    id: int | None = Field(default=None, primary_key=True)
    record: str = Field(max_length=40)
    record_id: int
    name: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    size: int
    mime: str = Field(max_length=100)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    created_by: int | None = None
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class JobState(Choice):
    WAITING = "waiting", "排队", "Waiting"
    RUNNING = "running", "进行中", "Running"
    DONE = "done", "完成", "Done"
    FAILED = "failed", "失败", "Failed"


class Job(Table, table=True):
    """Long work, done by the worker outside the process that serves people; survives a closed tab."""

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=40)
    account_id: int | None = Field(default=None, index=True)
    state: JobState = Field(default=JobState.WAITING, sa_type=Word, index=True)
    params: Any = Field(default=None, sa_type=Json, nullable=True)
    result: Any = Field(default=None, sa_type=Json, nullable=True)
    step: str = Field(default="", max_length=40)
    done: int = 0
    total: int = 0
    tries: int = 0
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    beat_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


@record(
    "选项",
    "Option",
    area="reference",
    icon="list",
    title="zh",
    sort="list_name",
    keys=(("list_name", "code"),),
    about=L("下拉列表里的可选项，医院可自行增补。", "The entries of the drop-down lists; extend them as you need."),
)
class Option(Record, table=True):
    """One entry of a list that a hospital may extend: skills, service categories, regions, course kinds."""

    __table_args__ = (unique("ux_option_code", "list_name", "code"),)
    list_name: Annotated[str, Ui("列表", "List", LIST | FILTER)] = Field(max_length=40)
    code: Annotated[str, Ui("代码", "Code", LIST | SEARCH)] = Field(max_length=40)
    zh: Annotated[str, Ui("中文", "Chinese", LIST | SEARCH)] = Field(max_length=80)
    en: Annotated[str, Ui("英文", "English", LIST)] = Field(max_length=80)
    position: Annotated[int, Ui("次序", "Position")] = Field(default=0, ge=0, le=100000)
    active: Annotated[bool, Ui("启用", "Active", LIST | FILTER)] = True
