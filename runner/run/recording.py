"""What a run leaves behind: files in its folder, and runs in MLflow, one for each seed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

from omegaconf import OmegaConf

from runner.config.run_config import Config
from runner.run import result
from runner.run.fingerprint import fingerprint as identify
from runner.run.init_from import InitFrom
from runner.run.recorder import Record, place
from runner.tracking import mlflow_logging
from runner.tracking.sweep_tags import SweepTags


@contextmanager
def record(
    config: Config,
    node: dict[str, Any],
    folder: Path,
    tags: dict[str, str],
    *,
    digests: dict[str, str],
    origin: InitFrom | None = None,
    sweep_tags: SweepTags | None = None,
) -> Iterator[Record]:
    """Open the record of a run.

    Args:
        config: that is run.
        node: the same as plain containers, logged as parameters.
        folder: for the files.
        tags: the versions and the hardware it runs on.
        digests: of its data.
        origin: what its trainings go on from, or None.
        membership: its place in a sweep, or None.
    """
    tracker = mlflow_logging.open_tracker(config.tracking, Path("outputs"))
    Thread(target=_import_later_needs, daemon=True).start()

    def what(seeds: list[int]) -> str:
        return identify(node, seeds, digests | (origin.digests(seeds) if origin else {}))

    seeds = {seed: what([seed]) for seed in config.all_seeds}
    whole = {"level": "job", "fingerprint": what(config.all_seeds)}
    whole |= {"init_from": origin.place} if origin else {}
    common = sweep_tags.tags if sweep_tags else {}
    own = common | whole | place(folder)
    parent = sweep_tags.parent if sweep_tags else None
    with tracker.run(config.tracking.run_name, tags | digests | own, parent) as run_id:
        folder.mkdir(parents=True, exist_ok=True)
        if sweep_tags:
            _keep_configuration(node, folder)
        result.write_json(folder / "environment.json", tags)
        mlflow_logging.log_configuration({key: node[key] for key in node if key != "sweep"})
        opened = Record(config, folder, tracker, run_id, seeds, common, tags, origin)
        if sweep_tags and len(seeds) > 1:
            opened.adopt(sweep_tags.sweep, sweep_tags.job)
        yield opened
        opened.close()


def _keep_configuration(node: dict[str, Any], folder: Path) -> None:
    """Write the configuration of a sweep's job where Hydra writes that of a single run."""
    path = folder / "configuration" / "config.yaml"
    path.parent.mkdir(exist_ok=True)
    OmegaConf.save(OmegaConf.create(node), path)


def _import_later_needs() -> None:
    """Import what is needed after training while XLA compiles, which leaves Python idle."""
    for module in ("mlflow.tensorflow", "matplotlib.backends.backend_agg"):
        import_module(module)
