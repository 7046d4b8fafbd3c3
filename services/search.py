"""Search by text, pinyin and initials: one text per row, kept in an index that the database searches by prefix and phrase.

The text is words: every Chinese character alone, then the pinyin of the whole and of its tails, and the initials, so
that 刘敏诗 is found by 敏诗, liumin, minshi, lms. SQLite keeps it in an FTS5 table beside the record's own, PostgreSQL in a
GIN index over to_tsvector('simple', search_text).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

from pypinyin import Style, lazy_pinyin, pinyin
from sqlalchemy import ColumnElement, Connection, Select, and_, column, func, literal, literal_column, select
from sqlalchemy import table as tables

HAN = re.compile(r"[\u3400-\u9fff]")
HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
WORD = re.compile(r"[\u3400-\u9fff]|[a-z0-9]+")
LONGEST_RUN = 12
COMMON = 1000


def plain(value: str) -> str:
    """Half-width, lower case: how both the text and the question are written."""
    return unicodedata.normalize("NFKC", value).lower()


def text_of(values: Iterable[str]) -> str:
    """The search text of a row: its words as they stand, since phrases are looked for, then the pinyin of its Chinese."""
    words: list[str] = []
    readings: dict[str, None] = {}
    for value in values:
        line = plain(str(value))
        words += WORD.findall(line)
        for run in HAN_RUN.findall(line):
            readings |= dict.fromkeys(_readings(run[:LONGEST_RUN]))
    return " ".join([*words, *readings])


@lru_cache(maxsize=100_000)
def _first_readings(character: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(pinyin(character, style=Style.NORMAL, heteronym=True)[0]))


@lru_cache(maxsize=100_000)
def _reading(character: str) -> str:
    return str(lazy_pinyin(character)[0])


def _readings(run: str) -> list[str]:
    """The pinyin of a run and of each of its tails, whole and as initials; a surname's other readings too (曾, 单, 解)."""
    syllables = [_reading(character) for character in run]
    initials = "".join([syllable[0] for syllable in syllables])
    found = []
    for start in range(len(syllables)):
        found += ["".join(syllables[start:]), initials[start:]]
    for other in _first_readings(run[0])[1:3]:
        found += [other + "".join(syllables[1:]), other[0] + initials[1:]]
    return found


def terms(question: str) -> list[list[str]]:
    """What was asked, as phrases of words that stand together (刘敏, px20261123 01); outside Chinese the last of
    them may be a beginning."""
    phrases = []
    for part in plain(question).split():
        runs = groupby(part, key=lambda character: bool(HAN.match(character)))
        phrases += [words for _, run in runs if (words := WORD.findall("".join(run)))]
    return phrases


def fts_query(question: str) -> str:
    """The question in FTS5's language: phrases of characters, beginnings of words."""
    found = []
    for phrase in terms(question):
        quoted = '"' + " ".join(phrase) + '"'
        found.append(quoted if HAN.match(phrase[0]) else quoted + "*")
    return " AND ".join(found)


def ts_query(question: str) -> str:
    """The question in PostgreSQL's tsquery language."""
    found = [
        " <-> ".join(f"'{word}'" for word in phrase) + ("" if HAN.match(phrase[0]) else ":*")
        for phrase in terms(question)
    ]
    return " & ".join(f"({part})" for part in found)


def table(record: str) -> str:
    return f"{record}_search"


def put(bare: Connection, record: str, rows: Sequence[tuple[Any, str]]) -> None:
    """Make rows findable by their search text (SQLite; PostgreSQL's index follows the column by itself)."""
    if bare.dialect.name != "sqlite" or not rows:
        return
    bare.exec_driver_sql(f"DELETE FROM {table(record)} WHERE rowid = ?", [(row[0],) for row in rows])
    bare.exec_driver_sql(f"INSERT INTO {table(record)}(rowid, search_text) VALUES (?, ?)", [tuple(row) for row in rows])


def add(bare: Connection, record: str, first: int) -> None:
    """Make the rows from that id on findable, in one statement (SQLite)."""
    found = f'INSERT INTO {table(record)}(rowid, search_text) SELECT id, search_text FROM "{record}" WHERE id >= ?'
    bare.exec_driver_sql(found, (first,))


def remove(bare: Connection, record: str, key: int) -> None:
    """Forget a row that is erased."""
    if bare.dialect.name == "sqlite":
        bare.exec_driver_sql(f"DELETE FROM {table(record)} WHERE rowid = ?", (key,))


def rebuild(bare: Connection, record: str) -> None:
    """Fill the index again from the records' search texts."""
    if bare.dialect.name == "sqlite":
        bare.exec_driver_sql(f"DELETE FROM {table(record)}")
        bare.exec_driver_sql(f'INSERT INTO {table(record)}(rowid, search_text) SELECT id, search_text FROM "{record}"')


def ids(dialect: str, record: str, question: str) -> Select[Any]:
    """The ids of the rows whose text matches a question that has terms."""
    if dialect == "sqlite":
        index = tables(table(record), column("rowid"), column(table(record)))
        return select(index.c.rowid.label("id")).where(index.c[table(record)].op("MATCH")(fts_query(question)))
    rows = tables(record, column("id"), column("search_text"))
    simple: ColumnElement[str] = literal_column("'simple'")
    text_matches = func.to_tsvector(simple, rows.c.search_text).op("@@")(func.to_tsquery(simple, ts_query(question)))
    return select(rows.c.id).where(text_matches)


def condition(dialect: str, record: str, question: str) -> Any:
    """A WHERE on the record's table: its row matches the question; None where nothing searchable was asked."""
    return literal_column(f"{record}.id").in_(ids(dialect, record, question)) if terms(question) else None


def like(text: Any, question: str) -> ColumnElement[bool]:
    """The same of one row's search text, without the index."""
    return and_(*((literal(" ") + text).like(f"% {' '.join(phrase)}%") for phrase in terms(question)))


def more_than(bare: Connection, record: str, question: str, most: int) -> bool:
    """Whether a question has more hits than that: counted on SQLite, on PostgreSQL as the planner's statistics say."""
    if not terms(question):
        return False
    found = ids(bare.dialect.name, record, question)
    if bare.dialect.name == "sqlite":
        counted = select(func.count()).select_from(found.limit(most + 1).subquery())
        return bool(bare.execute(counted).scalar_one() > most)
    plain_sql = found.compile(dialect=bare.dialect)
    plan = bare.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {plain_sql}", dict(plain_sql.params)).scalar_one()
    return bool(plan[0]["Plan"]["Plan Rows"] > most)
