"""One row per number, curves and fits beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any

from equipoise.records.keys import PARTS, VERSUS, KeyNames, Texts, plain_key, unique_keys
from equipoise.records.vocabulary import PHASES, check

if TYPE_CHECKING:
    import pandas as pd


COLUMNS = (
    "key",
    "phase",
    "analysis",
    "design",
    "endpoint",
    "population",
    "contrast",
    "variable",
    "level",
    "group",
    "statistic",
    "value",
    "low",
    "high",
    "n",
    "events",
    "method",
    "convention",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One number (DESIGN: one row per number). value, low, high: nan where there is none. n: patients behind it; events:
    events, or the count behind a percentage. `note` such as 'not estimable' travels in `method`.
    """

    phase: str
    statistic: str
    value: float
    analysis: str = ""
    design: str = ""
    endpoint: str = ""
    population: str = "all"
    contrast: str = ""
    variable: str = ""
    level: str = ""
    group: str = ""
    low: float = float("nan")
    high: float = float("nan")
    n: float = float("nan")
    events: float = float("nan")
    method: str = ""
    convention: str = ""
    named: str = ""  # the key among the rows of a study, where it differs from the one its texts give; set by Estimates

    @property
    def texts(self) -> Texts:
        """What the key is made of, in the order of PARTS."""
        population = "" if self.population == "all" else self.population
        return (
            self.phase,
            self.endpoint,
            self.design,
            self.analysis,
            population,
            self.variable,
            self.level,
            self.contrast.replace(" vs ", VERSUS),
            self.group,
            self.statistic,
        )

    @property
    def key(self) -> str:
        """phase.endpoint.design.analysis.population.variable.level.contrast.group.statistic, empty parts left out."""
        return self.named or plain_key(self.texts)


@dataclass(frozen=True, slots=True)
class Curve:
    """A Kaplan-Meier curve as drawn: days, survival and limits at the distinct times, numbers censored there; the full
    result object for numbers at risk. Of a weighted sample `fit.at_risk_at(days)` counts patients, and beside it stands
    `fit.effective_at_risk_at(days)`. weighted: whether the curve is."""

    endpoint: str
    design: str
    population: str
    group: str
    fit: Any
    weighted: bool = False


@dataclass(frozen=True, slots=True)
class Estimates:
    """Every printed number, by key; curves and fits beside it, by key."""

    rows: Mapping[str, Row]
    curves: Mapping[str, Curve] = field(default_factory=dict)
    fits: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    names: KeyNames = KeyNames({})
    by_texts: Mapping[Texts, Row] = field(default_factory=dict, repr=False)

    @classmethod
    def from_rows(cls, rows: list[Row], **beside: Any) -> Estimates:
        """AssertionError where a row bears a word that the vocabulary does not hold, or two rows share a key."""
        for row in rows:
            check(row.phase, row.analysis, row.statistic, row.variable, row.level)
        names, keys = unique_keys([row.texts for row in rows])
        by_key: dict[str, Row] = {}
        for row, key in zip(rows, keys, strict=True):
            if key in by_key:
                raise AssertionError(f"two rows share the key {key}")
            named = key if key != plain_key(row.texts) else ""
            by_key[key] = row if row.named == named else replace(row, named=named)
        return cls(by_key, names=names, by_texts={r.texts: r for r in by_key.values()}, **beside)

    def find(
        self,
        phase: str,
        statistic: str,
        *,
        analysis: str = "",
        design: str = "",
        endpoint: str = "",
        population: str = "all",
        contrast: str = "",
        variable: str = "",
        level: str = "",
        group: str = "",
    ) -> Row | None:
        """The row with exactly these parts, or None where this study has none; AssertionError where no study could."""
        check(phase, analysis, statistic, variable, level)
        parts = (analysis, design, endpoint, population, contrast, variable, level, group)
        return self.by_texts.get(Row(phase, statistic, float("nan"), *parts).texts)

    def among(self, restriction: str) -> Estimates:
        """What was estimated in a restricted population, as of a study of its own: its population is `all`, its subgroups bear
        their own names, and every row keeps its key."""
        rows = {}
        for key, row in self.rows.items():
            population = _within(row.population, restriction)
            if population:
                rows[key] = replace(row, population=population, named=key)
        curves = {}
        for key, curve in self.curves.items():
            population = _within(curve.population, restriction)
            if population:
                curves[key.removeprefix(curve_key(restriction, ""))] = replace(curve, population=population)
        return Estimates(rows, curves, names=self.names, by_texts={r.texts: r for r in rows.values()})

    def name_of(self, part: str, text: str) -> str:
        """A text as it stands in the keys; part: one of PARTS but `level`."""
        return self.names.name(PARTS.index(part), text)

    def __getitem__(self, key: str) -> Row:
        return self.rows[key]

    def get(self, key: str) -> Row | None:
        return self.rows.get(key)

    def frame(self) -> pd.DataFrame:
        """The long table as a pandas frame, one row per number, columns COLUMNS."""
        import pandas as pd

        return pd.DataFrame([{c: getattr(r, c) for c in COLUMNS} for r in self.rows.values()], columns=list(COLUMNS))

    def _repr_html_(self) -> str:
        """For a notebook: how many numbers each phase has."""
        count: dict[str, int] = {}
        for row in self.rows.values():
            count[row.phase] = count.get(row.phase, 0) + 1
        lines = "".join(f"<tr><td>{p}</td><td>{escape(PHASES[p].words)}</td><td>{n}</td></tr>" for p, n in count.items())
        return f"<table><thead><tr><th>phase</th><th></th><th>numbers</th></tr></thead><tbody>{lines}</tbody></table>"


def population_within(restriction: str, population: str = "all") -> str:
    """The population of a restriction, or of a subgroup in it, as it stands in the results; the name of a restriction has no
    blank, and is not that of a subgroup."""
    return restriction if population == "all" else f"{restriction} {population}"


def curve_key(restriction: str, key: str) -> str:
    """The key of a curve of a restricted population; key: as it would be of a study of its own."""
    return f"{restriction}:{key}"


def _within(population: str, restriction: str) -> str:
    """The population as it is called within the restriction; empty for one outside it."""
    first, _, rest = population.partition(" ")
    return (rest or "all") if first == restriction else ""
