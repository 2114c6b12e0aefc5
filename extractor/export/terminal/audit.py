"""Whether a ledger is whole, its log, and what became of each sentence, as the commands print them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from extractor.export import history, wording
from extractor.export.control import safe
from extractor.export.terminal.console import console, print_table, table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from extractor.coverage import Sentence
    from extractor.ledger.audit import Verification
    from extractor.ledger.events import Event
    from extractor.model import Source

LONGEST_SENTENCE = 60


def print_verification(found: Verification, ledger: Path) -> None:
    """What was gone through, and the first things that do not hold."""
    out = console()
    at = found.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    counted = "、".join(f"{title} {found.counts[name]}" for name, title in history.COUNTED.items())
    out.print(safe(f"核查台账 {ledger}（{at}）"), soft_wrap=True)
    out.print(f"已核查：{counted}。", soft_wrap=True)
    if found.head:
        out.print(f"链头：{history.head(found.head)}（抄下备查，以后可用 --head 核对）。", soft_wrap=True)
    if found.holds:
        out.print(Text("结果：完好。原件、取值、日志、现状逐一核对，全部相符。", style="bold green"))
        return
    first, *others = found.findings
    out.print(Text(f"结果：不符，共 {found.total} 处。第一处：", style="bold red"))
    out.print(safe(f"  {history.finding(first)}"), soft_wrap=True)
    if others:
        out.print("其余：")
    for one in others:
        out.print(safe(f"  {history.finding(one)}"), soft_wrap=True)
    if found.total > len(found.findings):
        out.print(f"  …另有 {found.total - len(found.findings)} 处未列出。")
    if found.unchecked:
        names = "、".join(wording.CHECKS[check] for check in found.unchecked)
        out.print(f"未核查：{names}（以上内容相符之后才能核查）。")


def print_log(events: Sequence[Event], units: Mapping[int, str], *, task: int | None, left: bool) -> None:
    """The events, the last at the bottom, of one `task` only what concerns it; `left` says that there are earlier ones."""
    out = console()
    if not events:
        out.print("没有符合条件的记录。")
        return
    if left:
        out.print(f"（较早的未列出，以下是最后 {len(events)} 条；要看更多，请用 --limit。）")
    for event in events:
        done = f"{history.action(event)} {history.subject(event)}"
        line = f"第{event.sequence}号  {history.when(event)}  {event.actor}  {done}"
        out.print(Text(safe(line), style="bold"), soft_wrap=True)
        for change in history.told(event, units, task):
            out.print(safe(f"    {change}"), soft_wrap=True)
        if event.reason:
            out.print(safe(f"    理由：{wording.tidy(event.reason)}"), soft_wrap=True)


def print_coverage(
    sentences: Sequence[Sentence],
    doubtful: Sequence[Sentence],
    tasks: Mapping[str, int],
    source: Source,
    *,
    only_doubtful: bool,
) -> None:
    """Each sentence with what became of it, how much became what, and the sentences to look at."""
    out = console()
    if not only_doubtful:
        shown = table("位置", "去向", "原文", "说明")
        for sentence in sentences:
            if sentence.standing != "blank":
                shown.add_row(*_row(sentence, tasks, source))
        print_table(out, shown)
        out.print()
        _print_counts(sentences)
    if not doubtful:
        out.print("没有发现像任务而未列为任务的句子。")
        return
    out.print(Text(f"像任务而未列为任务的句子 {len(doubtful)} 处，请逐句核对：", style="bold"))
    shown = table("位置", "去向", "原文", "像任务的理由")
    for sentence in doubtful:
        where, became, quote, _ = _row(sentence, tasks, source)
        shown.add_row(where, became, quote, "、".join(wording.CUES[cue] for cue in sentence.cues))
    print_table(out, shown)


def _row(sentence: Sentence, tasks: Mapping[str, int], source: Source) -> tuple[str, str, str, str]:
    number = tasks.get(sentence.item or "") if sentence.standing == "task" else None
    became = f"任务 {number}" if number is not None else wording.STANDINGS[sentence.standing]
    said = wording.left_out if sentence.standing == "left_out" else wording.rule
    quote = wording.shortened(wording.tidy(sentence.quote), LONGEST_SENTENCE)
    return (
        wording.place(source.locate(sentence.span), exactly=source.locator is None),
        became,
        safe(quote),
        said(sentence.reason),
    )


def _print_counts(sentences: Sequence[Sentence]) -> None:
    counts: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    for sentence in sentences:
        counts[sentence.standing] += 1
        characters[sentence.standing] += len(sentence.quote)
    shown = table("去向", "句数", "字数", numbers=(1, 2))
    for standing, name in wording.STANDINGS.items():
        if counts[standing]:
            shown.add_row(name, str(counts[standing]), str(characters[standing]))
    shown.add_section()
    shown.add_row("全文", str(sum(counts.values())), str(sum(characters.values())))
    print_table(console(), shown)
