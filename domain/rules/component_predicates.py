"""Predicates over components."""

from domain.catalog.technology_names import (
    names_automation,
    names_check,
    names_code_runner,
    names_consumer,
    names_evaluation,
)
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, DataKind, ElementId
from domain.rules import dependency_predicates
from domain.rules.conditions import FALSE, AllOf, AnyAmong, Structure, Truth, it_is, truth
from domain.rules.model_index import ModelIndex, RuleTarget
from domain.technologies.technology import Technology


def stored_assets(about: RuleTarget) -> tuple[ElementId, ...]:
    """Return the assets that a component stores."""
    return about.index.stored_in.get(about.element.id, ())


def assets_said_to_be_stored(about: RuleTarget) -> tuple[ElementId, ...]:
    """Return the assets of which is said that the component stores them, not only that they reach it."""
    return tuple(id for id, one in about.index.assets.items() if about.element.id in one.stored_in)


def handled_assets(about: RuleTarget) -> tuple[ElementId, ...]:
    """Return the assets that a component stores, receives or sends."""
    return about.index.handled_by.get(about.element.id, ())


def _dependency_that_it_is(about: RuleTarget) -> tuple[ElementId, ...]:
    dependency = about.index.dependency_of.get(about.element.id)
    return (dependency.id,) if dependency else ()


def _stores_a_log(about: RuleTarget) -> Truth:
    logs = (about.index.assets[asset].data is DataKind.LOG for asset in stored_assets(about))
    return truth(True if any(logs) else None)


def _stores_only_logs(about: RuleTarget) -> Truth:
    """Return whether a store holds only logs, which are appended to and not edited concurrently."""
    keeps = [about.index.assets[asset].data for asset in stored_assets(about)]
    return truth(bool(keeps) and all(data is DataKind.LOG for data in keeps))


def _is_process(about: RuleTarget) -> Truth:
    kind = about.index.kind(about.element.id)
    return truth(None if kind is None else kind is ComponentKind.PROCESS)


def _is_store(about: RuleTarget) -> Truth:
    kind = about.index.kind(about.element.id)
    return truth(None if kind is None else kind is ComponentKind.DATA_STORE)


def _is_internal(about: RuleTarget) -> Truth:
    kind = about.index.kind(about.element.id)
    return truth(None if kind is None else kind is not ComponentKind.EXTERNAL_ENTITY)


def _is_software(about: RuleTarget) -> Truth:
    return truth(True if about.element.id in about.index.digital else None)


def _has_concurrent_writers(about: RuleTarget) -> Truth:
    here = about.element.id
    into = about.index.flows_into.get(here, ())
    writers = {direction.source for flow in into for direction in flow.directions if direction.target == here}
    return truth(True if len(writers) > 1 else None)


def _is_entity(about: RuleTarget) -> Truth:
    kind = about.index.kind(about.element.id)
    return truth(None if kind is None else kind is ComponentKind.EXTERNAL_ENTITY)


def _is_no_dependency(about: RuleTarget) -> Truth:
    return truth(about.element.id not in about.index.dependency_of)


def _exposed(about: RuleTarget) -> Truth:
    """Return whether a flow from another trust zone ends at it, or an entry point leads to it."""
    into = about.index.flows_into.get(about.element.id, ())
    crossed = any(flow.id in about.index.crossings for flow in into)
    return truth(crossed or about.element.id in about.index.entry_points_to)


def _category(about: RuleTarget) -> str | None:
    return category_of(about.index, about.element.id)


def category_of(index: ModelIndex, id: ElementId) -> str | None:
    """Return the category of a component's technology, stated or else revealed by its name or protocol."""
    return index.categories.get(id)


def _is_queue(about: RuleTarget) -> Truth:
    """Return whether a store is a queue; unknown if its technology does not tell."""
    if about.index.kind(about.element.id) is not ComponentKind.DATA_STORE:
        return FALSE
    category = _category(about)
    return truth(None if category is None else category in QUEUES)


def _is_object_store(about: RuleTarget) -> Truth:
    category = _category(about)
    return truth(None if category is None else category in _OBJECT_STORES)


def _builds_software(about: RuleTarget) -> Truth:
    """Return whether it builds or deploys software, by its technology: others are not asked about it."""
    return truth(_category(about) == "ci_cd")


def _operated_by_the_team(*facts: str) -> Structure:
    """Return the predicate that the team operates a component: its code, hosts and builds are the team's.

    Those of a managed service or a partner are not asked about; a stated *no* to a fact counts.
    """

    def holds(about: RuleTarget) -> Truth:
        index, id = about.index, about.element.id
        told = index.facts.get(id, {})
        return truth(
            not _is_operated_by_others(index, id) or any(told.get(one) is Answer.NO for one in facts)
        )

    return Structure(name="the team operates it", holds=holds, explains=False)


def _is_operated_by_others(index: ModelIndex, id: ElementId) -> bool:
    technology = index.catalog.technology_of(index.components[id].technology)
    if isinstance(technology, Technology) and technology.managed:
        return True
    dependency = index.dependency_of.get(id)
    return dependency is not None and not dependency_predicates.is_code(dependency)


def _reviewed_elsewhere(about: RuleTarget) -> Truth:
    """Return whether the repository or pipeline of the model is asked about reviews, and this one is none."""
    index = about.index
    if _category(about) in _DELIVER:
        return FALSE
    ours = (id for id in index.components if index.kind(id) is not ComponentKind.EXTERNAL_ENTITY)
    return truth(any(category_of(index, id) in _DELIVER for id in ours))


def _keeps_source(about: RuleTarget) -> Truth:
    return truth(_category(about) in _KEEP_SOURCE)


def _admits_remote_users(about: RuleTarget) -> Truth:
    return truth(_category(about) == "vpn_gateway")


def _admits_no_remote_users(about: RuleTarget) -> Truth:
    return truth(_category(about) != "vpn_gateway")


def may_run_submitted_code(index: ModelIndex, id: ElementId) -> bool:
    """Return whether running code of others may be the purpose of a component, by technology or noun."""
    one = index.components.get(id)
    return one is not None and (category_of(index, id) in _RUN_CODE or names_code_runner(one.name))


def _may_run_submitted_code(about: RuleTarget) -> Truth:
    return truth(None if may_run_submitted_code(about.index, about.element.id) else False)


def _automates(about: RuleTarget) -> Truth:
    """Return whether it acts without a person, by its technology or by the noun that names it."""
    one = about.index.components[about.element.id]
    return truth(names_automation(one.name) or _category(about) in _AUTOMATE)


def _checks_others(about: RuleTarget) -> Truth:
    """Return whether it decides what may pass to others, by its technology or by the noun that names it."""
    one = about.index.components[about.element.id]
    return truth(names_check(one.name) or _category(about) in _CHECK)


def _protects_others(about: RuleTarget) -> Truth:
    """Return whether what lies behind it is protected only as long as all traffic passes it."""
    return truth(_category(about) in _IN_FRONT)


def _runs_at_its_users(about: RuleTarget) -> Truth:
    return truth(_category(about) in _AT_ITS_USERS)


def _opens_links(about: RuleTarget) -> Truth:
    return truth(_category(about) in _INSTALLED)


def _is_updated_at_its_users(about: RuleTarget) -> Truth:
    return truth(_category(about) in _UPDATED)


def _sends_mail(about: RuleTarget) -> Truth:
    return truth(_category(about) in _SENDS_MAIL)


def _is_a_model_of_others(about: RuleTarget) -> Truth:
    return truth(_category(about) == "language_model_api")


def _writes_a_log_of_its_own(about: RuleTarget) -> Truth:
    """Return whether its log is no part of the model: nothing that it sends is a log, or goes to a log."""
    index, here = about.index, about.element.id
    sent = (way for flow in index.flows.values() for way in flow.directions if way.source == here)
    return truth(
        not any(
            category_of(index, way.target) in _KEEP_LOGS
            or any(one in index.assets and index.assets[one].data is DataKind.LOG for one in way.assets)
            for way in sent
        )
    )


def reads_queues(index: ModelIndex, id: ElementId) -> bool:
    """Return whether a component reads queues, by its technology or by the noun that names it."""
    return category_of(index, id) in _READ_QUEUES or names_consumer(index.components[id].name)


def evaluates(index: ModelIndex, id: ElementId) -> bool:
    """Return whether data is evaluated there beyond its first purpose, by technology or noun."""
    one = index.components.get(id)
    return one is not None and (category_of(index, id) in EVALUATES or names_evaluation(one.name))


def _gathers_personal_data(about: RuleTarget) -> Truth:
    """Return whether it evaluates personal data, or is a store with three kinds of it or more."""
    assets, here = about.index.assets, about.element.id
    personal = [one for one in stored_assets(about) if assets[one].data is DataKind.PERSONAL]
    store = about.index.kind(here) is ComponentKind.DATA_STORE
    return truth(
        (bool(personal) and category_of(about.index, here) in EVALUATES)
        or (store and len(personal) >= _SEVERAL)
    )


def neighbors(about: RuleTarget) -> tuple[ElementId, ...]:
    """Return the components with which a component exchanges data."""
    return about.index.neighbors.get(about.element.id, ())


_SEVERAL = 3
_RUN_CODE = frozenset({"ci_cd", "serverless_function", "container_platform"})
_AUTOMATE = frozenset({"ci_cd", "scheduled_job", "agent_application"})
_CHECK = frozenset({"web_application_firewall", "api_gateway"})
_IN_FRONT = frozenset({"web_application_firewall", "api_gateway", "cdn", "load_balancer", "vpn_gateway"})
_KEEP_SOURCE = frozenset({"code_repository", "code_hosting"})
_DELIVER = _KEEP_SOURCE | {"ci_cd"}
_AT_ITS_USERS = frozenset(
    {
        *("single_page_app", "mobile_app", "desktop_app", "command_line_tool"),
        *("browser_extension", "local_helper", "client_storage"),
    }
)
_INSTALLED = frozenset({"mobile_app", "desktop_app"})
_UPDATED = frozenset(
    {"mobile_app", "desktop_app", "command_line_tool", "device", "browser_extension", "local_helper"}
)
_SENDS_MAIL = frozenset({"mail_server", "email_service"})
_KEEP_LOGS = frozenset({"log_store", "observability_service"})
QUEUES = frozenset({"message_queue", "event_stream"})
_READ_QUEUES = frozenset({"worker", "data_pipeline", "serverless_function"})
_OBJECT_STORES = frozenset({"object_store", "file_share"})

EVALUATES = frozenset(
    {
        *("data_warehouse", "data_pipeline", "analytics_service", "observability_service", "log_store"),
        *("model_server", "agent_application", "language_model_api", "vector_database", "search_index"),
    }
)
"""Categories in which data is evaluated beyond the purpose for which it was collected."""

IS_PROCESS = Structure(name="it is a process", holds=_is_process, explains=False)
IS_STORE = Structure(name="it is a data store", holds=_is_store, explains=False)
IS_INTERNAL = Structure(name="it is a component of the system", holds=_is_internal, explains=False)
IS_SOFTWARE = Structure(
    name="it uses a software protocol",
    holds=_is_software,
    question=it_is("software"),
    explains=False,
)
SOFTWARE = AllOf((IS_INTERNAL, IS_SOFTWARE))
SOFTWARE_PROCESS = AllOf((IS_PROCESS, IS_SOFTWARE))
SOFTWARE_STORE = AllOf((IS_STORE, IS_SOFTWARE))
LOG_STORE = AllOf(
    (
        SOFTWARE_STORE,
        Structure(name="a log is stored there", holds=_stores_a_log, question=it_is("keeps_logs")),
    )
)
STORES_ONLY_LOGS = Structure(name="it stores only logs", holds=_stores_only_logs)
HAS_CONCURRENT_WRITERS = Structure(
    name="it has several writers", holds=_has_concurrent_writers, question=it_is("concurrent_writes")
)
IS_ENTITY = Structure(name="it is an external entity", holds=_is_entity, explains=False)
IS_NO_DEPENDENCY = Structure(name="it is not an external dependency", holds=_is_no_dependency, explains=False)
CODE_OF_A_DEPENDENCY = AnyAmong(among=_dependency_that_it_is, part=dependency_predicates.SHIPS_CODE)
"""It is an external dependency whose code runs in the system: T20 covers its vulnerabilities."""
GATHERS_PERSONAL_DATA = Structure(
    name="it gathers personal data of several kinds", holds=_gathers_personal_data
)
RUNS_SUBMITTED_CODE = Structure(
    name="running submitted code is its purpose",
    holds=_may_run_submitted_code,
    question=it_is("runs_submitted_code"),
)
AUTOMATES = Structure(name="it acts on its own", holds=_automates)
EXPOSED = Structure(name="it can be reached from another trust zone", holds=_exposed)
QUEUE = Structure(name="it is a message queue", holds=_is_queue, question=it_is("queues_messages"))
OBJECT_STORE = Structure(name="it is an object store", holds=_is_object_store, question=it_is("object_store"))
BUILDS_SOFTWARE = Structure(name="it builds or deploys software", holds=_builds_software)
REVIEWED_ELSEWHERE = Structure(
    name="changes are reviewed at the repository or the pipeline", holds=_reviewed_elsewhere, explains=False
)
KEEPS_SOURCE = Structure(name="it keeps source code", holds=_keeps_source)
ADMITS_REMOTE_USERS = Structure(name="it is a VPN gateway or a bastion host", holds=_admits_remote_users)
ADMITS_NO_REMOTE_USERS = Structure(
    name="it is no VPN gateway or bastion host", holds=_admits_no_remote_users, explains=False
)
CHECKS_OTHERS = Structure(name="it decides what may pass", holds=_checks_others)
PROTECTS_OTHERS = Structure(name="it protects what lies behind it", holds=_protects_others)
RUNS_AT_ITS_USERS = Structure(name="it runs on the devices of its users", holds=_runs_at_its_users)
OPENS_LINKS = Structure(name="links can open it", holds=_opens_links)
IS_UPDATED_AT_ITS_USERS = Structure(name="it is updated where it runs", holds=_is_updated_at_its_users)
SENDS_MAIL = Structure(name="it sends e-mail", holds=_sends_mail)
IS_A_MODEL_OF_OTHERS = Structure(name="it is a model that others operate", holds=_is_a_model_of_others)
WRITES_A_LOG_OF_ITS_OWN = AllOf(
    (
        SOFTWARE_PROCESS,
        Structure(name="its log is kept elsewhere", holds=_writes_a_log_of_its_own, explains=False),
    )
)
BUILT_BY_THE_TEAM = _operated_by_the_team("changes_reviewed", "only_pipeline_builds")
ENCRYPTED_BY_THE_TEAM = _operated_by_the_team("algorithms_current", "keys_stored_separately", "keys_rotated")
WIPED_BY_THE_TEAM = _operated_by_the_team("wiped_before_reuse")
ISOLATED_BY_THE_TEAM = _operated_by_the_team("isolated")
PATCHED_BY_THE_TEAM = _operated_by_the_team("patched_in_time")
