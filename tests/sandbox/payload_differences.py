"""Where the sandbox differs from recorded payloads of Slack, and what it leaves out, each with a reason."""

DIFFERENT: dict[str, str] = {
    "methods conversations.info channel.is_frozen": "Slack's reference publishes it",
    "methods auth.revoke revoked": "recorded with an error only; Slack's reference has it",
    "methods conversations.open channel.is_user_deleted": "one shape of a conversation for all methods",
    "methods files.info response_metadata": "Slack's reference publishes it",
    "methods files.info file.original_w": "a number in the recordings of completeUploadExternal",
    "methods files.info file.original_h": "a number in the recordings of completeUploadExternal",
    **{
        f"methods chat.update message.{name}": "the whole message; it was recorded without replies"
        for name in (
            "is_locked", "latest_reply", "reply_count", "reply_users", "reply_users_count", "subscribed",
            "thread_ts", "ts",
        )
    },
    **{
        f"events {name} event.event_ts": "every event of the Events API has it; these recordings are older"
        for name in ("app_uninstalled", "team_join", "tokens_revoked", "user_change")
    },
    "events group_unarchive event.user": "as in channel_unarchive, where it was recorded",
    "events * context_team_id": "the recordings are older; Slack's SDKs read it",
    "events * context_enterprise_id": "the recordings are older; Slack's SDKs read it",
    "events message event.app_id": "the bot's own message, which was recorded from a person only",
    "events message event.source_team": "as in app_mention, where it was recorded",
    "events message event.user_team": "as in app_mention, where it was recorded",
    "methods files.info file.shares.public.C0HOUSE01": "keyed by the channel, which has another id there",
    **{
        f"interactive {kind} view.blocks": "blocks are blanked in the recordings"
        for kind in (
            "interactive-components/BlockActionPayload", "views/ViewClosedPayload",
            "views/ViewSubmissionPayload",
        )
    },
    "interactive interactive-components/MessageShortcutPayload api_app_id": "as in every other payload",
    "interactive interactive-components/MessageShortcutPayload user.username": "as in every other payload",
    "interactive views/ViewSubmissionPayload response_urls": "Slack's documentation shows it, empty or not",
    "interactive slash-commands/SlashCommandPayload is_enterprise_install": "a form's fields are all text",
}  # fmt: skip
"""Fields that were never recorded, or with another type: where they are sent, and the reason."""

NOT_OFFERED: dict[str, str] = {
    "events file_deleted": "no bot here subscribes to it",
    "events channel_id_changed": "sent where a private channel is shared, which is tested elsewhere",
    "events team_domain_change": "the workspace keeps its name",
    "events team_rename": "the workspace keeps its name",
    "interactive dialogs/DialogCancellationPayload": "dialogs are what modals were before",
    "interactive dialogs/DialogSubmissionPayload": "dialogs are what modals were before",
    "interactive dialogs/DialogSuggestionPayload": "dialogs are what modals were before",
    "interactive interactive-components/AttachmentActionPayload": "messages here carry no attachments",
    **{
        f"methods {name}": "not used by bots that are tried here"
        for name in (
            "canvases.access.delete",
            "canvases.access.set", "canvases.sections.lookup", "chat.deleteScheduledMessage",
            "conversations.canvases.create", "conversations.join", "functions.completeError",
            "functions.completeSuccess", "users.lookupByEmail", "users.profile.get",
        )
    },
}  # fmt: skip
"""Kinds of recordings that the sandbox does not send or answer."""

LEFT_OUT: dict[str, str] = {
    "authed_teams": "Slack has ceased to send it",
    "authed_users": "Slack has ceased to send it",
    "app_unfurl": "links are not unfurled",
    "bot_access_token": "of workflow apps",
    "function_data": "of workflow apps",
    "interactivity": "of workflow apps",
}
"""Outer fields that were recorded and that the sandbox never sends."""
