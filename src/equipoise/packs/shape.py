"""What a pack is: inputs with their units, columns with their rule, papers, test vectors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 +%/._-]*$")]  # of a file; no quotes
WindowName = Literal["imaging", "laboratory", "status", "tumour_markers", "tumour"]


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class PackInput(Shape):
    """One value at baseline: an `analyte` of the table lab, or an `item` of observation.

    unit: what the pack's rules mean. Of an analyte that the contract does not know, units: other spellings, each with how many
    `unit` one of it is; believable: smallest and largest value in `unit`, beyond which the unit is wrong. words: the codes of
    an item; without them it is a number. The input NAME gives the column NAME; an analyte also NAME_lln and NAME_uln, the limits
    of normal beside the value, and NAME_comparator ('<', '=', '>').
    """

    analyte: Code | None = None
    item: Code | None = None
    unit: str = ""
    units: dict[str, float] = {}
    believable: tuple[float, float] | None = None
    words: list[Code] = []
    window: WindowName = "laboratory"
    note: str = ""

    @model_validator(mode="after")
    def _one_source(self) -> PackInput:
        if (self.analyte is None) == (self.item is None):
            raise ValueError("give either 'analyte' (of the table lab) or 'item' (of the table observation)")
        if self.item is not None and (self.unit or self.units or self.believable):
            raise ValueError("'unit', 'units' and 'believable' belong to an analyte; an item is taken as it is recorded")
        if self.analyte is not None and self.words:
            raise ValueError("'words' belong to an item of observation; an analyte is a number")
        if self.believable is not None and self.believable[0] >= self.believable[1]:
            raise ValueError("'believable' gives the smallest and then the largest value")
        if any(factor <= 0 for factor in self.units.values()):
            raise ValueError("a unit's factor is above zero: how many `unit` one of it is")
        return self

    def columns(self, name: str) -> tuple[str, ...]:
        """Names of the columns that the input gives."""
        return (name,) if self.item is not None else (name, f"{name}_lln", f"{name}_uln", f"{name}_comparator")


class PackColumn(Shape):
    """is: an expression over the baseline columns, the pack's inputs and its columns before this one. Only packs that ship with
    Equipoise have columns of a `relation` (SQL over many rows) instead; rests_on names what such a column is derived from.
    paper: what the Methods cite for this column, else the pack's citations."""

    is_: str | None = Field(None, alias="is")
    relation: str | None = None
    rests_on: list[str] = []
    note: str = ""
    paper: str = ""

    @model_validator(mode="after")
    def _one_rule(self) -> PackColumn:
        if (self.is_ is None) == (self.relation is None):
            raise ValueError("a column says what it 'is': an expression")
        return self


class PackRelation(Shape):
    """A .sql file of a pack that ships. tables_only: it needs raw tables, so that a spreadsheet does not have it."""

    file: str
    tables_only: bool = False


class Vector(Shape):
    """One patient of a paper, or worked by hand. given: inputs, baseline columns; gives: columns, as they print (a number agrees
    when it rounds to the decimals written here; null: not known)."""

    source: str
    given: dict[str, str | None]
    gives: dict[str, str | None] = Field(min_length=1)


class Pack(Shape):
    title: str
    tumour: str
    citations: list[str] = Field(min_length=1)
    notes: list[str] = []
    inputs: dict[Name, PackInput] = {}
    relations: dict[Name, PackRelation] = {}
    columns: dict[Name, PackColumn] = Field(min_length=1)
    vectors: list[Vector] = Field(min_length=1)
    # set by the loader
    name: str = Field("", exclude=True)
    sha256: str = Field("", exclude=True)
    place: str = Field("", exclude=True)

    @property
    def ships(self) -> bool:
        """Whether it came with Equipoise and not with a study."""
        return not self.place

    def related(self, sheet: bool) -> dict[str, tuple[str, ...]]:
        """relation -> the columns taken from it. sheet: those that one row per patient can have."""
        kept = [name for name, relation in self.relations.items() if not (sheet and relation.tables_only)]
        return {r: tuple(c for c, column in self.columns.items() if column.relation == r) for r in kept}

    def column_names(self, sheet: bool = False) -> tuple[str, ...]:
        """Every column that the pack adds to the baseline, inputs included."""
        inputs = [c for name, given in self.inputs.items() for c in given.columns(name)]
        lost = {n for n, r in self.relations.items() if sheet and r.tables_only}
        return (*inputs, *(c for c, column in self.columns.items() if column.relation not in lost or column.relation is None))
