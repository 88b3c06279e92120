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
from domain.wording.import_sentence import import_sentence

_Sort = TypeVar("_Sort")

Plain = dict[str, object]
"""A JSON object."""

CLOSED_THREAT_STATES = frozenset(
    (ThreatState.MITIGATED, ThreatState.ACCEPTED, ThreatState.TRANSFERRED, ThreatState.AVOIDED)
)
"""The states of threats that are not open."""

COMPLETED_MITIGATION_STATES = frozenset((MitigationState.IMPLEMENTED, MitigationState.VERIFIED))
"""The states of mitigations that are implemented."""


class StoredEvent(Protocol):
    """An event in its stored form: its type, and its content as JSON."""

    @property
    def type(self) -> str:
        """The name of its type."""
        ...

    @property
    def data(self) -> bytes:
        """Its content."""
        ...


class ExportSource(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Input of the export of one model as of a day.

    `events` are all of its events, `write` returns an event in its stored form, and `seal` the seal of a
    content by this installation, empty if it has no key. `anchor` is the
    repository file that findings are attached to, as a URI relative to the root.
    """

    register: ThreatRegister
    day: date
    events: Sequence[RecordedEvent] = ()
    write: Callable[[Event], StoredEvent] | None = None
    seal: Callable[[bytes], str] | None = None
    anchor: str = ""

    @cached_property
    def places(self) -> DiagramPositions:
        """The position of each part."""
        return diagram_positions(self.register, self.day)

    @cached_property
    def names(self) -> dict[ElementId, str]:
        """The name of every element, including removed ones."""
        every = [
            *(item for one in self.register.lists.values() for item in one.items),
            *self.register.removed,
        ]
        return {item.id: item.name for item in every}

    @property
    def imported(self) -> str:
        """Say who imported the model, and that earlier statements are not verified; empty if no one did."""
        mark = self.register.imported
        return f"{import_sentence(mark, mark.importer)}." if mark else ""

    @property
    def description(self) -> str:
        """The description of the model, which ends by saying that the model was imported."""
        return "\n\n".join(one for one in (self.register.description, self.imported) if one)

    @cached_property
    def imported_scores(self) -> dict[ThreatId, Score]:
        """The scores that a file brought, which no vote here has confirmed."""
        return {one.threat.id: one.imported for one in self.register.ranked if one.imported is not None}

    @cached_property
    def scores(self) -> dict[ThreatId, Score]:
        """The scores of the threats: of the residual risk, if that was voted on."""
        found = ((one.threat.id, one.residual or one.score) for one in self.register.ranked)
        return {id: score for id, score in found if score is not None}

    def each(self, kind: Kind, sort: type[_Sort]) -> list[tuple[RegisterItem, _Sort]]:
        """Return the current elements of a kind, each as its list entry and as itself."""
        return [(item, item.element) for item in self.register.items(kind) if isinstance(item.element, sort)]

    def is_open(self, threat: Threat) -> bool:
        """Return whether a threat is open."""
        return self.register.statuses[threat.id].state not in CLOSED_THREAT_STATES

    def mitigations(self, threat: ThreatId) -> list[Mitigation]:
        """Return the mitigations of a threat, each with its state there, including dropped ones."""
        return [
            replace(one.mitigation, threat=threat, also=(), state=one.state_for(threat))
            for one in self.register.mitigations
            if threat in one.threats
        ]

    @cached_property
    def every_mitigation(self) -> list[Mitigation]:
        """The mitigations of current threats, each once, with the threats that it serves now."""
        return [
            replace(one.mitigation, threat=one.threats[0], also=one.threats[1:])
            for one in self.register.mitigations
            if not one.orphan
        ]


def json_text(value: object) -> bytes:
    """Encode a value as indented JSON that ends in a line break."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def printable(text: str) -> str:
    """Return the text without characters that XML and terminals do not accept."""
    return _UNSEEN.sub("", text)


_UNSEEN = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
