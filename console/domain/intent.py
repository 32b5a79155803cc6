"""Who means to do what, once, and what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from console.domain.ids import DEMO_ACTOR, SYSTEM_ACTOR, TERMINAL_ACTOR, ActorId, OperationId

R = TypeVar("R")


@dataclass(frozen=True)
class Actor:
    """Who acts, and the permissions that they had when somebody looked.

    `stands` looks again, within the operation: whether they still are who they were, with a lock that keeps it so
    until the operation ends.
    """

    id: ActorId
    permissions: frozenset[str]
    stands: Callable[[], Awaitable[bool]] | None = field(default=None, compare=False)

    def may(self, permission: str) -> bool:
        return permission in self.permissions


class _Everything(frozenset[str]):
    def __contains__(self, item: object) -> bool:
        return True


TERMINAL = Actor(ActorId(TERMINAL_ACTOR), _Everything())
"""The operator at the terminal, who may do everything."""
SYSTEM = Actor(ActorId(SYSTEM_ACTOR), _Everything())
"""The workers, which do what is due by themselves."""
DEMO = Actor(ActorId(DEMO_ACTOR), _Everything())
"""Whoever fills the demo."""


Peek = Callable[[OperationId, str], Awaitable[Any]]


@dataclass(frozen=True)
class Intent:
    """What somebody means to do, once.

    `id` was made when the form was rendered (workers use deterministic ones). `expected` is the
    fingerprint of a preview that was shown; other consequences are refused with `Changed`. `sent` tells the form
    that it came by from any other that names the same intent: one that comes again as it was is `done_before`.
    `peek` is asked, by operation and kind, about what a preview did before that is rolled back.
    """

    id: UUID
    actor: Actor
    now: datetime
    preview: bool = False
    expected: str | None = None
    reason: str | None = None
    sent: str | None = None
    peek: Peek | None = None


@dataclass(frozen=True)
class Effect:
    """A consequence in a message key and numbers or codes: no names, no personal values."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """What an operation did: its id (0 where nothing was kept), the use case's result, and the consequences.

    Nothing is kept of a preview, nor of an edit that left everything as it was. `seen`: what its `peek` answered.
    """

    operation_id: OperationId
    result: R
    effects: tuple[Effect, ...]
    fingerprint: str
    replayed: bool = False
    seen: Any = None
