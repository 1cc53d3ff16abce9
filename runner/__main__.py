"""`python -m runner`: from the command line to a tracked result."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from runner.config import CONF, Config
from runner.errors import RunnerError

INTERRUPTED = 130
TRACEBACKS = bool(os.environ.get("HYDRA_FULL_ERROR"))
_failures: list[BaseException] = []


def run(config: Config, node: dict[str, Any], folder: Path) -> None:
    """Train and evaluate one configuration with each of its seeds, and keep what they gave.

    Args:
        config: checked and typed.
        node: the same as plain containers, to be shown and logged.
        folder: for the files.
    """
    from runner import datasets, device, environment, terminal

    place = device.prepare(config.device, config.precision, config.deterministic)
    terminal.show_configuration(node, place)
    data = datasets.load(config.dataset, config.language)
    tags = environment.describe() | environment.git() | data.digests

    from runner.evaluation import evaluate
    from runner.record import record
    from runner.results import Result
    from runner.training import Trainer

    with record(config, node, folder, tags) as kept:
        trainer = Trainer(config, data.train, data.validation, data.classes, place)
        for seed in config.all_seeds:
            with kept.seed(seed) as callbacks:
                training = trainer.fit(seed, callbacks)
                report = evaluate(training.model, data.test, data.class_names, place.is_gpu)
                kept.keep(Result(seed, training, report), data)
    terminal.show_results(kept.numbers, kept.summary, folder)


def main() -> None:
    """Answer a question about the command line, or run the jobs it describes."""
    arguments = sys.argv[1:]
    if {"-h", "--help"} & set(arguments):
        from runner.help import show_help

        show_help()
        return
    from runner import composition

    try:
        composition.check(arguments)
        _run_jobs()
    except Exception as error:  # noqa: BLE001 - what stops a job is said in _job, the rest here
        _fail(error)
    except KeyboardInterrupt:
        _say("interrupted; what was logged until now is kept, the run is marked KILLED")
        sys.exit(INTERRUPTED)
    sys.exit(1 if _failures else 0)


def _run_jobs() -> None:
    import hydra

    signal.signal(signal.SIGTERM, _terminate)
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra passes errors on and prints no traceback of them
    hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")(_job)()


def _job(composed: Any) -> None:
    """Run one job; a failure is said and remembered, and does not stop the jobs after it."""
    from hydra.core.hydra_config import HydraConfig

    from runner import composition

    node = composition.plain(composed)
    try:
        run(composition.typed(node), node, Path(HydraConfig.get().runtime.output_dir))
    except Exception as error:  # noqa: BLE001 - whatever stops a job, the next one is started
        _fail(error)
    finally:
        _forget_networks()


def _fail(error: Exception) -> None:
    if TRACEBACKS:
        raise error
    _failures.append(error)
    kind = "" if isinstance(error, RunnerError) else f"{type(error).__name__}: "
    _say(f"{kind}{error}")


def _say(message: str) -> None:
    from runner import terminal

    terminal.show_error(message)


def _forget_networks() -> None:
    if "keras" in sys.modules:
        import keras

        keras.utils.clear_session()


def _terminate(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
