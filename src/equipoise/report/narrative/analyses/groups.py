"""How groups were described and compared: tests of the baseline table, their corrections, balance, who was lost."""

from __future__ import annotations

from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.narrative.analyses.told import Told, joined
from equipoise.report.words import words

OF_SEVERAL = {"mann_whitney": "kruskal_wallis", "pooled": "anova", "welch": "welch_anova"}
# How the method of a row names a test: those of pairs, and those that may have a continuity correction.
PAIRED = {
    "signed_rank": "Wilcoxon signed rank",
    "paired_t": "Paired t test",
    "mcnemar": "McNemar",
    "stuart_maxwell": "Stuart-Maxwell",
}
CORRECTED = {"pearson": "Pearson", "mcnemar": "McNemar", "mann_whitney": "Mann-Whitney", "signed_rank": "Wilcoxon signed rank"}
RANKS = {"mann_whitney": "Mann-Whitney", "signed_rank": "signed-rank"}
CORRECTION = dict.fromkeys(CORRECTED, "with continuity correction") | {"pearson": "Yates"}


def described(numbers: Numbers) -> str:
    """What stands in the baseline table, and by which tests arms were compared."""
    weighted = any(map(numbers.weighted, numbers.design_names))
    continuous, categorical = _kinds(numbers)
    return joined(
        words("analyses.groups.described_both") if continuous and categorical else "",
        words("analyses.groups.described_continuous") if continuous and not categorical else "",
        words("analyses.groups.described_categorical") if categorical and not continuous else "",
        words("analyses.groups.weighted") if weighted else "",
        *(_tests(numbers) if tested(numbers) else ()),
    )


def _kinds(numbers: Numbers) -> tuple[bool, bool]:
    """Whether the baseline table has continuous variables, and others."""
    continuous = [c.kind == "continuous" for c in numbers.protocol.covariates.values() if c.show]
    return any(continuous), not all(continuous)


def tested(numbers: Numbers, design: str = "unadjusted") -> bool:
    return numbers.has("baseline", analysis="", design=design, statistic="p")


def _tests(numbers: Numbers) -> list[str]:
    """The tests as they were applied to all arms together, to two arms, and to pairs."""
    asked = numbers.protocol.tests
    continuous = _continuous(numbers)
    if numbers.several:
        said = [words("analyses.groups.all_arms", tests=_of_kinds(numbers, OF_SEVERAL[continuous]))]
    else:
        said = [words("analyses.groups.two_arms", tests=_of_kinds(numbers, continuous))]
    if numbers.several and any(map(tested, numbers.comparisons.values())):
        said.append(words("analyses.groups.two_of_several", tests=_of_kinds(numbers, continuous)))
    if _matched_tests(numbers):
        paired = [words(f"analyses.groups.test.{name}") for name, start in PAIRED.items() if _made(numbers, start)]
        if asked.paired_after_matching and paired:
            said.append(words("analyses.groups.paired", tests=fmt.listed(paired)))
        elif not asked.paired_after_matching:
            said.append(words("analyses.groups.unpaired"))
    return [*said, _corrections(numbers)]


def _of_kinds(numbers: Numbers, continuous: str) -> str:
    """The tests for the kinds of variables that there are."""
    some, others = _kinds(numbers)
    named = [words("analyses.groups.of_continuous", test=_named(continuous))] if some else []
    named += [words("analyses.groups.of_categorical", test=_named(numbers.protocol.tests.categorical))] if others else []
    return fmt.listed(named)


def _made(numbers: Numbers, start: str, correction: str = "") -> bool:
    """Whether a P value comes from the test whose name begins so, with that correction."""
    rows = numbers.study.estimates.rows.values()
    return any(r.statistic == "p" and r.method.startswith(start) and correction in r.method for r in rows)


def _continuous(numbers: Numbers) -> str:
    asked = numbers.protocol.tests.continuous
    return numbers.protocol.conventions.t_test if asked == "t_test" else asked


def _named(test: str) -> str:
    return words(f"analyses.groups.test.{test}")


def _matched_tests(numbers: Numbers) -> bool:
    """Whether a match was compared by tests, here or of two arms at a time."""
    return any(tested(n, design) for n in (numbers, *numbers.comparisons.values()) for design in n.matches)


def _corrections(numbers: Numbers) -> str:
    """Continuity corrections and exact P values of the tests that were made."""
    c, paired = numbers.protocol.conventions, numbers.protocol.tests.paired_after_matching
    made = {name: start for name, start in CORRECTED.items() if _made(numbers, start) and (paired or name not in PAIRED)}
    if not made:
        return ""
    done = [name for name, start in made.items() if _made(numbers, start, CORRECTION[name])]
    corrected = [words(f"analyses.groups.correction.{name}") for name in done]
    exact = [spoken(label) for name, label in RANKS.items() if name in made and _made(numbers, made[name], "exact")]
    return joined(
        words("analyses.groups.corrected", tests=fmt.listed(corrected)) if corrected else words("analyses.groups.uncorrected"),
        words("analyses.groups.exact", count=len(exact), tests=fmt.listed(exact)) if exact else "",
        words("analyses.groups.mcnemar_exact", least=str(c.mcnemar_exact_below))
        if "mcnemar" in made and c.mcnemar_exact_below
        else "",
        words("analyses.groups.signed_rank_sas") if "signed_rank" in made and c.signed_rank == "sas" else "",
    )


def _lost(numbers: Numbers) -> str:
    light = "lost.little_weight" in numbers.analyses
    return words("analyses.groups.lost_or_light" if light else "analyses.groups.lost")


GROUPS = (
    Told(("baseline.",), described),
    Told(("baseline.squares_and_interactions",), lambda n: words("analyses.groups.balance")),
    Told(("baseline.covariate_group",), lambda n: words("analyses.groups.covariate_groups")),
    Told(("lost.kept", "lost.lost", "lost.lost_vs_kept", "lost.little_weight"), _lost),
)
