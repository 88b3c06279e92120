"""Input of an export: the register, its events, and positions in the diagram."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from typing import Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from bot.formats.exporters.diagram_positions import DiagramPositions, diagram_positions
from domain.events import Event, RecordedEvent
from domain.kernel.elements import ElementId, Kind
from domain.kernel.mitigation import Mitigation, MitigationState
from domain.kernel.threat import Threat, ThreatId
from domain.register import RegisterItem, ThreatRegister
from domain.remediation.status import ThreatState
from domain.voting.scores import Score

_Sort = TypeVar("_Sort")

Plain = dict[str, object]
"""A JSON object."""

OVER = frozenset((ThreatState.MITIGATED, ThreatState.ACCEPTED, ThreatState.TRANSFERRED, ThreatState.AVOIDED))
"""The states of threats that are no longer open."""

DONE = frozenset((MitigationState.IMPLEMENTED, MitigationState.VERIFIED))
"""How far a mitigation has come that is in place."""


class StoredEvent(Protocol):
    """An event as the store writes it: its kind, the version of its form, and the words as JSON."""

    @property
    def type(self) -> str:
        """The name of its kind."""
        ...

    @property
    def schema(self) -> int:
        """The version of its form."""
        ...

    @property
    def data(self) -> bytes:
        """Its words."""
        ...


class ExportSource(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One model to be exported, as of a day.

    `events` are all of its past, and `write` gives an event the form that the store keeps. `anchor` is the
    file of a repository that findings are attached to, as a URI relative to its root.
    """

    register: ThreatRegister
    day: date
    events: Sequence[RecordedEvent] = ()
    write: Callable[[Event], StoredEvent] | None = None
    anchor: str = ""

    @cached_property
    def places(self) -> DiagramPositions:
        """Where each part lies in the diagram."""
        return diagram_positions(self.register, self.day)

    @cached_property
    def names(self) -> dict[ElementId, str]:
        """What every element is called, removed ones too."""
        every = [
            *(item for one in self.register.lists.values() for item in one.items),
            *self.register.removed,
        ]
        return {item.id: item.name for item in every}

    @cached_property
    def scores(self) -> dict[ThreatId, Score]:
        """The scores of the threats: of what remains after the mitigations, where that was voted on."""
        found = ((one.threat.id, one.residual or one.score) for one in self.register.ranked)
        return {id: score for id, score in found if score is not None}

    def each(self, kind: Kind, sort: type[_Sort]) -> list[tuple[RegisterItem, _Sort]]:
        """Return the live elements of a kind, each as it is listed and as itself."""
        return [(item, item.element) for item in self.register.items(kind) if isinstance(item.element, sort)]

    def is_open(self, threat: Threat) -> bool:
        """Return whether something can still go wrong there."""
        return self.register.statuses[threat.id].state not in OVER

    def mitigations(self, threat: ThreatId) -> list[Mitigation]:
        """Return the mitigations of a threat and of those merged into it; dropped ones too."""
        return [
            replace(one.mitigation, threat=threat)
            for one in self.register.mitigations
            if one.threat == threat and not one.orphan
        ]


def json_text(value: object) -> bytes:
    """Encode a value as indented JSON that ends in a line break."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def printable(text: str) -> str:
    """Return the text without the characters that XML and terminals do not take."""
    return _UNSEEN.sub("", text)


_UNSEEN = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
