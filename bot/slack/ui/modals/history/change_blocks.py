"""Changes between two moments, as blocks."""

from collections.abc import Sequence
from itertools import groupby

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Block, section
from bot.slack.protocol.escaping import escape, one_line
from bot.slack.ui.texts.common_texts import person_name
from domain.changes import Change
from domain.kernel.person_names import Naming, with_names
from domain.kernel.text_formatting import count_phrase


def change_blocks(changes: Sequence[Change], naming: Naming) -> list[Block]:
    """Return the changes by group, with old and new value and author; the first few if there are many."""
    return [
        section(_group(heading, list(some), naming))
        for heading, some in groupby(changes, key=lambda one: one.group.label)
    ]


def _group(heading: str, changes: list[Change], naming: Naming) -> str:
    text = f"*{heading}*"
    for place, one in enumerate(changes):
        line = f"\n• {_change_text(one, naming)}"
        left = len(changes) - place
        if place == _MAX_LINES or len(text) + len(line) > slack_limits.SECTION - len(_more(left)):
            return text + _more(left)
        text += line
    return text


def _more(left: int) -> str:
    return f"\nand {left} more"


def _change_text(one: Change, naming: Naming) -> str:
    """Return one change in words: `The cat · AS-5 added by Ben`, and its details."""

    def clipped(words: str, limit: int) -> str:
        return escape(with_names(one_line(words), one.people, lambda id: one_line(naming(id)) or id), limit)

    by = ", ".join(person_name(naming, id) for id in one.by)
    head = f"{clipped(one.called, _NAME)} {one.how}{f' by {by}' if by else ''}"
    details = [clipped(detail.text, _DETAIL) for detail in one.details[:_DETAILS]]
    if len(one.details) > _DETAILS:
        details.append(f"{count_phrase(len(one.details) - _DETAILS, 'more change')}")
    return f"{head}: {'; '.join(details)}" if details else head


_MAX_LINES = 12
_NAME = 90
_DETAIL = 160
_DETAILS = 4
