"""Rosenbaum bounds, E-values, bias of a named unmeasured confounder."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from witness import answers, assert_agrees, cohort, numbers

from equipoise import stats


def agrees(found: stats.RosenbaumBounds, known: dict) -> None:
    assert_agrees(found.p_upper, known["p_upper"])
    assert_agrees(found.p_lower, known["p_lower"])
    if "tipping" in known:
        assert_agrees(found.tipping, numbers(known["tipping"]))


def test_signed_rank_bounds() -> None:
    known = answers("sensitivity")
    said = known["signed_rank"]
    found = stats.rosenbaum_signed_rank(known["made"], said["gamma"])
    agrees(found, said)
    assert (found.statistic, found.pairs, found.flipped) == (said["V"], said["pairs"], False)
    assert found.p_upper[0] == pytest.approx(said["wilcoxon"], rel=1e-8)
    below = stats.rosenbaum_signed_rank(-np.array(known["made"]) - 0.01, said["gamma"])
    agrees(below, known["below_zero"])
    assert below.flipped


def test_binary_bounds() -> None:
    for said in answers("sensitivity")["binary"]:
        found = stats.rosenbaum_binary(*said["counts"], said["gamma"])
        agrees(found, said)
        assert found.p_upper[0] == pytest.approx(said["binom_test"], rel=1e-10)


def test_bounds_over_the_pairs_of_lalonde(third_party: Path) -> None:
    known = answers("lalonde_pairs")
    with open(third_party / "matching" / "lalonde_matchit.csv", newline="") as file:
        earned = {row["id"]: float(row["re78"]) for row in csv.DictReader(file)}
    treated, control = (np.array([earned[k] for k in known[arm]]) for arm in ("treated", "control"))
    said = known["signed_rank_re78"]
    found = stats.rosenbaum_signed_rank(treated - control, said["gamma"])
    agrees(found, said)
    assert (found.statistic, found.pairs) == (said["V"], said["pairs"] - said["zero_differences"])
    psens = stats.rosenbaum_signed_rank(treated - control, said["psens"]["gamma"])
    np.testing.assert_allclose(psens.p_upper, said["psens"]["upper"], atol=5.1e-5)  # printed with four digits
    said = known["binary_re78_over_5000"]
    more = [int((a & ~b).sum()) for a, b in ((treated > 5000, control > 5000), (control > 5000, treated > 5000))]
    assert more == list(said["discordant_pairs"].values())
    binary = stats.rosenbaum_binary(*more, said["gamma"])
    agrees(binary, said)
    assert binary.p_upper[0] == pytest.approx(said["mcnemar_exact_two_sided"] / 2)
    assert math.isnan(binary.tipping)


def test_who_was_first_in_the_pairs_of_the_cohort() -> None:
    """91 and 105, and their log ratio the stratified Cox coefficient of R."""
    data, known = cohort(), answers("contrasts")
    rows = np.array(known["rows"]) - 1
    first = stats.first_in_pairs(data.time[rows], data.event[rows], data.treat[rows], known["pair"])
    assert first == (91, 105)
    stratified = answers("cohort_1000")["cox_matched_treat_strata_pair"]["coef"]["treat"]
    assert math.log(first[0] / first[1]) == pytest.approx(stratified, rel=1e-8)


def test_who_was_first_at_one_time() -> None:
    """Event before censoring; two events at once decide nothing; nobody knows about two censorings."""
    time, event = [5, 5, 5, 5, 5, 5], [1, 0, 1, 1, 0, 0]
    assert stats.first_in_pairs(time, event, [1, 0, 1, 0, 1, 0], list("aabbcc")) == (1, 0)
    with pytest.raises(stats.ArrayError, match="one treated and one control"):
        stats.first_in_pairs([1, 2, 3, 4], [1, 1, 1, 1], [1, 1, 0, 0], list("aabb"))
    with pytest.raises(stats.ArrayError, match="one treated and one control"):
        stats.first_in_pairs([1, 2, 3, 4], [1, 1, 1, 1], [1, 0, 1, 0], list("aaaa"))


def test_bounds_of_certainty() -> None:
    assert stats.rosenbaum_binary(5000, 0).tipping == pytest.approx(1 / (0.05 ** (-1 / 5000) - 1))
    with pytest.raises(stats.ArrayError, match="every difference is zero"):
        stats.rosenbaum_signed_rank([0.0, 0.0])
    with pytest.raises(stats.ArrayError, match="gamma must be at least 1"):
        stats.rosenbaum_binary(3, 1, [0.5])


def test_every_form_of_the_e_value() -> None:
    known = answers("sensitivity")["e_values"]
    forms = {"risk ratio": "rare", "hazard ratio, rare": "rare", "odds ratio, rare": "rare"}
    forms |= {"hazard ratio, common": "hazard_common", "odds ratio, common": "odds_common"}
    for measure, name in forms.items():
        assert_agrees([stats.e_value(x, measure=measure).estimate for x in known["estimate"]], known[name])
    assert_agrees([stats.e_value(d, measure="standardised difference").estimate for d in known["d"]], known["of_d"])


def test_the_rare_form_of_a_common_outcome_is_refused() -> None:
    with pytest.raises(stats.ArrayError, match=r"the outcome is common \(40% had it, more than 15%\).*'hazard ratio, common'"):
        stats.e_value(2.0, measure="hazard ratio, rare", risk=0.4)
    assert stats.e_value(2.0, measure="hazard ratio, rare", risk=0.1).estimate == pytest.approx(2 + math.sqrt(2))
    assert stats.e_value(2.0, measure="hazard ratio, common", risk=0.4).estimate < 2 + math.sqrt(2)


def test_confounder_bias_by_algebra() -> None:
    """Half of the treated and a fifth of the controls are ill, which triples the risk: 2 against 1.4."""
    bias = stats.confounder_bias(3, 0.5, 0.2)
    assert bias == pytest.approx(2 / 1.4)
    found = stats.adjusted_for(2.0, bias, 1.5, 3.0)
    assert (found.estimate, found.low, found.high) == pytest.approx((1.4, 1.05, 2.1))
    assert stats.confounder_bias(3, 0.3, 0.3) == 1 and stats.confounder_bias(1, 0.9, 0.1) == 1
    assert stats.normal_confounder_bias(2, 0.5) == pytest.approx(math.sqrt(2))


def test_confounder_bias_is_that_of_a_table() -> None:
    """Risks 0.1 and 0.3 without and with the confounder, no effect of treatment: the crude risk ratio is the bias."""
    crude = (0.5 * 0.3 + 0.5 * 0.1) / (0.2 * 0.3 + 0.8 * 0.1)
    assert stats.confounder_bias(3, 0.5, 0.2) == pytest.approx(crude)


def test_the_bounding_factor_is_what_the_e_value_inverts() -> None:
    for ratio in (1.2, 2.0, 3.9):
        e = stats.e_value(ratio).estimate
        assert stats.bounding_factor(e, e) == pytest.approx(ratio)
    for p1, p0 in ((0.7, 0.3), (0.9, 0.05)):  # no binary confounder goes beyond it
        assert stats.confounder_bias(4, p1, p0) <= stats.bounding_factor(p1 / p0, 4) + 1e-12


def test_tipping_points_bring_the_ratio_to_one() -> None:
    share = stats.tipping_share(1.4, 3, 0.2, 1.1, 1.8)
    assert stats.confounder_bias(3, share.estimate, 0.2) == pytest.approx(1.4)
    assert stats.confounder_bias(3, share.limit, 0.2) == pytest.approx(1.1)
    ratio = stats.tipping_ratio(0.6, 0.1, 0.5, 0.4, 0.9)
    assert stats.confounder_bias(ratio.estimate, 0.1, 0.5) == pytest.approx(0.6)
    assert stats.confounder_bias(ratio.limit, 0.1, 0.5) == pytest.approx(0.9)


def test_what_no_confounder_explains_has_no_tipping_point() -> None:
    assert math.isnan(stats.tipping_share(4.0, 3, 0.2).estimate)  # even all of the treated: 3 / 1.4
    assert math.isnan(stats.tipping_ratio(3.0, 0.5, 0.2).estimate)  # however strong: at most 0.5 / 0.2
    assert stats.tipping_share(1.4, 3, 0.2, 0.9, 1.8).limit == 0.2  # the interval holds 1 without any
    assert stats.tipping_ratio(1.4, 0.5, 0.2, 0.9, 1.8).limit == 1


def test_sentences() -> None:
    with pytest.raises(stats.ArrayError, match="share_treated must be a proportion"):
        stats.confounder_bias(2, 1.5, 0.1)
    with pytest.raises(stats.ArrayError, match="must be at least 1: take the inverse"):
        stats.bounding_factor(0.5, 2)
    with pytest.raises(stats.ArrayError, match="changes no risk"):
        stats.tipping_share(2, 1, 0.3)
