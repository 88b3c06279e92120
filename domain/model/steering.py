"""Event handlers of the model: scope, people, phases, closing."""

from datetime import datetime

from msgspec.structs import replace
from rpds import HashTrieMap

from domain.dread.scoring import Band
from domain.events import (
    ChannelFollowed,
    ClosingDeclined,
    ClosingProposed,
    ClosingWithdrawn,
    FacilitatorChanged,
    LabelsChosen,
    ParticipantsChosen,
    PhaseMoved,
    PolicyChosen,
    ScopeRevised,
    SharingAllowed,
    SharingForbidden,
    TermsChosen,
    ThreatModelArchived,
    ThreatModelClosed,
    ThreatModelReopened,
    ThreatModelStarted,
    WorkspaceSettingsApplied,
)
from domain.events.base_event import own_fields
from domain.kernel.closing import ConditionOverride, OverriddenCondition
from domain.kernel.mitigation import MitigationId, MitigationState
from domain.model.imports import imported
from domain.model.phase_steps import step_position, with_step
from domain.model.threat_model import ThreatModel, changed, handlers_by_event, review_key


def _started(model: ThreatModel, event: ThreatModelStarted, version: int) -> ThreatModel:
    stated = own_fields(event)
    del stated["template"]  # its structure follows as events of its own
    return replace(model, version=version, step="collection", **stated)


def _stated(
    model: ThreatModel,
    event: ScopeRevised | ParticipantsChosen | LabelsChosen | FacilitatorChanged | ChannelFollowed,
    version: int,
) -> ThreatModel:
    """Keep what an event states under the same names."""
    return replace(model, version=version, **own_fields(event))


def _terms_chosen(model: ThreatModel, event: TermsChosen, version: int) -> ThreatModel:
    changed = event.terms.reminders is not model.terms.reminders
    own = event.own_reminders if event.own_reminders is not None else model.own_reminders or changed
    return replace(model, version=version, terms=event.terms, own_reminders=own)


def _policy_chosen(model: ThreatModel, event: PolicyChosen, version: int) -> ThreatModel:
    own = frozenset(Band if event.own is None else event.own)
    return replace(model, version=version, policy=event.policy, own_bands=own)


def _workspace_settings_applied(
    model: ThreatModel, event: WorkspaceSettingsApplied, version: int
) -> ThreatModel:
    settings = event.settings
    reminders = model.terms.reminders if model.own_reminders else settings.reminders
    return replace(
        model,
        version=version,
        inherited=settings,
        inherited_version=event.version,
        policy=settings.policy.with_own(model.policy, model.own_bands),
        terms=replace(model.terms, reminders=reminders),
    )


def _sharing(model: ThreatModel, event: SharingAllowed | SharingForbidden, version: int) -> ThreatModel:
    return replace(model, version=version, sharing_allowed=isinstance(event, SharingAllowed))


def _phase_moved(model: ThreatModel, event: PhaseMoved, version: int) -> ThreatModel:
    passed = _passed(model, event.step, event.overrides, event)
    checks = event.spot_checks or model.spot_checks
    return with_step(replace(model, version=version, passed=passed, spot_checks=checks), event.step)


def _closed(model: ThreatModel, event: ThreatModelClosed, version: int) -> ThreatModel:
    return replace(
        model,
        version=version,
        step="closed",
        step_left=model.step,
        closing_reason=event.reason,
        closed_at=event.at,
        review_on=event.review_on,
        passed=_passed(model, "closed", event.overrides, event),
        closing=None,
        review=None,
        at_closing=HashTrieMap(),
        revised=HashTrieMap(),
    )


def _closing_proposed(model: ThreatModel, event: ClosingProposed, version: int) -> ThreatModel:
    return replace(model, version=version, closing=event.proposal)


def _not_closing(model: ThreatModel, _event: ClosingDeclined | ClosingWithdrawn, version: int) -> ThreatModel:
    return replace(model, version=version, closing=None)


def _archived(model: ThreatModel, _event: ThreatModelArchived, version: int) -> ThreatModel:
    left = model.step_left if model.step == "closed" else model.step
    return replace(model, version=version, step="archived", step_left=left, closing=None)


def _reopened(model: ThreatModel, event: ThreatModelReopened, version: int) -> ThreatModel:
    passed = tuple(one for one in model.passed if one.step != "closed")
    open_again = replace(
        model,
        version=version,
        step_left="",
        closing_reason="",
        closed_at=None,
        review_on=None,
        passed=passed,
        spot_checks=event.spot_checks,
        review=event.review,
        at_closing=model.elements if event.review else HashTrieMap(),
        revised=HashTrieMap(),
    )
    for one in event.review.sampled if event.review else ():
        open_again = _to_verify_again(open_again, one, event.at)
    return with_step(open_again, event.step)


def _to_verify_again(model: ThreatModel, mitigation: MitigationId, at: datetime) -> ThreatModel:
    """Return the model with a verified mitigation that has to be verified again."""
    again = changed(
        model,
        "mitigations",
        mitigation,
        model.version,
        state=MitigationState.IMPLEMENTED,
        verified_by=None,
        verifications=(),
    )
    return replace(again, since=model.since.insert(review_key(mitigation), at))


def _passed(
    model: ThreatModel,
    step: str,
    overrides: tuple[ConditionOverride, ...],
    event: PhaseMoved | ThreatModelClosed,
) -> tuple[OverriddenCondition, ...]:
    """Return the conditions passed to reach a step; after going back, conditions have to be passed again."""
    before = (one for one in model.passed if step_position(one.step) < step_position(step))
    # The proposer is responsible for the reasons; the person who confirmed agreed with them.
    by = (event.proposed_by if isinstance(event, ThreatModelClosed) else None) or event.by
    here = (OverriddenCondition(override=override, step=step, by=by, at=event.at) for override in overrides)
    return (*before, *here)


STEERING_EVOLVERS = handlers_by_event(
    _started,
    imported,
    _stated,
    _terms_chosen,
    _policy_chosen,
    _workspace_settings_applied,
    _sharing,
    _phase_moved,
    _closed,
    _closing_proposed,
    _not_closing,
    _archived,
    _reopened,
)
