"""What the protocol's `study: metadata:` says for the pages around the text: authors, ethics, funding and the like.

A key is known by any of its spellings, in capitals or not; other keys are printed in the Methods as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

SPELLINGS: dict[str, tuple[str, ...]] = {
    "authors": ("authors", "author"),
    "corresponding": ("corresponding author", "correspondence", "corresponding"),
    "running title": ("running title", "running head", "short title"),
    "key words": ("key words", "keywords", "keyword"),
    "background": ("background", "background/aims", "aims"),
    "introduction": ("introduction",),
    "discussion": ("discussion",),
    "ethics": (
        "ethics",
        "ethics approval",
        "ethics approval and consent",
        "ethics statement",
        "irb",
        "institutional review board",
    ),
    "consent": ("consent", "informed consent", "patient consent"),
    "registration": ("registration", "study registration", "trial registration", "registry"),
    "funding": ("funding", "financial support", "grants", "grant support", "funding statement"),
    "contributions": ("contributions", "author contributions", "authors' contributions", "contributorship", "credit"),
    "conflicts": (
        "conflict of interest",
        "conflicts of interest",
        "competing interest",
        "competing interests",
        "disclosures",
        "disclosure",
        "declaration of interest",
        "declaration of interests",
    ),
    "data": (
        "data availability",
        "data sharing",
        "availability of data",
        "data availability statement",
        "data sharing statement",
    ),
    "acknowledgments": ("acknowledgments", "acknowledgements", "acknowledgment", "acknowledgement"),
}
KNOWN = {spelling: key for key, spellings in SPELLINGS.items() for spelling in spellings}


@dataclass(frozen=True, slots=True)
class Author:
    name: str
    affiliations: tuple[str, ...] = ()


def known(metadata: Mapping[str, str]) -> dict[str, str]:
    """What was given of the keys of SPELLINGS, without empty ones; of two spellings of a key both, one behind the other."""
    found: dict[str, str] = {}
    for key, value in metadata.items():
        name = _key(key)
        if name and value.strip():
            found[name] = f"{found[name]} {value.strip()}" if name in found else value.strip()
    return found


def unknown(metadata: Mapping[str, str]) -> dict[str, str]:
    """The keys that have no place of their own."""
    return {key: value for key, value in metadata.items() if not _key(key)}


def _key(key: str) -> str:
    return KNOWN.get(re.sub(r"[\s_-]+", " ", key.strip().lower()), "")


def authors(given: str) -> tuple[Author, ...]:
    """`Ann Lee, MD (Clinic A, Seoul | Clinic B); Bo Kim (Clinic A, Seoul)` -> the authors in order."""
    made = []
    for part in given.split(";"):
        found = re.fullmatch(r"\s*(.*?)\s*(?:\((.*)\))?\s*", part, re.S)
        if found is not None and found.group(1):
            where = (place.strip() for place in (found.group(2) or "").split("|"))
            made.append(Author(found.group(1), tuple(place for place in where if place)))
    return tuple(made)
