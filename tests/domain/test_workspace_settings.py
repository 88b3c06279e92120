"""Settings of a workspace: chosen by its administrators, and inherited by its models."""

from datetime import date, time
from typing import Any

import pytest
from msgspec.structs import replace

from domain.commands import ApplyWorkspaceSettings, ChoosePolicy, ChooseTerms, Undo
from domain.dread.scoring import Band
from domain.events import PolicyChosen, TermsChosen, WorkspaceSettingsApplied
from domain.history import timeline
from domain.kernel.elements import SYSTEM, ChannelId, PersonId
from domain.kernel.inherited_settings import InheritedSettings
from domain.kernel.remediation_policy import BandPolicy, RemediationPolicy
from domain.kernel.reminder_frequency import ReminderFrequency
from domain.kernel.voting_round import VotingTerms
from domain.model import ThreatModel
from domain.rejections import Rejected
from domain.replay import replay
from domain.working_hours import USUAL, NoDays
from domain.workspace_settings import (
    AdministratorsChosen,
    ChooseDigest,
    ChooseWorkspaceSettings,
    PortfolioAudience,
    PortfolioAudienceChosen,
    PortfolioDigestChosen,
    ReviewIntervalChosen,
    WorkspaceCalendarChosen,
    WorkspaceEvent,
    WorkspacePolicyChosen,
    WorkspaceRemindersChosen,
    WorkspaceSettings,
    choose_digest,
    choose_settings,
    settings_after,
)
from tests.examples import ANA, BEN, CHI, at, decide_all, given, started

DEFAULT = RemediationPolicy()
STRICT = replace(
    DEFAULT,
    critical=BandPolicy(due_days=3, accepted_days=30, approvers=(CHI,)),
    low=BandPolicy(due_days=180, accepted_days=365),
)
CHRISTMAS = date(2026, 12, 25)


def choosing(**chosen: Any) -> ChooseWorkspaceSettings:
    return ChooseWorkspaceSettings(by=ANA, at=at(1), **chosen)


def applying(version: int = 1, **settings: Any) -> ApplyWorkspaceSettings:
    inherited = InheritedSettings(**settings)
    return ApplyWorkspaceSettings(by=SYSTEM, at=at(3), version=version, settings=inherited, chosen_by=ANA)


def model_after(*commands: Any) -> ThreatModel:
    events = [started()]
    for command in commands:
        events = decide_all(command, after=events)
    return replay(events)


def test_without_a_choice_a_workspace_has_the_defaults() -> None:
    assert settings_after([]) == WorkspaceSettings()
    assert choose_settings(choosing(), WorkspaceSettings()) == ()


def test_each_part_that_changes_is_an_event_of_its_own() -> None:
    said: dict[str, Any] = {"by": ANA, "at": at(1)}
    command = choosing(
        administrators=(BEN, BEN, CHI),
        policy=STRICT,
        reminders=ReminderFrequency.OFTEN,
        days=(4, 1, 1),
        starts=time(8),
        ends=time(16),
        holidays=(date(2027, 1, 1), CHRISTMAS, CHRISTMAS),
        audience=PortfolioAudience.NAMED,
        portfolio_people=(CHI,),
        review_days=180,
    )
    events = choose_settings(command, WorkspaceSettings())
    assert events == (
        AdministratorsChosen(**said, administrators=(BEN, CHI)),
        WorkspacePolicyChosen(**said, policy=STRICT),
        WorkspaceRemindersChosen(**said, reminders=ReminderFrequency.OFTEN),
        WorkspaceCalendarChosen(
            **said, days=(1, 4), starts=time(8), ends=time(16), holidays=(CHRISTMAS, date(2027, 1, 1))
        ),
        PortfolioAudienceChosen(**said, audience=PortfolioAudience.NAMED, people=(CHI,)),
        ReviewIntervalChosen(**said, days=180),
    )
    settings = settings_after(events)
    assert choose_settings(command, settings) == ()
    assert (settings.version, settings.inherited_version, settings.inherited_by) == (6, 6, ANA)
    assert settings.inherited == InheritedSettings(
        policy=STRICT, reminders=ReminderFrequency.OFTEN, review_days=180
    )


def test_the_channel_of_the_digest_is_chosen_and_turned_off_once() -> None:
    chosen = ChooseDigest(by=ANA, at=at(1), channel=ChannelId("C1"))
    events = choose_digest(chosen, WorkspaceSettings())
    assert events == (PortfolioDigestChosen(by=ANA, at=at(1), channel=ChannelId("C1")),)
    settings = settings_after(events)
    assert (settings.digest_channel, settings.digest_by, settings.digest_since) == ("C1", ANA, at(1))
    assert choose_digest(replace(chosen, at=at(2)), settings) == ()
    assert len(choose_digest(replace(chosen, by=BEN), settings)) == 1, "it then covers Ben's channels"
    off = settings_after([*events, *choose_digest(ChooseDigest(by=BEN, at=at(3), channel=None), settings)])
    assert off.digest_channel is None
    assert choose_digest(ChooseDigest(by=ANA, at=at(4), channel=None), WorkspaceSettings()) == ()
    assert choose_settings(choosing(), settings) == (), "the form leaves the digest as it is"


def test_an_erased_choice_leaves_what_was_chosen_before_and_later() -> None:
    first = choose_settings(choosing(administrators=(BEN,)), WorkspaceSettings())
    then = choose_settings(choosing(administrators=(BEN,), policy=STRICT), settings_after(first))
    events: list[WorkspaceEvent | None] = [None, *then]
    settings = settings_after(events)
    assert (settings.version, settings.administrators, settings.inherited.policy) == (2, (), STRICT)


@pytest.mark.parametrize(
    ("chosen", "field", "sentence"),
    [
        (
            {"policy": replace(DEFAULT, high=BandPolicy(due_days=0, accepted_days=1))},
            "due_high",
            "1 to 3650",
        ),
        (
            {"policy": replace(DEFAULT, low=BandPolicy(due_days=None, accepted_days=9_999))},
            "accepted_low",
            "3650",
        ),
        ({"review_days": 0}, "review", "1 to 3650"),
        ({"audience": PortfolioAudience.NAMED}, "portfolio_people", "Name at least one person"),
        ({"starts": time(17), "ends": time(9)}, "ends", "not after the start"),
        (
            {"holidays": tuple(date.fromordinal(740_000 + day) for day in range(101))},
            "holidays",
            "at most 100",
        ),
    ],
)
def test_settings_that_make_no_sense_are_refused_at_their_field(
    chosen: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(Rejected, match=sentence) as refused:
        choose_settings(choosing(**chosen), WorkspaceSettings())
    assert refused.value.field == field


def test_a_workspace_needs_a_working_day() -> None:
    with pytest.raises(NoDays):
        choose_settings(choosing(days=()), WorkspaceSettings())
    assert WorkspaceSettings().hours == USUAL


def test_a_model_inherits_what_it_has_not_chosen_itself() -> None:
    model = model_after(applying(policy=STRICT, reminders=ReminderFrequency.OFTEN, review_days=180))
    assert (model.policy, model.terms.reminders) == (STRICT, ReminderFrequency.OFTEN)
    assert (model.inherited.review_days, model.inherited_version) == (180, 1)
    assert not model.own_bands
    assert not model.own_reminders


def test_a_models_own_values_stay_when_the_workspace_changes() -> None:
    own = replace(DEFAULT, high=BandPolicy(due_days=10, accepted_days=20))
    model = model_after(
        ChoosePolicy(by=ANA, at=at(1), policy=own),
        ChooseTerms(by=ANA, at=at(2), reminders=ReminderFrequency.SELDOM),
        applying(policy=STRICT, reminders=ReminderFrequency.OFTEN),
    )
    assert model.own_bands == {Band.HIGH}
    assert model.policy == replace(STRICT, high=own.high)
    assert model.terms.reminders is ReminderFrequency.SELDOM


def test_a_policy_of_an_earlier_release_is_the_models_own_in_all_bands() -> None:
    chosen = PolicyChosen(by=ANA, at=at(1), answer=2, policy=DEFAULT)
    seldom = TermsChosen(by=ANA, at=at(1), answer=3, terms=VotingTerms(reminders=ReminderFrequency.SELDOM))
    quorum = TermsChosen(by=ANA, at=at(1), answer=3, terms=VotingTerms(quorum=4))
    applied = applying(policy=STRICT, reminders=ReminderFrequency.OFTEN)
    model = replay(decide_all(applied, after=[started(), chosen, seldom]))
    assert (model.policy, model.terms.reminders) == (DEFAULT, ReminderFrequency.SELDOM)
    # Who only chose a quorum then said nothing of reminders.
    assert replay(decide_all(applied, after=[started(), quorum])).terms == VotingTerms(
        quorum=4, reminders=ReminderFrequency.OFTEN
    )


def test_a_model_inherits_again_where_it_gives_up_its_own_values() -> None:
    own = replace(STRICT, high=BandPolicy(due_days=10, accepted_days=20))
    model = model_after(
        applying(policy=STRICT, reminders=ReminderFrequency.OFTEN),
        ChoosePolicy(by=ANA, at=at(4), policy=own),
        ChooseTerms(by=ANA, at=at(4), reminders=ReminderFrequency.SELDOM),
        ChoosePolicy(by=ANA, at=at(5), policy=own, own=()),
        ChooseTerms(by=ANA, at=at(5), inherit_reminders=True),
        applying(2, policy=DEFAULT, reminders=ReminderFrequency.USUAL),
    )
    assert (model.policy, model.own_bands) == (DEFAULT, frozenset())
    assert (model.terms.reminders, model.own_reminders) == (ReminderFrequency.USUAL, False)


def test_a_value_can_be_the_models_own_although_it_is_the_workspaces_too() -> None:
    model = model_after(
        ChoosePolicy(by=ANA, at=at(1), policy=DEFAULT, own=(Band.CRITICAL,)), applying(policy=STRICT)
    )
    assert model.policy == replace(STRICT, critical=DEFAULT.critical)


def test_a_band_is_not_changed_and_inherited_in_one_answer() -> None:
    high = BandPolicy(due_days=10, accepted_days=20)
    first = ChoosePolicy(by=ANA, at=at(1), policy=replace(DEFAULT, high=high))
    both = ChoosePolicy(by=ANA, at=at(2), policy=replace(DEFAULT, high=replace(high, due_days=11)), own=())
    events = decide_all(first, after=[started()])
    given(*events).when(both).then_refused(Rejected, "High: the values were changed", field="own")


def test_settings_apply_once_and_never_go_back_to_an_earlier_version() -> None:
    later = decide_all(applying(5, policy=STRICT), after=[started()])
    given(*later).when(applying(5, policy=STRICT)).then_nothing_happens()
    given(*later).when(applying(4)).then_nothing_happens()


def test_only_the_system_applies_settings() -> None:
    given(started()).when(replace(applying(), by=ANA)).then_refused(Rejected, "apply by themselves")


def test_a_choice_of_the_model_can_be_undone_after_the_workspace_changed() -> None:
    own = replace(DEFAULT, high=BandPolicy(due_days=10, accepted_days=20))
    model = model_after(
        ChoosePolicy(by=ANA, at=at(1), policy=own), applying(policy=STRICT), Undo(by=ANA, at=at(5))
    )
    assert (model.policy, model.own_bands) == (STRICT, frozenset())


def test_the_choice_of_reminders_can_be_undone_after_the_workspace_changed() -> None:
    model = model_after(
        ChooseTerms(by=ANA, at=at(1), quorum=4, reminders=ReminderFrequency.SELDOM),
        applying(reminders=ReminderFrequency.OFTEN),
        Undo(by=ANA, at=at(5)),
    )
    assert (model.terms, model.own_reminders) == (
        VotingTerms(reminders=ReminderFrequency.OFTEN),
        False,
    )


def test_the_history_says_whose_settings_apply_and_what_they_change() -> None:
    events = decide_all(
        applying(policy=STRICT, reminders=ReminderFrequency.OFTEN, review_days=180), after=[started()]
    )
    entry = timeline(events)[-1]
    assert entry.by == SYSTEM
    assert entry.text == (
        f"applied the workspace settings of @{ANA}: critical: due after 3 days, accepted for at most 30 "
        f"days, approved by @{CHI}; low: due after 180 days, accepted for at most 365 days; owners are "
        "reminded 14, 7, 3 days and 1 day before, on the day, then every day; reviews are proposed 180 days "
        "after closing"
    )
    assert entry.people == (ANA, CHI)
    nothing = timeline(
        decide_all(
            applying(2, policy=STRICT, reminders=ReminderFrequency.OFTEN, review_days=180), after=events
        )
    )
    assert nothing[-1].text == f"applied the workspace settings of @{ANA}, which change nothing in this model"


def test_settings_of_the_workspace_do_not_count_as_work_on_the_model() -> None:
    assert model_after(applying(policy=STRICT)).touched_at == started().at
    assert isinstance(decide_all(applying(), after=[started()])[-1], WorkspaceSettingsApplied)
    assert PersonId("") == WorkspaceSettings().inherited_by
