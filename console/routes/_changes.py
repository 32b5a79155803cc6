"""A field that was touched, and a new row of a log, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from console import i18n
from console.domain.audit.queries import Deed
from console.domain.audit.touched import Field, Touch, refs
from console.domain.money import Money
from console.routes._ledger_words import ENTRIES as LEDGER
from console.routes._ledger_words import TIER_EVENTS
from console.routes._message_words import MESSAGES
from console.routes._values import in_language

MINUS = "−"
TIMES = "× "


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


ENTRIES: dict[str, Callable[[Mapping[str, Any]], Change]] = {
    "client_consent": lambda said: _consent(**said),
    "fee_payment": lambda said: _fee_payment(**said),
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

WAIVED = "effect.visit_waived"
"""Effect of a refund that says how much of what was owed is owed no more."""

SUMMED = {"fee_payment": "minor", "loyalty_entry": "delta", "payment": "minor"}
"""Of these, the column that is added up over rows that are alike: four stamps that were used are one line."""


FOR_ANOTHER = {"words.money_back": "words.money_back_for", "words.money_taken": "words.money_taken_for"}
"""The same words for money of another visit than it is told of, by those of the visit's own."""


def its_own(touched: Sequence[Touch], deed: Deed) -> list[Touch]:
    """What was touched, payments for the visit that a deed is about without saying so: those for others say theirs."""
    return [replace(one, fields=[each for each in one.fields if not _is_own(one, each, deed)]) for one in touched]


def _is_own(touch: Touch, field: Field, deed: Deed) -> bool:
    of = {(one.entity, one.id) for one in refs(field.new)}
    return (touch.entity, field.name) == ("payment", "visit") and of <= set(deed.about)


def added_up(touched: Sequence[Touch]) -> list[Touch]:
    """What was posted to logs, rows that differ by their amounts alone as one; what was given and taken stays apart."""
    found: dict[Any, Touch] = {}
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


def but_messages(touched: Sequence[Touch]) -> Sequence[Touch]:
    """What was touched, without what clients are told of a booking alone: their card shows it, and it follows."""
    entities = {one.entity for one in touched}
    if "booking" not in entities or "visit" in entities:
        return touched
    return [one for one in touched if one.entity != "message"]


def waived(deed: Deed) -> list[Change]:
    """How much of a debt a refund waived, or its undo asks again: no row says that by itself."""
    if (told := deed.effects.get(WAIVED)) is None:
        return []
    label = i18n.gettext("words.debt_again" if deed.undos % 2 else "words.debt_waived")
    return [Change(label, None, i18n.money(told["minor"], told["currency"]))]


def _is_less(amount: int | Money) -> bool:
    return (amount.minor if isinstance(amount, Money) else amount) < 0


def _consent(channel: str, purpose: str, given: bool) -> Change:
    way, what = i18n.gettext(f"words.channel_{channel}"), i18n.gettext(f"words.purpose_{purpose}").lower()
    label = i18n.words("field.consent", {"channel": way, "purpose": what})
    return Change(label, None, i18n.gettext("words.given" if given else "words.taken_back"))


def _ledger(unit: str, verb: str, delta: int) -> Change:
    """What a ledger got: stamp earned: +1. How much was spent is told with the visit."""
    count = None if unit == "spend" else f"{'+' if delta > 0 else MINUS}{abs(delta)}"
    return Change(i18n.gettext(LEDGER[unit, verb]), None, count)


def _ladder(event: str, tier: str | None) -> Change:
    """What happened to the tier that is held, and which one that is then; none where there is no ladder any more."""
    what = i18n.gettext(TIER_EVENTS[event])
    said = i18n.words("words.tier_and_what", {"tier": tier, "what": what}) if tier else what
    return Change(i18n.gettext("column.tier_entry.tier"), None, said)


def _message(kind: str, due_at: str) -> Change:
    """What a client is to be told, and when."""
    what = i18n.lower_first(i18n.gettext(MESSAGES[kind]))
    said = i18n.words("words.message_at", {"what": what, "when": due_at})
    return Change(i18n.gettext("column.message.kind"), None, said)


def _visit(due: int, currency: str) -> Change:
    """What a visit costs."""
    return Change(i18n.gettext("words.visit_price"), None, i18n.money(due, currency))


def _visit_line(
    names: Mapping[str, str], quantity: int, listed: int, unit: int, reason: str, currency: str = ""
) -> Change:
    """What was done or sold, how many where that is not one, and another price than the list's, with why."""
    told = [] if quantity == 1 else [f"{TIMES}{quantity}"]
    if unit != listed and currency:
        price, by_list = i18n.money(unit, currency), i18n.money(listed, currency)
        told += [price, i18n.words("words.till_by_list", {"price": by_list}), i18n.lower_first(reason)]
    return Change(in_language(names), None, ", ".join(filter(None, told)) or None)


def priced(touched: Sequence[Touch]) -> list[Touch]:
    """What was touched, the lines of a new visit with its currency: their prices are in it."""
    of_visits = [field for one in touched if one.entity == "visit" and one.new for field in one.fields]
    currency = [field for field in of_visits if field.name == "currency"][:1]
    return [replace(one, fields=[*one.fields, *currency]) if one.entity == "visit_line" else one for one in touched]


def withdrawn(kind: str, *, again: bool) -> Change:
    """That a client is not told something any more, or after all."""
    key = "words.message_not_sent" if not again else "words.message_sent_after_all"
    what = i18n.words(key, {"what": i18n.lower_first(i18n.gettext(MESSAGES[kind]))})
    return Change(i18n.gettext("column.message.kind"), None, what)


def turned(touched: Sequence[Touch]) -> list[Touch]:
    """The messages that were withdrawn with what became of a visit, or are to be sent after all."""
    if all(one.entity != "visit" for one in touched):
        return []
    messages = (one for one in touched if one.entity == "message" and not one.new)
    return [one for one in messages if any(field.name == "retired_at" for field in one.fields)]


def _payment(minor: Money, tip: bool, visit: str | None = None) -> Change:
    """Money that was taken, or given back; `visit`: of which date, where that is another one than is told of."""
    key = "words.money_back" if minor.minor < 0 else "words.money_tip" if tip else "words.money_taken"
    label = i18n.words(FOR_ANOTHER[key], {"day": visit}) if visit and key in FOR_ANOTHER else i18n.gettext(key)
    return Change(label, None, _amount(minor))


def _fee_payment(minor: Money) -> Change:
    """Money that was taken for a fee, or given back."""
    return Change(i18n.gettext("words.fee_back" if minor.minor < 0 else "words.fee_taken"), None, _amount(minor))


def _amount(money: Money) -> str:
    return i18n.money(abs(money.minor), money.currency)
