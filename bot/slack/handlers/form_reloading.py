"""Forms that are shown again with what was entered: after a button in them, a form above, a late refusal."""

from collections.abc import Collection

from msgspec.structs import replace

from bot.slack.handlers.modal_loading import load_form, snapshot_stream
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.requests import BlockAction, Request
from bot.slack.protocol.targets import Target
from bot.slack.queries.form_snapshots import FormSnapshot
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form_fields import Option
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.three_way_merge import changed_values
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.modal_registry import FORMS, find_form, target_of
from domain.kernel.elements import PersonId


def reload_form(
    services: Services,
    view: View,
    person: PersonId,
    *,
    before: FormSnapshot | None = None,
    target: Target | None = None,
    note: str = "",
    without: Collection[str] = (),
    models: tuple[Option, ...] = (),
) -> View:
    """Return the form of a view with current data and with what was entered in it.

    Slack keeps what was entered only in fields whose IDs stay, and submits those of them empty that were not
    touched. So all fields get new IDs, and what was entered is their initial value. `before` is what the form
    showed when it was opened, if that is kept elsewhere than usual; `target` replaces the form's own; the
    fields `without` show what the form sets. Raises StaleButton, NoSuchModel and Rejected.
    """
    form = find_form(str(view.get("callback_id")))
    left = target_of(view)
    target = left if target is None else target
    entered = form.read(view)
    keys = tuple(entered.by_key)
    revises = form.does(target) is WriteEffect.REVISES
    if revises:
        before = before or services.form_snapshots.find(left.opened, snapshot_stream(services, form, left))
        entered = changed_values(before.shown if before else None, entered)
    kept = SubmittedValues({key: value for key, value in entered.by_key.items() if key not in without})
    return load_form(
        services,
        target,
        person,
        note=note,
        typed=kept,
        keys=keys,
        models=models,
        before=before if revises else None,
        remembered=before is not None or not revises,
    )


def reload_pressed_form(services: Services, request: Request, target: Target) -> View | None:
    """Return the form whose button shows it with another target; None for any other button.

    What was entered stays, but for the fields that the button sets.
    """
    if not isinstance(request, BlockAction) or request.view is None or target.name not in FORMS:
        return None
    if request.view.get("callback_id") != target.name:
        return None
    return reload_form(
        services,
        request.view,
        request.person,
        target=replace(target, behind=target_of(request.view).behind),
        without=FORMS[target.name].set_by_buttons,
    )
