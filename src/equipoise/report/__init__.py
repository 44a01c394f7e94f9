"""Numbers to pages: tables, figures and sentences that look every number up by key, and the only writer of results.

`write_report(study, out)` writes the folder; it computes no statistic.
"""

from equipoise.report.bundle import write_report

__all__ = ["write_report"]
