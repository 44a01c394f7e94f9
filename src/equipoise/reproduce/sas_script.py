"""The SAS script that regenerates the estimates from the analysis data set, the matched pairs given.

Written from SAS 9.4's documentation; it has not been run by us. Each step names the rows of results.csv it stands for.
"""

from __future__ import annotations

from equipoise.protocol.spec import TREATMENT, Protocol
from equipoise.records import Design, Study
from equipoise.reproduce import sas_text
from equipoise.reproduce.analysis_data import analysis_columns, columns_named
from equipoise.reproduce.sas_detail import CONFTYPE, UNGUARD, sas_alpha, sas_detail, sas_fields
from equipoise.reproduce.sas_weights import weighted_steps
from equipoise.reproduce.score_script import sas_model


def sas_script(study: Study) -> str:
    """PROC IMPORT, then FREQ, NPAR1WAY, MEANS, LIFETEST, PHREG and LOGISTIC steps in the order of results.csv."""
    parts = [
        f"/* {sas_text.comment(study.protocol.study.title)}: the estimates of results.csv again, in SAS 9.4. Not run by its "
        "writers. */",
        "options nofmterr;",
        _import(study),
        *(_design(study, design) for design in study.designs if design.name in study.protocol.compared),
        _safety(study),
        sas_detail(study),
    ]
    return "\n".join(parts) + "\n"


def _import(study: Study) -> str:
    fields = sas_fields(analysis_columns(study))
    return (
        "data whole;\n  infile 'analysis.csv' dsd firstobs=2 truncover lrecl=32767 encoding='utf-8';\n"
        f"  input {fields};\n{UNGUARD}{_roles(study.protocol)}run;\n"
    )


def _roles(protocol: Protocol) -> str:
    """The arms as indicators; a single arm has none."""
    if protocol.arms.single:
        return ""
    return f"  treated = (arm = '{protocol.arms.compared}');\n  focal = (arm = '{protocol.arms.focal}');\n"


def _counts(protocol: Protocol, *columns: str) -> str:
    """PROC FREQ: by arm with its tests; of a single arm the counts."""
    if protocol.arms.single:
        return f"proc freq data=d; tables {' '.join(columns)}; run;"
    return f"proc freq data=d; tables {' '.join(f'arm*{c}' for c in columns)} / chisq fisher; run;"


def _design(study: Study, design: Design) -> str:
    if design.sample.weighted:
        counterpart = f"counterpart_{design.name}" if design.gaps else ""
        score = _propensity(study.protocol, design, counterpart)
        return "\n".join([*weighted_steps(study, design), score]) + "\n"
    pair = f"pair_{design.name}" if design.paired else ""
    where = f"where {pair} > 0;" if pair else ""
    lines = [f"/* ---- {sas_text.comment(design.label)} */", f"data d; set whole; {where} run;"]
    if design.model is not None:
        counterpart = f"counterpart_{design.name}" if design.model.gaps else ""
        lines.append(_propensity(study.protocol, design, counterpart))
    lines += _baseline(study.protocol, design)
    for criterion in study.outcomes.best_response:
        column = columns_named("best", study.outcomes.best_response)[criterion]
        lines.append(f"/* response.*.{design.name} {sas_text.comment(criterion)} */\n{_counts(study.protocol, column)}")
    for endpoint in study.protocol.endpoints:
        lines += _survival(study.protocol, design, endpoint, pair)
    return "\n".join(lines) + "\n"


def _propensity(protocol: Protocol, design: Design, counterpart: str) -> str:
    names = list(design.model.covariates)
    model = sas_model(design.model.score, names)
    if not model:
        return "/* design.*.propensity: splines and penalties are not made here; the weights or pairs are given */"
    who = f"where {counterpart} = 1; " if counterpart else ""
    return (
        "/* design.*.propensity */\n"
        f"proc logistic data=whole; {who}{_class(protocol, names)} model focal(event='1') = {model}; run;"
    )


def _class(protocol: Protocol, names: list[str]) -> str:
    factors = [n for n in names if n != TREATMENT and protocol.covariates[n].kind == "categorical"]
    if not factors:
        return ""
    terms = " ".join(f"{n} (ref={sas_text.literal(next(iter(protocol.covariates[n].levels)))})" for n in factors)
    return f"class {terms} / param=ref;"


def _baseline(protocol: Protocol, design: Design) -> list[str]:
    kinds = {"continuous": [], "other": []}
    for name, spec in protocol.covariates.items():
        kinds["continuous" if spec.kind == "continuous" else "other"].append(name)
    lines = [f"/* baseline.{design.name} */"]
    definition = {1: 3, 2: 5, 3: 2, 4: 1, 6: 4}.get(protocol.conventions.quantile_type)
    note = "" if definition else f" /* quantile type {protocol.conventions.quantile_type} has no PCTLDEF; 5 is type 2 */"
    if kinds["continuous"]:
        listed = " ".join(kinds["continuous"])
        lines.append(
            f"proc means data=d n nmiss mean std q1 median q3 qntldef={definition or 5}; class arm; var {listed}; run;{note}"
        )
        if not protocol.arms.single:
            lines.append(f"proc npar1way data=d wilcoxon; class arm; var {listed}; run;")
    lines += [_counts(protocol, name) for name in kinds["other"]]
    return lines


def _survival(protocol: Protocol, design: Design, endpoint: str, pair: str) -> list[str]:
    time = f"{endpoint}_time*{endpoint}_event(0)"
    conf = CONFTYPE[protocol.conventions.interval_type]
    model = f"model {time} = treated / ties={protocol.cox.ties} rl fconv=1e-12"
    alpha = sas_alpha(protocol)
    test = "" if protocol.arms.single else " / test=logrank"
    lines = [
        f"/* survival.{endpoint}.{design.name}: kaplan_meier, logrank, follow_up, cox */",
        f"proc lifetest{alpha} data=d method=km conftype={conf}; time {time}; strata arm{test}; run;",
        f"proc lifetest{alpha} data=d method=km conftype={conf}; time {endpoint}_time*{endpoint}_event(1); strata arm; run;",
    ]
    if pair:
        lines.append(f"proc phreg{alpha} data=d covs(aggregate); {model}; id {pair}; run;")
        lines.append(f"proc phreg{alpha} data=d; {model}; strata {pair}; run; /* cox_pair_stratified */")
        return lines
    if not protocol.arms.single:
        lines.append(f"proc phreg{alpha} data=d; {model}; run;")
    if endpoint not in protocol.main_endpoints:
        return lines
    for name in protocol.cox.univariable:
        lines.append(_phreg(protocol, time, [name]))
    if protocol.cox.multivariable.get(endpoint):
        lines.append(_phreg(protocol, time, protocol.cox.multivariable[endpoint]))
    return lines


def _phreg(protocol: Protocol, time: str, names: list[str]) -> str:
    listed = " ".join("treated" if n == TREATMENT else n for n in names)
    alpha = sas_alpha(protocol)
    model = f"model {time} = {listed} / ties={protocol.cox.ties} rl fconv=1e-12;"
    per = {n: protocol.covariates[n].per for n in names if n != TREATMENT}
    steps = "".join(f" hazardratio {n} / units={step:g};" for n, step in per.items() if step != 1)
    return f"proc phreg{alpha} data=d; {_class(protocol, names)} {model}{steps} run;"


def _safety(study: Study) -> str:
    lines = ["/* ---- safety */"]
    for term in study.outcomes.worst_grade:
        column = columns_named("ae", study.outcomes.worst_grade)[term]
        lines.append(f"data d; set whole; any = ({column} > 0); severe = ({column} in (3, 4)); run;")
        lines.append(f"title {sas_text.literal(term)}; {_counts(study.protocol, 'any', 'severe')} title;")
    return "\n".join(lines)
