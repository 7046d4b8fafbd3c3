"""The board of certificates: which are in force, which end within 90, 30, 7 days, in grace, ended; ours and others'."""

import streamlit as st

from models.certificates import Standing
from models.words import L
from services import expiry
from services.access import Actor
from services.expiry import Band
from ui.shell import empty, go, header, link, number, param, set_params, t
from ui.tables import Columns, frame, picked, turn_page
from ui.words import left_words

MARKS = {
    Standing.VALID: "●",
    Standing.EXPIRING: "▲",
    Standing.GRACE: "◆",
    Standing.EXPIRED: "✕",
    Standing.REVOKED: "✕",
}
COLUMNS: Columns = {
    L("持证人", "Holder"): lambda line: line.name,
    L("证书", "Certificate"): lambda line: t(line.kind.label),
    L("状态", "State"): lambda line: f"{MARKS[line.standing]} {t(line.standing.label)}",
    L("有效期至", "Valid until"): lambda line: str(line.valid_until or t(L("长期", "No expiry"))),
    L("还有", "Time left"): lambda line: t(left_words(line.days_left)) if line.days_left is not None else "",
    L("编号", "Number"): lambda line: line.number,
    L("发证单位", "Issuer"): lambda line: line.issuer,
}


def page(actor: Actor) -> None:
    place = header(
        t(L("证书到期看板", "Certificates by expiry date")),
        L(
            "本院发的证书和志愿者持有的其他证书；已续期的不再列出，点一行打开。",
            "Our certificates and those that volunteers hold from others; renewed ones are left out. Click a row to open it.",
        ),
    )
    chosen = Band(param("band")) if param("band") in tuple(Band) else Band.QUARTER
    found = expiry.board(actor, chosen, page=max(number("page") - 1, 0))
    with place:
        link(
            L(f"宽限期 {found.grace} 天", f"{found.grace} days of grace"),
            "numbers",
            ":material/tune:",
            subject="training",
        )
    band = st.segmented_control(
        t(L("看哪些", "Show")), list(Band), default=chosen, required=True, label_visibility="collapsed",
        format_func=lambda one: f"{t(one.label)} {found.counts[one]:,}", key="certificates.band",
    )  # fmt: skip
    if band != chosen:
        set_params(band=band, page="")
        st.rerun()
    if not found.lines:
        empty(
            L("这一栏没有证书", "No certificates in this group"),
            L(
                "发证后会按到期日出现在这里。",
                "Certificates are listed here by their expiry date once they are issued.",
            ),
            "workspace_premium",
        )
        return
    if line := picked(frame(found.lines, COLUMNS), found.lines, "certificates"):
        go("certificate" if line.certificate_id else "volunteer", id=line.certificate_id or line.volunteer_id)
    turn_page(found.counts[band], expiry.PAGE, f"board.{band}")
