"""How long the demo takes to be lived through, as the first `make run` does it, and to be started once more.

It is made on a server of its own beside everything else; the doctor looks at all of it at the end.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from _harness import Figure, report
from console import demo, embedded, migrate
from console.config import Settings
from console.doctor import examine

MOST = 120
"""Seconds."""


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="bench-demo-"))
    folder.chmod(0o755)
    own = embedded.Postgres(folder / "data")
    own.start()
    try:
        settings = Settings(data_dir=folder, database_url=own.app_url, database_owner_url=own.owner_url)
        migrate.run(settings)
        made = _seconds(replace(settings, demo=True))
        again = _seconds(replace(settings, demo=True))
        broken = [line for finding in asyncio.run(examine(settings.database_url or "")) for line in finding.broken]
        if broken:
            raise SystemExit("\n".join(broken))
    finally:
        own.stop()
        shutil.rmtree(folder, ignore_errors=True)
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
