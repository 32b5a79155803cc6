"""What can go wrong, in words that a screen can translate.

Every error carries a message key (its text lives in the catalogues) and the values that the
text needs. `routes/_errors.py` turns them into pages and fragments, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field, or with a form as a whole."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.key, tuple(sorted(self.params.items()))))


class Refusal(Exception):
    """Why nothing was done: what the record of refused attempts takes, and whose keys it has words for."""

    key: ClassVar[str] = "refused.in_general"

    @property
    def reason(self) -> str:
        """What the record of refused attempts says: the key."""
        return self.key


class DomainError(Refusal):
    """The base of everything that a use case refuses."""

    def __init__(self, **params: Any) -> None:
        super().__init__(self.key, params)
        self.params = params

    @property
    def problem(self) -> Problem:
        return Problem(self.key, self.params)


class Refused(DomainError):
    """Lawfully asked, but not possible now: the subclass says why."""


class Invalid(DomainError):
    """Fields that cannot be used, all of them at once: field name to `Problem`."""

    key = "refused.invalid"

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__()
        self.problems = dict(problems)
        self.by_entity: dict[int, Problem] = {}
        """Where one of several entities is what cannot be: which, and why."""


class Taken(Invalid):
    """A field that collides with what is there already; the record says which."""

    @property
    def reason(self) -> str:
        return next(iter(self.problems.values())).key


class NotFound(DomainError):
    key = "refused.not_found"


class Forbidden(DomainError):
    key = "refused.forbidden"


class Reserved(Invalid, Forbidden):
    """What stands in a field is for others to say: field name to `Problem`, which says for whom."""

    key = "refused.forbidden"


class SignedOut(Refusal):
    """The actor's session ended, or their role is another one now, before what they meant to do was done.

    Not a `DomainError`: no form takes it for a problem of its own.
    """

    key = "refused.signed_out"


class Busy(DomainError):
    """A lock was not to be had in time; nothing was done."""

    key = "refused.busy"


class Throttled(DomainError):
    """Too many attempts; `seconds` until the next one counts."""

    key = "refused.throttled"

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=seconds)
        self.seconds = seconds


class Stale(DomainError):
    """Somebody else changed the entity since the form was rendered."""

    key = "refused.stale"

    def __init__(self, entity: str, entity_id: int) -> None:
        super().__init__()
        self.entity = entity
        self.entity_id = entity_id


class Changed(DomainError):
    """The consequences are no longer those that were previewed."""

    key = "refused.changed"


class IntentReused(DomainError):
    """The same intent id came with another payload; `operation_id` is what it did the first time."""

    key = "refused.intent_reused"

    def __init__(self, intent_id: UUID, operation_id: int, kind: str, at: datetime) -> None:
        super().__init__()
        self.intent_id = intent_id
        self.operation_id = operation_id
        self.kind = kind
        self.at = at


class HasDependants(DomainError):
    """An undo that later operations stand on: their ids, kinds and times, latest first."""

    key = "refused.has_dependants"

    def __init__(self, operations: list[tuple[int, str, datetime]]) -> None:
        super().__init__(count=len(operations))
        self.operations = operations


class Closed(HasDependants):
    """An undo that operations stand on which nothing undoes, as an erasure: those alone."""

    key = "refused.closed"

    def __init__(self, operations: list[tuple[int, str, datetime]]) -> None:
        super().__init__(operations)
        self.params = {}


class NotUndoable(DomainError):
    key = "refused.not_undoable"


class AlreadyUndone(DomainError):
    key = "refused.already_undone"


_constraints: dict[str, Callable[[], DomainError]] = {}


def constraint(name: str, meaning: Callable[[], DomainError]) -> None:
    """Say what a violated database constraint means to a person."""
    _constraints[name] = meaning


def at_field(field_name: str, key: str) -> Callable[[], DomainError]:
    """The usual meaning of a constraint: a problem at one field."""
    return lambda: Taken({field_name: Problem(key)})


def meanings() -> list[DomainError]:
    """What every declared constraint means."""
    return [meaning() for meaning in _constraints.values()]


def violated(name: str | None) -> DomainError | None:
    """The error for a violated constraint, if `constraint` declared one."""
    meaning = _constraints.get(name or "")
    return meaning() if meaning else None


constraint("operation_undoes_key", AlreadyUndone)
