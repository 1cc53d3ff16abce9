"""The search path of configuration files and modules: the program's, and those of the user.

A folder `conf/` where a user works adds choices to those of the program, and `_target_` may name
functions of modules beside it.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from threading import RLock
from types import ModuleType

from hydra import initialize_config_dir
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from runner.base.program_files import CONF, own_conf, own_folder
from runner.config.resolvers import register_resolvers

_COMPOSING = RLock()


def hidden_files() -> list[Path]:
    """Return those files of a user's own `conf/` that are not used: the program has others there.

    A name means the same in every folder; so the own files add choices and replace none.
    """
    own = own_conf()
    names = [path.relative_to(CONF) for path in sorted(CONF.rglob("*.yaml"))] if own else []
    both = [Path("conf", name) for name in names if Path("conf", name).is_file()]
    return [path for path in both if path.read_bytes() != (CONF.parent / path).read_bytes()]


def group_files(group: str, conf: Path = CONF) -> list[Path]:
    """Return the YAML files of a group's choices by name, a user's own among the program's."""
    own = own_conf() if conf == CONF else None
    files = [path for folder in (own, conf) if folder for path in (folder / group).glob("*.yaml")]
    return sorted({path.stem: path for path in files}.values(), key=lambda path: path.stem)


def copy_conf(folder: Path, conf: Path = CONF) -> None:
    """Copy all configuration files into one folder, a user's own among the program's."""
    own = own_conf() if conf == CONF else None
    for each in filter(None, (own, conf)):
        shutil.copytree(each, folder, dirs_exist_ok=True)


@contextmanager
def composing(conf: Path = CONF) -> Iterator[None]:
    """Let Hydra compose what is in a folder and, where it is the program's, in a user's own.

    One thread at a time: Hydra's state is that of the process.
    """
    with _COMPOSING:
        prepare_hydra()
        with initialize_config_dir(str(conf), version_base="1.3"):
            yield


@cache
def prepare_hydra() -> None:
    """Have Hydra look into a user's own `conf/` too, and know what `conf/config.yaml` calls."""
    Plugins.instance().register(_OwnConf)
    register_resolvers()


class _OwnConf(SearchPathPlugin):
    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        searched = [entry.path.removeprefix("file://") for entry in search_path.get_path()]
        if str(CONF) in searched and (own := own_conf()):
            search_path.append("own", f"file://{own}")


def import_target(module: str) -> ModuleType:
    """Import a module of the program, or one beside a user's own `conf/`; no other one.

    So no configuration, whoever wrote it, imports what is neither part of the program nor in the
    folder a user works in.

    Raises:
        ImportError: there is no such module in either.
    """
    top = module.partition(".")[0]
    if top != "runner":
        _make_importable(top)
    return import_module(module)


def _make_importable(module: str) -> None:
    """Put the working folder last on the path: its modules never hide one of a library."""
    folder = own_folder()
    own = PathFinder.find_spec(module, [str(folder)]) if folder else None
    if own is None:
        raise ImportError(
            f"expected a module of runner, or one beside conf/ in {Path.cwd()}; there is no "
            f"{module}.py"
        )
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    found = find_spec(module)
    if found is None or found.origin != own.origin:
        raise ImportError(f"{module}.py has the name of a module of Python or a library; rename it")
