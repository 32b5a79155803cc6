"""Small pictures of each kind, made by hand."""

from __future__ import annotations

import struct
import zlib


def png(width: int, height: int) -> bytes:
    """A plain teal picture that browsers show (for sizes that are worth making)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\x00" + b"\x0a\x7d\x80" * width) * min(height, 64)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg(width: int, height: int) -> bytes:
    """Headers only: an application segment, a restart marker, padding, and the frame."""
    frame = struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xe0\x00\x04hi\xff\xd0\xff\xff\xc0" + frame + b"\xff\xd9"


def webp(width: int, height: int) -> bytes:
    return _riff(b"VP8 ", b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height))


def webp_lossless(width: int, height: int) -> bytes:
    return _riff(b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + b"\x00" * 8)


def webp_extended(width: int, height: int) -> bytes:
    return _riff(b"VP8X", b"\x00" * 4 + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3])


def _riff(kind: bytes, data: bytes) -> bytes:
    body = b"WEBP" + kind + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body
