"""The districts of a city as a table: partners by kind and stage, shaded by how many; every number opens its list."""

from collections.abc import Sequence
from urllib.parse import urlencode

from models.partners import OrganisationKind, Stage
from models.words import L
from services.coverage import District, Number
from ui.listing import as_params
from ui.shell import escaped, page, t
from ui.tables import grid_html


def table(districts: Sequence[District]) -> str:
    kinds = [kind for kind in OrganisationKind if any(one.by_kind[kind].n for one in districts)]
    stages = [stage for stage in Stage if any(one.by_stage[stage].n for one in districts)]
    heads = [L("区域", "District"), L("单位", "Partners"), *(kind.label for kind in kinds), *(s.label for s in stages)]
    heads += [L("有效协议", "In force"), L("走访", "Visits"), L("志愿者", "Volunteers")]
    first = districts[0]
    shown = [True] * (len(heads) - 2) + [first.visits is not None, first.volunteers is not None]
    most = max((one.partners.n for one in districts), default=0)
    rows = "".join(_row(one, kinds, stages, most) for one in districts)
    return grid_html([name for name, is_shown in zip(heads, shown, strict=True) if is_shown], rows)


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
    if page(number.record.name) is not None:
        label = f"<a href='/{number.record.name}?{urlencode(as_params(number.filters))}' target='_self'>{label}</a>"
    return f"<td class='{kind}' style='--heat:{heat}%'>{label}</td>"
