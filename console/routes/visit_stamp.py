"""Giving a visit the stamp that another one of its date has given up: one press, on its page or in the toast."""

from __future__ import annotations

from typing import Any

from litestar import Response, post
from litestar.params import FromPath

from console.domain.ids import VisitId
from console.domain.visits import stamping
from console.routes import visits
from console.routes._page import Req, back
from console.routes._submit import press


@post(f"{visits.ONE}/stamp", opt=visits.FINISH)
async def give(request: Req, visit: FromPath[int]) -> Response[Any]:
    """The visit has it from now on; the page it was pressed on stays."""
    here = back(request, visits.url(visit))
    return await press(request, lambda intent: stamping.stamp(intent, VisitId(visit)), here)


ROUTES = [give]
