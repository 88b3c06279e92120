"""Conflicts of an undo: later events that depend on the answer."""

from collections.abc import Sequence

from domain.event_kinds import presupposed_subjects, touched_subjects
from domain.events import Erased, Event, RecordedEvent
from domain.history import undone_answers
from domain.kernel.elements import ElementId
from domain.kernel.event_subjects import Side, Subject, subject_text
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel, evolve
from domain.rejections import UndoBlocked
from domain.replay import replay
from domain.wording import describe_event

Step = tuple[ThreatModel, Event]
"""An event of the answer, with the model before it."""


def check_no_later_event_depends_on(
    past: Sequence[RecordedEvent], answer: int, steps: Sequence[Step]
) -> None:
    """Raise Rejected, naming who and what, if a later event in force touches the same subjects."""
    undone = undone_answers(past)
    mine = {subject for _, event in steps for subject in touched_subjects(event)}
    added = {
        subject
        for earlier, event in steps
        for subject in touched_subjects(event)
        if _is_new(earlier, subject)
    }
    model = replay(past[: answer - 1 + len(steps)])
    for event in past[answer - 1 + len(steps) :]:
        if isinstance(event, Erased):
            model = evolve(model, event)
            continue
        if event.undoes is None and event.answer not in undone:
            clash = mine.intersection(touched_subjects(event)) or added.intersection(
                presupposed_subjects(event)
            )
            if clash:
                raise UndoBlocked(min(map(subject_text, clash)), event.by, describe_event(event, model))
        model = evolve(model, event)


def _is_new(earlier: ThreatModel, subject: Subject) -> bool:
    """Return whether the answer added a subject; without an id of its own, it counts as added each time."""
    id = subject.id
    is_there = ElementId(id) in earlier.elements or ThreatId(id) in earlier.threats
    return subject.side is not Side.THING or not is_there
