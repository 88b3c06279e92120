"""Validity of tokens, kept across restarts."""

from msgspec.structs import replace

from bot.sandbox.workspace.installed_app import Tokens
from bot.sandbox.workspace.record_storage import RecordStorage
from bot.sandbox.workspace.workspace_state import Workspace

_KIND, _TOKENS, _REFUSING = "app", "tokens", "refusing"


def kept_tokens(kept: RecordStorage) -> tuple[Tokens, str | None]:
    """Return the stored tokens, or new ones, and the code with which the bot's token is refused, if it is."""
    tokens = kept.read(_KIND, _TOKENS, Tokens) or Tokens.fresh()
    kept.save(_KIND, _TOKENS, tokens)
    return tokens, kept.read(_KIND, _REFUSING, str) or None


def refuse_token(workspace: Workspace, code: str | None) -> None:
    """Refuse the bot's token with one of Slack's codes from now on; accept it again with None."""
    workspace.app = replace(workspace.app, refusing=code)
    workspace.kept.save(_KIND, _REFUSING, code or "")
    workspace.notify_changed()


def grant_token(workspace: Workspace) -> Tokens:
    """Accept the app, with a new token if the previous one is invalid, and return its tokens."""
    if workspace.app.refusing is not None:
        tokens = replace(workspace.app.tokens, bot=Tokens.fresh().bot)
        workspace.app = replace(workspace.app, tokens=tokens)
        workspace.kept.save(_KIND, _TOKENS, tokens)
        refuse_token(workspace, None)
    return workspace.app.tokens
