"""A visit's page: what was done, its price in words, the money that came and went, and what may be received still."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.audit import queries as audit
from console.domain.audit.touched import Ref
from console.domain.clients import queries as clients
from console.domain.errors import Invalid
from console.domain.ids import LocationId, MethodId
from console.domain.intent import Intent, Outcome
from console.domain.loyalty import queries as programme
from console.domain.loyalty.rules.programme import Tier
from console.domain.policies.rules import RECEIPT_PAPERS
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.domain.undo import permitted
from console.domain.visits import actions, cards, stamping
from console.domain.visits.cards import PaymentView, VisitView
from console.domain.visits.methods import methods
from console.domain.visits.rules import Paid, owed_problems
from console.routes import _actors, _series, _tickets, _till_place, _timeline, _undo_look, _whom
from console.routes import _bookings as bookings
from console.routes import _fields as f
from console.routes import _till_words as told
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._page import Req, page
from console.routes._submit import submit
from console.routes._till_words import Step

READ = needs(Permission.VISIT_READ)
FINISH = needs(Permission.VISIT_FINISH)
ONE = "/visits/{visit:int}"
MOST_HISTORY = 20
PAPER_WORDS = {"a4": "words.paper_a4", "roll80": "words.paper_roll80"}
"""What the papers of a receipt are called."""


def url(visit: int) -> str:
    return f"/visits/{visit}"


async def title_of(one: VisitView) -> str:
    """A visit as a heading has it: whose, and of which date."""
    day = _series.day_in_sentence(one.on, one.zone)
    name = await name_of(one)
    return f"{name}, {day}" if name else i18n.words("title.visit_of_nobody", {"day": day})


async def name_of(one: VisitView) -> str:
    """What the client of a visit goes by; empty for nobody, and for who was erased."""
    found = await clients.clients([one.client]) if one.client is not None else []
    return found[0].names.listed if found and not found[0].erased_at else ""


async def _pay_fields(one: VisitView) -> tuple[f.Field, ...]:
    by = [(str(way.id), i18n.spoken(way.names)) for way in await methods() if way.retired_at is None]
    return (
        f.choice("method", lambda: by, kind="radio", label="field.pay_method"),
        f.money("amount", one.currency, label="field.pay_amount"),
        await _till_place.field(),
    )


@get(ONE, opt=READ)
async def show(request: Req, visit: FromPath[int]) -> Response[Any]:
    one = await cards.visit(visit)
    spec = await _pay_fields(one)
    offered = spec[0].choices() if spec[0].choices else ()
    at = _till_place.usual(request, spec[-1], one.location)
    first = {"amount": one.owed, "method": next(iter(offered), ("",))[0], _till_place.NAME: at}
    form = Form.blank(request, "pay", spec, first)
    return await _show(request, one, form)


async def _show(request: Req, one: VisitView, form: Form, status: int = 200) -> Response[Any]:
    client = await clients.client(one.client) if one.client is not None else None
    form.also(owed_problems(one.owed, form.usable().get("amount", one.owed), "amount"))
    return await page(
        request,
        "visits/visit.html",
        await title_of(one),
        status=status,
        visit=one,
        base=url(one.id),
        client=None if client is None or one.erased else await _whom.client_words(client),
        erased=one.erased,
        stands=stands(one),
        steps=list(price_steps(one, await tier_of(one))),
        due=i18n.money(one.due, one.currency),
        money=await _money(request, one),
        owed=i18n.money(one.owed, one.currency) if one.owed > 0 and one.retired_at is None else "",
        waived=i18n.money(one.waived, one.currency) if one.waived and one.retired_at is None else "",
        why_waived=i18n.listing(_why_waived(one)),
        facts=_facts(request, one),
        form=form,
        may_pay=request.user.actor.may(Permission.VISIT_FINISH) and one.is_open and one.owed > 0,
        may_refund=may_refund(request, one),
        undo_url=await _undo_url(request, one),
        stamp_intent=str(uuid4()) if await _may_stamp(request, one) else "",
        told=await _told(request, one.id),
        receipts=receipt_links(one.id),
        tickets=await _tickets.about(request, one.booking, one.id),
        back=_back(request, one, None if client is None or one.erased else client.names.listed),
    )


def _back(request: Req, one: VisitView, client: str | None) -> tuple[str, str]:
    """Where one came from, and its address: the client's card, else the till on the day that its money came."""
    if client is not None:
        return client, f"/clients/{one.client}"
    if not request.user.actor.may(Permission.TILL_CLOSE):
        return i18n.gettext("nav.agenda"), "/agenda"
    on = clock.business_date(one.payments[0].at, one.zone) if one.payments else one.on
    return i18n.gettext("nav.till"), f"/cashbook?location={one.location}&on={on}"


def receipt_links(visit: int) -> list[dict[str, str]]:
    """Its receipt on each paper."""
    return [
        {"url": f"{url(visit)}/receipt?paper={paper}", "label": i18n.gettext(PAPER_WORDS[paper])}
        for paper in RECEIPT_PAPERS
    ]


def may_refund(request: Req, one: VisitView) -> bool:
    """Whether something of a visit may be given back."""
    anything = one.paid > 0 or one.tips > 0 or one.owed > 0
    return bool(request.user.actor.may(Permission.VISIT_REFUND)) and one.is_open and anything


async def _undo_url(request: Req, one: VisitView) -> str:
    """Where it is looked at what undoing a visit would do, or restoring one; empty for whom that is not to do, and for
    what came with an import.
    """
    turn = await cards.turned_by(one.id)
    look = _undo_look.url_of(turn, (await audit.deeds([turn]))[turn])
    return look if look and await permitted(request.user.actor, turn) else ""


async def _may_stamp(request: Req, one: VisitView) -> bool:
    """Whether it could have a stamp that another visit of its date has given up."""
    if one.client is None or not one.is_open or not request.user.actor.may(Permission.VISIT_FINISH):
        return False
    return await stamping.could_be_stamped(one.id, one.client, one.on)


def stands(one: VisitView) -> dict[str, str]:
    """Where a visit stands as a badge."""
    if one.retired_at is not None:
        return {"word": i18n.gettext("words.visit_taken_back"), "tone": "neutral"}
    if one.owed > 0:
        return {"word": i18n.gettext("words.visit_owed"), "tone": "neutral" if one.erased else "attention"}
    if any(refund.full for refund in one.refunds):
        return {"word": _refunded(one), "tone": "neutral"}
    if back := given_back(one):
        return {"word": i18n.words("words.visit_paid_less", {"money": i18n.money(back, one.currency)}), "tone": "good"}
    return {"word": i18n.gettext("words.visit_paid" if one.due else "words.visit_for_nothing"), "tone": "good"}


def _why_waived(one: VisitView) -> list[str]:
    """Why what was owed is owed no more."""
    found = [i18n.spoken(refund.reason) for refund in one.refunds if refund.reason and refund.minor > refund.given]
    return list(dict.fromkeys(found))


def given_back(one: VisitView) -> int:
    """How much of its price was given back, in minor units, and stands so."""
    return -sum(paid.minor for paid in one.standing_payments if paid.minor < 0 and not paid.tip)


def _refunded(one: VisitView) -> str:
    """That all of it was refunded, or nothing of it but what was owed."""
    if not one.waived:
        return i18n.gettext("words.visit_refunded")
    key = "words.visit_refunded_and_waived" if any(refund.given for refund in one.refunds) else "words.visit_waived"
    return i18n.words(key, {"money": i18n.money(one.waived, one.currency)})


async def tier_of(one: VisitView) -> Tier | None:
    """The tier that gave a visit its discount, as the version has it that it was judged by."""
    if one.off_code is None:
        return None
    tiers = (await programme.version(one.programme)).programme.tiers
    return next((tier for tier in tiers.ladder if tier.code == one.off_code), None) if tiers else None


def price_steps(one: VisitView, tier: Tier | None, since: str = "") -> Iterator[Step]:
    """How the price of a visit came about, line by line; `since` when there is what gave its discount, in words."""
    for line in one.lines:
        notes = [told.times(line.quantity, line.unit, one.currency)] if line.quantity > 1 else []
        if line.unit != line.listed:
            price = i18n.money(line.listed, one.currency)
            notes.append(i18n.words("words.till_by_list", {"price": price}))
            notes += [i18n.lower_first(i18n.spoken(line.reason))] if line.reason else []
        yield Step(i18n.spoken(line.names), i18n.money(line.amount, one.currency), ", ".join(notes))
    for line in one.lines:
        if line.packed:
            yield Step(
                i18n.gettext("words.visit_covered"),
                told.off(line.packed, one.currency),
                i18n.spoken(line.names),
                "less",
            )
    for line in one.lines:
        if line.free:
            taken = told.off(line.free, one.currency)
            yield Step(i18n.gettext("words.till_free"), taken, i18n.spoken(line.names), "less")
    discount = sum(line.discount for line in one.lines)
    if discount and one.off_bp is not None:
        lines = [(line.names, line.discount) for line in one.lines]
        on, term = ("", "tier") if tier is not None else (told.taken_on(lines), "fixed-card")
        note = ", ".join(filter(None, (on, since)))
        yield Step(told.given_words(one, tier), told.off(discount, one.currency), note, "less", term)
    elif discount:
        yield Step(i18n.gettext("words.visit_discount_before"), told.off(discount, one.currency), "", "less")


async def _money(request: Req, one: VisitView) -> list[dict[str, Any]]:
    """What came and went, in its order: how much, by what, when and by whom."""
    names = await team.names({paid.actor for paid in one.payments})
    today = bookings.today(one.zone)
    return [
        {
            "what": paid_words(paid),
            "amount": i18n.money(paid.minor, one.currency),
            "back": paid.minor < 0,
            "why": i18n.spoken(paid.reason) if paid.reason else "",
            "who": f"{_actors.actor_words(names, paid.actor)}, {i18n.lately(paid.at, one.zone, today)}",
        }
        for paid in one.payments
    ]


def paid_words(paid: PaymentView) -> str:
    """How money came or went."""
    method = i18n.spoken(paid.names)
    inside = {"method": i18n.lower_first(method)}
    if paid.minor < 0:
        return i18n.words("words.paid_tip_back" if paid.tip else "words.paid_back", inside)
    return i18n.words("words.paid_tip", inside) if paid.tip else method


def _facts(request: Req, one: VisitView) -> list[tuple[str, str, str]]:
    """What is to be known of it, with where more is said of that."""
    number = str(one.number) if one.number is not None else ""
    rules = i18n.words("words.by_version", {"number": one.programme}) if one.programme else ""
    may = request.user.actor.may(Permission.PROGRAMME_READ)
    found = [
        (i18n.gettext("field.visit_at"), i18n.lately(one.at, one.zone, bookings.today(one.zone)), ""),
        (i18n.gettext("field.location_of"), one.location_name, ""),
        (i18n.gettext("field.receipt_number"), number, ""),
        (i18n.gettext("field.rules_of"), rules, f"/programme/versions/{one.programme}" if may else ""),
    ]
    return [(term, value, url) for term, value, url in found if value]


async def _told(request: Req, visit: int) -> list[dict[str, Any]]:
    """Everything that was done with it, the latest first."""
    entries = await audit.entries(await cards.operations(visit, MOST_HISTORY))
    return await _timeline.rows(request, [_of_it(one, visit) for one in entries], _timeline.MOST_UNDOS)


def _of_it(entry: audit.Entry, visit: int) -> audit.Entry:
    """What was done with it, of an operation that did the same with many."""
    if entry.deed.kind not in _timeline.BY_THE_WAY:
        return entry
    mine = Ref("visit", visit)
    own = [
        one for one in entry.touched if mine == Ref(one.entity, one.id) or any(said.new == mine for said in one.fields)
    ]
    return replace(entry, touched=own)


@post(f"{ONE}/payments", opt=FINISH, request_max_body_size=FORM_LIMIT)
async def receive(request: Req, visit: FromPath[int]) -> Response[Any]:
    """What was owed comes, all or a part of it."""
    one = await cards.visit(visit)

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        paid = Paid(MethodId(int(values["method"])), values["amount"])
        try:
            return await actions.pay(intent, one.id, LocationId(int(values[_till_place.NAME])), (paid,))
        except Invalid as refused:
            raise Invalid({_at(name): what for name, what in refused.problems.items()}) from None

    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        return await _show(asked, await cards.visit(visit), form, status)

    return await submit(request, "pay", await _pay_fields(one), act=act, show=again, then=url(visit))


def _at(name: str) -> str:
    return "amount" if name.startswith("payment") else name


ROUTES = [show, receive]
