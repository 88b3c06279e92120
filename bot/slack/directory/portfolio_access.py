"""Who may see the portfolio of a workspace; which models it shows them follows from their channels alone."""

from bot.slack.directory.member_directory import Directory, Membership
from bot.slack.directory.workspace_administrators import administers
from domain.kernel.elements import PersonId
from domain.rejections import Rejected
from domain.workspace_settings import PortfolioAudience, WorkspaceSettings


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
