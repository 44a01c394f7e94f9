"""Figures as functions of a study, each returning a matplotlib Figure; `render` writes it as svg, pdf and png.

A notebook calls `kaplan_meier(study, design="matched")` and looks at it. The numbers in a figure are those of its rows.
"""

from equipoise.report.figures.canvas import render
from equipoise.report.figures.flow import flow_diagram
from equipoise.report.figures.incidence import cumulative_incidence
from equipoise.report.figures.kaplan_meier import kaplan_meier, kaplan_meier_by_design, kaplan_meier_by_level
from equipoise.report.figures.love import love_plot
from equipoise.report.figures.overlap import other_overlaps, propensity_overlap
from equipoise.report.figures.ratio_forests import design_forest, subgroup_forest

__all__ = [
    "cumulative_incidence",
    "design_forest",
    "flow_diagram",
    "kaplan_meier",
    "kaplan_meier_by_design",
    "kaplan_meier_by_level",
    "love_plot",
    "other_overlaps",
    "propensity_overlap",
    "render",
    "subgroup_forest",
]
