"""Prompts to think further, at the elements where they pay: a few for each model, the most at stake first."""

from collections.abc import Iterable, Iterator

import msgspec

from domain.analysis.stakes import Stake, Stakes
from domain.catalog.technology_names import guess_technology
from domain.kernel.elements import ComponentKind, ElementId, PersonId
from domain.kernel.thought_prompt import MOST_PROMPTS, PromptAnswer, PromptKind
from domain.kernel.threat import ThreatId
from domain.model.element_labels import name_of
from domain.rules.conditions import TRUE
from domain.rules.model_index import ModelIndex
from domain.rules.rule import Impact, ThreatSource
from domain.rules.tampering import USES_MODEL


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked about an element, and what is at stake there."""

    kind: PromptKind
    element: ElementId
    element_name: str
    stake: Stake = Stake()


class ConsideredPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt with an answer: who considered it, and the threats that came of it."""

    kind: PromptKind
    element: ElementId
    by: tuple[PersonId, ...]
    threats: tuple[ThreatId, ...] = ()


def considered_prompts(answers: Iterable[PromptAnswer]) -> tuple[ConsideredPrompt, ...]:
    """Return the prompts with an answer, the one considered first before the others."""
    found: dict[tuple[PromptKind, ElementId], list[PromptAnswer]] = {}
    for one in sorted(answers, key=lambda one: (one.at, one.prompt, one.by)):
        found.setdefault((one.prompt, one.element), []).append(one)
    return tuple(
        ConsideredPrompt(
            kind=kind,
            element=element,
            by=tuple(one.by for one in answers),
            threats=tuple(one.threat for one in answers if one.threat),
        )
        for (kind, element), answers in found.items()
    )


def open_prompts(index: ModelIndex, answered: Iterable[PromptAnswer]) -> tuple[Prompt, ...]:
    """Return the prompts to ask, the next one first; with those answered they are a few in all."""
    done = {(one.prompt, one.element) for one in answered}
    waiting = (one for one in _in_order(index) if (one.kind, one.element) not in done)
    return tuple(one for _, one in zip(range(MOST_PROMPTS - len(done)), waiting, strict=False))


def _in_order(index: ModelIndex) -> list[Prompt]:
    """Return the prompts by stake, where the best of each kind comes before the second of any."""
    stakes, found = Stakes(index), dict[PromptKind, list[Prompt]]()
    for kind, element in _possible(index, stakes):
        stake = stakes.judge(_IMPACTS[kind], _SOURCES[kind], element)
        prompt = Prompt(kind=kind, element=element, element_name=name_of(index.model, element), stake=stake)
        found.setdefault(kind, []).append(prompt)
    ranked = (
        (place, -prompt.stake.weight, prompt)
        for prompts in found.values()
        for place, prompt in enumerate(sorted(prompts, key=lambda one: -one.stake.weight))
    )
    return [prompt for _, _, prompt in sorted(ranked, key=lambda one: one[:2])]


def _possible(index: ModelIndex, stakes: Stakes) -> Iterator[tuple[PromptKind, ElementId]]:
    for door in index.entry_points:
        if stakes.exposed(door):
            yield PromptKind.ALLOWED_HARM, door
    represented = {one.id for one in index.dependency_of.values()}
    for id in (*index.components, *(one for one in index.dependencies if one not in represented)):
        category = _category(index, id)
        if category in _CONTROLS:
            yield PromptKind.SILENT_FAILURE, id
        if index.kind(id) is ComponentKind.EXTERNAL_ENTITY:
            continue
        if category in _POWERFUL or len(index.handled_by.get(id, ())) >= _MANY_ASSETS:
            yield PromptKind.TAKEOVER, id
        if id in index.components and _has_model(index, id, category):
            yield PromptKind.HIDDEN_BEHAVIOR, id


def _category(index: ModelIndex, id: ElementId) -> str | None:
    """Return the category of a technology, stated or else revealed by the name."""
    one = index.components.get(id) or index.dependencies[id]
    category = index.catalog.category_of(one.technology or guess_technology(index.catalog, one.name))
    return category.key if category else None


def _has_model(index: ModelIndex, id: ElementId, category: str | None) -> bool:
    return category in _MODELS or USES_MODEL.of(index.about(index.components[id])).truth is TRUE


_CONTROLS = frozenset(
    {
        "api_gateway",
        "directory_service",
        "identity_provider",
        "secret_store",
        "vpn_gateway",
        "web_application_firewall",
    }
)
"""Categories of technologies that are security controls."""
_POWERFUL = frozenset(
    {
        "admin_application",
        "artifact_registry",
        "ci_cd",
        "code_repository",
        "container_platform",
        "directory_service",
        "identity_provider",
        "secret_store",
    }
)
"""Categories of technologies that control other components."""
_MODELS = frozenset({"agent_application", "model_server"})
_MANY_ASSETS = 4
"""The number of assets from which on a component is powerful."""

_IMPACTS = {
    PromptKind.ALLOWED_HARM: Impact.ACTIONS,
    PromptKind.SILENT_FAILURE: Impact.ACCESS,
    PromptKind.TAKEOVER: Impact.ACCESS,
    PromptKind.HIDDEN_BEHAVIOR: Impact.DISCLOSURE,
}
_SOURCES = {
    PromptKind.ALLOWED_HARM: ThreatSource.CALLER,
    PromptKind.SILENT_FAILURE: ThreatSource.CALLER,
    PromptKind.TAKEOVER: ThreatSource.INTRUDER,
    PromptKind.HIDDEN_BEHAVIOR: ThreatSource.CALLER,
}
