"""Keys of the words for a client's ledger: what is posted, by what, and what happens to a tier."""

from __future__ import annotations

ENTRIES = {
    ("stamp", "earn"): "words.entry_stamp_earn",
    ("stamp", "consume"): "words.entry_stamp_consume",
    ("stamp", "expire"): "words.entry_stamp_expire",
    ("stamp", "withdraw"): "words.entry_stamp_withdraw",
    ("stamp", "reverse"): "words.entry_stamp_reverse",
    ("stamp", "adjust"): "words.entry_stamp_adjust",
    ("free_visit", "issue"): "words.entry_free_visit_issue",
    ("free_visit", "redeem"): "words.entry_free_visit_redeem",
    ("free_visit", "expire"): "words.entry_free_visit_expire",
    ("free_visit", "withdraw"): "words.entry_free_visit_withdraw",
    ("free_visit", "reverse"): "words.entry_free_visit_reverse",
    ("free_visit", "adjust"): "words.entry_free_visit_adjust",
    ("visit", "earn"): "words.entry_visit_earn",
    ("visit", "reverse"): "words.entry_visit_reverse",
    ("spend", "earn"): "words.entry_spend_earn",
    ("spend", "reverse"): "words.entry_spend_reverse",
}
"""Keys of the words for what is posted to a ledger, by unit and verb."""
UNITS = {
    "stamp": "words.unit_stamp",
    "free_visit": "words.unit_free_visit",
    "visit": "words.unit_visit",
    "spend": "words.unit_spend",
}
VERBS = {
    "earn": "words.verb_earn",
    "issue": "words.verb_issue",
    "consume": "words.verb_consume",
    "redeem": "words.verb_redeem",
    "expire": "words.verb_expire",
    "withdraw": "words.verb_withdraw",
    "reverse": "words.verb_reverse",
    "adjust": "words.verb_adjust",
}
SOURCES = {
    "fixed_card": "words.posted_by_fixed_card",
    "night": "words.posted_by_night",
    "opening": "words.posted_by_opening",
    "payment": "words.posted_by_payment",
    "redo": "words.posted_by_redo",
    "remedy": "words.posted_by_remedy",
    "stamp": "words.posted_by_stamp",
    "undo": "words.posted_by_undo",
    "unopened": "words.posted_by_unopened",
    "visit": "words.posted_by_visit",
}
"""Keys of the words for what posted something, by the first part of the source."""
TIER_EVENTS = {
    "raised": "words.tier_raised",
    "dropped": "words.tier_dropped",
    "rematched": "words.tier_rematched",
    "warned": "words.tier_warned",
    "postponed": "words.tier_postponed",
    "closed": "words.tier_closed",
    "retraced": "words.tier_retraced",
    "adjusted": "words.tier_adjusted",
}
"""Keys of the words for what happened to a client's tier."""
