"""What kind of file some bytes are: by their content, and by their name only where contents of two kinds are alike."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

from console.domain.errors import Problem

LARGEST = 10 * 1024 * 1024
"""Bytes of an attachment."""
MOST = 20
"""Attachments of a ticket."""
MOST_BY_MAIL = 18 * 1024 * 1024
"""Bytes of the attachments of one reply by mail: a third longer on their way, they are what most mail servers take."""
MOST_PARTS = 2000
"""Parts of a text or a table of an office: a list of more keeps who reads it busy for long."""
LONGEST_NAME = 120

OFFICE = "application/vnd.openxmlformats-officedocument."
_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"%PDF-": "application/pdf",
}
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f"))
_PARTS = {
    "word/document.xml": f"{OFFICE}wordprocessingml.document",
    "xl/workbook.xml": f"{OFFICE}spreadsheetml.sheet",
}
ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/calendar": ".ics",
    "message/rfc822": ".eml",
    **dict(zip(_PARTS.values(), (".docx", ".xlsx"), strict=True)),
}


@dataclass(frozen=True)
class Upload:
    """A file as it was sent."""

    name: str
    content: bytes


class NotTaken(ValueError):
    """Bytes that cannot be attached; `problem` says why."""

    def __init__(self, key: str, **params: int) -> None:
        super().__init__(key)
        self.problem = Problem(key, params)


def media_type(content: bytes, name: str) -> str:
    """The kind of a file. Raises `NotTaken` for an empty or too large one, and for a kind that is not taken."""
    if not content:
        raise NotTaken("problem.file_empty")
    if len(content) > LARGEST:
        raise NotTaken("problem.file_large", limit=LARGEST // 1024**2)
    found = _by_beginning(content) or _packed(content) or _text(content, name.casefold())
    if found is None:
        raise NotTaken("problem.file_kind")
    return found


def kept_name(name: str, media_type: str) -> str:
    """A name without folders and without what cannot be seen, with the ending of what the file is."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    plain = " ".join("".join(one if one.isprintable() else " " for one in bare).split()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    own = ENDINGS[media_type]
    if dot and f".{ending.casefold()}" in {own, ".jpeg" if own == ".jpg" else own}:
        return f"{stem[: LONGEST_NAME - len(ending) - 1] or 'file'}.{ending}"
    return f"{plain[: LONGEST_NAME - len(own)] or 'file'}{own}"


def _by_beginning(content: bytes) -> str | None:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for beginning, kind in _BEGINNINGS.items() if content.startswith(beginning)), None)


def _packed(content: bytes) -> str | None:
    """A text or a table of an office: only the list of its parts is read, nothing is unpacked."""
    if content[:4] != b"PK\x03\x04" or content.count(b"PK\x01\x02") > MOST_PARTS:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = set(packed.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    macros = any(part.endswith("vbaProject.bin") for part in parts)
    return None if macros else next((kind for part, kind in _PARTS.items() if part in parts), None)


def _text(content: bytes, name: str) -> str | None:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    if len(content.translate(None, _CONTROLS)) < len(content):
        return None
    if text.lstrip("\ufeff").startswith("BEGIN:VCALENDAR"):
        return "text/calendar"
    return "message/rfc822" if name.endswith(".eml") else "text/plain"
