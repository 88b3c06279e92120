"""Response actions of a submitted modal."""

from typing import cast

from bot.sandbox.api_methods.call_arguments import ApiError
from bot.sandbox.api_methods.view_methods import checked_view
from bot.sandbox.open_views.displayed_view import DisplayedView
from bot.sandbox.open_views.view_stacks import ViewRefused, ViewStacks
from bot.sandbox.slack_json import Json


def apply_response_action(views: ViewStacks, view: DisplayedView, answer: Json | None) -> bool:
    """Apply the response to a submission; return whether Slack would understand it."""
    if not answer or not answer.get("response_action"):
        views.close(view)
        return True
    try:
        match answer["response_action"]:
            case "errors":
                errors = cast("dict[str, str]", answer.get("errors") or {})
                inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
                if not errors or set(errors) - inputs:
                    return False
                views.set_errors(view, errors)
            case "update":
                views.update(view, checked_view(answer.get("view"), kind="modal"))
            case "push":
                views.push(view.person, checked_view(answer.get("view"), kind="modal"))
            case "clear":
                views.clear(view.person)
            case _:
                return False
    except (ApiError, ViewRefused):
        return False
    return True
