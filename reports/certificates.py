"""The certificates of a class, or one alone, as PDF on A4 across, printed from what was kept at their issue (feature T7)."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from models.words import L
from reports import paper
from services import certificates, clock, jobs, verifying
from services.access import Actor
from services.errors import Invalid, NotFound
from services.jobs import Told, does

RECORD = certificates.CERTIFICATE
TITLE = L("证书", "Certificates")
SCAN = L("扫码查验", "Scan to verify")
NO_END = "长期 No expiry"


def pdf(rows: Sequence[Mapping[str, Any]], site: str) -> bytes:
    """The certificates with these printed values, one a page; site: the address of this portal, which the QR codes lead to."""
    told = {
        "title": " ".join(TITLE),
        "author": rows[0]["issuer"],
        "scan": SCAN._asdict(),
        "seal": "（盖章）",
        "signed": "负责人 Person in charge",
        "certificates": [_page(row, site) for row in rows],
    }
    return paper.pdf("certificate", told, clock.now())


def _page(row: Mapping[str, Any], site: str) -> dict[str, Any]:
    until = row["valid_until"]
    facts = [
        ("证书编号 Certificate No.", row["number"]),
        ("培训日期 Dates of training", _span(row["starts_on"], row["ends_on"])),
        ("学时 Class hours", f"{row['hours']:g}"),
        ("有效期至 Valid until", f"{until}" if until else NO_END),
    ]
    if row["renews"]:
        facts.append(("续自 Renews", row["renews"]))
    return {
        "issuer": {"zh": row["issuer"], "en": row["issuer_en"]},
        "title": {"zh": row["title"], "en": row["title_en"]},
        "holder": row["holder"],
        "document": f"证件号码 ID  {row['document']}" if row["document"] else "",
        "statement": _statement(row)._asdict(),
        "facts": [{"label": label, "value": value} for label, value in facts],
        "qr": verifying.qr_svg(f"{site.rstrip('/')}{verifying.path(row['number'])}"),
        "code": f"校验码 {verifying.check_code(row['number'])}",
        "person": row["person_in_charge"],
        "issued": f"发证日期 Issued on {row['issued_on']}",
        "copy": f"补发 Copy {row['copies']} · {row['copied_on']}" if row["copies"] else "",
    }


def _statement(row: Mapping[str, Any]) -> L:
    """The course stands at the end: its name is the hospital's, and no article would suit every one."""
    course, unit = row["course_name_en"] or row["course_name"], "hour" if row["hours"] == 1 else "hours"
    return L(
        f"参加“{row['course_name']}”，完成 {row['hours']:g} 学时培训，经考核合格，特发此证。",
        f"has completed the following training and met its requirements: {course}, {row['hours']:g} class {unit}.",
    )


def _span(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} – {last}"


def one(actor: Actor, key: int, site: str) -> tuple[str, bytes]:
    """The name and content of the PDF of one certificate. Raises NotFound, also for one that was revoked, and Denied."""
    rows = certificates.printed(actor, keys=[key])
    if not rows:
        raise NotFound(record=RECORD.name, id=key)
    return f"{rows[0]['number']}.pdf", pdf(rows, site)


def submit(actor: Actor, session_id: int, site: str) -> int:
    """Queue the certificates of a session in one PDF; returns the job's id. Raises Denied."""
    actor.need("personal", RECORD.area)
    return jobs.submit(actor, "certificates", {"record": RECORD.name, "session": session_id, "site": site})


@does("certificates")
def _class(actor: Actor, params: Mapping[str, Any], _words: jobs.Words, told: Told) -> dict[str, Any]:
    rows = certificates.printed(actor, params["session"])
    if not rows:
        raise Invalid({"": "nobody_certified"})
    told("pdf", 0, len(rows))
    with TemporaryDirectory() as folder:
        path = Path(folder, "certificates.pdf")
        path.write_bytes(pdf(rows, params["site"]))
        first, last = rows[0]["number"], rows[-1]["number"]
        name = first if first == last else f"{first}至{last.rsplit('-', 1)[-1]}"
        return {"rows": len(rows), **jobs.keep(path, f"{name}.pdf")}
