"""Headings and values as hospitals export them, in eight languages: which column is the arm, the time, the event, which are
covariates and which were known only later. Invented patients; the words are those of hospital files and case report forms."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, field

import pytest

from equipoise.start.begin import begin_study

N = 90


def cohort():
    draw = random.Random(8)
    rows = []
    for i in range(N):
        died, new = draw.random() < 0.55, draw.random() < 0.5
        row = {"i": i, "new": new, "months": round(draw.expovariate(0.06 if new else 0.09) + 0.2, 1), "died": died}
        row |= {"age": draw.randint(35, 84), "male": draw.random() < 0.6, "x": draw.random(), "y": draw.random()}
        rows.append(row | {"k": draw.randint(0, 2), "size": round(draw.uniform(0.5, 9), 1), "again": died or draw.random() < 0.4})
    return rows


@dataclass(frozen=True)
class Export:
    """columns: heading -> how a patient is written. covariates: headings; all others but arm, time and event are left out."""

    columns: dict
    arm: str
    time: str
    unit: str
    event: str
    event_is: str
    covariates: set = field(default_factory=set)


def two(yes, no, of="x", at=0.5):
    return lambda r: yes if r[of] < at else no


def arms(new, control):
    return lambda r: new if r["new"] else control


def days(r):
    return round(r["months"] * 30.4375)


def months(r):
    return r["months"]


def died(yes, no):
    return lambda r: yes if r["died"] else no


def number(low, high, of="y", digits=1):
    return lambda r: round(low + (high - low) * r[of], digits)


def level(*words):
    return lambda r: words[r["k"]]


def age(r):
    return r["age"]


def size(r):
    return r["size"]


def of_some(yes, no, of="again"):
    return lambda r: yes if r[of] else no


EXPORTS = {
    "ko surgery": Export(
        {
            "연번": lambda r: r["i"] + 1,
            "수술방법": arms("복강경", "개복"),
            "수술시나이": age,
            "성별": two("남자", "여자"),
            "BMI": number(18, 31),
            "당뇨병유무": two("유", "무", "y"),
            "ASA등급": level(1, 2, 3),
            "종양크기(cm)": size,
            "병리병기": level("I", "II", "III"),
            "수술시간(분)": number(90, 300, digits=0),
            "출혈량(ml)": number(20, 900, "x", 0),
            "합병증": of_some("유", "무"),
            "재원일수": number(4, 30, digits=0),
            "재발유무": of_some("유", "무"),
            "추적관찰기간(개월)": months,
            "최종생존상태": died("사망", "생존"),
        },
        "수술방법",
        "추적관찰기간(개월)",
        "months",
        "최종생존상태",
        "사망",
        {"수술시나이", "성별", "BMI", "당뇨병유무", "ASA등급", "종양크기(cm)", "병리병기"},
    ),
    "ko drug": Export(
        {
            "연구번호": lambda r: f"R{r['i']:03d}",
            "1차치료제": arms("렌바티닙", "소라페닙"),
            "연령": age,
            "성별(M/F)": two("M", "F"),
            "B형간염": two("양성", "음성", "y"),
            "Child-Pugh 등급": level("A", "B", "C"),
            "ECOG": level(0, 1, 2),
            "AFP(ng/mL)": number(2, 900),
            "문맥침범 여부": two("예", "아니오", "y", 0.3),
            "최선반응": level("CR", "PR", "SD"),
            "치료중단사유": level("진행", "독성", "거부"),
            "전체생존(일)": days,
            "사망(1=사망,0=생존)": died(1, 0),
        },
        "1차치료제",
        "전체생존(일)",
        "days",
        "사망(1=사망,0=생존)",
        "1",
        {"연령", "성별(M/F)", "B형간염", "Child-Pugh 등급", "ECOG", "AFP(ng/mL)", "문맥침범 여부"},
    ),
    "zh surgery": Export(
        {
            "序号": lambda r: r["i"] + 1,
            "手术方式": arms("腹腔镜", "开腹"),
            "年龄(岁)": age,
            "性别": two("男", "女"),
            "高血压病史": two("有", "无", "y"),
            "术前CEA(ng/ml)": number(1, 60),
            "肿瘤最大径(cm)": size,
            "T分期": level("T1", "T2", "T3"),
            "淋巴结转移": two("是", "否", "y", 0.4),
            "术中出血量(ml)": number(20, 900, "x", 0),
            "术后并发症": of_some("有", "无"),
            "术后住院天数": number(5, 30, digits=0),
            "是否复发": of_some("是", "否"),
            "总生存期(月)": months,
            "是否死亡": died("是", "否"),
        },
        "手术方式",
        "总生存期(月)",
        "months",
        "是否死亡",
        "是",
        {"年龄(岁)", "性别", "高血压病史", "术前CEA(ng/ml)", "肿瘤最大径(cm)", "T分期", "淋巴结转移"},
    ),
    "zh drug": Export(
        {
            "病人编号": lambda r: f"B{r['i']}",
            "治疗方案": arms("仑伐替尼", "索拉非尼"),
            "年龄": age,
            "性别(1男2女)": two(1, 2),
            "HBsAg": two("阳性", "阴性", "y"),
            "ECOG评分": level(0, 1, 2),
            "白蛋白(g/L)": number(28, 48),
            "门静脉癌栓": two("有", "无", "y", 0.3),
            "BCLC分期": level("A", "B", "C"),
            "疗效评价": level("CR", "PR", "SD"),
            "无进展生存期(天)": lambda r: round(days(r) * 0.7),
            "生存时间(天)": days,
            "随访结局": died("死亡", "存活"),
        },
        "治疗方案",
        "生存时间(天)",
        "days",
        "随访结局",
        "死亡",
        {"年龄", "性别(1男2女)", "HBsAg", "ECOG评分", "白蛋白(g/L)", "门静脉癌栓", "BCLC分期"},
    ),
    "ja surgery": Export(
        {
            "症例No": lambda r: r["i"] + 1,
            "術式": arms("腹腔鏡下", "開腹"),
            "手術時年齢": age,
            "性別": two("男性", "女性"),
            "BMI": number(17, 30),
            "術前化学療法": two("有", "無", "y", 0.4),
            "腫瘍径(mm)": lambda r: round(10 * r["size"]),
            "病理病期": level("I", "II", "III"),
            "手術時間(分)": number(90, 300, digits=0),
            "出血量(ml)": number(5, 900, "x", 0),
            "術後合併症": of_some("あり", "なし"),
            "術後在院日数": number(6, 40, digits=0),
            "再発の有無": of_some("あり", "なし"),
            "全生存期間(月)": months,
            "最終転帰": died("死亡", "生存"),
        },
        "術式",
        "全生存期間(月)",
        "months",
        "最終転帰",
        "死亡",
        {"手術時年齢", "性別", "BMI", "術前化学療法", "腫瘍径(mm)", "病理病期"},
    ),
    "ja drug": Export(
        {
            "登録番号": lambda r: f"J-{r['i']:03d}",
            "投与薬剤": arms("レンバチニブ", "ソラフェニブ"),
            "年齢(歳)": age,
            "性別(男:1 女:0)": two(1, 0),
            "糖尿病": two("あり", "なし", "y"),
            "PS": level(0, 1, 2),
            "Child-Pugh分類": level("A", "B", "C"),
            "アルブミン値": number(2.5, 4.8),
            "門脈侵襲": two("あり", "なし", "y", 0.3),
            "最良総合効果": level("CR", "PR", "SD"),
            "投与中止理由": level("増悪", "有害事象", "希望"),
            "生存日数": days,
            "死亡フラグ": died(1, 0),
        },
        "投与薬剤",
        "生存日数",
        "days",
        "死亡フラグ",
        "1",
        {"年齢(歳)", "性別(男:1 女:0)", "糖尿病", "PS", "Child-Pugh分類", "アルブミン値", "門脈侵襲"},
    ),
    "de surgery": Export(
        {
            "Pat.-Nr.": lambda r: r["i"] + 1,
            "OP-Verfahren": arms("laparoskopisch", "offen"),
            "Alter bei OP": age,
            "Geschlecht": two("m", "w"),
            "BMI [kg/m²]": number(19, 38),
            "Diabetes mellitus": two("ja", "nein", "y"),
            "ASA-Klassifikation": level(1, 2, 3),
            "Tumorgröße (cm)": size,
            "UICC-Stadium": level("I", "II", "III"),
            "OP-Dauer (min)": number(90, 300, digits=0),
            "Blutverlust (ml)": number(20, 900, "x", 0),
            "Komplikationen": of_some("ja", "nein"),
            "Krankenhausaufenthalt (Tage)": number(5, 30, digits=0),
            "Rezidiv": of_some("ja", "nein"),
            "Gesamtüberleben (Monate)": months,
            "Verstorben": died("ja", "nein"),
        },
        "OP-Verfahren",
        "Gesamtüberleben (Monate)",
        "months",
        "Verstorben",
        "ja",
        {
            "Alter bei OP",
            "Geschlecht",
            "BMI [kg/m²]",
            "Diabetes mellitus",
            "ASA-Klassifikation",
            "Tumorgröße (cm)",
            "UICC-Stadium",
        },
    ),
    "de drug": Export(
        {
            "Pseudonym": lambda r: f"x{r['i']}f",
            "Erstlinientherapie": arms("Lenvatinib", "Sorafenib"),
            "Alter bei Therapiebeginn": age,
            "Geschlecht (0=w, 1=m)": two(1, 0),
            "Leberzirrhose": two("vorhanden", "nicht vorhanden", "y"),
            "ECOG-Status": level(0, 1, 2),
            "Child-Pugh-Stadium": level("A", "B", "C"),
            "Albumin (g/l)": number(28, 48),
            "bestes Ansprechen": level("CR", "PR", "SD"),
            "Grund für Therapieabbruch": level("Progress", "Toxizität", "Wunsch"),
            "Überleben ab Therapiebeginn in Tagen": days,
            "Vitalstatus": died("tot", "lebend"),
        },
        "Erstlinientherapie",
        "Überleben ab Therapiebeginn in Tagen",
        "days",
        "Vitalstatus",
        "tot",
        {
            "Alter bei Therapiebeginn",
            "Geschlecht (0=w, 1=m)",
            "Leberzirrhose",
            "ECOG-Status",
            "Child-Pugh-Stadium",
            "Albumin (g/l)",
        },
    ),
    "fr surgery": Export(
        {
            "N° patient": lambda r: r["i"] + 1,
            "Voie d'abord": arms("cœlioscopie", "laparotomie"),
            "Âge à la chirurgie": age,
            "Sexe": two("H", "F"),
            "IMC": number(18, 36),
            "Diabète": two("oui", "non", "y"),
            "Score ASA": level(1, 2, 3),
            "Taille tumorale (cm)": size,
            "Stade pTNM": level("I", "II", "III"),
            "Durée opératoire (min)": number(90, 300, digits=0),
            "Pertes sanguines (ml)": number(20, 900, "x", 0),
            "Complications postopératoires": of_some("oui", "non"),
            "Durée de séjour (jours)": number(5, 30, digits=0),
            "Récidive": of_some("oui", "non"),
            "Délai de suivi (mois)": months,
            "Statut aux dernières nouvelles": died("décédé", "vivant"),
        },
        "Voie d'abord",
        "Délai de suivi (mois)",
        "months",
        "Statut aux dernières nouvelles",
        "décédé",
        {"Âge à la chirurgie", "Sexe", "IMC", "Diabète", "Score ASA", "Taille tumorale (cm)", "Stade pTNM"},
    ),
    "es drug": Export(
        {
            "Nº de paciente": lambda r: r["i"] + 1,
            "Tratamiento de primera línea": arms("lenvatinib", "sorafenib"),
            "Edad al diagnóstico": age,
            "Sexo": two("Hombre", "Mujer"),
            "Hipertensión arterial": two("sí", "no", "y"),
            "ECOG basal": level(0, 1, 2),
            "Estadio": level("I", "II", "III"),
            "Albúmina (g/dL)": number(2.8, 4.8),
            "Tamaño tumoral (cm)": size,
            "Mejor respuesta": level("RC", "RP", "EE"),
            "Motivo de suspensión": level("progresión", "toxicidad", "decisión"),
            "Supervivencia global (días)": days,
            "Éxitus": died("sí", "no"),
        },
        "Tratamiento de primera línea",
        "Supervivencia global (días)",
        "days",
        "Éxitus",
        "sí",
        {
            "Edad al diagnóstico",
            "Sexo",
            "Hipertensión arterial",
            "ECOG basal",
            "Estadio",
            "Albúmina (g/dL)",
            "Tamaño tumoral (cm)",
        },
    ),
    "it surgery": Export(
        {
            "N. progressivo": lambda r: r["i"] + 1,
            "Tipo di intervento": arms("laparoscopico", "aperto"),
            "Età all'intervento": age,
            "Sesso": two("M", "F"),
            "Diabete mellito": two("sì", "no", "y"),
            "Classe ASA": level(1, 2, 3),
            "Dimensione tumore (cm)": size,
            "Stadio": level("I", "II", "III"),
            "Durata intervento (min)": number(90, 300, digits=0),
            "Complicanze": of_some("sì", "no"),
            "Degenza (giorni)": number(5, 30, digits=0),
            "Recidiva": of_some("sì", "no"),
            "Sopravvivenza globale (mesi)": months,
            "Stato in vita": died("deceduto", "vivente"),
        },
        "Tipo di intervento",
        "Sopravvivenza globale (mesi)",
        "months",
        "Stato in vita",
        "deceduto",
        {"Età all'intervento", "Sesso", "Diabete mellito", "Classe ASA", "Dimensione tumore (cm)", "Stadio"},
    ),
    "pt drug": Export(
        {
            "Registro": lambda r: r["i"] + 1,
            "Esquema terapêutico": arms("lenvatinibe", "sorafenibe"),
            "Idade ao diagnóstico": age,
            "Sexo": two("Masculino", "Feminino"),
            "Hipertensão": two("sim", "não", "y"),
            "ECOG": level(0, 1, 2),
            "Estádio clínico": level("I", "II", "III"),
            "Albumina (g/dL)": number(2.8, 4.8),
            "Tamanho do tumor (cm)": size,
            "Melhor resposta": level("RC", "RP", "DE"),
            "Motivo da suspensão": level("progressão", "toxicidade", "decisão"),
            "Sobrevida global (dias)": days,
            "Óbito": died("sim", "não"),
        },
        "Esquema terapêutico",
        "Sobrevida global (dias)",
        "days",
        "Óbito",
        "sim",
        {"Idade ao diagnóstico", "Sexo", "Hipertensão", "ECOG", "Estádio clínico", "Albumina (g/dL)", "Tamanho do tumor (cm)"},
    ),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_each_column_is_what_it_says(tmp_path, name):
    export = EXPORTS[name]
    rows = [{heading: write(r) for heading, write in export.columns.items()} for r in cohort()]
    with (tmp_path / "d.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(export.columns))
        writer.writeheader()
        writer.writerows(rows)
    said: list[str] = []
    begun = begin_study([tmp_path / "d.csv"], say=said.append)
    with (tmp_path / "mapping.csv").open(encoding="utf-8") as file:
        used = {r["column"]: r["used_as"] for r in csv.DictReader(file)}
    text = begun.path.read_text(encoding="utf-8")
    roles = {column: role for column, role in used.items() if role not in ("left out",) and "covariate" not in role}
    covariates = {column for column, role in used.items() if "covariate" in role}
    assert not begun.open, begun.open
    assert roles.get(export.arm, "") == "arm", used
    assert f"unit: {export.unit}" in text and roles.get(export.time, "").startswith("time"), used
    assert roles.get(export.event, "").startswith("event"), used
    event = next(line for line in text.splitlines() if line.startswith("    event: "))
    assert export.event_is in event.replace(export.event, ""), event
    assert covariates == export.covariates, (covariates - export.covariates, export.covariates - covariates)
