"""Survival and comparison statistics: NumPy arrays in, one frozen dataclass out.

Nothing here knows frames, patients, arm names or files.  Names are loaded on first use, so that
``import equipoise.stats`` costs next to nothing.
"""

from importlib import import_module as _import_module

_HOME = {
    "ArrayError": "validation",
    "kaplan_meier": "kaplan_meier",
    "reverse_kaplan_meier": "kaplan_meier",
    "logrank": "logrank",
    "cox": "cox",
    "logistic": "logistic",
    "pearson": "contingency",
    "fisher": "fisher",
    "mcnemar": "contingency",
    "likelihood_ratio": "contingency",
    "expected_counts": "contingency",
    "t_test": "two_sample",
    "paired_t": "two_sample",
    "mann_whitney": "two_sample",
    "signed_rank": "two_sample",
    "kruskal": "two_sample",
    "clopper_pearson": "proportions",
    "wilson": "proportions",
    "quantile": "quantiles",
    "smd_continuous": "standardized_difference",
    "smd_binary": "standardized_difference",
    "smd_categorical": "standardized_difference",
    "variance_ratio": "standardized_difference",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return __all__
