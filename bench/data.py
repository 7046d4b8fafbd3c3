"""Fills a database with invented rows, fast: the app's own schema, search index and keyed hashes, set-based SQL.

Encrypted values are drawn from 2,000 ciphertexts, since a million encryptions would tell nothing about reading; the
keyed hashes are true to each person's own number. Bulk rows carry no audit entries, except the volunteers.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import accumulate, islice
from random import Random
from typing import Any

from sqlalchemy import Connection

from bench.hand import hand
from models import RECORDS
from models.base import Record
from models.identifiers import resident_check_character
from models.system import Role
from models.vault import digest, encrypt
from seed import load
from services import accounts, clock, db, search
from services.access import SYSTEM

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余于杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红文辉力国建海波鑫宇浩凯"
    "健俊帆博诗若汐晨曦梓涵一诺子轩雨欣怡佳琪思远泽川哲恒睿航芸菲悦瑶倩蓉妍彤婷颖莹"
)
CIPHERTEXTS = 2000
PER_SESSION = 100
DAYS = 300
LEAST_VENUES, ORGANISATIONS = 40, 1000
ACCOUNT = "bench.leader"


@dataclass(frozen=True)
class Size:
    """How many rows of each kind; of what else the contract counts, a share of the attendances."""

    volunteers: int
    enrolments: int
    attendances: int

    @property
    def shares(self) -> dict[str, int]:
        """Rows of the other tables that the contract counts."""
        return {name: self.attendances // part for name, part in SHARES.items()}

    @property
    def facts(self) -> int:
        return self.attendances + sum(self.shares.values())


SHARES = {
    "assistance_service": 2, "followup_task": 4, "aid_application": 10, "community_visit": 20, "screening": 40,
    "official_account_post": 50, "group_snapshot": 50,
}  # fmt: skip

SIZES = {"S": Size(50_000, 100_000, 200_000), "L": Size(1_000_000, 2_000_000, 5_000_000)}


def fill(size: Size) -> None:
    """Bring the schema up and fill it, unless it is filled already; rows that an earlier run imported go."""
    db.migrate()
    with db.connection(write=True) as bare:
        there = bare.exec_driver_sql("SELECT count(*) FROM volunteer_team").scalar()
    if there:
        trim(size)
        return
    load.begin("medical_social_work", first_day())
    accounts.create_account(SYSTEM, ACCOUNT, "测试", [Role.ADMINISTRATOR])
    with db.connection(write=True) as bare:
        _loosen(bare)
        _people(bare, size.volunteers)
        _register(bare, size)
        _partners(bare)
        _training(bare, size)
        _work(bare, size)
        for name in (
            "person",
            "organisation",
            "training_session",
            "venue",
            "volunteer_team",
            "interaction",
            "agreement",
        ):
            search.rebuild(bare, name)
    _settle()


def trim(size: Size) -> None:
    """Take out what an earlier run added to a filled database."""
    with db.connection(write=True) as bare:
        for name, most in (("volunteer", size.volunteers), ("person", size.volunteers)):
            bare.exec_driver_sql(f"DELETE FROM {name} WHERE id > {most}")
        if db.is_sqlite():
            bare.exec_driver_sql(f"DELETE FROM person_search WHERE rowid > {size.volunteers}")


def first_day() -> Any:
    """The first day of the contract, in which all facts lie."""
    return clock.today() - timedelta(days=DAYS)


def _loosen(bare: Connection) -> None:
    if db.is_sqlite():
        bare.exec_driver_sql("pragma cache_size=-1000000")
    else:
        bare.exec_driver_sql("SET session_replication_role = replica")


def _settle() -> None:
    """What a database that has stood for a day has done by itself."""
    with hand() as bare:
        bare.do("pragma wal_checkpoint(truncate)" if db.is_sqlite() else "VACUUM ANALYZE")


# -- people ------------------------------------------------------------------------------------------------------------


def identity(number: int) -> str:
    """The made-up document number of the person with that id; its area is no place's."""
    day = f"{1940 + number % 66}{1 + number // 66 % 12:02}{1 + number // 792 % 28:02}"
    body = f"4499{number // 22_176 % 100:02}{day}{number * 37 % 500 * 2 + number % 2:03}"
    return body + resident_check_character(body)


def phone(number: int) -> str:
    return f"142{number * 7919 % 100_000_000:08}"


def birth(number: int) -> str:
    digits = identity(number)[6:14]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def names(random: Random) -> Iterator[str]:
    """Names as common as names are: the first surname has about one in ten."""
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(SURNAMES))))
    while True:
        for surname in random.choices(SURNAMES, cum_weights=weights, k=1000):
            yield surname + "".join(random.choices(GIVEN, k=random.choice((1, 2, 2))))


@cache
def _searched(name: str) -> str:
    return search.text_of([name])


@cache
def _tail(digits: str) -> str:
    return digest(digits)


def _people(bare: Connection, count: int) -> None:
    random = Random(7)
    hidden = [(encrypt(identity(n)), encrypt(phone(n))) for n in range(1, CIPHERTEXTS + 1)]
    stamp = _stamp()
    rows = (
        (
            number, 1, *stamp, name, "resident_id", hidden[(number - 1) % CIPHERTEXTS][0],
            "male" if number % 2 else "female", birth(number), hidden[(number - 1) % CIPHERTEXTS][1],
            "440105", "海珠区", digest(identity(number)), _tail(identity(number)[-4:]), digest(phone(number)),
            _tail(phone(number)[-4:]), _searched(name), "",
        )
        for number, name in enumerate(islice(names(random), count), 1)
    )  # fmt: skip
    columns = (
        "id", "version", "created_at", "changed_at", "name", "id_type", "id_number", "gender", "birth_date", "phone",
        "region_code", "region", "id_number_key", "id_number_tail", "phone_key", "phone_tail", "search_text", "notes",
    )  # fmt: skip
    put(bare, "person", columns, rows)


def _stamp() -> tuple[Any, Any]:
    moment = clock.now() - timedelta(days=1)
    return (moment.replace(tzinfo=None).isoformat(" "),) * 2 if db.is_sqlite() else (moment, moment)


def put(bare: Connection, table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """executemany in parts on SQLite, COPY on PostgreSQL."""
    driver: Any = bare.connection.driver_connection
    if db.is_sqlite():
        driver.executemany(f"INSERT INTO {table}({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows)
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table}({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    bare.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


# -- everything that can be said as a series --------------------------------------------------------------------------


def _register(bare: Connection, size: Size) -> None:
    state = "CASE n % 20 WHEN 0 THEN 'applied' WHEN 1 THEN 'paused' WHEN 2 THEN 'left' ELSE 'active' END"
    series(
        bare, "volunteer", size.volunteers, person_id="n", number=text_of("'V'", "n"), state=state,
        consent="(1 = 1)", is_emergency_rescue="(n % 5 < 3)", availability="',weekend_morning,'",
        skills="',first_aid,'", registered_on=day("n"), consent_on=day("n"),
        verified_on=f"CASE WHEN n % 3 > 0 THEN {day('n')} END",
    )  # fmt: skip
    series(bare, "volunteer_team", 50, name=text_of("'队伍'", "n"), founded_on=day("0"))
    series(bare, "team_membership", size.volunteers // 10, team_id="1 + n % 50", volunteer_id="n", joined_on=day("n"))
    series(
        bare, "volunteer_credential", size.volunteers // 2, volunteer_id="n * 2", kind="'cpr_aed'", issued_on=day("n"),
        number=text_of("'C'", "n"), issuer="'发证单位'",
    )  # fmt: skip
    moment = f"'{_stamp()[0]}'"
    whole(bare, "audit_entry", size.volunteers, at=moment, actor="'测试'", verb="'create'", record="'volunteer'",
          record_id="n", reason="''")  # fmt: skip


def _training(bare: Connection, size: Size) -> None:
    sessions = size.attendances // PER_SESSION
    venues = max(LEAST_VENUES, sessions // 50)
    series(bare, "venue", venues, name=text_of("'教室'", "n"))
    series(bare, "instructor", venues, person_id="n")
    series(
        bare, "training_session", sessions, title=text_of("'急救培训'", "n"), course_id="1",
        venue_id=f"1 + n % {venues}", code=text_of("'T'", "n"), starts=moment("n", 1), ends=moment("n", 4),
        state="'held'", held_on=day("n"), organisation_id=f"1 + n % {ORGANISATIONS}",
        base="CASE n % 2 WHEN 0 THEN 'training_base' ELSE 'emergency_base' END",
        audience="CASE n % 4 WHEN 3 THEN 'internal' ELSE 'external' END",
        search_text=text_of("'急 救 培 训 '", "n"),
    )  # fmt: skip
    whole(bare, "session_instructor", sessions, session_id="n", instructor_id=f"1 + n % {venues}")
    who = f"1 + (n + n / {sessions} * 37) % {size.volunteers}"
    came = {"session_id": f"1 + n % {sessions}", "person_id": who}
    series(bare, "enrolment", size.enrolments, **came)
    series(bare, "attendance", size.attendances, **came, checked_in_at=moment("n", 1))


def _work(bare: Connection, size: Size) -> None:
    """What else is counted; a client comes four times, a group tells its members once a week."""
    rows = size.shares
    clients, groups = rows["assistance_service"] // 4, rows["group_snapshot"] // 40
    who = f"1 + (n * 7919) % {clients}"
    series(bare, "client", clients, person_id="n", number=text_of("'K'", "n"), opened_on=day("n"))
    series(
        bare, "assistance_service", rows["assistance_service"], client_id=who, number=text_of("'F'", "n"),
        kind="CASE n % 10 WHEN 0 THEN 'green_channel' ELSE 'escort' END", requested_on=day("n"), served_on=day("n"),
        state="CASE n % 10 WHEN 0 THEN 'opened' WHEN 1 THEN 'cancelled' ELSE 'served' END",
        place="CASE n % 4 WHEN 0 THEN 'community' ELSE 'hospital' END",
    )  # fmt: skip
    series(bare, "followup_task", rows["followup_task"], client_id=who, due_on=day("n"), done_on=day("n"),
           state="'done'", channel="CASE n % 3 WHEN 0 THEN 'sms' ELSE 'phone' END")  # fmt: skip
    series(bare, "charity_project", 40, name=text_of("'项目'", "n"), state="'running'", starts=day("n"))
    series(bare, "aid_application", rows["aid_application"], client_id=who, charity_project_id="1 + n % 40",
           number=text_of("'Z'", "n"), applied_on=day("n"), paid_on=day("n"), state="'paid'")  # fmt: skip
    series(bare, "community_visit", rows["community_visit"], place="'东苑'", visited_on=day("n"), encounters="n % 30")
    series(bare, "screening", rows["screening"], disease="'高血压'", place="'东苑'", screened_on=day("n"),
           screened="n % 60", visit_id="CASE WHEN n % 2 = 0 THEN n END")  # fmt: skip
    series(bare, "official_account_post", rows["official_account_post"], title=text_of("'推文'", "n"),
           published_on=day("n"))  # fmt: skip
    series(bare, "wechat_group", groups, name=text_of("'群'", "n"), founded_on=day("n"),
           dissolved_on=f"CASE WHEN n % 10 = 0 THEN {day('299')} END")  # fmt: skip
    series(bare, "group_snapshot", rows["group_snapshot"], group_id=f"1 + n % {groups}",
           taken_on=day(f"n / {groups} * 7"), members="n % 500")  # fmt: skip


def _partners(bare: Connection) -> None:
    kind = "CASE n % 3 WHEN 0 THEN 'foundation' WHEN 1 THEN 'community' ELSE 'school' END"
    series(
        bare,
        "organisation",
        ORGANISATIONS,
        name=text_of("'单位'", "n"),
        kind=kind,
        search_text=text_of("'单 位 '", "n"),
    )
    series(bare, "contact", ORGANISATIONS * 2, organisation_id=f"1 + n % {ORGANISATIONS}", person_id="n")
    owner = f"1 + n % {ORGANISATIONS}"
    series(bare, "interaction", ORGANISATIONS * 20, organisation_id=owner, happened_on=day("n"), summary="'电话沟通'",
           search_text="'电 话 沟 通'")  # fmt: skip
    series(bare, "agreement", ORGANISATIONS * 3, organisation_id=owner, number=text_of("'A'", "n"), signed_on=day("n"),
           starts=day("n"), ends=day("n + 365"), state="'signed'")  # fmt: skip


def day(offset: str) -> str:
    """A day of the contract as SQL."""
    first, offset = first_day(), f"(({offset}) % {DAYS})"
    return f"date('{first}', '+' || {offset} || ' days')" if db.is_sqlite() else f"(date '{first}' + ({offset})::int)"


def moment(offset: str, hour: int) -> str:
    """A time of a day of the contract as SQL, in UTC; sessions of one day follow each other."""
    hours = f"({hour} + n / {DAYS} % 8)"
    if db.is_sqlite():
        return f"{day(offset)} || ' ' || printf('%02d:00:00.000000', {hours})"
    return f"(({day(offset)} + make_interval(hours => ({hours})::int)) AT TIME ZONE 'UTC')"


def text_of(head: str, number: str) -> str:
    return f"{head} || {number}"


def series(bare: Connection, table: str, count: int, **columns: str) -> None:
    """Rows 1 to count of a record: columns as SQL over n, everything else at its default."""
    stamp = f"'{_stamp()[0]}'"
    model = RECORDS[table].model
    defaults = {name: _literal(model, name) for name in model.model_fields if name not in columns}
    filled = {name: literal for name, literal in defaults.items() if literal is not None}
    whole(bare, table, count, **filled | {"created_at": stamp, "changed_at": stamp} | columns)


def _literal(model: type[Record], name: str) -> str | None:
    info = model.model_fields[name]
    value = info.default_factory() if info.default_factory else info.default  # type: ignore[call-arg]
    if name == "id" or value is None or info.is_required():
        return None
    if isinstance(value, bool):
        return "(1 = 1)" if value else "(1 = 0)"
    return str(value) if isinstance(value, int | float) else "'" + ("" if value == [] else str(value)) + "'"


def whole(bare: Connection, table: str, count: int, **columns: str) -> None:
    source = f"generate_series(1, {count}) AS series(n)"
    if db.is_sqlite():
        more = f"SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {count}"
        source = f"(WITH RECURSIVE series(n) AS ({more}) SELECT n FROM series)"
    names, values = ", ".join(columns), ", ".join(columns.values())
    bare.exec_driver_sql(
        f"INSERT INTO {table}({names}) SELECT {values} FROM {source}".replace("%", _PERCENT[db.is_sqlite()])
    )


_PERCENT = {True: "%", False: "%%"}
