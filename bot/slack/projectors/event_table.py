"""Table of events: how the thread announces each type of event, and which work it causes."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import Enum, StrEnum
from types import UnionType
from typing import Any, Final, NamedTuple, TypeVar, get_args

import msgspec

from bot.slack.protocol.block_builders import Message
from bot.slack.screens.handover_details import HandoverEvent
from bot.slack.ui.messages.round_messages import RoundResult, round_result_message
from bot.slack.ui.messages.thread_announcements import closed_message, moved_message
from bot.slack.ui.modals.steering.closing_page import closing_proposal_message
from domain import events as es
from domain.events import Erased, Event, RecordedEvent
from domain.kernel.text_formatting import Naming
from domain.register import ThreatRegister


class Announcement(Enum):
    """Way in which the thread announces an event."""

    COUNTED = "in one number with the similar changes of its author"
    LISTED = "with the other changes of its author"
    LINE = "on a line of its own"
    MESSAGE = "in a message of its own, also shown in the channel"
    SILENT = "not at all: it neither starts a work session nor counts as activity"


class Projector(StrEnum):
    """Outputs that may change after an event; the value is the kind of work that checks them."""

    RESULTS = "results"
    """Immediate messages in the card's thread: results of rounds, conditions, closings."""
    SUMMARIES = "summaries"
    """Summaries of work sessions in the card's thread."""
    INVITATIONS = "invitations"
    """Direct messages to voters about a round."""
    HANDOVERS = "handovers"
    """Direct messages about assignments and questions."""
    PROPOSALS = "proposals"
    """Direct messages about drafts of agents."""
    CLAIMS = "claims"
    """Direct messages about approvals in an imported file."""
    REMINDERS = "reminders"
    """Planned reminders."""
    SENT_REMINDERS = "sent-reminders"
    """Sent reminders, which show their outcome."""
    ROUNDS = "rounds"
    """The end of open rounds, and their deadlines."""
    ISSUES = "issues"
    """Issues of mitigations in a tracker."""
    HOMES = "homes"
    """Home tabs that were opened recently."""


class MessageSource(msgspec.Struct, frozen=True, kw_only=True):
    """What the messages about single events show: the result of a closed round, what a review has changed."""

    stream: str
    register: ThreatRegister
    naming: Naming
    round_result: RoundResult | None
    review: str = ""


class EventEffects(msgspec.Struct, frozen=True, kw_only=True):
    """Effects of one type of event, beside the card, which every event may change.

    `announced` may depend on the event. `message` makes the content of a message of its own; with `holds`,
    only the last such message is shown, and only while that is true. `edits_messages` events change messages
    that were posted before, which are therefore never final.
    """

    announced: Announcement | Callable[[Any], Announcement]
    causes: frozenset[Projector]
    message: Callable[[Any, MessageSource], Message | None] | None = None
    holds: Callable[[ThreatRegister], bool] | None = None
    edits_messages: bool = False


_P = Projector

_ALWAYS = (_P.SUMMARIES, _P.HANDOVERS, _P.REMINDERS, _P.SENT_REMINDERS, _P.HOMES)
"""After every event: the thread's summary, and people's open tasks."""

_ROUNDS = (_P.INVITATIONS, _P.ROUNDS)
"""Outputs that also depend on voters, threats and the phase."""

_THREATS = (*_ROUNDS, _P.ISSUES)
"""Outputs that also show threats, or depend on whether there are any."""

_E = TypeVar("_E", bound=Event)


def _row(
    kind: type[_E],
    announced: Announcement | Callable[[_E], Announcement],
    causes: Iterable[Projector] = (),
    *,
    message: Callable[[_E, MessageSource], Message | None] | None = None,
    holds: Callable[[ThreatRegister], bool] | None = None,
    edits_messages: bool = False,
) -> tuple[type[Event], EventEffects]:
    """Return the row of an event type; one with a message causes a check of the messages."""
    aloud = (_P.RESULTS,) if message is not None or edits_messages else ()
    return kind, EventEffects(
        announced=announced,
        causes=frozenset((*_ALWAYS, *causes, *aloud)),
        message=message,
        holds=holds,
        edits_messages=edits_messages,
    )


def _rows(
    announced: Announcement, causes: Iterable[Projector], *kinds: type[Event]
) -> Iterator[tuple[type[Event], EventEffects]]:
    return (_row(kind, announced, causes) for kind in kinds)


def _moved(event: es.PhaseMoved, source: MessageSource) -> Message:
    return moved_message(source.register, event, source.naming)


def _closed(event: es.ThreatModelClosed, source: MessageSource) -> Message:
    return closed_message(source.stream, source.register, event, source.naming, source.review)


def _proposed(_: es.ClosingProposed, source: MessageSource) -> Message | None:
    return closing_proposal_message(source.stream, source.register, source.naming)


def _round_closed(_: es.RoundClosed, source: MessageSource) -> Message | None:
    return round_result_message(source.round_result, source.naming) if source.round_result else None


_COUNTED, _LISTED, _LINE = Announcement.COUNTED, Announcement.LISTED, Announcement.LINE
_MESSAGE, _SILENT = Announcement.MESSAGE, Announcement.SILENT

EVENT_TABLE: Final[Mapping[type[Event], EventEffects]] = dict((
    # Collection: no effect on rounds or invitations.
    *_rows(_COUNTED, (), *get_args(es.ElementAdded), *get_args(es.ElementRevised)),
    *_rows(
        _LISTED, (),
        es.TrustLevelsOrdered, es.AssumptionRecorded, es.AssumptionRevised, es.AssumptionWithdrawn,
        es.FactsAssumed, es.ElementsLinked, es.ElementsSeparated, es.LinkWithdrawn,
    ),
    *_rows(_LISTED, (_P.PROPOSALS,), es.DraftSettled, es.DraftReopened),
    # Analysis, and changes of the set of threats, which rounds vote on.
    *_rows(
        _COUNTED, _ROUNDS,
        es.ElementRemoved, es.FactAnswered, es.BulkAnswered, es.SuggestedThreatConfirmed,
        es.SuggestedThreatDismissed, es.PlacesAdded, es.PersonAsked, es.ScreeningAnswered,
    ),
    *_rows(
        _LISTED, _ROUNDS,
        es.ElementRestored, es.ElementsMerged, es.RegisterCompleted, es.RegisterReopened,
        es.SuggestedThreatReopened,
        es.PlacesRemoved, es.AnswerChecked, es.RowConsidered, es.RowReopened, es.ScreeningWithdrawn,
        es.ScreeningConfirmed, es.PromptAnswered, es.PromptReopened,
    ),
    *_rows(
        _LISTED, _THREATS,
        es.ThreatReported, es.ThreatRevised, es.ThreatWithdrawn, es.ThreatsMerged, es.ThreatsParted,
    ),
    # Voting. A round's own messages announce these; ballots and authors of explanations are secret.
    *_rows(_LISTED, _ROUNDS, es.VoterLeft, es.ReferenceThreatMarked, es.ReferenceThreatUnmarked),
    *_rows(_LINE, _ROUNDS, es.RoundExtended, es.RoundFellShort),
    *_rows(_SILENT, _ROUNDS, es.BallotCast),
    # The message on the first vote says that there is a second one.
    _row(es.RoundOpened, lambda event: _SILENT if event.round.revote_of is not None else _LINE, _ROUNDS),
    _row(es.RoundClosed, _MESSAGE, _THREATS, message=_round_closed, edits_messages=True),
    _row(es.BallotExplained, _SILENT, _ROUNDS, edits_messages=True),
    # Remediation.
    *_rows(
        _LISTED, (),
        es.AcceptanceProposed, es.ApprovalReassigned, es.AcceptanceWithdrawn, es.AcceptanceDeclined,
        es.ReminderSnoozed, es.RetrospectiveAnswered,
    ),
    *_rows(
        _LISTED, (_P.ISSUES,),
        es.ResponseChosen, es.ResponseCleared, es.AcceptanceApproved,
        es.MitigationPlanned, es.MitigationRevised, es.MitigationLinked, es.MitigationUnlinked,
        es.MitigationReassigned, es.MitigationRescheduled, es.MitigationStarted,
        es.MitigationImplemented, es.MitigationVerified, es.VerificationRefused,
        es.MitigationDropped, es.MitigationResumed, es.MitigationRestored, es.MitigationRemoved,
        es.TrackerChosen, es.IssueUnlinked, es.IssueRequested, es.IssueProposalDismissed,
    ),
    *_rows(_COUNTED, (_P.ISSUES,), es.IssueLinked),
    # People changed the mitigation here, which was announced.
    _row(es.IssueSeen, lambda event: _SILENT if event.expected else _LISTED, (_P.ISSUES,)),
    # Steering: names, people and phases are shown everywhere.
    *_rows(
        _LISTED, _ROUNDS,
        es.ThreatModelStarted, es.ScopeRevised, es.LabelsChosen, es.ParticipantsChosen, es.TermsChosen,
        es.PolicyChosen, es.FacilitatorChanged, es.SharingAllowed, es.SharingForbidden, es.ChannelFollowed,
    ),
    *_rows(_LISTED, _THREATS, es.WorkspaceSettingsApplied),
    *_rows(_LINE, _ROUNDS, es.ClosingDeclined, es.ClosingWithdrawn),
    *_rows(_LINE, _THREATS, es.ThreatModelReopened, es.ThreatModelArchived),
    *_rows(_LINE, (*_ROUNDS, _P.CLAIMS), es.ThreatModelImported),
    # Overridden conditions concern the whole channel.
    _row(es.PhaseMoved, lambda event: _MESSAGE if event.overrides else _LINE, _ROUNDS, message=_moved),
    _row(
        es.ClosingProposed, lambda event: _MESSAGE if event.undoes is None else _LINE, _ROUNDS,
        message=_proposed, holds=lambda register: register.closing is not None,
    ),
    _row(
        es.ThreatModelClosed, _MESSAGE, _ROUNDS,
        message=_closed, holds=lambda register: register.phase in ("closed", "archived"),
    ),
))  # fmt: skip
"""Effects of each event type; a test fails if one is missing."""


def announcement_of(event: RecordedEvent) -> Announcement:
    """Return how an event is announced; SILENT once its text was erased."""
    if isinstance(event, Erased):
        return Announcement.SILENT
    announced = EVENT_TABLE[type(event)].announced
    return announced if isinstance(announced, Announcement) else announced(event)


class EditedSlots(NamedTuple):
    """Slots that a projector edits after every event: their kind, and the events that may add some."""

    kind: str
    added_by: type | UnionType | None = None


EDITED: Final[Mapping[Projector, EditedSlots]] = {
    _P.HANDOVERS: EditedSlots("handover", HandoverEvent),
    _P.SENT_REMINDERS: EditedSlots("reminder"),
    _P.HOMES: EditedSlots("home"),
}
"""Projectors that have nothing to do after most events unless there are slots of this kind.

Slots that other work adds meanwhile are shown as the model is then.
"""


def caused_by(
    events: Iterable[RecordedEvent], changeable: Collection[str] | None = None
) -> tuple[Projector, ...]:
    """Return the projectors to run after some events; all of them if an event was erased.

    `changeable` are the kinds of the slots that exist and are not final; projectors without such slots are
    left out if they would only edit them.
    """
    found: set[Projector] = set()
    for event in events:
        if isinstance(event, Erased):
            return tuple(Projector)
        found.update(one for one in EVENT_TABLE[type(event)].causes if _is_needed(one, event, changeable))
    return tuple(projector for projector in Projector if projector in found)


def _is_needed(projector: Projector, event: Event, changeable: Collection[str] | None) -> bool:
    edited = EDITED.get(projector)
    if edited is None or changeable is None or edited.kind in changeable:
        return True
    return edited.added_by is not None and isinstance(event, edited.added_by)
