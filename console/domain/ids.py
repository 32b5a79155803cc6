"""One type per kind of id, so that a location's id cannot be passed for a staff member's."""

from __future__ import annotations

from typing import NewType

ActorId = NewType("ActorId", int)
OperationId = NewType("OperationId", int)
StaffId = NewType("StaffId", int)
LocationId = NewType("LocationId", int)
HolidayId = NewType("HolidayId", int)
BookableId = NewType("BookableId", int)
CategoryId = NewType("CategoryId", int)
ServiceId = NewType("ServiceId", int)
ProductId = NewType("ProductId", int)
ClientId = NewType("ClientId", int)
ContactId = NewType("ContactId", int)
SiteId = NewType("SiteId", int)
NoteId = NewType("NoteId", int)
CardId = NewType("CardId", int)
BookingId = NewType("BookingId", int)
ReasonId = NewType("ReasonId", int)
SeriesId = NewType("SeriesId", int)
ClashId = NewType("ClashId", int)
FeeId = NewType("FeeId", int)
TillCloseId = NewType("TillCloseId", int)
VersionId = NewType("VersionId", int)
MembershipId = NewType("MembershipId", int)
FixedCardId = NewType("FixedCardId", int)
MethodId = NewType("MethodId", int)
VisitId = NewType("VisitId", int)
MessageId = NewType("MessageId", int)
TicketId = NewType("TicketId", int)
TicketEntryId = NewType("TicketEntryId", int)
TicketCategoryId = NewType("TicketCategoryId", int)
TicketViewId = NewType("TicketViewId", int)
TicketFileId = NewType("TicketFileId", int)
TicketStatusId = NewType("TicketStatusId", int)
TicketRatingId = NewType("TicketRatingId", int)
TicketRemedyId = NewType("TicketRemedyId", int)
TicketLinkId = NewType("TicketLinkId", int)
TicketMailId = NewType("TicketMailId", int)
MessageTextId = NewType("MessageTextId", int)

SYSTEM_ACTOR = ActorId(1)
TERMINAL_ACTOR = ActorId(2)
DEMO_ACTOR = ActorId(3)
CLIENT_ACTOR = ActorId(4)

BIGINT_MAX = 2**63 - 1
INT_MAX = 2**31 - 1
