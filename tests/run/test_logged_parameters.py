"""The few parameters that a run is opened with, and told apart by."""

from collections.abc import Callable

import pytest

from runner.base.console import console
from runner.base.device import Device
from runner.config.run_config import Config
from runner.run.logged_parameters import logged_parameters
from runner.run.run_display import show_configuration

Configure = Callable[..., Config]


def test_what_the_library_builds_is_named_though_the_file_chose_it(
    configure: Configure, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "width", 200)
    config = configure("experiment=cnn1", "optimizer=keras")
    assert logged_parameters(config)["name"] == "Nadam"
    show_configuration(config, Device(False, "CPU", "device=cpu"))
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("with ")]
    assert {"name=Nadam", "optimizer=keras"} <= set(line.split())


def test_what_the_user_changed_is_named_once(configure: Configure) -> None:
    parameters = logged_parameters(configure("optimizer=keras", "optimizer.name=Lion"))
    assert parameters["name"] == "Lion"
    assert "optimizer.name" not in parameters
    assert "name" not in logged_parameters(configure("optimizer=adam"))


@pytest.mark.parametrize("letters", [30, 31, 32, 33])
def test_a_long_name_is_broken_once_and_after_a_sign(
    letters: int,
    configure: Configure,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(console, "width", 49)
    name = "a" * letters + "+seeds-2"
    config = configure(f"tracking.run_name={name}")
    show_configuration(config, Device(False, "CPU", "device=cpu"))
    lines = [line.rstrip() for line in capsys.readouterr().out.partition("data ")[0].splitlines()]
    first, *rest = lines
    assert "".join([first.removeprefix("run").strip(), *map(str.strip, rest)]) == name
    assert len(lines) <= 2
    assert all(line.endswith(("+", "-")) for line in lines[:-1])
