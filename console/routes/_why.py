"""What happened to stamps, free visits and a tier, line by line, and the rules that it was judged by."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from console import i18n
from console.domain import clock
from console.domain.catalogue.queries import service_names
from console.domain.ids import ClientId
from console.domain.loyalty import history, pauses, queries
from console.domain.loyalty.history import Counted, Line, Posted, Step
from console.domain.loyalty.rules.card import DAY
from console.domain.loyalty.rules.entries import Unit, Verb
from console.domain.loyalty.rules.live import Pause
from console.domain.loyalty.rules.programme import EVERY, Match, Standing, Version
from console.domain.loyalty.sources import Source
from console.domain.policies import sheet
from console.domain.team.rules import Permission
from console.domain.tickets.remedies import queries as remedies
from console.domain.visits import briefs
from console.routes import _actors, _loyalty, _page
from console.routes._loyalty import tier_words, visit_words
from console.routes._page import Req
from console.routes._values import between, date_words
from console.wording import cell, lacks, said

MOST = 60
"""Of the latest lines so many are shown."""
SOURCES: Mapping[Source, str] = {
    Source.VISIT: "why.by_visit",
    Source.NIGHT: "why.by_night",
    Source.UNDO: "why.by_undo",
    Source.PAYMENT: "why.by_payment",
    Source.FIXED_CARD: "why.by_fixed_card",
    Source.REDO: "why.by_redo",
    Source.STAMP: "why.by_stamp",
    Source.REMEDY: "why.by_remedy",
    Source.OPENING: "why.by_opening",
    Source.UNOPENED: "why.by_unopened",
}
EVENTS: Mapping[str, str] = {
    "raised": "why.raised",
    "dropped": "why.dropped",
    "rematched": "why.rematched",
    "warned": "why.warned",
    "postponed": "why.postponed",
    "closed": "why.closed",
    "adjusted": "why.adjusted",
}
GONE: Mapping[str, tuple[str, str]] = {
    "owed": ("why.stamp_owe", "why.stamp_owe_refund"),
    "own": ("why.stamp_withdraw", "why.stamp_refund"),
    "other": ("why.stamp_pays", "why.stamp_pays_refund"),
}
"""A stamp that goes with a visit, its own, another in place of its own, or none yet: taken back, and refunded."""
EARLIER = "why.retraced", "why.retraced_warned"
RETRACED: Mapping[Source, tuple[str, str]] = {
    Source.PAYMENT: ("why.retraced_paid", "why.retraced_paid_warned"),
    Source.UNDO: ("why.retraced_undone", "why.retraced_undone_warned"),
    Source.UNOPENED: ("why.retraced_unopened", "why.retraced_unopened"),
}
"""A tier that came out another one by what was posted, and one that lasts through another day."""
UP, DOWN, SAME, WARNED = "\u2191", "\u2193", "\u2192", "!"

Who = Callable[[int], str]


async def stamps(request: Req, client: ClientId) -> dict[str, Any]:
    """Every stamp, and how many there were after each."""
    beside = {"words": i18n.gettext("title.why_free_visits"), "url": f"/clients/{client}/loyalty/free-visits"}
    return {**await _ledger(request, client, Unit.STAMP, _stamp_words), "beside": beside}


async def free_visits(request: Req, client: ClientId) -> dict[str, Any]:
    """Every free visit, likewise."""
    beside = {"words": i18n.gettext("title.why_stamps"), "url": f"/clients/{client}/loyalty/stamps"}
    return {**await _ledger(request, client, Unit.FREE_VISIT, _free_words), "beside": beside}


async def _ledger(request: Req, client: ClientId, unit: Unit, words: Callable[[Line], str]) -> dict[str, Any]:
    lines = await history.lines(client, unit)
    who = await _actors.who_by(one.posted.actor for one in lines[:MOST])
    tickets = await _tickets(one.posted for one in lines[:MOST])
    done = await briefs.done({one.posted.visit for one in lines[:MOST] if one.posted.visit})
    return {
        "held": None,
        "lines": [
            {
                "on": date_words(one.first.on),
                "visit": visit_words(one.posted.visit, done),
                "delta": _signed(one.delta),
                "gains": one.delta > 0,
                "told": words(one),
                "good": _good(one),
                "by": _posted(request, one.posted, who, tickets),
                "rules": _by_rules(request, one.version),
                "left": str(one.balance).replace("-", "\u2212"),
            }
            for one in lines[:MOST]
        ],
        "more": max(0, len(lines) - MOST),
        "pauses": _pauses(request, await pauses.of_client(client)),
        "head": i18n.gettext("why.balance"),
        "of_tier": False,
        "counted": [],
        "rules": await _rules(request, (one.version for one in lines[:MOST]), {"counter"}),
    }


def _pauses(request: Req, of: Sequence[Pause]) -> list[dict[str, str]]:
    """When what would expire waited, with the ticket that it waited for, for whoever may read it."""
    may = request.user.actor.may(Permission.TICKET_READ)
    return [
        {
            "words": i18n.words("why.waits_since", {"date": date_words(one.span.first)})
            if one.is_open
            else i18n.words("why.waited", {"dates": between(one.span.first, one.span.end - DAY)}),
            "ticket": i18n.words("words.ticket_number", {"number": str(one.ticket)}),
            "url": f"/tickets/{one.ticket}" if may else "",
        }
        for one in of[:MOST]
    ]


def _signed(delta: int) -> str:
    return f"+{delta}" if delta > 0 else f"\u2212{-delta}"


def _stamp_words(line: Line) -> str:
    entry, count = line.first, len(line.entries)
    match entry.verb:
        case Verb.EARN:
            return i18n.gettext("why.stamp_earn" if entry.lot else "why.stamp_repays")
        case Verb.ADJUST:
            return i18n.gettext("why.stamp_given" if entry.lot else "why.stamp_repays")
        case Verb.CONSUME:
            return i18n.words("why.stamp_consume", {"count": count})
        case Verb.EXPIRE:
            return i18n.words("why.stamp_expire", {"count": count})
        case Verb.REVERSE if line.revives:
            return i18n.words("why.stamp_revive", {"count": count})
        case Verb.REVERSE:
            return i18n.words("why.stamp_return", {"count": count})
        case _:
            what = "owed" if entry.lot is None else "own" if line.own else "other"
            return i18n.gettext(GONE[what][line.posted.source is Source.PAYMENT])


def _free_words(line: Line) -> str:
    match line.first.verb:
        case Verb.ISSUE:
            return i18n.gettext("why.free_issue")
        case Verb.ADJUST:
            return i18n.gettext("why.free_given")
        case Verb.REDEEM:
            return i18n.gettext("why.free_redeem")
        case Verb.EXPIRE:
            return i18n.gettext("why.free_expire")
        case Verb.REVERSE:
            return i18n.gettext("why.free_revive" if line.revives else "why.free_return")
        case _:
            return i18n.gettext("why.free_withdraw")


def _good(line: Line) -> str | None:
    """Through which days what came is good."""
    if line.delta < 0 or line.first.lot is None:
        return None
    days = sorted({one.through for one in line.entries if one.through})
    return i18n.words("words.good_through", {"date": i18n.listing([date_words(one) for one in days])}) if days else None


def _by_rules(request: Req, version: int) -> dict[str, str]:
    """By which rules, with the page of that version for whoever may read it."""
    may = version and request.user.actor.may(Permission.PROGRAMME_READ)
    words = i18n.words("why.by_version", {"number": version})
    return {"words": words, "url": f"/programme/versions/{version}" if may else ""}


def _posted(request: Req, posted: Posted, who: Who, tickets: Mapping[int, int]) -> str:
    """What posted it, who did that and when; by which of the `tickets`, where it was one."""
    zone = request.scope["state"]["business"].zone
    when = i18n.lately(posted.at, zone, clock.business_date(clock.now(), zone))
    told = {"who": who(posted.actor), "when": when, "number": tickets.get(posted.operation, "")}
    source = Source.REMEDY if posted.operation in tickets else posted.source
    return i18n.words(SOURCES[source], told)


BY_TICKETS = (Source.REMEDY, Source.STAMP)
"""What a ticket may have posted; a stamp is given without one as well."""


async def _tickets(posted: Iterable[Posted]) -> Mapping[int, int]:
    operations = {one.operation for one in posted if one.source in BY_TICKETS}
    return await remedies.ticket_numbers(operations) if operations else {}


async def tier(request: Req, client: ClientId) -> dict[str, Any]:
    """Every change of the tier or of the warning about it, and the visits that count now."""
    steps, counted = await history.steps(client, _page.today(request))
    currency = request.scope["state"]["business"].currency
    who = await _actors.who_by(one.posted.actor for one in steps[:MOST])
    tickets = await _tickets(one.posted for one in steps[:MOST])
    about = {one.posted.visit for one in steps[:MOST] if one.posted.visit}
    done = await briefs.done(about | {one.visit for one in counted})
    held = await _loyalty.of(request, client, _page.today(request))
    return {
        "held": held.get("tier"),
        "lines": [
            {
                "on": date_words(one.on),
                "visit": visit_words(one.posted.visit, done),
                "delta": _sign(one),
                "gains": _sign(one) == UP,
                "told": _step_words(one, currency),
                "good": _still(one, currency),
                "by": _posted(request, one.posted, who, tickets),
                "rules": _by_rules(request, one.version),
                "left": tier_words(one.tier) if one.tier else "",
            }
            for one in steps[:MOST]
        ],
        "more": max(0, len(steps) - MOST),
        "head": i18n.gettext("why.tier_after"),
        "pauses": [],
        "beside": None,
        "of_tier": True,
        "counted": [_counted(one, done, currency) for one in counted],
        "sum": _sum(counted, currency) if counted else None,
        "rules": await _rules(request, (one.version for one in steps[:MOST]), {"tiers", "break"}),
    }


def _sign(step: Step) -> str:
    if step.event == "warned":
        return WARNED
    if step.tier == step.before:
        return SAME
    return DOWN if step.event == "dropped" or _lower(step) else UP


def _lower(step: Step) -> bool:
    """Whether a tier that another version or a visit before left is a lower one."""
    return (step.tier.discount_bp if step.tier else 0) < (step.before.discount_bp if step.before else 0)


def _step_words(step: Step, currency: str) -> str:
    told: dict[str, Any] = {
        "tier": tier_words(step.tier) if step.tier else i18n.gettext("words.no_tier"),
        "before": tier_words(step.before) if step.before else i18n.gettext("words.no_tier"),
        "standing": _standing(step.standing, step.window_days, currency),
        "date": _last_day(step),
        "number": step.version,
    }
    if step.event == "warned":
        told["lacked"] = _lacked(step, currency)
    if step.event == "retraced":
        return i18n.words(RETRACED.get(step.posted.source, EARLIER)[step.drops_on is not None], told)
    return i18n.words(EVENTS[step.event], told)


def _still(step: Step, currency: str) -> str | None:
    """What still counts of what made the step, where some of it was taken back or given back since."""
    if step.still is None:
        return None
    return i18n.words("why.still_counts", {"standing": _standing(step.still, step.window_days, currency)})


def _last_day(step: Step) -> str:
    """Through which date a tier lasts; with its year where that is not the line's, which may be years ago."""
    if step.drops_on is None:
        return ""
    last = step.drops_on - DAY
    return date_words(last) if last.year == step.on.year else i18n.short_day(last)


def _lacked(step: Step, currency: str) -> str:
    """What was missing on the date of a warning; later more may be, as what counts leaves the window."""
    if step.missing is None or step.missing == Standing(0, 0):
        return ""
    told = {"date": date_words(step.on), "what": lacks(step.missing, step.match, currency)}
    return i18n.words("why.lacked", told)


def _standing(standing: Standing, days: int, currency: str) -> str:
    """What counted: 4 visits and 8 000 ₽ within 180 days."""
    visits = i18n.words("words.visits", {"count": standing.visits})
    spend = i18n.money(standing.spend, currency)
    if not days:
        return i18n.words("why.standing_ever", {"visits": visits, "spend": spend})
    return i18n.words("why.standing", {"visits": visits, "spend": spend, "count": days})


def _counted(one: Counted, done: Mapping[int, Sequence[briefs.Names]], currency: str) -> dict[str, Any]:
    return {
        "on": date_words(one.on),
        "visit": visit_words(one.visit, done),
        "paid": i18n.money(one.paid, currency),
        "counts": one.counts,
        "through": date_words(one.through) if one.through else i18n.gettext("words.for_good"),
    }


def _sum(counted: Sequence[Counted], currency: str) -> str:
    standing = Standing(sum(one.counts for one in counted), sum(one.paid for one in counted))
    return lacks(standing, Match.ALL, currency)


async def _rules(request: Req, numbers: Iterable[int], sections: Collection[str]) -> list[dict[str, Any]]:
    """What the version in force and those that it was judged by say of it, the latest first."""
    versions = await queries.versions()
    today = versions.version(_page.today(request))
    asked = {*numbers, today.number}
    told = [one for one in reversed(versions.published) if one.number in asked]
    ground = await _ground(request, told)
    return [
        {
            "title": said(sheet.version_line(one.number, one.effective_from)),
            "now": one is today,
            "sections": [_section(part) for part in sheet.mechanics(one.programme, ground) if part.code in sections],
        }
        for one in told
    ]


async def _ground(request: Req, versions: Sequence[Version]) -> sheet.Ground:
    """What the sentences of versions name: the currency, and the services that earn stamps."""
    counters = [one.programme.counter for one in versions if one.programme.counter]
    named = sorted({int(one) for counter in counters for one in counter.services if one != EVERY})
    names = await service_names(named) if named else {}
    services = {str(one): name.text for one, name in names.items() if isinstance(name.text, Mapping)}
    return sheet.Ground(request.scope["state"]["business"].currency, services)


def _section(part: sheet.Section) -> dict[str, Any]:
    table = part.table
    return {
        "title": said(part.title),
        "sentences": [said(one) for one in part.sentences],
        "heads": [said(one) for one in table.heads] if table else [],
        "rows": [[cell(one) for one in row] for row in table.rows] if table else [],
    }
