"""How a ledger of 100,000 tasks answers, as ratios in one run: run with `python -m benchmarks.ledger [FILE]`.

Each question is asked through the ledger, and then the SQL that it ran for that is run bare: how much longer the first
takes is printed, and must not exceed 2. Ratios hold when the machine's speed drifts; seconds do not. `FILE` is where the
ledger is built, and kept for the next run; without it a temporary one is used.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from extractor.ledger import Ledger, TaskFilters
from extractor.ledger.audit import verify
from extractor.ledger.due import due
from extractor.ledger.report import report
from extractor.ledger.search import search
from extractor.ledger.tracking import record
from extractor.model import Deadline, Document, Fields, Frequency, Item, Part, Source, Span, UnitMention

DOCUMENTS, TASKS, VILLAGES = 1000, 100, 1500
ROUNDS, LONG_ENOUGH = 5, 3.0
MOST = 2.0
PAGE = 100
TODAY = date(2023, 7, 1)

UNITS = [
    f"县{name}局"
    for name in [
        "应急管理",
        "教育",
        "公安",
        "财政",
        "民政",
        "水利",
        "交通运输",
        "农业农村",
        "文化和旅游",
        "市场监管",
    ]
]
WORK = [
    "隐患排查",
    "应急演练",
    "值班值守",
    "宣传培训",
    "汛期巡查",
    "校园安全",
    "食品安全",
    "项目建设",
    "信息报送",
    "资金监管",
]
FREQUENCIES = {"每月": "P1M", "每季度": "P3M", "每半年": "P6M"}


def circular(number: int) -> Document:
    """A circular with groups of ten tasks, each with units, and some with a deadline or a frequency."""
    text = f"关于做好第{number}号专项工作的通知\n"
    items = []
    for group in range(TASKS // 10):
        start = len(text)
        heading = f"（{group + 1}）抓好{WORK[group % len(WORK)]}工作"
        text += f"{heading}\n"
        inner = []
        for nth in range(10):
            text, item = _task(text, number, group, nth)
            inner.append(item)
        span = Span(start, len(text))
        above = Item(
            str(group + 1),
            None,
            0,
            f"({group + 1})",
            heading[3:],
            "group",
            "has-children",
            span,
            text[start:],
        )
        items += [above, *inner]
    about = (
        f"关于做好第{number}号专项工作的通知",
        "青禾县人民政府",
        f"青政〔2023〕{number}号",
        date(2023, 2, 20),
        "notice",
        2023,
    )
    source = Source(f"{number}.txt", text, text.encode())
    return Document(source, *about, parts=(Part(about[0], Span(0, len(text))),), items=tuple(items))


def _task(text: str, number: int, group: int, nth: int) -> tuple[str, Item]:
    seed = number * TASKS + group * 10 + nth
    unit, other = UNITS[seed % len(UNITS)], f"第{seed % VILLAGES}村村民委员会"
    often = list(FREQUENCIES)[seed % 3]
    month = seed % 12 + 1
    start = len(text)
    text += (
        f"{nth + 1}.{unit}牵头，{other}配合，{often}组织1次{WORK[seed % len(WORK)]}，"
        f"在第{seed}号重点区域开展{WORK[(seed // 3) % len(WORK)]}，{month}月底前报送总结。\n"
    )

    def at(words: str) -> Span:
        begin = text.index(words, start)
        return Span(begin, begin + len(words))

    units = [
        UnitMention(unit, at(unit), "lead", "subject"),
        UnitMention(other, at(other), "cooperating", "together-with"),
    ]
    by = f"{month}月底前"
    deadlines = [Deadline(by, at(by), date(2023, month, 28), None, None, "month-end")] if seed % 2 else []
    frequencies = (
        [Frequency(often, at(often), FREQUENCIES[often], 1, "exact", None, "by-period")]
        if seed % 5 == 0
        else []
    )
    fields = Fields(tuple(units), tuple(deadlines), tuple(frequencies))
    span = Span(start, len(text) - 1)
    return text, Item(
        f"{group + 1}.{nth + 1}",
        str(group + 1),
        0,
        f"{nth + 1}.",
        None,
        "task",
        "leaf-of-work",
        span,
        span.of(text),
        fields,
    )


def build(path: Path) -> None:
    """The ledger, a quarter of whose tasks have progress."""
    with Ledger.create(path) as ledger:
        for number in range(1, DOCUMENTS + 1):
            ledger.add(circular(number))
            if sys.stderr.isatty():
                print(f"\r{number}/{DOCUMENTS}", end="", file=sys.stderr)
        for status, first in (("done", 0), ("in_progress", 4)):
            record(ledger, range(8 + first, DOCUMENTS * TASKS, 8), status=status, today=TODAY)  # type: ignore[misc]


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def statements(ledger: Ledger, work: Callable[[], object]) -> list[str]:
    """The SQL that `work` runs, with its values in it."""
    ran: list[str] = []
    ledger.db.conn.set_trace_callback(ran.append)
    work()
    ledger.db.conn.set_trace_callback(None)
    return [statement for statement in ran if statement.lstrip().upper().startswith(("SELECT", "WITH"))]


def ratio(ledger: Ledger, work: Callable[[], object]) -> tuple[float, float]:
    """How long `work` takes at best, and how many times as long as its SQL alone; both are timed in turn, as the machine drifts."""
    ran = statements(ledger, work)

    def bare() -> None:
        for statement in ran:
            ledger.db.conn.execute(statement).fetchall()

    rounds = [(seconds(bare), seconds(work))]
    while len(rounds) < ROUNDS or sum(map(sum, rounds)) < LONG_ENOUGH:
        rounds.append((seconds(bare), seconds(work)))
    alone, whole = (min(times) for times in zip(*rounds, strict=True))
    return whole, whole / alone


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "ledger.db"
        if not path.exists():
            start = time.perf_counter()
            build(path)
            print(f"built in {time.perf_counter() - start:.0f} s, {path.stat().st_size / 2**20:.0f} MB")
        with Ledger.open(path) as ledger:
            worst = measured(ledger)
            start = time.perf_counter()
            found = verify(ledger)
            print(
                f"verify: {'holds' if found.holds else found.findings[0]}, {time.perf_counter() - start:.0f} s"
            )
    return int(worst > MOST or not found.holds)


def measured(ledger: Ledger) -> float:
    """The highest ratio of all questions."""
    filters: dict[str, TaskFilters] = {
        "all": {},
        "by due day": {"order": "due"},
        "unit": {"unit": "教育", "role": "lead"},
        "document": {"document": "第500号"},
        "due before": {"due_before": date(2023, 3, 31)},
        "text": {"text": "第77号"},
        "status": {"status": "done"},
        "overdue": {"overdue_on": TODAY, "order": "due"},
    }
    questions: dict[str, Callable[[], object]] = {}
    for name, some in filters.items():
        page: TaskFilters = {**some, "limit": PAGE}
        questions[f"tasks, {name}"] = lambda page=page, some=some: (
            ledger.tasks(**page),
            ledger.count_tasks(**some),
        )
    questions |= {
        "due within 30 days": lambda: due(ledger, TODAY, within=30),
        "progress in figures": lambda: report(ledger, TODAY),
        "search one word": lambda: search(ledger, "隐患排查"),
        "search two words": lambda: search(ledger, "应急演练 每季度"),
        "search rare": lambda: search(ledger, "第777号 汛期"),
        "search one character": lambda: search(ledger, "汛"),
        "search in a document": lambda: search(ledger, "应急演练", document=500),
    }
    worst = 0.0
    for name, question in questions.items():
        took, times = ratio(ledger, question)
        worst = max(worst, times)
        print(f"{name:24} {took * 1000:8.1f} ms  {times:5.2f} times its SQL")
    return worst


if __name__ == "__main__":
    sys.exit(main())
