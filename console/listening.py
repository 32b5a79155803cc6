"""Where the console listens: its socket, whether it answers there, and how other computers reach it."""

from __future__ import annotations

import contextlib
import errno
import http.client
import socket
from urllib.parse import urlsplit

from console.config import Settings, own_url
from console.processes import ServiceError
from console.services import console_at


def bind(settings: Settings) -> socket.socket:
    """The listening socket of HOST and PORT. Raises `ServiceError`."""
    try:
        return listen(settings.host, settings.port)
    except OSError as error:
        raise ServiceError(no_port(error, settings)) from None


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises `OSError`."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return socket.create_server((str(address[0]), port), family=family, backlog=2048)


def answers(settings: Settings, path: str) -> bool:
    """Whether the web process says 200 to GET `path`."""
    host = urlsplit(own_url(settings.host, settings.port)).hostname or settings.host
    connection = http.client.HTTPConnection(host, settings.port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def from_elsewhere(settings: Settings) -> str:
    """How a console that listens on every address is opened at another computer."""
    found = _own_address(settings.host)
    if found is None:
        return f"From other computers: by any address of this one, on port {settings.port}."
    url = own_url(found, settings.port)
    return f"From other computers: {url} (give it as PUBLIC_URL, so that links in letters lead there)"


def _own_address(host: str) -> str | None:
    """The address by which this computer goes out into its network; None where there is none. Nothing is sent."""
    family, outside = (socket.AF_INET6, "2001:db8::1") if ":" in host else (socket.AF_INET, "192.0.2.1")
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect((outside, 9))
        return str(sock.getsockname()[0])
    return None


def no_port(error: OSError, settings: Settings) -> str:
    """Why a socket cannot listen, and what to do."""
    if error.errno == errno.EADDRINUSE:
        other = settings.port + 1 if settings.port < 65535 else 8000
        if own := console_at(settings.port):
            return (
                f"Port {settings.port} on {settings.host} is in use by the console of this folder that runs on {own}. "
                f"Stop it with Ctrl-C, or choose another port for this one: PORT={other}"
            )
        return (
            f"Port {settings.port} on {settings.host} is taken by another program. "
            f"Stop that program, or choose another port: PORT={other}"
        )
    if error.errno == errno.EACCES:
        return f"Port {settings.port} is for root only. Choose one from 1024 on: PORT=8000"
    return f"HOST={settings.host} cannot be listened on ({error.strerror or error}). Try HOST=127.0.0.1"
