"""Objects of Kubernetes manifests, and how they are reached from outside."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from bot.drafts.draft_builder import BuiltItem, DraftBuilder
from bot.drafts.draft_connections import PROTOCOL_OF_PORT, is_everyone
from bot.drafts.environment_values import is_open
from bot.drafts.lined_values import NO_MAPPING, LinedMapping, mapping_of
from domain.built_in_catalog import BUILT_IN
from domain.catalog.protocol_names import protocol_named
from domain.drafts.draft import Certainty, SourcePlace
from domain.kernel.elements import Exposure

DEFAULT_NAMESPACE: Final = "default"

WORKLOADS: Final = frozenset(
    {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob", "Pod"}
    | {"Rollout", "DeploymentConfig"}
)
"""Kinds of objects that run pods."""


class KubernetesObject(msgspec.Struct, frozen=True, kw_only=True):
    """One object, with the template and the containers of the pods that it runs, if it runs any.

    `group` is that of its API, empty for the core. A name may be the beginning of one that the cluster
    completes. `stated_namespace` is empty if the object gets one when it is applied. `containers` run for as
    long as the pod; `all_containers` are also those that prepare it.
    """

    body: LinedMapping
    kind: str
    group: str
    name: str
    stated_namespace: str
    place: SourcePlace
    spec: LinedMapping
    template: LinedMapping
    pod: LinedMapping
    containers: list[LinedMapping]
    all_containers: list[LinedMapping]

    @property
    def namespace(self) -> str:
        """The namespace; the default one if it states none."""
        return self.stated_namespace or DEFAULT_NAMESPACE

    @property
    def key(self) -> str:
        """The key: `kubernetes:shop/Deployment/web`."""
        return f"kubernetes:{self.namespace}/{self.kind}/{self.name}"

    @property
    def annotations(self) -> LinedMapping:
        """The annotations."""
        return self.body.mapping("metadata", "annotations")

    @property
    def main(self) -> LinedMapping:
        """The container that the pod is for: the one named like the workload, else the first."""
        named = [container for container in self.containers if container.text("name") == self.name]
        return (named or self.containers or [NO_MAPPING])[0]

    @property
    def account(self) -> str:
        """The service account of its pods."""
        return self.pod.text("serviceAccountName") or self.pod.text("serviceAccount") or "default"

    @property
    def volume_sources(self) -> Iterator[LinedMapping]:
        """What the projected volumes of its pods are made of."""
        for volume in self.pod.list("volumes").mappings():
            yield from volume.mapping("projected").list("sources").mappings()

    def selected_by(self, selector: LinedMapping) -> bool:
        """Return whether the labels of its pods have all values of a selector, which has some."""
        wanted, labels = list(selector.texts()), self.template.mapping("metadata", "labels")
        return bool(wanted) and all(labels.text(name) == value for name, value, _ in wanted)


def is_kubernetes(document: LinedMapping) -> bool:
    """Return whether a document is an object of Kubernetes, or a list of them."""
    return bool(document.text("kind")) and bool(document.text("apiVersion"))


def objects_of(documents: Sequence[LinedMapping]) -> Iterator[KubernetesObject]:
    """Yield the objects of documents, also those in lists; objects without a name are none."""
    for document in documents:
        if document.text("kind").endswith("List") and "items" in document:
            yield from objects_of([one for one in document.list("items").mappings() if one.text("kind")])
        elif (found := _object(document)).name:
            yield found


_TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    "Pod": (),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
"""Where kinds of workloads have the template of their pods, other than `spec.template`."""


def _object(body: LinedMapping) -> KubernetesObject:
    metadata, kind = body.mapping("metadata"), body.text("kind")
    named = [metadata.place(key) for key in ("name", "generateName") if key in metadata]
    template = body.mapping(*_TEMPLATES.get(kind, ("spec", "template")))
    pod = template.mapping("spec")
    containers = list(pod.list("containers").mappings())
    return KubernetesObject(
        body=body,
        kind=kind,
        group=body.text("apiVersion").rpartition("/")[0],
        name=metadata.text("name") or metadata.text("generateName").rstrip("-"),
        stated_namespace=metadata.text("namespace"),
        place=named[0] if named else body.place("kind"),
        spec=body.mapping("spec"),
        template=template,
        pod=pod,
        containers=containers,
        all_containers=[*containers, *pod.list("initContainers").mappings()],
    )


FindService = Callable[[str, str], BuiltItem | None]
"""Returns the component behind a service, by namespace and name."""

_INTERNAL: Final = {
    "service.beta.kubernetes.io/aws-load-balancer-internal": ("true", "0.0.0.0/0"),
    "service.beta.kubernetes.io/aws-load-balancer-scheme": ("internal",),
    "service.beta.kubernetes.io/azure-load-balancer-internal": ("true",),
    "networking.gke.io/load-balancer-type": ("internal",),
    "cloud.google.com/load-balancer-type": ("internal",),
    "alb.ingress.kubernetes.io/scheme": ("internal",),
    "service.beta.kubernetes.io/oci-load-balancer-internal": ("true",),
}
"""Annotations by which a load balancer has no address on the internet."""

_NGINX: Final = "nginx.ingress.kubernetes.io/"
_POSITIVE: Final = re.compile(r"[1-9]\d{0,8}")
_STATED: Final[Mapping[str, tuple[str, re.Pattern[str]]]] = {
    "auth-url": ("caller_authenticated", re.compile(r".+")),
    "auth-type": ("caller_authenticated", re.compile(r"basic|digest")),
    "limit-rps": ("rate_limited", _POSITIVE),
    "limit-rpm": ("rate_limited", _POSITIVE),
    "limit-connections": ("rate_limited", _POSITIVE),
}
"""Annotations of the NGINX ingress controller that say that a control is in place, with such values."""

_CERTIFICATES: Final = ("certificate-arn", "ssl-cert", "managed-certificates", "pre-shared-cert")


class Exposures:
    """Reader of what lets requests in."""

    def __init__(self, builder: DraftBuilder, objects: Sequence[KubernetesObject], find: FindService) -> None:
        self._builder = builder
        self._objects = objects
        self._find = find

    def read(self) -> None:
        """Add an entry point for each port of a published service, and for each backend of an ingress."""
        for one in self._objects:
            match one.kind:
                case "Service":
                    self._service(one)
                case "Ingress":
                    self._ingress(one)
                case "HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute":
                    self._route(one)
                case "Route" if "openshift" in one.group:
                    self._openshift_route(one)
                case _:
                    pass

    def host_ports(self, workload: KubernetesObject, item: BuiltItem) -> None:
        """Add an entry point for each port of the node that a pod takes."""
        for container in workload.containers:
            for port in container.list("ports").mappings():
                number = port.text("hostPort")
                if number and number != "0":
                    name, place = f"{workload.name} host port {number}", port.place("hostPort")
                    protocol = PROTOCOL_OF_PORT.get(port.text("containerPort"), "")
                    self._add(f"{workload.key}:{number}", name, place, item, None, protocol)

    def _service(self, one: KubernetesObject) -> None:
        kind = one.spec.text("type")
        if kind not in ("LoadBalancer", "NodePort") and not one.spec.list("externalIPs"):
            return
        behind, exposure = self._find(one.namespace, one.name), None
        if kind == "LoadBalancer":
            exposure = Exposure.INTERNAL if _is_internal(one) else Exposure.INTERNET
        for port in one.spec.list("ports").mappings():
            number = port.text("port")
            shown = number if kind == "LoadBalancer" else (port.text("nodePort") or number)
            suffix = "/udp" if port.text("protocol") == "UDP" else ""
            place = port.place("nodePort" if "nodePort" in port and kind == "NodePort" else "port")
            key, name = f"{one.key}:{number}{suffix}", f"{one.name} port {shown}{suffix}"
            item = self._add(key, name, place, behind, exposure, _port_protocol(port))
            if exposure is Exposure.INTERNET:
                item.answer("public", one.spec.place("type"), yes=True, certainty=Certainty.LIKELY)
            ranges = [text for text, _ in one.spec.list("loadBalancerSourceRanges").texts()]
            if kind == "LoadBalancer":
                _answer_ranges(item, ranges, one.spec.place("loadBalancerSourceRanges"))

    def _ingress(self, one: KubernetesObject) -> None:
        internal = _is_internal(one) or "internal" in _ingress_class(one)
        exposure = Exposure.INTERNAL if internal else Exposure.INTERNET
        hosts_by_backend: dict[str, list[str]] = {}
        for service, host in _backends(one):
            hosts_by_backend.setdefault(service, [])
            if host and host not in hosts_by_backend[service]:
                hosts_by_backend[service].append(host)
        for service, hosts in hosts_by_backend.items():
            protocol = "HTTPS" if _has_certificate(one, hosts) else "HTTP"
            item = self._add_backend(one, service, hosts, exposure, protocol)
            if not internal:
                item.answer("public", one.place, yes=True, certainty=Certainty.LIKELY)
            _answer_annotations(item, one)

    def _route(self, one: KubernetesObject) -> None:
        """Add the backends of a route of the Gateway API; its listeners say whether TLS ends there."""
        listeners = list(self._listeners(one))
        protocols = {listener.text("protocol").upper() for listener in listeners}
        hosts = [text for text, _ in one.spec.list("hostnames").texts()]
        backends = dict.fromkeys(
            backend.text("name")
            for rule in one.spec.list("rules").mappings()
            for backend in rule.list("backendRefs").mappings()
            if backend.text("name") and backend.text("kind") in ("", "Service")
        )
        protocol = "HTTPS" if protocols and protocols <= {"HTTPS", "TLS"} else ""
        if "HTTP" in protocols:
            protocol = "HTTP"
        for service in backends:
            self._add_backend(one, service, hosts, Exposure.INTERNET, protocol, Certainty.LIKELY)

    def _listeners(self, route: KubernetesObject) -> Iterator[LinedMapping]:
        for parent in route.spec.list("parentRefs").mappings():
            namespace = parent.text("namespace") or route.namespace
            section = parent.text("sectionName")
            for one in self._objects:
                if one.kind == "Gateway" and (one.namespace, one.name) == (namespace, parent.text("name")):
                    for listener in one.spec.list("listeners").mappings():
                        if not section or listener.text("name") == section:
                            yield listener

    def _openshift_route(self, one: KubernetesObject) -> None:
        service, host = one.spec.mapping("to").text("name"), one.spec.text("host")
        protocol = "HTTPS" if one.spec.mapping("tls") else "HTTP"
        item = self._add_backend(one, service, [host or one.name], Exposure.INTERNET, protocol)
        item.answer("public", one.place, yes=True, certainty=Certainty.LIKELY)

    def _add_backend(
        self,
        one: KubernetesObject,
        service: str,
        hosts: Sequence[str],
        exposure: Exposure,
        protocol: str,
        certainty: Certainty = Certainty.CERTAIN,
    ) -> BuiltItem:
        """Add an entry point to a service, named for its host if there is only one."""
        name = f"{hosts[0] if len(hosts) == 1 else one.name} to {service}"
        behind = self._find(one.namespace, service)
        return self._add(f"{one.key}/{service}", name, one.place, behind, exposure, protocol, certainty)

    def _add(
        self,
        key: str,
        name: str,
        place: SourcePlace,
        behind: BuiltItem | None,
        exposure: Exposure | None,
        protocol: str,
        certainty: Certainty = Certainty.CERTAIN,
    ) -> BuiltItem:
        namespace = key.partition(":")[2].partition("/")[0]
        return self._builder.entry_point(
            key, name, place, behind, exposure, protocol, certainty, qualifier=namespace
        )


def _answer_ranges(item: BuiltItem, ranges: Sequence[str], place: SourcePlace) -> None:
    """Answer who can connect, if ranges of addresses are stated."""
    if any(map(is_everyone, ranges)):
        item.answer("peers_restricted", place, yes=False, certainty=Certainty.LIKELY)
    elif ranges and not any(map(is_open, ranges)):
        item.answer("peers_restricted", place, yes=True, certainty=Certainty.LIKELY)


def _answer_annotations(item: BuiltItem, one: KubernetesObject) -> None:
    """Answer what annotations of the NGINX ingress controller say, unless another one serves the ingress."""
    named = _ingress_class(one)
    if named and "nginx" not in named:
        return
    sure = Certainty.LIKELY if named else Certainty.GUESS
    stated = {
        name.removeprefix(_NGINX): (text, place)
        for name, text, place in one.annotations.texts()
        if name.startswith(_NGINX) and text and not is_open(text)
    }
    for name, (fact, values) in _STATED.items():
        if name in stated and values.fullmatch(stated[name][0]):
            item.answer(fact, stated[name][1], yes=True, certainty=sure)
    if "auth-tls-secret" in stated and stated.get("auth-tls-verify-client", ("on",))[0] == "on":
        item.answer("caller_authenticated", stated["auth-tls-secret"][1], yes=True, certainty=sure)
    for name in ("whitelist-source-range", "allowlist-source-range"):
        if name in stated and sure is Certainty.LIKELY:
            _answer_ranges(item, stated[name][0].split(","), stated[name][1])
    if "proxy-body-size" in stated:
        text, place = stated["proxy-body-size"]
        item.answer("input_bounded", place, yes=text.strip("kKmMgG") != "0", certainty=sure)


def _is_internal(one: KubernetesObject) -> bool:
    return any(one.annotations.text(name).casefold() in values for name, values in _INTERNAL.items())


def _ingress_class(one: KubernetesObject) -> str:
    named = one.spec.text("ingressClassName") or one.annotations.text("kubernetes.io/ingress.class")
    return named.casefold()


def _port_protocol(port: LinedMapping) -> str:
    """Return the protocol of a port: as it says, as it is named, or by its number."""
    named = port.text("appProtocol") or port.text("name").partition("-")[0]
    found = protocol_named(BUILT_IN, named) if named else None
    if found is not None:
        return found.name
    return PROTOCOL_OF_PORT.get(port.text("port"), "") or PROTOCOL_OF_PORT.get(port.text("targetPort"), "")


def _backends(one: KubernetesObject) -> Iterator[tuple[str, str]]:
    """Yield the service and the host of each backend, in the current and in former versions."""
    for key in ("defaultBackend", "backend"):
        if name := _service_name(one.spec.mapping(key)):
            yield name, ""
    for rule in one.spec.list("rules").mappings():
        for path in rule.mapping("http").list("paths").mappings():
            if name := _service_name(path.mapping("backend")):
                yield name, rule.text("host")


def _service_name(backend: LinedMapping) -> str:
    return backend.mapping("service").text("name") or backend.text("serviceName")


def _has_certificate(one: KubernetesObject, hosts: Sequence[str]) -> bool:
    """Return whether TLS ends at an ingress, for all hosts of a backend."""
    if any(one.annotations.text(name) for name in one.annotations if name.endswith(_CERTIFICATES)):
        return True
    sealed = [mapping_of(entry) for entry in one.spec.list("tls")]
    named = {text for entry in sealed for text, _ in entry.list("hosts").texts()}
    if not sealed:
        return False
    return not named or all(_is_covered(host, named) for host in hosts)


def _is_covered(host: str, named: set[str]) -> bool:
    return host in named or f"*.{host.partition('.')[2]}" in named
