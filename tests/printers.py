"""The processes that print."""

from __future__ import annotations

from pathlib import Path


def printers(asking: int) -> list[int]:
    """The server that a process forks its documents off, and then the documents in work; nothing before the first."""
    servers = [pid for pid in _children(asking) if b"forkserver" in _told(pid)]
    return [*servers, *(document for server in servers for document in _children(server))]


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for one in listed for child in one.read_text().split()]


def _told(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
