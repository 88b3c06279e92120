"""Forms of trackers: connect, replace the token, labels, one's own account, and the choice of a model."""

from collections.abc import Sequence
from typing import Final

from bot.slack.protocol.escaping import escape
from bot.slack.protocol.targets import SelectionTarget, StaleButton, Target
from bot.slack.screens.tracker_screen import ShownTracker, TrackerScreen
from bot.slack.ui.forms.form import Form, FormContext, FormData, FormSubmission, WriteEffect
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
from domain.kernel.tracked_issue import TrackerKind


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


def about_tracker(shown: ShownTracker, text: str = "") -> Paragraph:
    """Return which tracker a form is about, with more about it."""
    return Paragraph(text=f"*{shown.id}* · {escape(shown.name)}\n{text}".strip())


def _screen(opening: FormContext) -> TrackerScreen:
    if (screen := opening.find(TrackerScreen)) is None:
        raise StaleButton
    return screen


def _connect(opening: FormContext) -> Sequence[FormPart]:
    kind = kind_of(opening.target)
    about = TRACKER_TEXTS[kind]
    earlier = next((check for check in _screen(opening).earlier if check.kind is kind), None)
    address = _line(
        "url", "Address", about.address_hint, initial=earlier.url if earlier else about.usual_address
    )
    notes = [_AGAIN] if earlier else []
    notes += [_PRIVATE, *([_IN_ADDRESS] if about.secret_in_address else [])]
    return [
        *(Paragraph(text=note) for note in notes),
        *([] if about.only_address else [address]),
        _line("project", about.project, about.project_hint, initial=earlier.project if earlier else ""),
        *_token_fields(kind),
        _labels_field(earlier.labels if earlier else ()),
    ]


def _line(
    key: str, label: str, hint: str, *, initial: str = "", limit: int = 500, required: bool = True
) -> TextField:
    return TextField(key=key, label=label, hint=hint, initial=initial, required=required, limit=limit)


def _token_fields(kind: TrackerKind) -> list[FormPart]:
    about = TRACKER_TEXTS[kind]
    fields: list[FormPart] = []
    if about.with_login:
        hint = "The account to which the token belongs."
        fields.append(_line("login", "Email address of the account", hint, limit=320))
    fields.append(_line("token", about.access, about.access_hint, limit=2_000))
    if about.makes_secret:
        hint = f"Shown by {kind.label} when you create a webhook; you can enter it later."
        fields.append(_line("webhook", "Signing secret of the webhook", hint, limit=200, required=False))
    return fields


def _labels_field(initial: Sequence[str] = ()) -> TextField:
    hint = "New issues get them. Separate several by commas."
    return _line("labels", "Labels", hint, initial=", ".join(initial), required=False)


def labels_of(values: SubmittedValues) -> tuple[str, ...]:
    """Return the entered labels."""
    return split_labels(values.text("labels"))


def split_labels(text: str) -> tuple[str, ...]:
    """Return the labels of a text that separates them by commas."""
    return tuple(label.strip() for label in text.split(",") if label.strip())


def _account(opening: FormContext) -> Sequence[FormPart]:
    shown = tracker_of(opening)
    text = (
        f"Your account: {own_account_text(shown)}.\nIssues of your mitigations are assigned to it, and "
        "mitigations whose issues are assigned to it there become yours. Other members see whose account it "
        "is, and whether your email address confirms it."
    )
    hint = "It is looked up in the tracker. Leave it empty to be no longer known there."
    field = _line("account", "Your login, email address or name there", hint, limit=320, required=False)
    return [about_tracker(shown, text), field]


def _model(opening: FormContext) -> Sequence[FormPart]:
    screen, chosen = _screen(opening), opening.required_register.tracker
    default = screen.find(screen.default or "")
    inherited = f"Workspace default: {f'{default.id} · {default.name}' if default else 'none'}"
    initial = INHERITED if not chosen.own else chosen.tracker or NONE
    options = {
        INHERITED: inherited,
        **{shown.id: f"{shown.id} · {shown.name}" for shown in screen.trackers},
        NONE: "No issues",
    }
    options.setdefault(initial, f"{initial} (disconnected)")
    return [
        ChoiceField(
            key="tracker",
            label="Issues of mitigations",
            options=tuple(Option(value=value, text=text) for value, text in options.items()),
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
    parts=lambda opening: [
        about_tracker(tracker_of(opening), "The new token is checked before it replaces the present one."),
        *_token_fields(tracker_of(opening).tracker.kind),
    ],
    secret=True,
)

TRACKER_LABELS = Form(
    name="tracker_labels",
    submission=FormSubmission.TRACKER,
    writes=WriteEffect.ONCE,
    needs=FormData.TRACKER_CONNECTION,
    title="Labels",
    parts=lambda opening: [
        about_tracker(tracker_of(opening)),
        _labels_field(tracker_of(opening).tracker.labels),
    ],
    kept=lambda _, parts: shown_values(parts),
)

TRACKER_ACCOUNT = Form(
    name="tracker_account",
    submission=FormSubmission.TRACKER,
    writes=WriteEffect.OWN,
    needs=FormData.TRACKERS,
    title="Which account is mine?",
    parts=_account,
)

MODEL_TRACKER = Form(
    name="model_tracker",
    needs=FormData.TRACKERS,
    command_type=ChooseTracker,
    title="Tracker of this model",
    parts=_model,
    build_command=lambda entry: entry.command(
        ChooseTracker,
        own=entry.text("tracker") != INHERITED,
        tracker=None if entry.text("tracker") in (INHERITED, NONE) else entry.text("tracker"),
    ),
)
