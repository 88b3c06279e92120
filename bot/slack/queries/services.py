"""Services for handlers and projectors: command handler, store, directory, clock."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import cache, partial
from typing import get_args

import msgspec

from bot.commands.command_handler import (
    CommandBuilder,
    CommandHandler,
    CommandResult,
    SettingsBuilder,
    command_digest,
)
from bot.commands.personal_tokens import PersonTokens
from bot.portfolio.portfolio_reader import PortfolioReader
from bot.settings import Settings
from bot.slack.directory.member_directory import (
    Directory,
    Membership,
    PeopleNotLookedUp,
    check_administers,
    check_named_people,
    check_people,
)
from bot.slack.directory.time_zones import TimeZone, time_zone_of
from bot.slack.protocol.installation import Installation
from bot.slack.protocol.model_links import message_address
from bot.slack.protocol.requests import resubmission_key
from bot.slack.protocol.targets import MessageTarget, StaleButton, Target, WordTarget
from bot.slack.queries.form_snapshots import FormSnapshots
from bot.slack.queries.model_overviews import ModelOverviewCache, RegisterCache
from bot.slack.queries.past_model import check_report_days
from bot.slack.queries.pending_imports import PendingImports
from bot.slack.screens.ballot_papers import BallotPaper, ballot_papers_of
from bot.slack.screens.page_data import Days
from bot.store import CommandKey, EventStore, KeyUsedForAnother, StreamId, StreamSummary, UnitOfWork
from bot.store.repositories.file_slots import Order
from bot.trackers.tracker_requests import TrackerRequests
from domain.commands import (
    AddCommand,
    AnswerPrompt,
    Command,
    OrderTrustLevels,
    PlanMitigation,
    RecordAssumption,
    ReportThreat,
    StartThreatModel,
    VerifyMitigation,
)
from domain.decide import decide
from domain.departures import with_departures
from domain.kernel.due_dates import Zones
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.kernel.text_formatting import Naming
from domain.model import ThreatModel
from domain.register import ThreatRegister, register
from domain.rejections import Rejected
from domain.remediation.reviewers import check_assignee, done_by
from domain.reminders import People
from domain.replay import EMPTY
from domain.working_hours import ChooseWorkingHours, WorkingHours
from domain.workspace_settings import ChooseWorkspaceSettings, WorkspaceSettings


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """Services that handlers and projectors use; without a Slack client."""

    installation: Installation
    operator_settings: Settings
    command_handler: CommandHandler
    unit: UnitOfWork
    directory: Directory
    now: Callable[[], datetime]
    order_diagram: Callable[[StreamId, CommandKey], bool]
    """Order a model's diagram for its thread; return False if one is already ordered.

    The order is stored before the call returns; idempotent by key.
    """
    order_export: Callable[[Order], bool]
    """Order a model's file for its thread; return False if the person already waits for it."""
    form_snapshots: FormSnapshots
    people: Callable[[ChannelId], People]
    settings_changed: Callable[[], None]
    """Has the settings of the workspace applied to its models; called in the transaction of their change."""
    portfolio: PortfolioReader
    compute_portfolio: Callable[[], None]
    """Has the missing entries of the portfolio computed in the background."""
    tracker_requests: TrackerRequests
    model_overviews: ModelOverviewCache = msgspec.field(default_factory=ModelOverviewCache)
    registers: RegisterCache = msgspec.field(default_factory=RegisterCache)
    """Registers of the models of all workspaces of the process."""

    @property
    def store(self) -> EventStore:
        """The events of the workspace."""
        return self.unit.events

    @property
    def pending_imports(self) -> PendingImports:
        """Parsed files that are not imported yet."""
        return PendingImports(self.unit.imports)

    @property
    def person_tokens(self) -> PersonTokens:
        """Access tokens of people, for their agents."""
        return PersonTokens(self.unit, now=self.now)

    def card_ts(self, stream: StreamId) -> str | None:
        """Return the timestamp of a model's card; None if there is none."""
        card = self.unit.cards.find(stream)
        return card.ts if card else None

    @property
    def naming(self) -> Naming:
        """Names of people."""
        return self.directory.name_of

    def stream(self, target: Target) -> StreamId:
        """Return the stream of a button or form; raises StaleButton if it has none of this workspace."""
        if not target.stream.startswith(f"{self.installation.team}/"):
            raise StaleButton
        return StreamId(target.stream)

    def register(self, stream: StreamId) -> ThreatRegister:
        """Return the register of a model now; raises NoSuchModel."""
        return self.register_of(self.command_handler.model(stream))

    def register_of(self, model: ThreatModel, moment: datetime | None = None) -> ThreatRegister:
        """Return the register of a model now, or at a moment."""
        if moment is not None:
            return register(model, moment, self.zones())
        known = self.registers.register(
            model, self.now(), lambda person: self.zone(person).rules, tenant=self.installation.team
        )
        people = self.people(model.channel)
        return with_departures(known, lambda person: people(person).gone)

    def zones(self) -> Zones:
        """Return the time zones of people."""

        @cache  # many mitigations may have one owner
        def zone(person: PersonId) -> tzinfo:
            return self.zone(person).rules

        return zone

    def execute(
        self, command: Command, stream: StreamId, key: CommandKey, meaning: CommandBuilder | None = None
    ) -> CommandResult:
        """Execute a command, or the one that `meaning` makes of the current model.

        A form that is submitted again with changes counts as another answer if nothing is lost or duplicated;
        repeated additions are left to the caller.
        """
        model = partial(self.command_handler.model, stream)
        self._check(command, key, lambda: model().channel, model)
        if isinstance(command, VerifyMitigation) and not self.was_done(command, key):
            self._check_assignee(command, stream, model())
        try:
            return self.command_handler.execute(command, stream=stream, key=key, meaning=meaning)
        except KeyUsedForAnother:
            if isinstance(command, _DOUBLED):
                raise  # a second one would be one too many: see the listeners
            again = resubmission_key(self.store, key, command)
            return self.command_handler.execute(command, stream=stream, key=again, meaning=meaning)

    def choose_hours(self, command: ChooseWorkingHours, key: CommandKey) -> WorkingHours:
        """Store a person's working hours; raises Rejected, StoreUnavailable."""
        choose = partial(self.command_handler.choose_hours, command, tenant=self.installation.team)
        try:
            return choose(key=key)
        except KeyUsedForAnother:
            return choose(key=resubmission_key(self.store, key, command))

    @property
    def settings(self) -> WorkspaceSettings:
        """The settings of the workspace now."""
        return self.command_handler.settings.current(self.installation.team)

    def choose_settings(
        self, command: ChooseWorkspaceSettings, key: CommandKey, meaning: SettingsBuilder
    ) -> WorkspaceSettings:
        """Store the settings of the workspace, as `meaning` builds them from the current ones.

        The models that inherit them follow. Raises Rejected for other people, and what
        `SettingsHandler.choose` raises.
        """
        check_administers(self.directory, self.settings, command.by)
        check_named_people(self.directory, command)
        choose = partial(
            self.command_handler.settings.choose,
            command,
            tenant=self.installation.team,
            meaning=meaning,
            recorded=lambda _: self.settings_changed(),
        )
        try:
            return choose(key=key)
        except KeyUsedForAnother:
            return choose(key=resubmission_key(self.store, key, command))

    def start(self, command: StartThreatModel, key: CommandKey) -> CommandResult:
        """Start a model in this workspace; raises as `CommandHandler.start`."""
        self._check(command, key, lambda: command.channel, lambda: EMPTY)
        if command.template is not None and not self.was_done(command, key):
            self._check_template(command.template, command.by)
        return self.command_handler.start(command, tenant=self.installation.team, key=key)

    def models(self, channel: ChannelId) -> list[StreamSummary]:
        """Return the models of a channel, oldest first."""
        return self.store.streams(self.installation.team, channel=channel)

    def models_of(self, person: PersonId) -> list[StreamSummary]:
        """Return the models of a person's channels, most recently changed first."""
        channels = self.directory.channels(person)
        models = self.store.streams(self.installation.team)
        mine = [model for model in models if model.channel in channels]
        return sorted(mine, key=lambda one: one.updated_at, reverse=True)

    def permalink(self, stream: StreamId, channel: ChannelId) -> str:
        """Return the address of a model's card; empty if there is none."""
        ts = self.card_ts(stream)
        return message_address(self.installation.url, channel, ts) if ts else ""

    def is_shared(self, channel: ChannelId) -> bool:
        """Return whether people of other organizations are in a channel, as far as is known."""
        known = self.directory.channel(channel)
        return known is not None and known.shared

    def days(self, stream: StreamId, target: WordTarget, reader: PersonId) -> Days:
        """Return the days that a report covers; raises NoSuchPast, DaysReversed."""
        days = Days(since=target.day, as_of=target.until)
        if days.chosen:
            zone = self.zone(reader)
            events = [event.event for event in self.command_handler.events(stream)]
            check_report_days(events, days, zone, zone.day_of(self.now()))
        return days

    def message_link(self, target: MessageTarget) -> str:
        """Return the address of the message that a person picked; empty if there is none."""
        if not (target.channel and target.message):
            return ""
        address = message_address(self.installation.url, ChannelId(target.channel), target.message)
        if not target.thread or target.thread == target.message:
            return address
        return f"{address}?thread_ts={target.thread}&cid={target.channel}"

    def zone(self, person: PersonId) -> TimeZone:
        """Return a person's time zone, as their Slack profile states it."""
        known = self.directory.person(person)
        return time_zone_of(known.zone if known else "")

    def hours(self, person: PersonId) -> WorkingHours:
        """Return a person's working hours."""
        return self.command_handler.working_hours(self.installation.team, person)

    def ballot_papers(self, stream: StreamId, person: PersonId) -> tuple[BallotPaper, ...]:
        """Return a person's ballot papers in a model, without other people's ballots."""
        return ballot_papers_of(self.command_handler.model(stream), person)

    def voters(self, register: ThreatRegister) -> tuple[PersonId, ...]:
        """Return the default voters: the participants who can act in the channel."""
        people = register.participants or self.directory.records.members(register.channel)
        return tuple(
            one for one in people if self.directory.status(register.channel, one) is Membership.MEMBER
        )

    def was_done(self, command: Command, key: CommandKey) -> bool:
        """Return whether a command was executed under this key."""
        try:
            return self.store.answered(self.installation.team, key, command_digest(command)) is not None
        except KeyUsedForAnother:
            return False

    def _check_template(self, template: ModelKey, person: PersonId) -> None:
        """Raise Rejected alike for a model of another channel and for one that does not exist."""
        if all(model.key != template for model in self.models_of(person)):
            raise Rejected(
                "This model is no longer available to you. Choose another one, or none.", field="template"
            )

    def _check(
        self,
        command: Command,
        key: CommandKey,
        where: Callable[[], ChannelId],
        model: Callable[[], ThreatModel],
    ) -> None:
        """Reject a command that names people who cannot act, unless it was executed before.

        Other faults of the command are reported together. Few commands name people, so the model is rarely
        loaded for it.
        """
        try:
            check_people(self.directory, command, where)
        except PeopleNotLookedUp:
            if not self.was_done(command, key):
                raise
        except Rejected as refused:
            if not self.was_done(command, key):
                refused.also = _refused_as_well(command, model())
                raise

    def _check_assignee(self, command: VerifyMitigation, stream: StreamId, model: ThreatModel) -> None:
        """Raise AssigneeOfIssue if the author was an assignee; the model knows no accounts."""
        mitigation = model.mitigations.get(command.mitigation)
        if mitigation is not None and command.by not in done_by(mitigation):
            accounts = self.settings.trackers.accounts
            check_assignee(self.store.events(stream), command.mitigation, command.by, accounts)


def _refused_as_well(command: Command, model: ThreatModel) -> tuple[Rejected, ...]:
    try:
        decide(command, model)
    except Rejected as refused:
        return (refused, *refused.also)
    return ()


_DOUBLED = (
    *get_args(AddCommand),
    RecordAssumption,
    ReportThreat,
    AnswerPrompt,
    PlanMitigation,
    OrderTrustLevels,
)
"""Commands that would take effect twice if a repeated submission counted as another answer."""
