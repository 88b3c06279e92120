"""Channels shared with other organizations: only an administrator may show a model there."""

from bot.slack.directory.member_directory import Directory
from domain.commands import StartThreatModel
from domain.kernel.elements import ChannelId, PersonId
from domain.rejections import Rejected


class ChannelIsShared(Rejected):
    """A model would be seen by people of another organisation, and nobody allowed that."""

    field = "channel"

    def __init__(self, administrators: tuple[PersonId, ...], *, invited: bool) -> None:
        others = (
            "Another organisation is invited into this channel and would see the threat model."
            if invited
            else "This channel is shared with another organisation, whose people would see the threat model."
        )
        whom = _named(administrators)
        asked = f"{whom} to start it" if whom else "an administrator of this workspace to join and start it"
        super().__init__(f"{others} Ask {asked}, or use a channel of your own.", people=administrators)


class NotAnAdministrator(Rejected):
    """Showing a model to other organisations is not for everybody to allow."""

    def __init__(self, administrators: tuple[PersonId, ...]) -> None:
        whom = _named(administrators)
        mend = f"Please ask {whom}." if whom else "None is in this channel: please invite one."
        super().__init__(
            f"Only an administrator of this workspace can let another organisation see it. {mend}",
            people=administrators,
        )


def is_administrator(directory: Directory, person: PersonId) -> bool:
    """Return whether a person runs the workspace, as far as the bot knows."""
    known = directory.person(person)
    return known is not None and known.admin and not known.guest


def check_start(directory: Directory, command: StartThreatModel) -> None:
    """Raise ChannelIsShared where a model may not be started in its channel by this person."""
    known = directory.channel(command.channel)
    shared = known is not None and known.shared
    if shared and not command.sharing_allowed:
        raise shared_channel_refusal(directory, command.channel)
    if command.sharing_allowed and not is_administrator(directory, command.by):
        raise NotAnAdministrator(directory.administrators(command.channel))


def check_administrator(directory: Directory, person: PersonId, channel: ChannelId) -> None:
    """Raise NotAnAdministrator for everybody who is none."""
    if not is_administrator(directory, person):
        raise NotAnAdministrator(directory.administrators(channel))


def shared_channel_refusal(directory: Directory, channel: ChannelId) -> ChannelIsShared:
    """Return the refusal of a start in a channel, with whom to ask."""
    known = directory.channel(channel)
    return ChannelIsShared(directory.administrators(channel), invited=known is not None and known.invited)


def _named(administrators: tuple[PersonId, ...]) -> str:
    return " or ".join(f"@{one}" for one in administrators[:_SHOWN])


_SHOWN = 3
