"""The words of the sensitivity bundle."""

from __future__ import annotations

from equipoise.records.vocabulary_parts import COVARIATE, Part, described

BUNDLE = {
    "bundle": described("whether a member of the sensitivity bundle was made; `method` says why not", "applies", COVARIATE),
    "site_in_score": described("the primary design with, or without, the site in its score", "hr p", COVARIATE),
    "centre_left_out": described("the primary design without the patients of a site", "hr p", COVARIATE),
    "caliper": described("the primary match with another caliper", "hr p", COVARIATE),
    "other_weights": described("the primary weights with other limits or by another method", "hr p", COVARIATE),
    "bootstrap_match": described(
        "hazard ratio over resamples in which the match was made again", "hr", more=(Part("value", ("log_se", "resamples")),)
    ),
    "piecewise": described(
        "hazard ratio before and after a day, and whether it changes there",
        "hr p",
        ("before", "after"),
        more=(Part("p", ("change",)), Part("value", ("split",))),
    ),
    "scan_midpoint": described("events seen at a scan put halfway to the scan before", "hr p"),
    "interval_censored": described("median by Turnbull's estimate: the interval in which it lies", "median"),
    "permutation": described("log-rank test by permuted arms", "p"),
    "e_value": described("E-value of the hazard ratio, and of its limit nearer to 1", "value", ("estimate", "limit")),
    "bounding": described("hazard ratio moved towards 1 as far as a confounder of risk ratios 2 and 2 can", "hr"),
    "confounder": described(
        "hazard ratio with the bias of the declared confounder taken out, and what would explain it away",
        "hr",
        more=(Part("value", ("tipping_share", "tipping_ratio")),),
    ),
    "pair_bounds": described(
        "who of a pair had the event first: counts, exact test, and the odds of treatment that would explain it",
        "p",
        more=(Part("value", ("gamma", "first_compared", "first_reference")),),
    ),
}
