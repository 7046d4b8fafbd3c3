"""A backup restores into a database of another kind, row for row; not into a used one, nor beside other keys."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from models import RECORDS, vault
from models.system import Account, Attachment, Role
from services import accounts, attachments, backup, checks, db, files, rekey, store
from services.access import SYSTEM
from services.errors import Invalid
from services.store import Query
from tests import conftest
from tests.conftest import Cast
from tests.sheetmaking import DAY
from tests.test_exchange import TODAY, valid

VOLUNTEER, ORGANISATION, AGREEMENT = (RECORDS[name] for name in ("volunteer", "organisation", "agreement"))
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def filled(cast: Cast) -> Iterator[Cast]:
    """A little of everything that is stored in a way of its own: encrypted, dates, times, money, codes, files, bin."""
    person = store.save(cast.lin, VOLUNTEER, {**valid(1), "availability": ["weekend_morning"]}, today=TODAY)
    partner = store.save(cast.admin, ORGANISATION, {"name": "康馨", "kind": "foundation", "tags": ["重点"]})
    paper = {"organisation_id": partner, "signed_on": DAY, "starts": DAY, "ends": TODAY, "amount": "1234567.89"}
    first, second = (store.save(cast.admin, AGREEMENT, {**paper, "number": number}) for number in ("X-1", "X-2"))
    store.save(cast.admin, AGREEMENT, {"renewal_of_id": second}, id=first)
    gone = store.save(cast.admin, ORGANISATION, {"name": "乙", "kind": "school"})
    store.remove(cast.admin, ORGANISATION, gone)
    attachments.attach(cast.admin, VOLUNTEER, person, "a.png", PNG)
    accounts.create_account(SYSTEM, "lin", "林社工", [Role.COORDINATOR])
    yield cast


def everything() -> dict[str, list[Any]]:
    with db.connection() as bare:
        return {
            table.name: [tuple(row) for row in bare.execute(select(table).order_by(*table.primary_key.columns))]
            for table in backup.tables()
        }


def other(kind: str, request: pytest.FixtureRequest, path: Path) -> None:
    """Turn to an empty database of the other kind."""
    if kind == "postgres":
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        conftest._use(f"sqlite:///{path}")
        return
    conftest._use(request.getfixturevalue("postgres_url"))
    request.getfixturevalue("sweeper").sweep()


def test_a_backup_restores_into_the_other_database_row_for_row(
    filled: Cast, database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    before = everything()
    counts = backup.write(tmp_path / "b.zip")
    assert counts["person"] == 1 and counts["audit_entry"] == len(before["audit_entry"])
    sha256 = before["attachment"][0][4]
    files.remove(files.content_key(sha256))
    other(database, request, tmp_path / "other.db")
    assert backup.restore(tmp_path / "b.zip") == counts
    assert everything() == before
    assert files.read(files.content_key(sha256)) == PNG
    assert [row.title for row in store.rows(SYSTEM, VOLUNTEER, Query(text=valid(1)["name"])).rows] == [valid(1)["name"]]
    assert store.save(SYSTEM, ORGANISATION, {"name": "丙", "kind": "school"}) == 3
    assert checks.audit_is_append_only()
    with db.connection() as bare:
        kept = bare.execute(select(Attachment.__table__.c.sha256)).scalars().all()  # type: ignore[attr-defined]
    assert kept == [sha256]


def test_a_backup_holds_no_plain_number(filled: Cast, tmp_path: Path) -> None:
    backup.write(tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as book:
        text = b"".join(book.read(name) for name in book.namelist())
    assert valid(1)["phone"].encode() not in text and valid(1)["id_number"].encode() not in text


def refused(path: Path) -> str:
    with pytest.raises(Invalid) as error:
        backup.restore(path)
    return error.value.fields["file"]


def test_a_database_in_use_is_not_restored_over(filled: Cast, tmp_path: Path) -> None:
    backup.write(tmp_path / "b.zip")
    before = everything()
    assert refused(tmp_path / "b.zip") == "backup_not_empty"
    assert everything() == before


def changed(source: Path, target: Path, **more: Any) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, json.dumps(json.loads(data) | more) if name == "manifest.json" else data)
    return target


def test_a_backup_of_other_keys_or_another_schema_or_a_damaged_one_is_refused_whole(
    filled: Cast, database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    counts = backup.write(tmp_path / "b.zip")
    other(database, request, tmp_path / "other.db")
    good = tmp_path / "b.zip"
    assert refused(changed(good, tmp_path / "k.zip", keys="0" * 16)) == "backup_other_key"
    assert refused(changed(good, tmp_path / "v.zip", revision="9999")) == "backup_other_version"
    assert refused(changed(good, tmp_path / "c.zip", counts={**counts, "person": 2})) == "backup_unreadable"
    (tmp_path / "d.zip").write_bytes(b"PK")
    assert refused(tmp_path / "d.zip") == refused(tmp_path / "none.zip") == "backup_unreadable"
    assert backup.is_empty()


def test_a_new_key_encrypts_everything_again_and_all_is_found_as_before(
    filled: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "keys"
    shutil.copy(vault.key_file(), own)
    monkeypatch.setenv("PORTAL_KEYS", str(own))
    vault.forget()
    try:
        before, mark = everything(), vault.fingerprint()
        assert rekey.rekey(SYSTEM) == 2
        after = everything()
        assert {name: rows for name, rows in after.items() if name != "audit_entry"} == {
            name: rows for name, rows in before.items() if name != "audit_entry"
        }
        with db.connection() as bare:
            raw = bare.exec_driver_sql("SELECT phone, id_number FROM person").one()
        assert [bytes(value)[0] for value in raw] == [2, 2]
        assert vault.fingerprint() == mark
        assert store.rows(SYSTEM, VOLUNTEER, Query(text=valid(1)["phone"])).total == 1
    finally:
        monkeypatch.undo()
        vault.forget()


def test_an_account_signs_in_after_a_restore(
    filled: Cast, database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    backup.write(tmp_path / "b.zip")
    other(database, request, tmp_path / "other.db")
    backup.restore(tmp_path / "b.zip")
    with db.reading(SYSTEM) as s:
        assert [account.roles for account in s.execute(select(Account)).scalars()] == [["coordinator"]]
