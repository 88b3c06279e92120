"""Event handlers of the model: threats and suggested threats, voting rounds and ballots."""

from msgspec.structs import replace

from domain.events import (
    BallotCast,
    BallotExplained,
    PersonAsked,
    PlacesAdded,
    PlacesRemoved,
    PromptAnswered,
    PromptReopened,
    ReferenceThreatMarked,
    ReferenceThreatUnmarked,
    RoundClosed,
    RoundExtended,
    RoundFellShort,
    RoundOpened,
    RowConsidered,
    RowReopened,
    ScreeningAnswered,
    ScreeningConfirmed,
    ScreeningWithdrawn,
    SuggestedThreatConfirmed,
    SuggestedThreatDismissed,
    SuggestedThreatReopened,
    ThreatReported,
    ThreatRevised,
    ThreatsMerged,
    ThreatsParted,
    ThreatWithdrawn,
    VoterLeft,
)
from domain.kernel.question_assignment import QuestionAssignment
from domain.kernel.threat import MergedThreat
from domain.kernel.voting_round import RoundEnd
from domain.model.phase_steps import with_step, with_threats
from domain.model.threat_model import (
    ThreatModel,
    changed,
    counter,
    handlers_by_event,
    places_key,
    question_key,
)


def _threat_reported(
    model: ThreatModel, event: ThreatReported | ThreatRevised | SuggestedThreatConfirmed, version: int
) -> ThreatModel:
    stem, number = counter(event.threat.id)
    return with_threats(
        model,
        version=version,
        threats=model.threats.insert(event.threat.id, event.threat),
        withdrawn=model.withdrawn.discard(event.threat.id),
        numbers=model.numbers.insert(stem, max(number, model.numbers.get(stem, 0))),
    )


def _threat_withdrawn(model: ThreatModel, event: ThreatWithdrawn, version: int) -> ThreatModel:
    threat = model.threats.get(event.threat)
    if threat is None:
        return replace(model, version=version)
    return with_threats(
        model,
        version=version,
        threats=model.threats.remove(event.threat),
        withdrawn=model.withdrawn.insert(event.threat, threat),
    )


def _threats_merged(model: ThreatModel, event: ThreatsMerged, version: int) -> ThreatModel:
    threats = model.threats.insert(event.kept.id, event.kept)
    threat = threats.get(event.merged)
    if threat is None:
        return replace(model, version=version, threats=threats)
    return with_threats(
        model,
        version=version,
        threats=threats.remove(event.merged),
        # The kept threat is itself not merged, even if its history was erased: merges never form a cycle.
        merged=model.merged.discard(event.kept.id).insert(
            event.merged, MergedThreat(threat=threat, into=event.kept.id)
        ),
    )


def _threats_parted(model: ThreatModel, event: ThreatsParted, version: int) -> ThreatModel:
    threats = model.threats.insert(event.kept.id, event.kept)
    parted = model.merged.get(event.merged)
    if parted is None:
        return replace(model, version=version, threats=threats)
    return with_threats(
        model,
        version=version,
        threats=threats.insert(event.merged, parted.threat),
        merged=model.merged.remove(event.merged),
    )


def _places_added(model: ThreatModel, event: PlacesAdded, version: int) -> ThreatModel:
    since = model.since.insert(places_key(event.threat.id), event.at)
    threats = model.threats.insert(event.threat.id, event.threat)
    return with_threats(model, version=version, threats=threats, since=since)


def _places_removed(model: ThreatModel, event: PlacesRemoved, version: int) -> ThreatModel:
    threats = model.threats.insert(event.threat.id, event.threat)
    return with_threats(model, version=version, threats=threats)


def _suggested_threat_dismissed(
    model: ThreatModel, event: SuggestedThreatDismissed, version: int
) -> ThreatModel:
    dismissals = model.dismissals
    for dismissal in event.dismissals:
        dismissals = dismissals.insert(dismissal.suggested_threat, dismissal)
    return replace(model, version=version, dismissals=dismissals)


def _suggested_threat_reopened(
    model: ThreatModel, event: SuggestedThreatReopened, version: int
) -> ThreatModel:
    dismissals = model.dismissals
    for suggested_threat in event.suggested_threats:
        dismissals = dismissals.discard(suggested_threat)
    return replace(model, version=version, dismissals=dismissals)


def _row_considered(model: ThreatModel, event: RowConsidered, version: int) -> ThreatModel:
    said = event.consideration
    return replace(model, version=version, considered=model.considered.insert(said.element, said))


def _row_reopened(model: ThreatModel, event: RowReopened, version: int) -> ThreatModel:
    return replace(model, version=version, considered=model.considered.discard(event.element))


def _prompt_answered(model: ThreatModel, event: PromptAnswered, version: int) -> ThreatModel:
    said = event.reply
    about = (said.prompt, said.element, said.by)
    return replace(model, version=version, prompts=model.prompts.insert(about, said))


def _prompt_reopened(model: ThreatModel, event: PromptReopened, version: int) -> ThreatModel:
    about = (event.prompt, event.element, event.by)
    return replace(model, version=version, prompts=model.prompts.discard(about))


def _person_asked(model: ThreatModel, event: PersonAsked, version: int) -> ThreatModel:
    about, asked = (event.element, event.fact), model.asked_of
    if event.person is None:
        asked = asked.discard(about)
    else:
        asked = asked.insert(about, QuestionAssignment(person=event.person, due=event.due))
    since = model.since.insert(question_key(*about), event.at)
    return replace(model, version=version, asked_of=asked, since=since)


def _screening_answered(model: ThreatModel, event: ScreeningAnswered, version: int) -> ThreatModel:
    said = event.screening
    return replace(model, version=version, screening=model.screening.insert(said.topic, said))


def _screening_withdrawn(model: ThreatModel, event: ScreeningWithdrawn, version: int) -> ThreatModel:
    return replace(model, version=version, screening=model.screening.discard(event.topic))


def _screening_confirmed(model: ThreatModel, event: ScreeningConfirmed, version: int) -> ThreatModel:
    screening = model.screening
    for topic in event.topics:
        known = screening.get(topic)
        if known is not None:
            screening = screening.insert(topic, replace(known, confirmed_by=event.by))
    return replace(model, version=version, screening=screening)


ANALYSIS_EVOLVERS = handlers_by_event(
    _threat_reported,
    _threat_withdrawn,
    _threats_merged,
    _threats_parted,
    _places_added,
    _places_removed,
    _suggested_threat_dismissed,
    _suggested_threat_reopened,
    _row_considered,
    _row_reopened,
    _prompt_answered,
    _prompt_reopened,
    _person_asked,
    _screening_answered,
    _screening_withdrawn,
    _screening_confirmed,
)


def _round_opened(model: ThreatModel, event: RoundOpened, version: int) -> ThreatModel:
    stem, number = counter(event.round.id)
    opened = replace(
        model,
        version=version,
        rounds=model.rounds.insert(event.round.id, event.round),
        numbers=model.numbers.insert(stem, number),
    )
    return with_step(opened, model.step)


def _ballot_cast(model: ThreatModel, event: BallotCast, version: int) -> ThreatModel:
    place = (event.round, event.threat, event.by)
    return replace(model, version=version, ballots=model.ballots.insert(place, event.ballot))


def _round_extended(model: ThreatModel, event: RoundExtended, version: int) -> ThreatModel:
    return changed(
        model, "rounds", event.round, version, deadline=event.deadline, extended=True, fell_short=False
    )


def _round_fell_short(model: ThreatModel, event: RoundFellShort, version: int) -> ThreatModel:
    return changed(model, "rounds", event.round, version, fell_short=True)


def _voter_left(model: ThreatModel, event: VoterLeft, version: int) -> ThreatModel:
    known = model.rounds.get(event.round)
    if known is None:  # the event that opened it was erased
        return replace(model, version=version)
    left = tuple(dict.fromkeys((*known.left, event.voter)))
    return changed(model, "rounds", event.round, version, left=left)


def _round_closed(model: ThreatModel, event: RoundClosed, version: int) -> ThreatModel:
    ending = RoundEnd(
        at=event.at,
        cause=event.cause,
        threats=event.threats,
        reason=event.reason,
        derived=event.derived,
        results=event.results,
    )
    return with_step(changed(model, "rounds", event.round, version, ending=ending), model.step)


def _ballot_explained(model: ThreatModel, event: BallotExplained, version: int) -> ThreatModel:
    place = (event.round, event.threat, event.metric, event.by)
    return replace(model, version=version, explanations=model.explanations.insert(place, event.text))


def _reference_threat_marked(model: ThreatModel, event: ReferenceThreatMarked, version: int) -> ThreatModel:
    return replace(model, version=version, reference_threats=model.reference_threats | {event.threat})


def _reference_threat_unmarked(
    model: ThreatModel, event: ReferenceThreatUnmarked, version: int
) -> ThreatModel:
    return replace(model, version=version, reference_threats=model.reference_threats - {event.threat})


VOTING_EVOLVERS = handlers_by_event(
    _round_opened,
    _ballot_cast,
    _round_extended,
    _round_fell_short,
    _voter_left,
    _round_closed,
    _ballot_explained,
    _reference_threat_marked,
    _reference_threat_unmarked,
)
