"""What a Word file shows, and nothing else, in the order in which a person reads it; hostile files are refused."""

from __future__ import annotations

import io
import random
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.intake import UnreadableFile
from extractor.intake.word import looks_like_docx, read_docx
from extractor.model import Place, Source, Span
from tests.helpers.word_files import (
    MACRO_TYPE,
    STRICT_URI,
    W_URI,
    definition,
    docx,
    field,
    level,
    listing,
    p,
    run,
    tbl,
    tc,
    text_box,
)

STYLES = """
<w:style w:type="paragraph" w:styleId="hidden"><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="heir"><w:basedOn w:val="hidden"/></w:style>
<w:style w:type="paragraph" w:styleId="shown"><w:basedOn w:val="hidden"/><w:rPr><w:vanish w:val="0"/></w:rPr></w:style>
<w:style w:type="character" w:styleId="secret"><w:rPr><w:vanish/></w:rPr></w:style>
"""


def read(body: str, **parts: str) -> Source:
    return read_docx(docx(body, **parts), "通知.docx")


DELETED = "<w:del><w:r><w:delText>旧</w:delText></w:r></w:del>"


def raw(inner: str) -> str:
    """A run that holds just this."""
    return f"<w:r>{inner}</w:r>"


def t(text: str) -> str:
    return f"<w:t>{text}</w:t>"


def sdt(inner: str) -> str:
    """A content control."""
    return f"<w:sdt><w:sdtPr><w:alias w:val='日期'/></w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>"


def char(kind: str) -> str:
    """A character that begins, separates or ends a field."""
    return raw(f"<w:fldChar w:fldCharType='{kind}'/>")


def tr(properties: str, cells: str) -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{cells}</w:tr>"


def vml(inner: str) -> str:
    return raw(f"<w:pict><v:shape>{inner}</v:shape></w:pict>")


TAB_STOP = "<w:p><w:pPr><w:tabs><w:tab w:val='left' w:pos='9'/></w:tabs></w:pPr>" + run("甲") + "</w:p>"
SYMBOLS = "<w:sym w:font='Wingdings' w:char='F0FE'/><w:t>是</w:t><w:sym w:font='Wingdings 2' w:char='00A3'/>"
RUBY = f"<w:ruby><w:rubyPr/><w:rt>{raw(t('zhèn'))}</w:rt><w:rubyBase>{raw(t('镇'))}</w:rubyBase></w:ruby>"
OLD_RUBY = ' EQ \\* jc2 \\* "Font:宋体" \\* hps10 \\o\\ad(\\s\\up 9(zhèn),镇)'
SMART_TAG = f"<w:smartTag w:element='date'><w:smartTagPr/>{run('3月')}</w:smartTag>"
COMMENT = "<w:commentRangeStart w:id='0'/><w:r><w:commentReference w:id='0'/></w:r>"
OLD_FORMAT = "<w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange>"
PICTURE = raw("<w:drawing><wp:inline><a:graphic/></wp:inline></w:drawing>")
NESTED_FIELD = (
    char("begin") + raw("<w:instrText>IF </w:instrText>") + field("PAGE", run("9")) + char("separate")
)
LAST_ROW = sdt(f"<w:tr>{tc('丙')}{sdt(tc('丁'))}</w:tr>")

SHOWN = [
    ("empty paragraphs are no lines", p("甲") + p() + p("  ") + p("乙"), "甲\n乙"),
    ("runs of a word", p("安全", "生产"), "安全生产"),
    ("spaces at the edges of a run", p("第一条 ", " 为了"), "第一条  为了"),
    ("line ends in the XML are none of the text", p(raw(t("\n  甲\n乙\n"))), "甲 乙"),
    ("soft line break", p(raw(t("关于") + "<w:br/>" + t("通知"))), "关于\n通知"),
    ("page break", p("甲", raw("<w:br w:type='page'/>")) + p("乙"), "甲\n乙"),
    ("tab", p(raw(t("目录") + "<w:tab/>" + t("3"))), "目录\t3"),
    ("tab stops are no tabs", TAB_STOP, "甲"),
    ("hyphens", p(raw(t("3") + "<w:noBreakHyphen/>" + t("4") + "<w:softHyphen/>" + t("月"))), "3-4月"),
    ("symbols", p(raw(SYMBOLS + t("否"))), "☑是□否"),
    ("text in a symbol font", p(run("\uf06c", '<w:rFonts w:ascii="Wingdings"/>'), "要点"), "●要点"),
    ("a symbol without a name is not lost", p(raw("<w:sym w:font='Webdings' w:char='F041'/>")), "\ufffd"),
    ("ruby", p(raw(RUBY)), "镇"),
    ("formula", p("增长", "<m:oMath><m:r><m:rPr/><m:t>5%</m:t></m:r></m:oMath>"), "增长5%"),
    ("hyperlink", p(f"<w:hyperlink r:id='rId9'>{run('附件')}</w:hyperlink>"), "附件"),
    ("smart tag, content control", p(SMART_TAG, sdt(run("底前"))), "3月底前"),
    ("content control around blocks", sdt(p("甲") + sdt(p("乙"))), "甲\n乙"),
    ("comment", p("甲", COMMENT), "甲"),
    # fields: the result, not the instruction
    ("field", p("截至", field(" DATE \\@ yyyy ", run("2023年")), "底"), "截至2023年底"),
    ("simple field", p(f"<w:fldSimple w:instr='PAGE'>{run('3')}</w:fldSimple>"), "3"),
    ("field in an instruction", p(NESTED_FIELD, "甲", char("end")), "甲"),
    (
        "field over paragraphs",
        p(field("TOC"), char("begin"), char("separate"), "甲") + p("乙", char("end")),
        "甲\n乙",
    ),
    ("field that is never closed", p(char("begin"), "甲") + p("乙"), "甲\n乙"),
    ("circled number made by a field", p(field(" eq \\o\\ac(○,21)"), "落实"), "㉑落实"),
    ("ruby of older files", p(field(OLD_RUBY)), "镇"),
    # changes as if accepted
    ("insertion, deletion", p("年底前", f"<w:ins>{run('全部')}</w:ins>", DELETED, "完成"), "年底前全部完成"),
    ("inserted, then deleted", p("甲", f"<w:ins>{DELETED}</w:ins>"), "甲"),
    ("moved away", p(f"<w:moveFrom>{run('甲')}</w:moveFrom>", "乙"), "乙"),
    ("moved here", p("乙", f"<w:moveTo>{run('丙')}</w:moveTo>"), "乙丙"),
    ("deleted end of paragraph", p("甲", mark="<w:del/>") + p("乙") + p("丙"), "甲乙\n丙"),
    ("inserted end of paragraph", p("甲", mark="<w:ins/>") + p("乙"), "甲\n乙"),
    ("deleted paragraph", p("甲") + p(DELETED, mark="<w:del/>") + p("乙"), "甲\n乙"),
    ("what was hidden before", p(run("甲", OLD_FORMAT), mark=OLD_FORMAT) + p("乙"), "甲\n乙"),
    # hidden text
    ("hidden run", p("甲", run("密", "<w:vanish/>"), "乙"), "甲乙"),
    ("not hidden after all", p(run("甲", '<w:vanish w:val="0"/>')), "甲"),
    ("hidden on the web only", p(run("甲", "<w:webHidden/>")), "甲"),
    ("hidden by character style", p("甲", run("密", '<w:rStyle w:val="secret"/>')), "甲"),
    (
        "hidden by paragraph style",
        p("密", style="hidden") + p("也密", style="heir") + p("甲", style="shown"),
        "甲",
    ),
    ("run shown in a hidden style", p(run("甲", '<w:vanish w:val="0"/>'), "密", style="hidden"), "甲"),
    ("two styles that hide cancel out", p(run("甲", '<w:rStyle w:val="secret"/>'), style="hidden"), "甲"),
    (
        "a heading that runs into its text",
        p("一、要求。", mark="<w:specVanish/>") + p("坚持以"),
        "一、要求。坚持以",
    ),
    # text boxes: once, behind their paragraph
    ("text box", p("甲", text_box(p("框一") + p("框二"))) + p("乙"), "甲\n框一\n框二\n乙"),
    (
        "text box of an older file",
        p(vml(f"<v:textbox><w:txbxContent>{p('框')}</w:txbxContent></v:textbox>")),
        "框",
    ),
    ("text box in a text box", p(text_box(p("外", text_box(p("内"))))), "外\n内"),
    ("word art", p(vml("<v:textpath string='青山县人民政府文件'/>")), "青山县人民政府文件"),
    ("picture", p("甲", PICTURE), "甲"),
    # tables: a row a line
    (
        "table",
        p("甲") + tbl(tc("序号") + tc("任务"), tc("1") + tc("演练")) + p("乙"),
        "甲\n序号\t任务\n1\t演练\n乙",
    ),
    ("paragraphs of a cell", tbl(tc("应急局", "公安局") + tc("甲")), "应急局 公安局\t甲"),
    (
        "breaks in a cell",
        tbl(tc(p(raw(t("甲") + "<w:br/>" + t("乙") + "<w:tab/>" + t("丙")))) + tc("丁")),
        "甲 乙 丙\t丁",
    ),
    ("empty cell", tbl(tc("甲") + tc() + tc("乙")), "甲\t\t乙"),
    (
        "table in a cell",
        tbl(tc("甲", tbl(tc("一") + tc("二"), tc("三") + tc("四"))) + tc("乙")),
        "甲 一 二 三 四\t乙",
    ),
    ("text box in a cell", tbl(tc(p("甲", text_box(p("框")))) + tc("乙")), "甲 框\t乙"),
    ("deleted row", tbl(tc("甲") + tc("乙"), tr("<w:del/>", tc("删") + tc("删"))), "甲\t乙"),
    ("hidden row", tbl(tc("甲") + tc("乙"), tr("<w:hidden/>", tc("隐") + tc("隐"))), "甲\t乙"),
    (
        "rows, cells in content controls",
        f"<w:tbl><w:tr>{tc('甲')}{tc('乙')}</w:tr>{LAST_ROW}</w:tbl>",
        "甲\t乙\n丙\t丁",
    ),
    ("a table of one cell is a frame", tbl(tc("一、总体要求", "二、重点任务")), "一、总体要求\n二、重点任务"),
]


@pytest.mark.parametrize(("body", "text"), [row[1:] for row in SHOWN], ids=[row[0] for row in SHOWN])
def test_what_is_shown(body: str, text: str) -> None:
    assert read(p("题") + body, styles=STYLES).text == f"题\n{text}"


def test_merged_cells_stand_once() -> None:
    source = read(
        tbl(
            tc("重点任务分工表", span=3),
            tc("一、防汛", merge="restart") + tc("排查隐患") + tc("水务局"),
            tc("不显示", merge="continue") + tc("组织演练", span=2),
            tc("", merge="continue") + tc("值班") + tc("应急局", merge="restart"),
            tc("二、防火") + tc("巡查") + tc("", merge="continue"),
        )
    )
    assert source.text.split("\n") == [
        "重点任务分工表",
        "一、防汛\t排查隐患\t水务局",
        "组织演练",
        "值班\t应急局",
        "二、防火\t巡查",
    ]
    (table,) = source.tables
    assert table.span == Span(0, len(source.text))
    seen = {
        cell.span.of(source.text): (cell.row, cell.column, cell.rows, cell.columns) for cell in table.cells
    }
    assert seen == {
        "重点任务分工表": (0, 0, 1, 3),
        "一、防汛": (1, 0, 3, 1),
        "排查隐患": (1, 1, 1, 1),
        "水务局": (1, 2, 1, 1),
        "组织演练": (2, 1, 1, 2),
        "值班": (3, 1, 1, 1),
        "应急局": (3, 2, 2, 1),
        "二、防火": (4, 0, 1, 1),
        "巡查": (4, 1, 1, 1),
    }


def test_empty_cells_have_places_too() -> None:
    source = read(tbl(tc(), tc("甲") + tc() + tc("乙")))
    assert source.text == "\n甲\t\t乙"
    assert [source.locate(cell.span) for cell in source.tables[0].cells] == [
        Place(table=1, row=row, cell=cell) for row, cell in ((1, 1), (2, 1), (2, 2), (2, 3))
    ]


def test_cells_merged_sideways_in_the_old_way_and_rows_that_begin_late() -> None:
    merge = '<w:tc><w:tcPr><w:hMerge w:val="{}"/></w:tcPr><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>'
    late = "<w:tr><w:trPr><w:gridBefore w:val='1'/></w:trPr>" + tc("晚") + tc("尾") + "</w:tr>"
    source = read(tbl(merge.format("restart", "宽") + merge.format("continue", "不显示") + tc("窄"), late))
    assert source.text == "宽\t窄\n晚\t尾"
    assert [(c.column, c.columns) for c in source.tables[0].cells] == [(0, 2), (2, 1), (1, 1), (2, 1)]


def test_automatic_numbers_run_through_tables_and_text_boxes() -> None:
    numbering = definition(1, level(0, "decimal", "%1", suffix="tab")) + listing(1, 1)
    auto = p("", num=(1, 0))
    body = (
        p("甲", num=(1, 0))
        + tbl(tc(auto) + tc("排查"), tc(auto) + tc("演练"))
        + p("乙", text_box(p("框", num=(1, 0))), num=(1, 0))
    )
    assert read(body, numbering=numbering).text == "1 甲\n2\t排查\n3\t演练\n4 乙\n5 框"


def test_notes_stand_at_the_end_as_margins() -> None:
    note = '<w:footnote w:id="{}"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>{}</w:t></w:r></w:p></w:footnote>'
    reference = "<w:r><w:{}Reference w:id='{}'/></w:r>"
    source = read(
        p("甲", reference.format("footnote", 2))
        + tbl(tc(p("乙", reference.format("footnote", 1))) + tc("丙"))
        + p("丁", reference.format("endnote", 1), "<w:del>" + reference.format("footnote", 3) + "</w:del>"),
        footnotes=note.format(-1, "分隔符")
        + note.format(1, "注一")
        + note.format(2, "注二")
        + note.format(3, "删去的注"),
        endnotes=note.format(1, "尾注").replace("footnote", "endnote"),
    )
    assert source.text == "甲\n乙\t丙\n丁\n注二\n注一\n尾注"
    assert [(m.span.of(source.text), m.reason) for m in source.margins] == [
        (n, "footnote") for n in ("注二", "注一", "尾注")
    ]
    assert [source.locate(m.span) for m in source.margins] == [
        Place(paragraph=1),
        Place(table=1, row=1, cell=1),
        Place(paragraph=2),
    ]


def test_places_are_counted_as_word_counts() -> None:
    source = read(
        p("关于防汛的通知")
        + p()
        + p("各乡镇：", text_box(p("红头")))
        + tbl(
            tc("序号") + tc("任务"),
            tc("1", merge="restart") + tc("排查"),
            tc("", merge="continue") + tc("演练"),
        )
        + tbl(tc("框内", "文字"))
        + p("前半", mark="<w:del/>")
        + p("后半")
        + p("落款")
    )
    places = {
        "关于防汛的通知": Place(paragraph=1),
        "各乡镇：": Place(paragraph=3),  # the empty paragraph counts
        "红头": Place(paragraph=3),
        "序号": Place(table=1, row=1, cell=1),
        "排查": Place(table=1, row=2, cell=2),
        "演练": Place(table=1, row=3, cell=2),
        "文字": Place(table=2, row=1, cell=1),
        "前半": Place(paragraph=4),
        "落款": Place(paragraph=6),
    }
    found = {quote: source.locate(Span(at := source.text.index(quote), at + len(quote))) for quote in places}
    assert found == places


def test_page_headers_and_embedded_files_are_not_read() -> None:
    extra = {"word/header1.xml": b"<w:hdr>x</w:hdr>", "word/embeddings/a.docx": docx(p("嵌入"))}
    assert read_docx(docx(p("甲"), extra=extra), "a.docx").text == "甲"


@pytest.mark.parametrize(
    ("title", "metadata"),
    [
        ("关于防汛的 通知", {"title": "关于防汛的 通知"}),
        ("关于防火的通知", {}),  # left over from the file it was made from
        ("", {}),
    ],
)
def test_a_title_property_counts_where_the_text_prints_it(title: str, metadata: dict[str, str]) -> None:
    assert read(p("青山县人民政府") + p("关于防汛的通知"), title=title).metadata == metadata


def test_the_bytes_and_what_they_are_stay_with_the_source() -> None:
    data = docx(p("甲"))
    source = read_docx(data, "通知.docx")
    assert (source.data, source.name) == (data, "通知.docx")
    assert source.media == "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def strict(data: bytes) -> bytes:
    """The same file as ISO 29500 Strict writes it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            xml = old.read(name).decode().replace(W_URI, STRICT_URI)
            xml = xml.replace("http://schemas.openxmlformats.org/officeDocument/2006/relationships", "http://purl.oclc.org/ooxml/officeDocument/relationships")  # fmt: skip
            new.writestr(name, xml)
    return packed.getvalue()


NUMBERED = {"numbering": definition(1, level(0, "chineseCounting", "%1、")) + listing(1, 1)}
KINDS = [
    ("strict", strict(docx(p("甲", num=(1, 0)), **NUMBERED))),
    (
        "macros",
        docx(
            p("甲", num=(1, 0)),
            main_type=MACRO_TYPE,
            extra={"word/vbaProject.bin": b"Sub AutoOpen()"},
            **NUMBERED,
        ),
    ),
    ("template", docx(p("甲", num=(1, 0)), main_type=MACRO_TYPE.replace("document", "template"), **NUMBERED)),
    ("main part of another name", docx(p("甲", num=(1, 0)), main="word/document2.xml", **NUMBERED)),
]


@pytest.mark.parametrize("data", [data for _, data in KINDS], ids=[name for name, _ in KINDS])
def test_every_kind_of_word_package(data: bytes) -> None:
    assert looks_like_docx(data)
    assert read_docx(data, "a").text == "一、甲"


def test_files_that_python_docx_writes() -> None:
    library = pytest.importorskip("docx")
    document = library.Document()
    document.add_heading("关于防汛的通知", 0)
    document.add_paragraph("排查隐患", style="List Number")
    document.add_paragraph("组织演练", style="List Number")
    document.add_paragraph("值班值守", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("任务", "单位", "演练", "应急局"), strict=True):
        cell.text = text
    table.cell(0, 0).merge(table.cell(0, 1))
    packed = io.BytesIO()
    document.save(packed)
    source = read_docx(packed.getvalue(), "a.docx")
    assert source.text == "关于防汛的通知\n1.排查隐患\n2.组织演练\n• 值班值守\n任务 单位\n演练\t应急局"


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        (docx(p("甲")), True),
        (b"", False),
        (b"PK\x03\x04", False),
        ("一、甲".encode(), False),
        (docx(p("甲"))[:200], False),
    ],
)
def test_word_files_are_known_by_content(data: bytes, is_one: bool) -> None:
    assert looks_like_docx(data) == is_one


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


WORD = docx(p("甲" * 3000))
DOCUMENT = f'<w:document xmlns:w="{W_URI}"><w:body>'
ENTITY_BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
HOSTILE = [
    ("empty", b"", "损坏"),
    ("truncated", WORD[: len(WORD) // 2], "损坏"),
    ("damaged inside", WORD[:60] + bytes(40) + WORD[100:], "损坏"),
    ("zip of something else", zipped({"a.txt": b"x"}), "不是完整的 Word 文件"),
    ("no Word document in it", zipped({"word/document.xml": b"<html/>"}), "不是完整的 Word 文件"),
    ("broken XML", zipped({"word/document.xml": f"{DOCUMENT}<w:p>".encode()}), "损坏"),
    ("no text", docx(p() + p("<w:r><w:drawing/></w:r>")), "没有文字"),
    ("locked", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + "EncryptedPackage".encode("utf-16-le"), "密码"),
    ("zip bomb", zipped({"word/document.xml": DOCUMENT.encode() + b" " * 60_000_000}), "过大"),
    ("bomb of elements", zipped({"word/document.xml": DOCUMENT.encode() + b"<w:p/>" * 3_000_000}), "过大"),
    ("entity bomb", zipped({"word/document.xml": f"{ENTITY_BOMB}{DOCUMENT}&b;</w:body></w:document>".encode()}), "实体"),
    ("entity bomb in UTF-16", zipped({"word/document.xml": f"{ENTITY_BOMB}{DOCUMENT}&b;</w:body></w:document>".encode("utf-16")}), "实体"),
    ("endless nesting", docx("<w:tbl><w:tr><w:tc>" * 100 + "</w:tc></w:tr></w:tbl>" * 100), "损坏"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "says"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_hostile_files_are_refused_in_one_line(data: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says) as refused:
        read_docx(data, "a.docx")
    assert "\n" not in str(refused.value)


def test_tables_nested_as_deep_as_xml_may_be() -> None:
    inner = p("底")
    for _ in range(75):
        inner = f"<w:tbl><w:tr><w:tc>{inner}<w:p/></w:tc><w:tc>{p('旁')}</w:tc></w:tr></w:tbl><w:p/>"
    assert read(inner).text.startswith("底")


def test_styles_and_numbers_that_refer_to_themselves() -> None:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{a}"><w:basedOn w:val="{b}"/></w:style>'
        for a, b in ("ab", "ba")
    )
    assert read(p("甲", style="a"), styles=styles).text == "甲"


def test_links_to_the_outside_are_not_followed() -> None:
    data = docx(p("甲"))
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r" Type="x/styles" Target="http://127.0.0.1:9/styles.xml" TargetMode="External"/>'
        '<Relationship Id="s" Type="x/numbering" Target="../../../../etc/passwd"/></Relationships>'
    )
    members = {
        name: zipfile.ZipFile(io.BytesIO(data)).read(name)
        for name in zipfile.ZipFile(io.BytesIO(data)).namelist()
    }
    assert read_docx(zipped(members | {"word/_rels/document.xml.rels": rels.encode()}), "a.docx").text == "甲"


PARAGRAPH = st.builds(
    lambda text, depth, box: p(
        text, text_box(p(box)) if box else "", num=None if depth is None else (1, depth)
    ),
    st.text("一、安全 \t", max_size=6),
    st.none() | st.integers(0, 3),
    st.text("框", max_size=2),
)
ROW = st.lists(st.builds(tc, st.text("甲乙 ", max_size=3), span=st.integers(1, 3), merge=st.sampled_from(["", "restart", "continue"])), max_size=4)  # fmt: skip
TABLE = st.lists(ROW, max_size=4).map(lambda rows: tbl(*("".join(row) for row in rows)))


@settings(max_examples=60, deadline=None)
@given(st.lists(PARAGRAPH | TABLE, max_size=6))
def test_spans_hold_what_they_name(blocks: list[str]) -> None:
    numbering = definition(1, level(0, "chineseCounting", "%1、"), level(1, "decimal", "%2.")) + listing(1, 1)
    source = read("".join([*blocks, p("尾")]), numbering=numbering)
    for table in source.tables:
        lines = table.span.of(source.text).split("\n")
        by_row = [
            [c.span.of(source.text) for c in table.cells if c.row == row]
            for row in sorted({c.row for c in table.cells})
        ]
        assert [line.split("\t") for line in lines] == by_row
    for start in range(-1, len(source.text) + 2):
        place = source.locate(Span(start, start + 1))
        assert (place.paragraph is None) != (place.table is None)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_damage_is_refused_or_survived(seed: int) -> None:
    chance = random.Random(seed)
    damaged = bytearray(docx(p("甲", num=(1, 0)) + tbl(tc("乙") + tc("丙")), styles=STYLES, **NUMBERED))
    for _ in range(chance.randint(1, 20)):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    try:
        read_docx(bytes(damaged), "a.docx")
    except UnreadableFile as refused:
        assert "\n" not in str(refused)
