"""Files of `conf/`: each composes and says what it is; experiments are the handouts; help."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.base.errors import ConfigurationError
from runner.config.run_config import CONF, Config

Configure = Callable[..., Config]
Command = Callable[..., "subprocess.CompletedProcess[str]"]
HEAVY = {"tensorflow", "keras", "mlflow", "matplotlib", "sklearn", "scipy"}


def choices() -> list[str]:
    groups = [
        "augmentation",
        "callbacks",
        "dataset",
        "experiment",
        "figures",
        "model",
        "optimizer",
        "schedule",
    ]
    files = sorted(path for group in groups for path in (CONF / group).glob("*.yaml"))
    return [f"{path.parent.name}={path.stem}" for path in files]


@pytest.mark.parametrize("choice", choices())
def test_every_file_of_conf_composes(choice: str, configure: Configure) -> None:
    group, _, name = choice.partition("=")
    value = f"[{name}]" if group == "figures" else name
    watched = ["dataset.validation_fraction=0.1"] if group == "callbacks" else []
    config = configure(f"{group}={value}", "training.batch_size=2", *watched)
    if group in ("figures", "callbacks", "augmentation") and name != "none":
        assert len(getattr(config, group)) >= 1


@pytest.mark.parametrize("choice", choices())
def test_every_file_of_conf_says_what_it_is(choice: str) -> None:
    group, _, name = choice.partition("=")
    first, second, *_ = (CONF / group / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    said = second if first.startswith("# @package") else first
    assert said.startswith("# ")
    assert len(said) > 15


HANDOUTS = {
    "mlp1": (40, 100, "mean_squared_error", 5e-4),
    "mlp2": (80, 100, "categorical_crossentropy", 5e-4),
    "cnn1": (30, 100, "categorical_crossentropy", 1e-3),
    "cnn2": (100, 1000, "categorical_crossentropy", 1e-3),
}


@pytest.mark.parametrize("name", HANDOUTS)
def test_the_experiments_are_the_handouts(name: str, configure: Configure) -> None:
    epochs, batch_size, loss, rate = HANDOUTS[name]
    config = configure(f"experiment={name}")
    assert config.dataset.name == "mnist"
    training = config.training
    assert (training.epochs, training.batch_size, training.loss) == (epochs, batch_size, loss)
    assert config.optimizer.function.__name__ == "adam"
    assert config.optimizer.options["learning_rate"] == rate
    schedule = config.schedule
    if name == "cnn2":
        assert schedule.function.__name__ == "plateau"
        expected = {"monitor": "accuracy", "factor": 0.9, "patience": 2, "min_lr": 1e-4}
        assert schedule.options == expected
        assert [change.function.__name__ for change in config.augmentation.values()] == ["shift4"]
    else:
        assert schedule.function.__name__ == "constant"
        assert not config.augmentation


def test_an_experiment_can_be_changed(configure: Configure) -> None:
    config = configure("experiment=cnn1", "dataset=fashion", "training.epochs=2", "optimizer=sgd")
    assert config.dataset.name == "fashion"
    assert config.training.epochs == 2
    assert config.optimizer.options["learning_rate"] == 0.01


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (
            "experiment=cnn2 model=dense",
            ["experiment/cnn2.yaml", "model/dense.yaml", "~model.feat"],
        ),
        ("experiment=mlp-14x14 model=mobilenet", ["experiment/mlp2-whole-image.yaml"]),
        ("experiment=banknote optimizer=adam", ["~optimizer.weight_decay", "optimizer/adam.yaml"]),
        (
            "sweep=fashion-dense-tuned tracking=folder",
            ["sweep/fashion-dense-tuned.yaml", "~tracking.log_model", "tracking/folder.yaml"],
        ),
    ],
)
def test_an_experiments_option_that_another_choice_lacks_is_explained(
    overrides: str, words: list[str], configure: Configure
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configure(*overrides.split())
    assert all(word in str(caught.value) for word in words), caught.value


def test_an_option_that_another_model_lacks_can_be_left_out(configure: Configure) -> None:
    config = configure("experiment=cnn2", "model=dense", "~model.features_dropout")
    assert config.model.options["hidden_dropout"] == 0.5
    assert configure("experiment=cnn2", "model=vgg-3x3").model.options["features_dropout"] == 0.25


def test_a_search_is_kept_in_files_alone(configure: Configure) -> None:
    config = configure("sweep=below-0.66", "tracking=folder", "~tracking.log_model")
    assert config.tracking.store.function.__name__ == "folder_store"


@pytest.mark.parametrize("tracking", ["folder", "mlflow"])
def test_an_experiment_may_name_what_every_store_takes(tracking: str, configure: Configure) -> None:
    config = configure("experiment=environment", f"tracking={tracking}")
    assert config.tracking.experiment == "environment"


def test_help_lists_every_group_and_choice(command: Command, tmp_path: Path) -> None:
    done = command("--help", cwd=tmp_path, COLUMNS="120", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    words = done.stdout.replace("*", " ").split()
    for choice in choices():
        group, _, name = choice.partition("=")
        assert group in words
        assert name in words
    for key in ("training.epochs=30", "training.batch_size=100", "seed=0", "device=auto"):
        assert key in words
    assert "@package" not in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "rich" in imported
    assert not imported & HEAVY
    assert not list(tmp_path.iterdir())
