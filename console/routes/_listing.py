"""Lists that people search, sort, print and take with them as a file: one way for all of them.

`?q=` searches, `?state=` chooses those that are on, off or all, `?sort=` (with a `-` for the other way round) sorts
in place of the order that the rows come in,
`?as=csv` and `?as=xlsx` answer the list as a file, as it is searched and sorted.

`listing` takes all rows and does this in memory. For a list that the database pages, `asked` reads what is asked for,
filters of its own among it, and `paged` adds the rows of `?after=` or `?before=` a row; `streamed` is its file.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from litestar import Response
from litestar.response import Stream

from console import exporting, i18n
from console.domain.text import fold
from console.exporting import Cell
from console.routes import _fields as f
from console.routes._fields import as_id
from console.routes._page import Req

Row = TypeVar("Row")

LONGEST_SEARCH = 200
ON, OFF, ALL = "on", "off", "all"
STATES = {ON: "words.state_on", OFF: "words.state_off", ALL: "words.state_all"}
"""Which rows are shown, and the key of the tab's word."""
PEOPLE_STATES = {ON: "words.state_working", OFF: "words.state_gone", ALL: "words.state_all"}
"""The same of people."""


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column: its name in addresses, the key of its word, its cell in a file, and what it is sorted by.

    `key` None: by the folded cell. Rows without a value come last, either way round. One that is not `shown` stands in
    files only; one that does not `sort` has no link in its head.
    """

    name: str
    label: str
    cell: Callable[[Row], Cell]
    key: Callable[[Row], Any] | None = None
    numeric: bool = False
    shown: bool = True
    sorts: bool = True


@dataclass(frozen=True)
class Heading:
    """A column's head as a template shows it; `direction` is that of the list if it is sorted by it."""

    label: str
    numeric: bool
    url: str | None
    direction: str | None


@dataclass(frozen=True)
class Filter:
    """A choice that a list is narrowed by: its name in addresses, its word, what there is to choose, what is chosen.

    Of a name that nothing chooses among, the value is empty. One of a `day` takes a date in place of choices.
    """

    name: str
    label: str
    choices: Sequence[tuple[str, str]] = ()
    value: str = ""
    day: bool = False


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """A list as it was asked for.

    `counted`: how many there are, in words; `note`: what to say beneath the rows; `as_file`: whether it may be taken
    along; `state_words`: the keys of the tabs' words.
    """

    path: str
    columns: Sequence[Column[Row]]
    rows: Sequence[Row]
    total: int
    q: str
    state: str
    sort: str
    filters: Sequence[Filter] = ()
    before: int | None = None
    after: int | None = None
    previous_url: str | None = None
    next_url: str | None = None
    as_file: bool = True
    counted: str = ""
    note: str = ""
    state_words: Mapping[str, str] = field(default_factory=lambda: STATES)
    besides: Mapping[str, str] = field(default_factory=dict)
    """What else its address says."""

    @property
    def headings(self) -> list[Heading]:
        return [self._heading(one) for one in self.columns if one.shown]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but a search narrows it."""
        return self.state != ON or any(one.value for one in self.filters)

    def chosen(self, name: str) -> str:
        """What is chosen of a filter; empty where nothing is."""
        return next(one.value for one in self.filters if one.name == name)

    def _heading(self, column: Column[Row]) -> Heading:
        ascending = self.sort == column.name
        descending = self.sort == f"-{column.name}"
        direction = "ascending" if ascending else "descending" if descending else None
        url = self.url(sort=f"-{column.name}" if ascending else column.name) if column.sorts else None
        return Heading(i18n.upper_first(i18n.gettext(column.label)), column.numeric, url, direction)

    @property
    def states(self) -> list[dict[str, Any]]:
        """The tabs that choose by state."""
        return [
            {"label": i18n.gettext(key), "url": self.url(state=one), "current": one == self.state}
            for one, key in self.state_words.items()
        ]

    def url(self, **changed: str) -> str:
        """The address of this list with something changed."""
        chosen = {one.name: one.value for one in self.filters}
        asked = {"q": self.q, "state": self.state, "sort": self.sort, **chosen, **changed}
        query = {name: value for name, value in asked.items() if value != (ON if name == "state" else "")}
        query = {**self.besides, **query}
        return f"{self.path}?{urlencode(query)}" if query else self.path


def listing(
    request: Req,
    columns: Sequence[Column[Row]],
    rows: Iterable[Row],
    *,
    words: Callable[[Row], Iterable[str | None]],
    is_on: Callable[[Row], bool],
    states: Mapping[str, str] = STATES,
) -> Listing[Row]:
    """The rows as they were asked for; `words` are what a row is found by: every part of the search in one of them."""
    asked_for = asked(request, columns)
    everything = list(rows)
    kept = [one for one in everything if asked_for.state == ALL or is_on(one) == (asked_for.state == ON)]
    parts = fold(asked_for.q).split()
    found = [one for one in kept if _holds(parts, [fold(word) for word in words(one) if word])]
    column = next((one for one in columns if one.name == asked_for.sort.removeprefix("-")), None)
    ordered = _sorted(found, column, asked_for.sort.startswith("-")) if column else found
    return replace(asked_for, rows=ordered, total=len(everything), state_words=states)


def asked(request: Req, columns: Sequence[Column[Row]], filters: Sequence[Filter] = ()) -> Listing[Row]:
    """What is asked for of a list, without its rows; whatever is nonsense counts as not said."""
    given = request.query_params
    q = " ".join(given.get("q", "").replace("\x00", " ").split())[:LONGEST_SEARCH]
    state = given.get("state", ON)
    sort = given.get("sort", "")
    known = {sign + one.name for one in columns if one.sorts for sign in ("", "-")}
    return Listing(
        path=request.url.path,
        columns=columns,
        rows=(),
        total=0,
        q=q,
        state=state if state in STATES else ON,
        sort=sort if sort in known else "",
        filters=[replace(one, value=_chosen(one, given.get(one.name, ""))) for one in filters],
        before=as_id(given.get("before", "")),
        after=as_id(given.get("after", "")),
    )


def _chosen(one: Filter, value: str) -> str:
    if one.day:
        return _day(one.name, value)
    return value if value in {choice for choice, _ in one.choices} else ""


def _day(name: str, text: str) -> str:
    """A date that an address says, in one spelling; empty where it is none."""
    try:
        return date.isoformat(f.day(name).value([text]))
    except f.Bad:
        return ""


def paged(
    of: Listing[Row], rows: Sequence[Row], *, previous: int | None, next: int | None, **more: Any
) -> Listing[Row]:
    """The list with a page of its rows; `previous` and `next` are the ids before and after which more rows stand."""
    return replace(
        of,
        rows=rows,
        previous_url=None if previous is None else of.url(before=str(previous)),
        next_url=None if next is None else of.url(after=str(next)),
        **more,
    )


def _holds(parts: Sequence[str], words: Sequence[str]) -> bool:
    return all(any(part in word for word in words) for part in parts)


def _sorted(rows: Sequence[Row], column: Column[Row], descending: bool) -> list[Row]:
    key = column.key or (lambda row: _folded(column.cell(row)))
    valued = [(key(row), row) for row in rows]
    having = sorted((pair for pair in valued if pair[0] is not None), key=lambda pair: pair[0], reverse=descending)
    return [row for _, row in having] + [row for value, row in valued if value is None]


def _folded(cell: Cell) -> Any:
    return fold(cell) if isinstance(cell, str) else cell


def file(request: Req, title: str, asked: Listing[Any]) -> Response[bytes] | None:
    """The list as the file that was asked for, if one was."""
    kind = file_kind(request)
    if kind is None:
        return None
    header = _header(asked)
    rows = ([one.cell(row) for one in asked.columns] for row in asked.rows)
    if kind == "csv":
        csv = exporting.as_csv(header, rows, decimal_comma=_decimal_comma())
        return download(csv, exporting.CSV_TYPE, f"{title}.csv")
    return download(exporting.as_xlsx(title, header, rows), exporting.XLSX_TYPE, f"{title}.xlsx")


def for_files(phone: str) -> str:
    """With the country's code in brackets, (+7) 921 333-45-12: no spreadsheet takes that for a formula or a number."""
    return re.sub(r"^\+\d+", r"(\g<0>)", phone)


def file_kind(request: Req) -> str | None:
    """`csv` or `xlsx`, where a file is asked for."""
    kind = request.query_params.get("as", "")
    return kind if kind in {"csv", "xlsx"} else None


def streamed(kind: str, title: str, asked: Listing[Row], rows: AsyncIterator[Row]) -> Stream:
    """The file of a list that is too long to be held at once, with all of its rows."""
    cells = ([one.cell(row) for one in asked.columns] async for row in rows)
    if kind == "csv":
        parts, media_type = (
            exporting.csv_parts(_header(asked), cells, decimal_comma=_decimal_comma()),
            exporting.CSV_TYPE,
        )
    else:
        parts, media_type = exporting.xlsx_parts(title, _header(asked), cells), exporting.XLSX_TYPE
    return Stream(parts, media_type=media_type, headers=named(f"{title}.{kind}"))


def _header(asked: Listing[Any]) -> list[str]:
    return [i18n.upper_first(i18n.gettext(one.label)) for one in asked.columns]


def _decimal_comma() -> bool:
    return bool(i18n.locale().number_symbols["latn"]["decimal"] == ",")


def download(content: bytes, media_type: str, name: str, *, inline: bool = False) -> Response[bytes]:
    """A file to keep, or to look at; its name may be of any alphabet (RFC 6266)."""
    return Response(content, media_type=media_type, headers=named(name, "inline" if inline else "attachment"))


def named(name: str, how: str = "attachment") -> dict[str, str]:
    """The header that calls an answer a file by a name."""
    plain = name.replace("\u00a0", " ")
    return {"Content-Disposition": f"{how}; filename*=UTF-8''{quote(plain, safe='')}"}
