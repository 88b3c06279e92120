"""Decision to undo one's own last answer: the inverse of its events, the last one first."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar, assert_never

from msgspec.structs import replace

from domain import events
from domain.decide.decision import Decision
from domain.decide.element_entry import check_unused
from domain.decide.input_checks import check_name_is_free
from domain.drafts.settlement import ReleasedKey
from domain.dread.scoring import Band
from domain.events import Erased, Event, RecordedEvent
from domain.events.base_event import own_fields
from domain.history import last_answer_in_force, undone_answers
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import AnswerBasis
from domain.kernel.elements import Element, ElementId, kind_of, references
from domain.kernel.event_subjects import Side, Subject, subject_text
from domain.kernel.mitigation import MitigationId
from domain.kernel.screening_answer import ScreeningAnswer
from domain.kernel.thought_prompt import PromptAnswer
from domain.kernel.threat import Consideration, SuggestedThreatId, ThreatId
from domain.model import ThreatModel, evolve
from domain.model.collection import settled_item
from domain.model.element_labels import label
from domain.rejections import NoSuchElement, NothingToUndo, RoundEnded, UndoBlocked, WordsErased
from domain.replay import replay
from domain.wording import Lasting, describe_event, presupposed_subjects, touched_subjects


def record_inverse_of_remediation(
    earlier: ThreatModel, event: events.RemediationEvent, decision: Decision
) -> Decision:
    """Record events that restore the state before an event."""
    if isinstance(event, events.MitigationLinked):
        return decision.record(
            events.MitigationUnlinked(**decision.header, mitigation=event.mitigation, threats=event.threats)
        )
    if isinstance(event, events.MitigationStateEvent):
        return _mitigation(earlier, event.mitigation, decision)
    match event:
        case events.ResponseChosen(response=said) | events.AcceptanceApproved(acceptance=said):
            decision = _response(earlier, said.threat, decision)
            return _proposal(earlier, said.threat, decision)
        case events.ResponseCleared():
            return _response(earlier, event.threat, decision)
        case events.AcceptanceProposed():
            return _proposal(earlier, event.proposal.threat, decision)
        case events.ApprovalReassigned():
            return _approver(earlier, event.threat, decision)
        case events.AcceptanceWithdrawn() | events.AcceptanceDeclined():
            return _proposal(earlier, event.threat, decision)
        case events.MitigationPlanned():
            return decision.record(
                events.MitigationRemoved(**decision.header, mitigation=event.mitigation.id)
            )
        case events.MitigationRevised() | events.MitigationRestored():
            return _mitigation(earlier, event.mitigation.id, decision)
        case _:  # nothing else
            assert_never(event)


def record_inverse_of_tracker(
    earlier: ThreatModel, event: events.TrackerEvent, decision: Decision
) -> Decision:
    """Record events that restore the tracker or the issue of a mitigation before an event."""
    match event:
        case events.TrackerChosen():
            return decision.record(events.TrackerChosen(**decision.header, tracker=earlier.tracker))
        case events.IssueProposalDismissed():
            return _mitigation(earlier, event.mitigation, decision)
        case events.IssueLinked() | events.IssueUnlinked() | events.IssueRequested() | events.IssueSeen():
            return _issue(earlier, event.mitigation, decision)
    assert_never(event)


def _issue(earlier: ThreatModel, id: MitigationId, decision: Decision) -> Decision:
    known, header = earlier.issues.get(id), decision.header
    if known is not None and known.linked:
        return decision.record(
            events.IssueLinked(**header, mitigation=id, issue=known.issue, typed=known.typed, seen=known.seen)
        )
    if known is not None and known.requested:
        return decision.record(events.IssueRequested(**header, mitigation=id))
    return decision.record(events.IssueUnlinked(**header, mitigation=id, again=known is None))


def _response(earlier: ThreatModel, threat: ThreatId, decision: Decision) -> Decision:
    response = earlier.responses.get(threat)
    if response is None:
        return decision.record(events.ResponseCleared(**decision.header, threat=threat))
    return decision.record(events.ResponseChosen(**decision.header, response=response))


def _proposal(earlier: ThreatModel, threat: ThreatId, decision: Decision) -> Decision:
    proposal = earlier.proposals.get(threat)
    if proposal is not None:
        return decision.record(events.AcceptanceProposed(**decision.header, proposal=proposal))
    return decision.record_if(
        threat in decision.model.proposals, events.AcceptanceWithdrawn(**decision.header, threat=threat)
    )


def _approver(earlier: ThreatModel, threat: ThreatId, decision: Decision) -> Decision:
    proposal = earlier.proposals.get(threat)
    if proposal is None:
        raise WordsErased
    return decision.record(
        events.ApprovalReassigned(**decision.header, threat=threat, approver=proposal.asked)
    )


def _mitigation(earlier: ThreatModel, id: MitigationId, decision: Decision) -> Decision:
    mitigation = earlier.mitigations.get(id)
    if mitigation is None:
        raise WordsErased
    return decision.record(events.MitigationRestored(**decision.header, mitigation=mitigation))


_OVER = ("closed", "archived")

_Id = TypeVar("_Id")
_Thing = TypeVar("_Thing")


def undo_last_answer(decision: Decision, recorded: Sequence[events.RecordedEvent]) -> Decision:
    """Record the inverse of the author's last answer in force."""
    past = recorded[: decision.model.version]
    answer = last_answer_in_force(past, decision.by)
    if answer is None:
        raise NothingToUndo
    before = replay(past[: answer - 1])
    steps: list[Step] = []
    model = before
    for event in past[answer - 1 :]:
        if isinstance(event, events.Erased) or event.answer != answer:
            break
        if isinstance(event, events.RoundClosed):
            raise RoundEnded(event.round)
        steps.append((model, event))
        model = evolve(model, event)
    check_no_later_event_depends_on(past, answer, steps)
    decision = replace(decision, undoes=answer)
    for earlier, event in reversed(steps):
        decision = _record_inverse(earlier, event, decision)
    return decision


def _record_inverse(earlier: ThreatModel, event: events.Event, decision: Decision) -> Decision:
    """Record events that restore the state before an event."""
    said = decision.header
    if isinstance(event, Lasting):
        raise NothingToUndo
    if isinstance(event, events.ElementAdded):
        check_unused(decision.model, events.described_element(event).id)
        return decision.record(events.ElementRemoved(element=events.described_element(event).id, **said))
    if isinstance(event, events.ElementRevised):
        old = _before(earlier.elements, events.described_element(event).id)
        _has_its_place(decision.model, old)
        return decision.revise(old)
    if isinstance(event, events.RemediationEvent):
        return record_inverse_of_remediation(earlier, event, decision)
    if isinstance(event, events.TrackerEvent):
        return record_inverse_of_tracker(earlier, event, decision)
    match event:
        case events.TrustLevelsOrdered():
            return decision.record(
                events.TrustLevelsOrdered(order=tuple(level.id for level in earlier.trust_levels()), **said)
            )
        case events.ElementRemoved() | events.ElementsMerged():
            _has_its_place(decision.model, _before(decision.model.removed, event.element))
            return decision.record(events.ElementRestored(element=event.element, **said))
        case events.ElementRestored():
            check_unused(decision.model, event.element)
            return decision.record(events.ElementRemoved(element=event.element, **said))
        case events.FactAnswered():
            return _restore_answer(earlier, event, decision)
        case events.AnswerChecked():
            check = earlier.checks.get((event.element, event.fact))
            decision = decision.record(
                events.AnswerChecked(element=event.element, fact=event.fact, check=check, **said)
            )
            return _restore_answer(earlier, event, decision)
        case events.FactsAssumed():
            return decision.record(
                events.FactsAssumed(
                    element=event.element, assumptions=earlier.assumed.get(event.element), **said
                )
            )
        case events.BulkAnswered():
            return _restore_answers(earlier, event, decision)
        case events.ElementsLinked() | events.ElementsSeparated() | events.LinkWithdrawn():
            return _restore_link(earlier, event, decision)
        case events.RegisterCompleted():
            return decision.record(events.RegisterReopened(register=event.register, **said))
        case events.RegisterReopened():
            return decision.record(events.RegisterCompleted(register=event.register, **said))
        case events.AssumptionRecorded():
            return decision.record(events.AssumptionWithdrawn(assumption=event.assumption.id, **said))
        case events.AssumptionRevised():
            return decision.record(
                events.AssumptionRevised(assumption=_before(earlier.assumptions, event.assumption.id), **said)
            )
        case events.AssumptionWithdrawn():
            return decision.record(
                events.AssumptionRecorded(assumption=_before(earlier.assumptions, event.assumption), **said)
            )
        case events.DraftSettled() | events.DraftReopened():
            return _restore_settlement(earlier, event, decision)
        case events.ThreatReported() | events.SuggestedThreatConfirmed():
            return decision.record(events.ThreatWithdrawn(threat=event.threat.id, **said))
        case events.PlacesAdded():
            removed = tuple(place.suggested_threat for place in event.places)
            before = _before(earlier.threats, event.threat.id)
            return decision.record(events.PlacesRemoved(threat=before, suggested_threats=removed, **said))
        case events.ThreatRevised() | events.PlacesRemoved():
            return decision.record(
                events.ThreatRevised(threat=_before(earlier.threats, event.threat.id), **said)
            )
        case events.ThreatWithdrawn():
            return decision.record(
                events.ThreatReported(threat=_before(earlier.threats, event.threat), **said)
            )
        case events.ReferenceThreatMarked():
            return decision.record(events.ReferenceThreatUnmarked(threat=event.threat, **said))
        case events.ReferenceThreatUnmarked():
            return decision.record(events.ReferenceThreatMarked(threat=event.threat, **said))
        case events.ThreatsMerged():
            kept = _before(earlier.threats, event.kept.id)
            return decision.record(events.ThreatsParted(kept=kept, merged=event.merged, **said))
        case events.ThreatsParted():
            kept = _before(earlier.threats, event.kept.id)
            return decision.record(events.ThreatsMerged(kept=kept, merged=event.merged, **said))
        case events.SuggestedThreatDismissed():
            return _restore_dismissals(earlier, [one.suggested_threat for one in event.dismissals], decision)
        case events.SuggestedThreatReopened():
            return _restore_dismissals(earlier, event.suggested_threats, decision)
        case (
            events.RowConsidered(consideration=Consideration(element=element))
            | events.RowReopened(element=element)
        ):
            consideration = earlier.considered.get(element)
            if consideration is None:
                return decision.record(events.RowReopened(element=element, **said))
            return decision.record(events.RowConsidered(consideration=consideration, **said))
        case (
            events.PromptAnswered(reply=PromptAnswer(prompt=prompt, element=element))
            | events.PromptReopened(prompt=prompt, element=element)
        ):
            reply = earlier.prompts.get((prompt, element, decision.by))
            if reply is None:
                return decision.record(events.PromptReopened(prompt=prompt, element=element, **said))
            return decision.record(events.PromptAnswered(reply=reply, **said))
        case events.PersonAsked():
            before = earlier.asked_of.get((event.element, event.fact))
            person, due = (before.person, before.due) if before else (None, None)
            return decision.record(
                events.PersonAsked(element=event.element, fact=event.fact, person=person, due=due, **said)
            )
        case (
            events.ScreeningAnswered(screening=ScreeningAnswer(topic=topic))
            | events.ScreeningWithdrawn(topic=topic)
        ):
            return _restore_screening(earlier, topic, decision)
        case events.ScreeningConfirmed():
            for topic in event.topics:
                decision = _restore_screening(earlier, topic, decision)
            return decision
        case events.ReminderSnoozed():
            return decision.record(
                events.ReminderSnoozed(key=event.key, until=earlier.snoozed.get(event.key), **said)
            )
        case events.RetrospectiveAnswered():
            known = earlier.retrospectives.get(event.by)
            return decision.record(
                events.RetrospectiveAnswered(answers=known.answers if known else (), **said)
            )
        case events.SharingAllowed():
            return decision.record(events.SharingForbidden(**said))
        case events.SharingForbidden():
            return decision.record(events.SharingAllowed(**said))
        case events.ScopeRevised() | events.ParticipantsChosen() | events.LabelsChosen():
            before = {name: getattr(earlier, name) for name in own_fields(event)}
            return decision.record(type(event)(**before, **said))
        case events.TermsChosen():
            own, inherited = earlier.own_reminders, decision.model.inherited
            reminders = earlier.terms.reminders if own else inherited.reminders
            terms = replace(earlier.terms, reminders=reminders)
            return decision.record(events.TermsChosen(terms=terms, own_reminders=own, **said))
        case events.PolicyChosen():
            # What was inherited then may have changed since.
            policy = decision.model.inherited.policy.with_own(earlier.policy, earlier.own_bands)
            bands = tuple(band for band in Band if band in earlier.own_bands)
            return decision.record(events.PolicyChosen(policy=policy, own=bands, **said))
        case events.ClosingProposed() | events.ClosingDeclined() | events.ClosingWithdrawn():
            return _restore_closing(earlier, decision)


def _restore_settlement(
    earlier: ThreatModel, event: events.DraftSettled | events.DraftReopened, decision: Decision
) -> Decision:
    """Record what was settled about the keys of a draft before, and which of them stood for nothing."""
    if isinstance(event, events.DraftSettled):
        draft = event.settled.draft
        keys = [one.key for one in (*event.taken, *event.left, *event.gone, *event.kept)]
    else:
        draft, keys = event.draft, [one.key for one in (*event.restored, *event.released)]
    before = {key: settled_item(earlier, key) for key in keys}
    reopened = events.DraftReopened(
        draft=draft,
        settled=earlier.settled_drafts.get(draft),
        restored=tuple(item for item in before.values() if item is not None),
        released=tuple(ReleasedKey(key=key) for key, item in before.items() if item is None),
        **decision.header,
    )
    return decision.record(reopened)


def _restore_answers(earlier: ThreatModel, event: events.BulkAnswered, decision: Decision) -> Decision:
    """Record the answers before a bulk answer with what they rested on, or that there was none."""
    before: dict[tuple[Answer | None, AnswerBasis | None], list[ElementId]] = {}
    for element in event.elements:
        about = (element, event.fact)
        before.setdefault((earlier.facts.get(about), earlier.bases.get(about)), []).append(element)
    for (reply, basis), elements in before.items():
        restored = events.BulkAnswered(
            fact=event.fact, elements=tuple(elements), reply=reply, basis=basis, **decision.header
        )
        decision = decision.record(restored)
    return decision


def _restore_answer(
    earlier: ThreatModel, event: events.FactAnswered | events.AnswerChecked, decision: Decision
) -> Decision:
    """Record the earlier answer with what it rested on, or that there was none, unless it is so already."""
    about, now = (event.element, event.fact), decision.model
    reply, basis = earlier.facts.get(about), earlier.bases.get(about)
    return decision.record_if(
        (reply, basis) != (now.facts.get(about), now.bases.get(about)),
        events.FactAnswered(
            element=event.element, fact=event.fact, reply=reply, basis=basis, **decision.header
        ),
    )


def _restore_dismissals(
    earlier: ThreatModel, suggested_threats: Iterable[SuggestedThreatId], decision: Decision
) -> Decision:
    """Record the earlier dismissals of suggested threats, and reopen those that had none."""
    before = {
        suggested_threat: earlier.dismissals.get(suggested_threat) for suggested_threat in suggested_threats
    }
    reopened = [one for one, dismissal in before.items() if dismissal is None]
    dismissed = [dismissal for dismissal in before.values() if dismissal is not None]
    if reopened:
        first, *others = reopened
        decision = decision.record(
            events.SuggestedThreatReopened(suggested_threat=first, others=tuple(others), **decision.header)
        )
    if dismissed:
        old, *more = dismissed
        decision = decision.record(
            events.SuggestedThreatDismissed(dismissal=old, others=tuple(more), **decision.header)
        )
    return decision


def _restore_link(
    earlier: ThreatModel,
    event: events.ElementsLinked | events.ElementsSeparated | events.LinkWithdrawn,
    decision: Decision,
) -> Decision:
    """Record the earlier answer whether two elements are the same thing, or that there was none."""
    pair = {"dependency": event.dependency, "component": event.component}
    known = earlier.links.get((event.dependency, event.component))
    if known is None:
        return decision.record(events.LinkWithdrawn(**pair, **decision.header))
    if known.same:
        return decision.record(
            events.ElementsLinked(**pair, former_sort=known.former_sort, **decision.header)
        )
    return decision.record(events.ElementsSeparated(**pair, **decision.header))


def _restore_screening(earlier: ThreatModel, topic: str, decision: Decision) -> Decision:
    """Record the earlier answer about a topic, or that there was none."""
    known = earlier.screening.get(topic)
    if known is None:
        return decision.record(events.ScreeningWithdrawn(topic=topic, **decision.header))
    return decision.record(events.ScreeningAnswered(screening=known, **decision.header))


def _restore_closing(earlier: ThreatModel, decision: Decision) -> Decision:
    """Restore the previous proposal to close, or its absence; nothing once the model is closed."""
    if decision.model.step in _OVER:
        raise NothingToUndo
    if earlier.closing is not None:
        return decision.record(events.ClosingProposed(proposal=earlier.closing, **decision.header))
    return decision.record_if(decision.model.closing is not None, events.ClosingWithdrawn(**decision.header))


def _before(known: Mapping[_Id, _Thing], id: _Id) -> _Thing:
    """Return the earlier state; raises Rejected if the event that held it was erased."""
    thing = known.get(id)
    if thing is None:
        raise WordsErased
    return thing


def _has_its_place(model: ThreatModel, element: Element) -> None:
    """Raise Rejected if a restored element's name is taken, or an element it refers to is gone."""
    check_name_is_free(model, kind_of(element), label(model, element), but=element.id)
    for id in references(element):
        if id not in model.elements:
            raise NoSuchElement(id)


Step = tuple[ThreatModel, Event]
"""An event of the answer, with the model before it."""


def check_no_later_event_depends_on(
    past: Sequence[RecordedEvent], answer: int, steps: Sequence[Step]
) -> None:
    """Raise Rejected, naming who and what, if a later event in force touches the same subjects."""
    undone = undone_answers(past)
    mine = {subject for _, event in steps for subject in touched_subjects(event)}
    added = {
        subject
        for earlier, event in steps
        for subject in touched_subjects(event)
        if _is_new(earlier, subject)
    }
    model = replay(past[: answer - 1 + len(steps)])
    for event in past[answer - 1 + len(steps) :]:
        if isinstance(event, Erased):
            model = evolve(model, event)
            continue
        if event.undoes is None and event.answer not in undone:
            clash = mine.intersection(touched_subjects(event)) or added.intersection(
                presupposed_subjects(event)
            )
            if clash:
                raise UndoBlocked(min(map(subject_text, clash)), event.by, describe_event(event, model))
        model = evolve(model, event)


def _is_new(earlier: ThreatModel, subject: Subject) -> bool:
    """Return whether the answer added a subject; without an id of its own, it counts as added each time."""
    id = subject.id
    is_there = ElementId(id) in earlier.elements or ThreatId(id) in earlier.threats
    return subject.side is not Side.THING or not is_there
