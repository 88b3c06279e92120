"""A house in which one thing after the other is handed to somebody."""

from datetime import timedelta
from typing import Any, TypeVar

import msgspec

from bot.commands.command_handler import CommandHandler, CommandResult
from bot.store import CommandKey, StreamId
from domain.commands import (
    ApproveAcceptances,
    Command,
    ImplementMitigation,
    PlanMitigation,
    PlanSuggestedMitigations,
    ProposeAcceptance,
    ReassignMitigation,
    RefuseVerification,
    ReportThreat,
)
from domain.events import (
    AcceptanceApproved,
    AcceptanceProposed,
    MitigationPlanned,
    MitigationReassigned,
    ThreatReported,
    VerificationRefused,
)
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import SeenProposal, Stride, ThreatId
from tests.reminders.reminder_story import BEGIN, DUE

E = TypeVar("E")
_WAYS = 6


class ExpectedHandover(msgspec.Struct, frozen=True, order=True):
    """Something that somebody is to be told of, by the version of the event."""

    version: int
    person: PersonId


class HandoverScript:
    """Ana, who hands things to the others in turn: each time in another of six ways.

    What she gives or answers several of at once is one message, about the first of its events; `first` is the
    way that she begins with.
    """

    def __init__(
        self,
        command_handler: CommandHandler,
        stream: StreamId,
        ana: PersonId,
        others: list[PersonId],
        *,
        first: int = 0,
    ) -> None:
        self.handed: list[ExpectedHandover] = []
        self.given_away: list[ExpectedHandover] = []
        """Those whose messages have nothing to press any more: it was answered, or is somebody else's."""
        self._command_handler = command_handler
        self.stream = stream
        self._ana = ana
        self._others = others
        self._first = first
        self._said = 0
        self._mitigation = MitigationId("")
        self._proposals: tuple[SeenProposal, ...] = ()

    def hand_over(self) -> None:
        """Hand one more change to the next of them."""
        number = self._first + len(self.handed)
        turn = number // _WAYS * 2
        one, next_one = (self._others[(turn + ahead) % len(self._others)] for ahead in (0, 1))
        told: dict[str, Any] = {"by": self._ana, "at": BEGIN}
        match number % _WAYS:
            case 0:
                plan = PlanMitigation(
                    **told, threat=ThreatId("TH-1"), title="Hang curtains", owner=one, due=DUE
                )
                self._mitigation = self._hand(plan, MitigationPlanned, to=one).mitigation.id
            case 1:
                self.given_away.append(self.handed[-1])
                again = ReassignMitigation(**told, mitigation=self._mitigation, owner=next_one)
                self._hand(again, MitigationReassigned, to=next_one)
            case 2:
                self._say(
                    ImplementMitigation(by=next_one, at=BEGIN, mitigation=self._mitigation, evidence="Seen")
                )
                refuse = RefuseVerification(**told, mitigation=self._mitigation, reason="Reject")
                self._hand(refuse, VerificationRefused, to=next_one)
            case 3:
                threat, other = self._reported(), self._reported()
                propose = ProposeAcceptance(
                    **told,
                    threat=threat,
                    also=(other,),
                    expires=DUE + timedelta(days=30),
                    reason="It costs little",
                    approver=one,
                )
                self._hand(propose, AcceptanceProposed, to=one)
                self._proposals = tuple(
                    SeenProposal(threat=about, proposed_at=BEGIN) for about in (threat, other)
                )
            case 4:
                self.given_away.append(self.handed[-1])
                approve = ApproveAcceptances(by=one, at=BEGIN, proposals=self._proposals)
                self._hand(approve, AcceptanceApproved, to=self._ana)
            case _:
                both = (self._reported(), self._reported())
                several = PlanSuggestedMitigations(**told, threats=both, owner=one, due=DUE)
                self._hand(several, MitigationPlanned, to=one)

    def _reported(self) -> ThreatId:
        """Report one more threat, whose suggested control is its own."""
        report = ReportThreat(
            by=self._ana,
            at=BEGIN,
            title=f"Glue in the lock {self._said}",
            stride=(Stride.DENIAL_OF_SERVICE,),
        )
        return _the(self._say(report), ThreatReported)[1].threat.id

    def _hand(self, command: Command, by: type[E], *, to: PersonId) -> E:
        """Say something that is told in one message, about its first event of a kind."""
        version, event = _the(self._say(command), by)
        self.handed.append(ExpectedHandover(version, to))
        return event

    def _say(self, command: Command) -> CommandResult:
        self._said += 1
        return self._command_handler.execute(
            command, stream=self.stream, key=CommandKey(f"given {self._said}")
        )


def _the(done: CommandResult, kind: type[E]) -> tuple[int, E]:
    """The event of a kind, and its version."""
    first = done.version - len(done.events) + 1
    return next((first + place, one) for place, one in enumerate(done.events) if isinstance(one, kind))
