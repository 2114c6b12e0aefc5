"""The gate: pooled F1 against gold may not fall below the figures kept in accuracy_baseline.json.

When a change raises a figure for good, raise the baseline with it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from extractor.evaluation import Evaluation, Score, evaluate, pooled
from extractor.model import Document
from extractor.pipeline import find_fields
from tests.conftest import CORPUS, REAL

BASELINE: dict[str, dict[str, float]] = json.loads(
    (Path(__file__).parent / "accuracy_baseline.json").read_text()
)
MIN_GOLD, WORST = 5, 0.80
"""In a measure for which a document has this many gold entries, no document may score below this."""
SENTENCES = REAL.parent / "phrases.json"

needs_real = pytest.mark.skipif(
    not REAL.is_dir(), reason="没有真实公文的标准答案（../shared/gold/dev），只检验自带样例"
)


def evaluated(folder: Path, documents: dict[str, Document]) -> list[Evaluation]:
    return list(evaluate(folder, lambda path: documents[path.stem]))


@pytest.mark.parametrize(
    ("name", "folder"), [("corpus", CORPUS), pytest.param("real", REAL, marks=needs_real)]
)  # fmt: skip
def test_accuracy_does_not_fall(name: str, folder: Path, documents: dict[str, Document]) -> None:
    evaluations = evaluated(folder, documents)
    scores = pooled(evaluations, name).scores
    fallen = {m: round(scores[m].f1, 4) for m, least in BASELINE[name].items() if scores[m].f1 < least}
    assert not fallen, "\n".join(f"{e.name} {miss}" for e in evaluations for miss in e.misses)
    for one in evaluations:
        bad = {m: s.f1 for m, s in one.scores.items() if s.gold >= MIN_GOLD and s.f1 < WORST}
        assert not bad, f"{one.name}: {bad}"


@pytest.mark.parametrize("name", ["07-work-report", "11-regulation"])
def test_reports_and_regulations_yield_no_task(name: str, documents: dict[str, Document]) -> None:
    assert documents[name].tasks == ()


@pytest.mark.skipif(not SENTENCES.is_file(), reason="没有句子的标准答案（../shared/gold/phrases.json）")
def test_sentences() -> None:
    total = {measure: Score() for measure in BASELINE["sentences"]}
    for case in json.loads(SENTENCES.read_text("utf-8")):
        found = find_fields(case["text"], year=case["year"], issued_on=date.fromisoformat(case["issued_on"]))
        for measure in total:
            total[measure] += score(case[measure], getattr(found, measure))
    fallen = {m: s for m, s in total.items() if s.f1 < BASELINE["sentences"][m]}
    assert not fallen


def score(gold: Sequence[dict[str, Any]], found: Sequence[Any]) -> Score:
    """Pairs of gold and found that touch in what they quote and agree in their normal form."""
    left = list(found)
    hits = 0
    for one in gold:
        match = next((f for f in left if agrees(one, f)), None)
        if match is not None:
            left.remove(match)
            hits += 1
    return Score(hits, len(found), len(gold))


def agrees(gold: dict[str, Any], found: Any) -> bool:
    mine, theirs = "".join(found.quote.split()), "".join(gold["quote"].split())
    if mine not in theirs and theirs not in mine:
        return False
    due = getattr(found, "due", None)
    values = {
        name: getattr(found, name, None) for name in ("role", "offset", "period", "times", "bound", "vague")
    }
    values["due"] = due.isoformat() if due else None
    return all(values[name] == gold.get(name) for name in values if name in gold or values[name] is not None)
