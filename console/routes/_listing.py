"""Lists that people search, sort, print and take with them as a file: one way for all of them.

`?q=` searches, `?state=` chooses those that are on, off or all, `?sort=` (with a `-` for the other way round) sorts
in place of the order that the rows come in,
`?as=csv` and `?as=xlsx` answer the list as a file, as it is searched and sorted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from litestar import Response

from console import exporting, i18n
from console.domain.text import fold
from console.exporting import Cell
from console.routes._page import Req

Row = TypeVar("Row")

LONGEST_SEARCH = 200
ON, OFF, ALL = "on", "off", "all"
STATES = {ON: "words.state_on", OFF: "words.state_off", ALL: "words.state_all"}
"""Which rows are shown, and the key of the tab's word."""


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column: its name in addresses, the key of its word, its cell in a file, and what it is sorted by.

    `key` None: by the folded cell. Rows without a value come last, either way round.
    """

    name: str
    label: str
    cell: Callable[[Row], Cell]
    key: Callable[[Row], Any] | None = None
    numeric: bool = False


@dataclass(frozen=True)
class Heading:
    """A column's head as a template shows it; `direction` is that of the list if it is sorted by it."""

    label: str
    numeric: bool
    url: str
    direction: str | None


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """A list as it was asked for."""

    path: str
    columns: Sequence[Column[Row]]
    rows: Sequence[Row]
    total: int
    q: str
    state: str
    sort: str

    @property
    def headings(self) -> list[Heading]:
        return [self._heading(one) for one in self.columns]

    def _heading(self, column: Column[Row]) -> Heading:
        ascending = self.sort == column.name
        descending = self.sort == f"-{column.name}"
        direction = "ascending" if ascending else "descending" if descending else None
        url = self.url(sort=f"-{column.name}" if ascending else column.name)
        return Heading(i18n.upper_first(i18n.gettext(column.label)), column.numeric, url, direction)

    @property
    def states(self) -> list[dict[str, Any]]:
        """The tabs that choose by state."""
        return [
            {"label": i18n.gettext(key), "url": self.url(state=one), "current": one == self.state}
            for one, key in STATES.items()
        ]

    def url(self, **changed: str) -> str:
        """The address of this list with something changed."""
        asked = {"q": self.q, "state": self.state, "sort": self.sort, **changed}
        usual = {"q": "", "state": ON, "sort": "", "as": ""}
        query = {name: value for name, value in asked.items() if value != usual[name]}
        return f"{self.path}?{urlencode(query)}" if query else self.path


def listing(
    request: Req,
    columns: Sequence[Column[Row]],
    rows: Iterable[Row],
    *,
    words: Callable[[Row], Iterable[str | None]],
    is_on: Callable[[Row], bool],
) -> Listing[Row]:
    """The rows as they were asked for; `words` are what a row is found by: every part of the search in one of them."""
    asked = request.query_params
    q = " ".join(asked.get("q", "").split())[:LONGEST_SEARCH]
    state = asked.get("state", ON)
    state = state if state in STATES else ON
    known = {sign + one.name for one in columns for sign in ("", "-")}
    sort = asked.get("sort", "")
    sort = sort if sort in known else ""
    everything = list(rows)
    kept = [one for one in everything if state == ALL or is_on(one) == (state == ON)]
    parts = fold(q).split()
    found = [one for one in kept if _holds(parts, [fold(word) for word in words(one) if word])]
    column = next((one for one in columns if one.name == sort.removeprefix("-")), None)
    ordered = _sorted(found, column, sort.startswith("-")) if column else found
    return Listing(request.url.path, columns, ordered, len(everything), q, state, sort)


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
    kind = request.query_params.get("as", "")
    if kind not in {"csv", "xlsx"}:
        return None
    header = [i18n.upper_first(i18n.gettext(one.label)) for one in asked.columns]
    rows = ([one.cell(row) for one in asked.columns] for row in asked.rows)
    if kind == "csv":
        comma = i18n.locale().number_symbols["latn"]["decimal"] == ","
        return download(exporting.as_csv(header, rows, decimal_comma=comma), exporting.CSV_TYPE, f"{title}.csv")
    return download(exporting.as_xlsx(title, header, rows), exporting.XLSX_TYPE, f"{title}.xlsx")


def download(content: bytes, media_type: str, name: str, *, inline: bool = False) -> Response[bytes]:
    """A file to keep, or to look at; its name may be of any alphabet (RFC 6266)."""
    how = "inline" if inline else "attachment"
    headers = {"Content-Disposition": f"{how}; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type=media_type, headers=headers)
