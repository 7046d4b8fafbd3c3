"""The form of a session: what stands against it is told while people type, before anything is saved."""

from datetime import datetime

import streamlit as st

from models.words import L
from pages.staff import equipment, recurring
from services import planning, training
from services.access import Actor
from services.planning import Advice, Few
from ui.shell import field_key, literal, t
from ui.words import span

REASON = L("仍要保存的理由（写了就能保存，会记入日志）", "Reason for saving all the same (is logged)")


def advise(actor: Actor, given: dict[str, object], key: int) -> None:
    """Equipment, repetition, and what stands against the session as it is typed."""
    starts, ends = given.get("starts"), given.get("ends")
    if not isinstance(starts, datetime) or not isinstance(ends, datetime) or ends <= starts:
        st.caption(
            t(
                L(
                    "填好开始和结束时间后，可选教具、看冲突。",
                    "With both times filled in, kit and clashes show here.",
                )
            )
        )
        return
    form = _form(key)
    wanted = equipment.picker(actor, starts, ends, form, key)
    recurs = recurring.draw(actor, given, wanted, form, key)
    found = planning.advice(actor, given, wanted, key or None)
    tell(found)
    if found.refused or recurs:
        st.text_input(t(REASON), key=field_key(form, "override"), max_chars=500)


def save(actor: Actor, given: dict[str, object], key: int | None, version: int | None, used: str) -> int:
    reason = str(st.session_state.get(f"{used}.override", ""))
    wanted = equipment.picked(_form(key or 0)) if f"{used}.equipment" in st.session_state else None
    if recurring.asked(used):
        return recurring.save(actor, given, key, version, used, wanted, reason)
    return training.save_session(
        actor, given, id=key, version=version, token=used, override_reason=reason, equipment=wanted
    )


def tell(found: Advice) -> None:
    """What is refused without a reason first, then what is only worth knowing."""
    for refused in _refusals(found):
        st.warning(t(refused), icon=":material/event_busy:")
    for hint in _hints(found):
        st.info(t(hint), icon=":material/info:")


def _refusals(found: Advice) -> list[L]:
    told = []
    for clash in found.clashes:
        when, name = span(clash.starts, clash.ends), literal(clash.name)
        title = literal(clash.title)
        does = (
            L("这段时间在上", "teaches at that time:")
            if clash.kind == "instructor"
            else L("这段时间已排", "is taken at that time by")
        )
        told.append(L(f"{name} {does.zh} {title or '其他站点的培训'}（{when.zh}）",
                      f"{name} {does.en} {title or 'a session of another station'} ({when.en})"))  # fmt: skip
    for short in found.short:
        name = literal(short.name)
        told.append(L(f"{name}：要 {short.wanted} 件，那段时间只剩 {short.free} 件（可用共 {short.usable} 件）",
                      f"{name}: {short.wanted} wanted, {short.free} of {short.usable} free at that time"))  # fmt: skip
    told += [
        L(f"{literal(one.name)} 的师资证书 {one.until} 到期，到那天已失效",
          f"The certificate of {literal(one.name)} ends on {one.until}, before that day")
        for one in found.lapsed
    ]  # fmt: skip
    for left in found.left_open[:3]:
        title = literal(left.title)
        told.append(
            L(f"早已结束、还没结班：{title}。请先结班", f"Ended long ago and not closed: {title}. Close it first")
        )
    return told


def _hints(found: Advice) -> list[L]:
    told = [
        L(f"{literal(one.name)} 没有登记师资证书", f"No certificate of {literal(one.name)} is on file")
        for one in found.unfit if one.until is None
    ]  # fmt: skip
    ratios: list[tuple[Few | None, L]] = [
        (found.seats, L("场地只能坐 {there} 人，名额是 {needed} 人", "The venue seats {there}, the session {needed}")),
        (found.instructors, L("按课程的师资比需要 {needed} 名讲师，现有 {there} 名",
                              "The course asks for {needed} instructors, there are {there}")),
        (found.manikins, L("按课程的要求需要 {needed} 个模拟人，已约 {there} 个",
                           "The course asks for {needed} manikins, {there} are booked")),
    ]  # fmt: skip
    return told + [words.format(there=few.there, needed=few.needed) for few, words in ratios if few]


def _form(key: int) -> str:
    return f"training_session.{key or 'new'}"
