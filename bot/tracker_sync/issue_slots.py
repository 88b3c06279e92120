"""Slots of issues: their names, and what is recorded of each beside its issue."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

import msgspec

from bot.store import StreamId, key_of, tenant_of
from bot.store.repositories.deliveries import DeliveryRecord
from domain.kernel.mitigation import MitigationId
from domain.kernel.tracked_issue import SeenIssue, TrackerId

ISSUE: Final = "issue"
"""Name of the slot kind, and of the work on one issue."""

ISSUES: Final = "issues"
"""Name of the work that determines which mitigations of a model get an issue, and which are outdated."""

POLL: Final = "tracker"
"""Name of the work that reads what changed in a tracker; its subject is the tracker."""


SINK: Final = "tracker"

WORKSPACE_DIGITS: Final = 6
"""Digits that name a workspace in an issue: too few to be taken for an abbreviated commit and linked."""


class IssueParameters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is recorded of an issue's slot; nothing that people wrote in the model.

    A creation was tried at `tried_at` under the ID `attempt`; a search after `sweep_at` finds what it may
    have created twice. The tracker refused the last content at `refused_at`. `url` and `seen`, what the issue
    showed, are kept until it is `linked` in the model. A `typed` issue is one that a person named.
    `generation` counts the earlier issues of the mitigation. `mark` is the mark of the issue: it stays when
    the connection gets another key. The issue `missing` was not there when it was to be updated.

    `due` and `account` are the due date and the assignee that were sent last, or on which both sides agree,
    and `replaced_due` is the date of the issue in whose place the due date was sent. `sent` counts how often
    they were sent in an update; `sends_due` and `sends_account` say that one of them still has to be.
    """

    attempt: str = ""
    tried_at: datetime | None = None
    sweep_at: datetime | None = None
    refused_at: datetime | None = None
    url: str = ""
    seen: SeenIssue | None = None
    linked: bool = False
    typed: bool = False
    generation: int = 0
    mark: str = ""
    missing: str = ""
    due: date | None = None
    replaced_due: date | None = None
    account: str = ""
    sent: int = 0
    sends_due: bool = False
    sends_account: bool = False

    def encoded(self) -> bytes:
        """Return them as they are stored."""
        return msgspec.json.encode(self)


def parameters_of(record: DeliveryRecord) -> IssueParameters:
    """Return what is recorded of an issue's slot."""
    if not record.parameters:
        return IssueParameters()
    return msgspec.json.decode(record.parameters, type=IssueParameters)


def new_slot(
    stream: StreamId, mitigation: MitigationId, tracker: TrackerId, *, generation: int = 0
) -> DeliveryRecord:
    """Return the slot of a mitigation without an issue; each generation has a slot of its own."""
    name = f"{ISSUE}/{key_of(stream)}/{mitigation}"
    return DeliveryRecord(
        slot=f"{name}/{generation}" if generation else name,
        sink=SINK,
        stream=stream,
        place=tracker,
        parameters=IssueParameters(generation=generation).encoded() if generation else b"",
    )


def mitigation_of(record: DeliveryRecord) -> MitigationId:
    """Return the mitigation of a slot."""
    return MitigationId(record.slot.split("/")[2])


def current_slots(records: Iterable[DeliveryRecord]) -> dict[MitigationId, DeliveryRecord]:
    """Return the last slot of each mitigation: earlier ones get no new issue."""
    current: dict[MitigationId, DeliveryRecord] = {}
    for record in records:
        known = current.get(mitigation_of(record))
        if known is None or parameters_of(known).generation < parameters_of(record).generation:
            current[mitigation_of(record)] = record
    return current


def tracker_of(record: DeliveryRecord) -> TrackerId:
    """Return the tracker of a slot."""
    return TrackerId(record.place)


def lane_of(tracker: TrackerId) -> str:
    """Return the lane in which a tracker is called: one call at a time, by all processes together."""
    return f"{POLL}/{tracker}"


def short_name(record: DeliveryRecord) -> str:
    """Return the words by which people know the mitigation of a slot."""
    return f"{mitigation_of(record)} in {key_of(record.stream)}"


def subject_of(record: DeliveryRecord) -> str:
    """Return the words by which an issue names its mitigation: those for its workspace are no secret."""
    digest = hashlib.sha256(f"workspace/{tenant_of(record.stream)}".encode()).hexdigest()
    return f"{short_name(record)}, workspace {digest[:WORKSPACE_DIGITS]}"
