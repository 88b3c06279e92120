"""Taking the app's permission away, and giving it back."""

from msgspec.structs import replace

from bot.sandbox import events
from bot.sandbox.changes import Changes
from bot.sandbox.installed_app import BOT_USER_ID, Tokens
from bot.sandbox.keeping import Keeping
from bot.sandbox.kit import Json

TOKENS = "tokens"
REFUSING = "refusing"


def kept_tokens(kept: Keeping) -> tuple[Tokens, str | None]:
    """Return the tokens of before, or fresh ones, and the code with which the bot's is refused, if it is."""
    tokens = kept.read("app", TOKENS, Tokens)
    if tokens is None:
        tokens = Tokens.fresh()
        kept.keep("app", TOKENS, tokens)
    return tokens, kept.read("app", REFUSING, str) or None


class Installing(Changes):
    """What somebody does who may install apps."""

    @property
    def tokens(self) -> Tokens:
        """The secrets of the installation."""
        return self.desk.workspace.app.tokens

    def revoke_token(self, *, tell: bool = True) -> None:
        """Revoke the bot's token: the Web API answers token_revoked, and tokens_revoked tells so."""
        self._refuse("token_revoked")
        self.tell("tokens_revoked", events.tokens_revoked(), tell=tell)

    def restore_token(self) -> None:
        """Let the bot's token be good again."""
        self._refuse(None)

    def uninstall(self, *, tell: bool = True) -> None:
        """Uninstall the app: it is told, leaves every conversation, and hears nothing any more."""
        self._refuse("account_inactive")
        for event in (events.tokens_revoked(), {"type": "app_uninstalled"}):
            self._tell_now(event, tell=tell)
        workspace = self.desk.workspace
        for channel in workspace.channels:
            workspace.leave(channel.id, BOT_USER_ID)
        self.desk.courier.closed = True

    def install_again(self) -> None:
        """Install the app again, with a new bot token; it is in no channel until somebody invites it."""
        workspace = self.desk.workspace
        tokens = replace(self.tokens, bot=Tokens.fresh().bot)
        workspace.app = replace(workspace.app, tokens=tokens)
        workspace.kept.keep("app", TOKENS, tokens)
        self.desk.courier.closed = False
        self._refuse(None)

    def _refuse(self, code: str | None) -> None:
        workspace = self.desk.workspace
        workspace.app = replace(workspace.app, refusing=code)
        workspace.kept.keep("app", REFUSING, code or "")
        workspace.touch()

    def _tell_now(self, event: Json, *, tell: bool) -> None:
        # At once, because afterwards nothing is brought to the bot any more.
        if tell and self.telling:
            told = {"event_ts": self.desk.workspace.new_ts(), **event}
            self.desk.event(str(event["type"]), told, soon=False)
