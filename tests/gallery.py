"""Studies that are awkward to draw: invented patients, one trouble each. `docs/make_gallery.py` draws them for the manual."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from equipoise.document.model import Document, Section, numbered, ref, text
from equipoise.records import Study
from equipoise.report import figures
from equipoise.report.figures.published import published_forest
from equipoise.report.figures.spider import spider
from equipoise.report.figures.swimmer import swimmer
from equipoise.report.figures.waterfall import waterfall
from equipoise.report.lookup import Numbers
from equipoise.report.tables.safety import safety_table
from equipoise.study import run_study
from sheet import Sheet, incomplete, invented
from tiny import tiny_in

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONG = "Atezolizumab plus bevacizumab after progression on a first line, then a kinase inhibitor"
SIGNS = "$5 _x_ #1 5% & <b> @ \u0628\u0642\u0627\u0621"
NOTICE = "Synthetic data: no row describes a real person."


def _long_names(sheet: Sheet) -> None:
    groups = sheet.protocol["arms"]["groups"]
    groups["a"]["label"], groups["b"]["label"] = f"{LONG} A", f"{LONG} B"
    sheet.protocol["design"] = {"propensity": ["age", "vi"], "caliper": 0.5}


def _short_names(sheet: Sheet) -> None:
    _long_names(sheet)
    groups = sheet.protocol["arms"]["groups"]
    groups["a"]["short"], groups["b"]["short"] = "A+B, kinase inhibitor A", "A+B, kinase inhibitor B"


def _hangul(sheet: Sheet) -> None:
    groups = sheet.protocol["arms"]["groups"]
    groups["a"]["label"], groups["b"]["label"] = "\ub80c\ubc14\ud2f0\ub2d9", "\uc18c\ub77c\ud398\ub2d9"
    sheet.protocol["covariates"]["age"]["label"] = "\ub098\uc774, \uc138"
    sheet.protocol["endpoints"]["os"] |= {"label": "\uc804\uccb4 \uc0dd\uc874", "event_label": "\uc0ac\ub9dd"}


def _signs(sheet: Sheet) -> None:
    groups = sheet.protocol["arms"]["groups"]
    groups["a"]["label"], groups["b"]["label"] = f"Alfa {SIGNS}", f"Beta {SIGNS}"
    sheet.protocol["covariates"]["vi"]["label"] = f"Invasion {SIGNS}"
    sheet.protocol["endpoints"]["os"]["label"] = f"Survival {SIGNS}"


def _forty_covariates(sheet: Sheet) -> None:
    sheet.protocol["design"] = {"propensity": ["age", "vi"], "caliper": 0.5}
    draw = random.Random(3)
    for i in range(40):
        sheet.columns[f"x{i}"] = [round(draw.gauss(50, 10), 2) for _ in sheet.columns["id"]]
        sheet.protocol["covariates"][f"x{i}"] = {"label": f"Laboratory value {i + 1}, U/L", "kind": "continuous", "from": f"x{i}"}


def _arm_of_three(sheet: Sheet) -> None:
    sheet.columns["arm"] = ["A" if i < 3 else "B" for i in range(60)]


def _no_events(sheet: Sheet) -> None:
    sheet.columns["dead"] = [0 for _ in sheet.columns["id"]]


def _subgroups(sheet: Sheet) -> None:
    sheet.columns = invented(300)
    cuts = {f"g{age}": (f"Age {age} or more at the index date", f"age >= {age}", f"age < {age}") for age in range(49, 73, 2)}
    sheet.protocol["subgroups"] = {
        name: {"label": label, "levels": {"yes": over, "no": under}} for name, (label, over, under) in cuts.items()
    }


def _long_labels(sheet: Sheet) -> None:
    _subgroups(sheet)
    more = ", as recorded by the treating physician at the center"
    for name in [*sheet.protocol["subgroups"]][3:]:
        del sheet.protocol["subgroups"][name]
    for labelled in (*sheet.protocol["subgroups"].values(), *sheet.protocol["covariates"].values()):
        labelled["label"] += more
    sheet.protocol["design"] = {"propensity": ["age", "vi"], "caliper": 0.5}


def _nine_levels(sheet: Sheet) -> None:
    sheet.columns = invented(300)
    sheet.columns["site"] = [f"s{i % 9}" for i in range(300)]
    levels = {f"s{i}": f"Level {i + 1} of nine, with a longer name" for i in range(9)}
    sheet.protocol["covariates"]["site"] = {"label": "Nine levels", "kind": "categorical", "from": "site", "levels": levels}
    sheet.protocol["subgroups"] = {"site": {"label": "Nine levels", "levels": {v: f"site = '{k}'" for k, v in levels.items()}}}


def _hazard_ratio_of_a_fiftieth(sheet: Sheet) -> None:
    sheet.columns = invented(400)
    arms = sheet.columns["arm"]
    days = sheet.columns["days"]
    sheet.columns["days"] = [min(d * 50 + 1, 54_000) if arm == "A" else d for d, arm in zip(days, arms, strict=True)]
    sheet.protocol["subgroups"] = {"age": {"label": "Age", "levels": {"older": "age > 60", "younger": "age <= 60"}}}


def _p_of_one(sheet: Sheet) -> None:
    one = invented(40)
    sheet.columns = {name: [v for v in values for _ in "AB"] for name, values in one.items()}
    sheet.columns["id"] = [f"P{i}" for i in range(80)]
    sheet.columns["arm"] = ["AB"[i % 2] for i in range(80)]


def _three_arms(sheet: Sheet) -> None:
    sheet.columns = invented(240)
    sheet.columns["arm"] = ["ABC"[i % 3] for i in range(240)]
    sheet.protocol["arms"]["groups"]["c"] = {"label": LONG, "value": "C"}
    del sheet.protocol["arms"]["focal"]


def _twenty_years(sheet: Sheet) -> None:
    sheet.columns["days"] = [min(d * 12, 7300 - i) for i, d in enumerate(sheet.columns["days"])]
    sheet.protocol |= {"time_unit": "months", "design": {"propensity": ["age", "vi"], "caliper": 0.5}}


def _five_thousand(sheet: Sheet) -> None:
    sheet.columns = invented(5000)
    sheet.columns["days"] = [d + i / 5000 for i, d in enumerate(sheet.columns["days"])]


def _two_endpoints(sheet: Sheet) -> None:
    long = {
        "label": "Survival without progression, a second cancer or a change of treatment",
        "short": "Long",
        "event_label": "Event",
    }
    sheet.protocol["endpoints"]["pfs"] = sheet.protocol["endpoints"]["os"] | long


def _every_analysis(sheet: Sheet) -> None:
    """All that two arms of long names may be asked: another cause of death, other designs, imputed copies, published studies."""
    incomplete(sheet)
    _long_labels_of(sheet)
    asked, columns = sheet.protocol, sheet.columns
    columns["state"] = ["other" if not d and i % 3 == 0 else "dead" if d else "alive" for i, d in enumerate(columns["dead"])]
    cause = {"column": "state", "is": ["dead"], "competing": ["other"], "censored": ["alive"]}
    asked["endpoints"]["cause"] = asked["endpoints"]["os"] | {"label": "Death of the cancer", "short": "CSS", "event": cause}
    asked["designs"] |= {"ate": {"kind": "weights", "target": "ate"}, "classes": {"kind": "strata", "classes": 3}}
    asked["missing"] = {"impute": {"imputations": 2, "iterations": 3}}
    asked["effects"] = {"standardised": {"covariates": ["vi"], "replicates": 50}}
    asked["sensitivity"] = {"bundle": ["weights"]}
    part = {"endpoint": "os", "arm": "a", "study": "A cooperative group of forty-eight institutions, 2019"}
    ratio = part | {"measure": "hr", "versus": "b", "value": 0.8, "low": 0.5, "high": 1.28}
    median = part | {"measure": "median", "value": 450, "low": 300, "high": 900, "n": 30}
    asked["published"] = {"studies": [ratio, median], "summary": "random_effects", "curves": [_curve_of(sheet.folder)]}


def _long_labels_of(sheet: Sheet) -> None:
    groups = sheet.protocol["arms"]["groups"]
    groups["a"]["label"], groups["b"]["label"] = f"{LONG} A", f"{LONG} B"
    for covariate in sheet.protocol["covariates"].values():
        covariate["label"] += ", as recorded by the treating physician at the center"


def _curve_of(folder: Path) -> dict[str, str]:
    """A published curve: points, and numbers at risk."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "points.csv").write_text("time,survival\n0,100\n100,90\n200,70\n300,50\n400,45\n", encoding="utf-8")
    (folder / "risk.csv").write_text("time,n\n0,50\n200,34\n400,20\n", encoding="utf-8")
    asked = {"label": "A cooperative group, curve of its second publication", "endpoint": "os", "arm": "a"}
    return asked | {"points": "points.csv", "at_risk": "risk.csv", "source": "A group. A curve. J Test 2020;1:1."}


def _three_weighted_arms(sheet: Sheet) -> None:
    _three_arms(sheet)
    del sheet.protocol["design"]
    sheet.protocol |= {"propensity": ["age", "vi"], "primary": "ate"}
    sheet.protocol["designs"] = {"ate": {"kind": "weights", "target": "ate"}, "matched": {"kind": "match"}}


STUDIES: dict[str, Callable[[Sheet], None]] = {
    "arm names of 88 letters that differ in the last": _long_names,
    "the same with short names": _short_names,
    "Hangul": _hangul,
    "signs of other languages and of mark-up": _signs,
    "forty more covariates": _forty_covariates,
    "an arm of three": _arm_of_three,
    "no events": _no_events,
    "twelve subgroups": _subgroups,
    "labels of 80 letters": _long_labels,
    "nine levels": _nine_levels,
    "a hazard ratio of about 0.02": _hazard_ratio_of_a_fiftieth,
    "a P of 1": _p_of_one,
    "three arms": _three_arms,
    "twenty years": _twenty_years,
    "five thousand patients": _five_thousand,
    "a long name of an endpoint": _two_endpoints,
    "every analysis of two arms": _every_analysis,
    "three arms with weights": _three_weighted_arms,
}


def _targets(folder: Path) -> Study:
    """Targets measured again in arms of long names, and what patients were asked of before the index date."""
    tiny = tiny_in(folder)
    tiny.protocol = tiny.protocol.replace("label: Alfamab", f"label: '{LONG} A'").replace("label: Betanib", f"label: '{LONG} B'")
    return run_study(tiny.write())


TABLES: dict[str, Callable[[Path], Study]] = {"targets that were measured again": _targets}
NAMES = (*STUDIES, *TABLES)


TERMS = "sixty terms of adverse events"


def terms_document(folder: Path) -> Document:
    """The table of adverse events of a study that recorded sixty of them, some with long names."""
    tiny = tiny_in(folder)
    draw, first = random.Random(5), {r["patient_id"]: r["index_date"] for r in tiny.tables["index_treatment"]}
    long = " with a name that goes on over more than one line of its column"
    tiny.tables["ae"] = [
        {"patient_id": pid, "ae_id": f"A{i}", "ctcae_term": f"Event {i:02d}{long * (i % 12 == 0)}",
         "grade": draw.randint(1, 4), "attribution": "possible", "start": start + dt.timedelta(days=3)}
        for i in range(60) for pid, start in first.items() if draw.random() < 0.5
    ]  # fmt: skip
    table = safety_table(Numbers(run_study(tiny.write())))
    assert table is not None and len(table.body) > 60
    return numbered(Document("Adverse events", (Section("safety", "", (text("See ", ref(table.name), "."), table)),), (), NOTICE))


def study(name: str, folder: Path) -> Study:
    """One of NAMES."""
    if name in TABLES:
        return TABLES[name](folder)
    sheet = Sheet(folder)
    sheet.protocol["study"]["notice"] = NOTICE
    STUDIES[name](sheet)
    return run_study(sheet.write())


def drawn(study: Study) -> Iterator[tuple[str, Figure]]:
    """Name and figure, of those that the study has, in the theme that rules."""
    numbers = Numbers(study)
    for name, draw in {
        "flow": figures.flow_diagram,
        "curves": lambda s: figures.kaplan_meier(s, "unadjusted"),
        "balance": lambda s: figures.love_plot(s) if s.protocol.designs else None,
        "overlap": lambda s: figures.propensity_overlap(s) if s.protocol.designs and not numbers.several else None,
        "subgroups": lambda s: figures.subgroup_forest(s, "unadjusted") if s.protocol.subgroups else None,
        "incidence": lambda s: figures.cumulative_incidence(s, "cause") if "cause" in s.protocol.endpoints else None,
        "published": lambda s: published_forest(numbers) if s.published.numbers else None,
        "waterfall": waterfall,
        "spider": spider,
        "swimmer": swimmer,
    }.items():
        figure = draw(study)
        if figure is not None:
            yield name, figure
