"""Overviews of several models for one person: lists, and the Home tab."""

import time
from collections.abc import Iterable
from datetime import date

from bot.slack.directory.member_directory import administers, sees_portfolio
from bot.slack.protocol.block_builders import View
from bot.slack.queries.model_overviews import ModelOverview
from bot.slack.queries.services import Services
from bot.slack.queries.tracker_queries import visible_trackers
from bot.slack.screens.page_data import ModelListItem
from bot.slack.ui.home.app_home import (
    HomeDetails,
    HomeTask,
    approval_task,
    ballot_task,
    home_view,
    mitigation_task,
    verification_task,
)
from bot.store import StreamSummary
from domain.kernel.elements import PersonId
from domain.remediation.reviewers import approver_of
from domain.remediation.status import TrackedMitigation
from domain.voting.turnout import votes_owed

CLOSED_PHASES = ("closed", "archived")
"""Phases in which a model takes no answers."""

SECONDS = 0.8
"""Time limit for computing overviews; further models are listed without their next step."""


def model_list_items(
    services: Services, models: Iterable[StreamSummary], reader: PersonId
) -> list[ModelListItem]:
    """Return the models' list items with the address of each card, within the time limit."""
    ends = time.monotonic() + SECONDS
    return [_list_item(services, model, reader, looking=time.monotonic() < ends) for model in models]


def load_home(services: Services, reader: PersonId) -> View:
    """Return a person's Home tab as it is now."""
    zone, models = services.zone(reader), services.models_of(reader)
    return home_view(
        HomeDetails(
            models=tuple(_list_item(services, model, reader) for model in models),
            ballots=tuple(ballot_tasks(services, models, reader)),
            mitigations=tuple(mitigation_tasks(services, models, reader)),
            approvals=tuple(approval_tasks(services, models, reader)),
            verifications=tuple(verification_tasks(services, models, reader)),
            hours=services.hours(reader),
            zone=zone.name if zone.known else "",
            portfolio=sees_portfolio(services.directory, services.settings, reader),
            administers=administers(services.directory, services.settings, reader),
            trackers=visible_trackers(services, reader),
        )
    )


def ballot_tasks(services: Services, models: Iterable[StreamSummary], reader: PersonId) -> list[HomeTask]:
    """Return the rounds that wait for a person's ballots, the most urgent first."""
    found = [
        (model, owed)
        for model in models
        if model.phase not in CLOSED_PHASES and _overview(services, model).awaits_votes
        for owed in votes_owed(services.command_handler.model(model.stream), reader)
    ]
    found.sort(key=lambda pair: pair[1].deadline)
    return [ballot_task(one.stream, one.name, one.key, owed) for one, owed in found]


def mitigation_tasks(services: Services, models: Iterable[StreamSummary], reader: PersonId) -> list[HomeTask]:
    """Return the mitigations that a person owns and has to implement, by due date."""
    found = [
        (model, tracked)
        for model in models
        if model.phase != "archived"
        for tracked in _overview(services, model).mitigations
        if reader in tracked.owners and not tracked.orphan
    ]
    found.sort(key=lambda pair: pair[1].mitigation.due or date.max)
    return [mitigation_task(one.stream, one.name, tracked) for one, tracked in found]


def approval_tasks(services: Services, models: Iterable[StreamSummary], reader: PersonId) -> list[HomeTask]:
    """Return the acceptances that wait for a person: the requested approver, or else the facilitator."""
    return [
        approval_task(model.stream, model.name, title, proposal)
        for model in models
        if model.phase not in ("closed", "archived")
        for title, proposal in _overview(services, model).proposals
        if reader == approver_of(proposal, _overview(services, model).facilitator)
    ]


def verification_tasks(
    services: Services, models: Iterable[StreamSummary], reader: PersonId
) -> list[HomeTask]:
    """Return the mitigations that a person may verify."""
    return [
        verification_task(model.stream, model.name, tracked, services.naming)
        for model in models
        if model.phase != "archived"
        for tracked in _overview(services, model).to_verify
        if reader in tracked.verifiers and reader == _verifier(services, model, tracked)
    ]


def _verifier(services: Services, one: StreamSummary, tracked: TrackedMitigation) -> PersonId | None:
    """Return the person who is asked to verify a mitigation, as the reminders choose them."""
    people = services.people(one.channel)
    return next((person for person in tracked.verifiers if not people(person).gone), None)


def _overview(services: Services, one: StreamSummary) -> ModelOverview:
    return services.model_overviews.overview(one, services.register, services.now())


def _list_item(
    services: Services, one: StreamSummary, reader: PersonId, *, looking: bool = True
) -> ModelListItem:
    model_overviews, now = services.model_overviews, services.now()
    overview: ModelOverview | None = (
        model_overviews.overview(one, services.register, now) if looking else model_overviews.cached(one, now)
    )
    channel = services.directory.channel(one.channel)
    return ModelListItem(
        stream=one.stream,
        key=one.key,
        name=one.name,
        phase=one.phase,
        next=overview.next.text if overview else "",
        permalink=services.permalink(one.stream, one.channel),
        channel=channel.name if channel else "",
        waits_for_me=overview is not None and overview.next.waits_for == reader,
        questions=overview.questions if overview and overview.participates(reader) else 0,
        asked=overview.asked.get(reader, 0) if overview else 0,
        pending_screening=overview.pending_screening if overview else None,
        owes_retrospective=_needs_retrospective(one, overview, reader),
    )


def _needs_retrospective(one: StreamSummary, overview: ModelOverview | None, reader: PersonId) -> bool:
    if one.phase != "closed" or overview is None:
        return False
    return overview.participates(reader) and reader not in overview.answered_retrospective
