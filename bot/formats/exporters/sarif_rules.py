"""Rules of a SARIF file: those of the catalog, and one for each STRIDE category."""

import re
from typing import Final

from bot.formats.exporters.export_source import Plain
from domain.built_in_catalog import BUILT_IN
from domain.dread.scoring import BANDS_FROM, Band
from domain.kernel.asvs_sections import ASVS_VERSION, section_reference, section_words
from domain.kernel.candidate_decisions import rule_of
from domain.kernel.stride import Stride
from domain.kernel.threat import Threat
from domain.rules.rule import Rule

LEARN_MORE: Final = "https://owasp.org/www-community/Threat_Modeling_Process"
"""A page that explains the process behind such results."""

_RULES: Final = {rule.id: rule for rule in BUILT_IN.rules}
_CATEGORIES: Final = {
    Stride.SPOOFING: (
        "A user, service or device impersonates another one.",
        (
            "Authenticate users and services",
            "Use multi-factor authentication",
            "Protect credentials and sessions",
        ),
    ),
    Stride.TAMPERING: (
        "Data or code is changed without authorization.",
        (
            "Validate input",
            "Restrict write access",
            "Protect integrity with signatures or message authentication",
        ),
    ),
    Stride.REPUDIATION: (
        "A user can deny an action because there is no proof.",
        ("Log security-relevant actions", "Protect the audit log against changes", "Avoid shared accounts"),
    ),
    Stride.INFORMATION_DISCLOSURE: (
        "Data is disclosed to someone who is not authorized to see it.",
        (
            "Restrict read access",
            "Encrypt data in transit and at rest",
            "Collect and return only what is needed",
        ),
    ),
    Stride.DENIAL_OF_SERVICE: (
        "The system becomes unavailable or too slow for its users.",
        ("Limit rates and sizes", "Set timeouts", "Provide redundancy and tested backups"),
    ),
    Stride.ELEVATION_OF_PRIVILEGE: (
        "An attacker gains rights that were not granted.",
        ("Check authorization on the server for each request", "Grant least privilege", "Isolate workloads"),
    ),
}

_RANGES: Final = {
    Band.LOW: (0.1, 3.9),
    Band.MEDIUM: (4.0, 6.9),
    Band.HIGH: (7.0, 8.9),
    Band.CRITICAL: (9.1, 10.0),
}
"""The range that GitHub's code scanning shows as each band (over 9.0 is critical there)."""


def rule_id(threat: Threat) -> str:
    """Return the catalog rule of a confirmed threat, else its first category."""
    known = [rule_of(one) for one in threat.candidates if rule_of(one) in _RULES]
    return known[0] if known else f"STRIDE/{threat.stride[0].value}"


def rule_descriptor(id: str) -> Plain:
    """Return the description of a rule, independent of its results."""
    rule = _RULES.get(id)
    return _of_catalogue(rule) if rule else _of_stride(Stride(id.rpartition("/")[2]))


def rule_tags(id: str) -> list[str]:
    """Return the category of a rule, and its weaknesses in GitHub's notation."""
    rule = _RULES.get(id)
    category = rule.category if rule else Stride(id.rpartition("/")[2])
    return ["security", category.label, *(f"external/cwe/cwe-{one:03}" for one in (rule.cwe if rule else ()))]


def rule_sections(id: str) -> list[str]:
    """Return references to the sections of OWASP ASVS that ask for the controls of a rule."""
    rule = _RULES.get(id)
    return [section_reference(one) for one in rule.asvs] if rule else []


def rule_properties(id: str) -> Plain:
    """Return the tags of a rule, and the sections of OWASP ASVS that ask for its controls."""
    properties: Plain = {"tags": rule_tags(id)}
    if sections := rule_sections(id):
        properties["asvs"] = sections
    return properties


def severity(band: Band, mean: float) -> str:
    """Return a DREAD mean as `security-severity`: within the range that is shown as the band."""
    edges = (0, *BANDS_FROM, 10)
    start, end = edges[band.order], edges[band.order + 1]
    low, high = _RANGES[band]
    share = (min(max(mean, start), end) - start) / (end - start)
    return f"{low + share * (high - low):.1f}"


def _of_catalogue(rule: Rule) -> Plain:
    more = f"https://cwe.mitre.org/data/definitions/{rule.cwe[0]}.html" if rule.cwe else LEARN_MORE
    controls = tuple(one.text for one in rule.controls)
    sections = tuple(f"ASVS {ASVS_VERSION} {section_words(one)}" for one in rule.asvs)
    return _described(
        id=rule.id,
        title=rule.title,
        why=rule.explanation,
        controls=controls,
        sections=sections,
        more=more,
    )


def _of_stride(category: Stride) -> Plain:
    why, controls = _CATEGORIES[category]
    id, title = f"STRIDE/{category.value}", category.label
    return _described(id=id, title=title, why=why, controls=controls, more=LEARN_MORE)


def _described(
    *, id: str, title: str, why: str, controls: tuple[str, ...], sections: tuple[str, ...] = (), more: str
) -> Plain:
    usual = "\n".join(f"- {one}" for one in controls)
    asked = "\n".join(f"- {one}" for one in sections)
    parts = [
        why,
        f"Usual controls:\n{usual}" if controls else "",
        f"Verification:\n{asked}" if sections else "",
    ]
    marked = [
        why,
        f"**Usual controls**\n\n{usual}" if controls else "",
        f"**Verification**\n\n{asked}" if sections else "",
    ]
    return {
        "id": id,
        "name": "".join(one[:1].upper() + one[1:] for one in _NAME_PARTS.findall(title)),
        "shortDescription": {"text": title},
        "fullDescription": {"text": why},
        "help": {
            "text": "\n\n".join(one for one in parts if one),
            "markdown": "\n\n".join(one for one in marked if one),
        },
        "helpUri": more,
        "properties": rule_properties(id),
    }


_NAME_PARTS = re.compile(r"[A-Za-z0-9]{2,}")
