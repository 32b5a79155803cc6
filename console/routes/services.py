"""Services: what is booked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console import i18n
from console.domain.booking import quoting
from console.domain.catalogue import actions, queries, rules
from console.domain.catalogue.queries import ServiceView
from console.domain.ids import CategoryId
from console.routes import _fields as f
from console.routes import _needs, able
from console.routes._listing import Column
from console.routes._offered import Offered, routes

NEEDS = ("people", "rooms", "vehicles", "equipment")
"""What a booking of a service may occupy."""


def _about(values: Mapping[str, Any], names: Mapping[str, str], category: CategoryId | None) -> actions.AboutService:
    return actions.AboutService(
        code=rules.plain_code(values["code"]),
        names=names,
        category=category,
        minutes=values["minutes"],
        buffer_before=values["buffer_before"],
        buffer_after=values["buffer_after"],
        needs=rules.Needs(*(values[name] for name in NEEDS)),
    )


def _values(one: ServiceView) -> dict[str, Any]:
    needs = {name: getattr(one.needs, name) for name in NEEDS}
    return {
        "minutes": one.minutes,
        "buffer_before": one.buffer_before,
        "buffer_after": one.buffer_after,
        **needs,
    }


def _facts(one: ServiceView) -> list[tuple[str, str]]:
    buffers = [i18n.duration(minutes) for minutes in (one.buffer_before, one.buffer_after)]
    return [
        (i18n.gettext("field.duration"), i18n.duration(one.minutes)),
        (i18n.gettext("field.buffers"), " / ".join(buffers)),
        (i18n.gettext("field.needs"), _needs.listed(able.needs(one))),
    ]


SERVICES = Offered(
    name="service",
    templates="services",
    titles=("title.services", "title.service_new"),
    every=queries.services,
    one=queries.service,
    prices=queries.prices_of_service,
    add=actions.add_service,
    change=actions.change_service,
    price=actions.price_service,
    retire=actions.retire_service,
    readmit=actions.readmit_service,
    about=_about,
    fields=(
        f.whole("minutes", 1, rules.LONGEST, label="field.minutes", hint="hint.minutes"),
        f.whole("buffer_before", 0, rules.LONGEST_BUFFER, label="field.buffer_before"),
        f.whole("buffer_after", 0, rules.LONGEST_BUFFER, label="field.buffer_after"),
        f.whole("people", 0, rules.MOST_NEEDED, label="field.people"),
        f.whole("rooms", 0, rules.MOST_NEEDED, label="field.rooms"),
        f.whole("vehicles", 0, rules.MOST_NEEDED, label="field.vehicles"),
        f.whole("equipment", 0, rules.MOST_NEEDED, label="field.equipment"),
    ),
    values=_values,
    column=Column("minutes", "column.service.minutes", lambda one: one.minutes, numeric=True),
    shown=lambda one: i18n.duration(one.minutes),
    words=lambda one: (),
    facts=_facts,
    kept=quoting.kept,
    more=able.shown,
    usual={"buffer_before": 0, "buffer_after": 0, **dict.fromkeys(NEEDS, 0), "people": 1},
)

ROUTES = routes(SERVICES)
