"""Commands: requests to change a threat model; author and time are part of the command.

All commands are imported from here; each module below holds those of one part of the work.
"""

# ruff: noqa: F403, F405

from typing import get_args

from domain.commands.analysis import *
from domain.commands.base_command import *
from domain.commands.bulk_entry import *
from domain.commands.collection import *
from domain.commands.element_entry import *
from domain.commands.remediation import *
from domain.commands.steering import *
from domain.commands.voting import *


class Undo(BaseCommand, frozen=True, kw_only=True, tag="Undo"):
    """Undo the author's last answer."""


CreatingCommand = AddCommand | NameElements | DrawFlows | PlaceComponents
"""The commands that may add elements under names that people typed."""

Command = (
    SteeringCommand
    | BulkEntryCommand
    | AddCommand
    | ReviseCommand
    | CollectionCommand
    | AcceptDraft
    | AnalysisCommand
    | VotingCommand
    | ResponseCommand
    | MitigationCommand
    | ChooseTracker
    | IssueCommand
    | ReassignAll
    | SnoozeReminder
    | AnswerRetrospective
    | Undo
    | PhaseMoveCommand
    | ClosingCommand
)

COMMAND_TYPES: tuple[type[Command], ...] = get_args(Command)
