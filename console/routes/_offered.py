"""What services and products are alike in: a list, a page with the price history, adding, changing, off and on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.booking.quoting import Kept
from console.domain.catalogue import queries
from console.domain.catalogue.queries import PriceView, ProductView, ServiceView
from console.domain.catalogue.rules import LONGEST_CODE
from console.domain.ids import CategoryId
from console.domain.intent import Intent, Outcome
from console.routes import _fields as f
from console.routes import _names, _page, _prices
from console.routes._forms import FORM_LIMIT, Form
from console.routes._listing import Column, file, listing
from console.routes._page import Req, frame, page, rendered, wants_fragment
from console.routes._prices import CHANGE, READ, may_change
from console.routes._submit import Saved, press, submit

View = ServiceView | ProductView
Done = Awaitable[Outcome[Any]]
KeptFrom = Callable[[int, Sequence[date]], Awaitable[Mapping[date, Sequence[Kept]]]]


@dataclass(frozen=True)
class Offered:
    """One of the two. What it has of its own: `fields` with their `values`, a `column`, and `facts` to read.

    `name` is its entity, the name of its form and of its id in results; `templates` the folder of its pages; `kept`:
    which prices bookings keep, where it is booked; `more`: what else its page shows.
    """

    name: str
    templates: str
    titles: tuple[str, str]
    every: Callable[[date], Awaitable[Sequence[View]]]
    one: Callable[[int, date], Awaitable[View]]
    prices: Callable[[int], Awaitable[Sequence[PriceView]]]
    add: Callable[[Intent, Any, int, date], Done]
    change: Callable[[Intent, Any, int, Any], Done]
    price: Callable[[Intent, Any, int, date, int | None], Done]
    retire: Callable[[Intent, Any], Done]
    readmit: Callable[[Intent, Any], Done]
    about: Callable[[Mapping[str, Any], Mapping[str, str], CategoryId | None], Any]
    fields: tuple[f.Field, ...]
    values: Callable[[Any], dict[str, Any]]
    column: Column[Any]
    shown: Callable[[Any], str]
    words: Callable[[Any], Iterable[str | None]]
    facts: Callable[[Any], list[tuple[str, str]]]
    usual: Mapping[str, Any] = field(default_factory=dict)
    kept: KeptFrom | None = None
    more: Callable[[Req, Any], Awaitable[Mapping[str, Any]]] | None = None

    @property
    def path(self) -> str:
        return f"/catalogue/{self.templates}"

    def columns(self, request: Req) -> list[Column[Any]]:
        return [
            Column(
                "category", "column.service.category", lambda one: _names.shown(request, one.category_names) or None
            ),
            Column("name", "column.service.names", lambda one: _names.shown(request, one.names)),
            Column("code", "column.service.code", lambda one: one.code),
            self.column,
            Column("price", "column.price.minor", lambda one: _prices.amount(one.price), numeric=True),
        ]

    async def form_fields(self, request: Req, one: Any = None) -> tuple[f.Field, ...]:
        """Those of a new one, or of one that is there."""
        known = one.category if one else None
        return (
            *_names.fields(request, known=one.names if one else None),
            f.text("code", limit=LONGEST_CODE, label="field.code_of_it", hint="hint.code_of_it"),
            await _prices.category_field(request, known),
            *self.fields,
        )

    def read(self, values: Mapping[str, Any]) -> Any:
        """What is said of it, from the values of its form."""
        category = CategoryId(int(values["category"])) if values["category"] else None
        return self.about(values, _names.read(values), category)

    async def kept_from(self, of: int, days: Iterable[date]) -> Mapping[date, Sequence[Kept]]:
        """The prices that bookings keep which lie on each of these dates or later."""
        return await self.kept(of, sorted(days)) if self.kept else {}

    async def saved(self, request: Req, of: int) -> Saved:
        one = await self.one(of, _page.today(request))
        values = {
            **_names.values(one.names),
            "code": one.code,
            "category": one.category or "",
            **self.values(one),
            **({"price": one.price.minor} if one.price else {}),
        }
        return Saved(values, one.version, one.operation, _names.shown(request, one.names))

    async def price_set(self, request: Req, of: int, form: Form | None = None) -> Saved:
        """The form for a new price, and which prices it would come to; for a form that was sent what was set meanwhile.

        A price from another date stands beside that.
        """
        version = await queries.prices_version(self.name, of)
        day = _prices.planned(form, _page.today(request)) if form else _page.today(request)
        there = await queries.price_set_in(version.operation, self.name, of) if form else None
        if there is None:
            return Saved({"valid_from": day}, version.number, version.operation)
        values = {"valid_from": there.valid_from, "price": there.minor}
        note = i18n.gettext("words.prices_beside") if there.valid_from != day else ""
        return Saved(values, version.number, version.operation, _prices.change_words(there), note)

    async def new_page(self, request: Req, form: Form, status: int = 200) -> Response[Any]:
        title = i18n.gettext(self.titles[1])
        return await page(request, f"{self.templates}/new.html", title, status=status, form=form, path=self.path)

    async def own_page(
        self, request: Req, of: int, form: Form | None = None, status: int = 200, price_form: Form | None = None
    ) -> Response[Any]:
        """Its form and its prices; those who may not change it read its facts."""
        one = await self.one(of, _page.today(request))
        if form is None:
            saved = await self.saved(request, of)
            fields = await self.form_fields(request, one)
            form = Form.blank(request, self.name, fields, saved.values, saved.version)
        if price_form is None:
            new = await self.price_set(request, of)
            price_form = Form.blank(request, "price", _prices.price_fields(request), new.values, new.version)
        return await _prices.entity_page(
            request,
            f"{self.templates}/one.html",
            _names.shown(request, one.names),
            form,
            await self.prices(of),
            lambda days: self.kept_from(of, days),
            status=status,
            price_form=price_form,
            one=one,
            path=self.path,
            counts=self.kept is not None,
            facts=[
                (i18n.gettext("field.code_of_it"), one.code),
                (i18n.gettext("field.category"), _names.shown(request, one.category_names) or "–"),
                *self.facts(one),
            ],
            **(await self.more(request, one) if self.more else {}),
        )


def routes(kind: Offered) -> list[Any]:
    """The handlers of services or of products."""
    own = f"{kind.path}/{{of:int}}"

    @get(kind.path, opt=READ)
    async def listed(request: Req) -> Response[Any]:
        asked = listing(
            request,
            kind.columns(request),
            await kind.every(_page.today(request)),
            words=lambda one: (one.code, *one.names.values(), *one.category_names.values(), *kind.words(one)),
            is_on=lambda one: one.retired_at is None,
        )
        title = i18n.gettext(kind.titles[0])
        rows = [
            {
                "one": one,
                "name": _names.shown(request, one.names),
                "category": _names.shown(request, one.category_names),
                "own": kind.shown(one),
                "price": _prices.price_words(one.price),
                "changes": _prices.change_words(one.changes),
            }
            for one in asked.rows
        ]
        return file(request, title, asked) or await page(
            request,
            f"{kind.templates}/list.html",
            title,
            asked=asked,
            rows=rows,
            tabs=_prices.tabs(kind.path),
            may_change=may_change(request),
        )

    @get(f"{kind.path}/new", opt=CHANGE)
    async def new(request: Req) -> Response[Any]:
        fields = (*await kind.form_fields(request), _prices.price_field(request))
        return await kind.new_page(request, Form.blank(request, kind.name, fields, kind.usual))

    @post(kind.path, opt=CHANGE, request_max_body_size=FORM_LIMIT)
    async def add(request: Req) -> Response[Any]:
        return await submit(
            request,
            kind.name,
            (*await kind.form_fields(request), _prices.price_field(request)),
            act=lambda intent, v: kind.add(intent, kind.read(v), v["price"], _page.today(request)),
            show=kind.new_page,
            then=lambda ids: f"{kind.path}/{ids[kind.name]}",
            saved=lambda ids: kind.saved(request, ids[kind.name]),
            fresh=lambda ids: f"{kind.path}/{ids[kind.name]}",
        )

    @get(own, opt=READ)
    async def show(request: Req, of: FromPath[int]) -> Response[Any]:
        return await kind.own_page(request, of)

    @post(own, opt=CHANGE, request_max_body_size=FORM_LIMIT)
    async def change(request: Req, of: FromPath[int]) -> Response[Any]:
        one = await kind.one(of, _page.today(request))
        return await submit(
            request,
            kind.name,
            await kind.form_fields(request, one),
            act=lambda intent, v: kind.change(intent, of, v["version"], kind.read(v)),
            show=lambda asked, form, status: kind.own_page(asked, of, form, status),
            then=kind.path,
            saved=lambda _: kind.saved(request, of),
        )

    @post(f"{own}/prices", opt=CHANGE, request_max_body_size=FORM_LIMIT)
    async def price(request: Req, of: FromPath[int]) -> Response[Any]:
        """A price from a date on."""
        await kind.one(of, _page.today(request))
        return await submit(
            request,
            "price",
            _prices.price_fields(request),
            act=lambda intent, v: kind.price(intent, of, v["price"], v["valid_from"], v["version"]),
            show=lambda asked, form, status: kind.own_page(asked, of, None, status, form),
            then=f"{kind.path}/{of}",
            saved=lambda _: _stands(request, of),
        )

    async def _stands(request: Req, of: int) -> Saved:
        return await kind.price_set(request, of, await Form.read(request, "price", _prices.price_fields(request)))

    @get(f"{own}/prices/kept", opt=CHANGE)
    async def kept(request: Req, of: FromPath[int]) -> Response[Any]:
        """Which prices bookings keep after the date in the form, while it is chosen; without htmx the whole page."""
        form = Form.asked(request, "price", _prices.price_fields(request))
        if not wants_fragment(request):
            return await kind.own_page(request, of, price_form=form)
        await kind.one(of, _page.today(request))
        since = _prices.planned(form, _page.today(request))
        words = _prices.kept_words(await kind.kept_from(of, [since]), since)
        return rendered("offered/_kept.html", frame(request, ""), {"kept": words}, status=200)

    @post(f"{own}/retirement", opt=CHANGE)
    async def retirement(request: Req, of: FromPath[int]) -> Response[Any]:
        """Turn it off."""
        return await press(request, lambda intent: kind.retire(intent, of), kind.path)

    @post(f"{own}/readmission", opt=CHANGE)
    async def readmission(request: Req, of: FromPath[int]) -> Response[Any]:
        """Offer it again."""
        return await press(request, lambda intent: kind.readmit(intent, of), f"{kind.path}/{of}")

    handlers = [listed, new, add, show, change, price, retirement, readmission]
    return [*handlers, kept] if kind.kept else handlers
