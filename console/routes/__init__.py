"""HTTP only: parse, call one action or query, render. `ROUTES` is every handler outside demo mode."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from console.routes import (
    bookables,
    business,
    categories,
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
    prices,
    products,
    profile,
    public_holidays,
    schedules,
    search,
    services,
    skills,
    staff,
    time_off,
    weeks,
)

ROUTES: list[ControllerRouterHandler] = [
    *bookables.ROUTES,
    *business.ROUTES,
    *categories.ROUTES,
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
    *prices.ROUTES,
    *products.ROUTES,
    *profile.ROUTES,
    *public_holidays.ROUTES,
    *schedules.ROUTES,
    *search.ROUTES,
    *services.ROUTES,
    *skills.ROUTES,
    *staff.ROUTES,
    *time_off.ROUTES,
    *weeks.ROUTES,
]
