"""Values of fields: read from text as people write it, checked by the declaration, shown and masked."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from pydantic import ValidationError

from models import RECORDS, RecordType
from models.base import Choice, FieldSpec
from models.identifiers import mask_email, mask_identity, mask_name, mask_phone, mask_text
from models.words import L, Language
from services import clock, options

YES = frozenset({"是", "有", "已", "yes", "y", "true", "1", "√", "✓", "t", "on"})
NO = frozenset({"否", "无", "未", "no", "n", "false", "0", "×", "f", "off"})
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SEPARATORS = re.compile(r"[,，;；、|\n]+")
TRUE_FALSE = (L("是", "Yes"), L("否", "No"))

PYDANTIC_CODES = {
    "missing": "required",
    "string_too_short": "required",
    "string_type": "required",
    "string_too_long": "too_long",
    "enum": "not_a_choice",
    "date_type": "date_format",
    "datetime_type": "time_format",
    "int_parsing": "number_format",
    "int_type": "number_format",
    "int_from_float": "number_whole",
    "float_parsing": "number_format",
    "float_type": "number_format",
    "decimal_parsing": "number_format",
    "decimal_type": "number_format",
    "greater_than": "too_small",
    "greater_than_equal": "too_small",
    "less_than": "too_large",
    "less_than_equal": "too_large",
    "bool_parsing": "flag_format",
    "bool_type": "flag_format",
}


class BadValue(ValueError):
    """A text that cannot be read as the field's kind; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# -- reading text --------------------------------------------------


AS_WRITTEN = ("text", "long", "record", "links")


def parse(spec: FieldSpec, given: str) -> Any:
    """The value that a person wrote, None where nothing was written. Raises BadValue."""
    written = given.strip() if spec.kind in AS_WRITTEN else unicodedata.normalize("NFKC", given).strip()
    return PARSERS[spec.kind](spec, written) if written else None


def _parse_date(_spec: FieldSpec, written: str) -> date:
    return parse_time(written, "date_format").date()


def _parse_time(_spec: FieldSpec, written: str) -> datetime:
    try:
        return clock.from_local(parse_time(written, "time_format"))
    except OverflowError as error:
        raise BadValue("date_range") from error


CHINESE_DATE = re.compile(
    r"^(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?(?:[T ]+(\d{1,2}):(\d{2})(?::\d{2})?)?$"
)
COMPACT_DATE = re.compile(r"^(\d{4})(\d{2})(\d{2})$")


def parse_time(written: str, code: str) -> datetime:
    """2026-11-22, 2026/11/22, 2026.11.22, 2026年11月22日, 20261122, each with an optional 14:00."""
    found = CHINESE_DATE.match(written) or COMPACT_DATE.match(written)
    if not found:
        raise BadValue(code)
    parts = [int(part) for part in found.groups() if part is not None]
    try:
        return datetime(*parts)  # type: ignore[arg-type]
    except ValueError as error:
        raise BadValue(code) from error


def _parse_number(_spec: FieldSpec, written: str) -> int | float:
    try:
        number = float(written.replace(",", ""))
    except ValueError as error:
        raise BadValue("number_format") from error
    if number != number or number in (float("inf"), float("-inf")):
        raise BadValue("number_format")
    return int(number) if number.is_integer() else number


def _parse_money(_spec: FieldSpec, written: str) -> Decimal:
    try:
        amount = Decimal(written.replace(",", "").removeprefix("¥").removesuffix("元"))
    except InvalidOperation as error:
        raise BadValue("number_format") from error
    if not amount.is_finite():
        raise BadValue("number_format")
    return amount


def _parse_flag(_spec: FieldSpec, written: str) -> bool:
    word = written.lower()
    if word not in YES and word not in NO:
        raise BadValue("flag_format")
    return word in YES


def squeezed(label: str) -> str:
    return unicodedata.normalize("NFKC", label).replace(" ", "").lower()


def choice_of(choices: type[Choice], written: str) -> Choice:
    """A member by its value, its Chinese or its English label, however spaced."""
    wanted = squeezed(written)
    for member in choices:
        if wanted in (squeezed(member.value), squeezed(member.label.zh), squeezed(member.label.en)):
            return member
    raise BadValue("not_a_choice")


GROUPS = {
    "工作日": ("weekday_morning", "weekday_afternoon", "weekday_evening"),
    "工作日白天": ("weekday_morning", "weekday_afternoon"),
    "周末": ("weekend_morning", "weekend_afternoon", "weekend_evening"),
    "周末白天": ("weekend_morning", "weekend_afternoon"),
}


def _parse_choice(spec: FieldSpec, written: str) -> Choice:
    assert spec.choices
    return choice_of(spec.choices, written)


def _parse_choices(spec: FieldSpec, written: str) -> list[Choice]:
    assert spec.choices
    words = [word.strip() for word in SEPARATORS.split(written) if word.strip()]
    expanded = [code for word in words for code in GROUPS.get(word, (word,))]
    return list(dict.fromkeys(choice_of(spec.choices, word) for word in expanded))


def option_of(list_name: str, written: str) -> str:
    """The code of an entry of an extendable list, by code or label. Tags are free words."""
    wanted = squeezed(written)
    for code, label in options.labels(list_name).items():
        if wanted in (squeezed(code), squeezed(label.zh), squeezed(label.en)):
            return code
    if list_name == "tags":
        return written
    raise BadValue("not_a_choice")


def _parse_option(spec: FieldSpec, written: str) -> str:
    return option_of(spec.options or "", written)


def _parse_options(spec: FieldSpec, written: str) -> list[str]:
    words = [word.strip() for word in SEPARATORS.split(written) if word.strip()]
    return list(dict.fromkeys(option_of(spec.options or "", word) for word in words))


def _as_is(_spec: FieldSpec, written: str) -> str:
    return written


def _parse_names(_spec: FieldSpec, written: str) -> list[str]:
    return [word.strip() for word in SEPARATORS.split(written) if word.strip()]


PARSERS: dict[str, Callable[[FieldSpec, str], Any]] = {
    "text": _as_is,
    "long": _as_is,
    "number": _parse_number,
    "money": _parse_money,
    "flag": _parse_flag,
    "date": _parse_date,
    "time": _parse_time,
    "choice": _parse_choice,
    "choices": _parse_choices,
    "option": _parse_option,
    "options": _parse_options,
    "record": _as_is,
    "links": _parse_names,
}


# -- checking --------------------------------------------------


def owners(record: RecordType) -> tuple[RecordType, ...]:
    """The record types whose tables hold a row's fields: the person first where the record is a role."""
    return (RECORDS["person"], record) if record.role_fields else (record,)


@cache
def _parts(record: RecordType) -> tuple[tuple[RecordType, frozenset[str], tuple[str, ...]], ...]:
    """The record types behind a row, each with its own of the row's columns and those of them that must be filled."""
    plain = [spec for spec in record.fields if spec.kind != "links"]
    owned = [(owner, [spec for spec in plain if spec.owner == owner.name]) for owner in owners(record)]
    return tuple(
        (owner, frozenset(spec.name for spec in specs), tuple(spec.name for spec in specs if spec.required))
        for owner, specs in owned
    )


def validate(record: RecordType, given: Mapping[str, Any], today: date) -> tuple[dict[str, Any], dict[str, str]]:
    """Checks a whole row: (clean values, {field: error code}); every error at once."""
    clean: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for owner, names, required in _parts(record):
        values, wrong = _by_schema(owner, names, required, given)
        clean |= values
        errors |= wrong
    for owner in owners(record):
        found = owner.model.check(clean, today)
        errors |= {
            name: code for name, code in found.items() if name not in errors and (not name or name in record.by_name)
        }
    errors |= _too_old(clean)
    clean |= {spec.name: given[spec.name] for spec in record.fields if spec.kind == "links" and spec.name in given}
    return clean, errors


EMPTIED = ("text", "long", "number", "money", "date", "time")


def needed(record: RecordType, given: Mapping[str, Any], today: date) -> set[str]:
    """The fields that the record cannot do without as it is given, its state above all, beyond those it never can."""
    emptied = {spec.name: None for spec in record.fields if spec.kind in EMPTIED and not spec.required}
    found: set[str] = set()
    for owner in owners(record):
        errors = owner.model.check({**given, **emptied}, today)
        found |= {name for name, code in errors.items() if code == "required" and name in emptied}
    return found


def _too_old(values: Mapping[str, Any]) -> dict[str, str]:
    days = {n: v.date() if isinstance(v, datetime) else v for n, v in values.items() if isinstance(v, date)}
    return {name: "date_range" for name, day in days.items() if not date(1850, 1, 1) <= day <= date(2200, 1, 1)}


def _legible(value: Any) -> Any:
    """A text without the characters that no database and no sheet holds; they come with what is pasted."""
    if isinstance(value, list):
        return [_legible(one) for one in value]
    return CONTROL.sub("", value) if isinstance(value, str) and not value.isprintable() else value


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value == []


def _by_schema(
    owner: RecordType, names: frozenset[str], required: Sequence[str], given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    legible = {name: _legible(value) for name, value in given.items() if name in names}
    filled = {name: value for name, value in legible.items() if not _blank(value)}
    errors = {name: "required" for name in required if name not in filled}
    while True:
        try:
            model = owner.schema.__pydantic_validator__.validate_python(filled | _stand_ins(owner, filled))
            break
        except ValidationError as error:
            if not {str(item["loc"][0]) for item in error.errors()} & set(filled):
                raise  # a stand-in of ours is at fault, and would be again
            for item in error.errors(include_url=False, include_context=False, include_input=False):
                name = str(item["loc"][0])
                errors.setdefault(name, PYDANTIC_CODES.get(item["type"], _family(item["type"])))
                filled.pop(name, None)
    blank = (name for name in given.keys() - filled.keys() if name in names and _blank(given[name]))
    emptied = {name for name in blank if owner.model.__table__.c[name].nullable}  # type: ignore[attr-defined]
    return {
        name: None if name in emptied else value
        for name, value in model.__dict__.items()
        if name in names and name not in errors
    }, errors


def _family(kind: str) -> str:
    if kind.startswith("date_"):
        return "date_format"
    return "time_format" if kind.startswith("datetime_") else kind


def _stand_ins(owner: RecordType, filled: Mapping[str, Any]) -> dict[str, Any]:
    """Something for the required fields that are missing, so that the others are checked all the same."""
    return {name: value for name, value in _all_stand_ins(owner).items() if name not in filled}


@cache
def _all_stand_ins(owner: RecordType) -> dict[str, Any]:
    return {spec.name: _stand_in(spec) for spec in owner.own_fields if spec.required}


def _stand_in(spec: FieldSpec) -> Any:
    if spec.choices:
        return next(iter(spec.choices))
    if spec.options:
        return ["x"] if spec.kind == "options" else "x"
    return {"date": date(2000, 1, 1), "time": datetime(2000, 1, 1, tzinfo=UTC), "text": "x", "long": "x"}.get(
        spec.kind, 1
    )


# -- showing --------------------------------------------------

MASKS: dict[str, Callable[[str], str]] = {"id_number": mask_identity, "email": mask_email}


def mask(spec: FieldSpec, value: Any) -> Any:
    """Personal data as it may leave the server without a purpose."""
    if not value:
        return value
    if spec.name in MASKS:
        return MASKS[spec.name](str(value))
    return mask_phone(str(value)) if "phone" in spec.name else mask_text(str(value))


def mask_person(name: str) -> str:
    return mask_name(name)


def show(spec: FieldSpec, value: Any, language: Language = "zh", titles: Mapping[Any, str] | None = None) -> str:
    """A value as people read it in a table or a sheet."""
    if value is None or value == "" or value == []:
        return ""
    shown = SHOWN.get(spec.kind)
    return shown(spec, value, language, titles or {}) if shown else str(value)


def _show_list(spec: FieldSpec, value: Any, language: Language, _titles: Mapping[Any, str]) -> str:
    separator = ", " if language == "en" else "、"
    return separator.join(_label(spec, code, language) for code in value)


def _label(spec: FieldSpec, code: Any, language: Language) -> str:
    if spec.choices:
        return spec.choices(code).label(language)
    return options.labels(spec.options or "").get(code, L(str(code), str(code)))(language)


SHOWN: dict[str, Callable[[FieldSpec, Any, Language, Mapping[Any, str]], str]] = {
    "flag": lambda _spec, value, language, _titles: TRUE_FALSE[0 if value else 1](language),
    "date": lambda _spec, value, _language, _titles: value.isoformat(),
    "time": lambda _spec, value, _language, _titles: clock.local(value).strftime("%Y-%m-%d %H:%M"),
    "money": lambda _spec, value, _language, _titles: f"{value:,.2f}".removesuffix(".00"),
    "number": lambda _spec, value, _language, _titles: f"{value:g}" if isinstance(value, float) else str(value),
    "choice": lambda spec, value, language, _titles: _label(spec, value, language),
    "option": lambda spec, value, language, _titles: _label(spec, value, language),
    "choices": _show_list,
    "options": _show_list,
    "record": lambda _spec, value, _language, titles: titles.get(value, ""),
    "links": lambda _spec, value, language, titles: L("、", ", ")(language).join(titles.get(key, "") for key in value),
}
