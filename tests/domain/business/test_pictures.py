"""Logos are known by their content."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.business.pictures import LARGEST, NoPicture, media_type
from tests.pictures import jpeg, png, webp, webp_extended, webp_lossless


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(64, 32), "image/png"),
        (png(512, 4096), "image/png"),
        (jpeg(64, 32), "image/jpeg"),
        (webp(64, 32), "image/webp"),
        (webp_lossless(64, 32), "image/webp"),
        (webp_extended(64, 32), "image/webp"),
    ],
)
def test_it_knows_the_three_kinds_of_picture(content: bytes, kind: str) -> None:
    assert media_type(content) == kind


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "problem.picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "problem.picture"),
        (b"GIF89a\x10\x00\x10\x00", "problem.picture"),
        (png(64, 32)[:-20], "problem.picture"),
        (jpeg(64, 32)[:20], "problem.picture"),
        (webp(64, 32)[:28], "problem.picture"),
        (b"\xff\xd8\xff" + b"\x00" * 40 + b"\xff\xd9", "problem.picture"),
        (png(15, 64), "problem.picture_sides"),
        (png(64, 4097), "problem.picture_sides"),
        (png(30, 3000), "problem.picture_ratio"),
        (jpeg(60000, 60000), "problem.picture_sides"),
        (webp_extended(5000, 20), "problem.picture_sides"),
        (png(64, 32) + b"\x00" * LARGEST, "problem.picture_large"),
    ],
)
def test_it_refuses_what_is_no_picture_or_has_no_sane_size(content: bytes, problem: str) -> None:
    with pytest.raises(NoPicture) as refused:
        media_type(content)
    assert refused.value.problem.key == problem


MAGIC = st.sampled_from(
    [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"\xff\xd8\xff\xe0", b"RIFF\x20\x00\x00\x00WEBPVP8L", b""]
)


@given(MAGIC, st.binary(max_size=300))
def test_no_bytes_make_it_fail(magic: bytes, rest: bytes) -> None:
    with contextlib.suppress(NoPicture):
        assert media_type(magic + rest) in {"image/png", "image/jpeg", "image/webp"}
