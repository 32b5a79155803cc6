"""Where Piccolo finds the engine and the one app."""

from __future__ import annotations

from piccolo.conf.apps import AppRegistry

from console.domain.db import ENGINE as DB

__all__ = ["APP_REGISTRY", "DB"]

APP_REGISTRY = AppRegistry(apps=["console.piccolo_app"])
