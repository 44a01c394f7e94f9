"""The name that was probably meant, for a fault about one that is not there."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from itertools import islice

from equipoise.packs import SHIPPED, pack_of, shipped

COMPARED = 2_000  # names that one is compared with; each costs some microseconds
LISTED = 30


def nearest(name: str, known: Collection[str], cutoff: float = 0.6) -> str:
    """The known name most like this one, or ''. None is sought among more than COMPARED names or for a very long name."""
    if len(known) > COMPARED or len(name) > 200:
        return ""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)), "")


def hint(name: str, known: Collection[str], cutoff: float = 0.6) -> str:
    """The pack that brings the name, `did you mean 'age'?`, or which names there are."""
    pack = pack_of(name)
    if pack:
        return f"the pack '{pack}' brings it: name it in the protocol, packs: [{pack}]"
    near = nearest(name, known, cutoff)
    if near:
        return f"did you mean '{near}'?"
    meant = nearest(name, [word for pack in SHIPPED for word in shipped(pack).words()], cutoff=0.8)
    if pack_of(meant):
        return (
            f"did you mean '{meant}'? The pack '{pack_of(meant)}' brings it: name it in the protocol, packs: [{pack_of(meant)}]"
        )
    more = f" and {len(known) - LISTED:,} more" if len(known) > LISTED else ""
    return f"known are {', '.join(islice(known, LISTED)) or 'none'}{more}"
