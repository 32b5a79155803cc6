"""What the business wants its clients to be told."""

from __future__ import annotations

from piccolo.columns import JSONB, Array, Integer, SmallInt, Text
from piccolo.table import Table

from console.domain.db import ENGINE
from console.domain.tables import Entity, entity

ONE = 1
"""The id of the one row."""


@entity
class MessageChoice(Entity, Table, tablename="message_choice", db=ENGINE):
    """What is told at all, and when (`settings_rules.MessageSettings`). One row, none before somebody chose.

    `reminders`: a list of [days, minutes], days null for so many minutes before.
    """

    off = Array(base_column=Text(), null=False, default=None)
    reminders = JSONB(null=False, default=None)
    quiet_from = SmallInt(null=False, default=None)
    quiet_until = SmallInt(null=False, default=None)
    per_client = Integer(null=False, default=None)
    per_day = Integer(null=False, default=None)
    thanks = Integer(null=False, default=None)
    satisfaction = Integer(null=False, default=None)
