"""The figures by which reading is judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractor.evaluation import (
    DOCUMENT_FIELDS,
    MEASURES,
    GoldError,
    Score,
    compare,
    evaluate,
    pooled,
    to_json,
)
from tests.helpers.documents import CORPUS, from_gold, sample

TEXT = "一、检查食堂。县教育局每月检查1次，6月底前报送。\n二、总结。县公安局年底前总结。\n"
UNIT = {"quote": "县教育局", "role": "responsible"}
DUE = {"quote": "6月底前", "due": "2023-06-30"}
EVENT = {"quote": "汛期前", "due": None, "event": "汛期", "offset": "-P0D"}
OFTEN = {"quote": "每月检查1次", "period": "P1M", "times": 1, "bound": "exact"}
VAGUE = {"quote": "定期", "period": None, "vague": "regular"}
FIRST, SECOND = [0, 25], [26, 41]


def gold(**fields) -> dict:
    """A gold file with the given values on its first item."""
    about = dict.fromkeys(DOCUMENT_FIELDS)
    first = {"id": "1", "number": "一", "kind": "task", "start": "一、检查食堂", "end": "报送。"}
    second = {"id": "2", "number": "二", "kind": "context", "start": "二、总结", "end": "总结。"}
    return {"document": about, "items": [{**first, **fields}, second]}


def read(first: dict | None = None, second: dict | None = None) -> dict:
    """A prediction: both items as in gold, but for what is given."""
    about = dict.fromkeys(DOCUMENT_FIELDS)
    items = [
        {"number": "一", "kind": "task", "span": FIRST},
        {"number": "二", "kind": "context", "span": SECOND},
    ]
    return {"document": about, "items": [{**items[0], **(first or {})}, {**items[1], **(second or {})}]}


def score(measure: str, wanted: dict, predicted: dict) -> Score:
    return compare("甲", wanted, TEXT, predicted).scores[measure]


@pytest.mark.parametrize(
    ("measure", "wanted", "predicted", "expected"),
    [
        ("outline", {}, {}, (2, 2, 2)),
        ("outline", {}, {"number": "（一）"}, (2, 2, 2)),  # brackets and marks are no matter
        ("outline", {}, {"number": "3"}, (1, 2, 2)),
        ("outline", {}, {"number": None}, (1, 1, 2)),
        ("outline", {}, {"span": [2, 25]}, (2, 2, 2)),
        ("outline", {}, {"span": [3, 25]}, (1, 2, 2)),
        ("tasks", {}, {}, (1, 1, 1)),
        ("tasks", {}, {"span": [2, 25]}, (1, 1, 1)),  # IoU 23/25
        ("tasks", {}, {"span": [3, 25]}, (0, 1, 1)),  # IoU 22/25
        ("tasks", {}, {"kind": "goal"}, (0, 0, 1)),
        ("units", {"units": [UNIT]}, {"units": [UNIT]}, (1, 1, 1)),
        ("units", {"units": [UNIT]}, {"units": [{**UNIT, "quote": "县 教育局"}]}, (1, 1, 1)),
        ("units", {"units": [UNIT]}, {"units": [{**UNIT, "role": "lead"}]}, (0, 1, 1)),
        ("units", {"units": [UNIT]}, {"units": [{**UNIT, "quote": "教育局"}]}, (0, 1, 1)),
        ("units", {"units": [UNIT]}, {"units": [UNIT, UNIT]}, (1, 2, 1)),
        ("units", {"units": [UNIT]}, {"units": [{**UNIT, "inherited": True}]}, (0, 0, 1)),
        ("units", {"units": [UNIT]}, {"units": [UNIT], "span": [0, 13]}, (1, 1, 1)),  # half of the item
        ("units", {"units": [UNIT]}, {"units": [UNIT], "span": [0, 12]}, (0, 1, 1)),
        ("deadlines", {"deadlines": [DUE]}, {"deadlines": [{**DUE, "quote": "6月"}]}, (1, 1, 1)),
        ("deadlines", {"deadlines": [DUE]}, {"deadlines": [{**DUE, "quote": "年底"}]}, (0, 1, 1)),
        ("deadlines", {"deadlines": [DUE]}, {"deadlines": [{**DUE, "due": "2022-06-30"}]}, (0, 1, 1)),
        ("deadlines", {"deadlines": [EVENT]}, {"deadlines": [{**EVENT, "event": "汛"}]}, (1, 1, 1)),
        ("deadlines", {"deadlines": [EVENT]}, {"deadlines": [{**EVENT, "offset": "-P1D"}]}, (0, 1, 1)),
        ("deadlines", {"deadlines": [EVENT]}, {"deadlines": [{**EVENT, "due": "2023-06-01"}]}, (0, 1, 1)),
        ("frequencies", {"frequencies": [OFTEN]}, {"frequencies": [OFTEN]}, (1, 1, 1)),
        ("frequencies", {"frequencies": [OFTEN]}, {"frequencies": [{**OFTEN, "bound": "min"}]}, (0, 1, 1)),
        ("frequencies", {"frequencies": [VAGUE]}, {"frequencies": [{**VAGUE, "quote": "不定期"}]}, (1, 1, 1)),
        (
            "frequencies",
            {"frequencies": [VAGUE]},
            {"frequencies": [{**VAGUE, "vague": "continuous"}]},
            (0, 1, 1),
        ),
        ("frequencies", {"frequencies": [VAGUE]}, {"frequencies": [{**VAGUE, "period": "P1M"}]}, (0, 1, 1)),
    ],
)
def test_what_counts_as_right(measure, wanted, predicted, expected):
    assert score(measure, gold(**wanted), read(predicted)) == Score(*expected)


def test_a_value_on_the_wrong_item_is_wrong():
    assert score("units", gold(units=[UNIT]), read(second={"units": [UNIT]})) == Score(0, 1, 1)


@pytest.mark.parametrize(
    ("wanted", "predicted", "right"),
    [
        ("东应急〔2023〕3号", "东应急〔2023〕 3号", 6),
        ("《关于…的通知》", "关于…的通知", 6),
        ("甲", "乙", 5),
        (None, "", 6),
    ],
)
def test_facts_of_the_document(wanted, predicted, right):
    one, other = gold(), read()
    one["document"]["title"], other["document"]["title"] = wanted, predicted
    assert score("document", one, other) == Score(right, 6, 6)


@pytest.mark.parametrize(
    ("counted", "figures"),
    [
        ((0, 0, 0), (1.0, 1.0, 1.0)),  # nothing to find and nothing found
        ((0, 0, 3), (0.0, 0.0, 0.0)),
        ((0, 3, 0), (0.0, 1.0, 0.0)),
        ((1, 2, 4), (0.5, 0.25, 1 / 3)),
    ],
)
def test_figures(counted, figures):
    one = Score(*counted)
    assert (one.precision, one.recall, one.f1) == pytest.approx(figures)


def test_misses_are_named():
    predicted = read({"units": [{**UNIT, "role": "lead"}], "number": None})
    misses = [
        (m.measure, m.what, m.invented) for m in compare("甲", gold(units=[UNIT]), TEXT, predicted).misses
    ]
    assert misses == [
        ("outline", "一 '一、检查食堂。县教育局每月检查1次，6月底前报送'", False),
        ("units", "县教育局 {'role': 'responsible'}", False),
        ("units", "县教育局 {'role': 'lead'}", True),
    ]


def test_pooling_adds_counts():
    one = compare("甲", gold(units=[UNIT]), TEXT, read({"units": [UNIT]}))
    other = compare("乙", gold(), TEXT, read({"units": [UNIT]}))
    assert pooled([one, other], "").scores["units"] == Score(1, 2, 1)
    assert set(to_json([one, other])["documents"]) == {"甲", "乙"}


def test_gold_that_does_not_fit_its_text():
    wrong = gold(end="没有这句。")
    with pytest.raises(GoldError, match="条目 1 与原文不符"):
        compare("甲", wrong, TEXT, read())


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_gold_against_itself_is_perfect(path: Path):
    (found,) = [one for one in evaluate(CORPUS, lambda text: from_gold(text.stem)) if one.name == path.stem]
    assert {measure: found.scores[measure].f1 for measure in MEASURES} == dict.fromkeys(MEASURES, 1.0)
    assert found.misses == []


def test_reading_a_folder_without_gold(tmp_path):
    with pytest.raises(GoldError, match="没有标准答案"):
        list(evaluate(tmp_path, lambda path: sample()))
