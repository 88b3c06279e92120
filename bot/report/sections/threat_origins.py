"""Origin of a threat: the rules that found it, and their evidence."""

from collections.abc import Iterator, Sequence

from bot.report.document_parts import Fact, ReportLine, Run, line_of
from bot.report.sections.section_formatting import quiet
from domain.analysis.rule_findings import Candidate
from domain.built_in_catalog import BUILT_IN
from domain.kernel.asvs_sections import ASVS_VERSION, section_words
from domain.kernel.candidate_decisions import rule_of
from domain.kernel.cwe_weaknesses import weakness_text
from domain.kernel.elements import ElementId
from domain.kernel.text_formatting import join_list
from domain.kernel.threat import Threat
from domain.register import ThreatRegister

RULE_OF = {rule.id: rule for rule in BUILT_IN.rules}


def origin_facts(known: ThreatRegister, threat: Threat) -> Iterator[Fact]:
    """Yield a threat's statement, the rules that found it with their evidence, and its references."""
    if statements := known.statements.get(threat.id):
        yield Fact("Threat statement", tuple(line_of(one) for one in statements))
    if threat.candidates:
        still = {one.id: one for one in known.confirmed}
        rules = dict.fromkeys(map(rule_of, threat.candidates))
        lines = [
            line
            for rule in rules
            for line in _origin(
                known,
                threat,
                rule,
                [still.get(one) for one in threat.candidates if rule_of(one) == rule],
            )
        ]
        yield Fact("Found by", tuple(lines))
    else:
        yield Fact("Found by", (line_of("A participant, not a rule."),))
    sections = dict.fromkeys(_sections(threat))
    if sections:
        yield Fact(f"OWASP ASVS {ASVS_VERSION}", tuple(line_of(section_words(one)) for one in sections))
    weaknesses = dict.fromkeys((*threat.cwe, *_weaknesses(threat)))
    if weaknesses:
        yield Fact("Weaknesses", tuple(line_of(weakness_link(one)) for one in weaknesses))


def candidate_evidence(known: ThreatRegister, one: Candidate) -> Iterator[str]:
    """Yield a candidate's evidence: properties of the model, then answers."""
    for seen in one.observed:
        yield f"{seen.statement}{_whose(known, one, seen.element)}"
    for fact in one.facts:
        answer = fact.answer.replace("_", " ")
        yield f"“{fact.statement}”: {answer}{_whose(known, one, fact.element)}"


def weakness_link(number: int, *, named: bool = True) -> Run:
    """Return a weakness linked to its page at MITRE, by number only if it is not to be `named`."""
    words = weakness_text(number) if named else f"CWE-{number}"
    return Run(words, link=f"https://cwe.mitre.org/data/definitions/{number}.html")


def _origin(
    known: ThreatRegister, threat: Threat, id: str, places: Sequence[Candidate | None]
) -> Iterator[ReportLine]:
    """Yield a rule, and what it is based on at all of its places."""
    rule = RULE_OF.get(id)
    why = f" {rule.explanation}" if rule and rule.explanation != threat.description else ""
    yield line_of(
        f"Rule {id}: {rule.title}.{why}" if rule else f"Rule {id}, which is no longer in the catalog."
    )
    still = [one for one in places if one is not None]
    if not still:
        yield line_of(quiet("The rule no longer suggests it, because related answers have changed."))
        return
    found = list(dict.fromkeys(words for one in still for words in candidate_evidence(known, one)))
    if found:
        more = len(found) - _EVIDENCE
        shown = found if more <= 1 else [*found[:_EVIDENCE], f"{more} more answers"]
        yield line_of(f"Based on: {join_list(shown)}.")
    if len(still) < len(places):
        yield line_of(
            quiet(
                f"The rule no longer suggests it at {len(places) - len(still)} of {len(places)} places, "
                "because related answers have changed."
            )
        )


_EVIDENCE = 6


def _weaknesses(threat: Threat) -> Iterator[int]:
    for candidate in threat.candidates:
        rule = RULE_OF.get(rule_of(candidate))
        yield from rule.cwe if rule else ()


def _sections(threat: Threat) -> Iterator[str]:
    for candidate in threat.candidates:
        rule = RULE_OF.get(rule_of(candidate))
        yield from rule.asvs if rule else ()


def _whose(known: ThreatRegister, one: Candidate, about: ElementId) -> str:
    item = known.item(about)
    return "" if about == one.element or item is None else f" ({item.name})"
