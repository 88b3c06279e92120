"""Direct message about approvals that a file ascribes to its reader, without any text of it."""

from collections.abc import Iterable, Sequence

from bot.slack.protocol.block_builders import Message, actions, button, message, section
from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import Target
from domain.kernel.elements import ModelKey
from domain.kernel.import_mark import SCREENING, Claim
from domain.kernel.text_formatting import count_phrase, join_list


def claim_message(stream: str, key: ModelKey, importer: str, claims: Sequence[Claim]) -> Message:
    """Return the question, asked once, whether statements of a file are the reader's."""
    text = (
        f"{escape_name(importer)} imported {key} from a file. The file states that you "
        f"{join_list([*_phrases(claims)])}. None of this counts unless you confirm it. You are asked once."
    )
    review = button("Review", ButtonKind.SHOW, Target(name="claims", stream=stream), style="primary")
    return message(text, [section(text), actions(review)])


def _phrases(claims: Iterable[Claim]) -> Iterable[str]:
    subjects = [one.subject for one in claims]
    risks = sum(one.startswith("TH-") for one in subjects)
    mitigations = sum(one.startswith("MI-") for one in subjects)
    if risks:
        yield f"approved {count_phrase(risks, 'accepted risk')}"
    if mitigations:
        yield f"verified {count_phrase(mitigations, 'mitigation')}"
    if SCREENING in subjects:
        yield "confirmed the screening"
