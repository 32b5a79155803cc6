"""What the desk does, step by step, with the values of a version in it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from console.domain.loyalty.rules.programme import Counter, Programme, Tiers
from console.domain.loyalty.rules.stamps import LEAST_LIFE
from console.domain.policies.sheet import Ground, Section, Sentence, days, drops, mechanics, say


def procedures(programme: Programme, ground: Ground) -> tuple[Section, ...]:
    """Finishing, the free visit, refunds, answers about a level, what takes a manager, and the rules behind it."""
    return (*_parts(programme, ground), _manager(), *mechanics(programme, ground))


def _parts(programme: Programme, ground: Ground) -> Iterator[Section]:
    yield Section("finish", say("sheet.title_finish"), tuple(_finish(programme)), ordered=True)
    if programme.counter:
        steps = tuple(_free(programme, programme.counter, ground))
        yield Section("free", say("sheet.title_free"), steps, ordered=True)
    yield Section("refund", say("sheet.title_refund"), tuple(_refund(programme)), ordered=True)
    if programme.tiers and programme.tiers.window_days:
        yield Section("why", say("sheet.title_why"), tuple(_why(programme.tiers)), ordered=True)


def _finish(programme: Programme) -> Iterator[Sentence]:
    yield say("sheet.finish_open")
    yield say("sheet.finish_lines")
    yield say("sheet.finish_read")
    yield say("sheet.finish_pay")
    if programme.counter:
        yield say("sheet.finish_stamps", count=programme.counter.max_stamps_per_day)
    if programme.tiers:
        yield say("sheet.finish_tier")
    yield say("sheet.finish_tell")


def _free(programme: Programme, counter: Counter, ground: Ground) -> Iterator[Sentence]:
    yield say("sheet.free_look", count=counter.stamps_required)
    yield say("sheet.free_play")
    if counter.reward_max_value:
        yield say("sheet.free_up_to", cap=ground.money(counter.reward_max_value))
    yield say("sheet.free_first_to_end")
    yield say("sheet.free_counts_not") if programme.tiers else say("sheet.free_stamps_not")


def _refund(programme: Programme) -> Iterator[Sentence]:
    yield say("sheet.refund_mistake")
    yield say("sheet.refund_look")
    if programme.counter:
        yield say("sheet.refund_stamp")
        yield say("sheet.refund_free_back", days=days(LEAST_LIFE.days))
        yield say("sheet.refund_below_zero")
    if programme.tiers:
        yield say("sheet.refund_spend")


def _why(tiers: Tiers) -> Iterator[Sentence]:
    yield say("sheet.why_open")
    yield say("sheet.why_say")
    yield say("sheet.window", count=tiers.window_days)
    yield from drops(tiers)
    yield say("sheet.why_back")
    yield say("sheet.why_wrong")


def _manager() -> Section:
    told = (
        say("sheet.manager_price"),
        say("sheet.manager_backdate"),
        say("sheet.manager_refund"),
        say("sheet.manager_undo"),
        say("sheet.manager_fee"),
        say("sheet.manager_rules"),
    )
    return Section("manager", say("sheet.title_manager"), told)
