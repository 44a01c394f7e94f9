"""A document: its model, which knows no study and no format, and what renders it."""
