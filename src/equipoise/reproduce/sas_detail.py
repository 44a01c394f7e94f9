"""SAS steps for what came from many rows per patient, from the data sets beside analysis.csv. Not run by us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from equipoise.protocol.spec import Protocol
from equipoise.records import Study
from equipoise.reproduce import sas_text
from equipoise.reproduce.detail_data import LED_TO, detail_sets, laboratory_columns

CONFTYPE = {"log": "log", "log-log": "loglog", "plain": "linear"}
# A text that a spreadsheet would run as a formula stands behind an apostrophe in the file.
UNGUARD = "  array texts _character_; do over texts; texts = prxchange('s/^''(?=''*\\s*[=+@-])//', 1, texts); end;\n"


def sas_fields(columns: Mapping[str, Sequence[Any] | np.ndarray]) -> str:
    """Variables of an INPUT statement; text gets an informat."""
    return " ".join(f"{name}{'' if _number(values) else ' :$64.'}" for name, values in columns.items())


def sas_detail(study: Study) -> str:
    """FREQ and LIFETEST steps: duration of response, agreement, what events led to, laboratory grades, first events by cause,
    time on treatment."""
    sets = detail_sets(study)
    lines = ["/* ---- from the data sets beside analysis.csv */"]
    for file in ("response.csv", "adverse_events.csv", "safety.csv", "conduct.csv"):
        if file in sets:
            lines.append(_import(file, sets[file]))
    if "response.csv" in sets:
        lines += _response(study)
    if "safety.csv" in sets:
        lines += _safety(study)
    if "conduct.csv" in sets:
        lines += _exposure(study)
    return "\n".join(lines)


def _import(file: str, columns: Mapping[str, Sequence[Any] | np.ndarray]) -> str:
    name = file.removesuffix(".csv")
    return (
        f"data {name};\n  infile '{file}' dsd firstobs=2 truncover lrecl=32767 encoding='utf-8';\n"
        f"  input {sas_fields(columns)};\n{UNGUARD}run;\n"
        f"proc sort data={name}; by patient_id; run;\nproc sort data=whole; by patient_id; run;\n"
        f"data {name}; merge {name}(in=there) whole(keep=patient_id arm); by patient_id; if there; run;"
    )


def sas_alpha(protocol: Protocol) -> str:
    """The option of a procedure that sets the level of its limits; SAS takes 95% by itself."""
    return "" if protocol.level == 0.95 else f" alpha={1 - protocol.level:.10g}"


def _response(study: Study) -> list[str]:
    conf = CONFTYPE[study.protocol.conventions.interval_type]
    alpha = sas_alpha(study.protocol)
    lifetest = f"proc lifetest{alpha} data=response method=km conftype={conf}; by reading; time duration_days*duration_event(0);"
    return [
        "/* response.*.unadjusted.duration_of_response, in all and by arm */",
        "proc sort data=response; by reading; run;",
        f"{lifetest} run;",
        f"{lifetest} strata arm; run;",
        "/* response.unadjusted.agreement: two readings in columns, then kappa */",
        "proc sort data=response; by patient_id reading; run;",
        "proc transpose data=response out=readings prefix=reading; by patient_id; var best_unconfirmed; run;",
        "proc freq data=readings; tables reading1*reading2 / agree; run;",
    ]


def _safety(study: Study) -> list[str]:
    found = study.outcomes.safety
    assert found is not None
    lines = [f"/* safety.unadjusted.{', '.join(LED_TO.values())}: patients by term */"]
    lines.append(f"proc freq data=adverse_events; tables term*arm*({' '.join(LED_TO.values())}) / list; run;")
    alpha = sas_alpha(study.protocol)
    for grade in found.first:
        lines.append(f"/* safety.unadjusted.cumulative_incidence.{grade}: death competes; Gray's test */")
        lines.append(
            f"proc lifetest{alpha} data=safety conftype=loglog; time first_{grade}_time*first_{grade}_cause(0) / eventcode=1; "
            "strata arm; run;"
        )
    for term, column in laboratory_columns(found).items():
        lines.append(
            f"data d; set safety; where {column} >= 0; any = ({column} > 0); severe = ({column} in (3, 4)); run;\n"
            f"title {sas_text.literal(term)}; proc freq data=d; tables arm*any arm*severe / chisq fisher; run; title;"
        )
    return lines


def _exposure(study: Study) -> Iterator[str]:
    conf = CONFTYPE[study.protocol.conventions.interval_type]
    yield "/* exposure.unadjusted.time_on_treatment */"
    yield "data conduct; set conduct; stopped = not (stop_reason in ('', 'ongoing', 'lost', 'not recorded')); run;"
    alpha = sas_alpha(study.protocol)
    yield f"proc lifetest{alpha} data=conduct method=km conftype={conf}; time treated_days*stopped(0); strata arm; run;"


def _number(values: Sequence[Any] | np.ndarray) -> bool:
    given = np.asarray(values)
    if given.dtype.kind in "fiub":
        return True
    return all(v is None or isinstance(v, int | float) for v in given.tolist())
