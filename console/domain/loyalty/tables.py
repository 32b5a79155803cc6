"""The programme's versions."""

from __future__ import annotations

from piccolo.columns import JSONB, Date, Integer, Timestamptz
from piccolo.table import Table

from console.domain.db import ENGINE
from console.domain.tables import Entity, entity, gone_once_retired


@gone_once_retired
@entity
class ProgrammeVersion(Entity, Table, tablename="programme_version", db=ENGINE):
    """The rules of the programme, as `rules.written` reads them; a service is named in them by its id.

    A draft until it is published: then it has a number and the business date from which it is in force, and stays as
    it is. Retired: a draft that was dropped, or a version withdrawn before it came into force.
    """

    rules = JSONB(null=False, default=None)
    number = Integer(null=True, default=None)
    effective_from = Date(null=True, default=None)
    published_at = Timestamptz(null=True, default=None)
