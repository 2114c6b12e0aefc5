"""Commands that read circulars: into the ledger, or to be looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from extractor.cli_chinese import DONE, FAILED, Command, UserError, one_of, say
from extractor.commands.options import PATH, actor_option, in_one_line, ledger_option, lexicon_option

if TYPE_CHECKING:
    from extractor.model import Document


@click.command(
    cls=Command,
    short_help="读入公文，记入台账。",
    help="读入文件和文件夹中的公文，找出任务，记入台账。读过的文件不会重复记入；同一公文的新版本取代旧版本，任务的进展和更正沿用；读不了的逐个说明原因，其余照常读入。",
    epilog="taizhang ingest 通知.txt\ntaizhang ingest 来文/ --ledger 2023年台账.db",
)
@click.argument("paths", type=PATH, nargs=-1, required=True, metavar="文件或文件夹…")
@click.option(
    "--separate",
    is_flag=True,
    help="文号或标题与台账中的文件相同时，也另记为一份，不作为新版本。",
)
@ledger_option
@lexicon_option
@actor_option
def ingest(
    paths: tuple[Path, ...], separate: bool, ledger: Path, lexicon: Path | None, actor: str | None
) -> int:
    """Read files and folders into the ledger."""
    from extractor.export.terminal import reading as terminal
    from extractor.intake import files_under
    from extractor.ledger import Failed, Ledger, Outcome
    from extractor.ledger.ingest import ingest_at
    from extractor.pipeline import extract_each

    files = list(files_under(paths))
    if not files:
        raise UserError(f"“{'”“'.join(map(str, paths))}”里没有可以读入的文件：请检查路径。")
    if lexicon:
        with in_one_line():
            check_lexicon(lexicon)
    with in_one_line():
        new = not ledger.exists()
        outcomes: list[Outcome] = []
        done = ingest_at(
            ledger, files, lambda path: extract_each(path, lexicon=lexicon), actor=actor, separate=separate
        )
        try:
            outcomes.extend(terminal.watched(done, len(files)))
        finally:  # what is in the ledger is told also where the rest is broken off
            if outcomes and ledger.exists():
                with Ledger.open(ledger) as book:
                    terminal.print_ingested(outcomes, book.path, book.documents(), new=new)
    failed = [(outcome.name, outcome.result) for outcome in outcomes if isinstance(outcome.result, Failed)]
    for name, result in failed:
        say(f"未读入“{name}”：{result.reason.rstrip('。')}。")
    return FAILED if failed else DONE


@click.command(
    cls=Command,
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
        from extractor.export.terminal import tasks as terminal
        from extractor.ledger import Ledger

        with Ledger.in_memory() as book:
            book.add(document)
            terminal.print_tasks(book.tasks(), where_none="这份文件没有任务。", numbered=False)


@click.command(
    cls=Command,
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
        from extractor.export.terminal import reading as terminal

        terminal.print_evaluation(evaluations, misses=misses)


@click.command(
    cls=Command,
    short_help="列出能读取的格式，以及其余格式还缺什么。",
    help="列出本机能读取的文件格式；暂时读不了的，说明需要安装什么。文件按内容识别，与扩展名无关。",
    epilog="taizhang formats",
)
def formats() -> None:
    """Print which formats can be read here and what is missing for the rest."""
    from extractor.export.terminal import reading as terminal
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
