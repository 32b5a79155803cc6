"""Moving in: the books of another programme, brought in as if they had been kept here."""
