"""Facts about browser extensions, desktop programs and what they exchange on one machine."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_component = facts_about(Kind.COMPONENT)
_flow = facts_about(Kind.DATA_FLOW)

FACTS = (
    facts_about(Kind.ENTRY_POINT).control(
        "socket_origin_checked",
        "Is the origin of WebSocket connections checked?",
        "the origin of WebSocket connections is checked",
        "any website can open a WebSocket connection",
    ),
    facts_about(Kind.ENTRY_POINT, Kind.DATA_FLOW).control(
        "web_pages_refused",
        "Does the local server refuse requests of web pages (Host, Origin)?",
        "the local server refuses requests of web pages",
        "the local server answers requests of any web page",
    ),
    _flow.control(
        "message_sender_checked",
        "Does the receiver check who sent each message (origin, sender ID)?",
        "the receiver checks who sent each message",
        "the receiver accepts messages from any sender",
        several="the receivers accept messages from any sender",
    ),
    _flow.control(
        "message_target_named",
        "Does each message name the origin that may receive it (no wildcard)?",
        "each message names the origin that may receive it",
        "messages are sent to any origin",
    ),
    _component.control(
        "pages_not_framed",
        "Are its pages kept out of frames in websites (accessible resources)?",
        "websites cannot show its pages in a frame",
        "websites can show its pages in a frame",
        several="websites can show their pages in a frame",
    ),
    _component.control(
        "page_clicks_ignored",
        "Does it ignore clicks that are not the user's (isTrusted, overlay)?",
        "it ignores clicks that are not the user's",
        "it acts on clicks that a page forged or hid",
        several="they act on clicks that a page forged or hid",
    ),
    _component.control(
        "injected_ui_isolated",
        "Is what it shows in pages out of reach of their scripts (own frame)?",
        "what it shows in pages is out of reach of their scripts",
        "scripts of a page can read and change what it shows there",
        several="scripts of a page can read and change what they show there",
    ),
    _component.control(
        "embedded_content_confined",
        "Is web content confined in it (sandbox, context isolation)?",
        "web content is confined in it",
        several="web content is not confined in them",
    ),
    _component(
        "fetches_configuration",
        "Does it load configuration or rules from a server?",
        "it loads configuration from a server",
    ),
    _component.control(
        "configuration_verified",
        "Is loaded configuration verified before it is applied (signature)?",
        "loaded configuration is verified before it is applied",
        "loaded configuration is applied without verification",
    ),
    _component(
        "shares_files",
        "Does it open or save files in directories of its users?",
        "it opens or saves files in directories of its users",
    ),
    _component.control(
        "links_resolved",
        "Are links in the file system resolved before a file is opened?",
        "links are resolved before a file is opened",
        "links to other files are followed",
    ),
    _component.control(
        "downloads_marked",
        "Are files that it downloads marked as such (quarantine, zone)?",
        "files that it downloads are marked as such",
        "files that it downloads open without a warning",
        several="files that they download open without a warning",
    ),
)
