"""The cells of the table of an exam: what is stored, what is drawn in them, what a save would change."""

from collections.abc import Mapping
from typing import Any

from models.assessment import Verdict
from models.words import L
from services.assessment import Exam, Standing, Try
from ui.shell import t

SCORE, DONE = "score", "done"
Cells = dict[str, Any]
MARK = {True: "✓", False: "✗"}


def changes(
    people: list[Standing], before: list[Cells], after: list[Cells], typed: Mapping[int, Cells]
) -> tuple[dict[int, float | None], dict[int, list[str] | None]]:
    """What differs from what is stored: scores and items passed by person, None where a result is taken back."""
    scores, checks = {}, {}
    for n, (person, old, new) in enumerate(zip(people, before, after, strict=True)):
        if SCORE in old and new[SCORE] != old[SCORE]:
            scores[person.person_id] = new[SCORE]
        passed = _passed(new, typed.get(n, {}))
        if DONE in old and passed != _passed(old, {}):
            checks[person.person_id] = passed
    return scores, checks


def _passed(cells: Cells, typed: Cells) -> list[str] | None:
    """The items ticked; None where there was no check: a tick at an item says that there was, unticking "checked" not."""
    items = [name for name, value in cells.items() if value is True and name != DONE]
    was_there = typed[DONE] if DONE in typed else cells.get(DONE) or bool(items)
    return items if was_there else None


def sits(person: Standing, attempt: int) -> bool:
    """A resit is for whoever failed the attempt before, and for whoever has one already."""
    parts = ((person.scores, person.theory), (person.checks, person.practical))
    return attempt == 1 or any(
        any(one.attempt == attempt for one in tries) or (len(tries) == attempt - 1 and verdict == Verdict.FAILED)
        for tries, verdict in parts
    )


def stored(person: Standing, found: Exam, attempt: int) -> Cells:
    cells: Cells = {}
    if found.passing_score is not None:
        score = _of(person.scores, attempt)
        cells[SCORE] = score.value if score else None
    if found.items:
        check = _of(person.checks, attempt)
        cells |= {code: bool(check and code in check.value) for code in found.items} | {DONE: check is not None}
    return cells


def ticked(person: Standing, cells: Cells, found: Exam) -> Cells:
    """Everything ticked in advance for whoever has no check yet: only failures are left to be unticked."""
    wanted = not cells[DONE] and person.practical != Verdict.PASSED
    return cells | dict.fromkeys([*found.items, DONE], True) if wanted else cells


def _of(tries: tuple[Try, ...], attempt: int) -> Try | None:
    return next((one for one in tries if one.attempt == attempt), None)


def labels(found: Exam) -> dict[str, str]:
    """{field: heading} of the columns to fill in."""
    score = {SCORE: t(L("理论分数", "Theory score"))} if found.passing_score is not None else {}
    items = {code: t(name) + (" *" if needed else "") for code, (name, needed) in found.items.items()}
    return score | items | ({DONE: t(L("实操已考", "Checked"))} if items else {})


def info(people: list[Standing], attempt: int) -> dict[str, list[str]]:
    """The columns that say who it is and how they stand."""
    before = [[_said(one) for one in (*p.scores, *p.checks) if one.attempt < attempt] for p in people]
    told = {t(L("姓名", "Name")): [p.name for p in people], t(L("单位", "Organisation")): [p.employer for p in people]}
    if not all(p.came for p in people):
        told[t(L("签到", "Attendance"))] = ["" if p.came else t(L("没签到", "Never checked in")) for p in people]
    told |= {t(L("此前", "Before")): [" · ".join(tries) for tries in before]} if attempt > 1 else {}
    return told | {t(L("结论", "Result")): [t(p.verdict.label) if p.verdict else "" for p in people]}


def _said(one: Try) -> str:
    part = L("实操", "practical") if isinstance(one.value, list) else L("理论", "theory")
    return f"{t(part)} {'' if isinstance(one.value, list) else f'{one.value:g} '}{MARK[one.passed]}"
