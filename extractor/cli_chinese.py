"""click in Chinese: help pages, messages on wrong usage, and every error as one line."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import click

from extractor.export.control import safe
from extractor.file_names import UNDECODED, readable
from extractor.system_errors import os_reason

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")
EXTRA_ARGUMENTS = re.compile(r"\((.*)\)")
LONGEST_NUMBER = 15
FIRST_YEAR, LAST_YEAR = 1900, 2999
"""A day outside of these years is a slip of the keyboard."""
EMPTY = "不能是空的"
YES, NO = frozenset({"是", "好", "y", "yes"}), frozenset({"", "否", "不", "n", "no"})
"""What is understood as an answer; whoever only presses the Enter key has not agreed."""
OPENING, CLOSING = "（“《", "，。、；：！？）”》…"
"""Marks behind which no line is broken, and before which none is."""
UNITS_THAT_STAY_TOGETHER = re.compile(r"[\x21-\x7e]+|\s+|.", re.DOTALL)


class UserError(Exception):
    """Something that a person can put right; `str()` is the one line they read."""


class Formatter(click.HelpFormatter):
    """Help pages whose columns and line breaks reckon with characters two columns wide."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """用法：…, on one line."""
        self.write(f"用法：{prog} {args}".rstrip() + "\n")

    def write_heading(self, heading: str) -> None:
        """A heading with a Chinese colon."""
        self.write(f"{'':>{self.current_indent}}{heading}：\n")

    def write_text(self, text: str) -> None:
        """Paragraphs, their own line ends kept."""
        indent = " " * self.current_indent
        for line in text.split("\n"):
            for part in _wrapped(line.replace("\b", ""), self.width - self.current_indent):
                self.write(f"{indent}{part}".rstrip() + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Terms and what they mean, in two columns."""
        rows = list(rows)
        first_column = min(max(_columns(term) for term, _ in rows), col_max) + col_spacing
        indent = " " * (self.current_indent + first_column)
        for term, meaning in rows:
            lines = _wrapped(meaning, max(self.width - len(indent), 20))
            self.write(" " * self.current_indent + term)
            room = first_column - _columns(term)
            self.write(" " * room if room >= col_spacing else f"\n{indent}")
            self.write(f"\n{indent}".join(lines) + "\n")


class _Context(click.Context):
    formatter_class = Formatter


class Command(click.Command):
    """A command whose help page is in Chinese."""

    context_class = _Context

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"options_metavar": "[选项]", **kwargs})

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Options and arguments; what is wrong with them is of this command."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """`--help`, explained."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "显示本说明。"
        return option

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options under 选项."""
        params = (param for param in self.get_params(ctx) if isinstance(param, click.Option))
        with formatter.section("选项"):
            records = [record for param in params if (record := param.get_help_record(ctx))]
            formatter.write_dl(
                [(term, meaning.replace("[required]", "（必填）")) for term, meaning in records]
            )

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples as they are written: one broken in two could not be copied."""
        if self.epilog:
            with formatter.section("示例"):
                for line in self.epilog.split("\n"):
                    formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


class Group(Command, click.Group):
    """The command with its subcommands; it turns every failure into one line and an exit code."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"subcommand_metavar": "命令 …", "no_args_is_help": False, **kwargs})
        self.sections: dict[str, list[str]] = {}
        """The names of the commands under the titles of the help page; without any, all stand under 命令."""

    def add_section(self, title: str, commands: Iterable[click.Command]) -> None:
        """Commands that the help page shows under a title of their own."""
        for command in commands:
            self.add_command(command)
            self.sections.setdefault(title, []).append(command.name or "")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, then the commands."""
        super().format_options(ctx, formatter)
        for title, names in (self.sections or {"命令": self.list_commands(ctx)}).items():
            with formatter.section(title):
                formatter.write_dl([(name, self.commands[name].short_help or "") for name in names])

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which they are used."""
        return list(self.commands)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Without arguments: the help page, unless the group does something by itself."""
        if not args and not ctx.resilient_parsing and not self.invoke_without_command:
            click.echo(ctx.get_help())
            ctx.exit(WRONG_USAGE)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant, or what it might have been."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            near = get_close_matches(args[0], self.commands, 1)
            raise click.UsageError(f"没有命令“{args[0]}”{_perhaps(near)}", ctx)
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run; in standalone mode every error is printed as one line and the process ends with its code."""
        run: Callable[..., Any] = super().main
        if not standalone_mode:
            return run(*args, standalone_mode=False, **extra)
        _speak_utf8()
        try:
            code = run(*args, standalone_mode=False, **extra)
        except (click.Abort, KeyboardInterrupt):
            _end(INTERRUPTED, "已中断。")
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else "taizhang"
            _end(WRONG_USAGE, f"用法不对：{usage_message(error)}。用 {command} --help 查看用法。")
        except (click.ClickException, UserError) as error:
            _end(FAILED, str(error))
        except OSError as error:
            _end(FAILED, f"无法使用“{error.filename or '输出'}”：{os_reason(error)}。")
        except UnicodeEncodeError as error:
            given = extra.get("args") or sys.argv[1:]
            _end(FAILED, _not_written_here(next(filter(UNDECODED.search, given), error.object)))
        except Exception as error:
            if os.environ.get("TAIZHANG_DEBUG"):
                raise
            _end(FAILED, f"程序内部出错（{type(error).__name__}：{one_line(error)}）：请把这一行告诉维护者。")
        sys.exit(code if isinstance(code, int) else DONE)


def usage_message(error: click.UsageError) -> str:
    """What was wrong with the command line, without a stop at the end."""
    if isinstance(error, click.MissingParameter):
        return f"缺少{_named(error)}"
    if isinstance(error, click.NoSuchOption):
        return f"没有选项“{error.option_name}”{_perhaps(error.possibilities or [])}"
    if isinstance(error, click.BadOptionUsage):
        wanting = "requires" in error.message
        return f"选项“{error.option_name}”{'后面要跟一个值' if wanting else '后面不能跟值'}"
    if isinstance(error, click.BadParameter):
        return f"{_named(error)}的值不对：{error.message.rstrip('。')}"
    if "extra argument" in error.message and (extra := EXTRA_ARGUMENTS.search(error.message)):
        return f"多余的参数“{extra.group(1)}”"
    return "缺少命令" if error.message.isascii() else error.message.rstrip("。")


def one_line(error: BaseException) -> str:
    """What an exception says, on one line."""
    return " ".join(str(error).split())


def say(message: str) -> None:
    """A message beside the output proper."""
    click.echo(safe(message), err=True)


def agreed(question: str) -> bool:
    """Whether the person at the terminal says yes; asked again until the answer is one."""
    while True:
        answer: str = click.prompt(
            f"{question}（是/否）", default="", show_default=False, prompt_suffix="：", err=True
        )
        said = unicodedata.normalize("NFKC", answer).strip().lower()
        if said in YES | NO:
            return said in YES
        say("请回答“是”或“否”。")


def new_password() -> str:
    """A password that is typed twice, unseen; one that another program sends is read as it comes."""
    # Python would look for a terminal past what is piped in, and warn in English where there is none.
    hidden = sys.stdin.isatty()
    while True:
        entered, again = (_password(question, hidden=hidden) for question in ("密码", "再输入一遍"))
        if entered == again:
            return entered
        say("两次输入的密码不一样，请重新输入。")


def _password(question: str, *, hidden: bool) -> str:
    if hidden:
        typed: str = click.prompt(question, hide_input=True, prompt_suffix="：", err=True)
        return typed
    if not (line := sys.stdin.readline()):
        raise UserError("没有读到密码：密码要给出两遍，一遍一行。")
    return line.rstrip("\r\n")


Callback = Callable[[click.Context, click.Parameter, Any], Any]


def day(ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
    """A date as people write it: 2021-08-31, 2021/8/31, 2021年8月31日."""
    if value is None:
        return None
    try:
        if match := DAY.fullmatch(value.strip()):
            found = date(*map(int, match.groups()))
            if FIRST_YEAR <= found.year <= LAST_YEAR:
                return found
    except ValueError:
        pass
    raise click.BadParameter(f"“{value}”不是日期，请写成 2021-08-31 的样子", ctx, param)


def number(ctx: click.Context, param: click.Parameter, value: str) -> int:
    """The number of a task."""
    if not (value.isdecimal() and len(value) <= LONGEST_NUMBER):
        raise click.BadParameter(f"“{value}”不是序号，序号是 taizhang tasks 第一列的数字", ctx, param)
    return int(value)


def number_in_log(ctx: click.Context, param: click.Parameter, value: str) -> int:
    """The number of an event, also as the log prints it: 第88号."""
    said = value.strip().removeprefix("第").removesuffix("号").strip()
    if not (said.isdecimal() and len(said) <= LONGEST_NUMBER):
        raise click.BadParameter(f"“{value}”不是编号，编号是 taizhang log 所列“第88号”中的数字", ctx, param)
    return int(said)


def not_empty(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Words that say something: what is empty is refused, not taken for everything."""
    if value is not None and not value.strip():
        raise click.BadParameter(EMPTY, ctx, param)
    return value


def one_name(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The name of a person or unit, which stands on one line."""
    said = not_empty(ctx, param, value)
    return " ".join(said.split()) if said else None


class File(click.Path):
    """A path; one that is empty is refused, not taken for the folder one is in.

    Whether it can be read is not asked here: that is told, in Chinese and of each file, by what reads it.
    """

    def __init__(self) -> None:
        super().__init__(path_type=Path, readable=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        if not str(value).strip():
            self.fail(EMPTY, param, ctx)
        return super().convert(value, param, ctx)


def one_of(words: Mapping[str, str]) -> Callback:
    """One of a few words, each of which stands for a value; capital and full-width letters are as good as others."""
    first: dict[str, str] = {}
    for word, value in words.items():
        first.setdefault(value, word)

    def convert(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
        if value is None:
            return None
        for said in (value, unicodedata.normalize("NFKC", value).strip().lower()):
            if said in words:
                return words[said]
        listed = "、".join(first.values())
        raise click.BadParameter(f"“{value}”不在可选范围内，可选：{listed}", ctx, param)

    return convert


def file_that_exists(ctx: click.Context, param: click.Parameter, value: str | None) -> Path | None:
    """A file that can be read."""
    if value is not None and not (Path(value).is_file() and os.access(value, os.R_OK)):
        raise click.BadParameter(f"找不到文件“{value}”，或没有读取权限", ctx, param)
    return Path(value) if value is not None else None


def file_named(suffixes: Sequence[str]) -> Callback:
    """A file to write, if one is given, whose name ends in one of `suffixes`."""

    def convert(ctx: click.Context, param: click.Parameter, value: str | None) -> Path | None:
        name = not_empty(ctx, param, value)
        if name is None:
            return None
        if Path(name).suffix.lower() not in suffixes:
            message = f"“{value}”的类型不支持，文件名请以 {'、'.join(suffixes)} 结尾"
            raise click.BadParameter(message, ctx, param)
        return Path(name)

    return convert


def _end(code: int, message: str) -> NoReturn:
    said = one_line(Exception(message))
    say(said if said.endswith("。") else f"{said}。")
    sys.exit(code)


def _not_written_here(said: str) -> str:
    """What to do about characters that the system or the ledger cannot hold."""
    encoding = sys.getfilesystemencoding()
    if encoding.replace("-", "").lower() != "utf8":
        return f"系统的字符编码（{encoding}）不能用于汉字：请把环境变量 LC_ALL 设为 C.UTF-8 后再试。"
    return f"“{readable(said)}”中有不是 UTF-8 编码的字：请重新输入，是文件名的请改名后再试。"


def _named(error: click.BadParameter) -> str:
    param = error.param
    if isinstance(param, click.Option):
        return f"选项“{max(param.opts, key=len)}”"
    return f"参数“{((param.metavar if param else None) or '值').strip('[…]')}”"


def _perhaps(possibilities: Sequence[str]) -> str:
    return f"，是不是“{possibilities[0]}”" if possibilities else ""


def _speak_utf8() -> None:
    """What is printed is UTF-8 also where the system would have it otherwise (LANG=C, Windows code pages)."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _wrapped(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for piece in _unbreakable(text):
        if line and _columns(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()]


def _unbreakable(text: str) -> Iterator[str]:
    """Words, spaces and single Chinese characters, an opening or closing mark together with what it encloses."""
    held = ""
    for match in UNITS_THAT_STAY_TOGETHER.finditer(text):
        piece = match.group()
        if held and piece not in CLOSING and held[-1] not in OPENING:
            yield held
            held = ""
        held += piece
    yield held
