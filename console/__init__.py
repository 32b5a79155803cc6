"""Fifth Visit: a server-rendered staff console for service businesses."""

__version__ = "0.1.0"
