"""One exchange in the inspector."""

from functools import partial
from html import escape

from nicegui.element import Element

from bot.sandbox.page.html_elements import button, element, html
from bot.sandbox.page.icons import icon
from bot.sandbox.page.json_view import copy, json_html, json_text
from bot.sandbox.workspace.exchanges import Exchange

SLOW_MS = 1000
"""Slow acknowledgments are marked; Slack's limit is three seconds."""

_DIRECTIONS = {
    "delivery": ("in", "To the bot", "Payload", "Acknowledgment"),
    "call": ("out", "From the bot", "The bot asked", "Slack answered"),
    "response_url": ("out", "From the bot", "The bot sent to a response_url", "Slack answered"),
}


class ExchangeRow:
    """Row of one exchange, with its details when expanded."""

    def __init__(self, one: Exchange) -> None:
        self._one = one
        css, direction, _, _ = _DIRECTIONS[one.kind]
        slow = " slow" if one.kind == "delivery" and one.ms > SLOW_MS else ""
        with element(
            "div", css=f"exchange {css}{'' if one.ok else ' failed'}", testid="exchange"
        ) as self._whole:
            shown = (
                f'<span class="direction" title="{direction}">{icon("down", 13)}</span>'
                f'<span class="exchange-title">{escape(one.title)}</span>'
                f'<span class="exchange-outcome">{escape(_outcome(one))}</span>'
                f'<span class="exchange-ms{slow}">{_ms(one.ms)}</span>'
            )
            self._head = button(shown, css="exchange-head", press=self._toggle)
            self._head.props["aria-expanded"] = "false"
            self._body = element("div", css="exchange-body")
        self._body.set_visibility(False)
        self._filled = False

    def to_top(self, holder: Element) -> None:
        """Move the row to the top."""
        self._whole.move(holder, target_index=0)

    def delete(self) -> None:
        """Delete the row."""
        self._whole.delete()

    def _toggle(self) -> None:
        unfolded = not self._body.visible
        if not self._filled:
            self._fill()
        self._body.set_visibility(unfolded)
        self._head.props["aria-expanded"] = "true" if unfolded else "false"

    def _fill(self) -> None:
        self._filled = True
        one = self._one
        _, _, asked, answered = _DIRECTIONS[one.kind]
        with self._body:
            html(_explained(one), css="exchange-told")
            _part(asked, one.request)
            if one.answer is not None:
                _part(answered, one.answer)


def _part(title: str, value: object) -> None:
    with element("div", css="exchange-part"):
        html(f"<b>{escape(title)}</b>", tag="span")
        button(
            f"{icon('copy', 14)}Copy", css="chip", testid="copy-json", press=partial(copy, json_text(value))
        )
    html(json_html(value), css="json")


def _explained(one: Exchange) -> str:
    took = f"Duration: {_ms(one.ms)}."
    if one.kind == "delivery":
        said = "Slack delivered this payload to the bot, which must acknowledge it within three seconds."
        return f"{said} {took if one.ok else escape(one.outcome)}"
    if one.kind == "response_url":
        return f"A response_url accepts five responses within 30 minutes. {took}"
    return f"The bot called <b>{escape(one.title)}</b>. {took}" + (
        "" if one.ok else f" Slack refused: <b>{escape(one.outcome)}</b>."
    )


def _outcome(one: Exchange) -> str:
    # The duration of an acknowledgment has its own column.
    return "acked" if one.kind == "delivery" and one.ok else one.outcome


def _ms(ms: float) -> str:
    return f"{ms / 1000:.1f} s" if ms >= 1000 else f"{ms:.0f} ms"
