"""What is said of tickets: keys of the words for what is a code."""

from __future__ import annotations

from console.domain.team.trouble import Cause
from console.domain.tickets.mail_rules import MailAside, MailKind
from console.domain.tickets.rules import EntryKind, Mark, Priority, Rating, TicketChannel, TicketStatus, Why

STATUSES = {
    TicketStatus.OPEN: "words.ticket_open",
    TicketStatus.PENDING: "words.ticket_pending",
    TicketStatus.ON_HOLD: "words.ticket_on_hold",
    TicketStatus.SOLVED: "words.ticket_solved",
    TicketStatus.CLOSED: "words.ticket_closed",
}
PRIORITIES = {
    Priority.LOW: "words.priority_low",
    Priority.NORMAL: "words.priority_normal",
    Priority.HIGH: "words.priority_high",
    Priority.URGENT: "words.priority_urgent",
}
CHANNELS = {
    TicketChannel.PHONE: "words.ticket_by_phone",
    TicketChannel.EMAIL: "words.ticket_by_email",
    TicketChannel.CHAT: "words.ticket_by_chat",
    TicketChannel.IN_PERSON: "words.ticket_in_person",
}
SAID = {
    EntryKind.IN: "words.ticket_said_in",
    EntryKind.OUT: "words.ticket_said_out",
    EntryKind.NOTE: "words.ticket_said_note",
}
WHYS = {
    Why.OPENED: "words.ticket_why_opened",
    Why.REPLIED: "words.ticket_why_replied",
    Why.ANSWERED: "words.ticket_why_answered",
    Why.NOT_DELIVERED: "words.ticket_why_not_delivered",
    Why.BY_HAND: "words.ticket_why_by_hand",
    Why.ERASED: "words.ticket_why_erased",
}
RATINGS = {Rating.GOOD: "words.rated_good", Rating.BAD: "words.rated_bad"}
MARKS = {Mark.WARNED: "words.ticket_warned", Mark.BREACHED: "words.ticket_breached"}
MAIL_KINDS = {
    MailKind.ORDINARY: "words.mail_ordinary",
    MailKind.FORM: "words.mail_form",
    MailKind.AUTOMATIC: "words.mail_automatic",
    MailKind.BOUNCE: "words.mail_bounce",
    MailKind.UNREAD: "words.mail_unread",
}
MAILBOX = {
    Cause.LOGIN: "words.mailbox_login",
    Cause.NO_TLS: "words.mailbox_no_tls",
    Cause.AWAY: "words.mailbox_away",
    Cause.LATER: "words.mailbox_later",
}
"""What is wrong with the mailbox that clients write to."""
ASIDE = {
    MailAside.TOO_LARGE: "words.mail_too_large",
    MailAside.WITHHELD: "words.mail_withheld",
    MailAside.ENDLESS: "words.mail_endless",
    MailAside.BROKEN: "words.mail_broken",
    MailAside.AUTOMATIC: "words.mail_of_a_machine",
    MailAside.BOUNCE: "words.mail_not_delivered",
    MailAside.OURS: "words.mail_of_ours",
    MailAside.TOO_MANY: "words.mail_too_many",
    MailAside.FLOOD: "words.mail_flood",
}
LINKS = {"booking": "words.link_booking", "visit": "words.link_visit"}
"""What a ticket is about."""
LEFT_OUT = {
    "problem.file_empty": "words.left_out_empty",
    "problem.file_kind": "words.left_out_kind",
    "problem.file_large": "words.left_out_large",
    "problem.files_by_mail": "words.left_out_together",
    "problem.files_many": "words.left_out_many",
}
"""By the problem with a file of a mail, why it was not taken."""
