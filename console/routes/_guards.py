"""Who may reach a handler. Deny by default: every handler names its permission or says that it is public."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.handlers.base import BaseRouteHandler

from console.domain.errors import Forbidden, NotFound

PUBLIC: dict[str, Any] = {"permission": "public"}
"""`opt=` of a handler that needs nobody signed in."""


class MethodsAsked(HTTPException):
    """An answer to OPTIONS: nothing but the methods of an address."""

    status_code = 204


def _methods(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    # Litestar's own answer names those of the first handler of an address only.
    path = connection.scope["path_template"]
    return allowed(str(one) for route in connection.app.routes if route.path_format == path for one in _of(route))


def allowed(methods: Iterable[str]) -> str:
    """The methods of an address as `Allow` names them: HEAD wherever GET is."""
    named = set(methods)
    return ", ".join(sorted(named | ({HttpMethod.HEAD.value} if HttpMethod.GET.value in named else set())))


def _of(route: Any) -> Iterable[str]:
    return route.methods if hasattr(route, "methods") else ()


def needs(permission: str) -> dict[str, Any]:
    """`opt=` of a handler that takes this permission."""
    return {"permission": permission}


def _as_we_write_it(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether the numbers of an address are in plain digits: what else `int` takes would be more addresses of it."""
    names = filter(None, str(connection.scope["path_template"]).split("/"))
    parts = filter(None, connection.scope["path"].split("/"))
    values = {f"{{{name}}}": value for name, value in connection.path_params.items() if isinstance(value, int)}
    return all(str(values.get(name, part)) == part for name, part in zip(names, parts, strict=False))


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Raise unless the signed-in staff member holds the handler's permission. A handler without one is shut.

    A coroutine though it waits for nothing: what is none is sent to a thread with every request.
    """
    if getattr(handler, "http_methods", None) == {HttpMethod.OPTIONS}:
        raise MethodsAsked(headers={"allow": _methods(connection)})
    permission = handler.opt.get("permission")
    if permission != "public":
        if connection.scope.get("user") is None:
            raise NotAuthorizedException
        if permission is None or not connection.user.actor.may(permission):
            raise Forbidden(permission=permission)
    if not _as_we_write_it(connection):
        raise NotFound
