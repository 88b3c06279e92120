"""What the bot puts into an issue: a part of the text between two lines, and labels by which it is found."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

import msgspec

from bot.report.markdown_renderer import escape_text, link_target
from bot.trackers.text_defusing import JOINER, defused, one_line, shortened
from bot.trackers.tracker import IssueContent
from domain.kernel.due_dates import short_day

_BEGIN: Final = "Maintained by the threat model bot: "
_END: Final = ("End of ", ". The bot overwrites edits between these lines.")
_BEGIN_ENDED: Final = "No longer maintained by the threat model bot: "
_END_ENDED: Final = ("End of ", ". The bot no longer changes these lines.")
_WORD: Final = re.compile(r"[^\W_]+")
_LETTER: Final = re.compile(r"[^\W_]")

MOST_LINES: Final = 40
MOST_IN_A_LINE: Final = 1_000


class Markup(msgspec.Struct, frozen=True, kw_only=True):
    """How a tracker writes text: `escape` takes user text to one harmless line, `link` text and address."""

    escape: Callable[[str], str]
    link: Callable[[str, str], str]
    bullet: str = "- "


def escape_markdown(text: str) -> str:
    """Return the text on one line, defused and escaped as Markdown."""
    return escape_text(defused(text))


MARKDOWN: Final = Markup(escape=escape_markdown, link=lambda text, to: f"[{text}]({link_target(to)})")
PLAIN: Final = Markup(escape=defused, link=lambda text, to: f"{text}: {to}")


def issue_text(
    people: str,
    content: IssueContent,
    markup: Markup,
    *,
    most: int,
    due: date | None = None,
    reference: str = "",
) -> str:
    """Return an issue's text with our part put in or replaced; the text of people outside of it stays.

    `people` is the current text, empty for a new issue. `due` is given for a tracker without a field for it,
    `reference` is the mark for one without labels. The part gets fewer lines where the whole text would have
    more than `most` characters; where even an empty part, or one with only the reference, is too much, the
    text stays as it is. So does a text without our part when the content has `ended`.
    """
    first = [f"{markup.bullet}Reference: {reference}"] if reference else []
    lines = [*first, *part_lines(content, markup, due=due)]
    rows = people.split("\n")
    kept = kept_rows(rows, content.subject)  # once: the text of people may be long
    if content.ended and None not in kept:
        return people
    for count in range(len(lines), len(first) - 1, -1):
        written = _written(rows, kept, fenced(content.subject, lines[:count], ended=content.ended))
        if len(written) <= most:
            return written
    return people


def part_lines(content: IssueContent, markup: Markup, *, due: date | None = None) -> Sequence[str]:
    """Return the lines of our part in the tracker's markup, the link and the due date first."""
    link = [markup.link("Open the mitigation in the threat model", content.link)] if content.link else []
    when = [f"Due: {short_day(due)}"] if due else []
    texts = [markup.escape(shortened(line, MOST_IN_A_LINE)) for line in content.lines[:MOST_LINES]]
    shown = [*link, *when, *(_apart(text) for text in texts if text)]
    return [f"{markup.bullet}{one}" for one in shown]


def fenced(name: str, lines: Sequence[str], *, ended: bool = False) -> str:
    """Return our part: the lines between the two by which it is found again."""
    inner = (*lines, "") if lines else ()
    return "\n".join((begin_line(name, ended=ended), "", *inner, end_line(name, ended=ended)))


def begin_line(name: str, *, ended: bool = False) -> str:
    """Return the line above our part."""
    return f"— {_BEGIN_ENDED if ended else _BEGIN}{one_line(name)} —"


def end_line(name: str, *, ended: bool = False) -> str:
    """Return the line below our part."""
    return f"— {one_line(name).join(_END_ENDED if ended else _END)} —"


def kept_rows(rows: Sequence[str], name: str) -> Sequence[int | None]:
    """Return the numbers of the rows of a text that stay, with None in place of our earlier part of a name.

    Rows are lines, or what a tracker has instead, such as paragraphs. There is no None without a part.
    Further copies of the part are left out, and a single one of its two lines: what is between them is then
    taken for text of people.
    """
    parts, strays = _parts(rows, name)
    kept: list[int | None] = []
    for number in range(len(rows)):
        within = next((part for part in parts if part[0] <= number <= part[1]), None)
        if within is None and number not in strays:
            kept.append(number)
        elif within and within == parts[0] and number == within[0]:
            kept.append(None)
    return kept


def _written(rows: Sequence[str], kept: Sequence[int | None], part: str) -> str:
    written = "\n".join(part if number is None else rows[number] for number in kept)
    if None in kept:
        return written
    return f"{part}\n\n{written}" if written.strip() else part


def _parts(lines: Sequence[str], name: str) -> tuple[list[tuple[int, int]], set[int]]:
    """The first and last lines of the parts of a name, and the numbers of single lines of the two."""
    begins = [_words(begin_line(name, ended=ended)) for ended in (False, True)]
    ends = [_words(end_line(name, ended=ended)) for ended in (False, True)]
    parts: list[tuple[int, int]] = []
    strays: set[int] = set()
    begun: int | None = None
    for number, line in enumerate(lines):
        if not _is_fence(line):
            continue
        words = _words(line)
        if words in ends and begun is not None:
            parts.append((begun, number))
        elif words in (*begins, *ends):
            strays.add(number)
        begun = number if words in begins else None
    return parts, strays


def _is_fence(line: str) -> bool:
    """Whether a line begins or ends the part of some mitigation, in whatever markup a tracker returns it."""
    words = _words(line)
    begins = any(words[: len(begin)] == begin for begin in _BEGINS)
    ends = any(words[: len(one)] == one and words[-len(last) :] == last for one, last in _ENDS)
    return (begins or ends) and not line.lstrip().startswith(">")


def _words(line: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(line))


_BEGINS: Final = (_words(_BEGIN), _words(_BEGIN_ENDED))
_ENDS: Final = tuple((_words(first), _words(last)) for first, last in (_END, _END_ENDED))


def _apart(line: str) -> str:
    """A line of ours that is none of the two."""
    return _LETTER.sub(rf"\g<0>{JOINER}", line, count=1) if _is_fence(line.lstrip("\\> ")) else line
