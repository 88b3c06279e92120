"""Suggested controls, owners and due dates of mitigations: by rules, components' owners and the policy."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, timedelta

import msgspec
from msgspec.structs import replace

from domain.dread.scoring import Band
from domain.kernel.candidate_decisions import elements_of
from domain.kernel.elements import Asset, Component, DataFlow, ElementId, EntryPoint, PersonId
from domain.kernel.threat import Threat, ThreatId
from domain.model import ThreatModel, id_order
from domain.remediation.control_suggestions import ControlSuggestion, suggest_controls
from domain.voting.scores import bands_of, scores_of


class MitigationSuggestion(msgspec.Struct, frozen=True, kw_only=True):
    """The suggested controls, owner and due date of a mitigation.

    The date follows from the policy for the band.
    `scored_on` is the day on which the round that scored the threat was closed; None without a score.
    """

    owner: PersonId | None = None
    days: int | None = None
    scored_on: date | None = None
    band: Band | None = None
    controls: tuple[ControlSuggestion, ...] = ()

    def due(self, today: date | None = None) -> date | None:
        """Return the suggested due date, if there is one; with `today`, at the earliest tomorrow.

        Without a score it is counted from today.
        """
        since = self.scored_on or today
        if self.days is None or since is None:
            return None
        due = since + timedelta(days=self.days)
        return due if today is None else max(due, today + timedelta(days=1))


def mitigation_suggestions(model: ThreatModel) -> dict[ThreatId, MitigationSuggestion]:
    """Return the suggestion for each threat, ordered by id."""
    scores = scores_of(model)
    found: dict[ThreatId, MitigationSuggestion] = {}
    for id in sorted(model.threats, key=id_order):
        score = scores.get(id)
        band = score.tally.band if score else None
        ending = model.rounds[score.round].ending if score else None
        found[id] = MitigationSuggestion(
            owner=_component_owner(model, model.threats[id]),
            days=model.policy.of(band).due_days,
            scored_on=ending.at.astimezone(UTC).date() if ending else None,
            band=band,
            controls=suggest_controls(model, model.threats[id]),
        )
    return found


def combined_suggestion(
    every: Iterable[MitigationSuggestion], today: date | None = None
) -> MitigationSuggestion:
    """Return the suggestion for a mitigation of several threats: the first owner, the earliest date."""
    listed = tuple(every)
    first = min(listed, key=lambda one: one.due(today) or date.max, default=MitigationSuggestion())
    owner = next((one.owner for one in listed if one.owner is not None), None)
    return replace(first, owner=owner)


def accepted_days(model: ThreatModel, threats: Iterable[ThreatId]) -> tuple[int, Band | None]:
    """Return for how many days the risks of some threats may be accepted, and the band that limits it."""
    bands = bands_of(model)
    limits = ((model.policy.of(bands.get(one)).accepted_days, bands.get(one)) for one in threats)
    return min(limits, key=lambda one: one[0])


def _component_owner(model: ThreatModel, threat: Threat) -> PersonId | None:
    """Return the owner of the first component that a threat concerns and that has one."""
    places = [threat.element] if threat.element else []
    places += [element for candidate in threat.candidates for element in elements_of(candidate)]
    for id in dict.fromkeys(one for place in places for one in _components(model, place)):
        component = model.elements.get(id)
        if isinstance(component, Component) and component.owner is not None:
            return component.owner
    return None


def _components(model: ThreatModel, id: ElementId) -> Iterator[ElementId]:
    """Yield the components that an element is, belongs to, leads to or is stored in."""
    match model.elements.get(id):
        case Component():
            yield id
        case EntryPoint(component=component) if component:
            yield component
        case DataFlow(source=source, target=target):
            # The receiver checks what arrives, so its owner comes first.
            yield from (target, source)
        case Asset(stored_in=stores):
            yield from stores
        case _:  # other elements have no owner
            return
