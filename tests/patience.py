"""How long a test waits for what it is about: on the slowest machine far longer than it takes."""

PATIENCE = 120.0
"""Seconds after which something hangs."""
