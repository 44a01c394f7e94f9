"""Pages that stand beside the report: quality of the data, comparison with a publication, one patient."""
