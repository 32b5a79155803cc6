"""Staff accounts from the terminal: what the operator does before anybody can sign in, or when nobody can."""

from __future__ import annotations

import shlex
from uuid import UUID, uuid4

from console import i18n
from console.config import Settings
from console.domain import clock
from console.domain.business.queries import business
from console.domain.errors import Invalid
from console.domain.ids import ActorId, StaffId
from console.domain.intent import TERMINAL, Actor, Intent
from console.domain.secret import Secret
from console.domain.team import accounts, mail, passwords, queries, restored, two_step
from console.domain.team.rules import Permission, Role, password_problem
from console.processes import ServiceError
from console.reaching import working
from console.routes._fields import Bad, Field, email, secret, text
from console.services import as_typed


def add(settings: Settings, name: str, address: str, role: str, language: str | None, password: str | None) -> str:
    """Make an account; answers what to do next. Raises `ServiceError` in words."""

    async def work() -> str:
        who = _given(text("name", limit=100), name)
        mail_to = _given(email(), address)
        if password is not None:
            _given(secret("password"), password)
        problem = password_problem(password, (who, address.split("@")[0], address)) if password is not None else None
        if problem:
            raise ServiceError(f"--password: {i18n.problem(problem)}")
        try:
            outcome = await accounts.invite(_intent(), who, mail_to, Role(role), language)
        except Invalid as invalid:
            if (taken := invalid.problems.get("email")) is None or taken.key != "problem.email_taken":
                raise
            again = as_typed(settings, f"console staff link {shlex.quote(mail_to)}")
            raise ServiceError(f"{i18n.problem(taken)} If it is theirs, make a new link: {again}") from None
        token = await _token(outcome.result["mail"])
        if password is None:
            return _open(settings, f"Made {who} ({role}).", token)
        staff = StaffId(outcome.result["staff"])
        link = await queries.link(token, clock.now())
        assert link is not None
        actor = Actor(ActorId(staff), frozenset({Permission.PASSWORD_CHOOSE}))
        await passwords.choose_password(Intent(uuid4(), actor, clock.now()), link, Secret(token), Secret(password))
        return f"Made {who} ({role}). Sign in at {settings.public_url}/sign-in"

    return working(settings, work)


def link(settings: Settings, address: str) -> str:
    """A new one-time link for somebody; the older ones end. Raises `ServiceError`."""

    async def work() -> str:
        outcome = await accounts.send_link(_intent(), await _by_mail(address))
        return _open(settings, "Older links no longer work.", await _token(outcome.result["mail"]))

    return working(settings, work)


def two_step_off(settings: Settings, address: str) -> str:
    """Turn two-step sign-in off for somebody, where it is on. Raises `ServiceError`."""

    async def work() -> str:
        staff = await _by_mail(address)
        if not (await queries.colleague(staff)).two_step:
            return (
                f"{i18n.email(address)} has no two-step sign-in: the password alone is asked for. Nothing was changed."
            )
        await two_step.turn_off_two_step_of(_intent(), staff)
        return f"{i18n.email(address)} signs in by password alone now."

    return working(settings, work)


def after_a_restore(settings: Settings) -> str:
    """Let nothing of a backup that was restored let anybody in; answers what went. Raises `ServiceError`."""

    async def work() -> str:
        gone = (await restored.let_nobody_in(_intent())).result
        return (
            f"{gone['sessions']} sessions ended, {gone['links']} links revoked, "
            f"{gone['letters'] + gone['requests']} letters withdrawn"
        )

    return working(settings, work)


def listed(settings: Settings) -> list[str]:
    """One line per account."""

    async def work() -> list[str]:
        demo = (await business()).demo
        return [
            f"{i18n.email(one.email):35} {one.role:11} {_state(one, demo):7} {one.name}"
            for one in await queries.colleagues()
        ]

    return working(settings, work)


def _state(one: queries.Colleague, demo: bool) -> str:
    """Whether somebody can sign in: by their password, or in a demo without one."""
    if one.retired_at:
        return "closed"
    return "open" if one.has_password or demo else "invited"


def _given(option: Field, typed: str) -> str:
    """What an option says. Raises `ServiceError` that names it."""
    try:
        return str(option.value([typed]))
    except Bad as bad:
        raise ServiceError(f"--{option.name}: {i18n.problem(bad.problem)}") from None


def _open(settings: Settings, said: str, token: str) -> str:
    where = "\nIt opens only on this computer, until PUBLIC_URL says where others reach the console."
    link = f"{settings.public_url}/links/{token}"
    return f"{said}\nOpen this link to choose a password:\n  {link}{where if settings.only_here else ''}"


def _intent() -> Intent:
    fresh: UUID = uuid4()
    return Intent(fresh, TERMINAL, clock.now())


async def _token(mail_id: int) -> str:
    """The link's token; the terminal hands it over itself, so no mail goes out."""
    token = await mail.take_out(mail_id)
    if token is None:
        raise ServiceError("A worker was faster: the link is in the mail.")
    return token


async def _by_mail(address: str) -> StaffId:
    """Whose address it is, typed as people read it or as mail knows it. Raises `ServiceError`."""
    try:
        stored = email().value([address.strip()])
    except Bad:
        stored = None
    found = [one for one in await queries.colleagues() if one.email == stored and not one.retired_at]
    if not found:
        raise ServiceError(f"There is no open account with the address {address}. `console staff list` shows all.")
    return found[0].id
