"""Home tabs, each published only in place of its known version."""

from bot.delivery.slot_kinds import NoPost, PostPlace, SinkOutcome
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.sinks.outcomes import FAULTS, unreachable_outcome
from bot.store.repositories.deliveries import DeliveryRecord


class HomeTabs:
    """Publishes Home tabs; the external ID of a slot is Slack's `hash` of the published version.

    Slack refuses to replace a version other than the current one. The subject of the slot is the person.
    """

    faults = FAULTS

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    def post(self, record: DeliveryRecord, content: View) -> PostPlace:
        """Publish a Home tab in place of any version."""
        return self._publish(record, content)

    def update(self, record: DeliveryRecord, content: View) -> PostPlace:
        """Publish a Home tab in place of the known version; return the new hash."""
        return self._publish(record, content, hash=record.external_id)

    def delete_post(self, record: DeliveryRecord) -> None:
        """Do nothing: a Home tab stays as it is until it is opened."""

    def find(self, record: DeliveryRecord) -> NoPost:
        """Find nothing: the content of a Home tab cannot be read."""
        del record
        return NoPost()

    def outcome(self, fault: Exception) -> SinkOutcome:
        """Return the meaning of a failed call."""
        match fault:
            case ApiUnreachable():
                return unreachable_outcome(fault)
            case ApiRefused(code="hash_conflict"):
                return SinkOutcome.GONE
            case ApiRefused(code=code) if code in _NOT_SHOWN:
                return SinkOutcome.REFUSED
            case _:
                return SinkOutcome.LATER

    def _publish(self, record: DeliveryRecord, content: View, **known: str) -> PostPlace:
        published = self._api.call("views.publish", user_id=record.subject, view=content, **known)
        return PostPlace(external_id=str(published["view"]["hash"]))


_NOT_SHOWN = {"invalid_arguments", "not_enabled", "user_not_found", "view_too_large"}
"""Slack's codes for a Home tab that it rejects on every try."""
