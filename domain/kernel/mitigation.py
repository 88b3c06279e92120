"""Mitigations: controls to implement against threats, each with an owner, a due date and a state."""

import re
from datetime import date
from enum import StrEnum
from typing import NewType

import msgspec

from domain.kernel.elements import PersonId
from domain.kernel.threat import WHOLE_SYSTEM, ControlClass, PlaceId, ThreatId
from domain.kernel.tracked_issue import IssueAnswers

MitigationId = NewType("MitigationId", str)

TICKET_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,29}-\d{1,12}|[\w.-]{0,60}(?:/[\w.-]{1,60}){0,3}[#!]\d{1,12}")
"""The key of an issue: `REFILL-123` (Jira, Linear), `#12` or `acme/shop#12` (GitHub), `AB#12` (Azure)."""


class MitigationState(StrEnum):
    """The state of a mitigation."""

    PLANNED = "planned"
    STARTED = "started"
    IMPLEMENTED = "implemented"
    VERIFIED = "verified"
    DROPPED = "dropped"

    @property
    def label(self) -> str:
        """Return the state in words."""
        return "implemented, to be verified" if self is MitigationState.IMPLEMENTED else self.value

    @property
    def to_do(self) -> bool:
        """Return whether the owner still has to implement it."""
        return self in (MitigationState.PLANNED, MitigationState.STARTED)


class MitigationLink(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A threat that a mitigation serves, at one of the places of that threat."""

    threat: ThreatId
    place: PlaceId = WHOLE_SYSTEM


class Verification(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """The verification of a mitigation for one threat and place, by a second person."""

    link: MitigationLink
    by: PersonId


class PlaceOwner(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """The owner of a mitigation at one place, where that is not the owner of the whole."""

    place: PlaceId
    owner: PersonId


class Mitigation(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True):
    """A control to implement against a threat, and against `also` further threats.

    `due` is a local date: 17:00 in the owner's zone. `ticket` is an issue key or a web address.
    `evidence` shows that it is implemented; `reason` says why it was dropped, or why it was not verified.
    `place_owners` own it at places of other people than its `owner`.
    `implemented_for` are the threats and places for which it is implemented while others are left.
    `verifications` say for which threats and places it was verified; its state is *verified* after all of
    them, and `verified_by` is the author of the last one. `owned_by` are all people who ever owned it,
    marked it as implemented, or had its issue in a tracker assigned: none of them may verify it.
    `issue_answers` are those to what that issue proposed.
    """

    id: MitigationId
    threat: ThreatId
    title: str
    control: ControlClass
    description: str = ""
    owner: PersonId | None = None
    due: date | None = None
    ticket: str = ""
    state: MitigationState = MitigationState.PLANNED
    evidence: str = ""
    reason: str = ""
    implemented_by: PersonId | None = None
    verified_by: PersonId | None = None
    also: tuple[ThreatId, ...] = ()
    place_owners: tuple[PlaceOwner, ...] = ()
    implemented_for: tuple[MitigationLink, ...] = ()
    verifications: tuple[Verification, ...] = ()
    owned_by: tuple[PersonId, ...] = ()
    issue_answers: IssueAnswers = IssueAnswers()

    @property
    def threats(self) -> tuple[ThreatId, ...]:
        """Return the threats that it was planned for or added to, as they were named then."""
        return (self.threat, *self.also)

    @property
    def owners(self) -> tuple[PersonId, ...]:
        """Return its owner, and then those of single places."""
        every = (self.owner, *(one.owner for one in self.place_owners))
        return tuple(dict.fromkeys(person for person in every if person is not None))

    def owner_at(self, place: PlaceId) -> PersonId | None:
        """Return its owner at a place."""
        return next((one.owner for one in self.place_owners if one.place == place), self.owner)
