"""Kubernetes manifests: workloads, entry points, secrets, namespaces."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.drafts.draft_builder import BuiltItem, DraftBuilder, clean_name
from bot.drafts.draft_connections import DraftConnections, foreign_service
from bot.drafts.environment_values import NamedValue, arguments, variables
from bot.drafts.image_technology import read_image, role_of
from bot.drafts.kubernetes_access import BoundRoles, answer_pod_privileges
from bot.drafts.kubernetes_exposure import Exposures
from bot.drafts.kubernetes_objects import WORKLOADS, KubernetesObject, Workload, objects_of
from bot.drafts.lined_values import LinedMapping
from bot.drafts.variable_values import OpenValue, resolve_values
from bot.drafts.workload_images import note_image, note_stored_data, withhold_pinned
from domain.built_in_catalog import BUILT_IN
from domain.catalog.technology_names import guess_technology, technology_typed
from domain.drafts.draft import Certainty, SourceKey, SourcePlace
from domain.kernel.elements import ComponentKind, DataKind, Kind
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
_READ: Final = WORKLOADS | {
    *(
        "Service",
        "Ingress",
        "HTTPRoute",
        "GRPCRoute",
        "TLSRoute",
        "TCPRoute",
        "Gateway",
        "Route",
        "Namespace",
    ),
    *("Secret", "SealedSecret", "ExternalSecret", "ConfigMap", "ServiceAccount"),
    *("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"),
}
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
        self._workloads: list[tuple[Workload, BuiltItem]] = []
        self._services: dict[tuple[str, str], BuiltItem] = {}
        self._connections = DraftConnections(builder, "kubernetes:", open_is_certain=False)

    def read(self) -> None:
        open_values = self._resolve()
        self._add_workloads()
        self._add_managed_products()
        self._find_services()
        self._add_namespaces()
        items = {workload.one.key: item for workload, item in self._workloads}
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
            note_stored_data(self._builder, item, SourceKey(f"kubernetes:data/{key}"))
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
            workload = Workload(one)
            image = read_image(workload.main.text("image"), one.name)
            technology, role = image.technology, image.role
            if one.kind == "CronJob" and role is not ComponentKind.DATA_STORE:
                technology, role = "scheduled_job", role_of("scheduled_job")
            item = self._component(one, role, technology, Certainty.CERTAIN)
            self._workloads.append((workload, item))
            for container in workload.all_containers:
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
        item = self._builder.add(
            BuiltItem(
                key=one.key,
                kind=Kind.COMPONENT,
                name=one.name,
                qualifier=one.namespace,
                place=one.place,
                certainty=certainty,
                role=role,
                technology=technology,
            )
        )
        item.answer("software", one.place, yes=True)
        return item

    def _find_services(self) -> None:
        for workload, item in self._workloads:
            if headless := workload.one.spec.text("serviceName"):
                self._services[(workload.one.namespace, headless)] = item
        for one in self._objects:
            if one.kind != "Service":
                continue
            selector = one.spec.mapping("selector")
            for workload, item in self._workloads:
                if workload.one.namespace == one.namespace and workload.selected_by(selector):
                    self._services[(one.namespace, one.name)] = item
                    break
            external = one.spec.text("externalName")
            if external and "." in external:
                place = one.spec.place("externalName")
                self._services[(one.namespace, one.name)] = foreign_service(self._builder, external, place)

    def _service(self, namespace: str, name: str) -> BuiltItem | None:
        return self._services.get((namespace, name))

    def _add_namespaces(self) -> None:
        items = [(workload.one, item) for workload, item in self._workloads]
        names = list(dict.fromkeys(one.namespace for one, _ in items))
        if len(names) <= 1:
            return
        for name in names:
            declared = self._by_name.get(("Namespace", "default", name))
            first = next(one for one, _ in items if one.namespace == name)
            metadata = first.body.mapping("metadata")
            place = metadata.place("namespace") if "namespace" in metadata else first.place
            boundary = self._builder.add(
                BuiltItem(
                    key=SourceKey(f"kubernetes:namespace/{name}"),
                    kind=Kind.TRUST_BOUNDARY,
                    name=f"{name} namespace",
                    place=declared.place if declared else place,
                    certainty=Certainty.LIKELY,
                )
            )
            for one, item in items:
                if one.namespace == name:
                    item.boundary = boundary.key

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
                secret = self._secret(workload.one.namespace, name, place, Certainty.LIKELY)
                secret.stored_in += [] if item.key in secret.stored_in else [item.key]

    def _secret(self, namespace: str, name: str, place: SourcePlace, certainty: Certainty) -> BuiltItem:
        return self._builder.add(
            BuiltItem(
                key=SourceKey(f"kubernetes:{namespace}/Secret/{name}"),
                kind=Kind.ASSET,
                name=name,
                qualifier=namespace,
                place=place,
                certainty=certainty,
                sort="Credential",
                data=DataKind.CREDENTIAL,
            )
        )

    def _read_variables(self, workload: Workload, item: BuiltItem) -> None:
        namespace = workload.one.namespace

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


def _secrets_used(workload: Workload) -> Iterator[tuple[str, SourcePlace]]:
    """Yield the secrets that pods read as variables or as files."""
    for container in workload.all_containers:
        for source in container.list("envFrom").mappings():
            reference = source.mapping("secretRef")
            if name := reference.text("name"):
                yield name, reference.place("name")
        for variable in container.list("env").mappings():
            reference = variable.mapping("valueFrom", "secretKeyRef")
            if name := reference.text("name"):
                yield name, reference.place("name")
    for volume in workload.pod.list("volumes").mappings():
        secret = volume.mapping("secret")
        if name := secret.text("secretName"):
            yield name, secret.place("secretName")
        for source in volume.mapping("projected").list("sources").mappings():
            if name := source.mapping("secret").text("name"):
                yield name, source.mapping("secret").place("name")
