"""The calibrated founding cohort: a synthetic study that reproduces a published one, from raw tables up.

`FOUNDING_COHORT` is one row per analysed patient, `FOUNDING_TABLES` the folder of raw tables behind them. Both ship with the
package; `studies/hcc_2024` of the repository makes them. No row describes a real person.
"""

from pathlib import Path

FOUNDING_COHORT = Path(__file__).parent / "founding" / "cohort.csv"
FOUNDING_TABLES = Path(__file__).parent / "founding" / "data"

__all__ = ["FOUNDING_COHORT", "FOUNDING_TABLES"]
