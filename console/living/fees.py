"""What the lived business asks of whoever calls off late or does not come, and when it lets them off."""

from __future__ import annotations

from datetime import datetime

from console.domain.booking.reasons import reasons
from console.domain.booking.rules import ReasonUse
from console.domain.ids import FeeId
from console.domain.team.rules import Role
from console.domain.visits import fees
from console.domain.visits.fees_rules import Cause, Rule
from console.living.doing import Doing
from console.living.shop import Shop

ASKED = {Cause.LATE_CANCELLATION: Rule(bp=3_000), Cause.NO_SHOW: Rule(bp=5_000)}


async def ask(doing: Doing, shop: Shop, at: datetime) -> None:
    """Say what is asked, before anybody books."""
    await doing.do("fees", at, fees.change_rules, shop.location.id, 0, ASKED, by=Role.MANAGER)


async def waive(doing: Doing, name: str, at: datetime, fee: FeeId) -> None:
    """Ask a fee no more, for the first of the usual reasons."""
    [why, *_] = [one.id for one in await reasons(ReasonUse.FEE_WAIVER)]
    await doing.do(name, at, fees.waive, fee, why, by=Role.MANAGER)
