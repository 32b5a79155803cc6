"""An upload with what is seen of its files, and what is looked at before a worker is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from console.domain.business import queries as business
from console.domain.errors import Invalid, Problem
from console.domain.imports import uploads, views
from console.domain.imports.rules.books import Unreadable, opened
from console.domain.imports.rules.looking import Look, look
from console.domain.imports.rules.mapping import Mapped, Place
from console.domain.imports.rules.reading import parsed
from console.domain.imports.uploads import Wanted
from console.domain.imports.views import UploadView
from console.domain.visits.opening import NoProgramme, ruled
from console.routes import _fields as f
from console.routes import _import_fields as fields
from console.routes._imports import told


class Prepared:
    """An upload with what is seen of its files."""

    def __init__(self, view: UploadView, mapped: Mapped, looks: Sequence[Look], places: Mapping[str, Place]) -> None:
        self.view, self.mapped, self.looks, self.places = view, mapped, looks, places
        self.currencies: list[str] = []

    @classmethod
    async def of(cls, upload: int) -> Prepared:
        """Raises `NotFound`."""
        view = await views.upload(upload)
        mapped, contents = parsed(view.mapping, unfinished=True), await views.contents(upload)
        looks = await asyncio.to_thread(lambda: [look(one.name, contents[one.name], mapped) for one in view.files])
        there = await business.open_locations()
        places = {one.name: Place(one.name, one.zone, one.hours, one.notice_hours) for one in there}
        made = cls(view, mapped, looks, places)
        ours = (await business.business()).currency
        made.currencies = sorted({mapped.business.currency, ours})
        return made

    @property
    def spec(self) -> list[f.Field]:
        return fields.spec(self.view, self.mapped, self.looks, list(self.places), self.currencies)

    @property
    def values(self) -> dict[str, Any]:
        return fields.values(self.view, self.mapped, self.looks, list(self.places))


def look_through(one: Prepared, mapped: Mapped) -> None:
    """Raise `Invalid` where a file cannot be read as it is said now, and `Nothing` where none is."""
    problems: dict[str, Problem] = {}
    for file, seen in zip(one.view.files, one.looks, strict=True):
        now = look(seen.name, seen.content, mapped)
        if now.file and now.problem:
            field, problem = told(now.problem)
            problems[f"f{file.id}_{field}"] = problem
    if problems:
        raise Invalid(problems)
    if not any(mapped.file(seen.name) for seen in one.looks):
        raise uploads.Nothing


async def look_at_rules(one: Prepared, said: Wanted) -> None:
    """Raise `Invalid` (`opens`) where the programme is to run through a date without rules."""
    if not said.opens:
        return
    through = said.as_of or await asyncio.to_thread(_last_receipt, one, said.mapped)
    try:
        if through is not None:
            await ruled(through)
    except NoProgramme as none:
        raise Invalid({"opens": none.problem}) from None


def _last_receipt(one: Prepared, mapped: Mapped) -> date | None:
    with suppress(Unreadable):  # a worker says what of which file
        return opened({seen.name: seen.content for seen in one.looks}, mapped, "").last_receipt
    return None
