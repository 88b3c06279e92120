"""Comparison of the name of a new element with those of the elements that exist."""

from collections.abc import Iterable

from msgspec.structs import replace

from domain.kernel.elements import Element, Kind, kind_of
from domain.kernel.name_choice import LikelyDuplicate, NameChoice, SimilarName
from domain.kernel.name_similarity import likely_same, most_similar
from domain.kernel.persistent_maps import values_of
from domain.model import ThreatModel
from domain.model.element_labels import same_name
from domain.rejections import LikelyDuplicates

_MOST_OTHERS = 3
"""Maximum names that are shown as probably the same as a new one."""

_MOST_COMPARED = 1_000
"""Maximum elements of a kind with which a new name is compared: a file may hold many thousands."""


def likely_duplicate(
    model: ThreatModel, element: Element, choices: Iterable[NameChoice]
) -> LikelyDuplicate | None:
    """Return what an element that is to be added is probably the same as, unless that was answered.

    Only elements of its kind count. A flow without a name of its own has none to compare.
    """
    if not element.name:
        return None
    kind, cleared = kind_of(element), _cleared(element, choices)
    known = [one for one in values_of(model.elements) if type(one) is type(element) and one.name]
    if len(known) > _MOST_COMPARED:
        return None
    ids = {
        one.name: one.id
        for one in known
        if likely_same(element.name, one.name) and same_name(one.name) not in cleared
    }
    if not ids:
        return None
    closest = most_similar(element.name, ids, _MOST_OTHERS)
    others = tuple(SimilarName(name=name, element=ids[name]) for name in closest)
    return LikelyDuplicate(kind=kind, name=element.name, others=others)


def check_duplicates(found: Iterable[LikelyDuplicate], before: ThreatModel) -> None:
    """Raise Rejected if new names are like others and it is not stated whether they mean the same.

    `before` is the model before the command: only what it holds has an id that people know.
    """
    shown = tuple(
        replace(
            one,
            others=tuple(
                other if other.element in before.elements else replace(other, element=None)
                for other in one.others
            ),
        )
        for one in found
    )
    if shown:
        raise LikelyDuplicates(shown)


def chosen_name(choices: Iterable[NameChoice], kind: Kind, name: str) -> str:
    """Return the existing name that a new one was said to mean; empty if none."""
    return next((one.same for one in choices if _is_about(one, kind, name) and one.same), "")


def _cleared(element: Element, choices: Iterable[NameChoice]) -> frozenset[str]:
    """Return the names that were said to mean something else than a new element."""
    kind, name = kind_of(element), element.name
    return frozenset(same_name(it) for one in choices if _is_about(one, kind, name) for it in one.others)


def _is_about(one: NameChoice, kind: Kind, name: str) -> bool:
    return one.kind is kind and same_name(one.name) == same_name(name)
