"""The certificates of a session in one PDF, made by the worker and downloaded once it is there."""

import streamlit as st

from models.words import L
from reports import certificates as papers
from services import jobs
from services.access import Actor
from services.eligibility import Eligibility
from ui.exchange import underway
from ui.shell import Outcome, button, escaped, number, site, t


def printing(actor: Actor, session_id: int, found: Eligibility) -> None:
    """The class's certificates in one PDF, made by the worker."""
    issued = sum(bool(one.number) and not one.is_revoked for one in found.candidates)
    if not issued or not (actor.may("export", "training") and actor.may("personal", "training")):
        return
    task = jobs.get(actor, number("job")) if number("job") else None
    if task is not None:
        if not underway(actor, task):
            rows = task.result["rows"]
            words = t(
                L(f"下载 {rows} 张证书", f"Download {rows} certificates" if rows > 1 else "Download the certificate")
            )
            st.html(f"<a href='/files/job/{task.id}' target='_blank'>{escaped(words)}</a>")
        return

    def act(_used: str) -> Outcome:
        key = papers.submit(actor, session_id, site())
        return Outcome(L("正在排版证书", "Preparing the certificates"), "certify", {"id": session_id, "job": key})

    label = L(f"打印全班 {issued} 张", f"Print all {issued}")
    button(label, act, form=f"print.{session_id}", icon=":material/print:")
