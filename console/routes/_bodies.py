"""The body of a request: texts by name and the contents of files, in bounded time and memory.

Bodies are read here and nowhere else, so that no charset, size or repeated key reaches a handler.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar import Request
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser, parse_options_header

from console.domain.errors import Refused

MAX_FIELDS = 3000
FORM_LIMIT = 8 * 1024 * 1024
"""Bytes of a form: a million characters of any alphabet get an answer at their field."""
DOOR_LIMIT = FORM_LIMIT
"""Bytes of a form that anybody may send."""
FILE_LIMIT = 2 * 1024 * 1024
"""Bytes that are kept of a file, more than any field takes; of a larger one the rest is read and dropped."""
UPLOAD_LIMIT = 32 * 1024 * 1024
"""Bytes of a form with a file: so much is read to answer at the field, with what was typed."""

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class DamagedForm(Refused):
    """A body that is not of the kind it says it is."""

    key = "refused.damaged_form"


class TooManyFields(Refused):
    """More than `MAX_FIELDS` in one form."""

    key = "refused.too_many_fields"


class NoForm(Refused):
    """A body of a kind that no form is sent as."""

    key = "refused.no_form"


@dataclass(frozen=True)
class Sent:
    """The body of a request: texts by name, the contents of files, and the names of files that were `cut`."""

    texts: Mapping[str, Sequence[str]]
    files: Mapping[str, bytes]
    cut: frozenset[str] = frozenset()

    def first(self, name: str) -> str:
        values = self.texts.get(name) or [""]
        return values[0]


async def read_body(request: Request[Any, Any, Any]) -> Sent:
    """Parse an urlencoded or multipart body once per request; none counts as an empty form.

    Raises `DamagedForm`, `NoForm`, `TooManyFields`, and `RequestEntityTooLarge` past the limit of the route.
    """
    known: Sent | None = request.scope["state"].get("sent")
    if known is None:
        known = await _parse(request)
        request.scope["state"]["sent"] = known
    return known


async def _parse(request: Request[Any, Any, Any]) -> Sent:
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    if media_type == "application/x-www-form-urlencoded":
        return Sent(_urlencoded(await request.body()), {})
    if media_type == "multipart/form-data":
        return await _multipart(request, options.get("boundary", ""))
    if await request.body():
        raise NoForm
    return Sent({}, {})


def _urlencoded(body: bytes) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    if body.count(b"&") >= MAX_FIELDS:
        raise TooManyFields(limit=MAX_FIELDS)
    for pair in filter(None, body.split(b"&")):
        name, _, value = pair.partition(b"=")
        texts.setdefault(unescaped(name), []).append(unescaped(value))
    return texts


def unescaped(sent: bytes) -> str:
    """A text out of an urlencoded body.

    Browsers escape each byte of a Cyrillic letter. The standard library takes 3 s for a million of them, the decoder
    of quoted-printable, whose escapes differ by their sign alone, 50 ms.
    """
    plain = sent.replace(b"+", b" ").replace(b"=", b"%3D")
    if b"%" in plain:
        plain = a2b_qp(_BROKEN_ESCAPE.sub(b"%25", plain).replace(b"%", b"="))
    return plain.decode(errors="replace")


@dataclass
class _Parts:
    """The parts of a multipart form as they come, and how many bytes of them are kept."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    kept: int = 0
    part: MultipartSegment | None = None
    content: bytearray = field(default_factory=bytearray)

    def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            self.part, self.content = event, bytearray()
        elif event is not None:
            self._more(event)
        elif self.part is not None:
            self._end(self.part)

    def _more(self, piece: bytes | bytearray) -> None:
        assert self.part is not None
        if self.part.filename and len(self.content) + len(piece) > FILE_LIMIT:
            piece = piece[: FILE_LIMIT - len(self.content)]
            self.cut.add(self.part.name)
        self.content += piece
        self.kept += len(piece)
        if self.kept > FORM_LIMIT:
            raise RequestEntityTooLarge

    def _end(self, part: MultipartSegment) -> None:
        if part.filename:
            self.files[part.name] = bytes(self.content)
        else:
            # Browsers send UTF-8 whatever a part says of itself; what is none is refused at its field.
            self.texts.setdefault(part.name, []).append(self.content.decode(errors="replace"))


async def _multipart(request: Request[Any, Any, Any], boundary: str) -> Sent:
    parts = _Parts()
    try:
        with PushMultipartParser(boundary, max_segment_count=MAX_FIELDS) as parser:
            async for chunk in request.stream():
                if chunk and not parser.closed:
                    for event in parser.parse(chunk):
                        parts.take(event)
    except ParserLimitReached:
        raise TooManyFields(limit=MAX_FIELDS) from None
    except (MultipartError, ValueError) as error:
        raise DamagedForm from error
    return Sent(parts.texts, parts.files, frozenset(parts.cut))
