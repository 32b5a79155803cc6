"""Uploads and runs of an import in words: what a file is, how far a worker is, and what became of the rows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response

from console import i18n, mappings
from console.domain import clock
from console.domain.errors import NotFound, Problem
from console.domain.imports import preparing, views
from console.domain.imports.rules.looking import Look
from console.domain.imports.rules.mapping import Holds
from console.domain.imports.rules.reading import parsed
from console.domain.imports.rules.recognising import recognised
from console.domain.imports.rules.rejecting import rejected_rows
from console.domain.imports.views import FileView, JobView, RunView
from console.import_words import HOLDS, file_words, tier_names
from console.routes import _actors, _page
from console.routes import _import_fields as fields
from console.routes._forms import Form
from console.routes._listing import download
from console.routes._page import Req, frame, rendered

LIST = "/settings/import"
RUNS = f"{LIST}/runs"
MOST_REASONS = 20
"""Rejected rows of a file that are told on the page."""
COUNTS = ("read", "imported", "merged", "rejected")


def run_url(run: int) -> str:
    return f"{RUNS}/{run}"


def clock_of(request: Req) -> tuple[ZoneInfo, date]:
    """The zone of the business, and its date."""
    return request.scope["state"]["business"].zone, _page.today(request)


async def prepared_rows(request: Req) -> list[dict[str, Any]]:
    """Uploads that are not brought in yet."""
    rows = await views.prepared()
    who = await _actors.who_by([one.actor for one in rows])
    when = clock_of(request)
    return [
        {
            "url": f"{LIST}/{one.id}",
            "names": i18n.listing(list(one.names)) or i18n.gettext("words.import_no_files"),
            "who": who(one.actor),
            "when": i18n.lately(one.at, *when),
            "kept": i18n.lately(one.keep_until, *when),
        }
        for one in rows
    ]


async def run_rows(request: Req, rows: Sequence[RunView] | None = None) -> list[dict[str, Any]]:
    """Runs; all of them where none are given."""
    found = await views.runs() if rows is None else rows
    who = await _actors.who_by([one.actor for one in found])
    return [
        {
            "number": one.id,
            "url": run_url(one.id),
            "source": one.source,
            "who": who(one.actor),
            "when": i18n.lately(one.at, *clock_of(request)),
            "undone": one.undone,
            "finished": one.finished,
            "reminders": one.reminders,
            "came": not one.finished or one.came,
            **{name: i18n.number(sum(file[name] for file in one.report.values())) for name in COUNTS},
        }
        for one in found
    ]


def file_card(file: FileView, seen: Look, form: Form, url: str, *, alone: bool) -> dict[str, Any]:
    """A file on the page of its upload; `alone`: it is the only one, and lies open."""
    bound = form.fields
    columns = [
        {
            "name": name,
            "field": bound.get(f"f{file.id}_column{at}"),
            "first": [row[at] for row in seen.first[:3]],
        }
        for at, name in fields.columns_of(seen)
    ]
    bare = seen.sheet is not None and not seen.count
    said = [bound[name] for name in (f"f{file.id}_{one}" for one in fields.OF_FILE) if name in bound]
    asked = [*said, *(field for at, _ in fields.columns_of(seen) if (field := bound.get(f"f{file.id}_column{at}")))]
    return {
        "name": file.name,
        "summary": file_words(seen.count, seen.file, seen.sheet, seen.styles),
        "open": alone or seen.file is None or seen.problem is not None or bare or any(one.error for one in asked),
        "problem": i18n.problem(told(seen.problem)[1]) if seen.problem and not any(one.error for one in said) else None,
        "left_out": seen.file is None,
        "bare": bare,
        "fields": said,
        "columns": columns,
        "removal": f"{url}/files/{file.id}/removal",
    }


UNSURE = {
    "problem.dates_ambiguous": ("dates", Problem("words.import_dates_unsure")),
    "problem.decimals_ambiguous": ("decimals", Problem("words.import_decimals_unsure")),
}
"""What is said where the file's own form asks for it."""


def told(problem: Problem) -> tuple[str, Problem]:
    """At which field of a file it is told what is wrong with it, and how there."""
    return UNSURE.get(problem.key, ("holds", problem))


async def known_words(request: Req, source: str, looks: Sequence[Look]) -> str | None:
    """What is known of files of a source: that such came before, else by which mapping they are read."""
    headers = {one.name: one.sheet.header if one.sheet else () for one in looks}
    before = [one for one in await preparing.before() if one.source == source]
    last = await views.last_of(source) if recognised(headers, before, ()) else None
    if last is not None:
        zone, _ = clock_of(request)
        return i18n.words("words.import_known", {"name": source, "day": i18n.full_day(last.at.astimezone(zone).date())})
    return i18n.words("words.import_read_as", {"name": source}) if source in mappings.names() else None


async def job_words(request: Req, upload: int) -> dict[str, Any] | None:
    """How far a worker is with an upload, and what came of it."""
    job = await views.job(upload, clock.now())
    if job is None:
        return None
    return {
        "wants": job.wants,
        "waits": job.waits,
        "in_work": job.in_work,
        "file": job.file,
        "done": job.done,
        "of": job.of,
        "doing": _doing(job),
        "failed": i18n.problem(Problem(job.failed, job.result)) if job.failed else None,
        "result": await _result(job, _page.today(request)) if job.ended else None,
    }


def _doing(job: JobView) -> str:
    if not job.in_work:
        return i18n.gettext("words.import_waits")
    if job.wants == "trial":
        return i18n.gettext("words.import_trying")
    if not job.of:
        return i18n.gettext("words.import_beginning")
    key = "words.import_doing" if job.file else "words.import_doing_programme"
    return i18n.words(key, {"file": job.file, "done": i18n.number(job.done), "of": i18n.number(job.of)})


async def _result(job: JobView, today: date) -> dict[str, Any]:
    files = {one.name: one.id for one in (await views.upload(job.upload)).files}
    rejected = job.result.get("rejected", {})
    return {
        "table": table(job.result["files"]),
        "rejected": [
            {
                "name": name,
                "url": f"{LIST}/{job.upload}/rejected/{files[name]}" if name in files else None,
                "rows": [(i18n.number(line), i18n.gettext(why)) for line, why in rows[:MOST_REASONS]],
                "more": max(len(rows) - MOST_REASONS, 0),
            }
            for name, rows in sorted(rejected.items())
        ],
        "cards": await _cards(job.result, today) if job.result.get("clients") else None,
    }


async def _cards(result: Mapping[str, Any], today: date) -> dict[str, Any]:
    tiers = await tier_names(today)
    return {
        "clients": result["clients"],
        "stamps": result["stamps"],
        "free_visits": result["free_visits"],
        "tiers": [(tiers(one), i18n.number(count)) for one, count in sorted(result["tiers"].items())],
        "by_name": [
            (name, i18n.number(stamps), i18n.number(free), tiers(tier or ""))
            for name, stamps, free, tier in result.get("by_name", ())
        ],
    }


def table(report: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What became of the rows by the file, and of all."""
    rows = [
        {
            "name": name,
            "holds": _holds(of.get("holds")),
            **{one: i18n.number(of[one]) for one in COUNTS},
        }
        for name, of in sorted(report.items(), key=_in_order)
    ]
    return {"rows": rows, **{one: i18n.number(sum(of[one] for of in report.values())) for one in COUNTS}}


def _in_order(file: tuple[str, Mapping[str, Any]]) -> tuple[int, str]:
    """As files are taken in."""
    name, of = file
    return list(Holds).index(Holds(of["holds"])) if "holds" in of else 0, name


def _holds(holds: str | None) -> str:
    """What a file holds; runs of before it was noted say nothing."""
    return i18n.gettext(HOLDS[Holds(holds)]) if holds else ""


async def progress(request: Req, upload: int, url: str) -> Response[Any]:
    """The part of a page that changes while one waits. Raises `NotFound`."""
    job = await job_words(request, (await views.upload(upload)).id)
    return rendered("imports/_state.html", frame(request, ""), {"job": job, "url": url}, status=200)


async def rejected_file(upload: int, file: int, now: datetime) -> Response[bytes]:
    """Rejected rows of a file with why in a last column. Raises `NotFound`."""
    one, job = await views.upload(upload), await views.job(upload, now)
    name = next((each.name for each in one.files if each.id == file), None)
    rows = job.result.get("rejected", {}).get(name) if job else None
    if name is None or not rows:
        raise NotFound
    content = (await views.contents(upload))[name]
    why = {line: i18n.gettext(key) for line, key in rows}
    heading = i18n.gettext("words.import_why")
    made = await asyncio.to_thread(rejected_rows, name, content, parsed(one.mapping, unfinished=True), why, heading)
    kept = f"{name.rpartition('.')[0]}-{i18n.gettext('words.import_rejected_name')}.csv"
    return download(made, "text/csv; charset=utf-8", kept)
