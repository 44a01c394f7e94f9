"""How a score is fitted: the grammar of its terms, and what is wrong with them in sentences at their lines."""

import re

import pytest

from equipoise.errors import ProtocolError
from equipoise.lock.request import request_of
from equipoise.protocol.load import load_protocol
from equipoise.protocol.score import Score, parsed
from equipoise.protocol.specifications import specifications

DESIGNS = {"matched": {"kind": "match"}, "att": {"kind": "weights", "target": "att"}}


def loaded(sheet, **keys):
    sheet.protocol.pop("design", None)
    sheet.protocol |= {"propensity": ["age", "vi", "stage"], "primary": "matched", "designs": DESIGNS} | keys
    return load_protocol(sheet.write())


def told(sheet, **keys) -> list[str]:
    with pytest.raises(ProtocolError) as caught:
        loaded(sheet, **keys)
    return [f"{fault.place.rpartition(':')[2]}: {fault.message}" for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("ns(age,3)", "ns(age, 3)"), ("ns( age , df=4 )", "ns(age, 4)"), ("age ^ 2", "age^2"), ("vi : age", "vi:age"),
     ("ns(age, 3):vi", "ns(age, 3):vi"), ("age^2:stage", "age^2:stage")],
)  # fmt: skip
def test_terms_are_read(text, canonical):
    assert parsed(text).text == canonical


@pytest.mark.parametrize(
    ("text", "why"),
    [("age", "covariates are named under 'propensity'"), ("age*vi", "the product is written with a colon"),
     ("age:vi:stage", "a product is of two covariates"), ("age:age", "two different covariates; the square is age^2"),
     ("ns(age, 1)", "2 to 10 degrees"), ("ns(age, 11)", "2 to 10 degrees"), ("age^1", "a power is 2 to 5"),
     ("age^6", "a power is 2 to 5"), ("log(age)", "is no term of a score"), ("__import__('os').system('x')", "is no term"),
     ("ns(age, 3", "is no term"), ("", "is no term"), ("age^2^2", "is no term"), ("I(age^2)", "is no term")],
)  # fmt: skip
def test_other_texts_are_refused(text, why):
    with pytest.raises(ValueError, match=re.escape(why)):
        parsed(text)


def test_a_score_beside_the_designs_is_every_design_s_and_told_of_once(sheet):
    protocol = loaded(sheet, score={"fit": "firth", "terms": ["age:vi"]})
    assert {d.score.fit for d in protocol.designs.values()} == {"firth"}
    assert protocol.how_scored.terms == ["age:vi"]
    assert len(told(sheet, score={"terms": ["age*vi"]})) == 1
    assert len(told(sheet, score={"terms": ["foo:vi"]})) == 2, "of each design, whose covariates may be others"


def test_what_is_wrong_with_terms_stands_at_their_lines(sheet):
    terms = ["ns(age, 3)", "age^2", "vi:age", "age:vi", "ns(age, 4)", "stage^2", "ns(age, 5):vi"]
    found = told(sheet, designs={"matched": DESIGNS["matched"]}, score={"terms": terms})
    first = sheet.line_of("- ns(age, 3)")
    assert found == [
        f"{first + 3}: 'age:vi' stands twice among the terms; keep one",
        f"{first + 5}: 'stage^2': 'stage' is categorical; a spline or a power bends a continuous covariate alone",
        f"{first + 6}: 'ns(age, 5):vi' needs the term 'ns(age, 5)' of its own too; add it",
        f"{first + 4}: 'age' has the spline ns(age, 3) already; keep one",
        f"{first + 1}: 'age^2' bends what ns(age, 3) bends already; keep one of them",
    ]


def test_choices_that_decide_nothing(sheet):
    found = told(sheet, designs={"matched": {"kind": "match", "score": {"seed": 2, "one_sided": "keep"}}})
    assert len(found) == 2 and "'seed' chooses a penalty" in found[0] and "no finite coefficient" in found[1]
    cem = {"kind": "match", "method": "cem"}
    assert "has no score" in told(sheet, designs={"matched": {**cem, "score": {"fit": "firth"}}})[0]
    assert loaded(sheet, score={"fit": "firth"}, designs={"matched": cem}).designs["matched"].score == Score()
    entropy = {"kind": "weights", "target": "att", "method": "entropy"}
    found = told(sheet, primary="w", designs={"w": {**entropy, "score": {"fit": "lasso"}}})
    assert "balances the columns of the score, whatever fits it" in found[0]
    assert loaded(sheet, primary="w", score={"fit": "lasso"}, designs={"w": entropy}).how_scored.fit == "lasso"


def test_a_score_without_a_design(sheet):
    with pytest.raises(ProtocolError, match="'score' says how the score of every design is fitted, and there is no design"):
        sheet.protocol["score"] = {"fit": "firth"}
        load_protocol(sheet.write())


def test_other_covariates_keep_the_fit_and_the_terms_they_have(sheet):
    protocol = loaded(sheet, score={"fit": "ridge", "seed": 5, "terms": ["age:vi", "ns(age, 3)"]})
    fewer = protocol.primary_design.with_propensity(["age", "stage"])
    assert fewer.score.terms == ["ns(age, 3)"] and (fewer.score.fit, fewer.score.seed) == ("ridge", 5)
    grid = [s for s in specifications(protocol) if s.spec.kind == "match"]
    assert {s.spec.score.fit for s in grid} == {"ridge"} and sum(s.planned for s in grid) == 1


def test_a_lock_holds_what_decides_the_score_and_nothing_else(sheet):
    plain = request_of(loaded(sheet))
    assert "score" not in plain["designs"]["matched"]
    assert request_of(loaded(sheet, score={"fit": "ml", "terms": []})) == plain
    bent = request_of(loaded(sheet, score={"terms": ["age:vi", "ns(age,3)"]}))
    assert bent["designs"]["matched"]["score"] == {"terms": ["age:vi", "ns(age, 3)"]} and bent != plain
    assert request_of(loaded(sheet, score={"terms": ["ns(age, 3)", "vi:age"]})) == bent
    assert request_of(loaded(sheet, score={"fit": "lasso"})) != request_of(loaded(sheet, score={"fit": "lasso", "seed": 2}))
