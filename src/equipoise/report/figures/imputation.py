"""The chains of an imputation, and imputed beside observed values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from equipoise.records import Study
from equipoise.report.bound import traced
from equipoise.report.figures.canvas import ARM_COLOURS, INK, NOTICE, SOFT, TYPE_SIZE, bare, new_figure, sign, style
from equipoise.report.figures.finish import laid_out
from equipoise.report.lookup import Numbers
from equipoise.report.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

USUAL, LEAST = 7.4, 7.0  # inches
BINS = 10  # of equal width
MOST = 12  # covariates in a figure: those with the most missing values
OBSERVED, IMPUTED = ARM_COLOURS[0], ARM_COLOURS[1]
SMALL = TYPE_SIZE - 1.5


@traced
def imputation_chains(study: Study) -> Figure:
    """A row per covariate: mean and SD of its imputed values by iteration, a line per imputation."""
    numbers, names = Numbers(study), _names(study)
    assert study.imputed is not None
    drawn = study.imputed.drawn
    height = 0.75 + 1.35 * len(names)
    figure = new_figure(laid_out(USUAL, LEAST), height)
    with style():
        for i, name in enumerate(names):
            bottom = 1 - (0.3 + 1.35 * (i + 1) - 0.35) / height
            for left, trace, what in (
                (0.09, drawn.trace_mean[name], words("imputation_figures.mean")),
                (0.58, drawn.trace_sd[name], words("imputation_figures.sd")),
            ):
                axes = bare(figure.add_axes((left, bottom, 0.4, 0.85 / height)))
                _lines(axes, trace)
                axes.set_title(f"{_label(numbers, name)}: {what}", loc="left", fontsize=TYPE_SIZE - 0.5, color=INK)
                if i == len(names) - 1:
                    axes.set_xlabel(words("imputation_figures.iteration"), fontsize=TYPE_SIZE - 1)
        sign(figure, study.protocol.study.notice)
    return figure


def _lines(axes: Axes, trace: np.ndarray) -> None:
    passes = np.arange(1, trace.shape[1] + 1)
    axes.plot(passes, trace.T, color=OBSERVED, alpha=0.35, linewidth=0.8)
    if np.isfinite(trace).any():
        axes.plot(passes, np.nanmean(trace, axis=0), color=INK, linewidth=1.3)
    axes.tick_params(labelsize=SMALL)
    step = max(1, len(passes) // 5)
    axes.set_xticks(passes[step - 1 :: step])


@traced
def imputed_and_observed(study: Study) -> Figure:
    """A panel per covariate: shares of observed and of imputed values, by level or in bins of equal width."""
    numbers, names = Numbers(study), _names(study)
    rows = (len(names) + 1) // 2
    height = 0.65 + NOTICE + 1.75 * rows
    figure = new_figure(laid_out(USUAL, LEAST), height)
    with style():
        for i, name in enumerate(names):
            bottom = 1 - (0.3 + 1.75 * (i // 2 + 1) - 0.45) / height
            axes = bare(figure.add_axes((0.08 + 0.5 * (i % 2), bottom, 0.4, 1.1 / height)))
            _shares(axes, study, numbers, name)
            axes.set_title(_label(numbers, name), loc="left", fontsize=TYPE_SIZE - 0.5, color=INK)
            axes.set_ylabel(words("imputation_figures.share"), fontsize=TYPE_SIZE - 1)
            axes.tick_params(labelsize=SMALL)
        _legend(figure)
        sign(figure, study.protocol.study.notice)
    return figure


def _shares(axes: Axes, study: Study, numbers: Numbers, name: str) -> None:
    spec = numbers.covariate(name)
    missing = study.covariates.missing(name)
    assert study.imputed is not None
    observed = study.covariates.values[name][~missing]
    drawn = np.concatenate([copy.values[name][missing] for copy in study.imputed.drawn.copies])
    if spec.kind == "continuous":
        values = np.concatenate((observed, drawn)).astype(float)
        edges = np.histogram_bin_edges(values, bins=BINS)
        for x, colour in ((observed, OBSERVED), (drawn, IMPUTED)):
            counts = np.histogram(x.astype(float), edges)[0]
            axes.stairs(100 * counts / counts.sum(), edges, color=colour, linewidth=1.5, fill=False)
        return
    levels = list(spec.levels) if spec.kind == "categorical" else [0.0, 1.0]
    labels = [spec.levels[k] for k in levels] if spec.kind == "categorical" else ["no", "yes"]
    at = np.arange(len(levels))
    for x, colour, shift in ((observed, OBSERVED, -0.2), (drawn, IMPUTED, 0.2)):
        axes.bar(at + shift, [100 * float(np.mean(x == k)) for k in levels], width=0.36, color=colour, alpha=0.85)
    axes.set_xticks(at, [_cut(label, 16) for label in labels])


def _legend(figure: Figure) -> None:
    y = NOTICE / figure.get_figheight()
    for x, said, colour in ((0.08, "observed", OBSERVED), (0.2, "imputed", IMPUTED)):
        figure.text(
            x, y, f"\u25a0 {words(f'imputation_figures.{said}')}", color=colour, fontsize=TYPE_SIZE - 0.5, fontweight="bold"
        )
    figure.text(0.34, y, words("imputation_figures.shares"), color=SOFT, fontsize=SMALL)


def _names(study: Study) -> list[str]:
    """Those with the most missing values, in the order of the protocol."""
    assert study.imputed is not None
    names = study.imputed.drawn.names
    most = sorted(names, key=lambda n: -int(study.covariates.missing(n).sum()))[:MOST]
    return [n for n in names if n in most]


def _label(numbers: Numbers, name: str) -> str:
    return _cut(numbers.covariate_label(name), 40)


def _cut(label: str, most: int) -> str:
    return label if len(label) <= most else label[: most - 1].rstrip() + "\u2026"
