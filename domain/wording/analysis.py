"""Events about suggested threats, threats and rows of the coverage grid, and of voting rounds."""

from collections.abc import Iterable, Sequence

from domain import events
from domain.kernel import event_subjects as of
from domain.kernel.due_dates import short_day
from domain.kernel.event_subjects import Subject
from domain.kernel.text_formatting import count_phrase, join_list
from domain.kernel.threat import SuggestedThreatId, Threat, elements_at, elements_of, rule_of
from domain.kernel.voting_round import RoundEndCause, RoundKind
from domain.model import ThreatModel
from domain.model.element_labels import name_of
from domain.wording.event_row import Row, about, element_phrase, question_phrase, reason_suffix, row


def _threat(threat: Threat) -> str:
    return f"“{threat.title}” ({threat.id})"


def _places_added(event: events.PlacesAdded, before: ThreatModel) -> str:
    added = _places(before, [place.suggested_threat for place in event.places])
    return f"added {added} to {_threat(event.threat)}"


def _places_removed(event: events.PlacesRemoved, before: ThreatModel) -> str:
    return f"removed {_places(before, event.suggested_threats)} from {_threat(event.threat)}"


def _confirmed(event: events.SuggestedThreatConfirmed, before: ThreatModel) -> str:
    ids = event.suggested_threats
    found = f"{_titles(before, ids)} at {_named_places(before, ids)}"
    return f"confirmed the threat {_threat(event.threat)}, suggested as {found}"


def _with_suggested_threats(
    event: events.SuggestedThreatConfirmed | events.PlacesAdded | events.PlacesRemoved,
) -> tuple[Subject, ...]:
    added = isinstance(event, events.PlacesAdded)
    suggested_threats = (
        [place.suggested_threat for place in event.places] if added else event.suggested_threats
    )
    return (of.threat(event.threat.id), *map(of.suggested_threat, suggested_threats))


def _dismissed(event: events.SuggestedThreatDismissed, before: ThreatModel) -> str:
    suggested_threats = _suggested_threats(
        before, [dismissal.suggested_threat for dismissal in event.dismissals]
    )
    return f"dismissed {suggested_threats}{reason_suffix(event.dismissal.reason)}"


def _considered(event: events.RowConsidered, before: ThreatModel) -> str:
    element = element_phrase(before, event.consideration.element)
    why = reason_suffix(event.consideration.reason)
    return f"recorded that no further threats apply to the {element}{why}"


def _prompt_answered(event: events.PromptAnswered, before: ThreatModel) -> str:
    said = event.reply
    result = f"see {said.threat}" if said.threat else "nothing here"
    return f"considered “{said.prompt.question}” for the {element_phrase(before, said.element)}: {result}"


def _prompt_reopened(event: events.PromptReopened, before: ThreatModel) -> str:
    return f"withdrew the answer to “{event.prompt.question}” for the {element_phrase(before, event.element)}"


def _asked(event: events.PersonAsked, before: ThreatModel) -> str:
    question = question_phrase(before, event.fact)
    asked = f"“{question}” for {name_of(before, event.element)} ({event.element})"
    until = f" until {short_day(event.due)}" if event.due else ""
    return f"assigned @{event.person} {asked}{until}" if event.person else f"unassigned {asked}"


def _screened(event: events.ScreeningAnswered, before: ThreatModel) -> str:
    screening = event.screening
    return f"answered “{screening.answer.label}” to {_topic(before, screening.topic)} for the whole system"


def _topic(before: ThreatModel, id: str) -> str:
    topic = before.catalog.topics.get(id)
    return f"“{topic.label}”" if topic else id


def _suggested_threats(before: ThreatModel, ids: Sequence[SuggestedThreatId]) -> str:
    """Return one suggested threat with its place, or the rules and places of several."""
    if len(ids) == 1:
        where = next(iter(elements_of(ids[0])), None)
        place = f" at {name_of(before, where)}" if where else ""
        return f"the suggested threat “{_title(before, ids[0])}”{place} ({ids[0]})"
    count = count_phrase(len(ids), "suggested threat")
    return f"{count} of {_titles(before, ids)}: {_named_places(before, ids)}"


def _titles(before: ThreatModel, ids: Sequence[SuggestedThreatId]) -> str:
    return join_list([f"“{title}”" for title in dict.fromkeys(_title(before, id) for id in ids)])


def _places(before: ThreatModel, ids: Sequence[SuggestedThreatId]) -> str:
    return f"{count_phrase(len(ids), 'place')} ({_named_places(before, ids)})"


def _named_places(before: ThreatModel, ids: Sequence[SuggestedThreatId]) -> str:
    places = dict.fromkeys(elements_of(id)[0] for id in ids)
    return _first([f"{name_of(before, place)} ({place})" for place in places])


def _first(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:_NAMED])} and {more} more"


_NAMED = 3
"""The number of places that the description of an event names."""


def _title(before: ThreatModel, id: SuggestedThreatId) -> str:
    rule = before.catalog.rules_by_id.get(rule_of(id))
    return rule.title if rule else rule_of(id)


def _elements(
    event: events.ThreatReported
    | events.ThreatRevised
    | events.SuggestedThreatConfirmed
    | events.PlacesAdded
    | events.PlacesRemoved,
) -> Iterable[Subject]:
    return (of.thing(id) for place in event.threat.places for id in elements_at(place))


def _both(event: events.ThreatsMerged | events.ThreatsParted) -> tuple[Subject, ...]:
    threats = (event.kept.id, event.merged)
    return (*map(of.threat, threats), *map(of.response, threats))


def _both_threats(event: events.ThreatsMerged | events.ThreatsParted) -> tuple[Subject, ...]:
    return (of.thing(event.kept.id), of.thing(event.merged))


ANALYSIS_EVENTS: tuple[Row, ...] = (
    row(
        events.ThreatReported,
        "reported the threat {new_threat}",
        about(of.threat, "threat.id"),
        builds_on=_elements,
    ),
    row(
        events.ThreatRevised,
        "revised the threat {new_threat}",
        about(of.threat, "threat.id"),
        builds_on=_elements,
    ),
    row(events.ThreatWithdrawn, "withdrew {threat}", about(of.threat, "threat"), decides=True),
    row(events.ThreatsMerged, "merged {merged} into {kept}", _both, touches=_both_threats, decides=True),
    row(events.ThreatsParted, "separated {merged} from {kept}", _both, touches=_both_threats),
    row(
        events.SuggestedThreatConfirmed,
        _confirmed,
        _with_suggested_threats,
        builds_on=_elements,
        decides=True,
    ),
    row(events.PlacesAdded, _places_added, _with_suggested_threats, builds_on=_elements, decides=True),
    row(events.PlacesRemoved, _places_removed, _with_suggested_threats, builds_on=_elements, decides=True),
    row(
        events.SuggestedThreatDismissed,
        _dismissed,
        lambda event: (of.suggested_threat(dismissal.suggested_threat) for dismissal in event.dismissals),
        builds_on=lambda event: (
            of.thing(id) for dismissal in event.dismissals for id in elements_of(dismissal.suggested_threat)
        ),
        decides=True,
    ),
    row(
        events.SuggestedThreatReopened,
        lambda event, before: f"reopened {_suggested_threats(before, event.suggested_threats)}",
        lambda event: map(of.suggested_threat, event.suggested_threats),
        decides=True,
    ),
    row(
        events.RowConsidered,
        _considered,
        about(of.row, "consideration.element"),
        builds_on=about(of.thing, "consideration.element"),
    ),
    row(events.RowReopened, "reopened the coverage of the {element}", about(of.row, "element")),
    row(
        events.PromptAnswered,
        _prompt_answered,
        lambda event: (of.prompt(event.reply.prompt, event.reply.element, event.reply.by),),
        builds_on=about(of.thing, "reply.element"),
    ),
    row(
        events.PromptReopened,
        _prompt_reopened,
        lambda event: (of.prompt(event.prompt, event.element, event.by),),
    ),
    row(
        events.PersonAsked,
        _asked,
        touches=lambda event: (of.question(event.fact, event.element),),
        builds_on=about(of.thing, "element"),
        people=lambda event: (event.person,),
    ),
    row(events.ScreeningAnswered, _screened, about(of.screening, "screening.topic"), decides=True),
    row(
        events.ScreeningWithdrawn,
        lambda event, before: f"removed the answer to {_topic(before, event.topic)} for the whole system",
        about(of.screening, "topic"),
        decides=True,
    ),
    row(
        events.ScreeningConfirmed,
        lambda event, before: (
            f"confirmed as screened out: {join_list([_topic(before, topic) for topic in event.topics])}"
        ),
        lambda event: map(of.screening, event.topics),
        decides=True,
    ),
)


def _opened(event: events.RoundOpened, _before: ThreatModel) -> str:
    opened, threats = event.round, [ask.threat for ask in event.round.asks]
    listed = join_list(threats) if len(threats) <= _NAMED_THREATS else f"{len(threats)} threats"
    if opened.revote_of is not None:
        return f"opened the second vote {opened.id} of the round {opened.revote_of} on {listed}"
    residual = " (residual risk)" if opened.kind is RoundKind.RESIDUAL else ""
    return f"opened the round {opened.id} on {listed}{residual}"


def _left(event: events.VoterLeft, _before: ThreatModel) -> str:
    who = "left" if event.voter == event.by else f"released @{event.voter} from"
    return f"{who} the round {event.round}"


def _closed(event: events.RoundClosed, _before: ThreatModel) -> str:
    return f"closed the round {event.round}: {_CAUSES[event.cause]}{reason_suffix(event.reason)}"


_NAMED_THREATS = 5
"""Threats of a round up to which each is named."""
_CAUSES = {
    RoundEndCause.ALL_VOTED: "all ballots were cast",
    RoundEndCause.DEADLINE: "the deadline passed",
    RoundEndCause.FACILITATOR: "the quorum was reached",
    RoundEndCause.SETTLED: "closed without a quorum",
    RoundEndCause.MEDIANS: "the medians of the first vote stand",
    RoundEndCause.NO_THREATS: "no threat was left",
    RoundEndCause.NO_VOTERS: "no voter was left",
}

VOTING_EVENTS: tuple[Row, ...] = (
    row(
        events.RoundOpened, _opened, touches=lambda event: (of.thing(ask.threat) for ask in event.round.asks)
    ),
    row(events.BallotCast, "voted on {threat_id}", touches=about(of.thing, "threat")),
    row(events.RoundExtended, "extended {round}: quorum not reached"),
    row(events.RoundFellShort, "stopped {round}: quorum not reached, to be closed by the facilitator"),
    row(events.VoterLeft, _left, people=lambda event: (event.voter,)),
    row(events.RoundClosed, _closed, lambda event: map(of.score, event.threats), decides=True),
    row(events.BallotExplained, "explained an outlying number on {threat_id}"),
    row(events.ReferenceThreatMarked, "marked {threat_id} as a reference threat", about(of.threat, "threat")),
    row(
        events.ReferenceThreatUnmarked,
        "removed {threat_id} from the reference threats",
        about(of.threat, "threat"),
    ),
)
