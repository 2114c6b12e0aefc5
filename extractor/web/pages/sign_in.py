"""Signing in and out, and one's own password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from extractor.ledger.people import PersonError, person
from extractor.web.accounts import LockedOutError, give_password
from extractor.web.errors import on_page
from extractor.web.visits import Visit, check_csrf, give_mark, mark_of, may, secret_of, show, state_of

router = APIRouter(include_in_schema=False)

WRONG = "姓名或密码不对：请检查后重试。"
LOCKED = "失败次数过多：请 15 分钟后再试，或请管理员重设密码。"
Field = Annotated[str, Form(max_length=1000)]


@router.get("/login")
def form(request: Request, next: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    """Where people sign in."""
    if not state_of(request).accounts.in_use():
        return RedirectResponse("/", 303)
    return show(request, "login.html", next=own_path(next), problem="", name="")


@router.post("/login", dependencies=[Depends(check_csrf)])
def sign_in(request: Request, name: Field = "", password: Field = "", next: Field = "/") -> Response:
    """Begin a session: always under a new secret, whatever the browser brought along."""
    state = state_of(request)
    try:
        secret = state.accounts.sign_in(name, password, address_of(request), mark_of(request, name))
    except LockedOutError:
        return show(request, "login.html", status=429, next=own_path(next), problem=LOCKED, name=name)
    if secret is None:
        return show(request, "login.html", status=403, next=own_path(next), problem=WRONG, name=name)
    response = RedirectResponse(own_path(next), 303)
    state.set_cookie(response, state.cookie, secret)
    give_mark(request, response, name)
    return response


@router.post("/logout")
def sign_out(visit: Annotated[Visit, may("read")]) -> Response:
    """End the session."""
    visit.state.accounts.sign_out(secret_of(visit.request))
    response = RedirectResponse("/login", 303)
    response.delete_cookie(visit.state.cookie, path="/", secure=visit.state.settings.https, httponly=True)
    return response


@router.get("/account")
def account(visit: Annotated[Visit, may("read")]) -> Response:
    """Who one is, and the form for another password."""
    return _account(visit)


@router.post("/account/password")
def change_password(
    visit: Annotated[Visit, may("read")],
    old: Field = "",
    new: Field = "",
    again: Field = "",
    end_tokens: Annotated[bool, Form()] = False,
) -> Response:
    """Another password for oneself; all sessions end, and one signs in again. Programs go on unless they are to end too."""
    accounts, name, problem = visit.state.accounts, visit.user.name, ""
    try:
        if visit.user.id is None:
            problem = "没有启用账户，不需要密码。"
        elif not accounts.password_is_right(
            name, old, address_of(visit.request), mark_of(visit.request, name)
        ):
            problem = "现在的密码不对：请重新填写。"
        elif new != again:
            problem = "两次填写的新密码不一样：请重新填写。"
        else:
            give_password(visit.ledger, accounts, name, new, end_tokens=end_tokens)
    except LockedOutError:
        problem = LOCKED
    except PersonError as error:
        problem = on_page(error, visit.ledger.path)
    if problem:
        return _account(visit, problem)
    return visit.redirect("/login", "密码已改，请用新密码登录。")


def _account(visit: Visit, problem: str = "") -> Response:
    found = person(visit.ledger, visit.user.name)
    return visit.show(
        "account.html",
        status=422 if problem else 200,
        problem=problem,
        tokens=found.tokens if found else 0,
    )


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""


def own_path(path: str) -> str:
    """`path` where it is one of this site, else the start page: a sign-in must not lead elsewhere."""
    own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if own else "/"
