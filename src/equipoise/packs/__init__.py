"""Rule packs: what one tumour or setting adds to any oncology study, as data. A study names those it uses under `packs:`.

A pack says which raw tables, items and analytes it brings, what it reads at baseline, which columns it gives, its papers, and the
vectors that prove it. A study may bring packs of its own in `packs/NAME/pack.yaml` beside its protocol; those hold expressions
only, the ones that a protocol may hold too.
"""

from equipoise.packs.shape import Pack, PackColumn, PackInput, PackQuality, Vector
from equipoise.packs.shipped import SHIPPED, further_codes, pack_of, shipped

__all__ = ["SHIPPED", "Pack", "PackColumn", "PackInput", "PackQuality", "Vector", "further_codes", "pack_of", "shipped"]
