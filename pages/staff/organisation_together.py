"""What was done together with an organisation: totals that open their lists, its charity projects, its files."""

from collections.abc import Sequence

import streamlit as st

from models.words import L
from services import clock, values
from services.access import Actor
from services.together import Line, Part, Proof, together
from ui.listing import as_params
from ui.shell import escaped, language, link, t
from ui.words import plural

SHOWN = 4


def card(actor: Actor, organisation_id: int) -> None:
    found = together(actor, organisation_id)
    with st.container(border=True):
        st.html(f"<h4>{t(L('一起做过', 'Done together'))}</h4>")
        if not (found.lines or found.files):
            nothing = L("还没有培训、项目或走访记录。", "No training, project or visit yet.")
            st.html(f"<p class='s'>{t(nothing)}</p>")
        for line in found.lines:
            link(_words(line), line.record.name, f":material/{line.record.icon}:", **as_params(line.filters))
        if found.parts:
            st.html(_parts(found.parts))
        if found.files:
            st.html(_files(found.files[:SHOWN], found.files_total))
        if found.files_total > SHOWN:
            with st.popover(t(L("全部佐证文件", "Every file")), icon=":material/attach_file:"):
                st.html(_files(found.files, found.files_total))


def _words(line: Line) -> L:
    """社区走访 12 · 服务人次 340"""
    label = plural(line.record.label)
    if line.summed is None or line.sum is None:
        return L(f"{label.zh} **{line.total:,}**", f"{label.en} **{line.total:,}**")
    told = values.show(line.summed, line.sum)
    name = line.summed.label
    return L(f"{label.zh} **{line.total:,}** · {name.zh} {told}", f"{label.en} **{line.total:,}** · {name.en} {told}")


def _parts(parts: Sequence[Part]) -> str:
    lines = "".join(
        f"<dt>{'、'.join(t(role.label) for role in part.roles)}</dt><dd><a href='/charity_project?id={part.project_id}' "
        f"target='_self'>{escaped(part.project)}</a>{_money(part)}</dd>"
        for part in parts
    )
    return f"<h4>{t(L('公益项目中的角色', 'Part in charity projects'))}</h4><dl class='f'>{lines}</dl>"


def _money(part: Part) -> str:
    return f" <small>{t(L('到账', 'received'))} ¥{part.amount:,.0f}</small>" if part.amount else ""


def _files(files: Sequence[Proof], total: int) -> str:
    heading = L(f"佐证文件 {total:,}", f"Files that prove it: {total:,}")
    lines = "".join(
        f"<dt>{t(file.record.label)}</dt><dd><a href='/files/{file.id}' target='_blank'>{escaped(file.name)}</a> "
        f"<small>{clock.local(file.created_at).date()}</small></dd>"
        for file in files
    )
    return f"<h4>{t(heading)}</h4><dl class='f' lang='{language()}'>{lines}</dl>"
