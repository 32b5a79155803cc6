"""Who comes when to the demo's business, for what, and who does it. Values only: no database and no clock."""
