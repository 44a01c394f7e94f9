"""The compiler of the annealing loops: an optional extra, asked for only when the cohort is rebuilt."""

try:
    from numba import njit
except ImportError as missing:  # pragma: no cover - depends on what is installed
    raise ImportError(
        "Rebuilding the founding cohort needs numba, which is not installed: install equipoise[simulate]. "
        "The shipped cohort and its raw tables need nothing more than NumPy."
    ) from missing

__all__ = ["njit"]
