"""The lines of the call list: what stands in their columns, and their order in one sentence."""

from collections.abc import Callable, Mapping
from typing import Any

from models.people import Availability
from models.words import L
from services import options
from services.readiness import CallOrder, CallQuery, Ready
from ui.shell import t
from ui.tables import Columns

FREE_NOW = L("此刻有空的", "those who have time now")
NEAR = L("住在该区域的", "those who live in the region")
EXPERIENCED = L("出勤过且休息最久的", "those with experience, rested longest")
LASTING = L("每人都持有所选证书；证书一列写的是最久有效的一张，可能是同级或更高的。",
            " Everybody holds the certificate chosen; the column shows the one that lasts longest, "
            "which may be another of equal or higher level.")  # fmt: skip
ORDERS = {
    CallOrder.RESTED: L("次序：上次出勤最早的在前，还没有出勤过的在最后。",
                        "Order: those whose last duty is longest ago; those who never had one come last."),
    CallOrder.HOURS: L("次序：服务时长最多的在前。", "Order: those who served the most hours first."),
    CallOrder.NAME: L("次序：按姓名拼音。", "Order: by name."),
}  # fmt: skip


def regions() -> dict[str, L]:
    """Districts first, then whole cities and provinces, as where people register."""
    known = options.labels("regions")
    return {code: known[code] for code in sorted(known, key=lambda code: code.endswith("00"))}


def order_words(query: CallQuery) -> L:
    """Who stands first, in one sentence."""
    if query.order != CallOrder.USUAL:
        return ORDERS[query.order]
    steps = [*([] if query.slot else [FREE_NOW]), *([NEAR] if query.region else []), EXPERIENCED]
    zh, en = "，其次是".join(step.zh for step in steps), ", then ".join(step.en for step in steps)
    return L(f"次序：先是{zh}；还没有出勤过的在最后。", f"Order: {en}; those who never had a duty come last.")


def _rest(row: Ready) -> str:
    if row.who.last_duty is None:
        return t(L("还没有出勤", "none yet"))
    return t(L(f"{row.who.last_duty}（休息 {row.rested} 天）", f"{row.who.last_duty} ({row.rested} days ago)"))


def columns(phones: Mapping[int, str]) -> Columns:
    """With these numbers in full, by volunteer."""
    return COLUMNS | {PHONE: lambda row: phones.get(row.who.id, row.who.phone)}


PHONE = L("手机", "Phone")
COLUMNS: dict[L, Callable[[Ready], Any]] = {
    L("姓名", "Name"): lambda row: row.who.name,
    PHONE: lambda row: row.who.phone,
    L("上次出勤", "Last duty"): _rest,
    L("服务小时", "Hours"): lambda row: str(row.hours) if row.hours else "",
    L("居住区域", "Region"): lambda row: row.who.region,
    L("服务区域", "Serves in"): lambda row: row.service_area,
    L("证书", "Certificate"): lambda row: t(row.who.certificate.label) if row.who.certificate else "",
    L("有效期至", "Valid until"): lambda row: row.who.expires_on.isoformat() if row.who.expires_on else "—",
    L("可服务时间", "Availability"): lambda row: t(L("、", ", ")).join(
        t(Availability(one).label) for one in row.who.availability
    ),
}
