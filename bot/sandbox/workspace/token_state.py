"""Installation of the app in one workspace, kept across restarts."""

from msgspec.structs import replace

from bot.sandbox.workspace.installed_app import UNINSTALLED, InstalledApp, Tokens
from bot.sandbox.workspace.record_storage import RecordStorage
from bot.sandbox.workspace.workspace_state import Workspace

_KIND, _TOKENS, _REFUSING, _ORG_WIDE = "app", "tokens", "refusing", "org_wide"


def kept_tokens(kept: RecordStorage) -> Tokens:
    """Return the stored secrets of the app, or new ones."""
    tokens = kept.read(_KIND, _TOKENS, Tokens) or Tokens.fresh()
    kept.save(_KIND, _TOKENS, tokens)
    return tokens


def kept_app(kept: RecordStorage, described: InstalledApp, *, installed: bool) -> InstalledApp:
    """Return an app in its stored state; without one, it is installed or not as stated."""
    refusing = kept.read(_KIND, _REFUSING, str)
    if refusing is None:
        refusing = "" if installed else UNINSTALLED
        kept.save(_KIND, _REFUSING, refusing)
    tokens = kept.read(_KIND, _TOKENS, Tokens)
    return replace(
        described,
        # The app's own secrets are the same in each workspace.
        tokens=replace(described.tokens, bot=tokens.bot) if tokens else described.tokens,
        refusing=refusing or None,
        is_org_wide=kept.read(_KIND, _ORG_WIDE, bool) or False,
    )


def keep_app(workspace: Workspace, app: InstalledApp) -> None:
    """Change and store the state of the installation in a workspace."""
    workspace.app = app
    workspace.kept.save(_KIND, _TOKENS, app.tokens)
    workspace.kept.save(_KIND, _REFUSING, app.refusing or "")
    workspace.kept.save(_KIND, _ORG_WIDE, app.is_org_wide)
    workspace.notify_changed()
