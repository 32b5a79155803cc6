"""The services of a form, each with whoever does it: the first by `person`, a further one as above or by its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from console import i18n
from console.domain.booking.question import Doing
from console.domain.booking.rules import MOST_SERVICES
from console.domain.ids import BookableId, ServiceId
from console.routes import _fields as f
from console.routes._repeated import Repeated

AS_ABOVE, ANYONE = "", "any"
"""Who does a further service: whoever does the one above it, or anyone who can."""


def fields(services: Sequence[tuple[str, str]], people: Sequence[tuple[str, str]], label: str) -> tuple[f.Field, ...]:
    """Up to eight services of those offered in their order, and who does each; `label`: of who does the first."""
    anyone = ("", i18n.gettext("words.anyone_who_can"))
    further = [(AS_ABOVE, i18n.gettext("words.by_as_above")), (ANYONE, anyone[1]), *people]
    service = f.choice("service", lambda: [("", i18n.gettext("words.choose")), *services], label="field.service_nth")
    return (
        *_rows(service),
        f.choice("person", lambda: [anyone, *people], required=False, label=label),
        *_rows(f.choice("by", lambda: further, label="field.by_nth"))[1:],
    )


def _rows(one: f.Field) -> tuple[f.Field, ...]:
    return Repeated("services", "field.services", MOST_SERVICES, (one,)).spec


def chosen(values: Mapping[str, Any]) -> list[int]:
    """The rows in which there is a service."""
    return [at for at in range(1, MOST_SERVICES + 1) if values.get(f"services_{at}_service")]


def by_field(values: Mapping[str, Any], row: int) -> str:
    """The field that says who does the service of a row: its own, or where that says "as above" one above it."""
    own = (at for at in range(row, 1, -1) if values.get(f"services_{at}_by"))
    return next((f"services_{at}_by" for at in own), "person")


def doing(values: Mapping[str, Any]) -> tuple[Doing, ...]:
    """The services with whoever shall do each."""
    found = []
    for at in chosen(values):
        by = values.get(by_field(values, at))
        who = BookableId(int(by)) if by and by != ANYONE else None
        found.append(Doing(ServiceId(int(values[f"services_{at}_service"])), by=who))
    return tuple(found)


def filled(services: Iterable[tuple[int, int | None]]) -> dict[str, Any]:
    """The values of such a form: services, each with whoever does it, None: anyone who can."""
    values: dict[str, Any] = {"person": ""}
    above: Any = AS_ABOVE
    for at, (service, who) in enumerate(services, 1):
        values[f"services_{at}_service"] = service
        if at == 1:
            values["person"] = who or ""
        else:
            values[f"services_{at}_by"] = AS_ABOVE if (who or ANYONE) == above else who or ANYONE
        above = who or ANYONE
    return values
