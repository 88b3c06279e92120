"""One modal or Home tab as displayed to one user."""

from msgspec import Struct

from bot.sandbox.block_kit.element_state import state_values
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import APP_ID, BOT_ID


class DisplayedView(Struct, frozen=True, kw_only=True):
    """One modal or Home tab as displayed to one person."""

    id: str
    person: str
    team: str
    """The ID of the workspace."""
    body: Json
    hash: str
    root: str
    previous: str | None = None
    held: dict[tuple[str, str], Json] = {}
    """Entered values, by block ID and action ID."""
    emptied: frozenset[tuple[str, str]] = frozenset()
    """Fields, by block ID and action ID, that are submitted empty although they show an initial value."""
    errors: dict[str, str] = {}
    """Error messages beside fields, by block ID."""

    @property
    def seen_values(self) -> Json:
        """Return the displayed values of the fields, including those that Slack submits empty."""
        return state_values(self.body.get("blocks"), self.held)

    def as_slack(self) -> Json:
        """Return the view as Slack sends it to the bot."""
        body = self.body
        return {
            "id": self.id,
            "team_id": self.team,
            "type": body.get("type"),
            "blocks": body.get("blocks", []),
            "private_metadata": body.get("private_metadata", ""),
            "callback_id": body.get("callback_id", ""),
            "state": {"values": state_values(body.get("blocks"), self.held, self.emptied)},
            "hash": self.hash,
            "title": body.get("title"),
            "clear_on_close": bool(body.get("clear_on_close", False)),
            "notify_on_close": bool(body.get("notify_on_close", False)),
            "close": body.get("close"),
            "submit": body.get("submit"),
            "previous_view_id": self.previous,
            "root_view_id": self.root,
            "app_id": APP_ID,
            "external_id": body.get("external_id", ""),
            "app_installed_team_id": self.team,
            "bot_id": BOT_ID,
        }
