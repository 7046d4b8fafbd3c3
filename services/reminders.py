"""Reminders that leave the building: what waits (models/waiting.py) and certificates that end, told once on each channel.

Planning writes a row for each thing to tell, unique by channel, kind, subject and day; sending takes a channel's due rows
as one message. Whoever takes rows counts up their tries and puts off the next one in one short transaction, so two
workers never send the same, and what a dying worker took is tried again. Without a channel nothing happens.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from models.reminders import ChannelKind, Pace, Reminder, ReminderChannel, ReminderState, Tongue
from models.words import L, Language
from services import clock, db, expiry, sending, today
from services.access import SYSTEM, Actor
from services.channels import CERTIFICATE
from services.sending import LIMITS, NotSent
from services.today import Item

LOG = logging.getLogger(__name__)
TABLE, CHANNEL = Reminder.__table__, ReminderChannel.__table__  # type: ignore[attr-defined]
MARKS = (7, 30, 90)
PUT_OFF = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240, 720))
PLAN_EVERY, LOOK_SECONDS, KEPT = timedelta(minutes=5), 20.0, timedelta(days=400)
LONGEST_TITLE, MOST, COPIED = 400, 200, 20
SUBJECT = L("{n} 项提醒", "{n} reminders")
FOOT = L("请登录医务社工平台处理。", "Please see to them in the portal.")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to tell: what it is about, the day for which it is told once, and its words."""

    kind: str
    subject: str
    day: date
    title: L


@dataclass(frozen=True, slots=True)
class Run:
    """What one round did: rows planned anew, sent, and not taken by their channel."""

    planned: int = 0
    sent: int = 0
    refused: int = 0


# -- rounds --------------------------------------------------


def remind(now: datetime | None = None) -> Run:
    """Plan what is to be told and send what is due, once; an empty run where no channel is set."""
    moment = now or clock.now()
    found = _channels()
    planned = sum(plan(channel, moment) for channel in found if _is_time(channel, moment))
    run = Run(planned)
    for channel in found:
        while (told := send_due(channel, moment)) is not None:
            run = Run(run.planned, run.sent + told[0], run.refused + told[1])
    return run


def watch(stop: threading.Event) -> None:
    """Round after round until `stop` is set; a fault is logged and the next round tries again."""
    while not stop.is_set():
        try:
            remind()
        except OperationalError:
            LOG.exception("the database does not answer")
        except Exception:
            LOG.exception("a round of reminders failed")
        stop.wait(LOOK_SECONDS)


def _channels() -> Sequence[ReminderChannel]:
    with db.reading(SYSTEM) as s:
        active = select(ReminderChannel).where(col(ReminderChannel.active)).order_by(col(ReminderChannel.id))
        return s.execute(active).scalars().all()


def _is_time(channel: ReminderChannel, moment: datetime) -> bool:
    """Daily: the hour has come and nothing was planned since; at once: every few minutes."""
    last = channel.planned_at
    if channel.pace == Pace.AT_ONCE:
        return last is None or moment - last >= PLAN_EVERY
    local = clock.local(moment)
    hour, minute = map(int, channel.at.split(":"))
    begins = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return local >= begins and (last is None or last < begins)


# -- planning --------------------------------------------------


def plan(channel: ReminderChannel, moment: datetime) -> int:
    """Queue what the channel is to tell and was not told; returns how many are new."""
    day, spoken = clock.local(moment).date(), _language(channel)
    rows = [
        {
            "channel_id": channel.id, "kind": one.kind, "subject": one.subject, "day": one.day,
            "title": one.title(spoken)[:LONGEST_TITLE], "state": ReminderState.QUEUED, "due_at": moment, "tries": 0,
            "last_error": "", "created_at": moment,
        }
        for one in things(channel, day, moment)
    ]  # fmt: skip
    dialect = sqlite if db.is_sqlite() else postgresql
    once = dialect.insert(TABLE).on_conflict_do_nothing()
    with db.connection(write=True) as bare:
        before = _count(bare, channel)
        for row in rows:
            bare.execute(once.values(row))
        bare.execute(update(CHANNEL).where(CHANNEL.c.id == channel.id).values(planned_at=moment))
        bare.execute(delete(TABLE).where(TABLE.c.channel_id == channel.id, TABLE.c.created_at < moment - KEPT))
        return _count(bare, channel) - before


def _language(channel: ReminderChannel) -> Language:
    return "en" if channel.language == Tongue.EN else "zh"


def _count(bare: Connection, channel: ReminderChannel) -> int:
    return bare.execute(select(func.count()).where(TABLE.c.channel_id == channel.id)).scalar_one()


def reader(channel: ReminderChannel) -> Actor:
    """Who a channel's reminders are read as: the portal within the channel's station, names masked."""
    return replace(
        SYSTEM, name="reminders", units=frozenset({channel.unit_id}) if channel.unit_id else None, masked=True
    )


def things(channel: ReminderChannel, day: date, moment: datetime) -> Iterator[Thing]:
    """What the channel tells on that day."""
    actor, wanted = reader(channel), set(channel.kinds)
    if CERTIFICATE in wanted:
        yield from _certificates(actor, day)
    for item in today.waiting(actor, wanted, day, moment, MOST):
        yield _thing(item, day)


def _thing(item: Item, day: date) -> Thing:
    """Told when it comes up, and once more when it is overdue; what has no day of its own once a week."""
    subject = f"{item.record}:{item.id}" if item.id else item.record
    if item.due is None or item.id is None:
        return Thing(item.kind, subject, day - timedelta(days=day.weekday()), item.title)
    about = L(f"{item.title.zh}（{item.due}）", f"{item.title.en} ({item.due})")
    if not item.overdue:
        return Thing(item.kind, subject, item.due, about)
    late = L(f"{about.zh} 已逾期", f"{about.en}, overdue")
    return Thing(item.kind, subject, item.due + timedelta(days=1), late)


def _certificates(actor: Actor, day: date) -> Iterator[Thing]:
    """Of each certificate the mark that it has reached: 90, 30, 7 days before it ends."""
    for line in expiry.ending_lines(actor, day):
        if line.valid_until is None or line.days_left is None:
            continue
        mark = next(mark for mark in MARKS if line.days_left <= mark)
        subject = (
            f"certificate:{line.certificate_id}"
            if line.certificate_id
            else f"volunteer:{line.volunteer_id}.{line.kind}"
        )
        name, kind, until = line.name, line.kind.label, line.valid_until
        words = L(f"{name}的{kind.zh}证书 {until} 到期", f"{kind.en} certificate of {name} ends on {until}")
        yield Thing(CERTIFICATE, subject, until - timedelta(days=mark), words)


# -- sending --------------------------------------------------


def send_due(channel: ReminderChannel, moment: datetime) -> tuple[int, int] | None:
    """Send one message of what is due: (how many were sent, how many were not); None where nothing is due."""
    taken = _take(channel, moment)
    if not taken:
        return None
    title, body = message(_language(channel), [row.title for row in taken])
    try:
        sending.send(channel, title, body)
    except NotSent as error:
        LOG.warning("channel %s did not take %s reminders: %s", channel.id, len(taken), error)
        _settle(taken, {"last_error": str(error)})
        _give_up(taken)
        return 0, len(taken)
    LOG.info("channel %s took %s reminders", channel.id, len(taken))
    _settle(taken, {"state": ReminderState.SENT, "sent_at": clock.now(), "last_error": ""})
    return len(taken), 0


def message(language: Language, titles: Sequence[str]) -> tuple[str, str]:
    """Subject and text of a message that tells these."""
    subject = titles[0] if len(titles) == 1 else SUBJECT(language).format(n=len(titles))
    return subject, "\n".join([*(f"· {title}" for title in titles), "", FOOT(language)])


def text_for(actor: Actor, language: Language) -> str:
    """What waits for this person, as a text to copy into a chat; names are masked whatever they may see."""
    found = today.work(replace(actor, masked=True))
    lines = [_thing(item, clock.today()).title(language) for item in found.items[:COPIED]]
    more = found.total - len(lines)
    rest = [L(f"……另有 {more} 项", f"... and {more} more")(language)] if more > 0 else []
    head = L(f"{clock.today()} 待办 {found.total} 项", f"{found.total} things to do, {clock.today()}")(language)
    return "\n".join([head, *(f"· {line}" for line in lines), *rest])


def _take(channel: ReminderChannel, moment: datetime) -> list[Any]:
    """The channel's due rows that fit into one message, made ours until their next try."""
    due = and_(TABLE.c.channel_id == channel.id, TABLE.c.state == ReminderState.QUEUED, TABLE.c.due_at <= moment)
    with db.connection() as bare:
        if bare.execute(select(TABLE.c.id).where(due).limit(1)).first() is None:
            return []
    with db.connection(write=True) as bare:
        oldest = select(TABLE).where(due).order_by(TABLE.c.id).limit(MOST).with_for_update(skip_locked=True)
        taken = list(_fitting(bare.execute(oldest), LIMITS[ChannelKind(channel.kind)]))
        for row in taken:
            later = moment + PUT_OFF[min(row.tries, len(PUT_OFF) - 1)]
            bare.execute(update(TABLE).where(TABLE.c.id == row.id).values(tries=row.tries + 1, due_at=later))
        return taken


def _fitting(rows: Any, limit: int) -> Iterator[Any]:
    left = limit - len("".join(FOOT).encode())
    for place, row in enumerate(rows):
        left -= len(row.title.encode()) + 8
        if left < 0 and place:
            return
        yield row


def _settle(taken: Sequence[Any], values: dict[str, Any]) -> None:
    with db.connection(write=True) as bare:
        for row in taken:
            mine = and_(TABLE.c.id == row.id, TABLE.c.tries == row.tries + 1)
            bare.execute(update(TABLE).where(mine).values(values))


def _give_up(taken: Sequence[Any]) -> None:
    """After the last try; an administrator may ask for another round."""
    lost = [row for row in taken if row.tries + 1 >= len(PUT_OFF)]
    _settle(lost, {"state": ReminderState.FAILED})
