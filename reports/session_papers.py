"""The papers of a training session: the poster with its check-in code, and the sheet on which people sign (features T2, T5)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from models import RECORDS
from models.lessons import Lesson
from models.system import Verb
from models.training import EnrolmentState
from models.words import L, Language
from reports import paper
from services import checkin, clock, db, lessons, store, timetable
from services.access import Actor
from services.store import Row
from services.timetable import RosterRow

SESSION = RECORDS["training_session"]
BLANK_ROWS = 8
MOST_COLUMNS, MOST_LETTERS = 6, 14
WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日"), ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def poster(actor: Actor, session_id: int, origin: str) -> bytes:
    """A4 in both languages: what, when, where, and a QR code to be read from some metres away. Raises Denied, NotFound."""
    row = store.get(actor, SESSION, session_id)
    url = origin + checkin.checkin_path(actor, session_id)
    when = span(row.values["starts"], row.values["ends"])
    told = {
        "title": row.title,
        "course": row.show("course_id"),
        "when": list(when),
        "where": row.show("venue_id"),
        "base": list(SESSION.field("base").choices(row.values["base"]).label) if row.values["base"] else [],  # type: ignore[misc]
        "code": row.values["code"],
        "url": url,
        "qr": checkin.poster_svg(url),
    }
    return paper.pdf("poster", told, clock.now())


def sign_in_sheet(actor: Actor, session_id: int, language: Language = "zh") -> bytes:
    """A4: who is enrolled, phones masked, a column to sign for each lesson (of a session without lessons for each day), more
    pages where one does not hold them all, blank rows for who comes without enrolling.

    It leaves the portal with names on it, so it is in the audit. Raises Denied, NotFound.
    """
    actor.need("write", "training")
    row = store.get(actor, SESSION, session_id)
    people = [one for one in timetable.roster(actor, session_id) if one.state == EnrolmentState.ENROLLED]
    with db.unit(actor) as s:
        db.note(s, Verb.EXPORT, SESSION.name, session_id, {"paper": "sign_in", "rows": len(people)})
    return paper.pdf("sign_in", _sheet(row, people, lessons.lessons(actor, session_id), language), clock.now())


def _sheet(row: Row, people: Sequence[RosterRow], planned: Sequence[Lesson], language: Language) -> dict[str, Any]:
    words = {
        "heading": L("培训签到表", "Sign-in sheet"),
        "blank": L("现场报名", "Walk-ins"),
        "signed": L("负责人签字：", "Person in charge:"),
        "on": L("日期：", "Date:"),
        "total": L(f"已录取 {len(people)} 人，名额 {row.values['capacity']} 人",
                   f"{len(people)} enrolled, {row.values['capacity']} seats"),
    }  # fmt: skip
    return {
        **{name: text(language) for name, text in words.items()},
        "title": row.title,
        "facts": [[label(language), value] for label, value in _facts(row, language) if value],
        "sheets": [
            [text(language) for text in some]
            for some in _pages(_lessons(planned) or _days(row.values["starts"], row.values["ends"]))
        ],
        "heads": [
            text(language)
            for text in (L("序号", "No."), L("姓名", "Name"), L("手机", "Phone"), L("单位", "Organisation"))
        ],
        "people": [[str(n), one.name, one.phone, one.employer] for n, one in enumerate(people, 1)],
        "blanks": [str(len(people) + n) for n in range(1, BLANK_ROWS + 1)],
    }


def _facts(row: Row, language: Language) -> list[tuple[L, str]]:
    when = span(row.values["starts"], row.values["ends"])
    labels = [
        (SESSION.field(name).label, row.show(name, language))
        for name in ("code", "course_id", "venue_id", "instructors", "base")
    ]
    return [(L("时间", "When"), when(language)), *labels]


def days(starts: datetime, ends: datetime) -> list[date]:
    """The site's days of a session; the moment at which it ends is not part of it."""
    first, last = clock.local(starts).date(), clock.local(ends - timedelta(microseconds=1)).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _days(starts: datetime, ends: datetime) -> list[L]:
    """What is signed for: each day."""
    found = days(starts, ends)
    return [_day(day) for day in found] if len(found) > 1 else [L("签名", "Signature")]


def _lessons(planned: Sequence[Lesson]) -> list[L]:
    """What is signed for: each lesson, with its day, its hours, and as much of its topic as fits the head of a column."""
    found = []
    for one in planned:
        first, last, day = clock.local(one.starts), clock.local(one.ends), _day(clock.local(one.starts).date())
        times, topic = f"{first:%H:%M}–{last:%H:%M}", shorten(one.topic)
        lines = [L(f"第 {one.number} 次", f"Lesson {one.number}"), day, L(times, times), L(topic, topic)]
        found.append(L(*("\n".join(filter(None, words)) for words in zip(*lines, strict=True))))
    return found


def shorten(topic: str) -> str:
    return topic if len(topic) <= MOST_LETTERS else topic[: MOST_LETTERS - 1].rstrip() + "…"


def _pages(columns: Sequence[L]) -> list[Sequence[L]]:
    """As many columns as fit a page beside each other; of several pages about as many on each."""
    pages = -(-len(columns) // MOST_COLUMNS)
    each = -(-len(columns) // pages)
    return [columns[at : at + each] for at in range(0, len(columns), each)]


def span(starts: datetime, ends: datetime) -> L:
    """12月9日 周三 18:30–20:00; the last day too where it is another one."""
    first, last = clock.local(starts), clock.local(ends)
    until = L("", "") if first.date() == last.date() else _day(last.date())
    begin = _day(first.date())
    return L(
        f"{first.year}年{begin.zh} {first:%H:%M}–{until.zh}{' ' if until.zh else ''}{last:%H:%M}",
        f"{begin.en} {first.year}, {first:%H:%M}–{until.en}{' ' if until.en else ''}{last:%H:%M}",
    )


def _day(day: date) -> L:
    zh = f"{day.month}月{day.day}日 周{WEEKDAYS[0][day.weekday()]}"
    return L(zh, f"{WEEKDAYS[1][day.weekday()]} {day.day} {day:%b}")
