"""The founding study's generator: a synthetic cohort calibrated to published tables (targets.py), and its raw tables.

It stands beside the package, not in it. What it makes ships with the package, and `build` makes it again: in `studies/`,
`python -m hcc_2024.build`. No row describes a real person. The cohort was fitted to published tables; it has no known truth, and
bias or coverage of a method cannot be studied on it.
"""
