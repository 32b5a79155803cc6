"""The two long-running processes: uvicorn with the application, and arq's worker."""

from __future__ import annotations

import logging
import socket

from console.config import Settings
from console.processes import ServiceError

GRACE_SECONDS = 30


def web(settings: Settings, *, fd: int | None = None, access_log: bool = False) -> int:
    """Serve until SIGTERM or SIGINT, then let requests in flight finish; returns the exit code."""
    import uvicorn

    from console.app import create_app
    from console.supervisor import bind

    sock = socket.socket(fileno=fd) if fd is not None else bind(settings)
    config = uvicorn.Config(
        create_app(settings),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_level="info" if access_log else "warning",
        access_log=access_log,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.forwarded_allow_ips,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = uvicorn.Server(config)
    server.run(sockets=[sock])
    return 0 if server.started else 3


def worker(settings: Settings) -> int:
    """Run jobs until SIGTERM or SIGINT, or until the queue's server is gone; returns the exit code."""
    from arq.worker import run_worker
    from redis.exceptions import ConnectionError as QueueGone
    from redis.exceptions import TimeoutError as QueueSilent

    from workers.settings import WorkerSettings

    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    try:
        run_worker(WorkerSettings)
    except (QueueGone, QueueSilent, ConnectionError) as error:
        raise ServiceError(f"The queue at REDIS_URL cannot be reached: {error}") from None
    return 0
