"""Finding a trained network and what its run left."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.config import DatasetConfig
from runner.errors import ConfigurationError
from runner.explanation import nearest
from runner.figures.texts import Language
from runner.parsing import parse_dataset

if TYPE_CHECKING:
    from runner.history import Run

FORMATS = (".keras", ".h5", ".hdf5")
_OUTPUTS, _NETWORK, _CONFIGURATION = Path("outputs"), "model.keras", "configuration/config.yaml"
_ID = set("0123456789abcdef")


@dataclass(frozen=True)
class Trained:
    """A trained network, and what is known of it.

    Attributes:
        name: for people.
        network: its file.
        folder: that its run left, or None for a mere file.
        node: configuration of its run in plain containers; empty for a mere file.
        run_id: of its MLflow run, or None where there is none.
    """

    name: str
    network: Path
    folder: Path | None = None
    node: dict[str, Any] = field(default_factory=dict)
    run_id: str | None = None

    @property
    def language(self) -> Language:
        """Language of its run's figures."""
        language: Language = self.node.get("language", "en")
        return language

    def dataset(self, name: str | None) -> DatasetConfig:
        """Return the data set of a name, or else the one it was trained on.

        Raises:
            ConfigurationError: neither is known, or there is no data set of that name.
        """
        if name is not None:
            from runner.datasets import catalogue

            return catalogue.configured(name)
        if not self.node:
            raise ConfigurationError(
                f"{self.network}: a mere file; say what it recognises, as in --dataset mnist"
            )
        return parse_dataset(self.node["dataset"])


def find(word: str, seed: int | None = None, uri: str | None = None) -> Trained:
    """Find the network that somebody means.

    Args:
        word: a file or folder, the name or the beginning of the id of an MLflow run, or `latest`.
        seed: of a run with several; None is the first.
        uri: of the MLflow store; None is `outputs/mlflow.db`.

    Raises:
        ConfigurationError: there is no such network, or it is not clear which one is meant.
    """
    path = Path(word)
    if path.is_dir():
        return _of_folder(path, seed, uri)
    if path.is_file():
        in_run = path.name == _NETWORK and _configuration(path.parent)
        if in_run:
            return _of_folder(path.parent, seed, uri)
        if seed is not None:
            raise ConfigurationError(f"--seed {seed}: {word} is a file, with one network")
        return Trained(path.stem, path)
    if path.suffix in FORMATS or len(path.parts) > 1:
        raise ConfigurationError(f"{word}: there is no such file or folder")
    if not _connect(uri):
        raise ConfigurationError(
            f"{word}: neither a file nor a folder, and there is no {_OUTPUTS / 'mlflow.db'} with "
            "runs; change to the directory that they were started in, or give --uri"
        )
    return _of_run(_latest() if word == "latest" else _the_one(word), seed, uri)


def _of_folder(folder: Path, seed: int | None, uri: str | None) -> Trained:
    """Return the network of a run's folder, or of one of the seeds' folders in it."""
    seeds = {int(path.parent.name.partition("-")[2]): path.parent
             for path in folder.glob(f"seed-*/{_NETWORK}")}  # fmt: skip
    if seeds:
        seed = min(seeds) if seed is None else seed
        if seed not in seeds:
            listed = ", ".join(map(str, sorted(seeds)))
            raise ConfigurationError(f"--seed {seed}: {folder} has the seeds {listed}")
        return _of_folder(seeds[seed], None, uri)
    if seed is not None and folder.name != f"seed-{seed}":
        raise ConfigurationError(f"--seed {seed}: {folder} holds the network of one seed only")
    node = _configuration(folder) or _configuration(folder.parent)
    if not (folder / _NETWORK).is_file() or not node:
        missing = _CONFIGURATION if (folder / _NETWORK).is_file() else _NETWORK
        raise ConfigurationError(f"{folder}: no folder of a finished run: it has no {missing}")
    run_id = None
    if _connect(uri):
        from runner import history

        run_id = next((run.run_id for run in reversed(history.in_folder(folder))), None)
    return Trained(folder.resolve().name, folder / _NETWORK, folder, node, run_id)


def _of_run(run: "Run", seed: int | None, uri: str | None) -> Trained:
    """Return the network of an MLflow run, from its folder or else from what was logged."""
    from runner import history

    if Path(run.tags.get("folder", "\0")).is_dir():
        return _of_folder(Path(run.tags["folder"]), seed, uri)
    wanted = history.of_seed(run, seed)
    if wanted is None:
        raise ConfigurationError(f"run {run.run_id}: its MLflow runs hold no seed {seed}")
    folder = _OUTPUTS / "inspected" / wanted.run_id
    if not history.download(wanted, folder):
        raise ConfigurationError(
            f"run {run.run_id}: its folder is gone, and MLflow holds no network of it; with "
            "tracking.log_model=true it would"
        )
    node = history.configuration(run)
    return Trained(wanted.tags["mlflow.runName"], folder / _NETWORK, folder, node, wanted.run_id)


def _the_one(word: str) -> "Run":
    from runner import history

    runs = history.named(word)
    if not runs and set(word) <= _ID:
        runs = history.beginning_with(word)
        if len(runs) > 1:
            ids = ", ".join(run.run_id for run in runs[:5])
            raise ConfigurationError(f"{word}: {len(runs)} runs begin so ({ids}, ...); write more")
    if not runs:
        names = {"latest", *(run.tags.get("mlflow.runName", "") for run in history.finished())}
        raise ConfigurationError(
            f"{word}: no file or folder, and no run of this name or id{nearest(word, names)}"
        )
    finished = [
        run for run in runs if run.status == "FINISHED" and run.tags.get("level") != "sweep"
    ]
    if not finished:
        kind = runs[-1].tags.get("level", "run")
        raise ConfigurationError(
            f"{word}: this {kind} is {runs[-1].status} and left no network; choose a finished run"
        )
    return finished[-1]


def _latest() -> "Run":
    from runner import history

    newest = next((run for run in history.finished() if run.tags.get("level") == "job"), None)
    if newest is None:
        raise ConfigurationError("latest: there is no finished run yet")
    return newest


def _connect(uri: str | None) -> bool:
    """Choose the MLflow store; tell whether there is one."""
    if uri is None and not (_OUTPUTS / "mlflow.db").is_file():
        return False
    from runner import tracking

    tracking.connect(uri, _OUTPUTS)
    return True


def _configuration(folder: Path) -> dict[str, Any] | None:
    """Return what the configuration kept in a folder says of data and figures, or None."""
    from omegaconf import DictConfig, OmegaConf

    if not (folder / _CONFIGURATION).is_file():
        return None
    composed = OmegaConf.load(folder / _CONFIGURATION)
    assert isinstance(composed, DictConfig)
    parts = ("dataset", "augmentation", "figures", "language", "evaluate_test")
    kept = OmegaConf.masked_copy(composed, [part for part in parts if part in composed])
    node = OmegaConf.to_container(kept, resolve=True)
    assert isinstance(node, dict)
    return {str(key): value for key, value in node.items()}
