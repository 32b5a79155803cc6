"""Files as they arrive: tables of a kind that can be read, or archives of these, and no more than can be held."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import NamedTuple

from console.domain.errors import Problem
from console.domain.imports.rules.sheets import BOOKS

TEXTS = (".csv", ".tsv", ".txt")
READ = (*TEXTS, *BOOKS)
MOST_FILES = 20
LARGEST = 10 * 1024 * 1024
"""Bytes of a file."""
LARGEST_TOGETHER = 32 * 1024 * 1024
"""Bytes of all files that arrive at once, out of archives as well."""
LARGEST_INSIDE = 100 * 1024 * 1024
"""Bytes that a workbook may come to once it is unpacked."""
LONGEST_NAME = 200
NOTHING_INSIDE = "problem.import_no_files_inside"
HIDDEN = ("__MACOSX/", ".")
"""How names begin of what is in an archive besides what was put there."""


class Arrived(NamedTuple):
    """A file by its name."""

    name: str
    content: bytes


class NotTaken(ValueError):
    """A file that is not taken; `problem` says why."""

    def __init__(self, key: str, **params: object) -> None:
        self.problem = Problem(key, params)
        super().__init__(key)


class Arrivals(NamedTuple):
    """Tables, and what files are called that are none."""

    tables: Sequence[Arrived]
    aside: Sequence[str]


def arrived(files: Sequence[Arrived]) -> Arrivals:
    """The tables among files, those in archives too, each name once. Raises `NotTaken`, also where there is none."""
    found: dict[str, Arrived] = {}
    aside: list[str] = []
    for one in files:
        for table in _unpacked(one) if PurePath(one.name).suffix.lower() == ".zip" else (one,):
            name = PurePath(table.name.replace("\\", "/")).name
            if PurePath(name).suffix.lower() not in READ:
                aside += [name] if name.isprintable() and not name.startswith(".") else []
                continue
            if name.lower() in found:
                raise NotTaken("problem.import_same_name", name=name)
            found[name.lower()] = _checked(name, table.content)
            if len(found) > MOST_FILES:
                raise NotTaken("problem.import_many_files", most=MOST_FILES)
            if sum(len(each.content) for each in found.values()) > LARGEST_TOGETHER:
                raise NotTaken("problem.import_files_large", limit=LARGEST_TOGETHER // 1024**2)
    if files and not found:
        raise NotTaken("problem.import_file_kind" if aside else NOTHING_INSIDE, name=next(iter(aside), files[0].name))
    return Arrivals(list(found.values()), aside[:MOST_FILES])


def _checked(name: str, content: bytes) -> Arrived:
    suffix = PurePath(name).suffix.lower()
    if not content:
        raise NotTaken("problem.import_file_empty", name=name)
    if len(content) > LARGEST:
        raise NotTaken("problem.import_file_large", name=name, limit=LARGEST // 1024**2)
    if len(name) > LONGEST_NAME:
        raise NotTaken("problem.import_file_name", limit=LONGEST_NAME)
    if not name.isprintable():
        raise NotTaken("problem.import_file_odd_name")
    if suffix in BOOKS and content.startswith(b"PK"):
        with _archive(name, content) as book:
            if sum(part.file_size for part in book.infolist()) > LARGEST_INSIDE:
                raise NotTaken("problem.import_file_large", name=name, limit=LARGEST // 1024**2)
    return Arrived(name, content)


def _unpacked(one: Arrived) -> Iterator[Arrived]:
    with _archive(one.name, one.content) as archive:
        for part in archive.infolist():
            if part.is_dir() or part.filename.startswith(HIDDEN) or "/." in part.filename:
                continue
            try:
                with archive.open(part) as file:
                    yield Arrived(part.filename, file.read(LARGEST + 1))
            except (RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError, OSError):
                raise NotTaken("problem.import_no_archive", name=one.name) from None


def _archive(name: str, content: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError):
        raise NotTaken("problem.import_no_archive", name=name) from None
