"""Technologies on the devices of users."""

from typing import Final

from domain.kernel.elements import ComponentKind
from domain.technologies.technology import Technology

_PROCESS: Final = ComponentKind.PROCESS

CLIENT_TECHNOLOGIES: Final = (
    Technology(
        key="react",
        name="React",
        category="single_page_app",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("react", "preact", "react app"),
        ask_first=("Where is dangerouslySetInnerHTML used?",),
    ),
    Technology(
        key="angular",
        name="Angular",
        category="single_page_app",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("angular",),
        ask_first=("Where is bypassSecurityTrust used?",),
    ),
    Technology(
        key="vue",
        name="Vue or Svelte",
        category="single_page_app",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("vue", "vue.js", "vuejs", "svelte"),
        ask_first=("Where are v-html and @html used?",),
    ),
    Technology(
        key="ios",
        name="iOS",
        category="mobile_app",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("ios app", "iphone app", "ios"),
        short_names=("swift",),
        ask_first=("Are tokens in the keychain?",),
    ),
    Technology(
        key="android",
        name="Android",
        category="mobile_app",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("android app", "android"),
        ask_first=("Are tokens in the keystore, and is backup of the app's data disabled?",),
    ),
    Technology(
        key="react_native",
        name="React Native or Flutter",
        category="mobile_app",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("react native", "flutter", "ionic"),
    ),
    Technology(
        key="electron",
        name="Electron",
        category="desktop_app",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("electron",),
        ask_first=("Can third-party pages access Node.js?",),
    ),
    Technology(
        key="tauri",
        name="Tauri",
        category="desktop_app",
        kind=_PROCESS,
        protocol="HTTPS",
        aliases=("tauri",),
        ask_first=("Which commands can the web view call?",),
    ),
)
