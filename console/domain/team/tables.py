"""Staff accounts, their sessions, and the mail that lets them in."""

from __future__ import annotations

from piccolo.columns import (
    UUID,
    BigInt,
    BigSerial,
    Bytea,
    ForeignKey,
    Integer,
    OnDelete,
    OnUpdate,
    Text,
    Timestamptz,
)
from piccolo.table import Table

from console.domain.db import ENGINE
from console.domain.tables import Entity, OperationRow, entity, keyed, operation_column


@keyed("email")
@entity
class Staff(Entity, Table, tablename="staff", db=ENGINE):
    """A staff account. Its id is that of its actor; `retired_at` means that it may no longer sign in.

    `totp_secret` is kept as it is. A cipher for this column alone would take a library of its own (`cryptography`),
    and its key would lie on the same machine; who reads a stolen copy still lacks the passwords, which are hashed, and
    a lost or changed key would lock out whoever uses two steps. Backups are to be encrypted as a whole.
    """

    id = BigInt(primary_key=True, null=False, default=None)
    name = Text(null=False, default=None)
    email = Text(null=False, default=None)
    role = Text(null=False, default=None)
    language = Text(null=True, default=None)
    password_hash = Text(null=True, default=None, secret=True)
    totp_secret = Text(null=True, default=None, secret=True)
    totp_step = BigInt(null=True, default=None, secret=True)


OWNS = "role = 'owner' AND retired_at IS NULL AND (password_hash IS NOT NULL OR (SELECT demo FROM business))"
"""True of the account of an owner who can sign in: an invitation that nobody has accepted owns nothing.

In a demo accounts have no passwords, and its door lets anybody in.
"""


def staff_column() -> ForeignKey[Staff]:
    return ForeignKey(Staff, null=False, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict)


class StaffSession(Table, tablename="staff_session", db=ENGINE):
    """A signed-in browser. Only a hash of its token is kept; `verified_at` is empty until the second step.

    `ended_by`: the operation that revoked it; none where it was signed out of.
    """

    id = BigSerial(primary_key=True)
    token_hash = Bytea(null=False, default=None, unique=True, secret=True)
    staff = staff_column()
    created_at = Timestamptz(null=False, default=None)
    seen_at = Timestamptz(null=False, default=None)
    verified_at = Timestamptz(null=True, default=None)
    expires_at = Timestamptz(null=False, default=None)
    idle_seconds = Integer(null=False, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    ended_by = ForeignKey(
        OperationRow, null=True, default=None, on_delete=OnDelete.restrict, on_update=OnUpdate.restrict
    )
    agent = Text(null=False, default=None)
    address = Text(null=False, default=None)


class StaffToken(Table, tablename="staff_token", db=ENGINE):
    """A one-time link to choose a password: an invitation or a reset. Only its hash is kept.

    `used_at` is when it was no longer good before its time was over; `ended` how: used, replaced or withdrawn.
    """

    id = BigSerial(primary_key=True)
    token_hash = Bytea(null=False, default=None, unique=True, secret=True)
    staff = staff_column()
    operation = operation_column()
    purpose = Text(null=False, default=None)
    expires_at = Timestamptz(null=False, default=None)
    used_at = Timestamptz(null=True, default=None)
    ended = Text(null=True, default=None)


class StaffMail(Table, tablename="staff_mail", db=ENGINE):
    """A mail due to a staff member, at their `address` of before where it tells of a new one.

    `token` is cleared once the mail has left, or once its link is of no more use.
    """

    id = BigSerial(primary_key=True)
    staff = staff_column()
    operation = operation_column()
    purpose = Text(null=False, default=None)
    language = Text(null=False, default=None)
    token = Text(null=True, default=None, secret=True)
    status = Text(null=False, default=None)
    due_at = Timestamptz(null=False, default=None)
    claimed_until = Timestamptz(null=True, default=None)
    attempts = Integer(null=False, default=0)
    sent_at = Timestamptz(null=True, default=None)
    error = Text(null=True, default=None)
    address = Text(null=True, default=None)


class LinkRequest(Table, tablename="link_request", db=ENGINE):
    """Somebody at the door asks for a link, by an address that may be nobody's. Gone once a worker has answered it."""

    intent_id = UUID(primary_key=True, null=False, default=None)
    email = Text(null=False, default=None)
    asked_at = Timestamptz(null=False, default=None)


class Throttle(Table, tablename="throttle", db=ENGINE):
    """Attempts counted per key since a moment."""

    key = Text(primary_key=True, null=False, default=None)
    since = Timestamptz(null=False, default=None)
    attempts = Integer(null=False, default=None)


class RecoveryCode(Table, tablename="recovery_code", db=ENGINE):
    """A one-time code that stands in for the second step when the phone is lost. Only its hash is kept."""

    id = BigSerial(primary_key=True)
    staff = staff_column()
    operation = operation_column()
    code_hash = Bytea(null=False, default=None, secret=True)
    used_at = Timestamptz(null=True, default=None)
