"""Forms of trackers: connect, replace the token, labels, one's own account, and the choice of a model."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.slack.protocol.escaping import escape
from bot.slack.protocol.targets import SelectionTarget, StaleButton, Target
from bot.slack.screens.tracker_screen import ShownTracker, TrackerScreen
from bot.slack.ui.forms.form import Form, FormCommand, FormContext, FormData, FormSubmission, WriteEffect
from bot.slack.ui.forms.form_fields import (
    CheckboxField,
    ChoiceField,
    FormPart,
    Option,
    Paragraph,
    SubmittedValues,
    TextField,
    shown_values,
)
from bot.slack.ui.texts.tracker_texts import TRACKER_TEXTS, own_account_text
from domain.commands import ChooseTracker
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import TrackerId, TrackerKind


def kind_of(target: Target) -> TrackerKind:
    """Return the kind that a form connects; raises StaleButton."""
    try:
        return TrackerKind(SelectionTarget.of(target).selection)
    except ValueError as unknown:
        raise StaleButton from unknown


def tracker_of(opening: FormContext) -> ShownTracker:
    """Return the tracker that a form is about; raises StaleButton if it is not connected."""
    found = _screen(opening).find(opening.target.element)
    if found is None:
        raise StaleButton("This tracker is not connected. It may have been disconnected.")
    return found


def _screen(opening: FormContext) -> TrackerScreen:
    if opening.trackers is None:
        raise StaleButton
    return opening.trackers


def _connect(opening: FormContext) -> Sequence[FormPart]:
    kind = kind_of(opening.target)
    about = TRACKER_TEXTS[kind]
    earlier = next((one for one in _screen(opening).earlier if one.kind is kind), None)
    address = TextField(
        key="url",
        label="Address",
        hint=about.address_hint,
        initial=earlier.url if earlier else about.usual_address,
        required=True,
        limit=500,
    )
    project = TextField(
        key="project",
        label=about.project,
        hint=about.project_hint,
        initial=earlier.project if earlier else "",
        required=True,
        limit=500,
    )
    addresses = [] if about.only_address else [address]
    in_address = [Paragraph(text=_IN_ADDRESS)] if about.secret_in_address else []
    again = [Paragraph(text=_AGAIN)] if earlier else []
    labels = _labels_field(earlier.labels if earlier else ())
    notes = [*again, Paragraph(text=_PRIVATE), *in_address]
    return [*notes, *addresses, project, *_token_fields(kind), labels]


def _token_fields(kind: TrackerKind) -> list[FormPart]:
    about = TRACKER_TEXTS[kind]
    login = TextField(
        key="login",
        label="Email address of the account",
        hint="The account to which the token belongs.",
        required=True,
        limit=320,
    )
    token = TextField(key="token", label=about.access, hint=about.access_hint, required=True, limit=2_000)
    webhook = TextField(
        key="webhook",
        label="Signing secret of the webhook",
        hint=f"Shown by {kind.label} when you create a webhook; you can enter it later.",
        limit=200,
    )
    return [*([login] if about.with_login else []), token, *([webhook] if about.makes_secret else [])]


def _labels_field(initial: Sequence[str] = ()) -> TextField:
    return TextField(
        key="labels",
        label="Labels",
        hint="New issues get them. Separate several by commas.",
        initial=", ".join(initial),
        limit=500,
    )


def labels_of(values: SubmittedValues) -> tuple[str, ...]:
    """Return the entered labels."""
    return split_labels(values.text("labels"))


def split_labels(text: str) -> tuple[str, ...]:
    """Return the labels of a text that separates them by commas."""
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _token(opening: FormContext) -> Sequence[FormPart]:
    shown = tracker_of(opening)
    text = (
        f"*{shown.id}* · {escape(shown.name)}\nThe new token is checked before it replaces the present one."
    )
    return [Paragraph(text=text), *_token_fields(shown.tracker.kind)]


def _labels(opening: FormContext) -> Sequence[FormPart]:
    shown = tracker_of(opening)
    return [
        Paragraph(text=f"*{shown.id}* · {escape(shown.name)}"),
        _labels_field(shown.tracker.labels),
    ]


def _account(opening: FormContext) -> Sequence[FormPart]:
    shown = tracker_of(opening)
    now = f"Your account: {own_account_text(shown)}."
    return [
        Paragraph(
            text=(
                f"*{shown.id}* · {escape(shown.name)}\n{now}\nIssues of your mitigations are assigned to it, "
                "and mitigations whose issues are assigned to it there become yours. Other members see whose "
                "account it is, and whether your email address confirms it."
            )
        ),
        TextField(
            key="account",
            label="Your login, email address or name there",
            hint="It is looked up in the tracker. Leave it empty to be no longer known there.",
            limit=320,
        ),
    ]


def _model(opening: FormContext) -> Sequence[FormPart]:
    screen, chosen = _screen(opening), opening.required_register.tracker
    default = screen.find(screen.default or "")
    inherited = f"Workspace default: {_option(default) if default else 'none'}"
    initial = INHERITED if not chosen.own else chosen.tracker or NONE
    options = [
        Option(value=INHERITED, text=inherited),
        *(Option(value=one.id, text=_option(one)) for one in screen.trackers),
        Option(value=NONE, text="No issues"),
    ]
    if initial not in {one.value for one in options}:
        options.append(Option(value=initial, text=f"{initial} (disconnected)"))
    return [
        ChoiceField(
            key="tracker",
            label="Issues of mitigations",
            options=tuple(options),
            initial=initial,
            required=True,
        ),
        CheckboxField(
            key="shares_threats",
            label="Content of issues",
            text="Describe the threats in issues",
            hint=(
                "Everyone who can read the issues then sees titles, statements, reasons and severities of "
                "threats. Otherwise an issue has the title of the mitigation, its due date and a link."
            ),
            initial=chosen.shares_threats,
        ),
    ]


def _option(shown: ShownTracker) -> str:
    return f"{shown.id} · {shown.name}"


def _choose(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    chosen = values.text("tracker")
    return ChooseTracker(
        by=by,
        at=at,
        own=chosen != INHERITED,
        tracker=None if chosen in (INHERITED, NONE) else TrackerId(chosen),
        shares_threats=bool(values.by_key.get("shares_threats")),
    )


INHERITED, NONE = "default", "none"
"""Choices of a model besides a tracker."""

_PRIVATE: Final = (
    "Connect a private project only: an issue may tell outsiders of a vulnerability that is not fixed. The "
    "token is checked after you press *Connect*, and stored encrypted."
)

_AGAIN: Final = (
    "The tracker was not connected. The fields show what you entered, without the token, which was deleted."
)

_IN_ADDRESS: Final = (
    "A webhook is optional. Its address contains a secret, because not every version of this tracker signs "
    "requests: access logs of proxies then contain the secret, too. *Webhook* on the page of trackers shows "
    "the address, and replaces the secret."
)

CONNECT_TRACKER = Form(
    name="connect_tracker",
    target=SelectionTarget,
    submission=FormSubmission.TRACKER,
    writes=WriteEffect.ADDS,
    needs=FormData.TRACKER_CONNECTION,
    title=lambda opening: f"Connect {kind_of(opening.target).label}"[:24],
    submit="Connect",
    parts=_connect,
    secret=True,
)

TRACKER_TOKEN = Form(
    name="tracker_token",
    submission=FormSubmission.TRACKER,
    writes=WriteEffect.ONCE,
    needs=FormData.TRACKER_CONNECTION,
    title="Replace token",
    submit="Replace",
    parts=_token,
    secret=True,
)

TRACKER_LABELS = Form(
    name="tracker_labels",
    submission=FormSubmission.TRACKER,
    writes=WriteEffect.ONCE,
    needs=FormData.TRACKER_CONNECTION,
    title="Labels",
    submit="Save",
    parts=_labels,
    kept=lambda _, parts: shown_values(parts),
)

TRACKER_ACCOUNT = Form(
    name="tracker_account",
    submission=FormSubmission.TRACKER,
    writes=WriteEffect.OWN,
    needs=FormData.TRACKERS,
    title="Which account is mine?",
    submit="Save",
    parts=_account,
)

MODEL_TRACKER = Form(
    name="model_tracker",
    writes=WriteEffect.REVISES,
    needs=FormData.TRACKERS,
    command_type=ChooseTracker,
    title="Tracker of this model",
    submit="Save",
    parts=_model,
    build_command=_choose,
)
