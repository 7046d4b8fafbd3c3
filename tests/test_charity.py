"""Charity projects and aid: the steps of an application, two people for an approval, sums that agree (S1, 01.3)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from models import RECORDS
from models.charity import AIDED, GRANTED, LINE, AidState
from models.system import Role
from seed import load
from services import charity, clock, exchange, kpi, store
from services.access import SYSTEM, Actor
from services.charity import APPLICATION
from services.errors import AlreadyDone, Conflict, Denied, Invalid, NotFound
from tests.conftest import HOME
from tests.stage import seat, texts, visit

TODAY = clock.today()
SERIAL = count(1)
FACTS: dict[str, dict[str, Any]] = {
    "submit": {"diagnosis": "先天性心脏病", "asked": Decimal(20_000)},
    "screen": {},
    "approve": {"granted": Decimal(15_000)},
    "pay": {"paid": Decimal(12_000), "paid_on": TODAY},
    "close": {"result": "手术成功"},
}


@dataclass
class Aid:
    """Two coordinators, a client who agreed, a project with 100,000, and applications to it."""

    lin: Actor
    su: Actor
    project: int
    client: int

    def new(self, **given: Any) -> int:
        keys = {"client_id": self.client, "charity_project_id": self.project, "applied_on": TODAY}
        return store.save(self.lin, APPLICATION, keys | given)

    def step(self, key: int, name: str, **given: Any) -> None:
        """Taken by Lin, the approval by Su."""
        charity.advance(self.su if name == "approve" else self.lin, key, name, FACTS[name] | given)

    def at(self, state: AidState) -> int:
        key = self.new()
        for name in list(FACTS)[: LINE.index(state)]:
            self.step(key, name)
        return key

    def values(self, key: int) -> dict[str, Any]:
        return store.get(self.lin, APPLICATION, key).values

    def state(self, key: int) -> str:
        return str(self.values(key)["state"])


def somebody(name: str, **given: Any) -> int:
    return store.save(SYSTEM, RECORDS["client"], {"name": name, "phone": f"139{next(SERIAL):08d}", **given})


def with_money(project: int, amount: int) -> None:
    funder = store.save(SYSTEM, RECORDS["organisation"], {"name": f"基金会{project}", "kind": "foundation"})
    given = {"charity_project_id": project, "organisation_id": funder, "received_on": TODAY, "amount": amount}
    store.save(SYSTEM, RECORDS["funding"], given)


def a_project(name: str) -> int:
    return store.save(SYSTEM, RECORDS["charity_project"], {"name": name, "state": "running", "starts": TODAY})


@pytest.fixture
def aid(database: str) -> Aid:
    project = a_project("心愿项目")
    with_money(project, 100_000)
    lin, su = seat(Role.COORDINATOR).actor, seat(Role.COORDINATOR).actor
    return Aid(lin, su, project, somebody("欧阳一", consent=True))


def test_an_application_goes_from_draft_to_closed_and_each_step_is_told(aid: Aid) -> None:
    key = aid.at(AidState.CLOSED)
    row, told = aid.values(key), charity.course(aid.lin, key)
    assert (row["granted"], row["paid"], row["paid_on"], row["result"]) == (15_000, 12_000, TODAY, "手术成功")
    assert [step.values["after"] for step in reversed(told.steps)] == list(LINE[1:])
    assert {step.values["taken_by"] for step in told.steps} == {aid.lin.name, aid.su.name}
    assert all(step.values["stepped_on"] == TODAY for step in told.steps)


@pytest.mark.parametrize(
    ("state", "name", "given", "errors"),
    [
        (AidState.DRAFTED, "submit", {"diagnosis": ""}, {"diagnosis": "required"}),
        (AidState.DRAFTED, "submit", {"asked": None}, {"asked": "required"}),
        (AidState.DRAFTED, "submit", {"asked": "一万"}, {"asked": "number_format"}),
        (AidState.SCREENED, "approve", {"granted": None}, {"granted": "required"}),
        (AidState.SCREENED, "approve", {"granted": Decimal("20000.01")}, {"granted": "granted_above_asked"}),
        (AidState.APPROVED, "pay", {"paid": Decimal("15000.01")}, {"paid": "paid_above_granted"}),
        (AidState.APPROVED, "pay", {"paid_on": None}, {"paid_on": "required"}),
        (AidState.APPROVED, "pay", {"paid_on": TODAY + timedelta(days=1)}, {"paid_on": "date_future"}),
        (AidState.PAID, "close", {"result": " "}, {"result": "required"}),
    ],
)
def test_a_step_without_its_facts_is_refused_and_nothing_changes(
    aid: Aid, state: AidState, name: str, given: dict[str, Any], errors: dict[str, str]
) -> None:
    key = aid.at(state)
    with pytest.raises(Invalid) as refused:
        aid.step(key, name, **given)
    assert (refused.value.fields, aid.state(key)) == (errors, state)
    assert len(charity.course(aid.lin, key).steps) == LINE.index(state)


def test_nothing_is_submitted_without_the_clients_consent(aid: Aid) -> None:
    key = aid.new(client_id=somebody("欧阳二"))
    with pytest.raises(Invalid) as refused:
        aid.step(key, "submit")
    assert refused.value.fields == {"client_id": "consent_missing"}


def test_nobody_approves_what_they_submitted(aid: Aid) -> None:
    key = aid.at(AidState.SCREENED)
    with pytest.raises(Denied) as refused:
        charity.advance(aid.lin, key, "approve", FACTS["approve"])
    assert (refused.value.code, aid.state(key)) == ("own_submission", "screened")
    assert (charity.course(aid.lin, key).own, charity.course(aid.su, key).own) == (True, False)
    entered = aid.new(state="screened", asked=Decimal(20_000))
    with pytest.raises(Denied):
        charity.advance(aid.lin, entered, "approve", FACTS["approve"])


def test_leading_an_application_back_makes_nobody_its_submitter(aid: Aid) -> None:
    key = aid.at(AidState.SCREENED)
    charity.step_back(aid.su, key, AidState.SUBMITTED, "补材料")
    aid.step(key, "screen")
    with pytest.raises(Denied):
        charity.advance(aid.lin, key, "approve", FACTS["approve"])
    aid.step(key, "approve")
    assert aid.state(key) == "approved"


def test_whoever_ever_submitted_it_leaves_the_approval_to_others(aid: Aid) -> None:
    third = seat(Role.COORDINATOR).actor
    for key in (aid.at(AidState.SCREENED), aid.new(state="screened", asked=Decimal(20_000))):
        charity.step_back(third, key, AidState.DRAFTED, "重新申请")
        charity.advance(aid.su, key, "submit", FACTS["submit"])
        charity.advance(third, key, "screen", {})
        for submitter in (aid.lin, aid.su):
            assert charity.course(submitter, key).own
            with pytest.raises(Denied):
                charity.advance(submitter, key, "approve", FACTS["approve"])
        charity.advance(third, key, "approve", FACTS["approve"])


def test_who_may_not_approve_neither_approves_nor_refuses(aid: Aid) -> None:
    steward, key = seat(Role.HEALTH_STEWARD).actor, aid.at(AidState.SCREENED)
    for name, facts in (("approve", FACTS["approve"]), ("refuse", {"reason": "不符"})):
        with pytest.raises(Denied):
            charity.advance(steward, key, name, facts)
    for reader in (seat(Role.LEADER).actor, seat(Role.AUDITOR).actor, seat().actor):
        with pytest.raises(Denied):
            charity.advance(reader, aid.new(), "submit", FACTS["submit"])


def test_a_refusal_says_why_and_can_be_reopened(aid: Aid) -> None:
    key = aid.at(AidState.SUBMITTED)
    with pytest.raises(Invalid):
        charity.advance(aid.su, key, "refuse", {"reason": ""})
    charity.advance(aid.su, key, "refuse", {"reason": "不在救助病种内"})
    assert charity.course(aid.lin, key).steps[0].values["reason"] == "不在救助病种内"
    charity.step_back(aid.lin, key, AidState.DRAFTED, "补充了病历")
    assert (aid.state(key), aid.values(key)["reason"]) == ("drafted", "")


@pytest.mark.parametrize("to", LINE[:-1])
def test_a_jump_back_needs_a_reason_and_undoes_the_facts_of_its_steps(aid: Aid, to: AidState) -> None:
    key = aid.at(AidState.CLOSED)
    with pytest.raises(Invalid):
        charity.step_back(aid.lin, key, to, "  ")
    charity.step_back(aid.lin, key, to, "登记有误")
    row, reached = aid.values(key), LINE.index(to)
    kept = (row["granted"] is not None, row["paid"] is not None, row["paid_on"] is not None, row["result"] != "")
    assert kept == (reached >= 3, reached >= 4, reached >= 4, reached >= 5)
    assert (aid.state(key), charity.course(aid.lin, key).steps[0].values["reason"]) == (to, "登记有误")
    assert store.history(aid.lin, APPLICATION, key)[0].reason == "登记有误"


def test_a_jump_forward_is_none(aid: Aid) -> None:
    key = aid.at(AidState.SUBMITTED)
    for to in (AidState.SUBMITTED, AidState.PAID, AidState.REFUSED):
        with pytest.raises(Conflict):
            charity.step_back(aid.lin, key, to, "想当然")
    with pytest.raises(Conflict):
        aid.step(key, "pay")


def test_what_was_granted_is_undone_by_who_may_grant(aid: Aid) -> None:
    steward, key = seat(Role.HEALTH_STEWARD).actor, aid.at(AidState.APPROVED)
    assert charity.earlier(steward, AidState.APPROVED) == ()
    with pytest.raises(Conflict):
        charity.step_back(steward, key, AidState.DRAFTED, "重来")


def test_neither_form_nor_sheet_goes_round_the_steps(aid: Aid) -> None:
    key = aid.at(AidState.APPROVED)
    for changed in ({"state": "paid", "paid_on": TODAY}, {"granted": Decimal(19_000)}, {"asked": Decimal(90_000)}):
        with pytest.raises(Invalid) as refused:
            store.save(aid.lin, APPLICATION, changed, id=key)
        assert "only_by_steps" in refused.value.fields.values()
    store.save(aid.lin, APPLICATION, {"notes": "已电话告知"}, id=key)
    store.save(aid.lin, APPLICATION, {"number": "JZ-9"}, id=key)
    sheet = HOME / "aid.csv"
    head, cells = (
        "申请编号,服务对象,公益项目,申请日期,状态,批准金额（元）",
        f"JZ-9,欧阳一,心愿项目,{TODAY},已批准,19000",
    )
    sheet.write_text(f"{head}\n{cells}\n", encoding="utf-8")
    done = exchange.run_import(aid.lin, APPLICATION, sheet, dry_run=False)
    assert "only_by_steps" in repr(done)
    assert aid.values(key)["granted"] == 15_000


def test_a_ledger_of_the_past_comes_in_as_it_stands_and_means_the_whole_grant(aid: Aid) -> None:
    key = aid.new(state="paid", granted=Decimal(8_000), paid_on=TODAY)
    assert aid.values(key)["paid"] == 8_000


def test_a_ledger_of_what_was_granted_is_brought_in_by_who_may_approve(aid: Aid) -> None:
    steward = seat(Role.HEALTH_STEWARD).actor
    keys = {"client_id": aid.client, "charity_project_id": aid.project, "applied_on": TODAY}
    facts = {"granted": Decimal(500), "paid_on": TODAY, "result": "已办结"}
    for state in GRANTED:
        with pytest.raises(Invalid) as refused:
            store.save(steward, APPLICATION, keys | facts | {"state": state})
        assert refused.value.fields == {"state": "only_by_steps"}
    sheet = HOME / "ledger.csv"
    head, cells = (
        "服务对象,公益项目,申请日期,状态,批准金额（元）,拨付日期",
        f"欧阳一,心愿项目,{TODAY},已拨付,500,{TODAY}",
    )
    sheet.write_text(f"{head}\n{cells}\n", encoding="utf-8")
    done = exchange.run_import(steward, APPLICATION, sheet)
    assert (done.created, [problem.code for problem in done.problems]) == (0, ["only_by_steps"])
    assert exchange.run_import(aid.lin, APPLICATION, sheet).created == 1
    store.save(steward, APPLICATION, keys | {"number": "JZ-1"})


def at_once(acts: list[Callable[[], None]]) -> list[str]:
    """What came of acts that began together: `done`, or the name of the error."""

    def tried(act: Callable[[], None]) -> str:
        try:
            act()
        except (Conflict, Denied, Invalid, AlreadyDone) as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(tried, acts))


@pytest.mark.parametrize(("state", "name"), [(AidState.SCREENED, "approve"), (AidState.APPROVED, "pay")])
def test_of_two_who_take_a_step_at_once_one_wins(aid: Aid, state: AidState, name: str) -> None:
    key, other = aid.at(state), seat(Role.COORDINATOR).actor

    def act(who: Actor, amount: int) -> Callable[[], None]:
        field = {"approve": "granted", "pay": "paid"}[name]
        return lambda: charity.advance(who, key, name, FACTS[name] | {field: Decimal(amount)})

    assert at_once([act(aid.su, 7_000), act(other, 9_000)]) == ["Conflict", "done"]
    assert len(charity.course(aid.lin, key).steps) == LINE.index(state) + 1


def test_a_second_click_is_no_second_step(aid: Aid) -> None:
    key = aid.at(AidState.DRAFTED)
    charity.advance(aid.lin, key, "submit", FACTS["submit"], token="once")
    with pytest.raises(AlreadyDone):
        charity.advance(aid.lin, key, "submit", FACTS["submit"], token="once")


# -- sums --------------------------------------------------

AMOUNTS = some.decimals(1, 20_000, places=2)
APPLICATIONS = some.lists(
    some.tuples(some.sampled_from(list(AidState)), AMOUNTS, AMOUNTS, some.integers(0, 2)), max_size=6
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrived=some.lists(AMOUNTS, max_size=4), asked=APPLICATIONS)
def test_the_money_agrees_with_the_rows(aid: Aid, arrived: list[Decimal], asked: list[Any]) -> None:
    """raised − paid = balance, granted ≥ paid, and every sum is that of its rows, whatever was recorded."""
    project = a_project(f"项目{next(SERIAL)}")
    funder = store.save(SYSTEM, RECORDS["organisation"], {"name": f"会{next(SERIAL)}", "kind": "foundation"})
    for amount in arrived:
        row = {"charity_project_id": project, "organisation_id": funder, "received_on": TODAY, "amount": amount}
        store.save(SYSTEM, RECORDS["funding"], row)
    people = [somebody(name, consent=True) for name in ("欧阳甲", "欧阳乙", "欧阳丙")]
    for state, one, other, who in asked:
        paid, granted = sorted((one, other))
        facts = {"state": state, "reason": "不符", "paid_on": TODAY, "granted": granted, "paid": paid}
        aid.new(charity_project_id=project, client_id=people[who], number=f"N{next(SERIAL)}", **facts)
    found = charity.project(aid.lin, project)
    money, granted_rows = found.money, [row for row in asked if row[0] in GRANTED]
    aided_rows = [row for row in asked if row[0] in AIDED]
    assert money.raised == sum(arrived) and money.granted == sum(max(row[1:3]) for row in granted_rows)
    assert money.paid == sum(min(row[1:3]) for row in aided_rows)
    assert money.raised - money.paid == money.balance and money.granted >= money.paid
    assert money.free == money.balance - sum(max(row[1:3]) for row in asked if row[0] == AidState.APPROVED)
    assert sum(found.counts.values()) == len(asked)
    assert found.people == len({row[3] for row in aided_rows})


def test_the_parts_of_the_projects_are_the_people_of_the_indicator(aid: Aid) -> None:
    contract = load.load_preset_contract(SYSTEM, "medical_social_work", TODAY - timedelta(days=100))
    other, again = a_project("光明项目"), somebody("欧阳三", consent=True)
    aid.at(AidState.PAID)
    aid.at(AidState.CLOSED)
    for day in (TODAY, TODAY - timedelta(days=200)):
        aid.new(charity_project_id=other, client_id=again, state="paid", granted=1, paid_on=day,
                applied_on=date(2020, 1, 1), number=f"L{day}")  # fmt: skip
    period = kpi.period(aid.lin)
    assert period
    parts = [charity.project(aid.lin, key, period.start, period.end).people_in_period for key in (aid.project, other)]
    figure = next(f for f in kpi.board(aid.lin, contract).figures if f.code == "01.3")
    assert (parts, figure.actual) == ([1, 1], 2)


def test_a_station_sees_only_its_own_applications_in_a_project(aid: Aid) -> None:
    unit = store.save(SYSTEM, RECORDS["unit"], {"name": "一号站"})
    wang = seat(Role.STATION_LEAD, units=(unit,)).actor
    shared = store.save(SYSTEM, RECORDS["charity_project"], {"name": "站点项目", "unit_id": unit})
    aid.new(charity_project_id=shared)
    assert sum(charity.project(wang, shared).counts.values()) == 0
    with pytest.raises(NotFound):
        charity.project(wang, aid.project)
    with pytest.raises(NotFound):
        charity.advance(wang, aid.at(AidState.DRAFTED), "submit", FACTS["submit"])


# -- pages --------------------------------------------------


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_typed_stays_when_a_step_is_refused(aid: Aid) -> None:
    key, who = aid.at(AidState.SCREENED), seat(Role.COORDINATOR)
    at = visit(who, "aid_application", id=key)
    field = next(one for one in at.text_input if one.label == "批准金额（元）")
    assert field.value == "20000.00"
    field.set_value("30000").run()
    next(button for button in at.button if button.label == "批准").click().run()
    assert next(one for one in at.text_input if one.label == "批准金额（元）").value == "30000"
    assert any("批准金额不能超过申请金额" in text for text in texts(at))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_grant_beyond_the_projects_money_is_told_and_not_refused(aid: Aid) -> None:
    poor = a_project("无钱项目")
    key, who = aid.new(charity_project_id=poor, asked=Decimal(500), state="screened"), seat(Role.COORDINATOR)
    at = visit(who, "aid_application", id=key)
    assert any("项目可用余额 ¥0，批准后缺口 ¥500" in one.value for one in at.warning)
    next(button for button in at.button if button.label == "批准").click().run()
    assert aid.state(key) == "approved"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("role", "offered"),
    [(Role.COORDINATOR, {"批准"}), (Role.HEALTH_STEWARD, set()), (Role.LEADER, {"批准"}), (Role.AUDITOR, set())],
)
def test_the_next_step_is_offered_to_who_may_take_it(aid: Aid, role: Role, offered: set[str]) -> None:
    at = visit(seat(role), "aid_application", id=aid.at(AidState.SCREENED))
    assert {button.label for button in at.button} & {"批准", "登记拨付", "提交申请"} == offered
