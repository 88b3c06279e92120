"""Changes of links between elements, and of the screening."""

from collections.abc import Iterator

from domain.changes.authorship import ChangeAuthors
from domain.changes.change import Change, ChangeDetail, ChangeGroup
from domain.changes.comparison import change_type, changed_detail, mention
from domain.kernel import event_subjects
from domain.kernel.element_link import ElementLink
from domain.kernel.elements import ElementId, PersonId
from domain.kernel.screening_answer import ScreeningAnswer
from domain.register import ThreatRegister


def link_changes(before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors) -> Iterator[Change]:
    """Yield the changed answers whether an external dependency and a component are the same thing."""
    was, now = _links(before), _links(after)
    for pair in sorted({*was, *now}):
        old, new = was.get(pair), now.get(pair)
        authorship = authors.of(event_subjects.link(*pair))
        if (old and old.same) == (new and new.same) or authorship["at"] is None:
            continue  # the answer also disappears with one of its elements
        register = after if new else before
        yield Change(
            group=ChangeGroup.LINKS,
            type=change_type(pair, was, now),
            name=" and ".join(f"{register.name_of(id)} ({id})" for id in pair),
            how=_LINKED[new.same if new else None],
            **authorship,
        )


def screening_changes(
    before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors
) -> Iterator[Change]:
    """Yield the changed answers of the screening, and their confirmations."""
    was, now = _answers(before), _answers(after)
    for topic in after.catalog.topics.values():
        old, new = was.get(topic.id), now.get(topic.id)
        details = (
            *changed_detail("", _reply(old), _reply(new)),
            *changed_detail("confirmed by", mention(_confirmer(old)), mention(_confirmer(new))),
        )
        if not details:
            continue
        yield Change(
            group=ChangeGroup.SCREENING,
            type=change_type(topic.id, was, now),
            name=topic.label,
            how="left open" if new is None else "confirmed" if _only_confirmed(details) else "answered",
            details=details,
            people=tuple(one for one in (_confirmer(old), _confirmer(new)) if one),
            **authors.of(event_subjects.screening(topic.id)),
        )


def _links(register: ThreatRegister) -> dict[tuple[ElementId, ElementId], ElementLink]:
    return {(one.dependency, one.component): one for one in register.links}


def _answers(register: ThreatRegister) -> dict[str, ScreeningAnswer]:
    return {one.topic.id: one.answer for one in register.screening if one.answer}


def _reply(said: ScreeningAnswer | None) -> str:
    return said.answer.label if said else ""


def _confirmer(said: ScreeningAnswer | None) -> PersonId | None:
    return said.confirmed_by if said else None


def _only_confirmed(details: tuple[ChangeDetail, ...]) -> bool:
    return all(one.name for one in details)


_LINKED = {True: "the same thing", False: "two things", None: "left open"}
