"""Wording of events about candidates, threats and rows of the coverage grid."""

from typing import assert_never

from domain import events
from domain.kernel.answer import Answer
from domain.kernel.candidate_decisions import CandidateId, elements_of, rule_of
from domain.kernel.text_formatting import join_list
from domain.model import ThreatModel
from domain.model.element_labels import name_of
from domain.rules import RULES
from domain.screening.screening_topics import TOPICS
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
            return f"parted {threat_phrase(before, event.merged)} from “{event.kept.title}” ({event.kept.id})"
        case events.CandidateConfirmed():
            came_from = event.candidate
            return f"confirmed the threat “{event.threat.title}” ({event.threat.id}, from {came_from})"
        case events.CandidateDismissed(dismissal=said):
            return f"dismissed the candidate {_candidate(before, said.candidate)}{reason_suffix(said.reason)}"
        case events.CandidateReopened():
            return f"asked for another look at the candidate {_candidate(before, event.candidate)}"
        case events.RowConsidered(consideration=said):
            element = element_phrase(before, said.element)
            return f"considered the {element}: nothing more{reason_suffix(said.reason)}"
        case events.RowReopened():
            return f"wants the {element_phrase(before, event.element)} to be considered again"
        case events.PersonAsked():
            asked = f"“{question_phrase(event.fact)}” for {name_of(before, event.element)} ({event.element})"
            return f"asked @{event.person} {asked}" if event.person else f"asks nobody any more {asked}"
        case events.ScreeningAnswered(screening=said):
            return f"answered “{_SCREENED[said.answer]}” about {_topic(said.topic)} in the whole system"
        case events.ScreeningWithdrawn():
            return f"left open whether there is {_topic(event.topic)} in the system"
        case events.ScreeningConfirmed():
            return f"confirmed that there is none of: {join_list([_topic(one) for one in event.topics])}"
    assert_never(event)


def _topic(id: str) -> str:
    topic = TOPICS.get(id)
    return f"“{topic.label}”" if topic else id


_SCREENED = {
    Answer.YES: "yes",
    Answer.NO: "no",
    Answer.UNKNOWN: "not sure",
    Answer.NOT_APPLICABLE: "doesn't apply",
}


def _candidate(before: ThreatModel, id: CandidateId) -> str:
    title = next((rule.title for rule in RULES if rule.id == rule_of(id)), rule_of(id))
    where = next(iter(elements_of(id)), None)
    return f"“{title}” at {name_of(before, where)} ({id})" if where else f"“{title}” ({id})"
