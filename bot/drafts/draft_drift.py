"""Drift: what files describe now and was not known."""

from collections.abc import Iterator
from typing import Final

import msgspec

from bot.drafts.draft_builder import REACH, is_weakness
from bot.drafts.known_draft import KnownDraft, KnownItem
from domain.built_in_catalog import BUILT_IN
from domain.catalog.protocol_names import protocols_in
from domain.drafts.draft import Certainty, Draft, DraftItem, SourceKey, SourcePlace
from domain.kernel.answer import Answer
from domain.kernel.elements import SINGULAR, Exposure, Kind

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
    items = [one for one in draft.items if one.certainty is not Certainty.GUESS]
    found = [drift for one in items for drift in _drifts(one, known.items.get(one.key))]
    found += [
        Drift(rule="unresolved-value", key=one.key, text=one.text, place=one.place)
        for one in draft.assumptions
        if one.unresolved and one.key not in known.unresolved
    ]
    if strict:
        found += [
            Drift(
                rule="not-read",
                key=SourceKey(f"note:{note}"),
                text=f"Not read: {note}",
                place=SourcePlace(file=draft.sources[0].name),
            )
            for note in draft.notes
        ]
    keys = {one.key for one in draft.items}
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
            yield _drift(
                f"new-{item.kind.value.replace('_', '-')}",
                item,
                f"New {SINGULAR[item.kind]} “{item.name}”{_reached(item)}",
                severe=item.exposure is Exposure.INTERNET,
            )
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
            said = BUILT_IN.facts[fact].denial or BUILT_IN.facts[fact].statement
            yield _drift(
                "worse-answer",
                item,
                f"“{item.name}”: {said}",
                place=answer.place,
                severe=bool(BUILT_IN.facts[fact].denial),
            )
    for fact, before in known.answers.items():
        if (
            before is Answer.YES
            and fact in BUILT_IN.facts
            and BUILT_IN.facts[fact].denial
            and fact not in now
        ):
            yield _drift(
                "lost-control", item, f"“{item.name}”: no longer stated that {BUILT_IN.facts[fact].statement}"
            )


def _conditions(item: DraftItem) -> dict[str, Answer]:
    """Return the answers of a new element that say nothing of a missing control: they come with it."""
    return {
        one.fact: one.answer
        for one in item.answers
        if not (BUILT_IN.facts[one.fact].denial and one.answer is Answer.NO)
    }


def _drift(
    rule: str, item: DraftItem, text: str, *, place: SourcePlace | None = None, severe: bool = False
) -> Drift:
    return Drift(rule=rule, key=item.key, text=text, place=place or item.place, severe=severe)


def _reached(item: DraftItem) -> str:
    return f", reachable from {REACHED_FROM[item.exposure]}" if item.exposure else ""


def _is_encrypted(protocol: str) -> bool:
    return any(
        fact.fact == "encrypted" for one in protocols_in(BUILT_IN, protocol) for fact in one.assumptions
    )
