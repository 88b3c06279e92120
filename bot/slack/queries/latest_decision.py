"""Latest decision about a subject, as a sentence for a person whose action came later."""

from collections.abc import Sequence

from bot.slack.protocol.escaping import ended
from domain.events import Erased, MitigationImplemented, MitigationResumed, MitigationStarted, RecordedEvent
from domain.history import undone_answers
from domain.kernel.elements import PersonId
from domain.kernel.event_subjects import Subject
from domain.kernel.text_formatting import Naming, with_names
from domain.model.imports import last_import
from domain.replay import replay
from domain.wording import describe_event, displayed_author, is_decision, mentioned_people, touched_subjects


def latest_decision(events: Sequence[RecordedEvent], subject: Subject, naming: Naming, to: PersonId) -> str:
    """Return `Ana confirmed …`; empty if no decision about the subject is in force.

    What an imported file ascribes to people is none.
    """
    undone, (_, imported) = undone_answers(events), last_import(events)
    for version in range(len(events), imported, -1):
        event = events[version - 1]
        if isinstance(event, Erased) or event.answer in undone or event.undoes is not None:
            continue
        if subject not in touched_subjects(event) or not (is_decision(event) or isinstance(event, _MOVES_ON)):
            continue
        before = replay(events[: version - 1])
        words = with_names(describe_event(event, before), mentioned_people(event), naming)
        by = displayed_author(event, before)
        who = "You" if by == to else naming(by) if by else "Someone"
        return ended(f"{who} {words}")
    return ""


_MOVES_ON = (MitigationStarted, MitigationImplemented, MitigationResumed)
"""Other steps of a mitigation, any of which may explain why a button is outdated."""
