"""Files of models as slots, with the person who ordered them."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.store.records import CommandKey, StreamId, key_of
from bot.store.repositories.deliveries import Deliveries, DeliveryRecord
from domain.kernel.elements import PersonId

EXPORT: Final = "export"
"""A file that a person ordered."""
EXPORT_MESSAGE: Final = "export-message"
"""The message below it in the thread."""
CANVAS: Final = "canvas"
"""The report of a model as a canvas of its channel."""
DIAGRAM: Final = "diagram"
"""The diagram of a model."""
DIAGRAM_MESSAGE: Final = "diagram-message"
"""The data flows of a model in words, if there is no diagram."""
PICTURE: Final = "picture"
"""The charts of a closed round."""
FILE_NOTICE: Final = "file-notice"
"""The reason why a file is not shown."""

FILE_KINDS: Final = (EXPORT, EXPORT_MESSAGE, CANVAS, DIAGRAM, DIAGRAM_MESSAGE, PICTURE, FILE_NOTICE)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Request for a file, named by `key`: `word` says all about the file, `form` its format alone."""

    stream: StreamId
    key: CommandKey
    person: PersonId
    form: str
    word: str


class FileParameters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Parameters of the slot of a file, or of a message about one.

    `key`, `person`, `form` and `word` are those of the order; `version` is that of the event that ended a
    round. `files` are Slack's IDs of the last upload, and `shared_at` is the time at which it was shared,
    until the files were visible; `phase`, `digest` and `erasures` describe the model in it. `tries` counts
    the uploads that Slack accepted without showing them, `unanswered` those with an unknown outcome. `why` is
    the reason why there is no file. For a canvas, `wanted` counts the reports that request it, and `written`
    those for which it was written.
    """

    key: str = ""
    person: str = ""
    form: str = ""
    word: str = ""
    version: int = 0
    files: tuple[str, ...] = ()
    shared_at: datetime | None = None
    phase: str = ""
    digest: str = ""
    erasures: int = 0
    tries: int = 0
    unanswered: int = 0
    why: str = ""
    wanted: int = 0
    written: int = 0


def file_parameters(record: DeliveryRecord) -> FileParameters:
    """Return the parameters of a file's slot."""
    return msgspec.json.decode(record.parameters or b"{}", type=FileParameters)


def described(record: DeliveryRecord, parameters: FileParameters) -> DeliveryRecord:
    """Return a slot with changed parameters."""
    return replace(record, parameters=msgspec.json.encode(parameters))


def number_of_slot(record: DeliveryRecord) -> int:
    """Return the number of a slot among those of its kind and model; a notice has that of its file."""
    return int(record.slot.rpartition("/")[2].rpartition("-")[2])


class FileSlots:
    """Slots of files of one workspace; raises StoreUnavailable like every store."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries

    def order(self, order: Order, place: str) -> DeliveryRecord | None:
        """Request an export; None if this person already waits for one of that model in that format.

        A repeated request counts once, and returns the same result.
        """
        exports = self._deliveries.of_model(order.stream, EXPORT)
        for export in exports:
            known = file_parameters(export)
            if known.key == order.key:
                return export
            if (known.person, known.form) == (order.person, order.form) and self._is_awaited(export):
                return None
        parameters = FileParameters(key=order.key, person=order.person, form=order.form, word=order.word)
        return self._want_next(order.stream, EXPORT, place, parameters)

    def order_diagram(self, stream: StreamId, key: CommandKey, place: str) -> tuple[DeliveryRecord, bool]:
        """Request a diagram; return its slot, and False if another request is pending.

        Once the post has started, a request leads to another diagram, because it may show more.
        """
        diagrams = self.diagrams(stream)
        for diagram in diagrams:
            if file_parameters(diagram).key == key:
                return diagram, True
        waiting = [diagram for diagram in diagrams if not diagram.external_id and not diagram.final]
        if waiting and not waiting[-1].attempt:
            return waiting[-1], False
        return self._want_next(stream, DIAGRAM, place, FileParameters(key=key)), not waiting

    def diagrams(self, stream: StreamId) -> list[DeliveryRecord]:
        """Return the slots of a model's diagrams, as pictures and in words, in their order."""
        both = [
            *self._deliveries.of_model(stream, DIAGRAM),
            *self._deliveries.of_model(stream, DIAGRAM_MESSAGE),
        ]
        return sorted(both, key=number_of_slot)

    def request_diagram(self, stream: StreamId, place: str) -> DeliveryRecord:
        """Request a diagram without an order: the previous one is outdated."""
        return self._want_next(stream, DIAGRAM, place, FileParameters())

    def request_beside(self, record: DeliveryRecord, kind: str, **parameters: object) -> DeliveryRecord:
        """Request a slot of another kind with the number and parameters of a slot, with changes."""
        known = replace(file_parameters(record), **parameters)
        prefix = f"{record.kind}-" if kind == FILE_NOTICE else ""
        subject = f"{key_of(record.stream)}/{prefix}{record.slot.rpartition('/')[2]}"
        wanted = DeliveryRecord(
            slot=f"{kind}/{subject}",
            sink="thread",
            stream=record.stream,
            place=record.place,
            thread=record.thread,
            parameters=msgspec.json.encode(replace(known, files=(), shared_at=None)),
        )
        self._deliveries.add_missing(wanted)
        return wanted

    def request_picture(self, stream: StreamId, version: int, place: str, thread: str) -> DeliveryRecord:
        """Request the charts of the round that ended with an event, in the thread of its result."""
        wanted = DeliveryRecord(
            slot=f"{PICTURE}/{key_of(stream)}/{version:06}",
            sink="file",
            stream=stream,
            place=place,
            thread=thread,
            parameters=msgspec.json.encode(FileParameters(version=version)),
        )
        self._deliveries.add_missing(wanted)
        return wanted

    def request_canvas(self, stream: StreamId, place: str) -> DeliveryRecord:
        """Request the canvas of a model for one more report."""
        slot = canvas_slot(stream)
        known = self._deliveries.find(slot)
        if known is not None and known.final:  # Slack rejected it: it may accept the next one
            self._deliveries.drop(slot)
            known = None
        if known is None:
            known = DeliveryRecord(slot=slot, sink="canvas", stream=stream, place=place)
            self._deliveries.add_missing(known)
        parameters = file_parameters(known)
        wanted = described(known, replace(parameters, wanted=parameters.wanted + 1))
        self._deliveries.set_parameters(wanted)
        return wanted

    def change(self, slot: str, change: Callable[[FileParameters], FileParameters]) -> None:
        """Change the parameters of a slot, if it exists."""
        record = self._deliveries.find(slot)
        if record is not None:
            known = file_parameters(record)
            changed = change(known)
            if changed != known:
                self._deliveries.set_parameters(described(record, changed))

    def of_model(self, stream: StreamId) -> list[DeliveryRecord]:
        """Return every slot of a model's files."""
        return [one for one in self._deliveries.of_model(stream) if one.kind in FILE_KINDS]

    def _is_awaited(self, export: DeliveryRecord) -> bool:
        """Return whether a file, or the message below it, is pending."""
        message = self._deliveries.find(beside(export, EXPORT_MESSAGE))
        told = message is not None and not message.final and not message.external_id
        seen = bool(export.external_id) and file_parameters(export).shared_at is None
        return not export.final and (not seen or told)

    def _want_next(
        self, stream: StreamId, kind: str, place: str, parameters: FileParameters
    ) -> DeliveryRecord:
        kinds = {EXPORT: (EXPORT, EXPORT_MESSAGE), DIAGRAM: (DIAGRAM, DIAGRAM_MESSAGE)}[kind]
        notices = f"{FILE_NOTICE}/{key_of(stream)}/{kind}-"
        while True:
            taken = [number_of_slot(one) for of in kinds for one in self._deliveries.of_model(stream, of)]
            # A refused file leaves only its notice: with the same number, the next one would have none.
            taken += [
                number_of_slot(one)
                for one in self._deliveries.of_model(stream, FILE_NOTICE)
                if one.slot.startswith(notices)
            ]
            wanted = DeliveryRecord(
                slot=f"{kind}/{key_of(stream)}/{max(taken, default=0) + 1:06}",
                sink="file",
                stream=stream,
                place=place,
                parameters=msgspec.json.encode(parameters),
            )
            if self._deliveries.add_missing(wanted):
                return wanted


def canvas_slot(stream: StreamId) -> str:
    """Return the slot of a model's canvas."""
    return f"{CANVAS}/{key_of(stream)}"


def beside(record: DeliveryRecord, kind: str) -> str:
    """Return the slot of another kind that has the same subject."""
    return f"{kind}/{record.subject}"
