"""The composition root: routes, templates, security and the lifespan of the web process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import cache
from typing import Any
from uuid import uuid4

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.static_files import create_static_files_router
from litestar.template.config import TemplateConfig

from console import exporting, versions
from console.config import Settings, key_of_secrets, secret_key
from console.domain import db, secret
from console.domain.doorbell import set_doorbell
from console.printing import Printer
from console.queue import Doorbell
from console.routes import demo
from console.routes._all import ROUTES
from console.routes._assets import STATIC, asset
from console.routes._edge import Edge
from console.routes._errors import HANDLERS, elsewhere
from console.routes._guards import PUBLIC, guard
from console.routes._session import Gate
from console.routes._shelf import Shelf
from console.routes._terms import term
from console.templating import environment

BOARDS = 96
"""Days and weeks of the agenda that are kept as they were rendered; each takes up to a hundred kilobytes."""
MONTHS = 64
BODY_LIMIT = 64 * 1024
"""Bytes of a request's body, where a handler says nothing else."""


def create_app(settings: Settings) -> Litestar:
    """The web application for these settings. Opens nothing until its lifespan starts."""
    gate = Gate(settings, secret_key(settings).encode())
    handlers = [*ROUTES, *(demo.ROUTES if settings.demo else ())]
    app = Litestar(
        route_handlers=[
            Router(
                "/",
                route_handlers=handlers,
                guards=[guard],
                middleware=[gate],
            ),
            create_static_files_router(
                path="/static",
                directories=[STATIC],
                opt={**PUBLIC, "no_session": True},
                cache_control=None,
                include_in_schema=False,
            ),
        ],
        template_config=TemplateConfig(instance=template_engine()),
        exception_handlers=HANDLERS,
        request_max_body_size=BODY_LIMIT,
        openapi_config=None,
        lifespan=[lambda app: _lifespan(app, settings)],
        state=new_state(settings, gate),
        logging_config=None,
    )
    app.asgi_handler = Edge(app.asgi_handler, settings, elsewhere)
    return app


def new_state(settings: Settings, gate: Gate) -> State:
    """What an application knows before its first request: nothing is kept yet."""
    return State(
        {
            "settings": settings,
            "gate": gate,
            "boards": Shelf(BOARDS),
            "months": Shelf(MONTHS),
            "clashes": Shelf(MONTHS),
            "astray": Shelf(MONTHS),
        }
    )


@cache
def template_engine() -> JinjaTemplateEngine:
    """Jinja, with the addresses of our static files; a process compiles each template once."""
    templates = environment()
    templates.globals.update(asset=asset, explained=term, new_intent=lambda: str(uuid4()))
    return JinjaTemplateEngine.from_environment(templates)


@contextlib.asynccontextmanager
async def _lifespan(app: Litestar, settings: Settings) -> AsyncIterator[None]:
    if not settings.database_url:
        raise RuntimeError("DATABASE_URL is not set")
    secret.use_key(key_of_secrets(settings))
    await db.open_pool(settings.database_url, size=settings.pool_size)
    doorbell = Doorbell(settings.redis_url) if settings.redis_url else None
    app.state.printer = Printer()
    await asyncio.to_thread(exporting.sweep)
    try:
        await versions.check()
        app.state.doorbell = doorbell
        if doorbell:
            set_doorbell(doorbell.ring)
        yield
    finally:
        set_doorbell(None)
        await app.state.printer.close()
        if doorbell:
            await doorbell.close()
        await db.close_pool()


@cache
def routes() -> list[dict[str, str]]:
    """Every route with its permission ("public" where nobody needs to be signed in); needs no database."""
    app = create_app(Settings(demo=True, secret_key="only to walk the routes"))
    listed = [
        {"method": method, "path": route.path_format, "permission": str(handler.opt.get("permission", ""))}
        for route in app.routes
        for method, handler in _handlers(route)
        if method != "OPTIONS"
    ]
    return sorted(listed, key=lambda one: (one["path"], one["method"]))


def _handlers(route: Any) -> list[tuple[str, Any]]:
    if hasattr(route, "route_handler_map"):
        pairs = [(str(method), handler) for method, handler in route.route_handler_map.items()]
        return [(method, found[0] if isinstance(found, tuple) else found) for method, found in pairs]
    return [("GET", route.route_handler)]
