"""Documents that a circular refers to: which, by what number, and in what relation; and what only looks like one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.model import Document
from extractor.outline.citations import find_citations
from extractor.outline.outline import read_outline
from extractor.pipeline import extract_text

Cited = tuple[str | None, str | None, str]


def cited(text: str) -> list[Cited]:
    return [(c.title, c.doc_number, c.relation) for c in extract_text(text).citations]


CITED: list[tuple[str, list[Cited]]] = [
    # titles and numbers
    ("各镇要落实《河湖管护办法》。", [("河湖管护办法", None, "carries_out")]),
    (
        "按照《关于清理河道的意见》（青政发〔2022〕7号）要求，开展清理。",
        [("关于清理河道的意见", "青政发〔2022〕7号", "based_on")],
    ),
    (
        "按照《关于清理河道的意见》(青政发[2022]7号)要求，开展清理。",  # half-width, as printed
        [("关于清理河道的意见", "青政发[2022]7号", "based_on")],
    ),
    (
        "执行《关于转发〈河湖管护办法〉的通知》。",  # the inner title is no document of its own
        [("关于转发〈河湖管护办法〉的通知", None, "carries_out")],
    ),
    (
        "执行《关于转发《河湖管护办法》的通知》。",
        [("关于转发《河湖管护办法》的通知", None, "carries_out")],
    ),
    ("请按青政办函〔2022〕16号办理，于5月底前报结果。", [(None, "青政办函〔2022〕16号", "based_on")]),
    (
        "各镇要落实青政发〔2022〕7号和青政办发〔2022〕16号文件。",  # 和 belongs to neither code
        [
            (None, "青政发〔2022〕7号", "carries_out"),
            (None, "青政办发〔2022〕16号", "carries_out"),
        ],
    ),
    (
        "依照《河道采砂条例》（青川省人民政府令第58号）处理。",
        [("河道采砂条例", "青川省人民政府令第58号", "based_on")],
    ),
    (
        "执行《堤防设计规范》（GB 50999）。",
        [("堤防设计规范", None, "carries_out")],
    ),  # a standard has no 文号
    # relations
    ("根据国家和省有关规定，修订《河湖管护办法》。", [("河湖管护办法", None, "mentions")]),  # not based on it
    ("各镇要根据工作需要修订《河湖管护办法》。", [("河湖管护办法", None, "mentions")]),
    ("各镇要按照职责分工落实《河湖管护办法》。", [("河湖管护办法", None, "carries_out")]),  # the last word
    ("按照市水利局《河湖管护办法》要求，开展巡查。", [("河湖管护办法", None, "based_on")]),  # issuer between
    ("各镇要抓好《河湖管护办法》的贯彻落实。", [("河湖管护办法", None, "carries_out")]),  # said behind it
    ("巡查工作以《河湖管护办法》为依据。", [("河湖管护办法", None, "based_on")]),
    (
        "各镇要遵照《采砂条例》《河湖管护办法》和省政府《湖泊保护规划》，开展巡查。",  # one list
        [
            ("采砂条例", None, "based_on"),
            ("河湖管护办法", None, "based_on"),
            ("湖泊保护规划", None, "based_on"),
        ],
    ),
    (
        "各镇要根据《采砂条例》完善《河湖管护办法》。",  # no list
        [("采砂条例", None, "based_on"), ("河湖管护办法", None, "mentions")],
    ),
    ("2015年印发的《河湖管护办法》同时废止。", [("河湖管护办法", None, "repeals")]),
    (
        "《河湖管护办法》（青政发〔2015〕3号）、《采砂办法》自本通知印发之日起停止执行。",
        [("河湖管护办法", "青政发〔2015〕3号", "repeals"), ("采砂办法", None, "repeals")],
    ),
    (
        "依据《采砂条例》，《河湖管护办法》予以废止。",  # a comma makes no list
        [("采砂条例", None, "based_on"), ("河湖管护办法", None, "repeals")],
    ),
    ("各镇要大力宣传《采砂条例》。", [("采砂条例", None, "mentions")]),
    # short names
    (
        "按照《关于清理河道的意见》（青政发〔2022〕7号，以下简称《意见》）安排工作。各镇要落实《意见》。",
        [
            ("关于清理河道的意见", "青政发〔2022〕7号", "based_on"),
            ("关于清理河道的意见", "青政发〔2022〕7号", "carries_out"),
        ],
    ),
    (
        "根据《青川省河湖管护办法》（以下简称《办法》），制定本方案。各镇要执行《办法》。",
        [("青川省河湖管护办法", None, "based_on"), ("青川省河湖管护办法", None, "carries_out")],
    ),
    # traditional characters and residue of readings
    ("各鎮要落實《河湖管護辦法》。", [("河湖管护办法", None, "carries_out")]),
]


@pytest.mark.parametrize(("text", "expected"), CITED)
def test_cited(text: str, expected: list[Cited]) -> None:
    assert cited(text) == expected


NOT_CITED = [
    "各镇要填写《河湖巡查登记表》。",
    "各单位要签订《安全生产责任书》。",
    "各镇要建立《重点人员花名册》和《隐患台账》。",
    "各单位要核验《食品经营许可证》。",
    "在《青川日报》开设专栏。",
    "组织观看警示片《洪水之后》。",
    "各单位要学习《重要论述选编》。",
    "各镇要对照《方案》抓好落实。",  # which plan is not said
    "各镇要落实《河湖管护办法。",  # never closed
    "全年完成2022年第7号工程。",
]


@pytest.mark.parametrize("text", NOT_CITED)
def test_not_cited(text: str) -> None:
    assert cited(text) == []


CIRCULAR = """青川县人民政府办公室关于印发《青川县河湖清理方案》的通知
青政办发〔2022〕9号
各镇人民政府：
《青川县河湖清理方案》（以下简称《方案》）已经县政府同意，现印发给你们，请对照《方案》抓好落实。
青川县人民政府办公室
2022年3月1日
青川县河湖清理方案
根据《青川省河湖管护办法》（青省政发〔2021〕30号），制定本方案。
一、清理河道。各镇要按青政办发〔2022〕9号部署，执行《采砂条例》，5月底前清理河道。
二、落实责任。县水利局要执行《采砂条例》。
附件：1.《河湖保护规划》
"""


def test_own_titles_and_numbers_are_no_citations_nor_are_lists_of_attachments() -> None:
    assert cited(CIRCULAR) == [
        ("青川省河湖管护办法", "青省政发〔2021〕30号", "based_on"),
        ("采砂条例", None, "carries_out"),
        ("采砂条例", None, "carries_out"),  # each place once
    ]


def test_what_a_title_refers_to_is_a_citation() -> None:
    text = "青川县人民政府关于贯彻落实《青川省采砂条例》的实施意见\n一、清理河道。各镇要清理河道。\n二、巡查。各镇要巡查。"
    assert cited(text) == [("青川省采砂条例", None, "carries_out")]


@pytest.mark.parametrize(
    "text", [CIRCULAR, "各鎮要落實《河湖管(guǎn)護(hù)辦(bàn)法》(青政發[2022]7號)。按照《採砂條例》辦理。"]
)
def test_quotes_stand_in_the_source_and_the_json_keeps_them(text: str) -> None:
    document = extract_text(text)
    assert document.citations
    assert all(c.span.of(text) == c.quote for c in document.citations)
    assert len({c.span for c in document.citations}) == len(document.citations)
    assert Document.from_json(document.to_json()).citations == document.citations


ALPHABET = st.sampled_from(
    [*"《》〈〉（）〔〕。，、\n根据和按", "办法", "落实", "国办发〔2020〕7号", "以下简称", "废止", "令第3号"]
)


@given(st.lists(ALPHABET, max_size=40).map("".join))
def test_any_text_gives_ordered_references(text: str) -> None:
    found = find_citations(text, read_outline(text))
    assert all(one.span.end <= two.span.start for one, two in pairwise(found))
    assert all(one.number is None or one.span.covers(one.number) or one.title for one in found)


@pytest.mark.parametrize(
    "piece", ["《", "《甲》", "（", "《甲》（", "国办发〔2020〕7号", "根据", "《甲《乙》"]
)
def test_a_text_of_nothing_else_is_read_to_its_end(piece: str) -> None:
    """In time that grows with the text alone: were it the square, this would take hours."""
    text = "各镇要落实" + piece * 100_000
    found = find_citations(text, read_outline(""))
    assert all(one.span.end <= two.span.start for one, two in pairwise(found))
