"""The trail: what was done and what was refused, by whom and when; and undoing it."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from console import i18n
from console.domain.audit import queries as audit
from console.domain.ids import TERMINAL_ACTOR, OperationId
from console.domain.operation import KINDS
from console.domain.team import queries as team
from console.domain.team.rules import Permission
from console.domain.undo import UNDO, find, undo
from console.routes._guards import needs
from console.routes._page import Req, back, page
from console.routes._submit import press

PAGE = 50
TOLD_BY_THE_KIND = {"password_hash", "retired_at", "totp_secret", "totp_step"}
"""Columns that say no more than the kind of operation does."""


@get("/settings/history", opt=needs(Permission.AUDIT_READ))
async def history(request: Req) -> Response[Any]:
    tab = "refused" if request.query_params.get("tab") == "refused" else "done"
    before = request.query_params.get("before", "")
    known = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    entries = await audit.trail(before=known, most=PAGE) if tab == "done" else []
    refusals = await audit.refused_attempts(most=PAGE) if tab == "refused" else []
    names = await team.names({one.actor for one in entries} | {one.actor for one in refusals})
    roots = {one.id: await _root(one) for one in entries}
    zone = request.scope["state"]["business"].zone

    def who(actor: int) -> str:
        return names.get(actor) or i18n.gettext("actor.terminal" if actor == TERMINAL_ACTOR else "actor.system")

    return await page(
        request,
        "history/page.html",
        i18n.gettext("title.history"),
        tab=tab,
        older=f"/settings/history?before={entries[-1].id}" if len(entries) == PAGE else None,
        entries=[
            {
                "entry": one,
                "who": who(one.actor),
                "what": _what(*roots[one.id]),
                "fields": _fields(one),
                "time": i18n.moment(one.at, zone),
                "undoable": _undoable(request, one, roots[one.id][0]),
            }
            for one in entries
        ],
        refusals=[
            {
                "who": who(one.actor),
                "what": i18n.gettext(f"kind.{one.kind}"),
                "why": i18n.gettext(f"why.{one.key}"),
                "time": i18n.moment(one.at, zone),
            }
            for one in refusals
        ],
    )


async def _root(entry: audit.Entry) -> tuple[str, int]:
    """The kind of operation that an entry is, undoes or does again, and how many undos lie between."""
    if entry.undoes_kind != UNDO:
        return (entry.kind, 0) if entry.undoes_kind is None else (entry.undoes_kind, 1)
    done, undos = await find(entry.id), 0
    while done.undoes is not None:
        done, undos = await find(done.undoes), undos + 1
    return done.kind, undos


def _what(kind: str, undos: int) -> str:
    what = i18n.gettext(f"kind.{kind}")
    if undos == 0:
        return what
    return i18n.words("words.undid" if undos % 2 else "words.redid", {"what": what})


def _fields(entry: audit.Entry) -> str:
    touched = sorted({name for _, names in entry.fields for name in names} - TOLD_BY_THE_KIND)
    return i18n.listing([i18n.gettext(f"column.{name}") for name in touched])


def _undoable(request: Req, entry: audit.Entry, root: str) -> bool:
    kind = KINDS[root]
    if entry.undone or kind.undo is None:
        return False
    if kind.permission == Permission.PROFILE_CHANGE:  # one's own name is one's own business
        return bool(entry.actor == request.user.staff)
    return bool(request.user.actor.may(kind.permission))


@post("/operations/{operation:int}/undo", opt=needs(Permission.OPERATION_UNDO))
async def undoing(request: Req, operation: FromPath[int]) -> Response[Any]:
    """Undo an operation; the undo can be undone."""
    return await press(request, lambda intent: undo(intent, OperationId(operation)), back(request))


ROUTES = [history, undoing]
