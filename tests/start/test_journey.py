"""From a stranger's file to the first right curve: twenty-one shapes of one invented cohort, each with its known numbers.

Witness: R survival 3.5-3 on the cohort as it was drawn (journey.R beside this file): survfit and coxph. The files differ in
words, codes, units, order and language; patients, events, medians and the hazard ratio do not.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from equipoise.start.begin import begin_study
from equipoise.start.given import Given
from equipoise.study import run_study

N = 120
PATIENTS, NEW, EVENTS = 120, 62, 94
MEDIANS = (6.9, 8.9)  # control, new
HAZARD = 0.7383608275  # new against control


def cohort() -> list[dict]:
    """new: arm; months with one decimal; died; and what is known at baseline."""
    draw = random.Random(20)
    rows = []
    for i in range(N):
        new = draw.random() < 0.5
        time = draw.expovariate(0.07 if new else 0.11) + 0.1
        end = draw.uniform(3, 40)
        rows.append(
            {
                "i": i, "new": new, "months": round(min(time, end), 1), "died": time <= end, "age": draw.randint(35, 84),
                "male": draw.random() < 0.6, "ecog": draw.choice([0, 1, 1, 2]), "size": draw.choice(["<3", "3-5", ">5"]),
                "hbv": draw.random() < 0.4,
            }
        )  # fmt: skip
    return rows


def _plain(r):
    return {
        "id": f"P{r['i']}", "arm": "new" if r["new"] else "control", "age": r["age"], "sex": "M" if r["male"] else "F",
        "os_months": r["months"], "os_event": int(r["died"]),
    }  # fmt: skip


def _clinic(r):
    return {
        "Patient ID": f"K{r['i']}", "Treatment": "TACE" if r["new"] else "Standard", "Age": r["age"], "ECOG PS status": r["ecog"],
        "HBV status": "+" if r["hbv"] else "-", "Smoking status": "ever" if r["male"] else "never",
        "Time (months)": r["months"], "Status": "Dead" if r["died"] else "Alive",
        "Cause of death": "cancer" if r["died"] else "",
    }  # fmt: skip


def _registry(r):
    return {
        "PATIENT_ID": 100000 + 17 * r["i"], "row number": r["i"] + 1, "Rx": 2.0 if r["new"] else 1.0, "AGE": float(r["age"]),
        "STAGE": 1.0 + r["ecog"], "SURVIVAL_MONTHS": r["months"], "VITAL_STATUS": "1:DECEASED" if r["died"] else "0:LIVING",
    }  # fmt: skip


def _cbioportal(r):
    return {
        "PATIENT_ID": f"S-{r['i']}", "TREATMENT_ARM": "B" if r["new"] else "A", "AGE": r["age"],
        "SEX": "Male" if r["male"] else "Female", "OS_MONTHS": r["months"],
        "OS_STATUS": "1:DECEASED" if r["died"] else "0:LIVING", "RADIATION": "[Not Available]",
        "DFS_MONTHS": round(r["months"] / 2, 2), "DFS_STATUS": "1:Recurred" if r["died"] or r["hbv"] else "0:DiseaseFree",
    }  # fmt: skip


def _codes(r):
    return {
        "case_no": r["i"], "group (0=control, 1=new)": int(r["new"]), "male/female = 1/2": 1 if r["male"] else 2,
        "Alter": r["age"], "Set": r["ecog"], "survtime months": r["months"], "months from diagnosis": r["ecog"] + 7 * r["i"] % 30,
        "dead (1=yes, 2=no)": 1 if r["died"] else 2,
    }  # fmt: skip


def _days(r):
    return {
        "subject": f"x{r['i']}", "drug": "aB12" if r["new"] else "placebo", "dose_mg": 12 if r["new"] else 8, "age": r["age"],
        "size": r["size"], "OS_days": round(r["months"] * 30.4375, 4), "OS_mo": r["months"], "OS": int(r["died"]),
    }  # fmt: skip


def _adam(r):
    return {
        "STUDYID": "T1", "USUBJID": f"T1-{r['i']}", "TRT01P": "Drug" if r["new"] else "Placebo", "AGE": r["age"],
        "SEX": "M" if r["male"] else "F", "PARAMCD": "OS", "AVAL": r["months"], "AVALU": "MONTHS", "CNSR": int(not r["died"]),
    }  # fmt: skip


def _reversed(r):
    return {
        "pid": r["i"], "therapy": "yes" if r["new"] else "no", "age": r["age"], "follow-up (months)": r["months"],
        "alive": "yes" if not r["died"] else "no", "death within study": "Y" if r["died"] else "N",
    }  # fmt: skip


def _ko(r):
    return {
        "환자번호코드": f"K{r['i']}", "치료군": "신약" if r["new"] else "대조군", "나이": r["age"],
        "성별": "남" if r["male"] else "여", "고혈압": "있음" if r["hbv"] else "없음",
        "생존기간(개월)": r["months"], "사망여부": "사망" if r["died"] else "생존",
    }  # fmt: skip


def _zh(r):
    return {
        "编号": r["i"], "治疗分组": "试验" if r["new"] else "对照", "年龄": r["age"], "性别": "男" if r["male"] else "女",
        "乙肝": "阳性" if r["hbv"] else "阴性", "总生存时间(月)": r["months"], "生存状态": "死亡" if r["died"] else "存活",
    }  # fmt: skip


def _ja(r):
    return {
        "症例番号": r["i"], "治療群": "新薬" if r["new"] else "対照", "年齢": r["age"], "性別": "男" if r["male"] else "女",
        "糖尿病": "あり" if r["hbv"] else "なし", "全生存期間(月)": r["months"], "転帰": "死亡" if r["died"] else "生存",
    }  # fmt: skip


def _de(r):
    return {
        "Patientennummer": f"D{r['i']}", "Behandlung": "neu" if r["new"] else "Kontrolle", "Alter": r["age"],
        "Geschlecht": "m" if r["male"] else "w", "Diabetes": "ja" if r["hbv"] else "nein", "Überlebenszeit (Monate)": r["months"],
        "Vitalstatus": "verstorben" if r["died"] else "lebt",
    }  # fmt: skip


def _fr(r):
    return {
        "numéro patient": r["i"], "traitement": "nouveau" if r["new"] else "témoin", "âge": r["age"],
        "sexe": "homme" if r["male"] else "femme", "diabète": "oui" if r["hbv"] else "non", "survie globale (mois)": r["months"],
        "décès": "oui" if r["died"] else "non",
    }  # fmt: skip


def _es(r):
    return {
        "paciente": r["i"], "tratamiento": "nuevo" if r["new"] else "control", "edad": r["age"],
        "diabetes": "sí" if r["hbv"] else "no", "supervivencia global (meses)": r["months"],
        "estado vital": "fallecido" if r["died"] else "vivo",
    }  # fmt: skip


def _pt(r):
    return {
        "código do paciente": r["i"], "braço": "novo" if r["new"] else "controle", "idade": r["age"],
        "diabetes": "sim" if r["hbv"] else "não", "sobrevida global (meses)": r["months"], "óbito": "sim" if r["died"] else "não",
    }  # fmt: skip


def _it(r):
    return {
        "codice paziente": r["i"], "trattamento": "nuovo" if r["new"] else "controllo", "età": r["age"],
        "diabete": "sì" if r["hbv"] else "no", "sopravvivenza (mesi)": r["months"], "stato": "deceduto" if r["died"] else "vivo",
    }  # fmt: skip


def _causes(r):
    died = ("died of disease", "died of other causes")[r["i"] % 2]
    return _plain(r) | {"os_event": died if r["died"] else ("alive", "alive with disease")[r["hbv"]]}


def _gdc(r):
    days = round(r["months"] * 30.4375, 4)
    return {
        "case_submitter_id": f"c-{r['i']}", "age_at_index": r["age"], "vital_status": "Dead" if r["died"] else "Alive",
        "days_to_death": days if r["died"] else "'--", "days_to_last_follow_up": "'--" if r["died"] else days,
        "treatment": "new" if r["new"] else "standard",
    }  # fmt: skip


def _no_unit(r):
    return {
        "id": r["i"],
        "arm": "new" if r["new"] else "control",
        "age": r["age"],
        "OS": r["months"],
        "OS_status": int(r["died"]),
    }


def _no_covariates(r):
    return {"id": r["i"], "arm": "new" if r["new"] else "control", "time_months": r["months"], "event": int(r["died"])}


def _unnamed(r):
    return {
        "no": r["i"], "g1": "A" if r["new"] else "B", "age": r["age"], "t": r["months"], "ended": int(r["died"]),
        "hbv": int(r["hbv"]),
    }  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """row: how a patient is written. answers: what a user must say; each is an edit."""

    row: object
    answers: dict = field(default_factory=dict)


SHAPES = {
    "plain": Shape(_plain), "clinic": Shape(_clinic), "registry": Shape(_registry), "cbioportal": Shape(_cbioportal),
    "codes": Shape(_codes), "days": Shape(_days), "adam": Shape(_adam), "alive": Shape(_reversed), "ko": Shape(_ko),
    "zh": Shape(_zh), "ja": Shape(_ja), "de": Shape(_de), "fr": Shape(_fr), "es": Shape(_es), "pt": Shape(_pt), "it": Shape(_it),
    "gdc": Shape(_gdc), "causes": Shape(_causes), "no_unit": Shape(_no_unit), "no_covariates": Shape(_no_covariates),
    "unnamed": Shape(_unnamed, {"arm": "g1", "reference": "B", "time": "t", "event": "ended", "unit": "months"}),
}  # fmt: skip


def written(path: Path, rows: list[dict]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def begun(folder: Path, shape: Shape) -> tuple[Path, list[str]]:
    said: list[str] = []
    file = written(folder / "data.csv", [shape.row(r) for r in cohort()])
    found = begin_study([file], given=Given(**shape.answers), say=said.append)
    assert not found.open
    return found.path, said


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPES)
def test_the_first_curve_is_right(tmp_path, name, capsys):
    path, _ = begun(tmp_path, SHAPES[name])
    study = run_study(path)
    protocol, rows = study.protocol, study.estimates.rows
    endpoint = next(iter(protocol.endpoints))
    assert (endpoint == "endpoint") == (name in ("no_covariates", "unnamed"))
    prefix = f"survival.{endpoint}.unadjusted."
    new = next(key for key in protocol.arms.groups if int(study.cohort.in_arm(key).sum()) == NEW)
    control = next(key for key in protocol.arms.groups if key != new)
    medians = [rows[f"{prefix}kaplan_meier.{key}.median"].value / 30.4375 for key in (control, new)]
    other = new if protocol.arms.reference == control else control
    hazard = rows[f"{prefix}cox.{other}-vs-{protocol.arms.reference}.hr"].value
    assert study.cohort.n == PATIENTS
    assert rows[f"{prefix}event_count.total.events"].value == EVENTS
    assert medians == pytest.approx(MEDIANS, abs=1e-5)
    assert hazard == pytest.approx(HAZARD if other == new else 1 / HAZARD, rel=1e-8)
    assert len(SHAPES[name].answers) <= 5
    with capsys.disabled():
        print(f"\n{name}: {len(SHAPES[name].answers)} edits to the first right curve")
