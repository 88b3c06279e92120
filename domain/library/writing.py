"""Writing entries of a catalog in the format of libraries."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from domain.facts.fact import Fact
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind
from domain.library.grammar import condition_text
from domain.library.vocabulary import CELLS, PEERS
from domain.rules.conditions import itself
from domain.rules.rule import Control, Rule, ThreatSource
from domain.technologies.technology import AppliesTo, Category, SourcedAssumption, Technology


def entry_text(entry: Rule | Fact | Technology | Category | Control) -> str:
    """Return an entry in TOML."""
    match entry:
        case Rule():
            header, values = "rule", _rule(entry)
        case Fact():
            header, values = "fact", _fact(entry)
        case Category():
            header, values = "category", {"kind": entry.kind.value, **_technology(entry)}
        case Technology():
            header, values = "technology", {"category": entry.category, **_technology(entry)}
        case Control():
            header, values = "control", {"id": entry.id, **_control(entry)}
    return "\n".join((f"[[{header}]]", *(f"{key} = {_value(one)}" for key, one in _stated(values)), ""))


def _stated(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((key, value) for key, value in values.items() if value not in ("", (), {}, None, False))


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in _stated(value)) + " }"
    if isinstance(value, tuple):
        listed = ", ".join(map(_value, value))
        return (
            "".join(("[\n", *(f"  {_value(one)},\n" for one in value), "]"))
            if len(listed) > 80
            else f"[{listed}]"
        )
    return json.dumps(value, ensure_ascii=False)


def _rule(rule: Rule) -> dict[str, Any]:
    cell = next(name for name, one in CELLS.items() if one is rule.cell)
    return {
        "id": rule.id,
        "version": rule.version if rule.version > 1 else None,
        "category": rule.category.name.lower(),
        "about": _kinds(rule.kinds),
        "title": rule.title,
        "explanation": rule.explanation,
        "applies": condition_text(rule.applies, rule.kinds),
        "controlled": condition_text(rule.controlled, rule.kinds, controlled=True),
        "question": rule.question,
        "source": rule.source.value if rule.source is not ThreatSource.CALLER else "",
        "action": rule.action,
        "impact": rule.impact.name.lower() if rule.impact else "",
        "cause": rule.cause,
        "controls": tuple(map(_control, rule.controls)),
        "cwe": rule.cwe,
        "capec": rule.capec,
        "asvs": rule.asvs,
        "atlas": rule.atlas,
        "owasp_llm": rule.owasp_llm,
        "linddun": rule.linddun.value if rule.linddun else "",
        "false_alarm": rule.false_alarm,
        "cell": "" if rule.cell is itself else cell,
        "peers": next((name for name, one in PEERS.items() if one[0] is rule.peers), ""),
        "warns": rule.warns,
    }


def _kinds(kinds: Iterable[Kind]) -> str | tuple[str, ...]:
    names = tuple(kind.value for kind in kinds)
    return names[0] if len(names) == 1 else names


def _control(control: Control) -> dict[str, Any]:
    return {
        "text": control.text,
        "class": control.control_class.value,
        "protocols": control.protocols,
        "fact": control.fact,
        "link": control.link,
        "owner_group": control.owner_group,
    }


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "name": fact.name,
        "about": _kinds(kind for kind in Kind if kind in fact.kinds),
        "question": fact.question,
        "yes": fact.statement,
        "no": fact.denial,
        "no_of_several": fact.denial_of_several,
        "why": fact.why,
    }


def _technology(entry: Technology | Category) -> dict[str, Any]:
    values: dict[str, Any] = {"key": entry.key, "name": entry.name, "protocol": entry.protocol}
    if isinstance(entry, Technology):
        values |= {"kind": entry.kind.value, "aliases": entry.aliases}
        values |= {"managed": entry.managed, "general": entry.general}
    else:
        values |= {"names": entry.names, "whole_names": entry.whole_names}
    return values | {
        "short_names": entry.short_names,
        "questions": {one.fact: one.text for one in entry.questions},
        "assume": {one.fact: _assumption(one) for one in entry.assumptions},
    }


def _assumption(one: SourcedAssumption) -> dict[str, Any]:
    return {
        "statement": one.statement,
        "since": one.since,
        "source": one.source,
        "answer": one.answer.value if one.answer is not Answer.YES else "",
        "at": one.applies_to.value if one.applies_to is not AppliesTo.ITSELF else "",
    }
