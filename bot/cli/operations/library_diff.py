"""What a library would change for the models of a database: questions and suggested threats."""

import json

import msgspec
from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.store import Store
from domain.analysis.model_analysis import analyze
from domain.built_in_catalog import BUILT_IN
from domain.library.library_value import Library, with_library
from domain.model import ThreatModel


class ModelEffect(msgspec.Struct, frozen=True, kw_only=True):
    """The effect of a library on one model; threats that the team confirmed stay whatever happens."""

    key: str
    name: str
    more_questions: int
    fewer_questions: int
    more_suggested: tuple[str, ...]
    fewer_suggested: tuple[str, ...]


def effect_on(model: ThreatModel, library: Library) -> ModelEffect:
    """Return what the library would change for a model as it is."""
    before, after = (
        analyze(replace(model, catalog=catalog)).found
        for catalog in (BUILT_IN, with_library(BUILT_IN, library))
    )
    asked, asked_after = ({(one.element, one.fact) for one in found.questions} for found in (before, after))
    suggested, suggested_after = (
        {one.id: f"{one.rule.title}: {one.about}" for one in found.suggested_threats}
        for found in (before, after)
    )
    return ModelEffect(
        key=str(model.key),
        name=model.name,
        more_questions=len(asked_after - asked),
        fewer_questions=len(asked - asked_after),
        more_suggested=tuple(sorted(suggested_after[id] for id in suggested_after.keys() - suggested.keys())),
        fewer_suggested=tuple(sorted(suggested[id] for id in suggested.keys() - suggested_after.keys())),
    )


def effects(store: Store, library: Library, *, workspace: str | None) -> tuple[ModelEffect, ...]:
    """Return the effects on all models that are not archived, by key."""
    handler = CommandHandler(store)
    return tuple(
        effect_on(handler.model(one.stream), library)
        for one in store.streams(workspace)
        if one.phase != "archived"
    )


def effects_json(found: tuple[ModelEffect, ...]) -> str:
    """Return the effects as JSON."""
    return json.dumps([msgspec.structs.asdict(one) for one in found], indent=2, ensure_ascii=False)


def effects_text(found: tuple[ModelEffect, ...]) -> str:
    """Return the effects for people: a line for each model, and the suggested threats below it."""
    lines: list[str] = []
    for one in found:
        lines.append(
            f"{one.key} {one.name}: questions +{one.more_questions} -{one.fewer_questions}, "
            f"suggested threats +{len(one.more_suggested)} -{len(one.fewer_suggested)}"
        )
        lines += [f"  + {title}" for title in one.more_suggested]
        lines += [f"  - {title}" for title in one.fewer_suggested]
    return "\n".join(lines) or "There is no threat model."
