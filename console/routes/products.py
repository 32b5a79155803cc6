"""Products: what is sold over the counter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console import i18n
from console.domain.catalogue import actions, queries, rules
from console.domain.ids import CategoryId
from console.routes import _fields as f
from console.routes._listing import Column
from console.routes._offered import Offered, routes


def _about(values: Mapping[str, Any], names: Mapping[str, str], category: CategoryId | None) -> actions.AboutProduct:
    return actions.AboutProduct(rules.plain_code(values["code"]), names, category, values["barcode"])


PRODUCTS = Offered(
    name="product",
    templates="products",
    titles=("title.products", "title.product_new"),
    every=queries.products,
    one=queries.product,
    prices=queries.prices_of_product,
    add=actions.add_product,
    change=actions.change_product,
    price=actions.price_product,
    retire=actions.retire_product,
    readmit=actions.readmit_product,
    about=_about,
    fields=(f.text("barcode", limit=40, required=False, label="field.barcode", hint="hint.barcode"),),
    values=lambda one: {"barcode": one.barcode},
    column=Column("barcode", "column.product.barcode", lambda one: one.barcode),
    shown=lambda one: one.barcode or "–",
    words=lambda one: (one.barcode,),
    facts=lambda one: [(i18n.gettext("field.barcode"), one.barcode or "–")],
)

ROUTES = routes(PRODUCTS)
