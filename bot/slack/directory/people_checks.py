"""Checks of the people named in a command: whether they can act in the channel."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.slack.directory.administrators import check_administrator, check_start
from bot.slack.directory.member_directory import Directory, Membership
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
    ReassignApproval,
    ReassignMitigation,
    StartThreatModel,
    TakeOver,
)
from domain.kernel.elements import ChannelId, PersonId
from domain.rejections import Rejected


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
