"""Changes of the retrospective."""

from collections.abc import Iterator

from domain.changes.authorship import ChangeAuthors
from domain.changes.change import Change, ChangeDetail, ChangeGroup, ChangeType
from domain.changes.comparison import change_type, changed_detail, mention
from domain.kernel.event_subjects import retrospective
from domain.kernel.retrospective import Retrospective
from domain.register import ThreatRegister


def retrospective_changes(
    before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors
) -> Iterator[Change]:
    """Yield the changes of people's answers to the retrospective."""
    was, now = ({one.by: one for one in register.retrospectives} for register in (before, after))
    for person in sorted({*was, *now}):
        details = _answers(was.get(person), now.get(person))
        if details:
            change = change_type(person, was, now)
            yield Change(
                group=ChangeGroup.RETROSPECTIVE,
                type=change,
                id=person,
                name=mention(person),
                how={
                    ChangeType.ADDED: "answered",
                    ChangeType.CHANGED: "answered again",
                    ChangeType.REMOVED: "removed",
                }[change],
                details=details,
                **authors.of(retrospective(person)),
                people=(person,),
            )


def _answers(was: Retrospective | None, now: Retrospective | None) -> tuple[ChangeDetail, ...]:
    before = {one.question: one.text for one in was.answers} if was else {}
    after = {one.question: one.text for one in now.answers} if now else {}
    questions = sorted({*before, *after})
    return tuple(
        detail
        for one in questions
        for detail in changed_detail(one.text, before.get(one, ""), after.get(one, ""))
    )
