"""What each of a class did, as columns beside their name: lessons and hours, theory, practical."""

from collections.abc import Sequence

from models.words import L
from services.attending import been, hours
from services.eligibility import Candidate
from ui.shell import t
from ui.tables import Columns


def results(people: Sequence[Candidate]) -> Columns:
    """Attendance, and of the exams those that the course asks for."""
    columns: Columns = {
        L("到课", "Attended"): _attended,
        L("理论", "Theory"): _theory,
        L("实操", "Practical"): _practical,
    }
    return {heading: cell for heading, cell in columns.items() if any(map(cell, people))}


def _attended(one: Candidate) -> str:
    """2 / 3 次，5.5 小时; 3 / 4 小时 where there are no lessons."""
    found = one.result
    if found is None:
        return ""
    unknown, planned = L("时长不明", "hours unknown"), hours(found.planned)
    there = been(found.present) if found.present is not None else None
    time = L(f"{there.zh.strip()} / {planned} 小时", f"{there.en} / {planned} h") if there else unknown
    if not found.lessons:
        return t(time)
    times = L(f"{found.came} / {found.lessons} 次", f"{found.came} / {found.lessons} lessons")
    return t(L(f"{times.zh}，{time.zh}", f"{times.en}, {time.en}"))


def _theory(one: Candidate) -> str:
    if one.result is None or not one.result.asks_theory:
        return ""
    return "—" if one.result.score is None else f"{one.result.score:g}"


def _practical(one: Candidate) -> str:
    return t(one.result.practical.label) if one.result and one.result.practical else ""
