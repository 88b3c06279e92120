"""Preconditions: what must exist at an element before anyone is asked about certain rules there.

Only what is known to be absent excludes a rule: a caller, a technology or a protocol that is not stated
may be anything. A finding by stated answers is never excluded.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

import msgspec

from domain.catalog import Catalog
from domain.kernel.elements import (
    Component,
    ComponentKind,
    DataFlow,
    DataKind,
    ElementId,
    EntryPoint,
    ExternalDependency,
)
from domain.rules.component_predicates import category_of
from domain.rules.conditions import FALSE, TRUE, UNKNOWN, Truth, truth
from domain.rules.dependency_predicates import is_code
from domain.rules.local_predicates import (
    LOOPBACK,
    RECEIVES_MESSAGES,
    names_protocol,
    protocols_at,
    stays_local,
)
from domain.rules.model_index import ModelIndex, RuleTarget
from domain.rules.rule import Rule
from domain.technologies.technology import Category


class Precondition(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules presuppose at an element; `absent` says that it does not exist there."""

    met: Callable[[RuleTarget], Truth]
    absent: str
    rules: tuple[str, ...]


def why_excluded(rule: Rule, about: RuleTarget) -> str:
    """Return why the subject of a rule cannot exist at an element as it is described; empty if it may."""
    category = category_at(about.index, about.element.id)
    if category is not None and (known := about.index.catalog.excluded_rules.get((category.key, rule.id))):
        return known
    return next((one.absent for one in _of_rule(rule.id) if _met(one, about) is FALSE), "")


def category_at(survey: ModelIndex, id: ElementId) -> Category | None:
    """Return the category of a component or a dependency, or of the component behind an entry point."""
    element = survey.components.get(survey.component_behind.get(id, id)) or survey.dependencies.get(id)
    return survey.catalog.category_of(element.technology) if element else None


def _met(one: Precondition, about: RuleTarget) -> Truth:
    """Return whether a precondition is met at an element, judged once for the rules that share it."""
    known: Truth | None = about.cache.get(id(one))
    if known is None:
        known = about.cache[id(one)] = one.met(about)
    return known


@lru_cache(maxsize=512)
def _of_rule(rule: str) -> tuple[Precondition, ...]:
    return tuple(one for one in PRECONDITIONS if rule in one.rules)


_Judge = Callable[[ModelIndex, Component], Truth | None]
"""Whether a component is something; None if it passes on the requests of its own callers."""


def _is_browser(index: ModelIndex, one: Component) -> Truth | None:
    if index.catalog.is_browser(one.technology):
        return TRUE
    category = _key(index.catalog, one)
    if category in _PASS_ON:
        return None
    if category in _MACHINES | _SERVERS | {"command_line_tool"}:
        return FALSE
    return FALSE if one.sort is ComponentKind.DATA_STORE else UNKNOWN


def _is_person(index: ModelIndex, one: Component) -> Truth | None:
    """Return whether a person is behind a component; servers pass on what people enter."""
    category = _key(index.catalog, one)
    if category in _PASS_ON | _SERVERS:
        return None
    if category in _CLIENTS:
        return TRUE
    return FALSE if category in _MACHINES or one.sort is ComponentKind.DATA_STORE else UNKNOWN


def _key(catalog: Catalog, one: Component) -> str:
    category = catalog.category_of(one.technology)
    return category.key if category else ""


def _called_by(about: RuleTarget, judge: _Judge) -> Truth:
    """Return whether one of those that call an entry point, or start a flow, is something.

    External entities at the lowest trust level of an entry point may call it, whether or not a flow says so.
    Without any known caller, or a lowest trust level, it may be anyone.
    """
    index, element = about.index, about.element
    if isinstance(element, DataFlow):
        return _among(index, [element.source], judge)
    if not isinstance(element, EntryPoint):
        return UNKNOWN
    flows = index.flows_through.get(element.id, ())
    behind = index.component_behind.get(element.id)
    level = element.lowest_trust_level
    callers = [end for flow in flows for end in (flow.source, flow.target) if end != behind]
    callers += [one.id for one in index.components.values() if _may_be_outside_at(one, level)]
    known = _among(index, callers, judge) if flows else UNKNOWN
    return UNKNOWN if known is FALSE and level is None else known


def _may_be_outside_at(one: Component, level: ElementId | None) -> bool:
    return one.trust_level in {level, None} and one.sort in {ComponentKind.EXTERNAL_ENTITY, None}


def _among(index: ModelIndex, callers: list[ElementId], judge: _Judge) -> Truth:
    """Return whether one of the callers is something, following those that pass on requests."""
    seen: set[ElementId] = set()
    result = FALSE
    while callers:
        id = callers.pop()
        if id in seen:
            continue
        seen.add(id)
        known = judge(index, index.components[id]) if id in index.components else UNKNOWN
        if known is TRUE:
            return TRUE
        if known is None:
            before = list(_callers_of(index, id))
            callers += before
            known = FALSE if before or not _may_be_called(index, id) else UNKNOWN
        if known is UNKNOWN:
            result = UNKNOWN
    return result


def _callers_of(index: ModelIndex, id: ElementId) -> Iterator[ElementId]:
    for flow in index.flows_into.get(id, ()):
        if flow.source != id:
            yield flow.source


def _may_be_called(index: ModelIndex, id: ElementId) -> bool:
    """Return whether others may call a component that no flow leads to: something outside, or with a door."""
    outside = index.components[id].sort in {ComponentKind.EXTERNAL_ENTITY, None}
    return outside or id in index.entry_points_to


def _browser_calls(about: RuleTarget) -> Truth:
    return _called_by(about, _is_browser)


def _person_calls(about: RuleTarget) -> Truth:
    return _called_by(about, _is_person)


def _browser_anywhere(about: RuleTarget) -> Truth:
    """Return whether any component may be a browser: what one part accepts, another one may show."""
    index = about.index
    known = {_is_browser(index, one) for one in index.components.values()}
    if TRUE in known:
        return TRUE
    return FALSE if known and known <= {FALSE, None} else UNKNOWN


def _speaks_web(about: RuleTarget) -> Truth:
    """Return whether an entry point speaks a protocol of the web; unknown without a known protocol."""
    found = protocols_at(about)
    if not isinstance(about.element, EntryPoint) or not found or not all(found):
        return UNKNOWN
    names = {protocol.name for protocols in found for protocol in protocols}
    return FALSE if names <= _NOT_OF_THE_WEB else UNKNOWN


def _on_a_network(about: RuleTarget) -> Truth:
    return FALSE if stays_local(about) else UNKNOWN


def _on_a_server(about: RuleTarget) -> Truth:
    """Return whether several callers may be served, each with an account: also by a local server."""
    return FALSE if stays_local(about) and not names_protocol(about, LOOPBACK) else UNKNOWN


def _outside_of_pages(about: RuleTarget) -> Truth:
    """Return whether input reaches more than a page or an extension: these have no files or databases."""
    found = protocols_at(about)
    named = {protocol.name for protocols in found for protocol in protocols}
    return FALSE if named and all(found) and named <= _IN_BROWSERS else UNKNOWN


def _authorized_by_caller(about: RuleTarget) -> Truth:
    """Return whether callers are told apart, and not only the pages and extensions that send messages."""
    flows = about.index.flows_through.get(about.element.id, ())
    named = {protocol.name for protocols in protocols_at(about) for protocol in protocols}
    messages = named <= _MESSAGES_OF_PAGES
    asked = (RECEIVES_MESSAGES.of(about.index.about(flow)).truth is TRUE for flow in flows)
    return FALSE if named and messages and any(asked) else UNKNOWN


def _own_program(about: RuleTarget) -> Truth:
    """Return whether a program of the team may be behind an entry point: products that store run none."""
    category = category_at(about.index, about.element.id)
    store = isinstance(about.element, EntryPoint) and category is not None and category.key in _STORES
    return FALSE if store else UNKNOWN


def _users_device(about: RuleTarget) -> Truth:
    """Return whether a component may be a device that a person carries, by its technology."""
    category = category_at(about.index, about.element.id)
    return truth(None if category is None or category.key in _DEVICES else False)


def _on_a_network_of_the_team(about: RuleTarget) -> Truth:
    """Return whether the team may limit where a component connects to: on devices of users, others do."""
    return FALSE if category_of(about.index, about.element.id) in _CLIENTS | {"local_helper"} else UNKNOWN


def _changes_records(about: RuleTarget) -> Truth:
    category = category_at(about.index, about.element.id)
    return FALSE if category is not None and category.key in _APPEND else UNKNOWN


def _may_keep_logs(about: RuleTarget) -> Truth:
    """Return whether a store may keep logs: not if the logs are described and kept in others."""
    index = about.index
    logs = {id for id, one in index.assets.items() if one.data is DataKind.LOG}
    stored = index.stored_in.get(about.element.id, ())
    described = bool(stored) and all(index.assets[one].data is not None for one in stored)
    elsewhere = any(logs.intersection(held) for held in index.stored_in.values())
    return FALSE if described and elsewhere and not logs.intersection(stored) else UNKNOWN


def _may_call_back(about: RuleTarget) -> Truth:
    return FALSE if isinstance(about.element, ExternalDependency) and is_code(about.element) else UNKNOWN


_PASS_ON = frozenset({"load_balancer", "cdn", "api_gateway", "web_application_firewall", "vpn_gateway"})
"""Categories that pass on the requests of their callers."""
_SERVERS = frozenset({"server_application", "admin_application", "agent_application", "serverless_function"})
"""Categories that call others themselves, also with what people entered."""
_CLIENTS = frozenset(
    {
        *("browser", "single_page_app", "mobile_app", "desktop_app", "command_line_tool"),
        *("browser_extension", "content_script", "embedded_frame"),
    }
)
"""Categories that people use."""
_DEVICES = _CLIENTS | {"device"}
_MACHINES = frozenset(
    {
        *("worker", "scheduled_job", "data_pipeline", "ci_cd", "model_server", "mail_server"),
        *("dns_service", "payment_service", "email_service", "messaging_service", "observability_service"),
        *("analytics_service", "language_model_api", "data_service", "partner_system"),
    }
)
"""Categories that act without a person."""
_STORES = frozenset(
    {
        *("relational_database", "document_database", "graph_database", "vector_database", "cache"),
        *("message_queue", "event_stream", "object_store", "file_share", "secret_store", "backup_store"),
        *("artifact_registry", "data_warehouse", "client_storage"),
    }
)
"""Categories of products that store what their clients send."""
_APPEND = frozenset({"message_queue", "event_stream", "backup_store", "log_store"})
"""Categories in which entries are added, and none is changed."""
_IN_BROWSERS = frozenset(
    {"Clicks", "DOM", "postMessage", "Extension messaging", "Extension page", "Browser storage"}
)
"""Protocols between the parts of a browser: its user, pages and extensions."""
_MESSAGES_OF_PAGES = frozenset({"postMessage", "Extension messaging"})
"""Protocols of the messages that pages and extensions send to each other."""
_NOT_OF_THE_WEB = frozenset(
    {
        *_IN_BROWSERS,
        *("Native messaging", "IPC", "In-process call", "File system", "Clipboard"),
        *("AMQP", "AMQPS", "MQTT", "MQTTS", "Kafka protocol", "NATS protocol", "STOMP", "CoAP"),
        *("PostgreSQL protocol", "MySQL protocol", "TDS", "MongoDB protocol", "Redis protocol"),
        *("JDBC", "ODBC", "LDAP", "LDAPS", "Kerberos", "RADIUS", "Diameter", "TACACS+", "DNS", "DHCP"),
        *("SSH", "SFTP", "SCP", "FTP", "FTPS", "TFTP", "rsync", "NFS", "SMB", "iSCSI", "NTP", "SNMP"),
        *("Syslog", "SMTP", "SMTPS", "IMAP", "IMAPS", "POP3", "Telnet", "RDP", "VNC", "Modbus", "DNP3"),
        *("MLLP", "HL7 v2", "DICOM", "AS2", "EDIFACT", "ISO 8583", "BACnet", "PROFINET", "OPC UA"),
    }
)
"""Protocols that no browser speaks, and in which no form and no bearer token is sent."""

PRECONDITIONS = (
    Precondition(
        met=_speaks_web,
        absent="its protocol is not of the web",
        rules=("S07", "S14", "S15", "S16", "I21", "E09"),
    ),
    Precondition(met=_browser_calls, absent="no browser calls it", rules=("S07", "S14", "S22", "I21")),
    Precondition(
        met=_person_calls,
        absent="no person calls it",
        rules=("S08", "S09", "S16", "D06", "T16", "I29", "E05"),
    ),
    Precondition(met=_browser_anywhere, absent="no part of the system is a browser", rules=("T02",)),
    Precondition(
        met=_on_a_network,
        absent="it stays within one machine or browser",
        rules=("S04", "S10", "S17", "S18", "T07", "R05", "I01", "I18", "D07", "E05", "E11"),
    ),
    Precondition(
        met=_on_a_server,
        absent="it stays within one machine or browser, and serves the one user there",
        rules=("S01", "S02", "R03", "I08", "I29", "D01", "D02", "D05", "D06", "E07", "E15"),
    ),
    Precondition(
        met=_outside_of_pages,
        absent="it stays in a browser, and reaches no files, records or processes of a server",
        rules=("T01", "T03", "T10", "T14", "T15", "T16", "R01", "R04"),
    ),
    Precondition(
        met=_authorized_by_caller,
        absent="it takes messages of pages: whether their sender may send them is asked of the flow",
        rules=("E01", "X01"),
    ),
    Precondition(
        met=_own_program,
        absent="it stores what it is sent, and runs no program of the team",
        rules=("T01", "T02", "T10", "T16", "R04", "E09"),
    ),
    Precondition(met=_users_device, absent="it is no device that a person carries", rules=("S13",)),
    Precondition(
        met=_on_a_network_of_the_team,
        absent="it runs on devices of users, whose networks the team does not operate",
        rules=("I26",),
    ),
    Precondition(met=_changes_records, absent="its entries are added, and none is changed", rules=("T11",)),
    Precondition(
        met=_may_keep_logs,
        absent="it stores other data, and the logs of the system are kept elsewhere",
        rules=("R02", "R06", "I07", "I33"),
    ),
    Precondition(met=_may_call_back, absent="it is code, and calls no one back", rules=("S05",)),
)
"""Every precondition, with the rules that presuppose it."""
