"""The draft of the programme: one form in plain words, with what it comes to beside it while one types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from litestar import Response, get, post

from console import i18n
from console.domain.catalogue import queries as catalogue
from console.domain.errors import Invalid, NotFound
from console.domain.ids import VersionId
from console.domain.intent import Intent, Outcome
from console.domain.loyalty import actions, queries
from console.domain.loyalty.presets import PRESETS, both
from console.domain.loyalty.queries import VersionView
from console.domain.loyalty.rules.examples import Habit
from console.domain.loyalty.rules.programme import Programme
from console.domain.policies import sheet
from console.routes import _fields as f
from console.routes import _page
from console.routes import _programme_form as form_of
from console.routes import _programme_ladder as ladder_of
from console.routes._forms import FORM_LIMIT, Form, read_body
from console.routes._page import Req, frame, page, rendered, wants_fragment
from console.routes._programme_look import examples, ground, sections, usual_habits
from console.routes._programme_problems import at_fields, note_publication, unnamed
from console.routes._submit import Saved, submit
from console.routes.programme import CHANGE, HOME

DRAFT = f"{HOME}/draft"
LIVE = "programme-live"
"""The id of the part of the page that changes as one types."""
FROM_VERSION = "version-"
BEGINNINGS = {
    "both": "words.preset_both",
    "counter": "words.preset_counter",
    "shrinking": "words.preset_shrinking",
    "cumulative": "words.preset_cumulative",
}
"""Keys of the words of the presets."""


@dataclass(frozen=True)
class Base:
    """What the form stands on: the draft if there is one, the rules that it began with, and what surrounds them."""

    draft: VersionView | None
    programme: Programme
    about: sheet.Ground
    spec: tuple[f.Field, ...]

    @property
    def usual(self) -> int:
        return self.about.usual or sheet.usual_price(self.programme, self.about)

    @property
    def is_untouched(self) -> bool:
        """Whether the draft is the one that every console begins with: its amounts are made up."""
        return self.draft is not None and self.draft.version == 1 and self.draft.programme == both(actions.USUAL)


async def _base(request: Req) -> Base:
    """The form as the draft has it, else as the latest version; before any, as it usually begins."""
    about, draft, published = await ground(request), await queries.draft(), await queries.published()
    standing = draft or next(iter(published), None)
    programme = standing.programme if standing else both(about.usual or actions.USUAL)
    services = form_of.offered(await catalogue.services(_page.today(request)), programme)
    return Base(draft, programme, about, form_of.fields(request, services))


def _preset_fields(request: Req) -> tuple[f.Field, ...]:
    """What one may begin with: a preset, by what a visit usually costs."""
    currency = request.scope["state"]["business"].currency
    chosen = [(name, i18n.gettext(BEGINNINGS[name])) for name in PRESETS]
    return (
        f.choice("from", lambda: chosen, label="field.preset"),
        f.money("usual", currency, required=False, label="field.usual_price"),
    )


async def _begun(request: Req, base: Base) -> Programme:
    """The rules that the address asks for in place of those that stand."""
    said = request.query_params.get("from", "")
    if said in PRESETS:
        return PRESETS[said](base.usual)
    number = f.as_id(said.removeprefix(FROM_VERSION)) if said.startswith(FROM_VERSION) else None
    with suppress(NotFound):
        return (await queries.version(number)).programme if number and number < 2**31 else base.programme
    return base.programme


@get(DRAFT, opt=CHANGE)
async def show(request: Req) -> Response[Any]:
    """The form, filled with the draft, or with what the address says: `?from=both&usual=2000`, `?from=version-3`."""
    base = await _base(request)
    preset = Form.asked(request, "preset", _preset_fields(request))
    if usual := preset.usable().get("usual"):
        base = replace(base, about=replace(base.about, usual=usual))
    begun = await _begun(request, base)
    saved = _saved_as(base, base.programme)
    form = Form.blank(request, form_of.NAME, base.spec, saved.values, saved.version or None)
    if begun != base.programme:
        form.texts = Form.blank(request, form_of.NAME, base.spec, _saved_as(base, begun).values).texts
    return await _page_of(request, base, form, begun, preset=preset if "from" in request.query_params else None)


def _saved_as(base: Base, programme: Programme) -> Saved:
    draft = base.draft
    values = {**form_of.values(programme, base.usual), "draft": draft.id if draft else None}
    return Saved(values, draft.version if draft else 0, draft.operation if draft else 0)


async def _page_of(
    request: Req,
    base: Base,
    form: Form,
    programme: Programme,
    habit: Form | None = None,
    status: int = 200,
    preset: Form | None = None,
) -> Response[Any]:
    usual = usual_habits(programme, base.about)
    if habit is None:
        habit = Form.blank(request, "habit", form_of.habit_fields(request), form_of.habit_values(usual))
    if preset is None:
        preset = Form.blank(request, "preset", _preset_fields(request), {"from": "both", "usual": base.about.usual})
    return await page(
        request,
        "programme/draft.html",
        i18n.gettext("title.programme_draft"),
        status=status,
        form=form,
        preset=preset,
        ladder=range(len(ladder_of.rows(form))),
        draft=base.draft,
        begun=programme != base.programme and status == 200 and request.method == "GET",
        untouched=base.is_untouched and status == 200,
        languages=_name_fields(request),
        sign=i18n.currency_sign(base.about.currency),
        **await _live(form, habit, programme, base, form_of.habits(habit, usual)),
    )


def _name_fields(request: Req) -> list[str]:
    """The fields in which a tier is named, that of the business's own language first."""
    facts = request.scope["state"]["business"]
    return [f"name_{one}" for one in sorted(facts.languages, key=lambda one: one != facts.language)]


async def _live(
    form: Form, habit: Form, programme: Programme, base: Base, habits: Sequence[Habit]
) -> Mapping[str, Any]:
    """What changes as one types: the rules in words, and what the examples come to, but for those that are no habit."""
    found = await examples(programme, base.about, habits)
    return {
        "habit": habit,
        "results": [
            [] if any(name.startswith(f"habit_{number}_") for name in habit.problems) else one
            for number, one in enumerate(found)
        ],
        "sections": await sections(programme, base.about, without=("examples",)),
        "lifetime": programme.tiers is not None and programme.tiers.window_days == 0,
        "unread": len(form.usable()) < len(form.spec),
        "wrong": bool(form.problems),
    }


@post(DRAFT, opt=CHANGE, request_max_body_size=FORM_LIMIT)
async def change(request: Req) -> Response[Any]:
    """Save the draft; or show what it comes to (`do=look`), or change its rows of tiers."""
    base = await _base(request)
    sent = await read_body(request)
    pressed = sent.first("do")
    if pressed == "look" or pressed.partition("-")[0] in ("add", "remove", "up", "down"):
        return await _look(request, base, pressed)
    main = request.scope["state"]["business"].language

    async def act(intent: Intent, given: dict[str, Any]) -> Outcome[Any]:
        programme = form_of.read(given, base.programme)
        if lacking := unnamed(programme, main):
            raise Invalid(lacking)
        try:
            if given["draft"] is None:
                return await actions.start_draft(intent, programme)
            return await actions.change_draft(intent, VersionId(given["draft"]), given["version"], programme)
        except Invalid as refused:
            raise at_fields(refused, main) from None

    async def again(asked: Req, form: Form, status: int) -> Response[Any]:
        return await _typed(asked, base, form, status)

    async def saved(_: Any) -> Saved:
        stands = await _base(request)
        return _saved_as(stands, stands.programme)

    then = f"{HOME}/publication" if pressed == "publish" else DRAFT
    return await submit(request, form_of.NAME, base.spec, act=act, show=again, then=then, saved=saved, fresh=DRAFT)


async def _look(request: Req, base: Base, pressed: str) -> Response[Any]:
    """The form as it is being typed, with what it comes to; to htmx, as one types, that alone."""
    form = await Form.read(request, form_of.NAME, base.spec, once=False)
    ladder_of.change_rows(form, pressed)
    form.refusal = None
    form.problems.update(form.misread([one.name for one in form.spec]))
    asks = request.headers.get("hx-target", "") if wants_fragment(request) else ""
    if asks != LIVE:
        response = await _typed(request, base, form, 200)
        response.headers.update({"HX-Push-Url": "false", "HX-Reswap": "outerHTML show:none"})
        return response
    programme = form_of.to_show(form_of.read(form.usable(), base.programme))
    habit = await Form.read(request, "habit", form_of.habit_fields(request), once=False)
    habits = form_of.habits(habit, usual_habits(programme, base.about))
    context = await _live(form, habit, programme, base, habits)
    return rendered("programme/_live_alone.html", frame(request, ""), {"form": form, **context}, status=200)


async def _typed(request: Req, base: Base, form: Form, status: int) -> Response[Any]:
    """The whole form as it was typed, with what could not be published said at its fields."""
    programme = form_of.read(form.usable(), base.programme)
    if status != 200:
        note_publication(form, programme, request.scope["state"]["business"].language)
    habit = await Form.read(request, "habit", form_of.habit_fields(request), once=False)
    return await _page_of(request, base, form, form_of.to_show(programme), habit, status)


ROUTES = [show, change]
