"""Logs as text files."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

from sessions_api.kit.db import Database
from sessions_api.runs import service
from sessions_api.runs.lines import Lines
from sessions_api.runs.tables import RunEvent


def text_of(event: RunEvent) -> str:
    """`2026-11-21 14:05:21Z session: …` with the end of its line."""
    return f"{event.at:%Y-%m-%d %H:%M:%S}Z {event.data['source']}: {event.data['text']}\n"


def download(database: Database, run_id: str, wanted: Lines) -> StreamingResponse:
    """All lines that are kept and wanted, as a file."""
    name = "-".join(filter(None, ("sojourn", run_id, wanted.container if _is_word(wanted) else "")))
    return StreamingResponse(
        _texts(database, run_id, wanted),
        media_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.log"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _is_word(wanted: Lines) -> bool:
    """Whether what stands in the address can stand in a file's name."""
    return wanted.container is not None and wanted.container.isascii() and wanted.container.isalnum()


async def _texts(database: Database, run_id: str, wanted: Lines) -> AsyncIterator[str]:
    async for event in service.whole_log(database, run_id, wanted):
        yield text_of(event)
