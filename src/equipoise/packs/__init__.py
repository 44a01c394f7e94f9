"""Rule packs: the clinical rules of one tumour, as data. `liver` is the first; a study names those it uses under `packs:`.

A pack says what it reads at baseline, which columns it gives, its papers, and the vectors that prove it. A study may bring packs
of its own in `packs/NAME/pack.yaml` beside its protocol; those hold expressions only, the ones that a protocol may hold too.
"""

from equipoise.packs.shape import Pack, PackColumn, PackInput, Vector
from equipoise.packs.shipped import SHIPPED, shipped

__all__ = ["SHIPPED", "Pack", "PackColumn", "PackInput", "Vector", "shipped"]
