"""Jinja for pages and mails: escaping, our languages, and strict about names that a template lacks."""

from __future__ import annotations

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
    return made
