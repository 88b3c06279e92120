"""Decisions on ending rounds: by the facilitator, at the deadline, or when all have voted."""

from domain.commands import CloseRound, ExtendRound, SettleRound
from domain.decide.decision import Draft
from domain.decide.input_checks import check_open, clean_text, require_round
from domain.decide.round_opening import vote_again
from domain.events import RoundClosed, RoundExtended, RoundFellShort
from domain.kernel.elements import SYSTEM
from domain.kernel.voting_round import Round, RoundEndCause
from domain.model import ThreatModel
from domain.rejections import NothingSaid, NothingToSettle, QuorumNotMet
from domain.voting.round_deadlines import skip_weekends
from domain.voting.turnout import ballots_by_threat, has_quorum, invited_voters, live_asks, missing_ballots


def close_round(command: CloseRound, draft: Draft) -> None:
    """Close a round that has its quorum; the system also extends a round below it, or ends it as short."""
    one = require_round(draft.model, command.round)
    if draft.by == SYSTEM:
        _at_deadline(one, draft)
        return
    check_open(one)
    if not has_quorum(draft.model, one):
        raise QuorumNotMet(one.id, one.quorum)
    _close(one, RoundEndCause.FACILITATOR, draft)


def extend_round(command: ExtendRound, draft: Draft) -> None:
    """Extend a round that fell short, so that its numbers need not stay sealed."""
    one = require_round(draft.model, command.round)
    check_open(one)
    if not one.fell_short:
        raise NothingToSettle(one.id)
    more = (one.deadline - one.opened_at) / 2
    draft.record(RoundExtended(**draft.header, round=one.id, deadline=skip_weekends(draft.at + more)))


def settle_round(command: SettleRound, draft: Draft) -> None:
    """Settle a round that fell short with the ballots cast."""
    one = require_round(draft.model, command.round)
    check_open(one)
    if not one.fell_short:
        raise NothingToSettle(one.id)
    reason = clean_text(command.reason, what="The reason", field="reason")
    if not reason:
        raise NothingSaid("Please say why the ballots there are should do.", field="reason")
    _close(one, RoundEndCause.SETTLED, draft, reason=reason)


def end_finished_rounds(draft: Draft, before: ThreatModel) -> None:
    """Close each open round in which all have voted, or no threats or voters remain."""
    model = draft.model
    if model.ballots is before.ballots and model.threats is before.threats and model.rounds is before.rounds:
        return
    draft.undoes = None  # undoing an answer never undoes the end of a round
    for one in model.open_rounds():
        voters, asks = invited_voters(one), live_asks(draft.model, one)
        if not asks:
            _close(one, RoundEndCause.NO_THREATS, draft)
        elif not voters:
            _close(one, RoundEndCause.NO_VOTERS, draft)
        elif not any(missing_ballots(draft.model, one, voter) for voter in voters):
            _close(one, RoundEndCause.ALL_VOTED, draft)


def _at_deadline(one: Round, draft: Draft) -> None:
    """Do what is due at the deadline; nothing if another replica was faster."""
    if one.ending is not None or one.fell_short or draft.at < one.deadline:
        return
    if has_quorum(draft.model, one):
        _close(one, RoundEndCause.DEADLINE, draft)
    elif one.extended:
        draft.record(RoundFellShort(**draft.header, round=one.id))
    else:
        # From now if the clock was late: voters could not have used the time in between.
        half = (one.deadline - one.opened_at) / 2
        deadline = skip_weekends(max(one.deadline, draft.at) + half)
        draft.record(RoundExtended(**draft.header, round=one.id, deadline=deadline))


def _close(one: Round, cause: RoundEndCause, draft: Draft, *, reason: str = "") -> None:
    cast = ballots_by_threat(draft.model, one)
    threats = tuple(ask.threat for ask in live_asks(draft.model, one) if cast[ask.threat])
    draft.record(RoundClosed(**draft.header, round=one.id, cause=cause, threats=threats, reason=reason))
    if one.revote_of is None:
        vote_again(one, draft)
