"""How well documents are read, measured against gold: precision, recall and F1 of all that is looked for.

outline      numbered items: same number, beginning within 2 characters
tasks        leaves of kind `task`: spans that overlap with an IoU of 0.9 or more
units        quote and role, on the right item (IoU 0.5 or more)
deadlines    touching quote and the same due day, else the same offset from an event, on the right item
frequencies  touching quote and the same period, times and bound, else the same vagueness, on the right item
document     title, issuer, doc_number, issued_on, kind and year, each right or wrong
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from extractor.model import Document, Json, Span

MEASURES = ("outline", "tasks", "units", "deadlines", "frequencies", "document")
DOCUMENT_FIELDS = ("title", "issuer", "doc_number", "issued_on", "kind", "year")

START_TOLERANCE = 2
SAME_TASK = 0.9
SAME_ITEM = 0.5

NOT_COMPARED = re.compile(r"[\s“”\"'‘’《》<>]")
NOT_IN_NUMBERS = re.compile(r"[()（）.、:：\s]")


class GoldError(Exception):
    """A gold file that is missing, unreadable or does not fit its text; `str()` is one line in Chinese."""


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of what was right, what was predicted and what gold holds."""

    hits: int = 0
    predicted: int = 0
    gold: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.hits + other.hits, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """The share of what was predicted that is right."""
        return self.hits / self.predicted if self.predicted else float(not self.gold)

    @property
    def recall(self) -> float:
        """The share of gold that was found."""
        return self.hits / self.gold if self.gold else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Miss:
    """Something of gold that was not found, or something found that gold does not hold (`invented`)."""

    measure: str
    what: str
    invented: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores of one document, or of several together."""

    name: str
    scores: Mapping[str, Score]
    misses: Sequence[Miss] = field(default=())


@dataclass(frozen=True, slots=True)
class _Found:
    """Something to compare: the span of its item, and the item or value itself in its JSON form."""

    span: Span
    data: Json


def evaluate(folder: Path, extract: Callable[[Path], Document]) -> Iterator[Evaluation]:
    """Read with `extract` each NAME.txt of `folder` that has a gold NAME.json, and compare.

    Raises:
        GoldError: if there is no such folder, no gold, or a gold file does not fit its text.
    """
    if not folder.exists():
        raise GoldError(f"找不到文件夹“{folder}”：请检查路径。")
    if not folder.is_dir():
        raise GoldError(f"“{folder}”不是文件夹：请指明放标准答案（.json）和原文（.txt）的文件夹。")
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise GoldError(f"文件夹“{folder}”中没有标准答案（.json 文件）：请检查路径。")
    for path in paths:
        gold = _read(path)
        document = extract(path.with_suffix(".txt"))
        yield compare(path.stem, gold, document.source.text, document.to_json())


def pooled(evaluations: Iterable[Evaluation], name: str) -> Evaluation:
    """All documents as if they were one: counts are added, not figures averaged."""
    total = {measure: Score() for measure in MEASURES}
    for evaluation in evaluations:
        for measure, score in evaluation.scores.items():
            total[measure] += score
    return Evaluation(name, total)


def compare(name: str, gold: Json, text: str, predicted: Json) -> Evaluation:
    """The scores of `predicted`, in the shape of `Document.to_json()`, against `gold` for `text`."""
    wanted = gold_items(name, gold, text)
    found = [_Found(Span(*item["span"]), item) for item in predicted.get("items", [])]
    scores: dict[str, Score] = {}
    misses: list[Miss] = []
    for measure, (choose, same) in _COMPARISONS.items():
        right, left = choose(wanted), choose(found)
        pairs = _pairs(right, left, same)
        scores[measure] = Score(len(pairs), len(left), len(right))
        missed = [one for n, one in enumerate(right) if n not in pairs]
        invented = [one for n, one in enumerate(left) if n not in pairs.values()]
        misses += [Miss(measure, _shown(one, text), invented=False) for one in missed]
        misses += [Miss(measure, _shown(one, text), invented=True) for one in invented]
    about, read = gold["document"], predicted.get("document", {})
    wrong = [key for key in DOCUMENT_FIELDS if _folded(about.get(key)) != _folded(read.get(key))]
    fields = len(DOCUMENT_FIELDS)
    scores["document"] = Score(fields - len(wrong), fields, fields)
    misses += [
        Miss("document", f"{key}: {about.get(key)!r} ≠ {read.get(key)!r}", invented=False) for key in wrong
    ]
    return Evaluation(name, scores, misses)


def gold_items(name: str, gold: Json, text: str) -> list[_Found]:
    """The items of a gold file with the spans that their `start` and `end` say.

    Raises:
        GoldError: if one of them is not in the text where reading order has it.
    """
    items, cursor = [], 0
    for item in gold["items"]:
        start = text.find(item["start"], cursor)
        end = text.find(item["end"], start) if start >= 0 else -1
        if end < 0:
            raise GoldError(f"标准答案“{name}.json”的条目 {item['id']} 与原文不符：请核对其 start 和 end。")
        # A group's children begin after it; a leaf's successor begins no earlier than it does.
        cursor = start + 1
        items.append(_Found(Span(start, end + len(item["end"])), item))
    return items


def _read(path: Path) -> Json:
    try:
        gold: Json = json.loads(path.read_text("utf-8"))
        if not isinstance(gold, dict) or not {"document", "items"} <= gold.keys():
            raise ValueError
    except (OSError, ValueError) as error:
        raise GoldError(f"标准答案“{path}”无法读取或格式不对：请检查该文件。") from error
    return gold


Items = list[_Found]
Same = Callable[[_Found, _Found], bool]


def _pairs(gold: Items, predicted: Items, same: Same) -> dict[int, int]:
    """For each of `gold`, in order, the first of `predicted` that is the same and not yet taken."""
    pairs: dict[int, int] = {}
    for n, wanted in enumerate(gold):
        taken = set(pairs.values())
        match = next((m for m, one in enumerate(predicted) if m not in taken and same(wanted, one)), None)
        if match is not None:
            pairs[n] = match
    return pairs


def _numbered(items: Items) -> Items:
    return [item for item in items if item.data.get("number") is not None]


def _tasks(items: Items) -> Items:
    return [item for item in items if item.data.get("kind") == "task"]


def _values(key: str) -> Callable[[Items], Items]:
    """Values that stand in the item itself; what is inherited is measured where it stands."""
    return lambda items: [
        _Found(item.span, value)
        for item in items
        for value in item.data.get(key) or []
        if not value.get("inherited")
    ]


def _same_number(gold: _Found, found: _Found) -> bool:
    near = abs(gold.span.start - found.span.start) <= START_TOLERANCE
    return near and _number(gold.data["number"]) == _number(found.data["number"])


def _same_task(gold: _Found, found: _Found) -> bool:
    return _iou(gold.span, found.span) >= SAME_TASK


def _same_unit(gold: _Found, found: _Found) -> bool:
    return (
        _folded(gold.data["quote"]) == _folded(found.data.get("quote"))
        and gold.data["role"] == found.data.get("role")
        and _iou(gold.span, found.span) >= SAME_ITEM
    )


def _same_deadline(gold: _Found, found: _Found) -> bool:
    if not _same_place(gold, found):
        return False
    if gold.data.get("due"):
        return bool(gold.data["due"] == found.data.get("due"))
    return not found.data.get("due") and (gold.data.get("offset") or None) == (
        found.data.get("offset") or None
    )


def _same_frequency(gold: _Found, found: _Found) -> bool:
    if not _same_place(gold, found):
        return False
    if gold.data.get("period"):
        return all(gold.data.get(key) == found.data.get(key) for key in ("period", "times", "bound"))
    return not found.data.get("period") and gold.data.get("vague") == found.data.get("vague")


def _same_place(gold: _Found, found: _Found) -> bool:
    """On the same item, with quotes of which one holds the other."""
    a, b = _folded(gold.data["quote"]), _folded(found.data.get("quote"))
    return _iou(gold.span, found.span) >= SAME_ITEM and bool(a and b) and (a in b or b in a)


_COMPARISONS: dict[str, tuple[Callable[[Items], Items], Same]] = {
    "outline": (_numbered, _same_number),
    "tasks": (_tasks, _same_task),
    "units": (_values("units"), _same_unit),
    "deadlines": (_values("deadlines"), _same_deadline),
    "frequencies": (_values("frequencies"), _same_frequency),
}


def _iou(a: Span, b: Span) -> float:
    """The share of both spans together that they have in common."""
    common = min(a.end, b.end) - max(a.start, b.start)
    return max(0, common) / max(1, max(a.end, b.end) - min(a.start, b.start))


def _folded(value: object) -> str:
    return NOT_COMPARED.sub("", unicodedata.normalize("NFKC", str(value or "")))


def _number(value: object) -> str:
    return NOT_IN_NUMBERS.sub("", _folded(value))


def _shown(one: _Found, text: str) -> str:
    if "quote" in one.data and "kind" not in one.data:
        details = {
            key: value for key, value in one.data.items() if key in _SHOWN_DETAILS and value is not None
        }
        return f"{one.data['quote']} {details}"
    return f"{one.data.get('number')} {text[one.span.start : one.span.start + 24]!r}"


_SHOWN_DETAILS = ("role", "due", "event", "offset", "period", "times", "bound", "vague")


def to_json(evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """Figures of each document and of all together."""
    total = pooled(evaluations, "pooled")
    return {
        "pooled": _figures(total),
        "documents": {evaluation.name: _figures(evaluation) for evaluation in evaluations},
    }


def _figures(evaluation: Evaluation) -> dict[str, dict[str, float]]:
    return {
        measure: {
            "precision": round(score.precision, 4),
            "recall": round(score.recall, 4),
            "f1": round(score.f1, 4),
            "gold": score.gold,
            "predicted": score.predicted,
        }
        for measure, score in evaluation.scores.items()
    }
