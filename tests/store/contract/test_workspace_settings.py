"""The settings of a workspace are kept like everything that is said, and its models follow them once."""

import threading
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.store import CommandKey, Store, StreamId, Verified
from bot.store.records import workspace_stream
from domain.commands import StartThreatModel
from domain.dread.scoring import Band
from domain.events import WorkspaceSettingsApplied
from domain.kernel.elements import SYSTEM, ChannelId
from domain.kernel.inherited_settings import BandPolicy, RemediationPolicy, ReminderFrequency
from domain.rejections import Rejected
from domain.working_hours import USUAL
from domain.workspace_settings import ChooseWorkspaceSettings, PortfolioAudience, WorkspaceSettings
from tests.examples import ANA, BEN, at

TENANT = "T1"
STRICT = RemediationPolicy(critical=BandPolicy(due_days=3, accepted_days=30))
CHOSEN = ChooseWorkspaceSettings(by=ANA, at=at(1), policy=STRICT, holidays=(date(2026, 12, 25),))


def choose(handler: CommandHandler, key: str, command: ChooseWorkspaceSettings = CHOSEN, **more: Any) -> None:
    handler.settings.choose(command, tenant=TENANT, key=CommandKey(key), **more)


def start(handler: CommandHandler, key: str = "start") -> StreamId:
    begin = StartThreatModel(by=ANA, at=at(0), name="The House", channel=ChannelId("C1"))
    return handler.start(begin, tenant=TENANT, key=CommandKey(key)).stream


def applied(store: Store, stream: StreamId) -> list[WorkspaceSettingsApplied]:
    return [event for event in store.events(stream) if isinstance(event, WorkspaceSettingsApplied)]


def test_settings_are_kept_by_workspace_and_a_repeated_choice_is_one(store: Store) -> None:
    handler, recorded = CommandHandler(store), list[object]()
    choose(handler, "a", recorded=recorded.append)
    choose(handler, "a", recorded=recorded.append)
    chosen = handler.settings.current(TENANT)
    assert (chosen.version, chosen.inherited.policy) == (2, STRICT)
    assert handler.settings.current("T2") == WorkspaceSettings()
    assert CommandHandler(store).settings.current(TENANT) == chosen
    assert len(recorded) == 1, "models follow once"


def test_refused_settings_leave_nothing_behind(store: Store) -> None:
    handler = CommandHandler(store)
    with pytest.raises(Rejected):
        choose(handler, "a", replace(CHOSEN, audience=PortfolioAudience.NAMED))
    assert store.state(workspace_stream(TENANT)) is None


def test_what_follows_from_a_change_fails_together_with_it(store: Store) -> None:
    handler = CommandHandler(store)

    def fail(_: object) -> None:
        raise RuntimeError("no row of work")

    with pytest.raises(RuntimeError):
        choose(handler, "a", recorded=fail)
    assert store.state(workspace_stream(TENANT)) is None
    assert handler.settings.current(TENANT) == WorkspaceSettings()


def test_a_model_starts_with_the_settings_in_force(store: Store) -> None:
    handler = CommandHandler(store)
    plain = start(handler)
    assert applied(store, plain) == []
    choose(handler, "a")
    stream = start(handler, "later")
    assert handler.model(stream).policy == STRICT
    (event,) = applied(store, stream)
    assert (event.by, event.chosen_by, event.answer) == (SYSTEM, ANA, 2)


def test_of_several_processes_one_applies_a_change_to_a_model(store: Store) -> None:
    handlers = [CommandHandler(store) for _ in range(4)]
    stream = start(handlers[0])
    choose(handlers[0], "a")
    condition = threading.Barrier(len(handlers))

    def apply(handler: CommandHandler) -> None:
        condition.wait()
        handler.apply_settings(stream, at=at(5))

    threads = [threading.Thread(target=apply, args=(one,)) for one in handlers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(applied(store, stream)) == 1
    handlers[1].apply_settings(stream, at=at(6))
    assert len(applied(store, stream)) == 1


def test_a_change_that_models_do_not_inherit_leaves_them_alone(store: Store) -> None:
    handler = CommandHandler(store)
    stream = start(handler)
    choose(handler, "a", ChooseWorkspaceSettings(by=ANA, at=at(1), administrators=(BEN,)))
    handler.apply_settings(stream, at=at(5))
    assert handler.model(stream).version == 1
    assert handler.working_hours(TENANT, BEN) == USUAL


def test_settings_are_built_from_those_in_force_when_they_are_stored(store: Store) -> None:
    handler = CommandHandler(store)

    def seldom(now: WorkspaceSettings) -> ChooseWorkspaceSettings:
        return replace(CHOSEN, policy=now.inherited.policy, reminders=ReminderFrequency.SELDOM)

    choose(handler, "a")
    choose(handler, "b", replace(CHOSEN, by=BEN, policy=RemediationPolicy()), meaning=seldom)
    inherited = handler.settings.current(TENANT).inherited
    assert (inherited.policy, inherited.reminders) == (STRICT, ReminderFrequency.SELDOM)


def test_settings_are_no_model_and_are_verified_and_erased(store: Store) -> None:
    handler = CommandHandler(store)
    stream = start(handler)
    choose(handler, "a")
    handler.apply_settings(stream, at=at(5))
    assert [one.stream for one in store.streams(TENANT)] == [stream]
    assert isinstance(verified := store.verify(), Verified)
    assert verified.events == 4
    assert store.erase_stream(workspace_stream(TENANT)) == 2
    erased = handler.settings.current(TENANT)
    assert erased == WorkspaceSettings(version=2)
    assert handler.model(stream).policy.of(Band.CRITICAL) == STRICT.critical
    choose(handler, "c", replace(CHOSEN, by=BEN))
    handler.apply_settings(stream, at=at(7))
    assert [one.version for one in applied(store, stream)] == [1, 3]
    assert isinstance(store.verify(), Verified)
