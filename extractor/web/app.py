"""The page as an ASGI app: its parts put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from concurrent.futures import Executor
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from extractor.version import __version__
from extractor.web import api
from extractor.web.accounts import Accounts
from extractor.web.errors import add_handlers
from extractor.web.pages import (
    audit,
    documents,
    due,
    handouts,
    intake,
    originals,
    people,
    progress,
    review,
    sign_in,
    start,
    table,
    task,
    units,
)
from extractor.web.pending import PendingReturns
from extractor.web.reading import Reading
from extractor.web.security import Security
from extractor.web.settings import Settings
from extractor.web.templating import FOLDER
from extractor.web.verifying import Verifying
from extractor.web.visits import Guard, State

PUBLIC = frozenset({"/login", "/static"})
"""What is there for those who are not signed in."""

PAGES = (
    start.router,
    intake.router,
    review.router,
    table.router,
    due.router,
    progress.router,
    handouts.router,
    units.router,
    documents.router,
    task.router,
    originals.router,
    sign_in.router,
    people.router,
    *audit.ROUTERS,
)


def create_app(
    settings: Settings, *, executor: Executor | None = None, accounts: Accounts | None = None
) -> FastAPI:
    """The app that serves the ledger of `settings`.

    Args:
        settings: which ledger, how and to whom.
        executor: where files are read in: unless given a process of its own, so that pages answer meanwhile.
        accounts: the file of passwords and sessions: that beside the ledger unless given.

    Raises:
        UnguardedRouteError: if a route does not say who may use it.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.reading = Reading(executor)
        yield
        app.state.reading.close()

    app = FastAPI(
        title="台账 Taizhang",
        version=__version__,
        description="台账的数据接口：文件、任务、日志。与页面用同一套账户和权限。",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.verifying = Verifying(settings.ledger)
    app.state.pending = PendingReturns()
    app.state.shared = State(settings, accounts or Accounts(settings.accounts))
    app.add_middleware(Security, settings=settings)
    add_handlers(app)
    app.mount("/static", Static(directory=FOLDER / "static"))
    for router in (*PAGES, *api.ROUTERS):
        app.router.routes.extend(router.routes)
    check_guards(app.routes)
    return app


class Static(StaticFiles):
    """The files that pages need; browsers ask each time whether one has changed."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


class UnguardedRouteError(Exception):
    """A route that anybody could use: a mistake of ours, found before the first visitor."""


def check_guards(routes: Iterable[BaseRoute]) -> None:
    """See that every route but the public ones says who may use it.

    Raises:
        UnguardedRouteError: for the first that does not.
    """
    for route in routes:
        path = getattr(route, "path", str(route))
        guarded = isinstance(route, APIRoute) and guards_of(route.dependant)
        if not guarded and path not in PUBLIC:
            raise UnguardedRouteError(path)


def guards_of(dependant: Dependant) -> list[Guard]:
    """The guards that a route has, those of its dependencies among them."""
    own = [dependant.call] if isinstance(dependant.call, Guard) else []
    return own + [guard for inner in dependant.dependencies for guard in guards_of(inner)]
