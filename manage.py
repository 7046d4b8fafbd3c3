"""The portal without a browser: the same services. Exit code 0 or 1; errors on stderr, in both languages."""

import argparse
import json
import logging
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

if TYPE_CHECKING:
    from models import RecordType
    from services.access import Actor

Arguments = argparse.Namespace
Argument = tuple[tuple[str, ...], dict[str, Any]]  # the names of what a command is given, and argparse's settings
Act = Callable[[Arguments], None]


class CommandError(Exception):
    """Something that the person at the keyboard can put right."""


# -- how a command is declared --------------------------------------------------


class Command(NamedTuple):
    """A command: what it does in a line of both languages, what it is given, and the function that does it."""

    words: str
    arguments: tuple[Argument, ...]
    act: Act


COMMANDS: dict[str, Command] = {}


def argument(*names: str, **settings: Any) -> Argument:
    return names, settings


def command(name: str, words: str, *arguments: Argument) -> Callable[[Act], Act]:
    """Declares the function below it as a command; `--help` lists them in this order."""

    def declared(act: Act) -> Act:
        COMMANDS[name] = Command(words, arguments, act)
        return act

    return declared


def _day(written: str) -> date:
    """A day of this century."""
    with suppress(ValueError):
        day = date.fromisoformat(written)
        if 2000 <= day.year < 2100:
            return day
    raise argparse.ArgumentTypeError(f"没有这一天 / no such day: {written} (YYYY-MM-DD)")


RECORD, FILE = argument("record", metavar="RECORD"), argument("file", type=Path, metavar="FILE")
LANGUAGE = argument("--language", choices=["zh", "en"], default="zh")
CONTRACT, AS_OF = argument("--contract", metavar="CODE"), argument("--as-of", type=_day, metavar="DATE")


# -- what commands share --------------------------------------------------


def say(value: object) -> None:
    print(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1, default=str))


def _warn(words: str) -> None:
    print(words, file=sys.stderr)


def _progress(step: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{step:10} {done:,}/{total:,} ", end="\n" if step == "done" else "", file=sys.stderr, flush=True)


def ready() -> "Actor":
    """The portal itself as the one who acts, over a schema that is up to date: migrated now where it is not."""
    from services import db
    from services.access import SYSTEM

    db.wait_until_reachable()
    if not db.is_migrated():
        logging.getLogger("alembic").setLevel(logging.WARNING)
        db.migrate()
    return SYSTEM


def _record(name: str) -> "RecordType":
    from models import RECORDS

    if name not in RECORDS or not (RECORDS[name].menu or name == "person"):
        known = "\n".join(f"  {r.name:24} {r.label.zh} / {r.label.en}" for r in RECORDS.values() if r.menu)
        raise CommandError(f"没有这种记录 / No such record: {name}\n{known}")
    return RECORDS[name]


def _named(actor: "Actor", record: str, names: Sequence[str], missing: str) -> list[int]:
    """The ids of the records with these names; `missing` begins the words for those that there are not."""
    from services import naming

    found = naming.ids_by_name(actor, _record(record), names)
    if lost := [name for name in names if name not in found]:
        raise CommandError(f"{missing}: {', '.join(lost)}")
    return [found[name] for name in names]


def _contract(actor: "Actor", code: str | None) -> int | None:
    return _named(actor, "contract", [code], "没有这个合同 / No such contract")[0] if code is not None else None


def _format(file: Path) -> str:
    """The format of a file, as its name says."""
    return file.suffix.lower().lstrip(".")


# -- setting up --------------------------------------------------


@command(
    "init",
    "装入合同预设 / load a contract preset",
    argument("--contract", required=True, metavar="PRESET"),
    argument("--start", required=True, type=_day, metavar="DATE"),
    argument("--code"),
    argument("--title"),
)
def init(given: Arguments) -> None:
    from seed import load, presets

    known = presets.preset_codes()
    if given.contract not in known:
        raise CommandError(f"没有这个预设 / No such preset: {given.contract} ({', '.join(known)})")
    system = ready()
    load.load_reference(system)
    key = load.load_preset_contract(system, given.contract, given.start, contract_code=given.code, title=given.title)
    say({"contract": key})


@command(
    "createuser",
    "新建账号 / make an account",
    argument("--username", required=True),
    argument("--name", required=True),
    argument("--role", required=True, action="extend", nargs="+"),
    argument("--station", action="extend", nargs="+", default=[]),
)
def createuser(given: Arguments) -> None:
    from models.system import Role
    from services import accounts

    system = ready()
    roles = [role for role in Role if role.value in given.role]
    if len(roles) != len(set(given.role)):
        raise CommandError(f"角色 / roles: {', '.join(role.value for role in Role)}")
    stations = _named(system, "unit", given.station, "没有这个站点 / No such station")
    password = accounts.create_account(system, given.username, given.name, roles, stations)
    say({"username": given.username, "password": password})
    _warn("一次性密码，首次登录须修改 / One-time password, to be changed at the first sign-in")


@command("demo", "演示数据 / a demonstration year", argument("--start", type=_day, metavar="DATE"))
def demo(given: Arguments) -> None:
    """A year that began half a year ago, where no day is given."""
    import seed.demo
    from seed import load
    from services import store

    system = ready()
    known = store.rows(system, _record("contract"), store.Query(size=1)).rows
    start = given.start or _half_a_year_ago()
    key = known[0].id if known else load.load_preset_contract(system, "medical_social_work", start)
    seed.demo.load(key)
    say({"contract": key})


def _half_a_year_ago() -> date:
    from services import clock

    today = clock.today()
    month = today.year * 12 + today.month - 1 - 6
    return date(month // 12, month % 12 + 1, 1)


# -- sheets --------------------------------------------------


@command("template", "导入模板 / the sheet to fill in", RECORD, FILE, LANGUAGE)
def template(given: Arguments) -> None:
    from services import exchange

    record = _record(given.record)
    ready()
    exchange.template(record, given.file, language=given.language)


@command(
    "import",
    "导入 / import a sheet",
    RECORD,
    FILE,
    LANGUAGE,
    argument("--dry-run", action="store_true", help="只检查 / check only"),
    argument("--strict", action="store_true", help="有错则全不导入 / all or nothing"),
    argument("--errors", type=Path, metavar="FILE", help="错误行 / the bad rows"),
)
def import_(given: Arguments) -> None:
    from services import exchange
    from ui.messages import words_of

    record = _record(given.record)
    if given.errors and not given.errors.absolute().parent.is_dir():
        raise CommandError(f"没有这个文件夹 / No such folder: {given.errors.parent}")
    result = exchange.run_import(
        ready(), record, given.file, dry_run=given.dry_run, strict=given.strict, errors=given.errors, words=words_of,
        progress=_progress,
    )  # fmt: skip
    say(result.counts())
    if result.ignored_columns:
        _warn(f"未识别的列 / Unknown columns: {', '.join(result.ignored_columns)}")
    if given.strict and result.rejected:
        raise CommandError("有错误的行，什么也没有导入 / There are bad rows: nothing was imported")


@command(
    "export",
    "导出 / export to a sheet",
    RECORD,
    FILE,
    LANGUAGE,
    argument("--purpose", default="", help="写明用途则不脱敏 / in full, for this purpose"),
)
def export(given: Arguments) -> None:
    from services import exchange
    from services.store import Query

    record = _record(given.record)
    fmt: Any = "csv" if _format(given.file) == "csv" else "xlsx"
    count = exchange.export(
        ready(), record, Query(), given.file, language=given.language, fmt=fmt, purpose=given.purpose
    )
    say({"rows": count})


@command("ledger", "台账 / a ledger on A4: pdf, xlsx, docx", RECORD, FILE, LANGUAGE)
def ledger(given: Arguments) -> None:
    from reports import ledger as ledgers
    from services.errors import Invalid
    from services.store import Query

    record, fmt, system = _record(given.record), _format(given.file), ready()
    if fmt not in ledgers.FORMATS:
        raise Invalid({"format": "report_format"})
    made = ledgers.gather(system, record, Query(), given.language, _progress)
    given.file.write_bytes(ledgers.written(made, fmt))
    say({"rows": len(made.rows)})


# -- figures --------------------------------------------------


@command(
    "report",
    "验收报告 / the acceptance report: docx, xlsx, pdf",
    FILE,
    CONTRACT,
    argument("--edition", default="whole", metavar="whole|category:01|month:3|quarter:1"),
    AS_OF,
)
def report(given: Arguments) -> None:
    from reports import content, editions, making

    system = ready()
    contract, edition = _contract(system, given.contract), editions.read(given.edition)
    made = content.gather(system, contract, edition, given.as_of, _progress)
    given.file.write_bytes(making.written(made, _format(given.file)))
    say({"met": made.met, "indicators": len(made.lines), "evidence": len(made.evidence), "data_version": made.version})


@command("kpi", "指标 / the indicators", CONTRACT, AS_OF, argument("--json", action="store_true"))
def kpi(given: Arguments) -> None:
    from services import kpi as figures

    system = ready()
    board = figures.board(system, _contract(system, given.contract), given.as_of)
    found = figures.as_json(board)
    if given.json:
        say(found)
        return
    print(f"{board.title} ({board.code}) {board.as_of}")
    for row in found:
        actual, target = ("—" if row[name] is None else row[name] for name in ("actual", "target"))
        print(f"{row['code']:6} {row['status']:12} {actual} / {target}  {row['name']}")


@command(
    "close", "月度结账 / close a month of the contract", argument("--month", required=True, metavar="YYYY-MM"), CONTRACT
)
def close(given: Arguments) -> None:
    from services import closing

    system = ready()
    year = closing.year(system, _contract(system, given.contract))
    month = next((month for month in year.months if f"{month.first:%Y-%m}" == given.month), None)
    if month is None:
        raise CommandError(f"合同里没有这个月 / No such month of the contract: {given.month}")
    closing.close(system, year.contract_id, month.first)
    say({"closed": f"{month.first} – {month.last}"})


@command(
    "summary",
    "看板的汇总：与记录核对 / the dashboard's summary: compare it with the records",
    argument("--rebuild", action="store_true", help="重建 / count everything anew"),
    argument("--compare", action="store_true", help="核对 / compare, also after --rebuild"),
)
def summary(given: Arguments) -> None:
    """Build the summary behind the dashboard anew, or compare it with the records; exit code 1 where they differ."""
    from services import kept, store
    from services import kpi as figures
    from services import summary as series

    system = ready()
    contracts = [row.id for row in store.rows(system, _record("contract"), store.Query(size=1000)).rows]
    if given.rebuild:
        series.clear()
        kept.VALUES.clear()
        for key in contracts:
            figures.board(system, key)
    found = _differences(system, contracts) if given.compare or not given.rebuild else []
    say({"contracts": len(contracts), "series": series.size(), "differences": found})
    if found:
        raise CommandError(
            "汇总与记录不一致，请用 --rebuild 重建 / The summary is not what the records say: run --rebuild"
        )


def _differences(system: "Actor", contracts: Sequence[int]) -> list[dict[str, Any]]:
    from services import kpi as figures
    from services import summary as series

    actors = series.scopes(system)
    return [found._asdict() for key in contracts for actor in actors for found in figures.compare(actor, key)]


# -- the database --------------------------------------------------


@command("backup", "备份 / back up", FILE)
def backup(given: Arguments) -> None:
    from services import backup as backups

    ready()
    say({"file": str(given.file), "counts": backups.write(given.file)})
    _warn("密钥文件不在备份里，请另行保管 / The key file is not in the backup: keep it apart")


@command("restore", "恢复到空库 / restore into an empty database", FILE)
def restore(given: Arguments) -> None:
    from services import backup as backups

    ready()
    say({"counts": backups.restore(given.file)})


@command(
    "retention",
    "保存期满的个人信息 / personal data past their period (a dry run without --run)",
    argument("--run", action="store_true", help="永久匿名化 / make them anonymous, for good"),
    argument("--reason", default="", help="理由，记入审计 / why; goes into the audit"),
)
def retention(given: Arguments) -> None:
    """Without --run only what would be done, and nothing is changed."""
    from dataclasses import asdict

    from services import retention as periods

    system = ready()
    found = periods.plan(system)
    if not given.run:
        say(asdict(found))
        return
    told = (lambda done: _progress("anonymise", done, found.total)) if found.total else None
    say(periods.anonymise(system, found.total, given.reason, told=told).as_json())


@command("check", "自检 / check the installation")
def check(_given: Arguments) -> None:
    """What an administrator asks first: schema, keys, audit, counts. Exit code 1 where something is wrong."""
    from models import RECORDS
    from models.vault import fingerprint, key_file
    from services import checks, db
    from services import kpi as figures
    from services.access import SYSTEM

    if not db.is_migrated():
        raise CommandError("数据库未迁移，请先运行 migrate / The database is not migrated; run migrate")
    has_keys = key_file().exists()
    found = {
        "migrated": True,
        "keys": fingerprint() if has_keys else None,
        "drift": [str(item) for item in db.drift()],
        "audit_is_append_only": checks.audit_is_append_only(),
        "readable": checks.personal_data_is_readable() if has_keys else False,
        "counts": checks.counts(RECORDS),
        "summary": _differences(SYSTEM, figures.running(SYSTEM)),
    }
    say(found)
    if not (has_keys or checks.is_fresh()) or found["drift"] or found["summary"] or not found["audit_is_append_only"]:
        raise CommandError("检查没有通过 / The check failed")
    if has_keys and not found["readable"]:
        raise CommandError("密钥不能解密数据 / The keys do not decrypt the data")


@command("work", "处理排队任务 / do queued jobs")
def work(_given: Arguments) -> None:
    import reports.making  # noqa: F401 - registers its kinds of jobs
    from services import jobs, reminders
    from ui.messages import words_of

    ready()
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda _number, _frame: stop.set())
    threading.Thread(
        target=reminders.watch, args=(stop,), daemon=True
    ).start()  # a slow mail server keeps no job waiting
    jobs.work(stop, words_of)


@command("remind", "发送到期的提醒 / send the reminders that are due")
def remind(_given: Arguments) -> None:
    """Once; nothing, and no error, where no channel is set."""
    from dataclasses import asdict

    from services import reminders

    ready()
    say(asdict(reminders.remind()))


@command("migrate", "升级数据库结构 / bring the schema up to date")
def migrate(_given: Arguments) -> None:
    ready()


@command("rekey", "更换加密密钥 / encrypt with a new key")
def rekey(_given: Arguments) -> None:
    from services import rekey as keys

    say({"values": keys.rekey(ready())})
    _warn("请立即备份密钥文件 / Back up the key file now")


# -- the command line --------------------------------------------------


class Parser(argparse.ArgumentParser):
    """Ends with 1, like every other error here, where a command is not written as it must be."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    made = Parser(prog="manage.py", description=__doc__)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, declared in COMMANDS.items():
        one = commands.add_parser(name, help=declared.words)
        one.set_defaults(act=declared.act)
        for names, settings in declared.arguments:
            one.add_argument(*names, **settings)
    return made


def main(given: Sequence[str] | None = None) -> int:
    arguments = parser().parse_args(given)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    try:
        arguments.act(arguments)
        sys.stdout.flush()
    except CommandError as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(f"文件不能读写 / The file cannot be read or written: {error}")
    except Exception as error:
        return _failed(_explained(error))
    return 0


def _explained(error: Exception) -> str:
    """Words for an error that is not ours to mend; raises any other again."""
    from sqlalchemy.exc import OperationalError
    from xlsxwriter.exceptions import XlsxFileError

    from services.errors import PortalError

    if isinstance(error, PortalError):
        return _words(error)
    if isinstance(error, XlsxFileError):
        return f"文件不能写入 / The file cannot be written: {error}"
    if isinstance(error, OperationalError):
        return f"数据库无法使用 / The database cannot be used: {str(error.orig).splitlines()[0]}"
    raise error


def _words(error: Any) -> str:
    """A portal error in both languages, with what it is about."""
    from ui.messages import words_of

    fields = getattr(error, "fields", None) or {"": error.code}
    told = [
        f"{f'{field}: ' if field else ''}{words_of(code).zh} / {words_of(code).en}" for field, code in fields.items()
    ]
    columns = [str(label.zh) for label in error.detail.get("columns", ())]
    return "; ".join(told) + (f": {', '.join(columns)}" if columns else "")


def _failed(words: str) -> int:
    _warn(words)
    return 1


def _exit() -> NoReturn:
    sys.exit(main())


if __name__ == "__main__":
    _exit()
