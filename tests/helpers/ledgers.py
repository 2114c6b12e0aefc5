"""Ledgers for tests."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

from extractor.ledger import Ledger, derived
from extractor.ledger.corrections import confirm, correct
from extractor.model import Box, Citation, Deadline, Place, Span, UnitMention
from tests.helpers.documents import document, item, quoted, sample


class OnePage:
    """Tells of every span that it stands on page 2."""

    def locate(self, span: Span) -> Place:
        return Place(page=2, boxes=(Box(2, 10.0, 20.5, 90.0, 32.0),))


def full_ledger(path: Path) -> Path:
    """A ledger that was used in every way: each of its tables has rows."""
    with Ledger.create(path, actor="张三") as ledger:
        text = "一、县教育局每月检查食堂，汛期前报送总结。\n根据《安全办法》执行。"
        measured = item(
            text,
            "一、县教育局每月检查食堂，汛期前报送总结。",
            units=[("县教育局", "lead", 0)],
            frequencies=[{"quote": "每月", "period": "P1M", "times": 1, "bound": "exact", "measure": 0}],
            deadlines=[{"quote": "汛期前", "event": "汛期", "offset": "-P0D"}],
            measures=["县教育局每月检查食堂"],
        )
        cited = Citation("《安全办法》", quoted(text, "《安全办法》"), "安全办法", None, "based_on")
        other = document(
            text,
            [measured],
            name="食堂.txt",
            title="关于食堂的通知",
            doc_number="东教〔2024〕1号",
            citations=(cited,),
        )
        ledger.add(replace(sample(), source=replace(sample().source, locator=OnePage())))
        ledger.add(other)
        _corrections(ledger)
        with ledger.change("record", "task:1", reason="月报") as change:
            change.put(
                "tracking",
                1,
                status="in_progress",
                percent=50,
                progress="已开展",
                completed_on=None,
                remarks="",
            )
            data = b"photo"
            sha256 = hashlib.sha256(data).hexdigest()
            ledger.db.table("blobs").insert({"sha256": sha256, "data": data})
            change.put("attachments", task=1, name="照片.jpg", sha256=sha256, size=len(data))
        with ledger.change("tick", "task:3") as change:
            change.put("ticks", task=3, due="2023-05-31", nth=0, done_on="2023-05-30", note="已查")
        with ledger.change("event", "occasion:1") as change:
            change.put("occasions", name="汛期", happens_on="2023-05-01", document=None, task=None)
        with ledger.change("hand_out", "handout:1") as change:
            change.put("handouts", token="aa", name="表.xlsx", recipient=None, rows="{}")
        with ledger.change("return", "task:1") as change:
            change.put(
                "returns",
                handout=1,
                task=1,
                returned_by="县教育局",
                name="表.xlsx",
                sha256="ab",
                reported="{}",
            )
        with ledger.change("add_person", "person:1") as change:
            change.put("people", name="张三", role="staff", active=1, password_set_at=None, tokens=0)
        derived.refresh_all(ledger)
    return path


def _corrections(ledger: Ledger) -> None:
    text = ledger.document(1).source.text
    police = UnitMention("县公安局", quoted(text, "县公安局"), "lead", "test.unit")
    typed = Deadline("年底前", Span(0, 0), date(2023, 12, 31), None, None, "test.deadline")
    correct(ledger, 2, reason="原件有误", units=[police], deadlines=[typed])
    confirm(ledger, 2)
