"""Each number of a data-quality rule: on it, and one step to either side. By the words of the rule, counted by hand."""

from __future__ import annotations

import pytest

from equipoise.data.quality import find_quality

LENVATINIB = "patient_id | drug | index_day\n P1 | lenvatinib | 0"
FOLLOWUP = "patient_id | last_contact_day | death_date_day | progression_date_day\n"
LAB = "patient_id | day | analyte | value | unit\n"
EXPOSURE = "patient_id | start_day | stop_day | dose_mg_day\n"
OBSERVED = "patient_id | day | item | value\n"
SCANS = "patient_id | visit | day | evaluable\n"
MEASURES = "patient_id | lesion_id | visit | diameter_mm | viable_mm | status\n"
LESIONS = "patient_id | lesion_id | role | organ | is_lymph_node | first_visit\n"
ONE_TARGET = LESIONS + "P1 | T1 | target | liver | false | 0"


def dated_index(text: str) -> str:
    return text.replace("index_day", "index_date").replace("| 0", "| 2022-03-01")


@pytest.fixture
def found(draw):
    """found(rule, patients, tables) -> the rows that the rule names, 1 being the first of the table."""

    def _found(rule: str, tables: dict, patients: str = "P1") -> list[tuple[str, int]]:
        study = draw(patients, tables)
        quality = find_quality(study.protocol, study.sources, study.cohort)
        assert rule in {f.rule for f in quality.findings}, "the rule was not checked"
        return [row for f in quality.findings if f.rule == rule for row in f.rows]

    return _found


@pytest.mark.parametrize(("contact", "rows"), [(99, []), (100, []), (101, [("followup", 1)])])
def test_contact_on_the_day_of_death(found, contact, rows):
    assert found("contact_after_death", {"followup": FOLLOWUP + f"P1|{contact}|100|"}) == rows


@pytest.mark.parametrize(("progression", "rows"), [(99, []), (100, []), (101, [("followup", 1)])])
def test_progression_on_the_day_of_death(found, progression, rows):
    assert found("progression_after_death", {"followup": FOLLOWUP + f"P1|100|100|{progression}"}) == rows


@pytest.mark.parametrize(("day", "rows"), [(100, []), (101, [("lab", 1)])])
def test_a_record_on_the_day_of_death(found, day, rows):
    tables = {"followup": FOLLOWUP + "P1|100|100|", "lab": LAB + f"P1|{day}|Hb|12|g/dL"}
    assert found("record_after_death", tables) == rows


@pytest.mark.parametrize(
    ("case", "weights", "doses", "wrong"),
    [
        ("60 kg have the higher dose", "P1|-3|weight_kg|60", "P1|0|50|12", False),
        ("a little less have the lower one", "P1|-3|weight_kg|59.9", "P1|0|50|12", True),
        ("the labelled dose itself", "P1|-3|weight_kg|59.9", "P1|0|50|8", False),
        ("a milligram more", "P1|-3|weight_kg|59.9", "P1|0|50|9", True),
        ("without a weight the highest labelled dose", "P1|-3|height_cm|160", "P1|0|50|12", False),
        ("and no more than that", "P1|-3|height_cm|160", "P1|0|50|13", True),
        ("the weight of the index date counts", "P1|-3|weight_kg|50 \n P1|0|weight_kg|60", "P1|0|50|12", False),
        ("that of the day after does not", "P1|-3|weight_kg|50 \n P1|1|weight_kg|60", "P1|0|50|12", True),
        ("of one day the later row", "P1|-3|weight_kg|50 \n P1|-3|weight_kg|60", "P1|0|50|12", False),
        ("the first dose alone", "P1|-3|weight_kg|50", "P1|30|50|12 \n P1|0|29|8", False),
    ],
)
def test_dose_for_the_weight(found, case, weights, doses, wrong):
    tables = {"index_treatment": dated_index(LENVATINIB), "observation": OBSERVED + weights, "exposure": EXPOSURE + doses}
    assert found("dose_for_weight", tables) == ([("exposure", 1)] if wrong else []), case


def twins(ages: tuple[int, int], n_equal: int, n_twins: int = 2) -> dict:
    """Twins with n_equal results alike on day 0, and a stranger with 600 other results of each analyte: -ln(2/602) = 5.7 speak
    for each equal result, -ln(20/620) = 3.4 where twenty share it; 2 ln(3) + 10 = 12.2 and 2 ln(21) + 10 = 16.1 are asked for."""
    names = [f"P{k}" for k in range(n_twins)] + ["stranger"]
    analytes = ["Hb", "platelets", "AST", "ALT", "creatinine"][:n_equal]
    rows = [(name, "0", analyte, "77") for name in names[:-1] for analyte in analytes]
    rows += [("stranger", str(-k), analyte, str(100 + k)) for k in range(1, 601) for analyte in analytes]
    columns = dict(zip(("patient_id", "day", "analyte", "value"), map(list, zip(*rows, strict=True)), strict=True))
    age = [ages[0]] * (n_twins - 1) + [ages[1], 50]
    patient = {"patient_id": names, "site": ["x"] * len(names), "sex": ["M"] * len(names), "age_index": age}
    return {"patient": patient, "lab": columns}


@pytest.mark.parametrize(
    ("case", "ages", "n_equal", "n_twins", "n_found"),
    [
        ("five equal results", (60, 60), 5, 2, 1),
        ("four are not enough", (60, 60), 4, 2, 0),
        ("a year apart", (60, 61), 5, 2, 1),
        ("two years apart", (60, 62), 5, 2, 0),
        ("results that twenty share", (60, 60), 5, 20, 19),
        ("results that twenty-one share", (60, 60), 5, 21, 0),
    ],
)
def test_one_person_under_two_identifiers(found, case, ages, n_equal, n_twins, n_found):
    tables = twins(ages, n_equal, n_twins)
    rows = found("duplicate_patient", tables, " ".join(tables["patient"]["patient_id"]))
    assert rows == [("patient", k + 2) for k in range(n_found)], case


@pytest.mark.parametrize(("day", "rows"), [(-1, []), (0, []), (1, [("patient", 1)])])
def test_diagnosis_on_the_index_date(found, day, rows):
    patient = f"patient_id | site | sex | age_index | diagnosis_day\n P1 | x | M | 60 | {day}"
    patient = patient.replace("diagnosis_day", "diagnosis_date_day")
    assert found("implausible_interval", {"patient": patient}) == rows


@pytest.mark.parametrize(("day", "rows"), [(-63, []), (-62, [("patient", 1)])])
def test_diagnosis_on_the_day_of_the_first_infusion(found, day, rows):
    infusions = "patient_id | cycle | day | given_ate | given_bev\n P1|1|-63|true|true \n P1|2|-42|true|true"
    patient = f"patient_id | site | sex | age_index | diagnosis_date_day\n P1 | x | M | 60 | {day}"
    assert found("implausible_interval", {"patient": patient, "firstline_infusion": infusions}) == rows


@pytest.mark.parametrize(("days", "rows"), [(9, [("firstline_infusion", 2)]), (10, []), (11, [])])
def test_infusions_ten_days_apart(found, days, rows):
    infusions = f"patient_id | cycle | day | given_ate | given_bev\n P1|1|-63|true|true \n P1|2|{days - 63}|true|true"
    assert found("implausible_interval", {"firstline_infusion": infusions}) == rows


@pytest.mark.parametrize(("days", "rows"), [(3652, []), (3653, []), (3654, [("exposure", 1)])])
def test_a_dosing_interval_of_ten_years(found, days, rows):
    assert found("implausible_interval", {"exposure": EXPOSURE + f"P1|0|{days}|12"}) == rows


@pytest.mark.parametrize(
    ("case", "first", "second", "apart", "rows"),
    [
        ("8.55-fold, half the factor of the units", 1.0, 8.55, 30, 2),
        ("a little less", 1.0, 8.54, 30, 0),
        ("the same downwards", 8.55, 1.0, 30, 2),
        ("a little less downwards", 8.54, 1.0, 30, 0),
        ("neighbours of 90 days", 1.0, 20.0, 90, 2),
        ("of 91 days are none", 1.0, 20.0, 91, 0),
        ("zero is no result in another unit", 1.0, 0, 30, 0),
    ],
)
def test_a_result_in_another_unit(found, case, first, second, apart, rows):
    lab = LAB + f"P1|-100|bilirubin|{first}|mg/dL \n P1|{apart - 100}|bilirubin|{second}|mg/dL"
    assert found("lab_unit", {"lab": lab}) == [("lab", k + 1) for k in range(rows)], case


@pytest.mark.parametrize(
    ("case", "before", "after", "jumps"),
    [
        ("fivefold", 10, 50, True),
        ("less", 10, 49.9, False),
        ("a fifth", 50, 10, True),
        ("more", 50, 10.1, False),
        ("from 2 mm on", 2, 10, True),
        ("smaller ones are not compared", 1.9, 10, False),
    ],
)
def test_a_lesion_that_jumps(found, case, before, after, jumps):
    measures = MEASURES + f"P1|T1|0|{before}||present \n P1|T1|1|{after}||present"
    tables = {"lesion": ONE_TARGET, "lesion_measure": measures}
    assert found("lesion_jump", tables) == ([("lesion_measure", 2)] if jumps else []), case


@pytest.mark.parametrize(
    ("case", "measure", "wrong"),
    [
        ("all of it viable", "P1|T1|0|30|30|present", False),
        ("more than all", "P1|T1|0|30|30.1|present", True),
        ("absent with 0 mm", "P1|T1|0|0||absent", False),
        ("absent with a diameter", "P1|T1|0|1||absent", True),
        ("300 mm", "P1|T1|0|300||present", False),
        ("beyond", "P1|T1|0|300.1||present", True),
    ],
)
def test_measurements_without_a_sum(found, case, measure, wrong):
    tables = {"lesion": ONE_TARGET, "lesion_measure": MEASURES + measure}
    assert found("lesion_sum", tables) == ([("lesion_measure", 1)] if wrong else []), case


@pytest.mark.parametrize(
    ("case", "organs", "rows"),
    [
        ("five targets", "liver liver lung lung bone", []),
        ("a sixth", "liver liver lung lung bone node", [("lesion", 6)]),
        ("two in one organ", "liver liver", []),
        ("a third there", "liver liver liver", [("lesion", 3)]),
    ],
)
def test_targets_beyond_five_and_two(found, case, organs, rows):
    lesions = LESIONS + "\n".join(f"P1|T{k}|target|{organ}|false|0" for k, organ in enumerate(organs.split()))
    tables = {"lesion": lesions, "lesion_measure": MEASURES + "P1|T0|0|20||present"}
    assert found("lesion_sum", tables) == rows, case


@pytest.mark.parametrize(("day", "rows"), [(-1, []), (0, []), (1, [("visit_imaging", 1)])])
def test_the_baseline_scan_on_the_index_date(found, day, rows):
    scans = SCANS + f"P1|0|{day}|true \n P1|1|50|true"
    tables = {
        "lesion": ONE_TARGET,
        "visit_imaging": scans,
        "lesion_measure": MEASURES + "P1|T1|0|20||present\nP1|T1|1|20||present",
    }
    assert found("response_without_baseline", tables) == rows


def test_of_two_results_of_a_day_the_later_row_is_named(found):
    lab = LAB + "P1|-5|platelets|150|10^9/L \n P1|-5|platelets|100|10^9/L \n P1|-4|platelets|150|10^9/L"
    assert found("same_day", {"lab": lab}) == [("lab", 2)]


@pytest.mark.parametrize(("day", "rows"), [(49, [("visit_imaging", 2)]), (50, []), (51, [])])
def test_a_later_visit_on_the_same_day(found, day, rows):
    assert found("visit_order", {"visit_imaging": SCANS + f"P1|1|50|true \n P1|2|{day}|true"}) == rows


@pytest.mark.parametrize(
    ("case", "weights", "rows"),
    [
        ("25 kg", [25], []),
        ("less", [24.9], [1]),
        ("250 kg", [250], []),
        ("more", [250.1], [1]),
        ("1.8-fold", [50, 90], [2]),
        ("less than that", [50, 89.9], []),
        ("1.8-fold downwards", [90, 50], [2]),
        ("less than that downwards", [89.9, 50], []),
    ],
)
def test_weights(found, case, weights, rows):
    lines = "\n".join(f"P1|{k - 30}|weight_kg|{kg}" for k, kg in enumerate(weights))
    assert found("weight", {"observation": OBSERVED + lines}) == [("observation", k) for k in rows], case
