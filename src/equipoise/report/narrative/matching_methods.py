"""How a match was made, in sentences for the Methods."""

from __future__ import annotations

from equipoise.protocol.designs import MatchSpec
from equipoise.protocol.match_options import VariableRatio, in_sd
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers

ORDERS = {
    "largest": "from the largest propensity score down",
    "smallest": "from the smallest propensity score up",
    "closest": "the one with the nearest free partner first",
    "farthest": "the one whose nearest free partner is farthest first",
    "random": "in a drawn order (seed {seed})",
    "data": "in the order of the data",
}
DISTANCES = {
    "mahalanobis": "the Mahalanobis distance of the covariates (covariance pooled within arms)",
    "robust_mahalanobis": "the robust Mahalanobis distance of the covariates (of their ranks)",
}


def how_matched(numbers: Numbers, design: str) -> str:
    """Who was matched to whom, in which order, by which distance; what the two of a pair share or may not share."""
    spec, arms = numbers.matched_sets(design), numbers.protocol.arms
    assert spec is not None
    focal, other = (fmt.lower_first(numbers.arm_label(key)) for key in (arms.focal, arms.other))
    on = DISTANCES.get(spec.distance, f"the {spec.scale} of the score")
    if spec.method == "cem":
        said = (
            f"Patients were matched in the cells of the same covariates, the continuous ones in bins ({_bins(numbers, spec)}): "
            "who shares a cell with patients of the other arm was kept (coarsened exact matching)"
        )
    elif spec.method == "full":
        said = (
            "All patients who had anybody within reach were put into sets of one patient of an arm with one or more of the "
            f"other, with the least total distance on {on} (optimal full matching)"
        )
    elif spec.method == "optimal":
        said = (
            f"Patients of the {focal} arm were matched 1:{spec.ratio} without replacement to patients of the {other} arm so that "
            f"the number of pairs is the largest possible and then their total distance on {on} the least (optimal matching)"
        )
    else:
        turn = "" if spec.replace else f", {ORDERS[spec.order].format(seed=spec.seed)},"
        said = (
            f"Each patient of the {focal} arm{turn} was matched {_number(spec)}{'with' if spec.replace else 'without'} "
            f"replacement to the nearest {'patient' if spec.ratio == 1 else 'patients'} of the {other} arm on {on}"
        )
        if isinstance(spec.ratio, VariableRatio):
            said += _shares(spec.ratio, focal)
    return said + _sharing(numbers, spec) + "."


def set_weights(numbers: Numbers, design: str) -> str:
    """How matched patients weigh."""
    spec = numbers.matched_sets(design)
    assert spec is not None
    if spec.method in ("full", "cem"):
        return "Patients are weighted so that in each arm the sets have the shares of the patients whom the weights represent."
    again = ", summed where one serves several times" if spec.replace else ""
    return f"Partners share the weight of the patient whom they were matched to{again}."


def _number(spec: MatchSpec) -> str:
    return "" if isinstance(spec.ratio, VariableRatio) else f"1:{spec.ratio} "


def _shares(ratio: VariableRatio, focal: str) -> str:
    return (
        f" (variable ratio: {ratio.min} for those whose score is most typical of the {focal} arm, for whom partners are scarce, "
        f"{ratio.max} for the others, {fmt.short(ratio.mean)} on average asked for)"
    )


SD = {"whole_sample": "of all patients who have a value", "pooled": "pooled over the two arms"}


def covariate_calipers(numbers: Numbers, design: str) -> list[str]:
    """How far partners may be apart in covariates, as a sentence; none where nothing limits it."""
    spec = numbers.matched_sets(design)
    assert spec is not None
    parts = [_apart(numbers, design, name, width) for name, width in spec.calipers.items()]
    if not parts:
        return []
    pooled = f" (standard deviations {SD[spec.caliper_sd]})" if any(in_sd(w) for w in spec.calipers.values()) else ""
    who = "The two of a pair" if spec.pairs else "Patients who are matched to each other"
    return [f"{who} differ {fmt.listed(parts)}{pooled}."]


def _apart(numbers: Numbers, design: str, name: str, width: float | str) -> str:
    """`by at most 5 years in age`, `by at most 0.2 standard deviations (12.3 ng/mL) in AFP`."""
    unit = numbers.covariate_label(name).partition(", ")[2]
    value = numbers.value("design", "value", design=design, analysis="covariate_caliper", variable=name)
    said = f"{fmt.short(value, 4)} {unit}".strip()
    share = in_sd(width)
    if share is not None:
        said = f"{fmt.short(share)} {'standard deviation' if share == 1 else 'standard deviations'} ({said})"
    return f"by at most {said} in {numbers.covariate_words(name)}"


def _bins(numbers: Numbers, spec: MatchSpec) -> str:
    given = {"sturges": "of equal width by Sturges' rule"}
    parts = []
    for name in spec.propensity:
        if numbers.covariate(name).kind == "continuous":
            rule = spec.bins.get(name, "sturges")
            if isinstance(rule, list):
                words = f"cut at {fmt.listed([f'{fmt.short(v)}' for v in rule])}"
            elif isinstance(rule, int):
                words = f"{rule} of equal width"
            else:
                words = given.get(rule, f"{rule[1:]} by quantiles")
            parts.append(f"{numbers.covariate_words(name)}: {words}")
    return "; ".join(parts) if parts else "there are none"


def _sharing(numbers: Numbers, spec: MatchSpec) -> str:
    agree, differ = (fmt.listed([_name(numbers, n) for n in names]) for names in (spec.exact, spec.anti_exact))
    said = f", exactly on {agree}" if agree and not spec.pairs else ""  # of pairs a sentence of its own says it
    return said + (f", with partners who differ in {differ}" if differ else "")


def _name(numbers: Numbers, name: str) -> str:
    return numbers.covariate_words(name) if name in numbers.protocol.covariates else name
