"""Words for messages: what they tell, by which channel, where they stand and why; most are keys."""

from __future__ import annotations

from collections.abc import Mapping

from console.domain.team.trouble import UNANSWERED, Cause, Trouble

MESSAGES: dict[str, str] = {
    "booking.cancelled": "words.message_booking_cancelled",
    "booking.confirmation": "words.message_booking_confirmation",
    "booking.moved": "words.message_booking_moved",
    "booking.reminder": "words.message_booking_reminder",
    "free_visit.ending": "words.message_free_visit_ending",
    "free_visit.issued": "words.message_free_visit_issued",
    "ticket.reply": "words.message_ticket_reply",
    "ticket.satisfaction": "words.message_ticket_satisfaction",
    "tier.dropped": "words.message_tier_dropped",
    "tier.raised": "words.message_tier_raised",
    "tier.warning": "words.message_tier_warning",
    "visit.thanks": "words.message_visit_thanks",
}
"""Keys of the words for what a message tells, by its kind."""

MESSAGE_STATUSES = {
    "due": "words.message_due",
    "claimed": "words.message_claimed",
    "sent": "words.message_sent",
    "skipped": "words.message_skipped",
    "unknown": "words.message_unknown",
    "failed": "words.message_failed",
}
MESSAGE_REASONS = {
    "before_delivery": "words.message_before_delivery",
    "too_late": "words.message_too_late",
    "erased": "words.message_erased",
    "wants_none": "words.message_wants_none",
    "no_address": "words.message_no_address",
    "no_consent": "words.message_no_consent",
    "no_channel": "words.message_no_channel",
    "no_email": "words.message_no_email",
    "no_phone": "words.message_no_phone",
    "no_mail_server": "words.message_no_mail_server",
    "no_gateway": "words.message_no_gateway",
    "sms_unagreed": "words.message_sms_unagreed",
    "sms_unready": "words.message_sms_unready",
    "sms_alone": "words.message_sms_alone",
    "email_unagreed": "words.message_email_unagreed",
    "email_unready": "words.message_email_unready",
    "email_alone": "words.message_email_alone",
    "quiet": "words.message_quiet",
    "client_cap": "words.message_client_cap",
    "day_cap": "words.message_day_cap",
    "trouble": "words.message_trouble",
    "bounced": "words.message_bounced",
    "staff": "words.message_by_staff",
    "dismissed": "words.message_dismissed",
    "not_told": "words.message_not_told",
}
"""Keys of the words for why a message was skipped, is held up or has failed."""
SMS_CAUSES: Mapping[Cause, str] = {
    Cause.RECIPIENT: "words.sms_refused",
    Cause.REFUSED: "words.sms_refused",
    Cause.LATER: "words.sms_later",
    Cause.LOGIN: "words.sms_login",
    Cause.NO_TLS: "words.sms_no_tls",
    Cause.AWAY: "words.sms_away",
    Cause.SILENT: "words.sms_silent",
    Cause.OURS: "words.sms_ours",
}
"""Keys of what a refusal by the gateway for SMS means."""
NO_ANSWER = "words.message_no_answer"
"""Of trouble that leaves open whether a message arrived."""

MESSAGE_OUTCOMES = {
    "sent": "words.message_sent",
    "later": "words.attempt_later",
    "failed": "words.attempt_failed",
    "unknown": "words.attempt_unknown",
    "arrived": "words.attempt_arrived",
}
"""Keys of the words for what came of an attempt to send a message."""

MESSAGE_CHANNELS = {"sms": "words.channel_sms", "email": "words.channel_email", "none": "words.no_messages"}


def said(noted: str | None) -> str:
    """What the other side said; empty where it gave no answer, of which a library tells in words of its own."""
    trouble = Trouble.read(noted or "")
    is_code = trouble.said[:1].isdigit()
    return trouble.said if is_code or trouble.cause not in UNANSWERED else ""
