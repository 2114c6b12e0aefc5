"""Spreadsheets: what is seen of them, as lines and tables, and what is refused."""

from __future__ import annotations

import csv
import io
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from extractor.intake.errors import UnreadableFile
from extractor.intake.number_formats import shown, spelled
from extractor.intake.spreadsheet import (
    Range,
    delimiter_of,
    is_old_excel,
    read_csv,
    read_xlsx,
    visible_grid,
)
from extractor.model import Source, Span, Table

HEADER = ("序号", "工作任务", "牵头单位", "完成时限")
ROWS = [
    HEADER,
    ("1", "排查学校、医院消防安全隐患", "市应急局", "2023年6月底前"),
    ("2", "整改隐患", "市住建局", "2023年9月底前"),
]


def written(fill: Callable[[Worksheet], object]) -> bytes:
    workbook = Workbook()
    assert workbook.active is not None
    fill(workbook.active)  # type: ignore[arg-type]
    return saved(workbook)


def saved(workbook: Workbook) -> bytes:
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def append(*rows: Sequence[object]) -> Callable[[Worksheet], None]:
    def fill(sheet: Worksheet) -> None:
        for row in rows:
            sheet.append(list(row))

    return fill


def read(fill: Callable[[Worksheet], object]) -> Source:
    return read_xlsx(written(fill), "x.xlsx")


def lines(*rows: Sequence[str]) -> str:
    return "\n".join("\t".join(row) for row in rows)


def cells_of(source: Source, table: Table) -> list[tuple[str, int, int, int, int]]:
    return [(c.span.of(source.text), c.row, c.column, c.rows, c.columns) for c in table.cells]


def test_title_table_and_note_are_lines_and_a_table() -> None:
    def fill(sheet: Worksheet) -> None:
        append(["附件2"], ["云溪市重点任务分工表"], ["填报单位：市府办", None, None, "日期：3月"], *ROWS)(
            sheet
        )
        append(["注：未列事项由各区自行安排。"])(sheet)
        for row in (1, 2, 7):
            sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=4)

    source = read(fill)
    form = "填报单位：市府办\t日期：3月"
    assert source.text == "\n".join(
        ["附件2", "云溪市重点任务分工表", form, lines(*ROWS), "注：未列事项由各区自行安排。"]
    )
    [table] = source.tables
    assert table.span.of(source.text) == lines(*ROWS)
    assert [cell[:3] for cell in cells_of(source, table)] == [
        (text, r, c) for r, row in enumerate(ROWS) for c, text in enumerate(row)
    ]


def test_a_place_is_sheet_row_and_cell_as_the_program_counts_them() -> None:
    workbook = Workbook()
    workbook.remove(workbook.active)  # type: ignore[arg-type]
    for name in ("一季度", "二季度"):
        sheet = workbook.create_sheet(name)
        sheet.append([])
        for row in ROWS:
            sheet.append([None, *row])
    source = read_xlsx(saved(workbook), "x")
    at = source.text.rindex("市住建局")
    place = source.locate(Span(at, at + 4))
    assert (place.sheet, place.row, place.cell) == ("二季度", 4, 4)
    assert len(source.tables) == 2


def test_sections_and_merged_cells_inside_a_table() -> None:
    def fill(sheet: Worksheet) -> None:
        append(
            ["序号", "任务", "责任分工", None],
            [None, None, "牵头", "配合"],
            ["一、消防安全"],
            [1, "排查", "市应急局", "市教育局"],
            [None, "整改", None, "市住建局"],
        )(sheet)
        for merged in ("A1:A2", "B1:B2", "C1:D1", "A3:D3", "A4:A5", "C4:C5"):
            sheet.merge_cells(merged)

    source = read(fill)
    assert source.text.split("\n") == [
        "序号\t任务\t责任分工",
        "牵头\t配合",
        "一、消防安全",
        "1\t排查\t市应急局\t市教育局",
        "整改\t市住建局",
    ]
    assert cells_of(source, source.tables[0]) == [
        ("序号", 0, 0, 2, 1),
        ("任务", 0, 1, 2, 1),
        ("责任分工", 0, 2, 1, 2),
        ("牵头", 1, 2, 1, 1),
        ("配合", 1, 3, 1, 1),
        ("一、消防安全", 2, 0, 1, 4),
        ("1", 3, 0, 2, 1),
        ("排查", 3, 1, 1, 1),
        ("市应急局", 3, 2, 2, 1),
        ("市教育局", 3, 3, 1, 1),
        ("整改", 4, 1, 1, 1),
        ("市住建局", 4, 3, 1, 1),
    ]


def test_empty_cells_are_cells_and_line_breaks_in_cells_are_spaces() -> None:
    source = read(append(HEADER, (1, "排查\n整改", None, "年底前"), (2, "上报", "市应急局", None)))
    assert source.text.split("\n")[1:] == ["1\t排查 整改\t\t年底前", "2\t上报\t市应急局\t"]
    assert len(source.tables[0].cells) == 12


def test_a_blank_row_ends_a_table_unless_rows_of_several_cells_go_on() -> None:
    two = read(append(*ROWS, [], ["二、另一张表"], *ROWS))
    assert [t.span.of(two.text) for t in two.tables] == [lines(*ROWS)] * 2
    one = read(append(*ROWS, [], ("3", "验收", "市府办", "年底前")))
    [table] = one.tables
    assert max(cell.row for cell in table.cells) == 4  # the blank row counts


def test_prose_in_cells_is_lines() -> None:
    source = read(append(["关于做好消防工作的通知"], ["各区要落实责任。\n每月报告一次。"]))
    assert source.text == "关于做好消防工作的通知\n各区要落实责任。\n每月报告一次。"
    assert not source.tables


def test_hidden_sheets_rows_and_columns_are_out() -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    append(("序号", "内部编号", "任务"), (1, "N-1", "排查"), (2, "N-2", "作废"), (3, "N-3", "上报"))(sheet)
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[3].hidden = True
    for name, state in (("字典", "hidden"), ("宏", "veryHidden")):
        other = workbook.create_sheet(name)
        other.append(["不可见"])
        other.sheet_state = state  # type: ignore[assignment]
    source = read_xlsx(saved(workbook), "x")
    assert source.text == "序号\t任务\n1\t排查\n3\t上报"
    assert [cell[1:3] for cell in cells_of(source, source.tables[0])] == [
        (r, c) for r in range(3) for c in range(2)
    ]
    place = source.locate(Span(len(source.text) - 2, len(source.text)))
    assert (place.row, place.cell) == (4, 3)


def test_a_merged_cell_stands_at_its_first_visible_position() -> None:
    texts = {(1, 1): "任务", (1, 3): "单位", (2, 1): "排查", (2, 3): "市应急局", (3, 3): "市教育局"}
    grid = visible_grid(texts, [Range(2, 1, 3, 2)], hidden_rows=[2], hidden_columns=[1])
    assert [[(c.text, c.row, c.column, c.rows, c.columns) for c in row.cells] for row in grid] == [
        [("", 0, 0, 1, 1), ("单位", 0, 1, 1, 1)],
        [("排查", 1, 0, 1, 1), ("市教育局", 1, 1, 1, 1)],
    ]


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (datetime(2023, 6, 30), 'yyyy"年"m"月"d"日"', "2023年6月30日"),
        (datetime(2023, 6, 30), 'yyyy"年"m"月"d"日";@', "2023年6月30日"),
        (datetime(2023, 6, 30), 'yyyy"年"m"月"', "2023年6月"),
        (datetime(2023, 6, 30), 'm"月"d"日"', "6月30日"),
        (date(2023, 6, 3), "yyyy/m/d;@", "2023/6/3"),
        (date(2023, 6, 3), "yyyy\\-mm\\-dd", "2023-06-03"),
        (date(2023, 6, 3), "yyyy.mm.dd", "2023.06.03"),
        (date(2023, 6, 3), "mm-dd-yy", "2023/6/3"),  # the system's short date
        (date(2023, 6, 3), "m/d/yy", "2023/6/3"),  # and as LibreOffice writes it
        (date(2023, 6, 3), "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "2023年6月3日"),  # the system's long date
        (date(2023, 6, 3), '[DBNum1][$-804]yyyy"年"m"月"d"日";@', "二〇二三年六月三日"),
        (date(2023, 10, 20), '[DBNum1]m"月"d"日"', "十月二十日"),
        (date(2023, 6, 3), "[$-804]aaaa;@", "星期六"),
        (datetime(2023, 6, 3, 15, 4), "yyyy/m/d h:mm", "2023/6/3 15:04"),
        (datetime(2023, 6, 3, 15, 4), '上午/下午h"时"mm"分"', "下午3时04分"),
        (datetime(2023, 6, 3, 15, 4, 5), "mm:ss", "04:05"),  # minutes, not months
        (date(2023, 6, 3), "General", "2023/6/3"),
        (12, "General", "12"),
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (0.95, "0%", "95%"),
        (0.125, "0.0%", "12.5%"),
        (12345.5, "#,##0.00", "12,345.50"),
        (3, '0"次"', "3次"),
        (3, "000", "003"),
        (-3, "0_);(0)", "(3)"),
        (5, '[DBNum1][$-804]General"、"', "五、"),
        (0.00001, "0.00E+00", "1e-05"),
        (True, "General", "TRUE"),
        ("2023年6月底前", "@", "2023年6月底前"),
        (None, "General", ""),
    ],
)
def test_values_as_shown(value: object, number_format: str, expected: str) -> None:
    assert shown(value, number_format) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "〇"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百〇五"), (3010, "三千〇一十")],
)
def test_spelled(number: int, expected: str) -> None:
    assert spelled(number) == expected


def with_part(data: bytes, name: str, change: Callable[[str], str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, change(content.decode()) if info.filename == name else content)
    return out.getvalue()


def test_dates_whose_format_the_file_names_by_number_only() -> None:
    def fill(sheet: Worksheet) -> None:
        append(("任务", "完成时限"), ("排查", 45107))(sheet)
        sheet["B2"].number_format = "0.00"

    data = with_part(written(fill), "xl/styles.xml", lambda xml: xml.replace('numFmtId="2"', 'numFmtId="31"'))
    assert read_xlsx(data, "x").text == "任务\t完成时限\n排查\t2023年6月30日"


def test_a_number_that_is_no_day_stays_a_number() -> None:
    def fill(sheet: Worksheet) -> None:
        append(("任务", "完成时限"), ("排查", 20230630))(sheet)
        sheet["B2"].number_format = "0.00"

    data = with_part(written(fill), "xl/styles.xml", lambda xml: xml.replace('numFmtId="2"', 'numFmtId="31"'))
    assert read_xlsx(data, "x").text == "任务\t完成时限\n排查\t20230630"


def test_formulas_show_what_was_last_computed() -> None:
    data = written(append(("任务", "合计"), ("排查", 7)))
    data = with_part(
        data, "xl/worksheets/sheet1.xml", lambda xml: xml.replace("<v>7</v>", "<f>3+4</f><v>7</v>")
    )
    assert read_xlsx(data, "x").text == "任务\t合计\n排查\t7"


def test_escaped_characters() -> None:
    source = read(append(("任务", "单位"), ("排查_x000D_\n整改", "市应急局")))
    assert source.text == "任务\t单位\n排查 整改\t市应急局"


def sheet_of(content: str, before: str = "") -> bytes:
    data = written(append(ROWS[0]))
    return with_part(
        data,
        "xl/worksheets/sheet1.xml",
        lambda xml: before + re.sub(r"<sheetData>.*</sheetData>", lambda _: content, xml),
    )


CELL = '<c r="{}" t="inlineStr"><is><t>甲</t></is></c>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04", "损坏"),
        (b"", "损坏"),
        (written(append(*ROWS))[:-300], "损坏"),
        (OLE + b"\0" * 600 + "Workbook".encode("utf-16-le"), "另存为 .xlsx"),
        (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "密码"),
        (with_part(written(append(*ROWS)), "xl/workbook.xml", lambda xml: xml[:200]), "损坏"),
        (with_part(written(append(*ROWS)), "[Content_Types].xml", lambda _: "<Types/>"), "损坏"),
        (sheet_of("<sheetData/>", '<!DOCTYPE a [<!ENTITY b "c">]>'), "DTD"),
        (sheet_of("<sheetData>" + "".join(f'<row r="{r}"/>' for r in range(1_010_000)) + "</sheetData>"), "太大"),
        (sheet_of("<sheetData/>"), "没有可见的内容"),
        # a cell in the last column of each of many rows: small in the file, 500 million positions on the sheet
        (
            sheet_of("<sheetData>" + "".join(f'<row r="{r}">{CELL.format(f"XFD{r}")}</row>' for r in range(1, 9000)) + "</sheetData>"),
            "太大",
        ),
        # whole sheets merged over and over, with rows to cover
        (
            sheet_of(
                "<sheetData>" + "".join(f'<row r="{r}">{CELL.format(f"Z{r}")}</row>' for r in range(1, 2000)) + "</sheetData>"
                "<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 2000 + "</mergeCells>"
            ),
            "太大",
        ),
        (with_part(written(append(*ROWS)), "xl/theme/theme1.xml", lambda _: " " * (40 << 20)), "过大"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason) as refusal:
        read_xlsx(data, "x")
    assert "\n" not in str(refusal.value)


def test_a_merged_range_over_the_whole_sheet_is_no_bomb() -> None:
    data = sheet_of(
        '<sheetData><row r="1">'
        + CELL.format("A1")
        + '</row><row r="2">'
        + CELL.format("B2")
        + "</row></sheetData>"
        '<mergeCells><mergeCell ref="C1:XFD1048576"/></mergeCells>'
    )
    assert read_xlsx(data, "x").text == "甲\n甲"


def test_hidden_columns_without_end_are_no_bomb() -> None:
    data = sheet_of(
        '<cols><col min="3" max="2000000000" hidden="1" width="1"/></cols>'
        '<sheetData><row r="1">' + CELL.format("A1") + CELL.format("C1") + "</row></sheetData>"
    )
    assert read_xlsx(data, "x").text == "甲"


def test_macros_are_not_looked_at() -> None:
    data = written(append(*ROWS))
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 macro")
    kind = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    plain = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    macros = with_part(data, "[Content_Types].xml", lambda xml: xml.replace(plain, kind))
    assert read_xlsx(out.getvalue(), "x").text == read_xlsx(macros, "x").text == lines(*ROWS)


@pytest.mark.parametrize(
    ("stream", "expected"), [("Workbook", True), ("Book", True), ("WordDocument", False)]
)
def test_old_workbooks_are_known_by_their_streams(stream: str, expected: bool) -> None:
    assert is_old_excel(OLE + b"\0" * 512 + f"{stream}\0".encode("utf-16-le")) is expected


SAMPLE = written(append(["责任分工表"], *ROWS))
SOURCE = read_xlsx(SAMPLE, "x")


@given(st.integers(-5, len(SOURCE.text) + 5), st.integers(0, 50))
def test_every_span_has_a_place(start: int, length: int) -> None:
    assert SOURCE.locate(Span(start, start + length)).sheet == "Sheet"


TEXT = st.text("甲乙丙，。\n\t 1,\"';", max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(TEXT, min_size=1, max_size=4), min_size=1, max_size=6))
def test_cells_hold_their_text_and_know_their_place(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    try:
        source = read_csv(out.getvalue().encode(), "x.csv")
    except UnreadableFile:
        return
    for table in source.tables:
        for cell in table.cells:
            text = cell.span.of(source.text)
            assert "\n" not in text
            assert "\t" not in text
            if text:
                place = source.locate(cell.span)
                assert place.row is not None
                assert place.cell is not None
    for line in source.text.split("\n"):
        assert line.strip("\t ") or source.tables


def damaged(data: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    if seed % 4 == 0:
        return data[: chance.randrange(len(data))]
    hurt = bytearray(data)
    for _ in range(chance.choice((1, 3, 30))):
        hurt[chance.randrange(len(hurt))] = chance.randrange(256)
    return bytes(hurt)


def test_random_damage_never_breaks_more_than_the_file() -> None:
    for seed in range(300):
        try:
            assert isinstance(read_xlsx(damaged(SAMPLE, seed), "x"), Source)
        except UnreadableFile:
            continue


PARTS = (
    "xl/workbook.xml",
    "xl/worksheets/sheet1.xml",
    "xl/styles.xml",
    "[Content_Types].xml",
    "xl/_rels/workbook.xml.rels",
)


def test_random_damage_inside_the_parts_never_breaks_more_than_the_file() -> None:
    for seed in range(150):
        chance = random.Random(seed)

        def hurt(xml: str, chance: random.Random = chance) -> str:
            values = list(re.finditer(r'(?<==")[^"]*(?=")|(?<=>)[^<>]+(?=<)', xml))
            start, end = chance.choice(values).span()
            return (
                xml[:start]
                + chance.choice(("", "-1", "999999999", "x", "A0", "nan", "../..", "A1:B2:C3"))
                + xml[end:]
            )

        try:
            source = read_xlsx(with_part(SAMPLE, chance.choice(PARTS), hurt), "x")
        except UnreadableFile:
            continue
        source.locate(Span(0, len(source.text)))


# --- csv ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_any_encoding_with_any_separator(delimiter: str, encoding: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(ROWS)
    source = read_csv(out.getvalue().encode(encoding), "x.csv")
    assert source.text == lines(*ROWS)
    assert source.media == "text/csv"
    at = source.text.index("市住建局")
    place = source.locate(Span(at, at + 4))
    assert (place.sheet, place.row, place.cell) == (None, 3, 3)


def test_csv_quotes() -> None:
    source = read_csv('序号,任务\n1,"排查,整改\n并""上报"""\n2,验收\n'.encode(), "x.csv")
    assert source.text == '序号\t任务\n1\t排查,整改 并"上报"\n2\t验收'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("序号,任务,牵头单位\n1,排查,市应急局\n2,整改,市住建局\n", ","),
        ("序号\t重点任务\t责任部门\n1\t排查\t市应急局\n2\t整改\t市住建局", "\t"),
        (
            "责任分工表,,\n序号,任务,牵头单位\n1,排查,市应急局\n2,整改,市住建局\n",
            ",",
        ),  # a title above the header
        ("编号;主要措施;完成 时限\n1;排查;6月\n2;整改;9月", ";"),
        # prose whose lines have as many commas each
        ("各区要排查,整改,上报\n各县要排查,整改,上报\n各乡要排查,整改,上报\n", None),
        # a table of something else
        ("姓名,电话\n张三,1\n李四,2\n", None),
        # two records only
        ("序号,任务\n1,排查\n", None),
        # columns named, but the records do not keep to them
        ("序号,任务,单位\n1,排查\n2,整改,市住建局,9月\n3\n", None),
        ("关于做好工作的通知\n各区人民政府：\n一、工作目标\n", None),
        ("", None),
        ("各区要排查," * 400_000, None),
    ],
)
def test_a_task_table_in_separated_values_is_told_from_prose(text: str, expected: str | None) -> None:
    assert delimiter_of(text) == expected


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\x00\xfe\x01\x02\x03", "逗号"),
        (b",,,\n,,\n", "没有可见的内容"),
        (b"a," * 400_000, "太大"),
        (b'"' + b"a" * 200_000, "逗号"),
    ],
)
def test_csv_that_cannot_be_read(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read_csv(data, "x")
