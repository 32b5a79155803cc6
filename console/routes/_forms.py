"""Forms: what was sent, every problem of every field at once, and the same form again with what was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from litestar import Request

from console import i18n
from console.domain import clock
from console.domain.errors import DomainError, IntentReused, Invalid, Problem
from console.domain.intent import Actor, Intent
from console.routes import _merging
from console.routes._bodies import FILE_LIMIT, FILES_LIMIT
from console.routes._bodies import FORM_LIMIT as FORM_LIMIT
from console.routes._bodies import read_body as read_body
from console.routes._fields import Bad, Field


@dataclass
class Option:
    value: str
    label: str
    selected: bool
    hint: str | None = None
    warns: bool = False
    """Whether the hint speaks against it."""


@dataclass
class Bound:
    """A field as a template shows it; every text is translated."""

    name: str
    id: str
    label: str
    kind: str
    value: Any
    error: str | None
    hint: str | None
    required: bool
    autocomplete: str | None
    inputmode: str | None
    placeholder: str | None
    options: list[Option]
    maxlength: int
    suggestions: list[str]
    row: int
    group: str
    labelled: bool
    told: str
    """The label where it stands alone, away from its row."""
    plain: bool = False
    """Shown as plain text, for a browser would empty the field: a date that is none."""
    many: bool = False


@dataclass
class Form:
    """A form on its way out or in. `fields` are for the template, `values` for the use case."""

    name: str
    spec: Sequence[Field]
    csrf: str
    texts: dict[str, list[str]]
    intent: str = field(default_factory=lambda: str(uuid4()))
    version: int | None = None
    was: str = ""
    """What stood when the form was rendered, as `_merging.marks` has it."""
    problems: dict[str, Problem] = field(default_factory=dict)
    refusal: Problem | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    cut: frozenset[str] = frozenset()
    """The names of files and texts of which only the beginning was kept."""
    crowded: frozenset[str] = frozenset()
    """Those of files that are too large together."""
    sent: str | None = None
    """The mark of what was sent."""
    heard: Any = None
    """How clients would hear of it, as the last look saw."""

    @classmethod
    def blank(
        cls,
        request: Request[Any, Any, Any],
        name: str,
        spec: Sequence[Field],
        values: Mapping[str, Any] | None = None,
        version: int | None = None,
    ) -> Form:
        """The form as it is shown first, filled with the values of an entity."""
        texts = {one.name: _texts(one, (values or {}).get(one.name)) for one in spec}
        was = "" if version is None else _merging.marks(spec, texts)
        return cls(name, spec, request.scope["state"]["csrf"], texts, version=version, was=was)

    @classmethod
    def asked(cls, request: Request[Any, Any, Any], name: str, spec: Sequence[Field]) -> Form:
        """The form as the address says it: one that is still being typed."""
        texts = {one.name: request.query_params.getall(one.name, []) for one in spec}
        return cls(name, spec, request.scope["state"]["csrf"], texts)

    @classmethod
    async def read(
        cls, request: Request[Any, Any, Any], name: str, spec: Sequence[Field], *, once: bool = True
    ) -> Form:
        """The form as it was sent. It says under which intent it was rendered, or nothing comes of it.

        Only what is no operation, or the same however often it is done (`once` is false), needs none.
        """
        sent = await read_body(request)
        form = cls(
            name,
            spec,
            request.scope["state"]["csrf"],
            {one.name: list(sent.texts.get(one.name, ())) for one in spec} | _merging.chosen(spec, sent.texts),
            was=sent.first("was"),
            files=sent.files,
            cut=sent.cut,
            crowded=sent.crowded,
        )
        try:
            if once or "intent" in sent.texts:
                form.intent = str(UUID(sent.first("intent")))
            form.version = int(sent.first("version")) if sent.first("version") else None
            if len(sent.texts.get("intent", ())) > 1 or not -1 < (form.version or 0) < 2**31:
                raise ValueError
            form.sent = sent.mark(UUID(form.intent), request.url.path)
        except ValueError:
            form.intent, form.version = str(uuid4()), None
            form.refusal = Problem("problem.form")
        return form

    def check(self) -> dict[str, Any]:
        """The value of every field. Raises `Invalid` with all problems at once."""
        values: dict[str, Any] = {}
        for one in self.spec:
            try:
                if one.take is not None:
                    values[one.name] = self._file(one.name, one.take, one.required)
                elif one.name in self.cut:
                    raise Bad("problem.text_cut")
                else:
                    values[one.name] = one.value(self.texts.get(one.name, ()))
            except Bad as bad:
                self.problems[one.name] = bad.problem
        if self.problems or self.refusal:
            raise Invalid(self.problems)
        return values

    def _file(self, name: str, take: Callable[[bytes], Any], required: bool) -> Any:
        if any(self.texts.get(name, ())):
            raise Bad("problem.no_file")
        if required and name not in self.files:
            raise Bad("problem.choose_file")
        value = take(self.files[name]) if name in self.files else None
        if name in self.crowded:
            raise Bad("problem.import_files_large", limit=FILES_LIMIT // 1024**2)
        if name in self.cut:
            raise Bad("problem.file_large", limit=FILE_LIMIT // 1024**2)
        return value

    def usable(self) -> dict[str, Any]:
        """The values of the fields that can be used as they stand: of a form that is still being typed."""
        values: dict[str, Any] = {}
        for one in self.spec:
            with suppress(Bad):
                values[one.name] = one.value(self.texts.get(one.name, ()))
        return values

    def misread(self, names: Sequence[str]) -> dict[str, Problem]:
        """What is wrong with some fields in which something was typed that cannot be used."""
        problems: dict[str, Problem] = {}
        for one in self.spec:
            if one.name in names and any(self.texts.get(one.name, ())):
                try:
                    one.value(self.texts[one.name])
                except Bad as bad:
                    problems[one.name] = bad.problem
        return problems

    def note(self, error: DomainError) -> None:
        """Take over the problems that a use case found."""
        if isinstance(error, Invalid):
            known = {one.name for one in self.spec}
            for name, what in error.problems.items():
                if name in known:
                    self.problems[name] = what
                else:
                    self.refusal = what
        else:
            self.refusal = error.problem
            if isinstance(error, IntentReused):
                self.intent = str(uuid4())

    def also(self, problems: Mapping[str, Problem]) -> None:
        """Where something is wrong with the form already: what else is, at fields of which nothing is said yet."""
        if self.problems:
            self.problems = {**problems, **self.problems}

    def intend(self, actor: Actor) -> Intent:
        """What the sender means to do, under the id that the form was rendered with."""
        return Intent(UUID(self.intent), actor, clock.now(), sent=self.sent)

    @property
    def problem(self) -> str | None:
        return i18n.problem(self.refusal) if self.refusal else None

    @property
    def fields(self) -> Mapping[str, Bound]:
        return Fields(self)

    def bind(self, one: Field) -> Bound:
        """A field with what stands in it now."""
        texts = self.texts.get(one.name) or []
        what = self.problems.get(one.name)
        hints = one.hints() if one.hints else {}
        warned = one.warned() if one.warned else ()
        shown: Any = "" if one.secret else (texts[0] if texts else "")
        if one.kind == "date" and shown:
            shown = _one_spelling(one, shown)
        label = i18n.words(one.label or f"field.{one.name}", one.params)
        return Bound(
            name=one.name,
            id=f"{self.name}-{one.name}".replace("_", "-"),
            label=label,
            kind=one.kind,
            value=bool(shown) if one.kind == "checkbox" else shown,
            error=i18n.problem(what) if what else None,
            hint=i18n.words(one.hint, one.params) if one.hint else None,
            required=one.required,
            autocomplete=one.autocomplete,
            inputmode=one.inputmode,
            placeholder=one.placeholder,
            options=[
                Option(value, label, value in texts, hints.get(value), value in warned)
                for value, label in (one.choices() if one.choices else ())
            ],
            maxlength=one.limit,
            suggestions=list(one.suggest()) if one.suggest else [],
            row=one.row.number if one.row else 0,
            group=i18n.gettext(one.row.group) if one.row else "",
            labelled=one.row is not None and one.row.labelled,
            told=one.told(self.texts) if one.told else label,
            plain=one.kind == "date" and bool(shown) and not _is_date(shown),
            many=one.many,
        )


class Fields(Mapping[str, Bound]):
    """The fields of a form by their names, each made when it is asked for: templates ask for one after the other."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._spec = {one.name: one for one in form.spec}

    def __getitem__(self, name: str) -> Bound:
        return self._form.bind(self._spec[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._spec)

    def __len__(self) -> int:
        return len(self._spec)


def _one_spelling(one: Field, typed: str) -> str:
    """A date as browsers want it; what is none stays as it was typed."""
    try:
        value = one.value([typed])
    except Bad:
        return typed
    return one.show(value) if value is not None else typed


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _texts(one: Field, value: Any) -> list[str]:
    if value is None:
        return [""] if one.choices and not one.many else []
    if one.many:
        return [str(item) for item in value]
    if one.kind == "checkbox":
        return ["1"] if value else []
    return [one.show(value)]
