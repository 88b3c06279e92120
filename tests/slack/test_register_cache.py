"""Registers are computed once for each change, and again when time or a time zone changes them."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest

from bot.slack.queries import model_overviews
from bot.slack.queries.model_overviews import MAX_REGISTERS, RegisterCache
from domain.commands import Command
from domain.kernel.due_dates import Zones
from domain.kernel.elements import ModelKey, PersonId
from domain.model import ThreatModel
from domain.register import ThreatRegister, register
from domain.replay import replay
from tests.domain.remediation_story import THREATS, implement, plan
from tests.examples import at, decide_all, started

DUE = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
"""The evening of the day by which the story's mitigation is due."""


class Site:
    """A cache, the time zone of everyone, and the persons whose zone was asked for."""

    def __init__(self) -> None:
        self.cache = RegisterCache()
        self.hours = 0
        self.asked: list[PersonId] = []

    def zone(self, person: PersonId) -> tzinfo:
        self.asked.append(person)
        return timezone(timedelta(hours=self.hours))

    def same(self, model: ThreatModel, first: datetime, second: datetime) -> bool:
        """Return whether one computation served both moments; what it gives is right in either case."""
        before = self.cache.register(model, first, self.zone)
        after = self.cache.register(model, second, self.zone)
        assert before == register(model, first, self.zone)
        assert after == register(model, second, self.zone)
        return after is before


@pytest.fixture
def site() -> Site:
    return Site()


def model(*steps: Command) -> ThreatModel:
    return replay(decide_all(*steps, after=THREATS))


def test_a_register_is_computed_once_while_nothing_changes(site: Site) -> None:
    assert site.same(model(plan(), implement()), at(60), at(60 * 24 * 365))


def test_a_changed_model_gives_another_register(site: Site) -> None:
    planned = decide_all(plan(), after=THREATS)
    before = site.cache.register(replay(planned), at(60), site.zone)
    after = site.cache.register(replay(decide_all(implement(), after=planned)), at(60), site.zone)
    assert before.mitigations != after.mitigations


def test_an_erased_model_of_the_same_version_gives_another_register(site: Site) -> None:
    events = decide_all(plan(), after=THREATS)
    before = site.cache.register(replay(events), at(60), site.zone)
    assert site.cache.register(replay(events), at(60), site.zone) is not before


def test_a_register_holds_until_the_moment_at_which_time_changes_it(site: Site) -> None:
    planned = model(plan())
    almost = DUE - timedelta(microseconds=1)
    assert site.same(planned, at(60), almost)
    assert not site.same(planned, almost, DUE)
    assert site.cache.register(planned, DUE, site.zone).mitigations[0].overdue


def test_a_clock_that_is_set_back_gives_another_register(site: Site) -> None:
    planned = model(plan())
    assert not site.same(planned, DUE, DUE - timedelta(hours=1))
    assert not site.cache.register(planned, DUE - timedelta(hours=1), site.zone).mitigations[0].overdue


def test_an_owner_in_another_time_zone_gives_another_register(site: Site) -> None:
    planned, now = model(plan()), DUE - timedelta(hours=1)
    before = site.cache.register(planned, now, site.zone)
    site.hours = 2
    after = site.cache.register(planned, now, site.zone)
    assert (before.mitigations[0].overdue, after.mitigations[0].overdue) == (False, True)


def test_the_time_zone_of_a_person_is_asked_for_once_each_time(site: Site) -> None:
    planned = model(plan(), plan(), plan())
    for _ in range(2):
        site.asked.clear()
        site.cache.register(planned, at(60), site.zone)
        assert len(site.asked) == len(set(site.asked))


def test_only_the_models_read_last_are_kept(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    models = [
        replay(decide_all(after=(started(key=ModelKey(f"TM-{number}")),)))
        for number in range(MAX_REGISTERS + 1)
    ]
    computed: list[ModelKey] = []

    def compute(model: ThreatModel, now: datetime, zones: Zones) -> ThreatRegister:
        computed.append(model.key)
        return register(model, now, zones)

    monkeypatch.setattr(model_overviews, "register", compute)
    for one in models[:-1]:
        site.cache.register(one, at(60), site.zone)
    site.cache.register(models[0], at(60), site.zone)
    site.cache.register(models[-1], at(60), site.zone)
    computed.clear()
    site.cache.register(models[0], at(60), site.zone)
    site.cache.register(models[1], at(60), site.zone)
    assert computed == [models[1].key], "TM-0 was read again, and TM-1 made room"


def test_models_of_two_workspaces_with_the_same_key_do_not_displace_each_other(site: Site) -> None:
    ours, theirs = model(plan()), model(plan(), implement())
    before = [
        site.cache.register(one, at(60), site.zone, tenant=tenant)
        for one, tenant in ((ours, "T1"), (theirs, "T2"))
    ]
    again = [
        site.cache.register(one, at(60), site.zone, tenant=tenant)
        for one, tenant in ((ours, "T1"), (theirs, "T2"))
    ]
    assert all(one is other for one, other in zip(before, again, strict=True))
    assert before[0].mitigations != before[1].mitigations
