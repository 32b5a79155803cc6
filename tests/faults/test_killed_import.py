"""An import is killed half-way; the same command goes on where it was, and everything is there once."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import asyncpg
import pytest

from console.config import Settings
from console.doctor import examine

DAYS, CLIENTS = 20, 120


def write_books(folder: Path) -> int:
    """Everybody comes on every day, to four people; how many rows that is."""
    folder.mkdir()
    booked, sold = ["Code,Staff,Service,Date,Time,TimeInt"], ["Receipt,Date,Description,Client,Staff,Quantity,Amount"]
    for day in range(1, DAYS + 1):
        for client in range(CLIENTS):
            on, minute = f"07/{day:02}/2018", 600 + 5 * client
            booked.append(f"C{client},P{client % 4},SBD,{on},,{minute}")
            sold.append(f"{day * 1000 + client},{on},Blowdry,C{client},P{client % 4},1,50")
    (folder / "service-listing.csv").write_text("IsActive,Code,Desc,Cate,Price\nTRUE,SBD,Blowdry,STYLE,50\n")
    (folder / "future-bookings.csv").write_text("\n".join(booked) + "\n")
    (folder / "receipt-transactions.csv").write_text("\n".join(sold) + "\n")
    return len(booked) - 1


async def importing(settings: Settings, folder: Path, report: Path) -> asyncio.subprocess.Process:
    urls = {
        "DATABASE_URL": settings.database_url or "",
        "DATABASE_OWNER_URL": settings.database_owner_url or "",
        "CONSOLE_DATA_DIR": str(settings.data_dir),
    }
    command = (sys.executable, "-P", "-m", "console.cli", "import", str(folder), "--mapping", "salon")
    return await asyncio.create_subprocess_exec(*command, "--report", str(report), env=os.environ | urls)


@pytest.mark.parametrize("after", [2, 5, 8])
async def test_an_import_that_was_killed_goes_on_where_it_was(
    clean: None, settings: Settings, as_owner: asyncpg.Connection, tmp_path: Path, after: int
) -> None:
    rows, report = write_books(tmp_path / "books"), tmp_path / "report.json"
    process = await importing(settings, tmp_path / "books", report)
    parts = "SELECT count(*) FROM operation WHERE kind = 'import.take'"
    while process.returncode is None and await as_owner.fetchval(parts) < after:
        pass
    assert process.returncode is None, "it was over before it could be killed"
    process.kill()
    await process.wait()
    assert not await as_owner.fetchval("SELECT count(*) FROM operation WHERE kind = 'import.finish'")
    assert await as_owner.fetchval(parts) >= after
    assert await (await importing(settings, tmp_path / "books", report)).wait() == 0
    assert json.loads(report.read_text()) == {
        "service-listing.csv": {"read": 1, "imported": 1, "merged": 0, "rejected": 0},
        "future-bookings.csv": {"read": rows, "imported": rows, "merged": 0, "rejected": 0},
        "receipt-transactions.csv": {"read": rows, "imported": rows, "merged": 0, "rejected": 0},
    }
    assert await as_owner.fetchval("SELECT count(*) FROM import_run") == 1
    assert await as_owner.fetchval("SELECT count(*) FROM visit") == rows
    assert await as_owner.fetchval("SELECT count(*) FROM booking WHERE status = 'finished'") == rows
    assert [one.broken for one in await examine(settings.database_url or "") if one.broken] == []
