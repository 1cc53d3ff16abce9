"""The command `python -m runner.inspect`: figures of a trained network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from runner import datasets
from runner.base.command import run_command
from runner.base.console import say, show_text
from runner.base.device import prepare_device
from runner.base.errors import ConfigurationError
from runner.base.language import errors_in
from runner.base.option_types import FigureFormat, Language
from runner.config.component import Component, parse_component
from runner.config.dataset_config import DatasetConfig
from runner.config.dataset_titles import title_in_language
from runner.config.groups import FIGURES
from runner.figures.figure_declarations import applies_to, needs_images, reason
from runner.figures.figure_files import place, save_figure
from runner.figures.finished_run import FinishedRun
from runner.models.saved_networks import save_network
from runner.predict import inspected_run
from runner.predict.inspect_arguments import (
    OF_CHOSEN_IMAGES,
    InspectArguments,
    compose_figures,
    default_figures,
    parse_arguments,
)
from runner.predict.network_arguments import listed_names
from runner.predict.predict_language import UNTOUCHED, UNTRAINED, in_language, labeled
from runner.run import table_language
from runner.tracking.trained_network import TrainedNetwork


def main() -> int:
    """Draw what the command line names; the exit code is 0 where anything was drawn."""
    return run_command(_run)


def _run(arguments: Sequence[str]) -> bool:
    return bool(inspect(parse_arguments(arguments)))


def inspect(arguments: InspectArguments) -> list[Path]:
    """Draw the figures of a trained network that a command line names.

    Returns:
        the files that were written.
    """
    named = compose_figures(arguments.figures) if arguments.figures else {}
    trained = arguments.network.find()
    language = arguments.network.language or trained.language
    with errors_in(language):
        return _inspected(trained, named, arguments, language)


def _inspected(
    trained: TrainedNetwork,
    named: dict[str, Component],
    arguments: InspectArguments,
    language: Language,
) -> list[Path]:
    network = arguments.network
    weights_alone = (named or arguments.save) and not any(map(needs_images, named.values()))
    if weights_alone and trained.folder is None and not arguments.images:
        return _mere_file(trained, named, arguments, language)
    config = trained.dataset(network.dataset)
    figures = named or _usual_figures(trained, chosen_images=bool(arguments.images))
    _introduce(trained, config, language)
    device = prepare_device("auto", "float32", deterministic=False)
    saved = _saved(trained, arguments.save, language)
    if saved and not (named or arguments.images):
        return saved
    data = datasets.load(config, language)

    run = inspected_run.load_run(trained, data, network.scale, language, device)
    run = inspected_run.choose_images(run, arguments.images, config.own_pictures)
    for line in inspected_run.describe_chosen(run, device):
        say(line)
    by_user = bool(named) or run.selected is not None
    written = _draw(run, figures, arguments, _folder(trained), by_user)
    if written and (stored := trained.stored):
        name = written[0].parent.name
        within = f"inspected/{name}" if arguments.output else name
        stored[0].add_figures(stored[1].run_id, written, within)
        with_run = in_language("with run", language)
        say(labeled("logged", f"{with_run} {stored[1].run_id}", language))
    return written


def _introduce(trained: TrainedNetwork, config: DatasetConfig, language: Language) -> None:
    """Print which network it is, of which data, and what is to be known of its run."""
    if trained.is_untrained:
        say(in_language(UNTRAINED, language))
    title = title_in_language(config.title, language)
    say(labeled("network", str(trained.network), language))
    say(labeled("of", f"{title}: {listed_names(config.task(language).names)}", language))
    if not trained.configuration.get("evaluation", {}).get("test", True):
        say(in_language(UNTOUCHED, language))


def _mere_file(
    trained: TrainedNetwork,
    figures: dict[str, Component],
    arguments: InspectArguments,
    language: Language,
) -> list[Path]:
    """Save, or draw the weights of, a network of which nothing else is known."""
    say(labeled("network", str(trained.network), language))
    prepare_device("auto", "float32", deterministic=False)
    saved = _saved(trained, arguments.save, language)
    if not figures:
        return saved
    run = inspected_run.load_weights(trained, language)
    return _draw(run, figures, arguments, _folder(trained), by_user=True)


def _saved(trained: TrainedNetwork, path: Path | None, language: Language) -> list[Path]:
    """Save the network where the command line says so; return the file."""
    if path is None:
        return []
    if path.exists():
        raise ConfigurationError(f"--save {path}: it is there already; remove it, or name another")
    save_network(trained.network, path)
    say(labeled("saved", str(path), language))
    return [path]


def _draw(
    run: FinishedRun,
    figures: dict[str, Component],
    arguments: InspectArguments,
    own: Path,
    by_user: bool,
) -> list[Path]:
    """Draw figures, and say which; return their files.

    Args:
        run: that is shown.
        figures: by name.
        arguments: of the command line: a folder for them, whatever it holds, and their format.
        own: folder that is taken without one, where no other figure is replaced.
        by_user: whether those that do not apply are named.
    """
    with TemporaryDirectory() as temporary:
        folder = arguments.output or Path(temporary)
        drawn = list(_drawn(run, figures, folder, arguments.form, by_user))
        written = drawn if arguments.output else place(drawn, own)
    for path in written:
        _show(path, run.language)
    return written


def _drawn(
    run: FinishedRun,
    figures: dict[str, Component],
    folder: Path,
    form: FigureFormat,
    by_user: bool,
) -> Iterator[Path]:
    for name, figure in figures.items():
        applies = applies_to(figure, run)
        paths = save_figure(figure(run), folder / name, form) if applies else []
        if by_user and not paths:
            why = table_language.in_language(reason(figure, run), run.language)
            say(labeled("not drawn", f"{name}: {why}", run.language))
        yield from paths


def _show(path: Path, language: Language) -> None:
    say(labeled("drawn", str(path), language))
    if path.suffix == ".txt":
        show_text(path)


def _usual_figures(trained: TrainedNetwork, chosen_images: bool) -> dict[str, Component]:
    """Return the figures for a command line without any; see its help."""
    if chosen_images:
        return compose_figures(OF_CHOSEN_IMAGES)
    configured = trained.configured("figures") or {}
    figures = {name: parse_component(one, FIGURES) for name, one in configured.items()}
    return figures or default_figures()


def _folder(trained: TrainedNetwork) -> Path:
    if trained.folder is not None:
        return trained.folder / "figures"
    return Path("outputs") / "inspected" / trained.name
