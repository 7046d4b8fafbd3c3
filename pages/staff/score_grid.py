"""The table of one attempt: a score, a tick for each item, one save for the class; what is wrong is told by name."""

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from models.words import L
from pages.staff.score_cells import SCORE, changes, info, labels, sits, stored, ticked
from services import assessment, clock
from services.access import Actor
from services.assessment import Exam, Sitting
from ui.messages import words_of
from ui.shell import Outcome, button, errors, escaped, field_key, field_value, t
from ui.tables import height


def grid(actor: Actor, key: int, found: Exam, attempt: int) -> None:
    """The save stands above the table and always there, so that nothing moves under the typing hand. The cells take any
    number: one that is no score is told in words, never turned into another."""
    may, form = actor.may("write", "training"), f"exam.{key}.{attempt}"
    people = [person for person in found.people if sits(person, attempt)]
    if not people:
        nobody, none = L("没有需要补考的人。", "Nobody needs a resit."), L("还没有学员。", "No trainees yet.")
        st.info(t(nobody if attempt > 1 else none))
        return
    all_ticked = may and bool(found.items) and _all_ticked(form)
    before = [stored(person, found, attempt) for person in people]
    drawn = [
        ticked(person, cells, found) if all_ticked else cells for person, cells in zip(people, before, strict=True)
    ]
    field = f"grid.{all_ticked}"

    def marked() -> tuple[dict[int, float | None], dict[int, list[str] | None]]:
        edits = (field_value(form, field) or {}).get("edited_rows", {})
        names = {label: name for name, label in labels(found).items()}
        typed = {int(place): {names[label]: value for label, value in cells.items()} for place, cells in edits.items()}
        return changes(people, before, [cells | typed.get(n, {}) for n, cells in enumerate(drawn)], typed)

    if may:
        _save(actor, key, form, attempt, found, marked)
    headings, fixed = labels(found), info(people, attempt)
    frame = pd.DataFrame(fixed | {headings[name]: [cells[name] for cells in drawn] for name in headings})
    number = st.column_config.NumberColumn(step=0.1, format="%g")
    st.data_editor(
        frame, hide_index=True, key=field_key(form, field), placeholder="", height=height(len(frame)),
        disabled=list(frame.columns) if not may else list(fixed), column_config={headings.get(SCORE, ""): number},
    )  # fmt: skip


def _told(zh: str, en: str, count: int) -> L:
    """With how many people it is about."""
    return L(zh.format(people=f"{count} 人"), en.format(people="1 person" if count == 1 else f"{count} people"))


def _all_ticked(form: str) -> bool:
    """Kept as it is while something is typed, which another table would lose."""
    typed = any((field_value(form, f"grid.{on}") or {}).get("edited_rows") for on in (True, False))
    return st.toggle(
        t(L("实操先全部勾上，只改没过的", "Tick every item first, then untick what failed")),
        key=field_key(form, "ticked"),
        disabled=typed,
    )


def _save(actor: Actor, key: int, form: str, attempt: int, found: Exam, marked: Any) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(t(L("考官", "Examiner")), actor.name, key=field_key(form, "examiner"), width=160, max_chars=60)
        st.date_input(
            t(L("考核日期", "Examined on")), min(clock.local(found.starts).date(), clock.today()),
            max_value=clock.today(), key=field_key(form, "on"), format="YYYY-MM-DD", width=160,
        )  # fmt: skip

        def act(used: str) -> Outcome:
            on: date | None = field_value(form, "on")
            sitting = Sitting(attempt, (field_value(form, "examiner") or "").strip(), on)
            scores, checks = marked()
            assessment.take(actor, key, scores, checks, sitting, token=used)
            return Outcome(_told("已保存 {people}的成绩", "Results of {people} saved", len({*scores, *checks})))

        scores, checks = marked()
        count = len({*scores, *checks})
        label = _told("保存 {people}的成绩", "Save the results of {people}", count)
        button(label, act, form=form, kind="primary", icon=":material/check:", disabled=not count)
    names = {str(person.person_id): person.name for person in found.people}
    above = {str(who): "score_range" for who, score in scores.items() if score is not None and not 0 <= score <= 100}
    for who, code in (errors(form) | above).items():
        told = (f"{names[who]}{t(L('：', ': '))}" if who in names else "") + t(words_of(code))
        st.html(f"<p class='fe' role='alert'>{escaped(told)}</p>")
