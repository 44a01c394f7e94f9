"""The tables of docs/operating-characteristics.md: which estimator covers a known truth, over replicates of invented cohorts.

    python docs/make_operating_characteristics.py [REPLICATES]      # 1,000; writes the .csv beside the chapter, and its tables

Designs and estimates are made by the functions that `equipoise run` uses; naive variances, which it never prints, by `stats`.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from equipoise import stats
from equipoise.design.again import attempted
from equipoise.design.make import designs_again
from equipoise.design.plan import everybody
from equipoise.estimate.adjusted import adjusted_rows
from equipoise.estimate.effects import treatment_rows
from equipoise.estimate.other_scales import doubly_robust_rows, survival_difference_rows
from equipoise.estimate.pooled import pooled_rows
from equipoise.estimate.survival import Setting
from equipoise.impute.draw import draw_missing
from equipoise.protocol.spec import Protocol
from equipoise.records import Cohort, Covariates, Design, Outcomes, Row, TimeToEvent
from equipoise.simulate.scenario import MissingAtRandom, Scenario, Variable
from equipoise.simulate.times import Planned, Weibull
from equipoise.simulate.world import EVERYBODY, Draw, Unmeasured, World, drawn, effect_for, marginal_truth, population
from equipoise.workers import in_order, processors

HERE = Path(__file__).parent
CHAPTER, TABLE = HERE / "operating-characteristics.md", HERE / "operating-characteristics.csv"
N, SEED, MARGINAL_HR, DAY, CHUNK = 500, 20_140_313, 0.7, 365.0, 10
COLUMNS = (
    "scenario", "estimator", "target", "truth", "replicates", "bias", "bias_mcse", "sd", "mean_se", "coverage", "coverage_mcse",
)  # fmt: skip

X = ("x1", "x2", "x3", "b1", "b2", "b3")
CONFOUNDED = Scenario(
    variables=(
        Variable(log_odds=0.5, log_hazard=0.5),
        Variable(log_odds=0.4),  # decides on treatment alone
        Variable(log_hazard=0.4),  # prognostic alone
        Variable(share=0.4, log_odds=0.6, log_hazard=0.6),
        Variable(share=0.2, log_odds=0.5, log_hazard=0.4),
        Variable(share=0.5, log_hazard=0.2),
    ),
    treated=0.35,
    baseline=Weibull(500.0, 1.2),
    follow_up=Planned(180.0, 1080.0, 0.05),
    correlation=0.2,
)
SCENARIOS = {
    "a": CONFOUNDED,
    "b": replace(CONFOUNDED, contrast=2.5),
    "c": replace(CONFOUNDED, unmeasured=Unmeasured(0.3, 3.0, 2.5)),
}
GAPS = MissingAtRandom(before=300.0, among=0.7, others=0.15)
PROTOCOL = {
    "study": {"id": "invented", "title": "Invented cohorts", "disease": "none", "population": "invented patients"},
    "conventions": "r",
    "data": {"rows": "none.csv", "patient": "id"},
    "arms": {
        "column": "arm", "groups": {"new": {"label": "New", "value": "new"}, "old": {"label": "Old", "value": "old"}},
        "reference": "old", "focal": "new",
    },
    "covariates": {
        name: {"label": name, "kind": "binary" if name.startswith("b") else "continuous", "from": name} for name in X
    },
    "endpoints": {
        "os": {
            "label": "Survival", "short": "OS", "event_label": "Death", "time": {"column": "days", "unit": "days"},
            "event": "died = 1",
        }
    },
    "time_unit": "days",
    "landmarks": [DAY],
    "propensity": list(X),
    "designs": {
        "matched": {"kind": "match"},
        "ate": {"kind": "weights", "target": "ate"},
        "overlap": {"kind": "weights", "target": "overlap"},
        "strata": {"kind": "strata", "target": "ate"},
    },
    "primary": "matched",
}  # fmt: skip
Z = 1.959963984540054
STRONGEST = ("x1", "b1")
Found = dict[str, tuple[float, float, float, float]]  # estimator -> estimate, SE, limits


@dataclass(frozen=True, slots=True)
class Cohortlet:
    """A replicate as the phases take it."""

    cohort: Cohort
    covariates: Covariates
    outcome: TimeToEvent
    draw: Draw


@dataclass(frozen=True, slots=True)
class Job:
    """replicate: number -> estimates by estimator. replicates: how many."""

    replicate: Callable[[int], Found]
    replicates: int


def protocol(**more: object) -> Protocol:
    return Protocol.model_validate(PROTOCOL | more)


def replicate_of(scenario: Scenario, effect: float, key: int, number: int) -> Cohortlet:
    rng = np.random.default_rng([SEED, key, number])
    values, world = scenario.cohort(N, rng)
    draw = drawn(world, rng)
    time, event = draw.outcome(effect)
    cohort = Cohort(
        patient=np.array([f"{i:04d}" for i in range(N)], dtype=object),
        arm=np.where(draw.focal, "new", "old").astype(object),
        index_date=np.full(N, None),
        site=None,
        n_start=N,
        attrition=(),
        row=np.arange(N),
    )
    outcome = TimeToEvent(time, event, np.full(N, "", dtype=object), "Survival", "OS")
    return Cohortlet(cohort, Covariates(dict(zip(X, values.T, strict=True))), outcome, draw)


# What each line of the first table is: words, and the population in which its truth is. '' is within levels of the covariates.
ESTIMATORS = {
    "unadjusted": ("Unadjusted Cox", EVERYBODY),
    "matched, clustered": ("Matched 1:1, variance clustered on pairs", "att"),
    "matched, naive": ("Matched 1:1, variance that ignores the pairs", "att"),
    "matched, stratified": ("Matched 1:1, Cox stratified by pair", "att"),
    "ate, robust": ("Weights for all (ATE), robust variance", "ate"),
    "ate, naive": ("Weights for all (ATE), weights taken for patients", "ate"),
    "overlap, robust": ("Overlap weights, robust variance", "overlap"),
    "strata, robust": ("Five classes of the score, weighted (ATE), robust variance", "ate"),
    "fifths": ("Cox stratified by fifths of the score", "ate"),
    "adjusted": ("Cox adjusted for all covariates, against the conditional HR", ""),
    "adjusted, marginal": ("The same, against the marginal HR", "ate"),
}
DIFFERENCES = {
    "unadjusted": "Kaplan-Meier, unadjusted",
    "ate": "Weighted Kaplan-Meier (ATE)",
    "both right": "Doubly robust (ATE)",
    "score wrong": "Doubly robust, score without its strongest confounders",
    "outcome wrong": "Doubly robust, outcome model without them",
    "both wrong": "Doubly robust, both without them",
}
IMPUTED = {
    "matched": {"full": "Matched, before values were lost", "complete": "Matched, complete cases", "imputed": "Matched, imputed"},
    "overlap": {
        "full": "Overlap weights, before values were lost",
        "complete": "Overlap weights, complete cases",
        "imputed": "Overlap weights, imputed",
    },
}


def hazard_ratios(one: Cohortlet, asked: Protocol) -> Found:
    """Log hazard ratios of every line of the first table."""
    found: Found = {}
    whole = Design("unadjusted", "Unadjusted", everybody(one.cohort), ())
    found["unadjusted"] = _of_rows(_cox(one, asked, whole))
    found["adjusted"] = _of_rows(list(islice(adjusted_rows(_setting(one, asked, whole), whole, one.covariates), 1)))
    found["adjusted, marginal"] = found["adjusted"]
    scores: dict = {}
    for name, spec in asked.designs.items():
        made = attempted(asked, one.cohort, one.covariates, spec, name, scores)
        if not isinstance(made, Design):
            continue
        kind = "clustered" if name == "matched" else "robust"
        found[f"{name}, {kind}"] = _of_rows(_cox(one, asked, made))
        if name == "matched":
            found["matched, naive"] = _of_fit(one, made.include)
            found["matched, stratified"] = _of_fit(one, made.include, strata=made.pair[made.include])
        if name == "ate":
            found["ate, naive"] = _of_fit(one, made.include, weight=made.weight[made.include])
            fifth = np.searchsorted(np.quantile(made.propensity, [0.2, 0.4, 0.6, 0.8]), made.propensity)
            found["fifths"] = _of_fit(one, made.include, strata=fifth)
    return found


def differences(one: Cohortlet, asked: Protocol) -> Found:
    """Differences of survival at DAY, new less old."""
    whole = Design("unadjusted", "Unadjusted", everybody(one.cohort), ())
    ate = _made(one, asked, "ate")
    found = {
        "unadjusted": _plain(next(iter(survival_difference_rows(_setting(one, asked, whole))))),
        "ate": _plain(next(iter(survival_difference_rows(_setting(one, asked, ate))))),
        "both right": _plain(next(iter(doubly_robust_rows(_setting(one, asked, ate), ate)))),
    }
    treated = one.draw.treated == 1
    whole = np.column_stack([one.covariates.values[n] for n in X])
    part = whole[:, [X.index(n) for n in X if n not in STRONGEST]]
    right, wrong = (stats.logistic(treated.astype(float), C).fitted for C in (whole, part))
    pseudo = stats.pseudo_survival(one.outcome.time, one.outcome.event, [DAY], group=treated)[:, 0]
    for name, score, C in (("score wrong", wrong, whole), ("outcome wrong", right, part), ("both wrong", wrong, part)):
        fit = stats.doubly_robust(pseudo, treated, score, C).difference
        found[name] = (fit.estimate, (fit.high - fit.low) / (2 * Z), fit.low, fit.high)
    return found


def imputations(one: Cohortlet, asked: Protocol, number: int) -> Found:
    """x1 and b1 are lost at random given arm and outcome: before that, complete cases, and imputed."""
    rng = np.random.default_rng([SEED, 99, number])
    lost = [GAPS.lost(one.draw.focal, one.outcome.time, one.outcome.event, rng) for _ in range(2)]
    values = {n: one.covariates.values[n] for n in X}
    values |= {n: np.where(gone, np.nan, values[n]) for n, gone in zip(STRONGEST, lost, strict=True)}
    gaps = replace(one, covariates=Covariates(values))
    outcomes = Outcomes({"os": one.outcome})
    found: Found = {}
    for name in IMPUTED:
        found[f"{name}, full"] = _of_rows(_cox(one, asked, _made(one, asked, name)))
        found[f"{name}, complete"] = _of_rows(_cox(gaps, asked, _made(gaps, asked, name)))
    drawn_values = draw_missing(asked, gaps.cohort, gaps.covariates, outcomes)
    assert drawn_values is not None
    copies = designs_again(asked, gaps.cohort, drawn_values).designs
    for name in IMPUTED:
        made = [list(islice(treatment_rows(_setting(gaps, asked, designs[name])), 2)) for designs in copies]
        found[f"{name}, imputed"] = _of_rows([row for row in pooled_rows(made, asked.level, len(made)) if row.statistic == "hr"])
    return found


def _made(one: Cohortlet, asked: Protocol, name: str) -> Design:
    made = attempted(asked, one.cohort, one.covariates, asked.designs[name], name)
    assert isinstance(made, Design)
    return made


def _setting(one: Cohortlet, asked: Protocol, design: Design) -> Setting:
    return Setting(asked, one.cohort, design.sample, "os", one.outcome)


def _cox(one: Cohortlet, asked: Protocol, design: Design) -> list[Row]:
    return list(islice(treatment_rows(_setting(one, asked, design)), 1))


def _of_rows(rows: list[Row]) -> tuple[float, float, float, float]:
    """On the log scale, of a hazard ratio's row."""
    value, low, high = (float(np.log(v)) for v in (rows[0].value, rows[0].low, rows[0].high))
    return value, (high - low) / (2 * Z), low, high


def _plain(row: Row) -> tuple[float, float, float, float]:
    return row.value, (row.high - row.low) / (2 * Z), row.low, row.high


def _of_fit(one: Cohortlet, keep: np.ndarray, **more: np.ndarray) -> tuple[float, float, float, float]:
    """With the variance of the model alone, whatever made the sample."""
    fit = stats.cox(one.outcome.time[keep], one.outcome.event[keep], one.draw.treated[keep, None], **more)
    half = Z * float(fit.se[0])
    return float(fit.coef[0]), float(fit.se[0]), float(fit.coef[0]) - half, float(fit.coef[0]) + half


def work(job: Job, start: int) -> list[Found]:
    return [job.replicate(r) for r in range(start, min(start + CHUNK, job.replicates))]


def run(job: Job, tell: str = "") -> list[Found]:
    found: list[Found] = []
    for part in in_order(work, job, range(0, job.replicates, CHUNK), processors()):
        found += part
        if tell and sys.stderr.isatty():
            print(f"\r{tell} {len(found):,} of {job.replicates:,}", end="", file=sys.stderr, flush=True)
    return found


def lines(scenario: str, found: list[Found], truths: dict[str, tuple[str, float]]) -> Iterator[dict[str, object]]:
    """truths: estimator -> target, truth."""
    for name, (target, truth) in truths.items():
        made = np.array([f[name] for f in found if name in f and np.isfinite(f[name]).all()])
        p = stats.performance(*made.T, np.zeros(len(made)), truth)
        figures = (p.n, p.bias, p.bias_se, p.empirical_se, p.model_se, p.coverage, p.coverage_se)
        yield dict(zip(COLUMNS, (scenario, name, target, truth, *figures), strict=True))


def conditional(scenario: Scenario, target: str = "ate") -> float:
    """The conditional effect whose marginal hazard ratio in the target is MARGINAL_HR."""
    return effect_for(scenario.population, float(np.log(MARGINAL_HR)), target)


def hazard_lines(key: str, replicates: int) -> list[dict[str, object]]:
    scenario, asked = SCENARIOS[key], protocol()
    effect, world = conditional(scenario), scenario.population
    place = list(SCENARIOS).index(key)
    found = run(Job(lambda r: hazard_ratios(replicate_of(scenario, effect, place, r), asked), replicates), f"scenario {key}")
    truths = {n: (t, marginal_truth(world, effect, t) if t else effect) for n, (_, t) in ESTIMATORS.items()}
    return list(lines(key, found, truths))


def difference_lines(replicates: int) -> list[dict[str, object]]:
    scenario, asked = SCENARIOS["a"], protocol()
    effect = conditional(scenario)
    found = run(Job(lambda r: differences(replicate_of(scenario, effect, 0, r), asked), replicates), "differences")
    truth = survival_difference(scenario.population, effect)
    return list(lines("difference", found, {name: ("ate", truth) for name in DIFFERENCES}))


def survival_difference(world: World, effect: float) -> float:
    """Between all treated and nobody treated, at DAY."""
    people = population(world)
    hazard = float(world.baseline.cumulative(np.array([DAY]))[0])
    free = [np.average(np.exp(-hazard * np.exp(people.risk + e)), weights=people.mass) for e in (effect, 0.0)]
    return float(free[0] - free[1])


def imputed_lines(replicates: int) -> list[dict[str, object]]:
    scenario = SCENARIOS["a"]
    designs = {name: PROTOCOL["designs"][name] for name in IMPUTED}
    asked = protocol(designs=designs, missing={"impute": {"imputations": 5, "iterations": 5, "method": "normal"}}).once
    effect, world = conditional(scenario), scenario.population
    found = run(Job(lambda r: imputations(replicate_of(scenario, effect, 0, r), asked, r), replicates), "imputations")
    targets = {"matched": "att", "overlap": "overlap"}
    truths = {f"{d}, {k}": (targets[d], marginal_truth(world, effect, targets[d])) for d, kinds in IMPUTED.items() for k in kinds}
    return list(lines("missing", found, truths))


def covers(line: dict[str, object]) -> str:
    """Of a nominal 95%: within 92.5 to 97.5 (Bradley's liberal criterion, halved distances from the error rate)."""
    share = float(line["coverage"])  # type: ignore[arg-type]
    return "yes" if 0.925 <= share <= 0.975 else "too often" if share > 0.975 else "no"


def table(found: list[dict[str, object]], words: dict[str, str], ratio: bool = True) -> str:
    bias = "bias of log HR" if ratio else "bias"
    head = f"| estimator | truth | {bias} | SD | mean SE | coverage, % | covers |\n|---|---|---|---|---|---|---|\n"
    rows = []
    for line in found:
        truth = np.exp(float(line["truth"])) if ratio else float(line["truth"])  # type: ignore[arg-type]
        figures = f"{truth:.3f} | {line['bias']:+.3f} ({line['bias_mcse']:.3f}) | {line['sd']:.3f} | {line['mean_se']:.3f}"
        share = f"{100 * float(line['coverage']):.1f} ({100 * float(line['coverage_mcse']):.1f})"  # type: ignore[arg-type]
        rows.append(f"| {words[str(line['estimator'])]} | {figures} | {share} | {covers(line)} |")
    return head + "\n".join(rows) + "\n"


def tables(found: list[dict[str, object]]) -> dict[str, str]:
    """Name of a place in the chapter -> its table."""
    words = {name: text for name, (text, _) in ESTIMATORS.items()}
    missing = {f"{d}, {k}": text for d, kinds in IMPUTED.items() for k, text in kinds.items()}
    by = {key: [line for line in found if line["scenario"] == key] for key in (*SCENARIOS, "difference", "missing")}
    made = {key: table(by[key], words) for key in SCENARIOS}
    return made | {"difference": table(by["difference"], DIFFERENCES, ratio=False), "missing": table(by["missing"], missing)}


def with_tables(text: str, made: dict[str, str]) -> str:
    """The chapter with each table between its marks."""
    for name, content in made.items():
        begin, end = f"<!-- table {name} -->\n", f"<!-- end {name} -->"
        before, rest = text.split(begin)
        text = before + begin + content + end + rest.split(end)[1]
    return text


def committed() -> list[dict[str, object]]:
    """The lines of the table beside the chapter."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{k: v if k in COLUMNS[:3] else float(v) for k, v in row.items()} for row in rows]


def main() -> None:
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    found = [line for key in SCENARIOS for line in hazard_lines(key, replicates)]
    found += difference_lines(replicates) + imputed_lines(replicates)
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
    CHAPTER.write_text(with_tables(CHAPTER.read_text(encoding="utf-8"), tables(found)), encoding="utf-8")


if __name__ == "__main__":
    main()
