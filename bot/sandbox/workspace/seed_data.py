"""Accounts and conversations of a new workspace."""

from msgspec import Struct
from msgspec.structs import replace

from bot.sandbox.workspace import zone_offsets
from bot.sandbox.workspace.installed_app import BOT_USER_ID

TEAM_ID = "T0SANDBOX"
PARTNER_TEAM_ID = "T0PARTNER"
"""The workspace with which channels are shared."""
SISTER_TEAM_ID = "T0SISTER1"
"""Another workspace of the same organization, if there is one."""
ENTERPRISE_NAME = "The Estate"
ENTERPRISE_DOMAIN = "the-estate"
SLACKBOT_ID = "USLACKBOT"


class Team(Struct, frozen=True, kw_only=True):
    """The names of one workspace."""

    id: str
    name: str
    domain: str


FIRST_TEAM = Team(id=TEAM_ID, name="The House", domain="the-house")
SECOND_TEAM = Team(id=SISTER_TEAM_ID, name="The Annexe", domain="the-annexe")


class SlackAccount(Struct, frozen=True, kw_only=True):
    """One account of the workspace, human or not."""

    id: str
    handle: str
    name: str
    colour: str
    tz: str = "Europe/London"
    is_admin: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    """A guest of some channels."""
    is_ultra_restricted: bool = False
    """A guest of one channel; `is_restricted` is set, too."""
    team: str = TEAM_ID
    """The ID of another workspace, for a person who is here only through a shared channel."""
    deleted: bool = False
    updated: int = 1_790_000_000
    """The last change of the account, in seconds since 1970."""

    def offset_at(self, at: float) -> int:
        """Return the UTC offset in seconds at a moment, in seconds since 1970."""
        return zone_offsets.offset(self.tz, at)


class SlackChannel(Struct, frozen=True, kw_only=True):
    """One conversation: a channel, or direct messages of two or more people."""

    id: str
    name: str
    members: frozenset[str]
    created: int = 1_790_000_000
    topic: str = ""
    purpose: str = ""
    is_general: bool = False
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    is_im: bool = False
    is_mpim: bool = False
    """Direct messages of several people; such a conversation is private, too."""
    is_read_only: bool = False
    """Only managers may post here."""
    is_thread_only: bool = False
    """Only managers may start a thread here."""
    is_non_threadable: bool = False
    """No one may reply in a thread here."""


ANA = SlackAccount(
    id="U0ANA0001", handle="ana", name="Ana", colour="#2b7a78", tz="Europe/Lisbon", is_admin=True
)
BEN = SlackAccount(id="U0BEN0002", handle="ben", name="Ben", colour="#b5562f", tz="America/New_York")
CHI = SlackAccount(id="U0CHI0003", handle="chi", name="Chi", colour="#6a4c93", tz="Asia/Tokyo")
DEE = SlackAccount(id="U0DEE0004", handle="dee", name="Dee", colour="#1d6fa5", tz="Asia/Kolkata")
EVE = SlackAccount(id="U0EVE0005", handle="eve", name="Eve", colour="#a83254", tz="Europe/Berlin")
SLACKBOT = SlackAccount(id=SLACKBOT_ID, handle="slackbot", name="Slackbot", colour="#611f69", is_bot=True)

PEOPLE = (ANA, BEN, CHI, DEE, EVE)

HOUSE = SlackChannel(
    id="C0HOUSE01",
    name="house",
    members=frozenset({ANA.id, BEN.id, CHI.id, DEE.id, BOT_USER_ID}),
    topic="Keeping our house safe",
    purpose="Everything about the house",
)
GENERAL = SlackChannel(
    id="C0GENERAL",
    name="general",
    members=frozenset({*(person.id for person in PEOPLE), BOT_USER_ID}),
    topic="Announcements for everyone",
    purpose="This is the one channel that always includes everyone",
    is_general=True,
)
KEYS = SlackChannel(
    id="C0KEYS001",
    name="house-keys",
    members=frozenset({ANA.id, BEN.id}),
    topic="Who has a key, and to which door",
    purpose="For the two who keep the keys",
    is_private=True,
)
CHANNELS = (HOUSE, GENERAL, KEYS)


def new_channels(team: Team, *, installed: bool, is_in_organization: bool) -> tuple[SlackChannel, ...]:
    """Return the channels of a new workspace.

    In an organization, the IDs of channels differ between workspaces, as in Slack. Otherwise the sandbox
    repeats them on purpose: a bot that identifies a channel without its workspace mixes the two up.
    """
    members = [one if installed else replace(one, members=one.members - {BOT_USER_ID}) for one in CHANNELS]
    if team == FIRST_TEAM or not is_in_organization:
        return tuple(members)
    return tuple(replace(member, id=f"C1{member.id[2:]}") for member in members)
