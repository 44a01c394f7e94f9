"""Sentences of the report, every number in them looked up by key; the words follow the interval and the settings."""
