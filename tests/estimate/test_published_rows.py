"""Published numbers beside a study's own: one direction of effect, metafor's summary, curves from files, every fault."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
import yaml

from equipoise.errors import DataError, EquipoiseError, ProtocolError
from equipoise.estimate.published import published_rows, reconstructed
from equipoise.estimate.published_input import read_published
from equipoise.protocol.load import load_protocol
from equipoise.records import Estimates, ReadPublished, Row
from equipoise.stats import cox
from sheet import Sheet

HEAD = "study,population,endpoint,measure,arm,versus,value,low,high,n,source,doi\n"
METAFOR = Path(__file__).parents[1] / "stats" / "reference" / "random_effects_r.csv"
MIXED = [(0.45, 0.32), (0.83, 0.21), (0.61, 0.15), (1.10, 0.25), (0.72, 0.18)]  # hazard ratio, standard error of its logarithm


def asked(folder, published, **files):
    sheet = Sheet(folder)
    sheet.protocol["published"] = published
    path = sheet.write()
    for name, text in files.items():
        (path.parent / f"{name}.csv").write_text(text, encoding="utf-8")
    return load_protocol(path)


def of_file(folder, rows, **more):
    protocol = asked(folder, {"studies": "found.csv"} | more, found=HEAD + rows)
    return protocol, read_published(protocol)


def reported(protocol, published, own=()):
    return Estimates.from_rows(published_rows(protocol, published, own)).rows


def test_a_ratio_published_the_other_way_round_is_inverted_with_its_limits(tmp_path):
    """Persano 2023: 0.45 (0.24-0.83) is 2.22 (1.20-4.17) the other way round."""
    text = "P,,os,hr,BETA,Alfa,0.45,0.24,0.83,,,\nQ,,os,hr,a,b,2.22,1.2,4.17,,,\n"
    rows = list(reported(*of_file(tmp_path, text)).values())
    assert [(round(r.value, 2), round(r.low, 2), round(r.high, 2)) for r in rows] == [(2.22, 1.2, 4.17)] * 2
    assert [(r.contrast, r.method) for r in rows] == [("a vs b", "inverted"), ("a vs b", "as published")]


def test_medians_are_days_and_arms_are_known_by_name_label_or_value(tmp_path):
    text = "P,,os,median,A,,10,8,,50,,\nP,,os,median,beta,,20,,,,,\nP,,,orr,other drug,,12,,,,,\n"
    protocol, found = of_file(tmp_path, text)
    rows = list(reported(protocol.model_copy(update={"time_unit": "months"}), found).values())
    assert [(r.group, r.level) for r in rows] == [("a", ""), ("b", ""), ("", "other drug")]
    assert rows[0].value == pytest.approx(304.375)
    assert (rows[0].low, rows[0].n) == (pytest.approx(243.5), 50) and math.isnan(rows[0].high)
    assert rows[2].value == 12


def test_the_summary_is_that_of_metafor(tmp_path):
    """The first of the five ratios is this study's own; two of the others are published the other way round."""
    r = next(row for row in csv.reader(METAFOR.open()) if row[:2] == ["mixed", "reml"])
    wide = 1.959963984540054
    limits = [(math.exp(math.log(v) - wide * s), v, math.exp(math.log(v) + wide * s)) for v, s in MIXED]
    text = ""
    for i, (low, value, high) in enumerate(limits[1:]):
        ends = (value, low, high, "a", "b") if i % 2 else (1 / value, 1 / high, 1 / low, "b", "a")
        text += "S{0},,os,hr,{4},{5},{1:.17g},{2:.17g},{3:.17g},,,\n".format(i, *ends)
    protocol, found = of_file(tmp_path, text, summary="random_effects")
    own = Row("survival", "hr", limits[0][1], "cox", "unadjusted", "os", contrast="a vs b", low=limits[0][0], high=limits[0][2])
    rows = reported(protocol, found, [own])
    mean, ahead = (rows[f"published.os.{name}.a-vs-b.hr"] for name in ("random_effects", "random_effects_prediction"))
    told = dict(
        zip(
            ["estimate", "se", "low", "high", "p", "prediction_low", "prediction_high", "tau2", "i2"],
            map(float, r[2:11]),
            strict=True,
        )
    )
    assert math.log(mean.value) == pytest.approx(told["estimate"], rel=1e-8)
    assert [math.log(v) for v in (mean.low, mean.high)] == pytest.approx([told["low"], told["high"]], rel=1e-8)
    assert [math.log(v) for v in (ahead.low, ahead.high)] == pytest.approx(
        [told["prediction_low"], told["prediction_high"]], rel=1e-8
    )
    assert rows["published.os.random_effects.a-vs-b.p"].value == pytest.approx(told["p"], rel=1e-7)
    assert rows["published.os.random_effects.i2.a-vs-b.value"].value == pytest.approx(told["i2"], rel=1e-7)
    assert mean.n == 5


def test_of_two_hazard_ratios_no_summary_is_made(tmp_path):
    protocol, found = of_file(tmp_path, "P,,os,hr,a,b,0.5,0.3,0.9,,,\n", summary="random_effects")
    own = Row("survival", "hr", 0.7, "cox", "unadjusted", "os", contrast="a vs b", low=0.5, high=0.98)
    assert list(reported(protocol, found, [own])) == ["published.os.reported.p.a-vs-b.hr"]


def test_all_faults_of_a_file_are_told_at_once_with_their_lines(tmp_path):
    text = (
        "P,,os,hr,a,b,0.5,,,,,\n"  # no interval
        "P,,os,hr,a,gamma,0.5,0.2,0.9,,,\n"  # no arm of the study
        "Q,,overall,median,a,,7,,,,,\n"  # no endpoint
        "Q,,os,median,a,,5,6,7,,,\n"  # outside its limits
        "Q,,os,middle,a,,five,,,,,\n"  # no measure, no number
        ",,os,median,a,,5,,,,,\n"  # no study
        "R,,,orr,a,,120,,,,,\n"  # no percentage
        "S,,os,median,a,,5,,,,,not-a-doi\n"
        "T,here,os,median,a,,5,,,,,\nT,there,os,median,a,,6,,,,,\n"  # twice, of two populations
    )
    with pytest.raises(EquipoiseError) as caught:
        of_file(tmp_path, text)
    told = str(caught.value)
    for words in (
        "found.csv, line 2: a hazard ratio needs its interval",
        "found.csv, line 3, column arm: a hazard ratio compares an arm of this study with Beta",
        "found.csv, line 4, column endpoint: there is no endpoint 'overall'",
        "found.csv, line 5: the value lies between low and high",
        "found.csv, line 6, column measure",
        "found.csv, line 6, column value",
        "found.csv, line 7, column study: this cell is needed and empty",
        "found.csv, line 8: a response rate is a percentage",
        "found.csv, line 9, column doi",
        "found.csv, line 11, column study: 'T' gives this number twice",
        "found.csv, line 11, column population: 'T' has another population",
    ):
        assert words in told, words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("study,arm,value\nP,a,5\n", "the columns measure are missing"),
        (HEAD.replace("population", "populaton"), "did you mean 'population'"),
        (HEAD, "holds no published number"),
        (HEAD + "P,,os,median,a,,5,,,,x,10.1/x,more\n", "more cells than there are columns"),
        (HEAD + '"P,,os,median', "cannot be read as csv"),
        ("\ufeff\xff".encode("latin-1", "ignore").decode("latin-1") + "study\n", "are missing"),
    ],
)
def test_a_file_that_holds_no_comparison(tmp_path, text, words):
    with pytest.raises(DataError, match=words):
        protocol = asked(tmp_path, {"studies": "found.csv"}, found=text)
        read_published(protocol)


def test_what_stands_in_the_protocol_has_faults_at_its_lines(tmp_path):
    row = {"study": "P", "endpoint": "so", "measure": "median", "arm": "a", "value": 3}
    curve = {"label": "C", "endpoint": "so", "arm": "c", "points": "p.csv", "at_risk": "r.csv"}
    with pytest.raises(ProtocolError) as caught:
        asked(tmp_path, {"studies": [row], "curves": [curve, curve]})
    told = str(caught.value)
    assert told.count("there is no endpoint 'so'") == 3
    assert told.count("there is no arm 'c'") == 2
    assert "two published curves are called 'C'" in told
    with pytest.raises(ProtocolError, match="published.studies.0.vale: there is no such key; did you mean 'value'"):
        asked(tmp_path, {"studies": [{k: v for k, v in row.items() if k != "value"} | {"vale": 3}]})


def test_curves_are_read_from_files_and_every_fault_of_them_is_told(tmp_path):
    curve = {"label": "C", "endpoint": "os", "arm": "a", "points": "p.csv", "at_risk": "r.csv"}
    published = {"curves": [curve, curve | {"label": "D", "points": "gone.csv"}], "studies": "found.csv"}
    protocol = asked(tmp_path, published, found="study\n", p="time,survival\n1,half\n", r="0,10\n")
    with pytest.raises(DataError) as caught:
        read_published(protocol)
    told = str(caught.value)
    assert "there is no file 'gone.csv'" in told and "p.csv, row 2" in told and "are missing" in told


def test_round_trip_of_a_curve_of_this_study(tmp_path, repository):
    """Points of the founding study's own curve and its numbers at risk every 3 months: the median within 0.1 months."""
    with (repository / "src/equipoise/founding/cohort.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["arm"] == "lenvatinib"]
    months = sorted((float(r["os_days"]) / 30.4375, int(r["os_event"])) for r in rows)
    alive, points = 1.0, "0,1\n"
    for i, (time, died) in enumerate(months):
        alive *= 1 - died / (len(months) - i)
        points += f"{time},{alive}\n"
    risk = "".join(f"{t},{sum(m >= t for m, _ in months)}\n" for t in range(0, 24, 3) if t <= months[-1][0])
    curve = {"label": "Own", "endpoint": "os", "arm": "a", "points": "p.csv", "at_risk": "r.csv"}
    protocol = asked(tmp_path, {"curves": [curve]}, p=points, r=risk).model_copy(update={"time_unit": "months"})
    made, curves = reconstructed(protocol, read_published(protocol))
    found = {(r.analysis, r.statistic, r.level): r.value for r in made}
    assert found["reconstruction", "median", ""] / 30.4375 == pytest.approx(10.3 * 30 / 30.4375, abs=0.1)
    assert found["reconstruction_error", "difference", "largest"] < 0.03
    assert found["reconstruction", "n", ""] == 40
    assert list(curves) == ["published:Own"]


def test_bonner_from_files(tmp_path, third_party):
    """Bonner 2010, both arms through the protocol: the hazard ratio within 5 % of the 0.717 of IPDfromKM's patients."""
    folder = third_party / "digitised_km"
    risk = [row for row in csv.reader((folder / "bonner2010_nrisk.csv").open())][1:]
    files, curves = {}, []
    for i, (arm, name) in enumerate((("b", "radio"), ("a", "radioplus")), 1):
        files |= {name: (folder / f"bonner2010_{name}_points.csv").read_text(encoding="utf-8-sig")}
        files |= {f"risk_{arm}": "".join(f"{row[0]},{row[i]}\n" for row in risk)}
        curves.append({"label": name, "endpoint": "os", "arm": arm, "points": f"{name}.csv", "at_risk": f"risk_{arm}.csv"})
    found = read_published(asked(tmp_path, {"curves": curves}, **files))
    made = [curve.made for curve in found.curves]
    group = np.repeat([0.0, 1.0], [m.n for m in made])
    fit = cox(np.concatenate([m.time for m in made]), np.concatenate([m.event for m in made]), group)
    assert float(np.exp(fit.coef[0])) == pytest.approx(0.717, rel=0.05)
    assert [name for name, _ in found.files] == ["radio.csv", "risk_b.csv", "radioplus.csv", "risk_a.csv"]


def test_nothing_is_read_where_nothing_is_asked(tmp_path):
    assert read_published(load_protocol(Sheet(tmp_path).write())) == ReadPublished()


def test_a_stranger_reads_no_file_outside_his_folder(tmp_path):
    (tmp_path / "found.csv").write_text(HEAD, encoding="utf-8")
    sheet = Sheet(tmp_path / "own")
    sheet.protocol["published"] = {"studies": "../found.csv"}
    with pytest.raises(DataError, match="lies outside the protocol's folder"):
        read_published(load_protocol(sheet.write(), confine=True))


def test_the_founding_study_holds_what_its_publication_cites(repository):
    path = repository / "src/equipoise/founding/study.yaml"
    given = yaml.safe_load(path.read_text(encoding="utf-8"))["published"]["studies"]
    persano = next(row for row in given if row["measure"] == "hr")
    assert (persano["value"], persano["low"], persano["high"], persano["versus"]) == (0.45, 0.24, 0.83, "sorafenib")
    assert all(any(row.get("source") for row in given if row["study"] == name) for name in {row["study"] for row in given})
