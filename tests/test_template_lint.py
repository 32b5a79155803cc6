"""What no template may hold: the content security policy forbids it, or htmx would run it without one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parent.parent / "console" / "templates"
PAPER = ("emails", "pdf")
"""Folders whose output no browser shows under our policy; there inline styles are the only ones there are."""

FORBIDDEN = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "an event attribute": re.compile(r"\s(?:data-)?on[a-z]+\s*=", re.I),
    "hx-on": re.compile(r"\bhx-on\b", re.I),
    "a filter in hx-trigger (it fails open)": re.compile(r"hx-trigger\s*=\s*(\"[^\"]*\[|'[^']*\[)", re.I),
    "hx-vars or a value that htmx evaluates": re.compile(
        r"\bhx-vars\b|hx-(vals|headers|request)\s*=\s*[\"'](js|javascript):", re.I
    ),
    "a javascript: address": re.compile(r"javascript:", re.I),
    "markup that is not escaped": re.compile(r"\|\s*safe\b|\bMarkup\(|autoescape\s+false", re.I),
}
ON_SCREEN = {
    "an inline style": re.compile(r"\sstyle\s*=|<style\b", re.I),
}


def templates() -> list[str]:
    return sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.*") if path.is_file())


def problems(name: str, source: str) -> list[str]:
    """What is forbidden in this source, with the line of each."""
    rules = FORBIDDEN if name.split("/")[0] in PAPER else FORBIDDEN | ON_SCREEN
    return [
        f"{name}:{source.count(chr(10), 0, match.start()) + 1}: {what}"
        for what, pattern in rules.items()
        for match in pattern.finditer(source)
    ]


@pytest.mark.parametrize("name", templates())
def test_a_template_holds_nothing_forbidden(name: str) -> None:
    assert problems(name, (TEMPLATES / name).read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        '<p style="color: red">',
        '<a onclick="go()">',
        "<div\n  hx-on:click='go()'>",
        '<input hx-trigger="keyup[ctrlKey] delay:1s">',
        "<a href='javascript:go()'>",
        "<div hx-vals='js:{a: go()}'>",
        "{{ name | safe }}",
    ],
)
def test_the_lint_sees_it(source: str) -> None:
    assert len(problems("clients/page.html", source)) >= 1


def test_ordinary_markup_passes() -> None:
    source = '<script src="{{ asset("console.js") }}"></script><a hx-get="/x" hx-trigger="load">{{ _("on = off") }}</a>'
    assert problems("clients/page.html", source) == []


def test_letters_may_have_inline_styles() -> None:
    assert problems("emails/reset.html", '<p style="margin: 0">') == []
