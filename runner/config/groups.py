"""Groups of components, and which functions may be named by `_target_` in each.

A function of the program is a component of a group when a file of `conf/GROUP` names it. A user's
own function needs no declaration but its signature: it lies in a module beside the user's `conf/`,
is defined there (not imported from elsewhere), and takes as many positional arguments as the
program calls the functions of its group with. So an own part remains one function and one YAML
file, while `os._exit` or the optimizer of another group never gets called.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from runner.base.errors import ConfigurationError
from runner.base.program_files import CONF, own_folder
from runner.config.search_path import group_files, import_target


@dataclass(frozen=True)
class Group:
    """A kind of component.

    Attributes:
        folder: of its choices, in `conf/`.
        arguments: names of the positional arguments that its functions are called with.
        key: of the configuration that holds its components.
        internal: components that the program adds itself, and no file names.
    """

    folder: str
    arguments: tuple[str, ...] = ()
    key: str = ""
    internal: tuple[str, ...] = ()

    def locate(self, target: str) -> Callable[..., Any]:
        """Return the component that `_target_` names.

        Raises:
            ConfigurationError: it names no function, or one that is no component of this group.
        """
        declared = _targets_of_program(self.folder) | set(self.internal)
        if _of_program(target) and target not in declared:
            missing = "names no function" if _find(target) is None else "is no component of it"
            raise ConfigurationError(f"{self._named(target)} {missing}; {self._choices()}")
        try:
            function = _attribute(target)
        except (ImportError, AttributeError, ValueError) as error:
            message = f"{self._named(target)} names no function: {error}; {self._choices()}"
            raise ConfigurationError(message) from error
        if not _of_program(target) and (reason := self._objection(function, target)):
            raise ConfigurationError(f"{self._named(target)} {reason}; {self._choices()}")
        return function  # type: ignore[no-any-return]

    def _named(self, target: str) -> str:
        return f"{self.key or self.folder}: _target_={target}"

    def _choices(self) -> str:
        return f"choose {self.folder}={', '.join(path.stem for path in group_files(self.folder))}"

    def _objection(self, function: Any, target: str) -> str | None:
        """Say why an own function is no component of this group, if so."""
        if not callable(function):
            return f"is a {type(function).__name__}, no function"
        if str(getattr(function, "__module__", "")).partition(".")[0] != target.partition(".")[0]:
            return f"is not defined in its module but in {getattr(function, '__module__', None)}"
        if not _takes(function, len(self.arguments)):
            wanted = f"the positional arguments {', '.join(self.arguments)}"
            return f"does not take {wanted if self.arguments else 'keyword-only options alone'}"
        return None


DATASET = Group("dataset", key="dataset.source")
MODEL = Group("model", ("input_shape", "outputs"))
OPTIMIZER = Group("optimizer", ("schedule",))
SCHEDULE = Group("schedule", ("steps_per_epoch", "epochs"))
AUGMENTATION = Group("augmentation")
CALLBACKS = Group("callbacks", ("seed",), internal=("runner.sweeps.pruning.pruning",))
BASELINES = Group("baselines", ("seed",))
FIGURES = Group("figures", ("run",))
TRACKING = Group("tracking", ("experiment", "outputs", "uri"))
SWEEP = Group("sweep", ("template",), "sweep.search")
LAUNCHER = Group("hydra/launcher")
_SINGLE = (DATASET, MODEL, OPTIMIZER, SCHEDULE, TRACKING, SWEEP, LAUNCHER)
SINGLE = {"experiment", *(group.folder for group in _SINGLE)}
"""Folders in `conf/` of which one choice is taken; of the others several together."""


def check_foreign(plain: Any, source: str) -> None:
    """Refuse components that a run, whoever made it, may not bring along.

    Those of the program may be named; of a user's own functions those alone that a YAML file of
    the user's own `conf/` names too, as only that file is certain to be of the user's hand.

    Args:
        plain: a part of the run's configuration, in plain containers.
        source: of the run, for people.

    Raises:
        ConfigurationError: another function is named; nothing was imported.
    """
    folder = own_folder()
    for target in _targets(plain):
        if _of_program(target) or (folder and target in targets_in(folder / "conf")):
            continue
        raise ConfigurationError(
            f"{source}: its configuration names {target}, which is not run: it is no function of "
            "the program, and no file of your own conf/ names it as _target_; where you wrote or "
            "trust it, start this in the folder with its conf/, or add it there; see SECURITY.md"
        )


@cache
def _targets_of_program(group: str) -> frozenset[str]:
    return targets_in(CONF / group)


def targets_in(folder: Path) -> frozenset[str]:
    """Return each `_target_` in the YAML files of a folder and those below it."""
    found: set[str] = set()
    for path in sorted(folder.rglob("*.yaml")):
        try:
            found.update(_targets(yaml.load(path.read_bytes(), _LOADER)))  # noqa: S506 - is safe
        except (OSError, yaml.YAMLError):
            continue  # it names nothing; Hydra says what is wrong where it is chosen
    return frozenset(found)


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _targets(plain: Any) -> Iterator[str]:
    if isinstance(plain, Mapping):
        if "_target_" in plain:
            yield str(plain["_target_"])
        plain = list(plain.values())
    for item in plain if isinstance(plain, list | tuple) else ():
        yield from _targets(item)


def _of_program(target: str) -> bool:
    return target.partition(".")[0] == "runner"


def _attribute(target: str) -> Any:
    module, _, name = target.rpartition(".")
    if not all(map(str.isidentifier, target.split("."))):
        raise ValueError("expected module.function")
    return getattr(import_target(module), name)


def _find(target: str) -> Any:
    try:
        return _attribute(target)
    except (ImportError, AttributeError, ValueError):
        return None


def _takes(function: Callable[..., Any], count: int) -> bool:
    """Tell whether a function can be called with so many positional arguments."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # of C, without a signature
        return False
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = sum(parameter.default is parameter.empty for parameter in positional)
    most = count if any(p.kind is p.VAR_POSITIONAL for p in parameters) else len(positional)
    return needed <= count <= most
