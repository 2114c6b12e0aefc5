"""The command `taizhang`: parse options, call the library, print. No logic of its own.

Libraries are imported inside the commands that need them, so that help comes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from extractor.cli_chinese import (
    DONE,
    FAILED,
    Group,
    UserError,
    day,
    file_named,
    file_that_exists,
    number,
    one_line,
    one_of,
    say,
)
from extractor.export import SUFFIXES
from extractor.version import __version__

if TYPE_CHECKING:
    from extractor.model import Document

Function = TypeVar("Function", bound=Callable[..., Any])

LEDGER = "outputs/ledger.db"
PATH = click.Path(path_type=Path)
ROLE_WORDS = {
    "牵头": "lead",
    "责任": "responsible",
    "配合": "cooperating",
    "lead": "lead",
    "responsible": "responsible",
    "cooperating": "cooperating",
}


def chosen_ledger(ctx: click.Context, param: click.Parameter, value: Path) -> Path:
    """The ledger named behind the command, else the one named before it, else that of the environment."""
    behind = ctx.get_parameter_source(param.name or "") is click.core.ParameterSource.COMMANDLINE
    before: Path | None = ctx.find_root().params.get("ledger")
    return before if before is not None and not behind else value


ledger_option = click.option(
    "--ledger",
    type=PATH,
    callback=chosen_ledger,
    default=LEDGER,
    envvar="TAIZHANG_LEDGER",
    metavar="文件",
    help=f"台账文件；默认 {LEDGER}，也可用环境变量 TAIZHANG_LEDGER 指定。",
)
lexicon_option = click.option(
    "--lexicon",
    callback=file_that_exists,
    metavar="文件",
    help="自备的单位名录，一行一个单位，与内置名录合用。",
)


def filter_options(function: Function) -> Function:
    """The options by which tasks are chosen, under the names of `TaskFilters`."""
    for option in reversed(
        (
            click.option(
                "--document",
                metavar="文件",
                help="只要这份文件的任务：文件名、标题或文号的一部分。",
            ),
            click.option("--unit", metavar="单位", help="只要这个单位的任务：单位名称或其一部分。"),
            click.option(
                "--role", callback=one_of(ROLE_WORDS), metavar="角色", help="单位的角色：牵头、责任或配合。"
            ),
            click.option("--due-before", callback=day, metavar="日期", help="时限不晚于这一天（含当天）。"),
            click.option("--due-after", callback=day, metavar="日期", help="时限不早于这一天（含当天）。"),
            click.option("--text", metavar="文字", help="任务原文中有这些字。"),
        )
    ):
        function = option(function)
    return function


@click.group(
    cls=Group,
    name="taizhang",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="把公文读成台账：谁牵头、何时完成、多久一次，每一项都能对到原文。",
    epilog="taizhang ingest 来文/\ntaizhang tasks --unit 教育局 --role 牵头\ntaizhang export 责任分工表.xlsx",
)
@click.version_option(__version__, prog_name="taizhang", message="%(prog)s %(version)s", help="显示版本号。")
@click.option("--ledger", type=PATH, metavar="文件", help="台账文件，也可写在命令之后。")
def cli(ledger: Path | None) -> None:
    """Circulars become a ledger of tasks."""


@cli.command(
    short_help="读入公文，记入台账。",
    help="读入文件和文件夹中的公文，找出任务，记入台账。读过的文件不会重复记入；读不了的逐个说明原因，其余照常读入。",
    epilog="taizhang ingest 通知.txt\ntaizhang ingest 来文/ --ledger 2023年台账.db",
)
@click.argument("paths", type=PATH, nargs=-1, required=True, metavar="文件或文件夹…")
@ledger_option
@lexicon_option
def ingest(paths: tuple[Path, ...], ledger: Path, lexicon: Path | None) -> int:
    """Read files and folders into the ledger."""
    from extractor.export import terminal
    from extractor.intake import files_under
    from extractor.ledger import Failed, Ledger
    from extractor.ledger import ingest as ingest_files
    from extractor.pipeline import extract_each

    files = list(files_under(paths))
    if not files:
        raise UserError(f"“{'”“'.join(map(str, paths))}”里没有可以读入的文件：请检查路径。")
    if lexicon:
        with in_one_line():
            check_lexicon(lexicon)
    with in_one_line(), Ledger.create(ledger) as book:
        done = ingest_files(book, files, lambda path: extract_each(path, lexicon=lexicon))
        outcomes = list(terminal.watched(done, len(files)))
        terminal.print_ingested(outcomes, book.path, book.documents())
    failed = [(outcome.name, outcome.result) for outcome in outcomes if isinstance(outcome.result, Failed)]
    for name, result in failed:
        say(f"未读入“{name}”：{result.reason.rstrip('。')}。")
    return FAILED if failed else DONE


@cli.command(
    short_help="读一份公文，直接显示结果，不记入台账。",
    help="读一份公文，显示其中的任务、单位、时限和频次。",
    epilog="taizhang extract 通知.txt > 通知.json\ntaizhang extract 通知.txt --format table",
)
@click.argument("file", type=PATH, metavar="文件")
@click.option(
    "--format",
    "form",
    callback=one_of({"json": "json", "table": "table"}),
    default="json",
    metavar="格式",
    help="json（默认，含每项的原文和位置）或 table（表格）。",
)
@lexicon_option
def extract(file: Path, form: str, lexicon: Path | None) -> None:
    """Print what one circular says, without a ledger."""
    with in_one_line():
        document = read_one(file, lexicon)
    if form == "json":
        from extractor.export.json import dumps

        click.echo(dumps(document.to_json()))
    else:
        from extractor.export import terminal
        from extractor.ledger import Ledger

        with Ledger.in_memory() as book:
            book.add(document)
            terminal.print_tasks(book.tasks(), where_none="这份文件没有任务。", numbered=False)


@cli.command(
    short_help="列出台账中的任务，可按单位、时限等筛选。",
    help="列出台账中的任务；几个条件同时给出时，须都满足。",
    epilog="taizhang tasks\ntaizhang tasks --unit 应急局 --due-before 2023-06-30",
)
@filter_options
@ledger_option
def tasks(ledger: Path, **filters: Any) -> None:
    """Print the tasks of the ledger."""
    from extractor.export import terminal
    from extractor.ledger import Ledger

    with in_one_line(), Ledger.open(ledger) as book:
        terminal.print_tasks(book.tasks(**filters))


@cli.command(
    short_help="显示一项任务的原文，标出每一项依据。",
    help="显示一项任务的原文，标出单位、时限、频次的依据。",
    epilog="taizhang trace 12\ntaizhang trace 12 --html 原文对照.html",
)
@click.argument("task", callback=number, metavar="序号")
@click.option("--html", type=PATH, metavar="文件", help="写成网页：全文对照，逐条查看，不需联网。")
@ledger_option
def trace(task: int, html: Path | None, ledger: Path) -> None:
    """Print or write the text that a task rests on."""
    from extractor.export import terminal
    from extractor.ledger import Ledger

    with in_one_line(), Ledger.open(ledger) as book:
        found = book.task(task)
        if html is None:
            terminal.print_trace(found, book.document(found.document.id))
            return
        from extractor.export.html import write_page

        write_page(book, [found.document.id], html, task=task)
    say(f"已写出“{html}”：用浏览器打开即可。")


@cli.command(
    short_help="导出任务表（xlsx、csv、json）或原文对照网页（html）。",
    help="导出台账；格式由文件名结尾决定：.xlsx、.csv、.json、.html。",
    epilog="taizhang export 责任分工表.xlsx\ntaizhang export 表.csv --unit 局\ntaizhang export 原文对照.html",
)
@click.argument("file", callback=file_named(SUFFIXES), metavar="文件")
@filter_options
@ledger_option
def export(file: Path, ledger: Path, **filters: Any) -> None:
    """Write tables and pages."""
    from extractor.export import write
    from extractor.ledger import Ledger

    with in_one_line(), Ledger.open(ledger) as book:
        count = write(book, file, **filters)
    say(f"已写出“{file}”：{count} 项任务。")


@cli.command(
    short_help="用标准答案检验提取的准确率。",
    help="读文件夹中每个有标准答案（名称.json）的文本（名称.txt），比较结果，显示各项 F1。",
    epilog="taizhang evaluate corpus/\ntaizhang evaluate corpus/ --misses",
)
@click.argument("folder", type=PATH, metavar="文件夹")
@click.option("--misses", is_flag=True, help="列出漏掉的（-）和多出的（+）。")
@click.option("--json", "as_json", is_flag=True, help="用 JSON 显示各项数字。")
@lexicon_option
def evaluate(folder: Path, misses: bool, as_json: bool, lexicon: Path | None) -> None:
    """Compare with gold."""
    from extractor import evaluation

    with in_one_line():
        evaluations = list(evaluation.evaluate(folder, lambda path: read_one(path, lexicon)))
    if as_json:
        from extractor.export.json import dumps

        click.echo(dumps(evaluation.to_json(evaluations)))
    else:
        from extractor.export import terminal

        terminal.print_evaluation(evaluations, misses=misses)


@cli.command(
    short_help="列出能读取的格式，以及其余格式还缺什么。",
    help="列出本机能读取的文件格式；暂时读不了的，说明需要安装什么。文件按内容识别，与扩展名无关。",
    epilog="taizhang formats",
)
def formats() -> None:
    """Print which formats can be read here and what is missing for the rest."""
    from extractor.export import terminal
    from extractor.intake.formats import availability

    terminal.print_formats(availability())


def check_lexicon(path: Path) -> None:
    """Read the user's lexicon once, so that what is wrong with it is told before any circular is read."""
    from extractor.fields.lexicons import user_units

    user_units(path)


def read_one(file: Path, lexicon: Path | None) -> Document:
    """The document at `file`, or the reason why it cannot be read, with the file's name."""
    from extractor.intake import UnreadableFile
    from extractor.pipeline import extract as read

    try:
        return read(file, lexicon=lexicon)
    except UnreadableFile as error:
        raise UserError(f"无法读取“{file}”：{error}。") from error


@contextmanager
def in_one_line() -> Iterator[None]:
    """What a person can put right becomes one line."""
    from extractor.evaluation import GoldError
    from extractor.fields.lexicons import LexiconError
    from extractor.ledger import LedgerError

    try:
        yield
    except (LedgerError, GoldError, LexiconError) as error:
        raise UserError(one_line(error)) from error


def main() -> None:
    """Run the command."""
    cli(prog_name="taizhang")
