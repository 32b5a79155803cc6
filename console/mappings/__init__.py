"""The mappings that ship with the console, each a TOML file."""

from __future__ import annotations

from importlib import resources


def names() -> list[str]:
    """What they are called."""
    return sorted(
        one.name.removesuffix(".toml") for one in resources.files(__name__).iterdir() if one.name.endswith(".toml")
    )


def text(name: str) -> str:
    """What stands in one of them."""
    return (resources.files(__name__) / f"{name}.toml").read_text("utf-8")
