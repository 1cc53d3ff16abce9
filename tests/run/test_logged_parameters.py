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
