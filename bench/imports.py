"""How long books of 100 000 rows take to be brought in by `console import`, and how much memory that takes.

50 000 bookings, each with its receipt, of 8 000 clients and eight people, on a server of its own; the doctor looks at
all of it at the end, and the same books once more bring nothing.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from _harness import Figure, must_be_sound, own_server, report
from console.config import Settings

DAYS, A_DAY, CLIENTS, PEOPLE = 500, 100, 8000, 8
MOST_SECONDS, MOST_MEGABYTES = 90, 256
KIB_PER_MB = 1024
"""Linux says in KiB how much memory a process took at the most."""


def write_books(folder: Path) -> None:
    """Two files of the shape that the mapping `salon` speaks of, and the service that they name."""
    folder.mkdir()
    booked, sold = ["Code,Staff,Service,Date,Time,TimeInt"], ["Receipt,Date,Description,Client,Staff,Quantity,Amount"]
    for number in range(DAYS * A_DAY):
        day, turn = divmod(number, A_DAY)
        on = f"{date(2018, 1, 1) + timedelta(day):%m/%d/%Y}"
        client, person, minute = f"C{number % CLIENTS}", f"P{turn % PEOPLE}", 600 + 40 * (turn // PEOPLE)
        booked.append(f"{client},{person},SBD,{on},,{minute}")
        sold.append(f"{number},{on},Blowdry,{client},{person},1,50")
    (folder / "service-listing.csv").write_text("IsActive,Code,Desc,Cate,Price\nTRUE,SBD,Blowdry,STYLE,50\n")
    (folder / "future-bookings.csv").write_text("\n".join(booked) + "\n")
    (folder / "receipt-transactions.csv").write_text("\n".join(sold) + "\n")


def main() -> None:
    with own_server("imports") as (settings, _):
        write_books(settings.data_dir / "books")
        seconds, imported = _bring(settings)
        megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / KIB_PER_MB
        again, once_more = _bring(settings)
        if (imported, once_more) != (2 * DAYS * A_DAY + 1, 0):
            raise SystemExit(f"{imported} rows were imported, then {once_more}")
        must_be_sound(settings)
    report(
        f"Books of {2 * DAYS * A_DAY:,} rows",
        [
            Figure("they are brought in", seconds, "s", MOST_SECONDS),
            Figure("memory that the command takes", megabytes, "MB", MOST_MEGABYTES),
            Figure("the same once more", again, "s"),
        ],
    )


def _bring(settings: Settings) -> tuple[float, int]:
    """How long it took, and how many rows were imported."""
    folder = settings.data_dir
    urls = {
        "DATABASE_URL": settings.database_url or "",
        "DATABASE_OWNER_URL": settings.database_owner_url or "",
        "CONSOLE_DATA_DIR": str(folder),
    }
    told = folder / "report.json"
    command = (sys.executable, "-P", "-m", "console.cli", "import", str(folder / "books"), "--mapping", "salon")
    began = time.perf_counter()
    subprocess.run([*command, "--report", str(told)], env=os.environ | urls, check=True, capture_output=True)
    return time.perf_counter() - began, sum(file["imported"] for file in json.loads(told.read_text()).values())


if __name__ == "__main__":
    main()
