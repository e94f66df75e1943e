"""Starts `jupyterhub-singleuser` without first doing what a single-user server never needs.

Run by its path with the Python of the environment, in the place of `bin/jupyterhub-singleuser`, with the
same arguments; so only the standard library is imported here. What it spares, measured on JupyterLab 4.6 and
JupyterHub 6.1 with two cores (`python -X importtime`):

- `rfc3987_syntax` (by jsonschema) builds an Earley parser of all IRIs when imported, 0.7 s. It is needed
  when somebody validates an IRI.
- The hub's own modules, with Alembic and SQLAlchemy's ORM, 0.1 s. The single-user server imports from them
  by way of `jupyterhub.log` and `jupyterhub.scopes` and uses none of it. (SQLAlchemy itself is imported: its
  parts import each other and stand only the order in which the package does it.)
- `jupyterlab.labapp` asks `node yarn.js config` for the npm registry only to know JupyterLab's own version,
  0.15 to 0.25 s where Node is installed.
- Collecting garbage while modules are imported, which make none.

Nothing is left out: a deferred module loads when something in it is used. If the imports fail with all this,
the usual program is started instead.
"""

from __future__ import annotations

import gc
import importlib.machinery
import os
import sys
import threading
import types
from collections.abc import Callable, Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any, cast

PROGRAM = "jupyterhub-singleuser"


class DeferredModule(types.ModuleType):
    """A module whose body runs at the first use of an attribute that is not there yet."""

    def __getattr__(self, name: str) -> Any:
        # `__path__` is what the import system asks a module for to learn whether it is a package.
        if name == "__path__" or not _deferral(self).load(self):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(self, name)


class Deferral(Loader):
    """Loads one module late.

    Args:
        loader: what loads it in the end.
        functions, classes: names that others import from it by name, without using them at once. A function
            loads the module when it is called. A class answers `isinstance` only: as long as the module is
            not loaded, there is no instance of it.
    """

    def __init__(self, loader: Loader, functions: Iterable[str], classes: Iterable[str]) -> None:
        self._loader = loader
        self._functions = functions
        self._classes = classes
        self._lock = threading.RLock()
        self._loading = False
        self.loaded = False

    def create_module(self, spec: ModuleSpec) -> types.ModuleType | None:
        """Make the module as its own loader does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: types.ModuleType) -> None:
        """Leave the body for later."""
        spec = cast("ModuleSpec", module.__spec__)
        spec.loader = module.__loader__ = self._loader
        spec.loader_state = self
        for name in self._functions:
            setattr(module, name, _function(module, name))
        for name in self._classes:
            setattr(module, name, _class(module, name))
        module.__class__ = DeferredModule

    def load(self, module: types.ModuleType) -> bool:
        """Run the module's body, unless it ran; False while this thread is still at it."""
        with self._lock:
            if self._loading:
                return False
            if not self.loaded:
                self._loading = True
                try:
                    self._loader.exec_module(module)
                finally:
                    self._loading = False
                self.loaded = True
                module.__class__ = types.ModuleType
        return True


class DeferredClass(type):
    """The class of the classes that stand for those of a module that is not loaded yet."""

    _module: types.ModuleType

    def __instancecheck__(cls, instance: object) -> bool:
        return _deferral(cls._module).loaded and isinstance(instance, cls._module.__dict__[cls.__name__])


def _deferral(module: types.ModuleType) -> Deferral:
    return cast("Deferral", cast("ModuleSpec", module.__spec__).loader_state)


def _function(module: types.ModuleType, name: str) -> Callable[..., Any]:
    def load_and_call(*arguments: Any, **keywords: Any) -> Any:
        _deferral(module).load(module)
        return module.__dict__[name](*arguments, **keywords)

    return load_and_call


def _class(module: types.ModuleType, name: str) -> type:
    def refuse(cls: type) -> None:
        raise TypeError(f"{cls.__name__} derives from {name} of {module.__name__}, which is not loaded.")

    return DeferredClass(name, (), {"_module": module, "__init_subclass__": refuse})


class WithoutRegistry(Loader):
    """Loads `jupyterlab.commands` such that its version is known without asking for the npm registry.

    The version does not depend on the registry (`_AppHandler._get_app_info`); everything else still asks.
    """

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> types.ModuleType | None:
        """Make the module as its own loader does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the body, then put the quicker function in its place."""
        cast("ModuleSpec", module.__spec__).loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        if not module.__dict__.keys() >= {"get_app_version", "AppOptions", "YARN_DEFAULT_REGISTRY"}:
            return
        content = cast("Any", module)
        get_app_version = content.get_app_version

        def get_app_version_offline(app_options: Any = None) -> str:
            options = app_options or content.AppOptions(registry=content.YARN_DEFAULT_REGISTRY)
            return cast("str", get_app_version(options))

        content.get_app_version = get_app_version_offline


LOADERS: dict[str, Callable[[Loader], Loader]] = {
    "jupyterhub.handlers": lambda loader: Deferral(loader, (), ()),
    "jupyterhub.handlers.pages": lambda loader: Deferral(loader, (), ("HealthCheckHandler",)),
    "jupyterhub.orm": lambda loader: Deferral(loader, (), ()),
    "jupyterhub.roles": lambda loader: Deferral(loader, (), ()),
    "jupyterlab.commands": WithoutRegistry,
    "rfc3987_syntax": lambda loader: Deferral(loader, ("is_valid_syntax",), ()),
}


class Finder(MetaPathFinder):
    """Finds the modules of `LOADERS` where they always are, and has them loaded differently."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer for the modules of `LOADERS` only."""
        if fullname not in LOADERS:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LOADERS[fullname](spec.loader)
        return spec


def single_user() -> Callable[[], object]:
    """The function that is `jupyterhub-singleuser`; from here on modules are imported differently."""
    sys.meta_path.insert(0, Finder())
    gc.disable()
    from jupyterhub.singleuser import main  # noqa: PLC0415

    # What was imported stays; the collector need not look at it again.
    gc.freeze()
    gc.enable()
    return cast("Callable[[], object]", main)


def main() -> object:
    """Be `jupyterhub-singleuser`."""
    usual = os.path.join(os.path.dirname(sys.executable), PROGRAM)  # noqa: PTH118, PTH120
    sys.argv[0] = usual
    try:
        program = single_user()
    except Exception as error:  # noqa: BLE001 — the usual program starts, or says what is really wrong
        sys.stderr.write(f"Starting {PROGRAM} the slow way: {error!r}\n")
        sys.stderr.flush()
        os.execv(usual, sys.argv)  # noqa: S606
    return program()


if __name__ == "__main__":
    sys.exit(cast("int | None", main()))
