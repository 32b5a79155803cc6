"""How long the demo takes to be lived through, as the first `make run` does it, and to be started once more.

It is made on a server of its own beside everything else; the doctor looks at all of it at the end.
"""

from __future__ import annotations

import time
from dataclasses import replace

from _harness import Figure, must_be_sound, own_server, report
from console import demo
from console.config import Settings

MOST = 120
"""Seconds."""


def main() -> None:
    with own_server("demo") as (settings, _):
        made = _seconds(replace(settings, demo=True))
        again = _seconds(replace(settings, demo=True))
        must_be_sound(settings)
    report(
        f"The demo of {settings.demo_clients} clients",
        [
            Figure("the demo is lived through", made, "s", MOST),
            Figure("it is started once more", again, "s"),
        ],
    )


def _seconds(settings: Settings) -> float:
    began = time.perf_counter()
    demo.fill(settings)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
