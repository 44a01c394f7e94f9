"""How the propensity score of a design is fitted, as settings of the R script; and which scores SAS makes again."""

from __future__ import annotations

from typing import Any

from equipoise.protocol.score import FIRTH, Score
from equipoise.reproduce.r_text import literal

JOIN = "\r"  # between a variable and its level in the names of R's columns


def score_lines(model: Any) -> list[str]:
    """Settings that stand before the calls of a design. Of a LASSO the columns that were kept: R is given its scores."""
    score: Score = model.score
    added = []
    for term in score.parsed:
        factors = ", ".join(literal([f.text, f.name, str(f.spline), str(f.power)]) for f in term.factors)
        added.append(f"{literal(term.text)} = list({factors})")
    lines = [f"score_fit <- {literal(score.fit)}; score_terms_added <- list({', '.join(added)})"]
    if score.shrunk:
        kept = [JOIN.join(x for x in term if x) for term, used in zip(model.matrix.terms, model.fit.kept, strict=True) if used]
        lines.append(f"score_kept <- {literal(kept)}")
    return lines


def sas_model(score: Score, names: list[str]) -> str:
    """The right side of PROC LOGISTIC's model with its options; empty for a score that SAS does not make as R does."""
    if score.shrunk or any(f.spline for term in score.parsed for f in term.factors):
        return ""
    added = ["*".join("*".join([f.name] * f.power) for f in term.factors) for term in score.parsed]
    return f"{' '.join([*names, *added])} / gconv=1e-12{' firth' if score.fit == FIRTH else ''}"
