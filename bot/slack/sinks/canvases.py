"""Canvases of channels, each written as a whole."""

import msgspec
import structlog

from bot.delivery.slot_kinds import NoPost, PostPlace, SinkOutcome
from bot.slack.protocol.escaping import plain_line
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.sinks.file_outcomes import CANVAS_GONE, NO_FAULT_OF_THE_FILE, FileNotShown
from bot.store.repositories.deliveries import DeliveryRecord

log = structlog.get_logger()

_TITLE = 150


class CanvasContent(msgspec.Struct, frozen=True, kw_only=True):
    """Content of a canvas; it is written for each report, because users may have deleted it."""

    title: str
    markdown: str
    report: int


class ChannelCanvases:
    """Writes and deletes canvases; if Slack rejects them, the file remains available."""

    faults = (ApiRefused, ApiUnreachable, FileNotShown)

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    def post(self, record: DeliveryRecord, content: CanvasContent) -> PostPlace:
        """Create a canvas of a channel."""
        try:
            response = self._api.call(
                "canvases.create",
                title=plain_line(content.title, _TITLE),
                document_content=_document(content),
                channel_id=record.place,
            )
        except ApiRefused as refused:
            if refused.code in CANVAS_GONE:  # the response for a new canvas lists no sections
                raise FileNotShown(refused.code) from refused
            raise
        return PostPlace(external_id=str(response["canvas_id"]))

    def update(self, record: DeliveryRecord, content: CanvasContent) -> None:
        """Rewrite a canvas completely."""
        self._api.call(
            "canvases.edit",
            canvas_id=record.external_id,
            changes=[{"operation": "replace", "document_content": _document(content)}],
        )

    def delete_post(self, record: DeliveryRecord) -> None:
        """Delete a canvas."""
        self._api.call("canvases.delete", canvas_id=record.external_id)

    def find(self, record: DeliveryRecord) -> NoPost:
        """Find nothing: canvases cannot be searched."""
        del record
        return NoPost()

    def outcome(self, fault: Exception) -> SinkOutcome:
        """Return the meaning of a failed call: a canvas is tried once for each report."""
        match fault:
            case ApiRefused(code=code) if code in NO_FAULT_OF_THE_FILE:
                return SinkOutcome.LATER
            case ApiRefused(code=code) if code in CANVAS_GONE:
                return SinkOutcome.GONE
            case ApiRefused(code=code, detail=detail):
                log.info("no canvas", code=code, detail=detail)
                return SinkOutcome.REFUSED
            case _:
                return SinkOutcome.REFUSED


def _document(content: CanvasContent) -> dict[str, str]:
    return {"type": "markdown", "markdown": content.markdown}
