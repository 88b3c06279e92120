"""Run of the probe: every question, each isolated, and the cleanup."""

from collections.abc import Callable
from typing import Final

import msgspec

from bot.probe.interactive_questions import (
    InteractionListener,
    ListenerFailed,
    NoResponse,
    ParticipantQuestions,
)
from bot.probe.probe_answers import (
    OF_A_PERSON,
    STEP_LABELS,
    Answered,
    Failed,
    Point,
    Reason,
    Skipped,
)
from bot.probe.probe_channel import Artifact, ProbeChannel, code_word
from bot.probe.sample_content import SampleContent
from bot.probe.unattended_questions import (
    ask_about_direct_message,
    ask_about_fields,
    ask_about_installation,
    file_shares,
    found_by_metadata,
    unattended,
)
from bot.slack.protocol.installation import Installation
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable

_GONE: Final = {
    "canvas_disabled_file_team",
    "canvas_not_found",
    "channel_not_found",
    "file_deleted",
    "file_not_found",
    "message_not_found",
}


def clean_up(site: ProbeChannel) -> list[str]:
    """Delete everything that is noted, the newest first; return a sentence for each thing that may remain.

    What could not be deleted stays noted, for another try.
    """
    return [sentence for one in site.leftovers.remaining() if (sentence := _removed(site, one))]


def _removed(site: ProbeChannel, one: Artifact) -> str:
    try:
        if one.id:
            _delete(site, one)
        elif one.kind != "file":  # an upload that was never completed is shown to no one
            found = _found(site, one)
            if found is None:
                site.leftovers.record_deleted(one)
                return _BY_HAND[one.kind]
            if found:
                _delete(site, site.leftovers.record_created(one, found))
    except (ApiRefused, ApiUnreachable) as fault:
        return f"A {one.kind} could not be deleted ({fault.code}): run `threatmodel doctor --clean-up` later."
    site.leftovers.record_deleted(one)
    return ""


def _delete(site: ProbeChannel, one: Artifact) -> None:
    try:
        match one.kind:
            case "message":
                site.api.call("chat.delete", channel=one.channel, ts=one.id)
            case "canvas":
                site.api.call("canvases.delete", canvas_id=one.id)
            case "file":
                for channel, ts in file_shares(site, one):
                    site.outcome("chat.delete", channel=channel, ts=ts)
                site.api.call("files.delete", file=one.id)
    except ApiRefused as refused:
        if refused.code not in _GONE:
            raise


def _found(site: ProbeChannel, one: Artifact) -> str | None:
    """Return the timestamp of a message of which only the intention is noted; None if that cannot be known.

    Empty if it was not posted after all. Raises Unreachable.
    """
    if one.kind != "message":
        return None
    try:
        return found_by_metadata(site, one) or ""
    except ApiRefused:
        return None


_BY_HAND: Final = {
    "message": ("The probe ended while it posted a message. If one is left in the channel, delete it there."),
    "canvas": (
        "The probe ended while it made a canvas. If one called “Slack probe” is left in the channel, "
        "delete it there."
    ),
}


class ProbeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """IDs of the channels and the person to ask; empty if not named.

    `member` is someone in the channel, whose account is only looked at. `why_alone` is why no person takes
    part, or nothing; `listen` opens the connection over which the person is heard.
    """

    channel: str
    member: str
    person: str = ""
    shared_channel: str = ""
    why_alone: Reason | None = None
    listen: Callable[[], InteractionListener]
    only: frozenset[str] = frozenset(STEP_LABELS)
    """The questions to be put, by the names of their points."""


class Probe:
    """The whole run; `points` are the answers so far, also after an interruption."""

    def __init__(
        self,
        site: ProbeChannel,
        installed: Installation,
        exhibits: SampleContent,
        asked: ProbeRequest,
        tell: Callable[[str], None],
    ) -> None:
        self.points: dict[str, Point] = {}
        self._site = site
        self._installed = installed
        self._exhibits = exhibits
        self._asked = asked
        self._tell = tell

    def run(self) -> None:
        """Ask everything; raises Refused and Unreachable where nothing can be posted in the channel."""
        site, asked = self._site, self._asked
        self._ask("installation", lambda: ask_about_installation(site))
        self._ask("fields", lambda: ask_about_fields(site, asked.channel, asked.member))
        root = site.post(asked.channel, _ROOT)
        for name, question in unattended(site, root, self._exhibits).items():
            self._ask(name, question)
        person = self._with_a_person(root)
        if person:
            self._ask("direct_message", lambda: ask_about_direct_message(site, person))
        else:
            self._note("direct_message", Skipped(reason="no_person"))

    def _with_a_person(self, root: Artifact) -> str:
        """Ask what takes a person; return who it was, or who was named."""
        if not self._asked.only.intersection(OF_A_PERSON):
            return self._asked.person
        if self._asked.why_alone is not None:
            return self._skip(self._asked.why_alone)
        try:
            ear = self._asked.listen()
        except ListenerFailed as fault:
            self._tell(f"Socket Mode could not be opened ({fault}): the part with a person is skipped.")
            return self._skip("no_connection")
        try:
            if ear.connections > 1:
                self._tell(
                    f"Other connections of this app are open ({ear.connections - 1}), and Slack "
                    f"delivers each interaction to only one of them. Stop `threatmodel serve` and start "
                    f"the probe again. "
                    "The part with a person is skipped."
                )
                return self._skip("shared_connection")
            return self._heard_from_a_person(ear, root)
        finally:
            ear.close()

    def _heard_from_a_person(self, ear: InteractionListener, root: Artifact) -> str:
        asked = self._asked
        talk = ParticipantQuestions(self._site, ear, root, self._installed, asked.person)
        self._tell(f"Now press “Take part” in the thread in the channel ({self._site.pace.person:.0f} s) …")
        try:
            talk.begin()
        except NoResponse:
            self._tell("No one pressed the button: the part with a person is skipped.")
            return self._skip("no_person")
        self._tell("… and follow the messages in the thread.")
        self._ask("replies", talk.replies)
        self._ask("expired_trigger", talk.expired_trigger)
        self._ask("form", talk.form)
        self._ask("mention", lambda: talk.mention(root))
        if isinstance(self.points.get("mention"), Answered):
            self._tell("Delete your message that mentions the bot.")
        if "mention_in_shared_channel" not in asked.only:
            return talk.person
        if asked.shared_channel:
            self._tell("Now mention the bot in the shared channel …")
            shared = asked.shared_channel
            self._ask("mention_in_shared_channel", lambda: talk.mention(self._site.post(shared, _ROOT)))
        else:
            self._note("mention_in_shared_channel", Skipped(reason="no_channel"))
        return talk.person

    def _skip(self, reason: Reason) -> str:
        for name in OF_A_PERSON:
            self._note(name, Skipped(reason=reason))
        return self._asked.person

    def _ask(self, name: str, question: Callable[[], Json]) -> None:
        """Put one question; what goes wrong with it is its answer, and the others are still put."""
        if name not in self._asked.only:
            return
        point: Point
        try:
            point = Answered(answer=question())
        except ApiRefused as refused:
            outcome = self._site.refusal(refused)
            point = Failed(code=outcome.code, detail=outcome.detail)
        except ApiUnreachable as fault:
            point = Failed(code=code_word(fault.code))
        except NoResponse:
            point = Skipped(reason="no_answer")
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as fault:
            # An answer that is not built as Slack's are; its words may hold anything.
            point = Failed(code="unexpected_answer", detail=type(fault).__name__)
        self._note(name, point)

    def _note(self, name: str, point: Point) -> None:
        self.points[name] = point
        match point:
            case Answered():
                how = "answered"
            case Failed(code=code):
                how = f"failed ({code})  "
            case Skipped(reason=reason):
                how = f"skipped ({reason.replace('_', ' ')})  "
        self._tell(f"{how:<9}{STEP_LABELS[name]}")


_ROOT: Final = (
    "A check of how Slack behaves here (`threatmodel doctor --probe`). "
    "It posts in this thread for about two minutes and then deletes everything."
)
