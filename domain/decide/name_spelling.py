"""Names of one command: one spelling for those that mean the same, and likely duplicates."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from domain.commands import FlowByNames, FlowEnd
from domain.kernel.elements import TYPE_OF, Element, Kind, LikelyDuplicate, NameChoice, SimilarName, kind_of
from domain.kernel.name_similarity import likely_same, most_similar, spelling_free
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
    known = [value for value in values_of(model.elements) if type(value) is type(element) and value.name]
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
    return next((choice.same for choice in choices if _is_about(choice, kind, name) and choice.same), "")


def _cleared(element: Element, choices: Iterable[NameChoice]) -> frozenset[str]:
    """Return the names that were said to mean something else than a new element."""
    kind, name = kind_of(element), element.name
    return frozenset(same_name(it) for one in choices if _is_about(one, kind, name) for it in one.others)


def _is_about(one: NameChoice, kind: Kind, name: str) -> bool:
    return one.kind is kind and same_name(one.name) == same_name(name)


def one_spelling(
    kind: Kind, names: Iterable[str], model: ThreatModel, choices: Iterable[NameChoice]
) -> Mapping[str, str]:
    """Return the spelling to use for each name: that of the model, otherwise the best one of those typed.

    Names that differ only in case or punctuation mean the same, unless it was said that they do not, and so
    do those of which it was said.
    """
    about = [choice for choice in choices if choice.kind is kind]
    leads = {spelling_free(one.name): spelling_free(one.same) for one in about if one.same}
    there = [value.name for value in values_of(model.elements) if type(value) is TYPE_OF[kind] and value.name]
    known = {spelling_free(name): name for name in there}
    kept = {same_name(name) for name in (*there, *(one.name for one in about if not one.same))}
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        if same_name(name) not in kept:
            groups.setdefault(_meant(spelling_free(name), leads), []).append(name)
    spelled = {meant: known.get(meant) or max(group, key=_quality) for meant, group in groups.items()}
    return {name: spelled[meant] for meant, group in groups.items() for name in group}


def spelled_alike(
    flows: Iterable[FlowByNames], model: ThreatModel, choices: Iterable[NameChoice]
) -> list[FlowByNames]:
    """Return data flows in which each name has one spelling."""
    drawn, stated = list(flows), tuple(choices)
    ends = [end for one in drawn for end in (one.source_end, one.target_end)]
    typed = {
        Kind.COMPONENT: [name for one in drawn for name in (one.source, one.target)],
        Kind.ASSET: [name for one in drawn for name in (*one.assets, *one.assets_back)],
        Kind.ENTRY_POINT: [one.entry_point for one in drawn if one.entry_point.strip()],
        Kind.TRUST_BOUNDARY: [end.boundary for end in ends if end.boundary.strip()],
    }
    spelled = {kind: one_spelling(kind, names, model, stated) for kind, names in typed.items()}

    def name(kind: Kind, text: str) -> str:
        return spelled[kind].get(text, text)

    def names(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name(Kind.ASSET, one) for one in texts))

    def end(typed_end: FlowEnd) -> FlowEnd:
        return replace(typed_end, boundary=name(Kind.TRUST_BOUNDARY, typed_end.boundary))

    return [
        replace(
            one,
            source=name(Kind.COMPONENT, one.source),
            target=name(Kind.COMPONENT, one.target),
            assets=names(one.assets),
            assets_back=names(one.assets_back),
            entry_point=name(Kind.ENTRY_POINT, one.entry_point),
            source_end=end(one.source_end),
            target_end=end(one.target_end),
        )
        for one in drawn
    ]


def _meant(name: str, leads: Mapping[str, str]) -> str:
    """Return the name that one was said to mean, and that this one was said to mean, and so on."""
    for _ in leads:
        name = leads.get(name, name)
    return name


def _quality(name: str) -> tuple[bool, int, int]:
    """Return how well a name is written: with a capital, as words, with the capitals of abbreviations."""
    return name[:1].isupper(), len(name.split()), sum(map(str.isupper, name))
