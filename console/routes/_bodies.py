"""The body of a request: texts by name and the contents of files, in bounded time and memory.

Bodies are read here and nowhere else, so that no charset, size or repeated key reaches a handler.
"""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser, parse_options_header

from console.domain.errors import Refused
from console.domain.plain import canonical
from console.domain.secret import Secret

CSRF = "_csrf"
MAX_FIELDS = 3000
FORM_LIMIT = 32 * 1024 * 1024
"""Bytes of a form, with or without a file: so much is read to answer at the field, with what was typed."""
UPLOAD_LIMIT = 128 * 1024 * 1024
"""Bytes of a form of many files: so much is read to say at the field that they are too large together."""
DOOR_LIMIT = 8 * 1024 * 1024
"""Bytes of a form that anybody may send: a million characters of any alphabet get an answer at their field."""
KEPT = 8 * 1024 * 1024
"""Bytes that are kept of the texts of a form; what follows is kept as far as `SHORT`, the rest is read and dropped."""
SHORT = 256 * 1024
"""Bytes that are kept of every text, more than any field takes."""
FILE_LIMIT = 10 * 1024 * 1024
"""Bytes that are kept of a file, more than any field takes; of a larger one the rest is read and dropped."""
FILES_LIMIT = 32 * 1024 * 1024
"""Bytes that are kept of all files of a form."""

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CUT_ESCAPE = re.compile(rb"%[0-9A-Fa-f]?\Z")


class DamagedForm(Refused):
    """A body that is not of the kind it says it is."""

    key = "refused.damaged_form"


class TooManyFields(Refused):
    """More than `MAX_FIELDS` in one form."""

    key = "refused.too_many_fields"


class LongHead(Refused):
    """A part of a form whose own headers, which name its field and its file, go on for longer than they are read."""

    key = "refused.long_head"


class NoForm(Refused):
    """A body of a kind that no form is sent as."""

    key = "refused.no_form"


@dataclass(frozen=True)
class Sent:
    """The body of a request: texts by name, the contents of files and what these are called, and which were `cut`.

    Of several files under a name `files` has the last one, `uploads` all: with their names and contents. `crowded`:
    the names of files that were cut only because all of them are too large together.
    """

    texts: Mapping[str, Sequence[str]]
    files: Mapping[str, bytes]
    file_names: Mapping[str, str]
    cut: frozenset[str] = frozenset()
    uploads: Mapping[str, Sequence[tuple[str, bytes]]] = field(default_factory=dict)
    crowded: frozenset[str] = frozenset()

    def first(self, name: str) -> str:
        values = self.texts.get(name) or [""]
        return values[0]

    def mark(self, intent_id: UUID, path: str) -> str:
        """What tells it from any other form of this intent, sent to a path, and nobody without our key what stood in
        it.
        """
        texts = {name: texts for name, texts in self.texts.items() if name != CSRF}
        return Secret(canonical([path, texts, self.uploads]).decode()).digest(intent_id)


async def read_body(request: Request[Any, Any, Any]) -> Sent:
    """Parse an urlencoded or multipart body once per request; none counts as an empty form.

    Raises `DamagedForm`, `LongHead`, `NoForm`, `TooManyFields`, and `RequestEntityTooLarge` past the route's limit.
    """
    known: Sent | None = request.scope["state"].get("sent")
    if known is None:
        known = await _parse(request)
        request.scope["state"]["sent"] = known
    return known


async def _parse(request: Request[Any, Any, Any]) -> Sent:
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    if media_type == "application/x-www-form-urlencoded":
        return await _urlencoded(request)
    if media_type == "multipart/form-data":
        return await _multipart(request, options.get("boundary", ""))
    something = False
    async for chunk in _chunks(request):
        something |= bool(chunk)
    if something:
        raise NoForm
    return Sent({}, {}, {})


async def _chunks(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    """The body as it comes. Raises `RequestEntityTooLarge` where a stranger sends more than the door takes."""
    left = DOOR_LIMIT if request.scope.get("user") is None else UPLOAD_LIMIT
    async for chunk in request.stream():
        left -= len(chunk)
        if left < 0:
            raise RequestEntityTooLarge
        yield chunk


@dataclass
class _Room:
    """How many bytes of the texts of a form are kept."""

    kept: int = 0

    def take(self, piece: bytes | bytearray, before: int) -> bytes | bytearray:
        """What is kept of a text's next piece, `before` of which was kept."""
        piece = piece[: max(KEPT - self.kept, SHORT - before, 0)]
        self.kept += len(piece)
        return piece


@dataclass
class _Pairs:
    """The pairs of an urlencoded form as they come."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    room: _Room = field(default_factory=_Room)
    pair: bytearray = field(default_factory=bytearray)
    is_cut: bool = False
    count: int = 0

    def take(self, chunk: bytes) -> None:
        self.count += chunk.count(b"&")
        if self.count >= MAX_FIELDS:
            raise TooManyFields(limit=MAX_FIELDS)
        *ended, rest = chunk.split(b"&")
        for piece in ended:
            self._more(piece)
            self.end()
        self._more(rest)

    def _more(self, piece: bytes) -> None:
        kept = self.room.take(piece, len(self.pair))
        self.is_cut |= len(kept) < len(piece)
        self.pair += kept

    def end(self) -> None:
        """Take the pair that came as a whole."""
        sent, name, value = bytes(self.pair), "", ""
        if sent:
            named, _, valued = sent.partition(b"=")
            name, value = unescaped(named), unescaped(_CUT_ESCAPE.sub(b"", valued) if self.is_cut else valued)
            self.texts.setdefault(name, []).append(value.rstrip("\ufffd") if self.is_cut else value)
        if self.is_cut:
            self.cut.add(name)
        self.pair, self.is_cut = bytearray(), False


async def _urlencoded(request: Request[Any, Any, Any]) -> Sent:
    pairs = _Pairs()
    async for chunk in _chunks(request):
        pairs.take(chunk)
    pairs.end()
    return Sent(pairs.texts, {}, {}, frozenset(pairs.cut))


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
    """The parts of a multipart form as they come."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    file_names: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    room: _Room = field(default_factory=_Room)
    part: MultipartSegment | None = None
    content: bytearray = field(default_factory=bytearray)
    crowded: set[str] = field(default_factory=set)
    kept: int = 0
    count: int = 0

    def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            self.count += 1
            if self.count > MAX_FIELDS:
                raise TooManyFields(limit=MAX_FIELDS)
            self.part, self.content = event, bytearray()
        elif event is not None:
            self._more(event)
        elif self.part is not None:
            self._end(self.part)

    def _more(self, piece: bytes | bytearray) -> None:
        assert self.part is not None
        kept = self._of_file(self.part.name, piece) if self.part.filename else self.room.take(piece, len(self.content))
        if len(kept) < len(piece):
            self.cut.add(self.part.name)
        self.content += kept

    def _of_file(self, name: str, piece: bytes | bytearray) -> bytes | bytearray:
        own = piece[: FILE_LIMIT - len(self.content)]
        kept = own[: FILES_LIMIT - self.kept]
        if len(kept) < len(own):
            self.crowded.add(name)
        self.kept += len(kept)
        return kept

    def _end(self, part: MultipartSegment) -> None:
        if part.filename:
            content = bytes(self.content)
            self.files[part.name], self.file_names[part.name] = content, part.filename
            self.uploads.setdefault(part.name, []).append((part.filename, content))
        else:
            # Browsers send UTF-8 whatever a part says of itself; what is none is refused at its field.
            text = self.content.decode(errors="replace")
            self.texts.setdefault(part.name, []).append(text.rstrip("\ufffd") if part.name in self.cut else text)


async def _multipart(request: Request[Any, Any, Any], boundary: str) -> Sent:
    parts = _Parts()
    try:
        with PushMultipartParser(boundary) as parser:
            async for chunk in _chunks(request):
                if chunk and not parser.closed:
                    for event in parser.parse(chunk):
                        parts.take(event)
    except ParserLimitReached:  # of its limits only those of a part's headers are set
        raise LongHead from None
    except (MultipartError, ValueError) as error:
        raise DamagedForm from error
    return Sent(
        parts.texts, parts.files, parts.file_names, frozenset(parts.cut), parts.uploads, frozenset(parts.crowded)
    )
