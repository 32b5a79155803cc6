"""Bodies of forms, read as browsers send them, in bounded time."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from urllib.parse import quote_plus, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.business import pictures
from console.routes import _bodies
from console.routes import _fields as fields
from console.routes._bodies import unescaped
from console.routes._fields import Bad

ESCAPES = st.lists(st.sampled_from([b"%", b"=", b"+", b"%D0%AF", b"%0a", b"%zz", b"\r\n", b" ", b"a", b"=3D", b"\t"]))


@given(st.text())
def test_a_text_comes_as_it_was_typed(text: str) -> None:
    sent = text.encode(errors="surrogatepass").decode(errors="replace")
    assert unescaped(quote_plus(sent).encode()) == sent


@given(st.one_of(st.binary(), ESCAPES.map(b"".join)))
def test_whatever_is_sent_is_read_as_the_standard_library_reads_it(sent: bytes) -> None:
    assert unescaped(sent) == unquote_to_bytes(sent.replace(b"+", b" ")).decode(errors="replace")


@pytest.mark.parametrize("typed", ["я" * 1_000_000, "я " * 500_000, "%a" * 1_000_000])
def test_a_million_letters_are_read_without_a_step_for_each(typed: str) -> None:
    sent = quote_plus(typed).encode()
    assert steps(lambda: unescaped(sent)) < 100


@pytest.mark.parametrize(
    "typed",
    [" " * 1_000_000 + "x", "\u200b" * 1_000_000, "a" + "\u0316\u0301" * 500_000],
    ids=["spaces", "nothing", "marks"],
)
def test_a_text_far_too_long_is_refused_before_anybody_looks_at_its_letters(typed: str) -> None:
    def read() -> None:
        with contextlib.suppress(Bad):
            fields.text("name").value([typed])

    assert steps(read) < 100


def steps(read: Callable[[], object]) -> int:
    """How many functions are called."""
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1

    sys.setprofile(count)
    try:
        read()
    finally:
        sys.setprofile(None)
    return seen


@given(st.lists(ESCAPES.map(b"".join), max_size=4), st.integers(1, 5))
def test_a_form_in_pieces_is_read_as_the_whole(values: list[bytes], size: int) -> None:
    sent = b"&".join(b"a%d=%s" % pair for pair in enumerate(values))
    whole, pieces = _bodies._Pairs(), _bodies._Pairs()
    whole.take(sent)
    for at in range(0, len(sent), size):
        pieces.take(sent[at : at + size])
    whole.end()
    pieces.end()
    assert pieces.texts == whole.texts == {f"a{at}": [unescaped(value)] for at, value in enumerate(values)}


def test_of_a_form_that_is_too_large_every_text_keeps_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_bodies, "KEPT", 40)
    monkeypatch.setattr(_bodies, "SHORT", 10)
    pairs = _bodies._Pairs()
    pairs.take(b"a=short&b=" + b"%D1%8F" * 20 + b"&c=" + b"%D1%8F" * 20 + b"&d=short")
    pairs.end()
    assert (pairs.texts["a"], pairs.texts["d"], pairs.cut) == (["short"], ["short"], {"b", "c"})
    assert (pairs.texts["b"], pairs.texts["c"]) == (["я" * 5], ["я"])


def test_more_is_kept_of_a_text_than_any_field_takes() -> None:
    longest = 2000
    assert longest * len(quote_plus("🧹")) < _bodies.SHORT


def test_more_is_kept_of_a_file_than_any_field_takes() -> None:
    assert _bodies.FILE_LIMIT > pictures.LARGEST
