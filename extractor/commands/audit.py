"""Commands for those who check: is the ledger whole, what happened to it, is anything of a document missing; and copies."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from extractor.cli_chinese import DONE, FAILED, Command, UserError, day, number, one_of, say
from extractor.commands.options import (
    PATH,
    actor_option,
    in_one_line,
    json_option,
    ledger_option,
    one_document,
    opened,
)
from extractor.export.wording import ACTIONS

if TYPE_CHECKING:
    from extractor.ledger import Ledger
    from extractor.ledger.events import Event

LINES = 50
"""How many events `log` prints unless told otherwise."""


@click.command(
    cls=Command,
    short_help="核查台账是否完好：原件、取值、日志、现状。",
    help="把台账从头核查一遍：数据库是否完好，日志链有无断裂或改动，原件和读入的内容是否原样，"
    "每个取值与原文的字是否一致，现状与日志是否相符。只看不改；有一处不符，退出码为 1。",
    epilog="taizhang verify\ntaizhang verify --head 88:3fa94c0e12ab34cd",
)
@click.option("--head", metavar="链头", help="以前核查时抄下的链头，看它是否还在日志中。")
@click.option("--rebuild", is_flag=True, help="先重新推算任务的单位、日期和搜索索引；原件和日志不变。")
@json_option
@ledger_option
def verify(ledger: Path, head: str | None, rebuild: bool, as_json: bool) -> int:
    """Print whether everything in the ledger holds."""
    from extractor.ledger import derived
    from extractor.ledger.audit import verify as verified

    with opened(ledger) as book:
        if rebuild:
            derived.refresh_all(book)
        found = verified(book, head=head)
    if as_json:
        from extractor.export.json import dumps, verification_to_json

        click.echo(dumps(verification_to_json(found)))
    else:
        from extractor.export.terminal.audit import print_verification

        print_verification(found, ledger)
    return DONE if found.holds else FAILED


@click.command(
    cls=Command,
    short_help="查看日志：谁在何时改了什么。",
    help="列出日志，最后的在最下面；给出序号，则只列与这项任务有关的，包括它的文件和单位的变动。时间为本机时间。",
    epilog="taizhang log 12\ntaizhang log --actor 张三 --since 2023-06-01\ntaizhang log --document 东应急 --action 更正任务",
)
@click.argument("task", required=False, callback=number, metavar="[序号]")
@click.option("--document", metavar="文件", help="只要与这份文件有关的：序号，或文件名、标题、文号的一部分。")
@click.option("--actor", "by", metavar="姓名", help="只要这个人做的。")
@click.option("--action", callback=one_of({word: action for action, word in ACTIONS.items()}), metavar="事项", help="只要这类改动，如 登记进展。")
@click.option("--since", callback=day, metavar="日期", help="从这一天起（含当天）。")
@click.option("--until", callback=day, metavar="日期", help="到这一天止（含当天）。")
@click.option("--limit", type=click.IntRange(min=1), default=LINES, metavar="条数", help=f"最多列出的条数，默认 {LINES}。")
@json_option
@ledger_option
def log(
    ledger: Path,
    task: int | None,
    document: str | None,
    by: str | None,
    since: date | None,
    until: date | None,
    limit: int,
    as_json: bool,
    **more: Any,
) -> None:
    """Print the events of the ledger."""
    from extractor.ledger import history

    with opened(ledger) as book:
        # One more than is shown tells whether there are others.
        events = history.log(
            book,
            task=task,
            document=one_document(book, document).id if document else None,
            actor=by,
            since=_midnight(since),
            until=_midnight(until + timedelta(days=1)) if until else None,
            limit=limit + 1,
            **more,
        )
        units = history.unit_names(book)
    shown = events[-limit:]
    if as_json:
        from extractor.export.json import dumps, event_to_json

        click.echo(dumps([event_to_json(event) for event in shown]))
    else:
        from extractor.export.terminal.audit import print_log

        print_log(shown, units, left=len(events) > len(shown))


def _midnight(day: date | None) -> datetime | None:
    """The beginning of the day on this machine."""
    return datetime(day.year, day.month, day.day).astimezone() if day else None


@click.command(
    cls=Command,
    short_help="撤销一次改动。",
    help="把日志中一次改动所改的内容恢复为改动之前的样子；撤销本身也记入日志。此后又改动过的不能撤销。读入的文件不能撤销。",
    epilog="taizhang undo 88\ntaizhang undo 88 --reason 登记错了任务",
)
@click.argument("sequence", callback=number, metavar="编号")
@click.option("--reason", default="", metavar="理由", help="为什么撤销，记入日志。")
@actor_option
@ledger_option
def undo(sequence: int, reason: str, actor: str | None, ledger: Path) -> None:
    """Take a change back."""
    from extractor.export.history import action, told
    from extractor.ledger import history

    with opened(ledger, actor) as book:
        (event,) = history.log(book, sequence=sequence) or [None]
        done = history.undo(book, sequence, reason=reason)
        units = history.unit_names(book)
    kind = action(event) if event else ""
    say(f"已撤销第 {sequence} 号（{kind}），记为第 {done.sequence} 号：")
    for change in told(done, units):
        say(f"  {change}")
