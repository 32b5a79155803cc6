"""What notes, contacts and sites of a client are alike in: adding one, a page to change it, taking it away.

Of one that was removed while somebody typed the page shows what they typed, to be added anew.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import uuid4

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain import clock
from console.domain.audit.touched import standing
from console.domain.booking import cards
from console.domain.booking.steps import HeldUp
from console.domain.clients import parts, queries
from console.domain.errors import NotFound
from console.domain.ids import ClientId, SiteId
from console.domain.intent import Intent, Outcome
from console.domain.team.rules import Permission
from console.routes import _erased, _trail
from console.routes import _fields as f
from console.routes._client_card import url
from console.routes._forms import FORM_LIMIT, Form
from console.routes._guards import needs
from console.routes._look_first import looking
from console.routes._not_yet import MOST_HOLDING_UP, not_yet
from console.routes._page import Req, done, page
from console.routes._submit import Saved, press, submit

CHANGE = needs(Permission.CLIENT_CHANGE)
ERASE = needs(Permission.CLIENT_ERASE)
ERASURE = (f.hidden("expected", required=False, label="field.expected"),)

View = parts.NoteView | parts.ContactView | parts.SiteView
Done = Awaitable[Outcome[Any]]
ShowNew = Callable[[Req, int, Form, int], Awaitable[Response[Any]]]


@dataclass(frozen=True)
class Part:
    """One of the three. `name` is that of its form; its table, its addresses and what results call it follow from it.

    `about` takes the values of its form (`spec`) and makes what `add` and `change` want. `titles`: keys of the words
    above a new one, on the button that takes one away, and above its erasure; `called`: what stands above one;
    `results`: how results call its id and its client's, where the trail does not speak of it.
    """

    name: str
    spec: tuple[f.Field, ...]
    about: Callable[..., Any]
    titles: tuple[str, str, str]
    called: Callable[[Any], str]
    one: Callable[[int], Awaitable[View]]
    add: Callable[[Intent, ClientId, Any], Done]
    change: Callable[[Intent, Any, int, Any], Done]
    remove: Callable[[Intent, Any, int], Done]
    erase: Callable[[Intent, Any], Done]
    results: tuple[str, str] | None = None

    @property
    def entity(self) -> str:
        return f"client_{self.name}"

    @property
    def folder(self) -> str:
        return f"{self.name}s"

    @property
    def id(self) -> str:
        return self.results[0] if self.results else self.entity

    @property
    def of(self) -> str:
        return self.results[1] if self.results else "of"

    def read(self, values: Mapping[str, Any]) -> Any:
        """What is said of it, from the values of its form."""
        return self.about(**{field.name: values[field.name] for field in self.spec})

    async def saved(self, part: int) -> Saved:
        one = await self.one(part)
        said = {field.name: getattr(one, field.name) for field in self.spec}
        return Saved(said, one.version, one.operation, self.called(one))

    async def new_page(
        self, request: Req, client: int, form: Form, status: int = 200, *, gone: bool = False
    ) -> Response[Any]:
        title, action = i18n.gettext(self.titles[0]), f"{url(client)}/{self.folder}"
        return await _page(request, client, title, form, action, status, gone=gone)

    async def own_page(self, request: Req, part: int, form: Form, status: int = 200) -> Response[Any]:
        """Its form; that of a new one with what was typed, where it was removed meanwhile."""
        try:
            one = await self.one(part)
        except NotFound:
            form.intent, form.version, form.was, form.refusal = str(uuid4()), None, "", None
            return await self.new_page(request, await parts.whose(self.entity, part), form, status, gone=True)
        removal, action = i18n.gettext(self.titles[1]), f"/clients/{self.folder}/{part}"
        return await _page(request, one.client, self.called(one), form, action, status, removal=removal)


async def _page(
    request: Req,
    client: int,
    title: str,
    form: Form,
    action: str,
    status: int,
    *,
    removal: str | None = None,
    gone: bool = False,
) -> Response[Any]:
    """Raises `NotFound` for an erased client."""
    one = await queries.client(client)
    if one.erased_at is not None:
        raise NotFound
    more: dict[str, Any] = {"form": form, "action": action, "client": one, "removal": removal, "gone": gone}
    more["may_erase"] = request.user.actor.may(Permission.CLIENT_ERASE)
    return await page(request, "clients/part.html", title, status=status, **more)


def routes(kind: Part, show_new: ShowNew | None = None) -> list[Any]:
    """The handlers of one kind of part; `show_new`: where a new one's form stands that has no page of its own."""
    every, own = f"/clients/{{client:int}}/{kind.folder}", f"/clients/{kind.folder}/{{part:int}}"

    @get(f"{every}/new", opt=CHANGE)
    async def new(request: Req, client: FromPath[int]) -> Response[Any]:
        return await kind.new_page(request, client, Form.blank(request, kind.name, kind.spec))

    @post(every, opt=CHANGE, request_max_body_size=FORM_LIMIT)
    async def add(request: Req, client: FromPath[int]) -> Response[Any]:
        show = show_new or kind.new_page
        return await submit(
            request,
            kind.name,
            kind.spec,
            act=lambda intent, v: kind.add(intent, ClientId(client), kind.read(v)),
            show=_erased.unless(client, lambda asked, form, status: show(asked, client, form, status)),
            then=url(client),
            saved=lambda ids: kind.saved(ids[kind.id]),
            fresh=url(client),
        )

    @get(own, opt=CHANGE)
    async def show(request: Req, part: FromPath[int]) -> Response[Any]:
        saved = await kind.saved(part)
        form = Form.blank(request, kind.name, kind.spec, saved.values, saved.version)
        return await kind.own_page(request, part, form)

    @post(own, opt=CHANGE, request_max_body_size=FORM_LIMIT)
    async def change(request: Req, part: FromPath[int]) -> Response[Any]:
        return await submit(
            request,
            kind.name,
            kind.spec,
            act=lambda intent, v: kind.change(intent, part, v["version"], kind.read(v)),
            show=_erased.unless(
                partial(parts.whose, kind.entity, part),
                lambda asked, form, status: kind.own_page(asked, part, form, status),
            ),
            then=lambda ids: url(ids[kind.of]),
            saved=lambda _: kind.saved(part),
        )

    @post(f"{own}/removal", opt=CHANGE)
    async def removal(request: Req, part: FromPath[int]) -> Response[Any]:
        """Take it away, as it was read."""
        read = (await Form.read(request, "button", ())).version or 0
        return await press(request, lambda intent: kind.remove(intent, part, read), lambda ids: url(ids[kind.of]))

    @get(f"{own}/erasure", opt=ERASE)
    async def erasure(request: Req, part: FromPath[int]) -> Response[Any]:
        """What would go for good, found out by erasing it and rolling back."""
        return await _erasure(request, kind, part, Form.blank(request, "erasure", ERASURE))

    @post(f"{own}/erasure", opt=ERASE, request_max_body_size=FORM_LIMIT)
    async def erase(request: Req, part: FromPath[int]) -> Response[Any]:
        """Erase it, if it is still what was shown."""
        return await submit(
            request,
            "erasure",
            ERASURE,
            act=lambda intent, v: kind.erase(replace(intent, expected=v["expected"] or ""), part),
            show=lambda asked, form, status: _erasure(asked, kind, part, form, status),
            then=lambda ids: f"{url(ids[kind.of])}/data",
        )

    return [*([] if show_new else [new]), add, show, change, removal, erasure, erase]


async def _erasure(request: Req, kind: Part, part: int, form: Form, status: int = 200) -> Response[Any]:
    one = await queries.client(await parts.whose(kind.entity, part))
    asked = looking(request)
    try:
        shown = await kind.erase(asked, part)
    except HeldUp as refusal:
        there = await cards.held_there(SiteId(part), clock.now(), MOST_HOLDING_UP)
        return await not_yet(request, one, refusal, there, kind.titles[2])
    except NotFound:  # it was erased, or they were
        return done(request, url(one.id))
    form.texts["expected"] = [shown.fingerprint]
    [fields] = [effect.params["fields"] for effect in shown.effects if effect.key == "erase.goes"]
    held = (await standing([(kind.entity, part)]))[kind.entity, part]
    said = _trail.Words({}, request.scope["state"]["business"].zone, kept=True)
    told = [(f"{kind.entity}.{name}", held[name]) for name in fields if name != "folded"]
    return await page(
        request,
        "clients/part_erasure.html",
        i18n.gettext(kind.titles[2]),
        status=status,
        form=form,
        client=one,
        base=url(one.id),
        action=f"/clients/{kind.folder}/{part}/erasure",
        goes=[
            (i18n.upper_first(i18n.gettext(f"column.{key}")), said.value(key, value, longest=sys.maxsize))
            for key, value in told
        ],
    )
