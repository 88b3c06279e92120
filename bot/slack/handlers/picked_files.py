"""Files that a person picked for a draft, by the IDs that Slack gave them."""

import re

from bot.slack.protocol import slack_limits
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import FILES, DraftTarget, Target


def draft_files(stream: str, files: tuple[str, ...]) -> DraftTarget:
    """Return the target of files that are to be read for a model; raises StaleButton for anything else."""
    check_files(files)
    return DraftTarget(name="draft", stream=stream, element=",".join(files), selection=FILES)


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
