"""Facts about the handling of input: from callers at entry points, and from queues in data flows."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_entry_point = facts_about(Kind.ENTRY_POINT)
_input = facts_about(Kind.ENTRY_POINT, Kind.DATA_FLOW)

FACTS = (
    _entry_point(
        "takes_input",
        "Does it accept data from the caller?",
        "it accepts data from the caller",
        why="Most attacks on software arrive as input.",
    ),
    _entry_point.control(
        "input_bounded", "Is the size of requests limited?", "the size of requests is limited"
    ),
    _input("reaches_query", "Does input reach a database query?", "input reaches a database query"),
    _input.control("queries_parameterized", "Are queries parameterized?", "queries are parameterized"),
    _input(
        "reaches_search",
        "Does input reach an LDAP or search query?",
        "input reaches an LDAP or search query",
    ),
    _input.control(
        "search_escaped",
        "Is input escaped for the query language (LDAP, search)?",
        "input is escaped for the query language",
    ),
    _input(
        "shown_in_pages",
        "Is input included in pages (for this or other users)?",
        "input is included in pages",
    ),
    _input.control(
        "output_encoded", "Is output encoded for its context?", "output is encoded for its context"
    ),
    _entry_point("takes_files", "Does it accept file uploads?", "it accepts file uploads"),
    _entry_point.control(
        "upload_types_limited",
        "Are only allow-listed types of files accepted (by their content)?",
        "only allow-listed types of files are accepted",
        "any type of file is accepted",
    ),
    _entry_point.control(
        "uploads_never_run",
        "Are uploads stored where nothing can execute them?",
        "uploads are stored where nothing can execute them",
        "uploads are stored where they can be executed",
    ),
    _input("names_files", "Does input choose file names or paths?", "input chooses file names or paths"),
    _input.control(
        "paths_confined",
        "Are file paths confined to the intended directory?",
        "file paths are confined to the intended directory",
    ),
    _input("takes_xml", "Does it accept XML?", "it accepts XML"),
    _input.control(
        "dtds_disabled",
        "Are document type definitions (DTDs) disabled in the XML parser?",
        "DTDs are disabled in the XML parser",
        "DTDs are enabled in the XML parser",
    ),
    _input(
        "takes_objects",
        "Does it accept serialized objects (pickle, Java, PHP, .NET)?",
        "it accepts serialized objects",
    ),
    _input.control(
        "data_only",
        "Is input prevented from choosing the class to deserialize?",
        "input cannot choose the class to deserialize",
        "input can choose the class to deserialize",
    ),
    _input(
        "reaches_interpreter",
        "Is input part of a shell command, a template's source or evaluated code?",
        "input is part of a shell command, a template's source or evaluated code",
    ),
    _input.control(
        "interpreter_input_restricted",
        "Is only allow-listed input passed to the shell (template, eval)?",
        "only allow-listed input is passed to the shell, template or eval",
        "input reaches the shell, template or eval without an allow-list",
    ),
    _entry_point(
        "caller_sends_values",
        "Does the caller send prices, amounts or limits?",
        "the caller sends prices, amounts or limits",
    ),
    _entry_point.control(
        "caller_values_checked",
        "Does the server check every such value (price, amount, limit)?",
        "the server checks prices, amounts and limits",
        "the server does not check prices, amounts and limits",
    ),
    _entry_point(
        "has_steps",
        "Is it part of a process with several steps (checkout, approval)?",
        "it is part of a process with several steps",
    ),
    _entry_point.control(
        "step_order_enforced",
        "Does the server refuse steps out of order?",
        "the server refuses steps out of order",
        "the server accepts steps out of order",
    ),
    _entry_point.control(
        "step_repeats_refused",
        "Does the server refuse to take a step twice?",
        "the server refuses repeated steps",
        "the server accepts repeated steps",
    ),
    _entry_point(
        "names_objects",
        "Does the caller select records by ID?",
        "the caller selects records by ID",
    ),
    _entry_point.control(
        "owner_checked",
        "Is access to the selected record checked?",
        "access to the selected record is checked",
    ),
    _entry_point(
        "binds_input",
        "Is request input bound to records automatically (model binding)?",
        "input is bound to records automatically",
    ),
    _entry_point.control(
        "fields_listed",
        "Are only allow-listed fields bound to records?",
        "only allow-listed fields are bound to records",
        "any field of the input is bound to records",
    ),
    _input(
        "fetches_addresses",
        "Does the system fetch URLs that the caller provides?",
        "the system fetches URLs that the caller provides",
    ),
    _input.control(
        "fetching_limited",
        "Is fetching limited to allow-listed destinations?",
        "fetching is limited to allow-listed destinations",
    ),
    _input.control(
        "metadata_blocked",
        "Is the cloud metadata service unreachable from there?",
        "the cloud metadata service is unreachable from there",
        "the cloud metadata service is reachable from there",
        several="the cloud metadata service is reachable from them",
    ),
    _entry_point("input_logged", "Is input written to a log?", "input is written to a log"),
    _entry_point.control(
        "log_escaped", "Is input encoded before it is logged?", "input is encoded before it is logged"
    ),
)
