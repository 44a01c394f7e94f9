"""Numbers by key: what every table, figure and sentence asks the estimates for. Absent rows are None, never a guess."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np

from equipoise.protocol.designs import UNADJUSTED, MatchSpec, WeightsSpec
from equipoise.protocol.measures import Covariate
from equipoise.protocol.spec import Protocol
from equipoise.protocol.wording import SEXES, is_event, without_unit
from equipoise.records import Row, Study, Words
from equipoise.records.vocabulary import check, written_out
from equipoise.report.bound import asked_for, is_masked
from equipoise.report.format import lower_first, short
from equipoise.report.made import in_language, spoken
from equipoise.report.words import words

# Parts whose words the vocabulary holds, and the contrast, which may set any two names against each other.
OF_VOCABULARY = ("statistic", "analysis", "variable", "level", "contrast")


SHORT_UNIT = 3  # letters of a unit up to which an s at its end is no plural: ms, lbs


class Numbers:
    """The estimates of one study, asked by the parts of a key, with the labels of its protocol beside them."""

    def __init__(self, study: Study):
        self.results = study  # as the other phases worded it
        self.study = study = in_language(study)
        planned = study.protocol
        self.unmade = study.designs.unmade.get(planned.primary, "")  # why the planned match could not be made
        self.protocol: Protocol = planned.over_all_arms.without_designs(study.designs.unmade)
        self._phases: dict[str, list[Row]] = {}
        others = planned.populations
        for row in study.estimates.rows.values():
            if others and row.population.partition(" ")[0] in others:
                continue  # of a restricted population or a comparison, which `Study.among` makes a study of its own
            self._phases.setdefault(row.phase, []).append(row)
        self._names = _names(study)
        self._seen: dict[tuple[Any, str], Any] = {}
        self._analyses: dict[tuple[str, str], list[Row]] = {}
        for phase, rows in self._phases.items():
            for row in rows:
                self._analyses.setdefault((phase, row.analysis), []).append(row)

    def seen(self, what: Callable[[np.ndarray | None], Any], name: str) -> Any:
        """What a function finds in the values of a covariate (None where there are none), which is looked for once."""
        key = (what, name)
        if key not in self._seen:
            self._seen[key] = what(self.study.covariates.values.get(name))
        return self._seen[key]

    def row(self, phase: str, statistic: str, **parts: str) -> Row | None:
        """The row with exactly these parts, or None. AssertionError, here and below, for words that no study could write: those
        that the vocabulary lacks, and names of designs, endpoints, groups and populations that this study lacks."""
        self._check_names(parts)
        found = self.study.estimates.find(phase, statistic, **parts)
        asked_for([found.key] if found is not None and not is_masked(found) else ())
        return found

    def value(self, phase: str, statistic: str, **parts: str) -> float:
        row = self.row(phase, statistic, **parts)
        return math.nan if row is None else row.value

    def where(self, phase: str, **parts: str) -> list[Row]:
        """Rows of a phase whose parts equal these, in order."""
        found = list(self._found(phase, parts))
        asked_for(row.key for row in found if not is_masked(row))
        return found

    def has(self, phase: str, **parts: str) -> bool:
        return any(True for _ in self._found(phase, parts))

    @cached_property
    def analyses(self) -> frozenset[str]:
        """Everything that was estimated, `phase.analysis` as the vocabulary writes it; of a family its pattern."""
        found = {(phase, row.analysis) for phase, rows in self._phases.items() for row in rows}
        return frozenset(f"{phase}.{written_out(phase, analysis)}" for phase, analysis in found)

    def _found(self, phase: str, parts: dict[str, str]) -> Iterator[Row]:
        check(phase, *(parts.get(name) for name in ("analysis", "statistic", "variable", "level")))
        self._check_names(parts)
        rows = self._analyses.get((phase, parts["analysis"]), ()) if "analysis" in parts else self._phases.get(phase, ())
        return (r for r in rows if all(getattr(r, k) == v for k, v in parts.items()))

    def _check_names(self, parts: dict[str, str]) -> None:
        for part, name in parts.items():
            known = self._names.get(part)
            if known is None and part not in OF_VOCABULARY:
                raise AssertionError(f"'{part}' is no part of a row")
            if known is not None and name not in known:
                raise AssertionError(f"'{name}' is no {part} of this study")

    @property
    def arms(self) -> list[str]:
        return list(self.protocol.arms.groups)

    @property
    def single(self) -> bool:
        """Whether the study has one arm: no column of P, no contrast, no total beside the arm."""
        return self.protocol.arms.single

    def time_words(self, endpoint: str) -> str:
        """The label inside a sentence on its times: of an endpoint named by its event alone, `time to` the event."""
        info = self.protocol.endpoints[endpoint]
        label = lower_first(info.label)
        return words("survival.time_to", event=label) if is_event(info.label, info.event_label) else label

    def event_words(self, endpoint: str) -> str:
        """The event inside a sentence that tells of several endpoints: with the name of its own where two share an event."""
        endpoints = self.protocol.endpoints
        event = lower_first(endpoints[endpoint].event_label)
        if sum(e.event_label.casefold() == endpoints[endpoint].event_label.casefold() for e in endpoints.values()) == 1:
            return event
        return words("survival.event_of", event=event, endpoint=self.short_words(endpoint))

    def short_words(self, endpoint: str) -> str:
        """An abbreviation of the endpoint; where it has none its label inside a sentence on its times."""
        short_name = self.protocol.endpoints[endpoint].short
        return self.time_words(endpoint) if " " in short_name else short_name

    @property
    def several(self) -> bool:
        """Whether the study has more than two arms, and this is all of them together."""
        return self.protocol.arms.several

    @property
    def groups(self) -> list[str]:
        """The columns of a descriptive table: total and arms; of a single arm, the arm."""
        return self.arms if self.single else ["total", *self.arms]

    @cached_property
    def comparisons(self) -> dict[str, Numbers]:
        """Of several arms: population of an arm and the reference -> the numbers of that study of two, where it has any."""
        made = self.study.designs.restricted
        return {name: Numbers(self.study.among(name)) for name in self.study.protocol.comparisons if made[name].designs}

    @property
    def contrast(self) -> str:
        return self.protocol.arms.contrast

    @property
    def contrast_label(self) -> str:
        """`arm vs reference` in words; empty where there is one arm."""
        arms = self.protocol.arms
        if self.single:
            return ""
        if self.several:
            return words("numbers.vs", first=words("numbers.each_arm"), other=lower_first(arms.label(arms.reference)))
        first, other = (lower_first(arms.label(key)) for key in (arms.compared, arms.reference))
        return words("numbers.vs", first=first, other=other)

    @property
    def contrasts(self) -> dict[str, str]:
        """Arm that is not the reference -> its contrast, as in the rows."""
        return self.protocol.arms.contrasts

    def compared_in(self, row: Row) -> str:
        """The arm that a row of a treatment effect compares with the reference."""
        if row.level in self.contrasts:
            return row.level
        return next((arm for arm, contrast in self.contrasts.items() if contrast == row.contrast), next(iter(self.contrasts)))

    def arm_label(self, key: str) -> str:
        return self.protocol.arms.label(key)

    def short_arm(self, key: str) -> str:
        """The arm's label in few letters, where the protocol gives them: for heads and figures, below which it is explained."""
        return self.protocol.arms.short(key)

    def short_group(self, key: str) -> str:
        return words("columns.total") if key == "total" else self.short_arm(key)

    def source_label(self, name: str) -> str:
        """A source of dates in words."""
        known = self.protocol.sources.get(name)
        return known.label if known is not None and known.label else spoken(name.replace("_", " "))

    def group_label(self, key: str) -> str:
        return words("columns.total") if key == "total" else self.arm_label(key)

    def group_n(self, design: str, key: str) -> float:
        return self.total_n(design) if key == "total" else self.arm_n(design, key)

    @property
    def design_names(self) -> list[str]:
        """The designs that the study compares: unadjusted, the primary one, the others in the order of the protocol. Those of
        the sensitivity analyses are left out."""
        variants = _variants(self.protocol)
        names = [d.name for d in self.study.designs if d.name not in variants]
        return sorted(names, key=lambda name: (name != UNADJUSTED, name != self.primary))

    @property
    def primary(self) -> str:
        """Name of the primary design, or '' where the arms are compared as they are alone."""
        return self.protocol.primary

    @property
    def leading(self) -> list[str]:
        """The unadjusted comparison and the primary one: what every section speaks of."""
        return [name for name in self.design_names if name in (UNADJUSTED, self.primary)]

    @property
    def others(self) -> list[str]:
        """The designs that stand beside the primary one."""
        return [name for name in self.design_names if name not in (UNADJUSTED, self.primary)]

    def design_label(self, name: str) -> str:
        """`Unadjusted cohort`, `Propensity score-matched cohort`, `Weighted cohort (ATT)`, or the protocol's own label."""
        design = self.study.design(name)
        spec = self.protocol.designs.get(name)
        label = words("designs.cohort", label=design.label) if spec is None else spec.label or design.words.cohort
        if spec is not None and sum((s.label or self.words(n).cohort) == label for n, s in self.protocol.designs.items()) > 1:
            label = f"{label} {name}"
        return f"{label[:1].upper()}{label[1:]}"

    def process(self, name: str) -> str:
        """What made the arms alike, behind `after`: `matching`, `weighting (ATT)`."""
        said = self.words(name)
        if said.kind != "match":
            return spoken(lower_first(self.results.design(name).words.heading.removeprefix("After ")))
        several = sum(self.matched_sets(n) is not None for n in self.protocol.designs) > 1
        return words("designs.matching_of", name=name) if several else words("designs.title.match")

    def match(self, name: str) -> MatchSpec | None:
        """What was asked of a design that gives pairs: what speaks of pairs, partners and calipers asks here."""
        sets = self.matched_sets(name)
        return sets if sets is not None and sets.pairs else None

    def matched_sets(self, name: str) -> MatchSpec | None:
        """What was asked of a design that is a match of any kind."""
        spec = self.protocol.designs.get(name)
        return spec if isinstance(spec, MatchSpec) else None

    @property
    def planned_kind(self) -> str:
        """What the primary design that the protocol plans makes of the cohort, made or not: `weighted`."""
        kinds = {"weights": "weighted", "strata": "stratified"}
        planned = self.study.protocol.primary_design
        return kinds.get(planned.kind, "propensity score-matched") if planned is not None else ""

    def trim_words(self, name: str) -> str:
        """The limits of the score that a design of weights sets, `0.1 to 0.9`; '' without."""
        spec = self.protocol.designs.get(name)
        return spec.trim.words if isinstance(spec, WeightsSpec) and spec.trim is not None else ""

    @property
    def matches(self) -> list[str]:
        """The designs that give pairs."""
        return [name for name in self.design_names if self.match(name) is not None]

    def weighted(self, name: str) -> bool:
        """Whether the patients of a design count by weights."""
        return bool(name) and self.study.design(name).sample.weighted

    def effective_n(self, name: str, group: str = "total") -> float:
        """The effective sample size of a weighted design, of an arm or in total."""
        return self.value("design", "value", design=name, variable="effective_n", group=group)

    def words(self, design: str) -> Words:
        """What a page calls the kind of a design."""
        return self.study.design(design).words

    def arm_n(self, design: str, arm: str) -> float:
        """Patients of an arm in a design."""
        row = self.arm_row(design, arm)
        return math.nan if row is None else row.value

    def arm_row(self, design: str, arm: str) -> Row | None:
        """The row that counted the patients of an arm in a design."""
        found = self.row("baseline", "n", design=design, group=arm)
        if found is None and design == "unadjusted":
            return self.row("attrition", "n", variable="arm", group=arm)
        return found

    def size_rows(self, design: str, key: str) -> list[Row | None]:
        """The rows behind the number of patients of an arm, or of all of them."""
        return [self.arm_row(design, arm) for arm in (self.arms if key == "total" else [key])]

    def total_n(self, design: str) -> float:
        return sum(self.arm_n(design, arm) for arm in self.arms)

    def covariate(self, name: str) -> Covariate:
        return self.protocol.covariates[name]

    def covariate_words(self, name: str, level: str = "") -> str:
        """The label inside a sentence: without the unit of a continuous variable."""
        known = self.protocol.covariates.get(name)
        if known is None or level:
            return lower_first(self.covariate_label(name, level))
        inside = lower_first(without_unit(known))
        return words(f"baseline.sex.{inside}") if known.kind == "binary" and inside in SEXES else inside

    def unit_of(self, name: str) -> str:
        """What a hazard ratio of a continuous covariate is per: `1 mm` of `Tumor size, mm`, `10 years` of `Age, years`
        with `per: 10`; '' of any other covariate."""
        known = self.protocol.covariates.get(name)
        if known is None or known.kind != "continuous":
            return ""
        unit = known.label.rpartition(", ")[2] if ", " in known.label else ""
        one, step = known.per == 1, short(known.per)
        if unit in ("", "number", "n"):
            return words("predictors.unit") if one else words("predictors.units", step=step)
        if not one:
            return f"{step} {unit}"
        return f"1 {unit.removesuffix('s') if len(unit) > SHORT_UNIT else unit}"

    def covariate_label(self, name: str, level: str = "") -> str:
        """The label of a covariate, of one level of it, or of the treatment contrast."""
        if name == "treatment":
            arms = self.protocol.arms
            if self.several and not level:
                return words("columns.treatment")
            return words("numbers.arm_vs", arm=arms.label(level or arms.compared), other=lower_first(arms.label(arms.reference)))
        known = self.protocol.covariates.get(name)
        if known is None:
            return name
        return known.label if not level else f"{known.label}: {known.levels.get(level, level)}"


def _names(study: Study) -> dict[str, set[str]]:
    """Part -> the names that a row of this study may bear there."""
    planned, detail = study.protocol, study.outcomes.response_detail
    readings = {*detail.course, *detail.compared} if detail is not None else set()
    sites = set() if study.cohort.site is None else {str(s) for s in study.cohort.site}
    return {
        "design": {"", "unadjusted", *(d.name for d in study.designs), *study.designs.unmade, *_variants(planned)},
        "endpoint": {"", *planned.endpoints, *planned.binary_endpoints, *study.outcomes.best_response, *readings},
        "population": {
            "all",
            *planned.populations,
            *(f"{name} {level}" for name, s in planned.subgroups.items() for level in s.levels),
        },
        "group": {"", "all", "total", *planned.arms.groups, *sites},
    }


def _variants(protocol: Protocol) -> list[str]:
    return [f"variant_{name}" for name in protocol.sensitivity.propensity_variants]
