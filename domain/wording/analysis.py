"""Wording of events about candidates, threats and rows of the coverage grid."""

from collections.abc import Sequence
from typing import assert_never

from domain import events
from domain.kernel.candidate_decisions import CandidateId, elements_of, rule_of
from domain.kernel.text_formatting import count_phrase, join_list
from domain.model import ThreatModel
from domain.model.element_labels import name_of
from domain.wording.event_phrases import element_phrase, question_phrase, reason_suffix, threat_phrase


def describe_analysis(event: events.AnalysisEvent, before: ThreatModel) -> str:
    """Return what the author did, to follow the author's name; `before` is the model before the event."""
    match event:
        case events.ThreatReported():
            return f"reported the threat “{event.threat.title}” ({event.threat.id})"
        case events.ThreatRevised():
            return f"revised the threat “{event.threat.title}” ({event.threat.id})"
        case events.ThreatWithdrawn():
            said = before.threats.get(event.threat)
            return f"withdrew the threat {f'“{said.title}” ({said.id})' if said else event.threat}"
        case events.ThreatsMerged():
            return f"merged {threat_phrase(before, event.merged)} into “{event.kept.title}” ({event.kept.id})"
        case events.ThreatsParted():
            return (
                f"separated {threat_phrase(before, event.merged)} from “{event.kept.title}” ({event.kept.id})"
            )
        case events.CandidateConfirmed():
            came_from = _list_ids(event.candidates)
            return f"confirmed the threat “{event.threat.title}” ({event.threat.id}, from {came_from})"
        case events.PlacesAdded():
            added = [one.candidate for one in event.places]
            return f"added {_places(before, added)} to “{event.threat.title}” ({event.threat.id})"
        case events.PlacesRemoved():
            removed = _places(before, event.candidates)
            return f"removed {removed} from “{event.threat.title}” ({event.threat.id})"
        case events.CandidateDismissed(dismissal=said):
            dismissed = _candidates(before, [one.candidate for one in event.dismissals])
            return f"dismissed {dismissed}{reason_suffix(said.reason)}"
        case events.CandidateReopened():
            return f"reopened {_candidates(before, event.candidates)}"
        case events.RowConsidered(consideration=said):
            element = element_phrase(before, said.element)
            return f"recorded that no further threats apply to the {element}{reason_suffix(said.reason)}"
        case events.RowReopened():
            return f"reopened the coverage of the {element_phrase(before, event.element)}"
        case events.PersonAsked():
            question = question_phrase(before, event.fact)
            asked = f"“{question}” for {name_of(before, event.element)} ({event.element})"
            return f"assigned @{event.person} {asked}" if event.person else f"unassigned {asked}"
        case events.ScreeningAnswered(screening=said):
            return f"answered “{said.answer.label}” to {_topic(before, said.topic)} for the whole system"
        case events.ScreeningWithdrawn():
            return f"removed the answer to {_topic(before, event.topic)} for the whole system"
        case events.ScreeningConfirmed():
            return f"confirmed as screened out: {join_list([_topic(before, one) for one in event.topics])}"
    assert_never(event)


def _topic(before: ThreatModel, id: str) -> str:
    topic = before.catalog.topics.get(id)
    return f"“{topic.label}”" if topic else id


def _candidates(before: ThreatModel, ids: Sequence[CandidateId]) -> str:
    """Return one candidate with its place, or the rules and places of several."""
    if len(ids) == 1:
        return f"the suggested threat {_candidate(before, ids[0])}"
    titles = join_list([f"“{one}”" for one in dict.fromkeys(_title(before, id) for id in ids)])
    return f"{count_phrase(len(ids), 'suggested threat')} of {titles}: {_named_places(before, ids)}"


def _places(before: ThreatModel, ids: Sequence[CandidateId]) -> str:
    return f"{count_phrase(len(ids), 'place')} ({_named_places(before, ids)})"


def _named_places(before: ThreatModel, ids: Sequence[CandidateId]) -> str:
    """Return the names of the first places, and how many more there are."""
    named = [f"{name_of(before, one)} ({one})" for one in dict.fromkeys(elements_of(id)[0] for id in ids)]
    more = len(named) - _NAMED
    return ", ".join(named) if more <= 1 else f"{', '.join(named[:_NAMED])} and {more} more"


def _list_ids(ids: Sequence[CandidateId]) -> str:
    more = len(ids) - _NAMED
    return ", ".join(ids) if more <= 1 else f"{', '.join(ids[:_NAMED])} and {more} more"


def _title(before: ThreatModel, id: CandidateId) -> str:
    rule = before.catalog.rules_by_id.get(rule_of(id))
    return rule.title if rule else rule_of(id)


_NAMED = 3
"""The number of places that the description of an event names."""


def _candidate(before: ThreatModel, id: CandidateId) -> str:
    title = _title(before, id)
    where = next(iter(elements_of(id)), None)
    return f"“{title}” at {name_of(before, where)} ({id})" if where else f"“{title}” ({id})"
