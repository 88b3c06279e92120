"""Who may ask for what: the facilitator steers, the participants answer."""

from typing import get_args

from domain.commands import AllowSharing, ChooseParticipants, Command, ForbidSharing, HandOver, Move
from domain.elements import SYSTEM, PersonId
from domain.model import ThreatModel
from domain.rejections import NotAParticipant, NotTheFacilitator

FACILITATORS: frozenset[type[Command]] = frozenset({ChooseParticipants, HandOver, *get_args(Move)})
"""The commands that only the facilitator may give; what the clock does is never refused here."""


ADMINISTRATORS: frozenset[type[Command]] = frozenset({AllowSharing, ForbidSharing})
"""The commands of the workspace's administrators, whom only Slack knows: whoever passes them on checks."""


def check_access(model: ThreatModel, command: Command) -> None:
    """Raise Rejected, naming whom to ask, where the asker may not do this."""
    if command.by in (SYSTEM, model.facilitator) or type(command) in ADMINISTRATORS:
        return
    if not participates(model, command.by):
        raise NotAParticipant(model.facilitator)
    if type(command) in FACILITATORS:
        raise NotTheFacilitator(model.facilitator)


def participates(model: ThreatModel, person: PersonId) -> bool:
    """Whether a person may answer: nobody named means everybody who can see the model."""
    return not model.participants or person in model.participants or person == model.facilitator
