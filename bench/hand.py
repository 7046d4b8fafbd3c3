"""Hand-written SQL on the driver's own connection, with :name parameters, on either database."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services import db

PARAMETER = re.compile(r"(?<!:):(\w+)")


class Hand:
    """One bare connection of the driver, outside of any session."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def all(self, sql: str, **values: Any) -> list[Any]:
        if not db.is_sqlite():
            sql = PARAMETER.sub(r"%(\1)s", sql.replace("%", "%%"))
        found: list[Any] = self.driver.execute(sql, values).fetchall()
        return found

    def do(self, sql: str, **values: Any) -> None:
        if not db.is_sqlite():
            sql = PARAMETER.sub(r"%(\1)s", sql.replace("%", "%%"))
        self.driver.execute(sql, values)


@contextmanager
def hand() -> Iterator[Hand]:
    """A connection to read by; each statement sees the newest rows."""
    with db.connection() as bare:
        driver: Any = bare.connection.driver_connection
        driver.commit()
        if not db.is_sqlite():
            driver.autocommit = True
        try:
            yield Hand(driver)
        finally:
            if db.is_sqlite():
                driver.execute("BEGIN")
            else:
                driver.autocommit = False
