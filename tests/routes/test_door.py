"""Signing in and out."""

from __future__ import annotations

from console.domain import db
from tests import factories
from tests.cast import ANNA, OLEG, PASSWORD
from tests.page import Visitor
from tests.routes.conftest import SignIn


async def test_it_lets_somebody_in_with_mail_and_password(stranger: Visitor) -> None:
    await factories.staff(OLEG)
    page = await stranger.send(await stranger.open("/sign-in"), email="OLEG@fifth.example", password=PASSWORD)
    assert (page.status, page.path) == (200, "/")
    assert page.words(".person-name") == OLEG.name
