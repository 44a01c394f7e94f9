"""Cohorts with a known truth: what the designs and estimators of a study do to it. Nothing here is a result of the study."""
