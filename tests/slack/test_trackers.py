"""Trackers are connected, chosen and disconnected in Slack; a token is nowhere to be read afterwards."""

from collections.abc import Generator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.sandbox.api import VisibleView
from bot.settings import Secret
from bot.store.repositories.tracker_connections import TrackerConnection
from bot.token_cipher import TokenCipher
from bot.trackers.connection_secrets import ConnectionSecrets, secrets_of
from bot.trackers.tracker import Project, TrackerRefused
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import ConnectedTracker, ModelTracker, TrackerId
from domain.workspace_trackers import ReviseTracker, WorkspaceTrackers
from tests.slack.installing import FIRST_KEY
from tests.slack.sealed_ballots import captured_logs
from tests.slack.slack_team import SlackTeam, errors_by_key, run_bot
from tests.trackers.answering_tracker import BOT, AnsweringTracker

TOKEN = "ghp_made-up-token-of-a-test"
TR_1 = TrackerId("TR-1")


class TrackerTeam:
    """A team with a tracker to connect."""

    def __init__(self, team: SlackTeam, tracker: AnsweringTracker) -> None:
        self.team = team
        self.tracker = tracker

    @property
    def known(self) -> WorkspaceTrackers:
        """The connected trackers."""
        return self.team.command_handler.settings.current(self.team.unit.tenant).trackers

    def page(self, who: str = "ana") -> VisibleView:
        """Open the page of trackers."""
        if self.team.person(who).modal is not None:
            self.team.person(who).close(all_of_them=True)
        self.team.command(who, "/threatmodel tracker")
        return self.team.modal(who, "Trackers")

    def connect(self, who: str = "ana", token: str = TOKEN, project: str = "web-shop") -> None:
        """Fill in and submit the form of a new tracker."""
        person = self.team.person(who)
        person.click(self.page(who), "Redmine")
        self.team.modal(who, "Connect Redmine")
        person.fill("Address", "https://redmine.example.org/")
        person.fill("Project identifier", project)
        person.fill("API access key", token)
        self.team.submit(who)

    def connected(self) -> ConnectedTracker:
        """Connect a tracker, and wait until it is."""
        self.connect()
        self.team.wait(lambda: self.known.trackers)
        self.team.wait(lambda: not self.team.unit.tracker_connections.checks())
        (tracker,) = self.known.trackers
        return tracker

    def told(self, who: str, words: str) -> bool:
        """Return whether the bot has told a person something directly."""
        return any(words in message.plain for message in self.team.person(who).direct_messages())

    def home(self, who: str, account: str) -> VisibleView:
        """Open the Home tab, and wait until it shows an account in the tracker."""
        self.team.person(who).open_home()
        return self.shows_home(who, account)

    def shows_home(self, who: str, account: str) -> VisibleView:
        """Wait until the Home tab shows an account in the tracker."""
        words = f"My accounts in trackers TR-1 · Redmine, web-shop: {account}"
        person = self.team.person(who)

        def shown() -> VisibleView | None:
            home = person.home()
            return home if home is not None and words in " ".join(home.plain.split()) else None

        self.team.wait(shown)
        home = shown()
        assert home is not None
        return home

    def shows(self, who: str, words: str) -> None:
        """Wait until the page of trackers shows something."""
        self.team.wait(lambda: words in self.team.modal(who, "Trackers").plain)


@pytest.fixture
def there(tmp_path: Path) -> Generator[TrackerTeam]:
    tracker = AnsweringTracker()
    keys = (Secret(FIRST_KEY),)
    with run_bot(tmp_path / "threatmodel.db", token_keys=keys, open_tracker=tracker.open) as team:
        yield TrackerTeam(team, tracker)


def test_an_administrator_connects_a_tracker_and_the_token_is_nowhere(
    there: TrackerTeam, tmp_path: Path
) -> None:
    with captured_logs() as logs:
        there.connect()
        there.shows("ana", "Redmine, web-shop is being checked")
        there.shows("ana", "connected as TR-1")
        there.team.settle()
        assert TOKEN not in "\n".join(logs())

    (tracker,) = there.known.trackers
    assert (tracker.url, tracker.project) == ("https://redmine.example.org", "web-shop")
    assert there.known.default == TR_1
    opened = there.tracker.opened
    assert opened is not None
    assert opened[1].token == Secret(TOKEN)
    assert TOKEN.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("threatmodel.db*"))
    assert not there.team.unit.tracker_connections.checks()


def test_a_refused_tracker_says_why_and_leaves_nothing(there: TrackerTeam) -> None:
    there.tracker.answer = Project(name="web-shop", public=True, account=BOT)
    there.connect()
    there.team.wait(lambda: there.told("ana", "Redmine, web-shop: The project is public."))
    there.shows("ana", "Redmine, web-shop: The project is public.")
    there.tracker.answer = TrackerRefused("The token is not accepted.", unauthorized=True)
    there.connect()
    there.team.wait(lambda: there.told("ana", "The token is not accepted."))

    assert there.known.trackers == ()
    assert there.team.unit.tracker_connections.all() == []


def test_after_a_refusal_only_the_token_is_entered_again(there: TrackerTeam) -> None:
    there.tracker.answer = TrackerRefused("The token is not accepted.", unauthorized=True)
    ana = there.team.person("ana")
    ana.click(there.page(), "Redmine")
    there.team.modal("ana", "Connect Redmine")
    for label, text in {
        "Address": "https://redmine.example.org",
        "Project identifier": "web-shop",
        "API access key": TOKEN,
        "Labels": "security, threat model",
    }.items():
        ana.fill(label, text)
    there.team.submit("ana")
    there.shows("ana", "The token is not accepted.")
    there.team.settle()

    there.tracker.answer = Project(name="web-shop", public=False, account=BOT)
    ana.click(there.team.modal("ana", "Trackers"), "Redmine")
    form = there.team.modal("ana", "Connect Redmine")
    assert "The tracker was not connected." in form.plain
    assert TOKEN not in str(form)
    ana.fill("API access key", "next-token")
    there.team.submit("ana")
    there.shows("ana", "connected as TR-1")
    there.team.settle()
    (tracker,) = there.known.trackers
    assert (tracker.url, tracker.project) == ("https://redmine.example.org", "web-shop")
    assert tracker.labels == ("security", "threat model")

    assert there.team.unit.tracker_connections.checks() == []
    ana.click(there.page(), "Redmine")
    assert "was not connected" not in there.team.modal("ana", "Connect Redmine").plain
    ana.click(there.page(), "GitLab")
    assert "was not connected" not in there.team.modal("ana", "Connect GitLab").plain


def test_what_can_be_checked_at_once_is_refused_beside_its_field(there: TrackerTeam) -> None:
    person = there.team.person("ana")
    there.connect(token="two words")
    assert "A token has neither spaces" in errors_by_key(there.team.modal("ana", "Connect Redmine"))["token"]
    person.fill("API access key", TOKEN)
    for address, sentence in {
        "http://redmine.example.org": "The URL must begin with https://",
        "redmine.example.org": "The URL has no scheme",
        "https://me@redmine.example.org": "The URL must have neither a user name",
    }.items():
        person.fill("Address", address)
        there.team.submit("ana")
        assert sentence in errors_by_key(there.team.modal("ana", "Connect Redmine"))["url"]

    assert there.tracker.calls == []
    assert there.team.unit.tracker_connections.checks() == []


def test_others_see_the_trackers_and_choose_their_account(there: TrackerTeam) -> None:
    there.connected()
    ben = there.team.person("ben")
    page = there.page("ben")
    assert "TR-1 · Redmine · web-shop · default" in page.plain
    assert "Your account: not chosen" in page.plain
    assert not {"Disconnect", "Replace token", "Redmine"} & {button.label for button in page.buttons}

    ben.click(page, "My account")
    there.team.modal("ben", "Which account is mine?")
    ben.fill("Your login, email address or name there", "ben@example.org")
    there.team.submit("ben")

    there.team.wait(lambda: there.told("ben", "your account is Ben."))
    assert there.known.accounts.person_of(TR_1, "19") == ben.id
    there.shows("ben", "Your account: Ben")


def chooses_account(there: TrackerTeam, who: str, account: str) -> None:
    """State which account in the tracker is one's own, from the page of trackers."""
    person = there.team.person(who)
    person.click(there.page(who), "My account")
    there.team.modal(who, "Which account is mine?")
    person.fill("Your login, email address or name there", account)
    there.team.submit(who)


def accounts_page(there: TrackerTeam, who: str) -> VisibleView:
    """Open the page of the accounts in the tracker."""
    there.team.person(who).click(there.page(who), "Accounts")
    return there.team.modal(who, "Accounts")


def test_a_wrong_statement_is_seen_and_an_administrator_corrects_it(there: TrackerTeam) -> None:
    there.connected()
    ana, ben = there.team.person("ana"), there.team.person("ben")
    chooses_account(there, "chi", "ben@example.org")
    there.team.wait(
        lambda: there.told("chi", "No email address confirms it, so others see that you stated it.")
    )
    chooses_account(there, "ben", "ben@example.org")
    there.team.wait(lambda: there.told("ben", "Chi stated that “Ben” is their account. If it is yours, ask"))
    page = accounts_page(there, "ben")
    assert "Ben · Chi ⚠ Stated by Chi, not confirmed" in " ".join(page.plain.split())
    assert "If one is wrong, ask the person, or an administrator" in page.plain
    assert [button.label for button in page.buttons] == []

    assert "⚠ 1 account not confirmed: see Accounts" in there.page().plain
    ana.click(accounts_page(there, "ana"), "Confirm or correct")
    there.team.modal("ana", "Whose account is it?")
    ana.choose("Person", "ana")
    there.team.submit("ana")
    assert "Ask another administrator" in str(there.team.modal("ana", "Whose account is it?").errors)
    ana.choose("Person", "ben")
    there.team.submit("ana")
    there.team.wait(lambda: "✓ Confirmed by Ana" in there.team.modal("ana", "Accounts").plain)
    assert "✓ “Ben” is the account of Ben." in there.team.modal("ana", "Accounts").plain
    assert there.known.accounts.person_of(TR_1, "19") == ben.id
    assert "Your account: Ben (confirmed by an administrator)" in there.page("ben").plain
    assert "Your account: not chosen" in there.page("chi").plain

    ana.click(accounts_page(there, "ana"), "Change")
    there.team.modal("ana", "Whose account is it?")
    ana.choose("Person")
    there.team.submit("ana")
    released = "“Ben” is no longer the account of Ben."
    there.team.wait(lambda: released in there.team.modal("ana", "Accounts").plain)
    assert there.known.accounts.person_of(TR_1, "19") is None


def test_an_account_that_has_changed_meanwhile_is_not_corrected(there: TrackerTeam) -> None:
    there.connected()
    ana, ben = there.team.person("ana"), there.team.person("ben")
    chooses_account(there, "ben", "ben@example.org")
    there.team.wait(lambda: there.known.accounts.person_of(TR_1, "19") == ben.id)
    ana.click(accounts_page(there, "ana"), "Confirm or correct")
    there.team.modal("ana", "Whose account is it?")
    chooses_account(there, "ben", "anabel@example.org")
    there.team.wait(lambda: there.known.accounts.person_of(TR_1, "18") == ben.id)
    there.team.submit("ana")
    assert (
        "This account has changed meanwhile. Open the list again."
        in there.team.modal("ana", "Not possible").plain
    )
    assert [one.confirmed for one in there.known.accounts.known] == [False]


def test_the_home_tab_shows_the_own_account_and_leads_to_its_form(there: TrackerTeam) -> None:
    there.connected()
    ben = there.team.person("ben")
    ben.click(there.home("ben", "not chosen"), "My account")
    there.team.modal("ben", "Which account is mine?")
    ben.fill("Your login, email address or name there", "")
    there.team.submit("ben")
    there.team.wait(lambda: there.known.accounts.has_none(TR_1, PersonId(ben.id)))
    there.shows_home("ben", "none, as you said")
    ben.click(there.shows_home("ben", "none, as you said"), "My account")
    there.team.modal("ben", "Which account is mine?")
    ben.fill("Your login, email address or name there", "ben@example.org")
    there.team.submit("ben")
    there.shows_home("ben", "Ben (not confirmed)")


def test_an_administrator_replaces_the_token_and_disconnects(there: TrackerTeam) -> None:
    there.connected()
    ana = there.team.person("ana")
    ana.click(there.page(), "Replace token")
    there.team.modal("ana", "Replace token")
    ana.fill("API access key", "next-token")
    there.team.submit("ana")
    there.team.wait(lambda: there.told("ana", "TR-1 (Redmine, web-shop) has a new token"))
    opened = there.tracker.opened
    assert opened is not None
    assert opened[1].token == Secret("next-token")

    ana.click(there.page(), "No default")
    assert there.known.default is None
    there.shows("ana", "There is no default tracker.")
    ana.click(there.team.modal("ana", "Trackers"), "Make default")
    assert there.known.default == TR_1
    ana.click(there.page(), "Labels")
    there.team.modal("ana", "Labels")
    ana.fill("Labels", "security, threat model")
    there.team.submit("ana")
    assert there.known.trackers[0].labels == ("security", "threat model")

    ana.click(there.page(), "Disconnect")
    assert there.known.trackers == ()
    assert there.team.unit.tracker_connections.all() == []
    there.shows("ana", "No tracker is connected.")


def test_labels_that_another_administrator_changed_are_not_replaced(there: TrackerTeam) -> None:
    there.connected()
    ana = there.team.person("ana")
    ana.click(there.page(), "Labels")
    there.team.modal("ana", "Labels")
    ana.fill("Labels", "threat model")
    ben = PersonId(there.team.person("ben").id)
    other = ReviseTracker(by=ben, at=there.team.now(), tracker=TR_1, labels=("security",), shown=())
    assert there.team.bot.only is not None
    there.team.bot.only.services.tracker_requests.change(other, there.team.key())
    there.team.submit("ana")
    assert "The labels are now: security" in str(ana.modal)
    assert there.known.trackers[0].labels == ("security",)


def test_the_facilitator_chooses_for_a_model(there: TrackerTeam) -> None:
    there.connected()
    there.team.start("ben")
    there.team.submit("ben")
    ben = there.team.person("ben")
    there.team.wait(lambda: there.team.model().inherited.tracker == TR_1)
    page = there.page("ben")
    assert "Mitigations get issues in TR-1 (workspace default)." in page.plain

    ben.click(page, "Change")
    there.team.modal("ben", "Tracker of this model")
    ben.choose("Issues of mitigations", "No issues")
    there.team.submit("ben")
    assert there.team.model().tracker == ModelTracker(own=True)
    there.shows("ben", "Mitigations do not get issues.")
    assert "Change" not in {button.label for button in there.page("chi").buttons}

    ben.click(there.page("ben"), "Change")
    there.team.modal("ben", "Tracker of this model")
    ben.choose("Issues of mitigations", "TR-1 · Redmine, web-shop")
    ben.check("Content of issues", "Describe the threats in issues")
    there.team.submit("ben")
    assert there.team.model().tracker == ModelTracker(own=True, tracker=TR_1, shares_threats=True)


def test_without_keys_the_page_names_the_setting(team: SlackTeam) -> None:
    there = TrackerTeam(team, AnsweringTracker())
    page = there.page()
    assert "the setting THREATMODEL_TOKEN_KEYS is missing" in page.plain
    assert "openssl rand -base64 32" in page.plain
    assert "Redmine" not in {button.label for button in page.buttons}


def test_the_address_and_the_secret_of_a_webhook_are_for_administrators(tmp_path: Path) -> None:
    tracker = AnsweringTracker()
    with run_bot(
        tmp_path / "threatmodel.db",
        public_url="https://threats.example.org",
        token_keys=(Secret(FIRST_KEY),),
        open_tracker=tracker.open,
    ) as team:
        there = TrackerTeam(team, tracker)
        there.connected()
        held = team.unit.tracker_connections.find(TR_1)
        assert held is not None
        secret = decrypted(team, held).webhook_secret.reveal()
        team.person("ana").click(there.page(), "Webhook")
        shown = team.modal("ana", "Webhook").plain
        assert f"https://threats.example.org/trackers/{team.unit.tenant}/TR-1/{secret}" in shown
        assert "Access logs of proxies" in shown
        assert "Webhook" not in {button.label for button in there.page("ben").buttons}

        team.person("ana").click(team.modal("ana", "Webhook"), "New secret")
        renewed = team.unit.tracker_connections.find(TR_1)
        assert renewed is not None
        assert renewed == replace(held, secrets=renewed.secrets)
        before, now = decrypted(team, held), decrypted(team, renewed)
        assert now == replace(before, webhook_secret=now.webhook_secret)
        assert len(now.webhook_secret.reveal()) == 64
        team.wait(lambda: now.webhook_secret.reveal() in team.modal("ana", "Webhook").plain)
        assert secret not in team.modal("ana", "Webhook").plain
        assert "The secret is replaced" in team.modal("ana", "Webhook").plain


def decrypted(team: SlackTeam, held: TrackerConnection) -> ConnectionSecrets:
    return secrets_of(TokenCipher([Secret(FIRST_KEY)]), held, tenant=team.unit.tenant)
