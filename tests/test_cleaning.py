"""What cleaning makes of dirty text, each case with what is hard about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.model import Span
from extractor.text.cleaning import clean
from extractor.text.numerals import parse_numeral

SENTENCE = "各乡镇要切实加强组织领导，明确责任分工，细化工作措施，"
WRAPPED = "\n".join(
    [
        "一、加强组织领导",
        "　　各县（市、区）人民政府要高度重视，主要负责同志亲自研究、亲自部署，分管负责",
        "同志具体抓好落实，及时协调解决工作中遇到的困难和问题，确保各项任务按照时间节",
        "点完成，并将推进情况每月报送领导小组办公室，由领导小组办公室汇总后报市政府审",
        "定。",
        "— 2 —",
        "　　市级有关部门要按照职责分工，加强业务指导和督促检查，对工作推进不力的地方要",
        "及时通报，对造成严重后果的依法依规追究责任，同时总结推广好的经验做法并加强宣",
        "传引导。",
    ]
)

CASES = [
    ("區(qū)政府印發(fā)方案", "区政府印发方案"),  # the reading behind a character, traditional characters
    ("各轄市(區(qū))應急局", "各辖市（区）应急局"),  # residue inside brackets that are meant
    ("提升質量和實效?！?\n二、建立", "提升质量和实效。\n二、建立"),  # a stop decoded in the wrong encoding
    ("演練效果。?!?", "演练效果。。"),  # the same in half-width; a stop too many does no harm
    ("完善（app）功能", "完善（app）功能"),  # Latin in brackets that is no reading
    ("乾隆年間，乾燥地區", "乾隆年间，干燥地区"),  # simplified by phrase
    ("２０２１年８月底前，完成５０％", "2021年8月底前，完成50%"),  # full-width digits
    ("(一)加强领导,落实责任;做到:", "（一）加强领导，落实责任；做到："),  # half-width punctuation
    ("11月30日18：00前，资金1，200万元", "11月30日18:00前，资金1,200万元"),  # marks inside numbers
    ("占比2.5%，比例1：2", "占比2.5%，比例1:2"),  # a ratio
    ("⽣态⻛险⻔户⺠生", "生态风险门户民生"),  # Kangxi radicals and the radicals supplement
    (
        "【牵头单位：市教育局】各县〔市、区〕国发〔2019〕3号",
        "（牵头单位：市教育局）各县（市、区）国发〔2019〕3号",
    ),  # one form of bracket
    ("市\u00a0应急局\u3000市水利局", "市 应急局 市水利局"),  # spaces of all kinds
    ("应\u200b急\u00ad管理\ufeff局", "应急管理局"),  # nothing at all, printed
    ("2022 年 9 月 30 日 前完成", "2022年9月30日前完成"),  # spaces inside a date
    ("每周至少 1 次，20 个工作日内", "每周至少1次，20个工作日内"),  # spaces inside counts
    ("市 教 育 局；市公安局", "市教育局；市公安局"),  # a letter-spaced name
    ("市医保局　市民政局", "市医保局 市民政局"),  # but spaces between names stand
    ("「十四五」規劃", "“十四五”规划"),  # corner quotes
    (f"{SENTENCE}\n确保完成。", f"{SENTENCE}确保完成。"),  # a line that breaks off at a comma
    ("做好：\n1.检查，\n2.整改。", "做好：\n1.检查，\n2.整改。"),  # but not before a label
    ("全文\n— 3 —\n继续", "全文\n继续"),  # page number on its own line
    ("全文\n第 3 页 共 9 页\n继续", "全文\n继续"),
    (
        "序号\t任务\t单位\n1\t排查\t市局",
        "序号\t任务\t单位\n1\t排查\t市局",
    ),  # tabs that part the cells of rows stay
    ("甲\t乙\n丙", "甲 乙\n丙"),  # one tab is a space like any other
]

RESIDUE = "關(guān)于加強(qiáng)監(jiān)督"
MISDECODED = [
    (
        "?。ǘ┩七M(jìn)東部石化基地",
        "（二）推进东部石化基地",
    ),  # a number whose second pair of bytes is no character
    ("?。ㄎ澹┘涌彀l(fā)展", "（五）加快发展"),
    ("?。ㄆ撸┳ゾo推進(jìn)", "（七）抓紧推进"),
    ("?。ㄒ唬?shí)施災(zāi)害調(diào)查", "（一）施灾害调查"),  # the byte behind is lost too
    ("總結經(jīng)驗?？偨Y(jié)不足", "总结经验。总结不足"),  # a stop in mid text
    ("是什么?答案是這樣", "是什么？答案是这样"),  # a question
]


@pytest.mark.parametrize(("printed", "expected"), MISDECODED)
def test_what_was_read_one_byte_off_is_paired_anew(printed: str, expected: str) -> None:
    assert clean(f"{RESIDUE}\n{printed}").text.split("\n")[1] == expected


def test_without_readings_only_numbers_are_paired_anew() -> None:
    assert clean("?。ǘ┩七M").text == "（二）推进"
    assert clean("總結經驗?？偨Y不足").text == "总结经验？？偨Y不足"


SENTENCES = "加强组织领导，明确责任分工，细化工作措施，" * 4 + "确保完成。"
RUN_TOGETHER = f"各村: 现予印发。 青禾县柳坪镇人民政府 2022年3月1日 柳坪镇防汛预案(修订) 1.总则 1.1目的 为做好 2022 年防汛工作，制定本预案。 2.任务 2.1排查 {SENTENCES} 3.要求 (1)压实责任。{SENTENCES}"


def test_a_page_that_has_lost_its_line_breaks_gets_them_back() -> None:
    assert clean(RUN_TOGETHER).text.split("\n") == [
        "各村：",
        "现予印发。",
        "青禾县柳坪镇人民政府",
        "2022年3月1日",
        "柳坪镇防汛预案（修订）",
        "1.总则",
        "1.1目的",
        "为做好 2022年防汛工作，制定本预案。",
        "2.任务",
        "2.1排查",
        SENTENCES,
        "3.要求",
        f"（1）压实责任。{SENTENCES}",
    ]


def test_a_sentence_that_lists_in_figures_keeps_its_line() -> None:
    listing = f"要做好： 1.排查， 2.整改， 3.回访。{'各地要落实责任。' * 4}"
    assert "\n" not in clean(listing).text


@pytest.mark.parametrize(("printed", "expected"), CASES)
def test_cleaning(printed: str, expected: str) -> None:
    assert clean(printed).text == expected


def test_a_reading_belongs_to_its_character() -> None:
    aligned = clean("常州經開區(qū)、武進區(qū)")
    assert aligned.text == "常州经开区、武进区"
    assert aligned.source_span(Span(0, 5)) == Span(0, 9)


def test_hard_wrapped_lines_become_paragraphs() -> None:
    lines = clean(WRAPPED).text.split("\n")
    assert lines[0] == "一、加强组织领导"
    assert len(lines) == 3
    assert lines[1].startswith("各县（市、区）人民政府要") and lines[1].endswith("审定。")
    assert lines[2].startswith("市级有关部门要") and lines[2].endswith("宣传引导。")


def test_lines_cut_at_a_number_of_characters_become_paragraphs() -> None:
    paragraph = "各村要于5月31日18时前将1至4组的23处险工险段、17座塘坝、9座水闸的备汛情况报镇防办，" * 3
    lines = [paragraph[at : at + 26] for at in range(0, len(paragraph), 26)]
    assert clean("\n".join(lines)).text == clean(paragraph).text


PAGE = "近年来我市积极推进各项工作取得明显成效，建立了统一指挥上下联动的应急救援体系，全市共有专业队伍"
MARKED = f"1、{PAGE}\n2、十支，{PAGE}\n3、八支，{PAGE}\n4、三支。"
LABELLED = "\n".join(f"{n}、提升企业开办便利度。要抓好落实。\n牵头单位：市市场监管局" for n in range(1, 5))
NUMBERED = "工作要求：\n1、加强领导。\n2、落实责任。\n3、严格考核。"


def test_page_marks_of_sharing_sites_are_told_from_numbers() -> None:
    marked = clean(MARKED)
    assert marked.text == f"{PAGE}十支，{PAGE}八支，{PAGE}三支。"
    assert [r.reason for r in marked.removals] == ["page_mark"] * 4
    assert clean(NUMBERED).text == NUMBERED
    assert clean(LABELLED).text == LABELLED


@given(st.text("市应急局。，\n（）(qū)?！0１年 \u3000\u200b⽣发發", max_size=60))
def test_whatever_comes_cleaning_keeps_the_map(source: str) -> None:
    aligned = clean(source)
    assert aligned.starts == sorted(aligned.starts)
    assert all(0 <= a <= b <= len(source) for a, b in zip(aligned.starts, aligned.ends, strict=True))


@given(st.text("市应急局。，\n（）0年月日 一、", max_size=60))
def test_clean_text_is_clean(source: str) -> None:
    once = clean(source).text
    assert clean(once).text == clean(clean(once).text).text


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("12", 12), ("１２", 12), ("十", 10), ("十二", 12), ("二十", 20), ("一百零五", 105), ("三百二十", 320),
        ("二〇二一", 2021), ("二O三五", 2035), ("二○一八", 2018), ("廿五", 25), ("两", 2), ("", None), ("若干", None),
    ],
)  # fmt: skip
def test_numerals(printed: str, value: int | None) -> None:
    assert parse_numeral(printed) == value
