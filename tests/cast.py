"""The people of the tests: a fixed cast instead of random data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from console.domain.ids import ActorId
from console.domain.intent import Actor
from console.domain.team.rules import PERMISSIONS, Role

NOW = datetime(2026, 5, 12, 9, 30, tzinfo=UTC)
"""A Tuesday morning."""

PASSWORD = "five visits make one free"
"""The password of everybody here."""


@dataclass(frozen=True)
class Person:
    """A staff member; `id` is that of the actor, too."""

    id: int
    name: str
    email: str
    role: Role
    language: str | None = None

    @property
    def actor(self) -> Actor:
        return Actor(ActorId(self.id), frozenset(map(str, PERMISSIONS[self.role])))

    def and_may(self, *permissions: str) -> Actor:
        """The same person with permissions that their role lacks."""
        return replace(self.actor, permissions=self.actor.permissions | set(permissions))


ANNA = Person(11, "Anna Petrova", "anna@fifth.example", Role.FRONT_DESK, "ru")
BORIS = Person(12, "Boris Ilyin", "boris@fifth.example", Role.SUPPORT, "ru")
VERA = Person(13, "Vera O'Neill", "vera@fifth.example", Role.MANAGER, "en")
OLEG = Person(14, "Oleg Ёлкин", "oleg@fifth.example", Role.OWNER)

EVERYBODY = (ANNA, BORIS, VERA, OLEG)
