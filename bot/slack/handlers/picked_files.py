"""Files that a person picked for a draft, by the IDs that Slack gave them."""

import re

from bot.slack.handlers.handler_responses import HandlerResponse, ReadDraft, show_view
from bot.slack.handlers.modal_loading import load_form
from bot.slack.protocol import slack_limits
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.requests import ViewSubmission
from bot.slack.protocol.targets import FILES, DraftTarget, Target
from bot.slack.queries.services import Services


def draft_files(stream: str, files: tuple[str, ...]) -> DraftTarget:
    """Return the target of files that are to be read for a model; raises StaleButton for anything else."""
    check_files(files)
    return DraftTarget(name="draft", stream=stream, element=",".join(files), selection=FILES)


def read_picked_files(
    services: Services, request: ViewSubmission, stream: str, files: tuple[str, ...], note: str = ""
) -> HandlerResponse:
    """Read the files that a form was submitted with as one draft, and show it in place of the form."""
    reading = draft_files(stream, files)
    view = load_form(services, reading, request.person, note=note)
    read = ReadDraft(person=request.person, target=reading, view_id=request.view_id, note=note)
    return show_view(request, view).then(read)


def picked_files(target: Target) -> tuple[str, ...]:
    """Return the files that the form of a new model was opened for; raises StaleButton."""
    files = tuple(target.element.split(",")) if target.element else ()
    if files:
        check_files(files)
    return files


def check_files(files: tuple[str, ...]) -> None:
    """Raise StaleButton for anything but the IDs of as many files as are read together."""
    if not 0 < len(files) <= slack_limits.FILES or not all(map(_FILE.fullmatch, files)):
        raise StaleButton


_FILE = re.compile(r"[A-Z0-9]{2,40}")
