"""Fields that come several times: a few rows of the same ones, as phones each with what it is called.

A row's fields are fields of the form like any other (`phones_1_number`, `phones_1_label`, `phones_2_number` …), so
that each answers for itself. All rows are always there; a page opens one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from console.domain.errors import Invalid, Problem
from console.routes._fields import Field, Row


@dataclass(frozen=True)
class Repeated:
    """Up to `most` rows of `fields`; a row is there when the first of them is filled. `label`: the key of its name.

    The label of a field may name its row: %(row)s.
    """

    name: str
    label: str
    most: int
    fields: tuple[Field, ...]

    @property
    def spec(self) -> tuple[Field, ...]:
        """All rows as fields of a form."""
        return tuple(self._field(row, one) for row in range(1, self.most + 1) for one in self.fields)

    def _field(self, row: int, one: Field) -> Field:
        params = {**one.params, "row": str(row)}
        return replace(
            one, name=self._name(row, one), required=False, params=params, row=Row(self.label, row), empty=None
        )

    def _name(self, row: int, one: Field) -> str:
        return f"{self.name}_{row}_{one.name}"

    def values(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The values of a form, from as many rows as there are places."""
        return {
            self._name(number, one): row[one.name]
            for number, row in enumerate(rows[: self.most], 1)
            for one in self.fields
        }

    def filled(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows whose first field is filled, from the values of a form or of a part of it."""
        rows = [self._row(number, values) for number in range(1, self.most + 1)]
        return [row for row in rows if row[self.fields[0].name] is not None]

    def problems(self, values: Mapping[str, Any]) -> dict[str, Problem]:
        """What is wrong with whole rows: the first field is as it was in a row before."""
        first, known = self.fields[0], list[Any]()
        found: dict[str, Problem] = {}
        for number in range(1, self.most + 1):
            row = self._row(number, values)
            if row[first.name] is not None and row[first.name] in known:
                found[self._name(number, first)] = Problem("problem.twice")
            known.append(row[first.name])
        return found

    def _row(self, number: int, values: Mapping[str, Any]) -> dict[str, Any]:
        return {one.name: values.get(self._name(number, one)) for one in self.fields}


def read_rows(values: Mapping[str, Any], *groups: Repeated) -> list[list[dict[str, Any]]]:
    """The rows of each group, from the values of a form. Raises `Invalid` with what is wrong with all of them."""
    if problems := {name: what for group in groups for name, what in group.problems(values).items()}:
        raise Invalid(problems)
    return [group.filled(values) for group in groups]
