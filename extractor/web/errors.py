"""What goes wrong, told: one quiet page for people, JSON for programs."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from extractor.intake.errors import NotInstalled
from extractor.ledger.errors import (
    LedgerBusyError,
    LedgerError,
    NoSuchDocumentError,
    NoSuchTaskError,
)
from extractor.ledger.handout_list import NoSuchHandoutError
from extractor.web.security import add_headers
from extractor.web.visits import NotSignedInError, remember, show, state_of

API = "/api/"
TITLES = {
    400: "请求有误",
    401: "请先登录",
    403: "没有权限",
    404: "没有找到",
    405: "请求有误",
    408: "没有送到",
    409: "与现状不符",
    413: "内容太大",
    422: "填写有误",
    429: "请稍候",
    500: "程序内部出错",
    503: "暂时不能使用",
}
REASONS = {
    400: "请求的内容不完整或格式不对：请返回上一页重试。",
    401: "请先登录。",
    404: "没有这个页面，或它已不在台账中：请回到首页重新进入。",
    405: "这个地址不接受这样的请求：请回到首页重新进入。",
    500: "没有作任何改动。请稍后再试；如再次出现，请联系维护者。",
}
UNREAD = frozenset({408, 413})
"""Answers that are given before all that is sent has been read."""

QUOTED = re.compile(r"(“[^“”]*”)")
SOMEWHERE = re.compile(r"“(?:/|[A-Za-z]:[/\\]|\\\\)[^“”]*[/\\]([^“”/\\]+)”")
"""A file with the whole way to it."""
ON_PAGES: Sequence[tuple[re.Pattern[str], str]] = [
    (re.compile(said), instead)
    for said, instead in (
        (r"请先用 taizhang ingest 读入文件，或用 --ledger 指明位置", "请联系维护台账的人"),
        (r"请用 --ledger 另指一个文件", "请联系维护台账的人"),
        (r"核对 --ledger 指的台账", "交回这本台账发出的表"),
        (r"请先升级 taizhang", "请联系维护台账的人升级程序"),
        (r"请用 taizhang import 收回", "请到“分发与回收”页收回"),
        (r"由(更新|较早)版本的 taizhang 写成", r"由\1版本的程序写成"),
        (r"，或用 --document、--task 指明", ""),
        (r"请加 --undo", "请在任务页取消勾选"),
        (r"，或加 --force 覆盖旧备份", ""),
        (r"用 taizhang correct \d+ --kind 任务", "在“核对”页重新列为任务"),
        (r"用 taizhang correct 序号 --kind ", "在“核对”页"),
        (r"用 taizhang verify --rebuild ", "请维护台账的人"),
        (r"照 taizhang verify 显示的", "照“核验”页显示的"),
        (r"用 taizhang verify ", "到“核验”页"),
        (r"用 taizhang log ", "在“核查”的日志中"),
        (r"用 taizhang diff ", "在“核查”的版本中"),
        (r"用 taizhang (?:trace|attachment|occurrences) \d+ ", "在任务页"),
        (r"用 taizhang record ", "在任务页"),
        (r"用 taizhang tasks ", "在“台账”页"),
        (r"用 taizhang documents ", "在“文件”页"),
        (r"用 taizhang units merge \d+ \d+", "在“单位”页合并"),
        (r"用 taizhang units rename", "在“单位”页改名"),
        (r"用 taizhang units ", "在“单位”页"),
        (r"用 taizhang event ", "在“到期”页的事件中"),
        (r"用 taizhang user (?:list )?", "在“人员”页"),
    )
]
"""What the library advises to people who type commands, and what those are told who use the page."""
TYPED = re.compile(r"[：，；][^：，；]*(?:\btaizhang [a-z]|(?<![\w-])--[a-z]).*")
"""Advice to type something that the page has no words for."""


def told(request: Request, status: int, reason: str = "", headers: dict[str, str] | None = None) -> Response:
    """The answer that says what went wrong, in one line."""
    reason = reason or REASONS.get(status, "请返回上一页重试。")
    if wants_json(request):
        response: Response = JSONResponse({"detail": reason}, status, headers)
    else:
        visit = getattr(request.state, "visit", None)
        title = TITLES.get(status, "请求有误")
        response = show(request, "error.html", status=status, visit=visit, title=title, reason=reason)
        response.headers.update(headers or {})
    if status in UNREAD:
        response.headers["Connection"] = "close"  # the rest of what is sent is not read
    return response


def wants_json(request: Request) -> bool:
    """Whether a program asks."""
    return request.url.path.startswith(API)


def status_of(error: LedgerError) -> int:
    """The status that says what kind of trouble a ledger has."""
    if isinstance(error, NoSuchDocumentError | NoSuchTaskError | NoSuchHandoutError):
        return 404
    return 503 if isinstance(error, LedgerBusyError) else 409


def on_page(said: object, ledger: Path) -> str:
    """What a page says instead of a message for people who type commands or install programs, such as a `LedgerError`.

    Files are named without the way to them, for where they lie is nobody's business; commands give way to the page on which
    the same is done. What stands in “” was typed or printed by somebody and is left as it is.
    """
    if isinstance(said, NotInstalled):
        return f"{said.lacking}：请联系管理员安装，或{said.instead}"
    pieces = []
    for piece in QUOTED.split(str(said)):
        if QUOTED.fullmatch(piece):
            piece = f"“{ledger.name}”" if piece == f"“{ledger}”" else SOMEWHERE.sub(r"“\1”", piece)
        else:
            for told_otherwise, instead in ON_PAGES:
                piece = told_otherwise.sub(instead, piece)
            piece = TYPED.sub("。", piece)
        pieces.append(piece)
    return "".join(pieces)


def add_handlers(app: FastAPI) -> None:
    """Have `app` tell its errors so."""

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        own_words = "" if error.detail.isascii() else error.detail  # what is English comes from a library
        return told(request, error.status_code, own_words, dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def wrong_input(request: Request, error: RequestValidationError) -> Response:
        fields = "、".join(dict.fromkeys(str(part["loc"][-1]) for part in error.errors()))
        return told(request, 422, f"“{fields}”填写有误：请改正后重试。")

    @app.exception_handler(NotSignedInError)
    async def not_signed_in(request: Request, error: NotSignedInError) -> Response:
        if wants_json(request):
            return told(request, 401, headers={"WWW-Authenticate": "Bearer"})
        where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        back = f"?next={quote(where)}" if request.method == "GET" and where != "/" else ""
        response = RedirectResponse(f"/login{back}", 303)
        remember(request, response)
        return response

    @app.exception_handler(LedgerError)
    async def ledger_error(request: Request, error: LedgerError) -> Response:
        status = status_of(error)
        return told(
            request, status, "" if status == 404 else on_page(error, state_of(request).settings.ledger)
        )

    @app.exception_handler(sqlite3.Error)
    async def database_error(request: Request, error: sqlite3.Error) -> Response:
        return told(request, 503, "台账暂时无法读写：请稍后再试。")

    @app.exception_handler(Exception)
    async def internal_error(request: Request, error: Exception) -> Response:
        response = told(request, 500)
        add_headers(response.headers)  # this answer is given outside of what else adds them
        return response
