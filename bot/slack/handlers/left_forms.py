"""Forms below another form: kept as they were left, and shown again with current data."""

import msgspec
from msgspec.structs import replace

from bot.slack.handlers.form_reloading import reload_form
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.requests import BlockAction, Request
from bot.slack.protocol.targets import Target
from bot.slack.queries.form_snapshots import LeftForm
from bot.slack.queries.services import Services
from bot.slack.ui.modals.modal_registry import FORMS, target_of
from domain.kernel.elements import PersonId
from domain.rejections import Rejected


def leave_form(services: Services, request: Request, target: Target) -> Target:
    """Keep what was entered in the form whose button was pressed; return the target that leads back to it.

    Slack keeps the form open below the new one and shows it again as it was, without what the new one
    changes. Pages need no such thing: they are loaded again by their name.
    """
    if not isinstance(request, BlockAction) or not request.in_view or request.view is None:
        return target
    form = FORMS.get(str(request.view.get("callback_id")))
    if form is None or form.secret or not target.stream:
        return target
    shown = services.form_snapshots.find(target_of(request.view).opened, services.stream(target))
    if shown is None:  # opened by an earlier release, or nothing is kept of it
        return target
    try:
        entered = LeftForm.of(request.view)
    except msgspec.ValidationError:  # without its state, it stays as Slack has it
        return target
    left = replace(shown, token=services.form_snapshots.token(), left=entered, at=services.now())
    services.form_snapshots.save(left)
    return replace(target, behind=left.token)


def load_left_form(services: Services, target: Target, person: PersonId, note: str) -> View | None:
    """Return the form below another one with what was entered and current data; None if it is not known."""
    snapshot = services.form_snapshots.find(target.behind, services.stream(target))
    if snapshot is None or snapshot.left is None:
        return None
    try:
        return reload_form(services, snapshot.left.view, person, before=snapshot, note=note)
    except (StaleButton, Rejected):
        return None
