"""Prints from the terminal: made where they are asked for, and kept like all others."""

from __future__ import annotations

from console import i18n, prints
from console.config import Settings
from console.domain import clock
from console.domain.business.queries import business
from console.domain.errors import NotFound
from console.domain.intent import TERMINAL
from console.domain.policies import queries
from console.domain.policies.rules import PAPERS, Sheet, offered
from console.printing import Printer
from console.processes import ServiceError
from console.reaching import working


def made(settings: Settings, document: str, language: str | None, paper: str) -> bytes:
    """A document of the version in force, else of the next one, else of the draft. Raises `ServiceError` in words."""

    async def work() -> bytes:
        facts, now = await business(), clock.now()
        today = clock.business_date(now, facts.zone)
        try:
            one = await queries.standing(today)
        except NotFound:
            raise ServiceError("The programme has neither a version nor a draft: begin one in the console.") from None
        if document not in offered(one.programme):
            raise ServiceError("This programme has no stamps, so there are no stamp cards.")
        if paper not in PAPERS[document]:
            raise ServiceError(f"--paper: {document} is printed on {' or '.join(PAPERS[document])}.")
        i18n.use_default(facts.language)
        wanted = Sheet(document, language or facts.language, paper, one.id)
        ground = await queries.ground(one.effective_from or today)
        printer = Printer()
        try:
            whole = await prints.composed(wanted, one, ground, settings.public_url)
            return await prints.printed(whole, printer, TERMINAL, now)
        finally:
            await printer.close()

    return working(settings, work)
