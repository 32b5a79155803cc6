"""What services and products have in common on screen: categories to choose from, prices, and their history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from litestar import Response

from console import i18n
from console.domain.booking.quoting import Kept
from console.domain.catalogue import queries
from console.domain.catalogue.queries import PriceView
from console.domain.catalogue.rules import PriceFrom
from console.domain.team.rules import Permission
from console.routes import _fields as f
from console.routes import _page
from console.routes._forms import Form
from console.routes._guards import needs
from console.routes._names import shown
from console.routes._page import Req, page

READ = needs(Permission.CATALOGUE_READ)
CHANGE = needs(Permission.CATALOGUE_CHANGE)
PAGES = (
    ("nav.services", "/catalogue/services"),
    ("nav.products", "/catalogue/products"),
    ("nav.categories", "/catalogue/categories"),
)
FARTHEST = 366 * 5
"""Days ahead for which a price may be set."""
MOST_KEPT = 3
"""Prices that bookings keep which are told one by one."""


KeptFrom = Callable[[Iterable[date]], Awaitable[Mapping[date, Sequence[Kept]]]]
"""Answers which prices are kept by the bookings that lie on each of some dates or later."""


def tabs(current: str) -> list[dict[str, Any]]:
    """The pages of the catalogue."""
    return [{"label": i18n.gettext(key), "url": url, "current": url == current} for key, url in PAGES]


def may_change(request: Req) -> bool:
    return bool(request.user.actor.may(Permission.CATALOGUE_CHANGE))


async def category_field(request: Req, known: int | None = None) -> f.Field:
    """The categories that are on, and the one that something stands in; none is a choice."""
    offered = [one for one in await queries.categories() if one.retired_at is None or one.id == known]
    choices = [("", i18n.gettext("words.no_category")), *((str(one.id), shown(request, one.names)) for one in offered)]
    return f.choice("category", lambda: choices, required=False, label="field.category")


def price_field(request: Req) -> f.Field:
    """An amount in the business's currency."""
    return f.money("price", request.scope["state"]["business"].currency, label="field.price")


def price_fields(request: Req) -> tuple[f.Field, ...]:
    """A price, and the date it holds from."""
    return (price_field(request), f.day("valid_from", label="field.valid_from"))


def amount(price: PriceFrom | None) -> Decimal | None:
    """A price in whole units, for files and for sorting."""
    return None if price is None else i18n.major(price.minor, price.currency)


def price_words(price: PriceFrom | PriceView | None) -> str:
    return "" if price is None else i18n.money(price.minor, price.currency)


def change_words(changes: PriceFrom | None) -> str:
    """What the next price is, and from when."""
    if changes is None:
        return ""
    return i18n.words("words.price_from", {"price": price_words(changes), "date": i18n.short_day(changes.valid_from)})


def kept_words(kept: Mapping[date, Sequence[Kept]], since: date) -> str:
    """How many bookings lie on a date or later, and which prices they keep; nothing where there is none."""
    if not kept.get(since):
        return ""
    count, prices = sum(one.bookings for one in kept[since]), i18n.listing(_kept_prices(kept[since]))
    return i18n.words("words.bookings_keep", {"count": count, "date": since, "prices": prices})


def _kept_prices(kept: Sequence[Kept]) -> list[str]:
    told = [_kept_price(one) for one in kept[:MOST_KEPT]]
    if len(kept) == 1:
        return told
    counts = [f"{price}\u00a0({i18n.number(one.bookings)})" for price, one in zip(told, kept, strict=False)]
    return [*counts, i18n.gettext("words.other_prices")] if len(kept) > MOST_KEPT else counts


def _kept_price(one: Kept) -> str:
    if one.minor is None or one.currency is None:
        return i18n.gettext("words.no_price")
    return i18n.money(one.minor, one.currency)


def planned(form: Form, day: date) -> date:
    """The date in a form for a new price, which is today or later."""
    since: date = form.usable().get("valid_from", day)
    return max(since, day)


def history(prices: Sequence[PriceView], day: date, kept: Mapping[date, Sequence[Kept]]) -> list[dict[str, Any]]:
    """The prices of one thing as its page lists them: to come with what bookings `kept` keep, in force, past."""
    in_force = next((one.id for one in prices if one.valid_from <= day), None)
    return [
        {
            "price": one,
            "amount": price_words(one),
            "since": i18n.short_day(one.valid_from),
            "to_come": one.valid_from > day,
            "in_force": one.id == in_force,
            "kept": kept_words(kept, one.valid_from) if one.valid_from > day else "",
        }
        for one in prices
    ]


async def entity_page(
    request: Req,
    template: str,
    title: str,
    form: Form,
    prices: Sequence[PriceView],
    kept_from: KeptFrom,
    *,
    status: int = 200,
    price_form: Form,
    **context: Any,
) -> Response[Any]:
    """The page of one service or product: its form, its price history, and a form for a new price."""
    day = _page.today(request)
    since = planned(price_form, day)
    kept = await kept_from({since, *(one.valid_from for one in prices if one.valid_from > day)})
    return await page(
        request,
        template,
        title,
        status=status,
        form=form,
        prices=history(prices, day, kept),
        price_form=price_form,
        kept=kept_words(kept, since),
        may_change=may_change(request),
        **context,
    )
