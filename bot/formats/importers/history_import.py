"""Import of this bot's own events, with their hash chain and consistency verified."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import cast

import msgspec
from msgspec.structs import replace

from bot.formats.exporters.history_export import (
    FORMAT,
    VERSION,
    HistoryHeader,
    HistoryLine,
    first_hash,
    next_hash,
    renumbered,
)
from bot.formats.importers.imported_model import find_cycle
from bot.formats.importers.model_creation import CreatedModel
from bot.formats.importers.untrusted_document import UnreadableFile, check_count, count_values, decode_text
from domain.events import (
    EVENT_TYPES,
    ChannelFollowed,
    Event,
    ParticipantsChosen,
    SharingAllowed,
    SharingForbidden,
    ThreatModelStarted,
    TrackerEvent,
    WorkspaceSettingsApplied,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import ID_PREFIX, ChannelId, ModelKey, PersonId
from domain.kernel.length_limits import TEXT
from domain.model import ThreatModel
from domain.register import register
from domain.replay import replay

_SCHEMAS: Mapping[str, int] = dict.fromkeys(
    ("AssetAdded", "CandidateDismissed", "PhaseMoved", "ThreatModelClosed", "WorkspaceSettingsApplied"), 2
)
"""The last schema version of each event type that had more than one."""

RENAMED_TYPES: Mapping[str, str] = {
    **{
        f"Nudge{outcome}": f"Reminder{outcome}"
        for outcome in ("Claimed", "Failed", "Sent", "Skipped", "Snoozed")
    },
    "CandidateConfirmed": "SuggestedThreatConfirmed",
    "CandidateDismissed": "SuggestedThreatDismissed",
    "CandidateReopened": "SuggestedThreatReopened",
    "YardstickMarked": "ReferenceThreatMarked",
    "YardstickUnmarked": "ReferenceThreatUnmarked",
}
"""Event types by their earlier names."""

RENAMED_FIELDS: Mapping[str, str] = {
    "candidate": "suggested_threat",
    "candidates": "suggested_threats",
    "gate": "condition",
    "nudges": "reminders",
}
"""Fields of events and of the objects in them, by their earlier names."""

RENAMED_FACTS: Mapping[str, str] = {
    "admin_apart": "admin_network_separate",
    "authorised": "authorization_checked",
    "conflicts_noticed": "conflicts_detected",
    "copies_guarded": "copies_protected",
    "copies_keyed": "cached_responses_separated",
    "customer_checked": "tenant_checked",
    "delicate": "integrity_critical",
    "entities_off": "dtds_disabled",
    "errors_plain": "error_details_hidden",
    "grown_dear": "value_increased",
    "interpreter_fenced": "interpreter_input_restricted",
    "irreplaceable": "availability_critical",
    "keeps_copies": "caches_responses",
    "keys_apart": "keys_stored_separately",
    "keys_replaced": "keys_rotated",
    "limits_checked": "caller_values_checked",
    "limits_told": "caller_sends_values",
    "lockout_fair": "lockout_abuse_prevented",
    "many_customers": "multi_tenant",
    "minimised": "data_minimized",
    "model_fenced": "model_restricted",
    "one_holder": "individual_credential",
    "own_account": "individual_account",
    "query_bound": "queries_parameterized",
    "readers_few": "read_access_limited",
    "repeat_harmless": "replays_ineffective",
    "restore_tried": "restore_tested",
    "spare": "backup_or_copy",
    "waits_limited": "timeout_set",
    "writers_few": "write_access_limited",
    "written_at_once": "concurrent_writes",
}
"""Facts by their earlier names."""

_NO: frozenset[object] = frozenset({Answer.NO, Answer.NOT_APPLICABLE})
_YES: frozenset[object] = frozenset({Answer.YES, Answer.NOT_APPLICABLE})

REPLACED_FACTS: Mapping[str, tuple[frozenset[object], str]] = {
    "hardened": (_NO, "default_credentials_changed"),
    "session_ends": (_NO, "sessions_expire"),
    "token_validated": (_NO, "token_signature_verified"),
    "expires": (_NO, "lifetime_limited"),
    "backup_or_copy": (_NO, "backed_up"),
    "build_protected": (_NO, "changes_reviewed"),
    "build_secrets_protected": (_NO, "build_logs_without_secrets"),
    "device_encrypted_and_locked": (_NO, "device_encrypted"),
    "outage_bridged": (_NO, "outage_fallback"),
    "callbacks_signed": (_NO, "webhook_signature_verified"),
    "pinned": (_NO, "version_pinned"),
    "files_contained": (_NO, "upload_types_limited"),
    "steps_enforced": (_NO, "step_order_enforced"),
    "shown_to_others": (_YES, "shown_in_pages"),
}
"""By a fact that is no longer asked for, the answers that still hold, and the first fact that replaced it.

Most asked for several controls at once: a *no* still raises the threat, while a *yes* may have meant one of
them. The last one asked for less than the fact that replaced it.
"""


def converted(line: HistoryLine) -> HistoryLine:
    """Return an event of version 0.1 in the present format; raises UnreadableFile."""
    if line.schema != _SCHEMAS.get(line.type, 1):
        raise UnreadableFile(
            f"Event {line.number} was exported by a version before 0.1. Export the model with version 0.1."
        )
    try:
        event = cast("dict[str, object]", _renamed(msgspec.json.decode(line.event), ""))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UnreadableFile(f"Event {line.number} cannot be read: {error}.") from None
    name = RENAMED_TYPES.get(line.type, line.type)
    return replace(line, type=name, event=msgspec.Raw(msgspec.json.encode({**event, "type": name})))


def _renamed(value: object, field: str) -> object:
    match value:
        case dict():
            fields = cast("dict[str, object]", value)
            names = {key: RENAMED_FIELDS.get(key, key) for key in fields}
            return _with_present_fact(
                {names[key]: _renamed(item, names[key]) for key, item in fields.items()}
            )
        case list():
            return [_renamed(item, field) for item in cast("list[object]", value)]
        case str():
            return RENAMED_FACTS.get(value, value) if field == "fact" else value
        case _:
            return value


def _with_present_fact(fields: dict[str, object]) -> dict[str, object]:
    """Return an answer as one about the fact that is asked for now, where it still holds."""
    answers, fact = REPLACED_FACTS.get(str(fields.get("fact")), (frozenset(), ""))
    return {**fields, "fact": fact} if fields.get("reply", fields.get("answer")) in answers else fields


FIRST_YEAR, LAST_YEAR = 1990, 2199
"""The range of years of events."""

MAX_EVENTS = 20_000
"""Maximum events read from one file."""

MAX_VOTES = 5 * MAX_EVENTS
"""Maximum numbers of votes in the results of the rounds of one file."""

Read = Callable[[str, bytes], object]
"""Decodes an event from its type and content; raises ValueError."""

_PEOPLE = (
    *("by", "owner", "facilitator", "person", "held_by", "voter", "approver", "asked", "proposed_by"),
    *("implemented_by", "verified_by", "owned_by", "instead_of", "voters", "participants", "left"),
)
_PERSON = re.compile(r"[UW][A-Z0-9]{1,20}|system|voter-\d{1,4}|")
_ID = re.compile(rf"(?:{'|'.join(ID_PREFIX.values())}|AU|TH|RD|MI)-\d{{1,9}}(?:\.\d{{1,9}}){{0,60}}")
_IDS = frozenset(("id", "element", "threat", "round", "mitigation", "kept", "merged", "source", "target"))


class ImportedHistory(msgspec.Struct, frozen=True, kw_only=True):
    """Unchanged events of a file; its votes carry no names."""

    header: HistoryHeader
    events: tuple[Event, ...]

    @property
    def title(self) -> str:
        """The name of the format."""
        return "JSON Lines of this bot"


def is_history(content: bytes) -> bool:
    """Return whether a file starts like a history of this bot."""
    first = content[:4096].removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0]
    return first.lstrip().startswith(b"{") and f'"format":"{FORMAT}"'.encode() in first


def import_history(content: bytes, read: Read) -> ImportedHistory:
    """Return the events of a file; raises UnreadableFile if its chain is broken or an event is invalid."""
    text = decode_text(content)
    count_values(text)
    if text.count("\n") > 2 * MAX_EVENTS:  # before a list is built
        raise UnreadableFile(
            f"The file has more than {2 * MAX_EVENTS:,} lines. At most {MAX_EVENTS:,} events can be imported."
        )
    first, *lines = [line for line in text.split("\n") if line.strip()]
    try:
        header = msgspec.json.decode(first, type=HistoryHeader)
    except msgspec.MsgspecError as error:
        raise UnreadableFile(f"The first line is not a valid header: {error}.") from None
    if not 1 <= header.version <= VERSION:
        raise UnreadableFile(
            f"The file has version {header.version}, but this release imports versions 1 to {VERSION}."
        )
    if len(lines) > MAX_EVENTS:
        raise UnreadableFile(f"The file has {len(lines):,} events. At most {MAX_EVENTS:,} can be imported.")
    if len(lines) != header.events:
        raise UnreadableFile(
            f"The file is incomplete: it has {len(lines):,} of {header.events:,} events. Export it again."
        )
    seal, events = first_hash(header.key, header.version), list[Event]()
    for number, text in enumerate(lines, start=1):
        line = _line(text, number, header.version)
        seal = next_hash(seal, line)
        if (line.number, line.hash) != (number, seal):
            raise UnreadableFile(
                f"Event {number} was altered, or an event before it is missing. Export the file again."
            )
        events.append(_event(line if header.version == VERSION else converted(line), read))
    if seal != header.head:
        raise UnreadableFile("The last event does not match the header. Export the file again.")
    return ImportedHistory(header=header, events=tuple(events))


def replayed_history(
    found: ImportedHistory, *, key: ModelKey, channel: ChannelId, by: PersonId, at: datetime
) -> CreatedModel:
    """Return the events for a channel, imported by a person; raises UnreadableFile if inconsistent."""
    events = renumbered(list(_here(found.events, key, channel)))
    latest = max((event.at for event in events), default=at)
    if latest > at:
        raise UnreadableFile(
            f"The file has an event dated {latest:%Y-%m-%d %H:%M} UTC, which is in the future."
        )
    model = _sound(events)
    notes = [
        "participants: none are named, so all channel members can take part",
        "ballots: the file has the results of rounds",
    ]
    if found.header.withheld:
        notes.append("ballots of open rounds and erased content: not in the file")
    if model.facilitator != by:
        notes.append(f"{model.facilitator} as the facilitator: you become the facilitator")
    return CreatedModel(events=tuple(events), model=model, notes=tuple(notes))


def _line(text: str, number: int, version: int) -> HistoryLine:
    try:
        line = msgspec.json.decode(text, type=HistoryLine)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UnreadableFile(f"Event {number} cannot be read: {error}.") from None
    if (line.schema is msgspec.UNSET) != (version == VERSION):
        raise UnreadableFile(f"Event {number} cannot be read: it is of another version than the file.")
    return line


def _event(line: HistoryLine, read: Read) -> Event:
    try:
        event = read(line.type, bytes(line.event))
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"Event {line.number} cannot be read: {error}.") from None
    if not isinstance(event, EVENT_TYPES):
        raise UnreadableFile(f"Event {line.number} is not an event of a threat model.")
    _check(msgspec.to_builtins(event, builtin_types=(datetime, date)), line.number)
    if event.at.tzinfo is None:
        raise UnreadableFile(f"Event {line.number} has a time without an offset.")
    return event


def _check(value: object, number: int, name: str = "", inside: str = "") -> None:
    """Check the length of texts, the ids, the people and the years in a value that stands under a name."""
    match value:
        case Mapping():
            for key, one in cast("Mapping[str, object]", value).items():
                _check(one, number, key, name)
        case list() | tuple():
            for one in cast("Sequence[object]", value):
                _check(one, number, name, inside)
        case str():
            if name in _PEOPLE and inside != "dependency" and not _PERSON.fullmatch(value):
                raise UnreadableFile(f"Event {number} refers to a person by an ID that is not a Slack ID.")
            if name in _IDS and not _ID.fullmatch(value):
                raise UnreadableFile(f"Event {number} has an invalid ID: “{value[:60]}”.")
            if len(value) > TEXT:
                raise UnreadableFile(
                    f"Event {number} has a text of {len(value):,} characters. At most {TEXT:,} are allowed."
                )
        case date() if not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise UnreadableFile(
                f"Event {number} is dated in the year {value.year}. Only the years {FIRST_YEAR} to "
                f"{LAST_YEAR} are supported. Correct the date in the source, and export the file again."
            )
        case _:
            pass


def _here(events: Iterable[Event], key: ModelKey, channel: ChannelId) -> Iterable[tuple[int, Event]]:
    """Return the events for this channel; sharing with other organizations is decided again.

    The key of a template is left out: here it may be another model's. So are the settings of the workspace
    and the issues in its trackers: those of this workspace apply, and its issues are not taken over.
    """
    for number, event in enumerate(events, start=1):
        match event:
            case ThreatModelStarted():
                begun = replace(event, key=key, channel=channel, template=None)
                yield number, replace(begun, participants=(), sharing_allowed=False)
            case ChannelFollowed() | SharingAllowed() | SharingForbidden() | ParticipantsChosen():
                continue
            case WorkspaceSettingsApplied():
                continue
            case _ if isinstance(event, TrackerEvent):
                continue
            case _:
                yield number, event


def _sound(events: Sequence[Event]) -> ThreatModel:
    """Return the model of the events; raises UnreadableFile if they are inconsistent."""
    starts = [number for number, event in enumerate(events) if isinstance(event, ThreatModelStarted)]
    if starts != [0]:
        raise UnreadableFile("The first event must be the start of the threat model, and the only one.")
    try:
        model = replay(events)
        check_count(len(model.elements) + len(model.threats) + len(model.mitigations))
        _check_results(model)
        _no_circles(model)
        register(model)
    except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise UnreadableFile(f"The events are inconsistent ({type(error).__name__}).") from None
    return model


def _check_results(model: ThreatModel) -> None:
    """Raise ValueError if a round has more votes than voters, UnreadableFile if all have too many."""
    counted = 0
    for round in model.rounds.values():
        for result in round.ending.results if round.ending else ():
            for metric in result.metrics:
                numbers = sum(metric.counts)
                counted += numbers
                if not numbers + metric.abstained == result.ballots <= len(round.voters):
                    raise ValueError(round.id)
    if counted > MAX_VOTES:
        raise UnreadableFile(f"The file has {counted:,} votes. At most {MAX_VOTES:,} can be imported.")


def _no_circles(model: ThreatModel) -> None:
    """Raise ValueError if a part contains itself, or is merged into itself."""
    parents: dict[str, str | None] = {
        id: getattr(element, "parent", None) for id, element in model.elements.items()
    }
    merged: dict[str, str | None] = {id: one.into for id, one in model.merged.items()}
    for chain in (parents, merged):
        if (inside := find_cycle(chain)) is not None:
            raise ValueError(inside)
