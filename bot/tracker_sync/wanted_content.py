"""What is wanted of one issue: its content or its end, and whether there is something to do for it."""

from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.delivery.slot_kinds import content_digest
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.salted_digests import matches_salted_digest
from bot.tracker_sync.issue_contents import ERASED_LINE
from bot.tracker_sync.issue_sink import SlotContent
from bot.tracker_sync.issue_slots import IssueParameters, parameters_of, subject_of, workspace_of
from bot.tracker_sync.open_trackers import OpenedTracker
from bot.trackers.tracker import IssueContent

REFUSED_FOR: Final = timedelta(hours=1)
"""Time after a refusal until a changed mitigation has its issue tried again."""


class WantedIssue(msgspec.Struct, frozen=True, kw_only=True):
    """Content that is wanted, and what is to be recorded of the slot before it is sent.

    `update_only` content is for an issue that exists: none is created for it. After the `last` content, the
    issue is no longer kept up to date.
    """

    content: SlotContent
    parameters: IssueParameters
    update_only: bool = False
    last: bool = False


class NotWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing is to be sent; a slot that is `over` is not needed either."""

    over: bool = False


def ended_issue(record: DeliveryRecord, line: str) -> WantedIssue:
    """Return an issue that is no longer kept up to date, and says so; its title stays.

    It may be followed again: the slot is not over.
    """
    known = parameters_of(record)
    issue = IssueContent(subject=subject_of(record), title="", lines=(line,), ended=True)
    return WantedIssue(content=SlotContent(issue=issue, sent=known.sent), parameters=known, update_only=True)


def named_issue(
    wanted: WantedIssue | NotWanted, record: DeliveryRecord, opened: OpenedTracker | None
) -> WantedIssue | NotWanted:
    """Return what is wanted with the names by which the issue and our part of it are found again."""
    if isinstance(wanted, NotWanted):
        return wanted
    content, known = wanted.content, wanted.parameters
    issue = replace(content.issue, workspace=workspace_of(record), created=not known.typed)
    mark = opened.mark(record) if opened is not None else known.mark
    return replace(wanted, content=replace(content, issue=issue), parameters=replace(known, mark=mark))


def erased_issue(record: DeliveryRecord) -> WantedIssue | NotWanted:
    """Return an issue without anything of its model; the title of one that a person named is theirs."""
    if not record.external_id and not record.is_uncertain:
        return NotWanted(over=True)
    subject, known = subject_of(record), parameters_of(record)
    title = "" if known.typed else subject
    erased = IssueContent(subject=subject, title=title, lines=(ERASED_LINE,), ended=True)
    return WantedIssue(content=SlotContent(issue=erased), parameters=known, update_only=True, last=True)


def issue_digest(content: SlotContent) -> str:
    """Return the digest of what an issue shows.

    Due dates and assignees count by `sent` alone: people change them in the tracker, too, and what they
    change there is not to be sent back. The names by which our part is found do not count: an issue that
    shows an earlier part gets the present one with its next change.
    """
    issue = replace(content.issue, due=None, assignee="", labels=())
    shown = msgspec.to_builtins(replace(content, issue=issue))
    for name in ("workspace", "created", "ended"):
        del shown["issue"][name]
    return content_digest(shown)


def is_outdated(record: DeliveryRecord, wanted: WantedIssue | NotWanted, now: datetime) -> bool:
    """Return whether there is something to do for a slot; what was just refused is not tried again yet."""
    if record.final:
        return False
    if isinstance(wanted, NotWanted):
        return wanted.over
    known = parameters_of(record)
    if known.refused_at is not None and now < known.refused_at + REFUSED_FOR:
        return False
    is_shown = matches_salted_digest(record.shown, issue_digest(wanted.content))
    return not (record.external_id and known.linked and is_shown)
