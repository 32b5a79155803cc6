"""Which messages there must be, and `python -m console.catalogues` to bring the .po files up to it.

English sentences come from the templates, and a few words from code; keys come from the code: written
out, or made of the names of operations, columns, roles and form fields. A key that is given a `count`
has plural forms.
"""

from __future__ import annotations

import ast
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
from console.domain.messages.rules import AUTOMATIC
from console.domain.messages.texts import OFFERED, PARTS
from console.domain.tables import Entity, Record
from console.domain.team.rules import Role
from console.i18n import LANGUAGES
from console.routes._fields import Field
from console.routes._trail import TOLD_BY_THE_KIND

HERE = Path(__file__).parent
KEY = re.compile(
    r"""["']((?:actor|column|done|effect|field|hint|kind|nav|part|problem|refused|role|sheet|title|told|tried|why|words)\.[a-z0-9_.]*[a-z0-9_])["']"""
)

Wanted = dict[str, str | None]
"""Message to its plural, None where it has none. A key with plural forms is its own plural."""

UNSEEN = {"id", "version", "operation", *TOLD_BY_THE_KIND}
"""Columns that no change names: every change touches them, or the kind of operation tells them."""


def wanted() -> Wanted:
    """Every message that a page, a mail or an error may need."""
    found: Wanted = dict.fromkeys(_keys())
    found |= {key: key for key in _counted() if key in found}
    found |= dict.fromkeys(_said())
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


def _sources() -> Iterator[str]:
    for path in sorted(HERE.rglob("*.py")):
        if path != Path(__file__):
            yield path.read_text()


def _keys() -> Iterator[str]:
    for source in _sources():
        yield from KEY.findall(source)
    for name in KINDS:
        yield f"kind.{name}"
        yield f"done.{name}"
        yield f"tried.{name}"
    for message in AUTOMATIC:
        yield from (f"told.{message}.{part}" for part in PARTS)
        yield from (f"words.value_{name}" for name in OFFERED[message])
    for role in Role:
        yield f"role.{role}"
    for part in Record.parts.values():
        yield f"part.{part}"
    for entity, table in Entity.by_name.items():
        yield from (f"column.{entity}.{name}" for one in table._meta.columns if (name := one._meta.name) not in UNSEEN)
    for meaning in errors.meanings():
        yield f"why.{meaning.reason}"
    for spec in _forms():
        yield from (one.label or f"field.{one.name}" for one in spec)
        yield from (one.hint for one in spec if one.hint)
    for refused in _subclasses(errors.Refusal):  # all are there once the forms are: every route was imported for them
        yield f"why.{refused.key}"


def _said() -> Iterator[str]:
    """What code says by itself: `gettext("today")`."""
    for source in _sources():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"gettext", "i18n.gettext"}:
                yield from _texts(*(one for one in node.args if not isinstance(one, ast.JoinedStr)))


def _counted() -> Iterator[str]:
    """Keys that stand in a call beside a `count`, and those of errors that are raised with one."""
    for source in _sources():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and _gives_count(node):
                yield from _texts(*node.args[:1])
            elif isinstance(node, ast.ClassDef) and any(
                isinstance(call, ast.Call) and _gives_count(call) for call in ast.walk(node)
            ):
                yield from _texts(*(part for part in node.body if isinstance(part, ast.Assign)))


def _gives_count(call: ast.Call) -> bool:
    keys = [key for one in call.args if isinstance(one, ast.Dict) for key in one.keys]
    return any(one.arg == "count" for one in call.keywords) or "count" in _texts(*filter(None, keys))


def _texts(*nodes: ast.AST) -> Iterator[str]:
    found = (one for node in nodes for one in ast.walk(node) if isinstance(one, ast.Constant))
    yield from (one.value for one in found if isinstance(one.value, str))


def _subclasses(kind: type[errors.Refusal]) -> Iterator[type[errors.Refusal]]:
    if kind.__module__.partition(".")[0] == __package__:
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


HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: fifth-visit\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""
"""Without dates, so that a renewal that changes nothing leaves the file as it is."""


def renew() -> None:
    """Add what is missing, empty; drop what nothing needs any more."""
    need = wanted()
    for language in LANGUAGES:
        old, new = read(language), Catalog(locale=language)
        for message, plural in need.items():
            if language == "en" and not is_key(message):
                continue
            known = old.get(message)
            kept = known if known and bool(known.pluralizable) == bool(plural) else None
            new.add(
                (message, plural) if plural else message,
                string=kept.string if kept else None,
                user_comments=kept.user_comments if kept else (),
            )
        _write(language, new)


def _write(language: str, catalogue: Catalog) -> None:
    with path_of(language).open("wb") as file:
        file.write(HEADER.format(language=language, plural_forms=catalogue.plural_forms).encode())
        write_po(file, catalogue, sort_output=True, omit_header=True, width=110)


if __name__ == "__main__":
    renew()
    sys.stdout.write(f"{inspect.getdoc(renew)}\n")
