"""The items of the table `observation`: the kind of each value, its window, the words that may stand there."""

from __future__ import annotations

from dataclasses import dataclass

TRUTHS = ("true", "false")
STATUS, TUMOUR = "status", "tumour"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of `observation`.

    words: None = the value is a number; empty = any text; else the words allowed, in small letters. window: of the protocol's
    `windows`. column: whether the baseline has it under its own name; else only the inputs of packs read it. headings: words of
    a spreadsheet's heading under which a zero stands for 'not recorded', because no living patient has none of it. sdtm: test
    codes of the questionnaires and scales of CDISC.
    """

    name: str
    words: tuple[str, ...] | None = None
    window: str = STATUS
    note: str = ""
    column: bool = True
    headings: tuple[str, ...] = ()
    sdtm: tuple[str, ...] = ()

    @property
    def sql_type(self) -> str:
        """Of its column of the baseline."""
        if self.words is None:
            return "double"
        return "boolean" if self.words == TRUTHS else "varchar"

    @property
    def allowed(self) -> str:
        """What the value is, in words."""
        if self.words is None:
            return "a number"
        return ", ".join(self.words) if self.words else "text"


# ECOG101 and KPSS0101 are CDISC's codes of the two scales (in QS, or RS since SDTMIG 3.3), the others are older spellings
ITEMS = (
    Item("ecog", note="ECOG performance status, 0 to 4", sdtm=("ECOG101", "ECOG1", "ECOG")),
    Item("karnofsky", note="Karnofsky performance status, 0 to 100", sdtm=("KPSS0101", "KPSS01")),
    Item("weight_kg", headings=("weight",)),
    Item("height_cm", headings=("height",)),
    Item("n_tumors", window=TUMOUR, note="number of tumors"),
    Item("max_size_cm", window=TUMOUR, note="diameter of the largest tumor"),
    Item("ln_met", TRUTHS, TUMOUR, "lymph node metastasis"),
)
