"""Creation of a model from an imported file by ordinary commands."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from bot.formats.importers.element_creation import ElementCreation
from bot.formats.importers.import_session import ImportSession
from bot.formats.importers.imported_model import ImportedModel
from bot.formats.importers.link_creation import create_links, create_screening
from bot.formats.importers.threat_creation import ThreatCreation
from bot.formats.importers.untrusted_document import check_count
from domain.commands import (
    ChooseLabels,
    CompleteRegister,
    RecordAssumption,
    StartThreatModel,
)
from domain.events import Event, ThreatModelImported, ThreatModelStarted
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.kernel.length_limits import LABEL, LABELS
from domain.model import ThreatModel, evolve


class CreatedModel(msgspec.Struct, frozen=True, kw_only=True):
    """The events of an imported file, the resulting model, and the differences from the file.

    `similar` are names in the file that probably mean the same.
    """

    events: tuple[Event, ...]
    model: ThreatModel
    notes: tuple[str, ...]
    similar: tuple[str, ...] = ()

    def with_key(self, key: ModelKey) -> tuple[Event, ...]:
        """Return the events with the model's key."""
        return tuple(
            replace(event, key=key) if isinstance(event, ThreatModelStarted) else event
            for event in self.events
        )

    def marked(self, *, by: PersonId, at: datetime, sealed: bool = False) -> "CreatedModel":
        """Return it with its last event: who imported it, and whether the file is sealed."""
        mark = ThreatModelImported(by=by, at=at, answer=self.model.version + 1, facilitator=by, sealed=sealed)
        return replace(self, events=(*self.events, mark), model=evolve(self.model, mark))


def create_model(
    found: ImportedModel, *, key: ModelKey, channel: ChannelId, by: PersonId, at: datetime
) -> CreatedModel:
    """Create the model of an imported file; raises UnreadableFile if it is too large."""
    others = len(found.complete) + len(found.assumptions) + len(found.links) + len(found.screening)
    check_count(len(found.elements) + len(found.threats) + len(found.mitigations) + others)
    session = ImportSession(by=by, at=at)
    session.execute(
        StartThreatModel(
            **session.author_fields,
            key=key,
            name=session.name(found.name, "the model"),
            channel=channel,
            description=session.text(found.description, "the model"),
            out_of_scope=session.text(found.out_of_scope, "what is out of scope"),
        )
    )
    _create_labels(found, session)
    ElementCreation(found, session).create()
    for one in found.complete:
        session.attempt(
            CompleteRegister(**session.author_fields, register=one), f"that the {one.value} list is complete"
        )
    for one in found.assumptions:
        taken = RecordAssumption(
            **session.author_fields,
            text=session.text(one.text, "an assumption"),
            held_by=session.person(one.held_by),
        )
        session.attempt(taken, "an assumption")
    create_links(found, session)
    create_screening(found, session)
    ThreatCreation(found, session).create()
    return CreatedModel(
        events=tuple(session.events),
        model=session.model,
        notes=tuple(dict.fromkeys([*found.notes, *session.notes])),
        similar=tuple(dict.fromkeys(session.similar)),
    )


def _create_labels(found: ImportedModel, session: ImportSession) -> None:
    """Choose the labels of a file as far as the limits allow."""
    every = (" ".join(one.split()) for one in found.labels)
    labels = {one.casefold(): session.cut(one, LABEL, f"the label “{one[:60]}”") for one in every if one}
    if len(labels) > LABELS:
        session.note(f"the labels: the first {LABELS} of {len(labels)}")
    chosen = tuple(labels.values())[:LABELS]
    if chosen:
        session.attempt(ChooseLabels(**session.author_fields, labels=chosen), "the labels")
