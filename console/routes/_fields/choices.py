"""What is chosen: one of a list, several of it, yes or no."""

from __future__ import annotations

from typing import Any

from console.routes._fields.field import Bad, Choices, Field, Reader


def choice(name: str, choices: Choices, *, kind: str = "select", **options: Any) -> Field:
    """One of a list."""
    return Field(name, _among(choices), kind=kind, choices=choices, limit=200, **options)


def several(name: str, choices: Choices, **options: Any) -> Field:
    """Any number of a list, as ticks; repeated keys are how a browser sends them."""
    return Field(name, _among(choices), kind="checks", choices=choices, many=True, **options)


def _among(choices: Choices) -> Reader:
    def read(typed: str) -> str:
        if typed not in {value for value, _ in choices()}:
            raise Bad("problem.choice")
        return typed

    return read


def tick(name: str, **options: Any) -> Field:
    return Field(name, bool, kind="checkbox", required=False, empty=False, **options)
