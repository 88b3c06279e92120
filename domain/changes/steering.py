"""What has changed about a model as a whole and about the people in it."""

from collections.abc import Iterator

from domain.changes.authorship import Deeds
from domain.changes.change import Change, Detail, Group, Turn
from domain.changes.comparison import changed, mention, turn_of
from domain.kernel.elements import PersonId
from domain.kernel.retrospective import Retrospective
from domain.kernel.subjects import (
    CHANNEL,
    CLOSING,
    FACILITATOR,
    PARTICIPANTS,
    PHASE,
    SCOPE,
    SHARING,
    TERMS,
    Subject,
    retrospective,
)
from domain.kernel.voting_round import Terms
from domain.register import ThreatRegister


def steered(before: ThreatRegister, after: ThreatRegister, deeds: Deeds) -> Iterator[Change]:
    """Phase, scope and terms, facilitator and participants, what people said looking back."""
    for subject, name, how, details in (
        (PHASE, "Phase", "moved", _phase(before, after)),
        (CLOSING, "Closing", "proposed", _closing(before, after)),
        (SCOPE, "Scope", "revised", _scope(before, after)),
        (TERMS, "Terms", "chosen", _terms(before.terms, after.terms)),
        (SHARING, "Showing it to other organisations", "decided", _sharing(before, after)),
        (CHANNEL, "Channel", "followed", changed("", before.channel, after.channel)),
    ):
        yield from _once(Group.SCOPE, subject, name, how, details, deeds)
    steering = changed("", mention(before.facilitator), mention(after.facilitator))
    people = (before.facilitator, after.facilitator)
    yield from _once(Group.PEOPLE, FACILITATOR, "Facilitator", "changed", steering, deeds, people)
    taking_part = changed("", _everybody(before), _everybody(after))
    people = (*before.participants, *after.participants)
    yield from _once(Group.PEOPLE, PARTICIPANTS, "Participants", "chosen", taking_part, deeds, people)
    yield from _looked_back(before, after, deeds)


def _once(
    group: Group,
    subject: Subject,
    name: str,
    how: str,
    details: tuple[Detail, ...],
    deeds: Deeds,
    people: tuple[PersonId, ...] = (),
) -> Iterator[Change]:
    if details:
        deed = deeds.of(subject)
        yield Change(
            group=group,
            turn=Turn.CHANGED,
            name=name,
            how=how,
            details=details,
            by=deed.by,
            at=deed.at,
            people=tuple(dict.fromkeys(people)),
        )


def _phase(before: ThreatRegister, after: ThreatRegister) -> tuple[Detail, ...]:
    return changed("", before.phase, after.phase)


def _closing(before: ThreatRegister, after: ThreatRegister) -> tuple[Detail, ...]:
    def words(seen: ThreatRegister) -> str:
        return f"{mention(seen.closing.by)} proposes it" if seen.closing else ""

    return changed("", words(before), words(after)) if after.phase == before.phase else ()


def _scope(before: ThreatRegister, after: ThreatRegister) -> tuple[Detail, ...]:
    return (
        *changed("name", before.name, after.name),
        *changed("what it is", before.description, after.description),
        *changed("out of scope", before.out_of_scope, after.out_of_scope),
        *changed("answers by", before.answers_by, after.answers_by),
    )


def _terms(before: Terms, after: Terms) -> tuple[Detail, ...]:
    return (
        *changed("quorum", before.quorum or "the usual", after.quorum or "the usual"),
        *changed("Discoverability", before.discoverability.words, after.discoverability.words),
        *changed("reminders", before.nudges.words, after.nudges.words),
    )


def _sharing(before: ThreatRegister, after: ThreatRegister) -> tuple[Detail, ...]:
    def words(seen: ThreatRegister) -> str:
        return "allowed" if seen.sharing_allowed else "not allowed"

    return changed("", words(before), words(after))


def _everybody(seen: ThreatRegister) -> str:
    return ", ".join(mention(one) for one in seen.participants) or "everybody in the channel"


def _looked_back(before: ThreatRegister, after: ThreatRegister, deeds: Deeds) -> Iterator[Change]:
    was, now = ({one.by: one for one in seen.retrospectives} for seen in (before, after))
    for person in sorted({*was, *now}):
        details = _answers(was.get(person), now.get(person))
        if details:
            turn = turn_of(person, was, now)
            deed = deeds.of(retrospective(person))
            yield Change(
                group=Group.RETROSPECTIVE,
                turn=turn,
                id=person,
                name=mention(person),
                how={Turn.CAME: "answered", Turn.CHANGED: "answered again", Turn.WENT: "took it back"}[turn],
                details=details,
                by=deed.by,
                at=deed.at,
                people=(person,),
            )


def _answers(was: Retrospective | None, now: Retrospective | None) -> tuple[Detail, ...]:
    before = {one.question: one.text for one in was.answers} if was else {}
    after = {one.question: one.text for one in now.answers} if now else {}
    questions = sorted({*before, *after})
    return tuple(
        detail for one in questions for detail in changed(one.words, before.get(one, ""), after.get(one, ""))
    )
