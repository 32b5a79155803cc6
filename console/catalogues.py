"""Which messages there must be, and `python -m console.catalogues` to bring the .po files up to it.

English sentences come from the templates; keys come from the code: written out, or made of the names
of operations, columns and form fields.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from console.domain import errors
from console.domain.kinds import KINDS
from console.domain.tables import Entity
from console.i18n import LANGUAGES
from console.routes._fields import Field

HERE = Path(__file__).parent
KEY = re.compile(
    r"""["']((?:actor|column|done|field|hint|kind|nav|problem|refused|role|title|why|words)\.[a-z0-9_.]*[a-z0-9_])["']"""
)

Wanted = dict[str, str | None]
"""Message to its plural, None where it has none."""


def wanted() -> Wanted:
    """Every message that a page, a mail or an error may need."""
    found: Wanted = dict.fromkeys(_keys())
    options = {"**.html": {"extensions": "jinja2.ext.i18n", "silent": "false"}}
    for part in ("html", "txt"):
        found |= _sentences(part, options["**.html"])
    return dict(sorted(found.items()))


def _sentences(part: str, options: dict[str, str]) -> Wanted:
    found: Wanted = {}
    mapping, details = [(f"**.{part}", "jinja2")], {f"**.{part}": options}
    for _, _, message, _, _ in extract_from_dir(HERE / "templates", mapping, details):
        if isinstance(message, tuple):
            found[str(message[0])] = str(message[1])
        else:
            found.setdefault(message, None)
    return found


def _keys() -> Iterator[str]:
    for path in sorted(HERE.rglob("*.py")):
        if path.name != "catalogues.py":
            yield from KEY.findall(path.read_text())
    for name, kind in KINDS.items():
        yield f"kind.{name}"
        yield f"done.{name}"
        assert kind.permission
    for table in Entity.by_name.values():
        yield from (f"column.{column._meta.name}" for column in table._meta.columns)
    for refused in _subclasses(errors.DomainError):
        yield f"why.{refused.key}"
    for spec in _forms():
        yield from (one.label or f"field.{one.name}" for one in spec if one.kind != "hidden")
        yield from (one.hint for one in spec if one.hint)


def _subclasses(kind: type[errors.DomainError]) -> Iterator[type[errors.DomainError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _subclasses(one)


def _forms() -> Iterator[Sequence[Field]]:
    """The forms of every routes module: tuples of fields at module level."""
    for module in routes():
        for value in vars(module).values():
            if isinstance(value, tuple) and value and all(isinstance(one, Field) for one in value):
                yield value


def routes() -> list[ModuleType]:
    """The modules of console.routes."""
    names = [one.name for one in iter_modules([str(HERE / "routes")])]
    return [import_module(f"console.routes.{name}") for name in names]


def path_of(language: str) -> Path:
    return HERE / "locales" / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """A language's catalogue as it stands on disk."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def is_key(message: str) -> bool:
    """Whether a message is a key of the code and no English sentence."""
    return KEY.fullmatch(f'"{message}"') is not None


def renew() -> None:
    """Add what is missing, empty; drop what nothing needs any more."""
    need = wanted()
    for language in LANGUAGES:
        old, new = read(language), Catalog(locale=language, project="fifth-visit", fuzzy=False)
        for message, plural in need.items():
            if language == "en" and not is_key(message) and plural is None:
                continue
            known = old.get(message)
            string = known.string if known else ""
            if is_key(message) and isinstance(string, (tuple, list)):
                plural = message
            new.add((message, plural) if plural else message, string=string)
        with path_of(language).open("wb") as file:
            write_po(file, new, sort_output=True, omit_header=False, width=110)


if __name__ == "__main__":
    renew()
    sys.stdout.write(f"{inspect.getdoc(renew)}\n")
