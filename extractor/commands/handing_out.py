"""The command that takes back the tables that were handed out; they go out by `export`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from extractor.cli_chinese import DONE, FAILED, Command, UserError, agreed, say
from extractor.commands.options import PATH, actor_option, ledger_option, opened

if TYPE_CHECKING:
    from extractor.ledger.returns import Plan, ReturnedTable


TABLES = (".xlsx", ".csv")
OTHER_WORKBOOKS = (".xls", ".xlsb", ".et", ".ett", ".ods", ".numbers")
"""What offices save tables as, too: those of older Excel, of WPS, LibreOffice and Apple."""


@click.command(
    cls=Command,
    name="import",
    short_help="收回填好的任务表：先显示改动，再记入台账。",
    help="读入 taizhang export 发出、由各单位填好交回的表（.xlsx、.csv），只取进展情况、状态、完成日期、备注四栏。"
    "先逐项显示改动，再记入台账；自相矛盾或认不出的行不采用，并逐行说明原因。行的次序、列的位置变了都不要紧。"
    "在终端上使用时，记入之前先询问；由脚本或计划任务运行、无人可问时直接记入，只想看改动请加 --dry-run。"
    "记入的每项改动都在日志中，可用 taizhang undo 撤销。",
    epilog="taizhang import 教育局.xlsx --dry-run\ntaizhang import 回收/ --as 张三",
)
@click.argument("paths", type=PATH, nargs=-1, required=True, metavar="文件或文件夹…")
@click.option("--dry-run", is_flag=True, help="只显示改动，不记入台账。")
@click.option("--yes", is_flag=True, help="不再询问，直接记入。")
@click.option("--from", "returned_by", metavar="单位", help="由谁交回；默认为发出时的单位。")
@ledger_option
@actor_option
def import_(
    paths: tuple[Path, ...],
    dry_run: bool,
    yes: bool,
    returned_by: str | None,
    ledger: Path,
    actor: str | None,
) -> int:
    """Read tables back that were filled in."""
    from extractor.export.terminal.returns import print_plan
    from extractor.ledger import returns

    today = date.today()
    failed = False
    with opened(ledger, actor) as book:
        plans: list[Plan] = []
        for path in _files(paths):
            if path.suffix.lower() in OTHER_WORKBOOKS:
                say(f"未导入“{path}”：不是 .xlsx 表，请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。")
                failed = True
                continue
            table = _read(path)
            if isinstance(table, str):
                say(table)
                failed = True
                continue
            plan = returns.plan(book, table, today=today, returned_by=returned_by, earlier=plans)
            print_plan(plan)
            plans.append(plan)
        failed |= any(plan.refusals for plan in plans)
        changed = [plan for plan in plans if plan.changes]
        if dry_run:
            say("以上是预览，台账没有改动。")
        elif changed and (yes or not on_terminal() or agreed("记入台账吗？")):
            for plan in changed:
                returns.apply(book, plan)
            say(f"已记入台账：{sum(len(plan.changes) for plan in changed)} 项改动。")
        else:
            say("台账没有改动。")
    return FAILED if failed else DONE


def on_terminal() -> bool:
    """Whether there is someone to ask.

    A script that says `import` means it, and looks first with `--dry-run`; what is refused is told by the exit code, and what
    was applied can be taken back. So the tables go in where nobody can answer.
    """
    return sys.stdin.isatty()


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    """The files themselves, and the tables in the folders, those that must be saved anew first among them."""
    from extractor.intake.files import NO_DOCUMENT

    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = [
            file for file in sorted(path.rglob("*")) if file.suffix.lower() in (*TABLES, *OTHER_WORKBOOKS)
        ]
        tables = [file for file in found if file.is_file() and not NO_DOCUMENT.search(file.name)]
        if not tables:
            raise UserError(f"文件夹“{path}”里没有 .xlsx 或 .csv 表：请检查路径。")
        yield from tables


def _read(path: Path) -> ReturnedTable | str:
    """The table at `path`, or why it cannot be read."""
    from extractor.export.returned import read_returned
    from extractor.intake import UnreadableFile
    from extractor.system_errors import os_reason

    try:
        return read_returned(path)
    except UnreadableFile as error:
        return f"未导入“{path}”：{error}。"
    except OSError as error:
        return f"未导入“{path}”：{os_reason(error)}。"
