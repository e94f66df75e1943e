"""The data folder: everything one `sojourn up` keeps, readable by nobody but its owner."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import os
import secrets
import shlex
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from platformdirs import user_cache_path, user_data_path
from pydantic import BaseModel, ConfigDict, ValidationError

from sojourn.laptop.errors import LaptopError
from sojourn.laptop.processes import KnownProcess
from spawner.containers.engine import Engine

DATA_VARIABLE = "SOJOURN_DATA"
CACHE_VARIABLE = "SOJOURN_CACHE"

_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600
_SECRET_BYTES = 32  # 64 digits: the most that JupyterHub 6.1 takes for a service's token


class Secret(StrEnum):
    """The secrets that are made once per data folder.

    Attributes:
        HUB_TOKEN: what the API shows to the hub.
        SPAWNER_TOKEN: what the spawner and the supervisor show to the API.
        API_COOKIE: signs the API's cookies.
        SECRETS_KEY: encrypts people's secrets in the database; without it they cannot be read any more.
    """

    HUB_TOKEN = "hub-token"  # noqa: S105  # a name, not a secret
    SPAWNER_TOKEN = "spawner-token"  # noqa: S105
    API_COOKIE = "api-cookie"
    SECRETS_KEY = "secrets-key"


class Ports(BaseModel):
    """TCP ports on 127.0.0.1.

    They are kept from one `up` to the next: sessions that live on know the hub by its port.

    Attributes:
        public: what people open; the proxy listens there.
        proxy: where the proxy tells the hub which routes it has.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    public: int
    hub: int
    api: int
    proxy: int


class State(BaseModel):
    """What is known of the last `up`, in `up.json`.

    Attributes:
        supervisor: the process that runs, or ran, `sojourn up`.
        people: hub names of everybody who may log in, the owner of the computer first.
        children: the supervisor's processes by their names (`api`, `hub`, `proxy`).
        engine: what runs images; None: nothing here does.
        own_hosts: the main host, below which people's sessions have hosts of their own; None: one for all.
    """

    model_config = ConfigDict(extra="forbid")

    supervisor: KnownProcess
    ports: Ports
    people: tuple[str, ...]
    children: dict[str, KnownProcess]
    engine: Engine | None = None
    own_hosts: str | None = None

    @property
    def url(self) -> str:
        """The public origin, without a slash at the end."""
        return f"http://{self.own_hosts or '127.0.0.1'}:{self.ports.public}"

    @property
    def local_url(self) -> str:
        """The same proxy without a name, which not every computer can look up."""
        return f"http://127.0.0.1:{self.ports.public}"


@dataclass(frozen=True)
class DataFolder:
    """Paths below one data folder, and the little that is read and written there directly."""

    root: Path

    @cached_property
    def hub(self) -> Path:
        """The hub's database, cookie secret and login links."""
        return self.root / "hub"

    @cached_property
    def login_links(self) -> Path:
        """One file per login link that has not been used."""
        return self.hub / "login-links"

    @cached_property
    def proxy(self) -> Path:
        """The proxy's configuration and its routes."""
        return self.root / "proxy"

    @cached_property
    def secrets(self) -> Path:
        """One file per secret."""
        return self.root / "secrets"

    @cached_property
    def logs(self) -> Path:
        """One file per process of the supervisor."""
        return self.root / "logs"

    @cached_property
    def runs(self) -> Path:
        """One folder per run that has, or had, a process."""
        return self.root / "runs"

    @cached_property
    def work(self) -> Path:
        """The folders that are /work in sessions."""
        return self.root / "work"

    @cached_property
    def installation(self) -> str:
        """What labels of containers say: no other data folder of this computer has its place."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:16]

    @cached_property
    def database_url(self) -> str:
        """The SQLite database of the API, as a SQLAlchemy URL."""
        return f"sqlite+aiosqlite:///{self.root / 'sojourn.db'}"

    @property
    def link_command(self) -> str:
        """What people type to get a login link."""
        is_own = self.root == user_data_path("sojourn").resolve()
        return "sojourn link" if is_own else f"sojourn link --data {shlex.quote(str(self.root))}"

    @property
    def _state(self) -> Path:
        return self.root / "up.json"

    def prepare(self) -> None:
        """Makes the folders, private to the owner.

        Raises:
            LaptopError: a folder cannot be made.
        """
        folders = (self.hub, self.login_links, self.proxy, self.secrets, self.logs, self.runs, self.work)
        try:
            for folder in (self.root, *folders):
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(_PRIVATE_FOLDER)
        except OSError as error:
            raise LaptopError(
                f"The data folder {self.root} cannot be used: {error.strerror}. Name another one with --data."
            ) from error

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the data folder's lock; the system gives it back however the process ends.

        Raises:
            LaptopError: another `sojourn up` holds it.
        """
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, _PRIVATE_FILE)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LaptopError(self._runs_already()) from None
            yield
        finally:
            os.close(descriptor)

    def _runs_already(self) -> str:
        state = self.read_state()
        told = state is not None and state.supervisor.is_alive()
        where = f" at {state.url} (process {state.supervisor.pid})" if state and told else ""
        return f"Sojourn already runs on {self.root}{where}. `{self.link_command}` prints a login link."

    def secret(self, name: Secret) -> str:
        """One of the folder's own secrets, made at its first use: 64 hexadecimal digits, or a Fernet key."""
        path = self.secrets / name
        with contextlib.suppress(FileExistsError):
            # Linked into place, so that two who need it at once get the same one and nobody half of one.
            beside = _written_beside(path, _new_secret(name))
            try:
                os.link(beside, path)
            finally:
                beside.unlink()
        return path.read_text()

    def command_token(self, person: str) -> Path:
        """The file with the hub token that the `sojourn` command uses for this person on this computer."""
        state = self.read_state()
        is_owner = state is not None and person == state.people[0]
        return self.secrets / ("cli-token" if is_owner else f"cli-token-{person}")

    def read_state(self) -> State | None:
        """What is known of the last `up`; None if there was none or it cannot be read."""
        try:
            return State.model_validate_json(self._state.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def write_state(self, state: State) -> None:
        """Replaces what is known of the last `up`."""
        write_private(self._state, state.model_dump_json(indent=2))


def data_folder(path: Path | None) -> DataFolder:
    """The data folder at `path`, else the one of $SOJOURN_DATA, else the user's own."""
    chosen = path or os.environ.get(DATA_VARIABLE) or user_data_path("sojourn")
    return DataFolder(Path(chosen).expanduser().resolve())


def cache_folder() -> Path:
    """Where built environments are: shared by all data folders, because they are named by their contents."""
    chosen = os.environ.get(CACHE_VARIABLE) or user_cache_path("sojourn")
    return Path(chosen).expanduser().resolve()


def write_private(path: Path, text: str) -> None:
    """Replaces a file in one step, so that whoever reads it sees all of the old or all of the new text."""
    _written_beside(path, text).replace(path)


def _new_secret(name: Secret) -> str:
    made = secrets.token_bytes(_SECRET_BYTES)
    return base64.urlsafe_b64encode(made).decode() if name is Secret.SECRETS_KEY else made.hex()


def _written_beside(path: Path, text: str) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # made with mode 0600
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    return Path(name)
