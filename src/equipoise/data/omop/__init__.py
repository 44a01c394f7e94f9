"""The OMOP common data model (5.3, 5.4) as one row per person at an index date."""
