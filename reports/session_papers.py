"""The papers of a training session: the posters to enrol and to check in, the sheet to sign, and what people
thought of it (features T2, T3, T5, T14)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from models import RECORDS
from models.lessons import Lesson
from models.system import Verb
from models.training import DoorCode, EnrolmentState
from models.words import L, Language
from reports import paper
from services import checkin, clock, db, doorcode, enrolling, feedback, institution, lessons, store, timetable
from services.access import Actor
from services.errors import NotFound
from services.feedback import Opinion
from services.institution import Host
from services.store import Row
from services.timetable import RosterRow

SESSION, FEEDBACK = RECORDS["training_session"], RECORDS["feedback"]
BLANK_ROWS = 8
MOST_COLUMNS, MOST_LETTERS = 6, 14
WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日"), ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Words:
    """What a poster says: its heading, what to do in three steps, how without a camera, and what to know."""

    heading: L
    steps: tuple[L, L, L]
    typed: L
    notes: tuple[L, ...]


CHECK_IN = Words(
    L("扫码签到", "Check in here"),
    (
        L("手机扫码", "Scan with your phone"),
        L("填姓名、手机号和现场的 6 位数字", "Enter your name, phone number and the six digits shown in the room"),
        L("离开时再扫一次，填当时的数字签退", "When you leave, scan again and enter the digits shown then"),
    ),
    L("不能扫码？用手机浏览器打开，填 6 位数字", "No camera? Open this and type the six digits"),
    (
        L("开始前 60 分钟起可签到，下课即止；签退到下课后 60 分钟。有困难请找工作人员。",
          "Check in from 60 minutes before until the end, out until 60 minutes after. The staff will help you."),
    ),
)  # fmt: skip
DIGITS = {
    DoorCode.ROTATING: L("6 位数字显示在教室的屏幕上，每 {n} 秒更换；只有海报照片不能签到。",
                         "A screen in the room shows the digits; they change every {n} seconds. A photo of this poster is of no use."),
    DoorCode.TOLD: L("6 位数字由工作人员当场告知，每 {n} 分钟更换；只有海报照片不能签到。",
                     "The staff tell you the digits; they change every {n} minutes. A photo of this poster is of no use."),
}  # fmt: skip
ENROL = Words(
    L("扫码报名", "Enrol here"),
    (
        L("手机扫码", "Scan with your phone"),
        L("填姓名和手机号", "Type name and phone"),
        L("保存您的报名链接", "Keep the link you get"),
    ),
    L("不能扫码？用手机浏览器打开", "No camera? Open this in a browser"),
    (L("约 1 分钟，无需账号；来不了可用您的链接退出，把名额让给别人。",
       "About a minute, no account. If you cannot come, give your place back by your link."),),
)  # fmt: skip


def poster(actor: Actor, session_id: int, origin: str) -> bytes:
    """A4 in both languages for the door: what, when, where, a QR code, and the address of the page for digits.

    The QR code holds the door's address alone: without the digits that are told in the room it checks nobody in, so a
    photograph of the poster is worth nothing. Raises Denied, NotFound.
    """
    kind = DoorCode(store.get(actor, SESSION, session_id).values["door_code"])
    step = doorcode.PACES[kind].step
    changing = DIGITS[kind].format(n=step if kind == DoorCode.ROTATING else step // 60)
    words = replace(CHECK_IN, notes=(changing, *CHECK_IN.notes))
    return _poster(actor, session_id, words, origin + checkin.checkin_path(actor, session_id), f"{origin}/c")


def enrolment_poster(actor: Actor, session_id: int, origin: str) -> bytes:
    """A4 in both languages to invite the public: the same with the address of the public page. Raises Denied, NotFound
    (also for a session that is not shown to the public)."""
    url = origin + enrolling.path(actor, session_id)
    if not store.get(actor, SESSION, session_id).values["open_to_public"]:
        raise NotFound(record=SESSION.name)
    listed = L(f"网址太长？打开 {origin}/e ，在列表里选本班。", f"Too long? Open {origin}/e and choose this session.")
    return _poster(actor, session_id, ENROL, url, url, listed)


def _poster(actor: Actor, session_id: int, words: Words, url: str, address: str, *more: L) -> bytes:
    row = store.get(actor, SESSION, session_id)
    host = institution.of_base(actor, row.values["base"])
    told = {
        "host": list(host.name),
        "heading": list(words.heading),
        "title": row.title,
        "course": row.show("course_id"),
        "facts": [{"label": list(label), "value": list(value)} for label, value in _told(row, words, host)],
        "steps": [list(step) for step in words.steps],
        "typed": list(words.typed),
        "address": address,
        "notes": [list(note) for note in (*more, *words.notes)],
        "code": row.values["code"],
        "qr": checkin.poster_svg(url),
    }
    return paper.pdf("poster", told, clock.now())


def _told(row: Row, words: Words, host: Host) -> list[tuple[L, L]]:
    """When, where, until when one enrols, and whom to call, as far as they are known."""
    place, closes = row.show("venue_id"), row.values["registration_closes"]
    found = [(L("时间", "When"), span(row.values["starts"], row.values["ends"]))]
    found += [(L("地点", "Where"), L(place, place))] if place else []
    found += [(L("报名截止", "Until"), _moment(closes))] if closes and words is ENROL else []
    return found + ([(L("电话", "Phone"), L(host.phone, host.phone))] if host.phone else [])


def _moment(at: datetime) -> L:
    local = clock.local(at)
    day = _day(local.date())
    return L(f"{local.year}年{day.zh} {local:%H:%M}", f"{day.en} {local.year}, {local:%H:%M}")


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


def feedback_sheet(actor: Actor, session_id: int, language: Language = "zh") -> bytes:
    """A4: how many answered, the mean and the stars of each question, and every remark; nobody's name (source 000 §三.5).

    It is evidence of the session, beside its sign-in sheet, and in the audit. Raises Denied, NotFound.
    """
    actor.need("write", "training")
    row, found = store.get(actor, SESSION, session_id), feedback.opinion(actor, session_id)
    with db.unit(actor) as s:
        db.note(s, Verb.EXPORT, SESSION.name, session_id, {"paper": "feedback", "rows": found.found.number})
    return paper.pdf("feedback", _opinion(row, found, language), clock.now())


def _opinion(row: Row, found: Opinion, language: Language) -> dict[str, Any]:
    number, mean = found.found.number, found.found.mean
    words = {
        "heading": L("学员评价汇总", "Feedback summary"),
        "total": L(f"应答 {number} 份，可评价 {found.people} 人", f"{number} answers of {found.people} people"),
        "mean": L(f"总平均 {mean:.1f} / 5", f"Mean {mean:.1f} of 5") if number else L("没有收到评价", "No answers"),
        "said": L(f"意见建议（{len(found.remarks)} 条）", f"Remarks ({len(found.remarks)})"),
        "note": L("评价不记名，每部手机一次，份数不超过到场人数；意见原文照录。",
                  "Without names, once a phone, never more than people who came; remarks as they were written."),
    }  # fmt: skip
    heads = (L("题目", "Question"), L("平均分", "Mean"), *(L(f"{n} 星", f"{n} ★") for n in range(1, 6)))
    return {
        **{name: text(language) for name, text in words.items()},
        "title": row.title,
        "facts": [[label(language), value] for label, value in _facts(row, language) if value],
        "heads": [head(language) for head in heads],
        "rows": [
            [
                FEEDBACK.field(name).label(language),
                f"{found.found.means[name]:.1f}" if number else "—",
                *map(str, stars),
            ]
            for name, stars in found.stars.items()
        ],
        "remarks": list(found.remarks),
    }


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
