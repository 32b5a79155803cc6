"""Jinja for pages and mails: escaping, our languages, and strict about names that a template lacks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from console import i18n

TEMPLATES = Path(__file__).parent / "templates"


@cache
def _documents() -> Environment:
    return environment()


def document(template: str, **context: Any) -> str:
    """A whole HTML document to be printed, in the current language: styles inside, nothing fetched."""
    return _documents().get_template(template).render(language=i18n.current(), **context)


def _as_in(fields: Iterable[Any], body: str) -> list[Any]:
    """Fields in the order in which they stand in the markup of a form; those that do not stand there come last."""

    def place(one: Any) -> int:
        found = re.search(f'id="{re.escape(one.id)}(-0)?"', body)
        return found.start() if found else len(body)

    return sorted(fields, key=place)


def environment() -> Environment:
    """A new environment over console/templates."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    made.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters["address"] = i18n.email
    made.filters["as_in"] = _as_in
    return made
