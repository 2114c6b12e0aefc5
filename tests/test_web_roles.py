"""Who may use which route: every route of the page and the API, with every role."""

from __future__ import annotations

import re

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from extractor.web import app as web_app
from extractor.web.app import PUBLIC, UnguardedRouteError
from extractor.web.templating import NAVIGATION
from tests.web_client import served

STAFF, COORDINATOR, AUDITOR, ADMIN = "staff", "coordinator", "auditor", "admin"
ALL = {STAFF, COORDINATOR, AUDITOR, ADMIN}
READERS_IN = {STAFF, COORDINATOR, ADMIN}
TRACKERS = {COORDINATOR, ADMIN}
AUDITORS = {AUDITOR, ADMIN}
COORDINATOR_AND_AUDITORS = {COORDINATOR, AUDITOR, ADMIN}
ADMINS = {ADMIN}

ALLOWED = {
    "GET /": ALL,
    "GET /intake": READERS_IN,
    "POST /intake": READERS_IN,
    "GET /documents/{document_id}/original": ALL,
    "GET /documents": ALL,
    "GET /documents/{document_id:int}/pages/{number:int}.png": ALL,
    "GET /review": ALL,
    "GET /review/{document_id:int}": ALL,
    "GET /review/{document_id:int}/reading": READERS_IN,
    "GET /review/tasks/{task_id:int}/editor": READERS_IN,
    "POST /review/tasks/{task_id:int}/confirm": READERS_IN,
    "POST /review/tasks/{task_id:int}/correct": READERS_IN,
    "POST /review/tasks/{task_id:int}/split": READERS_IN,
    "POST /review/tasks/{task_id:int}/merge": READERS_IN,
    "POST /review/tasks/{task_id:int}/withdraw": READERS_IN,
    "POST /review/{document_id:int}/take-in": READERS_IN,
    "POST /review/{document_id:int}/undo": READERS_IN,
    "GET /tasks": ALL,
    "GET /tasks/export": COORDINATOR_AND_AUDITORS,
    "POST /tasks/status": TRACKERS,
    "POST /tasks/undo": TRACKERS,
    "GET /due": ALL,
    "GET /due/month": ALL,
    "POST /due/tick": TRACKERS,
    "GET /due/events": ALL,
    "POST /due/events": TRACKERS,
    "POST /due/events/forget": TRACKERS,
    "GET /progress": ALL,
    "GET /progress/report": COORDINATOR_AND_AUDITORS,
    "GET /handouts": ALL,
    "GET /handouts/{number:int}": ALL,
    "POST /handouts/table": TRACKERS,
    "POST /handouts/by-unit": TRACKERS,
    "POST /handouts/returned": TRACKERS,
    "POST /handouts/returned/{name}/apply": TRACKERS,
    "POST /handouts/returned/{name}/drop": TRACKERS,
    "GET /units": ALL,
    "POST /units/merge": TRACKERS,
    "POST /units/{number:int}/rename": TRACKERS,
    "POST /units/{number:int}/split": TRACKERS,
    "POST /units/undo": TRACKERS,
    "GET /tasks/{task_id:int}": ALL,
    "GET /tasks/{task_id:int}/history": ALL,
    "POST /tasks/{task_id:int}/progress": TRACKERS,
    "POST /tasks/{task_id:int}/occurrences": TRACKERS,
    "POST /tasks/{task_id:int}/attachments": TRACKERS,
    "GET /tasks/{task_id:int}/attachments/{number:int}": ALL,
    "POST /tasks/{task_id:int}/attachments/{number:int}/drop": TRACKERS,
    "GET /account": ALL,
    "POST /account/password": ALL,
    "GET /people": ADMINS,
    "POST /people": ADMINS,
    "POST /people/role": ADMINS,
    "POST /people/active": ADMINS,
    "POST /people/password": ADMINS,
    "POST /people/tokens": ADMINS,
    "GET /api/v1/session": ALL,
    "GET /api/v1/openapi.json": ALL,
    "GET /api/v1/docs": ALL,
    "GET /api/v1/documents": ALL,
    "POST /api/v1/documents": READERS_IN,
    "GET /api/v1/documents/{document_id}": ALL,
    "GET /api/v1/documents/{document_id}/items": ALL,
    "GET /api/v1/documents/{document_id}/annotations": ALL,
    "GET /api/v1/tasks": ALL,
    "GET /api/v1/tasks/{task_id}": ALL,
    "POST /api/v1/tasks/{task_id}/record": TRACKERS,
    "GET /api/v1/due": ALL,
    "GET /api/v1/search": ALL,
    "GET /api/v1/units": ALL,
    "GET /api/v1/events": AUDITORS,
    "GET /api/v1/verify": AUDITORS,
    "GET /audit": AUDITORS,
    "GET /audit/find": AUDITORS,
    "POST /audit/copy": AUDITORS,
    "GET /audit/coverage": AUDITORS,
    "GET /audit/coverage/{document_id:int}": AUDITORS,
    "GET /audit/versions": AUDITORS,
    "GET /audit/versions/{document_id:int}": AUDITORS,
    "GET /audit/log": AUDITORS,
    "GET /audit/log/{sequence:int}": AUDITORS,
    "GET /audit/verify": AUDITORS,
    "POST /audit/verify": AUDITORS,
    # Last, for it ends the session with which the others are asked.
    "POST /logout": ALL,
}
"""The specification; a page that is added has its routes here."""


def routes(app):
    return {
        f"{method} {route.path}"
        for route in app.routes
        if isinstance(route, APIRoute) and route.path not in PUBLIC
        for method in route.methods
    }


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    with served(tmp_path_factory.mktemp("roles"), accounts=True) as office:
        yield office


def ask(visitor, what: str):
    method, path = what.split(" ")
    address = re.sub(r"\{[^}]+\}", "1", path)
    return visitor.get(address) if method == "GET" else visitor.post(address)


def test_every_route_is_in_the_table(office):
    assert routes(office.app) == set(ALLOWED)


@pytest.mark.parametrize("role", sorted(ALL))
def test_a_role_gets_in_where_the_table_says_so_and_nowhere_else(office, role):
    visitor = office.signed_in(role)
    got_in = {what for what in ALLOWED if ask(visitor, what).status_code != 403}
    assert got_in == {what for what, roles in ALLOWED.items() if role in roles}


def test_nobody_gets_in_without_signing_in(office):
    visitor = office.visitor()
    visitor.get("/login")
    for what in ALLOWED:
        answer = ask(visitor, what)
        if what.split(" ")[1].startswith("/api/"):
            assert (what, answer.status_code) == (what, 401)
        else:
            assert (what, answer.status_code, answer.headers["location"][:6]) == (what, 303, "/login")


def test_the_menu_shows_only_what_the_role_may_use(office):
    menu = re.compile(r'<nav aria-label="主菜单">(.*?)</nav>', re.DOTALL)
    shown = {}
    for role in ALL:
        page = office.signed_in(role).get("/account").text
        shown[role] = re.findall(r'href="([^"]+)"', menu.search(page).group(1))
    assert "/audit" not in shown[STAFF]
    assert shown[AUDITOR][0] == "/tasks"
    assert shown[ADMIN] == [path for path, _, _ in NAVIGATION]


def test_an_app_with_an_unguarded_route_does_not_start(tmp_path, monkeypatch):
    router = APIRouter()
    router.get("/open")(lambda: "everybody")
    monkeypatch.setattr(web_app, "PAGES", (*web_app.PAGES, router))
    with pytest.raises(UnguardedRouteError, match="/open"), served(tmp_path):
        pass


def test_another_role_holds_at_once(office):
    visitor = office.visitor()
    admin = office.signed_in(ADMIN)
    admin.get("/people")
    admin.post("/people", data={"name": "新人", "role": STAFF, "password": "a long password"})
    visitor.sign_in("新人", "a long password")
    before = visitor.get("/people").status_code
    admin.post("/people/role", data={"name": "新人", "role": ADMIN})
    assert (before, visitor.get("/people").status_code) == (403, 200)
