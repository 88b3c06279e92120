"""Users' text in the tables about Slack, and its erasure with a model."""

from collections.abc import Mapping
from typing import Final

from bot.store.sql.erasure_rules import NO_TEXT, SHARED, ErasureRule

_OF_SLACK_ITSELF = "names as Slack has them; they follow Slack and are of no model"

SLACK_RULES: Final[Mapping[str, ErasureRule]] = {
    "access_tokens": NO_TEXT,
    "agent_calls": NO_TEXT,
    "installations": ErasureRule(what="URLs of workspaces", by_itself=_OF_SLACK_ITSELF),
    "slack_channels": ErasureRule(what="names of channels", by_itself=_OF_SLACK_ITSELF),
    "slack_drafts": ErasureRule(
        what="what was read from a file",
        # It may be the file that became the model. A person who still wants to import it shares it again.
        forget_all=("DELETE FROM slack_drafts WHERE tenant = :tenant AND channel = :channel",),
    ),
    "slack_members": NO_TEXT,
    "slack_opened": ErasureRule(
        what="what forms showed when they were opened",
        # A form that is still open is shown again before it is saved.
        forget=("DELETE FROM slack_opened WHERE tenant = :tenant AND stream = :stream",),
    ),
    "slack_pending": ErasureRule(
        what="requests of people who are being looked up",
        # The requests that name the model, and those that cannot concern another model of the channel.
        forget_all=(
            """
            DELETE FROM slack_pending WHERE tenant = :tenant AND (
                mentions(body, :model)
                OR channel = :channel AND NOT EXISTS (
                    SELECT 1 FROM streams AS other WHERE other.tenant = :tenant
                    AND other.channel = :channel AND other.name IS NOT NULL AND other.stream <> :stream
                )
            )
            """,
        ),
    ),
    "slack_people": ErasureRule(what="names of people", by_itself=_OF_SLACK_ITSELF),
    "slack_pulse": SHARED,
    "slack_told": NO_TEXT,
    "tracker_checks": ErasureRule(
        what="addresses and projects of trackers", by_itself="a request is deleted as soon as it is checked"
    ),
    "tracker_connections": ErasureRule(
        what="answers of trackers to failed calls", by_itself="they are about a connection and of no model"
    ),
    "used_install_states": SHARED,
}
"""Each table of `slack_schema.py`; a new one must find its place here."""
