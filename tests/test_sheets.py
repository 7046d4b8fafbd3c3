"""Reading and writing spreadsheets: what a person wrote comes back as the same text; no file can harm the server."""

import base64
import csv
import io
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports import excel
from services import sheetmarks, sheetparse
from services.sheets import Column, Limits, SheetError, SheetOut, as_text, plain, read_sheet, write_csv, write_sheet

# One sheet of an old .xls: 姓名*, 电话, 出生日期, 合计; a formula in D2, #N/A in B4.
XLS = (
    "c-rk)O-NKx6#njgGtN)`j5-DysR)@(N>~JKbV^894H`ljL1{Bcm>Od)3@X!HSrD`;+6cC2V@1&qwWwW-(8xs)2wJpi6%<6MuXE0O&ooD9Kn3"
    "f4Z|=GGoO|y%_vhSu-n_RHxzi&Lie~T!YGGjB3?O5XOi>CrObAqOnp|{pKPA(}hC;wk8=2w7^Q<>M-b3E+8ED-1ydnyGq;wo-5$o<sl&&M{W"
    "DKo}$55j@<a-*oDP^Nj#+4`Zl+b*k_oVF$q5DO0O=u0ZomR&%5sgLm*?xRfmq}eVQH3Yc=YvS9QGnO%$Cs`vtF0FYlBZkG{J#~&o=l8_yrUt"
    "}l}Iw5gF6TUeT1sc&Z>BP8e#IBQG7Q`fp5+g@v_vFudiHz<Uf|meJjZQw27(YffeMz737;z$Zu#5&=2#Z;`22`eaAiGQwlNWcKIysYHSwu97"
    "-g17*LZfS<MkXlzV%phUwJ*Y%1yfoG580iNASdm|6_?JRGQoUD!?9)rA%!vGyQGC%Mf+OK!6)Ipdi`<H(V6uAKA`*_^%m_1&Si#^?!=^vfu$"
    "IJb>w027zF2X)St8qWfaNRORD2Sn=@DHjP1)7hcCys^M8)DKFVD^godcJ>G+quUpiE2up5rRiz$(5L7QDvveHoDYw^kB*>>b|ubprDqV8s#4"
    "v$$#@oZa%JC$Q$h=u-Hv`8vd3=P!8`|Ze259TLM@J0M=fyLUMq_;h%;<mDupg3x_EUAS}!HKXjLmZ9tG+y>Y&`=c^L1}v@ctUbM*0BgQduaV"
    "#Pm$P3RORw3zVPCiF5Bnx1?yVYOxx8TOD3nb1;whUjBo@oGPN6>$+&tMl-fO;I5E4cEaof`f(E-oXl1$H9=w!Cbg-;lhQB^?;I?1&LD}SiSa"
    "3jnDqBGe>FO{Y>)D;xM}DIY<BB4x)?lB>K|wpUv<pN0<7`KF;?-#u2ifL<ibr935%<FTIqi#q;^=j-k~%Lh0I{PiLHKZ2uRoL`HQ"
)

PROCESS = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def xlsx(path: Path, *rows: Sequence[object], **more: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, others in more.items():
        for row in others:
            (book[name] if name in book.sheetnames else book.create_sheet(name)).append(row)
    book.save(path)
    return path


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def rezipped(source: Path, target: Path, **changes: tuple[bytes, bytes]) -> Path:
    """The same workbook with one piece of its first sheet's XML replaced."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                for before, after in changes.values():
                    assert before in data
                    data = data.replace(before, after)
            new.writestr(name, data)
    return target


def refusal(path: Path, **limits: int) -> str:
    with pytest.raises(SheetError) as caught:
        read_sheet(path, limits=Limits(**limits))
    return caught.value.code


# Cells as a person sees them


def test_every_kind_of_cell_reads_as_a_person_sees_it(tmp_path: Path) -> None:
    cells = [13800138000, 1.5, True, date(2026, 1, 2), datetime(2026, 1, 2, 8, 30), None, "007", 0.1 + 0.2]
    sheet = read_sheet(xlsx(tmp_path / "a.xlsx", list("ABCDEFGH"), cells))
    assert sheet.rows == [("13800138000", "1.5", "TRUE", "2026-01-02", "2026-01-02 08:30", "", "007", "0.3")]
    assert sheet.flags == {}


def test_a_number_too_long_for_a_spreadsheet_is_flagged_and_text_is_not(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "a.xlsx",
        ["证件号码", "电话"],
        [110101199001011234, 999_999_999_999_999],
        ["110101199001011234", 10**15],
    )
    assert read_sheet(path).flags == {(0, 0): "number_lost_digits", (1, 1): "number_lost_digits"}


def test_a_csv_number_that_a_spreadsheet_rounded_is_flagged(tmp_path: Path) -> None:
    assert read_sheet(written(tmp_path / "a.csv", "证件号码,备注\n1.10101E+17,E+1\n")).flags == {
        (0, 0): "number_lost_digits"
    }


def test_formulas_and_errors_are_flagged_where_they_stand(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page["C3"], page["D3"], page["E3"] = "姓名", "时长", "备注"
    page["C5"], page["D5"], page["E5"] = "王芳", "=1+1", "#N/A"
    page["C6"], page["D6"], page["E6"] = "李明", 2, "好"
    page["D7"] = openpyxl.worksheet.formula.ArrayFormula("D7:D8", "=1+1")
    page["C7"], page["C8"], page["D8"] = "赵云", "钱多", 4
    book.save(tmp_path / "a.xlsx")
    sheet = read_sheet(tmp_path / "a.xlsx")
    assert sheet.header == ["", "", "姓名", "时长", "备注"]
    assert sheet.numbers == [5, 6, 7, 8]
    assert sheet.flags == {
        (0, 3): "formula_cell",
        (0, 4): "error_cell",
        (2, 3): "formula_cell",
        (3, 3): "formula_cell",
    }
    assert sheet.rows[0][4] == "#N/A"


def test_a_formula_is_flagged_though_its_cell_gives_no_reference(tmp_path: Path) -> None:
    source = xlsx(tmp_path / "a.xlsx", ["姓名", "时长"], ["王芳", 2])
    changed = (b'<c r="B2" t="n"><v>2</v></c>', b"<c><f>1+1</f><v>2</v></c>")
    assert read_sheet(rezipped(source, tmp_path / "b.xlsx", cell=changed)).flags == {(0, 1): "formula_cell"}


def test_a_list_to_pick_from_is_not_taken_for_a_formula(tmp_path: Path) -> None:
    write_sheet(tmp_path / "a.xlsx", [SheetOut("一", [Column("性别", choices=["男", "女"])], [["女"]])])
    sheet = read_sheet(tmp_path / "a.xlsx")
    assert (sheet.rows, sheet.flags) == ([("女",)], {})


def test_an_old_workbook_reads_with_its_formulas_and_errors_flagged(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(zlib.decompress(base64.b85decode(XLS)))
    sheet = read_sheet(path)
    assert sheet.header == ["姓名", "电话", "出生日期", "合计"]
    assert sheet.rows[1] == ("王芳2", "13800138000", "2010-01-01", "好")
    assert sheet.flags == {(0, 3): "formula_cell", (2, 1): "error_cell"}


def ods(path: Path, rows: str) -> Path:
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    body = f'<table:table table:name="一">{rows}</table:table>'
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        book.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:spreadsheet>{body}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def ods_cell(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def test_an_open_document_reads_with_its_formulas_flagged(tmp_path: Path) -> None:
    rows = [ods_cell("姓名") + ods_cell("时长"), ods_cell("王芳") + ods_cell("2", 'table:formula="of:=1+1"')]
    sheet = read_sheet(ods(tmp_path / "a.ods", "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)))
    assert (sheet.rows, sheet.flags) == ([("王芳", "2")], {(0, 1): "formula_cell"})


# The table in the sheet


def test_blank_rows_are_left_out_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", [], ["姓名", "电话"], [None], ["王芳", "1"], ["  ", ""], ["李明", "2"])
    sheet = read_sheet(path)
    assert (sheet.rows, sheet.numbers, sheet.first_row) == ([("王芳", "1"), ("李明", "2")], [4, 6], 4)


def test_row_numbers_count_a_csv_cell_of_many_lines_as_one_row(tmp_path: Path) -> None:
    sheet = read_sheet(written(tmp_path / "a.csv", '姓名,备注\r\n\r\n王芳,"一\r\n二"\r\n李明,三\r\n'))
    assert (sheet.rows[0], sheet.numbers) == (("王芳", "一\r\n二"), [3, 4])


def test_a_title_above_the_header_is_passed_over(tmp_path: Path) -> None:
    sheet = read_sheet(xlsx(tmp_path / "a.xlsx", ["志愿者名册"], ["姓名", "电话"], ["王芳", "1"]))
    assert (sheet.header, sheet.rows, sheet.numbers) == (["姓名", "电话"], [("王芳", "1")], [3])


def test_headings_match_without_marks_widths_and_spaces(tmp_path: Path) -> None:
    written_so = ["姓名＊", "* 手机号", " ＩＤ  number* ", "备注（必填）", "时长(小时)", "\ufeff性别"]
    sheet = read_sheet(xlsx(tmp_path / "a.xlsx", written_so))
    assert sheet.header == ["姓名", "手机号", "ID number", "备注", "时长(小时)", "性别"]
    assert sheet.headings == written_so


def test_every_row_is_as_wide_as_the_header(tmp_path: Path) -> None:
    sheet = read_sheet(written(tmp_path / "a.csv", "姓名,电话,,\n王芳\n李明,1,未命名,\n"))
    assert sheet.header == ["姓名", "电话", ""]
    assert sheet.rows == [("王芳", "", ""), ("李明", "1", "未命名")]


def test_the_first_sheet_that_holds_anything_is_read_unless_one_is_named(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", 名单=[["姓名"], ["王芳"]], 选项=[["性别"], ["女"]])
    assert read_sheet(path).name == "名单"
    assert read_sheet(path, name="选项").rows == [("女",)]
    with pytest.raises(SheetError, match="no_such_sheet"):
        read_sheet(path, name="没有")


def test_a_hidden_sheet_is_not_read_unless_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title, book.active["A1"], book.active.sheet_state = "hidden", "秘密", "hidden"
    book.create_sheet("shown")["A1"] = "姓名"
    book.save(tmp_path / "a.xlsx")
    assert read_sheet(tmp_path / "a.xlsx").header == ["姓名"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_file"),
        (" \n,,\n", "empty_file"),
        ("姓名,姓名*\n1,2\n", "duplicate_header"),
        ("1,2\n3,4\n", "no_header"),
        ('姓名,备注\n王芳,"没有结束\n', "unreadable"),
        ("<!DOCTYPE html><table><tr><td>姓名", "not_a_sheet"),
    ],
)
def test_text_that_is_no_table_is_refused_with_its_reason(tmp_path: Path, text: str, code: str) -> None:
    assert refusal(written(tmp_path / "a.csv", text)) == code


# Encodings and endings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
@pytest.mark.parametrize("sign", [",", "\t", ";"])
def test_a_csv_reads_the_same_in_every_encoding_and_delimiter(tmp_path: Path, encoding: str, sign: str) -> None:
    text = f'姓名{sign}备注\r\n王芳{sign}"甲,乙;丙"\r\n'
    sheet = read_sheet(written(tmp_path / "a.csv", text, encoding))
    assert (sheet.header, sheet.rows) == (["姓名", "备注"], [("王芳", "甲,乙;丙")])


def test_content_decides_and_not_the_ending(tmp_path: Path) -> None:
    assert read_sheet(written(tmp_path / "a.xlsx", "姓名\n王芳\n")).rows == [("王芳",)]
    assert read_sheet(xlsx(tmp_path / "real.xlsx", ["姓名"], ["王芳"]).rename(tmp_path / "a.csv")).rows == [("王芳",)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7\n\x00\x01\x02\xff", "not_a_sheet"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_a_sheet"),
        ("姓名\n".encode("gbk") + b"\xff\xff\n", "encoding"),
        (b"PK\x03\x04 and then nothing", "unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "unreadable"),
    ],
)
def test_what_is_no_sheet_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(data)
    assert refusal(tmp_path / "a.xlsx") == code


def test_another_kind_of_zip_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as book:
        book.writestr("word/document.xml", "<w/>")
    assert refusal(tmp_path / "a.xlsx") == "not_a_sheet"


# Bounds


def test_more_than_is_allowed_is_refused_by_name(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", ["姓名", "电话", "备注"], *(["王芳", "1", "好"] for _ in range(20)))
    assert refusal(path, file_bytes=100) == "too_big"
    assert refusal(path, unzipped_bytes=1000) == "too_big"
    assert refusal(path, entries=3) == "too_big"
    assert refusal(path, cells=62) == "too_big"
    assert refusal(path, rows=19) == "too_many_rows"
    assert refusal(path, columns=2) == "too_many_columns"
    assert len(read_sheet(path, limits=Limits(rows=20, columns=3, cells=63)).rows) == 20


def test_a_csv_is_bounded_too(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "姓名,电话\n" + "王芳,1\n" * 20)
    assert refusal(path, rows=19) == "too_many_rows"
    assert refusal(path, columns=1) == "too_many_columns"


def far(tmp_path: Path, cell: bytes) -> Path:
    source = xlsx(tmp_path / "near.xlsx", ["姓名"], [7])
    return rezipped(source, tmp_path / "far.xlsx", cell=(b'<c r="A2" t="n"><v>7</v></c>', cell))


def test_a_far_cell_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    with pytest.raises(SheetError) as caught:
        read_sheet(far(tmp_path, b'<c r="XFD50000"><v>7</v></c>'))
    assert (caught.value.code, caught.value.detail) == ("too_big", {"cell": "XFD50000"})


def test_a_far_cell_that_the_guard_cannot_see_costs_only_the_child(tmp_path: Path) -> None:
    path = far(tmp_path, b'<c r = "XFD500"><v>7</v></c>')
    assert refusal(path) == "too_many_columns"
    assert refusal(path, memory_bytes=192 << 20) == "unreadable"
    assert read_sheet(tmp_path / "near.xlsx", limits=Limits(memory_bytes=192 << 20)).rows == [("7",)]


def test_a_far_cell_without_a_value_is_no_reason_to_refuse(tmp_path: Path) -> None:
    assert read_sheet(far(tmp_path, b'<c r="XFD50000" s="0"/>')).header == ["姓名"]


@given(cut=st.integers(0, 40), letters=st.sampled_from([b"B", b"XFD"]))
def test_the_guard_sees_a_cell_wherever_the_pieces_are_cut(cut: int, letters: bytes) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as book:
        padding = b"<v>" + b"1" * ((1 << 20) - cut - 7) + b"</v>"
        book.writestr("xl/worksheets/sheet1.xml", padding + b'<c r="%s50000"><v>1</v></c>' % letters)
    with zipfile.ZipFile(stream) as book:
        if letters == b"XFD":
            with pytest.raises(SheetError):
                sheetparse.guard(book, Limits())
        else:
            assert sheetparse.guard(book, Limits()) is False


def test_a_size_that_lies_does_not_pass(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", b" " * (8 << 20))
    true_size = (8 << 20).to_bytes(4, "little")
    assert true_size in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(true_size, (100).to_bytes(4, "little")))
    assert refusal(path, unzipped_bytes=1 << 20) in ("too_big", "unreadable")


def test_entities_that_multiply_do_not_pass(tmp_path: Path) -> None:
    source = xlsx(tmp_path / "a.xlsx", ["姓名", "时长"], ["王芳", "=1+1"])
    names = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 20}">' for n in range(9))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "ha">{names}]><worksheet'.encode()
    path = rezipped(source, tmp_path / "b.xlsx", top=(b"<worksheet", bomb), use=(b"<f>1+1", b"<f>&e9;"))
    assert refusal(path) == "unreadable"


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", ["姓名"], *(["王芳"] for _ in range(100)))
    assert refusal(path, seconds=0) == "too_slow"


def test_the_child_sees_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given_to: list[object] = []

    class Watched(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *arguments: Any, **named: Any) -> None:
            given_to.append(named["env"])
            super().__init__(*arguments, **named)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    read_sheet(written(tmp_path / "a.csv", "姓名\n"))
    assert given_to == [{}]


# Writing


def test_no_cell_is_a_formula_or_a_link(tmp_path: Path) -> None:
    texts = ["=1+1", "@SUM(A1)", "+1", "-1", "http://example.org", "＝1"]
    write_sheet(tmp_path / "a.xlsx", [SheetOut("一", [Column(f"列{n}", "number") for n in range(6)], [texts])])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        xml = book.read("xl/worksheets/sheet1.xml")
    assert b"<f" not in xml
    assert b"<hyperlink" not in xml
    assert read_sheet(tmp_path / "a.xlsx").rows == [tuple(texts)]


@pytest.mark.parametrize("text", ["<r></r>", "<r>&</r>", "<r><t>甲</t></r>", "<r></is></c></r>"])
def test_a_text_that_looks_like_xml_is_written_as_it_stands(tmp_path: Path, text: str) -> None:
    columns = [Column("备注", "text", choices=(text,))]
    write_sheet(tmp_path / "a.xlsx", [SheetOut("一", columns, [[text], [f"{text}\n{text}"]])])
    assert [row[0] for row in read_sheet(tmp_path / "a.xlsx").rows] == [text, f"{text}\n{text}"]
    book = excel.Book("页脚")
    book.row(book.page("一", [10]), 0, [text, f"{text}\n{text}"])
    (tmp_path / "b.xlsx").write_bytes(book.closed())
    assert read_sheet(tmp_path / "b.xlsx").header[0] == text


def test_values_are_written_as_what_they_are(tmp_path: Path) -> None:
    columns = [
        Column("编号"),
        Column("日期", "date"),
        Column("时间", "datetime"),
        Column("时长", "number"),
        Column("数"),
    ]
    row = ["007", date(2026, 1, 2), datetime(2026, 1, 2, 8, 30), Decimal("1.50"), 5]
    write_sheet(tmp_path / "a.xlsx", [SheetOut("一", columns, [row])])
    cells = next(openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows(min_row=2))
    assert [cell.value for cell in cells] == ["007", datetime(2026, 1, 2), datetime(2026, 1, 2, 8, 30), 1.5, "5"]
    assert [cell.number_format for cell in cells] == ["@", "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "General", "@"]


def test_the_heading_is_marked_frozen_filtered_and_hinted(tmp_path: Path) -> None:
    columns = [Column("姓名", required=True, hint="与证件一致"), Column("性别", choices=["男", "女"])]
    write_sheet(tmp_path / "a.xlsx", [SheetOut("志愿者", columns, [["王芳", "女"]])], choices_name="可选值")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    page = book["志愿者"]
    assert (page["A1"].value, page["A1"].font.bold) == ("姓名*", True)
    assert "与证件一致" in page["A1"].comment.text
    assert (page.freeze_panes, page.auto_filter.ref) == ("A2", "A1:B2")
    assert [(str(rule.sqref), rule.formula1) for rule in page.data_validations.dataValidation] == [
        ("B2:B1048576", "'可选值'!$A$2:$A$3")
    ]
    assert [cell.value for cell in book["可选值"]["A"]] == ["性别", "男", "女"]


def test_nothing_is_written_when_the_rows_fail(tmp_path: Path) -> None:
    def rows() -> Iterator[Sequence[object]]:
        yield ["王芳"]
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        write_sheet(tmp_path / "a.xlsx", [SheetOut("一", [Column("姓名")], rows())])
    assert not (tmp_path / "a.xlsx").exists()


def test_a_name_that_no_sheet_may_have_is_made_fit(tmp_path: Path) -> None:
    write_sheet(tmp_path / "a.xlsx", [SheetOut("'一/二[三]:*?\\" + "长" * 40, [Column("姓名")])])
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames[0].startswith("一 二 三")


def test_both_writers_take_a_stream_and_count_rows() -> None:
    sheet, text = io.BytesIO(), io.BytesIO()
    assert write_sheet(sheet, [SheetOut("一", [Column("姓名")], [["王芳"], ["李明"]])]) == 2
    assert write_csv(text, ["姓名"], [["王芳"], ["李明"]]) == 2
    assert text.getvalue() == "\ufeff姓名\r\n王芳\r\n李明\r\n".encode()
    assert zipfile.is_zipfile(sheet)


@pytest.mark.parametrize("start", [*"=+-@＝＋－＠\t\r\n", " =", "'="])
def test_a_csv_cell_that_could_be_a_formula_is_armoured(start: str) -> None:
    stream = io.BytesIO()
    write_csv(stream, ["备注", "数"], [[start + "1", -1], ["1" + start, 0]])
    _, *rows = csv.reader(io.StringIO(stream.getvalue().decode("utf-8-sig"), newline=""))
    assert rows == [["'" + start + "1", "-1"], ["1" + start, "0"]]


# The round trip

VALUES = st.one_of(
    TEXTS,
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4),
    st.dates(date(1890, 1, 1)),
    st.datetimes(datetime(1890, 1, 1), datetime(2200, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),
)
ROWS = st.lists(st.tuples(TEXTS, VALUES, VALUES), max_size=40)


def expected(rows: list[tuple[object, ...]]) -> list[tuple[str, ...]]:
    texts = [tuple(as_text(plain(value)) for value in row) for row in rows]
    return [row for row in texts if "".join(row).strip()]


def same(read: list[tuple[str, ...]], wanted: list[tuple[str, ...]]) -> bool:
    """Equal, but that a typed moment at midnight reads as its day."""
    pairs = zip([cell for row in read for cell in row], [cell for row in wanted for cell in row], strict=True)
    return len(read) == len(wanted) and all(cell == want or want == f"{cell} 00:00" for cell, want in pairs)


@PROCESS
@given(rows=ROWS)
def test_what_a_workbook_was_given_reads_back_as_the_same_text(tmp_path: Path, rows: list[tuple[object, ...]]) -> None:
    columns = [Column("姓名"), Column("文字"), Column("数值", "number")]
    write_sheet(tmp_path / "a.xlsx", [SheetOut("一", columns, rows)])
    sheet = read_sheet(tmp_path / "a.xlsx")
    assert same(sheet.rows, expected(rows))
    assert sheet.flags == {}


@PROCESS
@given(rows=ROWS)
def test_what_a_csv_was_given_reads_back_as_the_same_text(tmp_path: Path, rows: list[tuple[object, ...]]) -> None:
    write_csv(tmp_path / "a.csv", ["姓名", "文字", "数值"], rows)
    assert read_sheet(tmp_path / "a.csv").rows == expected(rows)


@given(text=TEXTS.map(lambda text: str(plain(text) or "")), encoding=st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_decoding_gives_back_what_was_encoded(text: str, encoding: str) -> None:
    assert sheetparse.decode(("姓名,备注\r\n" + text).encode(encoding)) == "姓名,备注\r\n" + text


@given(row=st.integers(0, 1_048_575), column=st.integers(0, 16_383))
def test_a_reference_names_its_position(row: int, column: int) -> None:
    assert sheetmarks.position(xlsxwriter.utility.xl_rowcol_to_cell(row, column)) == (row, column)


def test_the_caller_is_not_made_bigger_than_what_it_gets(tmp_path: Path) -> None:
    """50,000 rows of 20 columns: the reading process grows by less than 200 MB."""
    rows = (tuple(f"v{row % 5000}-{column}" for column in range(20)) for row in range(50_000))
    write_csv(tmp_path / "a.csv", [f"列{column}" for column in range(20)], rows)
    code = (
        "import resource, sys; from services.sheets import read_sheet\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak(); sheet = read_sheet(sys.argv[1]); print(len(sheet.rows), (peak() - before) // 1024)"
    )
    root = Path(__file__).resolve().parent.parent
    out = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.csv")], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    count, grown = map(int, out.split())
    assert count == 50_000
    assert grown < 200
