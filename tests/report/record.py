"""The record of the words between estimate/ and report/: what each test study writes, and who asks for what.

`python tests/report/record.py` writes it again, into `record/`. A word exchanged with another valid one changes it.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import Counter
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from asked import entry

from equipoise.records import Estimates, Study

FOLDER = Path(__file__).parent / "record"
AGAIN = "the words between estimate/ and report/ changed; where that is meant, run `python tests/report/record.py`"


def written(estimates: Estimates) -> Counter:
    """(phase, analysis, statistic, variable) -> its rows; and ('remark', its text without numbers, '', '') -> how often."""
    remarks = [("remark", re.sub(r"\d[\d.,]*", "#", text), "", "") for text in estimates.warnings]
    return Counter([*map(entry, estimates.rows.values()), *remarks])


def written_text(studies: dict[str, Study]) -> str:
    """A line per entry, a column per study: how many rows."""
    counts = {name: written(study.estimates) for name, study in studies.items()}
    entries = sorted(set().union(*counts.values()))
    lines = [[*e, *(counts[name][e] or "" for name in studies)] for e in entries]
    return _csv(["phase", "analysis", "statistic", "variable", *studies], lines)


def asked_text(asked: dict[str, set]) -> str:
    """asked: study -> its questions. A line per question, with the studies whose pages ask it."""
    lines = [[*q, " ".join(name for name in asked if q in asked[name])] for q in sorted(set().union(*asked.values()))]
    return _csv(["place", "how", "phase", "analysis", "statistic", "variable", "studies"], lines)


def differing(name: str, text: str) -> list[str]:
    """Lines that stand in the record and not in this text, and the other way round."""
    before, now = (FOLDER / name).read_text(encoding="utf-8").splitlines(), text.splitlines()
    return [*(f"- {line}" for line in before if line not in set(now)), *(f"+ {line}" for line in now if line not in set(before))]


def _csv(head: list[str], lines: list[list]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *lines])
    return text.getvalue()


def main() -> None:
    import tempfile

    from questions import questions
    from wide import recorded_studies

    studies = recorded_studies(Path(__file__).parents[2], lambda name: Path(tempfile.mkdtemp()))
    (FOLDER / "written.csv").write_text(written_text(studies), encoding="utf-8")
    (FOLDER / "asked.csv").write_text(asked_text({n: questions(s)[0] for n, s in studies.items()}), encoding="utf-8")


if __name__ == "__main__":
    main()
