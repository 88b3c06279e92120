"""Form with the preview of an import, and the message while the file is read."""

from collections.abc import Iterable, Iterator, Sequence

from bot.formats.import_preview import ImportPreview
from bot.slack.protocol.escaping import escape
from bot.slack.protocol.targets import ImportTarget
from bot.slack.ui.forms.form import Form, FormContext
from bot.slack.ui.forms.form_fields import FormPart, Paragraph, TextField
from bot.slack.ui.forms.form_traits import FormData, FormSubmission
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.steering.model_forms import shared_warning
from domain.kernel.length_limits import NAME


def _parts(opening: FormContext) -> Sequence[FormPart]:
    seen = opening.import_preview
    if seen is None:
        return [Paragraph(text=READING)]
    return [
        *([Paragraph(text=shared_warning("Import"))] if opening.shared else []),
        Paragraph(text=_becomes(seen)),
        TextField(key="name", label="Name", required=True, limit=NAME, initial=seen.name),
        *_similar(seen.similar),
        *_notes(seen.notes),
    ]


def _becomes(seen: ImportPreview) -> str:
    parts = [one for one in seen.parts if not one.startswith("0 ")]
    what = ", ".join(parts) if parts else "an empty model"
    notes_shown = (
        "attributed to the people named in the file (not verified)" if seen.past else "attributed to you"
    )
    counts = "The model will always state that you imported it."
    if seen.sealed:
        notes_shown = "attributed to the people who stated them"
        counts = "This installation exported the file, so its approvals and votes come back as they were."
    elif seen.past:
        counts += (
            " Approvals, verifications and votes in the file do not count; channel members whom it names for "
            "an approval are asked once whether it is theirs."
        )
    return (
        f"The file was read as *{escape(seen.title, _TITLE)}*. It becomes {what}, in {seen.events:,} "
        f"events, {notes_shown}. {counts} You become the facilitator. Nothing is stored until you press "
        "*Import*."
    )


def _similar(pairs: Sequence[str]) -> list[Paragraph]:
    """Return the names that probably mean the same as paragraphs, the first ones only."""
    if not pairs:
        return []
    shown = pairs[:MAX_NOTES]
    more = [f"… and {len(pairs) - len(shown):,} more"] if len(pairs) > len(shown) else []
    lines = [f"• {escape(one, _NOTE)}" for one in shown]
    heading = f"*Probably the same thing under two names* ({len(pairs):,}), imported as two"
    return [Paragraph(text=one) for one in _paragraphs([heading, *lines, *more])]


def _notes(notes: Sequence[str]) -> list[Paragraph]:
    """Return the differences from the file as paragraphs within Slack's limits, the first ones only."""
    if not notes:
        return [Paragraph(text="All content of the file can be imported.")]
    shown = notes[:MAX_NOTES]
    left = len(notes) - len(shown)
    lines = [f"• {escape(one, _NOTE)}" for one in shown]
    if left:
        lines.append(
            f"… and {left:,} more; the operator of the bot can list all of them with `threatmodel import "
            "--all-notes`"
        )
    return [
        Paragraph(text=one) for one in _paragraphs([f"*Changed or not imported* ({len(notes):,})", *lines])
    ]


def _paragraphs(lines: Iterable[str]) -> Iterator[str]:
    text = ""
    for line in lines:
        if text and len(text) + len(line) + 1 > _PARAGRAPH:
            yield text
            text = ""
        text = f"{text}\n{line}" if text else line
    yield text


READING = (
    "Reading the file. A preview appears here shortly; nothing is stored yet. If it does not appear "
    "within a minute, close this form and choose *Import as threat model* again."
)
MAX_NOTES = 40
_TITLE = 100
_NOTE = 240
_PARAGRAPH = 2_500

IMPORT = Form(
    name="import",
    target=ImportTarget,
    submission=FormSubmission.IMPORT,
    writes=WriteEffect.ADDS,
    needs=FormData.FILE,
    title=lambda opening: "Import threat model" if opening.import_preview else "Reading the file",
    submit="Import",
    parts=_parts,
)
