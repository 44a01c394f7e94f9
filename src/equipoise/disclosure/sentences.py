"""Small counts in sentences that other phases wrote: remarks, warnings, names of methods."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from equipoise.errors import EquipoiseError, Fault

COUNTED = ("patient", "event", "pair", "death", "responder", "person", "subject", "row", "cell", "value", "record", "date",
           "measurement")  # fmt: skip
KINDS = rf"(?:{'|'.join(f'{what}s?' for what in COUNTED)}|recorded responses)"
WHAT = rf"(?=\u00a0?\s?(?:of [\d,]+ )?(?:missing )?{KINDS}\b)"  # `2 patients`, `2 of 116 patients`, `2 missing values`


def without_small_counts(text: str, least: int) -> str:
    """`only 1 patient` -> `only <5 patients`: every count from 1 to least - 1 of patients, pairs or events."""

    def masked(found: re.Match[str]) -> str:
        return f"<{least}" if 0 < int(found[1]) < least else found[0]

    told = re.sub(rf"(?<![\d.,<\u2013-])(\d+){WHAT}", masked, text)
    return re.sub(rf"<{least}(\s(?:missing )?)({'|'.join(COUNTED)})\b", rf"<{least}\1\2s", told)


def without_small_faults(faults: list[Fault], least: int | None) -> list[Fault]:
    """Faults and findings whose sentences tell no small count; the same where no minimum is asked."""
    return faults if least is None else [replace(f, message=without_small_counts(f.message, least)) for f in faults]


@contextmanager
def telling(least: int | None) -> Iterator[None]:
    """What is raised inside tells no small count."""
    try:
        yield
    except EquipoiseError as error:
        if least is not None:
            error = type(error)(without_small_faults(error.faults, least))
        raise error from None
