"""Several models as one person sees them: in lists, and on the Home tab."""

from collections.abc import Iterable

from bot.slack.tools import Tools
from bot.slack.views import Home, ModelLine, View, home
from bot.store import StreamSummary
from domain.decide.access import participates
from domain.elements import PersonId


def lines(tools: Tools, models: Iterable[StreamSummary], reader: PersonId) -> list[ModelLine]:
    """Models as a list shows them, each with the address of its card."""
    return [_line(tools, one, reader) for one in models]


def home_of(tools: Tools, reader: PersonId) -> View:
    """The Home tab of somebody, as it is now."""
    zone = tools.zone(reader)
    return home(
        Home(
            models=tuple(lines(tools, tools.models_of(reader), reader)),
            hours=tools.hours(reader),
            zone=zone.name if zone.known else "",
        )
    )


def _line(tools: Tools, one: StreamSummary, reader: PersonId) -> ModelLine:
    known = tools.register(one.stream)
    channel = tools.directory.channel(one.channel)
    mine = participates(tools.workshop.model(one.stream), reader)
    return ModelLine(
        stream=one.stream,
        key=one.key,
        name=one.name,
        phase=one.phase,
        next=known.next.text,
        permalink=tools.permalink(one.stream, one.channel),
        channel=channel.name if channel else "",
        waits_for_me=known.next.waits_for == reader,
        questions=len(known.questions) if mine else 0,
    )
