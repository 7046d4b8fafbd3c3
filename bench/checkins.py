"""Two thousand people come in at forty phones at once, over HTTP at a running server: none lost, none doubled (T5).

Everybody opens the page that the code on the screen leads to and sends name and phone, as phones do; whoever is not on
the list is asked, and says so. All of them come from one address, as behind a hospital's router. The counterpart is a
hand-written server in a process of its own: two routes, one INSERT each.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from sqlalchemy import text

from bench import browsers
from bench.timing import Line
from models import RECORDS
from models.training import SessionState
from services import checkin, clock, db, store, training
from services.access import SYSTEM

PHONES, PEOPLE = 40, 2000
MOST = 100
MINIMAL = Path(__file__).with_name("minimal_door.py")


@dataclass
class Phone:
    """One phone at the door: a kept connection, its cookies, how long the answers took."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    opened: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)

    async def let_in(self, path: str, people: list[tuple[str, str]]) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        for name, number in people:
            self.cookies = {name: value for name, value in self.cookies.items() if name == "portal_form"}
            page = await self.timed(self.opened, f"GET {path}")
            typed = {"name": name, "phone": number, "k": path.partition("?k=")[2], "once": f"{number}"}
            for act in ("in", "walk"):
                sent = urlencode(typed | {"act": act, "form_token": _token(page)})
                page = await self.timed(self.taken, f"POST {path.partition('?')[0]}", sent)
                if 'value="walk"' not in page:
                    break
            if "data-done" not in page:
                raise RuntimeError(page[-3000:])
        self.writer.close()

    async def timed(self, kept: list[float], what: str, body: str = "") -> str:
        began = time.perf_counter()
        page = await self.ask(what, body)
        kept.append(time.perf_counter() - began)
        return page

    async def ask(self, what: str, body: str = "") -> str:
        """The page that answers; RuntimeError where it is none."""
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        here = f"127.0.0.1:{self.port}"
        lines = [f"{what} HTTP/1.1", f"host: {here}", f"origin: http://{here}", "accept: text/html", f"cookie: {kept}"]
        lines += ["content-type: application/x-www-form-urlencoded", f"content-length: {len(body.encode())}", "", body]
        self.writer.write("\r\n".join(lines).encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        told = [tuple(line.split(": ", 1)) for line in head[1:] if line]
        for name, value in told:
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        length = next(int(value) for name, value in told if name.lower() == "content-length")
        page = (await self.reader.readexactly(length)).decode()
        if " 200 " not in f"{head[0]} ":
            raise RuntimeError(f"{what}: {head[0]} {page[-2000:]}")
        return page


def _token(page: str) -> str:
    return page.partition('name="form_token" value="')[2].partition('"')[0]


def checkins() -> Iterator[Line]:
    """Median milliseconds of an answer, for people who are enrolled and for people who just come."""
    with minimal() as port:
        theirs = _crowd(port, "/door")
    with browsers.server() as port:
        for words, listed in (("walk-ins that are asked", 1), ("enrolled", PEOPLE)):
            key = _session(listed)
            ours = _crowd(port, checkin.door(SYSTEM, key).path)
            lost = PEOPLE - _came(key)
            ok = not lost and ours[1] <= MOST
            aim = f"≤ {MOST} ms, none lost or doubled ({lost})"
            yield Line(
                f"{PEOPLE:,} check-ins of {PHONES} phones at once, {words}: the page", ours[0], theirs[0], "", None
            )
            yield Line(f"{PEOPLE:,} check-ins of {PHONES} phones at once, {words}", ours[1], theirs[1], aim, ok)


def _crowd(port: int, path: str) -> tuple[float, float]:
    """Median milliseconds until the page was there, and until the check-in was answered."""
    people = [_person(number) for number in range(PEOPLE)]
    phones = [Phone(port) for _ in range(PHONES)]

    async def all_at_once() -> None:
        await asyncio.gather(*(phone.let_in(path, people[at::PHONES]) for at, phone in enumerate(phones)))

    asyncio.run(all_at_once())
    return tuple(
        median(time_ for phone in phones for time_ in getattr(phone, name)) * 1000 for name in ("opened", "taken")
    )


def _person(number: int) -> tuple[str, str]:
    return f"学员{number}", f"1390{number:07}"


def _session(listed: int) -> int:
    """A class of so many seats that goes on now, with so many of the people on its list."""
    course = next(iter(store.choices(SYSTEM, RECORDS["course"])))
    now = clock.now()
    given = {"title": "签到压力", "course_id": course, "starts": now - timedelta(minutes=5), "capacity": PEOPLE}
    given |= {"ends": now + timedelta(hours=3), "state": SessionState.OPEN}
    key = training.save_session(SYSTEM, given)
    with db.unit(SYSTEM) as s:
        people = [{"name": name, "phone": phone} for name, phone in map(_person, range(listed))]
        ids = db.bulk_insert(s, RECORDS["person"], people)
        db.bulk_insert(s, RECORDS["enrolment"], [{"session_id": key, "person_id": person} for person in ids])
    return key


def _came(key: int) -> int:
    """How many are noted; RuntimeError where somebody is twice."""
    with db.connection() as bare:
        counted = text("SELECT count(*), count(DISTINCT person_id) FROM attendance WHERE session_id = :key")
        rows, people = bare.execute(counted, {"key": key}).one()
    if rows != people:
        raise RuntimeError(f"{rows} attendances of {people} people")
    return int(people)


class minimal:  # noqa: N801
    """The counterpart, started on a free port and ended by its process id."""

    def __enter__(self) -> int:
        self.running = subprocess.Popen([sys.executable, str(MINIMAL)], stdout=subprocess.PIPE, text=True)
        assert self.running.stdout
        port = int(self.running.stdout.readline())
        browsers._wait(port)
        return port

    def __exit__(self, *_: object) -> None:
        self.running.terminate()
        self.running.wait(30)
