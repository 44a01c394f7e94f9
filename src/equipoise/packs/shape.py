"""What a pack is: tables, inputs with their units, columns with their rule, rules of data quality, papers, test vectors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from equipoise.contract import TRUTHS, Analyte, Column, Contract, Item, Table
from equipoise.contract.shape import PATIENT

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 +%/._-]*$")]  # of a file; no quotes
WindowName = Literal["imaging", "laboratory", "status", "tumour_markers", "tumour"]


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class TableColumn(Shape):
    """A column of a raw table, as in `contract.Column`."""

    kind: Literal["key", "code", "text", "integer", "number", "date", "boolean"]
    note: str = ""
    unit: str = ""
    values: list[Code] = []
    low: float | None = None
    high: float | None = None
    required: bool = False
    seen: bool = True

    @model_validator(mode="after")
    def _codes(self) -> TableColumn:
        if (self.kind == "code") != bool(self.values):
            raise ValueError("a column of kind code lists its 'values'; the others have none")
        return self

    def column(self, name: str) -> Column:
        return Column(name, self.kind, self.note, self.unit, tuple(self.values), self.low, self.high, self.required, self.seen)


class PackTable(Shape):
    """A raw table that the pack brings, as in `contract.Table`; the patient identifier is its first column without being named.
    A table has a `day`, the date by which its rows lie before or after the index date, or one row per patient."""

    grain: str
    columns: dict[Name, TableColumn] = Field(min_length=1)
    key: list[Name] = []
    note: str = ""
    day: str = ""
    when: Literal["", "before", "line before", "after"] = ""
    old: bool = False

    @model_validator(mode="after")
    def _dated(self) -> PackTable:
        if self.day and (self.day not in self.columns or self.columns[self.day].kind != "date"):
            raise ValueError(f"'day' names a column of kind date; '{self.day}' is none")
        if not self.day and self.key != ["patient_id"]:
            raise ValueError("give 'day' (the column of the date), or 'key: [patient_id]' where a patient has one row")
        strange = [k for k in self.key if k not in ("patient_id", *self.columns)]
        if strange:
            raise ValueError(f"'key' names columns of the table; {', '.join(strange)} is none")
        return self

    def table(self, name: str) -> Table:
        columns = (PATIENT, *(c.column(n) for n, c in self.columns.items()))
        return Table(name, self.grain, columns, tuple(self.key), self.note, self.day, "", self.when, self.old)


class PackInput(Shape):
    """One value at baseline: an `analyte` of the table lab, an `item` of observation, or a `column` of a `table` of the pack.

    An analyte or item that the contract does not know is declared here: unit: what the pack's rules mean; units: other
    spellings, each with how many `unit` one of it is; believable: smallest and largest value in `unit`, beyond which the unit is
    wrong; words: the codes of an item (true and false alone: a column that is true or false); text: any text; without either an
    item is a number. sdtm: CDISC test codes of an analyte. assumable: the word that a protocol may take for an absent record.
    The input NAME gives the column NAME; an analyte also NAME_lln and NAME_uln, the limits of normal beside the value, and
    NAME_comparator ('<', '=', '>').
    """

    analyte: Code | None = None
    item: Code | None = None
    table: Name | None = None
    column: Name | None = None
    unit: str = ""
    units: dict[str, float] = {}
    believable: tuple[float, float] | None = None
    words: list[Code] = []
    text: bool = False
    sdtm: list[Code] = []
    assumable: str = ""
    window: WindowName = "laboratory"
    note: str = ""

    @model_validator(mode="after")
    def _one_source(self) -> PackInput:
        if sum(x is not None for x in (self.analyte, self.item, self.table)) != 1:
            raise ValueError(
                "give one of 'analyte' (of the table lab), 'item' (of observation), 'table' and 'column' (of the pack)"
            )
        if (self.table is None) != (self.column is None):
            raise ValueError("'table' and 'column' go together")
        if self.analyte is None and (self.unit or self.units or self.believable or self.sdtm):
            raise ValueError("'unit', 'units', 'believable' and 'sdtm' belong to an analyte; an item is taken as it is recorded")
        if self.item is None and (self.words or self.text or self.assumable):
            raise ValueError("'words', 'text' and 'assumable' belong to an item of observation")
        if self.words and self.text:
            raise ValueError("an item has 'words' or is 'text', not both")
        if self.believable is not None and self.believable[0] >= self.believable[1]:
            raise ValueError("'believable' gives the smallest and then the largest value")
        if any(factor <= 0 for factor in self.units.values()):
            raise ValueError("a unit's factor is above zero: how many `unit` one of it is")
        return self

    @property
    def source(self) -> tuple[str, str]:
        """The table, and what is read there: the analyte, the item, the column."""
        if self.analyte is not None:
            return "lab", self.analyte
        return ("observation", self.item) if self.item is not None else (str(self.table), str(self.column))

    def columns(self, name: str) -> tuple[str, ...]:
        """Names of the columns that the input gives."""
        return (name,) if self.analyte is None else (name, f"{name}_lln", f"{name}_uln", f"{name}_comparator")

    def declared_item(self) -> Item:
        words = () if self.text else tuple(w.lower() for w in self.words) or None
        words = TRUTHS if words is not None and set(words) == set(TRUTHS) else words
        return Item(str(self.item), words, self.window, self.note, column=False)

    def declared_analyte(self) -> Analyte:
        spelled: dict[tuple[float, float], tuple[str, ...]] = {}
        for unit, factor in {self.unit: 1.0, **self.units}.items():
            spelled[(factor, 1.0)] = (*spelled.get((factor, 1.0), ()), unit.strip().lower())
        name, sdtm = str(self.analyte), tuple(self.sdtm)
        return Analyte(name, "", self.unit, spelled, self.window, self.believable, sdtm=sdtm)


class PackColumn(Shape):
    """is: an expression over the baseline columns, the pack's inputs and its columns before this one. Only packs that ship with
    Equipoise have columns of a `relation` (SQL over many rows) instead; rests_on names what such a column is derived from, and
    reads the tables. paper: what the Methods cite for this column, else the pack's citations. recorded: a baseline column with
    the same value as a clinician recorded it, compared and never used; label: its name there."""

    is_: str | None = Field(None, alias="is")
    relation: str | None = None
    rests_on: list[str] = []
    reads: list[Name] = []
    note: str = ""
    label: str = ""
    paper: str = ""
    recorded: str = ""

    @model_validator(mode="after")
    def _one_rule(self) -> PackColumn:
        if (self.is_ is None) == (self.relation is None):
            raise ValueError("a column says what it 'is': an expression")
        return self


class PackRelation(Shape):
    """A .sql file of a pack that ships. tables_only: it needs raw tables, so that a spreadsheet does not have it."""

    file: str
    tables_only: bool = False


class PackQuality(Shape):
    """A rule of data quality: rows of a `table` for which the condition `where` is true. Only packs that ship have a `file`
    instead, one SELECT of patient_id, source_table, source_row; under the name of a rule of the core it adds rows to that rule,
    and needs no title."""

    table: Name | None = None
    where: str | None = None
    file: str | None = None
    severity: Literal["impossible", "suspect"] = "suspect"
    title: str = ""
    advice: str = "check the record"

    @model_validator(mode="after")
    def _one_rule(self) -> PackQuality:
        if self.file is None and (self.table is None or self.where is None or not self.title):
            raise ValueError("a rule of data quality gives 'title', 'table' and 'where', a condition over its columns")
        if self.file is not None and (self.table is not None or self.where is not None):
            raise ValueError("a rule of data quality is a 'file' or a condition, not both")
        return self


class Offer(Shape):
    """A covariate that `equipoise init` proposes where the data hold what it rests on: the first name of `needs` is a table, the
    second the item, analyte or column there."""

    name: Name
    label: str
    kind: Literal["continuous", "binary"]
    from_: str = Field(alias="from")
    needs: tuple[str, str]


class Undecided(Shape):
    """A column that missing components may leave open, with the bounds of the score behind it: counted for the reader."""

    column: str
    low: str
    high: str
    label: str


class Vector(Shape):
    """One patient of a paper, or worked by hand. given: inputs, baseline columns; gives: columns, as they print (a number agrees
    when it rounds to the decimals written here; null: not known)."""

    source: str
    given: dict[str, str | None]
    gives: dict[str, str | None] = Field(min_length=1)


class Paper(Shape):
    """A reference. authors: `Pugh RN`, or a body in braces; a last `et al` where there are more. at: phrases of the report's text
    behind which it is cited; one in parentheses gives way to the number."""

    authors: list[str] = Field(min_length=1)
    title: str
    year: int
    journal: str = ""
    volume: str = ""
    pages: str = ""
    doi: str = ""
    publisher: str = ""
    at: list[Annotated[str, Field(min_length=1)]] = Field(min_length=1)

    @model_validator(mode="after")
    def _published(self) -> Paper:
        if not (self.journal or self.publisher):
            raise ValueError("a reference has a 'journal' or a 'publisher'")
        return self


class Pack(Shape):
    """references: papers that the report lists where its text names them. abbreviations: of the pack's words. requires: packs
    that it builds on. tables: its own. adds: further columns of the core's tables; codes: further codes of their columns. The
    columns of `patient` and `index_treatment` are columns of the baseline."""

    title: str
    tumour: str
    citations: list[str] = []
    references: dict[Name, Paper] = {}
    abbreviations: dict[str, str] = {}
    notes: list[str] = []
    requires: list[Name] = []
    tables: dict[Name, PackTable] = {}
    adds: dict[Name, dict[Name, TableColumn]] = {}
    codes: dict[Name, dict[Name, list[Code]]] = {}
    inputs: dict[Name, PackInput] = {}
    relations: dict[Name, PackRelation] = {}
    columns: dict[Name, PackColumn] = {}
    quality: dict[Name, PackQuality] = {}
    undecided: list[Undecided] = []
    offers: list[Offer] = []
    vectors: list[Vector] = []
    # set by the loader
    name: str = Field("", exclude=True)
    sha256: str = Field("", exclude=True)
    place: str = Field("", exclude=True)

    @model_validator(mode="after")
    def _proven(self) -> Pack:
        if any(c.is_ is not None for c in self.columns.values()):
            if not self.citations:
                raise ValueError("'citations' names where the rules come from; a pack with columns has one at least")
            if not self.vectors:
                raise ValueError("'vectors' prove the rules; a pack with columns has one at least")
        if not (self.columns or self.tables or self.inputs):
            raise ValueError("a pack has columns, tables or inputs")
        return self

    @property
    def ships(self) -> bool:
        """Whether it came with Equipoise and not with a study."""
        return not self.place

    def extend(self, contract: Contract) -> Contract:
        """The contract with what the pack declares: tables, columns, codes, and the items and analytes not yet known."""
        given = self.inputs.values()
        return contract.extended(
            tables=(t.table(name) for name, t in self.tables.items()),
            columns={name: tuple(c.column(n) for n, c in more.items()) for name, more in self.adds.items()},
            codes={name: {c: tuple(codes) for c, codes in more.items()} for name, more in self.codes.items()},
            items=(g.declared_item() for g in given if g.item is not None and g.item not in contract.items),
            analytes=(g.declared_analyte() for g in given if g.analyte is not None and g.analyte not in contract.analytes),
        )

    def related(self, sheet: bool) -> dict[str, tuple[str, ...]]:
        """relation -> the columns taken from it. sheet: those that one row per patient can have."""
        kept = [name for name, relation in self.relations.items() if not (sheet and relation.tables_only)]
        return {r: tuple(c for c, column in self.columns.items() if column.relation == r) for r in kept}

    def column_names(self, sheet: bool = False) -> tuple[str, ...]:
        """Every column that the pack adds to the baseline, inputs included."""
        inputs = [c for name, given in self.inputs.items() for c in given.columns(name)]
        lost = {n for n, r in self.relations.items() if sheet and r.tables_only}
        return (*inputs, *(c for c, column in self.columns.items() if column.relation not in lost or column.relation is None))

    def words(self) -> tuple[str, ...]:
        """Every name that a protocol may take from the pack: tables, columns of the baseline, items, analytes."""
        named = [n for given in self.inputs.values() for n in (given.item, given.analyte) if n is not None]
        return (*self.tables, *(c for more in self.adds.values() for c in more), *self.column_names(), *named)
