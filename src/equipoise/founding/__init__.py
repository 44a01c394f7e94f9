"""The founding study as it ships: protocols, published numbers, a synthetic cohort and the raw tables behind it.

`study.yaml` reads the raw tables, `rows.yaml` the cohort. `FOUNDING_COHORT` is one row per analysed patient, `FOUNDING_TABLES`
the folder of raw tables. The generator stands beside the package, in `studies/hcc_2024/`. No row describes a real person.
"""

from pathlib import Path

FOUNDING_COHORT = Path(__file__).parent / "cohort.csv"
FOUNDING_STUDY = Path(__file__).parent / "study.yaml"
FOUNDING_TABLES = Path(__file__).parent / "data"

__all__ = ["FOUNDING_COHORT", "FOUNDING_STUDY", "FOUNDING_TABLES"]
