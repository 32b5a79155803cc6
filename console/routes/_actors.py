"""Who did something, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from console import i18n
from console.domain.ids import CLIENT_ACTOR, DEMO_ACTOR, TERMINAL_ACTOR, ActorId
from console.domain.team import queries as team

ACTORS = {TERMINAL_ACTOR: "actor.terminal", DEMO_ACTOR: "actor.demo", CLIENT_ACTOR: "actor.client"}
"""Keys of the words for actors that are nobody."""


def actor_words(names: Mapping[int, str], actor: int) -> str:
    """Who did something: a colleague's name, or what acted without one."""
    return names.get(actor) or i18n.gettext(ACTORS.get(ActorId(actor), "actor.system"))


async def who_by(actors: Iterable[int]) -> Callable[[int], str]:
    """Words for who did something, for all of some actors at once."""
    names = await team.names(set(actors))
    return lambda actor: actor_words(names, actor)
