"""What the books of before leave open of a booking that they brought."""

UNSAID = """
    (b.source = 'books' AND b.status IN ('booked', 'confirmed') AND b.ends_at <= (SELECT o.at FROM change c
        JOIN operation o ON o.id = c.operation WHERE c.entity = 'booking' AND c.entity_id = b.id AND c.created))
"""
"""Of a booking that was over when it came from the books of before, which do not say what became of it."""
