"""What guards every request before any page sees it: whom it is for, where it comes from, how large it is."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from anyio import fail_after
from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from extractor.web.settings import Settings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SAME_SITE = frozenset({"same-origin", "none"})
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s\[\]:/?#@\\]+)(?::\d{1,5})?")
"""A Host header: a name or address, and perhaps a port."""
LONGEST_PATH = 1000
"""Characters of an address before `?`; ours are far shorter."""
BODY_SECONDS = 30.0
"""How long the next piece of a body may take: whoever sends nothing must not hold a connection."""
BODY_LIMIT = "taizhang.body_limit"


def add_headers(headers: MutableHeaders) -> None:
    """Add those headers that an answer has not set itself."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)


def accept_body(request: Request, limit: int) -> None:
    """From now on take a body of up to `limit` bytes: for routes that take files, once it is known who sends them."""
    request.scope[BODY_LIMIT] = limit


class Security:
    """Wraps the app: checks host, origin and size, adds the headers."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or have the app answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message))
            await send(message)

        headers = Headers(scope=scope)
        if not self.settings.answers_to(_host_name(headers.get("host", ""))):
            refusal = "这个地址不属于本服务：请用启动时显示的地址打开。"
            await PlainTextResponse(refusal, 400)(scope, receive, send_with_headers)
        elif scope["method"] not in SAFE_METHODS and not _from_our_pages(headers):
            refusal = "请求来自其他网站，未作任何改动：请从本页面操作。"
            await PlainTextResponse(refusal, 403)(scope, receive, send_with_headers)
        elif len(scope["path"]) > LONGEST_PATH:
            refusal = "没有这个页面：请回到首页重新进入。"
            await PlainTextResponse(refusal, 404)(scope, receive, send_with_headers)
        else:
            await self.app(scope, self._counted(scope, headers, receive), send_with_headers)

    def _counted(self, scope: Scope, headers: Headers, receive: Receive) -> Receive:
        scope[BODY_LIMIT] = self.settings.max_form
        declared = headers.get("content-length", "")
        taken, complete = 0, False

        async def receive_within_limit() -> Message:
            nonlocal taken, complete
            limit = scope[BODY_LIMIT]
            if declared.isdecimal() and int(declared) > limit:
                raise too_large(limit)
            try:
                with fail_after(None if complete else BODY_SECONDS):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, "内容迟迟没有送到，未作任何改动：请检查网络后重试。") from None
            complete = not message.get("more_body", False)
            taken += len(message.get("body", b""))
            if taken > limit:
                raise too_large(limit)
            return message

        return receive_within_limit


def too_large(limit: int) -> HTTPException:
    """The refusal of a body above `limit` bytes."""
    size = f"{limit >> 20} MB" if limit >= 1 << 20 else f"{limit} 字节"
    return HTTPException(413, f"内容太大，上限为 {size}：请拆分后再试。")


def _host_name(host: str) -> str:
    """The host of a Host header, without its port and the brackets of IPv6."""
    match = HOST.fullmatch(host)
    return match[1].strip("[]") if match else ""


def _from_our_pages(headers: Headers) -> bool:
    """Whether a change was asked for by a page of this site, or by no page at all; older browsers tell only the origin."""
    if headers.get("sec-fetch-site", "none") not in SAME_SITE:
        return False
    origin = headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc == headers.get("host", "")
    except ValueError:  # brackets that are no address
        return False
