"""What arq runs: jobs carry no data and ask the database what is due; plain cron calls them every minute too."""

from __future__ import annotations

from typing import Any

from arq import cron, func
from arq.connections import RedisSettings
from arq.typing import StartupShutdown, WorkerSettingsBase

from console import versions
from console.config import Settings, key_of_secrets
from console.domain import clock, db, secret
from console.domain.team import door
from console.printing import Printer
from console.queue import from_json, redis_settings, to_json
from workers.erasures import clean_erased
from workers.imports import forget_uploads, import_waiting
from workers.mail import TIMEOUT, deliver_mail, sweep_mail
from workers.mailbox import LONGEST as MAILBOX
from workers.mailbox import poll_mailbox
from workers.messages import LONGEST as DELIVERY
from workers.messages import deliver_messages, sweep_messages
from workers.night import LONGEST, do_nights
from workers.patience import patient
from workers.prints import print_waiting
from workers.retelling import LONGEST as RETELLING
from workers.retelling import tell_anew
from workers.series import extend_series
from workers.tickets import mark_tickets
from workers.trials import try_waiting

LONG = 3600
"""Seconds that a job may take which goes through whole tables."""


async def startup(ctx: dict[str, Any]) -> None:
    settings = Settings.from_env()
    if not settings.database_url:
        raise RuntimeError("DATABASE_URL is not set")
    ctx["settings"] = settings
    ctx["printer"] = Printer()
    secret.use_key(key_of_secrets(settings))
    await db.open_pool(settings.database_url, size=4)
    await versions.check()


async def shutdown(ctx: dict[str, Any]) -> None:
    await ctx["printer"].close()
    await db.close_pool()


async def clean_up(ctx: dict[str, Any]) -> None:
    """Every hour: counters and sessions that are of no more use."""
    await door.sweep(clock.now())


class WorkerSettings(WorkerSettingsBase):
    """arq's settings; the address of the queue is read when the worker starts."""

    functions = (
        patient(deliver_mail),
        func(patient(deliver_messages), timeout=int(DELIVERY + TIMEOUT) + 10),
        patient(print_waiting),
        func(patient(clean_erased), timeout=LONG),
        func(patient(import_waiting), timeout=LONG),
        func(patient(try_waiting), timeout=LONG),
    )
    cron_jobs = (
        cron(patient(sweep_mail), second=0),
        cron(patient(sweep_messages), second=10, timeout=int(DELIVERY + TIMEOUT) + 10),
        cron(patient(print_waiting), second={5, 25, 45}),
        cron(patient(tell_anew), second=35, timeout=int(RETELLING) + 60),
        cron(patient(poll_mailbox), second=40, timeout=int(MAILBOX) + 110),
        cron(patient(mark_tickets), second=50),
        cron(patient(import_waiting), second={15, 55}, timeout=LONG),
        cron(patient(try_waiting), second=30, timeout=LONG),
        cron(patient(clean_up), minute=17, second=30),
        cron(patient(forget_uploads), minute=27, second=30),
        cron(patient(extend_series), minute=7, second=15),
        cron(patient(do_nights), minute=set(range(0, 60, 5)), second=20, timeout=int(LONGEST) + 20),
        cron(patient(clean_erased), hour=3, minute=27, second=45, timeout=LONG),
    )
    on_startup: StartupShutdown = startup
    on_shutdown: StartupShutdown = shutdown
    redis_settings: RedisSettings = redis_settings(Settings.from_env().redis_url or "redis://127.0.0.1:6379")
    job_serializer = to_json
    job_deserializer = from_json
    keep_result = 0
    job_timeout = 60
    job_completion_wait = int(TIMEOUT) + 1
    max_jobs = 4
    max_tries = 3
    log_results = False
