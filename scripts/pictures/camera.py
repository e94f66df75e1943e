"""Takes one picture in every look: light and dark, a wide window and a phone."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from playwright.sync_api import Browser, Page

from scripts.pictures.places import Place

CHROMIUM = "/usr/bin/chromium"
COLOURS = 64
"""A palette makes a picture a quarter as large."""

Scheme = Literal["light", "dark"]
Looks = tuple[tuple[Scheme, int], ...]
ALL: Looks = (("light", 1280), ("dark", 1280), ("light", 400), ("dark", 400))
TWO: Looks = (("light", 1280), ("dark", 400))
"""Every colour and every width once, for small pages of which there are many alike."""
HEIGHT = 800


@dataclass(frozen=True)
class Shot:
    """A page in one state.

    Attributes:
        name: how the files begin.
        path: the page.
        person: who looks at it; None has not logged in.
        do: what is done there before the picture is taken.
        whole: the whole page instead of what the window shows; not where something lies over the page.
        looks: how it is looked at.
    """

    name: str
    path: str
    person: str | None
    do: Callable[[Page], None] | None = None
    whole: bool = True
    looks: Looks = ALL

    @property
    def files(self) -> tuple[str, ...]:
        """Names of its pictures, one for each look."""
        return tuple(f"{self.name}-{scheme}-{width}.png" for scheme, width in self.looks)


class Camera:
    """Logs everybody in once, and keeps a page open for each person and look."""

    def __init__(self, browser: Browser, place: Place, folder: Path) -> None:
        self._browser = browser
        self._place = place
        self._folder = folder
        self._pages: dict[tuple[str | None, Scheme, int], Page] = {}
        self._logins: dict[str, Any] = {}

    def take(self, shot: Shot) -> None:
        """Takes the picture in all its looks."""
        for (scheme, width), file in zip(shot.looks, shot.files, strict=True):
            page = self._page(shot.person, scheme, width)
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.goto(self._place.url + shot.path)
            if shot.do is not None:
                shot.do(page)
            page.evaluate("document.fonts.ready")
            height = page.evaluate("document.documentElement.scrollHeight") if shot.whole else HEIGHT
            # A taller window, because in a picture of more than the window what sticks to its edge is amidst.
            page.set_viewport_size({"width": width, "height": max(height, HEIGHT)})
            taken = page.screenshot(animations="disabled")
            self._save(taken, self._folder / file)

    def _page(self, person: str | None, scheme: Scheme, width: int) -> Page:
        key = (person, scheme, width)
        if key not in self._pages:
            context = self._browser.new_context(
                color_scheme=scheme,
                viewport={"width": width, "height": HEIGHT},
                reduced_motion="reduce",
                storage_state=self._login(person) if person else None,
            )
            self._pages[key] = context.new_page()
        return self._pages[key]

    def _login(self, person: str) -> Any:
        if person not in self._logins:
            context = self._browser.new_context()
            self._place.enter(context, person)
            self._logins[person] = context.storage_state()
            context.close()
        return self._logins[person]

    @staticmethod
    def _save(taken: bytes, path: Path) -> None:
        image = Image.open(io.BytesIO(taken)).convert("RGB")
        # This way keeps colours that there is little of, such as those of a status.
        few = image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
