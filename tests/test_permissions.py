"""Who may do what: the matrix as it was agreed, against the code's table and against every service as every role."""

import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from models import RECORDS
from models.certificates import Ruling
from models.charity import DRAFTED
from models.clients import FollowupState
from models.partners import Stage
from models.system import Role
from models.training import Base, SessionState
from services import (
    acceptance,
    access,
    accounts,
    assessment,
    assistance,
    attachments,
    bases,
    certificates,
    channels,
    charity,
    checkin,
    clashes,
    closing,
    communities,
    counting_rules,
    coverage,
    deliverables,
    departments,
    deployments,
    eligibility,
    ending,
    enrolling,
    exchange,
    expiry,
    feedback,
    feeds,
    finishing,
    institution,
    jobs,
    journal,
    kit,
    kpi,
    lessons,
    numbers,
    partner_links,
    partners,
    planning,
    proof_sheet,
    proofs,
    quiz,
    quotas,
    readiness,
    recurring,
    rekey,
    rescue,
    retention,
    rulings,
    seats,
    serving,
    serving_absence,
    serving_awards,
    serving_candidates,
    serving_export,
    serving_hours,
    serving_ledger,
    serving_lifecycle,
    serving_pass,
    serving_proof,
    serving_roster,
    splits,
    store,
    targets,
    timetable,
    together,
    training,
    volunteers,
    walk_ins,
    wechat,
)
from services.access import AREAS, LETTERS, Actor
from services.deliverables import DELIVERABLE
from services.errors import Denied, NotFound
from services.store import Query
from tests.conftest import HOME, Cast
from tests.stage import seat

ADMIN, LEADER, COORDINATOR, BASE, PARTNER, STEWARD, STATION, AUDITOR = Role
ORDER = "r w d i x p a"
BY_AREA: dict[str, dict[Role, str]] = {
    "people": {ADMIN: "rwdixp"},
    "volunteers": {
        ADMIN: "rwdixpa", BASE: "rwdixpa", COORDINATOR: "rwixpa", STATION: "rwixpa", LEADER: "rx", AUDITOR: "r",
    },
    "training": {
        ADMIN: "rwdixpa", BASE: "rwdixpa", COORDINATOR: "rwdixpa", STATION: "rwixpa", LEADER: "rx", PARTNER: "r",
        STEWARD: "r", AUDITOR: "r",
    },
    "partners": {
        ADMIN: "rwdixpa", PARTNER: "rwdixpa", COORDINATOR: "rwixp", STATION: "rwixp", BASE: "rp", LEADER: "rx",
        AUDITOR: "r",
    },
    "services": {
        ADMIN: "rwdixpa", COORDINATOR: "rwdixpa", STATION: "rwixpa", STEWARD: "rwixp", LEADER: "rxa", AUDITOR: "r",
    },
    "community": {
        ADMIN: "rwdixa", COORDINATOR: "rwdix", STATION: "rwix", LEADER: "rxa", BASE: "r", PARTNER: "r", AUDITOR: "r",
    },
    "research": {
        ADMIN: "rwdixa", COORDINATOR: "rwix", BASE: "rwix", LEADER: "rxa", PARTNER: "r", STATION: "r", AUDITOR: "r",
    },
    "indicators": {
        ADMIN: "rxa", LEADER: "rxa", COORDINATOR: "rx", BASE: "rx", PARTNER: "rx", STATION: "rx", STEWARD: "r",
        AUDITOR: "r",
    },
    "contract": {
        ADMIN: "rwdixp", LEADER: "r", COORDINATOR: "r", BASE: "r", PARTNER: "r", STATION: "r", AUDITOR: "r",
    },
    "reference": {
        ADMIN: "rwdix", BASE: "rw", LEADER: "r", COORDINATOR: "r", PARTNER: "r", STEWARD: "r", STATION: "r",
        AUDITOR: "r",
    },
    "admin": {ADMIN: "rwdx", AUDITOR: "r"},
}  # fmt: skip
MATRIX = {role: {area: BY_AREA[area].get(role, "") for area in BY_AREA} for role in Role}

VOLUNTEER, ORGANISATION, COURSE = (RECORDS[name] for name in ("volunteer", "organisation", "course"))
NOBODY = 999_999
RULE = counting_rules.Rule("interaction", "happened_on")
DAY, MOMENT = date(2026, 11, 23), datetime(2026, 11, 23, 6, tzinfo=UTC)
SHEET = HOME / "nobody.csv"
OUT = HOME / "export.csv"
Call = Callable[[Actor], Any]

VERBS: dict[str, tuple[str, str, Call]] = {
    "acceptance.keep": ("x", "indicators", lambda a: acceptance.keep(a, {"contract_id": NOBODY}, [])),
    "acceptance.made_of": ("r", "indicators", lambda a: acceptance.made_of(a, NOBODY)),
    "acceptance.sign": ("a", "indicators", lambda a: acceptance.sign(a, NOBODY, "同意")),
    "accounts.create_account": ("w", "admin", lambda a: accounts.create_account(a, "", "", ())),
    "accounts.end_sessions": ("w", "admin", lambda a: accounts.end_sessions(a, NOBODY)),
    "accounts.reset_password": ("w", "admin", lambda a: accounts.reset_password(a, NOBODY)),
    "assistance.advance": ("w", "services", lambda a: assistance.advance(a, NOBODY, "accept", {})),
    "assistance.alike": ("r", "services", lambda a: assistance.alike(a, NOBODY, "escort", DAY)),
    "assessment.exam": ("r", "training", lambda a: assessment.exam(a, NOBODY)),
    "assessment.recent": ("r", "training", lambda a: assessment.recent(a)),
    "assessment.take": ("w", "training", lambda a: assessment.take(a, NOBODY, {}, {})),
    "attachments.attach": ("w", "volunteers", lambda a: attachments.attach(a, VOLUNTEER, NOBODY, "a.txt", b"a")),
    "attachments.attach_all": ("w", "volunteers", lambda a: attachments.attach_all(a, VOLUNTEER, NOBODY, [("a", b"")])),
    "attachments.counts": ("r", "volunteers", lambda a: attachments.counts(a, VOLUNTEER, [NOBODY])),
    "attachments.list": ("r", "volunteers", lambda a: attachments.list(a, VOLUNTEER, NOBODY)),
    "bases.overview": ("r", "training", lambda a: bases.overview(a, Base.TRAINING_BASE)),
    "charity.advance": ("w", "services", lambda a: charity.advance(a, NOBODY, "submit", {})),
    "charity.course": ("r", "services", lambda a: charity.course(a, NOBODY)),
    "charity.project": ("r", "partners", lambda a: charity.project(a, NOBODY)),
    "charity.step_back": ("w", "services", lambda a: charity.step_back(a, NOBODY, DRAFTED, "更正")),
    "attachments.of_many": ("r", "volunteers", lambda a: attachments.of_many(a, VOLUNTEER, [NOBODY])),
    "channels.channels": ("r", "admin", lambda a: channels.channels(a)),
    "channels.recent": ("r", "admin", lambda a: channels.recent(a)),
    "channels.remove": ("d", "admin", lambda a: channels.remove(a, NOBODY)),
    "channels.retry": ("w", "admin", lambda a: channels.retry(a, NOBODY)),
    "channels.save": ("w", "admin", lambda a: channels.save(a, {})),
    "channels.test": ("w", "admin", lambda a: channels.test(a, NOBODY)),
    "deployments.send_out": ("w", "volunteers", lambda a: deployments.send_out(a, {}, [NOBODY])),
    "deployments.on_duty": ("r", "volunteers", lambda a: deployments.on_duty(a, [NOBODY])),
    "deployments.credit": ("w", "volunteers", lambda a: deployments.credit(a, NOBODY)),
    "expiry.ending_lines": ("r", "training", lambda a: expiry.ending_lines(a, DAY)),
    "readiness.call_list": ("r", "volunteers", lambda a: readiness.call_list(a)),
    "readiness.numbers": ("p", "volunteers", lambda a: readiness.numbers(a, [NOBODY], "溺水救援")),
    "readiness.slot_of": ("r", "volunteers", lambda a: readiness.slot_of(a, MOMENT)),
    "readiness.export": ("x", "volunteers", lambda a: readiness.export(a, readiness.CallQuery(), BytesIO())),
    "certificates.approve": ("a", "training", lambda a: certificates.approve(a, NOBODY)),
    "certificates.copy": ("w", "training", lambda a: certificates.copy(a, NOBODY, "遗失")),
    "certificates.printed": ("p", "training", lambda a: certificates.printed(a, NOBODY)),
    "certificates.revoke": ("a", "training", lambda a: certificates.revoke(a, NOBODY, "冒名")),
    "certificates.send_back": ("w", "training", lambda a: certificates.send_back(a, NOBODY, "核对")),
    "certificates.submit": ("w", "training", lambda a: certificates.submit(a, NOBODY)),
    "rulings.rule": ("w", "training", lambda a: rulings.rule(a, NOBODY, NOBODY, Ruling.WITHHELD, "核对")),
    "rulings.take_back": ("w", "training", lambda a: rulings.take_back(a, NOBODY)),
    "ending.ending": ("r", "training", lambda a: ending.ending(a, NOBODY)),
    "enrolling.closed": ("r", "training", lambda a: enrolling.closed(a, NOBODY)),
    "institution.of_base": ("r", "training", lambda a: institution.of_base(a, "training_base")),
    "institution.read": ("r", "admin", institution.read),
    "institution.save": ("w", "admin", lambda a: institution.save(a, {})),
    "eligibility.eligibility": ("r", "training", lambda a: eligibility.eligibility(a, NOBODY)),
    "eligibility.lists_waiting": ("r", "training", lambda a: eligibility.lists_waiting(a)),
    "expiry.board": ("r", "training", lambda a: expiry.board(a, expiry.Band.QUARTER)),
    "checkin.door": ("w", "training", lambda a: checkin.door(a, NOBODY)),
    "lessons.grid": ("r", "training", lambda a: lessons.grid(a, NOBODY)),
    "lessons.lessons": ("r", "training", lambda a: lessons.lessons(a, NOBODY)),
    "lessons.mark": ("w", "training", lambda a: lessons.mark(a, NOBODY, {})),
    "checkin.renew": ("w", "training", lambda a: checkin.renew(a, NOBODY)),
    "checkin.checkin_path": ("w", "training", lambda a: checkin.checkin_path(a, NOBODY)),
    "communities.counts_of_visit": ("r", "community", lambda a: communities.counts_of_visit(a, NOBODY)),
    "communities.site_work": ("r", "community", lambda a: communities.site_work(a, NOBODY)),
    "deliverables.accept": ("a", "research", lambda a: deliverables.accept(a, DELIVERABLE, NOBODY, {})),
    "deliverables.adopt": ("w", "research", lambda a: deliverables.adopt(a, NOBODY, "x")),
    "deliverables.checklist": ("r", "research", lambda a: deliverables.checklist(a, DELIVERABLE, NOBODY)),
    "deliverables.of_code": ("r", "research", lambda a: deliverables.of_code(a, "x")),
    "deliverables.publish": ("w", "research", lambda a: deliverables.publish(a, NOBODY, "a.txt", b"a")),
    "deliverables.reopen": ("a", "research", lambda a: deliverables.reopen(a, DELIVERABLE, NOBODY, "缺签章")),
    "deliverables.retire": ("w", "research", lambda a: deliverables.retire(a, NOBODY, "更换")),
    "departments.whole": ("r", "partners", lambda a: departments.whole(a, NOBODY)),
    "closing.adjustments": ("r", "indicators", lambda a: closing.adjustments(a, NOBODY)),
    "closing.close": ("a", "indicators", lambda a: closing.close(a, NOBODY, DAY)),
    "closing.reopen": ("a", "indicators", lambda a: closing.reopen(a, NOBODY, "更正")),
    "closing.snapshot": ("r", "indicators", lambda a: closing.snapshot(a, NOBODY)),
    "closing.year": ("r", "indicators", lambda a: closing.year(a)),
    "exchange.export": ("x", "partners", lambda a: exchange.export(a, ORGANISATION, Query(), OUT, fmt="csv")),
    "exchange.listed": ("x", "partners", lambda a: exchange.listed(a, ORGANISATION, Query(), []).__enter__()),
    "exchange.run_import": ("i", "volunteers", lambda a: exchange.run_import(a, VOLUNTEER, SHEET, dry_run=True)),
    "enrolling.helpers": ("r", "training", lambda a: enrolling.helpers(a, NOBODY)),
    "enrolling.link_of": ("w", "training", lambda a: enrolling.link_of(a, NOBODY)),
    "enrolling.path": ("w", "training", lambda a: enrolling.path(a, NOBODY)),
    "enrolling.publish": ("w", "training", lambda a: enrolling.publish(a, NOBODY, True)),
    "partner_links.make": ("w", "training", lambda a: partner_links.make(a, NOBODY, NOBODY, 5)),
    "partner_links.of_session": ("w", "training", lambda a: partner_links.of_session(a, NOBODY)),
    "partner_links.revoke": ("w", "training", lambda a: partner_links.revoke(a, NOBODY)),
    "seats.move_in_waitlist": ("w", "training", lambda a: seats.move_in_waitlist(a, NOBODY, -1, "孕妇")),
    "feedback.of_base": ("r", "training", lambda a: feedback.of_base(a, "training_base", DAY, DAY)),
    "feedback.of_session": ("r", "training", lambda a: feedback.of_session(a, NOBODY)),
    "feedback.of_sessions": ("r", "training", lambda a: feedback.of_sessions(a, [NOBODY])),
    "feedback.opinion": ("r", "training", lambda a: feedback.opinion(a, NOBODY)),
    "feedback.path": ("w", "training", lambda a: feedback.path(a, NOBODY)),
    "finishing.follow_up": ("w", "services", lambda a: finishing.follow_up(a, NOBODY, FollowupState.LOST, "")),
    "finishing.took_place": (
        "w", "community", lambda a: finishing.took_place(a, "planned_community_visit", NOBODY, {}),
    ),
    "jobs.submit_export": ("x", "partners", lambda a: jobs.submit_export(a, ORGANISATION, Query())),
    "jobs.submit_import": ("i", "volunteers", lambda a: jobs.submit_import(a, VOLUNTEER, "a.csv", b"")),
    "journal.read": ("r", "admin", lambda a: journal.read(a)),
    "kpi.board": ("r", "indicators", lambda a: kpi.board(a)),
    "kpi.by_station": ("r", "indicators", lambda a: kpi.by_station(a, NOBODY)),
    "kpi.figure": ("r", "indicators", lambda a: kpi.figure(a, NOBODY)),
    "kpi.opened": ("r", "indicators", lambda a: kpi.opened(a).__enter__()),
    "kpi.live": ("r", "indicators", lambda a: kpi.live(a)),
    "kpi.compare": ("r", "indicators", lambda a: kpi.compare(a)),
    "kpi.running": ("r", "indicators", lambda a: kpi.running(a)),
    "counting_rules.rule_of": ("r", "contract", lambda a: counting_rules.rule_of(a, NOBODY)),
    "counting_rules.preview": ("w", "contract", lambda a: counting_rules.preview(a, NOBODY, RULE)),
    "counting_rules.define": ("w", "contract", lambda a: counting_rules.define(a, NOBODY, RULE)),
    "kpi.period": ("r", "indicators", lambda a: kpi.period(a)),
    "kpi.rows": ("r", "indicators", lambda a: kpi.rows(a, NOBODY)),
    "kpi.version": ("r", "indicators", lambda a: kpi.version(a)),
    "jobs.submit_proof": ("x", "indicators", lambda a: jobs.submit_proof(a, NOBODY, day=DAY)),
    "proof_sheet.write": ("x", "indicators", lambda a: proof_sheet.write(a, NOBODY, OUT)),
    "proofs.documents": ("r", "indicators", lambda a: proofs.documents(a, NOBODY)),
    "proofs.how": ("r", "indicators", lambda a: proofs.how(a, NOBODY)),
    "proofs.lines": ("r", "indicators", lambda a: proofs.lines(a, NOBODY, [])),
    "quiz.invitation": ("w", "training", lambda a: quiz.invitation(a, NOBODY)),
    "splits.recent": ("r", "indicators", lambda a: splits.recent(a, NOBODY)),
    "splits.source": ("r", "indicators", lambda a: splits.source(a, NOBODY)),
    "splits.split": ("r", "indicators", lambda a: splits.split(a, NOBODY, splits.MONTH)),
    "splits.ways": ("r", "indicators", lambda a: splits.ways(a, NOBODY)),
    "splits.whose": ("r", "indicators", lambda a: splits.whose(a, NOBODY)),
    "store.some": ("r", "partners", lambda a: store.some(a, ORGANISATION, [NOBODY])),
    "partners.draft_renewal": ("w", "partners", lambda a: partners.draft_renewal(a, NOBODY)),
    "partners.expiring_agreements": ("r", "partners", lambda a: partners.expiring_agreements(a)),
    "partners.finish_step": ("w", "partners", lambda a: partners.finish_step(a, NOBODY, "done")),
    "partners.move_stage": ("w", "partners", lambda a: partners.move_stage(a, NOBODY, next(iter(Stage)))),
    "partners.next_steps": ("r", "partners", lambda a: partners.next_steps(a)),
    "partners.silent": ("r", "partners", lambda a: partners.silent(a)),
    "partners.similar": ("r", "partners", lambda a: partners.similar(a, "某单位")),
    "partners.whole": ("r", "partners", lambda a: partners.whole(a, NOBODY)),
    "quotas.adjust": ("w", "partners", lambda a: quotas.adjust(a, NOBODY, 1, "增加")),
    "quotas.assign": ("w", "partners", lambda a: quotas.assign(a, NOBODY, 1, purpose="班")),
    "quotas.ledger": ("r", "partners", lambda a: quotas.ledger(a, NOBODY)),
    "quotas.of_organisation": ("r", "partners", lambda a: quotas.of_organisation(a, NOBODY)),
    "quotas.release": ("w", "partners", lambda a: quotas.release(a, NOBODY, 1)),
    "quotas.undo": ("w", "partners", lambda a: quotas.undo(a, NOBODY)),
    "coverage.coverage": ("r", "partners", lambda a: coverage.coverage(a)),
    "together.together": ("r", "partners", lambda a: together.together(a, NOBODY)),
    "retention.anonymise": ("d", "people", lambda a: retention.anonymise(a, NOBODY, "期满")),
    "retention.due": ("d", "people", lambda a: retention.due(a)),
    "retention.hold": ("d", "people", lambda a: retention.hold(a, VOLUNTEER, NOBODY, DAY, "投诉")),
    "retention.plan": ("d", "people", lambda a: retention.plan(a)),
    "rekey.rekey": ("w", "admin", lambda a: rekey.rekey(a)),
    "store.get": ("r", "volunteers", lambda a: store.get(a, VOLUNTEER, NOBODY)),
    "store.history": ("r", "partners", lambda a: store.history(a, ORGANISATION, NOBODY)),
    "jobs.submit_national": ("p", "volunteers", lambda a: jobs.submit_national(a, "hours", DAY, DAY, "上报")),
    "serving.cancel_shift": ("w", "volunteers", lambda a: serving.cancel_shift(a, NOBODY, "台风")),
    "serving.coming": ("r", "volunteers", lambda a: serving.coming(a, DAY, DAY)),
    "serving.repeat_shift": ("w", "volunteers", lambda a: serving.repeat_shift(a, NOBODY, 2)),
    "serving.sign_up": ("w", "volunteers", lambda a: serving.sign_up(a, NOBODY, NOBODY)),
    "serving.staffing": ("r", "volunteers", lambda a: serving.staffing(a, [NOBODY])),
    "serving.unreliable": ("r", "volunteers", lambda a: serving.unreliable(a)),
    "serving_absence.missed_by": ("r", "volunteers", lambda a: serving_absence.missed_by(a, NOBODY)),
    "serving_absence.no_show": ("w", "volunteers", lambda a: serving_absence.no_show(a, NOBODY, "没来")),
    "serving_absence.take_off": ("w", "volunteers", lambda a: serving_absence.take_off(a, NOBODY, "改期")),
    "serving_awards.answer": ("w", "volunteers", lambda a: serving_awards.answer(a, NOBODY, accept=True, words="已改")),
    "serving_awards.decide_star": ("a", "volunteers", lambda a: serving_awards.decide_star(a, NOBODY, award=True)),
    "serving_export.write": (
        "p", "volunteers", lambda a: serving_export.write(a, "hours", HOME / "no.xlsx", DAY, DAY, purpose="上报"),
    ),
    "serving_hours.close_forgotten": ("w", "volunteers", lambda a: serving_hours.close_forgotten(a)),
    "serving_hours.finish_shift": ("w", "volunteers", lambda a: serving_hours.finish_shift(a, NOBODY)),
    "serving_hours.record_shift": ("w", "volunteers", lambda a: serving_hours.record_shift(a, NOBODY, {})),
    "serving_hours.sign_in": ("w", "volunteers", lambda a: serving_hours.sign_in(a, NOBODY, NOBODY)),
    "serving_hours.sign_out": ("w", "volunteers", lambda a: serving_hours.sign_out(a, NOBODY)),
    "serving_ledger.ledger": ("r", "volunteers", lambda a: serving_ledger.ledger(a, NOBODY)),
    "serving_ledger.threshold": ("r", "volunteers", lambda a: serving_ledger.threshold(a, 1)),
    "serving_ledger.told": ("r", "volunteers", lambda a: serving_ledger.told(a, NOBODY)),
    "serving_lifecycle.stage_of": ("r", "volunteers", lambda a: serving_lifecycle.stage_of(a, NOBODY)),
    "serving_lifecycle.team_counts": ("r", "volunteers", lambda a: serving_lifecycle.team_counts(a)),
    "serving_lifecycle.teams": ("r", "volunteers", lambda a: serving_lifecycle.teams(a)),
    "serving_lifecycle.volunteer_counts": ("r", "volunteers", lambda a: serving_lifecycle.volunteer_counts(a)),
    "numbers.change": ("w", "admin", lambda a: numbers.change(a, {"serving.star_1": 0})),
    "numbers.stands": ("r", "admin", lambda a: numbers.stands(a, numbers.Subject.STARS)),
    "serving_pass.make_link": ("w", "volunteers", lambda a: serving_pass.make_link(a, NOBODY)),
    "serving_pass.opens_within": ("r", "volunteers", serving_pass.opens_within),
    "serving_candidates.candidates": ("w", "volunteers", lambda a: serving_candidates.candidates(a, NOBODY)),
    "serving_hours.is_own": ("r", "volunteers", lambda a: serving_hours.is_own(a, NOBODY)),
    "serving_pass.passes": ("w", "volunteers", lambda a: serving_pass.passes(a, NOBODY)),
    "serving_pass.revoke": ("w", "volunteers", lambda a: serving_pass.revoke(a, NOBODY, "理由")),
    "serving_proof.get": ("r", "volunteers", lambda a: serving_proof.get(a, NOBODY)),
    "serving_proof.issue": ("w", "volunteers", lambda a: serving_proof.issue(a, NOBODY, unit_name="院", in_charge="林")),
    "serving_proof.of_volunteer": ("r", "volunteers", lambda a: serving_proof.of_volunteer(a, NOBODY)),
    "serving_proof.recording_unit": ("r", "volunteers", lambda a: serving_proof.recording_unit(a)),
    "serving_proof.revoke": ("a", "volunteers", lambda a: serving_proof.revoke(a, NOBODY, "有误")),
    "serving_roster.queue": ("r", "volunteers", lambda a: serving_roster.queue(a)),
    "serving_roster.missed_that_day": ("r", "volunteers", lambda a: serving_roster.missed_that_day(a, NOBODY)),
    "serving_roster.roster": ("r", "volunteers", lambda a: serving_roster.roster(a, NOBODY)),
    "store.remove": ("d", "volunteers", lambda a: store.remove(a, VOLUNTEER, NOBODY)),
    "store.restore": ("d", "partners", lambda a: store.restore(a, ORGANISATION, NOBODY)),
    "store.reveal": ("p", "volunteers", lambda a: store.reveal(a, VOLUNTEER, NOBODY, "phone", "通知")),
    "store.rows": ("r", "volunteers", lambda a: store.rows(a, VOLUNTEER)),
    "store.save": ("w", "contract", lambda a: store.save(a, RECORDS["unit"], {})),
    "targets.amend": ("a", "indicators", lambda a: targets.amend(a, NOBODY, {})),
    "targets.history": ("r", "indicators", lambda a: targets.history(a, NOBODY)),
    "targets.save_plan": ("a", "indicators", lambda a: targets.save_plan(a, NOBODY, [])),
    "walk_ins.take_out": ("w", "training", lambda a: walk_ins.take_out(a, NOBODY, "重复")),
    "timetable.calendar": ("r", "training", lambda a: timetable.calendar(a, DAY, DAY)),
    "seats.cancel": ("w", "training", lambda a: seats.cancel(a, NOBODY)),
    "clashes.of_plan": (
        "r", "training", lambda a: clashes.of_plan(a, venue_id=None, instructor_ids=[], starts=MOMENT, ends=MOMENT),
    ),
    "seats.enrol": ("w", "training", lambda a: seats.enrol(a, NOBODY, {"name": "甲"})),
    "timetable.roster": ("r", "training", lambda a: timetable.roster(a, NOBODY)),
    "feeds.mine": ("r", "training", lambda a: feeds.mine(a)),
    "feeds.revoke": ("r", "training", lambda a: feeds.revoke(a, NOBODY)),
    "feeds.subscribe": ("r", "training", lambda a: feeds.subscribe(a)),
    "kit.named": ("r", "training", lambda a: kit.named(a, NOBODY)),
    "kit.of_session": ("r", "training", lambda a: kit.of_session(a, NOBODY)),
    "kit.offers": ("r", "training", lambda a: kit.offers(a, MOMENT, MOMENT)),
    "planning.advice": ("r", "training", lambda a: planning.advice(a, {})),
    "planning.advice_on_move": ("r", "training", lambda a: planning.advice_on_move(a, NOBODY, MOMENT, MOMENT)),
    "planning.move": ("w", "training", lambda a: planning.move(a, NOBODY, MOMENT, MOMENT)),
    "recurring.cancel": ("w", "training", lambda a: recurring.cancel(a, NOBODY, recurring.Scope.ALL, "")),
    "recurring.change": ("w", "training", lambda a: recurring.change(a, NOBODY, {}, recurring.Scope.ALL)),
    "recurring.create": ("w", "training", lambda a: recurring.create(a, {}, recurring.Rule([]))),
    "recurring.members": ("r", "training", lambda a: recurring.members(a, NOBODY)),
    "recurring.preview": ("r", "training", lambda a: recurring.preview(a, {}, recurring.Rule([]))),
    "training.save_session": ("w", "training", lambda a: training.save_session(a, {})),
    "training.set_state": ("w", "training", lambda a: training.set_state(a, NOBODY, SessionState.HELD)),
    "volunteers.acknowledge": ("a", "volunteers", lambda a: volunteers.acknowledge(a, NOBODY)),
    "volunteers.approve": ("a", "volunteers", lambda a: volunteers.approve(a, NOBODY, verified=True)),
    "volunteers.approve_many": ("a", "volunteers", lambda a: volunteers.approve_many(a, {NOBODY: 1}, verified=True)),
    "volunteers.duplicates": ("w", "volunteers", lambda a: volunteers.duplicates(a, {"name": "甲"})),
    "volunteers.find_reference": ("r", "volunteers", lambda a: volunteers.find_reference(a, "V0")),
    "volunteers.merge": ("a", "volunteers", lambda a: volunteers.merge(a, NOBODY, NOBODY + 1, "重复")),
    "volunteers.move": ("w", "volunteers", lambda a: volunteers.move(a, NOBODY, "pause")),
    "volunteers.queue": ("a", "volunteers", lambda a: volunteers.queue(a)),
    "volunteers.reject": ("a", "volunteers", lambda a: volunteers.reject(a, NOBODY, "材料不符")),
    "rescue.rescue_view": ("r", "volunteers", lambda a: rescue.rescue_view(a)),
    "volunteers.withdraw": ("w", "volunteers", lambda a: volunteers.withdraw(a, NOBODY)),
    "wechat.counts": ("r", "community", lambda a: wechat.counts(a, DAY)),
    "wechat.series": ("r", "community", lambda a: wechat.series(a, NOBODY)),
    "wechat.take": ("w", "community", lambda a: wechat.take(a, DAY, {})),
}  # fmt: skip
OPEN = {
    "assistance.open_to": "says what a role may",
    "attachments.open": "asks for the right on the record that the file belongs to, once it is found",
    "attachments.remove": "asks for the right on the record that the file belongs to, once it is found",
    "attachments.thumb": "asks for the right on the record that the file belongs to, once it is found",
    "db.prepare": "inside a transaction", "db.reading": "the door itself", "db.unit": "the door itself",
    "eligibility.everywhere": "the same person without the limit of stations, inside a service that asked",
    "exchange.preview": "reads the sheet only",
    "expiry.ending": "a part of the home page", "hooks.opens": "asks whom the row covers, once the right to it is there",
    "intake.place": "a part of the import",
    "intake.resolve_parents": "a part of the import", "jobs.get": "one's own jobs", "jobs.recent": "one's own jobs",
    "jobs.result_file": "one's own jobs", "jobs.submit": "has no own kind: see the two that use it",
    "proofs.counts_in": "nothing for whoever may not see indicators",
    "summary.scope_of": "says what an actor's scope is called", "summary.scopes": "of the command line alone",
    "matching.make_plan": "a part of the import", "naming.ids_by_name": "a part of the import",
    "charity.earlier": "says what a role may", "steps.open_to": "says what a role may",
    "steps.take": "asks for the verb of the step, in the area of the record",
    **dict.fromkeys(
        ("serving_hours.confirm", "serving_hours.confirm_many", "serving_hours.reject", "serving_hours.void"),
        "asks for the level of review that the day's total needs: see test_serving_hours",
    ),
    "serving_hours.may_review": "says what a role may",
    "store.any_station": "a person may name a parent that they do not read",
    "store.choices": "a person may name a parent that they do not read",
    "store.lapsed": "a person may name a parent that they do not read",
    "store.related": "each child type is asked for",
    "store.telling": "says which fields an actor may be told",
    "store.titles": "numbers alone for who neither reads nor names the records",
    "targets.may_amend": "says what a role may", "today.work": "each part is asked for",
    "today.waiting": "each part is asked for", "reminders.text_for": "a part of the home page",
    "volunteers.moves": "says what a role may", "volunteers.shown_name": "masks a name",
}  # fmt: skip


def services() -> Iterator[str]:
    """Every public function of the services that is told who acts."""
    for path in sorted(Path("services").glob("*.py")):
        module = import_module(f"services.{path.stem}" if path.stem != "__init__" else "services")
        for name, member in vars(module).items():
            own = inspect.isfunction(member) and member.__module__ == module.__name__ and not name.startswith("_")
            if own and next(iter(inspect.signature(member).parameters), "") == "actor":
                yield f"{path.stem}.{name}"


@pytest.mark.parametrize("role", list(Role))
def test_the_table_of_the_code_is_the_agreed_one(role: Role) -> None:
    table = dict(zip(AREAS, access.PERMISSIONS[role], strict=True))
    assert {area: set(letters) for area, letters in table.items()} == {
        area: set(letters) for area, letters in MATRIX[role].items()
    }


def test_no_area_and_no_verb_is_left_out() -> None:
    assert set(BY_AREA) == set(AREAS) == {record.area for record in RECORDS.values()} | {"indicators"}
    assert set(LETTERS) == set(ORDER.split())


def test_every_service_is_either_tried_or_excused() -> None:
    known = set(VERBS) | set(OPEN)
    assert set(services()) - known == set()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", list(VERBS))
def test_a_service_asks_before_anything_else(database: str, name: str) -> None:
    """Whoever may not is refused, even where there is no such record or the values are nonsense; the others are not."""
    letter, area, call = VERBS[name]
    SHEET.write_text("姓名\n甲\n", encoding="utf-8")
    refused = set()
    for role in Role:
        try:
            call(seat(role).actor)
        except Denied as error:
            refused.add(role) if error.code == "denied" else None
        except Exception as error:
            assert type(error).__module__.startswith("services"), f"{role}: {error!r}"
    assert refused == {role for role in Role if letter not in MATRIX[role][area]}
    with pytest.raises(Denied):
        call(seat().actor)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_role_that_sees_no_area_sees_nothing_of_today(cast: Cast) -> None:
    from services import today

    found = today.work(cast.stranger)
    assert (list(found.numbers), list(found.items)) == ([], [])


def test_a_file_is_only_for_who_may_read_its_record(cast: Cast) -> None:
    key = store.save(cast.admin, ORGANISATION, {"name": "试制单位", "kind": "school"})
    file = attachments.attach(cast.admin, ORGANISATION, key, "a.txt", "协议".encode())
    assert attachments.open(cast.chen, file)[1] == "协议".encode()
    for attempt in (attachments.open, attachments.thumb, attachments.remove):
        with pytest.raises((Denied, NotFound)):
            attempt(cast.stranger, file)
    with pytest.raises(Denied):
        attachments.remove(cast.chen, file)


def test_a_station_lead_keeps_to_the_station(cast: Cast) -> None:
    """Neither list, search, detail, save, removal nor naming as a parent reaches the other station."""
    own = store.save(cast.admin, ORGANISATION, {"name": "本站学校", "kind": "school", "unit_id": cast.station})
    other = store.save(cast.admin, ORGANISATION, {"name": "邻站学校", "kind": "school", "unit_id": cast.other_station})
    assert [row.id for row in store.rows(cast.wang, ORGANISATION).rows] == [own]
    assert store.rows(cast.wang, ORGANISATION, Query(text="邻站")).total == 0
    assert list(store.choices(cast.wang, ORGANISATION)) == [own]
    calls: list[Call] = [
        lambda a: store.get(a, ORGANISATION, other),
        lambda a: store.save(a, ORGANISATION, {"owner": "我"}, id=other),
        lambda a: store.history(a, ORGANISATION, other),
        lambda a: partners.whole(a, other),
        lambda a: partners.move_stage(a, other, list(Stage)[1]),
        lambda a: attachments.attach(a, ORGANISATION, other, "a.txt", b"a"),
        lambda a: attachments.attach_all(a, ORGANISATION, other, [("a.txt", b"a")]),
        lambda a: attachments.list(a, ORGANISATION, other),
    ]
    for call in calls:
        with pytest.raises((NotFound, Denied)):
            call(cast.wang)
    assert store.get(cast.admin, ORGANISATION, other).values["owner"] in (None, "")
