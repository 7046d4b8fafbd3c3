"""The acceptance report: its figures are the dashboard's of the same moment, in every format, and all text is text."""

import io
import re
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import docx
import openpyxl
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import RECORDS
from models.acceptance import EditionKind
from models.periods import Period
from models.system import Role
from models.words import L
from reports import charts, content, editions, excel, paper, paper_words, typeset, view, word
from reports.content import Line, Report, Section
from reports.editions import WHOLE, Edition
from seed import load
from services import attachments, clock, closing, feedback, kpi, pace, store, targets
from services.access import SYSTEM, Actor
from services.errors import Denied, Invalid, NotFound
from services.figures import Board, Figure, met_of
from services.store import Query
from tests import boards
from tests.conftest import Cast

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
NASTY = ('#read("/etc/passwd")', '*bold* _it_ $x$ ]] ) #eval("1")', "=1+1", "<w:p>&amp;</w:p>", "@SUM(A1)", "\\u{0}")


def written(board: Board, *, months: tuple[int, int] | None = None) -> Report:
    """A report of a board that was counted elsewhere, without records."""
    sections = []
    for code, name in board.categories:
        lines = tuple(
            Line(figure, None, content.months_of(figure, board), (), 0, figure.actual or 0, 0, ())
            for figure in board.figures
            if figure.category == code
        )
        sections.append(Section(code, name, lines, *met_of(line.figure for line in lines)))
    edition = WHOLE if months is None else Edition(EditionKind.QUARTER, "1")
    return Report(
        edition, L("全本", "Whole"), board, months, "甲医院", "乙机构", "HT-1", clock.now(), 1, "林社工", (), tuple(sections), (),
        frozenset(),
    )  # fmt: skip


def test_the_cover_says_nothing_empty_and_no_key_of_the_portal() -> None:
    told = {"code": "medical_social_work-2026-05-10", "preset": "medical_social_work"}
    assert content._number(told) == "" and content._number(told | {"code": "HT-1"}) == "HT-1"
    assert content._number({"code": "HT-2", "preset": ""}) == "HT-2"


def word_rows(data: bytes) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for table in docx.Document(io.BytesIO(data)).tables for row in table.rows]


def sheet_rows(data: bytes, name: str = "总览") -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(data))[name].iter_rows(values_only=True))


def inside(pdf: bytes) -> bytes:
    """All that a PDF holds, its compressed streams unpacked."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S)
    return pdf + b"".join(filter(None, (_unpacked(part) for part in packed)))


def _unpacked(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return b""


def of_code(rows: list[Any], code: str) -> Any:
    return next(row for row in rows if row[0] == code)


# -- equal to the dashboard --------------------------------------------------


def test_every_figure_of_the_demonstration_year_is_the_dashboards(demo: None) -> None:
    report, board = content.gather(SYSTEM), kpi.board(SYSTEM)
    assert report.board == board and [line.figure for line in report.lines] == list(board.figures)
    texts, book = word_rows(word.document(report)), sheet_rows(excel.workbook(report))
    on_paper = [row for part in view.texts(report)["overview"] for row in part["rows"]]
    for figure, row in zip(board.figures, on_paper, strict=True):
        in_word, in_excel = of_code(texts, figure.code), of_code(book, figure.code)
        in_word[3] = in_word[3].replace("\n", "")
        assert in_word[3:6] == [
            paper_words.target_words(figure),
            paper_words.actual_words(figure),
            paper_words.rate_words(figure),
        ]
        assert [row["target"], row["actual"], row["rate"]] == in_word[3:6]
        assert in_word[6].endswith(row["state"])
        if figure.kind != "ratio":
            assert Decimal(str(in_excel[7] or 0)) == Decimal(figure.actual or 0)
            assert Decimal(str(in_excel[4] or 0)) == Decimal(figure.target or 0)


def test_the_records_of_every_indicator_add_up_to_its_number(demo: None) -> None:
    for line in content.gather(SYSTEM).lines:
        assert sum(row.n for row in line.rows) == line.counted
        assert line.rows_total == len(line.rows) == kpi.rows(SYSTEM, line.figure.id).rows_total
        if line.figure.kind in ("at_least", "several"):
            assert line.counted == line.figure.actual
            totals = [month.total for month in line.months if month.total is not None]
            assert totals[-1] == line.figure.actual


def test_a_quarter_holds_what_its_months_hold_and_ends_on_its_last_day(demo: None) -> None:
    whole = content.gather(SYSTEM, edition=editions.read("quarter:1"))
    months = [content.gather(SYSTEM, edition=editions.read(f"month:{number}")) for number in (1, 2, 3)]
    period = Period(whole.board.start, whole.board.end)
    assert whole.board.as_of == months[-1].board.as_of == period.months[2][1]
    for place, line in enumerate(whole.lines):
        parts = [month.lines[place] for month in months]
        assert line.figure == parts[-1].figure
        if line.added is not None:
            assert line.added == sum(part.added or 0 for part in parts)
        if not line.figure.is_stock:
            assert line.rows_total == sum(part.rows_total for part in parts)


def test_a_category_has_its_own_indicators_alone(demo: None) -> None:
    report = content.gather(SYSTEM, edition=editions.read("category:03"))
    assert {line.figure.category for line in report.lines} == {"03"}
    assert {row["code"] for part in view.texts(report)["overview"] for row in part["rows"]} == {"03.1"}


counts = st.integers(0, 200_000)
figures = st.one_of(
    st.builds(lambda a, t: partial(_counted, a, t), counts, st.integers(1, 100_000)),
    st.builds(lambda n, of, t: partial(_share, n, of + n, t), counts, counts, st.integers(1, 100)),
    st.builds(lambda *active: partial(_monthly, active), *[st.booleans()] * 8),
    st.builds(lambda *each: partial(_stations, each), *[st.integers(0, 9)] * 3),
)  # fmt: skip


def _counted(actual: int, target: int, code: str) -> Figure:
    return boards.counted(code, actual, target, by_month=(actual,))


def _share(numerator: int, denominator: int, target: int, code: str) -> Figure:
    return boards.share(code, numerator, denominator, target / 100)


def _monthly(active: tuple[bool, ...], code: str) -> Figure:
    return boards.monthly(code, *active)


def _stations(each: tuple[int, ...], code: str) -> Figure:
    return boards.per_station(code, 3, *each)


@settings(deadline=None, max_examples=30)
@given(st.lists(figures, min_size=1, max_size=6))
def test_any_board_stands_in_word_and_excel_to_the_last_digit(made: list[Callable[..., Figure]]) -> None:
    board = boards.board(*(make(code=f"01.{n}") for n, make in enumerate(made, 1)))
    report = written(board)
    texts, book = word_rows(word.document(report)), sheet_rows(excel.workbook(report))
    for figure in board.figures:
        in_word, in_excel = of_code(texts, figure.code), of_code(book, figure.code)
        assert in_word[4] == paper_words.actual_words(figure)
        match figure.kind:
            case "at_least":
                assert in_word[4].replace(",", "").split()[0] == str(in_excel[7]) == str(figure.actual)
                assert float(in_word[5].rstrip("%")) / 100 == pytest.approx(in_excel[8], abs=1e-12)
                assert in_excel[8] <= float(figure.share or 0) + 1e-9 < in_excel[8] + 0.001 + 1e-9
            case "ratio":
                assert in_word[4].endswith(f"（{figure.numerator:,}/{figure.denominator:,}）")
            case "ongoing":
                assert in_word[4] == f"{figure.months_active}/{figure.months_elapsed} 个月"
            case "per_unit":
                assert in_word[5] == f"{figure.units_met}/{figure.units_total} 达标"


# -- one moment --------------------------------------------------


@pytest.fixture
def contract(database: str) -> int:
    load.load_reference(SYSTEM)
    return load.load_preset_contract(SYSTEM, "medical_social_work", YEAR.start)


def aided(name: str, day: date, **more: Any) -> int:
    kind = next(iter(RECORDS["welfare_campaign"].field("kind").choices or ()))
    given = {"title": name, "kind": kind, "held_on": day, "state": "held", **more}
    return store.save(SYSTEM, RECORDS["welfare_campaign"], given, today=YEAR.end)


def line_of(report: Report, code: str) -> Line:
    return next(line for line in report.lines if line.figure.code == code)


def test_a_write_between_two_reads_of_one_report_does_not_show(contract: int) -> None:
    aided("一", date(2026, 2, 1))
    wrote: list[int] = []

    def told(step: str, done: int, total: int) -> None:
        if not wrote:
            with ThreadPoolExecutor(1) as other:
                wrote.append(other.submit(aided, "二", date(2026, 2, 2)).result())

    report = content.gather(SYSTEM, contract, as_of=date(2026, 3, 1), told=told)
    line = line_of(report, "02.4")
    assert wrote and line.figure.actual == line.rows_total == 1
    assert line_of(content.gather(SYSTEM, contract, as_of=date(2026, 3, 1)), "02.4").figure.actual == 2


def test_the_moment_the_maker_and_the_version_are_printed(contract: int) -> None:
    report = content.gather(SYSTEM, contract)
    told = dict(view.about(report))
    assert told["数据时刻"] == f"{clock.local(report.moment):%Y-%m-%d %H:%M:%S}（数据版本 {report.version}）"
    assert told["生成人"] == "system" and str(clock.today()) in told["统计日"]
    text = "\n".join(row[1] for row in word_rows(word.document(report)) if len(row) == 2)
    assert told["数据时刻"] in text
    assert any(told["数据时刻"] in str(row) for row in sheet_rows(excel.workbook(report)))


# -- evidence, rights, texts --------------------------------------------------


def test_evidence_is_counted_beside_its_record_and_indexed(contract: int) -> None:
    key, _ = aided("有证", date(2026, 2, 1)), aided("无证", date(2026, 2, 2))
    attachments.attach(SYSTEM, RECORDS["welfare_campaign"], key, "签到表.txt", "到场 30 人".encode())
    report = content.gather(SYSTEM, contract, as_of=date(2026, 3, 1))
    line = line_of(report, "02.4")
    assert [(row.title, row.files) for row in line.rows] == [("有证", 1), ("无证", 0)] and line.bare == 1
    (one,) = report.evidence
    assert (one.code, one.record_number, one.name, one.size) == ("02.4", 1, "签到表.txt", 13)
    printed = of_code(word_rows(word.document(report)), "1")
    assert any(one.sha256[:12] in row for row in word_rows(word.document(report)))
    assert printed and of_code(sheet_rows(excel.workbook(report), "佐证材料"), "1")[5] == one.sha256[:12]


def test_names_are_masked_for_everybody(demo: None) -> None:
    report = content.gather(SYSTEM)
    rows = [row for line in report.lines for row in line.rows if row.kind.zh == "志愿者"]
    assert rows and all("*" in row.title for row in rows)


def test_who_may_not_export_indicators_gets_no_report(contract: int, cast: Cast) -> None:
    for stranger in (cast.stranger, replace(cast.stranger, roles=(Role.AUDITOR,))):
        with pytest.raises(Denied):
            content.gather(stranger, contract)


def test_a_station_lead_reports_on_the_own_station_alone(contract: int, cast: Cast) -> None:
    for station, entry in ((cast.station, "一"), (cast.other_station, "二"), (cast.other_station, "三")):
        given = {"logged_on": "2026-02-01", "on_duty": entry, "entry": "开放", "unit_id": station}
        store.save(SYSTEM, RECORDS["base_duty_log"], given, today=YEAR.end)
    report = content.gather(cast.wang, contract, as_of=date(2026, 3, 1))
    assert line_of(report, "08.2").rows_total == 1 and report.scope == ("一号站",)
    assert "站点范围" in dict(view.about(report))
    assert line_of(content.gather(cast.lin, contract, as_of=date(2026, 3, 1)), "08.2").rows_total == 3


def test_records_that_the_reader_may_not_read_are_listed_by_number(contract: int, cast: Cast) -> None:
    key = aided("义诊", date(2026, 2, 1))
    client = store.save(SYSTEM, RECORDS["client"], {"name": "张三", "kind": "patient", "opened_on": "2026-01-02"})
    given = {"client_id": client, "kind": "other", "requested_on": "2026-02-01", "served_on": "2026-02-01",
             "state": "served"}  # fmt: skip
    served = store.save(SYSTEM, RECORDS["assistance_service"], given, today=YEAR.end)
    report = content.gather(cast.he, contract, as_of=date(2026, 3, 1))
    assert [row.title for row in line_of(report, "03.1").rows] == [f"#{served}"]
    assert [row.title for row in line_of(report, "02.4").rows] == ["义诊"] and key


@pytest.mark.parametrize("text", NASTY)
def test_what_looks_like_markup_stays_text_everywhere(text: str) -> None:
    wicked = replace(boards.BEHIND, name=L(text, text), wording=text, rule=L(text, text), unit=L(text[:3], "x"))
    report = replace(written(boards.board(wicked)), client=text, made_by=text)
    told = view.texts(report)
    assert told["overview"][0]["rows"][0]["indicator"] == text
    assert paper.pdf("report", told, report.moment).startswith(b"%PDF")
    row = of_code(word_rows(word.document(report)), wicked.code)
    assert row[1] == row[2] == text
    cells = openpyxl.load_workbook(io.BytesIO(excel.workbook(report)))["总览"]
    found = [cell for line in cells.iter_rows() for cell in line if cell.value == text]
    assert found and all(cell.data_type == "s" for cell in found)
    assert (
        charts.units(replace(boards.STATIONS, units=()))
        and "<w:p>" not in charts.chart(report.lines[0], report.board)[0]
    )


def test_typst_reads_data_and_never_obeys_it() -> None:
    """What is set is longer by the very characters of the text: nothing of it was evaluated."""
    told = view.texts(written(boards.board(replace(boards.BEHIND, wording='#read("house.typ")'))))
    tame = view.texts(written(boards.board(replace(boards.BEHIND, wording="@read(@house.typ@)"))))
    sizes = [len(paper.pdf("report", texts, clock.now())) for texts in (told, tame)]
    assert abs(sizes[0] - sizes[1]) < 5000


def test_the_pdf_carries_our_font_and_no_other() -> None:
    found = inside(paper.pdf("report", view.texts(written(boards.board(*boards.ALL))), clock.now()))
    names = set(re.findall(rb"/(?:BaseFont|FontName)\s*/([\w+-]+)", found))
    assert names and all(b"NotoSansSC" in name for name in names)
    assert typeset.fonts().families() == ["Noto Sans SC"]
    assert {font.path for font in typeset.fonts().fonts()} and all(
        str(typeset.HERE) in str(font.path) for font in typeset.fonts().fonts()
    )


def test_rare_characters_print_and_unknown_ones_are_no_error() -> None:
    strange = replace(boards.BEHIND, name=L("㛃䶮𠮷 \U0001f9ff \U00030000", "x"))
    report = written(boards.board(strange))
    assert paper.pdf("report", view.texts(report), report.moment) and word.document(report) and excel.workbook(report)


def test_a_board_of_every_kind_and_an_empty_contract_can_be_reported() -> None:
    for board in (boards.board(*boards.ALL), boards.board()):
        report = written(board)
        assert paper.pdf("report", view.texts(report), report.moment).startswith(b"%PDF")
        assert word.document(report)[:2] == excel.workbook(report)[:2] == b"PK"


def test_every_indicator_has_a_heading_in_word_and_its_chart_says_what_it_shows() -> None:
    board = boards.board(*boards.ALL)
    made = docx.Document(io.BytesIO(word.document(written(board))))
    heads = [line.text for line in made.paragraphs if line.style and line.style.name == "Heading 2"]
    assert heads == [f"{figure.code} {figure.name.zh}" for figure in board.figures]
    pictures = made.element.body.xpath(".//wp:docPr/@descr")
    assert len(pictures) == len(board.figures) - 1  # what waits for its records has none
    repeated = made.element.body.xpath(".//w:tblHeader")
    assert repeated and 'TOC \\o "1-2"' in "".join(made.element.body.xpath(".//w:instrText/text()"))
    fonts = made.styles["Normal"].element.rPr.rFonts
    assert "微软雅黑" in fonts.attrib.values()


def test_no_rate_is_printed_for_what_has_no_number_to_reach() -> None:
    assert paper_words.rate_words(boards.ONGOING) == "—" and paper_words.actual_words(boards.ONGOING) == "7/8 个月"
    assert paper_words.rate_words(boards.SEVERAL) == "只计数" and "%" not in paper_words.actual_words(boards.SEVERAL)
    assert paper_words.rate_words(boards.DOCUMENTS) == "文件 4/6"
    assert paper_words.actual_words(boards.WAITING) == "—"


# -- editions --------------------------------------------------


@pytest.mark.parametrize(
    "wrong", ["", "year", "whole:1", "month", "month:0", "month:x", "month:-1", "quarter:1.5", "category:"]
)
def test_an_edition_that_nobody_can_read_is_refused(wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        editions.read(wrong)
    assert refused.value.fields == {"edition": "edition_format"}


@pytest.mark.parametrize(("asked", "code"), [("month:13", "no_such_edition"), ("quarter:5", "no_such_edition"),
                                             ("category:77", "no_such_edition"), ("month:9", "edition_not_begun")])  # fmt: skip
def test_an_edition_that_the_contract_has_not_is_refused(contract: int, asked: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        content.gather(SYSTEM, contract, editions.read(asked), date(2026, 3, 1))
    assert refused.value.fields == {"edition": code}


def test_every_edition_on_offer_can_be_made(demo: None) -> None:
    offered = editions.editions(kpi.board(SYSTEM))
    assert {"whole", "category:01", "month:1", "quarter:1"} <= offered.keys()
    for asked in offered:
        assert content.gather(SYSTEM, edition=editions.read(asked)).lines


def test_without_a_contract_there_is_no_report(database: str) -> None:
    with pytest.raises(NotFound):
        content.gather(SYSTEM)


@given(st.integers(0, 364), st.integers(0, 5000), st.integers(1, 5000))
def test_what_was_due_by_the_boards_day_is_what_the_board_says(day: int, actual: int, target: int) -> None:
    as_of = boards.PERIOD.start + timedelta(days=day)
    one = boards.counted("01.1", actual, target, as_of)
    board = boards.board(one, as_of=as_of)
    assert content.due_on(one, board, as_of) == pytest.approx(pace.expected(target, boards.PERIOD, as_of))


def test_more_records_than_paper_is_good_for_are_printed_in_part_and_say_so(
    demo: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = content.gather(SYSTEM, edition=editions.read("category:03"))
    monkeypatch.setattr(view, "PRINTED", 10)
    (line,) = view.texts(report)["sections"][0]["lines"]
    assert len(line["records"]) == 10 and "最近的 10 条，其余见 Excel" in line["listing"]
    assert line["records"][-1][0] == str(report.lines[0].rows_total)
    book = openpyxl.load_workbook(io.BytesIO(excel.workbook(report)))
    assert sum(row[0] == "03.1" for row in book[_last(report)].values) == report.lines[0].rows_total


# -- amended targets, plans, closed months --------------------------------------------------

APRIL = date(2026, 4, 10)


@pytest.fixture
def settled_year(contract: int) -> int:
    """A quarter that was closed: one target amended, one indicator planned, January corrected and closed again."""
    for title, day in (("一月", date(2026, 1, 10)), ("二月", date(2026, 2, 1)), ("三月", date(2026, 3, 5))):
        aided(title, day)
    keys = {figure.code: figure.id for figure in kpi.board(SYSTEM, contract, APRIL).figures}
    given = {
        "effective_on": date(2026, 2, 10),
        "target_after": 24,
        "reason": "双方协商上调",
        "document": "补充协议（一）",
    }
    targets.amend(SYSTEM, keys["02.4"], given, file=("补充协议.txt", "第一条".encode()))
    targets.save_plan(SYSTEM, keys["06.3"], [3] + [2] * 10 + [7])
    january, *_ = [closing.close(SYSTEM, contract, first, today=APRIL) for first, _ in YEAR.months[:3]]
    closing.reopen(SYSTEM, january, "核对签到表")
    aided("漏登的活动", date(2026, 1, 20))
    closing.close(SYSTEM, contract, YEAR.start, today=APRIL)
    return contract


def of_edition(contract: int, which: str, actor: Actor = SYSTEM) -> Report:
    return content.gather(actor, contract, editions.read(which), APRIL)


def printed(report: Report) -> list[str]:
    """All that stands in the PDF, in the Word file and in the workbook, without spaces."""
    pages = pypdfium2.PdfDocument(paper.pdf("report", view.texts(report), report.moment))
    in_pdf = "".join(page.get_textpage().get_text_bounded() for page in pages)
    body = docx.Document(io.BytesIO(word.document(report))).element.body
    in_word = "".join(str(part.text or "") for part in body.iter() if part.tag.endswith("}t"))
    book = openpyxl.load_workbook(io.BytesIO(excel.workbook(report)))
    in_excel = "".join(f"{cell}|" for page in book for row in page.values for cell in row if cell is not None)
    return [re.sub(r"\s", "", text) for text in (in_pdf, in_word, in_excel)]


def test_an_amended_target_stands_beside_the_first_one_with_its_ground_and_evidence(settled_year: int) -> None:
    report = of_edition(settled_year, "whole")
    line = line_of(report, "02.4")
    assert (line.figure.target, line.figure.original_target) == (24, 20)
    assert report.board == kpi.board(SYSTEM, settled_year, APRIL)
    (one,) = line.amendments
    assert (one.before, one.after, one.document, one.files) == (20, 24, "补充协议（一）", 1)
    proof = next(file for file in report.evidence if file.record_number is None)
    assert (proof.code, proof.name) == ("02.4", "补充协议.txt") and "contract" in report.areas
    in_pdf, in_word, in_excel = printed(report)
    for text in (in_pdf, in_word):
        assert text.count("24次（原20次）") == 2
        assert "2026-02-10起，20次→24次；理由：双方协商上调；文号：补充协议（一）；佐证文件1份" in text
    row = of_code(sheet_rows(excel.workbook(report)), "02.4")
    assert row[4:6] == (24, 20) and of_code(sheet_rows(excel.workbook(report)), "06.3")[5] is None
    assert of_code(sheet_rows(excel.workbook(report), "目标变更"), "02.4")[2:8] == (
        "2026-02-10", 20, 24, "次", "双方协商上调", "补充协议（一）",
    )  # fmt: skip
    assert all(
        "目标变更2026-02-10补充协议（一）" in text and proof.sha256[:12] in text for text in (in_pdf, in_word, in_excel)
    )


def test_before_its_day_an_amendment_is_not_told(settled_year: int) -> None:
    report = of_edition(settled_year, "month:1")
    assert not line_of(report, "02.4").amendments and "目标变更" not in "".join(printed(report))


def test_what_is_due_follows_amendments_and_the_plan_in_tables_and_charts(settled_year: int) -> None:
    report = of_edition(settled_year, "whole")
    amended, planned = line_of(report, "02.4"), line_of(report, "06.3")
    for line in (amended, planned):
        due = dict(charts.due_line(line, report.board))
        assert [due[month.last] for month in line.months] == [month.due for month in line.months]
        assert content.due_on(line.figure, report.board, APRIL) == line.figure.expected
    assert date(2026, 2, 9) in dict(charts.due_line(amended, report.board)) and amended.months[-1].due == 24
    assert [month.plan for month in planned.months] == [3, *[2] * 10, 7]
    assert [month.due for month in planned.months[:3]] == pytest.approx([3, 5, 7])
    assert ["计划", "3", *["2"] * 10, "7"] in view.month_tables(planned)[0]
    rows = [row for row in sheet_rows(excel.workbook(report), "逐月") if row[0] == "06.3"]
    assert [row[2] for row in rows] == ["当月", "累计", "计划", "应到"] and rows[2][3:] == (3, *[2] * 10, 7)
    assert all("合计与目标30次一致" in text for text in printed(report)[:2])


def test_what_has_to_be_there_every_day_is_due_in_full_also_on_the_last_day(demo: None) -> None:
    board = kpi.board(SYSTEM)
    report = content.gather(SYSTEM, as_of=board.end)
    line = next(line for line in report.lines if line.standing)
    assert {month.due for month in line.months} == {float(line.figure.target or 0)}
    assert {value for _, value in charts.due_line(line, report.board)} == {float(line.figure.target or 0)}
    assert [one.figure.code for one in report.lines if one.standing] == [line.figure.code]


def test_closings_and_adjustments_are_printed_with_what_they_changed(settled_year: int) -> None:
    report = of_edition(settled_year, "whole")
    (one,) = report.settled.corrections or ()
    assert [(change.title, change.day_after) for change in one.changes] == [("漏登的活动", date(2026, 1, 20))]
    assert [(d.before.code, d.before.actual, d.after.actual) for d in one.differences or ()] == [("02.4", 1, 2)]
    assert report.settled.frozen is None
    for text in printed(report):
        for told in ("结账与调整", "2026年1月", "第2版", "system", "核对签到表", "漏登的活动", "第1版与第2版的差异"):
            assert told in text


def test_a_closed_quarter_prints_the_number_of_its_closing_where_it_is_another(settled_year: int) -> None:
    report = of_edition(settled_year, "quarter:1")
    assert report.settled.frozen and list(report.settled.frozen) == ["02.4"]
    rows = {row["code"]: row for part in view.texts(report)["overview"] for row in part["rows"]}
    row = rows.pop("02.4")
    assert (row["added"], row["frozen_added"]) == ("4 次", "结账数 3 次")
    assert (row["actual"], row["frozen"]) == ("4 次", "结账数 3 次")
    assert not any(row["frozen"] or row["frozen_added"] for row in rows.values())
    in_pdf, in_word, _ = printed(report)
    assert in_pdf.count("结账数3次") == in_word.count("结账数3次") == 4  # in the table of all and in its own section
    table = sheet_rows(excel.workbook(report))
    assert of_code(table, "编号")[-2:] == ("本期结账数", "累计结账数") and of_code(table, "02.4")[-2:] == (
        "3 次",
        "3 次",
    )
    month = of_edition(settled_year, "month:1")
    assert month.settled.frozen == {} and "数字与结账时一致" in view.texts(month)["settled"][0]["text"]


def test_another_category_tells_of_no_difference(settled_year: int) -> None:
    (one,) = of_edition(settled_year, "category:06").settled.corrections
    assert one.changes and one.differences == ()


def test_where_no_month_was_closed_there_is_no_such_section(contract: int) -> None:
    report = of_edition(contract, "whole")
    assert not report.settled.closed and view.texts(report)["settled"] == []
    assert not any("结账" in text for text in printed(report))


def test_who_sees_one_station_reads_who_closed_but_no_adjustment(settled_year: int, cast: Cast) -> None:
    settled = of_edition(settled_year, "quarter:1", cast.wang).settled
    assert len(settled.closed) == 3 and not settled.corrections and settled.frozen is None


def test_an_adjusted_record_that_the_reader_may_not_read_is_told_by_number(contract: int, cast: Cast) -> None:
    client = store.save(SYSTEM, RECORDS["client"], {"name": "张三", "kind": "patient", "opened_on": "2026-01-02"})
    given = {"client_id": client, "kind": "other", "requested_on": "2026-01-05", "served_on": "2026-01-05",
             "state": "served"}  # fmt: skip
    key = store.save(SYSTEM, RECORDS["assistance_service"], given | {"number": "LT1"}, today=APRIL)
    closing.reopen(SYSTEM, closing.close(SYSTEM, contract, YEAR.start, today=APRIL), "补登")
    store.save(SYSTEM, RECORDS["assistance_service"], {"notes": "更正"}, id=key, today=APRIL)
    for actor, reads in ((cast.he, False), (cast.lin, True)):
        (one,) = of_edition(contract, "month:1", actor).settled.corrections
        (change,) = one.changes
        assert change.record_id == key and bool(change.title) == reads
        assert one.differences is None


def test_a_list_that_was_cut_says_where_the_rest_is(demo: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "LISTED", 30)
    report = content.gather(SYSTEM, edition=editions.read("category:03"))
    (line,) = report.lines
    newest = kpi.rows(SYSTEM, line.figure.id, size=30).rows
    assert [row.day for row in line.rows] == [row.day for row in reversed(newest)] and line.rows_total > 30
    assert "以下列出最近的 30 条，其余见门户。" in view.listing_words(line, 30)
    assert "以下列出最近的 10 条，Excel 列出最近的 30 条，其余见门户。" in view.listing_words(line, 10)
    assert any(
        "列出最近的 30 条，其余见门户" in str(row[0]) for row in sheet_rows(excel.workbook(report), _last(report))
    )


def _last(report: Report) -> str:
    return f"{report.sections[-1].code} {report.sections[-1].name.zh}"


def test_a_category_tells_what_people_thought_of_the_sessions_it_counts(demo: None) -> None:
    report = content.gather(SYSTEM)
    told = {section.code: section.feedback for section in report.sections}
    for section in report.sections:
        pages = [kpi.rows(SYSTEM, line.figure.id, report.board.as_of, size=content.LISTED) for line in section.lines]
        held = {row.ref for page in pages for row in page.rows if row.record == "training_session"}
        assert told[section.code] == (feedback.of_sessions(SYSTEM, held) if held else None)
    found = told["05"]
    assert found and found.number
    said = paper_words.feedback_words(found)
    assert f"学员反馈 {found.number:,} 份，平均 {found.mean:.2f} 分" in said
    assert said in [row[0] for row in sheet_rows(excel.workbook(report))]
    assert said in [paragraph.text for paragraph in docx.Document(io.BytesIO(word.document(report))).paragraphs]


def test_answers_of_many_sessions_count_once_each(demo: None) -> None:
    everywhere = [row.id for row in store.rows(SYSTEM, RECORDS["training_session"], Query(size=200)).rows]
    apart = [feedback.of_session(SYSTEM, key) for key in everywhere]
    together = feedback.of_sessions(SYSTEM, everywhere)
    assert together.number == sum(one.number for one in apart) > 0
    total = sum(one.means["content"] * one.number for one in apart if one.number)
    assert together.means["content"] == pytest.approx(total / together.number)
