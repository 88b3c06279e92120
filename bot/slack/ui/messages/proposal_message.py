"""Direct message about a draft that an agent proposed, kept current until its parts are decided."""

from bot.slack.protocol.block_builders import Message, actions, button, message, section
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import DraftTarget
from bot.slack.screens.open_draft import OpenDraft
from domain.kernel.text_formatting import count_phrase
from domain.model import ThreatModel
from domain.wording.drafts import sources_phrase


def proposal_message(opened: OpenDraft, model: ThreatModel, target: DraftTarget, *, own: bool) -> Message:
    """Return the message with the number of open proposals; `own` if the reader's agent made them."""
    left = len(opened.comparison.open)
    whose = "Your agent" if own else "An agent"
    client = escape(opened.origin.client, _CLIENT)
    where = f"*{escape_name(model.name)}* ({model.key})"
    source = escape(sources_phrase(opened.draft.sources), _SOURCES)
    said = f"{whose} ({client}) proposed {count_phrase(_count(opened), 'item')} for {where} from {source}."
    if not left:
        text = f"{said} Nothing is left to decide."
        return message(_plain(text), [section(text)])
    text = f"{said} {count_phrase(left, 'item')} to accept or reject."
    look = button("Look", ButtonKind.OPEN, target, suffix="draft", style="primary")
    return message(_plain(text), [section(text), actions(look)])


def _count(opened: OpenDraft) -> int:
    return len(opened.comparison.proposals)


def _plain(text: str) -> str:
    return text.replace("*", "")


_CLIENT = 60
_SOURCES = 200
