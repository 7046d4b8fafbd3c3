"""A believable year of invented records, the same numbers each time: about 55 % in, ahead here and behind there."""

from datetime import date

from sqlmodel import select

from models.contract import Contract
from models.people import Volunteer
from models.periods import Period
from seed.demo import (
    assessment,
    bases,
    certificates,
    communities,
    deployments,
    equipment,
    evidence,
    partners,
    services,
    serving,
    training,
    volunteers,
    year,
)
from seed.demo.stage import Stage
from seed.load import load_reference
from services import clock, db
from services.access import SYSTEM
from services.errors import Invalid, NotFound

SUPPLIER = "示例社会工作服务中心"


def load(contract_id: int, *, today: date | None = None) -> None:
    """Fill an empty register with the records of a year up to `today`, in one transaction; then plan, amend and close.

    Raises Invalid({"": "not_empty"}) where there is a volunteer already, the bin included, and NotFound.
    """
    today = today or clock.today()
    load_reference(SYSTEM)
    with db.unit(SYSTEM, reason="演示数据") as s:
        if s.exec(select(Volunteer.id).limit(1).execution_options(with_bin=True)).first():
            raise Invalid({"": "not_empty"})
        contract = s.get(Contract, contract_id)
        if contract is None or contract.deleted_at:
            raise NotFound(record="contract")
        contract.supplier = contract.supplier or SUPPLIER
        _play(Stage(s, Period(contract.starts, contract.ends), today))
    year.fill(contract_id, today)
    serving.prove(year.COORDINATOR, today)


def _play(stage: Stage) -> None:
    people = volunteers.fill(stage)
    organisations = partners.fill(stage)
    training.fill(stage, people, organisations)
    departments = bases.fill(stage, organisations)
    services.fill(stage, departments)
    communities.fill(stage, organisations)
    evidence.fill(stage)
    assessment.fill(stage)
    certificates.fill(stage)
    equipment.fill(stage)
    serving.fill(stage, people)
    deployments.fill(stage)
