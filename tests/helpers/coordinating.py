"""A ledger for the coordinators' pages: the sample (tasks 1 and 2) and a second circular (tasks 3 to 7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from extractor.ledger import Ledger
from extractor.ledger.tracking import record
from extractor.model import Document
from tests.helpers.documents import document, item
from tests.web_client import Served, served

SCRIPT = "<img src=x onerror=alert(1)>"
TODAY = date.today()
SOON = TODAY + timedelta(days=10)


def floods() -> Document:
    """Deadlines past and to come, work that recurs, an event without a day, and text that would like to be a page."""
    text = (
        "青禾县2024年防汛工作要点\n"
        "一、清淤疏浚。县水利局5月底前完成河道清淤。\n"
        "二、巡查堤防。县应急局每月巡查1次。\n"
        "三、修订预案。各乡镇汛期前修订预案。\n"
        f"四、{SCRIPT}县水利局要加强宣传。\n"
        "五、总结评估。县防汛办年内完成评估，县水利局配合。\n"
    )
    lines = text.split("\n")
    return document(
        text,
        [
            item(text, lines[1], id="1", heading="清淤疏浚", units=[("县水利局", "lead")],
                 deadlines=[{"quote": "5月底前", "due": date(2024, 5, 31)}]),
            item(text, lines[2], id="2", number="二", heading="巡查堤防", units=[("县应急局", "responsible")],
                 frequencies=[{"quote": "每月巡查1次", "period": "P1M", "times": 1}]),
            item(text, lines[3], id="3", number="三", heading="修订预案", units=[("各乡镇", "responsible")],
                 deadlines=[{"quote": "汛期前", "event": "汛期", "offset": "-P0D"}]),
            item(text, lines[4], id="4", number="四", units=[("县水利局", "responsible")]),
            item(text, lines[5], id="5", number="五", heading="总结评估",
                 units=[("县防汛办", "lead"), ("县水利局", "cooperating")],
                 deadlines=[{"quote": "年内", "due": SOON}]),
        ],
        name="防汛要点.txt", title="青禾县2024年防汛工作要点", issuer="青禾县防汛抗旱指挥部", doc_number="青汛〔2024〕1号",
        issued_on=date(2024, 1, 5), year=2024, kind="work_points",
    )  # fmt: skip


@contextmanager
def coordinated(folder: Path, *, accounts: bool = False) -> Iterator[Served]:
    """Serve that ledger; task 2 is done, task 7 has begun."""
    with served(folder, accounts=accounts) as office:
        with Ledger.open(office.settings.ledger, actor="准备") as ledger:
            ledger.add(floods())
            record(ledger, [2], status="done", completed_on=date(2023, 5, 1))
            record(ledger, [7], status="in_progress", percent=30, progress="已拟提纲")
        yield office


def numbers_in(page: str) -> list[int]:
    """The tasks that the table shows, in its order."""
    return [int(number) for number in re.findall(r'<tr id="t(\d+)"', page)]


def text_of(page: str) -> str:
    """What is to be read on a page, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def events_of(office: Served, action: str) -> list[dict[str, str]]:
    """The events of that action: who, about what, why."""
    with office.ledger() as ledger:
        return list(
            ledger.db.query(
                "SELECT actor, subject, reason FROM events WHERE action = ? ORDER BY sequence", [action]
            )
        )


def count_events(office: Served) -> int:
    """How many events the log has."""
    with office.ledger() as ledger:
        return int(ledger.db.execute("SELECT count(*) FROM events").fetchone()[0])


def statuses_of(office: Served) -> dict[int, str]:
    """The status of each task as it was reported."""
    with office.ledger() as ledger:
        return {task.id: task.tracking.status for task in ledger.tasks()}
