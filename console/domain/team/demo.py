"""The people who work in the demo."""

from __future__ import annotations

from collections.abc import Mapping

from console.domain.ids import ActorId
from console.domain.intent import Actor
from console.domain.team.queries import demo_person
from console.domain.team.rules import PERMISSIONS, Role


async def acting() -> Mapping[Role, Actor]:
    """Those who do what happens there, each with what their role may do."""
    roles = (Role.FRONT_DESK, Role.SUPPORT, Role.MANAGER)
    return {role: Actor(ActorId(await demo_person(role)), frozenset(map(str, PERMISSIONS[role]))) for role in roles}
