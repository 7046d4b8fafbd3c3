"""Who may sign in, and for how long: accounts, passwords, sessions, lock-out and the first set-up (rules.md §7; X8).

A session is a row; the browser holds a random token of which only the hash is stored. It ends after 30 idle minutes,
after 12 hours, at sign-out, when its account is switched off, or when somebody ends it. All times are aware UTC.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col, select

from models.base import Record, now
from models.system import Account, Role, Setting, Verb, WebSession
from services import db, limits, passwords
from services.access import PUBLIC, SYSTEM, Actor
from services.errors import AlreadyDone, Denied, Invalid, NotFound
from services.hooks import before_write

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)
PASSWORD_AGE = timedelta(days=90)
FAILURES_BY_NAME, FAILURES_BY_ADDRESS, FAILURES_AT_SETUP = 5, 50, 10
LONGEST_USERNAME, LONGEST_NAME = 40, 60
USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,39}")
SETUP_CODE = "setup_code"
CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class Session:
    """A valid sign-in, as the plain pages need it."""

    id: int
    account_id: int
    username: str
    must_change: bool


# -- sessions --------------------------------------------------


def find_session(token: str, moment: datetime | None = None) -> Session | None:
    """The valid session of a cookie's token, or None."""
    found = _valid(WebSession.token_hash == _hash(token), moment or now())
    if found is None:
        return None
    row, account = found
    return Session(_id(row), _id(account), account.username, account.must_change)


def actor_of(session_id: int | str | None, moment: datetime | None = None) -> Actor | None:
    """Who acts in this session, with the roles of this very moment; None when it is no longer valid."""
    found = _of(session_id, moment or now())
    return actor_for(found[1], _id(found[0])) if found else None


def enter(session_id: int | str | None, moment: datetime | None = None) -> Actor | None:
    """Who acts in this session, which is noted as in use: for what a person does, not for a timer. None when it is no
    longer valid."""
    moment = moment or now()
    found = _of(session_id, moment)
    if found is None:
        return None
    _touch(found[0], moment)
    return actor_for(found[1], _id(found[0]))


def _touch(row: WebSession, moment: datetime) -> None:
    """At most once a minute, so that reading writes nothing."""
    if moment - row.seen_at < TOUCH_EVERY:
        return
    with db.unit(SYSTEM) as s:
        stored = s.get(WebSession, row.id)
        if stored is not None:
            stored.seen_at = max(moment, stored.seen_at)


def sign_out(session_id: int) -> None:
    """End one session; nothing happens when it has ended already."""
    with db.reading(SYSTEM) as s:
        row = s.get(WebSession, session_id)
        account = s.get(Account, row.account_id) if row else None
    with db.unit(actor_for(account) if account else SYSTEM) as s:
        row = s.get(WebSession, session_id)
        if row is not None and row.revoked_at is None:
            row.revoked_at = now()
            db.note(s, Verb.SIGN_OUT, "account", row.account_id)


def sign_out_everywhere(account_id: int) -> int:
    """Somebody ends all their own sessions; returns how many there were. Raises NotFound."""
    with db.reading(SYSTEM) as s:
        account = _account(s, account_id)
    with db.unit(actor_for(account)) as s:
        return _end_all(s, account_id)


def end_sessions(actor: Actor, account_id: int) -> int:
    """An administrator ends somebody's sessions; returns how many. Raises Denied, NotFound."""
    actor.need("write", "admin")
    with db.unit(actor) as s:
        _account(s, account_id)
        return _end_all(s, account_id)


def _of(session_id: int | str | None, moment: datetime) -> tuple[WebSession, Account] | None:
    if not str(session_id or "").isdecimal():
        return None
    return _valid(WebSession.id == int(session_id or 0), moment)


def _valid(which: object, moment: datetime) -> tuple[WebSession, Account] | None:
    joined = select(WebSession, Account).join(Account, col(Account.id) == WebSession.account_id)
    with db.reading(SYSTEM) as s:
        found = s.exec(joined.where(which)).first()  # type: ignore[arg-type]
    if found is None:
        return None
    row, account = found
    alive = row.revoked_at is None and moment - row.seen_at < IDLE and moment - row.created_at < LONGEST
    return (row, account) if alive and account.active else None


def _end_all(s: db.PortalSession, account_id: int) -> int:
    mine = select(WebSession).where(WebSession.account_id == account_id, col(WebSession.revoked_at).is_(None))
    rows = s.exec(mine).all()
    for row in rows:
        row.revoked_at = now()
    if rows:
        db.note(s, Verb.SIGN_OUT, "account", account_id, {"sessions": len(rows)})
    return len(rows)


def _begin_session(s: db.PortalSession, account: Account, ip: str, agent: str, moment: datetime) -> str:
    """A new session's token; it is known to nobody but the browser that gets it."""
    token = secrets.token_urlsafe(32)
    row = WebSession(token_hash=_hash(token), account_id=_id(account), ip=ip[:60], agent=agent[:200])
    row.created_at = row.seen_at = moment
    s.add(row)
    db.note(s, Verb.SIGN_IN, "account", account.id)
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _id(row: WebSession | Account) -> int:
    assert row.id is not None
    return row.id


def actor_for(account: Account, session_id: int | None = None) -> Actor:
    """The account as an actor: no stations named means all of them, but to a station lead none."""
    bound = bool(account.units) or Role.STATION_LEAD in account.roles
    units = frozenset(int(unit) for unit in account.units) if bound else None
    roles = tuple(role for role in Role if role in account.roles)
    return Actor(account.id, account.name, roles, units, session_id, account.must_change)


# -- sign-in ----------------------------------------------------------------------------------------------------------


def sign_in(username: str, password: str, *, ip: str = "", agent: str = "", moment: datetime | None = None) -> str:
    """The token of a new session.

    Raises Denied("sign_in_failed") alike for a wrong name, a wrong password and an account switched off, and
    Denied("locked") after 5 failures by name or 50 by address in 15 minutes, for 15 minutes.
    """
    moment, name = moment or now(), normal(username)
    _try_once(f"u:{name}", ip, moment)
    with db.reading(SYSTEM) as s:
        account = s.exec(select(Account).where(Account.username == name)).first()
    fits = passwords.matches(password, (account and account.password_hash) or passwords.of_nobody())
    if account is None or not fits or not account.active:
        _note_failure(f"u:{name}", account, ip, moment)
        raise Denied("sign_in_failed")
    with db.unit(actor_for(account)) as s:
        _forgive(s, f"u:{name}", ip, moment)
        account = _account(s, _id(account))
        if account.password_changed_at and moment - account.password_changed_at > PASSWORD_AGE:
            account.must_change = True
        return _begin_session(s, account, ip, agent, moment)


def _try_once(key: str, ip: str, moment: datetime) -> None:
    """Count the try before the password is looked at, so that parallel guesses count too; a right one is forgiven."""
    with db.unit(PUBLIC) as s:
        db.alone(s, key, f"ip:{ip}")
        if limits.locked(s, key, FAILURES_BY_NAME, moment):
            raise Denied("locked")
        if ip and limits.locked(s, f"ip:{ip}", FAILURES_BY_ADDRESS, moment):
            raise Denied("locked")
        limits.count(s, key, moment)
        if ip:
            limits.count(s, f"ip:{ip}", moment)


def _forgive(s: db.PortalSession, key: str, ip: str, moment: datetime) -> None:
    limits.forgive(s, key)
    limits.forgive(s, f"ip:{ip}", at=moment)


def _note_failure(key: str, account: Account | None, ip: str, moment: datetime) -> None:
    """The name that was typed is not kept: it may be a password in the wrong field."""
    with db.unit(PUBLIC) as s:
        known = account.id if account else None
        db.note(s, Verb.SIGN_IN_FAILED, "account", known, {"ip": ip})
        if limits.locked(s, key, FAILURES_BY_NAME, moment):
            db.note(s, Verb.LOCKED, "account", known, {"ip": ip})


def normal(username: str) -> str:
    """A username as it is compared; what is longer than any can be is cut, and is none."""
    return "".join(letter for letter in username.strip().lower() if letter.isprintable())[: LONGEST_USERNAME + 1]


# -- accounts and their passwords --------------------------------------------------


def create_account(
    actor: Actor,
    username: str,
    name: str,
    roles: Iterable[Role],
    units: Iterable[int] = (),
    password: str | None = None,
) -> str:
    """Make an account and return its one-time password, which must be changed at the first sign-in.

    Raises Denied, or Invalid for `username`, `name`, `roles` or `password`.
    """
    actor.need("write", "admin")
    password = password or passwords.one_time()
    made = _new_account(username, name, tuple(roles), password)
    made.units = [str(unit) for unit in units]
    with db.unit(actor) as s:
        _refuse_taken(s, made.username)
        s.add(made)
    return password


def reset_password(actor: Actor, account_id: int) -> str:
    """A new one-time password for somebody locked out; ends their sessions. Raises Denied, NotFound."""
    actor.need("write", "admin")
    password = passwords.one_time()
    made = passwords.hashed(password)
    with db.unit(actor) as s:
        account = _account(s, account_id)
        _set_password(account, made, must_change=True)
        limits.forgive(s, f"u:{account.username}")
        _end_all(s, account_id)
    return password


def change_password(session_id: int, current: str, password: str, *, moment: datetime | None = None) -> str:
    """Change one's own password: every session of the account ends, and the token of a fresh one is returned.

    Raises Invalid for `current` or `password`, Denied("locked") after 5 wrong ones, NotFound without a valid session.
    """
    moment = moment or now()
    row, account = _valid(WebSession.id == session_id, moment) or _nobody()
    key = f"p:{account.id}"
    _try_once(key, row.ip, moment)
    if not passwords.matches(current, account.password_hash):
        _note_failure(key, account, row.ip, moment)
        raise Invalid({"current": "password_wrong"})
    code = passwords.problem(password, account.username) or _used(account, password)
    made = "" if code else passwords.hashed(password)
    with db.unit(actor_for(account)) as s:
        _forgive(s, key, row.ip, moment)
        if not code:
            account = _account(s, _id(account))
            _set_password(account, made, must_change=False, moment=moment)
            _end_all(s, _id(account))
            return _begin_session(s, account, row.ip, row.agent, moment)
    raise Invalid({"password": str(code)})


@before_write("account")
def _refuse_new(_s: db.PortalSession, given: dict[str, Any], row: Record | None, _today: date) -> None:
    """A form changes an account; it is made by create_account alone, with a password."""
    if row is None:
        raise Denied
    given["username"] = normal(given["username"])
    if not USERNAME.fullmatch(given["username"]):
        raise Invalid({"username": "username_bad"})


def any_exists() -> bool:
    """Whether the portal has been set up."""
    with db.reading(SYSTEM) as s:
        return s.exec(select(Account.id).limit(1), execution_options={"with_bin": True}).first() is not None


def _account(s: db.PortalSession, account_id: int) -> Account:
    account = s.get(Account, account_id)
    if account is None:
        raise NotFound(record="account")
    return account


def _nobody() -> tuple[WebSession, Account]:
    raise NotFound(record="account")


def _new_account(username: str, name: str, roles: tuple[Role, ...], password: str) -> Account:
    errors = {
        "username": None if USERNAME.fullmatch(normal(username)) else "username_bad",
        "name": ("too_long" if len(name) > LONGEST_NAME else None) if name.strip() else "required",
        "roles": None if roles and set(roles) <= set(Role) else "roles_bad",
        "password": passwords.problem(password, normal(username)),
    }
    if any(errors.values()):
        raise Invalid({field: code for field, code in errors.items() if code})
    account = Account(username=normal(username), name=name.strip(), roles=[role for role in Role if role in roles])
    _set_password(account, passwords.hashed(password), must_change=True)
    return account


def _refuse_taken(s: db.PortalSession, username: str) -> None:
    same = select(Account.id).where(Account.username == username)
    if s.exec(same, execution_options={"with_bin": True}).first() is not None:
        raise Invalid({"username": "username_taken"})


def _set_password(account: Account, made: str, *, must_change: bool, moment: datetime | None = None) -> None:
    """Store a hash and remember it among the last five."""
    account.password_hash = made
    account.old_hashes = [made, *account.old_hashes][: passwords.REMEMBERED]
    account.must_change, account.password_changed_at = must_change, moment or now()


def _used(account: Account, password: str) -> str | None:
    return "password_used" if passwords.used_before(password, account.old_hashes) else None


# -- the first set-up -------------------------------------------------------------------------------------------------


def setup_code() -> str | None:
    """A fresh one-time code for the first set-up, to be printed by the server; None once an account exists."""
    if any_exists():
        return None
    code = "-".join("".join(secrets.choice(CODE_ALPHABET) for _ in range(4)) for _ in range(3))
    with db.unit(SYSTEM) as s:
        s.merge(Setting(key=SETUP_CODE, value=_hash(code)))
    return code


def set_up(
    code: str,
    username: str,
    name: str,
    password: str,
    *,
    ip: str = "",
    agent: str = "",
    moment: datetime | None = None,
) -> str:
    """Make the first administrator with the printed code; the token of their first session.

    Raises Denied("setup_done") once an account exists, Denied("locked") after 10 wrong codes in 15 minutes, Invalid for
    `code`, `username`, `name` or `password`.
    """
    moment = moment or now()
    _check_code(code, moment)
    made = _new_account(username, name, (Role.ADMINISTRATOR,), password)
    made.must_change = False
    try:
        with db.unit(SYSTEM, token="first-set-up") as s:
            if any_exists():
                raise Denied("setup_done")
            s.add(made)
            s.delete(s.get_one(Setting, SETUP_CODE))
            s.flush()
            return _begin_session(s, made, ip, agent, moment)
    except AlreadyDone as error:
        raise Denied("setup_done") from error


def _check_code(code: str, moment: datetime) -> None:
    if any_exists():
        raise Denied("setup_done")
    typed = re.sub(r"[^A-Z0-9]", "", code.upper())
    typed = "-".join(typed[start : start + 4] for start in range(0, len(typed), 4))
    with db.unit(PUBLIC) as s:
        db.alone(s, SETUP_CODE)
        if limits.locked(s, SETUP_CODE, FAILURES_AT_SETUP, moment):
            raise Denied("locked")
        kept = s.get(Setting, SETUP_CODE)
        right = kept is not None and secrets.compare_digest(str(kept.value), _hash(typed))
        if not right:
            limits.count(s, SETUP_CODE, moment)
    if not right:
        raise Invalid({"code": "setup_code_wrong"})
