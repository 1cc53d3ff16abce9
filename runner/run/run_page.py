"""The page of a finished run: what it gave, figures, configuration, how to repeat it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from runner.base.objective import SPLITS, objective_of
from runner.base.option_types import Items, Language
from runner.base.shell import shell_line
from runner.base.stored_files import read_json, reading
from runner.config.dataset_titles import title_in_language
from runner.config.help import translations, yaml_comment
from runner.config.search_path import group_files
from runner.figures.translations import Texts, Translator, translator
from runner.run.closing_table import error_text
from runner.run.html_page import HtmlPage, Section, pictures
from runner.run.result import summarize
from runner.run.run_display import SECTION, result_rows
from runner.run.table_language import (
    baselines_in_language,
    in_language,
    value_in_language,
)
from runner.tracking.found_run import CONFIGURATION, REPORT
from runner.tracking.run_store import SweepTags

PAGE = "report.html"
_OVERRIDES = "configuration/overrides.yaml"
_LEFT_OUT = ("hydra", "tracking", "sweep", "resume")

TEXTS: Texts = {
    "finished {time}": "terminada {time}",
    "{n} seeds": "{n} sementes",
    "part of the sweep {name}: {choices}": "parte da varredura {name}: {choices}",
    "How to repeat it": "Como repetir",
    "Results": "Resultados",
    "Classes": "Classes",
    "class": "classe",
    "precision": "precisão",
    "recall": "revocação",
    "Figures": "Figuras",
    "Figures of seed {seed}": "Figuras da semente {seed}",
    "Configuration": "Configuração",
    "Environment": "Ambiente",
}


def write_run_page(
    folder: Path, sweep: SweepTags | None = None, language: Language | None = None
) -> Path:
    """Write `report.html` into the folder of a finished run, from its other files; return its path.

    Args:
        folder: of the run; with several seeds that of all of them.
        sweep: that the run is part of, if any.
        language: of the page; None is that of the run.

    Raises:
        DataError: a file of the run is damaged.
    """
    return run_page(folder, sweep, language).write(folder / PAGE)


def run_page(
    folder: Path, sweep: SweepTags | None = None, language: Language | None = None
) -> HtmlPage:
    """Return the page of a finished run; see `write_run_page`."""
    with reading(folder / REPORT):
        return _page(folder, sweep, language)


def _page(folder: Path, sweep: SweepTags | None, language: Language | None) -> HtmlPage:
    report, config = read_json(folder / REPORT), _configuration(folder)
    reports = report.get("seeds", [report])
    summary = report["summary"] if "seeds" in report else summarize(reports)
    language = language or config.get("language", "en")
    translate = translator(language, TEXTS)
    rows = [
        (in_language(name, language), value_in_language(value, language))
        for name, value in result_rows(reports, summary, _items(config))
        if name != SECTION
    ]
    return HtmlPage(
        title=_name(folder, config),
        lead=list(_lead(folder, config, len(reports), sweep, translate)),
        result=_result(reports, summary, language),
        sections=[
            Section(translate("How to repeat it"), text=_command(folder)),
            Section(translate("Results"), rows=rows),
            _classes(reports, translate),
            _baselines(reports, language),
            *_figures(folder, reports, language, translate),
            Section(translate("Configuration"), text=_yaml(config)),
            Section(translate("Environment"), rows=_environment(folder)),
        ],
        language=language,
    )


def _result(reports: list[dict[str, Any]], summary: dict[str, Any], language: Language) -> str:
    """Return the main number in words, of the first split that was measured."""
    objective = objective_of(summary)
    for split in reversed(SPLITS):
        if (spread := summary.get(objective.metric_name(split))) is not None:
            several = "sd" in spread
            mean = objective.mean_text(spread["mean"], spread["sd"]) if several else ""
            text = mean or error_text(reports[-1])
            name = in_language(f"{split} {objective.title}", language)
            return f"{name}: {value_in_language(text, language)}"
    return ""


def _lead(
    folder: Path,
    config: dict[str, Any],
    seeds: int,
    sweep: SweepTags | None,
    translate: Translator,
) -> Iterator[str]:
    ended = datetime.fromtimestamp((folder / REPORT).stat().st_mtime).astimezone()
    title = title_in_language(config.get("dataset", {}).get("title", ""), translate.language)
    line = [title, translate("{n} seeds").format(n=seeds) if seeds > 1 else ""]
    line.append(translate("finished {time}").format(time=f"{ended:%Y-%m-%d %H:%M}"))
    yield " · ".join(filter(None, line))
    if sweep is not None:
        chosen = " ".join(f"{key}={value}" for key, value in sweep.choices.items())
        text = translate("part of the sweep {name}: {choices}")
        yield text.format(name=sweep.sweep, choices=chosen)


def _name(folder: Path, config: dict[str, Any]) -> str:
    return str(config.get("tracking", {}).get("run_name") or folder.resolve().name)


def _configuration(folder: Path) -> dict[str, Any]:
    """Return the configuration of a run, or, of one seed, that of the run of all of them."""
    paths = [each / CONFIGURATION for each in (folder, folder.absolute().parent)]
    path = next((each for each in paths if each.is_file()), None)
    if path is None:
        return {}
    with reading(path):
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(config, dict):
            raise TypeError("expected keys and values")
    return config


def _items(config: dict[str, Any]) -> Items:
    """Return what the examples of a run's data are called."""
    return "rows" if len(config.get("dataset", {}).get("shape", ())) == 1 else "images"


def _command(folder: Path) -> str:
    """Return the command line of a run; empty where its folder does not have it."""
    path = folder / _OVERRIDES
    if not path.is_file():
        return ""
    with reading(path):
        overrides = yaml.safe_load(path.read_text(encoding="utf-8"))
        return shell_line(["python", "-m", "runner", *map(str, overrides)])


def _baselines(reports: list[dict[str, Any]], language: Language) -> Section:
    if not reports[-1].get("learners"):
        return Section("")
    return Section(*baselines_in_language(reports, language))


def _yaml(config: dict[str, Any]) -> str:
    """Return what computes the result: not where it is stored, and with which password."""
    shown = {key: value for key, value in config.items() if key not in _LEFT_OUT}
    return str(yaml.safe_dump(shown, sort_keys=False, allow_unicode=True)) if shown else ""


def _environment(folder: Path) -> list[tuple[str, str]]:
    path = folder / "environment.json"
    described = read_json(path) if path.is_file() else {}
    return [(str(name), str(value)) for name, value in described.items()]


def _classes(reports: list[dict[str, Any]], translate: Translator) -> Section:
    """Return precision, recall and F1 of each class, means over the seeds."""
    header = [translate("class"), translate("precision"), translate("recall"), "F1"]
    if any("classes" not in report for report in reports):
        return Section(translate("Classes"))

    def mean(name: str, metric: str) -> str:
        values = [report["classes"][name][metric] for report in reports]
        return translate.number(sum(values) / len(values), ".3f")

    rows = [
        [name, *(mean(name, metric) for metric in ("precision", "recall", "f1"))]
        for name in reports[0]["classes"]
    ]
    return Section(translate("Classes"), header, rows)


def _figures(
    folder: Path,
    reports: list[dict[str, Any]],
    language: Language,
    translate: Callable[[str], str],
) -> Iterator[Section]:
    """Yield the figures of a run, and of its first seed where it has several."""
    names = _captions(language)
    over_seeds = [
        each for name in ("seeds", "baselines") for each in sorted(folder.glob(f"{name}.*"))
    ]
    own = [*over_seeds, *sorted((folder / "figures").glob("*"))]
    yield Section(translate("Figures"), pictures=pictures(own, names))
    if len(reports) > 1:
        seed = reports[0]["seed"]
        paths = sorted((folder / f"seed-{seed}" / "figures").glob("*"))
        title = translate("Figures of seed {seed}").format(seed=seed)
        yield Section(title, pictures=pictures(paths, names))


def _captions(language: Language) -> dict[str, str]:
    """Return name and explanation of each figure, as the help has them."""
    translated = translations(language).get("choices", {}).get("figures", {})
    explained = {path.stem: yaml_comment(path) for path in group_files("figures")}
    return {name: f"{name}: {translated.get(name, english)}" for name, english in explained.items()}
