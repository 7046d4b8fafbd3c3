"""The ledger of a partner's quota: the balance is the sum of its entries, whatever is assigned, undone and assigned again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import RECORDS
from models.system import Role
from services import db, quotas, store
from services.access import Actor
from services.errors import Conflict, Denied, Invalid, NotFound
from services.quotas import ENTRY, QUOTA, Standing
from tests.conftest import Cast
from tests.stage import healthy, seat, texts, visit

DAY = date(2026, 6, 1)
YEAR = {"kind": "training_seats", "starts": date(2026, 4, 1), "ends": date(2027, 3, 31)}


def quota(cast: Cast, granted: int = 10, name: str = "康馨公益基金会", **more: Any) -> int:
    partner = store.save(cast.he, RECORDS["organisation"], {"name": name, "kind": "foundation"})
    return store.save(cast.he, QUOTA, {"organisation_id": partner, "granted": granted, **YEAR, **more})


def standing(cast: Cast, key: int) -> Standing:
    return quotas.ledger(cast.he, key).standing


def assign(cast: Cast, key: int, amount: int) -> int:
    return quotas.assign(cast.he, key, amount, on=DAY, purpose="救护员班")


def test_assign_undo_reassign_is_exact(cast: Cast) -> None:
    key = quota(cast)
    entry = assign(cast, key, 7)
    assert standing(cast, key).left == 3
    quotas.undo(cast.he, entry, "班次取消")
    assert standing(cast, key) == Standing(10, 0)
    assign(cast, key, 10)
    assert standing(cast, key) == Standing(10, 10)
    amounts = [entry.values["amount"] for entry in quotas.ledger(cast.he, key).entries]
    assert amounts == [-10, 7, -7]


def test_an_entry_is_undone_once_and_an_undo_never(cast: Cast) -> None:
    key = quota(cast)
    entry = assign(cast, key, 2)
    undo = quotas.undo(cast.he, entry)
    for again in (entry, undo):
        with pytest.raises(Conflict):
            quotas.undo(cast.he, again)
    assert quotas.ledger(cast.he, key).undoable == frozenset()
    assert standing(cast, key).left == 10


def test_a_token_assigns_once(cast: Cast) -> None:
    key = quota(cast)
    quotas.assign(cast.he, key, 1, on=DAY, purpose="班", token="t")
    with pytest.raises(Exception, match="already_done"):
        quotas.assign(cast.he, key, 1, on=DAY, purpose="班", token="t")
    assert standing(cast, key).left == 9


def test_a_quota_comes_back_out_of_the_bin(cast: Cast) -> None:
    key = quota(cast)
    store.remove(cast.admin, QUOTA, key)
    store.restore(cast.admin, QUOTA, key)
    assert standing(cast, key).left == 10


def test_neither_what_is_left_nor_what_is_used_falls_below_nothing(cast: Cast) -> None:
    key = quota(cast, 3)
    entry = assign(cast, key, 3)
    refused: list[tuple[Callable[[], object], dict[str, str]]] = [
        (lambda: assign(cast, key, 1), {"amount": "quota_short"}),
        (lambda: quotas.adjust(cast.he, key, -1, "减少"), {"amount": "quota_short"}),
        (lambda: quotas.release(cast.he, key, 4), {"amount": "quota_unused"}),
        (lambda: store.save(cast.he, QUOTA, {"granted": 2}, id=key), {"granted": "quota_short"}),
        (lambda: store.remove(cast.he, QUOTA, key), {"": "quota_used"}),
    ]
    for act, fields in refused:
        with pytest.raises(Invalid) as error:
            act()
        assert error.value.fields == fields
    quotas.release(cast.he, key, 2)
    with pytest.raises(Invalid) as error:
        quotas.undo(cast.he, entry)
    assert error.value.fields == {"amount": "quota_unused"}
    assert standing(cast, key) == Standing(3, 1)


@pytest.mark.parametrize(
    ("more", "fields"),
    [
        ({"amount": 0}, {"amount": "too_small"}),
        ({"amount": -3}, {"amount": "too_small"}),
        ({"purpose": " "}, {"purpose": "required"}),
        ({"on": date(2026, 3, 31)}, {"on": "outside_quota"}),
        ({"on": date(2027, 4, 1)}, {"on": "outside_quota"}),
    ],
)
def test_bad_input_is_told_beside_its_field(cast: Cast, more: dict[str, Any], fields: dict[str, str]) -> None:
    key = quota(cast)
    given: dict[str, Any] = {"amount": 1, "on": DAY, "purpose": "班", **more}
    with pytest.raises(Invalid) as error:
        quotas.assign(cast.he, key, given.pop("amount"), **given)
    assert error.value.fields == fields
    assert standing(cast, key).left == 10


def test_the_first_and_the_last_day_of_the_period_count(cast: Cast) -> None:
    key = quota(cast)
    for day in (YEAR["starts"], YEAR["ends"]):
        quotas.assign(cast.he, key, 1, on=day, purpose="班")  # type: ignore[arg-type]
    assert standing(cast, key).used == 2


def test_the_ledger_has_no_other_door(cast: Cast) -> None:
    key = quota(cast)
    entry = assign(cast, key, 2)
    with pytest.raises(Invalid):
        store.save(cast.he, ENTRY, {"quota_id": key, "act": "assign", "amount": 5, "entered_on": DAY})
    with pytest.raises(Invalid):
        store.save(cast.he, ENTRY, {"amount": -1}, id=entry)
    with pytest.raises(Invalid):
        store.remove(cast.he, ENTRY, entry)
    assert standing(cast, key) == Standing(10, 2)


def test_of_two_at_once_for_the_last_seat_one_gets_it(cast: Cast) -> None:
    key = quota(cast, 1)

    def want(_n: int) -> bool:
        try:
            assign(cast, key, 1)
        except Invalid as error:
            assert error.fields == {"amount": "quota_short"}
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(want, range(6))) == [False] * 5 + [True]
    assert standing(cast, key) == Standing(1, 1)


def test_of_two_who_undo_at_once_one_does(cast: Cast) -> None:
    key = quota(cast, 5)
    entry = assign(cast, key, 5)

    def undo(_n: int) -> bool:
        try:
            quotas.undo(cast.he, entry)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(undo, range(4))) == [False] * 3 + [True]
    assert standing(cast, key).left == 5


NUMBERS = count()
ACTS = st.lists(
    st.tuples(st.sampled_from(["assign", "release", "adjust", "undo"]), st.integers(-3, 6), st.integers(0, 8)),
    max_size=18,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, granted=st.integers(0, 9))
def test_the_balance_is_what_was_granted_less_the_live_assignments(
    cast: Cast, acts: list[tuple[str, int, int]], granted: int
) -> None:
    """Beside the portal a plain model: a list of amounts, from which an undone entry is struck out."""
    key = quota(cast, granted, name=f"单位{next(NUMBERS)}")
    live: dict[int, tuple[str, int]] = {}
    for act, amount, which in acts:
        done = _try(cast, key, act, amount, list(live)[which : which + 1])
        if done is None:
            continue
        if act == "undo":
            del live[done]
        else:
            live[done] = act, amount
        now = standing(cast, key)
        used = sum(n if kind == "assign" else -n for kind, n in live.values() if kind != "adjust")
        more = sum(n for kind, n in live.values() if kind == "adjust")
        assert now == Standing(granted + more, used)
        assert now.left >= 0 and now.used >= 0


def _try(cast: Cast, key: int, act: str, amount: int, which: list[int]) -> int | None:
    try:
        if act == "assign":
            return assign(cast, key, amount)
        if act == "release":
            return quotas.release(cast.he, key, amount, on=DAY)
        if act == "adjust":
            return quotas.adjust(cast.he, key, amount, "调整", on=DAY)
        if which:
            quotas.undo(cast.he, which[0])
            return which[0]
    except Invalid:
        return None
    return None


def test_strangers_and_readers_write_nothing_and_unknown_ids_are_not_found(cast: Cast) -> None:
    key = quota(cast)
    entry = assign(cast, key, 1)
    writes: list[Callable[[Actor], int]] = [
        lambda who: quotas.assign(who, key, 1, on=DAY, purpose="班"),
        lambda who: quotas.release(who, key, 1),
        lambda who: quotas.adjust(who, key, 1, "多"),
        lambda who: quotas.undo(who, entry),
    ]
    for who in (cast.stranger, cast.chen):
        for write in writes:
            with pytest.raises(Denied):
                write(who)
    with pytest.raises(NotFound):
        quotas.assign(cast.he, 999, 1, on=DAY, purpose="班")
    with pytest.raises(NotFound):
        quotas.undo(cast.he, 999)
    with pytest.raises(NotFound):
        quotas.assign(cast.wang, key, 1, on=DAY, purpose="班")
    assert quotas.ledger(cast.chen, key).standing.left == 9


def test_the_card_shows_what_is_left_and_a_reader_gets_no_button(demo: None) -> None:
    found = store.rows(seat(Role.ADMINISTRATOR).actor, QUOTA).rows[0]
    key = found.values["organisation_id"]
    left = quotas.ledger(seat(Role.ADMINISTRATOR).actor, found.id).standing.left
    for role, writes in ((Role.PARTNER_MANAGER, True), (Role.LEADER, False)):
        at = visit(seat(role), "organisation", id=key)
        assert healthy(at) and at.metric[-1].value == f"剩余 {left}"
        assert ("记入台账" in [button.label for button in at.button]) is writes
        assert ("撤销" in [button.label for button in at.button]) is writes


def test_assigning_and_undoing_on_the_page(demo: None) -> None:
    who = seat(Role.PARTNER_MANAGER)
    found = store.rows(who.actor, QUOTA).rows[0]
    before = quotas.ledger(who.actor, found.id).standing.left
    at = visit(who, "organisation", id=found.values["organisation_id"])
    token = at.session_state["tokens"][f"quota.{found.id}"]
    at.number_input(f"{token}.amount").set_value(2)
    at.text_input(f"{token}.purpose").set_value("救护员班")
    at.button(f"{token}.do").click().run()
    assert healthy(at) and quotas.ledger(who.actor, found.id).standing.left == before - 2
    newest = quotas.ledger(who.actor, found.id).entries[0]
    undo = at.session_state["tokens"][f"quota_entry.{newest.id}"]
    at.button(f"{undo}.do").click().run()
    assert healthy(at) and quotas.ledger(who.actor, found.id).standing.left == before
    token = at.session_state["tokens"][f"quota.{found.id}"]
    at.number_input(f"{token}.amount").set_value(9999)
    at.text_input(f"{token}.purpose").set_value("救护员班")
    at.button(f"{token}.do").click().run()
    assert "名额不够" in " ".join(texts(at))
    assert at.text_input(f"{token}.purpose").value == "救护员班"
    assert db.engine()
