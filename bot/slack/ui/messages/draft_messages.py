"""Messages about drafts: that one is ready, and that a source has changed since the last one."""

from bot.slack.protocol.block_builders import Message, actions, button, message, section
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import DraftTarget
from bot.slack.screens.open_draft import OpenDraft
from bot.slack.ui.modals.drafting.draft_texts import draft_summary
from domain.kernel.text_formatting import count_phrase, join_list
from domain.wording.drafts import sources_phrase


def draft_ready(opened: OpenDraft, target: DraftTarget) -> Message:
    """Return the message to the person whose form was closed before the draft was read."""
    return _with_button(f"The draft is ready. {draft_summary(opened)}", target)


def source_changed(opened: OpenDraft, target: DraftTarget) -> Message:
    """Return the line about what changed in sources since they were accepted."""
    comparison = opened.comparison
    parts = [
        f"{count_phrase(count, 'thing')} {'is' if count == 1 else 'are'} {word}"
        for count, word in (
            (len(comparison.new), "new"),
            (len(comparison.changed), "different"),
            (len(comparison.gone), "gone"),
        )
        if count
    ]
    since = f"since the last draft of {sources_phrase(opened.draft.sources)}"
    return _with_button(f"{join_list(parts)} {since}.", target)


def _with_button(text: str, target: DraftTarget) -> Message:
    pressed = button("Look", ButtonKind.OPEN, target, suffix="draft")
    return message(text, [section(escape(text)), actions(pressed)])
