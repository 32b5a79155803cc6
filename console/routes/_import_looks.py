"""An upload with what is seen of its files, and what is looked at before a worker is asked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from console import i18n
from console.domain.business import queries as business
from console.domain.errors import Invalid, Problem
from console.domain.imports import uploads, views
from console.domain.imports.preparing import Likely
from console.domain.imports.queries import untouched_business
from console.domain.imports.rules.books import Unreadable, opened
from console.domain.imports.rules.looking import Look, look
from console.domain.imports.rules.mapping import Mapped, Place
from console.domain.imports.rules.reading import parsed
from console.domain.imports.uploads import Wanted
from console.domain.imports.views import UploadView
from console.domain.visits.opening import NoProgramme, ruled
from console.routes import _fields as f
from console.routes import _import_fields as fields
from console.routes._choices import Choices, currencies, currency_of, only_zone
from console.routes._imports import told
from console.routes._page import Req


class Prepared:
    """An upload with what is seen of its files."""

    def __init__(self, view: UploadView, mapped: Mapped, looks: Sequence[Look], offered: fields.Offered) -> None:
        self.view, self.mapped, self.looks, self.offered = view, mapped, looks, offered

    @classmethod
    async def of(cls, upload: int) -> Prepared:
        """Raises `NotFound`."""
        view = await views.upload(upload)
        mapped, contents = parsed(view.mapping, unfinished=True), await views.contents(upload)
        looks = await asyncio.to_thread(lambda: [look(one.name, contents[one.name], mapped) for one in view.files])
        there = await business.open_locations()
        places = {one.name: Place(one.name, one.zone, one.hours, one.notice_hours) for one in there}
        return cls(view, mapped, looks, fields.Offered(places, await _currencies(mapped.business.currency)))

    @property
    def spec(self) -> list[f.Field]:
        return fields.spec(self.view, self.mapped, self.looks, self.offered)

    @property
    def values(self) -> dict[str, Any]:
        return fields.values(self.view, self.mapped, self.looks, self.offered)


async def _currencies(said: str) -> Choices:
    """All of them where the business is made by the import, else that of the files and its own."""
    ours = (await business.business()).currency
    if await untouched_business():
        return currencies(said) if said else [("", i18n.gettext("words.choose")), *currencies(ours)]
    return [(one, i18n.currency_name(one)) for one in sorted({said or ours, ours})]


def likely(request: Req) -> Likely:
    """What a business is like that has no location yet, by its phone, else by whom the browser speaks for (en-CA)."""
    asked = re.match(r"[A-Za-z]{2,3}-([A-Z]{2})\b", request.headers.get("accept-language", ""))
    country = i18n.region() or (asked[1] if asked else "")
    return Likely(i18n.gettext("words.import_place"), only_zone(country), currency_of(country))


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
