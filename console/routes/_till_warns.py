"""What the till says before anything is finished: what would be refused, and what is unusual about the day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from console import i18n
from console.domain import clock
from console.domain.team.rules import Permission
from console.domain.visits.rules import Paid, is_far_back, received
from console.routes._forms import Form
from console.routes._page import Req
from console.routes._sale import Sale, currency


def of_money(request: Req, of: Sale, form: Form, due: int, payments: Sequence[Paid]) -> str:
    """Why so much cannot be taken for what is due; nothing where it can."""
    more = received(payments) - due
    if more > 0:
        return i18n.words("words.till_over", {"sum": i18n.money(more, currency(request))})
    nobody = of.client is None and not form.usable().get("new_name")
    return i18n.gettext("problem.nobody_owes") if more < 0 and nobody else ""


def of_day(request: Req, of: Sale, form: Form) -> Iterator[str]:
    """What there is to say of its date, where its field does not say it."""
    now = clock.now()
    today = clock.business_date(now, of.zone)
    said = {problem.key for problem in (form.problems.get("on"), form.refusal) if problem is not None}
    if of.booking is None and of.on > today and "problem.visit_to_come" not in said:
        yield i18n.gettext("problem.visit_to_come")
    far = is_far_back(of.on, today) and not request.user.actor.may(Permission.VISIT_BACKDATE)
    if far and "problem.visit_far_back" not in said:
        yield i18n.gettext("problem.visit_far_back")
    if of.booking is not None and of.booking.starts_at > now:
        yield i18n.words("words.till_early", {"time": i18n.time_of_day(of.booking.starts_at, of.zone)})
