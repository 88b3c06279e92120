"""Decisions on closing a model: open gates need reasons, open critical threats a second person."""

from msgspec.structs import replace

from domain.analysis.model_analysis import analyze
from domain.commands import CloseThreatModel, ConfirmClosing, DeclineClosing
from domain.decide.decision import Draft
from domain.decide.input_checks import clean_text
from domain.decide.phase_moves import gate_overrides, unexplained
from domain.events import ClosingDeclined, ClosingProposed, ClosingWithdrawn, ThreatModelClosed
from domain.gates import Gate, gates, open_critical
from domain.kernel.due_dates import utc_zone
from domain.kernel.elements import PersonId
from domain.kernel.gate_overrides import ClosingProposal
from domain.kernel.threat import ThreatId
from domain.lifecycle import MoveFindings, step_after
from domain.rejections import (
    ClosingOutdated,
    ClosingWaits,
    NoClosingProposed,
    NothingSaid,
    OthersClosing,
    OwnClosing,
    ProposalChanged,
    Rejected,
)
from domain.remediation.status import statuses


def close(command: CloseThreatModel, draft: Draft) -> None:
    """Close the model, or propose it to a second person if critical threats are open."""
    checked, critical = _seen(draft)
    reason, overrides = gate_overrides(checked, command.reasons, command.reason)
    found = MoveFindings(unexplained=unexplained(overrides), needs_two=bool(critical))
    if step_after(draft.model, command, found) == "closed":
        draft.record(ThreatModelClosed(**draft.header, reason=reason, overrides=overrides))
        return
    _check_confirmer(command.confirmer, draft)
    proposal = ClosingProposal(
        by=draft.by,
        at=draft.at,
        reason=reason,
        overrides=overrides,
        critical=critical,
        asked=command.confirmer,
    )
    known = draft.model.closing
    if known is not None and known.by != draft.by:
        raise ClosingWaits(known.by)  # another person's proposal has to be answered first
    if known is None or proposal != replace(known, at=draft.at):
        draft.record(ClosingProposed(**draft.header, proposal=proposal))


def confirm_closing(command: ConfirmClosing, draft: Draft) -> None:
    """Close the model over open critical threats, as another person proposed."""
    proposal = _proposal(draft)
    if proposal.by == draft.by:
        raise OwnClosing
    if command.proposed_at not in (None, proposal.at):
        raise ProposalChanged(proposal.by)
    checked, critical = _seen(draft)
    known = {one.gate: one for one in proposal.overrides}
    more = [gate.text[0].lower() + gate.text[1:] for gate in checked if not gate.met and gate.id not in known]
    more += [f"{one} is critical or has no score" for one in critical if one not in proposal.critical]
    if more:
        raise ClosingOutdated(proposal.by, tuple(more))
    step_after(draft.model, command)
    still = {gate.id: gate.text for gate in checked if not gate.met}
    draft.record(
        ThreatModelClosed(
            **draft.header,
            reason=proposal.reason,
            overrides=tuple(
                replace(one, text=still[one.gate]) for one in proposal.overrides if one.gate in still
            ),
            proposed_by=proposal.by,
        )
    )


def decline_closing(command: DeclineClosing, draft: Draft) -> None:
    """Decline the closing; the model stays open."""
    proposal = _proposal(draft)
    if proposal.by == draft.by:
        raise OwnClosing
    reason = clean_text(command.reason, what="The reason", field="reason")
    if not reason:
        raise NothingSaid("Say why the model should not be closed.", field="reason")
    draft.record(ClosingDeclined(**draft.header, reason=reason))


def withdraw_closing(draft: Draft) -> None:
    """Withdraw the proposal to close."""
    proposal = _proposal(draft)
    if proposal.by != draft.by:
        raise OthersClosing(proposal.by)
    draft.record(ClosingWithdrawn(**draft.header))


def _seen(draft: Draft) -> tuple[tuple[Gate, ...], tuple[ThreatId, ...]]:
    """Return the gates before closing, and the critical threats that would stay open."""
    seen, status = analyze(draft.model), statuses(draft.model, draft.at, utc_zone)
    checked = gates(draft.model, seen.crossing, seen.found, seen.grid, status)
    return checked, open_critical(draft.model, status)


def _proposal(draft: Draft) -> ClosingProposal:
    if draft.model.closing is None:
        raise NoClosingProposed
    return draft.model.closing


def _check_confirmer(confirmer: PersonId | None, draft: Draft) -> None:
    """Raise Rejected if the person asked would not be allowed to agree."""
    if confirmer == draft.by:
        raise Rejected("Someone else must confirm it. Choose another person.", field="confirmer")
    if confirmer is not None and not draft.model.participates(confirmer):
        raise Rejected(
            f"@{confirmer} does not take part in this model. Choose someone who does.",
            field="confirmer",
            people=(confirmer,),
        )
