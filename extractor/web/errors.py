"""What goes wrong, told: one quiet page for people, JSON for programs."""

from __future__ import annotations

import sqlite3
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from extractor.ledger.errors import (
    LedgerBusyError,
    LedgerError,
    NoSuchDocumentError,
    NoSuchTaskError,
)
from extractor.web.security import add_headers
from extractor.web.visits import NotSignedInError, remember, show, state_of

API = "/api/"
TITLES = {
    400: "请求有误",
    401: "请先登录",
    403: "没有权限",
    404: "没有找到",
    405: "请求有误",
    409: "与现状不符",
    413: "内容太大",
    422: "填写有误",
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
NO_LENGTH = frozenset({413})


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
    if status in NO_LENGTH:
        response.headers["Connection"] = "close"  # the rest of what is sent is not read
    return response


def wants_json(request: Request) -> bool:
    """Whether a program asks."""
    return request.url.path.startswith(API)


def status_of(error: LedgerError) -> int:
    """The status that says what kind of trouble a ledger has."""
    if isinstance(error, NoSuchDocumentError | NoSuchTaskError):
        return 404
    return 503 if isinstance(error, LedgerBusyError) else 409


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
        path = state_of(request).settings.ledger  # where the file lies on the server is nobody's business
        return told(request, status, "" if status == 404 else str(error).replace(str(path), path.name))

    @app.exception_handler(sqlite3.Error)
    async def database_error(request: Request, error: sqlite3.Error) -> Response:
        return told(request, 503, "台账暂时无法读写：请稍后再试。")

    @app.exception_handler(Exception)
    async def internal_error(request: Request, error: Exception) -> Response:
        response = told(request, 500)
        add_headers(response.headers)  # this answer is given outside of what else adds them
        return response
