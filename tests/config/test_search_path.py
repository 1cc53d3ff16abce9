"""A user's own `conf/` and modules beside it, in the folder they work in."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest

from runner.base.errors import ConfigurationError
from runner.base.program_files import CONF, own_conf
from runner.config import composition
from runner.config.command_line import expand_sweep
from runner.config.run_config import Config
from runner.config.search_path import copy_conf, group_files, hidden_files
from runner.datasets import catalog
from runner.datasets.file_search import find_files

MODULE = """
from runner.base.option_types import Count

def optimizer(schedule: object, *, steps: Count = 3) -> object:
    return None
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with an optimizer and a data set of its own."""
    for group in ("optimizer", "dataset"):
        (tmp_path / "conf" / group).mkdir(parents=True)
    (tmp_path / "conf/optimizer/late.yaml").write_text(
        "_target_: late_optimizers.optimizer\nsteps: 3\n"
    )
    (tmp_path / "conf/dataset/threes.yaml").write_text("defaults: [mnist, _self_]\nname: threes\n")
    (tmp_path / "late_optimizers.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("own")
def test_own_choices_stand_among_those_of_the_program(configure: Callable[..., Config]) -> None:
    config = configure("optimizer=late", "dataset=threes")
    assert config.optimizer.options == {"steps": 3}
    assert config.dataset.name == "threes"
    assert {"late", "adam"} < {path.stem for path in group_files("optimizer")}
    assert {"threes", "mnist"} < set(catalog.names())
    assert catalog.configured("threes").title == "MNIST digits"


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("optimizer=lete", "did you mean late?"),
        ("optimizer.stepps=3", "did you mean optimizer.steps"),
        ("optimizer.steps=0", "optimizer.steps=0: should be greater than or equal to 1"),
        ("optimizer._target_=late_optimizers.no", "names no function"),
        ("optimizer._target_=os.system", "there is no os.py"),
        ("optimizer._target_=absent.function", "there is no absent.py"),
    ],
)
def test_errors_of_own_parts_are_one_line(override: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        composition.compose_job(["optimizer=late", override])
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_sweep_knows_own_choices(own: Path) -> None:
    _, combinations = expand_sweep(["optimizer=glob(la*)", "dataset=mnist,threes"])
    assert [choices["dataset"] for choices in combinations] == ["mnist", "threes"]
    assert {choices["optimizer"] for choices in combinations} == {"late"}
    copy_conf(own / "copy")
    (own / "conf/optimizer/late.yaml").write_text("_target_: changed.since\n")
    node = composition.compose_plain(["optimizer=late"], conf=own / "copy")
    assert node["optimizer"] == {"_target_": "late_optimizers.optimizer", "steps": 3}
    assert (own / "copy/config.yaml").read_text() == (CONF / "config.yaml").read_text()


@pytest.mark.parametrize("name", ["model/lenet.yaml", "config.yaml", "hydra/launcher/joblib.yaml"])
def test_no_file_of_the_program_is_replaced(name: str, own: Path) -> None:
    before = composition.compose_plain([])
    assert hidden_files() == []
    path = own / "conf" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}\n")
    assert composition.compose_plain([]) == before
    assert hidden_files() == [Path("conf", name)]
    copy_conf(own / "copy")
    path.write_bytes((CONF / name).read_bytes())
    assert hidden_files() == []
    assert (own / "copy" / name).read_bytes() == path.read_bytes()


def test_data_beside_an_own_conf_are_found(own: Path) -> None:
    (own / "conf/dataset/stripes.yaml").write_text(
        "{defaults: [mnist, _self_], name: stripes, source: {layouts: [[stripes.npz]]}}"
    )
    source = catalog.configured("stripes").source()
    assert find_files(source) is None
    (own / "data").mkdir()
    (own / "data/stripes.npz").touch()
    assert find_files(source) == [own / "data/stripes.npz"]


def test_a_module_named_like_a_library_is_refused_and_hides_nothing(own: Path) -> None:
    (own / "json.py").write_text(MODULE)
    with pytest.raises(ConfigurationError, match=r"json\.py has the name of a module of Python"):
        composition.compose_job(["optimizer=late", "optimizer._target_=json.optimizer"])


def test_without_an_own_conf_modules_of_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "stray.py").write_text("raise SystemExit('imported')\n")
    with chdir(tmp_path), pytest.raises(ConfigurationError, match=r"beside conf/ in .* no stray"):
        composition.compose_job(["optimizer._target_=stray.optimizer"])


def test_in_a_checkout_the_program_has_the_only_conf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CONF.parent)
    assert own_conf() is None


def test_the_command_lists_and_shows_own_choices(own: Path) -> None:
    def out(*arguments: str) -> str:
        command = [sys.executable, "-m", "runner", *arguments]
        environment = os.environ | {"COLUMNS": "150"}
        done = subprocess.run(
            command, cwd=own, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout + done.stderr

    (own / "conf/model").mkdir()
    (own / "conf/model/lenet.yaml").touch()
    assert "    late " in out("--help")
    composed = out("optimizer=late", "--cfg", "job")
    assert "_target_: late_optimizers.optimizer" in composed
    assert "note: conf/model/lenet.yaml not used: the program has a file" in composed
    assert "\nthrees " in out("datasets", "list").replace("\n ", "\n")
