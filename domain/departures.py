"""Departures: what a register says of owners and other people who have left."""

from collections.abc import Callable

from msgspec.structs import replace

from domain.kernel.elements import PersonId
from domain.next_step.next_step_choice import NextStep, NextStepKind
from domain.register import ThreatRegister


def with_departures(register: ThreatRegister, gone: Callable[[PersonId], bool]) -> ThreatRegister:
    """Return a register in which mitigations of people who are gone are marked.

    A next step that waits for such a person waits for the facilitator.
    """
    awaited = {*register.duties, *([register.next.waits_for] if register.next.waits_for else [])}
    absent = frozenset(filter(gone, awaited))
    if not absent:
        return register
    unfinished = {one.id for duties in register.duties.values() for one in duties.mitigations}
    tracked = {
        one.mitigation.id: replace(one, gone=tuple(person for person in one.owners if person in absent))
        if one.mitigation.id in unfinished
        else one
        for one in register.mitigations
    }
    return replace(
        register,
        mitigations=tuple(tracked.values()),
        statuses={
            id: replace(one, mitigations=tuple(tracked[each.mitigation.id] for each in one.mitigations))
            for id, one in register.statuses.items()
        },
        departed=absent,
        next=_next(register) if register.next.waits_for in absent else register.next,
    )


def _next(register: ThreatRegister) -> NextStep:
    step, facilitator = register.next, register.facilitator
    if step.waits_for == facilitator:
        return step
    waits_for = None if facilitator in step.not_for else facilitator
    if step.act is NextStepKind.PUT_IN_PLACE:
        title = next(one.mitigation.title for one in register.mitigations if one.mitigation.id == step.about)
        text = f"Reassign “{title}” ({step.about}): its owner has left"
    else:
        text = f"{step.text}; the person asked has left"
    return replace(step, text=text, waits_for=waits_for)
