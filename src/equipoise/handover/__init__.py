"""Patient data made ready for other hands: new identifiers, shifted dates, grouped ages; what was done stands in a codebook."""

from equipoise.handover.deidentify import Done, deidentify
from equipoise.handover.reading import Asked

__all__ = ["Asked", "Done", "deidentify"]
