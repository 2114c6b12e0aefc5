"""The numbers that Word computes, as Word shows them; LibreOffice's text export is asked whether it sees the same."""

from __future__ import annotations

import pytest

from extractor.intake.word import read_docx
from extractor.intake.word_number_formats import write_number
from tests.helpers.word_files import convert, definition, docx, level, listing, p

FORMATS = [
    ("decimal", {1: "1", 10: "10", 101: "101"}),
    ("decimalZero", {1: "01", 9: "09", 10: "10"}),
    ("decimalFullWidth", {1: "１", 10: "１０"}),
    (
        "chineseCounting",
        {1: "一", 10: "十", 11: "十一", 20: "二十", 21: "二十一", 99: "九十九", 100: "一○○", 101: "一○一"},
    ),
    ("taiwaneseCounting", {10: "十", 19: "十九", 101: "一○一"}),
    (
        "chineseCountingThousand",  # differs from chineseCounting from 100 on
        {
            10: "十",
            19: "十九",
            100: "一百",
            101: "一百零一",
            110: "一百一十",
            111: "一百一十一",
            1001: "一千零一",
            1010: "一千零一十",
        },
    ),
    ("japaneseCounting", {1: "一", 10: "十", 21: "二十一", 101: "百一"}),
    ("ideographDigital", {1: "一", 10: "一〇", 23: "二三", 100: "一〇〇"}),
    ("chineseLegalSimplified", {1: "壹", 3: "叁", 10: "壹拾", 12: "壹拾贰", 101: "壹佰零壹"}),
    ("ideographLegalTraditional", {2: "貳", 13: "壹拾參"}),
    ("ideographTraditional", {1: "甲", 10: "癸", 11: "11"}),  # beyond the set: decimal
    ("ideographZodiac", {1: "子", 12: "亥", 13: "13"}),
    ("ideographZodiacTraditional", {1: "甲子", 60: "癸亥", 61: "61"}),
    (
        "ideographEnclosedCircle",
        {1: "㈠", 10: "㈩", 11: "11"},
    ),  # Word puts them in parentheses, not in circles
    ("decimalEnclosedCircle", {1: "①", 20: "⑳", 21: "21"}),
    ("decimalEnclosedCircleChinese", {2: "②"}),
    ("decimalEnclosedParen", {1: "⑴", 20: "⒇"}),
    ("decimalEnclosedFullstop", {1: "⒈", 20: "⒛"}),
    ("upperLetter", {1: "A", 26: "Z", 27: "AA", 53: "AAA"}),
    ("lowerLetter", {2: "b", 28: "bb"}),
    ("upperRoman", {4: "IV", 1999: "MCMXCIX"}),
    ("lowerRoman", {14: "xiv"}),
    ("numberInDash", {3: "- 3 -"}),
    ("none", {3: ""}),
    ("ordinal", {3: "3"}),  # not a format of Chinese offices
    ("lowerLetter", {0: "0", 2_000_000_000: "2000000000"}),  # a hostile start writes no endless line
]


@pytest.mark.parametrize(("number_format", "written"), FORMATS)
def test_number_formats(number_format: str, written: dict[int, str]) -> None:
    assert {value: write_number(value, number_format) for value in written} == written


def numbered(*paragraphs: tuple[int, int], numbering: str, styles: str = "") -> list[str]:
    body = "".join(p("", num=place) for place in paragraphs)
    return read_docx(docx(body, numbering=numbering, styles=styles), "a.docx").text.split("\n")


OFFICIAL = (  # GB/T 9704-2012, 7.3.3
    level(0, "chineseCounting", "%1、"),
    level(1, "chineseCounting", "（%2）"),
    level(2, "decimal", "%3."),
    level(3, "decimal", "（%4）"),
)
LEGAL = (level(0, "decimal", "%1."), level(1, "decimal", "%1.%2"), level(2, "decimal", "%1.%2.%3"))


def start(depth: int, first: int) -> str:
    return f'<w:lvlOverride w:ilvl="{depth}"><w:startOverride w:val="{first}"/></w:lvlOverride>'


CHAPTERS = (
    level(0, "chineseCountingThousand", "第%1章"),
    level(1, "chineseCountingThousand", "第%2条", more='<w:lvlRestart w:val="0"/>'),
    level(2, "decimal", "（%3）", more='<w:lvlRestart w:val="1"/>'),
)
COUNTING = [
    (  # each level starts anew under the next higher one
        definition(1, *OFFICIAL) + listing(1, 1),
        [(1, 0), (1, 1), (1, 1), (1, 2), (1, 3), (1, 2), (1, 1), (1, 2), (1, 0), (1, 1), (1, 3), (1, 3)],
        "一、 （一） （二） 1. （1） 2. （三） 1. 二、 （一） （1） （2）",
    ),
    (  # levels that are skipped count as begun
        definition(1, *LEGAL) + listing(1, 1),
        [(1, 1), (1, 1), (1, 0), (1, 2), (1, 0), (1, 2), (1, 2), (1, 1)],
        "1.1 1.2 2. 2.1.1 3. 3.1.1 3.1.2 3.2",
    ),
    (  # lists that share a definition share its counts; a start of its own begins a list anew, but once
        definition(1, *LEGAL) + listing(1, 1) + listing(2, 1) + listing(3, 1, start(0, 1)),
        [(1, 0), (2, 0), (2, 1), (1, 1), (3, 0), (3, 0), (1, 0), (3, 0), (2, 0)],
        "1. 2. 2.1 2.2 1. 2. 3. 4. 5.",
    ),
    (  # lists with definitions of their own do not
        definition(1, *LEGAL) + definition(2, *OFFICIAL) + listing(1, 1) + listing(2, 2),
        [(1, 0), (2, 0), (1, 0), (2, 0), (2, 1), (1, 1)],
        "1. 一、 2. 二、 （一） 2.1",
    ),
    (  # a start of its own holds whenever the level begins anew (17.9.26)
        definition(1, *LEGAL) + listing(1, 1, start(1, 4)),
        [(1, 0), (1, 1), (1, 1), (1, 0), (1, 1)],
        "1. 1.4 1.5 2. 2.4",
    ),
    (  # a level replaced for one list only
        definition(1, *LEGAL)
        + listing(1, 1)
        + listing(2, 1, f'<w:lvlOverride w:ilvl="0">{level(0, "chineseCounting", "%1、")}</w:lvlOverride>'),
        [(1, 0), (2, 0), (1, 0)],
        "1. 二、 3.",
    ),
    (  # articles count through the chapters; their items start anew with chapters only
        definition(1, *CHAPTERS) + listing(1, 1),
        [(1, 0), (1, 1), (1, 2), (1, 1), (1, 2), (1, 0), (1, 1), (1, 2)],
        "第一章 第一条 （1） 第二条 （2） 第二章 第三条 （1）",
    ),
    (  # legal style writes the numbers of all levels in decimal
        definition(
            1, level(0, "chineseCounting", "第%1章"), level(1, "chineseCounting", "%1.%2", more="<w:isLgl/>")
        )
        + listing(1, 1),
        [(1, 0), (1, 1), (1, 0), (1, 1)],
        "第一章 1.1 第二章 2.1",
    ),
    (  # a level whose number is switched off, inside another's; a level without a start begins at 0 (17.9.25)
        definition(1, level(0, "none", "总则"), level(1, "decimal", "%1%2.", start=None)) + listing(1, 1),
        [(1, 0), (1, 1), (1, 1)],
        "总则 0. 1.",
    ),
    (  # bullets are characters of a symbol font; Word's hollow one is a letter
        definition(
            1,
            level(0, "bullet", "\uf06c", rpr='<w:rFonts w:ascii="Wingdings"/>'),
            level(1, "bullet", "\uf0b7", rpr='<w:rFonts w:ascii="Symbol"/>'),
            level(2, "bullet", "o", rpr='<w:rFonts w:ascii="Courier New"/>'),
            level(3, "bullet", "—"),
            level(4, "bullet", "\uf0e9", rpr='<w:rFonts w:ascii="Webdings"/>'),
        )
        + listing(1, 1),
        [(1, 0), (1, 1), (1, 2), (1, 3), (1, 4)],
        "● • ○ — •",
    ),
    (  # Word's own format with a fallback for other programs
        definition(
            1,
            '<w:lvl w:ilvl="0"><w:start w:val="7"/><mc:AlternateContent><mc:Choice Requires="w14">'
            '<w:numFmt w:val="custom" w:format="001, 002, 003, ..."/></mc:Choice>'
            '<mc:Fallback><w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent><w:lvlText w:val="%1"/></w:lvl>',
        )
        + listing(1, 1),
        [(1, 0), (1, 0)],
        "007 008",
    ),
]


@pytest.mark.parametrize(("numbering", "places", "shown"), COUNTING)
def test_counting(numbering: str, places: list[tuple[int, int]], shown: str) -> None:
    assert numbered(*places, numbering=numbering) == shown.split(" ")


@pytest.mark.parametrize(
    ("text", "suffix", "typed", "line"),
    [
        ("%1、", "tab", "总体要求", "一、总体要求"),
        ("（%1）", "space", "总体要求", "（一）总体要求"),
        ("%1.", "tab", "2023年完成改造", "一. 2023年完成改造"),  # no date 一.2023
        ("第%1条", "tab", "为了规范", "第一条 为了规范"),
        ("第%1条", "nothing", "为了规范", "第一条为了规范"),
        ("%1", "tab", "", "一"),  # a column of numbers in a table
    ],
)
def test_what_stands_between_number_and_text(text: str, suffix: str, typed: str, line: str) -> None:
    numbering = definition(1, level(0, "chineseCounting", text, suffix=suffix)) + listing(1, 1)
    assert read_docx(docx(p(typed, num=(1, 0)), numbering=numbering), "a.docx").text == line


STYLES = """
<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="1"><w:basedOn w:val="a"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="2"><w:basedOn w:val="1"/><w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="3"><w:basedOn w:val="a"/><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="own"><w:basedOn w:val="3"/></w:style>
<w:style w:type="paragraph" w:styleId="off"><w:basedOn w:val="1"/><w:pPr><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="round"><w:basedOn w:val="round2"/></w:style>
<w:style w:type="paragraph" w:styleId="round2"><w:basedOn w:val="round"/></w:style>
<w:style w:type="numbering" w:styleId="list"><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style>
"""


def test_numbers_from_paragraph_styles() -> None:
    linked = level(2, "decimal", "%3.", more='<w:pStyle w:val="3"/>')
    numbering = definition(1, OFFICIAL[0], OFFICIAL[1], linked) + listing(1, 1)
    body = (
        p("标题一", style="1")
        + p("标题二", style="2")  # its list from the style it is based on, its level its own
        + p("标题三", style="3")  # the level that names the style counts, not the style's own
        + p("自定义", style="own")
        + p("无编号", style="off")
        + p("取消编号", style="1", num=(0, 0))
        + p("改级别", style="1", num=(1, 1))
        + p("循环样式", style="round")
        + p("没有的样式", style="none")
        + p("标题一", style="1")
    )
    text = read_docx(docx(body, styles=STYLES, numbering=numbering), "a.docx").text
    assert text.split("\n") == [
        "一、标题一",
        "（一）标题二",
        "1.标题三",
        "2.自定义",
        "无编号",
        "取消编号",
        "（二）改级别",
        "循环样式",
        "没有的样式",
        "二、标题一",
    ]


def test_a_definition_may_stand_for_a_numbering_style() -> None:
    numbering = (
        definition(1, more='<w:numStyleLink w:val="list"/>')
        + definition(2, *OFFICIAL, more='<w:styleLink w:val="list"/>')
        + listing(1, 1)
        + listing(2, 2)
    )
    assert numbered((1, 0), (1, 1), (2, 0), numbering=numbering, styles=STYLES) == ["一、", "（一）", "二、"]


@pytest.mark.parametrize(
    "numbering",
    [
        "",
        listing(1, 9),  # no such definition
        definition(1) + listing(1, 1),  # no such level
        definition(1, level(0, "decimal", "%1.").replace('"0"', '"x"')) + listing(1, 1),
        definition(1, more='<w:numStyleLink w:val="none"/>') + listing(1, 1),
    ],
)
def test_broken_definitions_number_nothing(numbering: str) -> None:
    assert read_docx(docx(p("正文", num=(1, 0)), numbering=numbering), "a.docx").text == "正文"


def test_hidden_and_deleted_paragraphs_are_not_counted() -> None:
    body = (
        p("甲", num=(1, 0))
        + p("<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>", num=(1, 0), mark="<w:vanish/>")
        + p("<w:del><w:r><w:delText>删去</w:delText></w:r></w:del>", num=(1, 0), mark="<w:del/>")
        + p("乙", num=(1, 0))
    )
    text = read_docx(docx(body, numbering=definition(1, *OFFICIAL) + listing(1, 1)), "a.docx").text
    assert text == "一、甲\n二、乙"


def test_libreoffice_sees_the_same_numbers() -> None:
    """All set-ups of one big document line by line, but for two things that LibreOffice 7.4 cannot do (lvlRestart, isLgl)."""
    numbering, body, list_id = "", "", 0
    for number_format, written in FORMATS:
        if number_format in UNLIKE_WORD:
            continue
        highest = (
            20 if number_format.startswith("decimalEnclosedCircle") else 99
        )  # LibreOffice goes on to ㉑, 一百
        for value in (each for each in written if each <= highest):
            list_id += 1
            numbering += definition(list_id, level(0, number_format, "%1、", start=value)) + listing(
                list_id, list_id
            )
            body += p(f"{number_format} {value}", num=(list_id, 0))
    for inner in (OFFICIAL, LEGAL):
        list_id += 1
        numbering += definition(list_id, *inner) + listing(list_id, list_id)
        places = [0, 1, 1, 2, 2, 1, 2, 0, 1, 2, 0, 2, 1]
        body += "".join(p(f"第{i}项", num=(list_id, depth)) for i, depth in enumerate(places))
    definitions, lists = split(numbering)
    data = docx(body, numbering=definitions + lists)
    theirs = convert(data, "docx", "txt:Text (encoded):UTF8").decode("utf-8-sig").splitlines()
    ours = read_docx(data, "a.docx").text.split("\n")
    assert [line.replace(" ", "") for line in ours] == [line.replace(" ", "") for line in theirs]
    assert len(ours) > 60


UNLIKE_WORD = {
    *(
        "ideographEnclosedCircle",
        "ideographZodiacTraditional",
        "decimalEnclosedParen",
        "decimalEnclosedFullstop",
    ),
    *("decimalFullWidth", "ideographDigital", "numberInDash", "ordinal"),
}
"""Formats that LibreOffice 7.4 writes otherwise than [MS-DOCX] 2.4 and [MS-OI29500] 2.1.540 say of Word."""


def split(numbering: str) -> tuple[str, str]:
    """Definitions before lists, as the schema wants it."""
    pieces = (
        numbering.replace("<w:num ", "\0<w:num ").replace("<w:abstractNum ", "\0<w:abstractNum ").split("\0")
    )
    return "".join(x for x in pieces if x.startswith("<w:abs")), "".join(
        x for x in pieces if x.startswith("<w:num ")
    )
