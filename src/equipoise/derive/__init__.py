"""What was known at the index date: one row per patient, each value traced to the record it came from.

`derive_covariates(protocol, sources, cohort)` looks at no record after the index date.
"""

from equipoise.derive.covariates import derive_covariates

__all__ = ["derive_covariates"]
