"""InstalledPlaces of the app: in single workspaces, or in their organization as a whole."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.sandbox.workspace.installed_app import BOT_USER_ID, UNINSTALLED, InstalledApp
from bot.sandbox.workspace.issued_tokens import IssuedToken, IssuedTokens, TokenRefused
from bot.sandbox.workspace.token_state import keep_app
from bot.sandbox.workspace.workspace_state import Workspace


class InstalledPlaces:
    """Workspaces of the sandbox, and the tokens with which the app may act in them."""

    def __init__(self, tokens: IssuedTokens) -> None:
        self.tokens = tokens
        self._workspaces: dict[str, Workspace] = {}

    def add(self, workspace: Workspace) -> None:
        """Add a workspace, with the token of its installation if the app is installed there."""
        self._workspaces[workspace.team.id] = workspace
        if workspace.app.refusing != UNINSTALLED:
            self.tokens.accept(workspace.place, workspace.app.tokens.bot)

    @property
    def app(self) -> InstalledApp:
        """The app as its manifest describes it."""
        return self.workspaces[0].app

    @property
    def workspaces(self) -> tuple[Workspace, ...]:
        """All workspaces, in their order."""
        return tuple(self._workspaces.values())

    @property
    def organization(self) -> str | None:
        """The ID of the organization in which the app can be installed as a whole, if there is one."""
        known = {one.behavior.enterprise for one in self.workspaces} - {None}
        return next(iter(known), None) if self.app.is_org_ready else None

    def notify_changed(self) -> None:
        """Notify the listeners of all workspaces of a change."""
        for one in self.workspaces:
            one.notify_changed()

    def members(self, place: str) -> tuple[Workspace, ...]:
        """Return the workspace with an ID, or the workspaces of the organization with that ID."""
        return tuple(one for one in self.workspaces if place in (one.team.id, one.behavior.enterprise))

    def check(self, token: str) -> tuple[IssuedToken, tuple[Workspace, ...]]:
        """Return an accepted token and the workspaces for which it is valid; raises TokenRefused."""
        issued = self.tokens.lookup(token)
        if issued is None:
            raise TokenRefused("invalid_auth")
        valid = self._holders(issued.place)
        refusals = [one.app.refusing for one in valid if one.app.refusing is not None]
        if not valid or refusals:
            raise TokenRefused(refusals[0] if refusals else UNINSTALLED)
        self.tokens.check(issued)
        return issued, valid

    def is_covered(self, place: str) -> bool:
        """Return whether the app is already installed in the whole organization of a workspace."""
        return any(one.team.id == place != one.place and one.app.installed for one in self.workspaces)

    def install(self, place: str) -> IssuedToken:
        """Install the app in a workspace or an organization; return its token.

        An installed app without token rotation keeps its token, as in Slack.
        """
        members = self.members(place)
        app = members[0].app
        current = self.tokens.lookup(app.tokens.bot) if self._is_current(members, place) else None
        if current is not None and not app.is_rotating:
            return current
        for one in members:
            if one.app.refusing is not None or one.place != place:
                self.tokens.forget(one.place)
        issued = self.tokens.issue(place, rotating=app.is_rotating)
        for one in members:
            wide = place != one.team.id
            keep_app(one, replace(one.app, refusing=None, is_org_wide=wide))
        self.apply(issued)
        return issued

    def apply(self, issued: IssuedToken) -> None:
        """Make a new token the current one of its workspaces."""
        for one in self._holders(issued.place):
            keep_app(one, replace(one.app, tokens=replace(one.app.tokens, bot=issued.token)))

    def uninstall(self, place: str) -> None:
        """Uninstall the app from a workspace or an organization: it leaves every channel."""
        for one in self.members(place):
            for channel in one.channels:
                one.leave(channel.id, BOT_USER_ID)
            self.refuse(one, UNINSTALLED)
        self.tokens.end_refreshing(place)

    def refuse(self, workspace: Workspace, code: str | None) -> None:
        """Refuse the bot's token in a workspace with one of Slack's codes; accept it again with None."""
        keep_app(workspace, replace(workspace.app, refusing=code))

    def _holders(self, place: str) -> tuple[Workspace, ...]:
        """Return the workspaces in which the app is, or was, installed with the token of a place."""
        return tuple(one for one in self.members(place) if one.place == place)

    def _is_current(self, members: Sequence[Workspace], place: str) -> bool:
        return all(one.app.refusing is None and one.place == place for one in members)
