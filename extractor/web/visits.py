"""Who asks, and whether they may: every route declares with `may(right)` what it takes, and gets a `Visit`.

A visit belongs to a person who is signed in, to a program with a token, or, where there are no accounts and only this machine
can reach the page, to whoever is logged in on it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http.cookies import CookieError
from typing import Any

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.security.base import SecurityBase
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from extractor.export.wording import shortened
from extractor.ledger.ledger import Ledger
from extractor.ledger.people import person, spelled
from extractor.web.accounts import Accounts
from extractor.web.at_once import AtOnce
from extractor.web.roles import RIGHTS, Right
from extractor.web.settings import Settings
from extractor.web.templating import ENVIRONMENT

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE, SECURE_COOKIE, SAID_COOKIE = "taizhang", "__Host-taizhang", "taizhang_said"
MARK_COOKIE, MARK_SECONDS = "taizhang_known", 180 * 24 * 60 * 60
CSRF_FIELD, CSRF_HEADER = "csrf_token", "X-CSRF-Token"
SECRET_LENGTH = 32
"""Bytes of the random secret in the cookie; as text it has a third more."""
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
SAID_SECONDS = 60
LONGEST_SAID = 500
"""Characters: browsers drop a cookie of more than 4096 bytes."""


class NotSignedInError(Exception):
    """Somebody must sign in first."""


@dataclass(frozen=True)
class State:
    """What all requests share: `key` signs what goes to browsers and comes back, and is new with each start."""

    settings: Settings
    accounts: Accounts
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    at_once: AtOnce = field(default_factory=AtOnce)

    @property
    def cookie(self) -> str:
        """The name of the cookie that tells browsers apart."""
        return SECURE_COOKIE if self.settings.https else COOKIE

    def signed(self, purpose: str, text: str) -> str:
        """What only this server can make of `text`."""
        return hmac.new(self.key, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()

    def set_cookie(self, response: Response, name: str, value: str, seconds: int | None = None) -> None:
        """A cookie that scripts cannot read and other sites cannot send along with a change.

        Lax, not strict: who follows a link to a task from another site is still the same visitor.
        """
        response.set_cookie(
            name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=self.settings.https
        )


@dataclass(frozen=True)
class User:
    """Who asks, and what they may do; `id` is their number in the ledger, None where there are no accounts."""

    name: str
    rights: frozenset[Right]
    role: str | None = None
    id: int | None = None


def state_of(request: Request) -> State:
    """What all requests share."""
    state: State = request.app.state.shared
    return state


def secret_of(request: Request) -> str:
    """The secret by which this browser is known: that of its cookie, or a new one that `remember` will give it."""
    known = getattr(request.state, "secret", None) or _cookies(request).get(state_of(request).cookie, "")
    if not SECRET_LENGTH <= len(known) <= 2 * SECRET_LENGTH:
        known = secrets.token_urlsafe(SECRET_LENGTH)
        request.state.new_secret = True
    request.state.secret = known
    return known


def mark_of(request: Request, name: str) -> str:
    """The mark that this browser was given when somebody of that name signed in with it, or nothing."""
    return _cookies(request).get(_mark_cookie(name), "")


def give_mark(request: Request, response: Response, name: str) -> None:
    """Let this browser be known as one in which somebody of that name has signed in."""
    state = state_of(request)
    state.set_cookie(response, _mark_cookie(name), state.accounts.new_mark(name), MARK_SECONDS)


def _mark_cookie(name: str) -> str:
    """One for each person, for several may work at one machine."""
    return f"{MARK_COOKIE}_{hashlib.sha256(spelled(name).encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def csrf_token(request: Request) -> str:
    """What a form or script must bring along to change something: tied to the browser's secret."""
    return state_of(request).signed("csrf", secret_of(request))


async def check_csrf(request: Request) -> None:
    """Refuse a change that no page of ours asked for: its header or form field must bring `csrf_token`."""
    if request.method in SAFE_METHODS:
        return
    brought = request.headers.get(CSRF_HEADER, "")
    if not brought and request.headers.get("content-type", "").startswith(FORMS):
        given = (await request.form()).get(CSRF_FIELD)
        brought = given if isinstance(given, str) else ""
    if not hmac.compare_digest(brought.encode(), csrf_token(request).encode()):
        raise HTTPException(403, "页面已过期或请求并非由本页面发出，未作任何改动：请刷新页面后再试。")


class Visit:
    """One request: who asks (`user`), the `ledger` opened in their name, and how to answer.

    `ledger` is open until the answer has been sent; `by_token` says that a program asks.
    """

    def __init__(self, request: Request, user: User, ledger: Ledger, *, by_token: bool) -> None:
        self.request = request
        self.user = user
        self.ledger = ledger
        self.by_token = by_token

    @property
    def state(self) -> State:
        """What all requests share."""
        return state_of(self.request)

    def may(self, right: Right) -> bool:
        """Whether the visitor has that right."""
        return right in self.user.rights

    def show(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """The page that `template` makes of `context`; it also knows `visit`."""
        return show(self.request, template, status=status, visit=self, **context)

    def redirect(self, path: str, said: str = "") -> RedirectResponse:
        """Send the browser on after a change; the next page says `said` once."""
        response = RedirectResponse(path, 303)
        if said:
            text = base64.urlsafe_b64encode(shortened(said, LONGEST_SAID).encode()).decode()
            value = f"{self.state.signed('said', text)}.{text}"
            self.state.set_cookie(response, SAID_COOKIE, value, SAID_SECONDS)
        return response


def show(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page, also for those who are not signed in."""
    said = _said(request)
    page = ENVIRONMENT.get_template(template).render(
        visit=context.pop("visit", None),
        request=request,
        csrf_token=csrf_token(request),
        said=said,
        **context,
    )
    response = HTMLResponse(page, status)
    if said:
        response.delete_cookie(SAID_COOKIE, path="/")
    remember(request, response)
    return response


def remember(request: Request, response: Response) -> None:
    """Give a browser that is new the cookie by which it is known."""
    if getattr(request.state, "new_secret", False):
        state_of(request).set_cookie(response, state_of(request).cookie, secret_of(request))


def _said(request: Request) -> str:
    signature, _, text = _cookies(request).get(SAID_COOKIE, "").partition(".")
    if not text or not hmac.compare_digest(
        signature.encode(), state_of(request).signed("said", text).encode()
    ):
        return ""
    return base64.urlsafe_b64decode(text).decode()


def _cookies(request: Request) -> dict[str, str]:
    try:
        return request.cookies
    except (CookieError, ValueError):
        return {}


class Guard:
    """A dependency that lets those in who have `right`; each route must have one."""

    takes_tokens = False

    def __init__(self, right: Right) -> None:
        self.right = right

    async def __call__(self, request: Request) -> AsyncIterator[Visit]:
        """The visit, if it is allowed.

        Raises:
            NotSignedInError: if nobody is signed in.
            HTTPException: if they have not the right, a change was not asked for by a page of ours, or they ask for too much.
        """
        bearer = _bearer(request) if self.takes_tokens else None
        if bearer is None:
            await check_csrf(request)
        user, ledger = await run_in_threadpool(_admitted, request, bearer)
        try:
            if self.right not in user.rights:
                raise HTTPException(403, "您的角色没有这项权限：如确需办理，请联系管理员。")
            with state_of(request).at_once.one_more(user.name, self.right):
                visit = Visit(request, user, ledger, by_token=bearer is not None)
                request.state.visit = visit  # so that the page of an error still has the menu
                yield visit
        finally:
            await run_in_threadpool(ledger.close)


class ProgramGuard(Guard, SecurityBase):
    """A guard that also lets programs in, with the token of a person who has `right`; OpenAPI says so."""

    takes_tokens = True
    scheme_name = "token"
    model = HTTPBearer(description="用 taizhang user token 姓名 取得的令牌")


def may(right: Right) -> Any:
    """What a page's route declares: who has `right` gets in, with a `Visit`."""
    return Depends(Guard(right))


def program_may(right: Right) -> Any:
    """What a route of the API declares: as `may`, and programs get in with the token of a person who has `right`."""
    return Depends(ProgramGuard(right))


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _admitted(request: Request, bearer: str | None) -> tuple[User, Ledger]:
    state = state_of(request)
    ledger = Ledger.open(state.settings.ledger)
    try:
        user = _user(request, state, ledger, bearer)
        ledger.actor = user.name
    except BaseException:
        ledger.close()
        raise
    return user, ledger


def _user(request: Request, state: State, ledger: Ledger, bearer: str | None) -> User:
    if not state.accounts.in_use():
        if not state.settings.local_only:
            raise HTTPException(503, "账户文件不见了，已停止对外服务：请联系维护台账的人。")
        if bearer is not None:
            raise NotSignedInError
        return User(state.settings.login, RIGHTS["admin"])
    if bearer is not None:
        name = state.accounts.whose_token(bearer)
    else:
        name = state.accounts.who_is_signed_in(secret_of(request))
    found = person(ledger, name) if name is not None else None
    if found is None or not found.active:
        raise NotSignedInError
    return User(found.name, RIGHTS[found.role], found.role, found.id)
