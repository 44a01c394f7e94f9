"""Words that say that a patient died, in values and headings of the languages that hospitals write."""

from __future__ import annotations

import re

DEAD = (
    "dead", "death", "died", "deceased", "expired", "dod", "tot", "gestorben", "verstorben", "décédé", "décédée", "mort", "morte",
    "muerto", "muerta", "fallecido", "fallecida", "exitus", "morto", "morta", "falecido", "falecida", "óbito", "obito",
    "deceduto", "deceduta", "dcd",
)  # fmt: skip
DEAD_IN_CJK = ("사망", "死亡", "已故", "亡くな", "病死", "癌死", "がん死", "瘍死", "瘤死", "連死")
LIVING = ("not", "no", "alive", "living", "nicht", "non", "vivo", "viva", "lebt", "vivant", "vivante")


def says_dead(text: str) -> bool:
    """Whether a value or a name speaks of death; 'not dead' and 'alive' do not."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    if any(w in LIVING for w in words):
        return False
    return any(w in DEAD for w in words) or any(w in text for w in DEAD_IN_CJK)
