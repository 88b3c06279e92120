"""What Slack says of people and channels, and what the directory makes of it."""

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.sandbox.api import Behavior
from bot.slack.directory.directory_lookup import DirectoryLookup, email_address
from bot.slack.directory.member_directory import Directory, Membership, shared_channel_refusal
from bot.slack.protocol.app_ids import READ_EMAIL
from bot.slack.protocol.payload_parsing import UnreadablePayload
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused, SlackApi
from bot.store import open_store
from bot.store.repositories.workspace_directory import JOINED, LEFT, MEMBERSHIP, DirectoryChange
from domain.kernel.elements import ChannelId, PersonId
from tests.fresh_database import copy_fresh_file
from tests.waiting import patient_sandbox

HOUSE, ANA, EVE = ChannelId("C0HOUSE01"), PersonId("U0ANA0001"), PersonId("U0EVE0005")


class Says:
    """A Slack that says what it was given to say."""

    def __init__(self, **channel: object) -> None:
        self.channel: Json = {"id": HOUSE, "name": "house", "is_member": True, **channel}
        self.people: dict[str, Json] = {ANA: {"id": ANA, "team_id": "T0HOUSE", "name": "ana"}}
        self.refuses = ""
        self.meanwhile: Callable[[], object] = lambda: None

    def call(self, method: str, **arguments: Any) -> Json:
        if self.refuses and method.startswith("conversations."):
            self.meanwhile()
            raise ApiRefused(self.refuses)
        match method:
            case "conversations.info":
                return {"channel": self.channel}
            case "conversations.members":
                return {"members": [*self.people]}
            case _:
                seen = self.people[arguments["user"]]
                self.meanwhile()
                return {"user": seen}


@pytest.fixture
def directory(tmp_path: Path) -> Generator[Directory]:
    copy_fresh_file(tmp_path / "threatmodel.db")
    store = open_store(f"sqlite:///{tmp_path / 'threatmodel.db'}")
    yield Directory(store.unit("T0HOUSE"))
    store.close()


def lookup(
    directory: Directory,
    slack: Says,
    *,
    enterprise: str = "",
) -> DirectoryLookup:
    return DirectoryLookup(
        directory,
        cast("SlackApi", slack),
        tenant="T0HOUSE",
        now=lambda: datetime.now(UTC),
        renamed=lambda: None,
        enterprise=enterprise,
    )


@pytest.mark.parametrize(
    ("told", "shared", "invited"),
    [
        ({}, False, False),
        ({"is_ext_shared": True, "is_shared": True}, True, False),
        ({"is_pending_ext_shared": True, "pending_shared": ["T0OTHERS"]}, True, True),
        ({"is_ext_shared": True, "is_pending_ext_shared": True}, True, False),
        ({"is_org_shared": True, "is_shared": True, "shared_team_ids": ["T0SISTER"]}, False, False),
    ],
)
def test_others_are_other_organisations_also_invited_ones(
    directory: Directory, told: dict[str, object], shared: bool, invited: bool
) -> None:
    lookup(directory, Says(**told)).read_channel(HOUSE)
    known = directory.channel(HOUSE)
    assert known is not None
    assert (known.shared, known.invited) == (shared, invited)
    if shared:
        assert ("invited to this channel" in str(shared_channel_refusal(directory, HOUSE))) is invited


@pytest.mark.parametrize(
    ("told", "guest", "admin"),
    [
        ({}, False, False),
        ({"is_restricted": True}, True, False),
        ({"is_ultra_restricted": True}, True, False),
        ({"is_admin": True}, False, True),
        ({"is_owner": True}, False, True),
        ({"is_primary_owner": True}, False, True),
    ],
)
def test_guests_and_administrators_are_known(
    directory: Directory, told: dict[str, object], guest: bool, admin: bool
) -> None:
    lookup(directory, Says()).learn_person({"id": ANA, "team_id": "T0HOUSE", **told})
    known = directory.person(ANA)
    assert known is not None
    assert (known.guest, known.admin) == (guest, admin)


@pytest.mark.parametrize(
    ("told", "enterprise", "foreigner"),
    [
        ({"team_id": "T0HOUSE"}, "", False),
        ({"team_id": "T0OTHERS"}, "", True),
        ({"team_id": "T0OTHERS", "enterprise_user": {"enterprise_id": "E0OTHERS"}}, "E0HOUSE", True),
        ({"team_id": "T0SISTER", "enterprise_user": {"enterprise_id": "E0HOUSE"}}, "E0HOUSE", False),
        ({"team_id": "T0HOUSE", "is_stranger": True}, "E0HOUSE", True),
    ],
)
def test_a_sister_workspace_is_the_same_organisation(
    directory: Directory, told: dict[str, object], enterprise: str, foreigner: bool
) -> None:
    slack = Says()
    slack.people[ANA] = {"id": ANA, "name": "ana", **told}
    reading = lookup(directory, slack, enterprise=enterprise)
    assert (reading.check(HOUSE, ANA) is Membership.FOREIGNER) is foreigner
    assert (directory.status(HOUSE, ANA, str(told["team_id"])) is Membership.FOREIGNER) is foreigner
    assert directory.status(HOUSE, ANA, "T0ELSEWHERE") is Membership.FOREIGNER


def test_a_private_channel_that_the_bot_left_is_seen_by_no_one(directory: Directory) -> None:
    """Who was a member then may have been thrown out since."""
    slack = Says(is_private=True)
    reading = lookup(directory, slack)
    assert reading.check(HOUSE, ANA) is Membership.MEMBER
    slack.refuses = "channel_not_found"
    reading.read_channel(HOUSE)
    assert directory.status(HOUSE, ANA) is Membership.UNSEEN
    known = directory.channel(HOUSE)
    assert known is not None
    assert known.name == "house", "what was known stays"


def test_a_look_that_began_before_the_bot_was_invited_does_not_put_it_out_again(directory: Directory) -> None:
    slack = Says(is_private=True)
    looking = lookup(directory, slack)
    looking.read_channel(HOUSE)
    looking.learn_channel(HOUSE, bot_inside=False)
    slack.refuses = "channel_not_found"
    slack.meanwhile = lambda: looking.learn_channel(HOUSE, bot_inside=True)
    looking.read_channel(HOUSE)
    known = directory.channel(HOUSE)
    assert known is not None
    assert known.bot_inside


def test_an_event_during_a_look_up_is_newer_than_its_result(directory: Directory) -> None:
    slack = Says()
    looking = lookup(directory, slack)
    slack.meanwhile = lambda: looking.learn_person({**slack.people[ANA], "deleted": True})
    looking.read_people([ANA])
    assert directory.account(ANA) is Membership.DEACTIVATED
    slack.meanwhile = lambda: None
    looking.read_people([ANA])
    assert directory.account(ANA) is Membership.MEMBER


def test_a_channel_that_is_shared_during_a_look_up_stays_shared(directory: Directory) -> None:
    """Otherwise its models would show until the next look."""

    class SharedMeanwhile(Says):
        looks = 0

        def call(self, method: str, **arguments: Any) -> Json:
            seen = super().call(method, **arguments)
            if method == "conversations.info":
                self.looks += 1
                if self.looks == 2:
                    self.channel = {**self.channel, "is_ext_shared": True}
                    look.learn_channel(HOUSE, shared=True)
                elif self.looks > 2:
                    known = directory.channel(HOUSE)
                    assert known is not None
                    shared.append(known.shared)
            return seen

    shared: list[bool] = []
    look = lookup(directory, slack := SharedMeanwhile())
    look.read_channel(HOUSE)
    look.read_channel(HOUSE)
    known = directory.channel(HOUSE)
    assert known is not None
    assert (slack.looks, shared, known.shared) == (3, [True], True)


def test_who_could_not_be_looked_up_before_the_bot_was_invited_may_be_afterwards(
    directory: Directory,
) -> None:
    slack = Says(is_private=True)
    looking = lookup(directory, slack)
    looking.read_channel(HOUSE)
    slack.refuses = "channel_not_found"
    assert looking.check(HOUSE, ANA) is Membership.UNSEEN
    assert looking.recently_refused(HOUSE, ANA) is Membership.UNSEEN
    looking.learn_channel(HOUSE, bot_inside=True)
    assert looking.recently_refused(HOUSE, ANA) is None


def test_a_refusal_stands_for_a_while_and_falls_when_they_join(directory: Directory) -> None:
    slack = Says()
    reading = lookup(directory, slack)
    slack.people = {ANA: slack.people[ANA]}
    slack.people[EVE] = {"id": EVE, "team_id": "T0HOUSE", "name": "eve", "deleted": True}
    assert reading.check(HOUSE, EVE) is Membership.DEACTIVATED
    assert reading.recently_refused(HOUSE, EVE) is Membership.DEACTIVATED
    assert reading.recently_refused(HOUSE, ANA) is None
    assert reading.joined(
        DirectoryChange(kind=MEMBERSHIP, channel=HOUSE, person=EVE, moment="", state=JOINED)
    )
    assert reading.recently_refused(HOUSE, EVE) is None


@pytest.mark.parametrize("told", [{}, {"id": 7}, {"id": "U1", "profile": 7}])
def test_a_person_that_is_none_is_not_learnt(directory: Directory, told: dict[str, object]) -> None:
    with pytest.raises(UnreadablePayload):
        lookup(directory, Says()).learn_person(told)


def test_administrators_of_a_channel_are_its_members_who_run_the_workspace(directory: Directory) -> None:
    slack = Says()
    slack.people[EVE] = {"id": EVE, "team_id": "T0HOUSE", "name": "eve", "is_owner": True}
    reading = lookup(directory, slack)
    reading.read_channel(HOUSE)
    assert directory.records.administrators(HOUSE) == (EVE,)
    reading.left(DirectoryChange(kind=MEMBERSHIP, channel=HOUSE, person=EVE, moment="", state=LEFT))
    assert directory.records.administrators(HOUSE) == ()


def test_several_large_channels_share_one_look_at_the_whole_workspace(tmp_path: Path) -> None:
    """Slack lets a bot list people twenty times a minute."""
    with patient_sandbox(rate_limits=True) as sandbox:
        people = [sandbox.add_person(f"p{number}").id for number in range(80)]
        api = SlackApi(token=sandbox.bot_token, base_url=sandbox.url, patient=False)
        places = [ChannelId(channel.id) for channel in sandbox.workspace.channels[:2]]
        for number, person in enumerate(people):
            sandbox.workspace.join(places[number % 2], person)  # nobody is in both
        store = open_store(f"sqlite:///{tmp_path / 'threatmodel.db'}")
        moment = [datetime.now(UTC)]
        known = Directory(store.unit("T0SANDBOX"))
        reading = DirectoryLookup(known, api, tenant="T0SANDBOX", now=lambda: moment[0], renamed=lambda: None)
        for where in places:
            reading.read_channel(where)
        assert len(sandbox.calls_of("users.list")) == 1
        assert known.person(PersonId(people[-1])) is not None
        # Those of the second channel who were not in the first are in the same look.
        late = sandbox.add_person("late").id
        sandbox.workspace.join(places[1], late)
        reading.read_channel(places[1])
        assert len(sandbox.calls_of("users.list")) == 1
        assert known.status(places[1], PersonId(late)) is Membership.MEMBER
        # The next round reads anew.
        moment[0] += timedelta(minutes=10)
        for where in places:
            reading.read_channel(where)
        assert len(sandbox.calls_of("users.list")) == 2
        store.close()


def test_what_slack_told_after_the_shared_look_is_not_overwritten_by_it(tmp_path: Path) -> None:
    with patient_sandbox() as sandbox:
        people = [sandbox.add_person(f"p{number}").id for number in range(60)]
        first, second = (ChannelId(channel.id) for channel in sandbox.workspace.channels[:2])
        for person in people[:-1]:
            sandbox.workspace.join(first, person)
        for person in people:
            sandbox.workspace.join(second, person)
        api = SlackApi(token=sandbox.bot_token, base_url=sandbox.url, patient=False)
        store = open_store(f"sqlite:///{tmp_path / 'threatmodel.db'}")
        moment = [datetime.now(UTC)]
        known = Directory(store.unit("T0SANDBOX"))
        reading = DirectoryLookup(known, api, tenant="T0SANDBOX", now=lambda: moment[0], renamed=lambda: None)
        reading.read_channel(first)
        reading.learn_person({"id": people[-1], "team_id": "T0SANDBOX", "name": "p59", "deleted": True})
        reading.read_people([PersonId(one) for one in people])
        assert known.account(PersonId(people[-1])) is Membership.DEACTIVATED
        store.close()


def test_that_members_may_have_left_is_told_of_the_channels_concerned(directory: Directory) -> None:
    changed: list[ChannelId] = []
    says = Says()
    reading = lookup(directory, says)
    reading.on_members_changed(changed.append)
    reading.read_channel(HOUSE)
    assert changed == [HOUSE], "whoever is missing has left"
    account = {"id": ANA, "team_id": "T0HOUSE", "name": "ana"}
    reading.learn_person({**account, "name": "anna", "updated": 2})
    assert changed == [HOUSE], "another name is no reason"
    reading.learn_person({**account, "deleted": True, "updated": 3})
    assert changed == [HOUSE] * 2
    moment = f"{datetime.now(UTC).timestamp() + 60:.6f}"
    told = DirectoryChange(kind=MEMBERSHIP, moment=moment, state=LEFT, channel=HOUSE, person=EVE)
    assert reading.left(told)
    assert not reading.left(told), "told twice"
    assert changed == [HOUSE] * 3


BEN = PersonId("U0BEN0002")


def answering(answer: dict[str, Any] | ApiRefused) -> SlackApi:
    """Return a client of a Slack that gives one answer."""

    def call(_method: str, **_arguments: str) -> dict[str, Any]:
        if isinstance(answer, ApiRefused):
            raise answer
        return answer

    return cast("SlackApi", SimpleNamespace(call=call))


def test_only_a_confirmed_address_of_an_active_account_counts() -> None:
    profile = {"email": "ben@example.org"}
    cases: list[tuple[dict[str, Any] | ApiRefused, str]] = [
        ({"user": {"profile": profile}}, "ben@example.org"),
        ({"user": {"profile": profile, "is_email_confirmed": True}}, "ben@example.org"),
        ({"user": {"profile": profile, "is_email_confirmed": False}}, ""),
        ({"user": {"profile": profile, "deleted": True}}, ""),
        ({"user": {"profile": {"email": None}}}, ""),
        ({"user": {}}, ""),
        ({}, ""),
        (ApiRefused("user_not_visible"), ""),
    ]
    told = [email_address(answering(answer), BEN) for answer, _ in cases]
    assert told == [expected for _, expected in cases]
    with pytest.raises(ApiRefused):
        email_address(answering(ApiRefused("ratelimited")), BEN)


def test_an_optional_scope_is_declined_unless_the_workspace_grants_it() -> None:
    manifest = {"oauth_config": {"scopes": {"bot": ["users:read", READ_EMAIL], "bot_optional": [READ_EMAIL]}}}
    found: list[str] = []
    for behavior in (None, Behavior(extra_scopes=frozenset({READ_EMAIL}))):
        with patient_sandbox(manifest=manifest, behavior=behavior) as sandbox:
            api = SlackApi(token=sandbox.bot_token, base_url=sandbox.url)
            found.append(email_address(api, PersonId(sandbox.person("ben").id)))
    assert found == ["", "ben@example.org"]
