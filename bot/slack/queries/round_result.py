"""Result of a closed round as of its closing, without second votes."""

from bot.slack.ui.messages.round_result_message import RoundResult, ThreatResult
from domain.events import RoundClosed
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel
from domain.voting.scores import in_order_of_scores, ranked_threats, scores_of_round, sealed_in_round


def load_round_result(stream: str, model: ThreatModel, closed: RoundClosed) -> RoundResult | None:
    """Return the result of a round; None if its opening was erased."""
    one = model.rounds.get(closed.round)
    if one is None:
        return None
    first = model.rounds.get(one.revote_of) if one.revote_of else one
    # The result of a second vote has its own message.
    scores = scores_of_round(model, first, one if one.revote_of else None) if first else {}
    ranked = ranked_threats(model)
    ranks = {place.threat.id: place.rank for place in ranked if place.rank}
    sealed = sealed_in_round(model, first) if first else {}
    threats = [model.threats[id] for id in closed.threats if id in model.threats]
    voted = {person for round_, _, person in model.ballots if round_ == one.id}
    again = next((other for other in model.open_rounds() if other.revote_of == one.id), None)
    return RoundResult(
        stream=stream,
        model=model.name,
        key=model.key,
        round=one,
        by=closed.by,
        voted=len(voted),
        invited=len(one.voters),
        results=[
            ThreatResult(
                threat=threat,
                score=scores.get(threat.id),
                rank=ranks.get(threat.id),
                of=len(ranks),
                sealed=sealed.get(threat.id),
            )
            for threat in in_order_of_scores(threats, scores)
        ],
        again=again is not None,
        revoted=_revoted(model, closed),
    )


def _revoted(model: ThreatModel, closed: RoundClosed) -> tuple[ThreatId, ...]:
    """Return the threats of a round with a second vote, open or closed."""
    return tuple(
        ask.threat for one in model.rounds.values() if one.revote_of == closed.round for ask in one.asks
    )
