"""File inputs of modals: files are uploaded when they are chosen, as in Slack."""

from typing import Any

from nicegui import ui
from nicegui.events import UploadEventArguments

from bot.sandbox.block_kit.element_state import InteractiveElement, with_value
from bot.sandbox.page.element_interactions import Surface
from bot.sandbox.page.html_elements import button, element, html
from bot.sandbox.page.icons import icon
from bot.sandbox.slack_json import Json, json_items, json_objects
from bot.sandbox.users.mrkdwn import plain_to_html
from bot.sandbox.users.user_actions import LARGEST_IN_FORM, MOST_FILES, NotOnScreen


def draw_file_input(control: InteractiveElement, surface: Surface, name: str) -> None:
    """Draw the chosen files, each with a button that removes it, and a button to choose more."""
    most = int(control.element.get("max_files", MOST_FILES))
    endings = [str(one) for one in json_items(control.element.get("filetypes"))]
    chosen: list[Json] = json_objects(surface.state(control).get("files"))

    async def keep() -> None:
        await surface.touch(control, with_value(control.element, list(chosen)))
        draw_chosen.refresh()

    async def arrived(event: UploadEventArguments) -> None:
        if len(chosen) >= most:
            ui.notify(f"You can upload at most {most} files.", type="negative")
            return
        try:
            files = [(event.file.name, await event.file.read())]
            chosen.extend(surface.person.uploaded_state(control, files)["files"])
        except NotOnScreen as refused:
            ui.notify(f"This file cannot be uploaded: {refused}", type="negative")
            return
        await keep()

    @ui.refreshable
    def draw_chosen() -> None:
        for file in chosen:
            with element("div", css="chosen-file"):
                html(plain_to_html(str(file.get("name"))), tag="span")

                async def removed(file: Json = file) -> None:
                    chosen.remove(file)
                    await keep()

                remove = button(icon("close", 14), css="remove-file", label=f"Remove {file.get('name')}")
                remove.on("click", removed)

    with element("div", css="file-input"):
        draw_chosen()
        # Moved out of sight instead of hidden: a hidden element accepts no files.
        uploader: Any = ui.upload(
            multiple=True, auto_upload=True, max_file_size=LARGEST_IN_FORM, on_upload=arrived
        ).classes("attaching")
        uploader.props["accept"] = ",".join(f".{one}" for one in endings)
        uploader.props["data-testid"] = f"field-{control.block_id}"
        picker = button("Upload files", css="btn btn-default", label=name)
        picker.on("click", js_handler=f"() => getElement({uploader.id}).$refs.qRef.pickFiles()")
