"""Commands for the page: serving it, and the accounts of those who use it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from extractor.cli_chinese import Command, Group, UserError, file_that_exists, new_password, one_of, say
from extractor.commands.options import actor_option, in_one_line, ledger_option
from extractor.export.wording import PERSON_DUTIES, PERSON_ROLES
from extractor.system_errors import os_reason

if TYPE_CHECKING:
    from extractor.ledger import Ledger
    from extractor.ledger.people import PersonRole
    from extractor.web.accounts import Accounts
    from extractor.web.settings import Settings

HOST, PORT, LAST_PORT = "127.0.0.1", 8321, 65535
PERSON_ROLE_WORDS = {
    **{role: role for role in PERSON_ROLES},
    **{word: role for role, word in PERSON_ROLES.items()},
}


def port_number(ctx: click.Context, param: click.Parameter, value: str) -> int:
    """A port on which a program may listen."""
    if not (value.isascii() and value.isdecimal() and 1 <= int(value) <= LAST_PORT):
        raise click.BadParameter(f"“{value}”不是端口，请用 1 至 {LAST_PORT} 的数字", ctx, param)
    return int(value)


@click.command(
    cls=Command,
    short_help="打开网页：收文、核对、台账、到期、进展、核查。",
    help="在本机打开网页，用浏览器办理各项工作，不需联网。按 Ctrl-C 结束。\n"
    "没有用户时只有本机能打开；要供办公室共用，先用 taizhang user add 添加用户，再用 --host 指定地址。",
    epilog="taizhang serve\ntaizhang serve --ledger 2023年台账.db --port 9000\ntaizhang serve --host 0.0.0.0 --no-open",
)
@click.option(
    "--host", default=HOST, metavar="地址", help=f"在哪个地址上提供网页；默认 {HOST}，只有本机能打开。"
)
@click.option("--port", callback=port_number, default=str(PORT), metavar="端口", help=f"端口；默认 {PORT}。")
@click.option(
    "--certificate", callback=file_that_exists, metavar="文件", help="证书（PEM）；给出后用 https 加密。"
)
@click.option("--key", callback=file_that_exists, metavar="文件", help="证书的私钥（PEM）。")
@click.option("--open/--no-open", "browser", default=True, help="是否自动打开浏览器；默认打开。")
@ledger_option
def serve(
    ledger: Path, host: str, port: int, certificate: Path | None, key: Path | None, browser: bool
) -> None:
    """Serve the page until it is interrupted."""
    from extractor.web.accounts import Accounts
    from extractor.web.server import listen, run
    from extractor.web.settings import Settings

    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate 和 --key 须一并给出")
    settings = Settings(ledger, host, port, https=certificate is not None)
    with in_one_line():
        if not settings.local_only and not Accounts(settings.accounts).in_use():
            raise UserError(
                f"没有用户，不能在“{host}”上对外提供网页：请先用 taizhang user add 姓名 --role admin 添加用户。"
            )
    if certificate and key:
        _check_certificate(certificate, key)
    try:
        listening = listen(host, port)
    except socket.gaierror as error:
        raise UserError(f"找不到地址“{host}”：请用 --host 指定本机的地址。") from error
    except OSError as error:
        taken = (
            f"端口 {port} 已被占用" if _is_taken(error) else f"不能使用 {host}:{port}（{os_reason(error)}）"
        )
        raise UserError(f"{taken}：请用 --port 换一个，或先关闭占用它的程序。") from error
    with in_one_line():
        _create(ledger).close()
    if not settings.local_only and not settings.https:
        say("提醒：没有用 --certificate 加密，密码会在网络上明文传送，请只在可信的内网使用。")
    run(settings, listening, certificate, key, started=lambda: _tell(settings, browser))
    say("已停止。")


def _check_certificate(certificate: Path, key: Path) -> None:
    import ssl

    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        raise UserError(
            f"不能使用证书“{certificate}”和私钥“{key}”：请给出 PEM 格式、互相对应、没有口令的证书和私钥。"
        ) from error


def _is_taken(error: OSError) -> bool:
    import errno

    return error.errno in (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", None))


def _tell(settings: Settings, browser: bool) -> None:
    import webbrowser

    say(f"台账 {settings.ledger}：请用浏览器打开 {settings.address} （按 Ctrl-C 结束）")
    if browser:
        webbrowser.open(settings.address)


@click.group(
    cls=Group,
    short_help="管理网页的用户：添加、停用、改角色、改密码、令牌。",
    help="管理网页的用户。添加第一个用户后，打开网页都须登录；各项改动记入台账的日志。\n角色："
    + "；".join(f"{role} {PERSON_ROLES[role]}（{duties}）" for role, duties in PERSON_DUTIES.items())
    + "。",
    epilog="taizhang user add 张三 --role coordinator\ntaizhang user list",
)
def user() -> None:
    """The accounts of the page."""


name_argument = click.argument("name", metavar="姓名")
role_option = click.option(
    "--role",
    required=True,
    callback=one_of(PERSON_ROLE_WORDS),
    metavar="角色",
    help=f"{'、'.join(f'{role}（{word}）' for role, word in PERSON_ROLES.items())}。",
)


@user.command(
    short_help="添加用户。",
    help="添加用户，按提示输入密码。",
    epilog="taizhang user add 张三 --role staff",
)
@name_argument
@role_option
@ledger_option
@actor_option
def add(name: str, role: PersonRole, ledger: Path, actor: str | None) -> None:
    """Add a person."""
    from extractor.web.accounts import add_account

    with _book(ledger, actor) as (book, accounts):
        person = add_account(book, accounts, name, role, new_password())
    say(f"已添加{PERSON_ROLES[person.role]}“{person.name}”。")


@user.command("list", short_help="列出用户。", help="列出用户及其角色。", epilog="taizhang user list")
@ledger_option
def list_people(ledger: Path) -> None:
    """Print the people."""
    from extractor.commands.options import opened
    from extractor.export.terminal.people import print_people
    from extractor.ledger.people import people

    with opened(ledger) as book:
        print_people(people(book))


@user.command(
    short_help="改变用户的角色。",
    help="改变用户的角色，立即生效。",
    epilog="taizhang user role 张三 --role auditor",
)
@name_argument
@role_option
@ledger_option
@actor_option
def role(name: str, role: PersonRole, ledger: Path, actor: str | None) -> None:
    """Give a person another role."""
    from extractor.ledger.people import change_person

    with _book(ledger, actor) as (book, _):
        person = change_person(book, name, role=role)
    say(f"“{person.name}”现在是{PERSON_ROLES[person.role]}。")


@user.command(
    short_help="停用或重新启用用户。",
    help="停用用户：立即退出，不能再登录，令牌作废；日志中的记录仍在。",
    epilog="taizhang user disable 张三\ntaizhang user disable 张三 --undo",
)
@name_argument
@click.option("--undo", is_flag=True, help="重新启用。")
@ledger_option
@actor_option
def disable(name: str, undo: bool, ledger: Path, actor: str | None) -> None:
    """Shut a person out, or let them in again."""
    from extractor.web.accounts import set_active

    with _book(ledger, actor) as (book, accounts):
        person = set_active(book, accounts, name, active=undo)
    say(f"已{'重新启用' if undo else '停用'}“{person.name}”。")


@user.command(
    short_help="重设用户的密码。",
    help="重设用户的密码，按提示输入；已登录的地方都要重新登录，原有令牌作废。",
    epilog="taizhang user password 张三",
)
@name_argument
@ledger_option
@actor_option
def password(name: str, ledger: Path, actor: str | None) -> None:
    """Give a person a new password."""
    from extractor.ledger.people import known_person
    from extractor.web.accounts import give_password

    with _book(ledger, actor) as (book, accounts):
        person = known_person(book, name)
        give_password(book, accounts, person.name, new_password())
    say(f"已重设“{person.name}”的密码，原有令牌已作废。")


@user.command(
    short_help="发给程序使用的令牌。",
    help="显示一个新令牌，程序凭它以这个用户的身份使用数据接口（/api/v1）。只显示这一次，请妥善保存。",
    epilog="taizhang user token 张三\ntaizhang user token 张三 --revoke",
)
@name_argument
@click.option("--revoke", is_flag=True, help="作废这个用户的全部令牌。")
@ledger_option
@actor_option
def token(name: str, revoke: bool, ledger: Path, actor: str | None) -> None:
    """Print a new token, once."""
    from extractor.web.accounts import issue_token, revoke_tokens

    with _book(ledger, actor) as (book, accounts):
        if revoke:
            person = revoke_tokens(book, accounts, name)
            say(f"已作废“{person.name}”的全部令牌。")
        else:
            click.echo(issue_token(book, accounts, name))


@contextmanager
def _book(path: Path, actor: str | None) -> Iterator[tuple[Ledger, Accounts]]:
    """The ledger, made where there is none, and the file of passwords beside it."""
    from extractor.web.accounts import Accounts
    from extractor.web.settings import Settings

    with in_one_line(), _create(path, actor) as book:
        yield book, Accounts(Settings(path).accounts)


def _create(path: Path, actor: str | None = None) -> Ledger:
    """The ledger at `path`; where there is none, one is made, and a person who mistyped the path is told."""
    from extractor.ledger import Ledger

    new = not path.exists()
    book = Ledger.create(path, actor=actor)
    if new:
        say(f"新建台账 {path}。")
    return book
