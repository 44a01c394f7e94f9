"""What a study must have for an item of a checklist to be reported, by the names that the checklists use."""

from __future__ import annotations

from collections.abc import Callable

from equipoise.protocol.designs import MatchSpec
from equipoise.report.lookup import Numbers

Fact = Callable[[Numbers], bool]


def _told(*words: str) -> Fact:
    """Whether the metadata of the study have a key that begins with one of these words."""

    def told(numbers: Numbers) -> bool:
        keys = [key.strip().lower() for key, value in numbers.protocol.study.metadata.items() if value.strip()]
        return any(key.startswith(words) for key in keys)

    return told


def _dates(numbers: Numbers) -> bool:
    index = numbers.protocol.index
    return index is not None and bool(index.accrual.from_ and index.accrual.to) and numbers.protocol.study.data_cutoff is not None


def _assumptions(numbers: Numbers) -> bool:
    """Whether balance is judged or proportional hazards are tested."""
    tested = ("ph_test", "cox_multivariable_ph_test")
    return bool(numbers.primary) or any(numbers.where("survival", analysis=analysis) for analysis in tested)


FACTS: dict[str, Fact] = {
    "assumptions": _assumptions,
    "comparative": lambda n: not n.single,
    "dates": _dates,
    "designs": lambda n: bool(n.primary),
    "eligibility": lambda n: bool(n.protocol.eligibility.steps),
    "matched": lambda n: any(isinstance(d, MatchSpec) for d in n.protocol.designs.values()),
    "metadata_ai": _told("artificial intelligence", "ai ", "use of artificial", "use of ai"),
    "metadata_conflicts": _told("conflict", "competing interest", "disclosure", "declaration of interest"),
    "metadata_data": _told("data availability", "data sharing", "availability of data"),
    "metadata_ethics": _told("ethic", "irb", "institutional review"),
    "metadata_funding": _told("fund", "financial support", "grant"),
    "metadata_registration": _told("registration", "trial registration", "registry"),
    "omop": lambda n: n.protocol.omop is not None,
    "power": lambda n: n.protocol.power is not None,
    "quality_checked": lambda n: n.protocol.data.tables is not None,
    "records": lambda n: n.protocol.data.tables is not None or n.protocol.omop is not None,
    "response": lambda n: n.protocol.response is not None,
    "safety": lambda n: n.protocol.safety is not None,
    "setting": lambda n: bool(n.protocol.study.setting),
    "several_designs": lambda n: len(n.protocol.designs) > 1 or bool(n.protocol.sensitivity.propensity_variants),
    "subgroups": lambda n: bool(n.protocol.subgroups),
    "target_trial": lambda n: n.protocol.target_trial is not None,
}
