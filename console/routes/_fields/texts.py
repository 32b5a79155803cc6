"""Texts that stand for themselves."""

from __future__ import annotations

import re
from typing import Any

from console.routes._fields.field import Bad, Field


def text(name: str, **options: Any) -> Field:
    return Field(name, str, **options)


def area(name: str, **options: Any) -> Field:
    return Field(name, str, kind="textarea", limit=options.pop("limit", 2000), **options)


def words(name: str, **options: Any) -> Field:
    """A few words with commas between; those that are suggested are put in or taken out by a press."""
    return Field(name, str, kind="words", **options)


def website(name: str, **options: Any) -> Field:
    """A web address; `https://` is added where no scheme was typed."""

    def read(typed: str) -> str:
        url = typed if "://" in typed else f"https://{typed}"
        if not re.fullmatch(r"https?://[^\s/?#@]+\.[^\s/?#@]+(?:[/?#]\S*)?", url, re.IGNORECASE):
            raise Bad("problem.website")
        return url

    return Field(name, read, kind="url", limit=200, **options)
