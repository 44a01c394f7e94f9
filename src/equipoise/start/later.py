"""Names that say that a column became known after the index date."""

from __future__ import annotations

from equipoise.start.columns import Seen
from equipoise.start.vocabulary import named_wholly


def known_later(column: Seen) -> bool:
    """Death, response, progression, last contact and the like. A status is later only where it is that of life or of the event:
    performance, receptor, virus and smoking status are known before."""
    if column.says("known_before") and not column.says("died"):
        return False
    if column.says("later"):
        return True
    return column.says("state") and named_wholly(column.name, "state", "later_state", "filler")
