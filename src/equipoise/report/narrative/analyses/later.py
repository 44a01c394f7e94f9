"""What became known only after the index date: later treatment, response and the like, and exclusions known too late."""

from __future__ import annotations

from collections.abc import Callable

from equipoise.protocol.post_index import PostIndex
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.analyses.told import Told, joined
from equipoise.report.words import words

PHASE = "post_index"
Say = Callable[[Numbers, PostIndex], str]


def _each(say: Say, *analyses: str) -> Told:
    """A sentence for each grouping that has one of the analyses; the same sentence of two groupings stands once."""

    def told(numbers: Numbers) -> str:
        found = [
            say(numbers, post)
            for name, post in numbers.protocol.post_index.items()
            if any(numbers.has(PHASE, analysis=a, variable=name) for a in analyses)
        ]
        return joined(*dict.fromkeys(found))

    return Told(tuple(f"{PHASE}.{a}" for a in analyses), told)


def _what(post: PostIndex) -> str:
    return fmt.lower_first(post.label)


def _zero(post: PostIndex) -> str:
    return words("analyses.later.zero.progression" if post.clock else "analyses.later.zero.index")


def _covariates(numbers: Numbers, post: PostIndex, *more: str) -> str:
    return fmt.listed([*(numbers.covariate_words(name) for name in post.adjust), *more])


def _uptake(numbers: Numbers, post: PostIndex) -> str:
    return words("analyses.later.uptake_single" if numbers.single else "analyses.later.uptake", what=_what(post))


def _naive(numbers: Numbers, post: PostIndex) -> str:
    return joined(
        words("analyses.later.naive", what=_what(post)),
        words("analyses.later.few", least=str(post.minimum_group)),
    )


def _landmark(numbers: Numbers, post: PostIndex) -> str:
    return words("analyses.later.landmark", days=fmt.short(post.landmark_day), zero=_zero(post))


def _cloned(numbers: Numbers, post: PostIndex) -> str:
    events = [fmt.lower_first(numbers.protocol.endpoints[name].event_label) for name in post.adjust_over_time]
    names = _covariates(numbers, post, *events)
    given = words("analyses.later.given", covariates=names) if names else ""
    return words("analyses.later.cloned", what=_what(post), days=fmt.short(post.grace), zero=_zero(post), given=given)


def _strategies(numbers: Numbers, post: PostIndex) -> str:
    listed = "; ".join(fmt.lower_first(s.label) for s in post.strategies.values())
    return words("analyses.later.strategies", strategies=listed)


LATER = (
    _each(_uptake, "uptake", "uptake_after_clock", "type"),
    _each(_naive, "naive_median", "naive_curve", "naive_logrank", "naive_cox"),
    _each(lambda n, p: words("analyses.later.published"), "naive_logrank_published"),
    _each(_landmark, "landmark_median", "landmark_curve", "landmark_logrank", "landmark_cox"),
    _each(lambda n, p: words("analyses.later.time_dependent", what=_what(p), zero=_zero(p)), "time_dependent_cox"),
    _each(
        lambda n, p: words(
            "analyses.later.time_dependent_adjusted", covariates=fmt.listed([n.covariate_words(c) for c in p.adjust])
        ),
        "time_dependent_cox_adjusted",
    ),
    _each(_cloned, "clone_censor_weight"),
    _each(_strategies, "clone_strategies"),
    Told(("time_zero.naive", "time_zero.landmark"), lambda n: words("analyses.later.time_zero")),
)
