"""Revocation of tokens, removal and reinstallation of the app."""

from bot.sandbox.admin.account_admin import AccountAdmin
from bot.sandbox.api_objects import event_objects
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import Tokens
from bot.sandbox.workspace.installed_places import InstalledPlaces


class InstallationAdmin(AccountAdmin):
    """Actions of a person who may install apps."""

    @property
    def tokens(self) -> Tokens:
        """The secrets of the app, and the current bot token."""
        return self.client.workspace.app.tokens

    def revoke_token(self) -> None:
        """Revoke the bot's token: the Web API answers token_revoked, and a tokens_revoked event is sent."""
        self._refuse("token_revoked")
        self.publish("tokens_revoked", event_objects.tokens_revoked())

    def restore_token(self) -> None:
        """Make the bot's token valid again."""
        self._refuse(None)

    def install(self, *channels: str) -> str:
        """Install the app in this workspace, add the bot to channels, and return its token."""
        issued = self._installations.install(self.client.workspace.team.id)
        for where in channels:
            self.invite_bot(where)
        return issued.token

    def uninstall(self) -> None:
        """Uninstall the app: it is notified, leaves every channel, and receives no more events.

        If it is installed in the whole organization, it is uninstalled from the whole organization.
        """
        self._uninstall(soon=False)

    def uninstall_in_background(self) -> None:
        """Uninstall the app without waiting for the bot, for example when the bot itself asks for it."""
        self._uninstall(soon=True)

    def reinstall(self) -> None:
        """Reinstall the app with a new bot token; it is in no channel until it is invited."""
        self._installations.install(self.client.workspace.place)

    @property
    def _installations(self) -> InstalledPlaces:
        return self.client.parts.installations

    def _refuse(self, code: str | None) -> None:
        for one in self._installations.members(self.client.workspace.place):
            self._installations.refuse(one, code)

    def _uninstall(self, *, soon: bool) -> None:
        # The token is invalid before the bot is notified, and the bot is notified before it is removed.
        self._refuse("token_revoked")
        if self.publishing:
            ts = self.client.workspace.new_ts()
            events: tuple[Json, Json] = (event_objects.tokens_revoked(), {"type": "app_uninstalled"})
            self.client.tell_of_uninstallation(*({"event_ts": ts, **one} for one in events), soon=soon)
        self._installations.uninstall(self.client.workspace.place)
