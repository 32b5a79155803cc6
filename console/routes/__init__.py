"""HTTP only: parse, call one action or query, render. `ROUTES` is every handler outside demo mode."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from console.routes import door, health

ROUTES: list[ControllerRouterHandler] = [
    *door.ROUTES,
    *health.ROUTES,
]
