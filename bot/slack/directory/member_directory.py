"""Directory of people and channels, read without a call to Slack: who may act in a channel or workspace."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Final

import msgspec

from bot.store import UnitOfWork
from bot.store.repositories.workspace_directory import Channel, DirectoryRecords, Person
from domain.commands import (
    AllowSharing,
    AskPerson,
    ChooseParticipants,
    ChooseResponse,
    CloseThreatModel,
    Command,
    ForbidSharing,
    HandOver,
    OpenRound,
    PlanMitigation,
    ProposeAcceptance,
    ReassignAll,
    ReassignApproval,
    ReassignMitigation,
    StartThreatModel,
    TakeOver,
)
from domain.kernel.elements import SYSTEM, ChannelId, PersonId
from domain.rejections import Rejected
from domain.workspace_settings import ChooseWorkspaceSettings, PortfolioAudience, WorkspaceSettings


class Membership(Enum):
    """Status of a person in a channel; each refusal has a sentence."""

    MEMBER = ""
    UNKNOWN = "?"
    UNSEEN = "??"
    """Private channel without the bot: its members are unknown."""
    STRANGER = "Only members of this model's channel can see it or answer. Join the channel, then try again."
    BOT = "Bots cannot answer in a threat model."
    DEACTIVATED = "This account is deactivated and can no longer answer."
    FOREIGNER = "People from other organizations cannot see this threat model or answer in it."


class Directory(msgspec.Struct, frozen=True, eq=False):
    """Stored members and people of one workspace; threads may share it.

    `enterprise` is the organization of several workspaces that this one belongs to, if it does. Every method
    raises StoreUnavailable when the database cannot be used.
    """

    unit: UnitOfWork
    enterprise: str = ""

    @property
    def records(self) -> DirectoryRecords:
        """The stored records, to be read and written."""
        return self.unit.directory

    def status(self, channel: ChannelId, person: PersonId, *teams: str) -> Membership:
        """Return a person's status in a channel; `teams` are the workspaces that the request names."""
        known = self.records.membership(channel, person)
        account = self._account(known.person, teams)
        if account is not Membership.MEMBER:
            return account
        where = known.channel
        if where is not None and where.private and not where.bot_inside:
            return Membership.UNSEEN
        if where is not None and known.is_member:
            return Membership.MEMBER
        # They may have joined a moment ago: only a look-up turns this into a refusal.
        return Membership.UNKNOWN

    def account(self, person: PersonId, *teams: str) -> Membership:
        """Return whether a person may act at all: MEMBER, except for their channel."""
        return self._account(self.person(person), teams)

    def person(self, person: PersonId) -> Person | None:
        """Return the stored account of a person."""
        return self.records.person(person)

    def channel(self, channel: ChannelId) -> Channel | None:
        """Return the stored channel."""
        return self.records.channel(channel)

    def name_of(self, person: PersonId) -> str:
        """Return a person's name; “someone” for a person who has not been looked up yet."""
        if person == SYSTEM:
            return "The bot"
        known = self.person(person)
        return known.name if known else "someone"

    def channels(self, person: PersonId) -> frozenset[ChannelId]:
        """Return the channels in which a person may act."""
        channels = self.records.channels(person)
        return frozenset(channel for channel in channels if self.status(channel, person) is Membership.MEMBER)

    def change_channel_id(self, old: ChannelId, new: ChannelId) -> None:
        """Move a channel's record, members and pending requests to its new ID."""
        with self.unit.transaction():
            self.records.change_channel_id(old, new)
            self.unit.pending.change_channel_id(old, new)

    def has_no_account(self, person: PersonId) -> bool:
        """Return whether it is known that a person has no account that may act."""
        return self.account(person) in (Membership.BOT, Membership.DEACTIVATED, Membership.FOREIGNER)

    def _account(self, known: Person | None, teams: Iterable[str]) -> Membership:
        homes = {"", self.unit.tenant, self.enterprise}
        if known is not None and not known.foreigner:
            homes |= {known.home, *known.teams}
        if not homes.issuperset(teams):
            # In an organization people may belong to other workspaces: Slack reports which.
            return Membership.UNKNOWN if known is None and self.enterprise else Membership.FOREIGNER
        if known is None:
            return Membership.UNKNOWN
        if known.bot:
            return Membership.BOT
        if known.deactivated:
            return Membership.DEACTIVATED
        return Membership.FOREIGNER if known.foreigner else Membership.MEMBER


def is_administrator(directory: Directory, person: PersonId) -> bool:
    """Return whether the directory lists a person as an administrator of the workspace."""
    known = directory.person(person)
    return known is not None and known.admin and not known.guest


def check_start(directory: Directory, command: StartThreatModel) -> None:
    """Raise Rejected if this person may not start a model in its channel, which may be shared."""
    known = directory.channel(command.channel)
    shared = known is not None and known.shared
    if shared and not command.sharing_allowed:
        raise shared_channel_refusal(directory, command.channel)
    if command.sharing_allowed:
        check_administrator(directory, command.by, command.channel)


def check_administrator(directory: Directory, person: PersonId, channel: ChannelId) -> None:
    """Raise Rejected unless a person is an administrator, who may show a model to other organizations."""
    if is_administrator(directory, person):
        return
    administrators = directory.records.administrators(channel)
    whom = _names(administrators)
    mend = f"Ask {whom}." if whom else "None is in this channel. Invite one."
    raise Rejected(
        f"Only an administrator of this workspace can share it with another organization. {mend}",
        people=administrators,
    )


def shared_channel_refusal(directory: Directory, channel: ChannelId) -> Rejected:
    """Return the refusal to start a model that another organization would see, naming whom to ask."""
    known, administrators = directory.channel(channel), directory.records.administrators(channel)
    others = "This channel is shared with another organization, whose members would see the threat model."
    if known is not None and known.invited:
        others = "Another organization is invited to this channel and would see the threat model."
    whom = _names(administrators)
    asked = f"{whom} to start it" if whom else "an administrator of this workspace to join and start it"
    return Rejected(
        f"{others} Ask {asked}, or use an internal channel.", field="channel", people=administrators
    )


def administers(directory: Directory, settings: WorkspaceSettings, person: PersonId) -> bool:
    """Return whether a person may change the settings of the workspace.

    These are the administrators of the Slack workspace, as the directory knows them, and the people whom the
    settings name; guests and people without an active account never are.
    """
    known = directory.person(person)
    if known is None or known.guest or directory.account(person) is not Membership.MEMBER:
        return False
    return is_administrator(directory, person) or person in settings.administrators


def check_administers(directory: Directory, settings: WorkspaceSettings, person: PersonId) -> None:
    """Raise Rejected unless a person may change the settings of the workspace."""
    if administers(directory, settings, person):
        return
    administrators = tuple(one for one in settings.administrators if administers(directory, settings, one))
    whom = _names(administrators) or "an administrator of this Slack workspace"
    raise Rejected(
        f"Only administrators can change the workspace settings. Ask {whom}.", people=administrators
    )


def check_named_people(directory: Directory, command: ChooseWorkspaceSettings) -> None:
    """Raise Rejected if the settings name administrators who could never act as such.

    Someone whom the directory does not know yet is looked up when they open the Home tab.
    """
    for person in command.administrators:
        known = directory.person(person)
        if known is None:
            continue
        why = _NEVER.get(directory.account(person), "")
        if known.guest:
            why = "is a guest, and guests cannot be administrators"
        if why:
            raise Rejected(f"@{person} {why}. Choose someone else.", field="administrators", people=(person,))


_NEVER = {
    Membership.BOT: "is a bot",
    Membership.DEACTIVATED: "has a deactivated account",
    Membership.FOREIGNER: "belongs to another organization",
}


def sees_portfolio(directory: Directory, settings: WorkspaceSettings, person: PersonId) -> bool:
    """Return whether a person may see the portfolio: the models of their channels side by side.

    People without an active account of this workspace never may.
    """
    if directory.account(person) is not Membership.MEMBER:
        return False
    match settings.audience:
        case PortfolioAudience.EVERYONE:
            return True
        case PortfolioAudience.ADMINISTRATORS:
            return administers(directory, settings, person)
        case PortfolioAudience.NAMED:
            return person in settings.portfolio_people or administers(directory, settings, person)


def check_sees_portfolio(directory: Directory, settings: WorkspaceSettings, person: PersonId) -> None:
    """Raise Rejected unless a person may see the portfolio."""
    if not sees_portfolio(directory, settings, person):
        raise Rejected(
            "You cannot see the portfolio: the workspace settings limit it. Ask an administrator to add you. "
            "Type “/threatmodel list” to list the models of your channels."
        )


def _names(administrators: tuple[PersonId, ...]) -> str:
    return " or ".join(f"@{person}" for person in administrators[:_SHOWN])


_SHOWN = 3


class PeopleNotLookedUp(Exception):
    """Error: named people are not in the directory yet; they are looked up, and the request is kept."""

    def __init__(self, people: tuple[PersonId, ...], channel: ChannelId) -> None:
        super().__init__("not looked up yet")
        self.people = people
        self.channel = channel


class PeopleCannotAct(Rejected):
    """Rejection of named people who cannot act in the channel, as far as known; they are looked up again."""

    def __init__(
        self, sentence: str, *, field: str, people: tuple[PersonId, ...], channel: ChannelId
    ) -> None:
        super().__init__(sentence, field=field, people=people)
        self.channel = channel


NAMED: Final[Mapping[type[Command], tuple[str, ...]]] = {
    StartThreatModel: ("participants",),
    ChooseParticipants: ("participants",),
    OpenRound: ("voters",),
    AskPerson: ("person",),
    ProposeAcceptance: ("owner", "approver"),
    ReassignApproval: ("approver",),
    CloseThreatModel: ("confirmer",),
    ChooseResponse: ("owner",),
    PlanMitigation: ("owner",),
    ReassignMitigation: ("owner",),
    ReassignAll: ("person",),
}
"""The fields of commands that name people, one or several; facilitators are checked further."""


def check_people(directory: Directory, command: Command, where: Callable[[], ChannelId]) -> None:
    """Raise Rejected if a command names people who cannot act in the channel, or a guest as facilitator.

    Raises PeopleNotLookedUp if the directory lacks one of them.
    """
    if isinstance(command, AllowSharing | ForbidSharing):
        check_administrator(directory, command.by, where())
    if isinstance(command, StartThreatModel):
        check_start(directory, command)
    for field in NAMED.get(type(command), ()):
        named: PersonId | tuple[PersonId, ...] | None = getattr(command, field)
        people = named if isinstance(named, tuple) else (named,) if named is not None else ()
        if people:
            _check_named(directory, where(), people, field)
    if isinstance(command, StartThreatModel | HandOver | TakeOver):
        facilitator = command.by if isinstance(command, TakeOver) else command.facilitator or command.by
        _check_named(directory, where(), (facilitator,), "facilitator")
        known = directory.person(facilitator)
        if known is not None and known.guest:
            raise _guest_refusal(facilitator, by=command.by)


def _guest_refusal(person: PersonId, *, by: PersonId) -> Rejected:
    """Return the rejection of a guest as facilitator; guests may answer only."""
    sentence = f"@{person} is a guest, and guests cannot be the facilitator. Choose someone else."
    if person == by:
        sentence = (
            "Guests cannot be the facilitator. Choose a full member of the workspace; you can do "
            "everything else."
        )
    return Rejected(sentence, field="facilitator", people=(person,))


def _check_named(directory: Directory, channel: ChannelId, people: tuple[PersonId, ...], field: str) -> None:
    # A person who has just joined is looked up, too: until then they have no access to the channel.
    unknown = tuple(
        person
        for person in people
        if directory.person(person) is None
        or (
            directory.status(channel, person) is Membership.UNKNOWN
            and directory.records.is_expected(channel, person)
        )
    )
    if unknown:
        raise PeopleNotLookedUp(unknown, channel)
    for status, (why, mend) in _CANNOT.items():
        those = tuple(person for person in people if directory.status(channel, person) is status)
        if those:
            sentence = f"{why} {mend.format(who=_name_list(those))}"
            raise PeopleCannotAct(sentence, field=field, people=those, channel=channel)


_ANOTHER = "Choose someone else instead of {who}."
_CANNOT = {
    Membership.BOT: ("Bots cannot participate.", _ANOTHER),
    Membership.DEACTIVATED: ("Deactivated accounts cannot participate.", _ANOTHER),
    Membership.FOREIGNER: ("People from other organizations cannot participate.", _ANOTHER),
    Membership.UNKNOWN: (
        "Only members of the model's channel can participate.",
        "Invite {who} to the channel first.",
    ),
}
"""Sentence for each status: why a person cannot be chosen, and what to do."""

_MAX_NAMED = 5


def _name_list(people: tuple[PersonId, ...]) -> str:
    named = [f"@{person}" for person in people[:_MAX_NAMED]]
    if len(people) > _MAX_NAMED:
        named.append(f"{len(people) - _MAX_NAMED} more")
    return " and ".join((", ".join(named[:-1]), named[-1])) if len(named) > 1 else named[0]
