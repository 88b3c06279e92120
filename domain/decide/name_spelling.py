"""One spelling for the names of one command that mean the same."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from domain.commands import FlowByNames, FlowEnd
from domain.kernel.elements import TYPE_OF, Kind
from domain.kernel.name_choice import NameChoice
from domain.kernel.name_similarity import spelling_free
from domain.kernel.persistent_maps import values_of
from domain.model import ThreatModel
from domain.model.element_labels import same_name


def one_spelling(
    kind: Kind, names: Iterable[str], model: ThreatModel, choices: Iterable[NameChoice]
) -> Mapping[str, str]:
    """Return the spelling to use for each name: that of the model, otherwise the best one of those typed.

    Names that differ only in case or punctuation mean the same, unless it was said that they do not, and so
    do those of which it was said.
    """
    about = [one for one in choices if one.kind is kind]
    leads = {spelling_free(one.name): spelling_free(one.same) for one in about if one.same}
    there = [one.name for one in values_of(model.elements) if type(one) is TYPE_OF[kind] and one.name]
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
