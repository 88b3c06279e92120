"""Surfaces of the product, by the folders whose code writes them, in the order of reading."""

from typing import NamedTuple


class Surface(NamedTuple):
    """A place where people read the product, and the code that writes it."""

    name: str
    paths: tuple[str, ...]


SURFACES = (
    Surface("home", ("bot/slack/ui/home",)),
    Surface("cards", ("bot/slack/ui/messages/card_message.py",)),
    Surface(
        "messages", ("bot/slack/ui/messages", "bot/slack/projectors", "bot/slack/slots", "bot/slack/sinks")
    ),
    Surface("forms", ("bot/slack/ui/modals", "bot/slack/ui/forms")),
    Surface("slack texts", ("bot/slack/ui", "bot/slack/screens", "bot/slack/queries", "bot/slack/directory")),
    Surface("slack answers", ("bot/slack",)),
    Surface("rejections", ("domain/rejections.py", "domain/decide")),
    Surface(
        "conditions and steps", ("domain/phase_conditions.py", "domain/lifecycle.py", "domain/next_step")
    ),
    Surface("rules", ("domain/rules",)),
    Surface("facts", ("domain/facts",)),
    Surface("technologies", ("domain/technologies", "domain/screening")),
    Surface("analysis", ("domain/analysis",)),
    Surface("history", ("domain/wording", "domain/history.py", "domain/changes")),
    Surface("reminders", ("domain/reminders", "bot/scheduled_jobs")),
    Surface("scoring", ("domain/dread", "domain/voting")),
    Surface("terms", ("domain",)),
    Surface("reports", ("bot/report",)),
    Surface("pictures", ("bot/picture",)),
    Surface("files", ("bot/formats",)),
    Surface("command line", ("bot/cli", "bot/__main__.py", "bot/wiring.py", "bot/operator_error.py")),
    Surface("settings", ("bot/settings.py", "bot/manifest.py", "deploy/slack-manifest.yaml")),
    Surface("store", ("bot/store",)),
    Surface("demo", ("bot/demo",)),
    Surface("sandbox", ("bot/sandbox",)),
    Surface("probe", ("bot/probe",)),
    Surface("process", ("bot",)),
    Surface("docs", ("deploy",)),
)
"""Each file belongs to the first surface that names it or one of its folders."""

OMITTED = frozenset(
    {
        "domain/kernel/standards.py",
        "domain/kernel/component_vocabulary.py",
    }
)
"""Files of SQL, of names that others chose, and of words that are only recognized."""

LOGS, METRICS, FAULTS = "logs", "metrics", "faults"
"""Lines of the log, help texts of metrics, and errors of programming that only developers meet."""

NAMES = (*(one.name for one in SURFACES), LOGS, METRICS, FAULTS)
"""All surfaces, in the order of the list."""


def surface_of(path: str) -> str:
    """Return the surface that a file writes; its path is relative to the repository."""
    for surface in SURFACES:
        if any(path == one or path.startswith(f"{one}/") for one in surface.paths):
            return surface.name
    raise LookupError(path)
