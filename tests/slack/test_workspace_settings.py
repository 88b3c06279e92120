"""Settings of the workspace: who may change them, and what follows in its models."""

from datetime import date, time
from typing import Any

from msgspec.structs import replace

from bot.sandbox.api import TEAM_ID, VisibleView
from bot.slack.protocol.requests import Json
from bot.slack.ui.home.app_home import HomeDetails, home_view
from bot.store.records import workspace_stream
from domain.commands import ChoosePolicy
from domain.decide.size_limits import SizeLimits
from domain.dread.scoring import Band
from domain.events import WorkspaceSettingsApplied
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.inherited_settings import BandPolicy, RemediationPolicy, ReminderFrequency
from domain.working_hours import USUAL, WorkingHours
from domain.workspace_settings import WorkspaceSettings
from tests.slack.slack_team import SlackTeam, errors_by_key

BUTTON = "Workspace settings"


def test_an_administrator_chooses_and_a_model_follows_once(either_way: SlackTeam) -> None:
    team = either_way
    start_model(team)
    open_settings(team, "ana")
    ana = team.person("ana")
    ana.choose("Critical: mitigations are due after", "7 days")
    ana.choose("Reminders to mitigation owners", "1 day before, on the day, then once a week")
    ana.fill("Holidays", "2027-01-01\n2026-12-25")
    team.submit("ana")
    chosen = settings_of(team)
    assert chosen.inherited.policy.critical == BandPolicy(due_days=7, accepted_days=90)
    assert chosen.holidays == (date(2026, 12, 25), date(2027, 1, 1))
    team.wait(lambda: team.model().policy == chosen.inherited.policy)
    assert team.model().terms.reminders is ReminderFrequency.SELDOM
    applied = [event for event in events_of(team) if isinstance(event, WorkspaceSettingsApplied)]
    assert [(one.by, one.chosen_by, one.version) for one in applied] == [
        (SYSTEM, PersonId(ana.id), chosen.inherited_version)
    ]
    team.command("ben", "/threatmodel history")
    seen = team.modal("ben", "History").plain
    assert "The bot" in seen
    assert "Ana: critical: due after 7 days, accepted for at most 90 days; owners are reminded 1 day" in seen


def test_a_model_that_starts_later_takes_the_settings_in_force(team: SlackTeam) -> None:
    open_settings(team, "ana")
    team.person("ana").choose("High: mitigations are due after", "14 days")
    team.submit("ana")
    start_model(team)
    model = team.model()
    assert model.policy.high.due_days == 14
    assert model.inherited_version == settings_of(team).inherited_version
    assert model.version == 2, "what follows from the change finds nothing left to do"


def test_a_model_says_what_it_inherits_and_keeps_what_it_has_chosen(team: SlackTeam) -> None:
    start_model(team)
    ana = team.person("ana")
    page = settings_page(team)
    assert (
        "accepted for at most 180 days by any participant except the proposer (workspace settings)"
        in page.plain
    )
    ana.click(page, action_id="open:policy")
    form = team.modal("ana", "Remediation policy")
    assert "All values are inherited from the workspace settings and change with them." in form.plain
    ana.choose("High: mitigations are due after", "7 days")
    team.submit("ana")
    assert team.model().own_bands == {Band.HIGH}
    ana.close()
    open_settings(team, "ana")
    ana.choose("High: mitigations are due after", "180 days")
    ana.choose("Low: mitigations are due after", "180 days")
    team.submit("ana")
    team.wait(lambda: team.model().policy.low.due_days == 180)
    assert team.model().policy.high.due_days == 7
    ana.click(settings_page(team), action_id="open:policy")
    form = team.modal("ana", "Remediation policy")
    assert "The values of Critical, Medium and Low are inherited" in form.plain
    ana.check("Own values of this model")
    team.submit("ana")
    assert team.model().policy.high.due_days == 180


def test_who_administers_neither_slack_nor_the_settings_sees_no_button(team: SlackTeam) -> None:
    start_model(team)
    team.person("ben").open_home()
    team.wait(lambda: "The House" in home(team, "ben"))
    assert BUTTON not in home(team, "ben")


def test_a_named_administrator_gets_the_button_and_may_save(team: SlackTeam) -> None:
    start_model(team)
    team.person("ben").open_home()
    team.wait(lambda: "The House" in home(team, "ben"))
    open_settings(team, "ana")
    team.person("ana").choose("Administrators", "Ben")
    team.submit("ana")
    team.wait(lambda: BUTTON in home(team, "ben"))
    open_settings(team, "ben")
    team.person("ben").check("Working days", "Monday", "Tuesday")
    team.person("ben").fill("From", "08:30")
    team.submit("ben")
    hours = WorkingHours(days=(1, 2), starts=time(8, 30), ends=time(17))
    assert settings_of(team).hours == hours
    chi = PersonId(team.person("chi").id)
    assert team.command_handler.working_hours(TEAM_ID, chi) == hours


def test_a_forged_submission_is_refused_and_nothing_is_stored(team: SlackTeam) -> None:
    start_model(team)
    form = open_settings(team, "ana")
    for payload in (forged(team, form, "ben"), forged(team, form, "ben", stream="T0SANDBOX/TM-1")):
        delivery = team.sandbox.client.sender.send("interactive", payload)
        assert delivery.acked
        assert "Only administrators can change the workspace settings" in str(delivery.response)
    assert team.store.state(workspace_stream(TEAM_ID)) is None


def test_who_is_no_longer_an_administrator_cannot_save_the_form_they_have_open(team: SlackTeam) -> None:
    start_model(team)
    open_settings(team, "ana")
    team.sandbox.change_person("ana", is_admin=False)
    team.wait(lambda: not is_admin(team, "ana"))
    delivery = team.submit("ana")
    assert "Only administrators can change the workspace settings" in str(delivery.response)
    assert settings_of(team).version == 0


def test_wrong_dates_and_people_who_cannot_administer_are_said_beside_their_field(team: SlackTeam) -> None:
    start_model(team)
    team.sandbox.change_person("chi", is_restricted=True)
    open_settings(team, "ana")
    ana = team.person("ana")
    ana.fill("Holidays", "25.12.2026")
    team.submit("ana")
    said = errors_by_key(team.modal("ana", BUTTON))
    assert said == {"holidays": "“25.12.2026” is not a date. Enter one date a line, such as 2026-12-25."}
    ana.fill("Holidays", "2026-12-25, 2026-12-26")
    team.wait(lambda: is_guest(team, "chi"))
    ana.choose("Administrators", "Chi")
    team.submit("ana")
    assert errors_by_key(team.modal("ana", BUTTON)) == {
        "administrators": "@Chi is a guest, and guests cannot be administrators. Choose someone else."
    }
    assert settings_of(team).version == 0


def test_a_submission_that_comes_twice_is_saved_once(team: SlackTeam) -> None:
    open_settings(team, "ana")
    team.person("ana").choose("Next review after closing", "180 days")
    delivery = team.submit("ana")
    team.sandbox.repeat(delivery)
    assert settings_of(team).version == 1


def test_an_administrator_without_a_model_has_the_button_too() -> None:
    assert BUTTON in str(home_view(HomeDetails(administers=True)))
    assert BUTTON not in str(home_view(HomeDetails()))


def test_the_policy_in_force_is_the_models_own_where_a_person_chose_it(team: SlackTeam) -> None:
    start_model(team)
    ana = PersonId(team.person("ana").id)
    own = replace(RemediationPolicy(), low=BandPolicy(due_days=30, accepted_days=30))
    team.command_handler.execute(
        ChoosePolicy(by=ana, at=team.now(), policy=own), stream=team.streams[0], key=team.key()
    )
    assert (
        "accepted for at most 30 days by any participant except the proposer\n"
        in settings_page(team).plain + "\n"
    )
    assert settings_of(team).hours == USUAL


def test_holidays_and_working_hours_of_the_workspace_hold_reminders_back(team: SlackTeam) -> None:
    start_model(team)
    open_settings(team, "ana")
    ana = team.person("ana")
    ana.check("Working days", "Tuesday", "Wednesday")
    ana.fill("Holidays", "2027-01-05")
    team.submit("ana")
    workspace = team.bot.only
    assert workspace is not None
    reach = workspace.services.people(team.model().channel)(PersonId(team.person("chi").id))
    monday, tuesday, wednesday = (date(2027, 1, day) for day in (4, 5, 6))
    assert [reach.works_on(one) for one in (monday, tuesday, wednesday)] == [False, False, True]


def test_an_administrator_in_no_channel_of_the_bot_is_looked_up_when_they_open_the_home_tab(
    team: SlackTeam,
) -> None:
    team.sandbox.add_person("olga", is_admin=True)
    assert team.unit.directory.person(PersonId(team.person("olga").id)) is None
    open_settings(team, "olga")


def test_a_request_beyond_a_limit_keeps_what_was_typed(team: SlackTeam) -> None:
    start_model(team)
    limits = SizeLimits(models=1, elements=1)
    team.command_handler._limits = limits  # pyright: ignore[reportPrivateUsage]  the bot reads it at its start
    team.command("ben", "/threatmodel start")
    team.modal("ben", "New threat model")
    team.person("ben").fill("Name", "The shed")
    team.submit("ben")
    form = team.modal("ben", "New threat model")
    assert "This workspace has 1 threat model, which is the limit." in str(errors_by_key(form))
    assert form.values["Name"] == "The shed"
    assert len(team.streams) == 1


def start_model(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    team.card("TM-1")


def open_settings(team: SlackTeam, who: str) -> VisibleView:
    """Open the form by the button on the Home tab."""
    team.person(who).open_home()
    team.wait(lambda: BUTTON in home(team, who))
    seen = team.person(who).home()
    assert seen is not None
    team.person(who).click(seen, BUTTON)
    return team.modal(who, BUTTON)


def settings_page(team: SlackTeam) -> VisibleView:
    team.command("ana", "/threatmodel settings")
    return team.modal("ana", "Settings")


def home(team: SlackTeam, who: str) -> str:
    seen = team.person(who).home()
    return seen.plain + str([button.label for button in seen.buttons]) if seen else ""


def settings_of(team: SlackTeam) -> WorkspaceSettings:
    return team.command_handler.settings.current(TEAM_ID)


def events_of(team: SlackTeam) -> list[Any]:
    return [event.event for event in team.command_handler.events(team.streams[0])]


def is_admin(team: SlackTeam, who: str) -> bool:
    known = team.unit.directory.person(PersonId(team.person(who).id))
    return known is not None and known.admin


def is_guest(team: SlackTeam, who: str) -> bool:
    known = team.unit.directory.person(PersonId(team.person(who).id))
    return known is not None and known.guest


def forged(team: SlackTeam, form: VisibleView, who: str, *, stream: str = "") -> Json:
    """The submission of somebody's open form under another name."""
    view = team.sandbox.client.parts.views.find(view_id=form.id).as_slack()
    if stream:
        view = {**view, "private_metadata": f'{{"v":1,"w":"workspace","s":"{stream}"}}'}
    return {
        "type": "view_submission",
        "api_app_id": "A0THREATM",
        "team": {"id": TEAM_ID},
        "user": {"id": team.person(who).id, "team_id": TEAM_ID},
        "trigger_id": "6.6",
        "view": view,
    }
