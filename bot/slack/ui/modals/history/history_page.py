"""Page of the history, the newest entry first."""

from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile

from msgspec.structs import replace

from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button,
    confirm,
    context,
    modal,
    paragraphs,
    section,
)
from bot.slack.protocol.date_markup import local_time
from bot.slack.protocol.escaping import escape, one_line
from bot.slack.protocol.interactions import Action, ButtonKind
from bot.slack.protocol.targets import Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.page_declaration import Page, PageSource
from bot.slack.ui.modals.paging import list_page, page_buttons
from bot.slack.ui.texts.common_texts import imported_line, person_name
from domain.commands import Undo
from domain.history import TimelineEntry
from domain.kernel.person_names import Naming, with_names
from domain.kernel.text_formatting import count_phrase


def history_page(showing: PageData) -> View:
    """Return the history, answer by answer; undone answers stay, with a mark."""
    target = showing.target
    shown = list_page(_beginning_as_one(showing.history)[::-1], target, _ON_A_PAGE)
    blocks = [section(f"*{count_phrase(shown.of, 'entry')}*, newest first.")]
    if imported := imported_line(showing.register, showing.naming):
        blocks.append(context(imported))
    if showing.register.allows(Undo) and not shown.number:
        blocks.append(actions(_undo(target)))
    for _, group in groupby(shown.items, key=lambda entry: (entry.answer, entry.undoes)):
        # Within one answer, entries keep their original order.
        blocks += _answer(list(group)[::-1], showing.naming)
    return modal("History", [*blocks, *page_buttons(shown, target)], target=target)


def _beginning_as_one(history: Sequence[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    """Return the history with everything from a template as one entry: it may be hundreds."""
    if not history or not history[0].from_template:
        return tuple(history)
    first, copied = history[0], list(takewhile(lambda one: one.answer == history[0].answer, history[1:]))
    entries = count_phrase(len(copied), "element or answer", "elements and answers")
    begun = replace(first, text=f"{first.text}: {entries}")
    return (begun, *history[1 + len(copied) :])


HISTORY = Page(name="history", show=history_page, source=PageSource.HISTORY)


def _undo(target: Target) -> Block:
    return button(
        "Undo my last change",
        ButtonKind.DO,
        Target(name=Action.UNDO, stream=target.stream),
        confirm=confirm(
            "Undo your last change?",
            "Your last change is reverted. It remains in the history, marked as undone.",
            yes="Undo",
        ),
    )


def _answer(entries: list[TimelineEntry], naming: Naming) -> Iterator[Block]:
    head = entries[0]
    who = person_name(naming, head.by) if head.by else "Someone"
    when = f" · {local_time(head.at)}" if head.at else ""
    undone = " · ✗ undone" if any(entry.undone for entry in entries) else ""
    mark = "• " if len(entries) > 1 else ""
    lines = (f"{mark}{_entry_text(entry, naming)}" for entry in entries)
    return paragraphs(f"*{who}*{when}{undone}", lines)


def _entry_text(entry: TimelineEntry, naming: Naming) -> str:
    """Return the history entry with the names of people."""
    text = with_names(one_line(entry.text), entry.people, lambda id: one_line(naming(id)) or id)
    return escape(text, _TEXT)


_ON_A_PAGE = 40
_TEXT = 300
