"""Equipoise: a whole comparative-effectiveness study from one protocol file.

    from equipoise import load_protocol, read_sources, build_cohort, derive_covariates, derive_outcomes
    from equipoise import find_quality, make_designs, read_published, estimate_effects, write_report, Study

The names are loaded on first use, so that `import equipoise` and `equipoise --help` stay quick.
"""

from importlib import import_module

__version__ = "0.2.0"

_HOME = {
    "load_protocol": "equipoise.protocol.load",
    "read_sources": "equipoise.data.sources",
    "build_cohort": "equipoise.study",
    "derive_covariates": "equipoise.derive.covariates",
    "derive_outcomes": "equipoise.outcomes.outcomes",
    "find_quality": "equipoise.data.quality",
    "make_designs": "equipoise.design.make",
    "read_published": "equipoise.estimate.published_input",
    "estimate_effects": "equipoise.estimate.estimate",
    "write_report": "equipoise.report.bundle",
    "run_study": "equipoise.study",
    "shown": "equipoise.report.notebook",
    "Study": "equipoise.records",
    "EquipoiseError": "equipoise.errors",
}

__all__ = [*_HOME, "__version__"]


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module 'equipoise' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
