"""Questions that require no person: scopes, fields, sizes, files, a canvas, an invalid trigger."""

from collections.abc import Mapping
from typing import Final

from bot.probe.artifact_log import Artifact
from bot.probe.field_comparison import compare_fields
from bot.probe.limit_texts import ask_about_characters
from bot.probe.probe_answers import (
    AnswerFields,
    CanvasAnswer,
    Installed,
    LargestCard,
    Outcome,
    Texts,
    TriggerAnswer,
)
from bot.probe.probe_channel import ProbeChannel
from bot.slack.protocol import slack_limits
from bot.slack.protocol.app_ids import SCOPES
from bot.slack.protocol.block_builders import Block, Message, plain_text
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused

EDIT: Final = 4_000
"""Characters of the text that `chat.update` takes."""

UNKNOWN_TRIGGER: Final = "1234567890.1234567890.0123456789abcdef0123456789abcdef"


def ask_about_installation(site: ProbeChannel) -> Installed:
    """Ask which scopes are granted, and whether the workspace is part of an organization."""
    answer, listed = site.api.call_for_header("auth.test", header="x-oauth-scopes")
    granted = {one.strip() for one in (listed or "").split(",") if one.strip()}
    return Installed(
        scopes_listed=listed is not None,
        missing_scopes=tuple(sorted(set(SCOPES) - granted)) if listed is not None else (),
        extra_scopes=tuple(sorted(granted - set(SCOPES))),
        enterprise=bool(answer.get("enterprise_id")),
        org_wide=bool(answer.get("is_enterprise_install")),
    )


def ask_about_fields(site: ProbeChannel, channel: str, person: str) -> AnswerFields:
    """Compare the fields of three answers with recorded ones."""
    asked: Mapping[str, Json] = {
        "conversations.info": site.api.call("conversations.info", channel=channel),
        "conversations.members": site.api.call("conversations.members", channel=channel),
        "users.info": site.api.call("users.info", user=person),
    }
    found = {method: compare_fields(method, answer) for method, answer in asked.items()}
    return AnswerFields(
        conversations_info=found["conversations.info"],
        conversations_members=found["conversations.members"],
        users_info=found["users.info"],
    )


def ask_about_largest_card(site: ProbeChannel, root: Artifact, card: Message) -> LargestCard:
    """Post the largest card in the thread, and edit it."""
    try:
        posted = site.post(root.channel, card.text, thread=root.id, blocks=card.blocks)
    except ApiRefused as refused:
        small = site.post(root.channel, "A small message, to be edited.", thread=root.id)
        return LargestCard(posted=site.refusal(refused), updated=_edited(site, small, card))
    return LargestCard(posted=Outcome(), updated=_edited(site, posted, card))


def _edited(site: ProbeChannel, message: Artifact, card: Message) -> Outcome:
    return site.edit(message, text=card.text, blocks=[*card.blocks[1:], card.blocks[0]])


def ask_about_texts(site: ProbeChannel, root: Artifact) -> Texts:
    """Edit one message to texts at each limit and one character over it."""
    message = site.post(root.channel, "Texts at their limits.", thread=root.id)

    def section(text: str) -> Outcome:
        block = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
        return site.edit(message, text="A section", blocks=[block])

    def header(text: str) -> Outcome:
        block: Block = {"type": "header", "text": {"type": "plain_text", "text": text}}
        return site.edit(message, text="A header", blocks=[block])

    def edit(text: str) -> Outcome:
        return site.edit(message, text=text, blocks=[])

    return Texts(
        section=ask_about_characters(section, slack_limits.SECTION),
        header=ask_about_characters(header, slack_limits.HEADER),
        edit=ask_about_characters(edit, EDIT),
    )


def ask_about_canvas(site: ProbeChannel, channel: str, markdown: str) -> CanvasAnswer:
    """Create a canvas from a report, write it again, and delete it."""
    content = {"type": "markdown", "markdown": markdown}
    try:
        made = site.create_canvas(content=content, channel=channel)
    except ApiRefused as refused:
        refusal = site.refusal(refused)
        return CanvasAnswer(created=refusal, replaced=_NO_CANVAS, deleted=_NO_CANVAS)
    changes = [{"operation": "replace", "document_content": content}]
    replaced = site.outcome("canvases.edit", canvas_id=made.id, changes=changes)
    deleted = site.outcome("canvases.delete", canvas_id=made.id)
    if deleted == Outcome():
        site.leftovers.record_deleted(made)
    return CanvasAnswer(created=Outcome(), replaced=replaced, deleted=deleted)


_NO_CANVAS: Final = Outcome(code="no_canvas")


def ask_about_unknown_trigger(site: ProbeChannel) -> TriggerAnswer:
    """Open a form by a trigger that Slack never gave out."""
    return TriggerAnswer(opened=site.outcome("views.open", trigger_id=UNKNOWN_TRIGGER, view=small_view()))


def small_view() -> Json:
    """Return the smallest form that Slack takes."""
    words = plain_text("Slack probe", slack_limits.MODAL_TITLE)
    return {"type": "modal", "title": words, "blocks": [{"type": "section", "text": words}]}
