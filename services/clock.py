"""The site's clock: times are kept in UTC and shown in the site's time zone (PORTAL_TIMEZONE, default Asia/Shanghai)."""

import os
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo


@cache
def zone() -> ZoneInfo:
    return ZoneInfo(os.environ.get("PORTAL_TIMEZONE", "Asia/Shanghai"))


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    return datetime.now(zone()).date()


def local(moment: datetime) -> datetime:
    """A stored time as people at the site read it."""
    return moment.astimezone(zone())


def from_local(moment: datetime) -> datetime:
    """A naive time as somebody at the site typed it, made aware in UTC."""
    return moment.replace(tzinfo=zone()).astimezone(UTC) if moment.tzinfo is None else moment.astimezone(UTC)
