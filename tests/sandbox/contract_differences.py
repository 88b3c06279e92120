"""Where the sandbox differs from Slack's published reference, and why each difference stands."""

from typing import Literal, NamedTuple

Kind = Literal[
    "not offered", "error not sent", "error not published", "argument not read", "argument not published",
    "key missing", "key not published", "limit not probed", "fixture refused",
]  # fmt: skip


class Difference(NamedTuple):
    """One or more differences of a kind, in one method, event or file (`*`: in any), with their reason."""

    kind: Kind
    where: str
    names: tuple[str, ...]
    reason: str


def _row(kind: Kind, where: str, names: str, reason: str) -> Difference:
    return Difference(kind, where, tuple(names.split()), reason)


DIFFERENCES = (
    # Methods
    _row("not offered", "bots.info", "reference", "the reference has no page for it; slack_bolt calls it"),
    *(_row("not offered", event, "reference", "the reference has no page for it; Slack's own pages do")
      for event in ("channel_archive", "channel_unarchive", "file_shared", "group_archive", "group_deleted",
                    "group_rename", "group_unarchive")),
    # Errors that Slack publishes
    _row("error not sent", "*", "access_denied accesslimited enterprise_is_restricted ekm_access_denied "
         "no_permission org_login_required team_added_to_org two_factor_setup_required forbidden_team "
         "app_access_restricted enterprise_not_found org_not_found team_not_on_enterprise missing_user "
         "fail_to_get_teams_for_restricted_user team_not_found user_not_visible too_many_users",
         "no rules of an organisation or a network about guests, apps or addresses"),
    _row("error not sent", "*", "is_bot not_bearer_token", "every token is a bot's or an app's"),
    _row("error not sent", "*", "deprecated_endpoint method_deprecated not_implemented not_enabled",
         "what is offered here is current"),
    _row("error not sent", "*", "fatal_error internal_error service_unavailable request_timeout "
         "update_failed fetch_members_failed list_record_comment_fetch_failed external_channel_migrating",
         "Slack's own trouble comes as a fault on demand: 5xx, latency, a lost answer"),
    _row("error not sent", "*", "invalid_arg_name invalid_array_arg invalid_form_data invalid_post_type "
         "missing_post_type insecure_request missing_args missing_argument limit_required",
         "malformed requests, which Slack's own clients cannot send"),
    _row("error not sent", "*", "unknown_method",
         "sent for any name that is not offered, never by one that is"),
    _row("error not sent", "*", "method_not_supported_for_channel_type channel_is_limited_access "
         "restricted_action posting_to_channel_denied messages_tab_disabled",
         "settings of a workspace that lets the app write; a channel's own rules are kept"),
    _row("error not sent", "*", "message_limit_exceeded edit_window_closed cannot_reply_to_message "
         "cant_broadcast_message no_dual_broadcast_content_update streaming_state_conflict block_mismatch "
         "rate_limited", "workspace settings and kinds of message that are not offered"),
    _row("error not sent", "*", "too_many_attachments invalid_attachments attachment_payload_limit_exceeded "
         "too_many_contact_cards blocked_file_type file_deleted file_is_deleted "
         "file_share_limit_reached max_file_sharing_exceeded missing_file_data unable_to_share_files "
         "slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked "
         "slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked "
         "slack_connect_file_upload_sharing_blocked slack_connect_lists_sharing_blocked",
         "messages here carry no attachments, and no files but those that were uploaded for them"),
    _row("error not sent", "chat.unfurl", "cannot_auth_user cannot_prompt cannot_find_service "
         "invalid_metadata_format", "no service asks a reader to sign in, and a preview has no metadata"),
    _row("error not sent", "chat.unfurl", "invalid_source invalid_unfurl_id missing_source missing_unfurl_id",
         "previews are of posted messages, by their timestamps"),
    _row("error not sent", "chat.update", "file_not_found", "an edit brings no files"),
    _row("error not sent", "*", "file_type_not_allowed file_uploads_disabled file_update_failed "
         "file_uploads_except_images_disabled storage_limit_reached canvas_disabled_file_team "
         "canvas_disabled_user_team canvas_globally_disabled template_not_visible",
         "settings of a workspace that allows every file and every canvas"),
    _row("error not sent", "*", "free_team_canvas_tab_already_exists "
         "free_teams_cannot_edit_standalone_canvases free_teams_cannot_create_non_tabbed_canvases "
         "free_teams_cannot_create_standalone_canvases canvas_deleting_disabled",
         "a paid workspace; the others' refusals come as faults on demand"),
    _row("error not sent", "canvases.edit", "canvas_editing_locked canvas_too_large",
         "one edit at a time, and each replaces everything, whose size is looked at before"),
    _row("error not sent", "*", "not_visible invalid_channel",
         "who does not see a file or channel is told file_not_found or channel_not_found"),
    _row("error not sent", "files.delete", "delete_not_allowed file_deleting_disabled",
         "no settings of a workspace; who may not is told cant_delete_file"),
    _row("error not sent", "files.getUploadURLExternal", "unknown_snippet_type unknown_subtype",
         "any word is taken for a language"),
    _row("error not sent", "*", "as_user_not_supported send_on_behalf_not_allowed draft_already_deleted "
         "draft_already_sent draft_has_conflict draft_not_found duplicate_channel_not_found "
         "duplicate_message_not_found", "arguments of classic apps and of Slack's own client"),
    _row("error not sent", "*", "invalid_metadata_schema invalid_metadata_filter_keys "
         "metadata_must_be_sent_from_app", "metadata is kept as it comes; no schema is registered"),
    _row("error not sent", "*", "invalid_ts_latest invalid_ts_oldest not_enough_users "
         "users_list_not_supplied invalid_user_combination missing_profile_id user_not_found",
         "rare refusals of arguments, not told apart yet"),
    _row("error not sent", "*", "msg_too_long", "too long a text of a new message is cut, as Slack does it"),
    _row("error not sent", "oauth.v2.access", "invalid_code_verifier "
         "no_scopes oauth_authorization_url_mismatch pkce_not_allowed "
         "preview_feature_not_available user_email_unverified",
         "no PKCE; a link that asks for nothing is refused on the page"),
    _row("error not sent", "*", "authorization_not_found client_id_token_mismatch",
         "there is one app, and the token of an installation that has ended is refused before"),
    # Errors that Slack does not publish for the method
    _row("error not published", "*", "invalid_arguments",
         "Slack sends it with messages for a missing or malformed field; its pages leave it out"),
    _row("error not published", "*", "cannot_dm_bot",
         "one check of what `channel` names; Slack refuses to open direct messages with a bot"),
    _row("error not published", "*", "msg_blocks_too_long",
         "published for chat.postMessage; the same blocks are refused wherever they are sent"),
    _row("error not published", "*", "not_in_channel",
         "published for conversations.history; replies and the others share its check"),
    _row("error not published", "*", "invalid_limit",
         "published for some of the paged methods; one check here"),
    _row("error not published", "canvases.create", "channel_not_found",
         "one check of what a channel's id names; Slack's page does not say what it sends"),
    _row("error not published", "oauth.v2.access", "code_already_used",
         "Slack sends it for the second use of a code; its page leaves it out"),
    # Arguments
    _row("argument not read", "*", "as_user icon_emoji icon_url username link_names mrkdwn parse "
         "unfurl_links unfurl_media current_draft_last_updated_ts attachments unfurled_attachments file_ids",
         "how a message looks or what it carries beyond text and blocks; taken and ignored"),
    _row("argument not read", "*", "team_id team",
         "read before the method: with the token of an organisation they select the workspace"),
    _row("argument not read", "*", "domain include_locale include_icon",
         "no search, one language, no picture"),
    _row("argument not read", "*", "interactivity_pointer", "another name of trigger_id, for workflows"),
    _row("argument not read", "chat.postEphemeral", "metadata", "nobody can read an ephemeral message back"),
    _row("argument not read", "chat.unfurl", "source unfurl_id user_auth_blocks user_auth_message "
         "user_auth_required user_auth_url", "previews are of posted messages, without a sign-in"),
    _row("argument not read", "chat.update", "reply_broadcast", "an edit does not broadcast here"),
    _row("argument not read", "oauth.v2.access", "assertion code_verifier",
         "no PKCE, no exchange of assertions"),
    _row("argument not read", "files.info", "cursor limit", "they page through comments, which are gone"),
    _row("argument not read", "conversations.open", "prevent_creation", "direct messages are always there"),
    # Keys of answers and events
    _row("key missing", "*", "message.attachments message.subtype message.username messages[].attachments",
         "the example is a classic app's message; today's carries user, app_id and bot_profile"),
    _row("key missing", "*", "latest response_metadata response_metadata.next_cursor messages[].last_read "
         "messages[].unread_count channel.is_open channel.last_read channel.latest channel.unread_count "
         "channel.unread_count_display channel.priority channels[].is_open channels[].priority",
         "what depends on a further page, on the reader, or on a direct message"),
    _row("key missing", "*", "channel.locale channel.parent_conversation channel.properties channel.user "
         "channels[].is_user_deleted channels[].num_members channels[].user",
         "only some conversations have them; num_members is told where it is asked for"),
    _row("key missing", "conversations.open", "already_open no_op", "only a hint, which no client needs"),
    _row("key missing", "team.info", "team.enterprise_id team.enterprise_name team.icon",
         "told in an organisation only, and no picture of the workspace"),
    _row("key missing", "*", "user.has_2fa members[].has_2fa", "told to administrators' tokens only"),
    _row("key missing", "oauth.v2.access", "authed_user.access_token authed_user.expires_in "
         "authed_user.refresh_token authed_user.scope authed_user.token_type enterprise.id enterprise.name "
         "expires_in refresh_token",
         "only bots get tokens; the rest is told with rotation or in an organisation"),
    _row("key missing", "user_change", "user.is_email_confirmed user.locale user.who_can_share_contact_card",
         "told to tokens that may read e-mail addresses, or asked for with include_locale"),
    _row("key missing", "member_joined_channel", "enterprise", "told in an organisation only"),
    _row("key not published", "oauth.v2.exchange", "access_token app_id bot_user_id enterprise expires_in ok "
         "refresh_token scope team team.id team.name token_type",
         "its page has no example; the recordings of Slack's Java SDK have these"),
    _row("key not published", "apps.uninstall", "ok", "its page has no example"),
    _row("key not published", "*", "is_enterprise_install", "Slack sends it; slack_bolt reads it"),
    _row("key not published", "*", "message.app_id message.bot_id message.bot_profile message.team "
         "message.user message.ts message.type message.edited message.thread_ts message.parent_user_id "
         "message.is_locked "
         "message.latest_reply message.reply_count message.reply_users message.reply_users_count "
         "message.subscribed", "a whole message as Slack sends it today; the examples are cut short"),
    _row("key not published", "*", "messages[].app_id messages[].bot_id messages[].bot_profile "
         "messages[].edited messages[].team messages[].thread_ts messages[].is_locked "
         "messages[].latest_reply messages[].reply_count messages[].reply_users "
         "messages[].reply_users_count messages[].subscribed",
         "a whole message as Slack sends it today; the examples are cut short"),
    _row("key not published", "conversations.replies", "pin_count", "one excerpt serves history too"),
    _row("key not published", "*", "channel.is_member channel.is_archived channel.is_user_deleted "
         "channels[].context_team_id channels[].is_frozen channels[].pending_connected_team_ids "
         "channels[].shared_team_ids", "one shape of a conversation, published for its sister methods"),
    _row("key not published", "*", "view.app_installed_team_id view.close view.previous_view_id view.title",
         "a whole view as Slack sends it; each example leaves some keys out"),
    _row("key not published", "*", "actor_id",
         "Slack says so who threw the bot out; the examples are RTM's"),
    _row("key not published", "channel_rename", "channel.is_channel channel.is_mpim channel.name_normalized",
         "Slack sends them today; the example is RTM's"),
    _row("key not published", "team_join", "user.color user.deleted user.id user.is_admin user.is_app_user "
         "user.is_bot user.is_owner user.is_primary_owner user.is_restricted user.is_ultra_restricted "
         "user.name user.profile user.real_name user.team_id user.tz user.tz_label user.tz_offset "
         "user.updated", "a whole person, as in user_change; the example's is empty"),
    _row("key not published", "*", "event_ts",
         "every event of the Events API has it; the examples are RTM's"),
    _row("key not published", "message", "team client_msg_id channel_type", "as above: the example is RTM's"),
    _row("key missing", "files.info", "file.deanimate_gif file.image_exif_rotation file.permalink_public "
         "file.pjpeg file.thumb_160 file.thumb_360_gif file.thumb_360_h file.thumb_360_w file.thumb_64 "
         "file.thumb_80", "pictures are not made smaller here, and nothing is public; the example is a GIF"),
    _row("key not published", "files.info", "file.file_access file.user_team",
         "Slack sends both today; the example is older"),
    # Limits and fixtures
    _row("limit not probed", "*", "card carousel container context_actions feedback_button icon_button "
         "data_table data_visualization", "new blocks that bots here do not send; their fixtures are taken"),
    _row("limit not probed", "*", "url_source", "an element of task cards, which are not offered"),
    _row("fixture refused", "*", "blocks/plan_block.json blocks/task_card_block.json "
         "elements/url_source_basic.json", "streamed answers of AI apps, which are not offered"),
    _row("fixture refused", "*", "messages/webhook_message_basic.json messages/webhook_message_delete.json",
         "they repeat a block_id, which Slack refuses in one message"),
)  # fmt: skip
