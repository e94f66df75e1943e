"""JupyterLab in a browser: what a person sees and types there."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect


def is_open(page: Page) -> None:
    """Waits until JupyterLab shows its launcher at a session's own address."""
    page.wait_for_url(re.compile(r"/user/[^/]+/[^/]+/lab"))
    expect(page.locator(".jp-Launcher, .jp-Notebook").first).to_be_visible()


def new_notebook(page: Page) -> None:
    """Opens a notebook from the launcher."""
    page.locator('.jp-LauncherCard[data-category="Notebook"]').first.click()
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible()
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle")


def run_cell(page: Page, code: str) -> str:
    """Types into the last cell, runs it and returns what it prints."""
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    cell = cells.last
    number = cells.count() - 1
    cell.locator(".cm-content").click()
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")
    # While a cell runs its prompt is a star; what it has printed until then is not all.
    expect(cells.nth(number).locator(".jp-InputArea-prompt")).to_have_text(re.compile(r"\[\d+\]"))
    output = cells.nth(number).locator(".jp-OutputArea-output")
    expect(output.first).to_be_visible()
    return output.first.inner_text().strip()


def open_socket(page: Page) -> None:
    """Opens a WebSocket to a new kernel, `window.socket`, which nobody opens again when it is closed."""
    page.evaluate(
        """async () => {
          const at = location.origin + location.pathname.split("/lab")[0];
          const xsrf = (document.cookie.match(/_xsrf=([^;]+)/) || [])[1];
          const kernel = await (await fetch(`${at}/api/kernels`,
            {method: "POST", body: "{}", headers: {"X-XSRFToken": xsrf}})).json();
          window.socket = new WebSocket(`${at.replace("http", "ws")}/api/kernels/${kernel.id}/channels`);
          await new Promise((resolve) => { window.socket.onopen = resolve; });
        }"""
    )


def until_socket_is_closed(page: Page) -> None:
    """Waits for the end of what `open_socket` opened."""
    page.wait_for_function("window.socket.readyState === WebSocket.CLOSED", timeout=60_000)
