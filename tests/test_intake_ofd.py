"""OFD: what is printed, where it stands, and what is refused."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.intake.errors import UnreadableFile
from extractor.intake.ofd import POINTS_PER_MM, deltas, read_ofd, strokes
from extractor.model import Source, Span
from tests.ofd_writer import NAMESPACE, PICTURE, Objects, Ofd, Text, Xml, circular, rule

TITLE = "云溪市人民政府关于做好消防安全工作的通知"
PARAGRAPHS = [
    "各区人民政府，市各委、办、局，各直属单位：",
    "一、工作目标",
    "2023年6月底前，市应急管理局牵头，市教育局、市卫生健康委配合，完成全市学校和医院的消防安全隐患排查，"
    "建立问题台账，逐项整改销号，并于每季度末向市政府报告一次进展情况。",
    "二、组织实施",
    "各区每月开展一次检查，发现问题立即整改；整改不到位的，由市消防救援支队挂牌督办。",
] * 4  # fmt: skip


def text_of(*objects: Text | Xml, **options: object) -> str:
    return read_ofd(Ofd([objects], **options).write(), "x.ofd").text  # type: ignore[arg-type]


def raw(codes: str, attributes: str = 'Boundary="20 50 170 10" Size="5"') -> Xml:
    return Xml(f'<ofd:TextObject ID="1" Font="1" {attributes}>{codes}</ofd:TextObject>')


def test_a_circular_reads_as_its_paragraphs_across_pages_with_page_numbers_set_aside() -> None:
    source = read_ofd(circular(PARAGRAPHS, TITLE).write(), "通知.ofd")
    numbers = [m.span.of(source.text) for m in source.margins]
    assert numbers == ["— 1 —", "— 2 —"]
    assert [m.reason for m in source.margins] == ["page_number", "page_number"]
    body = [line for line in source.text.split("\n") if line not in numbers]
    assert body == [TITLE, *PARAGRAPHS]
    assert (source.media, source.name) == ("application/ofd", "通知.ofd")


def test_boxes_are_in_points_from_the_top_left_corner() -> None:
    source = read_ofd(Ofd([[Text(20, 50, "市教育局负责", 5)]]).write(), "x")
    [box] = source.locate(Span(1, 3)).boxes
    assert (box.page, box.left, box.right) == pytest.approx((1, 25 * POINTS_PER_MM, 35 * POINTS_PER_MM))
    assert box.top == pytest.approx((50 - 0.88 * 5) * POINTS_PER_MM)
    assert box.bottom == pytest.approx((50 + 0.12 * 5) * POINTS_PER_MM)


def test_a_span_over_two_pages_has_boxes_on_both() -> None:
    source = read_ofd(circular(PARAGRAPHS, TITLE).write(), "x")
    assert {box.page for box in source.locate(Span(0, len(source.text))).boxes} == {1, 2}
    assert source.locate(Span(source.text.rindex("挂牌督办"), len(source.text))).page == 2


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        # drawn from bottom to top: the place decides
        ([Text(20, 80, "第二行"), Text(20, 40, "第一行")], "第一行\n第二行"),
        # one object a character, as some converters write
        ([Text(20 + 5.57 * i, 40, char) for i, char in enumerate("市教育局")], "市教育局"),
        # a gap inside one TextCode is a space
        ([raw('<ofd:TextCode X="0" Y="5" DeltaX="5 5 30 5 5">抄送人印发人</ofd:TextCode>')], "抄送人 印发人"),
        # g n d: n times d
        ([raw('<ofd:TextCode X="0" Y="5" DeltaX="g 3 5 5.2">各区人民政</ofd:TextCode>')], "各区人民政"),
        # fewer distances than characters, or none: writers leave them to the reader
        ([raw('<ofd:TextCode X="0" Y="5" DeltaX="5">各区人民政府</ofd:TextCode>')], "各区人民政府"),
        ([raw('<ofd:TextCode X="0" Y="5">各区2023年</ofd:TextCode>')], "各区2023年"),
        # several TextCodes, the later without Y: it stays on the line
        (
            [raw('<ofd:TextCode X="0" Y="5" DeltaX="5">通知</ofd:TextCode><ofd:TextCode X="10">公告</ofd:TextCode>')],
            "通知公告",
        ),
        # a TextCode that goes to a new line by DeltaY, back by a negative DeltaX
        ([raw('<ofd:TextCode X="0" Y="5" DeltaX="5 -5 5" DeltaY="0 9 0">通知公告</ofd:TextCode>')], "通知\n公告"),
        # glyphs in the place of characters: the characters are read
        (
            [
                raw(
                    '<ofd:CGTransform CodePosition="0" CodeCount="2" GlyphCount="2"><ofd:Glyphs>71 9</ofd:Glyphs>'
                    '</ofd:CGTransform><ofd:TextCode X="0" Y="5" DeltaX="5">通知</ofd:TextCode>'
                )
            ],
            "通知",
        ),
        # fake bold: printed twice, a hair apart
        ([Text(20, 40, "通知"), Text(20.2, 40, "通知")], "通知"),
        # page blocks in page blocks
        ([Xml(f"<ofd:PageBlock><ofd:PageBlock>{Text(20, 40, '通知').xml()}</ofd:PageBlock></ofd:PageBlock>")], "通知"),
        # not visible
        ([Text(20, 40, "通知"), Text(20, 60, "草稿", attributes='Visible="false"')], "通知"),
        # entities of XML itself are characters
        ([Text(20, 40, "A&B<C>")], "A&B<C>"),
    ],
)  # fmt: skip
def test_text_by_its_place(objects: Objects, expected: str) -> None:
    assert text_of(*objects) == expected


def test_the_transformation_matrix_moves_and_scales() -> None:
    moved = raw(
        '<ofd:TextCode X="0" Y="0" DeltaX="1">通知</ofd:TextCode>',
        'Boundary="10 20 100 10" Size="1" CTM="5 0 0 5 15 30"',
    )
    source = read_ofd(Ofd([[moved]]).write(), "x")
    [box] = source.locate(Span(1, 2)).boxes
    assert (box.left, box.right) == pytest.approx((30 * POINTS_PER_MM, 35 * POINTS_PER_MM))
    assert box.top == pytest.approx((50 - 0.88 * 5) * POINTS_PER_MM)


def test_a_page_that_does_not_begin_at_zero() -> None:
    page = f'<Page xmlns="{NAMESPACE}"><Area><PhysicalBox>100 100 210 297</PhysicalBox></Area><Content><Layer ID="1">'
    text = Text(120, 150, "通知", 5).xml().replace("ofd:", "")
    shifted = Ofd(
        [[]], files={"Doc_0/Pages/Page_0/Content.xml": f"{page}{text}</Layer></Content></Page>"}
    ).write()
    [box] = read_ofd(shifted, "x").locate(Span(0, 2)).boxes
    assert box.left == pytest.approx(20 * POINTS_PER_MM)


def test_a_slanted_watermark_and_a_column_of_characters_are_set_aside() -> None:
    source = read_ofd(
        Ofd(
            [
                [
                    Text(60, 150, "内部资料", 12, ctm="0.7071 -0.7071 0.7071 0.7071 0 0"),
                    Text(10, 100, "装订线", 5, down=True),
                    *(Text(28, 40 + 10 * i, "各区要落实责任，及时报告进展情况。") for i in range(5)),
                ]
            ]
        ).write(),
        "x",
    )
    assert {(m.span.of(source.text), m.reason) for m in source.margins} == {
        ("内部资料", "watermark"),
        ("装订线", "vertical_text"),
    }
    at = source.text.index("装订线")
    [box] = source.locate(Span(at, at + 3)).boxes
    assert box.bottom - box.top == pytest.approx(15 * POINTS_PER_MM)
    assert box.right - box.left == pytest.approx(5 * POINTS_PER_MM)


@pytest.mark.parametrize(
    ("ctm", "first", "second"),
    [
        ("0 1 -1 0 0 0", (180, 40), (170, 40)),
        ("0 -1 1 0 0 0", (40, 250), (50, 250)),
        ("-1 0 0 -1 0 0", (180, 250), (180, 240)),
    ],
)
def test_a_page_printed_sideways_is_read_as_it_is_turned(
    ctm: str, first: tuple[int, int], second: tuple[int, int]
) -> None:
    def turned(text: str, x: int, y: int) -> Xml:
        deltas = " ".join(["5"] * (len(text) - 1))
        return raw(
            f'<ofd:TextCode X="0" Y="0" DeltaX="{deltas}">{text}</ofd:TextCode>',
            f'Boundary="{x} {y} 9 9" Size="5" CTM="{ctm}"',
        )

    source = read_ofd(Ofd([[turned("第二行字", *second), turned("第一行字", *first)]]).write(), "x")
    assert source.text == "第一行字\n第二行字"
    assert not source.margins
    [box] = source.locate(Span(0, 1)).boxes
    assert box.left - 0.1 <= first[0] * POINTS_PER_MM <= box.right + 0.1
    assert box.top - 0.1 <= first[1] * POINTS_PER_MM <= box.bottom + 0.1


def test_a_ruled_table_is_a_table() -> None:
    rows = [("序号", "任务", "牵头单位"), ("1", "排查隐患", "市应急局"), ("2", "整改隐患", "市住建局")]
    columns, heights = [28, 48, 120, 184], [50, 62, 74, 86]
    rules = [rule(28, y, 184, y) for y in heights] + [rule(x, 50, x, 86) for x in columns]
    cells = [
        Text(columns[c] + 2, heights[r] + 8, text, 4.5)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    ]
    source = read_ofd(Ofd([[Text(60, 40, "责任分工表"), *rules, *cells]]).write(), "x")
    assert source.text.strip() == "\n".join(["责任分工表", *("\t".join(row) for row in rows)])
    [table] = source.tables
    assert [(c.row, c.column, c.span.of(source.text)) for c in table.cells] == [
        (r, c, text) for r, row in enumerate(rows) for c, text in enumerate(row)
    ]
    place = source.locate(table.cells[4].span)
    assert (place.table, place.row, place.cell, place.page) == (1, 2, 2, 1)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("M 0 0 L 10 0", [((0, 0), (10, 0))]),
        ("S 1 1 L 3 1 L 3 3 C", [((1, 1), (3, 1)), ((3, 1), (3, 3)), ((3, 3), (1, 1))]),
        ("M 0 0 Q 1 1 2 2 L 4 2 B 1 1 2 2 3 3 A 1 1 0 0 1 5 5 L 6 5", [((2, 2), (4, 2)), ((5, 5), (6, 5))]),
        ("", []),
    ],
)
def test_strokes_of_a_path(data: str, expected: list[object]) -> None:
    assert list(strokes(data)) == expected


@pytest.mark.parametrize(
    ("value", "count", "expected"),
    [
        ("5 5 4.5", 3, [5, 5, 4.5]),
        ("g 3 5 4", 4, [5, 5, 5, 4]),
        ("g 999999 5", 4, [5, 5, 5, 5]),  # no more than there are characters
        ("4 g 2 5 G 1 6", 9, [4, 5, 5, 6]),
        (None, 4, []),
        ("g -3 5", 2, []),
    ],
)
def test_distances(value: str | None, count: int, expected: list[float]) -> None:
    assert deltas(value, count) == expected


def test_templates_are_read_with_the_page_and_repeated_headers_set_aside() -> None:
    pages = [
        [Text(28, 60 + 10 * i, f"第{n}页的第{i}行，各区抓好落实。") for i in range(6)] for n in (1, 2, 3)
    ]
    source = read_ofd(Ofd(pages, template=[Text(28, 20, "云溪市政府公报")]).write(), "x")
    assert [(m.span.of(source.text), m.reason) for m in source.margins] == [
        ("云溪市政府公报", "page_header")
    ] * 3


@pytest.mark.parametrize("prefix", ["ofd:", ""])
def test_with_and_without_a_prefix_of_the_namespace(prefix: str) -> None:
    assert read_ofd(Ofd([[Text(20, 40, "通知")]], prefix=prefix).write(), "x").text == "通知"


def test_names_in_any_case_absolute_or_from_the_root() -> None:
    document = f'<Document xmlns="{NAMESPACE}"><Pages><Page ID="1" BaseLoc="{{}}"/></Pages></Document>'
    for location in (
        "pages/page_0/CONTENT.XML",
        "/Doc_0/Pages/Page_0/Content.xml",
        "Doc_0\\Pages\\Page_0\\Content.xml",
    ):
        files = {"Doc_0/Document.xml": document.format(location)}
        assert read_ofd(Ofd([[Text(20, 40, "通知")]], files=files).write(), "x").text == "通知"


def test_two_documents_in_one_package_count_their_pages_on() -> None:
    body = "<DocBody><DocRoot>{}/Document.xml</DocRoot></DocBody>"
    other = f'<Document xmlns="{NAMESPACE}"><Pages><Page ID="1" BaseLoc="/Doc_0/Pages/Page_1/Content.xml"/></Pages></Document>'
    files = {
        "OFD.xml": f'<OFD xmlns="{NAMESPACE}">{body.format("Doc_0")}{body.format("Doc_1")}</OFD>',
        "Doc_1/Document.xml": other,
    }
    source = read_ofd(Ofd([[Text(20, 40, "通知")], [Text(20, 40, "附件")]], files=files).write(), "x")
    assert source.text == "通知\n附件\n附件"
    assert source.locate(Span(6, 8)).page == 3


def test_the_current_version_is_read() -> None:
    entry = (
        f'<OFD xmlns="{NAMESPACE}"><DocBody><Versions><Version ID="1" Index="1" BaseLoc="Doc_0/V1.xml"/>'
        '<Version ID="2" Index="2" Current="true" BaseLoc="Doc_0/Versions/V2.xml"/></Versions>'
        "<DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>"
    )
    files = {
        "OFD.xml": entry,
        "Doc_0/Versions/V2.xml": f'<DocVersion xmlns="{NAMESPACE}"><DocRoot>/Doc_0/New.xml</DocRoot></DocVersion>',
        "Doc_0/New.xml": f'<Document xmlns="{NAMESPACE}"><Pages><Page BaseLoc="Pages/Page_1/Content.xml"/></Pages></Document>',
    }
    source = read_ofd(Ofd([[Text(20, 40, "旧稿")], [Text(20, 40, "新稿")]], files=files).write(), "x")
    assert source.text == "新稿"


def test_what_document_systems_say_of_the_document() -> None:
    custom = {
        "标题": TITLE,
        "发文机关": "云溪市人民政府",
        "发文字号": "云政发〔2023〕5号",
        "成文日期": "2023年3月1日",
    }
    info = "".join(f'<ofd:CustomData Name="{k}">{v}</ofd:CustomData>' for k, v in custom.items())
    pages = circular(PARAGRAPHS, TITLE).pages
    source = read_ofd(Ofd(pages, info=f"<ofd:CustomDatas>{info}</ofd:CustomDatas>").write(), "x")
    assert source.metadata == {
        "title": TITLE,
        "issuer": "云溪市人民政府",
        "doc_number": "云政发〔2023〕5号",
        "issued_on": "2023-03-01",
    }


@pytest.mark.parametrize(("title", "kept"), [(TITLE, True), ("Microsoft Word - 通知终稿3.docx", False)])
def test_a_title_counts_only_if_it_is_printed_too(title: str, kept: bool) -> None:
    pages = circular(PARAGRAPHS, TITLE).pages
    source = read_ofd(Ofd(pages, info=f"<ofd:Title>{title}</ofd:Title>").write(), "x")
    assert source.metadata == ({"title": TITLE} if kept else {})


def test_signatures_are_counted_and_a_missing_list_of_them_does_no_harm() -> None:
    body = "<DocBody><DocRoot>Doc_0/Document.xml</DocRoot><Signatures>/Doc_0/Signs/{}</Signatures></DocBody>"
    signs = f'<Signatures xmlns="{NAMESPACE}"><Signature ID="1"/><Signature ID="2"/></Signatures>'
    for listed, expected in (("Signatures.xml", {"signatures": "2"}), ("Missing.xml", {})):
        files = {
            "OFD.xml": f'<OFD xmlns="{NAMESPACE}">{body.format(listed)}</OFD>',
            "Doc_0/Signs/Signatures.xml": signs,
        }
        source = read_ofd(Ofd([[Text(20, 40, "通知")]], files=files).write(), "x")
        assert (source.text, source.metadata) == ("通知", expected)


BOMB = '<!DOCTYPE OFD [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><OFD>&b;</OFD>'
OUTSIDE = '<!DOCTYPE OFD [<!ENTITY a SYSTEM "file:///etc/passwd">]><OFD>&a;</OFD>'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04", "损坏"),
        (circular(PARAGRAPHS).write()[:-200], "损坏"),
        (Ofd([[Text(1, 9, "通知")]], files={"Encryptions.xml": "<Encryptions/>"}).write(), "加密"),
        (Ofd([[PICTURE]]).write(), "只有图片"),
        (Ofd([[]]).write(), "没有内容"),
        (Ofd([]).write(), "没有内容"),
        (Ofd([[Text(1, 9, "\ue001\ue002\ue003¤¤")]]).write(), "编码"),
        (Ofd([[]], files={"OFD.xml": BOMB}).write(), "DTD"),
        (Ofd([[]], files={"OFD.xml": OUTSIDE}).write(), "DTD"),
        (Ofd([[]], files={"OFD.xml": OUTSIDE.encode("utf-16")}).write(), "DTD"),
        (Ofd([[]], files={"Doc_0/Document.xml": "<Document>"}).write(), "损坏"),
        (Ofd([[]], files={"Doc_0/Pages/Page_0/Content.xml": "<a>" * 5000 + "</a>" * 5000}).write(), "损坏"),
        (Ofd([[]], files={"Doc_0/Pages/Page_0/Content.xml": b" " * (70 << 20)}).write(), "过大"),
        (Ofd([[raw('<ofd:TextCode X="nan" Y="5">通知</ofd:TextCode>')]]).write(), "损坏"),
        (Ofd([[raw('<ofd:TextCode X="0" Y="1e300">通知</ofd:TextCode>')]]).write(), "损坏"),
        (Ofd([[raw('<ofd:TextCode X="0" Y="5" DeltaX="g">通知</ofd:TextCode>')]]).write(), "损坏"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason) as refusal:
        read_ofd(data, "x")
    assert "\n" not in str(refusal.value)


def test_a_page_of_pictures_among_others_is_noted() -> None:
    source = read_ofd(Ofd([[Text(20, 40, "通知")], [PICTURE]]).write(), "x")
    assert source.text.strip() == "通知"
    assert any(sure == 0 for _, sure in source.confidence)


def test_a_long_document() -> None:
    source = read_ofd(circular(PARAGRAPHS * 60, TITLE).write(), "x")
    assert source.text.count("挂牌督办") == 240


SAMPLE = circular(PARAGRAPHS, TITLE).write()
SOURCE = read_ofd(SAMPLE, "x")


@given(st.integers(-5, len(SOURCE.text) + 5), st.integers(0, 400))
def test_every_span_has_a_place(start: int, length: int) -> None:
    place = SOURCE.locate(Span(start, start + length))
    assert place.page is None or place.page in (1, 2)


@given(st.integers(0, len(SOURCE.text) - 1))
def test_every_printed_character_has_one_box(at: int) -> None:
    boxes = SOURCE.locate(Span(at, at + 1)).boxes
    assert len(boxes) == (0 if SOURCE.text[at] == "\n" else 1)


def damaged(data: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    if seed % 4 == 0:
        return data[: chance.randrange(len(data))]
    hurt = bytearray(data)
    for _ in range(chance.choice((1, 3, 30))):
        hurt[chance.randrange(len(hurt))] = chance.randrange(256)
    return bytes(hurt)


def test_random_damage_to_the_package_never_breaks_more_than_the_file() -> None:
    for seed in range(400):
        try:
            assert isinstance(read_ofd(damaged(SAMPLE, seed), "x"), Source)
        except UnreadableFile:
            continue


NUMBER = re.compile(r'(?<=")[\d. -]+(?=")|(?<=>)[\d. ]+(?=<)')
ODD = ["", "0", "-1", "1e5", "nan", "inf", "1 2", "g", "x", "0 0 0 0", "99999999999999999999", "١", "-0.0001"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(ODD)), min_size=1, max_size=4))
def test_random_numbers_in_a_page_never_break_more_than_the_file(changes: list[tuple[int, str]]) -> None:
    table = [rule(20, y, 180, y) for y in (20, 30, 40)] + [rule(x, 20, x, 40) for x in (20, 60, 180)]
    pages = [
        [Text(22, 28, "序号"), Text(70, 28, "任务内容"), Text(70, 38, "排查", ctm="1 0 0 1 0 0"), *table]
    ]
    plain = Ofd(pages)
    content = plain._page(plain.pages[0])
    for which, odd in changes:
        places = list(NUMBER.finditer(content))
        start, end = places[which % len(places)].span()
        content = content[:start] + odd + content[end:]
    try:
        source = read_ofd(Ofd([[]], files={"Doc_0/Pages/Page_0/Content.xml": content}).write(), "x")
    except UnreadableFile:
        return
    source.locate(Span(0, len(source.text)))
