"""HTTP only: parse, call one action or query, render. `ROUTES` is every handler outside demo mode."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from console.routes import (
    business,
    door,
    health,
    history,
    holidays,
    locations,
    logo,
    mailbox,
    nowhere,
    overview,
    preferences,
    profile,
    public_holidays,
    search,
    staff,
)

ROUTES: list[ControllerRouterHandler] = [
    *business.ROUTES,
    *door.ROUTES,
    *health.ROUTES,
    *history.ROUTES,
    *holidays.ROUTES,
    *locations.ROUTES,
    *logo.ROUTES,
    *mailbox.ROUTES,
    *nowhere.ROUTES,
    *overview.ROUTES,
    *preferences.ROUTES,
    *profile.ROUTES,
    *public_holidays.ROUTES,
    *search.ROUTES,
    *staff.ROUTES,
]
