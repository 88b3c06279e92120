"""Dispatch table: the handler of each request and event."""

from collections.abc import Callable
from typing import Literal

import msgspec

from bot.slack.handlers import draft_submission, event_handlers, modal_buttons
from bot.slack.handlers.handler_responses import HandlerResponse
from bot.slack.handlers.slash_commands import command_table
from bot.slack.handlers.submissions import (
    form_submission,
    question_pages,
    report_threat,
    start_model,
    tracker_submissions,
    voting_submissions,
    workspace_settings,
)
from bot.slack.protocol.app_ids import (
    DRAFT_SHORTCUT,
    IMPORT_SHORTCUT,
    REPORT_SHORTCUT,
    START_SHORTCUT,
)
from bot.slack.protocol.requests import (
    BlockAction,
    ShortcutRequest,
    SlackEvent,
    ViewSubmission,
)
from bot.slack.protocol.targets import ButtonKind, Target
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form import FormSubmission

BUTTON_HANDLERS: dict[str, Callable[[Services, BlockAction, Target], HandlerResponse]] = {
    ButtonKind.OPEN: modal_buttons.open_form,
    ButtonKind.SHOW: modal_buttons.show_page,
    ButtonKind.TURN: modal_buttons.replace_page,
    ButtonKind.FILTER: modal_buttons.filter_page,
    ButtonKind.CHOOSE: report_threat.change_model,
    ButtonKind.DO: form_submission.perform_action,
    ButtonKind.DRAFT: draft_submission.press_draft_button,
    ButtonKind.TRACKER: tracker_submissions.press_tracker_button,
    ButtonKind.WORD: command_table.answer_word_button,
    ButtonKind.LINK: modal_buttons.follow_link,
}
SUBMISSION_HANDLERS: dict[FormSubmission, Callable[[Services, ViewSubmission, Target], HandlerResponse]] = {
    FormSubmission.COMMAND: form_submission.submit_form,
    FormSubmission.NEW_MODEL: start_model.start_model,
    FormSubmission.CHOSEN_MODEL: report_threat.report_threat,
    FormSubmission.BALLOT: voting_submissions.cast_ballot,
    FormSubmission.QUESTIONS: question_pages.submit_questions,
    FormSubmission.WORKING_HOURS: workspace_settings.set_working_hours,
    FormSubmission.WORKSPACE_SETTINGS: workspace_settings.choose_workspace_settings,
    FormSubmission.IMPORT: start_model.import_previewed_file,
    FormSubmission.DRAFT: draft_submission.accept_page,
    FormSubmission.FILES: draft_submission.submit_files,
    FormSubmission.TRACKER: tracker_submissions.submit_tracker_form,
    FormSubmission.PAGE: modal_buttons.show_next_page,
}


class ShortcutDeclaration(msgspec.Struct, frozen=True, kw_only=True):
    """A shortcut of Slack's menus and its handler."""

    callback_id: str
    type: Literal["global", "message"]
    name: str
    description: str
    answer: Callable[[Services, ShortcutRequest, Target], HandlerResponse]


SHORTCUTS: dict[str, ShortcutDeclaration] = {
    one.callback_id: one
    for one in (
        ShortcutDeclaration(
            callback_id=START_SHORTCUT,
            type="global",
            name="Start a threat model",
            description="Create a threat model for a system your team builds",
            answer=start_model.open_start,
        ),
        ShortcutDeclaration(
            callback_id=REPORT_SHORTCUT,
            type="message",
            name="Report as threat",
            description="Report this message as a threat in the channel's model",
            answer=report_threat.open_report,
        ),
        ShortcutDeclaration(
            callback_id=IMPORT_SHORTCUT,
            type="message",
            name="Import as threat model",
            description="Preview the attached file and import it as a threat model",
            answer=start_model.open_import,
        ),
        ShortcutDeclaration(
            callback_id=DRAFT_SHORTCUT,
            type="message",
            name="Draft from file",
            description="Propose elements and answers from the attached files",
            answer=draft_submission.open_files,
        ),
    )
}

LINK_SHARED = "link_shared"
"""The event that only an app with a domain for previews subscribes to."""

EVENT_HANDLERS: dict[str, Callable[[event_handlers.EventContext, SlackEvent], event_handlers.After]] = {
    "app_home_opened": event_handlers.app_home_opened,
    "app_mention": event_handlers.app_mentioned,
    "app_uninstalled": event_handlers.app_uninstalled,
    "channel_archive": event_handlers.channel_archived,
    "channel_deleted": event_handlers.bot_removed,
    "channel_id_changed": event_handlers.channel_id_changed,
    "channel_left": event_handlers.bot_removed,
    "channel_rename": event_handlers.channel_renamed,
    "channel_shared": event_handlers.channel_sharing_changed,
    "channel_unarchive": event_handlers.channel_unarchived,
    "channel_unshared": event_handlers.channel_sharing_changed,
    "group_archive": event_handlers.channel_archived,
    "group_deleted": event_handlers.bot_removed,
    "group_left": event_handlers.bot_removed,
    "group_rename": event_handlers.channel_renamed,
    "group_unarchive": event_handlers.channel_unarchived,
    LINK_SHARED: event_handlers.links_shared,
    "member_joined_channel": event_handlers.member_joined,
    "member_left_channel": event_handlers.member_left,
    "message.im": event_handlers.direct_message_received,
    "tokens_revoked": event_handlers.app_uninstalled,
    "user_change": event_handlers.user_changed,
}
