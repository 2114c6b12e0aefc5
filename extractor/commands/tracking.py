"""Commands that follow tasks through the year: progress, times that recur, days of events, what is due, figures."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import click

from extractor.cli_chinese import Command, UserError, day, file_named, not_empty, number, one_of, say
from extractor.commands.options import (
    PATH,
    actor_option,
    document_option,
    documents_called,
    json_option,
    ledger_option,
    opened,
    say_which_holidays_are_unknown,
    the_document,
    workdays_option,
)
from extractor.export.wording import STATUSES

STATUS_WORDS = {word: status for status, word in STATUSES.items() if status != "overdue"}
REPORT_SUFFIXES = (".xlsx", ".html")
LINES_OF_A_UNIT = 20
"""How many lines `due` prints of each unit, unless one unit is asked for."""
FARTHEST = 3660
"""Days ahead that `due` looks at most: ten years."""


def numbers(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[int, ...]:
    """The numbers of tasks."""
    return tuple(number(ctx, param, one) for one in value)


def counting(least: int, most: int, unit: str = "") -> Any:
    """A whole number in bounds, with or without its unit behind it."""

    def convert(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
        if value is None:
            return None
        said = unicodedata.normalize("NFKC", value).strip()
        said = said.removesuffix(unit).strip() if unit else said
        if not (said.isdecimal() and len(said) < 10 and least <= int(said) <= most):
            raise click.BadParameter(f"“{value}”不合要求，请写 {least} 到 {most} 的整数", ctx, param)
        return int(said)

    return convert


def files_that_exist(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[Path, ...]:
    """Files that can be read."""
    from extractor.cli_chinese import file_that_exists

    return tuple(path for one in value if (path := file_that_exists(ctx, param, one)))


as_of_option = click.option("--as-of", callback=day, metavar="日期", help="以这一天为准；默认今天。")


@click.command(
    cls=Command,
    short_help="登记任务的进展：状态、进度、完成日期、佐证材料。",
    help="登记任务的进展，可以一次登记几项任务。没有写明的内容保持不变。",
    epilog='taizhang record 12 --status 进行中 --percent 60 --progress "已完成现场核查"\n'
    "taizhang record 12 --status 已完成 --completed-on 2023-06-20 --attach 验收.pdf\n"
    "taizhang record 12 13 14 --status 暂缓 --reason 等待资金",
)
@click.argument("tasks", nargs=-1, required=True, callback=numbers, metavar="序号…")
@click.option(
    "--status",
    callback=one_of(STATUS_WORDS),
    metavar="状态",
    help=f"{'、'.join(STATUS_WORDS)}。逾期由日期得出，不用登记。",
)
@click.option("--percent", callback=counting(0, 100, "%"), metavar="数字", help="完成了百分之几。")
@click.option("--progress", metavar="文字", help="进展情况。")
@click.option(
    "--completed-on", callback=day, metavar="日期", help="完成日期；状态为已完成而没有写明的，记为当天。"
)
@click.option("--remarks", metavar="文字", help="备注。")
@click.option(
    "--attach",
    multiple=True,
    callback=files_that_exist,
    metavar="文件",
    help="佐证材料，存入台账；可以多次使用。",
)
@click.option("--reason", default="", metavar="理由", help="为什么这样改，记入日志。")
@actor_option
@ledger_option
def record(
    tasks: tuple[int, ...],
    attach: tuple[Path, ...],
    reason: str,
    actor: str | None,
    ledger: Path,
    **report: Any,
) -> None:
    """Record how far tasks have come."""
    said = {name: value for name, value in report.items() if value is not None}
    if not said and not attach:
        raise click.UsageError(
            "没有要登记的内容，请至少写明 --status、--percent、--progress、--completed-on、--remarks、--attach 中的一项"
        )
    from extractor.export.terminal import tracking as terminal
    from extractor.ledger import tracking

    with opened(ledger, actor) as book:
        evidence = [tracking.evidence_in(path) for path in attach]
        terminal.print_recorded(tracking.record(book, tasks, evidence=evidence, reason=reason, **said))


@click.command(
    cls=Command,
    short_help="列出、取出任务的佐证材料。",
    help="列出一项任务的佐证材料；给出名称或编号时，把它取出来另存为文件。已有的文件不会被覆盖。",
    epilog="taizhang attachment 12\ntaizhang attachment 12 验收报告.pdf --to 核查/验收报告.pdf",
)
@click.argument("task", callback=number, metavar="序号")
@click.argument("name", required=False, metavar="名称或编号")
@click.option("--to", "path", type=PATH, metavar="文件", help="存到哪里；默认存到当前文件夹，用原来的名称。")
@click.option("--remove", is_flag=True, help="从任务上撤下这份材料；内容仍留在台账中备查。")
@click.option("--reason", default="", metavar="理由", help="为什么撤下，记入日志。")
@actor_option
@ledger_option
def attachment(
    task: int,
    name: str | None,
    path: Path | None,
    remove: bool,
    reason: str,
    actor: str | None,
    ledger: Path,
) -> None:
    """List evidence, get it back out, take it off."""
    if name is None and (path or remove):
        raise click.UsageError("缺少参数“名称或编号”")
    from extractor.export.terminal import tracking as terminal
    from extractor.ledger import tracking

    with opened(ledger, actor) as book:
        if name is None:
            terminal.print_attachments(tracking.attachments(book, task))
        elif remove:
            gone = tracking.drop_attachment(book, task, name, reason=reason)
            say(f"已从任务 {task} 撤下“{gone.name}”；内容仍在台账中备查。")
        else:
            found, data = tracking.attachment(book, task, name)
            say(f"已取出“{_written(path or Path(found.name), data)}”。")


@click.command(
    cls=Command,
    short_help="列出一项任务按频次应办的日期，哪些已办。",
    help="列出一项任务按频次（每月、每季度……）应办的日期和办理情况。每项频次最多排 400 次。",
    epilog="taizhang occurrences 12\ntaizhang occurrences 12 --as-of 2023-06-30",
)
@click.argument("task", callback=number, metavar="序号")
@as_of_option
@ledger_option
def occurrences(task: int, as_of: date | None, ledger: Path) -> None:
    """Print the single times of a task."""
    from extractor.export.terminal import tracking as terminal
    from extractor.ledger import tracking

    with opened(ledger) as book:
        terminal.print_occurrences(tracking.occurrences(book, task), as_of or date.today())


@click.command(
    cls=Command,
    short_help="登记按频次办理的一次已经完成。",
    help="登记某项任务在某个应办日期的一次已经完成。日期须是 taizhang occurrences 列出的日期。",
    epilog="taizhang tick 12 2023-03-31\ntaizhang tick 12 2023-03-31 --done-on 2023-03-28 --note 第一次演练\n"
    "taizhang tick 12 2023-03-31 --undo --reason 登记错了任务",
)
@click.argument("task", callback=number, metavar="序号")
@click.argument("due", callback=day, metavar="应办日期")
@click.option(
    "--nth", callback=counting(1, 9999), metavar="数字", help="同一天有几次的，是第几次；默认最早未办的一次。"
)
@click.option("--done-on", callback=day, metavar="日期", help="实际完成的日期；默认今天。")
@click.option("--note", default="", metavar="文字", help="说明。")
@click.option("--undo", is_flag=True, help="撤销这一次的登记。")
@click.option("--reason", default="", metavar="理由", help="为什么撤销，记入日志。")
@actor_option
@ledger_option
def tick(
    task: int,
    due: date,
    nth: int | None,
    done_on: date | None,
    note: str,
    undo: bool,
    reason: str,
    actor: str | None,
    ledger: Path,
) -> None:
    """Tick off one time of work that recurs."""
    if reason and not undo:
        raise click.UsageError("--reason 是撤销的理由，要与 --undo 同用；登记时的说明请用 --note")
    from extractor.ledger import tracking

    at = nth - 1 if nth else None
    with opened(ledger, actor) as book:
        if undo:
            tracking.untick(book, task, due, nth=at, reason=reason)
            say(f"已撤销：任务 {task} 在 {due} 的一次恢复为未办。")
        else:
            done = tracking.tick(book, task, due, nth=at, done_on=done_on, note=note)
            say(f"已登记：任务 {task} 在 {due} 的第 {done.nth + 1} 次于 {done.done_on} 完成。")


@click.command(
    cls=Command,
    short_help="登记汛期、演练等事件的日期，使相关时限成为日期。",
    help="有的时限以事件为准（汛期前、演练前20日）。登记事件的日期后，这些时限就成为日期。不加 --document 或 --task 时，"
    "对任务年度与日期同年的全部文件有效（名称中写明年份的，以该年份为准）。写法不必相同：登记“汛期”，入汛前、汛期来临前、汛前也随之确定；"
    "汛期结束后、汛后则等“汛期结束”的日期。不带参数时，列出时限所等的事件；只写事件时，逐项列出以它为准的时限。",
    epilog="taizhang event\ntaizhang event 汛期\ntaizhang event 汛期 2026-05-01\n"
    "taizhang event 演练 2026-06-20 --document 应急演练\ntaizhang event 汛期 --remove",
)
@click.argument("name", required=False, metavar="事件")
@click.argument("happens_on", required=False, callback=day, metavar="日期")
@document_option("只对这份文件")
@click.option("--task", callback=counting(1, 10**9), metavar="序号", help="只对这项任务。")
@click.option("--remove", is_flag=True, help="撤销登记过的日期。")
@click.option("--reason", default="", metavar="理由", help="为什么这样登记或撤销，记入日志。")
@actor_option
@ledger_option
def event(
    name: str | None,
    happens_on: date | None,
    document: str | None,
    task: int | None,
    remove: bool,
    reason: str,
    actor: str | None,
    ledger: Path,
) -> None:
    """Say when an event is, or list those that deadlines wait for."""
    if document and task:
        raise click.UsageError("--document 和 --task 只能用一个")
    if name is None and (remove or document or task or reason):
        raise click.UsageError("缺少参数“事件”")
    if happens_on is None and not remove and (document or task or reason):
        raise click.UsageError("缺少参数“日期”")
    from extractor.export.terminal import tracking as terminal
    from extractor.ledger import waiting

    with opened(ledger, actor) as book:
        if name is None:
            terminal.print_events(waiting.events(book), book)
            return
        only = the_document(book, document).id if document else None
        if remove:
            left = waiting.forget_day(book, name, happens_on, document=only, task=task, reason=reason)
            say(f"已撤销事件“{left.name}”的日期：{len(left.tasks) - len(left.dated)} 项任务的时限待定。")
        elif happens_on:
            given = waiting.set_day(book, name, happens_on, document=only, task=task, reason=reason)
            terminal.print_dated(given, happens_on, waiting.events(book))
        else:
            known = waiting.events(book)
            if (called := waiting.event_called(known, name)) is None:
                raise UserError(terminal.no_such_event(known, name))
            terminal.print_hung(called, waiting.hung_on(book, called))


@click.command(
    cls=Command,
    short_help="列出逾期、到期和即将到期的任务，按单位分列。",
    help="列出逾期、今日到期和即将到期的时限和应办事项，按单位分列：有牵头单位的列在牵头单位下，没有的列在责任单位下。",
    epilog="taizhang due\ntaizhang due --within 7 --as-of 2023-06-25\ntaizhang due --unit 教育局 --workdays",
)
@click.option(
    "--within",
    callback=counting(0, FARTHEST, "天"),
    default="30",
    metavar="天数",
    help="往后看多少天；默认 30。",
)
@as_of_option
@click.option(
    "--unit", callback=not_empty, metavar="单位", help="只要这个单位参与的任务：单位名称或其一部分。"
)
@document_option("只要这份文件的任务")
@workdays_option
@json_option
@ledger_option
def due(
    within: int,
    as_of: date | None,
    unit: str | None,
    document: str | None,
    workdays: bool,
    as_json: bool,
    ledger: Path,
) -> None:
    """Print what is overdue, due and coming."""
    from extractor.export.terminal import tracking as terminal
    from extractor.ledger import due as deadlines

    on = as_of or date.today()
    with opened(ledger) as book:
        if document:
            documents_called(book, document)
        rows = deadlines.due(book, on, within, unit=unit, document=document, workdays=workdays)
    if as_json:
        from extractor.export.json import dumps

        click.echo(dumps(terminal.due_to_json(rows)))
    else:
        terminal.print_due(deadlines.by_unit(rows), on, within, None if unit else LINES_OF_A_UNIT)
    if workdays:
        say_which_holidays_are_unknown(row.stated.year for row in rows)


@click.command(
    cls=Command,
    short_help="按文件、单位、月份统计进展，可写成带图表的工作簿或网页。",
    help="按文件、按单位统计任务，按月份统计到期事项：各种状态多少、逾期多少、完成率。",
    epilog="taizhang report\ntaizhang report --to 进展.xlsx\ntaizhang report --as-of 2023-06-30 --to 进展.html",
)
@click.option(
    "--to",
    "path",
    callback=lambda ctx, param, value: file_named(REPORT_SUFFIXES)(ctx, param, value) if value else None,
    metavar="文件",
    help="写成工作簿（.xlsx，带图表）或网页（.html，可打印）。",
)
@as_of_option
@ledger_option
def report(path: Path | None, as_of: date | None, ledger: Path) -> None:
    """Print or write figures of progress."""
    from extractor.ledger.report import report as figures_of

    with opened(ledger) as book:
        figures = figures_of(book, as_of or date.today())
    if path is None:
        from extractor.export.terminal import tracking as terminal

        terminal.print_report(figures)
        return
    if path.suffix.lower() == ".xlsx":
        from extractor.export.report_xlsx import write_report_xlsx

        write_report_xlsx(figures, path)
    else:
        from extractor.export.report_html import write_report_html

        write_report_html(figures, path)
    say(f"已写出“{path}”：{figures.all.total} 项任务的进展。")


def _written(path: Path, data: bytes) -> Path:
    """Write a file that is not there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise UserError(f"已有文件“{path}”，未覆盖：请用 --to 另存为其他名称。") from None
    return path
