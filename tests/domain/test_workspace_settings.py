"""Settings and trackers of a workspace, as its administrators choose them."""

from datetime import date, time
from typing import Any

import pytest
from msgspec.structs import replace

from domain.commands import ApplyWorkspaceSettings, ChoosePolicy, ChooseTerms, Undo
from domain.dread.scoring import Band
from domain.events import PolicyChosen, TermsChosen, WorkspaceSettingsApplied
from domain.history import timeline
from domain.kernel.elements import SYSTEM, ChannelId, PersonId
from domain.kernel.inherited_settings import (
    BandPolicy,
    InheritedSettings,
    RemediationPolicy,
    ReminderFrequency,
)
from domain.kernel.tracked_issue import ConnectedTracker, TrackerId, TrackerKind
from domain.kernel.voting_round import VotingTerms
from domain.model import ThreatModel
from domain.rejections import Rejected
from domain.remediation.issue_proposals import tracker_in_force
from domain.replay import replay
from domain.tracker_accounts import ChooseTrackerAccount
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
from domain.workspace_trackers import (
    MAX_LABELS,
    MAX_TRACKERS,
    ChooseDefaultTracker,
    ConnectTracker,
    DefaultTrackerChosen,
    DisconnectTracker,
    ReviseTracker,
    TrackerConnected,
    TrackerDisconnected,
    WorkspaceTrackerCommand,
    decide_on_trackers,
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


TR1, TR2 = TrackerId("TR-1"), TrackerId("TR-2")
SAID: dict[str, Any] = {"by": ANA, "at": at(1)}
REDMINE = "https://redmine.example.org"


def connect(project: str = "shop", **fields: Any) -> ConnectTracker:
    said: dict[str, Any] = {**SAID, "kind": TrackerKind.REDMINE, "url": REDMINE, "project": project}
    return ConnectTracker(**{**said, **fields})


def account(person: PersonId, account: str = "7", name: str = "Ana Fox") -> ChooseTrackerAccount:
    return ChooseTrackerAccount(**SAID, tracker=TR1, person=person, account=account, name=name)


def after(*commands: WorkspaceTrackerCommand) -> tuple[WorkspaceSettings, list[WorkspaceEvent]]:
    events: list[WorkspaceEvent] = []
    for command in commands:
        events.extend(decide_on_trackers(command, settings_after(events).trackers))
    return settings_after(events), events


def test_the_first_tracker_is_the_default_one() -> None:
    settings, events = after(connect(labels=(" security ", "security", "")))
    shop = ConnectedTracker(
        id=TR1, kind=TrackerKind.REDMINE, url=REDMINE, project="shop", labels=("security",)
    )
    assert events == [TrackerConnected(**SAID, tracker=shop), DefaultTrackerChosen(**SAID, tracker=TR1)]
    assert settings.trackers.find(TR1) == shop
    assert (settings.inherited.tracker, settings.inherited_version) == (TR1, 2)
    more, _ = after(connect(), connect("wiki"))
    assert ([tracker.id for tracker in more.trackers.trackers], more.inherited.tracker) == ([TR1, TR2], TR1)


def test_only_the_same_project_gets_an_id_again() -> None:
    gone = DisconnectTracker(**SAID, tracker=TR1)
    cases: dict[str, tuple[ConnectTracker, TrackerId]] = {
        "the same project": (connect(), TR1),
        "typed otherwise": (connect(" Shop", url=f"{REDMINE.upper()}/"), TR1),
        "with labels": (connect(labels=("security",)), TR1),
        "another project": (connect("wiki"), TR2),
        "another address": (connect(url="https://redmine.example.com"), TR2),
        "another kind of tracker": (connect(kind=TrackerKind.GITLAB), TR2),
    }
    for case, (command, expected) in cases.items():
        settings, _ = after(connect(), gone, command)
        assert [tracker.id for tracker in settings.trackers.trackers] == [expected], case
    wiki, _ = after(connect(), gone, connect("wiki"), connect(), connect("docs"))
    assert [tracker.id for tracker in wiki.trackers.trackers] == [TR2, TR1, TrackerId("TR-3")]


def test_of_two_ids_that_a_project_had_it_gets_the_last_one() -> None:
    gone = [TrackerDisconnected(**SAID, tracker=one) for one in (TR1, TR2)]
    shops = [
        ConnectedTracker(id=one, kind=TrackerKind.REDMINE, url=REDMINE, project="shop") for one in (TR1, TR2)
    ]
    events: list[WorkspaceEvent] = [
        TrackerConnected(**SAID, tracker=shops[0]),
        gone[0],
        TrackerConnected(**SAID, tracker=shops[1]),
        gone[1],
    ]
    assert settings_after(events).trackers.id_of(TrackerKind.REDMINE, REDMINE, "shop") == TR2


def test_a_default_tracker_is_the_default_again_unless_another_choice_was_made() -> None:
    wiki, gone = connect("wiki"), DisconnectTracker(**SAID, tracker=TR1)
    cases: dict[str, tuple[tuple[WorkspaceTrackerCommand, ...], TrackerId | None]] = {
        "it is connected again": ((connect(),), TR1),
        "another one was chosen": ((ChooseDefaultTracker(**SAID, tracker=TR2), connect()), TR2),
        "a choice was taken back": (
            (ChooseDefaultTracker(**SAID, tracker=TR2), ChooseDefaultTracker(**SAID), connect()),
            None,
        ),
        "another one was connected": ((connect("docs"),), None),
    }
    for case, (commands, expected) in cases.items():
        settings, _ = after(connect(), wiki, gone, *commands)
        assert settings.inherited.tracker == expected, case
    none, _ = after(connect(), wiki, ChooseDefaultTracker(**SAID), gone, connect())
    assert none.inherited.tracker is None


def test_a_disconnected_tracker_is_no_longer_the_default_and_knows_no_accounts() -> None:
    settings, events = after(connect(), account(ANA), DisconnectTracker(**SAID, tracker=TR1))
    assert events[-2:] == [
        DefaultTrackerChosen(**SAID, tracker=None),
        TrackerDisconnected(**SAID, tracker=TR1, was_default=True),
    ]
    assert (settings.inherited.tracker, settings.trackers.accounts.known) == (None, ())
    again = (connect(), DisconnectTracker(**SAID, tracker=TR1), DisconnectTracker(**SAID, tracker=TR1))
    assert len(after(*again)[1]) == 4, "disconnecting it again changes nothing"


def test_labels_and_the_default_can_be_changed() -> None:
    settings, _ = after(
        connect(),
        connect("wiki"),
        ReviseTracker(**SAID, tracker=TR2, labels=("security",), shown=()),
        ChooseDefaultTracker(**SAID, tracker=TR2),
    )
    (_, wiki) = settings.trackers.trackers
    assert (wiki.id, wiki.labels, settings.inherited.tracker) == (TR2, ("security",), TR2)
    none, _ = after(connect(), ChooseDefaultTracker(**SAID))
    assert none.inherited.tracker is None


@pytest.mark.parametrize(
    ("commands", "sentence"),
    [
        ((connect(), connect(url=f"{REDMINE}/")), "already connected as TR-1"),
        ((connect(url=" "),), "Enter the address"),
        ((connect(" "),), "Enter the project"),
        ((connect(labels=tuple(map(str, range(MAX_LABELS + 1)))),), "at most 10 labels"),
        (tuple(connect(f"p{number}") for number in range(MAX_TRACKERS + 1)), "20 trackers already"),
        ((ChooseDefaultTracker(**SAID, tracker=TR1),), "TR-1 is not connected"),
        ((account(ANA),), "TR-1 is not connected"),
        ((ReviseTracker(**SAID, tracker=TR1),), "TR-1 is not connected"),
        (
            (connect(labels=("web",)), ReviseTracker(**SAID, tracker=TR1, labels=("app",), shown=())),
            "The labels are now: web",
        ),
    ],
)
def test_what_cannot_be_is_refused(commands: tuple[WorkspaceTrackerCommand, ...], sentence: str) -> None:
    with pytest.raises(Rejected, match=sentence):
        after(*commands)


def test_other_settings_leave_the_trackers_alone_and_models_inherit_the_default() -> None:
    settings, events = after(connect())
    chosen = choose_settings(ChooseWorkspaceSettings(**SAID, review_days=30), settings)
    changed = settings_after([*events, *chosen])
    assert (changed.inherited.tracker, changed.inherited.review_days) == (TR1, 30)
    applied = ApplyWorkspaceSettings(
        by=SYSTEM, at=at(3), version=changed.inherited_version, settings=changed.inherited, chosen_by=ANA
    )
    assert tracker_in_force(replay(decide_all(applied, after=[started()]))) == TR1
