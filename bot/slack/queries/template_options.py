"""Templates: the models that a person may start a new one from."""

from bot.slack.protocol.escaping import clip, one_line
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form_fields import Option
from bot.store import StreamSummary
from domain.kernel.elements import PersonId

_NAME = 42
_CHANNEL = 20


def template_options(services: Services, person: PersonId) -> tuple[Option, ...]:
    """Return the models of a person's channels as options, most recently changed first.

    Closed and archived models are among them: they are read only, and a good start for others.
    """
    return tuple(Option(value=one.key, text=_text(services, one)) for one in services.models_of(person))


def _text(services: Services, one: StreamSummary) -> str:
    channel = services.directory.channel(one.channel)
    where = f" · #{clip(one_line(channel.name), _CHANNEL)}" if channel and channel.name else ""
    return f"{one.key} {clip(one_line(one.name), _NAME)}{where}"
