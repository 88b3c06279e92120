"""Starting a threat model."""

from msgspec.structs import replace

from bot.commands.command_handler import Done
from bot.slack.directory.member_directory import Standing
from bot.slack.directory.shared_channels import may_allow, shared_with_others
from bot.slack.handlers.handler_responses import Answer, ReadChannel, show, tell
from bot.slack.handlers.modal_loading import form_for
from bot.slack.protocol.idempotency_keys import edited, key_of
from bot.slack.protocol.interactions import Deed, FormName, StaleButton, Target
from bot.slack.protocol.requests import Asked, Slash, Submission, is_direct
from bot.slack.queries.services import Tools
from bot.slack.ui.forms.submitted_values import Values
from bot.slack.ui.messages.notices import refusal, refusal_modal
from bot.slack.ui.modals.form_registry import FORMS
from bot.store import KeyUsedForAnother
from domain.commands import ReviseScope, StartThreatModel
from domain.elements import ChannelId
from domain.rejections import Rejected


def open_start(tools: Tools, asked: Asked, target: Target, name: str = "") -> Answer:
    """Open the form of a new model, and look up meanwhile who is in the channel."""
    typed_in = asked.channel if isinstance(asked, Slash) and not is_direct(asked.channel) else ""
    channel = target.channel or typed_in
    target = Target(what=FormName.START, channel=channel)
    where = ChannelId(channel)
    if _outside(tools, where):
        return _invite_first(tools, asked, target)
    # Of whom it is not known yet whether they are a member, that is found out when the form comes back.
    if tools.is_shared(where) and tools.directory.standing(where, asked.person) is Standing.MEMBER:
        if not may_allow(tools.directory, asked.person):
            raise shared_with_others(tools.directory, where)
        target = _warning(target)
    typed = Values({"name": name}) if name else None
    answer = show(asked, form_for(tools, target, asked.person, typed=typed), again=target)
    if not channel:
        return answer
    return answer.then(ReadChannel(channel=ChannelId(channel), origin=asked.origin))


def start(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Start a model, and go on with the form of four boxes."""
    form = FORMS[FormName.START]
    values = form.parse(_submission(asked).view)
    command = form.command(values, target, by=asked.person, at=tools.now())
    if not isinstance(command, StartThreatModel):
        raise StaleButton
    check_channel(tools, command.channel)
    if tools.is_shared(command.channel) and may_allow(tools.directory, asked.person):
        if target.deed != Deed.ALLOW_SHARING:
            # Nobody told them yet who will see it: so the form comes once more, as they filled it in.
            shown = _warning(Target(what=FormName.START, channel=command.channel))
            return show(asked, form_for(tools, shown, asked.person, typed=values))
        command = replace(command, sharing_allowed=True)
    done = _started(tools, asked, command)
    key = done.model.key
    note = f"{key} “{done.model.name}” has begun. Its card is coming into the channel."
    following = Target(what=FormName.NAMES, stream=done.stream)
    return show(asked, form_for(tools, following, asked.person, note=note))


def _started(tools: Tools, asked: Asked, command: StartThreatModel) -> Done:
    try:
        return tools.start(command, key_of(asked))
    except KeyUsedForAnother as used:
        # It had begun, the answer was lost on the way, and the form was changed and sent again.
        revised = ReviseScope(
            by=command.by,
            at=command.at,
            name=command.name,
            description=command.description,
            out_of_scope=command.out_of_scope,
            answers_by=command.answers_by,
        )
        return tools.execute(revised, used.stream, edited(tools.store, key_of(asked), command))


def check_channel(tools: Tools, channel: ChannelId) -> None:
    """Raise Rejected where no card could be posted, as far as is known."""
    known = tools.directory.channel(channel)
    if known is None:
        return
    if known.archived:
        raise Rejected("This channel is archived. Start the model in another one.")
    if _outside(tools, channel):
        raise Rejected(
            f"I am not in this channel yet, so I cannot post the card. Type “{tools.installation.invite}” "
            "there (in another window: what you wrote here stays), then press the button once more."
        )


def _outside(tools: Tools, channel: ChannelId) -> bool:
    """Whether the bot knows that it is not in a channel; before it has looked, the form comes first."""
    known = tools.directory.channel(channel)
    if known is None or known.bot_inside or known.archived:
        return False
    # Invited a moment ago: the look that confirms it is under way.
    return not tools.directory.is_expected(channel, tools.installation.bot_user)


def _invite_first(tools: Tools, asked: Asked, target: Target) -> Answer:
    """Say how the bot comes into a channel before anybody fills in a form for nothing; and look meanwhile."""
    sentence = f"I am not in this channel yet. Type “{tools.installation.invite}” here, then press “Start”."
    said = refusal(sentence, again=target, label="Start")
    answer = tell(asked, said, view=refusal_modal(sentence, target))
    return answer.then(ReadChannel(channel=ChannelId(target.channel)))


def _warning(target: Target) -> Target:
    """The form that says who else will see the model."""
    return replace(target, deed=str(Deed.ALLOW_SHARING))


def _submission(asked: Asked) -> Submission:
    if not isinstance(asked, Submission):
        raise StaleButton
    return asked
