"""Every list that can be taken along as a file: found by walking the pages, so that a new list is tried too."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest

from console.domain import db
from console.exporting import FORMULA
from tests.cast import OLEG
from tests.page import Visitor
from tests.routes.conftest import SignIn
from tests.routes.test_roles import crawl, filled

__all__ = ["filled"]

KNOWN = {
    "/agenda",
    "/tickets",
    *("/catalogue/services", "/catalogue/products"),
    *("/team/people", "/team/rooms", "/team/vehicles", "/team/equipment"),
}
EVIL = '=HYPERLINK("http://evil.example","x")'
SPOILT = (
    "UPDATE service SET names = jsonb_build_object('en', $1::text)",
    "UPDATE product SET names = jsonb_build_object('en', $1::text), barcode = NULL",
    "UPDATE category SET names = jsonb_build_object('en', $1::text)",
    "UPDATE bookable SET name = $1::text || id",
    "UPDATE ticket SET subject = $1::text",
)
A_ROOM = (
    "INSERT INTO bookable (kind, name, position, version, operation)"
    " SELECT 'room', '@SUM(1)', 99, 1, min(id) FROM operation"
)


@pytest.fixture
async def spoilt(filled: None, sign_in: SignIn) -> Visitor:
    """The owner, in a business where every name is a formula."""
    visitor = await sign_in(OLEG, language="en")
    for statement in SPOILT:
        await db.execute(statement, EVIL)
    await db.execute(A_ROOM)
    return visitor


async def lists(visitor: Visitor) -> list[str]:
    """The addresses of the lists that offer themselves as a file."""
    pages = await crawl(visitor)
    return sorted({url.partition("?")[0] for url, page in pages.items() if page.has('a[href*="as=csv"]')})


async def test_no_list_holds_a_formula_and_no_workbook_a_link(spoilt: Visitor) -> None:
    found = await lists(spoilt)
    assert set(found) >= KNOWN
    for path in found:
        await holds_no_formula(spoilt, path)
        await is_a_workbook_without_formula_or_link(spoilt, path)


async def holds_no_formula(visitor: Visitor, path: str) -> None:
    answer = await visitor.http.get(f"{path}?as=csv&state=all")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8", path
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    number = re.compile(r"-?[0-9]+(\.[0-9]+)?")
    cells = [cell for row in rows for cell in row if not number.fullmatch(cell)]
    assert [cell for cell in [*header, *cells] if FORMULA.match(cell)] == [], path
    if path in KNOWN:
        assert any(cell.startswith(("'=", "'@")) for cell in cells), path


async def is_a_workbook_without_formula_or_link(visitor: Visitor, path: str) -> None:
    answer = await visitor.http.get(f"{path}?as=xlsx&state=all")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        shared = "xl/sharedStrings.xml" in parts.namelist()  # a long list holds its texts in the sheet itself
        texts = parts.read("xl/sharedStrings.xml").decode() if shared else sheet
    assert not re.search(r"<(f|hyperlink)\b", sheet), path
    if path in KNOWN:
        assert "HYPERLINK" in texts or "@SUM" in texts, path
