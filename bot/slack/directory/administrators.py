"""Administrators of a workspace: what only they may do, and who may see the portfolio."""

from bot.slack.directory.member_directory import Directory, Membership
from domain.commands import StartThreatModel
from domain.kernel.elements import ChannelId, PersonId
from domain.rejections import Rejected
from domain.workspace_settings import ChooseWorkspaceSettings, PortfolioAudience, WorkspaceSettings


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
