"""Launches whose objects `tests/data/pods` has, one file each.

    .venv/bin/python -m tests.spawner.pod_launches --write

writes the files anew. Look at what changed in them (`git diff tests/data/pods`) before you commit it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import SecretStr

from spawner.pod.builder import Objects, build
from spawner.pod.frame import Frame, as_plain, empty_frame
from spawner.pod.settings import PodSettings
from spawner.spec import (
    ClaimStorage,
    CsiStorage,
    EnvironmentSpec,
    FilesStorage,
    GateSpec,
    GitLogin,
    LaunchSpec,
    Named,
    NfsStorage,
    RegistryLogin,
    RepositorySpec,
    ResourcesSpec,
    RunSecrets,
    SecretSpec,
    Toleration,
)
from tests.spawner.pod_frames import administrators_frame, hub_variables, kubespawner_frame

FILES = Path(__file__).parents[1] / "data" / "pods"
SETTINGS = PodSettings(
    installation="sojourn", sojourn_image="registry.example.org/sojourn@sha256:" + "5" * 64, disk_gib=10
)
PRIORITY_CLASS = "sojourn-tests"
NO_SECRETS = RunSecrets(values={}, git={})


@dataclass(frozen=True)
class Launch:
    """What a pod is built from."""

    spec: LaunchSpec
    secrets: RunSecrets = NO_SECRETS
    frame: Frame | None = None

    def objects(self) -> Objects:
        frame = self.frame or empty_frame("jupyter-ann--demo-lab-1a2b3c4d", "sessions", "claim-ann--demo-lab")
        return build(self.spec, self.secrets, frame, SETTINGS)

    def as_yaml(self) -> str:
        objects = self.objects()
        pulls = [objects.pull_secret] if objects.pull_secret else []
        documents = [objects.pod, objects.secret, *pulls, objects.work, *objects.claims]
        text: str = yaml.safe_dump_all(
            [as_plain(one) for one in documents], sort_keys=True, allow_unicode=True, width=110
        )
        return text


def environment(**changes: Any) -> EnvironmentSpec:
    jupyterlab = EnvironmentSpec(
        id="01K9ENVIRONMENT0000000000A",
        slug="python",
        name="Python",
        version=3,
        digest="sha256:" + "e" * 64,
        requirements="",
        front_end="JupyterLab",
        command=("jupyterhub-singleuser",),
        default_url="/lab",
        image="registry.example.org/python@sha256:" + "e" * 64,
    )
    return jupyterlab.model_copy(update=changes)


def code_server(**changes: Any) -> EnvironmentSpec:
    changes = {
        "front_end": "VS Code",
        "command": ("code-server",),
        "arguments": ("--auth=none", "--bind-addr=127.0.0.1:$(SOJOURN_PORT)"),
        "default_url": "/?folder=/work",
        "port": 8080,
        "gate": GateSpec(prefix="strip", ready_path="/healthz"),
        **changes,
    }
    return environment(**changes)


def launch_spec(**changes: Any) -> LaunchSpec:
    spec = LaunchSpec(
        run="01K9RVN0000000000000000001",
        attempt=1,
        person="ann",
        server="demo-lab-1a2b3c4d",
        work="01K9SESS1ON000000000000001/ann",
        project=Named(id="01K9PR0JECT000000000000001", slug="demo", name="Demo"),
        session=Named(id="01K9SESS1ON000000000000001", slug="lab", name="Lab"),
        environment=environment(),
        resources=ResourcesSpec(cpus=None, memory_gib=None),
        repositories=(),
        storages=(),
        variables={},
    )
    return spec.model_copy(update=changes)


def repository(folder: str, url: str, **changes: Any) -> RepositorySpec:
    spec = RepositorySpec(url=url, ref="main", commit="c" * 40, branch="main", folder=folder)
    return spec.model_copy(update=changes)


def minimal() -> Launch:
    """As little as can be asked for, of nobody's settings."""
    return Launch(launch_spec())


def resumed() -> Launch:
    """The same run again, behind a hub."""
    return Launch(launch_spec(attempt=2), frame=kubespawner_frame())


def everything() -> Launch:
    """All that a session can have, over an administrator's settings."""
    spec = launch_spec(
        environment=environment(read_only_root=True, uid=1001, gid=1002),
        resources=_gpu_class(),
        repositories=(
            repository("bar", "https://git.example.org/public/bar.git"),
            repository("private", "https://git.example.org:8443/x.git", credential="git.example.org_8443"),
            repository("other", "http://git.internal/other", credential="git.internal", shallow=True),
        ),
        storages=_storages(),
        variables={"THREADS": "4", "PATH_OF_DATA": "/work/shared"},
        secrets=(SecretSpec(name="deploy-key", variable=None), SecretSpec(name="api", variable="API_TOKEN")),
        registry="registry.example.org",
    )
    registry = _registry_login("registry.example.org")
    return Launch(spec, _secrets().model_copy(update={"registry": registry}), administrators_frame())


def private_image() -> Launch:
    """An image of Docker Hub that only a login opens."""
    image = "docker.io/team/python@sha256:" + "e" * 64
    spec = launch_spec(environment=environment(image=image), registry="docker.io")
    secrets = RunSecrets(values={}, git={}, registry=_registry_login("docker.io"))
    return Launch(spec, secrets, kubespawner_frame())


def gate() -> Launch:
    """A program that knows nothing of the hub, below paths of its own."""
    spec = launch_spec(
        environment=code_server(),
        resources=ResourcesSpec(cpus=1, memory_gib=2),
        repositories=(repository("bar", "https://git.example.org/bar", credential="git.example.org"),),
        secrets=(SecretSpec(name="api", variable="API_TOKEN"),),
    )
    return Launch(spec, _secrets(), kubespawner_frame(env=hub_variables(LANG="C.UTF-8")))


def gate_with_prefix() -> Launch:
    """A program below the session's own path, at the port that a gate would take."""
    streamlit = code_server(
        front_end="Streamlit",
        command=(),
        arguments=("run", "app.py", "--server.baseUrlPath=$(SOJOURN_PREFIX)"),
        default_url="/",
        port=8888,
        gate=GateSpec(prefix="keep", ready_path="/_stcore/health"),
        read_only_root=True,
    )
    return Launch(launch_spec(environment=streamlit), frame=kubespawner_frame())


def gpu_class() -> Launch:
    """A resource class with GPUs on nodes of their own."""
    return Launch(launch_spec(resources=_gpu_class()), frame=kubespawner_frame(cpu_guarantee=0.5))


def image_as_it_is() -> Launch:
    """An image's own entry point and arguments."""
    return Launch(launch_spec(environment=environment(command=())), frame=kubespawner_frame())


def storages() -> Launch:
    """Storages of each kind."""
    return Launch(launch_spec(storages=_storages()))


def hostile() -> Launch:
    """Texts that templates, shells, YAML and labels would trip over."""
    long = "Très long " * 30
    spec = launch_spec(
        run="Run {username} $(HOME)",
        person="ann.o'neill+{username}@example.org",
        project=Named(
            id="01K9PR0JECT000000000000001", slug="demo", name="Projet « {pod_name} » $(HOME)\n- x: 1"
        ),
        session=Named(id="01K9SESS1ON000000000000001", slug="lab", name=long),
        environment=environment(name="{unescaped_username}", arguments=("--title={username} 100 %",)),
        repositories=(repository("f" * 100, "https://git.example.org/{username}/$(HOME)"),),
        storages=(
            FilesStorage(
                kind="files",
                name="Größe: {0}",
                folder="s" * 100,
                files={"ü {x} $(HOME).txt": "{x} $(HOME)\n\0", "#1": "- a: {b}"},
            ),
        ),
        variables={
            "BRACES": "{username} {{}} {0!r:>{width}}",
            "REFERENCE": "$(JUPYTERHUB_API_TOKEN) $$(HOME) $$ $x \\$(HOME)",
            "UNICODE": "żółć 数据 🚀\u2028",
            "LINES": "a: 1\nb: [2\n",
            "EMPTY": "",
            "JUPYTERHUB_API_TOKEN": "mine",
            "SOJOURN_RUN": "mine",
            "LANG": "mine",
        },
        secrets=(
            SecretSpec(name="n" * 100, variable="SECRET"),
            SecretSpec(name="taken", variable="JUPYTERHUB_USER"),
            SecretSpec(name="gone", variable="GONE"),
        ),
    )
    secrets = RunSecrets(values={"n" * 100: "s3cr3t-{username}-$(HOME)\n", "taken": "s3cr3t-2"}, git={})
    return Launch(
        spec, secrets, kubespawner_frame(env=hub_variables(LANG="C.UTF-8", ADMIN_PASSWORD="s3cr3t-3"))
    )


LAUNCHES: dict[str, Callable[[], Launch]] = {
    make.__name__: make
    for make in (
        minimal,
        resumed,
        everything,
        private_image,
        gate,
        gate_with_prefix,
        gpu_class,
        image_as_it_is,
        storages,
        hostile,
    )
}


def _gpu_class() -> ResourcesSpec:
    return ResourcesSpec(
        cpus=7.5,
        memory_gib=30.5,
        disk_gib=100,
        gpus=2,
        gpu_resource="nvidia.com/gpu",
        resource_class="Large GPU",
        node_selector={"pool": "gpu", "accelerator": "a100"},
        tolerations=(Toleration(key="nvidia.com/gpu", operator="Exists", effect="NoSchedule"),),
        affinity={
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [
                        {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a", "b"]}]}
                    ]
                }
            }
        },
        priority_class=PRIORITY_CLASS,
    )


def _storages() -> tuple[Any, ...]:
    claim = {"kind": "claim", "storage_class": None, "access": "ReadWriteMany"}
    return (
        ClaimStorage(**claim, name="Shared", folder="shared", claim="team-data", size_gib=None),
        ClaimStorage(
            **claim | {"storage_class": "fast"}, name="Scratch", folder="scratch", claim="made", size_gib=0.5
        ),
        ClaimStorage(
            **claim, name="Library", folder="library", claim="library", size_gib=None, read_only=True
        ),
        NfsStorage(
            kind="nfs", name="Archive", folder="archive", server="nfs.example.org", path="/export/a b"
        ),
        CsiStorage(
            kind="csi",
            name="Bucket",
            folder="bucket",
            driver="ru.yandex.s3.csi",
            attributes={"bucket": "data", "mounter": "geesefs"},
            secret="bucket-login",
            read_only=True,
        ),
        FilesStorage(
            kind="files", name="Rules", folder="rules", files={"README.md": "# Rules\n", "a.toml": "a = 1\n"}
        ),
        FilesStorage(kind="files", name="Nothing", folder="nothing", files={}),
    )


def _secrets() -> RunSecrets:
    def login(host: str) -> GitLogin:
        return GitLogin(host=host, username="ann", token=f"s3cr3t-token-of-{host}")

    return RunSecrets(
        values={"deploy-key": "s3cr3t-key", "api": "s3cr3t-api"},
        git={
            "git.example.org": login("git.example.org"),
            "git.example.org_8443": login("git.example.org:8443"),
            "git.internal": login("git.internal"),
        },
    )


def _registry_login(host: str) -> RegistryLogin:
    return RegistryLogin(host=host, username="ann", password=SecretStr(f"s3cr3t-of-{host}"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", required=True, help="write tests/data/pods anew")
    parser.parse_args()
    for file in FILES.glob("*.yaml"):
        file.unlink()
    for name, make in LAUNCHES.items():
        (FILES / f"{name}.yaml").write_text(make().as_yaml())


if __name__ == "__main__":
    main()
