"""The channels on which reminders leave: what an administrator sets, and what became of each reminder.

Passwords and keys go in, encrypted, and never come out again; the audit says only that they changed.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import col

from models.contract import Unit
from models.reminders import TEST, ChannelKind, Pace, Reminder, ReminderChannel, ReminderState, Security, Tongue
from models.words import L
from services import clock, db, sending, today
from services.access import Actor
from services.db import PortalSession
from services.errors import Conflict, Invalid, NotFound
from services.sending import REMOVED, Failure, NotSent, failure_of

TABLE = Reminder.__table__  # type: ignore[attr-defined]
CERTIFICATE, RECENT = "certificate", 50
CERTIFICATE_LABEL = L("证书到期（提前 90、30、7 天）", "Certificates ending (90, 30, 7 days ahead)")
SECRET, TESTED = "secret", "test"
IS_TEST = TABLE.c.kind == TESTED
FIELDS = (
    "name", "kind", "active", "server", "port", "security", "username", "sender", "recipients", "kinds", "pace", "at",
    "language", "unit_id",
)  # fmt: skip

USUAL: dict[str, Any] = {
    "name": "", "kind": ChannelKind.EMAIL, "active": True, "server": "", "port": None, "security": Security.SSL,
    "username": "", "sender": "", "recipients": "", "kinds": [CERTIFICATE, "agreements", "to_close"],
    "pace": Pace.DAILY, "at": "08:30", "language": Tongue.ZH, "unit_id": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as an administrator sees it; of its secret only whether there is one. Tests are not counted."""

    id: int
    version: int
    values: Mapping[str, Any]
    has_secret: bool
    queued: int
    failed: int
    last_sent: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a reminder, or of a test; `words` are the server's own where it was not taken."""

    channel: str
    kind: L
    is_test: bool
    title: str
    state: ReminderState
    tries: int
    failure: Failure | None
    words: str
    due_at: datetime
    sent_at: datetime | None


def kinds() -> dict[str, L]:
    """What can be told, by name; certificates one by one."""
    waiting = {name: kind.label for name, kind in today.KINDS.items() if name != "certificates"}
    return {CERTIFICATE: CERTIFICATE_LABEL} | waiting


def channels(actor: Actor) -> list[Channel]:
    """Every channel, by name."""
    actor.need("read", "admin")
    counting = select(TABLE.c.channel_id, TABLE.c.state, func.count(), func.max(TABLE.c.sent_at)).where(~IS_TEST)
    with db.reading(actor) as s:
        rows = s.execute(select(ReminderChannel).order_by(col(ReminderChannel.name))).scalars().all()
        found = s.execute(counting.group_by(TABLE.c.channel_id, TABLE.c.state)).all()
    return [_channel(row, {state: (n, last) for key, state, n, last in found if key == row.id}) for row in rows]


def _channel(row: ReminderChannel, counts: Mapping[str, tuple[int, datetime | None]]) -> Channel:
    values = {name: getattr(row, name) for name in FIELDS}
    queued, failed, sent = (
        counts.get(state.value, (0, None)) for state in (ReminderState.QUEUED, ReminderState.FAILED, ReminderState.SENT)
    )
    return Channel(row.id or 0, row.version, values, bool(row.secret), queued[0], failed[0], sent[1])


def save(
    actor: Actor,
    given: Mapping[str, Any],
    *,
    id: int | None = None,
    version: int | None = None,
    token: str | None = None,
) -> int:
    """Make or change a channel; without a `secret` it keeps the one that it has. Raises Invalid, Conflict, NotFound."""
    actor.need("write", "admin")
    with db.unit(actor, token=token) as s:
        row = _find(s, id) if id else None
        if row and version is not None and version != row.version:
            raise Conflict({}, {})
        kept = {name: getattr(row, name) if row else _default(name) for name in (*FIELDS, SECRET)}
        values = kept | {name: _stripped(value) for name, value in given.items() if name != SECRET or value}
        _check(s, values)
        if row is None:
            row = ReminderChannel(**values)
            s.add(row)
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
        s.flush()
        return row.id or 0


def _default(name: str) -> Any:
    return ReminderChannel.model_fields[name].get_default(call_default_factory=True)


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _check(s: PortalSession, values: dict[str, Any]) -> None:
    errors = ReminderChannel.check(values, clock.today())
    too_long = ((name, ReminderChannel.model_fields[name].metadata) for name in FIELDS if isinstance(values[name], str))
    errors |= {
        name: "too_long"
        for name, rules in too_long
        if any(len(values[name]) > rule.max_length for rule in rules if hasattr(rule, "max_length"))
    }
    if set(values["kinds"]) - set(kinds()):
        errors["kinds"] = "not_a_choice"
    if values["unit_id"] and s.get(Unit, values["unit_id"]) is None:
        errors["unit_id"] = "in_use"
    if errors:
        raise Invalid(errors)


def _find(s: PortalSession, key: int) -> ReminderChannel:
    row: ReminderChannel | None = s.execute(select(ReminderChannel).where(col(ReminderChannel.id) == key)).scalar()
    if row is None:
        raise NotFound(record="reminder_channel", id=key)
    return row


def remove(actor: Actor, key: int, *, token: str | None = None) -> None:
    """The channel goes to the bin, and what it had still to send is given up. Raises NotFound."""
    actor.need("remove", "admin")
    with db.unit(actor, token=token) as s:
        row = _find(s, key)
        row.deleted_at, row.deleted_by = clock.now(), actor.account_id
        waiting = (TABLE.c.channel_id == key, TABLE.c.state == ReminderState.QUEUED)
        given_up = {"state": ReminderState.FAILED, "last_error": REMOVED}
        s.connection().execute(update(TABLE).where(*waiting).values(given_up))


def test(actor: Actor, key: int) -> str:
    """Send a test now; returns the words with which it was not taken (see failure_of), "" where it was. It stands among
    the reminders. Raises NotFound."""
    actor.need("write", "admin")
    with db.reading(actor) as s:
        row = _find(s, key)
    words, error = TEST(row.language), ""  # type: ignore[arg-type]
    try:
        sending.send(row, words, words)
    except NotSent as why:
        error = str(why)
    state = ReminderState.FAILED if error else ReminderState.SENT
    moment = clock.now()
    with db.connection(write=True) as bare:
        told = {
            "channel_id": key,
            "kind": TESTED,
            "subject": secrets.token_hex(8),
            "day": clock.today(),
            "title": words,
        }
        done = {"state": state, "due_at": moment, "tries": 1, "last_error": error, "created_at": moment}
        bare.execute(TABLE.insert().values(**told, **done, sent_at=None if error else moment))
    return error


def retry(actor: Actor, key: int, *, token: str | None = None) -> int:
    """Try again what the channel did not deliver; returns how many. Raises NotFound."""
    actor.need("write", "admin")
    with db.unit(actor, token=token) as s:
        _find(s, key)
        wanted = (TABLE.c.channel_id == key, TABLE.c.state == ReminderState.FAILED, ~IS_TEST)
        again = {"state": ReminderState.QUEUED, "tries": 0, "due_at": clock.now()}
        return s.connection().execute(update(TABLE).where(*wanted).values(again)).rowcount


def recent(actor: Actor, size: int = RECENT) -> list[Told]:
    """The newest reminders of every channel, with what became of them."""
    actor.need("read", "admin")
    wanted = select(Reminder, col(ReminderChannel.name)).join(
        ReminderChannel, col(ReminderChannel.id) == col(Reminder.channel_id)
    )
    with db.reading(actor) as s:
        rows = s.execute(wanted.order_by(col(Reminder.id).desc()).limit(size), execution_options={"with_bin": True})
        return [_told(row, name) for row, name in rows]


def _told(row: Reminder, channel: str) -> Told:
    kind, state, words = kinds().get(row.kind, L("测试", "Test")), ReminderState(row.state), row.last_error
    failure = failure_of(words) if words else None
    return Told(
        channel, kind, row.kind == TESTED, row.title, state, row.tries, failure, words, row.due_at, row.sent_at
    )  # fmt: skip
