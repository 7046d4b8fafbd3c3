"""The shape of the contract presets and of the reference data: what a YAML file under seed/ may say, and nothing else."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from models.periods import WorkCalendar
from models.words import L

CONTRACTS = Path(__file__).parent / "contracts"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is ten times as fast
REFERENCE = Path(__file__).parent / "reference"

PEOPLE = frozenset({"人", "名"})
ATTENDANCES = "人次"


def _both_languages(text: L) -> L:
    if not text.zh.strip() or not text.en.strip():
        raise ValueError("a text needs its Chinese and its English")
    return text


Kind = Literal["at_least", "deliver", "ongoing", "several", "ratio", "per_unit"]
Count = Literal["sum", "distinct", "latest", "standing", "deliverable"]
Text = Annotated[L, AfterValidator(_both_languages)]
Line = Annotated[str, StringConstraints(pattern=r"^\S(.*\S)?$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
IndicatorCode = Annotated[str, StringConstraints(pattern=r"^([A-Z]\d{1,2}|\d{2}\.\d{1,2})$")]
Measure = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*\.[a-z][a-z_]*$")]
Arguments = dict[Slug, bool | int | Line | list[Line]]
Positive = Annotated[int, Field(gt=0)]
Share = Annotated[int, Field(gt=0, le=100)]
Number = Positive | Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Strict(BaseModel):
    """A mapping of YAML that takes no unknown key and turns no number into a text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Named(Strict):
    """Something with a Chinese and an English name."""

    zh: Line
    en: Line

    @property
    def name(self) -> L:
        return L(self.zh, self.en)


class Category(Named):
    """A service category (服务类别) of the contract."""

    code: Annotated[str, StringConstraints(pattern=r"^\d{2}$")]


class Indicator(Named):
    """One promise of the contract: its target as printed, and the measure whose records fulfil it.

    target is in `unit`, and a percentage for a ratio; `of` is the ratio's denominator; `per` splits a per_unit target,
    or the months of an ongoing one, by station or worker.
    """

    code: IndicatorCode
    category: str
    kind: Kind
    target: Number | None = None
    unit: Text
    wording: Line
    rule: Text
    measure: Measure
    args: Arguments = {}
    count: Count = "sum"
    per: Literal["unit", "worker"] | None = None
    of: Measure | None = None
    of_args: Arguments = {}

    @model_validator(mode="after")
    def _target_fits_kind(self) -> Self:
        if self.kind in ("several", "ongoing") and self.target is not None:
            raise ValueError(f"{self.code}: {self.kind} has no target")
        if self.kind not in ("several", "ongoing") and self.target is None:
            raise ValueError(f"{self.code}: {self.kind} needs a target")
        if self.kind == "ratio" and self.target is not None and self.target > 100:
            raise ValueError(f"{self.code}: a ratio is at most 100 %")
        return self

    @model_validator(mode="after")
    def _count_fits_unit(self) -> Self:
        if self.unit.zh in PEOPLE and self.count not in ("distinct", "latest", "standing"):
            raise ValueError(f"{self.code}: {self.unit.zh} are distinct people, {self.count} would count one twice")
        if self.unit.zh == ATTENDANCES and self.count != "sum":
            raise ValueError(f"{self.code}: {ATTENDANCES} are attendances, each counts: sum, not {self.count}")
        if (self.kind == "deliver") != (self.count == "deliverable"):
            raise ValueError(f"{self.code}: deliver, and nothing else, counts deliverables")
        return self

    @model_validator(mode="after")
    def _parts_fit_kind(self) -> Self:
        if self.kind == "per_unit" and self.per is None:
            raise ValueError(f"{self.code}: per_unit needs per: unit or worker")
        if self.per is not None and self.kind not in ("per_unit", "ongoing"):
            raise ValueError(f"{self.code}: {self.kind} is not split by {self.per}")
        if (self.kind == "ratio") != (self.of is not None):
            raise ValueError(f"{self.code}: a ratio, and nothing else, names `of`, its denominator")
        if self.of_args and self.of is None:
            raise ValueError(f"{self.code}: of_args without `of`")
        return self


class Deliverable(Named):
    """Something that the contract wants built, with the documents that it takes; the hospital may change the list."""

    code: Slug
    documents: Annotated[list[Named], Field(min_length=1)]


class Preset(Strict):
    """A contract ready to load: its categories and indicators; who signs it and when is entered on the spot.

    deliverables are what its indicators of kind deliver find by code; projects names the list of charity projects.
    """

    code: Slug
    title: Text
    client: Text
    months: Positive
    categories: Annotated[list[Category], Field(min_length=1)]
    indicators: Annotated[list[Indicator], Field(min_length=1)]
    deliverables: list[Deliverable] = []
    projects: Literal["charity_projects"] | None = None

    @model_validator(mode="after")
    def _codes_hold_together(self) -> Self:
        categories = [category.code for category in self.categories]
        _refuse_duplicates(categories)
        _refuse_duplicates(indicator.code for indicator in self.indicators)
        _refuse_unknown((indicator.category for indicator in self.indicators), categories)
        deliverables = [deliverable.code for deliverable in self.deliverables]
        _refuse_duplicates(deliverables)
        _refuse_unknown((str(i.args["code"]) for i in self.indicators if "code" in i.args), deliverables)
        return self


class Choice(Named):
    """One entry of a closed list."""

    code: Slug

    @property
    def points_to(self) -> str | None:
        """The code of another entry of the same list that this one needs."""
        return None


class Paper(Named):
    """The certificate that a course issues; month_end: it is valid to the end of its last month (rules.md 2.8)."""

    kind: Literal["cpr_aed", "first_aider", "bls", "instructor", "infection_control"]
    month_end: bool = False


class Course(Choice):
    """A course type (rules.md §2); None means: no ratio asked, no theory exam, no certificate, no renewal."""

    kind: Literal[
        "first_aid", "cpr_aed", "first_aider", "medical_social_work", "volunteer", "lecture", "refresher", "instructor"
    ]
    class_hours: Positive
    online_hours: Annotated[int, Field(ge=0)]
    capacity_min: Positive
    capacity_max: Positive
    trainees_per_instructor: Positive | None
    trainees_per_manikin: Positive | None
    theory_pass: Share | None
    practical_items: list[Slug]
    quiz_questions: Positive | None
    quiz_topics: list[Slug]
    validity_months: Positive | None
    renewal: Slug | None
    renew_window_days: Positive | None
    certificate: Paper | None = None

    @property
    def points_to(self) -> str | None:
        return self.renewal

    @model_validator(mode="after")
    def _numbers_agree(self) -> Self:
        if self.online_hours > self.class_hours or self.capacity_min > self.capacity_max:
            raise ValueError(f"{self.code}: the part exceeds the whole")
        if (self.validity_months is None) != (self.renew_window_days is None):
            raise ValueError(f"{self.code}: a certificate's validity and its renewal window go together")
        return self


class Region(Choice):
    """An administrative division of GB/T 2260, six digits."""

    code: Annotated[str, StringConstraints(pattern=r"^[1-8]\d{5}$")]
    level: Literal["province", "city", "district"]
    parent: str | None

    @property
    def points_to(self) -> str | None:
        return self.parent


class CharityProject(Choice):
    """A charity project (公益项目) that the contract names."""

    disease: Text


class Question(Named):
    """A question of the bank; true or false has no options of its own, and A is true."""

    topic: Slug
    kind: Literal["single", "multiple", "true_false"]
    options: list[Line] = []
    options_en: list[Line] = []
    answer: Annotated[str, StringConstraints(pattern=r"^[A-F]+$")]
    why: Line
    why_en: Line


class ServicePost(Choice):
    """A post of volunteers (服务岗位) and the credentials that it asks for."""

    content: Text
    risk: Text
    credentials: list[Slug]
    either: list[Slug]
    needs_insurance: bool


NATIONAL = ("hours", "volunteers", "teams", "id_type", "gender", "source", "state")
REFERENCES: dict[str, type[Choice]] = {
    "courses": Course,
    "regions": Region,
    "skills": Choice,
    "practical_items": Choice,
    "question_topics": Choice,
    "service_categories": Choice,
    "charity_projects": CharityProject,
    "service_posts": ServicePost,
    **{f"national_{name}": Choice for name in NATIONAL},
}


def preset_codes() -> list[str]:
    """The contracts that ship with the portal, by code."""
    return sorted(path.stem for path in CONTRACTS.glob("*.yaml"))


def load_preset(code: str) -> Preset:
    """The checked preset; LookupError for a code that does not ship, ValueError for a file that breaks the rules."""
    if code not in preset_codes():
        raise LookupError(f"no preset {code!r}; there are {', '.join(preset_codes())}")
    preset = Preset.model_validate(_read(CONTRACTS / f"{code}.yaml"))
    if preset.code != code:
        raise ValueError(f"{code}.yaml calls itself {preset.code}")
    return preset


def load_reference(name: str) -> list[dict[str, Any]]:
    """The checked rows of one reference list in file order; LookupError for an unknown list, ValueError for a bad file."""
    if name not in REFERENCES:
        raise LookupError(f"no reference list {name!r}; there are {', '.join(REFERENCES)}")
    rows = [REFERENCES[name].model_validate(row) for row in _read(REFERENCE / f"{name}.yaml")]
    _refuse_duplicates(row.code for row in rows)
    _refuse_unknown((row.points_to for row in rows if row.points_to), [row.code for row in rows])
    return [dict(row) for row in rows]


def load_questions() -> list[Question]:
    """The checked question bank in file order; ValueError for a bad file."""
    return [Question.model_validate(row) for row in _read(REFERENCE / "questions.yaml")]


def load_holidays() -> WorkCalendar:
    """The public holidays that ship with the portal; ValueError for a bad file."""
    return WorkCalendar.from_mapping(_read(REFERENCE / "holidays.yaml"))


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)


def _refuse_duplicates(codes: Iterable[str]) -> None:
    twice = sorted(code for code, times in Counter(codes).items() if times > 1)
    if twice:
        raise ValueError(f"codes used twice: {', '.join(twice)}")


def _refuse_unknown(codes: Iterable[str], known: Iterable[str]) -> None:
    unknown = sorted(set(codes) - set(known))
    if unknown:
        raise ValueError(f"codes that do not exist: {', '.join(unknown)}")
