"""What happened after the index date: response, time to event, adverse events.

`derive_outcomes(protocol, sources, cohort)` keeps, for each endpoint, the row that decided it.
"""

from equipoise.outcomes.outcomes import derive_outcomes

__all__ = ["derive_outcomes"]
