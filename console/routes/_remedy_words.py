"""Keys of the words for remedies: what went wrong, what is given for it, and where it stands."""

from __future__ import annotations

from console.domain.tickets.remedies.rules import Cause, Gives, RemedyStatus

CAUSES = {
    Cause.MISSING_STAMP: "words.remedy_missing_stamp",
    Cause.WRONG_TIER: "words.remedy_wrong_tier",
    Cause.REWARD_LAPSED: "words.remedy_reward_lapsed",
    Cause.WE_CANCELLED: "words.remedy_we_cancelled",
    Cause.BAD_SERVICE: "words.remedy_bad_service",
}
GIVES = {
    Gives.STAMP: "words.gives_stamp",
    Gives.TIER: "words.gives_tier",
    Gives.FREE_VISIT_BACK: "words.gives_free_visit_back",
    Gives.FEE: "words.gives_fee",
    Gives.REFUND: "words.gives_refund",
    Gives.DEBT: "words.gives_debt",
    Gives.FREE_VISIT: "words.gives_free_visit",
}
"""But for stamps, which are counted."""
WAYS = {
    Gives.STAMP: "words.give_stamp",
    Gives.TIER: "words.give_tier",
    Gives.FREE_VISIT_BACK: "words.give_free_visit_back",
    Gives.FEE: "words.give_fee",
    Gives.REFUND: "words.give_refund",
    Gives.DEBT: "words.give_debt",
    Gives.STAMPS: "words.give_stamps",
    Gives.FREE_VISIT: "words.give_free_visit",
}
"""The same as what one presses."""
STATUSES = {
    RemedyStatus.PROPOSED: ("words.remedy_proposed", "attention"),
    RemedyStatus.POSTED: ("words.remedy_posted", "good"),
    RemedyStatus.DECLINED: ("words.remedy_declined", "neutral"),
    RemedyStatus.WITHDRAWN: ("words.remedy_withdrawn", "neutral"),
}
"""With the tone of each."""
SAID = {
    RemedyStatus.PROPOSED: "words.said_remedy_proposed",
    RemedyStatus.POSTED: "words.said_remedy_posted",
    RemedyStatus.DECLINED: "words.said_remedy_declined",
    RemedyStatus.WITHDRAWN: "words.said_remedy_withdrawn",
}
"""What whoever brought it there did, as the conversation says it."""
