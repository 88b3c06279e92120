"""Acceptance of a page of a draft, and the buttons on it."""

from typing import Final

from msgspec.structs import replace

from bot.commands.command_handler import CommandResult
from bot.slack.handlers.confirmations import confirmation_sentence, saved_modal
from bot.slack.handlers.draft_acceptance.submitted_choices import read_choices
from bot.slack.handlers.form_preconditions import check_form_opens
from bot.slack.handlers.handler_responses import HandlerResponse, UpdateView, show_view
from bot.slack.handlers.modal_loading import load_form
from bot.slack.protocol.idempotency_keys import command_key
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.requests import BlockAction, Json, Request, ViewSubmission
from bot.slack.protocol.targets import DraftTarget, Target
from bot.slack.queries.open_drafts import DRAFT_EXPIRED, find_draft, open_draft
from bot.slack.queries.services import Services
from bot.slack.screens.open_draft import OpenDraft, group_of
from bot.slack.ui.modals.drafting.draft_form import ALL, NONE
from bot.store.repositories.drafts import StoredDraft
from domain.commands import AcceptDraft
from domain.draft_comparison.choices import DraftChoices, accept_chosen, proposed_tick
from domain.draft_comparison.compared_draft import compare_draft
from domain.kernel.elements import PersonId
from domain.model import ThreatModel
from domain.rejections import NothingChanged
from domain.replay import EMPTY

DECIDED: Final = "Everything in this draft has already been accepted or rejected, so nothing was changed."


def accept_page(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Accept what is ticked on the pages that the person has seen, and show what is left of the draft."""
    if not isinstance(request, ViewSubmission):
        raise StaleButton
    target = DraftTarget.of(target)
    stream = services.stream(target)
    stored = _keep(services, target, request.view)

    def meaning(model: ThreatModel) -> AcceptDraft:
        if compare_draft(stored.draft, model).is_empty:
            raise NothingChanged(DECIDED)
        return _acceptance(services, stored, model, request.person)

    # The request is the same however often it is delivered, while the model changes by it.
    asked = _acceptance(services, stored, EMPTY, request.person)
    try:
        done = services.execute(asked, stream, command_key(request), meaning)
    except NothingChanged as decided:
        register = services.register(stream)
        return show_view(
            request, saved_modal(decided.sentence, target, register, services.naming, request.person)
        )
    return _onward(services, request, target, stored, done)


def press_draft_button(services: Services, request: Request, target: Target) -> HandlerResponse:
    """Keep the ticks of a page, tick all or none of a group, or turn the page."""
    if not isinstance(request, BlockAction) or request.view is None:
        raise StaleButton
    target = DraftTarget.of(target)
    check_form_opens(services, request, target)
    stored = find_draft(services, target)
    opened = open_draft(stored, services.command_handler.model(services.stream(target)))
    chosen = read_choices(request.view, opened)
    action, _, group = target.selection.partition(" ")
    if action in (ALL, NONE):
        chosen = chosen.with_choices(_ticks(opened, chosen, group, ticked=action == ALL))
    _chosen(services, stored, chosen)
    view = load_form(services, replace(target, selection=""), request.person)
    return HandlerResponse(after=(UpdateView(view_id=request.view_id, view=view),))


def _ticks(opened: OpenDraft, shown: DraftChoices, group: str, *, ticked: bool) -> DraftChoices:
    """Return the ticks of what is shown of a group; *All* ticks no guess and no control."""
    return DraftChoices(
        items={
            one.key: ticked and proposed_tick(one)
            for one in opened.comparison.open
            if one.key in shown.items and group_of(one) == group
        }
    )


def _keep(services: Services, target: DraftTarget, view: Json) -> StoredDraft:
    """Store what is chosen on the page, before anything else."""
    stored = find_draft(services, target)
    opened = open_draft(stored, services.command_handler.model(services.stream(target)))
    return _chosen(services, stored, read_choices(view, opened))


def _chosen(services: Services, stored: StoredDraft, more: DraftChoices) -> StoredDraft:
    found = services.drafts.choose(stored.id, more)
    if found is None:
        raise StaleButton(DRAFT_EXPIRED)
    return found


def _acceptance(services: Services, stored: StoredDraft, model: ThreatModel, person: PersonId) -> AcceptDraft:
    comparison = compare_draft(stored.draft, model)
    return accept_chosen(
        stored.draft, stored.origin, comparison, stored.choices, by=person, at=services.now()
    )


def _onward(
    services: Services,
    request: ViewSubmission,
    target: DraftTarget,
    stored: StoredDraft,
    done: CommandResult,
) -> HandlerResponse:
    """Show the pages that are left, or the result with the next step."""
    opened: OpenDraft = open_draft(stored, done.model)
    note = confirmation_sentence(done, services.naming)
    register = services.register_of(done.model)
    if opened.comparison.is_empty:
        return show_view(request, saved_modal(note, target, register, services.naming, request.person))
    left = replace(target, page=0, selection="", opened="")
    view = load_form(services, left, request.person, register=register, note=note)
    return show_view(request, view)
