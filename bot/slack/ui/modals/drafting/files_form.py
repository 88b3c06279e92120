"""Form that takes files that describe a system, to draft from."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.slack.ui.forms.form import Form, FormContext
from bot.slack.ui.forms.form_fields import FilesField, FormPart
from bot.slack.ui.forms.form_traits import FormSubmission
from bot.slack.ui.forms.write_effects import WriteEffect
from domain.commands import AcceptDraft

DRAFT_FILES = FilesField(
    key="files",
    label="Have a compose file, a Kubernetes manifest or an OpenAPI description?",
    hint="Next, you see what the files propose, and accept what is right. At most ten files.",
    endings=("yaml", "yml", "json", "md", "mmd"),
)


def _parts(opening: FormContext) -> Sequence[FormPart]:
    del opening
    return [replace(DRAFT_FILES, required=True)]


FILES = Form(
    name="files",
    submission=FormSubmission.FILES,
    writes=WriteEffect.READS,
    command_type=AcceptDraft,
    title=lambda _: "Draft from files",
    submit="Read",
    parts=_parts,
)
