"""Commands that put right what was read, and that show versions of circulars and how they are linked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from extractor.cli_chinese import Command, UserError, not_empty, number, one_line, one_of, say
from extractor.commands.options import (
    ROLE_WORDS,
    actor_option,
    json_option,
    ledger_option,
    opened,
    the_document,
)

if TYPE_CHECKING:
    from extractor.ledger import DocumentEntry, Ledger
    from extractor.ledger.corrections import Corrections
    from extractor.ledger.records import Task
    from extractor.model import Role

NONE = "无"
KIND_WORDS = {"任务": "task", "目标": "goal", "背景": "context"}
FIELD_WORDS = {
    "标题": "heading",
    "类别": "kind",
    "单位": "units",
    "时限": "deadlines",
    "频次": "frequencies",
}

reason_option = click.option("--reason", required=True, metavar="理由", help="为什么这样改，记入日志。")
task_argument = click.argument("task", callback=number, metavar="序号")
tasks_argument = click.argument(
    "tasks",
    callback=lambda ctx, param, values: [number(ctx, param, value) for value in values],
    nargs=-1,
    required=True,
    metavar="序号…",
)


def unit_with_role(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, Role | None]]:
    """Units as they are typed: 市教育局, or with a role 市教育局:牵头."""
    found: list[tuple[str, Role | None]] = []
    for value in values:
        name, colon, word = value.replace("：", ":").rpartition(":")
        if not colon:
            name, word = value, ""
        role: Any = ROLE_WORDS.get(word.strip())
        if not name.strip() or (colon and role is None):
            message = f"“{value}”请写成 单位 或 单位:角色，角色是牵头、责任或配合"
            raise click.BadParameter(message, ctx, param)
        found.append((name.strip(), role))
    return found


def fields_named(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> list[str]:
    """Fields by their Chinese names."""
    return [one_of(FIELD_WORDS)(ctx, param, value) for value in values]


@click.command(
    cls=Command,
    short_help="更正一项任务的单位、时限、频次、类别或标题。",
    help="更正一项任务：读出的结果保留在旁，可随时恢复。不作为任务的，类别改为目标或背景；改回任务即恢复。",
    epilog=(
        "taizhang correct 12 --unit 市教育局:牵头 --reason 与市教育局核实\n"
        "taizhang correct 12 --due 6月底前 --frequency 每季度1次 --reason 据会议纪要\n"
        "taizhang correct 12 --as-read 单位 --reason 原来没有错"
    ),
)
@task_argument
@click.option(
    "--unit",
    "units",
    multiple=True,
    callback=unit_with_role,
    metavar="单位[:角色]",
    help="增加单位，或改变已有单位的角色（牵头、责任、配合）；可写几次。",
)
@click.option("--no-unit", "without", multiple=True, metavar="单位", help="去掉这个单位；可写几次。")
@click.option(
    "--due",
    "deadlines",
    multiple=True,
    metavar="时限",
    help="完成时限：日期，或 6月底前、汛期前 这样的话；可写几次；“无”表示没有时限。",
)
@click.option(
    "--frequency",
    "frequencies",
    multiple=True,
    metavar="频次",
    help="频次：每季度1次、每月5日前 这样的话；可写几次；“无”表示没有频次。",
)
@click.option("--kind", callback=one_of(KIND_WORDS), metavar="类别", help="任务、目标或背景。")
@click.option("--heading", callback=not_empty, metavar="标题", help="任务的标题；“无”表示没有标题。")
@click.option(
    "--as-read",
    multiple=True,
    callback=fields_named,
    metavar="项目",
    help="恢复为读出的结果：标题、类别、单位、时限或频次；可写几次。",
)
@reason_option
@actor_option
@ledger_option
def correct(
    task: int, as_read: list[Any], reason: str, actor: str | None, ledger: Path, **given: Any
) -> None:
    """Put right a task."""
    from extractor.export.terminal import corrections as terminal
    from extractor.ledger.corrections import correct as correct_task

    with opened(ledger, actor) as book:
        before = book.task(task)
        with _understood():
            corrections = _corrections(before, **given)
        if not (corrections or as_read):
            raise UserError("没有写明要更正什么：用 taizhang correct --help 查看用法。")
        after = correct_task(book, task, reason=reason, as_read=as_read, **corrections)
        terminal.print_corrected(before, after)


def _corrections(
    task: Task,
    *,
    units: list[tuple[str, Role | None]],
    without: tuple[str, ...],
    deadlines: tuple[str, ...],
    frequencies: tuple[str, ...],
    kind: Any,
    heading: str | None,
) -> Corrections:
    """What was typed as values of the model."""
    from extractor import typed
    from extractor.ledger.corrections import units_with

    given: Corrections = {}
    if units or without:
        given["units"] = units_with(task, units, without)
    _not_with_none("--due", deadlines)
    _not_with_none("--frequency", frequencies)
    if deadlines:
        year, issued_on = task.document.year, task.document.issued_on
        given["deadlines"] = [
            typed.deadline(words, year=year, issued_on=issued_on) for words in deadlines if words != NONE
        ]
    if frequencies:
        given["frequencies"] = [typed.frequency(words) for words in frequencies if words != NONE]
    if kind:
        given["kind"] = kind
    if heading is not None:
        given["heading"] = None if heading == NONE else heading
    return given


def _not_with_none(option: str, given: tuple[str, ...]) -> None:
    """“无” says that there is none: it does not go with values."""
    if NONE in given and len(given) > 1:
        raise UserError(f"{option} 既写了“{NONE}”又写了别的：请只写其中一种。")


@contextmanager
def _understood() -> Iterator[None]:
    """Words that mean no value become one line."""
    from extractor.typed import NotUnderstoodError

    try:
        yield
    except NotUnderstoodError as error:
        raise UserError(f"{one_line(error)}。") from error


@click.command(
    cls=Command,
    short_help="核对无误：任务不再列为存疑。",
    help="对照原文核对过，任务读得没有错：记下来，不再列为存疑。",
    epilog="taizhang confirm 12 13 14",
)
@tasks_argument
@actor_option
@ledger_option
def confirm(tasks: list[int], actor: str | None, ledger: Path) -> None:
    """Note that tasks were looked at and are right."""
    from extractor.ledger.corrections import confirm as confirm_task

    with opened(ledger, actor) as book, book.transaction():
        for task in tasks:
            confirm_task(book, task)
    say(f"已记下：任务 {'、'.join(map(str, tasks))} 核对无误。")


@click.command(
    cls=Command,
    short_help="把一项任务拆成几项。",
    help="把一项任务从给出的文字起拆开，成为几项任务；各有自己的单位、时限、频次，括号中注明的单位各项都有。",
    epilog="taizhang split 12 --at 县公安局每季度 --reason 两家单位分别负责",
)
@task_argument
@click.option(
    "--at", "openings", multiple=True, required=True, metavar="文字", help="后一部分开头的几个字；可写几次。"
)
@reason_option
@actor_option
@ledger_option
def split(task: int, openings: tuple[str, ...], reason: str, actor: str | None, ledger: Path) -> None:
    """Make several tasks of one."""
    from extractor.export.terminal import tasks as terminal
    from extractor.ledger.corrections import split as split_task
    from extractor.ledger.corrections import the_only

    with opened(ledger, actor) as book, book.transaction():
        item = book.task(task).item
        at = [item.span.start + the_only(words, item.quote).start for words in openings]
        pieces = split_task(book, task, sorted(at), reason=reason)
        say(f"任务 {task} 已拆成 {len(pieces)} 项。")
        terminal.print_tasks(pieces)


@click.command(
    cls=Command,
    short_help="把原文中相邻的几项任务合为一项。",
    help="把原文中相邻的几项任务合为一项：保留最前一项的序号，单位、时限、频次合在一起。",
    epilog="taizhang merge 12 13 --reason 是同一件事",
)
@tasks_argument
@reason_option
@actor_option
@ledger_option
def merge(tasks: list[int], reason: str, actor: str | None, ledger: Path) -> None:
    """Make one task of several."""
    from extractor.export.terminal import tasks as terminal
    from extractor.ledger.corrections import merge as merge_tasks

    with opened(ledger, actor) as book:
        one = merge_tasks(book, tasks, reason=reason)
        say(f"已合并为任务 {one.id}。")
        terminal.print_tasks([one])


@click.command(
    cls=Command,
    name="take-in",
    short_help="把没有列为任务的一段原文补记为任务。",
    help="把原文中没有列为任务的一段文字补记为任务；其中的单位、时限、频次照常读出。",
    epilog="taizhang take-in 安全工作的通知 各单位要按月报送情况。 --reason 是任务",
)
@click.argument("document", callback=not_empty, metavar="文件")
@click.argument("words", metavar="原文")
@reason_option
@actor_option
@ledger_option
def take_in(document: str, words: str, reason: str, actor: str | None, ledger: Path) -> None:
    """Make a task of text that is in none."""
    from extractor.export.terminal import tasks as terminal
    from extractor.ledger.corrections import take_in as take_in_text
    from extractor.ledger.corrections import the_only
    from extractor.typed import fields_at

    with opened(ledger, actor) as book:
        entry = the_document(book, document)
        text = book.document(entry.id).source.text
        span = the_only(words, text)
        fields = fields_at(text, span, year=entry.year, issued_on=entry.issued_on)
        task = take_in_text(book, entry.id, span, reason=reason, fields=fields)
        say(f"已补记为任务 {task.id}。")
        terminal.print_tasks([task])


@click.command(
    cls=Command,
    short_help="比较两份文件，或一份文件与它的上一版本。",
    help="比较两份文件：哪些条目新增、去掉、有改动，改动了哪些字。只写一份文件时，与它的上一版本比较。",
    epilog="taizhang diff 3\ntaizhang diff 2 3\ntaizhang diff 临政办发〔2023〕5号",
)
@click.argument("document", callback=not_empty, metavar="文件")
@click.argument("other", required=False, callback=not_empty, metavar="[另一份文件]")
@json_option
@ledger_option
def diff(document: str, other: str | None, as_json: bool, ledger: Path) -> None:
    """Print what changed between two documents."""
    from extractor.ledger.differences import compare

    with opened(ledger) as book:
        entry = the_document(book, document)
        old, new = (entry, the_document(book, other)) if other else (_version_before(book, entry), entry)
        found = compare(book.document(old.id), book.document(new.id))
        if as_json:
            from extractor.export.json import dumps

            about = {name: {"id": one.id, "name": one.name} for name, one in (("old", old), ("new", new))}
            click.echo(dumps(about | found.to_json()))
        else:
            from extractor.export.terminal import corrections as terminal

            terminal.print_differences(old, new, found, book.task_numbers(old.id), book.task_numbers(new.id))


def _version_before(book: Ledger, entry: DocumentEntry) -> DocumentEntry:
    from extractor.ledger.revisions import versions

    chain = versions(book, entry.id)
    at = next(n for n, one in enumerate(chain) if one.id == entry.id)
    if at + 1 == len(chain):
        raise UserError(f"“{entry.name}”在台账中没有上一版本：请再写一份文件。")
    return chain[at + 1]


@click.command(
    cls=Command,
    short_help="列出台账中的文件；写出一份时，显示它的版本和引用。",
    help="列出台账中的文件。写出一份文件（序号，或文件名、标题、文号的一部分）时，显示它的各个版本、引用了哪些文件、被哪些文件引用。",
    epilog="taizhang documents\ntaizhang documents 3",
)
@click.argument("document", required=False, callback=not_empty, metavar="[文件]")
@ledger_option
def documents(document: str | None, ledger: Path) -> None:
    """Print the documents of the ledger, or one of them."""
    from extractor.export.terminal import corrections as terminal

    with opened(ledger) as book:
        if document is None:
            terminal.print_documents(book.documents())
            return
        from extractor.ledger.references import references
        from extractor.ledger.revisions import versions

        entry = the_document(book, document)
        terminal.print_document(entry, versions(book, entry.id), references(book, entry.id))
