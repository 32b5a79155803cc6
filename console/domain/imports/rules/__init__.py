"""What stands in files, and what it says: pure, so that a preview and a run read the same."""
