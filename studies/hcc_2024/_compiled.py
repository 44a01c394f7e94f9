"""The compiler of the annealing loops: pinned in requirements/hcc_2024.txt, missed only when the cohort is rebuilt."""

from __future__ import annotations

from collections.abc import Callable

try:
    from numba import njit
except ImportError:

    def njit(function: Callable) -> Callable:
        """A stand-in that can be imported but not called."""

        def missing(*_: object) -> None:
            raise ImportError(
                f"{function.__name__} is compiled by numba, which is not installed: install requirements/hcc_2024.txt to rebuild "
                "the founding cohort. The shipped cohort and its raw tables need nothing more than NumPy."
            )

        return missing


__all__ = ["njit"]
