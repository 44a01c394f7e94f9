"""Why a row has no number: written by the estimates into `method`, read by the report."""

from __future__ import annotations

NOT_ESTIMABLE = "not estimable"


def not_estimable(why: str, method: str = "") -> str:
    """What stands in `method` of a row without a number: the reason, then how it would have been made."""
    return f"{NOT_ESTIMABLE} ({why})" + (f"; {method}" if method else "")


def reason(method: str) -> str:
    """The reason of :func:`not_estimable` back; '' for any other text."""
    start = f"{NOT_ESTIMABLE} ("
    if not method.startswith(start):
        return ""
    end = method.find("); ", len(start))
    return method[len(start) : end if end >= 0 else len(method) - 1]
