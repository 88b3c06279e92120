"""Generated parts by the name of their region."""

from collections.abc import Callable, Mapping
from typing import Final

from deploy.docs.generator import scale_measurements
from deploy.docs.generator.agent_tools import agent_tools
from deploy.docs.generator.catalog import (
    file_formats,
    questions,
    reminders,
    rubric,
    rules,
    technologies,
)
from deploy.docs.generator.code import events, lifecycle, metrics, status
from deploy.docs.generator.effort import effort, effort_details, effort_figures
from deploy.docs.generator.interfaces import commands, settings, slash_words
from deploy.docs.generator.own_model import own_threats

PARTS: Final[Mapping[str, Callable[[], str]]] = {
    "status": status,
    "settings": settings,
    "commands": commands,
    "agents": agent_tools,
    "slash-words": slash_words,
    "rubric": rubric,
    "rules": rules,
    "questions": questions,
    "technologies": technologies,
    "reminders": reminders,
    "formats": file_formats,
    "metrics": metrics,
    "events": events,
    "lifecycle": lifecycle,
    "scale-appends": scale_measurements.appends,
    "scale-idle": scale_measurements.idle,
    "scale-load": scale_measurements.load,
    "effort": effort,
    "effort-details": effort_details,
    "effort-figures": effort_figures,
    "own-threats": own_threats,
}
