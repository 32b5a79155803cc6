"""Names of intents that are made from what they are about: none of one part is one of another's."""

from __future__ import annotations

import re
from pathlib import Path

import console
import workers

NAMESPACE = re.compile(r'UUID\("([0-9a-f-]{36})"\)')


def test_each_part_makes_its_intents_in_a_namespace_of_its_own() -> None:
    sources = [path for package in (console, workers) for path in Path(package.__path__[0]).rglob("*.py")]
    named = [one for path in sources for one in NAMESPACE.findall(path.read_text())]
    assert len(named) >= 5
    assert sorted(named) == sorted(set(named))
