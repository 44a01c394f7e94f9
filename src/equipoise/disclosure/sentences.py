"""Small counts in sentences that other phases wrote: remarks, warnings, names of methods."""

from __future__ import annotations

import re

KINDS = r"(?:patients?|events?|pairs?|deaths?|responders?|recorded responses)"
WHAT = rf"(?=\u00a0?\s?(?:of [\d,]+ )?{KINDS}\b)"  # `2 patients`, `2 of 116 patients`


def without_small_counts(text: str, least: int) -> str:
    """`only 1 patient` -> `only <5 patients`: every count from 1 to least - 1 of patients, pairs or events."""

    def masked(found: re.Match[str]) -> str:
        return f"<{least}" if 0 < int(found[1]) < least else found[0]

    told = re.sub(rf"(?<![\d.,<\u2013-])(\d+){WHAT}", masked, text)
    return re.sub(rf"<{least}(\s)(patient|event|pair|death|responder)\b", rf"<{least}\1\2s", told)
