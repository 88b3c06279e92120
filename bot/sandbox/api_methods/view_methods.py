"""views.*: modals and Home tabs."""

import json

from bot.sandbox.api_methods import TIER_4, ApiMethod, MethodContext
from bot.sandbox.api_methods.call_arguments import ApiArguments
from bot.sandbox.block_kit.validation import view_errors
from bot.sandbox.slack_json import ApiError, Json, json_objects
from bot.sandbox.workspace.trigger_ids import IssuedTrigger
from bot.sandbox.workspace.workspace_state import UnknownPerson

LARGEST_VIEW = 250_000


def open_view(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer views.open."""
    body = _view(arguments, kind="modal")
    trigger = _trigger(parts, arguments)
    return {"view": parts.views.open(trigger.person, body).as_slack()}


def push(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer views.push."""
    body = _view(arguments, kind="modal")
    trigger = _trigger(parts, arguments)
    return {"view": parts.views.push(trigger.person, body).as_slack()}


def update(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer views.update."""
    body = _view(arguments, kind=None)
    view = parts.views.find(view_id=arguments.text("view_id"), external_id=arguments.text("external_id"))
    return {"view": parts.views.update(view, body, expected_hash=arguments.text("hash")).as_slack()}


def publish(parts: MethodContext, arguments: ApiArguments) -> Json:
    """Answer views.publish."""
    body = _view(arguments, kind="home")
    try:
        person = parts.workspace.person(arguments.required("user_id"))
    except UnknownPerson as unknown:
        raise ApiError("invalid_arguments", ("[ERROR] invalid `user_id`",)) from unknown
    view = parts.views.publish(person.id, body, expected_hash=arguments.text("hash"))
    return {"view": view.as_slack()}


def checked_view(raw: object, *, kind: str | None) -> Json:
    """Return a view that respects Slack's limits; raises ApiError with the paths of violations."""
    faults = view_errors(raw, kind=kind)
    if faults:
        raise ApiError("invalid_arguments", tuple(f"[ERROR] {fault}" for fault in faults))
    if len(json.dumps(raw)) > LARGEST_VIEW:
        raise ApiError("view_too_large")
    return json_objects([raw])[0]


def _view(arguments: ApiArguments, *, kind: str | None) -> Json:
    raw = arguments.data("view", error="invalid_arguments")
    if raw is None:
        raise ApiError("invalid_arguments", ("[ERROR] missing required field: view",))
    return checked_view(raw, kind=kind)


def _trigger(parts: MethodContext, arguments: ApiArguments) -> IssuedTrigger:
    try:
        return parts.triggers.spend(arguments.required("trigger_id"))
    except ApiError as refused:
        if refused.code == "expired_trigger_id" and parts.workspace.behavior.expired_trigger_in_detail:
            raise ApiError("invalid_arguments", detail="`trigger_id` expired") from refused
        if refused.code == "invalid_trigger_id":
            raise parts.workspace.behavior.unknown_trigger.error() from refused
        raise


METHODS = {
    "views.open": ApiMethod(open_view, TIER_4),
    "views.push": ApiMethod(push, TIER_4),
    "views.update": ApiMethod(update, TIER_4),
    "views.publish": ApiMethod(publish, TIER_4),
}
