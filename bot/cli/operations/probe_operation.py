"""The probe command: finds channel and person, asks, writes the answers, cleans up."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from bot.cli.operations.export_operation import write_private_file
from bot.operator_error import OperatorError
from bot.probe.interactive_questions import InteractionListener
from bot.probe.probe_answers import STEP_LABELS, Reason, answers_json
from bot.probe.probe_channel import ArtifactLog, ArtifactLogUnusable, ProbeChannel, ProbePace, Redactor
from bot.probe.probe_run import Probe, ProbeRequest, clean_up
from bot.probe.sample_content import build_sample_content
from bot.serving_lock import serving_process
from bot.settings import Settings
from bot.slack.protocol.installation import CannotStart, Installation, make_slack_api, read_installation
from bot.slack.protocol.requests import Json
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi

Tell = Callable[[str], None]


class ProbeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Arguments of the command: channels and a person by name or ID, empty if not named."""

    channel: str
    person: str = ""
    shared_channel: str = ""
    alone: bool = False
    output: Path = Path("slack-probe.json")
    only: frozenset[str] = frozenset(STEP_LABELS)


def run_probe(settings: Settings, wanted: ProbeOptions, tell: Tell, pace: ProbePace | None = None) -> bool:
    """Ask the workspace everything and write the answers; say whether nothing of it is left there.

    Raises OperatorError.
    """
    with _site(settings, pace or ProbePace()) as (site, installed):
        left = _cleaned(site, tell)
        asked = _asked(site, settings, wanted, tell)
        run = Probe(site, installed, build_sample_content(), asked, tell)
        write_private_file(
            wanted.output, answers_json(run.points)
        )  # a wrong path is found before anything is posted
        try:
            run.run()
        except (ApiRefused, ApiUnreachable) as fault:
            raise OperatorError(_no_post(fault.code, installed)) from None
        finally:
            try:
                # Also after an interruption: the answers so far are written.
                write_private_file(wanted.output, answers_json(run.points))
            finally:
                left = _cleaned(site, tell) and left
        tell(f"The results were written to {wanted.output}. They contain no names, IDs or texts.")
        return left


def clean_up_probe(settings: Settings, tell: Tell) -> bool:
    """Delete what an earlier probe left; say whether nothing is left. Raises OperatorError."""
    with _site(settings, ProbePace()) as (site, _):
        return _cleaned(site, tell)


def _cleaned(site: ProbeChannel, tell: Tell) -> bool:
    count = len(site.leftovers.remaining())
    sentences = clean_up(site)
    for sentence in sentences:
        tell(sentence)
    if count and not sentences:
        tell(f"Everything that the probe created is deleted ({count}).")
    return not sentences


@contextmanager
def _site(settings: Settings, pace: ProbePace) -> Generator[tuple[ProbeChannel, Installation]]:
    if not settings.bot_token:
        raise OperatorError("SLACK_BOT_TOKEN is missing. Run `threatmodel doctor` to see where to find it.")
    api = make_slack_api(settings)
    try:
        installed = read_installation(api)
    except CannotStart as refused:
        raise OperatorError(str(refused)) from None
    path = settings.database_file or Path("threatmodel")
    try:
        leftovers = ArtifactLog(path.absolute().with_name(f"{path.name}.probe"))
    except ArtifactLogUnusable as fault:
        raise OperatorError(f"DATABASE_URL: {fault}.") from None
    scrubber = Redactor()
    scrubber.learn([settings.bot_token.reveal(), settings.app_token.reveal()])
    scrubber.learn(msgspec.to_builtins(installed).values())
    try:
        yield ProbeChannel(api, leftovers, pace, scrubber), installed
    finally:
        leftovers.close()


def _asked(site: ProbeChannel, settings: Settings, wanted: ProbeOptions, tell: Tell) -> ProbeRequest:
    try:
        channel = _channel(site.api, wanted.channel, "--probe")
        shared = _channel(site.api, wanted.shared_channel, "--shared") if wanted.shared_channel else {}
        person = _person(site.api, wanted.person) if wanted.person else {}
        member = person or _some_member(site.api, str(channel["id"]))
    except (ApiRefused, ApiUnreachable) as fault:
        raise OperatorError(
            f"--probe: Slack does not list the channels and members ({fault.code})."
        ) from None
    site.scrubber.learn(_words(channel, shared, person, member))
    return ProbeRequest(
        channel=str(channel["id"]),
        member=str(member["id"]),
        person=str(person.get("id", "")),
        shared_channel=str(shared.get("id", "")),
        why_alone=_why_alone(settings, wanted, tell),
        only=wanted.only,
        listen=partial(
            InteractionListener,
            app_token=settings.app_token.reveal(),
            api_url=settings.api_url,
            connect_seconds=site.pace.connect,
        ),
    )


def _why_alone(settings: Settings, wanted: ProbeOptions, tell: Tell) -> Reason | None:
    if wanted.alone:
        return "alone"
    if not settings.app_token:
        tell(
            "SLACK_APP_TOKEN is not set, so the part with a person is skipped: it needs Socket Mode. "
            "Turn on Socket Mode in the app's settings during the probe, or use a second app."
        )
        return "no_app_token"
    if process := serving_process(settings.database_file):
        tell(
            f"{process} runs `threatmodel serve`, and Slack delivers each interaction to only one of "
            f"the two. The part with a person is skipped. Stop the other process and start the probe again."
        )
        return "shared_connection"
    return None


def _channel(api: SlackApi, named: str, option: str) -> Json:
    """Find the channel of that ID or name; raises OperatorError if it is absent or the bot is no member."""
    if named.startswith("#"):
        pages = _pages(api, "conversations.list", "channels", types="public_channel,private_channel")
        found = next((page for page in pages if page.get("name") == named[1:]), None)
    else:
        try:
            found = api.call("conversations.info", channel=named)["channel"]
        except ApiRefused as refused:
            if refused.code != "channel_not_found":
                raise
            found = None
    if found is None:
        raise OperatorError(f"{option}: the bot cannot see a channel {named}. Invite it there first.")
    if not found.get("is_member"):
        raise OperatorError(f"{option}: the bot is not a member of {named}. Invite it there first.")
    return found


def _person(api: SlackApi, named: str) -> Json:
    """Return the account of that id or name; raises OperatorError."""
    if not named.startswith("@"):
        try:
            return api.call("users.info", user=named)["user"]
        except ApiRefused:
            raise OperatorError(
                f"--with: there is no person {named}. Enter @name or the member ID (U…)."
            ) from None
    for page in _pages(api, "users.list", "members"):
        profile: Json = page.get("profile") or {}
        if named[1:] in (page.get("name"), profile.get("display_name"), profile.get("real_name")):
            return page
    raise OperatorError(f"--with: there is no person {named}. Enter @name or the member ID (U…).")


def _some_member(api: SlackApi, channel: str) -> Json:
    """Return the account of someone in the channel who is no bot, else of anyone."""
    members: list[str] = api.call("conversations.members", channel=channel, limit="20")["members"]
    accounts = (api.call("users.info", user=member)["user"] for member in members)
    last: Json = {}
    for last in accounts:
        if not last.get("is_bot") and not last.get("deleted"):
            return last
    return last


def _pages(api: SlackApi, method: str, what: str, **arguments: str) -> Iterator[Json]:
    cursor = ""
    for _ in range(_MAX_PAGES):
        told = api.call(method, limit="200", cursor=cursor or None, **arguments)
        yield from told.get(what, ())
        metadata: Json = told.get("response_metadata") or {}
        cursor = str(metadata.get("next_cursor") or "")
        if not cursor:
            return


def _words(*things: Json) -> Iterator[object]:
    """Yield the ids and names of channels and people."""
    for thing in things:
        profile: Json = thing.get("profile") or {}
        yield from (thing.get(name) for name in ("id", "name", "real_name", "team_id"))
        yield from (profile.get(name) for name in ("display_name", "real_name", "email"))


def _no_post(code: str, installed: Installation) -> str:
    if code == "not_in_channel":
        return f"--probe: the bot is not a member of the channel. Use {installed.invite} there first."
    return f"--probe: Slack does not allow the bot to post in the channel ({code})."


_MAX_PAGES: Final = 50
