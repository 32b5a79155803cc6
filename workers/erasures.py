"""Takes what an erasure left behind out of the tables' files."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from console.domain import clock
from console.domain.desk.cleaning import clean

log = logging.getLogger(__name__)

SINCE = timedelta(days=2)
"""How old an erasure may be: what somebody still looked at then is cleaned by the next night."""


async def clean_erased(ctx: dict[str, Any]) -> None:
    """After an erasure, and every night."""
    if others := await clean(clock.now() - SINCE):
        log.warning(
            "somebody was erased, and this role may not VACUUM %s: see Personal data in README", ", ".join(others)
        )
