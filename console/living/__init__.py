"""The demo's business lived through day by day: what was planned for it is done by the console's own use cases."""
