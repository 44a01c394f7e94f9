# %% [markdown]
# # A study in a notebook
#
# The study of `examples/gbsg2`: hormonal therapy or none in node-positive breast cancer. Run the cells from this folder.

# %%
from equipoise import run_study, shown

study = run_study("../gbsg2/study.yaml")
study

# %% [markdown]
# Every number is a row with a key. `frame()` gives all of them as a pandas frame.

# %%
study.estimates

# %%
numbers = study.estimates.frame()
numbers.loc[(numbers.statistic == "hr") & (numbers.analysis == "cox"), ["key", "value", "low", "high"]]

# %% [markdown]
# Tables and figures as the report prints them, by the names of their files.

# %%
views = shown(study)
views

# %%
views["baseline"]

# %%
views["survival"]

# %% [markdown]
# A figure is what matplotlib drew, and can be changed. `frame()` of a table gives its printed cells.


# %%
def larger_labels(figure):
    for axes in figure.axes:
        axes.yaxis.label.set_fontsize(12)
        axes.grid(axis="y", alpha=0.3)


curves = views["km"].restyled(larger_labels)
curves

# %%
views["survival"].frame()

# %% [markdown]
# `curves.save("km.png")` writes the figure; `write_report(study, "out")` writes the whole report.
