"""Settings of a workspace: what its models inherit, and what applies to all of its people."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, TypeVar, assert_never

import msgspec
from msgspec.structs import replace

from domain.dread.scoring import Band
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.inherited_settings import (
    MAX_POLICY_DAYS,
    REVIEW_DAYS,
    InheritedSettings,
    RemediationPolicy,
    ReminderFrequency,
)
from domain.rejections import Rejected
from domain.tracker_accounts import WorkspaceCommand, WorkspaceEventBase
from domain.working_hours import USUAL, WorkingHours, check_hours
from domain.workspace_trackers import (
    DefaultTrackerChosen,
    WorkspaceTrackerEvent,
    WorkspaceTrackers,
    evolve_trackers,
)

MAX_HOLIDAYS = 100
"""The highest number of holidays in the settings of a workspace."""


class PortfolioAudience(StrEnum):
    """Who may see the portfolio of a workspace; the values are stored and never change."""

    EVERYONE = "everyone"
    ADMINISTRATORS = "administrators"
    NAMED = "named"


class WorkspaceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a workspace after `version` events; without any, the defaults.

    `administrators` are the people who may change them besides the administrators of the Slack workspace.
    `hours` apply to everyone without working hours of their own, `holidays` to everyone. `inherited_version`
    is the version of the last change of `inherited`, and `inherited_by` its author. The digest of the
    portfolio is posted in `digest_channel`, which `digest_by` chose at `digest_since`. `trackers` are those
    that are connected.
    """

    version: int = 0
    administrators: tuple[PersonId, ...] = ()
    inherited: InheritedSettings = InheritedSettings()
    inherited_version: int = 0
    inherited_by: PersonId = PersonId("")
    hours: WorkingHours = USUAL
    holidays: tuple[date, ...] = ()
    audience: PortfolioAudience = PortfolioAudience.EVERYONE
    portfolio_people: tuple[PersonId, ...] = ()
    digest_channel: ChannelId | None = None
    digest_by: PersonId = PersonId("")
    digest_since: datetime | None = None
    trackers: WorkspaceTrackers = WorkspaceTrackers()


class ChooseDigest(WorkspaceCommand, frozen=True, kw_only=True, tag="ChooseDigest"):
    """Choose the channel of the weekly digest of the portfolio, or none.

    The caller checks that the author is an administrator. The digest covers the models of the author's
    channels.
    """

    channel: ChannelId | None


class ChooseWorkspaceSettings(WorkspaceCommand, frozen=True, kw_only=True, tag="ChooseWorkspaceSettings"):
    """Choose the settings of the workspace.

    The caller checks that the author is an administrator; the settings do not know who administers the Slack
    workspace.
    """

    administrators: tuple[PersonId, ...] = ()
    policy: RemediationPolicy = RemediationPolicy()
    reminders: ReminderFrequency = ReminderFrequency.USUAL
    days: tuple[int, ...] = USUAL.days
    starts: time = USUAL.starts
    ends: time = USUAL.ends
    holidays: tuple[date, ...] = ()
    audience: PortfolioAudience = PortfolioAudience.EVERYONE
    portfolio_people: tuple[PersonId, ...] = ()
    review_days: int = REVIEW_DAYS


class AdministratorsChosen(WorkspaceEventBase, frozen=True, kw_only=True, tag="AdministratorsChosen"):
    """The people who may change the settings besides Slack's administrators were chosen."""

    administrators: tuple[PersonId, ...]


class WorkspacePolicyChosen(WorkspaceEventBase, frozen=True, kw_only=True, tag="WorkspacePolicyChosen"):
    """Due dates and approvers were chosen by severity band, for the models without their own."""

    policy: RemediationPolicy


class WorkspaceRemindersChosen(WorkspaceEventBase, frozen=True, kw_only=True, tag="WorkspaceRemindersChosen"):
    """The frequency of reminders was chosen, for the models without their own."""

    reminders: ReminderFrequency


class WorkspaceCalendarChosen(WorkspaceEventBase, frozen=True, kw_only=True, tag="WorkspaceCalendarChosen"):
    """The usual working hours and the holidays of the workspace were chosen."""

    days: tuple[int, ...]
    starts: time
    ends: time
    holidays: tuple[date, ...]


class PortfolioAudienceChosen(WorkspaceEventBase, frozen=True, kw_only=True, tag="PortfolioAudienceChosen"):
    """The people who may see the portfolio were chosen; `people` are those named."""

    audience: PortfolioAudience
    people: tuple[PersonId, ...]


class PortfolioDigestChosen(WorkspaceEventBase, frozen=True, kw_only=True, tag="PortfolioDigestChosen"):
    """The channel of the weekly digest of the portfolio was chosen; None turned it off."""

    channel: ChannelId | None


class ReviewIntervalChosen(WorkspaceEventBase, frozen=True, kw_only=True, tag="ReviewIntervalChosen"):
    """The days from closing a model to its next review were chosen."""

    days: int


WorkspaceEvent = (
    AdministratorsChosen
    | WorkspacePolicyChosen
    | WorkspaceRemindersChosen
    | WorkspaceCalendarChosen
    | PortfolioAudienceChosen
    | PortfolioDigestChosen
    | ReviewIntervalChosen
    | WorkspaceTrackerEvent
)
"""The events of the settings of a workspace."""


def choose_settings(
    command: ChooseWorkspaceSettings, before: WorkspaceSettings
) -> tuple[WorkspaceEvent, ...]:
    """Decide on a choice of settings: an event for each part that changes; raises Rejected."""
    hours = check_hours(command.days, command.starts, command.ends)
    holidays = tuple(sorted(set(command.holidays)))
    _check_policy(command.policy)
    _check_days(command.review_days, "review")
    if len(holidays) > MAX_HOLIDAYS:
        raise Rejected(
            f"There are {len(holidays)} holidays. Enter at most {MAX_HOLIDAYS}; past ones can go.",
            field="holidays",
        )
    people = _unique(command.portfolio_people)
    if command.audience is PortfolioAudience.NAMED and not people:
        raise Rejected("No one is named. Name at least one person.", field="portfolio_people")
    wanted = replace(
        before,
        administrators=_unique(command.administrators),
        inherited=replace(
            before.inherited,
            policy=command.policy,
            reminders=command.reminders,
            review_days=command.review_days,
        ),
        hours=hours,
        holidays=holidays,
        audience=command.audience,
        portfolio_people=people,
    )
    return tuple(_changes(before, wanted, command))


def choose_digest(command: ChooseDigest, before: WorkspaceSettings) -> tuple[WorkspaceEvent, ...]:
    """Decide on the channel of the digest: an event if the channel or the person responsible changes."""
    by = before.digest_by if command.channel is None else command.by
    if (command.channel, by) == (before.digest_channel, before.digest_by):
        return ()
    return (PortfolioDigestChosen(by=command.by, at=command.at, channel=command.channel),)


def settings_after(events: Iterable[WorkspaceEvent | None]) -> WorkspaceSettings:
    """Return the settings after the events of a workspace; None is an erased one."""
    settings = WorkspaceSettings()
    for event in events:
        settings = evolve_settings(settings, event)
    return settings


def evolve_settings(settings: WorkspaceSettings, event: WorkspaceEvent | None) -> WorkspaceSettings:
    """Return the settings after one more event; None is an erased one."""
    version = settings.version + 1
    if isinstance(event, WorkspaceTrackerEvent):
        return _with_trackers(settings, event)
    match event:
        case None:
            return replace(settings, version=version)
        case AdministratorsChosen():
            return replace(settings, version=version, administrators=event.administrators)
        case WorkspacePolicyChosen():
            return _inheriting(settings, event, policy=event.policy)
        case WorkspaceRemindersChosen():
            return _inheriting(settings, event, reminders=event.reminders)
        case ReviewIntervalChosen():
            return _inheriting(settings, event, review_days=event.days)
        case WorkspaceCalendarChosen():
            hours = WorkingHours(days=event.days, starts=event.starts, ends=event.ends)
            return replace(settings, version=version, hours=hours, holidays=event.holidays)
        case PortfolioAudienceChosen():
            return replace(settings, version=version, audience=event.audience, portfolio_people=event.people)
        case PortfolioDigestChosen():
            return replace(
                settings,
                version=version,
                digest_channel=event.channel,
                digest_by=event.by,
                digest_since=event.at,
            )
    assert_never(event)


def _changes(
    before: WorkspaceSettings, wanted: WorkspaceSettings, command: ChooseWorkspaceSettings
) -> Iterator[WorkspaceEvent]:
    by, at = command.by, command.at
    inherited, known = wanted.inherited, before.inherited
    if wanted.administrators != before.administrators:
        yield AdministratorsChosen(by=by, at=at, administrators=wanted.administrators)
    if inherited.policy != known.policy:
        yield WorkspacePolicyChosen(by=by, at=at, policy=inherited.policy)
    if inherited.reminders != known.reminders:
        yield WorkspaceRemindersChosen(by=by, at=at, reminders=inherited.reminders)
    if (wanted.hours, wanted.holidays) != (before.hours, before.holidays):
        yield WorkspaceCalendarChosen(
            by=by,
            at=at,
            days=wanted.hours.days,
            starts=wanted.hours.starts,
            ends=wanted.hours.ends,
            holidays=wanted.holidays,
        )
    if (wanted.audience, wanted.portfolio_people) != (before.audience, before.portfolio_people):
        yield PortfolioAudienceChosen(by=by, at=at, audience=wanted.audience, people=wanted.portfolio_people)
    if inherited.review_days != known.review_days:
        yield ReviewIntervalChosen(by=by, at=at, days=inherited.review_days)


def _with_trackers(settings: WorkspaceSettings, event: WorkspaceTrackerEvent) -> WorkspaceSettings:
    trackers = evolve_trackers(settings.trackers, event)
    if isinstance(event, DefaultTrackerChosen):
        return replace(_inheriting(settings, event, tracker=event.tracker), trackers=trackers)
    return replace(settings, version=settings.version + 1, trackers=trackers)


def _inheriting(
    settings: WorkspaceSettings,
    event: WorkspacePolicyChosen | WorkspaceRemindersChosen | ReviewIntervalChosen | DefaultTrackerChosen,
    **changed: Any,  # the field of the inherited settings that changes
) -> WorkspaceSettings:
    version = settings.version + 1
    return replace(
        settings,
        version=version,
        inherited=replace(settings.inherited, **changed),
        inherited_version=version,
        inherited_by=event.by,
    )


def _check_policy(policy: RemediationPolicy) -> None:
    for band in Band:
        if (due := policy.of(band).due_days) is not None:
            _check_days(due, f"due_{band}")
        _check_days(policy.of(band).accepted_days, f"accepted_{band}")


def _check_days(days: int, field: str) -> None:
    if not 1 <= days <= MAX_POLICY_DAYS:
        raise Rejected(f"Enter a number of days from 1 to {MAX_POLICY_DAYS}.", field=field)


_T = TypeVar("_T")


def _unique(people: Sequence[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(people))
