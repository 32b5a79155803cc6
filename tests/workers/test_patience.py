"""A database that is away for a moment costs a line in the log, not a traceback."""

from __future__ import annotations

import inspect
from typing import Any

import asyncpg
import pytest

from workers.patience import patient
from workers.settings import WorkerSettings

GONE = [
    asyncpg.CannotConnectNowError("the database system is starting up\nDETAIL: consistent state not reached"),
    asyncpg.CannotConnectNowError("the database system is in recovery mode"),
    asyncpg.InterfaceError("connection is closed"),
    ConnectionRefusedError("nobody there"),
]


@pytest.mark.parametrize("error", GONE, ids=repr)
async def test_a_job_that_finds_no_database_says_so_in_a_line(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async def job(ctx: dict[str, Any]) -> None:
        raise error

    await patient(job)({})
    [line] = caplog.records
    assert "job waits for the database" in line.getMessage()
    assert "\n" not in line.getMessage()
    assert line.exc_info is None


async def test_any_other_fault_of_a_job_is_not_hidden() -> None:
    async def job(ctx: dict[str, Any]) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await patient(job)({})


def test_every_job_of_the_worker_is_patient_and_keeps_its_name() -> None:
    jobs = [getattr(one, "coroutine", one) for one in (*WorkerSettings.functions, *WorkerSettings.cron_jobs)]
    assert all(inspect.unwrap(job) is not job for job in jobs)
    assert {job.__name__ for job in jobs} >= {"deliver_mail", "sweep_mail", "clean_up", "extend_series", "clean_erased"}
