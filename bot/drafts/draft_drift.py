"""Drift: what files describe and a model, or a kept draft, does not know; with its reports."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal
from urllib.parse import quote
from xml.etree import ElementTree as ET

import msgspec
from msgspec.structs import replace

from bot.drafts.draft_builder import REACH, is_weakness
from bot.formats.exporters.export_source import Plain, printable
from bot.formats.exporters.sarif_export import LEARN_MORE, escape_message, line_hash, sarif_log
from bot.formats.importers.untrusted_document import MAX_BYTES, UnreadableFile
from domain.built_in_catalog import BUILT_IN
from domain.catalog.protocol_names import protocols_in
from domain.draft_comparison.compared_draft import ComparedProposal, DraftComparison, ItemState, compare_draft
from domain.drafts.draft import Certainty, Draft, DraftItem, SourceKey, SourcePlace
from domain.kernel.answer import Answer
from domain.kernel.elements import SINGULAR, DataFlow, ElementId, EntryPoint, Exposure, Kind
from domain.model import ThreatModel
from domain.model.collection import settled_item
from domain.model.element_labels import name_of


class KnownItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A known element: what makes a change of it a drift."""

    kind: Kind
    name: str = ""
    exposure: Exposure | None = None
    protocol: str = ""
    answers: dict[str, Answer] = {}


class KnownDraft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The known elements by the keys of their sources, and the known values that the sources do not have."""

    format: Literal["threatmodel-known"]
    version: Literal[1]
    items: dict[str, KnownItem]
    unresolved: dict[str, str] = {}


def known_of(draft: Draft) -> KnownDraft:
    """Return what a draft makes known, without guesses."""
    return KnownDraft(
        format="threatmodel-known",
        version=1,
        items={item.key: known_item(item) for item in draft.items if item.certainty is not Certainty.GUESS},
        unresolved={one.key: one.text for one in draft.assumptions if one.unresolved},
    )


def known_item(item: DraftItem) -> KnownItem:
    """Return what an item makes known."""
    return KnownItem(
        kind=item.kind,
        name=item.name,
        exposure=item.exposure,
        protocol=item.protocol,
        answers={
            answer.fact: answer.answer for answer in item.answers if answer.certainty is not Certainty.GUESS
        },
    )


def encode_known(known: KnownDraft) -> bytes:
    """Return the file: the same for the same content, an entry a few lines."""
    content = msgspec.json.encode(known, order="sorted")
    return msgspec.json.format(content, indent=1) + b"\n"


def decode_known(content: bytes) -> KnownDraft:
    """Return the content of a file; raises UnreadableFile."""
    if len(content) > MAX_BYTES:
        raise UnreadableFile(_NOT_OURS)
    try:
        return msgspec.json.decode(content, type=KnownDraft)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise UnreadableFile(_NOT_OURS) from None


_NOT_OURS: Final = (
    "The file does not hold what is known of a system, or was written by a later release. "
    "Write it again: threatmodel draft FILE --known known.json."
)


REACHED_FROM: Final = {
    Exposure.LOCAL: "the same host",
    Exposure.INTERNAL: "the internal network",
    Exposure.PARTNER: "partners",
    Exposure.INTERNET: "the internet",
}
"""Where an entry point is reached from, in words that follow `from`."""

_PROTECTING: Final = frozenset({Kind.TRUST_BOUNDARY, Kind.TRUST_LEVEL})
"""Kinds of which a new one is no drift."""


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """One change that was not known; `rule` is its type, `severe` says that it widens what can be reached."""

    rule: str
    key: SourceKey
    text: str
    place: SourcePlace
    severe: bool = False


class DriftReport(msgspec.Struct, frozen=True, kw_only=True):
    """The changes in the order of the files, what is gone, and the number of elements that were compared.

    `notes` tell what was not read, and therefore not compared.
    """

    drifts: tuple[Drift, ...] = ()
    gone: tuple[str, ...] = ()
    compared: int = 0
    notes: tuple[str, ...] = ()


RULES_OF_DRIFT: Final = {
    **{
        f"new-{kind.value.replace('_', '-')}": f"New {SINGULAR[kind]}"
        for kind in Kind
        if kind not in _PROTECTING
    },
    "wider-exposure": "Entry point with a wider exposure",
    "weaker-protocol": "Protocol without encryption in place of an encrypted one",
    "worse-answer": "Missing control, or a condition that raises threats",
    "lost-control": "Control that is no longer stated",
    "unresolved-value": "Value that the files do not have, for an exposure or a privilege",
    "not-read": "Part of a file that was not read",
}
"""The types of drift, with their titles."""


def drift_of(draft: Draft, known: KnownDraft, *, strict: bool = False) -> DriftReport:
    """Compare a draft with what is known; guesses do not count. If strict, what was not read is a change."""
    items = [item for item in draft.items if item.certainty is not Certainty.GUESS]
    found = [drift for item in items for drift in _drifts(item, known.items.get(item.key))]
    found += [
        Drift(rule="unresolved-value", key=assumption.key, text=assumption.text, place=assumption.place)
        for assumption in draft.assumptions
        if assumption.unresolved and assumption.key not in known.unresolved
    ]
    if strict:
        whole = SourcePlace(file=draft.sources[0].name)
        found += [
            Drift(rule="not-read", key=SourceKey(f"note:{note}"), text=f"Not read: {note}", place=whole)
            for note in draft.notes
        ]
    keys = {item.key for item in draft.items}
    return DriftReport(
        drifts=tuple(found),
        gone=tuple(
            f"{SINGULAR[one.kind]} “{one.name}” ({key})"
            for key, one in sorted(known.items.items())
            if key not in keys
        ),
        compared=len(items),
        notes=draft.notes,
    )


def _drifts(item: DraftItem, known: KnownItem | None) -> Iterator[Drift]:
    if known is None:
        if item.kind not in _PROTECTING:
            reached = f", reachable from {REACHED_FROM[item.exposure]}" if item.exposure else ""
            text = f"New {SINGULAR[item.kind]} “{item.name}”{reached}"
            severe = item.exposure is Exposure.INTERNET
            yield _drift(f"new-{item.kind.value.replace('_', '-')}", item, text, severe=severe)
        known = KnownItem(kind=item.kind, exposure=item.exposure, answers=_conditions(item))
    if REACH.index(item.exposure) > REACH.index(known.exposure):
        before = REACHED_FROM[known.exposure] if known.exposure else "not stated"
        now = REACHED_FROM[item.exposure] if item.exposure else "other machines"
        text = f"“{item.name}” can be reached from {now} (before: {before})"
        yield _drift("wider-exposure", item, text, severe=True)
    if _is_encrypted(known.protocol) and item.protocol and not _is_encrypted(item.protocol):
        text = f"“{item.name}” uses {item.protocol} (before: {known.protocol})"
        yield _drift("weaker-protocol", item, text, severe=True)
    yield from _answers(item, known)


def _answers(item: DraftItem, known: KnownItem) -> Iterator[Drift]:
    now = {one.fact: one for one in item.answers if one.certainty is not Certainty.GUESS}
    for fact, answer in now.items():
        if is_weakness(fact, answer.answer) and known.answers.get(fact) is not answer.answer:
            denial = BUILT_IN.facts[fact].denial
            text = f"“{item.name}”: {denial or BUILT_IN.facts[fact].statement}"
            yield _drift("worse-answer", item, text, place=answer.place, severe=bool(denial))
    for fact, before in known.answers.items():
        declared = BUILT_IN.facts.get(fact)
        if before is Answer.YES and declared and declared.denial and fact not in now:
            yield _drift("lost-control", item, f"“{item.name}”: no longer stated that {declared.statement}")


def _conditions(item: DraftItem) -> dict[str, Answer]:
    """Return the answers of a new element that say nothing of a missing control: they come with it."""
    return {
        answer.fact: answer.answer
        for answer in item.answers
        if not (BUILT_IN.facts[answer.fact].denial and answer.answer is Answer.NO)
    }


def _drift(
    rule: str, item: DraftItem, text: str, *, place: SourcePlace | None = None, severe: bool = False
) -> Drift:
    return Drift(rule=rule, key=item.key, text=text, place=place or item.place, severe=severe)


def _is_encrypted(protocol: str) -> bool:
    return any(
        fact.fact == "encrypted" for one in protocols_in(BUILT_IN, protocol) for fact in one.assumptions
    )


_HELP: Final = (
    "The files describe something that is not part of what is known. If it is intended, add it to the model, "
    "and write what is known again: threatmodel draft FILE --known known.json."
)


def drift_sarif(report: DriftReport) -> bytes:
    """Return one result for each drift, at its line."""
    rules = list(dict.fromkeys(drift.rule for drift in report.drifts))
    results = [_result(drift, rules.index(drift.rule)) for drift in report.drifts]
    return sarif_log("threatmodel/drift/", [_rule(id) for id in rules], results, {})


def drift_junit(report: DriftReport) -> bytes:
    """Return a failed test for each drift, and one that passed for all that is known."""
    suites = ET.Element("testsuites", name="threatmodel draft")
    suite = ET.SubElement(
        suites,
        "testsuite",
        name="Drift of the threat model",
        tests=str(len(report.drifts) + 1),
        failures=str(len(report.drifts)),
        errors="0",
    )
    ET.SubElement(suite, "testcase", classname="known", name=f"{report.compared} elements compared")
    for drift in report.drifts:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=drift.rule,
            name=printable(f"{drift.text} [{drift.key}]"),
            file=printable(drift.place.file),
            line=str(max(drift.place.line, 1)),
        )
        failure = ET.SubElement(case, "failure", type=drift.rule, message=printable(drift.text))
        failure.text = printable(f"{shown_place(drift.place, drift.key)}: {drift.text}")
    ET.indent(suites)
    return ET.tostring(suites, encoding="utf-8", xml_declaration=True) + b"\n"


def drift_lines(drifts: Iterable[Drift]) -> list[str]:
    """Return a line for each drift, beginning with its place, as compilers write them."""
    return [f"{shown_place(drift.place, drift.key)}: {drift.text}" for drift in drifts]


def shown_place(place: SourcePlace, key: str) -> str:
    """Return a place in a file; without a line, with the name that the thing has in the file."""
    return place.text if place.line else f"{place.file} ({key.partition(':')[2]})"


def _rule(id: str) -> Plain:
    title = RULES_OF_DRIFT[id]
    return {
        "id": f"drift/{id}",
        "name": "".join(word.capitalize() for word in id.split("-")),
        "shortDescription": {"text": title},
        "fullDescription": {"text": f"{title}: it is not part of what is known of the system."},
        "help": {"text": _HELP, "markdown": _HELP},
        "helpUri": LEARN_MORE,
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["security", "threat-model", "drift"]},
    }


def _result(one: Drift, rule: int) -> Plain:
    name = f"{one.rule}:{one.key}:{one.text}"
    return {
        "ruleId": f"drift/{one.rule}",
        "ruleIndex": rule,
        "level": "error" if one.severe else "warning",
        "message": {"text": escape_message(one.text)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(one.place.file),
                    "region": {"startLine": max(one.place.line, 1)},
                },
                "logicalLocations": [{"fullyQualifiedName": one.key}],
            }
        ],
        "partialFingerprints": {"draftKey/v1": name, "primaryLocationLineHash": line_hash(name)},
        "properties": {"key": one.key},
    }


def _artifact(file: str) -> Plain:
    """Return the address of a file: below the root of the repository, unless it lies outside."""
    if file.startswith("/"):
        return {"uri": f"file://{quote(file)}"}
    return {"uri": quote(file), "uriBaseId": "%SRCROOT%"}


def drift_from_model(draft: Draft, model: ThreatModel, *, strict: bool = False) -> DriftReport:
    """Compare a draft with a model; if strict, what was not read is a change.

    What people left is known, and so is an element of the same name that has no key yet. Answers count that
    people gave in the model, from wherever they have them.
    """
    comparison = compare_draft(draft, model)
    known = KnownDraft(
        format="threatmodel-known",
        version=1,
        items={
            one.key: found
            for one in comparison.proposals
            if isinstance(one.proposal, DraftItem) and (found := _known(one, one.proposal, model)) is not None
        },
        unresolved={proposal.key: "" for proposal in comparison.proposals if not proposal.is_open},
    )
    report = drift_of(draft, known, strict=strict)
    gone = tuple(f"“{name_of(model, one.element)}” ({one.key})" for one in comparison.gone)
    return replace(report, gone=gone)


def states_of(draft: Draft, model: ThreatModel) -> dict[SourceKey, str]:
    """Return the state of each item in comparison with a model, in words."""
    comparison: DraftComparison = compare_draft(draft, model)
    return {proposal.key: _WORDS[proposal.state] for proposal in comparison.proposals}


_WORDS = {
    ItemState.NEW: "new",
    ItemState.CHANGED: "changed",
    ItemState.CONFLICT: "similar name",
    ItemState.KNOWN: "known",
    ItemState.REJECTED: "left out",
}


def _known(compared: ComparedProposal, item: DraftItem, model: ThreatModel) -> KnownItem | None:
    if compared.state is ItemState.REJECTED:
        return known_item(item)
    id = compared.id or (compared.similar[0].element if compared.identical else None)
    element = model.elements.get(ElementId(id)) if id else None
    if element is None:
        return known_item(item) if compared.state is ItemState.KNOWN else None
    changed = {difference.part for difference in compared.differences}
    exposure = element.exposure if isinstance(element, EntryPoint) else None
    return KnownItem(
        kind=item.kind,
        name=item.name,
        exposure=exposure if item.exposure or "exposure" in changed else item.exposure,
        protocol=element.protocol if isinstance(element, EntryPoint | DataFlow) else "",
        answers=_model_answers(item, element.id, model),
    )


def _model_answers(item: DraftItem, id: ElementId, model: ThreatModel) -> dict[str, Answer]:
    """Return the model's answers that the file states, or stated when it was accepted."""
    old = settled_item(model, item.key)
    taken = {one.fact for one in old.answers} if old else set[str]()
    facts = taken | {one.fact for one in item.answers}
    return {fact: answer for fact in facts if (answer := model.facts.get((id, fact))) is not None}
