"""The codebook of handed-over data: what was done to every column, what differs, what was left out. No value of a patient."""

from __future__ import annotations

from collections.abc import Sequence

from equipoise.handover.keys import LONGEST
from equipoise.handover.treatment import LEAVE, SAID, Handed

HEAD = f"""\
# De-identified data

Written by `equipoise deidentify`. {{patients}} patients. The key (old and new identifiers, shifts) and the seed are kept by
whoever handed this over, and are not in this folder.

- Identifiers are new ones, drawn from a seed and the whole list of old ones. {{order}}
- Dates move by the patient's own number of days, at most {LONGEST} in either direction{{outside}}. Intervals within a patient are
  as they were; calendar time, weekdays and seasons are not. Whoever knows one true day of a patient (that of a data cut-off, on
  which those still followed are censored) knows his shift, and with it all his days.
- Ages above 89 are grouped, birth dates are years.
- Free text, columns that no study reads, and columns that name or locate a person are left out.

Not looked at: whether a rare combination of what stays (hospital, sex, age, treatment, outcome) points at a person; and names of
persons in columns of a few short words. Look at the table below before handing the folder over.
"""
KEPT_ORDER = (
    "They stand in the order of the old ones, and rows in the order of the\n  files (`--keep-order`), so that a study gives the "
    "same numbers to the last digit;\n  the order may tell who came first."
)
SHUFFLED = (
    "They stand in no order, and neither do the patients in the files; what is drawn at random\n  (bootstrap, imputation), and "
    "ties that the order of patients decides, differ in a study."
)
OUTSIDE = "; those outside the accrual window of the protocol by up to twice as many, so that they stay outside"


def codebook_text(files: Sequence[Handed], n_patients: int, shuffle: bool, outside: bool, remarks: Sequence[str]) -> str:
    order = SHUFFLED if shuffle else KEPT_ORDER
    lines = [HEAD.format(patients=n_patients, order=order, outside=OUTSIDE if outside else "")]
    if remarks:
        lines += ["## To know", "", *(f"- {r}" for r in remarks), ""]
    for file in files:
        lines += [f"## {file.name}", "", "| column | what was done | why |", "|---|---|---|"]
        lines += [f"| {_plain(t.column)} | {SAID[t.what]} | {t.why} |" for t in file.treatments]
        lines.append("")
    return "\n".join(lines)


def left_out(files: Sequence[Handed]) -> list[str]:
    """For the terminal: each column that stays behind, with the reason."""
    return [f"{f.name}.{_plain(t.column)}: {t.why}" for f in files for t in f.of(LEAVE)]


def _plain(name: str) -> str:
    return " ".join(name.replace("|", "\\|").split())
