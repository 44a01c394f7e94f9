"""The steps of the SAS script for weighted designs, the weights given as a column of the analysis data set.

PROC LIFETEST takes no weights, so there is no weighted curve; VARDEF of PROC MEANS knows no unbiased variance for such weights.
"""

from __future__ import annotations

from equipoise.protocol.spec import Protocol
from equipoise.records import Design, Study
from equipoise.reproduce import sas_text
from equipoise.reproduce.analysis_data import columns_named
from equipoise.reproduce.sas_detail import sas_alpha


def weighted_steps(study: Study, design: Design) -> list[str]:
    """Weighted means, quartiles (of type 2) and counts by arm, response, and hazard ratios with the robust variance."""
    protocol, weight = study.protocol, f"weight_{design.name}"
    lines = [
        f"/* ---- {sas_text.comment(design.label)}: not made here are weighted curves, standard deviations and differences */",
        f"data d; set whole; where {weight} > 0; run;",
        f"/* baseline.{design.name} */",
    ]
    continuous = [n for n, spec in protocol.covariates.items() if spec.kind == "continuous"]
    if continuous:
        listed = " ".join(continuous)
        lines.append(f"proc means data=d n mean q1 median q3 qntldef=5; class arm; var {listed}; weight {weight}; run;")
    lines += [_counts(name, weight) for name, spec in protocol.covariates.items() if spec.kind != "continuous"]
    criteria = columns_named("best", study.outcomes.best_response)
    for criterion, column in criteria.items():
        lines.append(f"/* response.*.{design.name} {sas_text.comment(criterion)} */\n{_counts(column, weight)}")
    together = f"set_{design.name}" if design.sample.in_sets else "patient_id"
    lines += [_phreg(protocol, design.name, endpoint, weight, together) for endpoint in protocol.endpoints]
    classes = design.words.kind == "strata"
    return [*lines, *(_within_classes(protocol, design.name, endpoint) for endpoint in protocol.endpoints if classes)]


def _counts(column: str, weight: str) -> str:
    return f"proc freq data=d; tables arm*{column} / nocol nopercent; weight {weight}; run;"


def _model(protocol: Protocol, endpoint: str) -> str:
    return f"model {endpoint}_time*{endpoint}_event(0) = treated / ties={protocol.cox.ties} rl fconv=1e-12"


def _within_classes(protocol: Protocol, design: str, endpoint: str) -> str:
    return (
        f"/* survival.{endpoint}.{design}: cox_class_stratified */\n"
        f"proc phreg{sas_alpha(protocol)} data=d; {_model(protocol, endpoint)}; strata class_{design}; run;"
    )


def _phreg(protocol: Protocol, design: str, endpoint: str, weight: str, together: str) -> str:
    model = _model(protocol, endpoint)
    return (
        f"/* survival.{endpoint}.{design}: cox */\n"
        f"proc phreg{sas_alpha(protocol)} data=d covs(aggregate); {model}; weight {weight}; id {together}; run;"
    )
