"""The declared roles of covariates and their reasons, in the Methods."""

from __future__ import annotations

from equipoise.protocol.measures import ROLES
from equipoise.protocol.roles import role_remarks
from equipoise.report import format as fmt
from equipoise.report.lookup import Numbers
from equipoise.report.words import words


def roles(numbers: Numbers) -> list[str]:
    """`Declared before the analysis as confounder: age and stage; as prognostic: AFP.`, then what speaks against the scores."""
    found = {role: [n for n, c in numbers.protocol.covariates.items() if c.role == role] for role in ROLES}
    listed = {role: fmt.listed([numbers.covariate_words(n) for n in names]) for role, names in found.items() if names}
    parts = [words("designs.role", role=role, covariates=names) for role, names in listed.items()]
    said = [words("designs.roles", roles="; ".join(parts))] if parts else []
    return [*said, *role_remarks(numbers.protocol)]


def reasons(numbers: Numbers) -> list[str]:
    """The reasons that the protocol gives for covariates, of its own and of its designs."""
    whys = {name: c.why for name, c in numbers.protocol.covariates.items() if c.why}
    for design in numbers.design_names[1:]:
        whys |= numbers.protocol.designs[design].why
    trimmed = ((name, why.strip().removesuffix(".")) for name, why in whys.items())
    return [words("designs.reason", covariate=numbers.covariate_label(name), why=why) for name, why in trimmed]
