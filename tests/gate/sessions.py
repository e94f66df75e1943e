"""A hub, sessions behind gates, and people who visit them: all real, without a proxy in front."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.served import until
from tests.spawner.hub import Hub, free_port
from tests.spawner.stand_in_api import StandInApi

ORIGIN = "https://sojourn.test"
PROGRAM = Path(__file__).with_name("program.py")


class Program:
    """A program behind a gate; starts and ends as told."""

    def __init__(self, *command: str, port: int, folder: Path) -> None:
        self._command = command or (sys.executable, str(PROGRAM), str(port), str(folder))
        self._folder = folder
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it listens."""
        self.end()
        with (self._folder / "program.log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command, cwd=self._folder, env=environment(), stdout=log, stderr=log
            )
        until(self._answers, "the program answers")

    def _answers(self) -> bool | None:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{self.port}/", trust_env=False)
            return True
        return None

    def log(self) -> str:
        return (self._folder / "program.log").read_text()

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class Session:
    """One session of the hub's: a gate before a program."""

    def __init__(self, hub: GateHub, person: str, name: str, port: int) -> None:
        self._hub = hub
        self.person = person
        self.name = name
        self.port = port
        self.prefix = f"/user/{person}/{name}/"
        self.direct = f"http://127.0.0.1:{port}"
        self._restarted: subprocess.Popen[bytes] | None = None

    @property
    def gate(self) -> psutil.Process:
        """The gate's process."""
        return next(
            process
            for process in psutil.process_iter(["cmdline", "status"])
            if "spawner.gate" in (process.info["cmdline"] or ())
            and process.info["status"] != psutil.STATUS_ZOMBIE
            and process.environ().get("JUPYTERHUB_SERVICE_PREFIX") == self.prefix
        )

    def restart(self) -> None:
        """Kills the gate and starts it with the same environment variables, as a kubelet does a sidecar."""
        gate = self.gate
        command, variables = gate.cmdline(), gate.environ()
        gate.kill()
        if self._restarted is not None:
            self._restarted.wait()
        self._restarted = subprocess.Popen(command, env=variables)
        until(lambda: self.probe() == httpx.codes.OK or None, "the gate is back")

    def end(self, *, seconds: float = 20) -> None:
        """Ends a gate that was restarted, which has so long for it; the hub ends the others."""
        if self._restarted is not None:
            self._restarted.terminate()
            assert self._restarted.wait(seconds) == 0

    def probe(self) -> int:
        """What the hub sees when it looks whether the session answers; 0: nothing yet."""
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.direct}{self.prefix}api", trust_env=False).status_code
        return 0

    def wait_until_ready(self) -> None:
        """Returns when the hub holds the session for ready."""
        until(lambda: (self.model() or {}).get("ready") or None, f"{self.prefix} is ready")

    def model(self) -> dict[str, Any] | None:
        """What the hub knows of it."""
        return self._hub.server(self.person, self.name)

    def token(self, person: str, *, scopes: Sequence[str] = ()) -> str:
        """A token of a person for this session."""
        self._hub.http.post(f"/users/{person}")
        wanted = list(scopes) or [f"access:servers!server={self.person}/{self.name}"]
        answer = self._hub.http.post(f"/users/{person}/tokens", json={"scopes": wanted})
        token: str = answer.raise_for_status().json()["token"]
        return token

    def revoke(self, person: str) -> None:
        """Takes all tokens of a person away, as logging out everywhere does."""
        for token in self._hub.http.get(f"/users/{person}/tokens").json()["api_tokens"]:
            self._hub.http.delete(f"/users/{person}/tokens/{token['id']}")

    def script(self, person: str | None = None) -> httpx.Client:
        """A client with a token, as scripts have them; without a person it has none."""
        headers = {"Authorization": f"token {self.token(person)}"} if person else {}
        return httpx.Client(base_url=self.direct + self.prefix, headers=headers, trust_env=False, timeout=30)


class _OneOrigin(httpx.BaseTransport):
    """As the proxy: hub and session under one address."""

    def __init__(self, hub: str, session: Session) -> None:
        self._hub = httpx.URL(hub)
        self._session = httpx.URL(session.direct)
        self._http = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        target = self._hub if request.url.path.startswith("/hub/") else self._session
        url = request.url.copy_with(scheme="http", host=target.host, port=target.port)
        headers = [*request.headers.raw, (b"X-Forwarded-Proto", b"https")]
        passed_on = httpx.Request(
            request.method, url, headers=headers, stream=request.stream, extensions=request.extensions
        )
        return self._http.handle_request(passed_on)

    def close(self) -> None:
        self._http.close()


class Browser(httpx.Client):
    """A person's browser: keeps cookies, says where its requests come from."""

    def __init__(self, hub: GateHub, session: Session) -> None:
        super().__init__(
            base_url=ORIGIN,
            transport=_OneOrigin(hub.url, session),
            headers={"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"},
            timeout=30,
        )
        self.session = session

    def log_in_at_hub(self, person: str) -> None:
        """By the hub's form."""
        self.get("/hub/login").raise_for_status()
        [xsrf] = {cookie.value for cookie in self.cookies.jar if cookie.name == "_xsrf"}
        form = {"username": person, "password": "any", "_xsrf": xsrf}
        headers = {"Sec-Fetch-Site": "same-origin"}
        assert self.post("/hub/login", data=form, headers=headers).status_code == 302

    def open(self, path: str = "", **options: Any) -> httpx.Response:
        """A page of the session, with all redirects."""
        return self.get(self.session.prefix + path, follow_redirects=True, **options)

    def fetch(self, path: str, method: str = "GET", **options: Any) -> httpx.Response:
        """What a script of the session's own page asks for."""
        headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Origin": ORIGIN}
        headers |= options.pop("headers", {})
        return self.request(method, self.session.prefix + path, headers=headers, **options)

    def cookie_header(self) -> str:
        """What it sends to the session."""
        request = self.build_request("GET", self.session.prefix)
        return str(request.headers["Cookie"])


class GateHub(Hub):
    """`tests.spawner.hub.Hub` with gates for sessions."""

    config_file = Path(__file__).with_name("hub_config.py")

    def __init__(self, folder: Path, api: StandInApi) -> None:
        super().__init__(folder, api, folder)
        self.url = self._environment["TEST_HUB_URL"]

    def session(
        self,
        person: str,
        name: str,
        program: Program,
        *,
        prefix: str = "strip",
        runner: Sequence[str] = (),
        **variables: str,
    ) -> Session:
        """Has the hub start a gate; it is not waited for."""
        session = Session(self, person, name, free_port())
        settings = {
            "SOJOURN_GATE_PORT": str(session.port),
            "SOJOURN_APP_PORT": str(program.port),
            "SOJOURN_APP_PREFIX": prefix,
            "SOJOURN_APP_READY": "/",
        }
        options = {"variables": settings | variables, "port": session.port, "runner": list(runner)}
        self.spawn(person, name, options).raise_for_status()
        return session

    def close(self) -> None:
        self.http.close()
        # An orderly end: it takes the gates along.
        self.kill(signal.SIGTERM)


@contextlib.contextmanager
def running(program: Program) -> Iterator[Program]:
    """A program while it is needed."""
    program.start()
    try:
        yield program
    finally:
        program.end()


def environment() -> dict[str, str]:
    """Of this process, for programs that import from this repository."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
