"""Texts of messages that the business wrote in place of ours, one for each kind and language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.domain import db
from console.domain.audit.naming import Name, named
from console.domain.business.tables import BUSINESS, Business
from console.domain.errors import Invalid, NotFound, Stale
from console.domain.ids import MessageTextId
from console.domain.messages.rules import MessageKind
from console.domain.messages.tables import MessageText
from console.domain.messages.texts import PARTS, Texts, problems
from console.domain.operation import operation
from console.domain.running import Operation
from console.domain.team.rules import Permission
from console.domain.undo import restore


@dataclass(frozen=True)
class OwnText:
    """A text that was written once; not `holds`: ours does again."""

    id: MessageTextId
    version: int
    operation: int
    kind: MessageKind
    language: str
    texts: Texts
    holds: bool


_TEXTS = (
    "SELECT id, version, operation, kind, language, subject, text, sms, retired_at IS NULL AS holds FROM message_text"
)


async def own_text(kind: MessageKind, language: str) -> OwnText | None:
    """What was written for a kind and a language; None where nobody ever wrote anything."""
    found = [one for one in await own_texts() if (one.kind, one.language) == (kind, language)]
    return found[0] if found else None


async def own_texts() -> list[OwnText]:
    """All that was ever written."""
    return [
        OwnText(
            MessageTextId(row["id"]),
            row["version"],
            row["operation"],
            MessageKind(row["kind"]),
            row["language"],
            Texts(**{part: row[part] for part in PARTS}),
            row["holds"],
        )
        for row in await db.fetch(f"{_TEXTS} ORDER BY id")
    ]


@operation("message_text.change", permission=Permission.BUSINESS_CHANGE, undo=restore)
async def change(op: Operation, kind: MessageKind, language: str, version: int, texts: Texts) -> dict[str, int]:
    """Say something else in a kind of message. `version`: of what was written, 0 where there was nothing.

    Raises `Invalid` (`subject`, `text`, `sms`), `Stale`.
    """
    if wrong := problems(kind, texts):
        raise Invalid(wrong)
    values = {part: getattr(texts, part) for part in PARTS}
    await op.lock(Business, [BUSINESS])
    row = await db.fetchrow(
        "SELECT id, version FROM message_text WHERE kind = $1 AND language = $2", kind.value, language
    )
    if row is None:
        new = await op.insert(MessageText, kind=kind.value, language=language, **values)
        return {"message_text": new}
    await op.lock(MessageText, [row["id"]])
    if version == 0:
        raise Stale("message_text", row["id"])
    await op.update(MessageText, row["id"], version, {**values, "retired_at": None})
    return {"message_text": row["id"]}


@operation("message_text.reset", permission=Permission.BUSINESS_CHANGE, undo=restore)
async def reset(op: Operation, text: MessageTextId) -> dict[str, int]:
    """Say again what we suggest. Raises `NotFound`."""
    await op.lock(MessageText, [text])
    row = await db.fetchrow("SELECT retired_at FROM message_text WHERE id = $1", text)
    if row is None:
        raise NotFound
    await op.update(MessageText, text, None, {"retired_at": row["retired_at"] or op.now})
    return {"message_text": text}


@named("message_text")
async def text_names(ids: Sequence[int]) -> dict[int, Name]:
    """Which kind of message they are of."""
    rows = await db.fetch("SELECT id, kind FROM message_text WHERE id = ANY($1::bigint[])", list(ids))
    return {row["id"]: Name("", key=f"words.message_{row['kind'].replace('.', '_')}") for row in rows}
