"""The till: from somebody who has arrived, or walked in, to a visit that is done and paid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.booking import cards as bookings
from console.domain.booking.cards import BookingView
from console.domain.booking.rules import Status
from console.domain.business.queries import LocationView, open_locations
from console.domain.clients import queries as clients
from console.domain.errors import Changed, Invalid, NotFound, Problem
from console.domain.ids import BookingId, ClientId
from console.domain.intent import Intent, Outcome
from console.domain.team.rules import Permission
from console.domain.visits import actions, queries
from console.domain.visits import cards as visits
from console.domain.visits.steps import AlreadyFinished
from console.routes import _bookings as words
from console.routes import _debts, _till_lines, _till_place, _till_warns, _till_ways, _whom
from console.routes import _fields as f
from console.routes import _till as till
from console.routes import _till_words as told
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._guards import needs
from console.routes._page import PANEL, Req, done, frame, page, rendered, wants_fragment
from console.routes._sale import Sale, booked_lines, currency, sale_of
from console.routes._sale import of_booking as of_sale
from console.routes._submit import submit

FINISH = needs(Permission.VISIT_FINISH)
ONE = "/bookings/{booking:int}/visit"
RECEIPT = "till-receipt"
CLIENTS = "/visits/clients"
GIVEN_IN_LINK = ("client", "place", "on")
"""What a link to a new visit may say."""
EARLIEST = date(2000, 1, 1)
FINISHABLE = (Status.BOOKED, Status.CONFIRMED, Status.ARRIVED)


@dataclass(frozen=True)
class Of:
    """Whose till it is: that of a booking, or of somebody who walked in; where its form is sent.

    `places`: the locations that are open, where a walk-in may have been.
    """

    action: str
    booking: BookingView | None = None
    places: Sequence[LocationView] = ()


async def _fields(request: Req, of: Of) -> tuple[f.Field, ...]:
    if of.booking is not None:
        return await till.fields(request)
    return (
        *(_whom_field(one) for one in _whom.CLIENT if one.name != "site"),
        _till_place.one_of(of.places, "place", "field.location_of"),
        _date_field(request),
        *await till.fields(request),
    )


def _whom_field(one: f.Field) -> f.Field:
    """A field about the client, whom nobody needs to know."""
    return replace(one, hint="hint.till_who") if one.name == "who" else one


def _date_field(request: Req) -> f.Field:
    """The date of a visit; to whom a manager has to date it further back, it says so."""
    one = f.day("on", EARLIEST, words.LAST, label="field.till_on")
    return one if request.user.actor.may(Permission.VISIT_BACKDATE) else replace(one, hint="hint.till_on")


async def _sale(request: Req, of: Of, values: dict[str, Any]) -> Sale:
    if (one := of.booking) is not None:
        return await of_sale(request, values, one)
    place = _place(of, values)
    on = values.get("on") or words.today(ZoneInfo(place.zone))
    return await sale_of(request, values, place, on, ClientId(values["client"]) if values.get("client") else None)


async def _walked_in() -> Of:
    return Of("/visits", places=await open_locations())


def _place(of: Of, values: dict[str, Any]) -> LocationView:
    """Where it was. Raises `NotFound` where every location is closed."""
    if not of.places:
        raise NotFound
    return next((one for one in of.places if str(one.id) == values.get("place")), of.places[0])


@get(ONE, opt=FINISH)
async def of_booking(request: Req, booking: FromPath[int]) -> Response[Any]:
    """The till of a booking: its services are the lines."""
    of = await _booked(booking)
    if (seen := await visits.of_booking(BookingId(booking))) is not None:
        return done(request, f"/visits/{seen}")
    assert of.booking is not None
    if not may_finish(of.booking):
        return done(request, words.url(booking))
    form = Form.blank(request, till.NAME, await _fields(request, of), booked_lines(of.booking))
    return await _show(request, of, form)


async def _booked(booking: int) -> Of:
    one = await bookings.booking(booking)
    return Of(f"{words.url(one.id)}/visit", one)


def may_finish(one: BookingView) -> bool:
    """Whether a visit can be made of a booking: on its date and later, while it stands."""
    begun = words.business_day(one) <= words.today(one.zone)
    return one.retired_at is None and one.status in FINISHABLE and begun


@get("/visits/new", opt=FINISH)
async def new(request: Req) -> Response[Any]:
    """The till of somebody who walked in: `?client=&place=&on=`."""
    of = await _walked_in()
    if not of.places:
        return await page(request, "agenda/nowhere.html", i18n.gettext("title.visit_new"))
    form = Form.asked(request, till.NAME, await _fields(request, of))
    usable = form.usable()
    for name in form.texts:
        if name not in GIVEN_IN_LINK or usable.get(name) is None:
            form.texts[name] = []
    form.texts["on"] = form.texts["on"] or [words.today(ZoneInfo(_place(of, usable).zone)).isoformat()]
    return await _show(request, of, form)


@get(CLIENTS, opt=FINISH)
async def found_clients(request: Req) -> Response[Any]:
    """Who is meant by what is being typed, or the one who was chosen; without htmx the whole form."""
    of = await _walked_in()
    form = Form.asked(request, till.NAME, await _fields(request, of))
    if not wants_fragment(request):
        return await _show(request, of, form)
    answer = await _whom.answered(request, form, CLIENTS)
    if request.headers.get("hx-target") == "booking-client":
        answer.headers["HX-Trigger-After-Settle"] = "till-changed"
    return answer


@post(ONE, opt=FINISH, request_max_body_size=FORM_LIMIT)
async def finish_booking(request: Req, booking: FromPath[int]) -> Response[Any]:
    of = await _booked(booking)
    return await _worked_out(request, of) or await _finish(request, of)


@post("/visits", opt=FINISH, request_max_body_size=FORM_LIMIT)
async def finish(request: Req) -> Response[Any]:
    of = await _walked_in()
    return await _worked_out(request, of) or await _finish(request, of)


async def _worked_out(request: Req, of: Of) -> Response[Any] | None:
    """The form as it is typed, where only that was asked for; `find` says by what was pressed.

    `work-out`: by a script, or its button; `add`; `remove-2`: a line; `split`: one way to pay more; `client`,
    `another`: whose visit it is; `enter`: the Enter key, which adds what is typed there, and finishes where nothing is.
    """
    pressed = (await read_body(request)).first("find")
    form = await Form.read(request, till.NAME, await _fields(request, of))
    looks = any(form.texts.get("who") or []) and not any(form.texts.get("client") or [])
    if not pressed or (pressed == _whom.ENTER and not looks) or pressed == "finish":
        if not any(form.texts.get("add") or []):
            return None
        pressed = "add"
    form.refusal = None
    if pressed.startswith("remove"):
        _take_out(form, pressed)
    _till_lines.look(form)
    if request.headers.get("hx-target") == RECEIPT and wants_fragment(request):
        return await _receipt(request, of, form)
    if pressed == "add":
        _till_lines.add(form, (await _sale(request, of, form.usable())).goods)
    elif pressed == "split":
        _till_ways.split(form)
    elif pressed == "another":
        form.texts["client"] = []
    answer = await _show(request, of, form, pressed=pressed)
    answer.headers.update({"HX-Push-Url": "false", "HX-Reswap": _swap(request)})
    return answer


def _take_out(form: Form, pressed: str) -> None:
    if found := re.fullmatch(r"remove-([0-9]{1,2})", pressed, re.ASCII):
        _till_lines.remove(form, int(found[1]))


def _swap(request: Req) -> str:
    inside = request.headers.get("hx-target") == PANEL
    return "innerHTML show:none" if inside else "outerHTML show:none"


async def _receipt(request: Req, of: Of, form: Form) -> Response[Any]:
    context = await _context(request, of, form) | {"pressed": "work-out"}
    context["others_unpriced"] = (await read_body(request)).first("unpriced") != context["unpriced"]
    return rendered("till/_receipt.html", frame(request, ""), context, status=200)


async def _show(request: Req, of: Of, form: Form, status: int = 200, *, pressed: str = "") -> Response[Any]:
    context = await _context(request, of, form)
    if of.booking is None:
        context |= await _whom.client_part(form, CLIENTS, pressed)
        context |= {"sites": [], "begins": context["begins"] and not context["lines"]}
        if (context["client"] or {}).get("id") != (form.usable().get("client") or None):  # chosen by Enter
            form.texts["client"] = [str(context["client"]["id"])] if context["client"] else []
            context |= await _context(request, of, form)
    else:
        one = await clients.client(of.booking.client)
        context["client"] = None if one.erased_at else await _whom.client_words(one)
        context["of"] = words.when_words(of.booking)
        context["base"] = words.url(of.booking.id)
    title = i18n.gettext("title.till" if of.booking else "title.visit_new")
    context["pressed"] = pressed
    return await page(request, "till/till.html", title, status=status, panel=of.booking is not None, **context)


async def _visit_url(of: Of, form: Form) -> str:
    """The visit of a booking that was finished elsewhere meanwhile, in place of why this one was refused."""
    if of.booking is None or form.refusal is None or form.refusal.key != AlreadyFinished.key:
        return ""
    if (found := await visits.of_booking(of.booking.id)) is None:
        return ""
    form.refusal = None
    return f"/visits/{found}"


async def _context(request: Req, of: Of, form: Form) -> dict[str, Any]:
    """What the form shows: the lines, the receipt, the free visit, the ways to pay, and what its button does."""
    sale = await _sale(request, of, form.usable())
    quote, money = sale.quote, currency(request)
    if form.refusal is not None and form.refusal.key == Changed.key:
        other = form.texts.get("due", []) != [str(quote.due)]
        form.refusal = (
            Problem("problem.till_changed", {"sum": i18n.money(quote.due, money)})
            if other
            else Problem("problem.till_debts_changed")
        )
    free = told.free_visit(sale, quote, money)
    if "free" in form.problems and not (free and free["able"]):
        form.refusal = form.problems.pop("free")
        form.texts["free"] = []
    owed, along = await _debts_of(request, form, sale)
    _till_ways.fill(form, quote.due + along)
    payments = _till_ways.paid(form.usable())
    said = told.money_words(quote.due + along, payments, money)
    unread = form.misread(_till_ways.AMOUNTS)
    form.problems = {**unread, **form.problems}
    amiss = _till_warns.of_money(request, sale, form, quote.due + along, payments) if not unread else ""
    if unread or amiss:
        said = {**said, "button": i18n.gettext("words.till_finish"), "owed": ""}
    form.texts |= {"due": [str(quote.due)], "owes": [str(said["owes"])]}
    offered = [i18n.spoken(one.names) for one in sale.goods.values() if one.is_on]
    return {
        "form": form,
        "action": of.action,
        "booking": of.booking,
        "pressed": "",
        "visit_url": await _visit_url(of, form),
        "lines": [told.line(row, money) for row in sale.rows],
        "unpriced": " ".join(str(row.number) for row in sale.rows if row.listed is None),
        "others_unpriced": False,
        "steps": told.receipt(sale, quote, money),
        "due": i18n.money(quote.due, money),
        "owed": owed,
        "together": i18n.money(quote.due + along, money) if along else "",
        "free": free,
        "warnings": [
            *([amiss] if amiss and "ways_1_amount" not in form.problems else []),
            *_till_warns.of_day(request, sale, form),
        ],
        "brings": told.brings(sale, sale.owing(min(said["owes"], quote.due))),
        "ways": _till_ways.shown_ways(form),
        "most_ways": _till_ways.MOST_WAYS,
        "said": said,
        "offered": offered,
        "may_price": request.user.actor.may(Permission.VISIT_PRICE),
        "day": words.day_words(sale.on, sale.zone),
    }


async def _debts_of(request: Req, form: Form, sale: Sale) -> tuple[list[dict[str, Any]], int]:
    """What the client owes, with what of it is taken along, and how much that is."""
    found = await queries.debts(sale.client) if sale.client is not None else []
    mine = [debt for debt in found if debt.currency == currency(request)]
    form.texts["debts"] = ticked = [till.named(one) for one in mine if till.named(one) in form.texts["debts"]]
    along = [till.named(debt) in ticked for debt in mine]
    rows = [
        {"name": till.named(debt), "ticked": takes, **_debts.row(request, debt)}
        for debt, takes in zip(mine, along, strict=True)
    ]
    return rows, sum(debt.minor for debt, takes in zip(mine, along, strict=True) if takes)


async def _finish(request: Req, of: Of) -> Response[Any]:
    taken_in: list[int] = []

    async def act(intent: Intent, values: dict[str, Any]) -> Outcome[Any]:
        sale = await _sale(request, of, values)
        if of.booking is None and sale.client is None and values["new_name"]:
            client = await _whom.take_in(intent, values, _whom.nothing())
            taken_in.append(client)
            sale = await _sale(request, of, {**values, "client": client})
        try:
            return await actions.finish(intent, till.meant(sale, values))
        except Invalid as refused:
            raise till.at_fields(sale, refused) from None

    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        if taken_in:
            form.texts["client"] = [str(taken_in[0])]
        return await _show(asked, of, form, status)

    return await submit(
        request, till.NAME, await _fields(request, of), act=act, show=again, then=lambda ids: _onward(request, of, ids)
    )


def _onward(request: Req, of: Of, ids: dict[str, int]) -> str:
    """The agenda that it was sent from, else the visit."""
    return words.agenda_or(request, f"/visits/{ids['visit']}")


ROUTES = [of_booking, new, found_clients, finish_booking, finish]
