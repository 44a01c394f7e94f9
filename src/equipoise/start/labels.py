"""What a file or a data definition beside it calls its columns, for the names that a table prints: labels of SAS, SPSS and Stata
files, define.xml of CDISC (ItemDef with its description), or a csv with a row per variable and columns Variable and Label."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

from equipoise.data.read import STATISTICAL, kind_of, read_table
from equipoise.data.statistical import variable_labels
from equipoise.errors import DataError

LONGEST = 80
MOST_BYTES = 50 << 20
VARIABLE, LABEL, SET = ("variable", "variable name", "varname"), ("label", "variable label", "description"), ("dataset", "domain")


def labels_of(path: Path, data_set: str = "") -> dict[str, str]:
    """Column in capitals -> label; of the file itself, else of a definition beside it. data_set: the one of ADaM that it is;
    without one only the file is asked."""
    found = variable_labels(path) if kind_of(path) in STATISTICAL else {}
    if data_set:
        found = {**_defined(path.parent, data_set), **found}
    plain = {name.upper(): " ".join(label.split())[:LONGEST] for name, label in found.items()}
    return {name: label for name, label in plain.items() if label and label.upper() != name}


def _defined(folder: Path, data_set: str) -> dict[str, str]:
    """By definitions in the folder: define.xml, or a csv or sheet named define."""
    found: dict[str, str] = {}
    for path in sorted(p for p in folder.iterdir() if p.stem.lower().startswith("define") and p.is_file()):
        if path.suffix.lower() == ".xml":
            found |= _of_xml(path)
        elif kind_of(path):
            found |= _of_table(path, data_set)
    return found


def _of_xml(path: Path) -> dict[str, str]:
    if path.stat().st_size > MOST_BYTES:
        return {}
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except (ElementTree.ParseError, LookupError, ValueError):
        return {}
    found = {}
    for item in (e for e in root.iter() if e.tag.rsplit("}", 1)[-1] == "ItemDef"):
        said = next((e.text for e in item.iter() if e.tag.rsplit("}", 1)[-1] == "TranslatedText"), None)
        said = said or next((v for k, v in item.attrib.items() if k.rsplit("}", 1)[-1] == "Label"), "")
        if item.get("Name") and said:
            found.setdefault(str(item.get("Name")), said)
    return found


def _of_table(path: Path, data_set: str) -> dict[str, str]:
    try:
        raw = read_table(path)
    except DataError:
        return {}
    small: Mapping[str, str] = {n.strip().lower(): n for n in raw.names}
    variable, label, of = (next((small[w] for w in words if w in small), "") for words in (VARIABLE, LABEL, SET))
    if not variable or not label:
        return {}
    sets = raw.cells(of) if of else [data_set] * raw.n_rows
    rows = zip(sets, raw.cells(variable), raw.cells(label), strict=True)
    return {v: said for s, v, said in rows if v and said and (s or "").upper() == data_set}
