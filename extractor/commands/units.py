"""Commands for the registry of units."""

from __future__ import annotations

from pathlib import Path

import click

from extractor.cli_chinese import Group, not_empty, one_name, say
from extractor.commands.options import actor_option, ledger_option, opened

reason_option = click.option("--reason", default="", metavar="理由", help="为什么这样改，记入日志。")


@click.group(
    cls=Group,
    invoke_without_command=True,
    short_help="列出台账中的单位，合并、改名、拆分。",
    help="列出台账中的单位：每个单位在公文中的各种写法，有多少任务。认错的可以合并、拆分、改名；公文原文不变。",
    epilog="taizhang units --text 教育\ntaizhang units merge 3 17\ntaizhang units split 3 市教体局 --to 临澜市教育体育局",
)
@click.option("--text", callback=not_empty, metavar="文字", help="只列出名称中有这些字的单位。")
@ledger_option
@click.pass_context
def units(ctx: click.Context, text: str | None, ledger: Path) -> None:
    """Print the registry."""
    if ctx.invoked_subcommand:
        return
    from extractor.export.terminal.units import print_units
    from extractor.ledger.units import units as units_of

    with opened(ledger) as book:
        print_units(units_of(book, text))


@units.command(
    short_help="把几个单位合为一个。",
    help="把后面的单位并入第一个单位：它们的各种写法都算作第一个单位。",
    epilog="taizhang units merge 临澜市教育局 市教委 --reason 机构改革后更名",
)
@click.argument("unit", metavar="单位")
@click.argument("others", nargs=-1, required=True, metavar="并入的单位…")
@reason_option
@actor_option
@ledger_option
def merge(unit: str, others: tuple[str, ...], reason: str, actor: str | None, ledger: Path) -> None:
    """Make several units one."""
    from extractor.ledger import units as registry

    with opened(ledger, actor) as book:
        kept = registry.unit_named(book, unit)
        gone = [registry.unit_named(book, other) for other in others]
        registry.merge(book, kept.id, [other.id for other in gone], reason=reason)
    say(f"已把“{'”“'.join(other.name for other in gone)}”并入“{kept.name}”。")


@units.command(
    short_help="给单位改名。",
    help="给单位改名：表格和页面从此用新名称，公文原文不变。",
    epilog="taizhang units rename 12 临澜市数据局",
)
@click.argument("unit", metavar="单位")
@click.argument("name", callback=one_name, metavar="新名称")
@reason_option
@actor_option
@ledger_option
def rename(unit: str, name: str, reason: str, actor: str | None, ledger: Path) -> None:
    """Give a unit another name."""
    from extractor.ledger import units as registry

    with opened(ledger, actor) as book:
        old = registry.unit_named(book, unit)
        registry.rename(book, old.id, name, reason=reason)
    say(f"“{old.name}”已改名为“{name}”。")


@units.command(
    short_help="把单位的几个名称拆出去，成为另一个单位。",
    help="把一个单位的几种写法拆出去，成为另一个单位：用于两个不同的单位被认作一个时。",
    epilog="taizhang units split 临澜市应急管理局 市应急办 --to 临澜市政府应急办",
)
@click.argument("unit", metavar="单位")
@click.argument("names", nargs=-1, required=True, metavar="拆出的名称…")
@click.option("--to", required=True, callback=one_name, metavar="新单位", help="拆出后的单位名称。")
@reason_option
@actor_option
@ledger_option
def split(unit: str, names: tuple[str, ...], to: str, reason: str, actor: str | None, ledger: Path) -> None:
    """Make names of a unit a unit of their own."""
    from extractor.ledger import units as registry

    with opened(ledger, actor) as book:
        old = registry.unit_named(book, unit)
        new = registry.split(book, old.id, names, to=to, reason=reason)
    say(f"已从“{old.name}”拆出“{to}”，序号 {new}。")


@units.command(
    short_help="撤销最近一次单位改动。",
    help="撤销最近一次合并、改名或拆分；再次使用，撤销更早的一次。撤销本身也记入日志。",
    epilog="taizhang units undo\ntaizhang units undo --reason 并错了单位",
)
@reason_option
@actor_option
@ledger_option
def undo(reason: str, actor: str | None, ledger: Path) -> None:
    """Take the last change of the registry back."""
    from extractor.export.history import told
    from extractor.ledger.history import unit_names
    from extractor.ledger.units import undo_last

    with opened(ledger, actor) as book:
        done = undo_last(book, reason=reason)
        said = told(done, unit_names(book))
    say(f"已撤销（日志第 {done.sequence} 号）：")
    for change in said:
        say(f"  {change}")
