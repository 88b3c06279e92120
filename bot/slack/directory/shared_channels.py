"""Channels shared with other organizations: only an administrator may show a model there."""

from bot.slack.directory.member_directory import Directory
from domain.commands import StartThreatModel
from domain.kernel.elements import ChannelId, PersonId
from domain.rejections import Rejected


class ChannelIsShared(Rejected):
    """Rejection: people of another organization would see the model, and no administrator allowed it."""

    field = "channel"

    def __init__(self, administrators: tuple[PersonId, ...], *, invited: bool) -> None:
        others = (
            "Another organization is invited to this channel and would see the threat model."
            if invited
            else (
                "This channel is shared with another organization, whose members would see the threat model."
            )
        )
        whom = _administrator_names(administrators)
        asked = f"{whom} to start it" if whom else "an administrator of this workspace to join and start it"
        super().__init__(f"{others} Ask {asked}, or use an internal channel.", people=administrators)


class NotAnAdministrator(Rejected):
    """Rejection: only an administrator may show a model to other organizations."""

    def __init__(self, administrators: tuple[PersonId, ...]) -> None:
        whom = _administrator_names(administrators)
        mend = f"Ask {whom}." if whom else "None is in this channel. Invite one."
        super().__init__(
            f"Only an administrator of this workspace can share it with another organization. {mend}",
            people=administrators,
        )


def is_administrator(directory: Directory, person: PersonId) -> bool:
    """Return whether the directory lists a person as an administrator of the workspace."""
    known = directory.person(person)
    return known is not None and known.admin and not known.guest


def check_start(directory: Directory, command: StartThreatModel) -> None:
    """Raise ChannelIsShared if this person may not start a model in its channel."""
    known = directory.channel(command.channel)
    shared = known is not None and known.shared
    if shared and not command.sharing_allowed:
        raise shared_channel_refusal(directory, command.channel)
    if command.sharing_allowed and not is_administrator(directory, command.by):
        raise NotAnAdministrator(directory.administrators(command.channel))


def check_administrator(directory: Directory, person: PersonId, channel: ChannelId) -> None:
    """Raise NotAnAdministrator unless the person is one."""
    if not is_administrator(directory, person):
        raise NotAnAdministrator(directory.administrators(channel))


def shared_channel_refusal(directory: Directory, channel: ChannelId) -> ChannelIsShared:
    """Return the refusal to start a model in a channel, naming the administrators to ask."""
    known = directory.channel(channel)
    return ChannelIsShared(directory.administrators(channel), invited=known is not None and known.invited)


def _administrator_names(administrators: tuple[PersonId, ...]) -> str:
    return " or ".join(f"@{one}" for one in administrators[:_SHOWN])


_SHOWN = 3
