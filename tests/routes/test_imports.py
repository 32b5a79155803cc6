"""Bringing in books on the page: what is uploaded is looked at, mapped, tried out, brought in and taken back."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import xlsxwriter

from console import import_books
from console.domain import db
from console.domain.clients import actions as clients
from console.domain.desk import actions as desk
from console.domain.desk.rules import Why
from console.domain.ids import ClientId
from console.domain.imports import uploads
from console.domain.imports.bringing import bring, rehearse
from console.domain.imports.rules.reading import parsed
from console.domain.intent import TERMINAL
from console.domain.undo import undo
from tests.cast import NOW, VERA
from tests.domain.deeds import intent
from tests.domain.imports.books import FILES, SALON, books
from tests.page import Page, Visitor, read
from tests.routes.conftest import BASE
from tests.words import say
from workers.imports import import_waiting

NEW = "/settings/import"
VISITS = (
    "Client,Phone,Date,Service,Staff,Price\n"
    "Zoe Hill,+7 912 345-67-01,24.04.2026,Hair cut,Rita,30\n"
    "Zoe Hill,+7 912 345-67-01,11.05.2026,Hair cut,Rita,30\n"
    "Ann Low,+7 912 345-67-02,11.05.2026,Colour,Rita,\"80,50\"\n"
    "Bad Row,+7 912 345-67-03,77.05.2026,Hair cut,Rita,30\n"
)  # fmt: skip
Files = dict[str, bytes]

pytestmark = pytest.mark.usefixtures("today")


async def upload(vera: Visitor, files: Files, mapping: str = "own") -> Page:
    fields = (await vera.open(f"{NEW}/new")).fields(NEW) | {"mapping": [mapping]}
    sent = [("files", one) for one in files.items()] or [("other", ("", b""))]
    return read(await vera.http.post(NEW, data=fields, files=sent, follow_redirects=True))


async def prepared(vera: Visitor) -> Page:
    page = await upload(vera, {"visits.csv": VISITS.encode("cp1251")})
    assert page.status == 200, page.words("main")
    return page


async def brought(vera: Visitor) -> Page:
    page = await prepared(vera)
    page = await vera.send(page, page.path, press="step=run")
    assert await import_waiting({}) == 1
    return await vera.open(page.path)


def counts(page: Page) -> list[list[str]]:
    """What the table of files says."""
    return [[cell.text(strip=True) for cell in row.css("th, td")] for row in page.tree.css(".counts tbody tr")]


def field(page: Page, end: str) -> str:
    """The name of the field of a file that ends so."""
    found = [node.attributes["name"] or "" for node in page.tree.css("select[name]")]
    return next(name for name in found if name.endswith(end))


async def test_what_a_file_holds_and_how_it_is_written_is_recognised_and_shown(vera: Visitor) -> None:
    page = await prepared(vera)
    assert [page.value(field(page, end)) for end in ("_holds", "column0", "column3", "column5")] == [
        "receipts",
        "name",
        "item",
        "amount",
    ]
    options = " ".join(node.text() for node in page.tree.css(".import-style option:first-child"))
    for seen in ("UTF-8", say("words.import_by_comma"), say("words.import_dmy"), say("words.import_comma")):
        assert seen in options
    assert page.all(".samples li")[:3] == ["Zoe Hill", "Zoe Hill", "Ann Low"]


async def test_columns_are_chosen_and_kept_as_a_mapping_that_the_command_takes(vera: Visitor) -> None:
    page = await prepared(vera)
    saved = await vera.send(page, page.path, press="step=save", **{field(page, "column4"): "", "walk_in": "Cash, NN"})
    assert saved.value(field(saved, "column4")) == ""
    answer = await vera.http.get(f"{page.path}/mapping")
    assert answer.headers["content-disposition"].startswith("attachment")
    mapped = parsed(answer.text)
    file = mapped.file("visits.csv")
    assert file is not None
    said = {"name": "Client", "phone": "Phone", "date": "Date", "item": "Service", "amount": "Price"}
    assert file.columns == {**said, "email": "Email"}, "which another sheet of the kind may have"
    assert mapped.walk_in == {"", "cash", "nn"}


async def test_the_command_does_by_that_mapping_what_the_page_does(vera: Visitor, tmp_path: Path) -> None:
    page = await prepared(vera)
    page = await vera.send(page, page.path, press="step=trial", walk_in="Ann Low", minutes="50")
    assert await import_waiting({}) == 1
    tried = counts(await vera.open(page.path))
    (tmp_path / "own.toml").write_text((await vera.http.get(f"{page.path}/mapping")).text, "utf-8")
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "visits.csv").write_bytes(VISITS.encode("cp1251"))
    own = str(tmp_path / "own.toml")
    books = import_books.books(str(tmp_path / "books"), own, *import_books.mapping(own, {}, import_books.Said()))
    seen = await rehearse(books, TERMINAL)
    assert tried == [
        [name, say("words.import_receipts"), *map(str, counted.plain.values())] for name, counted in seen.files.items()
    ]
    assert (books.mapped.minutes, books.mapped.walk_in) == (50, {"", "ann low"})


async def test_what_is_wrong_with_columns_is_told_at_them(vera: Visitor) -> None:
    page = await prepared(vera)
    twice = await vera.send(page, page.path, **{field(page, "column4"): "item"})
    assert (twice.status, twice.error(field(page, "column4"))) == (422, say("problem.import_twice"))
    lacking = await vera.send(page, page.path, **{field(page, "column2"): ""})
    assert say("words.import_date") in lacking.error(field(page, "_holds"))
    late = await vera.send(page, page.path, opens="day", as_of="2026-05-13")
    assert late.error("as_of") == say("problem.import_as_of")


async def test_a_file_of_another_kind_has_its_columns_guessed_anew(vera: Visitor) -> None:
    page = await prepared(vera)
    page = await vera.send(page, page.path, **{field(page, "_holds"): "clients"})
    assert (page.value(field(page, "column0")), page.value(field(page, "column2"))) == ("name", "")


@pytest.mark.parametrize(
    ("files", "problem", "params"),
    [
        ({}, "problem.choose_file", {}),
        ({"a.exe": b"MZ"}, "problem.import_file_kind", {"name": "a.exe"}),
        ({"a.csv": b"x" * (10 * 1024**2 + 1)}, "problem.file_large", {"limit": 10}),
        ({f"{n}.csv": b"A\n" for n in range(21)}, "problem.import_many_files", {"most": 20}),
        ({"a.zip": b"PK no archive"}, "problem.import_no_archive", {"name": "a.zip"}),
        ({"a.zip": b"PK\5\6" + bytes(18)}, "problem.import_no_files_inside", {"name": "a.zip"}),
        ({"\u202evsc.a.csv": b"A\n"}, "problem.import_file_odd_name", {}),
        ({f"{n}.csv": b"x" * 9 * 1024**2 for n in range(4)}, "problem.import_files_large", {"limit": 32}),
    ],
)
async def test_files_that_are_not_taken_are_told_at_the_field(
    vera: Visitor, files: Files, problem: str, params: dict[str, object]
) -> None:
    page = await upload(vera, files, "salon")
    assert (page.status, page.error("files")) == (422, say(problem, **params))
    assert page.value("mapping") == "salon"
    assert not await db.fetchval("SELECT count(*) FROM import_file")


async def test_what_is_no_table_is_left_aside_with_a_word(vera: Visitor) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("books/visits.csv", "books/logo.png"):
            archive.writestr(name, VISITS)
    page = await upload(vera, {"README.md": b"# Books", ".DS_Store": b"x", "books.zip": packed.getvalue()})
    assert page.all(".import-file h2") == ["visits.csv"]
    assert "README.md and logo.png" in page.words("main")
    assert await db.fetchval("SELECT count(*) FROM import_file") == 1


async def test_files_that_came_by_another_way_are_known_again(vera: Visitor) -> None:
    await db.execute("UPDATE business SET currency = 'CAD'")
    first = await bring(books(), TERMINAL)
    assert sum(one.imported for one in first.files.values()) > 0
    page = await upload(vera, {name: text.encode() for name, text in FILES.items()})
    assert say("words.import_known", name="salon", day="12 May 2026") in page.words(".callout")
    assert page.value("source") == "salon"
    page = await vera.send(page, page.path, press="step=run")
    assert await import_waiting({}) == 1
    page = await vera.open(page.path)
    assert {row[3] for row in counts(page)} == {"0"}
    assert not page.has("a[href$='/undoing']"), "nothing came that could be taken back"


async def test_columns_that_were_chosen_for_files_are_chosen_again_the_next_time(vera: Visitor) -> None:
    page = await prepared(vera)
    page = await vera.send(page, page.path, press="step=run", source="till", **{field(page, "column4"): ""})
    assert await import_waiting({}) == 1
    page = await prepared(vera)
    assert (page.value("source"), page.value(field(page, "column4"))) == ("till", "")
    assert "“till”" in page.words(".callout")


async def test_files_that_nothing_knows_are_not_said_to_have_come_before(vera: Visitor) -> None:
    page = await prepared(vera)
    await vera.send(page, page.path, press="step=run", source="own")
    assert await import_waiting({}) == 1
    known = say("words.import_known", name="own", day="12 May 2026")
    assert known in (await prepared(vera)).words("main")
    page = await upload(vera, {"others.csv": b"Wer,Wann\nZoe Hill,24.04.2026\n"})
    assert page.value("source") == "own"
    assert known not in page.words("main")


@pytest.mark.parametrize("fragment", [False, True], ids=["plain", "htmx"])
async def test_more_than_is_read_is_answered_as_at_the_field_with_the_way_back_to_the_form(
    vera: Visitor, monkeypatch: pytest.MonkeyPatch, fragment: bool
) -> None:
    fields = (await vera.open(f"{NEW}/new")).fields(NEW)
    monkeypatch.setattr("console.routes._bodies.UPLOAD_LIMIT", 10_000)
    headers = {"referer": f"{BASE}{NEW}/new"} | ({"hx-request": "true"} if fragment else {})
    sent = [("files", ("a.csv", b"x" * 20_000))]
    page = read(await vera.http.post(NEW, data=fields, files=sent, headers=headers))
    assert page.status == 413
    assert say("problem.import_files_large", limit=32) in page.words(".toast" if fragment else "main")
    assert page.has(f"main a[href='{NEW}/new']") is not fragment


def far_apart() -> bytes:
    """A workbook of a few kilobytes whose two cells are all of a sheet apart: as a table it takes 500 GB."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Client")
        sheet.write(1_048_575, 16_383, "x")
    return out.getvalue()


async def test_a_workbook_that_cannot_be_held_is_not_taken(vera: Visitor) -> None:
    page = await upload(vera, {"far.xlsx": far_apart()})
    assert (page.status, page.error("files")) == (422, say("problem.import_book_large", name="far.xlsx"))
    assert not await db.fetchval("SELECT count(*) FROM import_file")


async def test_a_text_without_rows_says_what_is_wrong_with_it(vera: Visitor) -> None:
    page = await upload(vera, {"bad.txt": b"just words"})
    assert "its one line was taken for the names of columns" in page.words(".import-file")


async def test_a_file_of_which_the_recognised_mapping_knows_nothing_stands_in_no_way(vera: Visitor) -> None:
    page = await upload(vera, {"visits.csv": VISITS.encode(), "notes.txt": b"Remark,Colour\nshe likes it,red\n"})
    assert page.value("source") == "sheet"
    page = await vera.send(page, page.path, press="step=run")
    assert re.fullmatch(r"/settings/import/runs/\d+", page.path)


async def test_a_text_with_a_cell_that_is_too_long_is_told_of_at_the_file(vera: Visitor) -> None:
    page = await upload(vera, {"a.csv": b"Client,Date\n" + b"x" * 200_000 + b",1\n"})
    assert (page.status, page.has(".import-file")) == (200, True)
    assert say("problem.sheet_broken", line=2) in page.words(".import-file")


async def test_how_a_file_is_to_be_read_is_asked_at_it_before_it_is_brought_in(vera: Visitor) -> None:
    page = await upload(vera, {"visits.csv": b"Client,Date,Service,Price\nZoe,01.02.2026,Hair cut,30\n"})
    unsure = await vera.send(page, page.path, press="step=run")
    assert (unsure.status, unsure.error(field(page, "_dates"))) == (422, say("words.import_dates_unsure"))
    assert await db.fetchval("SELECT count(*) FROM import_run") == 0
    begun = await vera.send(unsure, page.path, press="step=run", **{field(page, "_dates"): "dmy"})
    assert re.fullmatch(r"/settings/import/runs/\d+", begun.path)


async def test_columns_that_a_mapping_speaks_of_and_a_file_lacks_are_left_out(vera: Visitor) -> None:
    files = {"receipts.csv": b"Client,Date,Description,Amount\nZoe,24.04.2026,Hair cut,30\n"}
    page = await upload(vera, files, "salon")
    assert say("problem.sheet_columns", columns="Quantity, Receipt, Staff") in page.words("main")
    page = await vera.send(page, page.path, press="step=save")
    assert not page.has(".import-file .callout")
    assert parsed((await vera.http.get(f"{page.path}/mapping")).text).file("receipts.csv") is not None


async def test_what_is_refused_is_mended_in_the_same_form(vera: Visitor) -> None:
    page = await upload(vera, {"visits.csv": VISITS.encode()}, "salon")
    page = await vera.send(page, page.path, press="step=save", **{field(page, "_holds"): "receipts"})
    for step in ("trial", "run"):
        refused = await vera.send(page, page.path, press=f"step={step}", currency="CAD", minutes="50")
        assert refused.status == 422
        assert refused.error("currency") == say("refused.import_currency", currency="CAD", ours="EUR")
        assert refused.value("minutes") == "50"
        assert [await db.fetchval(f"SELECT count(*) FROM {one}") for one in ("import_run", "import_job")] == [0, 0]
    begun = await vera.send(refused, page.path, press="step=run", currency="EUR")
    assert re.fullmatch(r"/settings/import/runs/\d+", begun.path)


async def test_that_no_rules_were_in_force_then_is_told_before_anything_is_tried(vera: Visitor) -> None:
    page = await upload(vera, {"visits.csv": VISITS.replace("2026", "1999").encode()})
    for step, until in (("trial", {"opens": "last"}), ("run", {"opens": "day", "as_of": "1999-05-01"})):
        page = await vera.send(page, page.path, press=f"step={step}", **until)
        assert (page.status, page.error("opens")) == (422, say("refused.no_programme_then"))
    assert [await db.fetchval(f"SELECT count(*) FROM {one}") for one in ("import_run", "import_job")] == [0, 0]


async def test_a_trial_that_cannot_be_done_any_more_says_why_in_words(vera: Visitor) -> None:
    page = await prepared(vera)
    await vera.send(page, page.path, press="step=trial")
    await db.execute("UPDATE business SET currency = 'CAD'")
    assert await import_waiting({}) == 1
    told = (await vera.open(page.path)).words("#making")
    assert say("refused.import_currency", currency="EUR", ours="CAD") in told


async def test_an_archive_is_unpacked_and_files_are_added_and_taken_out(
    vera: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("books/visits.csv", VISITS)
        archive.writestr("__MACOSX/books/._visits.csv", "x")
    page = await upload(vera, {"books.zip": packed.getvalue()})
    assert page.all(".import-file h2") == ["visits.csv"]
    fields = (await vera.open(f"{page.path}/files/new")).fields(f"{page.path}/files")
    more = [("files", ("people.csv", b"Name,Phone\nUma,\n")), ("files", ("notes.csv", b"?\n1\n"))]
    page = read(await vera.http.post(f"{page.path}/files", data=fields, files=more, follow_redirects=True))
    assert page.all(".import-file h2") == ["visits.csv", "people.csv", "notes.csv"]
    monkeypatch.setattr(uploads, "LARGEST_TOGETHER", 300)
    fields = (await vera.open(f"{page.path}/files/new")).fields(f"{page.path}/files")
    much = [("files", ("much.csv", b"Name,Phone\n" + b"Uma,\n" * 20))]
    refused = read(await vera.http.post(f"{page.path}/files", data=fields, files=much))
    assert (refused.status, refused.error("files")) == (422, say("problem.import_files_large", limit=0))
    file = await db.fetchval("SELECT id FROM import_file WHERE name = 'notes.csv'")
    page = await vera.post(f"{page.path}/files/{file}/removal", {"_csrf": page.value("_csrf")})
    assert await db.fetchval("SELECT count(*) FROM import_file") == 2


async def test_trying_out_says_what_would_become_of_the_rows_and_keeps_nothing(vera: Visitor) -> None:
    page = await prepared(vera)
    page = await vera.send(page, page.path, press="step=trial", opens="last")
    assert page.has("progress")
    assert say("words.import_waits") in page.words("#making")
    assert await import_waiting({}) == 1
    page = await vera.open(page.path)
    assert counts(page) == [["visits.csv", say("words.import_receipts"), "4", "3", "0", "1"]]
    assert say("problem.import_bad_date") in page.words(".import-rejected")
    assert [row[:2] for row in _cells(page, "#making details table tbody tr")] == [["Zoe Hill", "2"], ["Ann Low", "1"]]
    assert await db.fetchval("SELECT count(*) FROM import_run") == 0
    assert await db.fetchval("SELECT count(*) FROM client_profile WHERE given_name = 'Zoe'") == 0
    link = page.tree.css_first(".import-rejected a")
    assert link is not None
    rows = list(
        csv.reader(io.StringIO((await vera.http.get(link.attributes["href"] or "")).content.decode("utf-8-sig")))
    )
    assert [rows[0][-1], rows[1][0], rows[1][-1]] == [
        say("words.import_why"),
        "Bad Row",
        say("problem.import_bad_date"),
    ]


def _cells(page: Page, rows: str) -> list[list[str]]:
    return [[cell.text(strip=True) for cell in row.css("th, td")] for row in page.tree.css(rows)]


async def test_files_are_brought_in_once_however_often_it_is_pressed(vera: Visitor) -> None:
    page = await prepared(vera)
    fields = page.fields(page.path) | {"step": ["run"]}
    first = await vera.post(page.path, fields)
    assert re.fullmatch(r"/settings/import/runs/\d+", first.path)
    assert first.has("progress")
    assert (await vera.post(page.path, fields)).path == first.path
    assert (await vera.open(page.path)).path == first.path
    assert await import_waiting({}) == 1
    assert await import_waiting({}) == 0
    done = await vera.open(first.path)
    assert counts(done) == [["visits.csv", say("words.import_receipts"), "4", "3", "0", "1"]]
    assert await db.fetchval("SELECT count(*) FROM import_run") == 1
    assert (
        await db.fetchval("SELECT count(*) FROM visit v JOIN client_profile p USING (client) WHERE given_name = 'Zoe'")
        == 2
    )
    assert (await vera.open(NEW)).all("tbody td.numeric") == ["4", "3", "0", "1"]
    assert "read 4, imported 3, merged 0, rejected 1" in (await vera.open("/settings/history")).words("#main tbody")


async def test_what_is_uploaded_twice_is_one_run_as_long_as_that_goes_on(vera: Visitor) -> None:
    first, second = await prepared(vera), await prepared(vera)
    run = await vera.send(first, first.path, press="step=run")
    assert (await vera.send(second, second.path, press="step=run")).path == run.path
    assert await import_waiting({}) == 1
    assert await db.fetchval("SELECT count(*) FROM import_run") == 1
    again = await vera.send(second, second.path, press="step=run")
    assert again.path != run.path, "another run, of which all is here"
    assert await import_waiting({}) == 1
    assert counts(await vera.open(again.path)) == [["visits.csv", say("words.import_receipts"), "4", "0", "3", "1"]]


async def test_all_of_a_run_is_taken_back_once_that_was_looked_at(vera: Visitor) -> None:
    run = await brought(vera)
    look = await vera.open(f"{run.path}/undoing")
    assert look.all("#main li") == [
        say(key, number=number)
        for key, number in (
            ("effect.import_clients_go", 2),
            ("effect.import_visits_go", 3),
            ("effect.import_services_go", 2),
            ("effect.import_people_go", 1),
        )
    ]
    assert await db.fetchval("SELECT count(*) FROM visit WHERE retired_at IS NULL") == 3
    undone = await vera.send(look, f"{run.path}/undoing")
    assert (undone.path, undone.toast) == (run.path, say("words.import_undone"))
    assert await db.fetchval("SELECT count(*) FROM visit WHERE retired_at IS NULL") == 0
    assert (await vera.open(f"{run.path}/undoing")).status == 404


async def test_a_run_on_which_something_depends_offers_no_undo_and_says_why(vera: Visitor) -> None:
    run = await brought(vera)
    way = f'.actions a[href="{run.path}/undoing"]'
    assert run.has(way)
    zoe = ClientId(await db.fetchval("SELECT client FROM client_profile WHERE given_name = 'Zoe'"))
    away = await clients.retire(intent(VERA.actor), zoe)
    barred = await vera.open(run.path)
    assert not barred.has(way)
    _, why = barred.all("#main .callout.info p")
    assert why.startswith("Something later depends on this.")
    assert "Zoe" in why
    await undo(intent(VERA.actor), away.operation_id)
    assert (await vera.open(run.path)).has(way)


async def test_a_booking_of_the_books_without_a_receipt_says_so_and_asks_nobody_to_confirm_it(vera: Visitor) -> None:
    those = {name: FILES[name] for name in ("service-listing.csv", "future-bookings.csv")}
    early = f"{NOW:%m/%d/%Y},1:00:00 AM,60"
    those["future-bookings.csv"] = those["future-bookings.csv"].replace("07/11/2018,10:00:00 AM,600", early)
    await bring(books(those, SALON.replace('"CAD"', '"EUR"')), TERMINAL)
    dora = await db.fetchval(
        "SELECT b.id FROM booking b JOIN client_profile USING (client) WHERE given_name = 'DORA01'"
    )
    page = await vera.open(f"/bookings/{dora}")
    assert page.words(".page-head .badge") == say("words.status_unsaid")
    assert page.all(".booking-main .callout") == [
        say("From the books of before, without a receipt: whether the client came is not known here.")
    ]
    assert not page.has(f'form[action="/bookings/{dora}/confirmation"]')
    assert page.has(f'a[href="/bookings/{dora}/visit"].primary')
    noted = await vera.send(page, f"/bookings/{dora}/note", note="called them")
    assert noted.words(".booking-note") == "called them"
    assert await db.fetchval("SELECT source FROM booking WHERE id = $1", dora) == "books"
    agenda = await vera.open("/agenda?view=day&on=2018-07-12")
    assert agenda.words("#agenda-count") == "1 booking"
    assert agenda.words(f'.b.unsaid[href="/bookings/{dora}"] > .sr-only') == say("words.status_unsaid")
    rows = await vera.open("/agenda?view=list&on=2018-07-12")
    assert rows.all("#list .st.unsaid") == [say("words.status_unsaid")]
    today = await vera.open("/agenda?view=day")
    assert (today.words("#agenda-count"), today.has(".b.unsaid"), today.has(".b.booked")) == ("1 booking", True, False)
    assert not today.has("#brief [data-b]")


async def test_only_who_may_import_gets_there(anna: Visitor) -> None:
    for address in (NEW, f"{NEW}/new", f"{NEW}/1", f"{NEW}/runs/1"):
        assert (await anna.open(address)).status == 403


async def test_files_go_once_they_are_not_needed(vera: Visitor) -> None:
    await prepared(vera)
    await brought(vera)
    await uploads.forget_old(NOW + timedelta(days=2))
    assert await db.fetchval("SELECT count(*) FROM import_file") == 2
    await uploads.forget_old(NOW + timedelta(days=4))
    assert await db.fetchval("SELECT count(*) FROM import_file") == 1, "three days after they were brought in"
    await uploads.forget_old(NOW + timedelta(days=8))
    assert await db.fetchval("SELECT count(*) FROM import_upload") == 0
    assert (await vera.open(NEW)).all("tbody td.numeric") == ["4", "3", "0", "1"], "what became of the rows is kept"


async def test_the_files_by_which_somebody_came_go_with_them(vera: Visitor) -> None:
    await brought(vera)
    zoe = ClientId(await db.fetchval("SELECT client FROM client_profile WHERE given_name = 'Zoe'"))
    await desk.erase(intent(VERA.actor, reason=Why.ASKED.value), zoe)
    assert await db.fetchval("SELECT count(*) FROM import_file") == 0
    assert await db.fetchval("SELECT count(*) FROM import_job") == 0


async def test_who_is_to_be_erased_is_told_which_files_go_with_them_and_which_may_name_them(vera: Visitor) -> None:
    await brought(vera)
    other = await prepared(vera)
    await vera.send(other, other.path, press="step=save", source="elsewhere")
    zoe = await db.fetchval("SELECT client FROM client_profile WHERE given_name = 'Zoe'")
    look = (await vera.open(f"/clients/{zoe}/erasure")).words("main")
    assert say("effect.import_files_go", number=1) in look
    assert say("effect.import_files_stay", number=1) in look


async def test_a_timeline_tells_of_the_parts_of_an_import_in_which_something_of_theirs_is_told(vera: Visitor) -> None:
    files = {
        "services.csv": b"Code,Name\nCUT,Hair cut\n",
        "bookings.csv": b"Client,Date,Time,Service,Staff\nZoe,24.04.2026,10:00,CUT,Rita\n",
        "receipts.csv": b"Client,Date,Item,Price\nZoe,11.05.2026,Hair cut,30\nZoe,24.04.2026,Hair cut,30\n",
    }
    page = await upload(vera, files)
    await vera.send(page, page.path, press="step=run")
    assert await import_waiting({}) == 1
    zoe = await db.fetchval("SELECT client FROM client_profile WHERE given_name = 'Zoe'")
    assert await db.fetchval("SELECT count(*) FROM operation WHERE kind = 'import.take'") == 3
    told = (await vera.open(f"/clients/{zoe}")).words("#timeline")
    assert told.count(say("kind.import.take", name="")) == 1
    for name, on in (("booking.status", "24 April"), ("visit.due", "24 April"), ("visit.due", "11 May")):
        assert f"{say(f'column.{name}')}, {on}:" in told


@pytest.mark.parametrize(("below", "word"), [("cover", "visit_covered"), ("discount", "visit_discount_before")])
async def test_a_visit_that_came_with_an_import_adds_up_and_tells_of_itself_alone(
    vera: Visitor, below: str, word: str
) -> None:
    rows = b"Receipt,Client,Date,Item,Price\n7,Zoe,24.04.2026,Hair cut,30\n7,Zoe,24.04.2026,Hair cut,-30\n"
    page = await upload(vera, {"receipts.csv": rows + b"8,Ann,24.04.2026,Colour,99\n"})
    await vera.send(page, page.path, press="step=run", below=below)
    assert await import_waiting({}) == 1
    visit = await db.fetchval("SELECT v.id FROM visit v JOIN client_profile p USING (client) WHERE given_name = 'Zoe'")
    page = await vera.open(f"/visits/{visit}")
    assert page.all(".till-steps dt") == [
        "Hair cut",
        f"{say(f'words.{word}')}{' Hair cut' * (below == 'cover')}",
        "In all",
    ]
    assert page.all(".till-steps dd") == ["€30", "−€30", "€0"]
    assert not page.has("a[href$='/consequences']")
    assert "€99" not in page.words(".told-list")


async def test_what_is_left_out_is_not_brought_in(vera: Visitor) -> None:
    page = await prepared(vera)
    page = await vera.send(page, page.path, press="step=save", **{field(page, "_holds"): ""})
    assert page.value(field(page, "_holds")) == ""
    refused = await vera.send(page, page.path, press="step=run")
    assert refused.status == 409
    assert say("refused.import_nothing") in refused.words("main")


async def test_the_programme_runs_over_what_came_where_that_is_asked_for(vera: Visitor) -> None:
    page = await prepared(vera)
    page = await vera.send(page, page.path, press="step=run", opens="day", as_of="2026-05-01")
    assert await import_waiting({}) == 1
    page = await vera.open(page.path)
    assert page.has("#making .section")
    stamps = await db.fetch(
        "SELECT given_name, stamps FROM loyalty_account JOIN client_profile USING (client) ORDER BY given_name"
    )
    assert [tuple(row) for row in stamps if row["given_name"] in ("Ann", "Zoe")] == [("Ann", 0), ("Zoe", 1)]
