"""The two long-running processes: uvicorn with the application, and arq's worker."""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING, Any

from console.config import Settings
from console.processes import ServiceError

if TYPE_CHECKING:
    import uvicorn
    from litestar.types import ASGIApp


GRACE_SECONDS = 30


def web(settings: Settings, *, fd: int | None = None, access_log: bool = False) -> int:
    """Serve until SIGTERM or SIGINT, then let requests in flight finish; returns the exit code.

    Raises `ServiceError` where the database cannot be used.
    """
    from console.app import create_app
    from console.listening import bind
    from console.reaching import look

    look(settings)
    sock = socket.socket(fileno=fd) if fd is not None else bind(settings)
    how = {"loop": "uvloop", "log_level": "info" if access_log else "warning", "access_log": access_log}
    server = http_server(create_app(settings), settings, **how)
    server.run(sockets=[sock])
    return 0 if server.started else 3


def http_server(app: ASGIApp, settings: Settings, **how: Any) -> uvicorn.Server:
    """The HTTP server in front of an application; `how` is anything else that `uvicorn.Config` takes."""
    import uvicorn

    from console.wire import Protocol

    how = {
        "http": Protocol,
        "ws": "none",
        "lifespan": "on",
        "server_header": False,
        "proxy_headers": True,
        "forwarded_allow_ips": settings.forwarded_allow_ips,
        "timeout_graceful_shutdown": GRACE_SECONDS,
        **how,
    }
    return uvicorn.Server(uvicorn.Config(app, **how))


def worker(settings: Settings) -> int:
    """Run jobs until SIGTERM or SIGINT, or until the queue's server is gone; returns the exit code.

    A letter that is on its way then is handed over first.
    """
    from arq.worker import create_worker
    from asyncpg import CannotConnectNowError, PostgresConnectionError
    from redis.exceptions import ConnectionError as QueueGone
    from redis.exceptions import TimeoutError as QueueSilent

    from console.reaching import look
    from workers.settings import WorkerSettings

    look(settings)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    try:
        running = create_worker(WorkerSettings)
        running.ctx["goes_on"] = lambda: running.allow_pick_jobs
        running.run()
    except (QueueGone, QueueSilent, ConnectionError) as error:
        raise ServiceError(f"The queue at REDIS_URL cannot be reached: {error}") from None
    except (CannotConnectNowError, PostgresConnectionError) as error:
        raise ServiceError(f"The database cannot be used: {error}") from None
    return 0
