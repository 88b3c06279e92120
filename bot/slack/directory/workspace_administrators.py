"""Administrators of a workspace, and who may see the portfolio."""

from bot.slack.directory.member_directory import Directory, Membership
from bot.slack.directory.shared_channels import is_administrator
from domain.kernel.elements import PersonId
from domain.rejections import Rejected
from domain.workspace_settings import ChooseWorkspaceSettings, PortfolioAudience, WorkspaceSettings


class NotASettingsAdministrator(Rejected):
    """Rejection: only an administrator may see and change the settings of the workspace."""

    def __init__(self, administrators: tuple[PersonId, ...]) -> None:
        named = " or ".join(f"@{one}" for one in administrators[:_SHOWN])
        whom = named or "an administrator of this Slack workspace"
        super().__init__(
            f"Only administrators can change the workspace settings. Ask {whom}.", people=administrators
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
    """Raise NotASettingsAdministrator unless a person may change the settings of the workspace."""
    if not administers(directory, settings, person):
        raise NotASettingsAdministrator(
            tuple(one for one in settings.administrators if administers(directory, settings, one))
        )


def check_named_people(directory: Directory, command: ChooseWorkspaceSettings) -> None:
    """Raise Rejected if the settings name administrators who could never act as such.

    Someone whom the directory does not know yet is looked up when they open the Home tab.
    """
    for one in command.administrators:
        known = directory.person(one)
        if known is None:
            continue
        if known.guest:
            raise _cannot_administer(one, "is a guest, and guests cannot be administrators")
        match directory.account(one):
            case Membership.BOT:
                raise _cannot_administer(one, "is a bot")
            case Membership.DEACTIVATED:
                raise _cannot_administer(one, "has a deactivated account")
            case Membership.FOREIGNER:
                raise _cannot_administer(one, "belongs to another organization")
            case _:
                pass


def _cannot_administer(person: PersonId, why: str) -> Rejected:
    return Rejected(f"@{person} {why}. Choose someone else.", field="administrators", people=(person,))


_SHOWN = 3


class NotAPortfolioReader(Rejected):
    """Rejection: the settings of the workspace limit the portfolio to other people."""

    def __init__(self) -> None:
        super().__init__(
            "You cannot see the portfolio: the workspace settings limit it. Ask an administrator to add you. "
            "Type “/threatmodel list” to list the models of your channels."
        )


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
    """Raise NotAPortfolioReader unless a person may see the portfolio."""
    if not sees_portfolio(directory, settings, person):
        raise NotAPortfolioReader
