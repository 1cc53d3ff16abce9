"""The table of a sweep, its figures, and the comparison of two runs."""

import csv
import io
import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from runner.base.errors import ConfigurationError
from runner.base.objective import ERROR, OBJECTIVES, Objective
from runner.base.option_types import Language
from runner.config.naming import short_key
from runner.figures.seed_errors import draw_seeds
from runner.sweeps.report.comparison import compare, errors_of
from runner.sweeps.report.power_law import fit_power_law
from runner.sweeps.report.sweep_figures import draw, scale
from runner.sweeps.report.sweep_language import TranslatedTable
from runner.sweeps.report.sweep_page import write_sweep_page
from runner.sweeps.report.sweep_table import JobRow, Table, tabulate
from runner.tracking.run_store import StoredRun

A = {0: 1.00, 1: 1.10, 2: 0.90, 3: 1.05}
B = {0: 0.80, 1: 0.95, 2: 0.72, 3: 0.81}


def job(started: float, choices: dict[str, str], status: str = "", **numbers: float) -> StoredRun:
    name = ",".join(choices.values())
    tags = {"level": "job", "job": name, "choices": json.dumps(choices), "fingerprint": name}
    if status:
        tags["error"] = "it | broke"
    run_id = f"id-{started}"
    return StoredRun(run_id, name, status or "FINISHED", started, tags=tags, metrics=numbers)


def seeds(kind: str, mean: float, sd: float) -> dict[str, Any]:
    return {f"{kind}_error.mean": mean, f"{kind}_error.sd": sd}


ROWS = [
    job(
        1,
        {"model": "lenet", "x.rate": "0.1"},
        **seeds("validation", 0.03, 0.001),
        **seeds("test", 0.01, 0.1),
    ),
    job(
        2,
        {"model": "lenet", "x.rate": "0.2"},
        **seeds("validation", 0.02, 0.002),
        **seeds("test", 0.04, 0.1),
    ),
    job(3, {"model": "lenet", "x.rate": "0.3"}, "FAILED"),
]


def test_rows_are_sorted_by_validation_error_though_the_test_error_says_otherwise() -> None:
    table = tabulate("s", ROWS)
    assert [row.choices["x.rate"] for row in table.rows] == ["0.2", "0.1", "0.3"]
    assert not table.by_test
    assert table.rows[0].means["validation"] == pytest.approx(2.0)
    assert table.rows[0].sds["validation"] == pytest.approx(0.2)


def test_only_what_varied_is_shown() -> None:
    assert tabulate("s", ROWS).varied == ["x.rate"]
    assert tabulate("s", ROWS[:1]).varied == []


def test_without_validation_images_the_table_says_that_it_is_sorted_by_test_error() -> None:
    runs = [job(n, {"seed": str(n)}, test_error=error) for n, error in enumerate((0.3, 0.1))]
    table = tabulate("s", runs)
    assert [row.choices["seed"] for row in table.rows] == ["1", "0"]
    assert "not to choose by" in table.note
    assert "not to choose by" not in tabulate("s", ROWS).note


def test_a_row_is_the_latest_attempt() -> None:
    attempts = [job(1, {"seed": "0"}, "KILLED"), job(2, {"seed": "0"}, validation_error=0.1)]
    (row,) = tabulate("s", attempts).rows
    assert (row.status, row.run_id, row.error) == ("finished", "id-2", "")


def test_markdown_and_csv_hold_every_row() -> None:
    table = tabulate("s", ROWS)
    lines = [line for line in table.markdown().splitlines() if line.startswith("|")]
    assert len(lines) == 2 + 3
    assert len({line.count("|") for line in lines}) == 1
    assert "0.3 failed: it | broke" in table.markdown()
    rows = list(csv.DictReader(io.StringIO(table.csv())))
    assert [row["status"] for row in rows] == ["finished", "finished", "failed"]
    assert float(rows[0]["test_error_mean"]) == pytest.approx(4.0)
    assert rows[2]["validation_error_mean"] == ""


def test_the_table_is_in_portuguese_but_for_what_was_chosen_and_messages() -> None:
    runs = [job(n, {"x.seeds": f"0.{n}"}, **seeds("test", 0.12345, 0.1)) for n in (1, 2)]
    killed = [job(n, {"x.seeds": f"0.{n}"}, "KILLED") for n in (3, 4)]
    best = replace(runs[0], tags=runs[0].tags | {"job": "best"}, started=9)
    told = TranslatedTable(tabulate("s", [*runs, *killed, best]), "pt")
    assert told.header == ["seeds", "sementes", "erro de teste / %", "treino / s", "estado"]
    assert ["0.2", "1", "12,345 ± 10,000", "", "terminou"] in told.rows
    assert "terminou, com todas as imagens de treino" in [row[-1] for row in told.rows]
    assert told.counts == "3 terminaram, 2 morreram"
    assert told.failures[0] == "0.3 morreu: it | broke"
    assert told.note.startswith("Em ordem do erro de teste, pois nenhuma imagem")
    english = TranslatedTable(tabulate("s", ROWS), "en")
    table = tabulate("s", ROWS)
    assert (english.header, english.note) == (table.header, table.note)
    assert english.rows == [table.cells(row) for row in table.rows]


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("by_test", [True, False])
def test_every_note_and_column_is_in_portuguese(objective: Objective, by_test: bool) -> None:
    row = JobRow("a", "finished", {}, means={"validation": 1.0, "test": 1.0})
    table = Table("s", [row], by_test, objective)
    assert table.note != TranslatedTable(table, "pt").note
    assert not set(table.header) & set(TranslatedTable(table, "pt").header)


def test_keys_are_shortened_while_they_stay_distinct() -> None:
    keys = ["model.activation", "head.activation", "optimizer.momentum"]
    assert [short_key(key, keys) for key in keys] == [*keys[:2], "momentum"]


def test_values_are_placed_by_size() -> None:
    assert scale(["10", "9", "20"])[0].tolist() == [10, 9, 20]
    assert scale(["1e-4", "1e-2"])[0].tolist() == pytest.approx([-4, -2])
    assert scale(["b", "a", "b"])[0].tolist() == [1, 0, 1]
    assert scale(["[32]", "[8]", "[16,16]"])[0].tolist() == [2, 0, 1]
    assert scale(["mnist", "5-vs-6", "cnn10", "cnn2"])[0].tolist() == [3, 0, 2, 1]


def test_close_values_below_an_axis_are_not_printed_over_each_other() -> None:
    rates = ("0.00149", "0.0114", "0.0123", "0.0607")
    runs = [job(n, {"rate": rate}, validation_error=0.1) for n, rate in enumerate(rates)]
    figure = draw(tabulate("s", runs))["error-rate"]
    figure.canvas.draw()
    (axes,) = figure.axes
    shown = axes.get_xticklabels()
    assert [text.get_text() for text in shown] == ["0.00149", "0.0114", "0.0607"]
    boxes = [text.get_window_extent() for text in shown]
    assert not any(one.overlaps(other) for one, other in itertools.pairwise(boxes))


def test_each_value_that_varied_has_its_figure_with_error_bars() -> None:
    runs = [
        job(n, {"a": str(n % 2), "b": str(n)}, **seeds("validation", 0.01 * n, 0.002))
        for n in range(1, 5)
    ]
    figures = draw(tabulate("s", runs))
    assert set(figures) == {"error-a", "error-b", "parallel-coordinates"}
    (axes,) = figures["error-b"].axes
    (container,) = axes.containers
    assert container.has_yerr  # type: ignore[attr-defined]
    assert sorted(container.lines[0].get_ydata()) == pytest.approx([1, 2, 3, 4])  # type: ignore[attr-defined]


def test_many_values_are_labeled_without_printing_over_each_other() -> None:
    runs = [
        job(n, {"rate": f"{1.1**n:.4f}", "b": str(n % 3)}, **seeds("validation", 0.01, 0.002))
        for n in range(1, 61)
    ]
    (axes,) = draw(tabulate("s", runs))["parallel-coordinates"].axes
    placed = {t.get_position()[1]: t.get_text() for t in axes.texts if t.get_position()[0] == 0}
    heights = sorted(placed)
    assert 10 < len(heights) < 20
    assert np.diff(heights).min() >= 0.059
    assert float(placed[heights[0]]) == pytest.approx(1.1)
    assert float(placed[heights[-1]]) == pytest.approx(1.1**60, rel=1e-3)


def test_nothing_finished_gives_no_figure() -> None:
    assert draw(tabulate("s", ROWS[2:])) == {}


def test_the_spread_of_seeds_is_drawn_around_their_mean() -> None:
    numbers: list[dict[str, Any]] = [
        {"seed": s, "test_error": e} for s, e in ((0, 0.01), (1, 0.03))
    ]
    (axes,) = draw_seeds(numbers).axes
    points, mean = axes.lines
    assert np.allclose(np.asarray(points.get_ydata()), [1, 3])
    assert np.allclose(np.asarray(mean.get_ydata()), 2)


def test_the_spread_of_large_numbers_has_no_long_tail_of_digits() -> None:
    numbers = [{"seed": s, "test_mse": e} for s, e in ((0, 4.6e8), (1, 3.6e8))]
    (axes,) = draw_seeds(numbers).axes
    legend = axes.get_legend()
    assert legend is not None
    (text,) = legend.get_texts()
    assert text.get_text() == "mean 4.1e+08 ± 7.07e+07 (sd)"


def test_a_job_of_one_seed_has_no_bar() -> None:
    runs = [job(n, {"rate": str(n)}, test_error=error) for n, error in enumerate((0.3, 0.1))]
    runs.append(job(2, {"rate": "2"}, **seeds("test", 0.2, 0.05)))
    (axes,) = draw(tabulate("s", runs))["error-rate"].axes
    (bars,) = axes.containers
    (lines,) = bars[2]
    heights = [np.ptp(segment[:, 1]) for segment in lines.get_segments() if len(segment)]
    assert [round(float(height), 6) for height in heights if np.isfinite(height)] == [10.0]


# --- is B better than A? ---------------------------------------------------------------------


def test_the_same_seeds_are_compared_in_pairs() -> None:
    found = compare(A, B, "test")
    expected = stats.ttest_rel(list(B.values()), list(A.values()))
    assert found.paired
    assert found.p == pytest.approx(expected.pvalue)
    assert found.difference == pytest.approx(-0.1925)
    interval = expected.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    sentence = found.sentence("old", "new")
    assert sentence.startswith("new is better than old: ")
    assert sentence.count(".\n") == 0
    for part in ("n = 4", "p = ", "paired t-test", "95 % confidence interval", "-0.193"):
        assert part in sentence


def test_other_seeds_are_compared_by_welch() -> None:
    other = {seed + 10: error for seed, error in B.items()}
    found = compare(A, other, "test")
    expected = stats.ttest_ind(list(B.values()), list(A.values()), equal_var=False)
    assert not found.paired
    assert found.p == pytest.approx(expected.pvalue)
    assert "Welch" in found.sentence("a", "b")


def test_a_worse_and_an_undecided_b() -> None:
    assert compare(B, A, "test").sentence("a", "b").startswith("b is worse than a")
    noise = {seed: error + (-1) ** seed * 0.01 for seed, error in A.items()}
    assert "no better or worse" in compare(A, noise, "test").sentence("a", "b")


def test_no_spread_at_all_is_no_division_by_zero() -> None:
    assert compare(A, A, "test").p == 1.0
    shifted = dict.fromkeys(A, 2.0)
    same = dict.fromkeys(A, 1.0)
    found = compare(same, shifted, "test")
    assert (found.p, found.difference) == (0.0, 1.0)


def test_one_seed_is_too_few() -> None:
    with pytest.raises(ConfigurationError, match="B has 1 seed"):
        compare(A, {0: 1.0}, "test")


def test_errors_are_read_from_a_folder(tmp_path: Path) -> None:
    content = {"seeds": [{"seed": s, "test_error": 0.01 * (s + 1)} for s in range(3)]}
    (tmp_path / "report.json").write_text(json.dumps(content))
    name, kinds, objective = errors_of(str(tmp_path))
    assert name == tmp_path.name
    assert (set(kinds), objective) == ({"test"}, ERROR)
    assert np.allclose(list(kinds["test"].values()), [1, 2, 3])


# --- error against the number of training images ------------------------------------------------


def sized_job(size: int, units: int, error: float) -> StoredRun:
    choices = {"dataset.train_size": str(size), "model.units": str(units)}
    return job(size + units / 1000, choices, **seeds("validation", error, error / 10))


def test_an_exact_power_law_is_found_and_nothing_of_two_sizes() -> None:
    sizes = np.array([100.0, 1000.0, 10_000.0])
    law = fit_power_law(sizes, 30 * sizes**-0.5)
    assert law is not None
    assert (law.scale, law.exponent) == pytest.approx((30, 0.5))
    assert law.error == pytest.approx(0, abs=1e-6)
    assert "29 % fewer errors" in law.sentence()
    assert fit_power_law(sizes[:2], np.ones(2)) is None
    assert fit_power_law(sizes, np.array([3.0, 1.0, 0.0])) is None


def test_a_sweep_of_sizes_has_a_line_for_each_other_choice() -> None:
    runs = [
        sized_job(size, units, units * size**-0.5)
        for size in (100, 1000, 10_000)
        for units in (1, 2)
    ]
    runs.append(job(9e9, {"dataset.train_size": "null", "model.units": "1"}, validation_error=0.5))
    (axes,) = draw(tabulate("s", runs))["training-size"].axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    _, labels = axes.get_legend_handles_labels()
    assert [label.partition(":")[0] for label in labels] == ["units=1", "units=2"]
    assert all("^(\N{MINUS SIGN}0.50 ± 0.00)" in label for label in labels)
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["100", "1,000", "10,000"]
    assert all(container.has_yerr for container in axes.containers)  # type: ignore[attr-defined]


def test_figures_of_a_sweep_are_in_its_language() -> None:
    runs = [
        sized_job(size, units, units * size**-0.5)
        for size in (100, 1000, 10_000)
        for units in (1, 2)
    ]
    figures = draw(tabulate("s", runs), "pt")
    assert set(figures) == set(draw(tabulate("s", runs)))
    (sizes,) = figures["training-size"].axes
    assert sizes.get_xlabel() == "imagens de treino"
    assert sizes.get_ylabel() == "erro de validação / %"
    label = sizes.get_legend_handles_labels()[1][0]
    assert label.startswith(
        "units=1: erro ∝ imagens^(\N{MINUS SIGN}0,50 ± 0,00); o dobro das imagens"
    )
    (against,) = figures["error-model.units"].axes
    assert against.get_xlabel() == "model.units"
    (parallel,) = figures["parallel-coordinates"].axes
    assert parallel.get_xticklabels()[-1].get_text() == "erro de validação"


def test_one_size_has_no_such_figure() -> None:
    runs = [sized_job(100, units, 0.1 * units) for units in (1, 2)]
    assert "training-size" not in draw(tabulate("s", runs))


def test_a_sweep_without_any_error_has_no_logarithm_of_it() -> None:
    without = tabulate("s", [sized_job(size, 1, 0.0) for size in (10, 20)])
    assert set(draw(without)) == {"error-dataset.train_size"}


def test_the_page_of_a_sweep_has_table_failures_and_command(tmp_path: Path) -> None:
    command = "model=lenet x.rate=0.1,0.2 note=a b"
    text = write_sweep_page(tabulate("s", ROWS), command, tmp_path, [], "pt").read_text()
    assert "<h1>Varredura s</h1>" in text
    assert "python -m runner -m model=lenet x.rate=0.1,0.2 &#39;note=a b&#39;" in text
    assert text.count("<tr>") == 1 + 3
    assert "0.3 falhou: it | broke" in text
    assert "Execuções que diferem em rate: 2 terminaram, 1 falhou. Em ordem do erro" in text


def headline(runs: list[StoredRun], folder: Path, language: Language) -> str:
    text = write_sweep_page(tabulate("s", runs), "", folder, [], language).read_text()
    return text.partition('class="result">')[2].partition("</p>")[0]


def test_a_page_begins_with_the_lowest_error_and_what_gave_it(tmp_path: Path) -> None:
    several = [replace(run, metrics=run.metrics | {"seeds": 5}) for run in ROWS]
    assert headline(several, tmp_path, "en") == (
        "Lowest validation error: 2.000 ± 0.200 % with rate=0.2 "
        "(mean ± standard deviation of 5 seeds)"
    )
    assert headline(several, tmp_path, "pt") == (
        "Menor erro de validação: 2,000 ± 0,200 % com rate=0.2 "
        "(média ± desvio padrão de 5 sementes)"
    )
    one = [job(n, {"units": str(n)}, test_mse=0.5 * n) for n in (1, 2)]
    assert headline(one, tmp_path, "en") == "Lowest test MSE: 0.5 with units=1"
    assert headline(one[:1], tmp_path, "pt") == "Menor EQM de teste: 0,5"
    assert headline(ROWS[2:], tmp_path, "en") == ""
