"""Assessment of training: theory scores, practical checks, the question bank and its quizzes, feedback (features T6, T13,
T14 for contract lines 05 and 08; rules.md 2.7).

Every attempt is a row of its own and stays: what somebody failed before they passed is part of the record.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from sqlalchemy import Index, text
from sqlmodel import Field

from models.base import FILTER, FIXED, LIST, LONG, SEARCH, Choice, StationRow, Ui, now, record, unique
from models.base import Record as Plain
from models.training import PRACTICAL_ITEMS, QUESTION_TOPICS, TRAINEE
from models.types import Codes, Json, UtcDateTime, Word
from models.words import L

FEWEST_OPTIONS, MOST_OPTIONS, MOST_ATTEMPTS = 2, 6, 9
LETTERS = "ABCDEF"


class Verdict(Choice):
    PASSED = "passed", "合格", "Passed"
    FAILED = "failed", "不合格", "Failed"
    PENDING = "pending", "待考", "Not examined"


class ScoreSource(Choice):
    STAFF = "staff", "考官录入", "Examiner"
    QUIZ = "quiz", "手机测验", "Quiz on the phone"
    IMPORT = "import", "导入", "Import"


OfSession = Annotated[int, Ui("培训班", "Session", LIST | SEARCH)]
OfPerson = Annotated[int, Ui("人员", "Person", FIXED)]
Nth = Annotated[int, Ui("第几次", "Attempt", LIST, help=L("补考填 2、3……", "A resit is 2, 3 and so on"))]
Passed = Annotated[bool, Ui("合格", "Passed", LIST | FILTER | FIXED)]
Examiner = Annotated[str, Ui("考官", "Examiner", LIST)]
ExaminedOn = Annotated[date | None, Ui("考核日期", "Examined on", LIST, help=L("留空为今天", "Today when empty"))]
KEYS = (("session_id", "name", "phone", "attempt"), ("session_id", "id_number", "attempt"))


def _examined(values: dict[str, Any], today: date) -> dict[str, str]:
    day = values.get("examined_on")
    return {"examined_on": "date_future"} if day and day > today else {}


@record(
    "理论成绩",
    "Theory score",
    area="training",
    menu=9,
    icon="grading",
    title="name",
    keys=KEYS,
    role_fields=TRAINEE,
    about=L(
        "每一次理论考试的分数，补考另记一次。", "The score of every theory exam; a resit is an attempt of its own."
    ),
)
class TheoryScore(StationRow, table=True):
    """One theory attempt of one person in a session; it passed if it reached the course's passing score of that day."""

    __table_args__ = (unique("ux_theory_score_attempt", "session_id", "person_id", "attempt"),)
    session_id: OfSession = Field(foreign_key="training_session.id")
    person_id: OfPerson = Field(foreign_key="person.id", index=True)
    attempt: Nth = Field(default=1, ge=1, le=MOST_ATTEMPTS)
    score: Annotated[float, Ui("分数", "Score", LIST)] = Field(ge=0, le=100)
    passed: Passed = False
    examiner: Examiner = Field(default="", max_length=60)
    examined_on: ExaminedOn = None
    source: Annotated[ScoreSource, Ui("来源", "Source", LIST | FILTER | FIXED)] = Field(
        default=ScoreSource.STAFF, sa_type=Word
    )

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return _examined(values, today)


@record(
    "实操考核",
    "Practical check",
    area="training",
    menu=9,
    icon="checklist",
    title="name",
    keys=KEYS,
    role_fields=TRAINEE,
    about=L(
        "每一次实操考核过了哪些项目，补考另记一次。", "The items passed in every practical exam; a resit is its own."
    ),
)
class PracticalCheck(StationRow, table=True):
    """One practical attempt of one person in a session; it passed if every item that the course requires did."""

    __table_args__ = (unique("ux_practical_check_attempt", "session_id", "person_id", "attempt"),)
    session_id: OfSession = Field(foreign_key="training_session.id")
    person_id: OfPerson = Field(foreign_key="person.id", index=True)
    attempt: Nth = Field(default=1, ge=1, le=MOST_ATTEMPTS)
    items: Annotated[list[str], Ui("通过的项目", "Items passed", LIST, options=PRACTICAL_ITEMS)] = Field(
        default_factory=list, sa_type=Codes
    )
    passed: Passed = False
    examiner: Examiner = Field(default="", max_length=60)
    examined_on: ExaminedOn = None

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return _examined(values, today)


# -- the question bank and its quizzes --------------------------------------------------------------------------------


class QuestionKind(Choice):
    SINGLE = "single", "单选", "Single choice"
    MULTIPLE = "multiple", "多选", "Multiple choice"
    TRUE_FALSE = "true_false", "判断", "True or false"


ENGLISH = L("英文（选填）", "In English")
LINES = L("一行一个，最多 6 个；判断题留空", "One a line, at most 6; empty for true or false")
KEY = L("字母，如 A、AC；判断题填 对 或 错", "Letters such as A or AC; true or false for such a question")
TRUE_FALSE = (L("对", "True"), L("错", "False"))
TRUTH = {"对": "A", "正确": "A", "TRUE": "A", "T": "A", "错": "B", "错误": "B", "FALSE": "B", "F": "B"}
LABEL = re.compile(r"^[A-F][.、．:：)）]\s*")


@record(
    "题目",
    "Question",
    area="training",
    menu=6,
    icon="quiz",
    title="text",
    sort="topic",
    keys=(("text",),),
    about=L(
        "题库：手机测验从在用的题目里随机抽题。", "The bank from which quizzes draw the questions in use at random."
    ),
)
class Question(Plain, table=True):
    """One question of the bank, with its options, its right answer and why; in English too where somebody wrote it."""

    __table_args__ = (unique("ux_question_text", "text"),)
    text: Annotated[str, Ui("题干", "Question", LIST | SEARCH)] = Field(min_length=1, max_length=300)
    kind: Annotated[QuestionKind, Ui("题型", "Kind", LIST | FILTER)] = Field(default=QuestionKind.SINGLE, sa_type=Word)
    topic: Annotated[str | None, Ui("主题", "Topic", LIST | FILTER, options=QUESTION_TOPICS)] = Field(
        default=None, max_length=40
    )
    options: Annotated[str, Ui("选项", "Options", LONG, help=LINES)] = Field(default="", max_length=1200)
    answer: Annotated[str, Ui("答案", "Right answer", LIST, help=KEY)] = Field(min_length=1, max_length=20)
    explanation: Annotated[str, Ui("解析", "Explanation", LONG)] = Field(default="", max_length=600)
    active: Annotated[bool, Ui("在用", "In use", LIST | FILTER)] = True
    text_en: Annotated[str, Ui("题干（英文）", "Question in English", group=ENGLISH)] = Field(
        default="", max_length=500
    )
    options_en: Annotated[str, Ui("选项（英文）", "Options in English", LONG, help=LINES, group=ENGLISH)] = Field(
        default="", max_length=2000
    )
    explanation_en: Annotated[str, Ui("解析（英文）", "Explanation in English", LONG, group=ENGLISH)] = Field(
        default="", max_length=1000
    )

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """Options a line each without their letters; the answer as letters in order, of options that there are."""
        kind = values.get("kind", QuestionKind.SINGLE)
        for name in ("options", "options_en"):
            lines = [LABEL.sub("", line.strip()) for line in (values.get(name) or "").splitlines()]
            values[name] = "" if kind == QuestionKind.TRUE_FALSE else "\n".join(line for line in lines if line)
        count = len(TRUE_FALSE) if kind == QuestionKind.TRUE_FALSE else len(values["options"].splitlines())
        if not FEWEST_OPTIONS <= count <= MOST_OPTIONS:
            return {"options": "options_number"}
        if values["options_en"] and len(values["options_en"].splitlines()) != count:
            return {"options_en": "options_differ"}
        if "answer" not in values:
            return {}
        values["answer"] = letters(values["answer"], kind)
        fits = values["answer"] and set(values["answer"]) <= set(LETTERS[:count])
        right = fits and (len(values["answer"]) > 1) == (kind == QuestionKind.MULTIPLE)
        return {} if right else {"answer": "answer_format"}

    def said(self) -> L:
        return L(self.text, self.text_en or self.text)

    def why(self) -> L:
        return L(self.explanation, self.explanation_en or self.explanation)

    def choices(self) -> list[L]:
        """The options in their order; where no English was written, the Chinese stand for both."""
        if self.kind == QuestionKind.TRUE_FALSE:
            return list(TRUE_FALSE)
        chinese = self.options.splitlines()
        return [L(*pair) for pair in zip(chinese, self.options_en.splitlines() or chinese, strict=True)]

    def right(self) -> list[int]:
        """The places of the right options."""
        return [LETTERS.index(letter) for letter in self.answer]


def letters(written: str, kind: QuestionKind) -> str:
    """An answer as people write it (a, A、C, 对) as letters in order; "" for what is none."""
    word = re.sub(r"[\s,，、;；/]+", "", written).upper()
    word = TRUTH.get(word, word) if kind == QuestionKind.TRUE_FALSE else word
    return "".join(sorted(set(word))) if set(word) <= set(LETTERS) else ""


OPEN = text("submitted_at IS NULL AND deleted_at IS NULL")


@record("答卷", "Quiz paper", area="training", icon="quiz", title="name", role_fields=TRAINEE, menu=0)
class QuizPaper(StationRow, table=True):
    """One sitting of a quiz. drawn: for each question its id, the order in which its options are shown and which of them
    were right when it was drawn; answers: the options chosen. A person has one open paper in a session."""

    __table_args__ = (
        Index("ux_quiz_paper_open", "session_id", "person_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_quiz_paper_session", "session_id", "person_id", "id"),
    )
    session_id: OfSession = Field(foreign_key="training_session.id")
    person_id: OfPerson = Field(foreign_key="person.id", index=True)
    started_at: Annotated[datetime, Ui("开始时间", "Started at", LIST | FIXED)] = Field(
        default_factory=now, sa_type=UtcDateTime
    )
    due_at: Annotated[datetime | None, Ui("限时", "Due at", FIXED)] = Field(default=None, sa_type=UtcDateTime)
    submitted_at: Annotated[datetime | None, Ui("交卷时间", "Handed in at", LIST | FIXED)] = Field(
        default=None, sa_type=UtcDateTime
    )
    score: Annotated[float | None, Ui("分数", "Score", LIST | FIXED)] = Field(default=None, ge=0, le=100)
    passed: Passed = False
    drawn: Any = Field(default=None, sa_type=Json, nullable=True)
    answers: Any = Field(default=None, sa_type=Json, nullable=True)


def graded(right: Sequence[Sequence[int]], chosen: Sequence[Sequence[int]]) -> float:
    """The score of a paper from 0 to 100, cut to one decimal so that nobody passes by rounding.

    A question counts when exactly the right options were chosen, in whatever order; half of them is nothing.
    """
    hits = sum(set(one) == set(other) for one, other in zip(right, chosen, strict=True))
    return 1000 * hits // len(right) / 10 if right else 0.0


# -- feedback ---------------------------------------------------------------------------------------------------------


@record(
    "学员评价",
    "Feedback form",
    area="training",
    menu=9,
    icon="star",
    title="id",
    about=L("不记名的课后评价，1 到 5 星。", "Anonymous feedback after a session, one to five stars."),
)
class Feedback(StationRow, table=True):
    """What one trainee thought of a session; whose it is stands nowhere. device_key tells the same device apart."""

    __table_args__ = (unique("ux_feedback_device", "session_id", "device_key"),)
    session_id: OfSession = Field(foreign_key="training_session.id")
    content: Annotated[int, Ui("课程内容", "Content", LIST)] = Field(ge=1, le=5)
    teaching: Annotated[int, Ui("讲师", "Instructor", LIST)] = Field(ge=1, le=5)
    organising: Annotated[int, Ui("组织安排", "Organisation", LIST)] = Field(ge=1, le=5)
    remark: Annotated[str, Ui("意见建议", "Remark", LIST | LONG)] = Field(default="", max_length=500)
    given_on: Annotated[date | None, Ui("日期", "Given on", LIST | FIXED)] = None
    device_key: str | None = Field(default=None, max_length=32)


STARRED = ("content", "teaching", "organising")
