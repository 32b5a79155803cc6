"""Mails in words: subject, text and HTML from templates/emails, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Protocol

from jinja2 import Environment

from console import i18n
from console.domain.team.rules import Role, may_manage
from console.templating import environment


class Letter(Protocol):
    """What a mail is made of."""

    @property
    def purpose(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def token(self) -> str | None: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def business(self) -> str: ...
    @property
    def role(self) -> Role: ...
    @property
    def by(self) -> str | None: ...
    @property
    def renewed(self) -> bool: ...


@dataclass(frozen=True)
class Written:
    """A mail ready to send or show. `url` is its link, where it has one that is still kept."""

    subject: str
    text: str
    html: str
    url: str | None


def write(letter: Letter, public_url: str) -> Written:
    """Write a mail in its reader's language; `public_url` is where the console is reached.

    Names stay in one line, and so does the subject.
    """
    with i18n.speaking(letter.language):
        return _written(letter, public_url)


def _written(letter: Letter, public_url: str) -> Written:
    url = link_url(public_url, letter.token) if letter.token else None
    shown = url or i18n.gettext("words.link_gone")
    names = {name: " ".join((getattr(letter, name) or "").split()) for name in ("name", "email", "business", "by")}
    names["email"] = i18n.email(names["email"])
    facts = {"role": i18n.gettext(f"role.{letter.role}"), "of_managers": may_manage(Role.MANAGER, letter.role)}
    facts["renewed"] = letter.renewed
    context = {"letter": names | facts, "url": shown, "console_url": public_url, "language": letter.language}
    text, html = (
        _templates().get_template(f"emails/{letter.purpose}.{part}").render(context) for part in ("txt", "html")
    )
    subject, _, body = text.strip().partition("\n")
    return Written(subject.strip(), body.strip() + "\n", html, url)


def link_url(public_url: str, token: str) -> str:
    """The address of a one-time link."""
    return f"{public_url}/links/{token}"


@cache
def _templates() -> Environment:
    return environment()
