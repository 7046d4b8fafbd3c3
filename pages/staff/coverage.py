"""Districts and the partners in them: those without one first, every number opens its list."""

import streamlit as st

from models.words import L
from pages.staff.coverage_table import table
from services.access import Actor
from services.coverage import Coverage, coverage
from ui.shell import empty, escaped, header, param, set_params, t


def page(actor: Actor) -> None:
    header(
        t(L("区域覆盖", "Coverage")),
        L("没有合作单位的区排在最前；点数字看名单。", "Districts without a partner first; a number opens its list."),
    )
    found = coverage(actor, param("city"))
    if not found.cities:
        empty(
            L("区域列表里没有区县", "The list of regions has no districts"),
            L("在“选项”里给 regions 增补区县代码。", "Add district codes to the list “regions” under Options."),
            "map",
        )
        return
    chosen = st.selectbox(
        t(L("城市", "City")), list(found.cities), index=list(found.cities).index(found.city), width=240,
        format_func=lambda code: t(found.cities[code]), key="coverage.city",
    )  # fmt: skip
    if chosen != found.city:
        set_params(city=chosen)
        st.rerun()
    _blank(found)
    st.html(table(found.districts))
    _strays(found)


def _blank(found: Coverage) -> None:
    names = t(L("、", ", ")).join(t(district.name) for district in found.blank)
    if names:
        count = len(found.blank)
        told = L(f"空白区 {count} 个：{names}", f"{count} without a partner: {names}")
        st.warning(t(told), icon=":material/location_off:")
    else:
        st.success(
            t(L("每个区都有合作单位。", "There is a partner in every district.")), icon=":material/check_circle:"
        )


def _strays(found: Coverage) -> None:
    if not found.strays:
        return
    told = L(
        f"{found.strays_total} 家单位没有填写区域，或不在列表内",
        f"{found.strays_total} organisations have no region, or one outside the list",
    )
    with st.expander(t(told), icon=":material/help:"):
        links = (
            f"<li><a href='/organisation?id={one.id}&do=edit' target='_self'>{escaped(one.name)}</a> "
            f"<small>{escaped(one.region)}</small></li>"
            for one in found.strays
        )
        st.html(f"<ul>{''.join(links)}</ul>")
