"""A document in place: a new version with its file, published in one act; one in force taken back, for a reason."""

import streamlit as st

from models.words import L
from services import clock, deliverables
from services.access import Actor
from services.deliverables import Item, Version
from services.errors import Invalid
from ui.shell import Outcome, button, errors_of, field_key, field_value, literal, t


def publish(actor: Actor, item: Item, *, first: bool) -> None:
    form = f"publish.{item.id}"
    label = L("上传并发布", "Upload and publish") if first else L("发布新版本", "Publish a new version")
    with st.popover(t(label), icon=":material/upload_file:", type="primary" if first else "secondary"):
        st.markdown(f"**{literal(item.name)}**")
        st.file_uploader(t(L("文件 *（PDF、Word、图片）", "File * (PDF, Word, picture)")), key=field_key(form, "file"))
        hint = t(L("留空则自动编号", "Numbered by itself if empty"))
        st.text_input(t(L("版本", "Version")), key=field_key(form, "version"), placeholder=hint)
        today = clock.today()
        st.date_input(t(L("发布日期", "Published on")), today, key=field_key(form, "day"), format="YYYY-MM-DD")

        def act(used: str) -> Outcome:
            file, version, day = (field_value(form, name) for name in ("file", "version", "day"))
            if file is None:
                raise Invalid({"file": "required"})
            given = {"version_name": version or "", "published_on": day, "token": used}
            deliverables.publish(actor, item.id, file.name, file.getvalue(), **given)
            return Outcome(L(f"已发布：{literal(item.name)}", f"Published: {literal(item.name)}"))

        button(L("发布", "Publish"), act, form=form, kind="primary", icon=":material/check:")
        errors_of(form)


def retire(actor: Actor, one: Version) -> None:
    form = f"retire.{one.id}"
    with st.popover("", icon=":material/more_horiz:", help=t(L("更多", "More"))):
        st.text_input(t(L("废止的理由 *", "Reason for retiring it *")), key=field_key(form, "reason"))

        def act(_used: str) -> Outcome:
            deliverables.retire(actor, one.id, field_value(form, "reason", ""))
            return Outcome(L(f"已废止：{literal(one.title)}", f"Retired: {literal(one.title)}"))

        button(L("废止", "Retire"), act, form=form)
        errors_of(form)
