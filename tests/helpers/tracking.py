"""A year's circulars in few words, for tests of what happens to tasks after they were read."""

from __future__ import annotations

from datetime import date
from typing import Any

from extractor.ledger import Ledger
from extractor.model import Document
from tests.helpers.documents import document, item

TODAY = date(2023, 6, 20)


def plan(
    sentence: str, name: str = "通知.txt", *, about: dict[str, Any] | None = None, **values: Any
) -> Document:
    """A circular of one task."""
    return document(
        sentence,
        [item(sentence, sentence, **values)],
        name=name,
        title=name,
        doc_number=None,
        **(about or {}),
    )


def year(ledger: Ledger) -> None:
    """Take in the circulars: task 1 has a deadline, 2 recurs by the quarter, 3 waits for an event, 4 names no unit."""
    ledger.add(
        plan(
            "一、县应急局牵头，县教育局配合，6月底前完成排查。",
            "排查.txt",
            heading="隐患排查",
            units=[("县应急局", "lead"), ("县教育局", "cooperating")],
            deadlines=[{"quote": "6月底前", "due": date(2023, 6, 30)}],
        )
    )
    ledger.add(
        plan(
            "一、县教育局、县应急局每季度检查食堂。",
            "食堂.txt",
            units=[("县教育局", "responsible"), ("县应急局", "responsible")],
            frequencies=[{"quote": "每季度", "period": "P3M", "times": 1, "bound": "exact"}],
        )
    )
    ledger.add(
        plan(
            "一、各乡镇要在汛期前修好堤坝。",
            "防汛.txt",
            units=[("各乡镇", "responsible")],
            deadlines=[{"quote": "汛期前", "event": "汛期", "offset": "-P0D"}],
        )
    )
    ledger.add(
        plan(
            "一、6月20日前报送总结。",
            "总结.txt",
            deadlines=[{"quote": "6月20日前", "due": date(2023, 6, 20)}],
        )
    )
