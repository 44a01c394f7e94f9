"""Numbers to pages: tables, figures and sentences that look every number up by key, and the only writer of results.

`bundle.write_report(study, out)` writes the folder; it computes no statistic.
"""
