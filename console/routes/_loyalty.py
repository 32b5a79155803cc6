"""Loyalty in words: the stamps, the free visits and the tier of a client, as their card shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from console import i18n
from console.domain import clock
from console.domain.catalogue.queries import category_names
from console.domain.clients.queries import ClientView
from console.domain.ids import ClientId
from console.domain.loyalty import cards, queries
from console.domain.loyalty.cards import CardView, Overdue
from console.domain.loyalty.rules.card import Lot
from console.domain.loyalty.rules.fixed import Fixed
from console.domain.loyalty.rules.live import Span
from console.domain.loyalty.rules.outlook import Lasting, StampCard, TierCard, Waiting, Way
from console.domain.loyalty.rules.programme import Counter, Match, Standing, Tier
from console.domain.team.rules import Permission
from console.domain.visits import briefs
from console.routes import _page
from console.routes._page import Req
from console.routes._values import between, date_words, in_language, named_words
from console.wording import lacks

SOON = timedelta(60)
"""How long before they end the card says so of stamps."""
SMALL = 5
"""More stamps than that are drawn smaller."""


async def part(request: Req, one: ClientView) -> dict[str, Any]:
    """What a client's card shows of it; `shown`: whether a version is in force and the reader may know of it."""
    found = await of(request, one.id, _page.today(request))
    return {**found, "terms": await _terms(request, one.id, found["number"])} if found["shown"] else found


async def _terms(request: Req, client: ClientId, number: int) -> dict[str, Any]:
    """Which rules they accepted when, and that those in force are others, where they are; `url` takes it."""
    held = await queries.membership(client)
    missing = held is None or held.number != number
    accepted = {"number": held.number, "date": _day(request, held.at)} if held else None
    return {
        "accepted": i18n.words("words.rules_accepted", accepted) if accepted else None,
        "missing": i18n.words("words.rules_not_accepted", {"number": number}) if missing else None,
        "url": f"/clients/{client}/terms",
    }


def _day(request: Req, at: datetime) -> str:
    return date_words(clock.business_date(at, request.scope["state"]["business"].zone))


async def of(request: Req, client: ClientId, on: date) -> dict[str, Any]:
    """The same of a client by their id, on a business date."""
    view = await cards.card(client, on) if request.user.actor.may(Permission.PROGRAMME_READ) else None
    if view is None:
        return {"shown": False}
    currency = request.scope["state"]["business"].currency
    base = f"/clients/{client}/loyalty"
    earned = [view.earned[one.number] for one in view.stamps.stamps if one.number in view.earned] if view.stamps else []
    done = await briefs.done(earned)
    return {
        "shown": True,
        "number": view.version.number,
        "fixed": await _fixed(client, view.fixed) if view.fixed else None,
        "stamps": _stamps(view, view.stamps, done, currency, base) if view.stamps else None,
        "tier": _tier(view.tier, view.on, currency, base) if view.tier else None,
    }


Done = Mapping[int, Sequence[briefs.Names]]
"""The services of visits, by the visits' ids."""


def _stamps(view: CardView, stamps: StampCard, done: Done, currency: str, base: str) -> dict[str, Any]:
    free = view.free_visits
    drawn = [_stamp(one, view.earned.get(one.number), done) for one in stamps.stamps]
    return {
        "places": [*drawn, *[None] * stamps.empty],
        "small": len(stamps.stamps) + stamps.empty > SMALL,
        "next": _next_stamp(view, stamps),
        "owed": i18n.words("words.stamps_owed", {"count": stamps.owed}) if stamps.owed else None,
        "ends": _ends(stamps, view.on),
        "free": _free(free, view.on, stamps.counter, currency) if free else None,
        "waits": _waits(view.overdue),
        "why": f"{base}/stamps",
        "why_free": f"{base}/free-visits",
    }


def _stamp(one: Lot, earned: int | None, done: Done) -> dict[str, str]:
    """A stamp as it is drawn, with the date on which a visit `earned` it or it was given, and what it tells."""
    visit = visit_words(earned, done)
    what = i18n.words("words.stamp_given" if earned is None else "words.visit_of", {"date": date_words(one.on)})
    good = i18n.words("words.good_through", {"date": date_words(one.through)}) if one.through else ""
    told = "; ".join(filter(None, (f"{what}, {visit['words']}" if visit["words"] else what, good)))
    return {
        "day": str(one.on.day),
        "month": i18n.dated(one.on, "MMM").rstrip("."),
        "told": i18n.upper_first(told),
        "url": visit["url"],
    }


def visit_words(visit: int | None, done: Done) -> dict[str, str]:
    """What was done in a visit, and where more is said of it; both empty where nothing is known."""
    if visit is None or visit not in done:
        return {"words": "", "url": ""}
    return {"words": i18n.listing([in_language(one) for one in done[visit]]), "url": f"/visits/{visit}"}


def _next_stamp(view: CardView, stamps: StampCard) -> str:
    if not view.came and not stamps.stamps and not view.free_visits:
        return i18n.words("words.no_visits_yet", {"count": stamps.counter.stamps_required})
    return i18n.words("words.stamps_to_go", {"count": stamps.to_go})


def _ends(stamps: StampCard, on: date) -> str | None:
    ends = stamps.ends(on)
    if ends is None or ends[0] > on + SOON:
        return None
    last, count = ends
    return i18n.words("words.stamps_end", {"count": count, "date": date_words(last)})


def _waits(overdue: Overdue) -> str | None:
    """What is good beyond its last day, and for which tickets; None where nothing is."""
    stamps, free = overdue.stamps, overdue.free_visits
    if not (stamps or free):
        return None
    of_stamps = i18n.words("words.waits_stamps", {"count": len(stamps), "dates": _last_days(stamps)})
    of_free = i18n.words("words.waits_free_visits", {"count": len(free), "dates": _last_days(free)})
    what = [words for words, there in ((of_free, free), (of_stamps, stamps)) if there]
    numbers = i18n.listing([str(one) for one in overdue.tickets])
    count, told = len(overdue.tickets), {"what": i18n.listing(what), "numbers": numbers}
    if overdue.last is None:
        return i18n.words("words.waits_for_tickets", {"count": count, **told})
    return i18n.words("words.waited_for_tickets", {"count": count, **told, "date": date_words(overdue.last)})


def _last_days(lots: Sequence[Lot]) -> str:
    return i18n.listing([date_words(one) for one in sorted({lot.through for lot in lots if lot.through})])


def free_through(days: list[str]) -> str | None:
    """Through which days free visits are good, in words."""
    return i18n.words("words.free_good_through", {"count": len(days), "dates": i18n.listing(days)}) if days else None


def _free(lots: Sequence[Lot], on: date, counter: Counter, currency: str) -> dict[str, Any]:
    """The free visits that may be taken: how many, through which days, and up to what."""
    through = [date_words(one.through) for one in lots if one.through and one.through >= on]
    up_to = i18n.words("words.up_to", {"sum": i18n.money(counter.reward_max_value, currency)})
    return {
        "title": i18n.words("words.next_can_be_free", {"count": len(lots)}),
        "through": free_through(through),
        "up_to": up_to if counter.reward_max_value else None,
    }


async def _fixed(client: ClientId, fixed: Fixed) -> dict[str, Any]:
    """The discount in place of the tier, and the categories that it is on."""
    held = await queries.fixed_card(client)
    named = await category_names(held.categories) if held and held.categories else {}
    on = i18n.listing([named_words(one, quoted=False) for one in named.values()]) if named else None
    return {"percent": i18n.percent(fixed.bp), "on": i18n.words("words.discount_on", {"what": on}) if on else None}


def _tier(tier: TierCard, on: date, currency: str, base: str) -> dict[str, Any]:
    lasts = tier.lasts
    return {
        "name": tier_words(tier.tier),
        "rungs": [place <= tier.place for place in range(tier.rungs)],
        "at_risk": tier.at_risk,
        "through": _through(lasts, on) if lasts else None,
        "through_date": _through_date(lasts) if lasts else None,
        "keeps": keeps(lasts.missing, lasts.match, currency) if lasts and not tier.ways else None,
        "ways": [_way(one, on, currency) for one in tier.ways],
        "then": i18n.words("words.then_tier", {"tier": tier_words(lasts.then)}) if lasts and lasts.then else None,
        "held": tier.waiting.booking is not None,
        "reasons": list(filter(None, _reasons(tier.waiting, lasts, on))),
        "next": _next_tier(tier, currency),
        "why": f"{base}/tier",
    }


def _way(way: Way, on: date, currency: str) -> str:
    """What keeps a tier if it is done by a day, and how long: Today: 1 visit keeps it, through 20 March."""
    when = i18n.gettext("words.way_today")
    if way.by != on:
        when = i18n.words("words.way_by", {"date": date_words(way.by)})
    what = i18n.lower_first(keeps(way.missing, way.match, currency) or "")
    if way.through is None:
        return i18n.words("words.way", {"when": when, "what": what})
    return i18n.words("words.way_through", {"when": when, "what": what, "date": date_words(way.through)})


def _through(lasts: Lasting, on: date) -> str:
    if lasts.through == on:
        return i18n.gettext("words.through_today")
    return _through_date(lasts)


def _through_date(lasts: Lasting) -> str:
    return i18n.words("words.through", {"date": date_words(lasts.through)})


def tier_words(tier: Tier) -> str:
    """What a tier is called, with its discount where it gives one: Silver 10 %."""
    name = in_language(tier.names) if tier.names else tier.code
    return f"{name} {i18n.percent(tier.discount_bp)}" if tier.discount_bp else name


def keeps(missing: Standing, match: Match, currency: str) -> str | None:
    """What keeps a tier; None where nothing that is missing would."""
    count, spend = missing.visits, i18n.money(missing.spend, currency)
    if not missing.spend:
        return i18n.words("words.keep_visits", {"count": count}) if count else None
    if not count:
        return i18n.words("words.keep_spend", {"spend": spend})
    if match is Match.ANY:
        return i18n.words("words.keep_either", {"count": count, "spend": spend})
    if count == 1:
        return i18n.words("words.keep_one", {"spend": spend})
    return i18n.words("words.keep_both", {"count": count, "spend": spend})


def _next_tier(tier: TierCard, currency: str) -> str | None:
    above = tier.next
    if above is None or tier.at_risk or above.missing == Standing(0, 0):
        return None
    told: Mapping[str, str] = {
        "tier": tier_words(above.tier),
        "missing": lacks(above.missing, above.match, currency),
    }
    return i18n.words("words.next_tier", told)


def _reasons(waiting: Waiting, lasts: Lasting | None, on: date) -> Sequence[str | None]:
    """Why it lasts longer than by the numbers alone, or why another version ends it."""
    return [
        i18n.words("words.drop_waits", {"date": date_words(waiting.booking)}) if waiting.booking else None,
        i18n.words("words.told_late", {"date": date_words(waiting.told)}) if waiting.told else None,
        *(_pause(one, on) for one in waiting.paused),
        i18n.words("words.tier_gone", {"number": lasts.version}) if lasts and lasts.version else None,
    ]


def _pause(span: Span, on: date) -> str:
    if span.end > on:
        return i18n.words("words.paused_since", {"date": date_words(span.first)})
    return i18n.words("words.paused", {"dates": between(span.first, span.end - timedelta(1))})


async def marks(request: Req, client: ClientId, on: date | None = None) -> list[dict[str, str]]:
    """What is to be known of a client who is coming, in a few words each, with a tone; today, or on a date that is
    not called today, since it is read on another one.
    """
    told = await of(request, client, on or _page.today(request))
    if not told["shown"]:
        return []
    found = [*_stamp_marks(told["stamps"]), *_tier_marks(told, "through_date" if on else "through")]
    return [{"words": words, "tone": tone, "term": term} for words, tone, term in found]


def _stamp_marks(stamps: Mapping[str, Any] | None) -> Iterator[tuple[str, str, str]]:
    if stamps is None:
        return
    if free := stamps["free"]:
        yield ", ".join(filter(None, (free["title"], free["through"]))), "good", "free-visit"
    else:
        yield stamps["next"], "neutral", "stamp"
    if stamps["owed"]:
        yield stamps["owed"], "attention", ""


def _tier_marks(told: Mapping[str, Any], through: str) -> Iterator[tuple[str, str, str]]:
    tier = told["tier"]
    if told["fixed"]:
        yield i18n.words("words.fixed_discount", {"percent": told["fixed"]["percent"]}), "neutral", "fixed-card"
    elif tier and tier["at_risk"] and tier[through]:
        at_risk = {"tier": tier["name"], "through": i18n.lower_first(tier[through])}
        yield i18n.words("words.tier_at_risk", at_risk), "attention", "at-risk"
    elif tier:
        yield tier["name"], "neutral", "tier"
