"""Districts and the partners in them: those without one first, every number opens its list."""

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from models.partners import OrganisationKind, Stage
from models.words import L
from services.access import Actor
from services.coverage import Coverage, District, Number, coverage
from ui.listing import as_params
from ui.shell import empty, escaped, header, param, set_params, t
from ui.shell import page as page_at


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
    st.html(_table(found.districts))
    _strays(found)


def _blank(found: Coverage) -> None:
    names = "、".join(t(district.name) for district in found.blank)
    if names:
        count = len(found.blank)
        told = L(f"空白区 {count} 个：{names}", f"{count} without a partner: {names.replace('、', ', ')}")
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


# -- the table --------------------------------------------------


def _table(districts: Sequence[District]) -> str:
    kinds = [kind for kind in OrganisationKind if any(one.by_kind[kind].n for one in districts)]
    stages = [stage for stage in Stage if any(one.by_stage[stage].n for one in districts)]
    heads = [L("区域", "District"), L("单位", "Partners"), *(kind.label for kind in kinds), *(s.label for s in stages)]
    heads += [L("有效协议", "In force"), L("走访", "Visits"), L("志愿者", "Volunteers")]
    first = districts[0]
    shown = [True] * (len(heads) - 2) + [first.visits is not None, first.volunteers is not None]
    head = "".join(f"<th scope='col'>{t(name)}</th>" for name, is_shown in zip(heads, shown, strict=True) if is_shown)
    most = max((one.partners.n for one in districts), default=0)
    rows = "".join(_row(one, kinds, stages, most) for one in districts)
    return f"<div class='grid' tabindex='0'><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"


def _row(one: District, kinds: Sequence[OrganisationKind], stages: Sequence[Stage], most: int) -> str:
    groups: list[list[Number]] = [[one.by_kind[kind] for kind in kinds], [one.by_stage[stage] for stage in stages]]
    groups.append([number for number in (one.agreements, one.visits, one.volunteers) if number is not None])
    cells = _cell(one.partners, most, "sum")
    for group in groups:
        cells += "".join(_cell(number, most, "" if place else "gap") for place, number in enumerate(group))
    kind = "" if one.partners.n else " class='blank'"
    return f"<tr{kind}><th scope='row'>{escaped(t(one.name))}</th>{cells}</tr>"


def _cell(number: Number, most: int, kind: str) -> str:
    if not number.n:
        return f"<td class='{kind} no'>{0 if kind == 'sum' else '·'}</td>"
    heat = min(8 + 50 * number.n // max(most, 1), 58) if number.record.name == "organisation" else 0
    label = f"{number.n:,}"
    if page_at(number.record.name) is not None:
        label = f"<a href='/{number.record.name}?{urlencode(as_params(number.filters))}' target='_self'>{label}</a>"
    return f"<td class='{kind}' style='--heat:{heat}%'>{label}</td>"
