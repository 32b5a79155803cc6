"""The one Piccolo app: every table of every concept."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="console",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=table_finder(
        [
            "console.domain.tables",
            "console.domain.booking.tables",
            "console.domain.business.tables",
            "console.domain.catalogue.tables",
            "console.domain.clients.tables",
            "console.domain.imports.tables",
            "console.domain.loyalty.tables",
            "console.domain.messages.settings_tables",
            "console.domain.messages.tables",
            "console.domain.policies.tables",
            "console.domain.roster.tables",
            "console.domain.team.tables",
            "console.domain.tickets.tables",
            "console.domain.visits.fees_tables",
            "console.domain.visits.tills_tables",
            "console.domain.visits.tables",
        ]
    ),
)
