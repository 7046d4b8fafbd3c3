"""Accounts, passwords, sessions, lock-out and the first set-up."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import bcrypt
import pytest
from sqlmodel import col, select

from models.system import Account, AuditEntry, Role, Verb, WebSession
from services import accounts, db, limits, numbers, passwords, volunteers
from services.access import SYSTEM
from services.errors import Denied, Invalid, NotFound

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
GOOD, BETTER = "Sunny-Day-2026", "Rainy-Day-2026"


def after(**more: float) -> datetime:
    return NOON + timedelta(**more)


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    quick = lambda password: bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()  # noqa: E731
    monkeypatch.setattr(passwords, "hashed", quick)
    passwords.of_nobody.cache_clear()
    yield
    passwords.of_nobody.cache_clear()


@pytest.fixture
def wang(database: str) -> int:
    """Wang's account, with the password GOOD."""
    accounts.create_account(SYSTEM, "wang.min", "王敏", [Role.COORDINATOR], password=GOOD)
    with db.unit(SYSTEM) as s:
        account = s.exec(select(Account)).one()
        account.must_change, account.password_changed_at = False, NOON
        return account.id or 0


def sign_in(password: str = GOOD, username: str = "wang.min", moment: datetime = NOON, ip: str = "10.0.0.1") -> str:
    return accounts.sign_in(username, password, ip=ip, agent="test", moment=moment)


def session_id(token: str, moment: datetime = NOON) -> int:
    session = accounts.find_session(token, moment)
    assert session is not None
    return session.id


def code_of(call: object, *args: object, **more: object) -> str:
    with pytest.raises(Denied) as caught:
        call(*args, **more)  # type: ignore[operator]
    return caught.value.code


def verbs() -> list[str]:
    with db.reading(SYSTEM) as s:
        wanted = [Verb.SIGN_IN, Verb.SIGN_OUT, Verb.SIGN_IN_FAILED, Verb.LOCKED]
        return [str(verb) for verb in s.exec(select(AuditEntry.verb).where(col(AuditEntry.verb).in_(wanted)))]


# -- passwords --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Short-1aa", "password_short"),
        ("alllowercase1", "password_simple"),
        ("ALLUPPER-ALLUPPER", "password_simple"),
        ("xx-Wang.Min-2026", "password_has_username"),
        ("Aa1-" + "医" * 23, "password_long"),
        ("Aa1-\0aaaaaaa", "password_long"),
        ("Aa1-" + "x" * 68, None),
        ("医务社工Portal2026", None),
        (GOOD, None),
    ],
)
def test_a_password_is_long_varied_and_not_the_username(password: str, code: str | None) -> None:
    assert passwords.problem(password, "wang.min") == code


def test_a_password_longer_than_bcrypt_reads_does_not_match_by_its_beginning() -> None:
    known = passwords.hashed("A" * 72)
    assert passwords.matches("A" * 72, known)
    assert not passwords.matches("A" * 73, known)


def test_a_one_time_password_is_a_fit_one() -> None:
    made = {passwords.one_time() for _ in range(50)}
    assert len(made) == 50
    assert {passwords.problem(each) for each in made} == {None}


# -- signing in -------------------------------------------------------------------------------------------------------


def test_the_right_password_opens_a_session_with_the_roles_of_the_account(wang: int) -> None:
    actor = accounts.actor_of(session_id(sign_in()), NOON)
    assert actor is not None
    assert (actor.account_id, actor.name, actor.roles, actor.units) == (wang, "王敏", (Role.COORDINATOR,), None)


def test_the_username_is_found_whatever_its_case(wang: int) -> None:
    assert sign_in(username=" Wang.MIN ")


def test_wrong_name_wrong_password_and_switched_off_look_the_same(wang: int) -> None:
    assert code_of(sign_in, "wrong") == code_of(sign_in, GOOD, "nobody") == "sign_in_failed"
    with db.unit(SYSTEM) as s:
        s.get_one(Account, wang).active = False
    assert code_of(sign_in) == "sign_in_failed"


def test_an_unknown_name_costs_a_comparison_too(wang: int, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def note(password: str, known: str) -> bool:
        compared.append(known)
        return False

    monkeypatch.setattr(passwords, "matches", note)
    code_of(sign_in, GOOD, "nobody")
    code_of(sign_in, "wrong")
    assert len(compared) == 2


def test_the_fifth_failure_locks_the_name_for_fifteen_minutes(wang: int) -> None:
    for minute in range(5):
        assert code_of(sign_in, "wrong", moment=after(minutes=minute)) == "sign_in_failed"
    assert code_of(sign_in, moment=after(minutes=5)) == "locked"
    assert code_of(sign_in, moment=after(minutes=18, seconds=59)) == "locked"
    assert sign_in(moment=after(minutes=19))
    assert verbs().count("locked") == 1


def test_a_name_that_does_not_exist_is_locked_alike(database: str) -> None:
    for _ in range(5):
        assert code_of(sign_in, "wrong", "nobody") == "sign_in_failed"
    assert code_of(sign_in, "wrong", "nobody") == "locked"


def test_failures_spread_over_hours_do_not_lock(wang: int) -> None:
    for hour in range(8):
        assert code_of(sign_in, "wrong", moment=after(hours=hour)) == "sign_in_failed"
    assert sign_in(moment=after(hours=8))


def test_a_success_forgives_the_failures_before_it(wang: int) -> None:
    for _ in range(3):
        for _ in range(4):
            code_of(sign_in, "wrong")
        assert sign_in()


def test_an_address_is_locked_after_fifty_failures_whatever_the_names(wang: int) -> None:
    for number in range(50):
        assert code_of(sign_in, "wrong", f"name{number}") == "sign_in_failed"
    assert code_of(sign_in) == "locked"
    assert sign_in(ip="10.0.0.2")


def test_successes_do_not_count_against_an_address(wang: int) -> None:
    for second in range(volunteers.LIMIT.usual):
        assert sign_in(moment=after(seconds=second))


def test_parallel_guesses_get_five_answers_and_no_more(wang: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: code_of(sign_in, "wrong"), range(16)))
    assert codes.count("sign_in_failed") == 5
    assert code_of(sign_in) == "locked"


def test_a_password_older_than_ninety_days_must_be_changed(wang: int) -> None:
    later = after(days=91)
    session = accounts.find_session(sign_in(moment=later), later)
    assert session is not None
    assert session.must_change


def test_every_sign_in_sign_out_and_failure_leaves_a_trace_without_the_typed_name(wang: int) -> None:
    code_of(sign_in, GOOD, "my-secret-password")
    accounts.sign_out(session_id(sign_in()))
    assert verbs() == ["sign_in_failed", "sign_in", "sign_out"]
    with db.reading(SYSTEM) as s:
        told = s.exec(select(AuditEntry.actor, AuditEntry.changes, AuditEntry.reason)).all()
    assert "my-secret-password" not in repr(told)


# -- sessions ---------------------------------------------------------------------------------------------------------


def test_the_database_holds_no_token(wang: int) -> None:
    token = sign_in()
    with db.reading(SYSTEM) as s:
        assert token not in repr([row.model_dump() for row in s.exec(select(WebSession))])


def test_a_session_ends_after_thirty_idle_minutes(wang: int) -> None:
    token = sign_in()
    assert accounts.find_session(token, after(minutes=29, seconds=59))
    assert accounts.find_session(token, after(minutes=30)) is None


def test_a_touched_session_lives_on_but_no_longer_than_twelve_hours(wang: int) -> None:
    token = sign_in()
    number = session_id(token)
    for minutes in range(20, 12 * 60, 20):
        accounts.enter(number, after(minutes=minutes))
    assert accounts.actor_of(number, after(hours=11, minutes=59))
    accounts.enter(number, after(hours=11, minutes=59))
    assert accounts.actor_of(number, after(hours=12)) is None


def test_a_session_is_written_at_most_once_a_minute(wang: int) -> None:
    number = session_id(sign_in())
    accounts.enter(number, after(seconds=59))
    with db.reading(SYSTEM) as s:
        assert s.get_one(WebSession, number).seen_at == NOON
    accounts.enter(number, after(seconds=60))
    with db.reading(SYSTEM) as s:
        assert s.get_one(WebSession, number).seen_at == after(seconds=60)


def test_a_token_is_dead_after_sign_out(wang: int) -> None:
    token, other = sign_in(), sign_in()
    accounts.sign_out(session_id(token))
    assert accounts.find_session(token, NOON) is None
    assert accounts.find_session(other, NOON)


def test_sign_out_everywhere_ends_every_session(wang: int) -> None:
    tokens = [sign_in() for _ in range(3)]
    assert accounts.sign_out_everywhere(wang) == 3
    assert not any(accounts.find_session(token, NOON) for token in tokens)


def test_a_switched_off_account_loses_its_session_at_once(wang: int) -> None:
    number = session_id(sign_in())
    with db.unit(SYSTEM) as s:
        s.get_one(Account, wang).active = False
    assert accounts.actor_of(number, NOON) is None


def test_a_revoked_role_is_gone_at_the_next_look(wang: int) -> None:
    number = session_id(sign_in())
    with db.unit(SYSTEM) as s:
        s.get_one(Account, wang).roles = [Role.LEADER]
    actor = accounts.actor_of(number, NOON)
    assert actor is not None
    assert actor.roles == (Role.LEADER,)


@pytest.mark.parametrize("number", [None, "", "x", "1; drop", -1, 0, 999, "²"])
def test_a_session_that_is_none_gives_no_actor(database: str, number: object) -> None:
    assert accounts.actor_of(number, NOON) is None  # type: ignore[arg-type]


# -- accounts ---------------------------------------------------------------------------------------------------------


def test_a_new_account_gets_a_one_time_password_that_must_be_changed(database: str) -> None:
    password = accounts.create_account(SYSTEM, "Li.Hua", "李华", [Role.STATION_LEAD], units=[3])
    session = accounts.find_session(accounts.sign_in("li.hua", password))
    assert session is not None
    assert session.must_change
    actor = accounts.actor_of(session.id)
    assert actor is not None
    assert actor.must_change
    assert actor.units == frozenset({3})


@pytest.mark.parametrize(
    ("username", "name", "roles", "password", "errors"),
    [
        ("1x", "李华", [Role.LEADER], None, {"username": "username_bad"}),
        ("li hua", "李华", [Role.LEADER], None, {"username": "username_bad"}),
        ("li.hua", "  ", [Role.LEADER], None, {"name": "required"}),
        ("li.hua", "李华", [], None, {"roles": "roles_bad"}),
        ("li.hua", "李华", ["emperor"], None, {"roles": "roles_bad"}),
        ("li.hua", "李华", [Role.LEADER], "short", {"password": "password_short"}),
        ("WANG.min", "李华", [Role.LEADER], None, {"username": "username_taken"}),
    ],
)
def test_an_unfit_account_is_refused(
    wang: int, username: str, name: str, roles: list[Role], password: str | None, errors: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as caught:
        accounts.create_account(SYSTEM, username, name, roles, password=password)
    assert caught.value.fields == errors


def test_only_an_administrator_makes_accounts_and_ends_sessions(wang: int) -> None:
    token = sign_in()
    actor = accounts.actor_of(session_id(token), NOON)
    assert actor is not None
    assert code_of(accounts.create_account, actor, "li.hua", "李华", [Role.LEADER]) == "denied"
    assert code_of(accounts.reset_password, actor, wang) == "denied"
    assert code_of(accounts.end_sessions, actor, wang) == "denied"
    assert accounts.end_sessions(SYSTEM, wang) == 1
    assert accounts.find_session(token, NOON) is None


def test_a_bad_id_is_not_found(wang: int) -> None:
    for act in (accounts.reset_password, accounts.end_sessions):
        with pytest.raises(NotFound):
            act(SYSTEM, 999)


def test_a_reset_ends_sessions_unlocks_and_forces_a_change(wang: int) -> None:
    token = sign_in()
    for _ in range(5):
        code_of(sign_in, "wrong")
    password = accounts.reset_password(SYSTEM, wang)
    assert accounts.find_session(token, NOON) is None
    session = accounts.find_session(sign_in(password), NOON)
    assert session is not None
    assert session.must_change


def test_a_changed_password_ends_every_session_but_the_new_one(wang: int) -> None:
    token, elsewhere = sign_in(), sign_in()
    fresh = accounts.change_password(session_id(token), GOOD, BETTER, moment=NOON)
    assert accounts.find_session(token, NOON) is None
    assert accounts.find_session(elsewhere, NOON) is None
    assert accounts.find_session(fresh, NOON)
    assert code_of(sign_in, GOOD) == "sign_in_failed"
    assert sign_in(BETTER)


@pytest.mark.parametrize(
    ("current", "password", "errors"),
    [
        ("wrong", BETTER, {"current": "password_wrong"}),
        (GOOD, "short", {"password": "password_short"}),
        (GOOD, GOOD, {"password": "password_used"}),
    ],
)
def test_a_change_that_is_not_one_is_refused_and_signs_nobody_out(
    wang: int, current: str, password: str, errors: dict[str, str]
) -> None:
    token = sign_in()
    with pytest.raises(Invalid) as caught:
        accounts.change_password(session_id(token), current, password, moment=NOON)
    assert caught.value.fields == errors
    assert accounts.find_session(token, NOON)


def test_the_last_five_passwords_are_not_used_again(wang: int) -> None:
    token, known = sign_in(), [GOOD]
    for number in range(4):
        known.append(f"Cloudy-Day-{number}")
        token = accounts.change_password(session_id(token), known[-2], known[-1], moment=NOON)
    for old in known:
        with pytest.raises(Invalid, match="password_used"):
            accounts.change_password(session_id(token), known[-1], old, moment=NOON)
    token = accounts.change_password(session_id(token), known[-1], "Windy-Day-2026", moment=NOON)
    assert accounts.change_password(session_id(token), "Windy-Day-2026", GOOD, moment=NOON)


def test_guessing_the_current_password_is_limited_too(wang: int) -> None:
    number = session_id(sign_in())
    for _ in range(5):
        with pytest.raises(Invalid):
            accounts.change_password(number, "wrong", BETTER, moment=NOON)
    assert code_of(accounts.change_password, number, GOOD, BETTER, moment=NOON) == "locked"


# -- the first set-up -------------------------------------------------------------------------------------------------


def test_the_printed_code_makes_the_first_administrator_once(database: str) -> None:
    code = accounts.setup_code()
    assert code is not None
    token = accounts.set_up(code.lower().replace("-", " "), "admin.one", "张三", GOOD, moment=NOON)
    actor = accounts.actor_of(session_id(token), NOON)
    assert actor is not None
    assert actor.roles == (Role.ADMINISTRATOR,)
    assert not actor.must_change
    assert code_of(accounts.set_up, code, "admin.two", "李四", GOOD) == "setup_done"
    assert accounts.setup_code() is None


def test_a_newer_code_replaces_the_older_and_neither_is_stored(database: str) -> None:
    older, newer = accounts.setup_code(), accounts.setup_code()
    assert older
    assert newer
    with pytest.raises(Invalid, match="setup_code_wrong"):
        accounts.set_up(older, "admin.one", "张三", GOOD)
    with db.connection() as bare:
        assert newer not in repr(bare.exec_driver_sql("SELECT * FROM setting").all())
    assert accounts.set_up(newer, "admin.one", "张三", GOOD)


def test_guessing_the_code_is_limited(database: str) -> None:
    code = accounts.setup_code() or ""
    for _ in range(10):
        with pytest.raises(Invalid):
            accounts.set_up("AAAA-AAAA-AAAA", "admin.one", "张三", GOOD, moment=NOON)
    assert code_of(accounts.set_up, code, "admin.one", "张三", GOOD, moment=NOON) == "locked"
    assert not accounts.any_exists()


def test_a_bad_password_leaves_the_code_usable(database: str) -> None:
    code = accounts.setup_code() or ""
    with pytest.raises(Invalid, match="password_short"):
        accounts.set_up(code, "admin.one", "张三", "short")
    assert accounts.set_up(code, "admin.one", "张三", GOOD)


def test_two_people_with_the_code_make_one_administrator(database: str) -> None:
    code = accounts.setup_code() or ""

    def attempt(number: int) -> bool:
        try:
            return bool(accounts.set_up(code, f"admin.{number}", "张三", GOOD))
        except (Denied, Invalid):
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1
    with db.reading(SYSTEM) as s:
        assert len(s.exec(select(Account)).all()) == 1


# -- limits -----------------------------------------------------------------------------------------------------------


def test_a_limit_is_spent_and_comes_back_after_an_hour(database: str) -> None:
    numbers.change(SYSTEM, {volunteers.LIMIT.key: 2})
    limits.spend("register:1", volunteers.LIMIT, NOON)
    limits.spend("register:1", volunteers.LIMIT, NOON)
    assert code_of(limits.spend, "register:1", volunteers.LIMIT, after(minutes=59)) == "too_many"
    limits.spend("register:2", volunteers.LIMIT, NOON)
    limits.spend("register:1", volunteers.LIMIT, after(minutes=61))
