"""Checks of the people named in a command: whether they can act in the channel."""

from collections.abc import Callable

from bot.slack.directory.member_directory import Directory, Membership
from bot.slack.directory.shared_channels import check_administrator, check_start
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


class GuestNotAllowed(Rejected):
    """Rejection of a guest as facilitator; guests may answer only."""

    def __init__(self, person: PersonId, *, by: PersonId) -> None:
        if person == by:
            sentence = (
                "Guests cannot be the facilitator. Choose a full member of the workspace; you can do "
                "everything else."
            )
        else:
            sentence = f"@{person} is a guest, and guests cannot be the facilitator. Choose someone else."
        super().__init__(sentence, field="facilitator", people=(person,))


def check_people(directory: Directory, command: Command, where: Callable[[], ChannelId]) -> None:
    """Raise Rejected if a command names people who cannot act in the channel, or a guest as facilitator.

    Raises PeopleNotLookedUp if the directory lacks one of them.
    """
    match command:
        case AllowSharing() | ForbidSharing():
            check_administrator(directory, command.by, where())
        case StartThreatModel():
            check_start(directory, command)
            _check_named(directory, where(), command.participants, "participants")
            _check_facilitator(directory, where(), command.facilitator or command.by, by=command.by)
        case HandOver():
            _check_facilitator(directory, where(), command.facilitator, by=command.by)
        case TakeOver():
            _check_facilitator(directory, where(), command.by, by=command.by)
        case OpenRound():
            _check_named(directory, where(), command.voters, "voters")
        case AskPerson():
            _check_named(directory, where(), (command.person,), "person")
        case ProposeAcceptance():
            _check_named(directory, where(), _people_named_in(command.owner), "owner")
            _check_named(directory, where(), _people_named_in(command.approver), "approver")
        case CloseThreatModel():
            _check_named(directory, where(), _people_named_in(command.confirmer), "confirmer")
        case ReassignApproval():
            _check_named(directory, where(), (command.approver,), "approver")
        case ChooseResponse() | PlanMitigation() | ReassignMitigation():
            _check_named(directory, where(), _people_named_in(command.owner), "owner")
        case ChooseParticipants():
            _check_named(directory, where(), command.participants, "participants")
        case _:
            pass


def _check_facilitator(
    directory: Directory, channel: ChannelId, facilitator: PersonId, *, by: PersonId
) -> None:
    _check_named(directory, channel, (facilitator,), "facilitator")
    known = directory.person(facilitator)
    if known is not None and known.guest:
        raise GuestNotAllowed(facilitator, by=by)


def _people_named_in(person: PersonId | None) -> tuple[PersonId, ...]:
    return () if person is None else (person,)


def _check_named(directory: Directory, channel: ChannelId, people: tuple[PersonId, ...], field: str) -> None:
    # A person who has just joined is looked up, too: until then they have no access to the channel.
    unknown = tuple(
        one
        for one in people
        if directory.person(one) is None
        or (directory.status(channel, one) is Membership.UNKNOWN and directory.is_expected(channel, one))
    )
    if unknown:
        raise PeopleNotLookedUp(unknown, channel)
    for status, (why, mend) in _CANNOT.items():
        those = tuple(one for one in people if directory.status(channel, one) is status)
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
    named = [f"@{one}" for one in people[:_MAX_NAMED]]
    if len(people) > _MAX_NAMED:
        named.append(f"{len(people) - _MAX_NAMED} more")
    return " and ".join((", ".join(named[:-1]), named[-1])) if len(named) > 1 else named[0]
