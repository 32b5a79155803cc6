"""Products: the list, one product with its prices, adding, changing, turning off and on."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.catalogue import actions, queries, rules
from console.domain.catalogue.queries import ProductView
from console.domain.ids import CategoryId, ProductId
from console.routes import _fields as f
from console.routes import _names, _prices
from console.routes._forms import FORM_LIMIT, Form
from console.routes._listing import Column, file, listing
from console.routes._page import Req, page
from console.routes._prices import CHANGE, READ, may_change, today
from console.routes._submit import Saved, press, submit

LIST = "/catalogue/products"


def _columns(request: Req) -> list[Column[ProductView]]:
    return [
        Column("category", "column.product.category", lambda one: _names.shown(request, one.category_names) or None),
        Column("name", "column.product.names", lambda one: _names.shown(request, one.names)),
        Column("code", "column.product.code", lambda one: one.code),
        Column("barcode", "column.product.barcode", lambda one: one.barcode),
        Column("price", "column.price.minor", lambda one: _prices.amount(one.price), numeric=True),
    ]


@get(LIST, opt=READ)
async def listed(request: Req) -> Response[Any]:
    asked = listing(
        request,
        _columns(request),
        await queries.products(today(request)),
        words=lambda one: (one.code, one.barcode, *one.names.values(), *one.category_names.values()),
        is_on=lambda one: one.retired_at is None,
    )
    title = i18n.gettext("title.products")
    rows = [
        {
            "product": one,
            "name": _names.shown(request, one.names),
            "category": _names.shown(request, one.category_names),
            "price": _prices.price_words(one.price),
            "changes": _prices.change_words(one.changes),
        }
        for one in asked.rows
    ]
    return file(request, title, asked) or await page(
        request,
        "products/list.html",
        title,
        asked=asked,
        rows=rows,
        tabs=_prices.tabs(LIST),
        may_change=may_change(request),
    )


async def _fields(request: Req, known: int | None = None) -> tuple[f.Field, ...]:
    return (
        *_names.fields(request),
        f.text("code", limit=40, label="field.code_of_it", hint="hint.code_of_it"),
        await _prices.category_field(request, known),
        f.text("barcode", limit=40, required=False, label="field.barcode", hint="hint.barcode"),
    )


def _about(values: dict[str, Any]) -> actions.AboutProduct:
    return actions.AboutProduct(
        code=rules.plain_code(values["code"]),
        names=_names.read(values),
        category=CategoryId(int(values["category"])) if values["category"] else None,
        barcode=values["barcode"],
    )


async def _new(request: Req, form: Form, status: int = 200) -> Response[Any]:
    return await page(request, "products/new.html", i18n.gettext("title.product_new"), status=status, form=form)


@get(f"{LIST}/new", opt=CHANGE)
async def new(request: Req) -> Response[Any]:
    fields = (*await _fields(request), _prices.price_field(request))
    return await _new(request, Form.blank(request, "product", fields))


@post(LIST, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def add(request: Req) -> Response[Any]:
    return await submit(
        request,
        "product",
        (*await _fields(request), _prices.price_field(request)),
        act=lambda intent, v: actions.add_product(intent, _about(v), v["price"], today(request)),
        show=_new,
        then=lambda ids: f"{LIST}/{ids['product']}",
        saved=lambda ids: _saved(request, ids["product"]),
        fresh=lambda ids: f"{LIST}/{ids['product']}",
    )


async def _saved(request: Req, product: int) -> Saved:
    one = await queries.product(product, today(request))
    values = {
        **_names.values(one.names),
        "code": one.code,
        "category": one.category or "",
        "barcode": one.barcode,
        **({"price": one.price.minor} if one.price else {}),
    }
    return Saved(values, one.version, one.operation)


async def _show(
    request: Req, product: int, form: Form | None = None, status: int = 200, price_form: Form | None = None
) -> Response[Any]:
    one = await queries.product(product, today(request))
    if form is None:
        saved = await _saved(request, product)
        form = Form.blank(request, "product", await _fields(request, one.category), saved.values, saved.version)
    return await _prices.entity_page(
        request,
        "products/product.html",
        _names.shown(request, one.names),
        form,
        await queries.prices_of_product(product),
        status=status,
        price_form=price_form,
        product=one,
        facts=_facts(request, one),
    )


def _facts(request: Req, one: ProductView) -> list[tuple[str, str]]:
    """What those who may not change a product read of it."""
    return [
        (i18n.gettext("field.code_of_it"), one.code),
        (i18n.gettext("field.category"), _names.shown(request, one.category_names) or "–"),
        (i18n.gettext("field.barcode"), one.barcode or "–"),
    ]


@get(f"{LIST}/{{product:int}}", opt=READ)
async def show(request: Req, product: FromPath[int]) -> Response[Any]:
    return await _show(request, product)


@post(f"{LIST}/{{product:int}}", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def change(request: Req, product: FromPath[int]) -> Response[Any]:
    one = await queries.product(product, today(request))
    return await submit(
        request,
        "product",
        await _fields(request, one.category),
        act=lambda intent, v: actions.change_product(intent, ProductId(product), v["version"], _about(v)),
        show=lambda asked, form, status: _show(asked, product, form, status),
        then=LIST,
        saved=lambda _: _saved(request, product),
    )


@post(f"{LIST}/{{product:int}}/prices", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def price(request: Req, product: FromPath[int]) -> Response[Any]:
    """A price from a date on."""
    await queries.product(product, today(request))
    return await submit(
        request,
        "price",
        _prices.price_fields(request),
        act=lambda intent, v: actions.price_product(intent, ProductId(product), v["price"], v["valid_from"]),
        show=lambda asked, form, status: _show(asked, product, None, status, form),
        then=f"{LIST}/{product}",
    )


@post(f"{LIST}/{{product:int}}/retirement", opt=CHANGE)
async def retirement(request: Req, product: FromPath[int]) -> Response[Any]:
    """Turn the product off."""
    return await press(request, lambda intent: actions.retire_product(intent, ProductId(product)), LIST)


@post(f"{LIST}/{{product:int}}/readmission", opt=CHANGE)
async def readmission(request: Req, product: FromPath[int]) -> Response[Any]:
    """Offer the product again."""
    return await press(request, lambda intent: actions.readmit_product(intent, ProductId(product)), f"{LIST}/{product}")


ROUTES = [listed, new, add, show, change, price, retirement, readmission]
