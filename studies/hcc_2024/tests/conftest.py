"""The founding study's raw tables read and derived with plain Python, independent of the pipeline and of the generator."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest

from equipoise.founding import FOUNDING_COHORT, FOUNDING_TABLES

FACTOR = {("bilirubin", "umol/L"): 1 / 17.1, ("albumin", "g/L"): 1 / 10, ("creatinine", "umol/L"): 1 / 88.4}


def read(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def day(text: str) -> date:
    return date.fromisoformat(text)


class Founding:
    """The tables as rows of text, grouped by patient where asked, and what they say about each analysed patient."""

    def __init__(self, folder: Path = FOUNDING_TABLES) -> None:
        self.folder = folder
        self.tables = {p.stem: read(p) for p in sorted(self.folder.glob("*.csv"))}
        self.cohort = {r["patient_id"]: r for r in read(FOUNDING_COHORT)}
        self.index = {r["patient_id"]: day(r["index_date"]) for r in self.tables["index_treatment"]}
        self._groups: dict[str, dict[str, list[dict]]] = {}

    def of(self, table: str, patient: str) -> list[dict[str, str]]:
        if table not in self._groups:
            groups = defaultdict(list)
            for row in self.tables[table]:
                groups[row["patient_id"]].append(row)
            self._groups[table] = groups
        return self._groups[table].get(patient, [])

    def days(self, patient: str, text: str) -> int:
        return (day(text) - self.index[patient]).days

    def latest(self, table: str, patient: str, column: str, name: str, first: int) -> dict[str, str]:
        """The latest record of an item in the window from `first` to day 0; all records of that day must agree."""
        rows = [r for r in self.of(table, patient) if r[column] == name and first <= self.days(patient, r["date"]) <= 0]
        last = max(r["date"] for r in rows)
        found = [r for r in rows if r["date"] == last]
        assert all(r == found[0] for r in found), (patient, name, found)
        return found[0]

    def finding(self, patient: str, item: str) -> str:
        windows = ("ecog", "ascites", "encephalopathy", "weight_kg")
        return self.latest("observation", patient, "item", item, -14 if item in windows else -28)["value"]

    def lab(self, patient: str, analyte: str) -> float:
        row = self.latest("lab", patient, "analyte", analyte, -28 if analyte in ("AFP", "PIVKA-II") else -14)
        return float(row["value"]) * FACTOR.get((analyte, row["unit"]), 1)

    def child_pugh(self, patient: str) -> int:
        bilirubin, albumin, inr = (self.lab(patient, a) for a in ("bilirubin", "albumin", "INR"))
        assert min(abs(bilirubin - 2), abs(bilirubin - 3), abs(albumin - 3.5), abs(albumin - 2.8)) > 0.08
        assert min(abs(inr - 1.7), abs(inr - 2.3)) > 0.05
        points = (bilirubin >= 2) + (bilirubin > 3) + (albumin <= 3.5) + (albumin < 2.8) + (inr >= 1.7) + (inr > 2.3)
        points += ("none", "mild", "moderate").index(self.finding(patient, "ascites"))
        return 5 + points + ("none", "1-2", "3-4").index(self.finding(patient, "encephalopathy"))

    def viral(self, patient: str) -> bool:
        tests = [r for r in self.of("serology", patient) if self.days(patient, r["date"]) <= 0]
        surface = sorted((day(r["date"]), r["result"]) for r in tests if r["test"] == "HBsAg")
        begin, chronic = None, False
        for when, result in surface:
            begin = (begin or when) if result == "positive" else None
            chronic |= begin is not None and (when - begin).days > 183
        return chronic or any(r["test"] == "anti-HCV" and r["result"] == "positive" for r in tests)

    def cycles(self, patient: str) -> int:
        return sum(r["given_ate"] == "true" for r in self.of("firstline_infusion", patient))

    def responses(self, patient: str, viable: bool) -> list[tuple[int, str]]:
        """(day, response) of each readable scan after baseline by RECIST 1.1, or mRECIST if viable."""
        targets = {r["lesion_id"] for r in self.of("lesion", patient) if r["role"] == "target"}
        new = {r["lesion_id"] for r in self.of("lesion", patient) if r["role"] == "new"}
        measures = defaultdict(list)
        for r in self.of("lesion_measure", patient):
            measures[r["visit"]].append(r)
        sums: list[float] = []
        found = []
        for visit in sorted(self.of("visit_imaging", patient), key=lambda r: r["date"]):
            if visit["evaluable"] == "false":
                assert not measures[visit["visit"]]
                continue
            rows = measures[visit["visit"]]
            assert {r["lesion_id"] for r in rows} >= targets
            total = sum(float((viable and r["viable_mm"]) or r["diameter_mm"]) for r in rows if r["lesion_id"] in targets)
            progressed = any(r["status"] == "unequivocal progression" or r["lesion_id"] in new for r in rows)
            if sums:
                grown = total >= 1.2 * min(sums) and (viable or total - min(sums) >= 5)
                shrunk = total <= 0.7 * sums[0]
                found.append((self.days(patient, visit["date"]), "PD" if progressed or grown else "PR" if shrunk else "SD"))
            sums.append(total)
        assert sums, patient
        return found

    def best(self, patient: str, viable: bool) -> str:
        """Best unconfirmed response up to progression; stable disease needs 42 days."""
        best = "NE"
        for when, response in self.responses(patient, viable):
            if response == "PD":
                return best if best != "NE" else "PD"
            if response == "PR" or best == "NE" and when >= 42:
                best = "PR" if "PR" in (response, best) else "SD"
        return best

    def progression_free(self, patient: str) -> tuple[int, str]:
        """Day and kind: radiologic or clinical progression, death, or censored at the last readable scan (or last contact)."""
        follow = self.of("followup", patient)[0]
        scans = self.responses(patient, viable=False)
        ends = [(d, "radiologic") for d, r in scans if r == "PD"][:1]
        if follow["progression_date"]:
            ends.append((self.days(patient, follow["progression_date"]), "clinical"))
        if follow["death_date"]:
            ends.append((self.days(patient, follow["death_date"]), "death"))
        if ends:
            return min(ends, key=lambda e: e[0])
        return (scans[-1][0] if scans else self.days(patient, follow["last_contact"])), "censored"

    def worst_related(self) -> dict[str, dict[str, int]]:
        """Patient -> term -> worst grade among possible, probable and definite events."""
        worst: dict[str, dict[str, int]] = defaultdict(Counter)
        for r in self.tables["ae"]:
            if r["attribution"] in ("possible", "probable", "definite"):
                terms = worst[r["patient_id"]]
                terms[r["ctcae_term"]] = max(terms[r["ctcae_term"]], int(r["grade"]))
        return worst


@pytest.fixture(scope="session")
def founding() -> Founding:
    return Founding()
