"""The sections of the report, a file each: where its tables, figures and sentences are called. A section without rows is none."""
