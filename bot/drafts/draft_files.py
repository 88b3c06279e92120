"""Drafts from files: each is recognized by its content, and all of a format are read together."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from bot.drafts.compose_reader import is_compose, read_compose
from bot.drafts.draft_builder import DraftBuilder, clean_name
from bot.drafts.kubernetes_exposure import is_kubernetes
from bot.drafts.kubernetes_reader import read_kubernetes
from bot.drafts.lined_values import LinedList, LinedMapping, NotJson, TemplateInYaml, read_json, read_yaml
from bot.drafts.mermaid_reader import mermaid_blocks, parse_flowcharts, read_mermaid
from bot.drafts.openapi_reader import is_openapi, read_openapi
from bot.drafts.terraform_reader import is_terraform, read_terraform
from bot.drafts.threat_composer_reader import is_threat_composer, read_threat_composer
from bot.drafts.workloads import values_by_word
from bot.formats.importers.untrusted_document import NEEDS_YAML, UnreadableFile, decode_text, looks_like_json
from domain.drafts.draft import Draft, DraftSource
from domain.kernel.elements import ComponentKind, Kind


class SourceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file with its name, as it is shown in places, its content, and the variables that are set for it."""

    name: str
    content: bytes
    variables: Mapping[str, str] = {}


class _Format(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    matches: Callable[[LinedMapping], bool]
    read: Callable[[Sequence[LinedMapping], DraftBuilder], None]


class _Found(msgspec.Struct, frozen=True):
    """A file with its format and its documents."""

    source: DraftSource
    documents: list[LinedMapping]


_FORMATS: Final = (
    _Format(title="Threat Composer", matches=is_threat_composer, read=read_threat_composer),
    _Format(title="OpenAPI", matches=is_openapi, read=read_openapi),
    _Format(title="Terraform plan", matches=is_terraform, read=read_terraform),
    _Format(title="Compose", matches=is_compose, read=read_compose),
    _Format(title="Kubernetes", matches=is_kubernetes, read=read_kubernetes),
)
"""The formats of documents, the most specific first."""

MERMAID: Final = "Mermaid flowchart"
TERRAFORM: Final = "Terraform plan"
DRAFT_FORMATS: Final = (
    "Compose, Kubernetes (rendered), OpenAPI 3.x, Swagger 2.0, Terraform plan (JSON), Threat Composer, "
    "Mermaid flowchart"
)
"""The formats that can be read, as messages name them."""


def read_draft(
    files: Sequence[SourceFile], *, terminal: bool = False, reading: Callable[[str], None] | None = None
) -> Draft:
    """Return the draft that some files propose together; `reading` is called with each name first.

    Terraform plans are read for the terminal only: they hold secrets, which must not be sent to Slack.
    Raises UnreadableFile; the message begins with the name of the file.
    """
    builder = DraftBuilder({clean_name(one.name): one.variables for one in files})
    found: dict[str, list[_Found]] = {}
    sources: list[DraftSource] = []
    for file in files:
        if reading is not None:
            reading(file.name)
        try:
            one = _read(file, builder, terminal=terminal)
        except UnreadableFile as fault:
            raise UnreadableFile(f"{clean_name(file.name)}: {fault}") from None
        sources.append(one.source)
        found.setdefault(one.source.format, []).append(one)
    for known in _FORMATS:
        documents = [document for one in found.get(known.title, []) for document in one.documents]
        if documents:
            known.read(documents, builder)
    join_descriptions(builder)
    return builder.draft(sources)


def _read(file: SourceFile, builder: DraftBuilder, *, terminal: bool) -> _Found:
    """Return a file's documents; a flowchart is read at once, because it has none."""
    text = decode_text(file.content)
    name = clean_name(file.name)
    refusal = _foreign_refusal(file.name, text)
    if refusal:
        raise UnreadableFile(refusal)
    digest = hashlib.sha256(file.content).hexdigest()
    markdown = file.name.casefold().endswith((".md", ".markdown"))
    blocks = mermaid_blocks(text, markdown=markdown)
    if markdown and not blocks:
        raise UnreadableFile(_NO_FLOWCHART)
    if blocks:
        read_mermaid(name, parse_flowcharts(blocks), builder)
        return _Found(DraftSource(name=name, format=MERMAID, sha256=digest), [])
    kind = _kind_of(file.name, text)
    try:
        documents = _documents(text, name)
    except UnreadableFile:
        if kind:
            raise UnreadableFile(_not_read(kind)) from None
        raise
    refusal = template_refusal(text, documents)
    if refusal:
        raise UnreadableFile(refusal)
    for known in _FORMATS:
        kept = [document for document in documents if known.matches(document)]
        if kept:
            if known.title == TERRAFORM and not terminal:
                raise UnreadableFile(_PLAN_IN_SLACK)
            return _Found(DraftSource(name=name, format=known.title, sha256=digest), kept)
    raise UnreadableFile(_not_read(kind) if kind else f"The file format is not supported. {_CHOICE}")


def _not_read(kind: str) -> str:
    return f"{kind} are not read. {_CHOICE}"


_CHOICE: Final = f"Draft from one of: {DRAFT_FORMATS}."
_PLAN_IN_SLACK: Final = (
    "Terraform plans can contain secrets, so they are not read from Slack. Delete the file there, and draft "
    "it in a terminal: threatmodel draft plan.json."
)
_CONFIGURATION: Final = (
    "The file is Terraform configuration, which is not read. Make a plan, and draft that in a terminal: "
    "terraform plan -out=plan.out && terraform show -json plan.out > plan.json."
)
_THREAT_MODEL: Final = (
    "The file is a threat model, not a description of a system. Import it as a new model: "
    "threatmodel import FILE."
)
_NO_FLOWCHART: Final = "The page has no Mermaid flowchart, and nothing else on a page can be read."
_HCL: Final = re.compile(
    r"^\s{0,8}(?:resource|data|module|provider|variable|terraform|output|locals)\b[^:=\n]{0,200}\{",
    re.MULTILINE,
)
_OTHER_TEXT: Final = (
    (re.compile(r"^\s{0,8}@startuml", re.MULTILINE), "PlantUML files"),
    (re.compile(r"<mxfile|<mxGraphModel"), "draw.io files"),
)
_ENDINGS: Final = values_by_word(
    {
        "Python files": "py pyi",
        "JavaScript and TypeScript files": "js mjs cjs jsx ts tsx",
        "Shell scripts": "sh bash zsh",
        "Source files": "go rs java kt rb php cs c cpp swift",
        "HTML pages": "html htm",
        "Configuration files of other tools": "toml ini cfg conf properties",
        "Environment files, which may hold secrets,": "env .env",
        "XML files": "xml",
        "CSV files": "csv",
        "Bicep files": "bicep",
        "Protocol Buffers files": "proto",
        "GraphQL schemas": "graphql",
        "Dockerfiles": "dockerfile",
    }
)
"""Kinds of files by the ends of their names."""

_KINDS: Final = (
    (
        re.compile(
            r"^(?:#![^\n]{0,80}python|from [\w.]+ import|import [\w.]+(?: as \w+)?$|def \w+\(|class \w+[(:])",
            re.MULTILINE,
        ),
        "Python files",
    ),
    (re.compile(r"^#![^\n]{0,80}sh\b", re.MULTILINE), "Shell scripts"),
    (re.compile(r"^FROM \S+(?: (?:AS|as) \S+)?$", re.MULTILINE), "Dockerfiles"),
    (
        re.compile(
            r"^(?:import .{1,200} from ['\"]|const \w+ = |export (?:default|const|function))", re.MULTILINE
        ),
        "JavaScript and TypeScript files",
    ),
    (re.compile(r"^<(?:!DOCTYPE html|!doctype html|html)\b", re.MULTILINE), "HTML pages"),
    (re.compile(r"^<\?xml\b", re.MULTILINE), "XML files"),
)
"""Kinds of files by the beginning of a line."""


def _kind_of(name: str, text: str) -> str:
    """Return what a file is that cannot be read, as its name or its text tells; empty if neither does."""
    ending = name.casefold().rpartition("/")[2].rpartition(".")[2]
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    return next((kind for pattern, kind in _KINDS if pattern.search(text[:4_000])), "")


def _foreign_refusal(name: str, text: str) -> str:
    """Return why a text in a related format is not read; empty for any other."""
    if name.casefold().endswith((".tf", ".tf.json", ".hcl")):
        return _CONFIGURATION
    start = text[:20_000]
    if start.lstrip()[:1] not in ("{", "[", "-") and _HCL.search(start):
        return _CONFIGURATION
    for pattern, title in _OTHER_TEXT:
        if pattern.search(start[:2_000]):
            return _not_read(title)
    return ""


def _documents(text: str, file: str) -> list[LinedMapping]:
    """Return the documents of a JSON or YAML file that are mappings."""
    values: list[object]
    if text.lstrip()[0] in "{[" and not text.lstrip().startswith("{{"):
        values = _in_brackets(text, file)
    else:
        values = _yaml_documents(text, file)
    found = [value for value in values if isinstance(value, LinedMapping)]
    if any(one.keys() & _MODEL_KEYS for one in found):
        raise UnreadableFile(_THREAT_MODEL)
    return found


_MODEL_KEYS: Final = frozenset({"otmVersion", "trust_zones"})


def _in_brackets(text: str, file: str) -> list[object]:
    """Return the document of a JSON file, or the documents of a YAML file in the style of JSON."""
    try:
        return [read_json(text, file)]
    except NotJson:
        if file.casefold().endswith((".yaml", ".yml")) or not looks_like_json(text):
            return _yaml_documents(text, file)
        raise


def _yaml_documents(text: str, file: str) -> list[object]:
    try:
        return read_yaml(text, file)
    except ModuleNotFoundError:
        raise UnreadableFile(NEEDS_YAML) from None
    except TemplateInYaml:
        raise UnreadableFile(refusal_of(text) if _MARKS.search(text) else _NO_TEXT_KEY) from None
    except UnreadableFile:
        if _MARKS.search(text):
            raise UnreadableFile(refusal_of(text)) from None
        raise


_NO_TEXT_KEY: Final = "The file is not supported: a key in it is a list or a mapping."


_MARKS: Final = re.compile(r"\{\{|\{%")
_HELM: Final = re.compile(
    r"\{\{-?\s{0,20}(?:\.(?:Values|Release|Chart|Capabilities|Files|Template)\b"
    r"|(?:include|template|tpl|toYaml|range|with|define|if|end|else)\b|\$|/\*)"
)
_JINJA_BLOCK: Final = re.compile(r"^[^\S\n]*\{%", re.MULTILINE)
_KUSTOMIZE_KEYS: Final = ("resources", "patches", "patchesStrategicMerge", "bases", "configMapGenerator")

HELM: Final = (
    "The file is a Helm template that is not rendered. Render it, and draft the result: "
    "helm template RELEASE CHART > rendered.yaml."
)
CHART: Final = (
    "The file belongs to a Helm chart and describes no objects. Render the chart, and draft the result: "
    "helm template RELEASE CHART > rendered.yaml."
)
KUSTOMIZE: Final = (
    "The file is a Kustomization, which refers to other files. Render it, and draft the result: "
    "kubectl kustomize DIRECTORY > rendered.yaml."
)
JINJA: Final = (
    "The file is a template ({{ … }}) that is not rendered. Render it with the tool that it is for, and "
    "draft the result."
)


def refusal_of(text: str) -> str:
    """Return how to render a text that has marks of a template."""
    return HELM if _HELM.search(text) else JINJA


def template_refusal(text: str, documents: list[LinedMapping]) -> str:
    """Return the refusal of a file whose documents belong to a template; empty if they do not."""
    for one in documents:
        if one.text("kind") == "Kustomization" or ("kustomize.config.k8s.io" in one.text("apiVersion")):
            return KUSTOMIZE
        if "kind" not in one and any(isinstance(one.get(key), LinedList) for key in _KUSTOMIZE_KEYS):
            return KUSTOMIZE
        if one.text("apiVersion") in ("v1", "v2") and "kind" not in one and "version" in one:
            return CHART
    marked = _MARKS.search(text) and any(_is_template(document) for document in documents)
    return refusal_of(text) if marked or _JINJA_BLOCK.search(text) else ""


def _is_template(document: LinedMapping) -> bool:
    """Return whether a name, a type or an image of a document is a placeholder."""
    metadata, services = document.mapping("metadata"), document.mapping("services")
    named = [document.text("kind"), document.text("name"), document.mapping("info").text("title")]
    named += [metadata.text(key) for key in ("name", "namespace", "generateName")]
    named += [*services, *(services.mapping(service).text("image") for service in services)]
    pod = document.mapping("spec", "template", "spec")
    named += [mapping.text("image") for mapping in pod.list("containers").mappings()]
    return any("{{" in one for one in named)


_GENERAL: Final = frozenset(
    {"api", "apis", "rest", "service", "server", "http", "public", "the", "v1", "v2", "v3"}
)
_DEPLOYED: Final = ("compose:", "kubernetes:")


def join_descriptions(builder: DraftBuilder) -> None:
    """Let the entry points of an API belong to the deployed component of its name, if there is one.

    Names are the same without general words: the “Orders API” is the service `orders`, and an API without
    such a service is that of the service `api`. The component of the description is then not proposed.
    """
    components = [one for one in builder.items.values() if one.kind is Kind.COMPONENT]
    deployed = [
        component
        for component in components
        if component.key.startswith(_DEPLOYED) and component.role is not ComponentKind.DATA_STORE
    ]
    described = [component for component in components if component.key.startswith("openapi:")]
    for one in described:
        words = _words(one.name)
        same = [other for other in deployed if words and _words(other.name) == words]
        if not same and len(described) == 1:  # the only service that is called `api` offers the only API
            same = [other for other in deployed if not _words(other.name)]
        if len(same) == 1:
            del builder.items[one.key]
            for item in builder.items.values():
                if item.component == one.key:
                    item.component = same[0].key


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", name.casefold())) - _GENERAL
