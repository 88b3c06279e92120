"""Where Slack differs from what its documentation leads a developer to expect.

Each field is one point with a number from the list of known deviations (D1, D2, …). The default is what Slack
is reported to do. A test, or a file with answers of a real workspace, can set another value.
"""

from msgspec import Struct


class Behavior(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The points on which a workspace can behave in more than one way."""

    alt_text_hides_files: bool = False
    """D1: whether a file that is no image is accepted but never shared when it comes with `alt_txt`."""
    response_url_reaches_thread: bool = False
    """D2: whether a new message by `response_url` appears in the thread of the message that was pressed;
    otherwise it appears in the channel."""
    foreign_outer_team: bool = True
    """D3: whether the outer `team_id` of what happens in a shared channel is the other workspace's."""
    enterprise: str | None = None
    """D4: the id of the organization that the workspace belongs to on Enterprise Grid, if it does."""
    expired_trigger_in_detail: bool = False
    """D5: whether an expired trigger is `invalid_arguments` with the reason in `detail`, instead of the code
    `expired_trigger_id`."""
    update_hands_in_initial_values: bool = False
    """D8: whether a field that nobody touched is handed in with its initial value after an update under the
    same block id; otherwise it is handed in empty, though the client shows the initial value."""
    authorizations_listed: bool = True
    """D9: whether an event's `authorizations` names the installation; otherwise the list is empty."""
