"""Drafts from Kubernetes manifests: workloads, and the roles and privileges that they have."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from bot.drafts.draft_builder import BuiltItem, DraftBuilder, clean_name
from bot.drafts.draft_connections import DraftConnections, foreign_service
from bot.drafts.environment_values import NamedValue, OpenValue, arguments, is_open, resolve_values, variables
from bot.drafts.kubernetes_exposure import WORKLOADS, Exposures, KubernetesObject, objects_of
from bot.drafts.lined_values import LinedMapping, text_of
from bot.drafts.workloads import (
    answer_capability,
    answer_host_path,
    note_image,
    note_stored_data,
    read_image,
    role_of,
    withhold_pinned,
)
from domain.built_in_catalog import BUILT_IN
from domain.catalog.technology_names import guess_technology, technology_typed
from domain.drafts.draft import Certainty, SourcePlace
from domain.kernel.elements import ComponentKind
from domain.technologies.technology import Technology

_SYSTEM: Final = "kubernetes.io/service-account-token"
_IN_CLUSTER: Final = ("svc", "svc.cluster.local")
HIDDEN: Final = frozenset(
    {"hostNetwork", "hostPID", "hostIPC", "hostPath", "privileged", "allowPrivilegeEscalation", "runAsUser"}
    | {"runAsNonRoot", "capabilities", "procMount", "serviceAccountName", "serviceAccount", "roleRef"}
    | {"subjects", "automountServiceAccountToken", "loadBalancerSourceRanges", "externalIPs"}
)
"""Keys that decide about exposure and privileges, in which a variable without a value hides what they do."""

HIDDEN_IN: Final = {"Service": {"type"}, "Role": {"rules"}, "ClusterRole": {"rules"}}
_SHOWN: Final = frozenset(
    {"port", "nodePort", "hostPort", "targetPort", "host", "hosts", "hostnames", "externalName"}
)
"""Keys in which variables are replaced as well, and which are shown as they are."""

_PASSED_OVER: Final = frozenset(
    {"env", "envFrom", "args", "command", "data", "stringData", "binaryData", "annotations", "labels"}
)
_READ: Final = (
    WORKLOADS
    | {"Service", "Ingress", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "Gateway", "Route"}
    | {"Namespace", "Secret", "SealedSecret", "ExternalSecret", "ConfigMap", "ServiceAccount"}
    | {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"}
)
_WITHOUT_EXPOSURE: Final = frozenset(
    {"PersistentVolumeClaim", "StorageClass", "HorizontalPodAutoscaler", "PodDisruptionBudget", "LimitRange"}
    | {"ResourceQuota", "PriorityClass", "IngressClass", "GatewayClass", "CustomResourceDefinition"}
)
_UNREAD: Final = frozenset({"NetworkPolicy", "CiliumNetworkPolicy", "VirtualService", "AuthorizationPolicy"})
"""Kinds that restrict or route traffic, of which a reader should know that they were not read."""


def read_kubernetes(documents: Sequence[LinedMapping], builder: DraftBuilder) -> None:
    """Read the objects of manifests, which together describe one system."""
    _Manifests(list(objects_of(documents)), builder).read()


class _Manifests:
    """The objects of all manifests."""

    def __init__(self, objects: list[KubernetesObject], builder: DraftBuilder) -> None:
        self._builder = builder
        self._objects = objects
        self._by_name = {(one.kind, one.namespace, one.name): one for one in objects}
        self._workloads: list[tuple[KubernetesObject, BuiltItem]] = []
        self._services: dict[tuple[str, str], BuiltItem] = {}
        self._connections = DraftConnections(builder, "kubernetes:", open_is_certain=False)

    def read(self) -> None:
        open_values = self._resolve()
        self._add_workloads()
        self._add_managed_products()
        self._find_services()
        self._add_namespaces()
        items = {workload.key: item for workload, item in self._workloads}
        for one, value in open_values:
            does = "mounts" if value.key == "hostPath" else f"has {value.key}"
            item = items.get(one.key)
            self._builder.leave_open(one.key, f"{one.kind} {one.name} {does} {value.text}", value.place, item)
        roles = BoundRoles(self._objects)
        exposures = Exposures(self._builder, self._objects, self._service)
        for workload, item in self._workloads:
            answer_pod_privileges(item, workload, roles)
            exposures.host_ports(workload, item)
        exposures.read()
        self._add_secrets()
        for workload, item in self._workloads:
            self._read_variables(workload, item)
        self._connections.finish()
        for _, item in self._workloads:
            key = item.key.removeprefix("kubernetes:")
            note_stored_data(self._builder, item, f"kubernetes:data/{key}")
        self._note_unread()

    def _resolve(self) -> list[tuple[KubernetesObject, OpenValue]]:
        """Replace the variables in what decides about exposure; return those without a value."""
        return [
            (one, value)
            for one in self._objects
            for value in resolve_values(
                one.body,
                self._builder.variables.get(one.body.file, {}),
                HIDDEN | HIDDEN_IN.get(one.kind, set()) | _SHOWN,
                _PASSED_OVER,
            )
            if value.key not in _SHOWN
        ]

    def _note_unread(self) -> None:
        for one in self._objects:
            if one.kind in _UNREAD:
                self._builder.note(f"{one.kind}: what it allows or denies was not read")
            elif one.kind not in _READ | _WITHOUT_EXPOSURE:
                withhold_pinned(self._builder)
                if not _managed_product(one):
                    self._builder.note(f"{clean_name(one.kind)}: objects of this kind were not read")

    def _add_workloads(self) -> None:
        for one in self._objects:
            if one.kind not in WORKLOADS or one.body.mapping("metadata").list("ownerReferences"):
                continue
            image = read_image(one.main.text("image"), one.name)
            technology, role = image.technology, image.role
            if one.kind == "CronJob" and role is not ComponentKind.DATA_STORE:
                technology, role = "scheduled_job", role_of("scheduled_job")
            item = self._component(one, role, technology, Certainty.CERTAIN)
            self._workloads.append((one, item))
            for container in one.all_containers:
                if text := container.text("image"):
                    note_image(self._builder, read_image(text, one.name), container.place("image"))

    def _add_managed_products(self) -> None:
        """Add what operators run for objects such as `Kafka` and `PostgresCluster`."""
        for one in self._objects:
            technology = _managed_product(one)
            if technology:
                item = self._component(one, role_of(technology), technology, Certainty.LIKELY)
                for suffix in ("", "-rw", "-ro", "-r", "-kafka-bootstrap", "-es-http", "-master", "-primary"):
                    self._services.setdefault((one.namespace, f"{one.name}{suffix}"), item)

    def _component(
        self, one: KubernetesObject, role: ComponentKind, technology: str, certainty: Certainty
    ) -> BuiltItem:
        return self._builder.component(
            one.key, one.name, one.place, role, technology, certainty, qualifier=one.namespace
        )

    def _find_services(self) -> None:
        for workload, item in self._workloads:
            if headless := workload.spec.text("serviceName"):
                self._services[(workload.namespace, headless)] = item
        for one in self._objects:
            if one.kind != "Service":
                continue
            selector = one.spec.mapping("selector")
            for workload, item in self._workloads:
                if workload.namespace == one.namespace and workload.selected_by(selector):
                    self._services[(one.namespace, one.name)] = item
                    break
            external = one.spec.text("externalName")
            if external and "." in external:
                place = one.spec.place("externalName")
                self._services[(one.namespace, one.name)] = foreign_service(self._builder, external, place)

    def _service(self, namespace: str, name: str) -> BuiltItem | None:
        return self._services.get((namespace, name))

    def _add_namespaces(self) -> None:
        names = list(dict.fromkeys(one.namespace for one, _ in self._workloads))
        if len(names) <= 1:
            return
        for name in names:
            declared = self._by_name.get(("Namespace", "default", name))
            inside = [(one, item) for one, item in self._workloads if one.namespace == name]
            first = inside[0][0]
            metadata = first.body.mapping("metadata")
            place = metadata.place("namespace") if "namespace" in metadata else first.place
            self._builder.boundary(
                f"kubernetes:namespace/{name}",
                f"{name} namespace",
                declared.place if declared else place,
                [item for _, item in inside],
            )

    def _add_secrets(self) -> None:
        for one in self._objects:
            match one.kind:
                case "Secret" if one.body.text("type") != _SYSTEM:
                    secret = self._secret(one.namespace, one.name, one.place, Certainty.CERTAIN)
                    for key in ("data", "stringData"):
                        if any(text for _, text, _ in one.body.mapping(key).texts()):
                            secret.answer("out_of_code", one.body.place(key), yes=False)
                case "SealedSecret" | "ExternalSecret":
                    name = one.spec.mapping("target").text("name") or one.name
                    secret = self._secret(one.namespace, name, one.place, Certainty.CERTAIN)
                    secret.answer("out_of_code", one.place, yes=True, certainty=Certainty.LIKELY)
                    if one.kind == "ExternalSecret":
                        # Which store it comes from may be stated in another file.
                        secret.answer("vaulted", one.place, yes=True, certainty=Certainty.GUESS)
                case "Ingress":
                    for entry in one.spec.list("tls").mappings():
                        if name := entry.text("secretName"):
                            place = entry.place("secretName")
                            self._secret(one.namespace, name, place, Certainty.LIKELY)
                case _:
                    pass
        for workload, item in self._workloads:
            for name, place in _secrets_used(workload):
                secret = self._secret(workload.namespace, name, place, Certainty.LIKELY)
                secret.keep_in(item.key)

    def _secret(self, namespace: str, name: str, place: SourcePlace, certainty: Certainty) -> BuiltItem:
        key = f"kubernetes:{namespace}/Secret/{name}"
        return self._builder.credential(key, name, place, certainty, qualifier=namespace)

    def _read_variables(self, workload: KubernetesObject, item: BuiltItem) -> None:
        namespace = workload.namespace

        def find(host: str) -> BuiltItem | None:
            return self._host(namespace, host)

        for container in workload.all_containers:
            entries = [*variables(container.get("env")), *self._from_config_maps(namespace, container)]
            self._connections.read(item, entries, find, Certainty.CERTAIN)
            for key in ("command", "args"):
                words = arguments(container.get(key), container.place(key))
                self._connections.read(item, words, find, Certainty.LIKELY)

    def _from_config_maps(self, namespace: str, container: LinedMapping) -> Iterator[NamedValue]:
        """Yield the variables that a container takes from config maps, at their places there."""
        for source in container.list("envFrom").mappings():
            name = source.mapping("configMapRef").text("name")
            if name:
                prefix = source.text("prefix")
                for one in variables(self._config_map(namespace, name)):
                    yield NamedValue(f"{prefix}{one.name}", one.value, one.place)
        for variable in container.list("env").mappings():
            reference = variable.mapping("valueFrom", "configMapKeyRef")
            data = self._config_map(namespace, reference.text("name"))
            if (key := reference.text("key")) in data:
                yield NamedValue(variable.text("name"), data.text(key), data.place(key))

    def _config_map(self, namespace: str, name: str) -> LinedMapping:
        found = self._by_name.get(("ConfigMap", namespace, name))
        return found.body.mapping("data") if found else LinedMapping()

    def _host(self, namespace: str, host: str) -> BuiltItem | None:
        """Return the component behind a host: `db`, `db.shop`, `db-0.db.shop.svc.cluster.local`."""
        name, _, rest = host.partition(".")
        if not rest:
            return self._service(namespace, name)
        scope, _, suffix = rest.partition(".")
        if not suffix or suffix in _IN_CLUSTER:
            found = self._service(scope, name)
            if found or suffix:
                return found
        second, _, end = suffix.partition(".")
        if not suffix or end in _IN_CLUSTER or not end:
            return self._service(second or namespace, scope)
        return None


def _managed_product(one: KubernetesObject) -> str:
    """Return the product that an operator runs for an object; empty for any other object."""
    if "." not in one.group or one.group.endswith("k8s.io"):
        return ""
    if one.kind == "Cluster":  # a PostgreSQL cluster of CloudNativePG, say
        key = guess_technology(BUILT_IN, one.group.replace(".", " "))
        entry = BUILT_IN.technology_of(key)
        return key if entry is not None and entry.kind is ComponentKind.DATA_STORE else ""
    key = technology_typed(BUILT_IN, one.kind.removesuffix("Cluster"))
    return key if isinstance(BUILT_IN.technology_of(key), Technology) else ""


def _secrets_used(workload: KubernetesObject) -> Iterator[tuple[str, SourcePlace]]:
    """Yield the secrets that pods read as variables or as files."""
    for container in workload.all_containers:
        references = [mapping.mapping("secretRef") for mapping in container.list("envFrom").mappings()]
        variables = container.list("env").mappings()
        references += [variable.mapping("valueFrom", "secretKeyRef") for variable in variables]
        for reference in references:
            if name := reference.text("name"):
                yield name, reference.place("name")
    for volume in workload.pod.list("volumes").mappings():
        secret = volume.mapping("secret")
        if name := secret.text("secretName"):
            yield name, secret.place("secretName")
    for source in workload.volume_sources:
        if name := source.mapping("secret").text("name"):
            yield name, source.mapping("secret").place("name")


_ADMINISTRATORS: Final = frozenset({"cluster-admin"})


_ACCOUNT: Final = re.compile(r"system:serviceaccount:([^:]{1,253}):([^:]{1,253})")
_ACCOUNTS: Final = re.compile(r"system:(?:serviceaccounts(?::([^:]{1,253}))?|(?:un)?authenticated)")


class _Binding(msgspec.Struct, frozen=True):
    """A role that is given to an account; its namespace or its name is empty if it may be any."""

    namespace: str
    name: str
    strong: bool
    place: SourcePlace


class BoundRoles:
    """The roles that service accounts are given, and whether they need the token of one at all.

    An object that states no namespace gets it when it is applied: it may be that of any other object.
    """

    def __init__(self, objects: Sequence[KubernetesObject]) -> None:
        wide = [one for one in objects if one.kind in ("Role", "ClusterRole") and _is_wide(one)]
        self._tokenless = [
            one
            for one in objects
            if one.kind == "ServiceAccount" and one.body.get("automountServiceAccountToken") is False
        ]
        self._bindings: list[_Binding] = []
        for one in objects:
            if one.kind not in ("RoleBinding", "ClusterRoleBinding"):
                continue
            role = one.body.mapping("roleRef")
            kind, name = role.text("kind"), role.text("name")
            strong = name in _ADMINISTRATORS or any(
                (kind, name) == (other.kind, other.name)
                and (kind == "ClusterRole" or _may_be_same(one.stated_namespace, other.stated_namespace))
                for other in wide
            )
            place = one.body.place("roleRef")
            for namespace, account in _accounts(one):
                named = not is_open(f"{namespace}{account}")
                self._bindings.append(
                    _Binding(namespace if named else "", account if named else "", strong and named, place)
                )

    def of(self, workload: KubernetesObject) -> list[_Binding]:
        """Return the roles of a workload, each with whether it may do everything."""
        return [
            one
            for one in self._bindings
            if one.name in ("", workload.account) and _may_be_same(one.namespace, workload.stated_namespace)
        ]

    def has_no_token(self, workload: KubernetesObject) -> bool:
        """Return whether the files say that the pods of a workload get no token of a service account."""
        stated = workload.pod.get("automountServiceAccountToken")
        if any("serviceAccountToken" in source for source in workload.volume_sources):
            return False
        if stated is not None:
            return stated is False
        return any(
            one.name == workload.account and _may_be_same(one.stated_namespace, workload.stated_namespace)
            for one in self._tokenless
        )


def _accounts(binding: KubernetesObject) -> Iterator[tuple[str, str]]:
    """Yield the namespace and the name of each service account of a binding; empty if it may be any."""
    for subject in binding.body.list("subjects").mappings():
        name = subject.text("name")
        if subject.text("kind") == "ServiceAccount":
            yield subject.text("namespace") or binding.stated_namespace, name
        elif found := _ACCOUNT.fullmatch(name):
            yield found[1], found[2]
        elif found := _ACCOUNTS.fullmatch(name):
            yield found[1] or "", ""


def _may_be_same(one: str, other: str) -> bool:
    """Return whether two namespaces can be the same one: an empty one is not stated."""
    return not one or not other or one == other


def answer_pod_privileges(item: BuiltItem, workload: KubernetesObject, roles: BoundRoles) -> None:
    """Answer the questions about privileges that the pod and its roles answer."""
    pod = workload.pod
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.is_true(key):
            item.answer("isolated", pod.place(key), yes=False)
            item.answer("least_privilege", pod.place(key), yes=False, certainty=Certainty.LIKELY)
    for volume in pod.list("volumes").mappings():
        path = volume.mapping("hostPath")
        if path.text("path"):
            answer_host_path(item, path.text("path"), path.place("path"))
            item.answer("isolated", path.place("path"), yes=False, certainty=Certainty.LIKELY)
    contexts = [_context(pod, container) for container in workload.all_containers]
    for context in contexts:
        _answer_context(item, context)
    bound = roles.of(workload)
    for one in bound:
        if one.strong:
            sure = Certainty.CERTAIN if workload.stated_namespace else Certainty.LIKELY
            item.answer("least_privilege role_restricted", one.place, yes=False, certainty=sure)
    # Roles may be bound in other files, so that only a pod without a token surely has none.
    if contexts and all(_is_tight(one) for one in contexts) and not bound and roles.has_no_token(workload):
        place = next((one.place("runAsNonRoot") for one in contexts if "runAsNonRoot" in one), item.place)
        item.answer("least_privilege", place, yes=True, certainty=Certainty.LIKELY)


def _is_wide(role: KubernetesObject) -> bool:
    return any(
        _has_all(rule, "verbs") and _has_all(rule, "resources") for rule in role.body.list("rules").mappings()
    )


def _has_all(rule: LinedMapping, key: str) -> bool:
    return any(text == "*" for text, _ in rule.list(key).texts())


def _context(pod: LinedMapping, container: LinedMapping) -> LinedMapping:
    """Return the security context of a container, with what the pod's adds to it."""
    found = LinedMapping(pod.file)
    for context in (pod.mapping("securityContext"), container.mapping("securityContext")):
        for key, value in context.items():
            found.put(key, value, context.lines[key])
    return found


def _answer_context(item: BuiltItem, context: LinedMapping) -> None:
    if context.is_true("privileged"):
        item.answer("least_privilege isolated", context.place("privileged"), yes=False)
    if context.is_true("allowPrivilegeEscalation"):
        place = context.place("allowPrivilegeEscalation")
        item.answer("least_privilege", place, yes=False, certainty=Certainty.LIKELY)
    if context.text("runAsUser") and not context.text("runAsUser").strip("0"):
        place = context.place("runAsUser")
        item.answer("least_privilege", place, yes=False, certainty=Certainty.LIKELY)
    for name, place in context.mapping("capabilities").list("add").texts():
        answer_capability(item, name, place)


def _is_tight(context: LinedMapping) -> bool:
    user = context.text("runAsUser")
    drops = {text_of(one).upper() for one in context.mapping("capabilities").list("drop")}
    return (
        (context.get("runAsNonRoot") is True or (user.isdecimal() and user.strip("0") != ""))
        and "ALL" in drops
        and context.get("allowPrivilegeEscalation") is False
    )
