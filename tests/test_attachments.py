"""Files that prove a record: checked by content, seen by those who see the record, every download on record."""

import io
import subprocess
import zipfile
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from PIL import Image
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from models import RECORDS
from models.system import Account, Attachment, AuditEntry, Role, Verb
from services import accounts, attachments, clock, db, files, jobs, store, thumbs
from services.access import SYSTEM
from services.errors import AlreadyDone, Denied, Invalid, NotFound
from services.store import Query
from tests.conftest import Cast
from web import files as routes

ORGANISATION, VOLUNTEER = RECORDS["organisation"], RECORDS["volunteer"]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
PDF = b"%PDF-1.7\n%\xe2\xe3\n"


def xlsx() -> bytes:
    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    return stream.getvalue()


def zipped(**parts: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as book:
        for name, text in parts.items():
            book.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"), text)
    return stream.getvalue()


DOCX = {"[Content_Types]_xml": "", "word__document_xml": ""}


@pytest.fixture
def partner(cast: Cast) -> int:
    return store.save(cast.he, ORGANISATION, {"name": "康馨基金会", "kind": "foundation", "unit_id": cast.station})


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("签到表.png", PNG),
        ("协议.PDF", PDF),
        ("名册.xlsx", xlsx()),
        ("总结.docx", zipped(**DOCX)),
        ("旧表.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "Workbook".encode("utf-16-le")),
        ("说明.csv", "姓名,电话\n王芳,1\n".encode("gbk")),
    ],
)
def test_what_a_hospital_keeps_is_taken(cast: Cast, partner: int, name: str, data: bytes) -> None:
    key = attachments.attach(cast.he, ORGANISATION, partner, name, data)
    file, content = attachments.open(cast.he, key)
    assert (file.name, file.size, content) == (name, len(data), data)
    assert [item.id for item in attachments.list(cast.he, ORGANISATION, partner)] == [key]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.png", b"<script>alert(1)</script>", "file_type"),
        ("a.html", b"<html></html>", "file_type"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_type"),
        ("a.exe", b"MZ" + b"\0" * 100, "file_type"),
        ("a.pdf", PNG, "file_type"),
        ("a.xlsx", zipped(a_xml=""), "file_type"),
        ("a.docx", zipped(**DOCX, word__vbaProject_bin="x"), "file_type"),
        ("a.xlsx", b"PK\x03\x04broken", "file_type"),
        ("a.txt", b"", "empty_file"),
        ("a.txt", b"x" * (attachments.LARGEST + 1), "file_size"),
    ],
)
def test_anything_else_is_refused_by_its_content(cast: Cast, partner: int, name: str, data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as error:
        attachments.attach(cast.he, ORGANISATION, partner, name, data)
    assert error.value.fields == {"file": code}


def test_a_name_leads_into_no_folder(cast: Cast, partner: int) -> None:
    key = attachments.attach(cast.he, ORGANISATION, partner, "..\\..\\etc/pass\x00wd.png", PNG)
    assert attachments.open(cast.he, key)[0].name == "passwd.png"


def test_who_does_not_see_the_record_does_not_get_its_files(cast: Cast, partner: int) -> None:
    key = attachments.attach(cast.he, ORGANISATION, partner, "a.png", PNG)
    there = store.save(cast.he, ORGANISATION, {"name": "乙", "kind": "school", "unit_id": cast.other_station})
    elsewhere = attachments.attach(cast.he, ORGANISATION, there, "b.png", PNG)
    with pytest.raises(Denied):
        attachments.open(cast.stranger, key)
    with pytest.raises(NotFound):
        attachments.open(cast.wang, elsewhere)
    with pytest.raises(Denied):
        attachments.attach(cast.chen, ORGANISATION, partner, "a.png", PNG)
    with pytest.raises(Denied):
        attachments.remove(cast.chen, key)
    assert attachments.open(cast.chen, key)[1] == PNG


def test_the_files_of_another_station_are_neither_listed_nor_counted(cast: Cast, partner: int) -> None:
    there = store.save(cast.he, ORGANISATION, {"name": "乙", "kind": "school", "unit_id": cast.other_station})
    for key in (partner, there):
        attachments.attach(cast.he, ORGANISATION, key, "名单.png", PNG)
    both = [partner, there]
    assert attachments.counts(cast.wang, ORGANISATION, both) == {partner: 1}
    assert [file.of for file in attachments.of_many(cast.wang, ORGANISATION, both)] == [partner]
    store.remove(SYSTEM, ORGANISATION, partner)
    assert attachments.counts(cast.he, ORGANISATION, both) == {partner: 1, there: 1}
    assert [file.of for file in attachments.of_many(cast.he, ORGANISATION, both)] == both


def test_a_file_that_was_removed_is_gone_and_its_trace_stays(cast: Cast, partner: int) -> None:
    key = attachments.attach(cast.he, ORGANISATION, partner, "a.png", PNG)
    attachments.open(cast.he, key)
    attachments.remove(cast.he, key)
    with pytest.raises(NotFound):
        attachments.open(cast.he, key)
    assert attachments.list(cast.he, ORGANISATION, partner) == []
    with db.reading(SYSTEM) as s:
        trace = select(AuditEntry).where(AuditEntry.record == "organisation", AuditEntry.record_id == partner)
        verbs = [entry.verb for entry in sorted(s.exec(trace), key=lambda entry: entry.id or 0)]
    assert verbs == [Verb.CREATE, Verb.ATTACH, Verb.DOWNLOAD, Verb.REMOVE]


def test_the_same_content_is_stored_once(cast: Cast, partner: int) -> None:
    for name in ("a.png", "b.png"):
        attachments.attach(cast.he, ORGANISATION, partner, name, PNG)
    assert len(attachments.list(cast.he, ORGANISATION, partner)) == 2
    assert files.read(files.content_key(files.keep(PNG))) == PNG


# -- several at once, small pictures, and what goes with an erased record --------------------------------------------------


def drawn(size: tuple[int, int] = (800, 600), kind: str = "PNG", **more: Any) -> bytes:
    """A picture that is red at the left and white at the right."""
    made = Image.new("RGB", size, "white")
    made.paste("red", (0, 0, size[0] // 2, size[1]))
    stream = io.BytesIO()
    made.save(stream, kind, **more)
    return stream.getvalue()


def seen(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_of_several_files_the_bad_are_told_by_name_and_the_good_stay(cast: Cast, partner: int) -> None:
    given = [("甲.png", drawn()), ("坏.png", b"MZ"), ("乙.pdf", PDF), ("空.txt", b"")]
    refused = attachments.attach_all(cast.he, ORGANISATION, partner, given, token="one")
    assert refused == {"坏.png": "file_type", "空.txt": "empty_file"}
    assert [item.name for item in attachments.list(cast.he, ORGANISATION, partner)] == ["乙.pdf", "甲.png"]
    with pytest.raises(AlreadyDone):
        attachments.attach_all(cast.he, ORGANISATION, partner, given, token="one")
    with pytest.raises(Denied):
        attachments.attach_all(cast.chen, ORGANISATION, partner, given)
    other = store.save(cast.he, ORGANISATION, {"name": "乙", "kind": "school", "unit_id": cast.other_station})
    attachments.attach(cast.he, ORGANISATION, other, "丙.png", drawn())
    assert attachments.counts(cast.chen, ORGANISATION, [partner, other, 999]) == {partner: 2, other: 1}
    assert attachments.counts(cast.wang, ORGANISATION, [partner, other]) == {partner: 2}
    assert attachments.counts(cast.wang, ORGANISATION, []) == {}


def test_the_list_says_who_added_a_file(cast: Cast, partner: int) -> None:
    accounts.create_account(SYSTEM, "lan", "何岚", (Role.PARTNER_MANAGER,))
    with db.reading(SYSTEM) as session:
        key = session.exec(select(Account.id).where(Account.username == "lan")).one()
    attachments.attach(replace(cast.he, account_id=key), ORGANISATION, partner, "a.png", drawn())
    assert [item.by for item in attachments.list(cast.he, ORGANISATION, partner)] == ["何岚"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_small_picture_is_made_once_and_says_nothing_but_its_pixels(cast: Cast, partner: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "CAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    more = {} if kind == "GIF" else {"exif": exif}
    data = drawn((800, 600), kind, **more)
    key = attachments.attach(cast.he, ORGANISATION, partner, f"a.{kind.lower()}", data)
    small = attachments.thumb(cast.he, key)
    picture = seen(small)
    assert picture.size == ((320, 240) if kind == "GIF" else (240, 320))
    assert b"CAMERA" not in small and not picture.getexif() and len(small) < 20_000
    red: Any = picture.convert("RGB").getpixel((40, 40))
    assert red[0] > 200 and red[1] < 80
    assert attachments.thumb(cast.he, key) == files.read(files.thumb_key(files.hashed(data)))


def test_the_first_page_of_a_pdf_is_drawn(cast: Cast, partner: int) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (400, 200), "red").save(stream, "PDF")
    key = attachments.attach(cast.he, ORGANISATION, partner, "协议.pdf", stream.getvalue())
    assert seen(attachments.thumb(cast.he, key)).size == (320, 160)


def test_a_picture_that_would_burst_or_cannot_be_read_has_no_small_one(cast: Cast, partner: int) -> None:
    bomb = bytearray(drawn((8, 8)))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4, "big")
    for name, data in (("bomb.png", bytes(bomb)), ("half.png", drawn()[:60]), ("half.pdf", PDF), ("a.csv", b"a,b")):
        key = attachments.attach(cast.he, ORGANISATION, partner, name, data)
        with pytest.raises(NotFound):
            attachments.thumb(cast.he, key)
        assert attachments.open(cast.he, key)[1] == data


@pytest.mark.parametrize(("code", "kept"), [(1, True), (-9, False), (None, False)])
def test_only_what_the_content_itself_forbids_is_kept_as_not_drawn(
    cast: Cast, partner: int, monkeypatch: pytest.MonkeyPatch, code: int | None, kept: bool
) -> None:
    def run(*_: Any, **__: Any) -> subprocess.CompletedProcess[bytes]:
        if code is None:
            raise subprocess.TimeoutExpired("draw", 1)
        return subprocess.CompletedProcess([], code, b"half a pic")

    data = drawn((50 + (code or 0), 50))
    key = attachments.attach(cast.he, ORGANISATION, partner, "a.png", data)
    files.remove(files.thumb_key(files.hashed(data)))
    with monkeypatch.context() as patched:
        patched.setattr(subprocess, "run", run)
        with pytest.raises(NotFound):
            attachments.thumb(cast.he, key)
    assert files.exists(files.thumb_key(files.hashed(data))) == kept
    if not kept:
        assert attachments.thumb(cast.he, key)


def test_a_small_picture_does_not_outlive_its_content(
    cast: Cast, partner: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = drawn((90, 60))
    sha256, draw = files.hashed(data), thumbs._drawn
    key = attachments.attach(cast.he, ORGANISATION, partner, "a.png", data)

    def dropped_meanwhile(*given: Any) -> bytes | None:
        store.remove(SYSTEM, ORGANISATION, partner)
        store.empty_bins(clock.now() + timedelta(days=1))
        return draw(*given)

    monkeypatch.setattr(thumbs, "_drawn", dropped_meanwhile)
    assert attachments.thumb(cast.he, key)
    assert not files.exists(files.content_key(sha256)) and not files.exists(files.thumb_key(sha256))


def test_an_erased_record_takes_its_files_along_unless_another_holds_the_same(cast: Cast, partner: int) -> None:
    other = store.save(cast.he, ORGANISATION, {"name": "乙", "kind": "school"})
    shared, own, taken = (drawn((40 + n, 40)) for n in range(3))
    for record, data in ((partner, shared), (other, shared), (partner, own), (partner, taken)):
        attachments.thumb(cast.he, attachments.attach(cast.he, ORGANISATION, record, "a.png", data))
    attachments.remove(cast.he, attachments.list(cast.he, ORGANISATION, partner)[0].id)
    store.remove(SYSTEM, ORGANISATION, partner)
    assert store.empty_bins(clock.now() + timedelta(days=1)) == 1
    there = [(files.exists(files.content_key(sha)), files.exists(files.thumb_key(sha)))
             for sha in map(files.hashed, (shared, own, taken))]  # fmt: skip
    assert there == [(True, True), (False, False), (False, False)]
    assert [item.name for item in attachments.list(cast.he, ORGANISATION, other)] == ["a.png"]
    with db.reading(SYSTEM) as session:
        assert [row.record_id for row in session.exec(select(Attachment))] == [other]


# Over HTTP


def test_the_small_picture_has_the_right_of_its_file_and_no_line_in_the_audit(cast: Cast, partner: int) -> None:
    key = attachments.attach(cast.he, ORGANISATION, partner, "a.png", drawn())
    before = db.data_version()
    answer = client().get(f"/files/{key}/thumb", headers=signed_in(Role.LEADER))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert "private" in answer.headers["cache-control"] and answer.headers["vary"] == "cookie"
    with db.reading(SYSTEM) as session:
        verbs = session.exec(select(AuditEntry.verb).where(AuditEntry.record == "organisation")).all()
    assert Verb.DOWNLOAD not in verbs and before
    assert client().get(f"/files/{key}/thumb").status_code == 401


@pytest.mark.parametrize("path", ["", "/thumb"])
def test_who_may_not_see_the_record_finds_neither_file_nor_picture(cast: Cast, partner: int, path: str) -> None:
    key = attachments.attach(cast.he, ORGANISATION, partner, "a.png", drawn())
    headers = signed_in(Role.HEALTH_STEWARD)
    assert client().get(f"/files/{key}{path}", headers=headers).status_code == 404
    assert client().get(f"/files/{key + 1}{path}", headers=headers).status_code == 404


def client() -> TestClient:
    return TestClient(Starlette(routes=routes.ROUTES))


def signed_in(*roles: Role) -> dict[str, str]:
    password = accounts.create_account(SYSTEM, "reader", "读者", roles)
    session = accounts.find_session(accounts.sign_in("reader", password))
    assert session
    return {"x-portal-session": str(session.id)}


def test_a_download_is_for_who_is_signed_in_and_sniffed_by_nobody(cast: Cast, partner: int) -> None:
    key = attachments.attach(cast.he, ORGANISATION, partner, "签到 表.csv", b"a,b\n")
    headers = signed_in(Role.LEADER)
    answer = client().get(f"/files/{key}", headers=headers)
    assert (answer.status_code, answer.content) == (200, b"a,b\n")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == ("attachment; filename*=UTF-8''%E7%AD%BE%E5%88%B0%20%E8%A1%A8.csv")
    assert client().get(f"/files/{key}").status_code == 401
    assert client().get("/files/999", headers=headers).status_code == 404
    assert client().get(f"/files/{key}", headers={"x-portal-session": "999"}).status_code == 401


def test_a_jobs_result_is_fetched_by_its_owner_alone(cast: Cast) -> None:
    headers = signed_in(Role.COORDINATOR)
    actor = accounts.actor_of(headers["x-portal-session"])
    assert actor
    key = jobs.submit_export(actor, VOLUNTEER, Query())
    assert client().get(f"/files/job/{key}", headers=headers).status_code == 404
    jobs.work_once()
    answer = client().get(f"/files/job/{key}", headers=headers)
    assert answer.status_code == 200 and answer.content.startswith(b"PK")
    other = jobs.submit_export(SYSTEM, VOLUNTEER, Query())
    jobs.work_once()
    assert client().get(f"/files/job/{other}", headers=headers).status_code == 404
