"""The trail in words: what was done to which thing, and what a field was and became.

Concepts say what their things are called (`console.domain.audit.naming`); how a value is written says `_values`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from console import i18n
from console.domain import clock
from console.domain.audit import queries as audit
from console.domain.audit.naming import Key, Name, names
from console.domain.booking.moved import ARRANGED, Moved, Stand, Stood, stood
from console.domain.ids import DEMO_ACTOR, TERMINAL_ACTOR, ActorId
from console.domain.money import Money
from console.domain.team import queries as team
from console.routes._times import time_words
from console.routes._values import ENTRIES as LEDGER
from console.routes._values import (
    MESSAGES,
    NONE,
    SHOWN,
    TIER_EVENTS,
    between,
    date_words,
    day_and_date,
    differing,
    in_language,
    named_words,
)

MOST_NAMES = 3
LONGEST_VALUE = 60
MINUS = "−"
TIMES = "× "


ENTRIES: dict[str, Callable[[Mapping[str, Any]], Change]] = {
    "client_consent": lambda said: _consent(**said),
    "loyalty_entry": lambda said: _ledger(**said),
    "message": lambda said: _message(**said),
    "payment": lambda said: _payment(**said),
    "tier_entry": lambda said: _ladder(**said),
    "visit": lambda said: _visit(**said),
    "visit_line": lambda said: _visit_line(**said),
}
"""What a new row of a log says, by its columns."""

EDITED = {"message", "visit"}
"""Of these, those that are no logs: an edit is told by its fields."""

SUMMED = {"loyalty_entry": "delta", "payment": "minor"}
"""Of these, the column that is added up over rows that are alike: four stamps that were used are one line."""

ALIKE = {"holiday.change_days"}
"""Kinds of operation that do the same to several things, and are told as if these were one."""

NOBODY = {"password.ask": "words.unknown_address"}
"""Keys of the words for what an operation of a kind was about, where there is no such thing."""

EDIT = "change"
"""The last part of the kinds of operation that are told by the fields that they touched."""

STAYS = {
    "bookable.add": "words.stays_out_of_the_plan",
    "location.add": "words.stays_closed",
    "payment_method.add": "words.stays_off",
    "product.add": "words.stays_off",
    "reason.add": "words.stays_off",
    "service.add": "words.stays_off",
    "staff.invite": "words.stays_closed",
}
"""Keys of the words for how lists still have what was added by an operation that was undone."""

LABELS = {("client.erase", "client_card", "lost_at"): "words.card_ended"}
"""Keys of the words for a field where an operation of a kind does not mean by it what the field is called."""

TOLD_WITH_NAMES = {"skill"}
"""Entities whose fields are told with their names, since one operation sets those of several."""

SOME = {"series.cancel": "effect.series_cancelled"}
"""Kinds of operation that take only some of a series: keys of the effect that says how many bookings since when."""

UNTOLD = {
    ("message", "variables"),
    ("series", "made_until"),
    *(("loyalty_account", name) for name in ("stamps", "free_visits", "tier", "drops_on", "night", "next_night")),
}
"""Columns of an entity that say how far a job has come or what follows from the rest, and are nobody's doing."""

TOLD_BY_THE_KIND = {"folded", "password_hash", "retired_at", "steps_away_at", "totp_secret", "totp_step"}
"""Columns that say no more than the kind of operation, or the columns beside them, do."""


@dataclass(frozen=True)
class Change:
    """A field in words. `former` and `new` are None where a value may not be shown, or there was none."""

    label: str
    former: str | None
    new: str | None

    @property
    def shown(self) -> str | None:
        """What it was and became; None where that may not be shown."""
        return self.new if self.former is None else f"{self.former} → {self.new}"


def _is_theirs(moved: Moved, entry: audit.Entry) -> bool:
    """Whether the move of a booking is told to whom an entry is told."""
    return entry.own is None or ("booking", moved.booking) in entry.own


def _settled(touch: audit.Touch, moved: Sequence[Moved]) -> audit.Touch:
    """What an operation did to an entity besides moving bookings, which is told in one line."""
    if not moved:
        return touch
    return replace(touch, fields=[one for one in touch.fields if one.name not in ARRANGED.get(touch.entity, ())])


def _as_one(touched: Sequence[audit.Touch]) -> tuple[list[audit.Touch], list[Change]]:
    """What was done to days in a row besides moving them, which is told in one line: 3–16 August → 10–23 August.

    Days that went or came with the move did so at the end.
    """
    dates = [field for touch in touched for field in touch.fields if field.name == "date"]
    others = [replace(touch, fields=[one for one in touch.fields if one.name != "date"]) for touch in touched]
    if not dates:
        return others, []
    retired = [field.new for touch in touched for field in touch.fields if field.name == "retired_at"]
    gone = timedelta(days=sum(one is not None for one in retired))
    come = timedelta(days=sum(one is None for one in retired) + sum(not touch.fields for touch in touched))
    was, now = (sorted(getattr(one, side) for one in dates) for side in ("former", "new"))
    spans = between(was[0], was[-1] + gone), between(now[0], now[-1] + come)
    return others, [Change(i18n.gettext("column.holiday.date"), *spans)]


def _added_up(touched: Sequence[audit.Touch]) -> list[audit.Touch]:
    """What was posted to logs, rows that differ by their amounts alone as one; what was given and taken stays apart."""
    found: dict[Any, audit.Touch] = {}
    for at, touch in enumerate(touched):
        amount = next((one for one in touch.fields if one.name == SUMMED.get(touch.entity)), None)
        if amount is None or not isinstance(amount.new, (int, Money)):
            found[at] = touch
            continue
        others = tuple((one.name, one.new) for one in touch.fields if one is not amount)
        key = (touch.entity, others, getattr(amount.new, "currency", ""), _is_less(amount.new))
        before = [one.new for one in found[key].fields if one.name == amount.name] if key in found else []
        total = replace(amount, new=before[0] + amount.new if before else amount.new)
        found[key] = replace(touch, fields=[total if one is amount else one for one in touch.fields])
    return list(found.values())


def _is_less(amount: int | Money) -> bool:
    return (amount.minor if isinstance(amount, Money) else amount) < 0


def _moved(one: Moved) -> Change:
    """Where a booking was and is, what stayed the same left out: Tue 12 May 12:30, Emma Jones → 14:30, Ben Carter."""
    was, now = one.before, one.after
    first, then = (clock.business_date(stand.starts_at, one.zone) for stand in (was, now))
    same_length = was.ends_at - was.starts_at == now.ends_at - now.starts_at
    same_who = was.who == now.who

    def words_of(stand: Stand, on: date | None) -> str:
        time = time_words(stand.starts_at, one.zone)
        if not same_length:
            time += f"–{time_words(stand.ends_at, one.zone)}"
        return ", ".join([f"{day_and_date(on)} {time}" if on else time, *([] if same_who else [stand.who])])

    return Change(i18n.gettext("words.moved"), words_of(was, first), words_of(now, then if then != first else None))


class Words:
    """What the names that were looked up make of the trail."""

    def __init__(
        self,
        known: Mapping[Key, Name],
        zone: ZoneInfo,
        *,
        kept: bool = False,
        stood: Stood | None = None,
    ) -> None:
        """`kept`: for a document that is read in other years, too; `stood`: where operations left bookings."""
        self.known = known
        self.stood = stood or Stood({}, {})
        self.zone = zone
        self.kept = kept

    def of(self, deed: audit.Deed, said: str = "kind", *, entry: int | None = None) -> str:
        """A deed in words: that of its kind, with the names of what it is about; undone or done again.

        `entry`: the operation after which it is told, with bookings where it left them.
        """
        name = (
            self._names(deed.about, entry) if deed.about or deed.kind not in NOBODY else i18n.gettext(NOBODY[deed.kind])
        )
        what = self._some(deed, said) or i18n.words(f"{said}.{deed.kind}", {"name": name})
        if deed.undos == 0:
            return what
        return i18n.words("words.undid" if deed.undos % 2 else "words.redid", {"what": what})

    def _some(self, deed: audit.Deed, said: str) -> str | None:
        """How many bookings of a series a deed took, and since when; None where it says nothing of that."""
        taken = deed.effects.get(SOME.get(deed.kind, ""), {})
        if "since" not in taken:
            return None
        whose = [named_words(replace(self.known[key], on=None)) for key in deed.about if key in self.known]
        day = date_words(date.fromisoformat(taken["since"]))
        what = i18n.words(
            "words.cancelled_from_on", {"count": taken["count"], "day": day, "name": i18n.listing(whose) or "…"}
        )
        return f"{i18n.upper_first(what)}." if said == "done" else what

    def toast(self, deed: audit.Deed) -> str:
        """What has just been done."""
        if deed.undos == 0:
            return self.of(deed, "done")
        what = self.of(replace(deed, undos=0))
        return i18n.words("done.undid" if deed.undos % 2 else "done.redid", {"what": what})

    def told(self, entry: audit.Entry) -> str:
        """What somebody did: an edit by the fields that it changed, anything else as the deed that it is."""
        fields = list(dict.fromkeys(one.label for one in self.changes(entry)))
        if not fields or entry.deed.kind.rpartition(".")[2] != EDIT:
            return self.of(entry.deed, entry=entry.id)
        what = i18n.words("words.told_changed", {"fields": i18n.listing(fields)})
        if entry.deed.undos == 0:
            return what
        return i18n.words("words.undid" if entry.deed.undos % 2 else "words.redid", {"what": what})

    def changes(self, entry: audit.Entry, *, longest: int = LONGEST_VALUE) -> list[Change]:
        """The fields that an operation touched; values of more than `longest` letters are cut."""
        moved = [one for one in self.stood.moves.get(entry.id, ()) if one.seen and _is_theirs(one, entry)]
        touched, shifted = _as_one(entry.touched) if entry.deed.kind in ALIKE else (entry.touched, [])
        told = [
            change
            for touch in _added_up(touched)
            for change in self._told_of(entry.deed.kind, _settled(touch, moved), longest)
        ]
        return [*dict.fromkeys(_moved(one) for one in moved), *shifted, *dict.fromkeys(told)]

    def _told_of(self, kind: str, touch: audit.Touch, longest: int) -> list[Change]:
        """What an operation of this kind did to an entity."""
        named = [one for one in touch.fields if (kind, touch.entity, one.name) in LABELS]
        others = self._changes(replace(touch, fields=[one for one in touch.fields if one not in named]), longest)
        ended = [Change(i18n.gettext(LABELS[kind, touch.entity, one.name]), None, None) for one in named]
        return [*others, *ended]

    def _changes(self, touch: audit.Touch, longest: int) -> list[Change]:
        if touch.fields and touch.entity in ENTRIES and (touch.new or touch.entity not in EDITED):
            return [ENTRIES[touch.entity]({field.name: self._at(field.new) for field in touch.fields})]
        if touch.new:
            return [
                Change(i18n.gettext(f"column.{touch.entity}.{one.name}"), None, self._begun(touch.entity, one, longest))
                for one in touch.fields
                if one.new is not None or f"{touch.entity}.{one.name}" in NONE
            ]
        if touch.entity in TOLD_WITH_NAMES and (name := self.known.get((touch.entity, touch.id))):
            return [replace(one, label=f"{one.label}, {named_words(name)}") for one in self._edited(touch, longest)]
        return self._edited(touch, longest)

    def _at(self, value: Any) -> Any:
        """A value of a log, instants in words."""
        return i18n.moment(value, self.zone) if isinstance(value, datetime) else value

    def _begun(self, entity: str, field: audit.Field, longest: int) -> str | None:
        """The value with which something new began."""
        return self.value(f"{entity}.{field.name}", field.new, longest=longest)

    def _edited(self, touch: audit.Touch, longest: int) -> list[Change]:
        told = (
            one for one in touch.fields if one.name not in TOLD_BY_THE_KIND and (touch.entity, one.name) not in UNTOLD
        )
        return [self._change(touch.entity, one, longest) for one in told]

    def _change(self, entity: str, field: audit.Field, longest: int) -> Change:
        key = f"{entity}.{field.name}"
        values = differing(field.former, field.new)
        former, new = (self.value(key, value, longest=longest) for value in values)
        label = i18n.gettext(f"column.{key}")
        return Change(label, former, new) if former is not None and new is not None else Change(label, None, None)

    def value(self, key: str, value: Any, *, longest: int = LONGEST_VALUE) -> str | None:
        """A value in words, by `entity.column`; None where it may not be shown, or has no words."""
        if value is audit.UNTOLD:
            return None
        if value is None:
            return i18n.lower_first(i18n.gettext(NONE[key])) if key in NONE else "–"
        if key in SHOWN:
            shown = SHOWN[key](value)
            return "–" if shown == "" else shown
        if refs := audit.refs(value):
            named = [self.known.get((ref.entity, ref.id)) for ref in refs]
            return i18n.listing([named_words(one) for one in named if one]) or None
        return self._plain(value, longest)

    def _plain(self, value: Any, longest: int) -> str:
        if isinstance(value, bool):
            return i18n.gettext("words.yes" if value else "words.no")
        if isinstance(value, datetime):
            return i18n.moment(value, self.zone)
        if isinstance(value, date):
            return i18n.short_day(value) if self.kept else date_words(value)
        if isinstance(value, Money):
            return i18n.money(value.minor, value.currency)
        if isinstance(value, Mapping):
            return in_language(value)
        if isinstance(value, (list, tuple)):
            return i18n.listing([self._plain(one, longest) for one in value]) if value else "–"
        text = i18n.number(value) if isinstance(value, int) else " ".join(str(value).split())
        return text if len(text) <= longest else f"{text[: longest - 1]}…"

    def _name(self, key: Key, entry: int | None) -> Name:
        """What something is called; a booking with when it was and who did it after an operation."""
        name = self.known[key]
        if key[0] != "booking" or entry is None or (entry, key[1]) not in self.stood.after:
            return name
        stand, zone = self.stood.after[entry, key[1]]
        wall = clock.WallTime.of(stand.starts_at, zone)
        turn = clock.turn(stand.starts_at, zone)
        return replace(name, on=wall.on, time=wall.minute, turn=turn, who=stand.who or name.who)

    def _names(self, about: Sequence[Key], entry: int | None = None) -> str:
        runs = _runs([self._name(key, entry) for key in about if key in self.known])
        if not runs:
            return "…"
        if len(runs) > MOST_NAMES:
            more = sum(map(len, runs[1:]))
            return i18n.words("words.and_more", {"name": _run_words(runs[0]), "count": more})
        return i18n.listing([_run_words(run) for run in runs])


def _runs(named: Iterable[Name]) -> list[list[Name]]:
    """Names of the same text whose dates follow one another are one run, such as the days of a closure."""
    runs: list[list[Name]] = []
    named = list(named)
    dates = [name.on for name in named if name.on and name.time is None]
    if len(dates) == len(named):
        named.sort(key=lambda name: name.on or date.min)
    for name in named:
        before = runs[-1][-1] if runs else None
        follows = before and before.on and name == replace(before, on=before.on + timedelta(days=1), last=None)
        if follows:
            runs[-1].append(name)
        else:
            runs.append([name])
    return runs


def _run_words(run: Sequence[Name]) -> str:
    """Days in a row by their first and last: “Renovation”, 20–22 December."""
    first, last = run[0].on, run[-1].on
    if len(run) == 1 or not (first and last):
        return named_words(run[0])
    return f"{named_words(replace(run[0], on=None))}, {between(first, last)}"


async def words(
    deeds: Iterable[audit.Deed], zone: ZoneInfo, entries: Iterable[audit.Entry] = (), *, kept: bool = False
) -> Words:
    """Look up all names that deeds, and the values of entries, speak of."""
    entries = list(entries)
    wanted = {key for deed in deeds for key in deed.about}
    for entry in entries:
        values = (value for touch in entry.touched for field in touch.fields for value in (field.former, field.new))
        wanted |= {(ref.entity, ref.id) for value in values for ref in audit.refs(value)}
        wanted |= {(touch.entity, touch.id) for touch in entry.touched if touch.entity in TOLD_WITH_NAMES}
    arranged = [one.id for one in entries if one.deed.kind.startswith(("booking.", "series."))]
    return Words(await names(wanted), zone, kept=kept, stood=await stood(arranged))


async def named_operations(operations: Collection[int], zone: ZoneInfo) -> dict[int, str]:
    """Operations in words, by their ids."""
    deeds = await audit.deeds(list(operations))
    said = await words(deeds.values(), zone)
    return {one: said.of(deed) for one, deed in deeds.items()}


async def operations_words(operations: Sequence[int], zone: ZoneInfo) -> list[str]:
    """Operations in words, in their order."""
    named = await named_operations(operations, zone)
    return [named[one] for one in operations if one in named]


ACTORS = {TERMINAL_ACTOR: "actor.terminal", DEMO_ACTOR: "actor.demo"}
"""Keys of the words for actors that are nobody."""


def actor_words(names: Mapping[int, str], actor: int) -> str:
    """Who did something: a colleague's name, or what acted without one."""
    return names.get(actor) or i18n.gettext(ACTORS.get(ActorId(actor), "actor.system"))


async def who_by(actors: Iterable[int]) -> Callable[[int], str]:
    """Words for who did something, for all of some actors at once."""
    names = await team.names(set(actors))
    return lambda actor: actor_words(names, actor)


def _consent(channel: str, purpose: str, given: bool) -> Change:
    way, what = i18n.gettext(f"words.channel_{channel}"), i18n.gettext(f"words.purpose_{purpose}").lower()
    label = i18n.words("field.consent", {"channel": way, "purpose": what})
    return Change(label, None, i18n.gettext("words.given" if given else "words.taken_back"))


def _ledger(unit: str, verb: str, delta: int) -> Change:
    """What a ledger got: stamp earned: +1. How much was spent is told with the visit."""
    count = None if unit == "spend" else f"{'+' if delta > 0 else MINUS}{abs(delta)}"
    return Change(i18n.gettext(LEDGER[unit, verb]), None, count)


def _ladder(event: str, tier: str | None) -> Change:
    """What happened to the tier that is held."""
    return Change(i18n.gettext("column.tier_entry.tier"), None, i18n.gettext(TIER_EVENTS[event]))


def _message(kind: str, due_at: str) -> Change:
    """What a client is to be told, and when."""
    what = i18n.lower_first(i18n.gettext(MESSAGES[kind]))
    said = i18n.words("words.message_at", {"what": what, "when": due_at})
    return Change(i18n.gettext("column.message.kind"), None, said)


def _visit(due: int, currency: str) -> Change:
    """What a visit costs."""
    return Change(i18n.gettext("words.visit_price"), None, i18n.money(due, currency))


def _visit_line(names: Mapping[str, str], quantity: int) -> Change:
    """What was done or sold, and how many where that is not one."""
    return Change(in_language(names), None, None if quantity == 1 else f"{TIMES}{quantity}")


def _payment(minor: Money, tip: bool) -> Change:
    """Money that was taken, or given back."""
    key = "words.money_back" if minor.minor < 0 else "words.money_tip" if tip else "words.money_taken"
    return Change(i18n.gettext(key), None, i18n.money(abs(minor.minor), minor.currency))
