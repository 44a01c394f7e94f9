"""A contract as a whole: the raw tables that a study may bring, the items and analytes in them; core, or with those of packs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from equipoise.contract import follow_up, imaging, person
from equipoise.contract.findings import ITEMS, Item
from equipoise.contract.laboratory import ANALYTES, Analyte
from equipoise.contract.shape import Column, Table, with_codes, with_columns


@dataclass(frozen=True, slots=True)
class Contract:
    """tables, items and analytes by name, in the order in which they print. The codes of `observation.item` and `lab.analyte` are
    those items and analytes."""

    tables: Mapping[str, Table]
    items: Mapping[str, Item]
    analytes: Mapping[str, Analyte]

    def extended(
        self,
        tables: Iterable[Table] = (),
        columns: Mapping[str, tuple[Column, ...]] | None = None,
        codes: Mapping[str, Mapping[str, tuple[str, ...]]] | None = None,
        items: Iterable[Item] = (),
        analytes: Iterable[Analyte] = (),
    ) -> Contract:
        """With further tables, columns (table -> columns), codes (table -> column -> codes), items and analytes."""
        made = {**self.tables, **{t.name: t for t in tables}}
        for name, more in (columns or {}).items():
            made[name] = with_columns(made[name], more)
        for name, by_column in (codes or {}).items():
            for column, values in by_column.items():
                made[name] = with_codes(made[name], column, values)
        return _with_coded(
            Contract(made, {**self.items, **{i.name: i for i in items}}, {**self.analytes, **{a.name: a for a in analytes}})
        )

    @property
    def laboratory(self) -> dict[str, Analyte]:
        """The analytes with a column of the baseline."""
        return {name: a for name, a in self.analytes.items() if a.column}

    @property
    def findings(self) -> dict[str, Item]:
        """The items with a column of the baseline."""
        return {name: item for name, item in self.items.items() if item.column}

    @property
    def headings(self) -> set[str]:
        """Words of a spreadsheet's heading under which a zero stands for 'not recorded'."""
        named = [*(item.headings for item in self.items.values()), *(analyte.headings for analyte in self.analytes.values())]
        return {word for words in named for word in words}


def _with_coded(contract: Contract) -> Contract:
    """The codes of the two coded tables are the items and analytes, and no others."""
    tables = dict(contract.tables)
    for table, column, known in (("observation", "item", contract.items), ("lab", "analyte", contract.analytes)):
        missing = tuple(name for name in known if name not in tables[table].column(column).values)
        tables[table] = with_codes(tables[table], column, missing)
    return Contract(tables, contract.items, contract.analytes)


CORE = Contract({t.name: t for t in (*person.TABLES, *imaging.TABLES, *follow_up.TABLES)}, {}, {}).extended(
    items=ITEMS, analytes=ANALYTES
)
