"""Trims what matchit_sets.R wrote to matchit_sets.json: python matchit_sets.py FOLDER.

Positions from 0 in the order of the data. Of pairs stands the number and the first sixteen digits of the SHA-256 of their text
("focal-partner;..." sorted), of strata the same of their labels, numbered by first position. expect: what a matcher that is
not MatchIt must give: units; distances, where ties decide who it is; counts, where ties lead to other pairs.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

ORDER = {"ATT": "focal", "ATC": "other", "ATE": "all"}
DISTANCES = {"maha": "mahalanobis", "robust": "robust_mahalanobis", "scaled": "scaled_euclidean", "mahvars": "mahalanobis"}


def digest(texts):
    return hashlib.sha256(";".join(texts).encode()).hexdigest()[:16]


def options(case):
    """What the R call asked for, in words of the design."""
    call, asked = case["call"], {}
    find = lambda pattern: (re.search(pattern, call) or [None, None])[1]  # noqa: E731
    asked["scale"] = "ps" if "link='logit'" in call else "logit"
    asked["method"], asked["order"] = find(r"method='(\w+)'"), find(r"m\.order='(\w+)'") or "data"
    asked["target"] = ORDER[case.get("estimand") or "ATT"]
    asked["ratio"] = int(find(r"\bratio=(\d)") or 1)
    if most := find(r"max\.controls=(\d+), (?:caliper|m\.order)"):
        asked["variable"] = [2, 1, int(most)]
    asked["reuse"] = "inf" if "replace=TRUE" in call else int(find(r"reuse\.max=(\d)") or 1)
    asked["exact"], asked["apart"] = find(r"[ (]exact=~(\w+)"), find(r"antiexact=~(\w+)")
    calipers = dict(case.get("caliper_absolute", {}))
    asked["caliper"] = calipers.pop("distance", None)
    asked["narrow"] = calipers
    kind = DISTANCES.get(case["id"].removeprefix("optimal_").split("_")[0])
    if kind:
        asked["distance"] = kind
        columns = find(r"mahvars=~([\w+]+)") or (find(r"matchit\(\w+ ~ ([\w+ ]+), d, method='nearest', distance='maha"))
        asked["columns"] = columns and [c.strip() for c in columns.split("+")]
    if asked["method"] == "cem":
        asked["columns"] = [c.strip() for c in find(r"matchit\(\w+ ~ ([\w+ ]+), d").split("+")]
        limits = re.findall(r"(\w+)=c\(([^)]*)\)", call)
        asked["bins"] = {name: [float(v) for v in values.split(",")] for name, values in limits}
    if asked["method"] == "subclass":
        asked["classes"], asked["fill"] = int(find(r"subclass=(\d+)")), "min.n=0" not in call
    if asked["method"] == "full" and "max.controls=5" in call:
        asked["most"] = 5
    return {name: value for name, value in asked.items() if value not in (None, {}, [])}


def expect(case):
    second = case.get("second_method")
    if not second or not second["rows_that_differ"]:
        return "units"
    return "distances" if second["same_sorted_distances"] else "counts"


def trimmed(case, place):
    kept = {"id": case["id"], "asked": options(case), "used": [case["n_used"]["treated"], case["n_used"]["control"]]}
    kept["ess"] = [case["ess"]["treated"], case["ess"]["control"]]
    if "pairs" in case:
        ends = zip(case["pairs"]["focal"], case["pairs"]["match"], strict=True)
        pairs = sorted((place[i], place[j]) for i, j in ends)
        kept |= {"pairs": len(pairs), "expect": expect(case)}
        if kept["asked"]["method"] == "nearest":
            kept["digest"] = digest(f"{i}-{j}" for i, j in pairs)
            kept["total"] = (case.get("second_method") or {}).get("sum_distance_matchit", case.get("distance_sum_abs"))
        else:
            kept["total"] = case.get("distance_sum_abs")
            if "distance" in kept["asked"]:
                kept["pair_list"] = [list(p) for p in pairs]
    elif "subclass" in case and kept["asked"]["method"] != "full":
        of = case["subclass"]
        named = place if of.get("ids") == "distance.ids" else of["id"]
        label = dict(zip((place[i] for i in named), of["class"], strict=True))
        number = {}
        texts = [
            str(number.setdefault(c, len(number) + 1)) if (c := label.get(k)) is not None else "0" for k in range(len(place))
        ]
        kept["digest"] = digest(texts)
        table = case.get("weights_by_class")
        if table:
            rows = zip(*(table[k] for k in ("n_treated", "n_control", "w_treated", "w_control")), strict=True)
            kept["classes"] = sorted(list(row) for row in rows)
    else:
        kept["total"] = case["distance_sum_abs"]
    return kept


def main(folder):
    result = {}
    for name in ("cohort", "lalonde", "nhefs"):
        made = json.loads((folder / f"{name}_matching.json").read_text())
        ids = made["distance"]["ids"]
        place = {patient: k for k, patient in enumerate(ids)}
        wanted = re.compile("optimal_(?!logit_default)|full|subclass|cem_AT.$|exact_method")
        cases = [
            trimmed(case, place)
            for case in made["cases"]
            if "error" not in case and "defect" not in case and "discard" not in case["id"] and "maha_right" not in case["id"]
            if "method='nearest'" in case["call"] or wanted.match(case["id"])
        ]
        scores = {"logit": made["distance"]["linear.logit"], "ps": made["distance"]["ps"]}
        versions = {p: made["versions"][p] for p in ("R", "MatchIt", "optmatch", "rlemon")}
        result[name] = {"versions": versions, "n": made["n"], "scores": scores, "cases": cases}
    text = json.dumps(result, separators=(",", ":")).replace('{"id"', '\n{"id"')
    (Path(__file__).parent / "matchit_sets.json").write_text(text + "\n")


main(Path(sys.argv[1]))
