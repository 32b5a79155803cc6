"""Doing what was planned through the use cases, once: what was done stays as it is, and what cannot be is left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from console.domain import db
from console.domain.errors import DomainError
from console.domain.ids import CLIENT_ACTOR, DEMO_ACTOR
from console.domain.intent import Actor, Intent, Outcome
from console.domain.team.demo import acting
from console.domain.team.rules import Role

NAMESPACE = UUID("5f1f7e00-0000-4000-8000-000000000012")

Use = Callable[..., Coroutine[Any, Any, Outcome[Any]]]


class Doing:
    """What the demo did so far, by the ids of its intents, which its names have in a namespace; `people` do it."""

    def __init__(self, done: dict[UUID, Any], names: UUID, people: Mapping[Role, Actor]) -> None:
        self._done, self._names, self.people = done, names, people

    @classmethod
    async def known(cls, names: UUID = NAMESPACE) -> Doing:
        """With all that it did in this database."""
        rows = await db.fetch(
            "SELECT o.intent_id, o.result -> 'result' AS result FROM operation o JOIN actor a ON a.id = o.actor"
            " WHERE o.actor = ANY($1::bigint[]) OR a.kind = 'staff'",
            [DEMO_ACTOR, CLIENT_ACTOR],
        )
        return cls({row["intent_id"]: json.loads(row["result"] or "null") for row in rows}, names, await acting())

    def is_done(self, name: str) -> bool:
        """Whether something was done before."""
        return uuid5(self._names, name) in self._done

    def result(self, name: str) -> Any:
        """What came of something, None where it was not done."""
        return self._done.get(uuid5(self._names, name))

    async def do(
        self,
        name: str,
        at: datetime,
        use: Use,
        *said: Any,
        by: Role = Role.FRONT_DESK,
        actor: Actor | None = None,
        reason: str | None = None,
    ) -> Any:
        """Do something at an instant, unless it was done; what comes of it, None where the console refuses it.

        It is done `by` the one of the demo's people who has that role, or by another `actor`.

        What whoever plays with the demo did in the meantime stands: what it is in the way of is left out.
        """
        intent = Intent(uuid5(self._names, name), actor or self.people[by], at, reason=reason)
        if intent.id not in self._done:
            try:
                outcome = await use(intent, *said)
            except DomainError:
                return None
            self._done[intent.id] = outcome.result
        return self._done[intent.id]
