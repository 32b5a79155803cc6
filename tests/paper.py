"""Printed documents, read back: their text, and the tree of their tags."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject


def text(pdf: bytes) -> str:
    """Everything that a document says, likewise."""
    return "".join(by_page(pdf))


def by_page(pdf: bytes) -> list[str]:
    """Everything that each page says, without its white space: lines break where there is no more room."""
    return ["".join(one.extract_text().split()) for one in PdfReader(BytesIO(pdf)).pages]


def pages(pdf: bytes) -> int:
    return len(PdfReader(BytesIO(pdf)).pages)


def has(pdf: bytes, said: str) -> bool:
    return "".join(said.split()) in text(pdf)


def lefts(pdf: bytes, said: str) -> list[float]:
    """Where each text begins that says just that, in points from the left edge of its page."""
    found: list[float] = []

    def look(text: str, cm: Any, tm: Any, font: Any, size: Any) -> None:
        if text.strip() == said:
            found.append(round(tm[4] * cm[0] + cm[4]))

    for page in PdfReader(BytesIO(pdf)).pages:
        page.extract_text(visitor_text=look)
    return found


def tags(pdf: bytes) -> Counter[str]:
    """How many elements of each kind the tree of tags has; a figure without words for it is `Figure without /Alt`."""
    found: Counter[str] = Counter()
    _walk(PdfReader(BytesIO(pdf)).trailer["/Root"]["/StructTreeRoot"], found)
    return found


def _walk(node: Any, found: Counter[str]) -> None:
    node = node.get_object()
    if isinstance(node, ArrayObject):
        for one in node:
            _walk(one, found)
    elif isinstance(node, DictionaryObject):
        kind = str(node.get("/S", "")).removeprefix("/")
        found[f"{kind} without /Alt" if kind == "Figure" and not node.get("/Alt") else kind] += 1
        if "/K" in node:
            _walk(node["/K"], found)


def facts(pdf: bytes) -> dict[str, Any]:
    """What a document says of itself: its title, its language, and which standard it keeps to."""
    reader = PdfReader(BytesIO(pdf))
    root = reader.trailer["/Root"]
    metadata = root["/Metadata"].get_object().get_data().decode()
    return {
        "title": reader.metadata.title if reader.metadata else None,
        "language": root["/Lang"],
        "tagged": bool(root["/MarkInfo"]["/Marked"]),
        "universal": "pdfuaid:part" in metadata,
    }
