"""The proof of service as a PDF on one page: who, how long, what, by whom, and where to check it (M67 art. 15; feature V9)."""

import segno

from models.words import L
from reports import paper
from services import clock
from services.serving_proof import Proof

TITLE = L("志愿服务记录证明", "Proof of Volunteer Service")
LABELS = {
    "holder": L("姓名", "Name"),
    "document": L("证件", "Document"),
    "volunteer_number": L("志愿者编号", "Volunteer no."),
    "period": L("服务时间", "Period of service"),
    "hours": L("服务时长", "Hours of service"),
    "unit_name": L("记录单位", "Recording unit"),
    "in_charge": L("负责人", "Person in charge"),
    "contact": L("联系电话", "Phone"),
    "purpose": L("用途", "Purpose"),
    "issued_on": L("出具日期", "Issued on"),
}
HEADINGS = (L("服务内容", "Service"), L("次数", "Times"), L("小时", "Hours"))


def printed(proof: Proof) -> dict[str, str]:
    """Every field of the proof as it stands on paper, in its order; the public check shows the same."""
    found = {name: str(getattr(proof, name)) for name in LABELS if name not in ("period", "hours")}
    found |= {"period": f"{proof.starts} — {proof.ends}", "hours": f"{proof.hours} 小时 hours"}
    return {name: found[name] for name in LABELS if found[name]}


def pdf(proof: Proof, site: str) -> bytes:
    """The paper; `site` is the address of the portal, of which the QR code leads to the check."""
    address = f"{site.rstrip('/')}{proof.address}"
    code = segno.make(address, micro=False, error="m").svg_inline(border=0, omitsize=True)
    data = {
        "title": list(TITLE),
        "number": proof.number,
        "fields": [[LABELS[name].zh, LABELS[name].en, words] for name, words in printed(proof).items()],
        "headings": [list(heading) for heading in HEADINGS],
        "lines": [[line["activity"], line["times"], line["hours"]] for line in proof.lines],
        "revoked": f"已撤销 Revoked {proof.revoked_on}" if proof.revoked_on else "",
        "address": address,
        "code": code.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1) if "xmlns" not in code else code,
    }
    return paper.pdf("proof", data, clock.now())
