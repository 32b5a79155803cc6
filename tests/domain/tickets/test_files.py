"""What may be attached to tickets, and whose it is."""

from __future__ import annotations

import io
import zipfile

import pytest

from console.domain import db
from console.domain.desk import actions as desk_actions
from console.domain.errors import Invalid, NotFound
from console.domain.ids import ClientId, TicketEntryId, TicketFileId, TicketId
from console.domain.tickets import actions, checks, contents, files, letters
from console.domain.tickets.contents import LARGEST, NotTaken, Upload, kept_name, media_type
from console.domain.tickets.rules import TicketChannel, TicketStatus
from console.domain.tickets.steps import FilesTooLarge, TicketClosed
from console.domain.undo import undo
from tests import factories
from tests.cast import ANNA, VERA
from tests.domain.tickets.desk import intent, opened

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def packed(*parts: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for part in parts:
            archive.writestr(part, "x")
    return kept.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PNG, "a.exe", "image/png"),
        (b"\xff\xd8\xff\xe0", "a", "image/jpeg"),
        (b"GIF89a..", "a", "image/gif"),
        (b"RIFF....WEBPVP8 ", "a", "image/webp"),
        (b"%PDF-1.7", "a", "application/pdf"),
        ("Привет".encode(), "a.txt", "text/plain"),
        (b"a\tb\r\n\f\x7f", "a.txt", "text/plain"),
        (b"<script>alert(1)</script>", "a.html", "text/plain"),
        (b"<svg/>", "a.svg", "text/plain"),
        (b"From: a@b.example\r\n\r\nHello", "a.EML", "message/rfc822"),
        (b"BEGIN:VCALENDAR\r\n", "a", "text/calendar"),
        (packed("[Content_Types].xml", "word/document.xml"), "a", f"{contents.OFFICE}wordprocessingml.document"),
        (packed("xl/workbook.xml"), "a", f"{contents.OFFICE}spreadsheetml.sheet"),
    ],
)
def test_a_file_is_what_its_content_is(content: bytes, name: str, kind: str) -> None:
    assert media_type(content, name) == kind


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "problem.file_empty"),
        (b"x" * (LARGEST + 1), "problem.file_large"),
        (b"MZ\x90\x00", "problem.file_kind"),
        *((b"Hello" + bytes([one]), "problem.file_kind") for one in range(32) if one not in b"\t\n\r\f"),
        (packed("word/document.xml", *map(str, range(contents.MOST_PARTS))), "problem.file_kind"),
        (b"a\x00b", "problem.file_kind"),
        (b"PK\x03\x04 damaged", "problem.file_kind"),
        (packed("a.txt"), "problem.file_kind"),
        (packed("word/document.xml", "word/vbaProject.bin"), "problem.file_kind"),
        (b"\xd0\xcf\x11\xe0", "problem.file_kind"),
    ],
)
def test_what_is_empty_large_or_of_another_kind_is_not_taken(content: bytes, key: str) -> None:
    with pytest.raises(NotTaken) as refused:
        media_type(content, "photo.png")
    assert refused.value.problem.key == key


@pytest.mark.parametrize(
    ("sent", "kind", "kept"),
    [
        ("C:\\Users\\zoe\\floor.PNG", "image/png", "floor.PNG"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("photo.jpeg", "image/jpeg", "photo.jpeg"),
        ("page.html", "text/plain", "page.html.txt"),
        ("\u202egnp.exe", "image/png", "gnp.exe.png"),
        ("", "application/pdf", "file.pdf"),
        ("ф" * 300 + ".pdf", "application/pdf", "ф" * 116 + ".pdf"),
    ],
)
def test_a_name_is_kept_without_folders_and_ends_as_the_file_is(sent: str, kind: str, kept: str) -> None:
    assert kept_name(sent, kind) == kept


@pytest.fixture
async def ticket(database: None) -> TicketId:
    await factories.staff(ANNA)
    await factories.staff(VERA)
    return await opened(await factories.client())


async def attached(ticket: TicketId) -> TicketFileId:
    await files.attach(intent(), ticket, Upload("Zoe's floor.png", PNG))
    return (await files.files(ticket))[-1].id


async def test_a_file_is_kept_as_it_came_and_can_be_taken_back(ticket: TicketId) -> None:
    done = await files.attach(intent(), ticket, Upload("floor.png", PNG))
    (one,) = await files.files(ticket)
    assert (one.name, one.media_type, one.size, one.actor) == ("floor.png", "image/png", len(PNG), ANNA.id)
    assert (await files.attachment(1, one.id)).content == PNG
    with pytest.raises(NotFound):
        await files.attachment(2, one.id)
    undone = await undo(intent(), done.operation_id)
    assert await files.files(ticket) == []
    with pytest.raises(NotFound):
        await files.attachment(1, one.id)
    await undo(intent(), undone.operation_id)
    await files.detach(intent(), one.id)
    assert await files.files(ticket) == []


async def test_a_ticket_takes_so_many_files_and_a_closed_one_none(
    ticket: TicketId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST", 2)
    for _ in range(2):
        await attached(ticket)
    with pytest.raises(Invalid) as refused:
        await attached(ticket)
    assert refused.value.problems["file"].key == "problem.files_many"
    monkeypatch.setattr(files, "MOST", 20)
    await actions.move(intent(), ticket, TicketStatus.SOLVED)
    await actions.move(intent(), ticket, TicketStatus.CLOSED)
    with pytest.raises(TicketClosed):
        await attached(ticket)


async def test_the_files_of_one_reply_by_mail_are_no_more_than_mail_servers_take(
    ticket: TicketId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_BY_MAIL", 2 * len(PNG) + 1)
    for _ in range(3):
        await files.attach(intent(), ticket, Upload("came.png", PNG))
    for _ in range(2):
        await mailed(ticket)
        await files.attach(intent(), ticket, Upload("2.png", PNG), along=True)
        with pytest.raises(Invalid) as refused:
            await files.attach(intent(), ticket, Upload("3.png", PNG), along=True)
        assert refused.value.problems["file"].key == "problem.files_by_mail"


async def test_a_file_that_was_taken_away_comes_not_back_to_a_reply_that_has_another_in_its_place(
    ticket: TicketId, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (files, contents):
        monkeypatch.setattr(module, "MOST_BY_MAIL", len(PNG) + 1)
    channel = TicketChannel.EMAIL
    await actions.reply(intent(), ticket, None, "Here", TicketStatus.PENDING, channel, Upload("1.png", PNG))
    gone = await files.detach(intent(), TicketFileId(await db.fetchval("SELECT max(id) FROM ticket_file")))
    came = await files.attach(intent(), ticket, Upload("2.png", PNG), along=True)
    with pytest.raises(FilesTooLarge):
        await undo(intent(), gone.operation_id)
    assert [one.name for one in await files.files(ticket)] == ["2.png"]
    await undo(intent(), came.operation_id)
    await undo(intent(), gone.operation_id)
    assert [one.name for one in await files.files(ticket)] == ["1.png"]


async def mailed(ticket: TicketId) -> TicketEntryId:
    done = await actions.reply(
        intent(), ticket, None, "Here", TicketStatus.PENDING, TicketChannel.EMAIL, Upload("1.png", PNG)
    )
    return TicketEntryId(done.result["entry"])


async def test_a_file_goes_with_a_reply_by_mail_only_where_that_is_said(ticket: TicketId) -> None:
    entry = await mailed(ticket)
    await attached(ticket)
    assert [one.name for one in (await letters.reply(entry)).files] == ["1.png"]
    assert [one.entry for one in await files.files(ticket)] == [entry, None]
    note = await actions.note(intent(), ticket, "Look at the floor")
    await attached(ticket)
    assert (await files.files(ticket))[-1].entry == note.result["entry"]


async def test_no_file_goes_along_with_what_has_left(ticket: TicketId) -> None:
    with pytest.raises(Invalid):
        await files.attach(intent(), ticket, Upload("2.png", PNG), along=True)
    await mailed(ticket)
    assert await files.may_go_along(ticket)
    await db.execute("UPDATE message SET status = 'sent', channel = 'email', sent_at = try_at")
    assert not await files.may_go_along(ticket)
    with pytest.raises(Invalid) as refused:
        await files.attach(intent(), ticket, Upload("2.png", PNG), along=True)
    assert refused.value.problems["along"].key == "problem.reply_has_left"


async def test_files_go_with_their_ticket_to_another_client_and_with_an_erasure(ticket: TicketId) -> None:
    file = await attached(ticket)
    other = ClientId(await factories.client("Olga", "Moroz"))
    version = await db.fetchval("SELECT version FROM ticket")
    await actions.give_to_client(intent(), ticket, version, other)
    assert await db.fetchval("SELECT client FROM ticket_file") == other
    assert await checks.parts_of_tickets_are_their_clients() == []
    await desk_actions.erase(intent(VERA, reason="asked"), other)
    assert [one.name for one in await files.files(ticket)] == [None]
    assert await db.fetchval("SELECT count(*) FROM ticket_file WHERE content IS NOT NULL OR name IS NOT NULL") == 0
    with pytest.raises(NotFound):
        await files.attachment(1, file)
