"""Revocation of tokens, removal and reinstallation of the app."""

from bot.sandbox.admin.account_admin import AccountAdmin
from bot.sandbox.api_objects import event_objects
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import BOT_USER_ID, UNINSTALLED, Tokens
from bot.sandbox.workspace.token_state import grant_token, refuse_token


class InstallationAdmin(AccountAdmin):
    """Actions of a person who may install apps."""

    @property
    def tokens(self) -> Tokens:
        """The secrets of the installation."""
        return self.client.workspace.app.tokens

    def revoke_token(self) -> None:
        """Revoke the bot's token: the Web API answers token_revoked, and a tokens_revoked event is sent."""
        refuse_token(self.client.workspace, "token_revoked")
        self.publish("tokens_revoked", event_objects.tokens_revoked())

    def restore_token(self) -> None:
        """Make the bot's token valid again."""
        refuse_token(self.client.workspace, None)

    def uninstall(self) -> None:
        """Uninstall the app: it is notified, leaves every channel, and receives no more events."""
        # Notified first and synchronously, because afterwards nothing is delivered to the bot.
        refuse_token(self.client.workspace, "token_revoked")
        for event in (event_objects.tokens_revoked(), {"type": "app_uninstalled"}):
            self._tell_now(event)
        workspace = self.client.workspace
        for channel in workspace.channels:
            workspace.leave(channel.id, BOT_USER_ID)
        refuse_token(self.client.workspace, UNINSTALLED)

    def reinstall(self) -> None:
        """Reinstall the app with a new bot token; it is in no channel until it is invited."""
        grant_token(self.client.workspace)

    def _tell_now(self, event: Json) -> None:
        if self.publishing:
            event_object = {"event_ts": self.client.workspace.new_ts(), **event}
            self.client.event(str(event["type"]), event_object, soon=False)
