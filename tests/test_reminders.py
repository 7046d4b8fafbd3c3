"""Reminders that leave the building: told once, tried again after a failure, nothing where no channel is set (point 8)."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlmodel import select

from models import RECORDS
from models.reminders import ReminderState
from models.system import AuditEntry, Role
from models.vault import decrypt
from services import channels, clock, db, reminders, sending, store
from services.access import SYSTEM
from services.errors import Conflict, Denied, Invalid, NotFound
from services.reminders import Run
from services.sending import Failure
from tests.conftest import Cast
from tests.stage import _free_port, healthy, seat, texts, visit
from tests.test_volunteers import TODAY as CERTIFYING
from tests.test_volunteers import certify, two_entries

NINE = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)  # nine o'clock at the site
TODAY, DAY = date(2026, 11, 25), timedelta(days=1)
KEY = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"


# -- the other side --------------------------------------------------


@dataclass
class Mailbox:
    """A mail server of the test: what came in, and how many of the next messages it refuses."""

    port: int = 0
    letters: list[Any] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refuses: int = 0
    knows: bool = True

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if not self.knows:
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        if self.refuses:
            self.refuses -= 1
            return "451 Try again later"
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"

    def text(self, place: int = -1) -> str:
        return str(self.letters[place].get_content())


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    box.port = _free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@dataclass
class Group:
    """A group of WeCom: the messages that its robot was given; `answer` is what it says."""

    url: str = ""
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=lambda: {"errcode": 0, "errmsg": "ok"})


@pytest.fixture
def group() -> Iterator[Group]:
    found = Group()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.said.append(given["text"]["content"])
            found.asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(found.answer).encode())

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    server.server_close()


def by_mail(box: Mailbox, **more: Any) -> int:
    given = {
        "name": "科室邮箱", "kind": "email", "server": "127.0.0.1", "port": box.port, "security": "insecure",
        "sender": "portal@hospital.example", "recipients": "lin@hospital.example；wang@hospital.example",
        "kinds": ["agreements"], "pace": "daily", "at": "08:30",
    }  # fmt: skip
    return channels.save(SYSTEM, given | more)


def by_robot(group: Group, **more: Any) -> int:
    given = {"name": "项目群", "kind": "wecom", "server": group.url, "secret": f"{group.url}/send?key={KEY}"}
    return channels.save(SYSTEM, given | {"kinds": ["agreements"], "pace": "at_once"} | more)


def agreement(name: str, ends: date = TODAY + 40 * DAY, unit: int | None = None) -> int:
    partner = store.save(SYSTEM, RECORDS["organisation"], {"name": name, "kind": "school", "unit_id": unit})
    given = {"organisation_id": partner, "signed_on": date(2026, 1, 1), "starts": date(2026, 1, 1), "ends": ends}
    return store.save(SYSTEM, RECORDS["agreement"], given | {"state": "signed", "kind": "framework", "unit_id": unit})


def states() -> list[tuple[str, int]]:
    return [(told.state.value, told.tries) for told in channels.recent(SYSTEM)]


# -- once --------------------------------------------------


def test_without_a_channel_nothing_happens_and_nothing_is_amiss(cast: Cast) -> None:
    agreement("海星学校")
    assert reminders.remind(NINE) == Run()
    assert channels.channels(cast.admin) == [] == channels.recent(cast.admin)


def test_the_library_is_not_imported_before_something_is_sent() -> None:
    asked = "import sys, services.reminders, services.channels; print('apprise' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_importing_the_library_asks_nobody() -> None:
    asked = (
        "import socket\ndef no(*_): raise SystemExit('asked the network')\n"
        "socket.socket.connect = socket.getaddrinfo = no\n"
        "import apprise.plugins.email.base, apprise.plugins.wecombot"
    )
    subprocess.run([sys.executable, "-c", asked], check=True)


def test_what_waits_is_mailed_once_to_all_recipients(cast: Cast, mailbox: Mailbox) -> None:
    by_mail(mailbox)
    agreement("海星学校")
    agreement("晨光学校", TODAY + 50 * DAY)
    assert reminders.remind(NINE) == Run(planned=2, sent=2)
    assert reminders.remind(NINE) == reminders.remind(NINE + DAY) == Run()
    [letter] = mailbox.letters
    assert letter["subject"] == "2 项提醒" and letter["from"] == "portal@hospital.example"
    assert "续签合作协议：海星学校（2027-01-04）" in mailbox.text() and "晨光学校" in mailbox.text()
    assert mailbox.recipients == [["lin@hospital.example", "wang@hospital.example"]]
    assert states() == [("sent", 1)] * 2


def test_a_daily_channel_waits_for_its_hour_at_the_site(cast: Cast, mailbox: Mailbox) -> None:
    by_mail(mailbox, at="09:01")
    agreement("海星学校")
    assert reminders.remind(NINE) == Run()
    assert reminders.remind(NINE + timedelta(minutes=1)).sent == 1
    agreement("晨光学校")
    assert reminders.remind(NINE + timedelta(hours=2)) == Run()
    assert reminders.remind(NINE + DAY + timedelta(hours=2)).sent == 1


def test_a_robot_tells_its_group_at_once_within_what_a_message_holds(cast: Cast, group: Group) -> None:
    by_robot(group)
    for number in range(40):
        agreement(f"第{number}号很长很长很长很长很长很长的合作学校名称")
    assert reminders.remind(NINE).sent == 40
    assert all(len(text.encode()) <= 2048 for text in group.said)
    assert sum(text.count("·") for text in group.said) == 40
    assert set(group.asked) == {f"/cgi-bin/webhook/send?key={KEY}"}


def test_two_workers_tell_everything_once(cast: Cast, group: Group) -> None:
    by_robot(group)
    for number in range(6):
        agreement(f"第{number}学校")
    barrier = Barrier(2)

    def work(_: int) -> Run:
        barrier.wait()
        return reminders.remind(NINE)

    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(work, range(2)))
    assert sum(run.sent for run in runs) == 6
    assert sum(text.count("·") for text in group.said) == 6


def test_a_certificate_is_told_at_90_30_and_7_days_with_a_masked_name(cast: Cast, mailbox: Mailbox) -> None:
    one, _ = two_entries(cast)
    certify(cast, one, "bls", 60, "B1")  # ends 60 days after that module's day
    by_mail(mailbox, kinds=["certificate"])
    ends, nine = CERTIFYING + 60 * DAY, datetime(CERTIFYING.year, CERTIFYING.month, CERTIFYING.day, 1, tzinfo=UTC)
    told = {left: reminders.remind(nine + (60 - left) * DAY).sent for left in (60, 31, 30, 29, 8, 5, 0)}
    assert told == {60: 1, 31: 0, 30: 1, 29: 0, 8: 0, 5: 1, 0: 0}
    assert f"{ends} 到期" in mailbox.text(0) and "*" in mailbox.text(0)
    name = store.get(SYSTEM, RECORDS["volunteer"], one).title
    assert name not in "".join(mailbox.text(place) for place in range(3))


def test_a_station_s_channel_tells_of_that_station_alone(cast: Cast, mailbox: Mailbox) -> None:
    by_mail(mailbox, unit_id=cast.station)
    agreement("本站学校", unit=cast.station)
    agreement("他站学校", unit=cast.other_station)
    assert reminders.remind(NINE).sent == 1
    assert "本站学校" in mailbox.text() and "他站学校" not in mailbox.text()


def test_a_channel_speaks_its_language(cast: Cast, mailbox: Mailbox) -> None:
    by_mail(mailbox, language="en")
    agreement("海星学校")
    reminders.remind(NINE)
    assert "Renew the agreement with 海星学校 (2027-01-04)" in mailbox.text()


def test_what_is_overdue_is_told_once_more(cast: Cast, mailbox: Mailbox) -> None:
    by_mail(mailbox, kinds=["planned_community_visit"])
    given = {"place": "江南社区", "visited_on": TODAY - DAY, "state": "planned"}
    store.save(SYSTEM, RECORDS["community_visit"], given)
    assert reminders.remind(NINE).sent == 1 and "已逾期" in mailbox.text()
    assert reminders.remind(NINE + DAY) == Run()


# -- failures --------------------------------------------------


def test_a_refused_message_is_tried_again_later_and_then_told_once(cast: Cast, mailbox: Mailbox) -> None:
    by_mail(mailbox)
    agreement("海星学校")
    mailbox.refuses = 2
    assert reminders.remind(NINE) == Run(planned=1, refused=1)
    assert reminders.remind(NINE + timedelta(minutes=4)) == Run()
    assert reminders.remind(NINE + timedelta(minutes=5)) == Run(refused=1)
    assert "451" in channels.recent(SYSTEM)[0].words
    assert reminders.remind(NINE + timedelta(minutes=20)) == Run(sent=1)
    assert len(mailbox.letters) == 1 and states() == [("sent", 3)]


def test_after_the_last_try_it_is_given_up_until_somebody_asks_again(cast: Cast, group: Group) -> None:
    key = by_robot(group)
    agreement("海星学校")
    group.answer = {"errcode": 93000, "errmsg": "invalid webhook url"}
    for number in range(8):
        reminders.remind(NINE + number * DAY)
    assert states() == [("failed", len(reminders.PUT_OFF))] and len(group.said) == len(reminders.PUT_OFF)
    assert channels.recent(SYSTEM)[0].failure == Failure.LOGIN
    group.answer = {"errcode": 0}
    assert channels.retry(cast.admin, key) == 1
    assert reminders.remind(clock.now()).sent == 1


def test_a_server_that_does_not_answer_is_a_failure_without_the_password(cast: Cast) -> None:
    key = by_mail(Mailbox(port=9), secret="Geheim-2026", username="portal")
    told = channels.test(cast.admin, key)
    assert sending.failure_of(told) == Failure.UNREACHABLE and "Geheim-2026" not in told


SOCKET = 'Connection error while submitting email to "mail.example" Socket Exception: '


@pytest.mark.parametrize(
    ("words", "failure"),
    [
        (SOCKET + "[Errno 111] Connection refused", Failure.UNREACHABLE),
        (SOCKET + "[Errno -2] Name or service not known", Failure.UNREACHABLE),
        (
            "ConnectionError: HTTPSConnectionPool(host='mail.example', port=443): Max retries exceeded",
            Failure.UNREACHABLE,
        ),
        (SOCKET + "(535, b'5.7.8 Authentication credentials invalid')", Failure.LOGIN),
        (SOCKET + "SMTP AUTH extension not supported by server.", Failure.LOGIN),
        ("NotSent: WeCom 93000: invalid webhook url", Failure.LOGIN),
        ("Socket Exception: (530, b'5.7.0 Authentication required', 'a@b.example')", Failure.LOGIN),
        ("Socket Exception: {'c@d.example': (550, b'5.1.1 No such user')}", Failure.RECIPIENT),
        (SOCKET + "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed", Failure.CERTIFICATE),
        (SOCKET + "Connection unexpectedly closed: timed out", Failure.TIMEOUT),
        ("ReadTimeout: HTTPConnectionPool(host='127.0.0.1', port=1): Read timed out.", Failure.TIMEOUT),
        (SOCKET + "STARTTLS extension not supported by server.", Failure.ENCRYPTION),
        ("Socket Exception: (451, b'Try again later')", Failure.OTHER),
        (sending.REMOVED, Failure.REMOVED),
    ],
)
def test_what_failed_is_told_in_words_of_ones_own(words: str, failure: Failure) -> None:
    assert sending.failure_of(words) == failure


def test_a_refused_recipient_is_told_as_such(cast: Cast, mailbox: Mailbox) -> None:
    mailbox.knows = False
    assert sending.failure_of(channels.test(cast.admin, by_mail(mailbox))) == Failure.RECIPIENT


def test_a_failed_test_is_no_undelivered_reminder(cast: Cast, mailbox: Mailbox) -> None:
    key = by_mail(mailbox)
    mailbox.refuses = 1
    assert channels.test(cast.admin, key)
    [shown] = channels.channels(cast.admin)
    assert (shown.failed, shown.queued, shown.last_sent) == (0, 0, None)
    assert channels.retry(cast.admin, key) == 0 and channels.recent(cast.admin)[0].is_test
    assert channels.test(cast.admin, key) == "" and channels.channels(cast.admin)[0].last_sent is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_failed_test_is_told_in_words_and_the_servers_own_stand_in_a_fold(cast: Cast, mailbox: Mailbox) -> None:
    key = by_mail(mailbox)
    mailbox.refuses = 1
    at = visit(seat(Role.ADMINISTRATOR), "reminders")
    at.button(f"{at.session_state['tokens'][f'test.{key}']}.do").click().run()
    assert (
        healthy(at) and Failure.OTHER.label.zh in at.warning[0].value and "Try again later" not in at.warning[0].value
    )
    assert "Try again later" in at.expander[0].code[0].value
    assert not any("未送达" in one.value for one in at.markdown)
    reader = visit(seat(Role.AUDITOR), "reminders")
    assert healthy(reader) and not reader.expander and "Try again later" not in " ".join(texts(reader))


def test_what_a_dying_worker_took_is_tried_again(cast: Cast, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    by_mail(mailbox)
    agreement("海星学校")

    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(sending, "send", dies)
        reminders.remind(NINE)
    assert reminders.remind(NINE + timedelta(minutes=1)) == Run()
    assert reminders.remind(NINE + timedelta(minutes=6)).sent == 1


# -- what an administrator sets --------------------------------------------------


def test_a_secret_is_encrypted_kept_and_told_to_nobody(cast: Cast, mailbox: Mailbox) -> None:
    key = by_mail(mailbox, secret="Geheim-2026", username="portal")
    channels.save(cast.admin, {"name": "新名称", "secret": ""}, id=key)
    with db.connection() as bare:
        [stored] = bare.exec_driver_sql("select secret from reminder_channel").scalars()
        told = "".join(map(str, bare.exec_driver_sql("select changes from audit_entry").scalars()))
    assert decrypt(bytes(stored)) == "Geheim-2026" and b"Geheim" not in bytes(stored)
    assert "Geheim" not in told and "lin@hospital" not in told
    [shown] = channels.channels(cast.admin)
    assert shown.has_secret and "Geheim" not in repr(shown) and shown.values["name"] == "新名称"
    with db.reading(SYSTEM) as s:
        verbs = s.exec(select(AuditEntry.verb).where(AuditEntry.record == "reminder_channel")).all()
    assert verbs == ["create", "change"]


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"name": " "}, {"name": "required"}),
        ({"server": ""}, {"server": "required"}),
        ({"port": 70000}, {"port": "port_range"}),
        ({"sender": "portal"}, {"sender": "email_format"}),
        ({"recipients": ""}, {"recipients": "required"}),
        ({"recipients": "a@b.cn, c"}, {"recipients": "email_format"}),
        ({"kinds": []}, {"kinds": "required"}),
        ({"kinds": ["nothing"]}, {"kinds": "not_a_choice"}),
        ({"at": "25:00"}, {"at": "clock_format"}),
        ({"name": "长" * 61}, {"name": "too_long"}),
        ({"kind": "wecom", "server": "", "secret": ""}, {"secret": "required"}),
        ({"kind": "wecom", "server": "", "secret": "短"}, {"secret": "robot_key"}),
        ({"kind": "wecom", "server": "ftp://a", "secret": KEY}, {"server": "robot_server"}),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(cast: Cast, given: dict[str, Any], errors: dict[str, str]) -> None:
    with pytest.raises(Invalid) as error:
        by_mail(Mailbox(port=25), **given)
    assert error.value.fields == errors
    assert channels.channels(cast.admin) == []


def test_two_administrators_do_not_overwrite_each_other(cast: Cast) -> None:
    key = by_mail(Mailbox(port=25))
    channels.save(cast.admin, {"at": "09:00"}, id=key, version=1)
    with pytest.raises(Conflict):
        channels.save(cast.admin, {"at": "10:00"}, id=key, version=1)


def test_a_test_tells_whether_it_arrived(cast: Cast, mailbox: Mailbox) -> None:
    key = by_mail(mailbox)
    assert channels.test(cast.admin, key) == ""
    assert "测试" in mailbox.text()
    mailbox.refuses = 1
    assert "451" in channels.test(cast.admin, key)
    assert [told.state for told in channels.recent(cast.admin)] == [ReminderState.FAILED, ReminderState.SENT]
    assert reminders.remind(NINE) == Run()


def test_a_channel_that_is_off_or_removed_sends_nothing(cast: Cast, mailbox: Mailbox) -> None:
    key = by_mail(mailbox, active=False)
    agreement("海星学校")
    assert reminders.remind(NINE) == Run()
    channels.save(cast.admin, {"active": True}, id=key)
    mailbox.refuses = 1
    reminders.remind(NINE)
    channels.remove(cast.admin, key)
    assert reminders.remind(NINE + DAY) == Run() and states() == [("failed", 1)]
    with pytest.raises(NotFound):
        channels.test(cast.admin, key)


def test_an_auditor_reads_and_changes_nothing(cast: Cast) -> None:
    key, auditor = by_mail(Mailbox(port=25)), seat(Role.AUDITOR).actor
    assert len(channels.channels(auditor)) == 1
    for act in (lambda: channels.save(auditor, {}, id=key), lambda: channels.test(auditor, key)):
        with pytest.raises(Denied):
            act()
    with pytest.raises(Denied):
        channels.channels(cast.lin)
