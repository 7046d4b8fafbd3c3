"""Lists, search, details, look-ups and one write, as a coordinator's pages ask the services for them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from bench.data import Size, birth, identity, phone
from bench.hand import Hand
from bench.timing import Work
from models import RECORDS
from models.system import Role
from models.vault import digest
from services import clashes, clock, db, kept, store
from services.access import Actor
from services.store import Query

LIN = Actor(None, "测试", (Role.ADMINISTRATOR,))
VOLUNTEER, ORGANISATION = RECORDS["volunteer"], RECORDS["organisation"]
FILTERS = {"state": "active", "is_emergency_rescue": True}
COLUMNS = """SELECT v.id, v.version + p.version, v.created_at, v.changed_at, v.deleted_at, p.name, p.id_number,
    p.gender, p.phone, p.region, v.number, v.state, v.is_emergency_rescue, v.availability, v.registered_on,
    v.verified_on"""
SHOWN = f"{COLUMNS} FROM volunteer v JOIN person p ON p.id = v.person_id"
CHOSEN = "v.state = 'active' AND v.is_emergency_rescue = TRUE AND v.deleted_at IS NULL"
NEWEST = f"{SHOWN} WHERE {CHOSEN} ORDER BY v.id DESC LIMIT 50"
DEEP = f"""{SHOWN} JOIN (SELECT v.id FROM volunteer v WHERE {CHOSEN} ORDER BY v.id DESC LIMIT 50 OFFSET 9950) d
    ON d.id = v.id ORDER BY v.id DESC"""
BY_NAME = (
    f"{COLUMNS} FROM person p JOIN volunteer v ON v.person_id = p.id WHERE {CHOSEN} ORDER BY p.name, p.id LIMIT 50"
)
OF_PEOPLE = "JOIN person p ON p.id = t.id JOIN volunteer v ON v.person_id = p.id WHERE v.deleted_at IS NULL"
TOTAL = f"SELECT count(*) FROM (SELECT 1 FROM volunteer v WHERE {CHOSEN} LIMIT 10001) AS c"


def asked(**query: Any) -> Any:
    return partial(store.rows, LIN, VOLUNTEER, Query(**query))


def lists(hand: Hand) -> Iterator[Work]:
    def both(sql: str) -> Any:
        return lambda: (hand.all(sql), hand.all(TOTAL))

    by_name = in_order(BY_NAME)
    yield Work("list, 50 rows by newest, two filters, with its total", asked(filters=FILTERS), both(NEWEST), 3)
    yield Work(
        "list, 50 rows by name, two filters, with its total", asked(filters=FILTERS, sort="name"), both(by_name), 3
    )
    yield Work("the same, its total not known yet", asked(filters=FILTERS), both(NEWEST), before=kept.VALUES.clear)
    yield Work("a deep page, rows 9,951 to 10,000, with its total", asked(filters=FILTERS, page=199), both(DEEP), 5)


def in_order(sql: str) -> str:
    """SQLite keeps the order of the tables where it is told to; PostgreSQL finds it by its statistics."""
    return sql.replace(" JOIN ", " CROSS JOIN ") if db.is_sqlite() else sql


def searches(hand: Hand, size: Size) -> Iterator[Work]:
    name = next(row[0] for row in hand.all("SELECT name FROM person WHERE id > 100 ORDER BY id") if len(row[0]) == 3)
    tail = phone(size.volunteers // 2 + 7)[-4:]
    tails = "SELECT id FROM person WHERE phone_tail = :tail UNION SELECT id FROM person WHERE id_number_tail = :tail"
    by_tail = in_order(f"{COLUMNS} FROM ({tails}) AS t {OF_PEOPLE} ORDER BY v.id DESC LIMIT 50")
    yield Work("search, two Chinese characters", asked(text=name[1:]), _by_text(hand, name[1:]), 5)
    yield Work("search, one very common character", asked(text="王"), _by_walk(hand, "王"), 5)
    yield Work(
        "search, the same, its total not known yet",
        asked(text="王"),
        _by_walk(hand, "王", counted=True),
        before=kept.VALUES.clear,
    )
    yield Work("search, the same, by name", asked(text="王", sort="name"), _by_text(hand, "王", "p.name, p.id"))
    yield Work("search, the beginning of a pinyin", asked(text="zhangwei"), _by_text(hand, "zhangwei"))
    yield Work("search, phone's last four", asked(text=tail), lambda: hand.all(by_tail, tail=digest(tail)), 15)
    yield Work("search, nobody of that name", asked(text="欧阳某"), _by_text(hand, "欧阳某"), 5)


def _by_text(hand: Hand, words: str, order: str = "v.id DESC") -> Any:
    is_han = ord(words[0]) > 0x3400
    if db.is_sqlite():
        asked = '"' + (" ".join(words) if is_han else words) + '"' + ("" if is_han else "*")
        found = "SELECT rowid AS id FROM person_search WHERE person_search MATCH :question"
    else:
        asked = " <-> ".join(words) if is_han else f"{words}:*"
        found = "SELECT id FROM person WHERE to_tsvector('simple', search_text) @@ to_tsquery('simple', :question)"
    sql = in_order(f"{COLUMNS} FROM ({found}) AS t {OF_PEOPLE} ORDER BY {order} LIMIT 50")
    return lambda: hand.all(sql, question=asked)


def _by_walk(hand: Hand, character: str, *, counted: bool = False) -> Any:
    joined = "volunteer v JOIN person p ON p.id = v.person_id"
    matching = "p.search_text LIKE :like AND v.deleted_at IS NULL"
    sql = in_order(f"{COLUMNS} FROM {joined} WHERE {matching} ORDER BY v.id DESC LIMIT 50")
    total = in_order(f"SELECT count(*) FROM (SELECT 1 FROM {joined} WHERE {matching} LIMIT 1001) AS c")
    like = f"%{character}%"
    return lambda: (hand.all(sql, like=like), hand.all(total, like=like) if counted else None)


def details(hand: Hand) -> Iterator[Work]:
    sql = [
        "SELECT * FROM organisation WHERE id = :id AND deleted_at IS NULL",
        "SELECT c.*, p.name, p.phone FROM contact c JOIN person p ON p.id = c.person_id "
        "WHERE organisation_id = :id ORDER BY c.id DESC LIMIT 10",
        "SELECT * FROM interaction WHERE organisation_id = :id ORDER BY happened_on DESC LIMIT 10",
        "SELECT * FROM agreement WHERE organisation_id = :id ORDER BY ends LIMIT 10",
        "SELECT * FROM training_session WHERE organisation_id = :id ORDER BY starts DESC LIMIT 10",
    ]

    def ours() -> None:
        store.get(LIN, ORGANISATION, 7)
        store.related(LIN, ORGANISATION, 7)

    def volunteer() -> None:
        store.get(LIN, VOLUNTEER, 20)
        store.related(LIN, VOLUNTEER, 20)

    of_volunteer = [
        "SELECT v.*, p.* FROM volunteer v JOIN person p ON p.id = v.person_id WHERE v.id = :id",
        "SELECT * FROM volunteer_credential WHERE volunteer_id = :id ORDER BY expires_on LIMIT 10",
        "SELECT m.*, t.name FROM team_membership m JOIN volunteer_team t ON t.id = m.team_id WHERE volunteer_id = :id",
    ]
    yield Work("organisation with four related lists", ours, lambda: [hand.all(one, id=7) for one in sql], 5)
    yield Work("volunteer with two related lists", volunteer, lambda: [hand.all(one, id=20) for one in of_volunteer], 5)


def lookups(hand: Hand, size: Size) -> Iterator[Work]:
    number = size.volunteers // 3
    name = hand.all("SELECT name FROM person WHERE id = :id", id=number)[0][0]
    known: dict[str, dict[str, Any]] = {
        "id number": {"name": name, "id_number": identity(number)},
        "phone and name": {"name": name, "phone": phone(number)},
        "name and birth date": {"name": name, "birth_date": date.fromisoformat(birth(number))},
    }
    sql = {
        "id number": "id_number_key = :key",
        "phone and name": "phone_key = :key AND name = :name",
        "name and birth date": "birth_date = :key AND name = :name",
    }
    keys = {
        "id number": digest(identity(number)),
        "phone and name": digest(phone(number)),
        "name and birth date": birth(number),
    }
    for way, given in known.items():
        statement = f"SELECT * FROM person WHERE deleted_at IS NULL AND {sql[way]} LIMIT 1"
        yield Work(
            f"is this person known, by {way}", partial(_known, given),
            partial(hand.all, statement, key=keys[way], name=name), 2,
        )  # fmt: skip
    yield _clash(hand)


def _known(given: dict[str, Any]) -> None:
    with db.reading(LIN) as session:
        assert store.find_person(session, given)


def _clash(hand: Hand) -> Work:
    (starts,) = hand.all("SELECT starts FROM training_session WHERE id = 9")[0]
    begin = datetime.fromisoformat(str(starts)).replace(tzinfo=UTC)
    end = begin + timedelta(hours=2)
    sql = """SELECT t.id, t.title, t.starts, t.ends FROM training_session t WHERE t.venue_id = 10 AND t.starts < :end
        AND t.starts > :before AND t.ends > :begin AND t.state <> 'cancelled' AND t.deleted_at IS NULL
        UNION ALL SELECT t.id, t.title, t.starts, t.ends FROM session_instructor i JOIN training_session t
        ON t.id = i.session_id WHERE i.instructor_id = 10 AND t.starts < :end AND t.starts > :before AND t.ends > :begin
        AND t.state <> 'cancelled' AND t.deleted_at IS NULL"""
    times = {"begin": begin, "end": end, "before": begin - timedelta(days=30)}
    if db.is_sqlite():
        times = {name: moment.replace(tzinfo=None).isoformat(" ") for name, moment in times.items()}  # type: ignore[misc]
    ours = partial(clashes.of_plan, LIN, venue_id=10, instructor_ids=[10], starts=begin, ends=end)
    return Work("does this session clash (venue and instructor)", ours, partial(hand.all, sql, **times), 2)


def writes(hand: Hand) -> Iterator[Work]:
    turn = count()

    def ours() -> None:
        store.save(LIN, VOLUNTEER, {"service_area": f"海珠区 {next(turn)}"}, id=33)

    def by_hand() -> None:
        hand.do("BEGIN IMMEDIATE" if db.is_sqlite() else "BEGIN")
        hand.all("SELECT * FROM volunteer v JOIN person p ON p.id = v.person_id WHERE v.id = 34")
        hand.do("UPDATE volunteer SET service_area = :area, version = version + 1 WHERE id = 34", area=f"{next(turn)}")
        hand.do("INSERT INTO audit_entry(at, actor, verb, record, record_id, changes, reason) "
                "VALUES (:at, 'a', 'change', 'volunteer', 34, '{}', '')", at=str(clock.now()))  # fmt: skip
        hand.do("COMMIT")

    yield Work("one write with its audit", ours, by_hand, 5)
