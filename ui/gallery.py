"""The files that prove a record, as people would rather look at them: pictures as pictures, the rest as cards."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from models import RecordType
from models.words import L
from services import attachments, clock
from services.access import Actor
from services.attachments import File
from ui.messages import words_of
from ui.shell import Outcome, button, escaped, literal, t, token

NEWEST = 8
TAKEN = ["image/jpeg", *(f".{ending}" for ending in attachments.ENDINGS)]  # the first lets a phone offer its camera


def strip(found: Sequence[File]) -> None:
    """The newest pictures in one row, at the head of a record's page; nothing where there are none."""
    pictures = [file for file in found if file.is_picture][:NEWEST]
    if pictures:
        st.html(f"<div class='strip'>{''.join(_linked(file, _picture(file)) for file in pictures)}</div>")


def files(actor: Actor, record: RecordType, key: int, found: Sequence[File]) -> None:
    """Every file of a record, and for whoever may write it the way to add some and to take one away."""
    if found:
        cards = "".join(_linked(file, _card(file)) for file in found)
        st.html(f"<div class='gal'>{cards}</div>")
    else:
        nothing = L(
            "还没有附件：签到表、照片、协议扫描件都可以放在这里。",
            "No files yet: sign-in sheets, pictures, scanned agreements go here.",
        )
        st.caption(t(nothing))
    if actor.may("write", record.area):
        _upload(actor, record, key)
        if found:
            _remove(actor, found)


def _linked(file: File, inner: str) -> str:
    return f"<a href='/files/{file.id}' target='_blank' title='{escaped(file.name)}'>{inner}</a>"


def _picture(file: File) -> str:
    return f"<img src='/files/{file.id}/thumb' loading='lazy' alt='{escaped(file.name)}'>"


def _card(file: File) -> str:
    """What is seen of it, its name, how large it is, who added it and when."""
    ending = file.name.rsplit(".", 1)[-1].upper()
    seen = _picture(file) if file.is_drawn else f"<i>{escaped(ending)}</i>"
    kind = "" if file.is_picture else f"{ending} · "
    facts = f"{kind}{_size(file.size)} · {clock.local(file.created_at):%Y-%m-%d %H:%M}"
    return f"{seen}<span>{escaped(file.name)}<small>{escaped(facts)}</small><small>{escaped(file.by)}</small></span>"


def _size(size: int) -> str:
    return f"{size / (1 << 20):.1f} MB" if size >= 1 << 20 else f"{max(size / 1024, 1):,.0f} KB"


def _upload(actor: Actor, record: RecordType, key: int) -> None:
    form = f"attach.{record.name}.{key}"
    label = L(
        "添加附件（图片、PDF、Office，可多选，每个 20 MB 以内）",
        "Add files (pictures, PDF, Office; several at once, up to 20 MB each)",
    )
    with st.container(key="add-files"):
        given = st.file_uploader(t(label), type=TAKEN, accept_multiple_files=True, key=f"{token(form)}.file")

    def act(used: str) -> Outcome:
        contents = [(file.name, file.getvalue()) for file in given]
        refused = attachments.attach_all(actor, record, key, contents, token=used)
        return _told(len(contents) - len(refused), refused)

    if given:
        save = L(f"保存 {len(given)} 个附件", f"Save {len(given)} files" if len(given) > 1 else "Save the file")
        button(save, act, form=form, kind="primary")


def _told(kept: int, refused: dict[str, str]) -> Outcome:
    """How many were kept, and each of the others by its name."""
    if not refused:
        return Outcome(L(f"已保存 {kept} 个附件", f"{kept} files attached" if kept > 1 else "File attached"))
    why = [(literal(name), words_of(code)) for name, code in refused.items()]
    zh = "；".join(f"{name}（{words.zh}）" for name, words in why)
    en = "; ".join(f"{name} ({words.en})" for name, words in why)
    return Outcome(L(f"已保存 {kept} 个，未保存：{zh}", f"{kept} attached; not attached: {en}"), partly=True)


def _remove(actor: Actor, found: Sequence[File]) -> None:
    """One file is taken away, its name chosen from the list."""
    names = {file.id: f"{file.name} · {clock.local(file.created_at):%m-%d %H:%M}" for file in found}
    with st.popover(t(L("移除附件", "Remove a file")), icon=":material/delete:"):
        chosen = st.selectbox(t(L("哪一个", "Which")), list(names), format_func=lambda key: names[key], key="detach")
        if chosen is not None:
            button(L("移除", "Remove"), partial(_detach, actor, chosen), form=f"detach.{chosen}")


def _detach(actor: Actor, key: int, _used: str) -> Outcome:
    attachments.remove(actor, key)
    return Outcome(L("附件已移除", "File removed"))
