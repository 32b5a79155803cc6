"""HTTP only: parse, call one action or query, render. `ROUTES` is every handler outside demo mode."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from console.routes import door, health, history, mailbox, nowhere, preferences, profile, search, staff

ROUTES: list[ControllerRouterHandler] = [
    *door.ROUTES,
    *health.ROUTES,
    *history.ROUTES,
    *mailbox.ROUTES,
    *nowhere.ROUTES,
    *preferences.ROUTES,
    *profile.ROUTES,
    *search.ROUTES,
    *staff.ROUTES,
]
