"""The trail in words: what was done to which thing, and what a field was and became.

Concepts say what their things are called (`console.domain.audit.naming`); how a value is written says `_values`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from console import i18n
from console.domain import clock
from console.domain.audit import queries as audit
from console.domain.audit.naming import Key, Name, names
from console.domain.audit.touched import UNTOLD, Field, Ref, Touch, refs
from console.domain.booking.moved import Stood, stood
from console.domain.ids import MessageId
from console.domain.loyalty.queries import versions as all_versions
from console.domain.loyalty.rules.ladder import tier_by
from console.domain.loyalty.rules.programme import Versions
from console.domain.messages import leaving
from console.domain.messages.queries import kinds as message_kinds
from console.domain.money import Money
from console.routes import _moved, _runs
from console.routes._changes import (
    EDITED,
    ENTRIES,
    WAIVED,
    Change,
    added_up,
    but_messages,
    its_own,
    priced,
    turned,
    waived,
    withdrawn,
)
from console.routes._values import NONE, SHOWN, date_words, differing, in_language, named_words

LONGEST_VALUE = 60

ALIKE = {"holiday.change_days"}
"""Kinds of operation that do the same to several things, and are told as if these were one."""

NOBODY = {"password.ask": "words.unknown_address"}
"""Keys of the words for what an operation of a kind was about, where there is no such thing."""

EDIT = "change"
"""The last part of the kinds of operation that are told by the fields that they touched."""

UNDONE = {"import.begin": "words.import_undone", "import.bring_in": "words.import_undone"}
"""Keys of the words for the undo of what went on after the operation that began it."""

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

DATED_WITH = {"import.take": {"booking", "visit"}}
"""Entities of which operations of a kind touch several, whose fields are told with the dates of theirs."""

REFUND, GIVEN = "visit.refund", "effect.visit_refunded"
"""Kind of operation that gives money back for a visit, and its effect that says how much."""

WAIVERS = {"kind": "words.visit_debt_waived", "done": "words.visit_debt_waived_done"}
"""Keys of the words for one that gave nothing back, but waived what was owed."""

ALONE = {("ticket.together", "kind"): "kind.ticket.change", ("ticket.together", "done"): "words.ticket_changed_done"}
"""Kinds of operation that do the same with several, and how a deed is told: keys of the words where it was one."""

SOME = {"series.cancel": "effect.series_cancelled"}
"""Kinds of operation that take only some of a series: keys of the effect that says how many bookings since when."""

NOBODYS = {
    ("message", "variables"),
    ("series", "made_until"),
    ("ticket", "closed_at"),
    ("ticket", "solved_at"),
    *(("loyalty_account", name) for name in ("stamps", "free_visits", "tier", "drops_on", "night", "next_night")),
}
"""Columns of an entity that say how far a job has come or what follows from the rest, and are nobody's doing."""

TIERS = "tier_entry"
"""Entity that names tiers by their codes."""

TOLD_BY_THE_KIND = {"folded", "password_hash", "retired_at", "steps_away_at", "totp_secret", "totp_step"}
"""Columns that say no more than the kind of operation, or the columns beside them, do."""


class Words:
    """What the names that were looked up make of the trail."""

    def __init__(
        self,
        known: Mapping[Key, Name],
        zone: ZoneInfo,
        *,
        kept: bool = False,
        stood: Stood | None = None,
        versions: Versions | None = None,
        messages: Mapping[int, str] | None = None,
        leaves: Mapping[MessageId, datetime] | None = None,
    ) -> None:
        """`kept`: for a document that is read in other years, too; `stood`: where operations left bookings.

        `versions`: those of the programme, where tiers are to be named; `messages`: the kinds of those that were
        withdrawn, or are to be sent after all; `leaves`: when those leave that wait for their time.
        """
        self.known = known
        self.stood = stood or Stood({}, {})
        self.zone = zone
        self.kept = kept
        self.versions = versions
        self.messages = messages or {}
        self.leaves = leaves or {}

    def of(self, deed: audit.Deed, said: str = "kind", *, entry: int | None = None) -> str:
        """A deed in words: that of its kind, with the names of what it is about; undone or done again.

        `entry`: the operation after which it is told, with bookings where it left them.
        """
        name = (
            self._names(deed.about, entry) if deed.about or deed.kind not in NOBODY else i18n.gettext(NOBODY[deed.kind])
        )
        key = WAIVERS[said] if _is_waiver(deed) else f"{said}.{deed.kind}"
        if len(deed.about) == 1:
            key = ALONE.get((deed.kind, said), key)
        what = self._some(deed, said) or i18n.words(key, {"name": name})
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
        if deed.undos % 2 and deed.kind in UNDONE:
            return i18n.gettext(UNDONE[deed.kind])
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
        moved = [one for one in self.stood.moves.get(entry.id, ()) if one.seen and _moved.is_theirs(one, entry)]
        touched, shifted = _moved.as_one(entry.touched) if entry.deed.kind in ALIKE else (entry.touched, [])
        told = [
            change
            for touch in added_up(priced(its_own(but_messages(touched), entry.deed)))
            for change in self._told_of(entry.deed.kind, _moved.besides(touch, moved), longest)
        ]
        return [*dict.fromkeys(_moved.told(one) for one in moved), *shifted, *dict.fromkeys(told), *waived(entry.deed)]

    def _told_of(self, kind: str, touch: Touch, longest: int) -> list[Change]:
        """What an operation of this kind did to an entity."""
        named = [one for one in touch.fields if (kind, touch.entity, one.name) in LABELS]
        others = self._changes(replace(touch, fields=[one for one in touch.fields if one not in named]), longest)
        ended = [Change(i18n.gettext(LABELS[kind, touch.entity, one.name]), None, None) for one in named]
        name = self.known.get((touch.entity, touch.id)) if _is_dated(kind, touch) else None
        if name is None or name.on is None:
            return [*others, *ended]
        on = self._plain(name.on, longest)
        return [replace(one, label=f"{one.label}, {on}") for one in (*others, *ended)]

    def _changes(self, touch: Touch, longest: int) -> list[Change]:
        if touch.entity == "message" and touch.id in self.messages and not touch.new:
            again = any(one.name == "retired_at" and one.new is None for one in touch.fields)
            return [withdrawn(self.messages[touch.id], again=again)]
        if touch.fields and touch.entity in ENTRIES and (touch.new or touch.entity not in EDITED):
            return [ENTRIES[touch.entity](self._said(touch))]
        if touch.new:
            return [
                Change(i18n.gettext(f"column.{touch.entity}.{one.name}"), None, self._begun(touch.entity, one, longest))
                for one in touch.fields
                if one.new is not None or f"{touch.entity}.{one.name}" in NONE
            ]
        if touch.entity in TOLD_WITH_NAMES and (name := self.known.get((touch.entity, touch.id))):
            return [replace(one, label=f"{one.label}, {named_words(name)}") for one in self._edited(touch, longest)]
        return self._edited(touch, longest)

    def _said(self, touch: Touch) -> dict[str, Any]:
        """What a log says, a tier by its name on the date."""
        said = {field.name: self._at(field.new) for field in touch.fields}
        if touch.entity == "message" and (at := self.leaves.get(MessageId(touch.id))):
            said["due_at"] = self._at(at)
        if touch.entity == TIERS:
            on = said.pop("on")
            tier = tier_by(self.versions, said["tier"], on) if self.versions else None
            said["tier"] = (in_language(tier.names) if tier.names else tier.code) if tier else None
        return said

    def _at(self, value: Any) -> Any:
        """A value of a log: instants in words, another thing by its date, or else by its name."""
        if isinstance(value, Ref):
            name = self.known.get((value.entity, value.id))
            if name is None:
                return None
            return self._plain(name.on, LONGEST_VALUE) if name.on else named_words(name, quoted=False)
        return i18n.moment(value, self.zone) if isinstance(value, datetime) else value

    def _begun(self, entity: str, field: Field, longest: int) -> str | None:
        """The value with which something new began."""
        return self.value(f"{entity}.{field.name}", field.new, longest=longest)

    def _edited(self, touch: Touch, longest: int) -> list[Change]:
        told = (
            one for one in touch.fields if one.name not in TOLD_BY_THE_KIND and (touch.entity, one.name) not in NOBODYS
        )
        return [self._change(touch.entity, one, longest) for one in told]

    def _change(self, entity: str, field: Field, longest: int) -> Change:
        key = f"{entity}.{field.name}"
        values = differing(field.former, field.new)
        former, new = (self.value(key, value, longest=longest) for value in values)
        label = i18n.gettext(f"column.{key}")
        return Change(label, former, new) if former is not None and new is not None else Change(label, None, None)

    def value(self, key: str, value: Any, *, longest: int = LONGEST_VALUE) -> str | None:
        """A value in words, by `entity.column`; None where it may not be shown, or has no words."""
        if value is UNTOLD:
            return None
        if value is None:
            return i18n.lower_first(i18n.gettext(NONE[key])) if key in NONE else "–"
        if key in SHOWN:
            shown = SHOWN[key](value)
            return "–" if shown == "" else shown
        if of := refs(value):
            named = [self.known.get((ref.entity, ref.id)) for ref in of]
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
        return _runs.listed(self._name(key, entry) for key in about if key in self.known)


def _is_dated(kind: str, touch: Touch) -> bool:
    return touch.entity in DATED_WITH.get(kind, ())


def _is_waiver(deed: audit.Deed) -> bool:
    """Whether a refund gave nothing back, but waived what was owed."""
    return deed.kind == REFUND and WAIVED in deed.effects and GIVEN not in deed.effects


async def words(
    deeds: Iterable[audit.Deed], zone: ZoneInfo, entries: Iterable[audit.Entry] = (), *, kept: bool = False
) -> Words:
    """Look up all names that deeds, and the values of entries, speak of."""
    entries = list(entries)
    wanted = {key for deed in deeds for key in deed.about}
    for entry in entries:
        values = (value for touch in entry.touched for field in touch.fields for value in (field.former, field.new))
        wanted |= {(ref.entity, ref.id) for value in values for ref in refs(value)}
        wanted |= {
            (touch.entity, touch.id)
            for touch in entry.touched
            if touch.entity in TOLD_WITH_NAMES or _is_dated(entry.deed.kind, touch)
        }
    arranged = [one.id for one in entries if one.deed.kind.startswith(("booking.", "series."))]
    tiers = any(touch.entity == TIERS for entry in entries for touch in entry.touched)
    known = await all_versions() if tiers else None
    messages = {touch.id for entry in entries for touch in turned(entry.touched)}
    kinds = await message_kinds(sorted(messages)) if messages else None
    touches = [] if kept else [touch for entry in entries for touch in but_messages(entry.touched)]
    written = [MessageId(touch.id) for touch in touches if touch.entity == "message" and touch.new]
    leaves = await leaving.leaves(written, clock.now()) if written else {}
    found = await names(wanted)
    there = await stood(arranged)
    return Words(found, zone, kept=kept, stood=there, versions=known, messages=kinds, leaves=leaves)


async def named_operations(operations: Collection[int], zone: ZoneInfo) -> dict[int, str]:
    """Operations in words, by their ids."""
    deeds = await audit.deeds(list(operations))
    said = await words(deeds.values(), zone)
    return {one: said.of(deed) for one, deed in deeds.items()}


async def operations_words(operations: Sequence[int], zone: ZoneInfo) -> list[str]:
    """Operations in words, in their order."""
    named = await named_operations(operations, zone)
    return [named[one] for one in operations if one in named]
