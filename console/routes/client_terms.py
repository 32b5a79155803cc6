"""What a client agreed to and was granted of the programme: rules accepted, and a fixed discount instead of a tier."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.catalogue import queries as catalogue
from console.domain.clients import queries
from console.domain.errors import NotFound
from console.domain.ids import CategoryId, ClientId, FixedCardId, MembershipId
from console.domain.loyalty import fixed_cards, membership
from console.domain.loyalty import queries as programme
from console.domain.loyalty.queries import FixedCardView
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.routes import _erased
from console.routes import _fields as f
from console.routes._actors import actor_words
from console.routes._client_card import url
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._names import shown
from console.routes._page import Req, page
from console.routes._submit import press, submit
from console.routes._values import date_words, named_words

ALL = "/clients/{client:int}/terms"
CHANGE = needs(Permission.CLIENT_CHANGE)
GRANT = needs(Permission.FIXED_CARD_CHANGE)


async def _fields(request: Req, held: FixedCardView | None) -> tuple[f.Field, ...]:
    """The discount and the categories that are on, with those that the discount is on already."""
    known = set(held.categories or ()) if held else set()
    offered = [one for one in await catalogue.categories() if one.retired_at is None or one.id in known]
    choices = [(str(one.id), shown(request, one.names)) for one in offered]
    every = f.several("categories", lambda: choices, required=False, label="field.on_services", hint="hint.on_services")
    return (
        f.hidden("instead_of", _number, required=False, label="column.fixed_card.bp"),
        f.percent("discount", least=1, wrong="problem.discount_out_of_range", label="field.discount"),
        *((every,) if choices else ()),
    )


def _number(typed: str) -> int:
    number = f.as_id(typed)
    if number is None:
        raise f.Bad("problem.choice")
    return number


async def _page(request: Req, client: int, form: Form | None = None, status: int = 200) -> Response[Any]:
    one = await queries.client(client)
    if one.erased_at:
        raise NotFound
    held = await programme.fixed_card(one.id)
    if form is None:
        values = {
            "instead_of": held.id if held else None,
            "discount": held.bp if held else None,
            "categories": [str(category) for category in (held.categories or ())] if held else [],
        }
        form = Form.blank(request, "fixed-card", await _fields(request, held), values)
    may = request.user.actor.may
    return await page(
        request,
        "clients/terms.html",
        i18n.gettext("title.terms"),
        status=status,
        client=one,
        base=url(client),
        rules=await _accepted(request, one.id),
        held=await _granted(held),
        form=form,
        may_change=may(Permission.CLIENT_CHANGE),
        may_grant=may(Permission.FIXED_CARD_CHANGE),
    )


async def _accepted(request: Req, client: ClientId) -> dict[str, Any]:
    """`number` of the version in force, 0 for none; `accepted`: its words, and `id`, of what they accepted last."""
    now = await programme.in_force(clock.now())
    found = await programme.membership(client)
    if found is None:
        return {"number": now.number, "accepted": None, "missing": bool(now.number)}
    names = await team.names([found.actor])
    words = {
        "number": found.number,
        "date": date_words(found.at.astimezone(request.scope["state"]["business"].zone).date()),
        "who": actor_words(names, found.actor),
    }
    missing = now.number not in (0, found.number)
    return {"number": now.number, "accepted": words, "id": found.id, "missing": missing}


async def _granted(held: FixedCardView | None) -> dict[str, Any] | None:
    if held is None:
        return None
    named = await catalogue.category_names(held.categories or ())
    return {
        "id": held.id,
        "discount": i18n.percent(held.bp),
        "on": i18n.listing([named_words(named[one], quoted=False) for one in held.categories or ()]) or None,
        "since": date_words(held.valid_from),
    }


@get(ALL, opt=needs(Permission.PROGRAMME_READ))
async def show(request: Req, client: FromPath[int]) -> Response[Any]:
    return await _page(request, client)


@post("/clients/{client:int}/rules/{number:int}/acceptance", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def join(request: Req, client: FromPath[int], number: FromPath[int]) -> Response[Any]:
    """They accept the rules in force, those of this version."""
    who = ClientId(client)
    return await press(request, lambda intent: membership.join(intent, who, number), f"{url(client)}/terms")


@post("/clients/{client:int}/memberships/{accepted:int}/end", opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def leave(request: Req, client: FromPath[int], accepted: FromPath[int]) -> Response[Any]:
    """They take back what they accepted."""
    who, which = ClientId(client), MembershipId(accepted)
    return await press(request, lambda intent: membership.leave(intent, who, which), f"{url(client)}/terms")


@post("/clients/{client:int}/fixed-card", opt=GRANT, request_max_body_size=FORM_LIMIT)
async def give(request: Req, client: FromPath[int]) -> Response[Any]:
    """They get a fixed discount, or another one."""
    held = await programme.fixed_card(ClientId(client))
    return await submit(
        request,
        "fixed-card",
        await _fields(request, held),
        act=lambda intent, v: fixed_cards.give(
            intent,
            ClientId(client),
            v["discount"],
            tuple(CategoryId(int(one)) for one in v.get("categories") or ()) or None,
            FixedCardId(v["instead_of"]) if v["instead_of"] else None,
        ),
        show=_erased.unless(client, lambda asked, form, status: _page(asked, client, form, status)),
        then=f"{url(client)}/terms",
    )


@post("/clients/{client:int}/fixed-cards/{card:int}/end", opt=GRANT, request_max_body_size=FORM_LIMIT)
async def withdraw(request: Req, client: FromPath[int], card: FromPath[int]) -> Response[Any]:
    """Their discount is their tier's again."""
    who, which = ClientId(client), FixedCardId(card)
    return await press(request, lambda intent: fixed_cards.withdraw(intent, who, which), f"{url(client)}/terms")


ROUTES = [show, join, leave, give, withdraw]
