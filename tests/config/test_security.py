"""Configurations of strangers and names that are none: nothing runs, nothing leaves `outputs/`."""

import json
import re
import shutil
import time
from pathlib import Path

import pytest
from calling import call

from runner import __main__ as program
from runner.base import program_files
from runner.base.errors import ConfigurationError
from runner.config import composition
from runner.config.component import as_plain
from runner.config.dataset_checks import parse_dataset
from runner.predict import __main__ as predict_command
from runner.predict import inspection
from runner.run.init_from import find_init_from
from runner.sweeps.preparation import check_command
from runner.tracking import ui_command
from runner.tracking.network_finder import find_network
from runner.tracking.trained_network import TrainedNetwork

PAYLOAD = """
from pathlib import Path

Path("executed").touch()

def source(**_):
    Path("executed").touch()
"""
REFUSED = "given.payload.source, which is not run"


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run's folder from somebody else, beside a user's own conf/, with a payload in it."""
    folder = tmp_path / "given"
    (folder / "configuration").mkdir(parents=True)
    (tmp_path / "conf").mkdir()
    node = {"dataset": as_plain(composition.compose_job([]).dataset), "language": "en"}
    node["dataset"]["source"] = {"_target_": "given.payload.source"}
    (folder / "configuration/config.yaml").write_text(json.dumps(node), encoding="utf-8")
    (folder / "payload.py").write_text(PAYLOAD, encoding="utf-8")
    (folder / "model.keras").touch()
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_run_of_somebody_else_brings_no_code_along(given: Path) -> None:
    for said in (
        call(predict_command.main, "given", "picture.png"),
        call(inspection.main, "given", "confusion-matrix"),
    ):
        assert REFUSED in said.refusal
        assert "no file of your own conf/ names it" in said.refusal
    with pytest.raises(ConfigurationError, match=REFUSED):
        find_init_from(composition.compose_job(["init_from=given"]))
    assert not (given.parent / "executed").exists()


@pytest.mark.parametrize("part", ["figures", "augmentation"])
def test_no_part_of_its_configuration_does(part: str, given: Path) -> None:
    node = {"dataset": {"name": "mnist"}, part: {"own": {"_target_": "given.payload.source"}}}
    (given / "configuration/config.yaml").write_text(json.dumps(node), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=REFUSED):
        find_network("given").configured(part)
    assert not (given.parent / "executed").exists()


def test_what_a_file_of_the_own_conf_names_is_trusted(given: Path) -> None:
    (given.parent / "conf/dataset").mkdir()
    own = given.parent / "conf/dataset/own.yaml"
    own.write_text("# _target_: given.payload.source\nname: own\n")
    with pytest.raises(ConfigurationError, match=REFUSED):
        find_network("given").configured("dataset")
    own.write_text("source: {_target_: given.payload.source}\n")
    plain = find_network("given").configured("dataset")
    assert plain["source"] == {"_target_": "given.payload.source"}


def test_components_of_the_program_need_no_trust(given: Path) -> None:
    node = {"dataset": as_plain(composition.compose_job([]).dataset)}
    (given / "configuration/config.yaml").write_text(json.dumps(node), encoding="utf-8")
    shutil.rmtree(given.parent / "conf")
    assert parse_dataset(find_network("given").configured("dataset")).name == "mnist"


OWN = """
from os import _exit as leave

def stop(seed, *, patience: int = 1):
    return seed

def nothing():
    raise SystemExit("called")

value = 3
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a module beside conf/."""
    (tmp_path / "conf").mkdir()
    (tmp_path / "own_security.py").write_text(OWN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


CALLBACKS = "choose callbacks=checkpoint, early-stopping, none"


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("+callbacks.x._target_=os._exit", ["callbacks: _target_=os._exit", CALLBACKS]),
        ("schedule._target_=builtins.exec", ["builtins.exec", "choose schedule=constant, cosine"]),
        ("model._target_=runner.training.optimizers.adam", ["no component of it", "dense, "]),
        ("+callbacks.x._target_=runner.base.console.say", ["no component of it", CALLBACKS]),
        ("dataset.source._target_=runner.models.dense.dense", ["dataset.source", "mnist"]),
        ("model._target_=..x", ["expected module.function", "choose model=dense"]),
        ("model._target_=x", ["choose model=dense"]),
        ("model._target_=null", ["choose model=dense"]),
        ("+callbacks.x._target_=own_security.leave", ["is not defined in its module but in"]),
        ("+callbacks.x._target_=own_security.value", ["is a int, no function"]),
        ("+callbacks.x._target_=own_security.nothing", ["positional arguments seed", CALLBACKS]),
        ("+augmentation.x._target_=own_security.stop", ["keyword-only options alone"]),
        ("tracking._target_=own_security.stop", ["arguments experiment, outputs, uri"]),
    ],
)
def test_a_target_is_a_component_of_its_group(override: str, words: list[str]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        composition.compose_job([override])
    message = str(raised.value)
    assert "\n" not in message
    for word in words:
        assert word in message


@pytest.mark.usefixtures("own")
def test_an_own_function_needs_its_signature_alone() -> None:
    config = composition.compose_job(["+callbacks.x._target_=own_security.stop"])
    assert config.callbacks["x"](3) == 3


REFUSED_NAMES = {
    "tracking.experiment=../../../../x": ["tracking.experiment=../../../../x: should be a name"],
    "dataset.name=../../../x": ["dataset.name=../../../x: should be a name that a folder"],
    "dataset.name=..": ["dataset.name=..: should be a name"],
    "tracking.run_name=/tmp/x": ["tracking.run_name=/tmp/x: should be a name"],
    "tracking.run_name=": ["tracking.run_name=: should be a name"],
    f"tracking.run_name={'x' * 121}": ["at most 120 bytes"],
    "sweep.name=..": ["sweep.name=..: should be a name"],
    "sweep.name=../x": ["sweep.name=../x: should be a name"],
    "hydra.job.chdir=true": ["hydra.job.chdir=true: ", "leave it false"],
    "hydra.mode=MULTIRUN": ["hydra.mode=MULTIRUN: write -m before"],
    "+hydra.callbacks.x._target_=os._exit": ["hydra.callbacks=['x']", "group callbacks"],
    "dataset=[mnist,fashion]": ["dataset=[mnist,fashion]: takes one choice"],
    "experiment=[cnn1,cnn2]": ["experiment=[cnn1,cnn2]: takes one choice", "-m experiment=A,B"],
    "sweep=[grid,grid]": ["sweep=[grid,grid]: takes one choice"],
}


@pytest.mark.parametrize("override", REFUSED_NAMES)
def test_a_refusal_is_one_line_and_writes_nothing(
    override: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = call(program.main, override)
    for word in REFUSED_NAMES[override]:
        assert word in said.refusal
    assert not list(tmp_path.iterdir())


def test_servers_listen_on_this_machine_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    makefile = (program_files.CONF.parent / "Makefile").read_text(encoding="utf-8")
    documents = [
        path.read_text("utf-8") for path in (program_files.CONF.parent / "docs").glob("*.md")
    ]
    for text in (makefile, *documents):
        joined = text.replace("\\\n", " ")
        for started in re.findall(r"mlflow (?:ui|server) .*", joined):
            assert "--host 127.0.0.1" in started
        assert "0.0.0.0" not in joined
    assert "runner ui" in makefile
    assert ui_command.HOST == "127.0.0.1"


LARGE = {
    "seeds=1000000000": "seeds=1000000000: should be a number of seeds or a list of them, from 1",
    "seed=2147483647 seeds=2": "the last would be 2147483648",
    "-m seed=range(0,1000000000)": "seed=range(0,1000000000): more than 10,000 values",
    "-m seed=range(0,1000) training.epochs=range(0,99)": "99,000 jobs, expected at most 10,000",
}


@pytest.mark.parametrize("line", LARGE)
def test_too_many_are_refused_at_once(line: str) -> None:
    started = time.perf_counter()
    with pytest.raises(ConfigurationError, match=re.escape(LARGE[line])):
        check_command(line.split())
    assert time.perf_counter() - started < 5


def test_many_seeds_are_checked_in_no_time() -> None:
    started = time.perf_counter()
    seeds = composition.compose_job(["seeds=10000"]).all_seeds
    assert (len(seeds), time.perf_counter() - started < 5) == (10_000, True)


@pytest.mark.parametrize("uri", ["nope://x", "sqlit:///x.db", "http+x://y", "c://x"])
def test_an_address_of_no_store_is_refused_at_once(
    uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    started = time.perf_counter()
    scheme = uri.partition(":")[0]
    with pytest.raises(ConfigurationError, match=rf"^tracking\.uri={re.escape(uri)}: should be a"):
        composition.compose_job([f"tracking.uri={uri}"])
    said = call(predict_command.main, "latest", "picture.png", "--uri", uri)
    assert f"not with {scheme}://" in said.refusal
    assert time.perf_counter() - started < 5
    assert not list(tmp_path.iterdir())


def test_an_empty_address_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"^tracking\.uri=: is empty; write null for"):
        composition.compose_job(["tracking.uri="])
    assert "is empty" in call(predict_command.main, "latest", "picture.png", "--uri", "").refusal
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "uri",
    [
        *("null", "elsewhere", "/folder", "file:///folder", "http://127.0.0.1:5000", "databricks"),
        *("sqlite:///x.db", "postgresql+psycopg://me@there/db", "databricks://profile"),
    ],
)
def test_addresses_of_stores_are_left_as_they_are(uri: str) -> None:
    config = composition.compose_job([f"tracking.uri={uri}"])
    assert config.tracking.uri == (None if uri == "null" else uri)


@pytest.mark.usefixtures("given")
def test_a_run_of_a_store_brings_no_code_along_either() -> None:
    node = {"dataset": {"source": {"_target_": "given.payload.source"}}}
    for logged in ("0123", None):  # of MLflow, and a registered model without a run of its own
        trained = TrainedNetwork("digits-3", Path("model.keras"), None, node, logged)
        with pytest.raises(ConfigurationError, match=f"^digits-3: .*{REFUSED}"):
            trained.own_dataset()


def test_a_configuration_of_no_data_set_is_refused_in_one_line(given: Path) -> None:
    (given / "configuration/config.yaml").write_text("dataset: {name: 3, shape: [1, 2]}")
    with pytest.raises(ConfigurationError) as raised:
        find_network("given").own_dataset()
    message = str(raised.value)
    assert message.startswith("given: its configuration: dataset: name=3: should be a valid string")
    assert "\n" not in message
