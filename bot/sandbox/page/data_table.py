"""Slack's data_table block, paginated."""

from bot.sandbox.page.block_html import table_html
from bot.sandbox.page.html_elements import button, element, html
from bot.sandbox.slack_json import Json, json_items
from bot.sandbox.users.mrkdwn import Name

PAGE_ROWS = 5
"""Slack's default page size."""


def draw_data_table(block: Json, name: Name) -> None:
    """Draw a table with buttons to page through its rows."""
    rows = len(json_items(block.get("rows"))) - 1
    size = int(block.get("page_size") or PAGE_ROWS)
    at = [1]

    def draw() -> None:
        frame.clear()
        end = min(at[0] + size, rows + 1)
        with frame:
            html(table_html(block, name, only=range(at[0], end)))
            if rows > size:
                with element("div", css="table-foot"):
                    html(f"{at[0]} to {end - 1} of {rows}", tag="span")
                    _turn("Previous", -size, off=at[0] == 1)
                    _turn("Next", size, off=end > rows)

    def _turn(shown: str, by: int, *, off: bool) -> None:
        def turn() -> None:
            at[0] += by
            draw()

        turner = button(shown, css="chip", press=turn)
        turner.props["disabled"] = off

    frame = element("div", css="data-table")
    draw()
