"""What names a patient: identifiers that look like a name, an e-mail address or a national number, and columns headed as hospital
numbers. Counted and said once, never shown; nothing is refused. Check digits are not computed.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from equipoise.engine import Engine, literal
from equipoise.errors import Fault
from equipoise.protocol.spec import Protocol
from equipoise.records import Sources

RULE = "identifies patients"
SHEET, PATIENT = "patients", "patient"
_MONTH, _DAY = "(0[1-9]|1[0-2])", "(0[1-9]|[12][0-9]|3[01])"
_YMD, _DMY = f"[0-9]{{2}}{_MONTH}{_DAY}", f"{_DAY}{_MONTH}[0-9]{{2}}"
# forms that a study's own code hardly has
CERTAIN = (
    f"{_YMD}[- ][1-8][0-9]{{6}}",  # Korea
    f"[1-9][0-9]{{5}}(19|20){_YMD}[0-9]{{3}}[0-9Xx]",  # China
    "[A-Za-z]{6}[0-9]{2}[A-EHLMPRSTa-ehlmprst][0-9]{2}[A-Za-z][0-9]{3}[A-Za-z]",  # Italy
    r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}",  # Brazil
    r"756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}",  # Switzerland
    f"[12] ?[0-9]{{2}} ?{_MONTH} ?[0-9]{{2}} ?[0-9]{{3}} ?[0-9]{{3}}( ?[0-9]{{2}})?",  # France
    f"{_DMY}[-+ABCDEF][0-9]{{3}}[0-9A-Y]",  # Denmark, Finland
    f"(19|20)?{_YMD}[-+][0-9]{{4}}",  # Sweden
    "[A-Z]{2} [0-9]{2} [0-9]{2} [0-9]{2} [A-D]",  # United Kingdom
    "[0-9]{3} [0-9]{3} [0-9]{4}",  # United Kingdom, health service
    "[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}",  # Japan, India
)
# forms that running numbers can have: they count where their beginnings differ as those of persons do
POSSIBLE = (
    "[0-9]{3}-[0-9]{2}-[0-9]{4}",  # United States
    f"{_YMD}[1-8][0-9]{{6}}",  # Korea, without its dash
    f"{_DMY}[0-9]{{5}}",  # Norway
    f"{_YMD}[0-9]{{5}}",  # Poland
    "[0-9]{8}-?[A-Za-z]|[XYZxyz]-?[0-9]{7}-?[A-Za-z]",  # Spain
    "[A-Z][12][0-9]{8}|[A-Z][0-9]{9}",  # Taiwan, Germany
    "[STFG][0-9]{7}[A-Z]",  # Singapore
)
EMAIL = r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"
# a letter by what it is not, ASCII and blocks of signs: the class of all letters takes the engine ten times as long
LETTER = r"[^\x00-\x40\x5b-\x60\x7b-\x{bf}\x{2000}-\x{2bff}\x{3000}-\x{303f}]"
LATIN = rf"^{LETTER}({LETTER}|['’-])+(, ?| |_|\.|\^){LETTER}({LETTER}|['’-])+([ ,_.^].*)?$"
HANGUL_OR_HAN = "^([가-힣]{2,4}|[一-龥]{2,4}|[一-龥ぁ-んァ-ヶー]{2,4}[ 　][一-龥ぁ-んァ-ヶー]{1,5})([ _(-].*)?$"
GENERIC = (
    "patient|subject|case|control|person|participant|site|cent(er|re)|hospital|study|trial|group|arm|cohort|donor|sample|unknown|"
    "record|row|number|no|id|test|pat|subj|patiente?n?|sujet|paziente|paciente|환자|患者|症例"
)
NO_NAME = rf"(?i)^({GENERIC})([ ,_.^]|$)|[ ,_.^]({GENERIC})([ ,_.^]|$)"
DIFFERENT = 20  # beginnings of identifiers that make possible forms national numbers, or a fifth of them
# headings of hospital numbers, without blanks, signs and accents
HEADINGS = (
    "mrn", "hospitalnumber", "hospitalno", "hospitalnr", "hospitalid", "hospnum", "hospno", "chartno", "chartnumber",
    "chartnr", "chartid", "medicalrecord", "medicalrecordnumber", "medicalrecordno", "medrecno", "unitnumber",
    "nhsnumber", "nhsno", "ssn", "socialsecuritynumber", "nationalid", "rrn", "병원번호", "등록번호", "병록번호",
    "차트번호", "환자번호", "병원등록번호", "주민번호", "주민등록번호", "住院号", "住院號", "病案号", "病案號", "病历号",
    "病歷號", "门诊号", "門診號", "登记号", "身份证", "身份证号", "身分證字號", "カルテ番号", "患者番号", "診察券番号",
    "病歴番号", "病院番号", "krankenhausnummer", "krankenaktennummer", "patientennummer", "fallnummer", "aktennummer",
    "versichertennummer", "nhc", "historiaclinica", "numerodehistoriaclinica", "numerodehistoria", "nhistoria",
    "nohistoria", "dni", "ipp", "numerodedossier", "nodossier", "ndossier", "numerodossier", "numerohospitalier",
    "prontuario", "numerodoprontuario", "nprontuario", "processoclinico", "numerodoprocesso", "cpf", "cartellaclinica",
    "numerocartella", "numerocartellaclinica", "ncartella", "nosologico", "codicefiscale",
)  # fmt: skip


def identifying_findings(protocol: Protocol, sources: Sources) -> list[Fault]:
    """At most one finding about the identifiers, and of a spreadsheet one about its headings."""
    engine = sources.engine
    sheet = protocol.data.rows is not None
    table, column = (SHEET, str(protocol.data.patient)) if sheet else (PATIENT, "patient_id")
    if table not in sources.tables:
        return []
    file = sources.tables[table].file
    found = []
    n = _named(engine, table)
    if n:
        who = "identifier looks" if n == 1 else "identifiers look"
        message = (
            f"{n} {who} like a name, an e-mail address or a national number (not shown); use a study's own code and keep the key "
            "elsewhere"
        )
        found.append(Fault(f"{file}, column {column}", RULE, message))
    headed = [c for c in engine.columns(SHEET) if is_hospital_number(c)] if sheet else []
    if headed:
        listed = ", ".join(f"'{c}'" for c in headed)
        which = "column looks" if len(headed) == 1 else "columns look"
        message = f"{len(headed)} {which} like a hospital number by the heading: {listed}; use a study's own code instead"
        found.append(Fault(f"{file}, row 1", RULE, message))
    return found


def is_hospital_number(heading: str) -> bool:
    """Whether a column is headed as a hospital or national number, in any of the languages above."""
    return _plain(heading) in _plain_headings()


@functools.cache
def _plain_headings() -> frozenset[str]:
    return frozenset(_plain(h) for h in HEADINGS)


def _plain(heading: str) -> str:
    """Without capitals, blanks, signs and accents."""
    apart = unicodedata.normalize("NFKD", heading.casefold().replace("º", ""))
    letters = "".join(c for c in apart if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", letters))


def _named(engine: Engine, table: str) -> int:
    """Identifiers of one of the forms."""
    bounded = rf"(^|[^0-9A-Za-z])({'|'.join(CERTAIN)})($|[^0-9A-Za-z])"  # one pattern reads each identifier once
    certain = _any([bounded, EMAIL, HANGUL_OR_HAN])
    named = f"({_matches(LATIN)} and not {_matches(NO_NAME)})"
    possible = _matches(rf"^({'|'.join(POSSIBLE)})$")
    judged = f"{certain} as certain, {named} as named, {possible} as possible"
    sure, maybe, beginnings = engine.rows(
        "select count(*) filter (certain or named), count(*) filter (possible and not certain), "
        "count(distinct left(patient_id, 3)) filter (possible and not certain) "
        f"from (select patient_id, {judged} from (select distinct patient_id from {table}) as known) as judged"
    )[0]
    differ = maybe > 1 and beginnings >= min(DIFFERENT, max(2.0, maybe / 5))
    return int(sure + (maybe if differ else 0))


def _any(patterns: list[str]) -> str:
    return "(" + " or ".join(_matches(p) for p in patterns) + ")"


def _matches(pattern: str) -> str:
    return f"coalesce(regexp_matches(patient_id, {literal(pattern)}), false)"
