"""What figures cannot show on this machine."""

from __future__ import annotations

import json

from equipoise.records import Study
from equipoise.report.figures.fonts import undrawn_signs
from equipoise.report.words import words

SHOWN = 10


def drawing_remark(study: Study) -> str:
    """A sentence where no typeface of this machine has signs that the protocol's words hold; else ''."""
    missing = undrawn_signs("".join(sorted(set(json.dumps(study.protocol.describe(), ensure_ascii=False)))))
    if not missing:
        return ""
    return words("provenance.undrawn", signs=" ".join(missing[:SHOWN]) + (" ..." if len(missing) > SHOWN else ""))
