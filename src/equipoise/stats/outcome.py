"""What a hypothesis test returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TestResult:
    """Result of a hypothesis test.

    Attributes
    ----------
    statistic : float
        nan where the method has none (Fisher's exact test beyond 2 x 2).
    df : float
        Degrees of freedom, nan where the method has none.
    p : float
        Two-sided.
    method : str
        The test in full, with its correction.
    """

    __test__ = False  # keeps pytest from collecting it

    statistic: float
    df: float
    p: float
    method: str

    def __str__(self) -> str:
        parts = []
        if self.statistic == self.statistic:
            parts.append(f"statistic = {self.statistic:.6g}")
        if self.df == self.df:
            parts.append(f"df = {self.df:g}")
        return f"{self.method}: " + ", ".join([*parts, f"P = {self.p:.4g}"])
