"""Writes a model's report as a canvas of its channel, where Slack lets us: one a model, written anew."""

from typing import Final

import structlog
from msgspec.structs import replace

from bot.metrics import Metrics
from bot.report.canvas import canvas_markdown
from bot.report.contents import report_of
from bot.slack.protocol.escaping import plain_line
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.slack.surfaces.file_writing import NO_FAULT_OF_THE_FILE
from bot.slack.surfaces.looks import Looks
from bot.store import CommandKey
from bot.store.repositories.cards import Card
from bot.store.repositories.exports import CANVAS, Exports, Ordered
from domain.register import ThreatRegister

log = structlog.get_logger()

_GONE: Final = {"canvas_not_found", "canvas_disabled_file_team"}


class CanvasWriter:
    """Writes and deletes canvases; where Slack takes none, nobody is bothered: there is the file."""

    def __init__(self, exports: Exports, api: SlackApi, looks: Looks, *, metrics: Metrics) -> None:
        self._exports = exports
        self._api = api
        self._looks = looks
        self._metrics = metrics

    def write(self, card: Card, known: ThreatRegister) -> str:
        """Write the report of a model anew; gives where it is, or nothing where Slack takes none.

        Raises Refused where the bot is to wait, or may do nothing any more.
        """
        # Before it is made: what is erased meanwhile makes it one to be taken away.
        erasures = self._looks.state(card.stream).erasures
        report = report_of(self._looks.report_source(known))
        content = {"type": "markdown", "markdown": canvas_markdown(report)}
        written = self._exports.canvas(card.stream)
        try:
            canvas = self._edited(replace(written, erasures=erasures), content) if written else ""
            canvas = canvas or self._created(card, known, content, erasures)
        except ApiRefused as refused:
            if refused.code in NO_FAULT_OF_THE_FILE:
                raise
            log.info("no canvas", stream=card.stream, code=refused.code, detail=refused.detail)
            return ""
        except ApiUnreachable as fault:
            log.warning("unknown whether a canvas is written", stream=card.stream, fault=fault.code)
            return ""
        return self._looks.canvas_address(canvas)

    def delete(self, one: Ordered) -> None:
        """Take a canvas away; raises Refused and Unreachable to be tried again."""
        try:
            self._api.call("canvases.delete", canvas_id=one.file)
        except ApiRefused as refused:
            if refused.code in NO_FAULT_OF_THE_FILE:
                raise
            if refused.code not in _GONE:
                log.warning("canvas not deleted", code=refused.code, detail=refused.detail)
        self._metrics.surface("canvas", "deleted")

    def _edited(self, written: Ordered, content: dict[str, str]) -> str:
        """The id of the canvas that is there, written anew; nothing where it is there no more."""
        try:
            self._api.call(
                "canvases.edit",
                canvas_id=written.file,
                changes=[{"operation": "replace", "document_content": content}],
            )
        except ApiRefused as refused:
            if refused.code not in _GONE:
                raise
            self._exports.forget(written)
            return ""
        self._exports.put(written)
        self._metrics.surface("canvas", "updated")
        return written.file

    def _created(self, card: Card, known: ThreatRegister, content: dict[str, str], erasures: int) -> str:
        told = self._api.call(
            "canvases.create",
            title=plain_line(f"{known.key} {known.name}", _TITLE),
            document_content=content,
            channel_id=card.channel,
        )
        canvas = str(told["canvas_id"])
        self._exports.put(
            Ordered(
                stream=card.stream,
                key=CommandKey(CANVAS),
                word=CANVAS,
                file=canvas,
                over=True,
                erasures=erasures,
            )
        )
        self._metrics.surface("canvas", "posted")
        return canvas


_TITLE: Final = 150
