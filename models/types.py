"""Column and value types that are checked once, here: times, encrypted text, lists of codes, phones, codes, money."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError
from sqlalchemy import DateTime, Dialect, LargeBinary, Numeric, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from models import vault
from models.identifiers import BadIdentifier, credit_code, mobile, phone


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Encrypted(TypeDecorator[str]):
    """Personal text, encrypted in the column (AES-GCM; the key stands outside the database)."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return vault.encrypt(value) if value else None

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return vault.decrypt(value) if value else None


class Codes(TypeDecorator[list[str]]):
    """A list of codes, stored as ,a,b, so that one code can be looked for in SQL on any database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return "," + ",".join(str(getattr(code, "value", code)) for code in value) + "," if value else ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[str]:
        return value.strip(",").split(",") if value else []

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return Text()


class Json(TypeDecorator[Any]):
    """A small document, stored as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Word(TypeDecorator[str]):
    """A member of a closed list, stored as its value."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(getattr(value, "value", value))


class Amount(TypeDecorator[Decimal]):
    """An amount in CNY with two decimals, or a quantity; exact on every database."""

    impl = Numeric(16, 2)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else Decimal(value)


def _coded(function: Any) -> Any:
    """A check of models.identifiers as a pydantic validator that keeps the error's code; empty stays empty."""

    def check(value: str | None) -> str | None:
        if not value:
            return value
        try:
            return str(function(value))
        except BadIdentifier as error:
            raise PydanticCustomError(error.code, error.code) from error

    return AfterValidator(check)


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


Mobile = Annotated[str, BeforeValidator(_stripped), _coded(mobile)]
Phone = Annotated[str, BeforeValidator(_stripped), _coded(phone)]
CreditCode = Annotated[str, BeforeValidator(_stripped), _coded(credit_code)]
