"""The words of the command: what each does, what it is also called, and what somebody probably meant."""

import difflib
import re

import msgspec

from bot.formats import FORMATS
from bot.manifest import WORDS
from bot.report import RENDERINGS
from bot.slack.views.charts import CHARTS
from domain.elements import PLURAL, SINGULAR, Kind

TYPED = {
    "start": "start [name]",
    "add": "add [asset, entry point, …] [name]",
    "remove": "remove [name or ID]",
    "as-of": "as-of [day]",
    "chart": "chart [scores, coverage or open-threats]",
    "report": "report [pdf, html or md] [since day] [as-of day]",
    "export": "export [format]",
}
"""Words that take something along, as they are typed."""

DOES = {
    "start": "Start a threat model in this channel.",
    "status": "Where we are, and what comes next.",
    "list": "The models of this channel.",
    "add": "Add an element by name, or open the form for it.",
    "remove": "Open the page of an element, to revise or remove it.",
    "questions": "Answer the open questions.",
    "threats": "What could go wrong: all threats of the model.",
    "candidates": "What the rules bring up, to be confirmed or dismissed.",
    "coverage": "What is decided of each element, and what is still open.",
    "diagram": "The data flows as a picture, into the card's thread.",
    "chart": "A picture of scores, coverage, or open threats over time, into the thread.",
    "report": "All there is to tell, as a file to read, into the card's thread.",
    "export": "The model as a file for other tools, into the card's thread.",
    "import": "A model out of a file of another tool: how that goes.",
    "vote": "Give the ballots you owe, or change them.",
    "plan": "What is done about each threat, by whom and until when.",
    "history": "Who said what, and when.",
    "as-of": "The model as it was on another day.",
    "undo": "Take back your last answer.",
    "settings": "Your working hours, and who takes part.",
    "close": "End the work on a model.",
    "reopen": "Go on with a closed model.",
    "archive": "Put a closed model away.",
    "help": "What I can do.",
}

LABELS = {
    "start": "Start",
    "status": "Status",
    "list": "List",
    "add": "Add",
    "remove": "Remove",
    "questions": "Questions",
    "threats": "Threats",
    "candidates": "Candidates",
    "coverage": "Coverage",
    "diagram": "Diagram",
    "chart": "Chart",
    "report": "Report",
    "export": "Export",
    "import": "Import",
    "vote": "Vote",
    "plan": "Plan",
    "history": "History",
    "as-of": "As it was on…",
    "undo": "Undo",
    "settings": "Settings",
    "close": "Close",
    "reopen": "Reopen",
    "archive": "Archive",
    "help": "What can you do?",
}
"""What the button of each word says."""

GROUPS: dict[str, tuple[str, ...]] = {
    "Every day": (
        "start",
        "status",
        "list",
        "add",
        "remove",
        "questions",
        "candidates",
        "threats",
        "coverage",
        "diagram",
        "chart",
        "vote",
        "plan",
    ),
    "Looking back": ("history", "as-of", "undo", "report", "export", "import"),
    "Steering": ("settings", "close", "reopen", "archive"),
}
"""The words as the help shows them."""

ALSO_CALLED = {
    "new": "start",
    "begin": "start",
    "create": "start",
    "card": "status",
    "show": "status",
    "models": "list",
    "delete": "remove",
    "rm": "remove",
    "answer": "questions",
    "threat": "threats",
    "candidate": "candidates",
    "came up": "candidates",
    "grid": "coverage",
    "dfd": "diagram",
    "draw": "diagram",
    "drawing": "diagram",
    "picture": "diagram",
    "charts": "chart",
    "graph": "chart",
    "trend": "chart",
    "reports": "report",
    "summary": "report",
    "pdf": "report",
    "canvas": "report",
    "download": "export",
    "file": "export",
    "formats": "export",
    "save as": "export",
    "load": "import",
    "upload": "import",
    "ballot": "vote",
    "ballots": "vote",
    "mitigations": "plan",
    "mitigation": "plan",
    "mitigate": "plan",
    "respond": "plan",
    "response": "plan",
    "responses": "plan",
    "owners": "plan",
    "log": "history",
    "timeline": "history",
    "asof": "as-of",
    "as of": "as-of",
    "date": "as-of",
    "time travel": "as-of",
    "look back": "as-of",
    "revert": "undo",
    "hours": "settings",
    "working hours": "settings",
    "config": "settings",
    "preferences": "settings",
    "hello": "help",
    "hi": "help",
    "hey": "help",
    "good morning": "help",
    "what can you do": "help",
    "shortcut": "help",
    "shortcuts": "help",
}

_ASKED_FIRST = {"undo"}
"""Words that change something at once: another name for one is asked about."""


def take_word(text: str) -> tuple[str, str]:
    """The word that a text begins with, by its own name, and the rest; help for an empty text."""
    lowered = text.lower()
    bare = lowered.strip(" !?.,")
    if bare in ALSO_CALLED and ALSO_CALLED[bare] not in _ASKED_FIRST:
        return ALSO_CALLED[bare], ""
    for name in sorted(ALSO_CALLED, key=len, reverse=True):
        if ALSO_CALLED[name] not in _ASKED_FIRST and f"{lowered} ".startswith(f"{name} "):
            return ALSO_CALLED[name], text[len(name) :].strip()
    word, _, rest = text.partition(" ")
    return word.lower() or "help", rest.strip()


def nearest(word: str) -> str | None:
    """The known word that somebody probably meant."""
    known = {**{one: one for one in WORDS}, **ALSO_CALLED}
    near = difflib.get_close_matches(word.strip().lower(), known, n=1, cutoff=0.6)
    return known[near[0]] if near else None


def format_of(word: str) -> str | None:
    """The format that somebody means by a word, also misspelt; None where it cannot be told."""
    said = word.strip().lower().replace(" ", "-").replace("_", "-").replace(".", "")
    known = {**{one: one for one in FORMATS}, **_FORMATS_ALSO_CALLED}
    near = difflib.get_close_matches(said, known, n=1, cutoff=0.8) if said else []
    return known[near[0]] if near else None


def chart_of(word: str) -> str | None:
    """The chart that somebody means by a word, also misspelt; None where it cannot be told."""
    said = word.strip().lower().replace(" ", "-").replace("_", "-")
    known = {**{one: one for one in CHARTS}, **_CHARTS_ALSO_CALLED}
    near = difflib.get_close_matches(said, known, n=1, cutoff=0.75) if said else []
    return known[near[0]] if near else None


class ReportParts(msgspec.Struct, frozen=True):
    """What is typed of a report: its form, and the words for two days; empty where they are not there."""

    form: str
    since: str
    as_of: str


def parts_of_report(rest: str) -> ReportParts:
    """The parts of what was typed after `report`; the days may come in either order."""
    parts = _OF_REPORT.split(f" {rest}")
    days = {
        one.lower().replace(" ", "-"): day.strip() for one, day in zip(parts[1::2], parts[2::2], strict=True)
    }
    return ReportParts(parts[0].strip(), days.get("since", ""), days.get("as-of", ""))


_OF_REPORT = re.compile(r"(?<=\s)(since|as[- ]of)\s", re.IGNORECASE)


def form_of(word: str) -> str | None:
    """The form of a report that somebody means by a word; None where it cannot be told.

    `threat` where they mean to report one.
    """
    said = word.strip().lower().removeprefix(".")
    if said.removeprefix("a ").startswith("threat"):
        return "threat"
    return _FORMS_ALSO_CALLED.get(said, said if said in RENDERINGS else None)


def nearest_key(key: str, keys: list[str]) -> str | None:
    """The key of a model that somebody probably meant."""
    near = difflib.get_close_matches(key, keys, n=1, cutoff=0.6)
    return near[0] if near else None


_CHARTS_ALSO_CALLED = {
    "score": "scores",
    "ranking": "scores",
    "threats": "scores",
    "stride": "coverage",
    "grid": "coverage",
    "open": "open-threats",
    "trend": "open-threats",
    "over-time": "open-threats",
}

_FORMS_ALSO_CALLED = {
    "": "pdf",
    "as pdf": "pdf",
    "paper": "pdf",
    "page": "html",
    "web page": "html",
    "as html": "html",
    "markdown": "md",
    "text": "md",
    "as markdown": "md",
}

_FORMATS_ALSO_CALLED = {
    "open-threat-model": "otm",
    "threatdragon": "threat-dragon",
    "dragon": "threat-dragon",
    "tmbom": "tm-bom",
    "excel": "csv",
    "registers": "csv-registers",
    "diagramsnet": "drawio",
    "json-lines": "events",
    "jsonl": "events",
    "history": "events",
}

_SHORT: dict[Kind, tuple[str, ...]] = {
    Kind.EXTERNAL_DEPENDENCY: ("dependency", "dependencies"),
    Kind.ENTRY_POINT: ("entry", "entries"),
    Kind.TRUST_LEVEL: ("level", "levels"),
    Kind.DATA_FLOW: ("flow", "flows"),
    Kind.TRUST_BOUNDARY: ("boundary", "boundaries"),
}

KIND_NAMES: dict[str, Kind] = {
    name: kind for kind in Kind for name in (SINGULAR[kind], PLURAL[kind], *_SHORT.get(kind, ()))
}
"""What each register is called when something is added to it."""
