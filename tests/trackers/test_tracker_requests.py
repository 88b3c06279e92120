"""Requests to trackers: stored with encrypted tokens, checked later, and told once they are settled."""

import threading
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from bot.commands.command_handler import SettingsHandler
from bot.settings import Secret
from bot.store import CommandKey
from bot.store.repositories.tracker_connections import TrackerCheck, TrackerConnection
from bot.token_cipher import TokenCipher, key_id
from bot.trackers.connection_secrets import encrypt_connections_again
from bot.trackers.tracker import Account, Project, TrackerBusy, TrackerRefused, TrackerUnreachable
from bot.trackers.tracker_requests import BUSY_TRIES, NoTokenKeys, TrackerRequests
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import TrackerId, TrackerKind
from domain.rejections import Rejected
from domain.tracker_accounts import TrackerAccount
from domain.workspace_trackers import DisconnectTracker
from tests.fresh_database import content, fresh_store
from tests.slack.installing import FIRST_KEY, SECOND_KEY
from tests.store.saying import NOON
from tests.trackers.answering_tracker import BOT, AnsweringTracker

ANA, BEN = PersonId("U1"), PersonId("U2")
TOKEN = "ghp_made-up-token"
TR_1 = TrackerId("TR-1")
FIRST = TokenCipher([Secret(FIRST_KEY)])
CHECK = TrackerCheck(
    id="view:1",
    person=ANA,
    at=NOON,
    kind=TrackerKind.GITHUB,
    url="https://github.com",
    project="acme/shop",
    labels=("security",),
)


class Connecting:
    """The requests of a workspace, with what they caused."""

    def __init__(self) -> None:
        self.store = fresh_store()
        self.unit = self.store.unit("T1")
        self.settings = SettingsHandler(self.unit.events)
        self.tracker = AnsweringTracker()
        self.due: list[str] = []
        self.changes = 0
        self.models_compared: list[TrackerId] = []
        self.addresses: dict[PersonId, str] = {}
        self.connected: list[TrackerId] = []
        self.requests = self.with_cipher(FIRST)

    def with_cipher(
        self, cipher: TokenCipher | None, fence: Callable[[], None] = lambda: None
    ) -> TrackerRequests:
        """Return the requests with other keys."""
        return TrackerRequests(
            self.unit,
            self.settings,
            cipher=cipher,
            hosts=frozenset(),
            open_tracker=self.tracker.open,
            now=lambda: NOON,
            touch=self.due.append,
            changed=self._changed,
            connected=self.connected.append,
            account_changed=self.models_compared.append,
            address_of=self._address_of,
            naming=lambda person: f"Ben of {person}",
            fence=fence,
        )

    @property
    def known(self) -> tuple[TrackerAccount, ...]:
        """The accounts of people."""
        return self.requests.trackers.accounts.known

    def _address_of(self, person: PersonId) -> str:
        return self.addresses.get(person, "")

    def _changed(self) -> None:
        self.changes += 1

    def connect(self, check: TrackerCheck = CHECK, token: str = TOKEN) -> str:
        """Request a connection, have it checked, and return the outcome."""
        self.requests.connect(check, Secret(token), "")
        return self.outcome(check.id)

    def outcome(self, id: str) -> str:
        """Have a request checked, and return its outcome."""
        done = self.requests.check(id)
        assert done is not None
        return done.outcome

    def account(self, text: str, person: PersonId = ANA) -> str:
        """Request the choice of an account, have it checked, and return the outcome."""
        id = f"{person}:{text}"
        self.requests.choose_account(replace(CHECK, id=id, person=person, tracker=TR_1, labels=()), text)
        return self.outcome(id)

    @property
    def held(self) -> TrackerConnection:
        """The only connection."""
        (held,) = self.unit.tracker_connections.all()
        return held


@pytest.fixture
def connecting() -> Connecting:
    return Connecting()


def test_a_token_is_stored_encrypted_and_no_tracker_is_called_before_the_check(
    connecting: Connecting,
) -> None:
    connecting.requests.connect(CHECK, Secret(TOKEN), "ana@example.org")
    connecting.requests.connect(CHECK, Secret(TOKEN), "ana@example.org")

    assert (connecting.due, connecting.tracker.calls, connecting.tracker.opened) == ([CHECK.id], [], None)
    assert TOKEN.encode() not in content(connecting.store)
    (kept,) = connecting.unit.tracker_connections.checks()
    assert (kept.key_id, kept.outcome) == (FIRST.newest, "")


def test_a_checked_token_connects_the_tracker_as_the_default_of_all_models(connecting: Connecting) -> None:
    assert connecting.connect() == (
        "✓ GitHub Issues, acme/shop is connected as TR-1, as the account threat-bot. Mitigations of all "
        "models get an issue there, unless a model has its own choice."
    )

    (tracker,) = connecting.requests.trackers.trackers
    assert (tracker.id, tracker.url, tracker.project) == (TR_1, "https://github.com", "acme/shop")
    assert (connecting.requests.trackers.default, connecting.changes, connecting.connected) == (
        TR_1,
        1,
        [TR_1],
    )
    assert connecting.requests.secrets_of(connecting.held).token == Secret(TOKEN)
    opened = connecting.tracker.opened
    assert opened is not None
    assert (opened[1].token, opened[0].project) == (Secret(TOKEN), "acme/shop")
    (kept,) = connecting.unit.tracker_connections.checks()
    assert (kept.secrets, kept.key_id) == (b"", ""), "only the outcome is left until it was told"
    assert connecting.outcome(CHECK.id) == kept.outcome, "a second process tells the same"
    assert connecting.tracker.calls == ["project"]


def test_a_project_that_may_not_be_used_is_refused_with_the_reason(connecting: Connecting) -> None:
    project = Project(name="shop", noun="repository", public=False, account=BOT)
    wrong = {
        "The repository is public. People outside of your organization can read its issues": replace(
            project, public=True
        ),
        "is accepted, but cannot be used. It may not create issues.": replace(
            project, problems=("It may not create issues.",)
        ),
        "The token is not accepted. Copy it again": TrackerRefused("HTTP 401", unauthorized=True),
        "The project must be a path": TrackerRefused("The project must be a path."),
        "The host github.com was not found.": TrackerUnreachable("The host github.com was not found."),
    }
    for number, (sentence, answer) in enumerate(wrong.items()):
        connecting.tracker.answer = answer
        outcome = connecting.connect(replace(CHECK, id=str(number)))
        assert outcome.startswith("⚠ GitHub Issues, acme/shop: ")
        assert sentence in outcome

    assert connecting.unit.tracker_connections.all() == []
    assert connecting.requests.trackers.trackers == ()
    assert all(not check.secrets for check in connecting.unit.tracker_connections.checks())


def test_the_words_of_a_tracker_are_stored_on_one_line_and_not_without_limit(connecting: Connecting) -> None:
    named = Account(id="bot", name=f"threat\x00-\u202ebot\n{'x' * 9_000}")
    connecting.tracker.answer = Project(name="shop", public=False, account=named)
    outcome = connecting.connect()
    assert "as the account threat-bot xxx" in outcome
    assert (len(outcome), outcome[-1]) == (1_000, "…")


def test_a_busy_tracker_is_asked_again_and_then_given_up(connecting: Connecting) -> None:
    connecting.tracker.answer = TrackerBusy("Wait.", wait=7.0)
    connecting.requests.connect(CHECK, Secret(TOKEN), "")

    with pytest.raises(TrackerBusy):
        connecting.requests.check(CHECK.id, tries=BUSY_TRIES - 1)
    done = connecting.requests.check(CHECK.id, tries=BUSY_TRIES)

    assert done is not None
    assert done.outcome == "⚠ GitHub Issues, acme/shop: The tracker is too busy. Try again later."


def test_a_new_token_keeps_the_marks_and_starts_a_stopped_tracker_again(connecting: Connecting) -> None:
    connecting.connect()
    before = connecting.held
    marks = connecting.requests.secrets_of(before).mark_key
    connecting.unit.tracker_connections.record_failure(before, "refused", at=NOON, stopped=True)

    outcome = connecting.connect(replace(CHECK, id="again", tracker=TR_1), "next")

    assert outcome == (
        "✓ TR-1 (GitHub Issues, acme/shop) has a new token and is called as the account threat-bot."
    )
    secrets = connecting.requests.secrets_of(connecting.held)
    assert (secrets.token, secrets.mark_key) == (Secret("next"), marks)
    assert not connecting.held.stopped


def test_disconnecting_deletes_the_secrets_and_a_late_token_is_refused(connecting: Connecting) -> None:
    connecting.connect()
    connecting.requests.connect(replace(CHECK, id="late", tracker=TR_1), Secret("next"), "")

    connecting.requests.change(DisconnectTracker(by=ANA, at=NOON, tracker=TR_1), CommandKey("k"))

    assert connecting.unit.tracker_connections.all() == []
    assert connecting.requests.trackers.default is None
    assert connecting.outcome("late").endswith("The tracker was disconnected in the meantime.")
    with pytest.raises(Rejected, match="TR-1 is not connected"):
        connecting.requests.connect(replace(CHECK, id="later", tracker=TR_1), Secret("next"), "")
    assert "/wiki is connected as TR-2" in connecting.connect(replace(CHECK, id="wiki", project="acme/wiki"))
    again = connecting.connect(replace(CHECK, id="new"))
    assert again.startswith("✓ GitHub Issues, acme/shop is connected as TR-1")
    assert "It was connected before" in again


def test_without_keys_nothing_is_stored_and_the_setting_is_named(connecting: Connecting) -> None:
    requests = connecting.with_cipher(None)

    with pytest.raises(NoTokenKeys, match="the setting THREATMODEL_TOKEN_KEYS is missing"):
        requests.connect(CHECK, Secret(TOKEN), "")

    assert not requests.enabled
    assert connecting.unit.tracker_connections.checks() == []


def test_a_new_key_encrypts_all_secrets_again(connecting: Connecting) -> None:
    connecting.connect()
    both = TokenCipher([Secret(SECOND_KEY), Secret(FIRST_KEY)])

    encrypt_connections_again(connecting.unit, both, now=NOON)

    assert connecting.held.key_id == key_id(Secret(SECOND_KEY))
    only = connecting.with_cipher(TokenCipher([Secret(SECOND_KEY)]))
    assert only.secrets_of(connecting.held).token == Secret(TOKEN)


def test_a_process_that_was_overtaken_changes_nothing(connecting: Connecting) -> None:
    def overtaken() -> None:
        raise RuntimeError("overtaken")

    connecting.requests.connect(CHECK, Secret(TOKEN), "")
    with pytest.raises(RuntimeError):
        connecting.with_cipher(FIRST, overtaken).check(CHECK.id)

    assert connecting.unit.tracker_connections.all() == []
    assert connecting.outcome(CHECK.id).startswith("✓ ")


def test_an_account_is_chosen_by_address_or_name_if_only_one_is_meant(connecting: Connecting) -> None:
    connecting.connect()
    said = {
        "ANA@example.org": "✓ GitHub Issues, acme/shop: your account is Ana Alves.",
        "ben": "✓ GitHub Issues, acme/shop: your account is Ben.",
        "ana": "⚠ GitHub Issues, acme/shop: Several accounts match “ana”: Ana Alves and Anabel.",
        "zoe": "⚠ GitHub Issues, acme/shop: No account matches “zoe”.",
    }
    for text, outcome in said.items():
        assert connecting.account(text).startswith(outcome)

    assert connecting.requests.trackers.accounts.person_of(TR_1, "19") == ANA
    assert connecting.requests.trackers.accounts.person_of(TR_1, "17") is None, (
        "a person has one account in a tracker"
    )


def test_an_account_is_confirmed_by_the_address_that_it_shows(connecting: Connecting) -> None:
    connecting.connect()
    unconfirmed = "your account is Ben. No email address confirms it, so others see that you stated it."
    assert connecting.account("Ben", ANA).endswith(unconfirmed), "no address may be read"
    connecting.addresses = {ANA: "ana@example.org"}
    assert connecting.account("ben", ANA).endswith(unconfirmed), "the address is another one"
    assert [one.confirmed for one in connecting.known] == [False]

    connecting.addresses = {BEN: " Ben@example.org"}
    assert connecting.account("Ben", BEN).endswith("your account is Ben."), "an address takes precedence"
    assert [(one.person, one.confirmed) for one in connecting.known] == [(BEN, True)]
    assert connecting.models_compared == [TR_1, TR_1, TR_1]


def test_the_account_of_someone_else_is_not_taken_over(connecting: Connecting) -> None:
    connecting.connect()
    connecting.account("ben@example.org", BEN)

    refused = connecting.account("ben@example.org", ANA)
    assert refused.startswith("⚠ GitHub Issues, acme/shop: @Ben of U2 stated that “Ben” is their account.")
    assert "ask @Ben of U2 or an administrator" in refused
    assert [(one.person, one.account) for one in connecting.known] == [(BEN, "19")]
    assert connecting.models_compared == [TR_1], "nothing has changed"


def test_of_two_people_who_state_one_account_at_once_exactly_one_has_it() -> None:
    for attempt in range(5):
        connecting = Connecting()
        connecting.connect()
        people = [PersonId(f"U{number}") for number in range(1, 5)]
        told: dict[PersonId, str] = {}
        together = threading.Barrier(len(people))

        def state(
            person: PersonId,
            desk: Connecting = connecting,
            told: dict[PersonId, str] = told,
            together: threading.Barrier = together,
        ) -> None:
            together.wait()
            told[person] = desk.account("ben@example.org", person)

        threads = [threading.Thread(target=state, args=(one,)) for one in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        (held,) = connecting.known
        won = [person for person, outcome in told.items() if "✓" in outcome]
        assert won == [held.person], (attempt, told)
        lost = [outcome for person, outcome in told.items() if person != held.person]
        assert all(f"Ben of {held.person} stated that “Ben” is their account" in one for one in lost), told


def test_a_secret_that_the_tracker_made_for_webhooks_replaces_ours(connecting: Connecting) -> None:
    connecting.connect()
    ours = connecting.requests.webhook_secret(TR_1)
    again = replace(CHECK, id="again", tracker=TR_1)
    connecting.requests.connect(again, Secret("next"), webhook_secret="lin_wh_made-up")
    connecting.outcome("again")

    assert connecting.requests.webhook_secret(TR_1) == Secret("lin_wh_made-up") != ours
    connecting.connect(replace(CHECK, id="third", tracker=TR_1), "third")
    assert connecting.requests.webhook_secret(TR_1) == Secret("lin_wh_made-up")
