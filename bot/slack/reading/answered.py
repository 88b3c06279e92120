"""What came of a proposal to accept a risk, in a sentence."""

from collections.abc import Sequence

from domain.due_dates import short_day
from domain.elements import PersonId
from domain.events import AcceptanceApproved, AcceptanceDeclined, AcceptanceProposed, Erased, Past
from domain.history import undone_answers
from domain.naming import Naming


def answer_to(events: Sequence[Past], version: int, *, naming: Naming, to: PersonId) -> str:
    """What was said after a version, in which something was proposed that does not wait any more.

    It is told to somebody who may have said it themselves. Raises TypeError where nothing was proposed.
    """
    proposed = events[version - 1]
    if not isinstance(proposed, AcceptanceProposed):
        raise TypeError(version)
    threat, undone = proposed.proposal.threat, undone_answers(events)
    if proposed.answer in undone:
        return "It was taken back."

    def who(person: PersonId) -> str:
        return "You" if person == to else naming(person)

    for later in events[version:]:
        if isinstance(later, Erased) or later.answer in undone or later.undoes is not None:
            continue
        match later:
            case AcceptanceApproved(acceptance=said) if said.threat == threat:
                until = f" until {short_day(said.expires)}" if said.expires else ""
                return f"{who(later.by)} approved it: the risk is accepted{until}."
            case AcceptanceDeclined() if later.threat == threat:
                because = f" Because: “{later.reason}”" if later.reason else ""
                return f"{who(later.by)} did not agree.{because}"
            case AcceptanceProposed() if later.proposal.threat == threat:
                return "Something else is proposed by now."
            case _:
                pass
    return "It is not proposed any more."
