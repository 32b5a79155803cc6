"""What kind of picture some bytes are, and how large: by their content, never by their name."""

from __future__ import annotations

from console.domain.errors import Problem

LARGEST = 1024 * 1024
"""Bytes of a picture."""
SMALLEST_SIDE = 16
LONGEST_SIDE = 4096
"""Pixels."""
LONGEST_TO_SHORTEST = 8
"""A longer stripe than that is nothing to the eye beside the name."""

_JPEG_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_JPEG_BARE = {0x01, *range(0xD0, 0xD8)}


class NoPicture(ValueError):
    """Bytes that cannot be shown as a logo; `problem` says why."""

    def __init__(self, key: str, **params: int) -> None:
        super().__init__(key)
        self.problem = Problem(key, params)


def media_type(content: bytes) -> str:
    """`image/png`, `image/jpeg` or `image/webp`. Raises `NoPicture` for anything else and for sizes out of bounds."""
    if len(content) > LARGEST:
        raise NoPicture("problem.picture_large", limit=LARGEST // 1024**2)
    for kind, sides in (("image/png", _png(content)), ("image/jpeg", _jpeg(content)), ("image/webp", _webp(content))):
        if sides is not None:
            if not SMALLEST_SIDE <= min(sides) <= max(sides) <= LONGEST_SIDE:
                raise NoPicture("problem.picture_sides", least=SMALLEST_SIDE, most=LONGEST_SIDE)
            if max(sides) > LONGEST_TO_SHORTEST * min(sides):
                raise NoPicture("problem.picture_ratio", most=LONGEST_TO_SHORTEST)
            return kind
    raise NoPicture("problem.picture")


def _png(content: bytes) -> tuple[int, int] | None:
    if content[:16] != b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" or b"IEND" not in content[-12:]:
        return None
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def _jpeg(content: bytes) -> tuple[int, int] | None:
    """The sides stand in the frame header; the segments before it say their own lengths."""
    if content[:3] != b"\xff\xd8\xff" or b"\xff\xd9" not in content[2:]:
        return None
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _JPEG_BARE:
            at += 2
        elif marker in _JPEG_FRAMES:
            return int.from_bytes(content[at + 7 : at + 9], "big"), int.from_bytes(content[at + 5 : at + 7], "big")
        else:
            at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None


def _webp(content: bytes) -> tuple[int, int] | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < 30:
        return None
    if int.from_bytes(content[4:8], "little") + 8 > len(content):
        return None
    kind = content[12:16]
    if kind == b"VP8X":
        return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
    if kind == b"VP8L" and content[20] == 0x2F:
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        return (
            int.from_bytes(content[26:28], "little") & 0x3FFF,
            int.from_bytes(content[28:30], "little") & 0x3FFF,
        )
    return None
