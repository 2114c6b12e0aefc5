"""Commands for those who check: is the ledger whole, what happened to it, is anything of a document missing; and copies."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from extractor.cli_chinese import (
    DONE,
    FAILED,
    Command,
    UserError,
    day,
    file_named,
    not_empty,
    number,
    number_in_log,
    one_name,
    one_of,
    say,
)
from extractor.commands.options import (
    PATH,
    actor_option,
    document_option,
    in_one_line,
    json_option,
    ledger_option,
    opened,
    the_document,
)
from extractor.commands.tracking import counting
from extractor.export.wording import ACTIONS

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

    with opened(ledger, as_it_is=not rebuild) as book:
        if rebuild:
            derived.refresh_all(book)
        found = verified(book, head=head)
    if as_json:
        from extractor.export.history import verification_to_json
        from extractor.export.json import dumps

        click.echo(dumps(verification_to_json(found)))
    else:
        from extractor.export.terminal.audit import print_verification

        print_verification(found, ledger)
    return DONE if found.holds else FAILED


def number_or_none(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """The number of a task, if one is given."""
    return number(ctx, param, value) if value is not None else None


@click.command(
    cls=Command,
    short_help="查看日志：谁在何时改了什么。",
    help="列出日志，最后的在最下面；给出序号，则只列与这项任务有关的，包括它的文件和单位的变动。时间为本机时间。",
    epilog="taizhang log 12\ntaizhang log --actor 张三 --since 2023-06-01\ntaizhang log --document 东应急 --action 更正任务",
)
@click.argument("task", required=False, callback=number_or_none, metavar="[序号]")
@document_option("只要与这份文件有关的")
@click.option("--actor", "by", callback=one_name, metavar="姓名", help="只要这个人做的。")
@click.option(
    "--action",
    callback=one_of({word: action for action, word in ACTIONS.items()}),
    metavar="事项",
    help="只要这类改动，如 登记进展。",
)
@click.option("--since", callback=day, metavar="日期", help="从这一天起（含当天）。")
@click.option("--until", callback=day, metavar="日期", help="到这一天止（含当天）。")
@click.option(
    "--limit",
    callback=counting(1, 1_000_000),
    default=str(LINES),
    metavar="条数",
    help=f"最多列出的条数，默认 {LINES}。",
)
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
            document=the_document(book, document).id if document else None,
            actor=by,
            since=_midnight(since),
            until=_midnight(until + timedelta(days=1)) if until else None,
            limit=limit + 1,
            **more,
        )
        units = history.unit_names(book)
    shown = events[-limit:]
    if as_json:
        from extractor.export.history import event_to_json
        from extractor.export.json import dumps

        click.echo(dumps([event_to_json(event) for event in shown]))
    else:
        from extractor.export.terminal.audit import print_log

        print_log(shown, units, task=task, left=len(events) > len(shown))


def _midnight(day: date | None) -> datetime | None:
    """The beginning of the day on this machine."""
    return datetime(day.year, day.month, day.day).astimezone() if day else None


@click.command(
    cls=Command,
    short_help="撤销一次改动。",
    help="把日志中一次改动所改的内容恢复为改动之前的样子；撤销本身也记入日志。此后又改动过的不能撤销。读入的文件不能撤销。",
    epilog="taizhang undo 88\ntaizhang undo 88 --reason 登记错了任务",
)
@click.argument("sequence", callback=number_in_log, metavar="编号")
@click.option("--reason", default="", metavar="理由", help="为什么撤销，记入日志。")
@actor_option
@ledger_option
def undo(sequence: int, reason: str, actor: str | None, ledger: Path) -> None:
    """Take a change back."""
    from extractor.export.history import told
    from extractor.ledger import history

    with opened(ledger, actor) as book:
        done = history.undo(book, sequence, reason=reason)
        units = history.unit_names(book)
    say(f"已撤销第 {sequence} 号的改动，记为第 {done.sequence} 号：")
    for change in told(done, units):
        say(f"  {change}")


@click.command(
    cls=Command,
    short_help="逐句交代一份文件：列为任务、目标、背景，或为何未采用。",
    help="逐句列出一份文件的去向：列为哪项任务，还是目标、背景，还是为什么未采用；最后列出像任务而未列为任务的句子。人工更正过的，以更正为准。",
    epilog="taizhang coverage 东应急\ntaizhang coverage 3 --suspicious",
)
@click.argument("document", callback=not_empty, metavar="文件")
@click.option("--suspicious", "only_doubtful", is_flag=True, help="只列像任务而未列为任务的句子。")
@json_option
@ledger_option
def coverage(document: str, only_doubtful: bool, as_json: bool, ledger: Path) -> None:
    """Print what became of every sentence of a document."""
    from extractor.coverage import coverage as sentences_of
    from extractor.coverage import suspicious
    from extractor.ledger.reviewing import as_it_stands, tasks_in_order

    with opened(ledger) as book:
        entry = the_document(book, document)
        tasks, withdrawn = (tasks_in_order(book, entry.id, standing) for standing in ("current", "withdrawn"))
        found = book.document(entry.id)
    if (
        not entry.superseded
    ):  # the tasks of an older version are those of the next: it is shown as it was read
        found = as_it_stands(found, tasks, withdrawn)
    numbers = {task.item.id: task.id for task in tasks}
    sentences = sentences_of(found)
    doubtful = suspicious(sentences)
    if as_json:
        from extractor.export.history import sentence_to_json
        from extractor.export.json import dumps

        shown = doubtful if only_doubtful else sentences
        click.echo(dumps([sentence_to_json(sentence, numbers) for sentence in shown]))
    else:
        from extractor.export.terminal.audit import print_coverage

        print_coverage(sentences, doubtful, numbers, found.source, only_doubtful=only_doubtful)


@click.command(
    "annotations",
    cls=Command,
    short_help="导出全部原文依据，W3C 网络标注格式（JSON-LD）。",
    help="把文件中读出的每个条目、单位、时限、频次连同其原文位置，写成 W3C 网络标注（Web Annotation），供其他系统核对和展示。",
    epilog="taizhang annotations 依据.jsonld\ntaizhang annotations 依据.jsonld --document 东应急",
)
@click.argument("file", callback=file_named((".jsonld", ".json")), metavar="文件")
@document_option("只要这份文件的")
@ledger_option
def annotations_(file: Path, document: str | None, ledger: Path) -> None:
    """Write the evidence of documents for other tools."""
    from extractor.export.annotations import write_annotations

    with opened(ledger) as book:
        entries = [the_document(book, document)] if document else book.documents()
        write_annotations((book.document(entry.id) for entry in entries), file)
    say(f"已写出“{file}”：{len(entries)} 份文件的原文依据。")


@click.command(
    cls=Command,
    short_help="备份台账，不影响他人正在使用。",
    help="把台账完整地复制到另一个文件，他人可以照常使用。已有同名文件时不覆盖。",
    epilog="taizhang backup 备份/台账-20260501.db\ntaizhang backup E:/台账备份.db --force",
)
@click.argument("file", type=PATH, metavar="文件")
@click.option("--force", is_flag=True, help="覆盖已有的旧备份；不是台账的文件不会覆盖。")
@ledger_option
def backup(file: Path, force: bool, ledger: Path) -> None:
    """Copy the ledger."""
    from extractor.export.history import head as noted
    from extractor.ledger.backup import backup as copy_to

    with opened(ledger) as book:
        last = copy_to(book, file, force=force)
    say(f"已备份到“{file}”{f'，链头 {noted(last)}' if last else ''}。")


@click.command(
    cls=Command,
    short_help="用备份还原台账，原有台账另存。",
    help="先核查备份，完好才还原；原有的台账另存在旁边，文件名带“还原前”和时间。有人正在使用台账时不还原。"
    "别的台账的备份不能还原到这个台账上。",
    epilog="taizhang restore 备份/台账-20260501.db",
)
@click.argument("file", type=PATH, metavar="备份文件")
@click.option("--force", is_flag=True, help="即使是另一个台账的备份，也用它取代。")
@actor_option
@ledger_option
def restore(file: Path, force: bool, actor: str | None, ledger: Path) -> None:
    """Put a copy of the ledger back in its place."""
    from extractor.export.history import finding
    from extractor.ledger.backup import ForeignBackupError, UnsoundBackupError
    from extractor.ledger.backup import restore as put_back

    try:
        with in_one_line():
            done = put_back(file, ledger, actor=actor, force=force)
    except UserError as error:
        if isinstance(error.__cause__, UnsoundBackupError):
            first = error.__cause__.verification.findings[0]
            raise UserError(f"{error}第一处不符：{finding(first)}。") from error
        if isinstance(error.__cause__, ForeignBackupError):
            raise UserError(f"{error}确要用它取代的，请加 --force。") from error
        raise
    kept = f"；原有台账另存为“{done.aside}”" if done.aside else ""
    say(f"已用“{file}”还原台账“{ledger}”{kept}。")
