"""How a match was made, in sentences for the Methods."""

from __future__ import annotations

from equipoise.protocol.designs import MatchSpec
from equipoise.protocol.match_options import VariableRatio, in_sd
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.made import spoken
from equipoise.report.words import words

STURGES = "sturges"


def how_matched(numbers: Numbers, design: str) -> str:
    """Who was matched to whom, in which order, by which distance; what the two of a pair share or may not share."""
    spec, arms = numbers.matched_sets(design), numbers.protocol.arms
    assert spec is not None
    focal, other = (fmt.lower_first(numbers.arm_label(key)) for key in (arms.focal, arms.other))
    on = words(f"designs.match.{spec.distance}", **({"scale": spoken(spec.scale)} if spec.distance == "score" else {}))
    more = _sharing(numbers, spec)
    if spec.method == "cem":
        return words("designs.match.cem", bins=_bins(numbers, spec), more=more)
    if spec.method == "full":
        return words("designs.match.full", on=on, more=more)
    if spec.method == "optimal":
        return words("designs.match.optimal", focal=focal, other=other, ratio=str(spec.ratio), on=on, more=more)
    if isinstance(spec.ratio, VariableRatio):
        more = f" {_shares(spec.ratio, focal)}{more}"
    part = {"focal": focal, "other": other, "on": on, "more": more, "ratio": _number(spec)}
    part["partners"] = words("designs.match.partner" if spec.ratio == 1 else "designs.match.partners")
    if spec.replace:
        return words("designs.match.nearest_again", **part)
    return words("designs.match.nearest", order=_order(spec), **part)


def _order(spec: MatchSpec) -> str:
    seed = {"seed": str(spec.seed)} if spec.order == "random" else {}
    return words(f"designs.match.order.{spec.order}", **seed)


def set_weights(numbers: Numbers, design: str) -> str:
    """How matched patients weigh."""
    spec = numbers.matched_sets(design)
    assert spec is not None
    if spec.method in ("full", "cem"):
        return words("designs.match.sets_weighted")
    return words("designs.match.partners_share_again" if spec.replace else "designs.match.partners_share")


def _number(spec: MatchSpec) -> str:
    return "" if isinstance(spec.ratio, VariableRatio) else f"1:{spec.ratio} "


def _shares(ratio: VariableRatio, focal: str) -> str:
    return words("designs.match.variable", least=str(ratio.min), most=str(ratio.max), mean=fmt.short(ratio.mean), focal=focal)


def covariate_calipers(numbers: Numbers, design: str) -> list[str]:
    """How far partners may be apart in covariates, as a sentence; none where nothing limits it."""
    spec = numbers.matched_sets(design)
    assert spec is not None
    parts = [_apart(numbers, design, name, width) for name, width in spec.calipers.items()]
    if not parts:
        return []
    key = f"designs.match.{'pair' if spec.pairs else 'set'}_apart"
    if not any(in_sd(w) for w in spec.calipers.values()):
        return [words(key, limits=fmt.listed(parts))]
    return [words(f"{key}_sd", limits=fmt.listed(parts), sd=words(f"designs.match.sd_{spec.caliper_sd}"))]


def _apart(numbers: Numbers, design: str, name: str, width: float | str) -> str:
    """`by at most 5 years in age`, `by at most 0.2 standard deviations (12.3 ng/mL) in AFP`."""
    unit = numbers.covariate_label(name).partition(", ")[2]
    value = numbers.value("design", "value", design=design, analysis="covariate_caliper", variable=name)
    said = f"{fmt.short(value, 4)} {unit}".strip()
    share = in_sd(width)
    if share is not None:
        said = words("designs.match.share", count=share, share=fmt.short(share), value=said)
    return words("designs.match.by_most", width=said, name=numbers.covariate_words(name))


def _bins(numbers: Numbers, spec: MatchSpec) -> str:
    names = [name for name in spec.propensity if numbers.covariate(name).kind == "continuous"]
    parts = [_bin(numbers.covariate_words(name), spec.bins.get(name, STURGES)) for name in names]
    return "; ".join(parts) if parts else words("designs.match.bins_none")


def _bin(name: str, rule: list[float] | int | str) -> str:
    if isinstance(rule, list):
        return words("designs.match.bins_cut", name=name, points=fmt.listed([fmt.short(v) for v in rule]))
    if isinstance(rule, int):
        return words("designs.match.bins_width", name=name, n=str(rule))
    if rule == STURGES:
        return words("designs.match.bins_sturges", name=name)
    return words("designs.match.bins_quantiles", name=name, n=rule[1:])


def _sharing(numbers: Numbers, spec: MatchSpec) -> str:
    agree, differ = (fmt.listed([_name(numbers, n) for n in names]) for names in (spec.exact, spec.anti_exact))
    apart = agree and not spec.pairs  # of pairs a sentence of its own says it
    said = words("designs.match.exactly", names=agree) if apart else ""
    return said + (words("designs.match.differing", names=differ) if differ else "")


def _name(numbers: Numbers, name: str) -> str:
    return numbers.covariate_words(name) if name in numbers.protocol.covariates else name
