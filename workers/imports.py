"""Tries out and brings in what was uploaded, one upload at a time, and goes on where a worker was stopped."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from console.domain import clock
from console.domain.imports import jobs, uploads, views
from console.domain.imports.bringing import Card, Counted, go_on, rehearse, run_programme
from console.domain.imports.jobs import CUT_OFF, FAILED, Job, NotReadable
from console.domain.imports.known import mark_anew
from console.domain.imports.rules.books import Books, Unreadable, opened
from console.domain.imports.rules.reading import parsed
from console.domain.intent import SYSTEM
from workers.attending import attend
from workers.night import do_due

MOST_CARDS = 200
"""Clients whose cards are kept of a trial."""


async def import_waiting(ctx: dict[str, Any]) -> int:
    """Do what waits until nothing does; answers how many were taken."""
    await jobs.QUEUE.sweep(clock.now(), CUT_OFF)
    taken = 0
    while (job := await jobs.claim(clock.now())) is not None:
        await attend(jobs.QUEUE, job, _work, cut=CUT_OFF, failed=FAILED)
        taken += 1
    return taken


async def forget_uploads(ctx: dict[str, Any]) -> None:
    """Every hour: files that were kept for long enough, and marks by which somebody could be guessed."""
    await mark_anew()
    await uploads.forget_old(clock.now())


async def _work(job: Job) -> None:
    await jobs.end(job, await _do(job), clock.now())


async def _do(job: Job) -> Mapping[str, Any]:
    books = await _opened(job)
    through = (job.as_of or books.last_receipt) if job.opens else None
    if job.run is None:
        seen = await rehearse(books, SYSTEM, through)
        return {**_told(seen.files), **_cards([card for _, card in seen.cards]), "by_name": _named(seen.cards)}

    async def progress(file: str, done: int, of: int) -> None:
        await jobs.note(job, file, done, of)

    brought = await go_on(books, job.run, progress)
    return {**_told(brought.files), **(await _open(books, through, progress) if through else {})}


async def _opened(job: Job) -> Books:
    mapped, contents = parsed(job.mapping, unfinished=True), await views.contents(job.upload)
    try:
        return await asyncio.to_thread(opened, contents, mapped, job.mapping)
    except Unreadable:
        raise NotReadable from None


async def _open(books: Books, through: date, progress: Any) -> Mapping[str, Any]:
    cards = await run_programme(books.mapped.source, SYSTEM, through, progress)
    await do_due(clock.now())
    return _cards(cards)


def _told(files: Mapping[str, Counted]) -> dict[str, Any]:
    return {
        "files": {name: {"holds": one.holds.value, **one.plain} for name, one in files.items()},
        "rejected": {name: [list(each) for each in one.rejected] for name, one in files.items() if one.rejected},
    }


def _cards(cards: Sequence[Card]) -> dict[str, Any]:
    return {
        "clients": len(cards),
        "stamps": sum(card.stamps for card in cards),
        "free_visits": sum(card.free_visits for card in cards),
        "tiers": dict(Counter(card.tier or "" for card in cards)),
    }


def _named(cards: Sequence[tuple[str, Card]]) -> list[list[Any]]:
    """Those with the most first."""
    most = sorted(cards, key=lambda one: (-one[1].free_visits, -one[1].stamps, one[0]))[:MOST_CARDS]
    return [[name, card.stamps, card.free_visits, card.tier] for name, card in most]
