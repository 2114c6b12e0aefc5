"""What the commands that read circulars print."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from extractor.evaluation import MEASURES, Evaluation, pooled
from extractor.export.control import safe
from extractor.export.terminal.console import console, print_table, table
from extractor.ledger import Added, AlreadyThere, DocumentEntry, Failed, Outcome, Outdated, Revised

if TYPE_CHECKING:
    from extractor.intake.formats import FormatStatus

FILES_WORTH_A_BAR = 3
OF_THE_CURRENT_ONE = "—"
"""In place of the number of its tasks, for a version that is not current: they are those of the one that is."""

MEASURE_NAMES = {
    "outline": "条目",
    "tasks": "任务",
    "units": "单位",
    "deadlines": "时限",
    "frequencies": "频次",
    "document": "文件信息",
}


def watched(outcomes: Iterable[Outcome], total: int) -> Iterator[Outcome]:
    """The same outcomes, with a bar on stderr while they come, if a person is watching."""
    if total < FILES_WORTH_A_BAR or not sys.stderr.isatty():
        yield from outcomes
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("正在读入"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(outcomes, total=total)


def print_ingested(
    outcomes: Iterable[Outcome], ledger: Path, documents: Sequence[DocumentEntry], *, new: bool = False
) -> None:
    """The closing table of an ingest: what each document gave, and what the ledger holds now, which may be a new one."""
    shown = table("文件", "任务", "单位", "时限", "频次", "提醒", "结果", numbers=range(1, 6))
    for outcome in outcomes:
        if not isinstance(outcome.result, Failed):
            shown.add_row(*_counts(outcome.result.entry), _became(outcome.result))
    out = console()
    if shown.row_count:
        print_table(out, shown)
    tasks = sum(entry.tasks for entry in documents)
    out.print(
        f"{'新建' if new else ''}台账 {ledger}：共 {len(documents)} 份文件，{tasks} 项任务。", soft_wrap=True
    )


def _became(result: Added | Revised | Outdated | AlreadyThere) -> str:
    """What an ingest did with a document that could be read."""
    match result:
        case Added():
            return "已记入"
        case AlreadyThere():
            return "已在台账中（旧版本），未改动" if result.entry.superseded else "已在台账中，未改动"
        case Outdated():
            return f"旧版本，只作存档：现行的是第 {result.current.id} 号文件"
    counts = {
        "沿用": result.kept,
        "改动": result.changed,
        "新增": result.added,
        "去掉": result.dropped,
    }
    told = "，".join(f"{word} {len(tasks)}" for word, tasks in counts.items() if tasks)
    return f"新版本，取代第 {result.earlier.id} 号文件：任务{told or '没有变化'}"


def _counts(entry: DocumentEntry) -> tuple[str, ...]:
    tasks = OF_THE_CURRENT_ONE if entry.superseded else str(entry.tasks)
    counts = (entry.units, entry.deadlines, entry.frequencies, entry.warnings)
    return (safe(entry.name), tasks, *map(str, counts))


def print_formats(formats: Sequence[FormatStatus]) -> None:
    """Which formats can be read on this machine, and what the others need."""
    shown = table("格式", "常见扩展名", "能否读取")
    for each in formats:
        shown.add_row(each.name, " ".join(each.suffixes), "可以" if each.readable else each.missing)
    print_table(console(), shown)


def print_evaluation(evaluations: Sequence[Evaluation], *, misses: bool) -> None:
    """F1 of each document, the figures of all together, and where asked for what was missed and invented."""
    shown = table(
        "文件", *(MEASURE_NAMES[measure] for measure in MEASURES), numbers=range(1, len(MEASURES) + 1)
    )
    for one in evaluations:
        shown.add_row(safe(one.name), *(f"{one.scores[measure].f1:.3f}" for measure in MEASURES))
    shown.add_section()
    scores = [pooled(evaluations, "").scores[measure] for measure in MEASURES]
    shown.add_row("准确率", *(f"{score.precision:.3f}" for score in scores))
    shown.add_row("召回率", *(f"{score.recall:.3f}" for score in scores))
    shown.add_row("F1", *(f"{score.f1:.3f}" for score in scores))
    shown.add_row("应有 / 提取", *(f"{score.gold} / {score.predicted}" for score in scores))
    out = console()
    print_table(out, shown)
    for one in evaluations if misses else ():
        out.print(Text(one.name, style="bold"))
        for miss in one.misses:
            sign = "+" if miss.invented else "-"
            out.print(f"  {sign} {MEASURE_NAMES[miss.measure]} {safe(miss.what)}", soft_wrap=True)
