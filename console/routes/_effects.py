"""Consequences in words: what a look says of an operation before it is done, and a toast after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request

from console import i18n
from console.domain.audit import naming
from console.domain.intent import Effect
from console.domain.loyalty.rules.programme import Match, Standing
from console.routes import _news
from console.routes._choices import place_words
from console.routes._forms import Form
from console.routes._message_words import MESSAGES
from console.routes._times import time_words
from console.routes._values import date_words, with_money
from console.wording import lacks

NAMED = {"doers": "bookable", "staff": "staff", "tills": "location"}
"""What a consequence lists by numbers, and of which entity they are."""
WRITTEN = "effect.messages_due"
"""Consequence that something is written to the client."""
BEFORE = {"effect.visit_refunded": "effect.visit_refunded_sum"}
"""Of consequences that once were kept without saying `by` what: the keys of the words for those."""
OF_NOTHING = {
    "effect.remedy_above_money": "effect.remedy_alone_no_money",
    "effect.remedy_above_stamps": "effect.remedy_alone_no_stamps",
    "effect.remedy_above_tiers": "effect.remedy_alone_no_tier",
}
"""Of limits: the keys of the words where the limit is 0."""


async def words(key: str, params: Mapping[str, Any]) -> str:
    """In words; `minutes` are told as a `long` time, who does something (`doers`) or whose it is (`staff`, `tills`) by
    `names`, `messages` by what they say, `dates` as `days`, and of which `country` (and region) they are and at which
    location as `of`; what they are `instead` of as `was`; an instant (`at`) in a `zone` as `time`; what counts for a
    tier (`standing`) as `what`; money (`minor`) as `money` or `sum`, what is `called` in several languages as `name`,
    the method that it comes or goes `by` inside a sentence, and the `nth` as an ordinal.
    """
    told = {name: value for name, value in with_money(params).items() if name not in NAMED}
    if "minutes" in told:
        told["long"] = i18n.duration(told["minutes"])
    if "dates" in params:
        told["days"] = i18n.listing([date_words(date.fromisoformat(one)) for one in params["dates"]])
    if "instead" in params:
        told["was"] = date_words(date.fromisoformat(params["instead"]))
    if "standing" in params:
        told["what"] = lacks(Standing(**params["standing"]), Match.ALL, params["currency"])
    if "minor" in params:
        told["sum"] = i18n.money(params["minor"], params["currency"])
    if "messages" in params:
        told["messages"] = i18n.listing([_message(kind) for kind in dict.fromkeys(params["messages"])])
    if "called" in params:
        told["name"] = i18n.spoken(params["called"])
    if "by" in params:
        told["by"] = i18n.lower_first(i18n.spoken(params["by"]))
    if "nth" in params:
        told["nth"] = i18n.ordinal(params["nth"])
    for given in NAMED.keys() & params.keys():
        keys = [(NAMED[given], one) for one in params[given]]
        known = await naming.names(keys)
        told["names"] = i18n.listing([str(known[key].text) for key in keys if key in known])
    if "at" in params:
        told["time"] = time_words(datetime.fromisoformat(params["at"]), ZoneInfo(params["zone"]))
    if "country" in params:
        told["of"] = await place_words(params["country"], params["region"], params["location"])
    if key in OF_NOTHING and not params.get("minor", params.get("count")):
        return i18n.gettext(OF_NOTHING[key])
    return i18n.words(key if "by" in told else BEFORE.get(key, key), told)


async def look(request: Request[Any, Any, Any], form: Form, effects: Sequence[Effect] | None) -> list[str] | None:
    """What something would do, and how its client would hear of it; not what is written to them where they would not.

    None: it is not known yet.
    """
    if effects is None:
        return None
    heard = form.heard or (_news.no_way(request) if any(one.key == WRITTEN for one in effects) else None)
    shown = [one for one in effects if one.key != WRITTEN or heard is None or heard.reached]
    said = [await words(one.key, one.params) for one in shown]
    return [*said, heard.words] if heard else said


def _message(kind: str) -> str:
    return i18n.words("words.message_quoted", {"message": i18n.gettext(MESSAGES[kind])})
