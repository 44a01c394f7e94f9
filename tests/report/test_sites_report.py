"""Sites on the pages: who has no counterpart in his own, and models that are stratified by them."""

from equipoise.document.model import Paragraph
from equipoise.report.assemble import report_document
from equipoise.report.lookup import Numbers
from equipoise.report.narrative.matching import reason_words
from equipoise.study import run_study


def page(sheet, **cox):
    n = len(sheet.columns["id"])
    sheet.columns["site"] = ["North" if i % 2 else "South" for i in range(n)]
    first = sheet.columns["arm"].index("A")
    sheet.columns["site"][first] = "West"
    sheet.columns["site"][-1] = ""
    del sheet.protocol["design"]
    sheet.protocol["designs"] = {"matched": {"kind": "match", "propensity": ["age"], "exact": ["site"], "caliper": 2}}
    sheet.protocol["cox"] |= {"strata": ["site"], **cox}
    study = run_study(sheet.write())
    document = report_document(study, {})
    said = " ".join(r.text for b in document.blocks() if isinstance(b, Paragraph) for r in b.runs)
    return study, said


def test_methods_and_flow_say_what_is_exact_and_what_is_stratified(undrawn, sheet):
    study, said = page(sheet)
    assert "The two patients of a pair agree in site (exact matching within one score of all patients)." in said
    alfa = int(study.cohort.in_arm("a").sum())
    assert f"1 of {alfa} patients with alfa had no counterpart with beta (site West): they were not matched and remain" in said
    assert "no propensity score exists for them" not in said
    assert "had a covariate of the score or of the exact match missing (by covariate: site 1)" in said
    assert (
        "Models of the treatment and of several covariates were stratified by site, each value with its own baseline hazard"
        in said
    )
    assert reason_words(Numbers(study), "matched", "no_counterpart", "a") == "no counterpart in the other arm (site West)"


def test_of_two_names_the_values_stand_together(undrawn, sheet):
    sheet.columns["ward"] = ["one"] * len(sheet.columns["id"])
    sheet.columns["ward"][sheet.columns["arm"].index("B")] = "two"
    study, _ = page(sheet)
    sheet.protocol["designs"]["matched"]["exact"] = ["site", "ward"]
    study = run_study(sheet.write())
    words = reason_words(Numbers(study), "matched", "no_counterpart", "b")
    assert words.startswith("no counterpart in the other arm (site, ward ") and words.endswith(", two)")
    report_document(study, {})
