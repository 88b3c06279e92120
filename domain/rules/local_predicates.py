"""Predicates over what stays on one machine or in one browser, and over the programs of users there."""

import re
from collections.abc import Mapping

from domain.catalog.protocol_names import protocols_in
from domain.kernel.elements import ComponentKind, DataFlow, ElementId, EntryPoint, Exposure
from domain.rules import component_predicates
from domain.rules.component_predicates import category_of
from domain.rules.conditions import FALSE, TRUE, UNKNOWN, AllOf, Structure, Truth, it_is, truth
from domain.rules.model_index import ModelIndex, RuleTarget
from domain.technologies.technology import Protocol

LOOPBACK = "Loopback"


def protocols_at(about: RuleTarget) -> tuple[tuple[Protocol, ...], ...]:
    """Return the protocols of the catalog that each text at a flow or an entry point names; it may name none.

    A flow without a protocol has that of its entry point, else the one by which its ends always exchange
    messages. An entry point also has those of its flows.
    """
    index, one = about.index, about.element
    if isinstance(one, DataFlow):
        door = index.entry_points.get(one.entry_point) if one.entry_point else None
        spoken = [one.protocol or (door.protocol if door else "") or _usual_protocol(index, one)]
    elif isinstance(one, EntryPoint):
        spoken = [one.protocol, *(flow.protocol for flow in index.flows_through.get(one.id, ()))]
    else:
        spoken = []
    return tuple(protocols_in(index.catalog, text) for text in spoken if text)


def _usual_protocol(index: ModelIndex, one: DataFlow) -> str:
    """Return the only protocol that a browser offers between two programs; empty if there are several."""
    ends = (category_of(index, one.source), category_of(index, one.target))
    return _USUAL.get(ends) or _USUAL.get(ends[::-1], "")


def names_protocol(about: RuleTarget, *names: str) -> bool:
    """Return whether one of these protocols is named at a flow or an entry point."""
    return any(protocol.name in names for protocols in protocols_at(about) for protocol in protocols)


def stays_local(about: RuleTarget) -> bool:
    """Return whether both ends are on one machine or in one browser, by every protocol that is named."""
    found = protocols_at(about)
    return bool(found) and all(any(one.local for one in protocols) for protocols in found)


def _speaks_websocket(about: RuleTarget) -> Truth:
    return truth(names_protocol(about, "WebSocket", "WSS"))


def _receives_messages(about: RuleTarget) -> Truth:
    """Return whether a process receives messages that pages or other programs can send as well.

    The parts of one program also exchange messages: these count where they cross a trust boundary, or come
    from what shares a page with others.
    """
    one = about.element
    if not isinstance(one, DataFlow) or not names_protocol(about, *_OPEN_MESSAGES, *_OWN_MESSAGES):
        return FALSE
    senders = {category_of(about.index, way.source) for way in one.directions}
    if not names_protocol(about, *_OPEN_MESSAGES) and not about.crossing and senders.isdisjoint(_IN_PAGES):
        return FALSE
    return _ends_in_a_process(about, one)


def _receives_from_programs(about: RuleTarget) -> Truth:
    """Return whether a process receives input on the machine of a user, through no entry point.

    It comes from a page, from another program there, or from a file that others made.
    """
    one = about.element
    if not isinstance(one, DataFlow) or one.entry_point in about.index.entry_points:
        return FALSE
    received = names_protocol(about, LOOPBACK, "File system", "Clipboard")
    if (received and _on_a_computer(about, one.source, one.target)) or (
        about.crossing and names_protocol(about, "DOM")
    ):
        return _ends_in_a_process(about, one)
    return _receives_messages(about)


def _ends_in_a_process(about: RuleTarget, one: DataFlow) -> Truth:
    kinds = [about.index.kind(way.target) for way in one.directions]
    return TRUE if ComponentKind.PROCESS in kinds else UNKNOWN if None in kinds else FALSE


def _sends_to_pages(about: RuleTarget) -> Truth:
    return truth(isinstance(about.element, DataFlow) and names_protocol(about, "postMessage"))


def _serves_locally(about: RuleTarget) -> Truth:
    """Return whether a program on the machine of a user answers requests that a browser there can send."""
    index, one = about.index, about.element
    if isinstance(one, EntryPoint):
        flows = index.flows_through.get(one.id, ())
        ends = [end for flow in flows for end in (flow.source, flow.target)]
        ends.append(index.component_behind.get(one.id, one.id))
        local = names_protocol(about, LOOPBACK) or (
            one.exposure is Exposure.LOCAL and names_protocol(about, *_OF_THE_WEB)
        )
        return truth(local and _on_a_computer(about, *ends))
    if not isinstance(one, DataFlow) or one.entry_point in index.entry_points:
        return FALSE
    served = index.kind(one.target) is ComponentKind.PROCESS
    return truth(served and names_protocol(about, LOOPBACK) and _on_a_computer(about, one.source, one.target))


def _on_a_computer(about: RuleTarget, *ends: ElementId) -> bool:
    return any(category_of(about.index, end) in _ON_A_COMPUTER for end in ends)


def _has_extension_pages(about: RuleTarget) -> Truth:
    return truth(category_of(about.index, about.element.id) == "browser_extension")


def _shows_ui_in_pages(about: RuleTarget) -> Truth:
    """Return whether it may show something in web pages: a content script, or an extension drawn as one."""
    index = about.index
    category = category_of(index, about.element.id)
    drawn = any(category_of(index, one) == "content_script" for one in index.components)
    return truth(category == "content_script" or (category == "browser_extension" and not drawn))


def _embeds_content(about: RuleTarget) -> Truth:
    index, id = about.index, about.element.id
    technology = index.components[id].technology
    return truth(category_of(index, id) == "embedded_frame" or technology in _BUILT_ON_WEB_VIEWS)


def _fetches_configuration(about: RuleTarget) -> Truth:
    """Return whether a program of users receives what its name says is configuration.

    It is unknown for what is installed and exchanges data with others than the programs beside it.
    """
    index, here = about.index, about.element.id
    category = category_of(index, here)
    flows = [
        flow
        for flow in index.flows.values()
        if here in (flow.source, flow.target) and not stays_local(index.about(flow))
    ]
    if category not in _CONFIGURED or not flows:
        return FALSE
    received = (
        asset for flow in flows for way in flow.directions if way.target == here for asset in way.assets
    )
    if any(_is_configuration(index, one) for one in received):
        return TRUE
    return truth(None if category in _INSTALLED else False)


def _brings_configuration(about: RuleTarget) -> Truth:
    """Return whether a program of users receives by it what its name says is configuration."""
    index, one = about.index, about.element
    if not isinstance(one, DataFlow) or stays_local(about):
        return FALSE
    return truth(
        any(
            category_of(index, way.target) in _CONFIGURED
            and index.kind(way.target) is ComponentKind.PROCESS
            and any(_is_configuration(index, asset) for asset in way.assets)
            for way in one.directions
        )
    )


def _is_configuration(index: ModelIndex, asset: ElementId) -> bool:
    return asset in index.assets and _CONFIGURATION.search(index.assets[asset].name) is not None


def _opens_local_files(about: RuleTarget) -> Truth:
    return truth(category_of(about.index, about.element.id) in {"desktop_app", "local_helper"})


_OPEN_MESSAGES = ("postMessage", "Native messaging")
"""Protocols by which every page or every extension can send something, unless the receiver checks it."""
_OWN_MESSAGES = ("Extension messaging", "IPC")
_IN_PAGES = frozenset({"content_script", "embedded_frame", "browser", "single_page_app"})
_OF_THE_WEB = (
    *("HTTP", "HTTPS", "HTTP/2", "WebSocket", "WSS", "REST", "GraphQL", "RPC", "Server-sent events"),
)
_ON_A_COMPUTER = frozenset(
    {
        *("browser", "single_page_app", "browser_extension", "content_script", "embedded_frame"),
        *("desktop_app", "local_helper", "command_line_tool"),
    }
)
"""Categories of programs on a computer on which a person also visits websites."""
_INSTALLED = frozenset({"browser_extension", "desktop_app", "local_helper"})
_USUAL: Mapping[tuple[str | None, str | None], str] = {
    ("browser_extension", "browser_extension"): "Extension messaging",
    ("content_script", "browser_extension"): "Extension messaging",
    ("single_page_app", "browser_extension"): "Extension messaging",
    ("embedded_frame", "browser_extension"): "Extension messaging",
    ("local_helper", "browser_extension"): "Native messaging",
    ("single_page_app", "content_script"): "DOM",
    ("browser", "content_script"): "DOM",
    **{
        (one, "client_storage"): "Browser storage"
        for one in ("browser_extension", "content_script", "single_page_app")
    },
}
"""What a browser offers for data between two categories of programs, without any other way."""
_CONFIGURED = _INSTALLED | {"mobile_app", "command_line_tool", "device"}
_CONFIGURATION = re.compile(
    r"\b(?:config(?:uration)?s?|rule ?sets?|rules|feature flags?|(?:filter|block|allow) ?lists?)\b",
    re.IGNORECASE,
)
_BUILT_ON_WEB_VIEWS = frozenset({"electron", "tauri"})

SPEAKS_WEBSOCKET = Structure(name="it accepts WebSocket connections", holds=_speaks_websocket)
RECEIVES_MESSAGES = Structure(name="pages or other programs can send to it", holds=_receives_messages)
RECEIVES_FROM_PROGRAMS = Structure(
    name="it brings data of pages, files or other programs into a process", holds=_receives_from_programs
)
SENDS_TO_PAGES = Structure(name="it is sent by postMessage", holds=_sends_to_pages)
SERVES_LOCALLY = Structure(name="it is a server on the machine of its user", holds=_serves_locally)
HAS_EXTENSION_PAGES = Structure(name="it is a browser extension", holds=_has_extension_pages)
SHOWS_UI_IN_PAGES = Structure(name="it runs in web pages", holds=_shows_ui_in_pages)
EMBEDS_CONTENT = Structure(name="it shows web content", holds=_embeds_content)
FETCHES_CONFIGURATION = Structure(
    name="it receives configuration",
    holds=_fetches_configuration,
    question=it_is("fetches_configuration"),
)
BRINGS_CONFIGURATION = Structure(
    name="it brings configuration to a program of users", holds=_brings_configuration
)
OPENS_LOCAL_FILES = AllOf(
    (
        component_predicates.SOFTWARE,
        Structure(name="it runs on the computers of its users", holds=_opens_local_files),
        it_is("shares_files"),
    )
)
