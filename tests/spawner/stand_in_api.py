"""What the spawner needs of the Sojourn API, as a server of its own that can be ended and started again."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, TypeVar, cast
from urllib.parse import urlsplit

from spawner.reports import EndedReport, LogReport, ReadyReport, Report, Reports, StageReport
from spawner.spec import LaunchSpec, RunSecrets

TOKEN = "token-of-the-spawner"

_Found = TypeVar("_Found")


class StandInApi:
    """Hands out specs and wishes, takes reports as the contract says: repeated deliveries count once."""

    def __init__(self) -> None:
        self.news = threading.Condition()
        self.specs: dict[str, LaunchSpec] = {}
        self.secrets: dict[str, RunSecrets] = {}
        self.refused: dict[str, str] = {}
        self.withheld: dict[str, str] = {}
        self.wishes: dict[str, str] = {}
        self.deliveries: list[tuple[str, Reports]] = []
        self._seen: dict[str, int] = {}
        self._server: _Server | None = None
        self._port = 0

    def __enter__(self) -> Self:
        self.come()
        return self

    def __exit__(self, *_: object) -> None:
        self.go()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def come(self) -> None:
        """Starts to listen, at the same port as before."""
        self._server = _Server(self, self._port)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def go(self) -> None:
        """Stops to listen and drops what is asked at the moment."""
        if self._server is not None:
            self._server.over = True
            with self.news:
                self.news.notify_all()
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def launch(self, spec: LaunchSpec) -> LaunchSpec:
        """Makes a run that is to be launched."""
        self.specs[spec.run] = spec
        self.wish(spec.run, "run")
        return spec

    def wish(self, run: str, wish: str) -> None:
        with self.news:
            self.wishes[run] = wish
            self.news.notify_all()

    def take(self, run: str, reports: Reports) -> None:
        with self.news:
            if reports.seq > self._seen.get(reports.reporter, 0):
                self._seen[reports.reporter] = reports.seq
                self.deliveries.append((run, reports))
                self.news.notify_all()

    def events(self, run: str) -> list[Report]:
        return [event for of, reports in self.deliveries if of == run for event in reports.events]

    def stages(self, run: str) -> dict[str, StageReport]:
        """The latest report of each stage."""
        return {event.stage: event for event in self.events(run) if isinstance(event, StageReport)}

    def lines(self, run: str, source: str) -> list[str]:
        logs = (event for event in self.events(run) if isinstance(event, LogReport))
        return [event.text for event in logs if event.source == source]

    def ready(self, run: str) -> ReadyReport | None:
        return next((event for event in self.events(run) if isinstance(event, ReadyReport)), None)

    def ended(self, run: str) -> EndedReport | None:
        return next((event for event in self.events(run) if isinstance(event, EndedReport)), None)

    def wait(self, look: Callable[[], _Found | None], seconds: float = 60) -> _Found:
        """Waits until `look` finds something."""
        deadline = time.monotonic() + seconds
        with self.news:
            while not (found := look()):
                left = deadline - time.monotonic()
                assert left > 0, f"not within {seconds} s; reported: {self.deliveries}"
                self.news.wait(min(left, 0.1))
            return found

    def wait_ready(self, run: str) -> ReadyReport:
        def look() -> ReadyReport | None:
            assert self.ended(run) is None, f"ended: {self.ended(run)}"
            return self.ready(run)

        return self.wait(look)

    def wait_ended(self, run: str) -> EndedReport:
        return self.wait(lambda: self.ended(run))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api: StandInApi, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.api = api
        self.over = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A hub that is killed hangs up."""


class _Handler(BaseHTTPRequestHandler):
    @property
    def _api(self) -> StandInApi:
        return cast("_Server", self.server).api

    def log_message(self, *_: object) -> None:
        """The tests' output is no access log."""

    def do_GET(self) -> None:
        _, _, _, run, what = urlsplit(self.path).path.split("/")
        if self.headers["Authorization"] != f"token {TOKEN}":
            self._problem(HTTPStatus.UNAUTHORIZED, "Who is asking?")
        elif run not in self._api.specs:
            self._problem(HTTPStatus.NOT_FOUND, f"There is no run {run}.")
        elif what == "wish":
            self._answer({"wish": self._other_wish(run)})
        elif run in self._api.refused:
            self._problem(HTTPStatus.CONFLICT, self._api.refused[run])
        elif what == "secrets" and run in self._api.withheld:
            self._problem(HTTPStatus.CONFLICT, self._api.withheld[run])
        elif what == "secrets":
            self._answer(self._api.secrets.get(run, RunSecrets(values={}, git={})).model_dump(mode="json"))
        else:
            self._answer(self._api.specs[run].model_dump())

    def do_POST(self) -> None:
        run = self.path.split("/")[3]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Authorization"] != f"token {TOKEN}":
            self._problem(HTTPStatus.UNAUTHORIZED, "Who is asking?")
            return
        self._api.take(run, Reports.model_validate_json(body))
        self.send_response(HTTPStatus.NO_CONTENT)
        self.end_headers()

    def _other_wish(self, run: str) -> str:
        server = cast("_Server", self.server)
        with self._api.news:
            self._api.news.wait_for(lambda: server.over or self._api.wishes[run] != "run", 25)
            return self._api.wishes[run]

    def _problem(self, status: HTTPStatus, detail: str) -> None:
        self._answer({"title": status.phrase, "status": status, "detail": detail}, status)

    def _answer(self, content: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
