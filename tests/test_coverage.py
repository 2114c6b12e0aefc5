"""Every sentence of a source accounted for, and those that look like tasks and are none."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.coverage import CUES, FURNITURE, STANDINGS, Sentence, coverage, suspicious
from extractor.export import wording
from extractor.model import Document, LeftOut, Source, Span
from extractor.pipeline import extract, extract_text

CORPUS = Path(__file__).parent.parent / "corpus"

CIRCULAR = """青川县人民政府办公室关于做好2022年河湖管护工作的通知
青政办发〔2022〕9号
各镇人民政府，县直有关部门：
为做好河湖管护，现就有关工作通知如下。各镇要于6月底前明确专人。请认真贯彻执行。
一、总体要求
坚持生态优先。各镇要在5月底前统一认识。
二、重点任务。各项任务要在年底前完成。
（一）清理河道（责任单位：县水利局）
县水利局要在8月底前清理河道。河道是主要的水系。
（二）开展巡查。各镇每月巡查1次。
三、工作目标
到2025年，水质达标率达到95%。
四、有关要求
各镇要加强领导。
青川县人民政府办公室
2022年3月1日
"""


def tiles(document: Document) -> tuple[Sentence, ...]:
    """The coverage of `document`, which is checked to be its whole text, each character once."""
    found = coverage(document)
    text = document.source.text
    assert "".join(s.quote for s in found) == text
    assert all(s.span.of(text) == s.quote and s.quote for s in found)
    assert all(one.span.end == two.span.start for one, two in pairwise(found))
    assert all((s.standing == "blank") == (not s.quote.strip()) for s in found)
    return found


def test_each_sentence_has_its_standing() -> None:
    found = {s.quote: (s.standing, s.item, s.reason) for s in tiles(extract_text(CIRCULAR))}
    assert found["青政办发〔2022〕9号"] == ("left_out", None, "doc_number")
    assert found["各镇人民政府，县直有关部门："] == ("left_out", None, "addressee")
    assert found["各镇要于6月底前明确专人。"][0] == "task"  # of the cover, found by the outline
    assert found["坚持生态优先。"][:2] == ("context", "2")
    assert found["县水利局要在8月底前清理河道。"] == ("task", "3.1", "leaf-of-work")
    assert found["二、重点任务。"][:2] == ("group", "3")
    assert found["到2025年，水质达标率达到95%。"][:2] == ("goal", "4")
    assert found["2022年3月1日"] == ("left_out", None, "date")


def test_what_looks_like_a_task_and_is_none_is_shown_with_its_cues() -> None:
    shown = {s.quote: s.cues for s in suspicious(tiles(extract_text(CIRCULAR)))}
    assert shown == {
        "各镇要在5月底前统一认识。": ("modal", "deadline", "unit"),
        "各项任务要在年底前完成。": ("modal", "deadline"),
    }


@pytest.mark.parametrize(
    ("sentence", "cues"),
    [
        ("各镇应当巡查。", ("modal", "unit")),
        ("不得占用河道。", ("modal",)),
        ("严禁占用河道。", ("modal",)),
        ("务必清理河道。", ("modal",)),
        ("5月底前清理河道。", ("deadline",)),
        ("每月清理河道1次。", ("frequency",)),
        ("由县水利局牵头清理河道。", ("unit",)),
        ("各鎮應當於5月底前清理河道。", ("modal", "deadline", "unit")),  # read as it is in clean text
        # no cues
        ("河道是主要水系，需求旺盛，重要性突出。", ()),
        ("有关要求和工作要点另行通知。", ()),
        ("响应及时，供应充足，适应需要。", ()),
        ("据规划纲要，水系相应调整。", ()),
        ("2019年9月1日，县水利局成立。", ()),  # the past
    ],
)
def test_cues(sentence: str, cues: tuple[str, ...]) -> None:
    document = extract_text(f"2022年工作要点\n一、指导思想\n{sentence}\n二、清理河道\n县水利局清理河道。\n")
    found = next(s for s in tiles(document) if s.quote == sentence)
    assert (found.standing, found.cues) == ("context", cues)
    assert found.is_suspicious == bool(cues)


def test_a_goal_has_its_year_and_a_group_its_units_without_suspicion() -> None:
    found = tiles(extract_text(CIRCULAR))
    goal = next(s for s in found if s.standing == "goal" and "95%" in s.quote)
    heading = next(s for s in found if "责任单位" in s.quote)
    assert goal.cues == ("deadline",) and not goal.is_suspicious
    assert not heading.is_suspicious


@pytest.mark.parametrize(
    ("kind", "title"), [("regulation", "青川县河湖管护办法"), ("report", "青川县2022年河湖管护工作汇报")]
)
def test_what_rules_or_was_done_is_not_suspicious(kind: str, title: str) -> None:
    document = extract_text(f"{title}\n第一条　县水利局每年巡查河道。\n第二条　县水利局于9月底前清理河道。\n")
    assert document.kind == kind
    assert suspicious(tiles(document)) == ()


def test_a_page_that_prints_its_data_in_a_table_raises_no_suspicion() -> None:
    rows = "成文日期：\t2022年3月1日\n标　题：\t县水利局要巡查河道的通知\n各镇于5月底前巡查\n"
    document = Document(
        Source("a.txt", rows),
        *(None, None, None, None, "other", 2022),
        left_out=(LeftOut(Span(0, len(rows)), rows, "table"),),
    )
    assert [s.quote for s in suspicious(tiles(document))] == ["各镇于5月底前巡查"]


def test_a_reading_between_characters_does_not_end_a_sentence() -> None:
    document = extract_text(
        "一、清理河道\n各鎮要清理區(qū)內(nèi)的河道，縣(xiàn)水利局指導。\n二、巡查\n各鎮要巡查。\n"
    )
    assert any(s.quote.startswith("各鎮要清理") and s.quote.endswith("指導。") for s in tiles(document))


def test_a_document_that_accounts_for_nothing_leaves_its_text_outside_the_outline() -> None:
    document = Document(Source("a.txt", "各镇要清理河道。\n"), None, None, None, None, "other", 2022)
    assert [(s.standing, s.reason, s.is_suspicious) for s in tiles(document)] == [
        ("left_out", "outside_outline", True),
        ("blank", "blank", False),
    ]
    assert coverage(Document(Source("a.txt", ""), None, None, None, None, "other", None)) == ()


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.txt")), ids=lambda path: path.stem)
def test_the_corpus_is_covered_and_reads_the_same_from_json(path: Path) -> None:
    document = extract(path)
    found = tiles(document)
    assert found == coverage(Document.from_json(document.to_json()))
    assert len(suspicious(found)) <= len(found) // 10
    # whatever the outline calls a task is covered by sentences of tasks, but for what was left out in it
    for task in document.tasks:
        inside = [s for s in found if task.span.covers(s.span) and s.standing not in ("blank", "left_out")]
        assert inside and {s.standing for s in inside} == {"task"}


def test_everything_is_worded() -> None:
    assert set(wording.STANDINGS) == set(STANDINGS)
    assert set(wording.CUES) == set(CUES)
    assert set(wording.LEFT_OUT) >= FURNITURE


PIECES = st.sampled_from(
    [
        *"一二（）、。！？；\n 　\t《》1.",
        "要",
        "各镇",
        "5月底前",
        "每月",
        "總體要求",
        "(qū)",
        "\n- 2 -\n",
        "附件",
    ]
)


@given(st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=60)))
def test_any_text_is_tiled(text: str) -> None:
    tiles(extract_text(text))


def test_time_grows_with_the_text_alone() -> None:
    def seconds(times: int) -> float:
        document = extract_text(CIRCULAR + "五、巡查。各镇要于5月底前巡查。区(qū)内巡查。\n" * times)
        start = time.perf_counter()
        coverage(document)
        return time.perf_counter() - start

    seconds(10)
    assert seconds(1_600) < 32 * max(seconds(200), 0.01)
