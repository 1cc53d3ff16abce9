"""The runs in MLflow's own UI, in headless Chromium: what a student sees without touching anything.

Screenshots go to the folder that RUNNER_SCREENSHOTS names; the documentation shows some of them.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="needs the extra [browser]")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the path"),
]
ROOT = Path(__file__).resolve().parents[2]
SMALL = ("dataset.train_size=2000", "dataset.validation_fraction=0.1", "device=cpu")
FIGURES = "figures=[learning-curves,confusion-matrix,filter-evolution]"
RUNS = (
    ("model=dense", "training.epochs=4"),
    ("model=lenet", "model.filters=[8,16]", "training.epochs=4"),
    ("model=lenet", "model.filters=[4,8]", "training.epochs=4", "seeds=2"),
)
SEARCH = """\
# @package _global_
# Two trials.
dataset:
  validation_fraction: 0.1
evaluation:
  test: false
sweep:
  name: tiny
  resume: true
  max_failures: null
  search:
    _target_: runner.sweeps.search.search
    trials: 2
    final_seeds: 2
    startup_trials: 2
    warmup_epochs: 1
    storage: null
    space:
      optimizer.learning_rate: choice(0.001,0.01)
"""


def run(folder: Path, *arguments: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "runner", *SMALL, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("student")
    for arguments in RUNS:
        run(folder, FIGURES, *arguments)
    (folder / "conf/sweep").mkdir(parents=True)
    (folder / "conf/sweep/tiny.yaml").write_text(SEARCH)
    run(folder, "sweep=tiny", "model=dense", "training.epochs=2", "figures=[]")
    return folder


@pytest.fixture(scope="module")
def server(workspace: Path) -> Iterator[str]:
    """The address that `runner ui` prints for the runs."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "runner", "ui", "--no-browser"]
    process = subprocess.Popen(
        command, cwd=workspace, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    address = re.search(r"^mnist +(http\S+)$", line)
    assert address, line
    yield address[1]
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="module")
def page(server: str) -> Iterator[Any]:
    del server
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1500, "height": 820})
        opened.set_default_timeout(30_000)
        # the panel of MLflow's assistant opens itself in a new browser, and takes a third of it
        opened.add_init_script(
            "localStorage.setItem('mlflow.assistant.panelOpen_v1', 'false');"
            "localStorage.setItem("
            "'mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true')"
        )
        yield opened
        browser.close()


def shoot(page: Any, name: str) -> None:
    """Wait for what is drawn, and keep a picture of it."""
    page.wait_for_timeout(1_500)
    folder = os.environ.get("RUNNER_SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"ui-{name}.png"))


def text(page: Any) -> str:
    return str(page.inner_text("body"))


def run_ids(workspace: Path, *names: str) -> list[str]:
    client = mlflow.MlflowClient(f"sqlite:///{workspace}/outputs/mlflow.db")
    by_name = {run.info.run_name: run.info.run_id for run in client.search_runs(["1"])}
    return [by_name[name] for name in by_name if any(part in name for part in names)]


def test_the_run_list_shows_results_without_a_click(page: Any, server: str) -> None:
    page.goto(server)
    page.get_by_text("dense-mnist+train_size").first.wait_for()
    shoot(page, "runs")
    seen = text(page)
    for column in ("Run Name", "dataset", "model", "test_error", "test_error.sd", "seeds"):
        assert column in seen
    assert "lenet-mnist+train_size-2000+validation_fraction-0.1+filters-8-16" in seen
    assert re.search(r"\n0\.\d{2,4}\n", seen), "no error is shown"
    assert "Evaluation runs" not in seen  # that would be the menu of the GenAI half


def test_the_seeds_of_a_job_are_averaged(page: Any, server: str) -> None:
    page.goto(server.replace("ShareKey=runs", "ShareKey=seeds"))
    page.get_by_text("Group: lenet-mnist").first.wait_for()
    shoot(page, "seeds")
    assert "(average)" in text(page) or "(av" in text(page)


def test_one_run_says_what_it_is_and_shows_its_figures(
    page: Any, server: str, workspace: Path
) -> None:
    (run_id,) = run_ids(workspace, "filters-8-16")
    base = server.partition("?")[0]
    page.goto(f"{base}/{run_id}?workflowType=machine_learning")
    page.get_by_text("test_error", exact=True).first.wait_for()
    shoot(page, "run")
    seen = text(page)
    assert "runner predict lenet-mnist+train_size-2000" in seen
    assert "test_loss" in seen or "macro_f1" in seen
    page.goto(
        f"{base}/{run_id}/artifacts/figures/confusion-matrix.png?workflowType=machine_learning"
    )
    page.locator("img.rc-image-img").last.wait_for(state="attached")
    shoot(page, "figure")
    page.goto(f"{base}/{run_id}/model-metrics?workflowType=machine_learning")
    page.get_by_placeholder("Search metric charts").fill("accuracy|_loss$|filters")  # few are drawn
    page.get_by_text("validation_accuracy", exact=True).first.wait_for()
    page.get_by_text("first-filters", exact=True).first.wait_for()
    shoot(page, "charts")


def test_runs_are_compared(page: Any, server: str, workspace: Path) -> None:
    ids = run_ids(workspace, "dense-mnist", "filters-8-16", "seeds-2-seed-0")
    listed = ",".join(f'"{run_id}"' for run_id in ids[:3])
    page.goto(
        f'{server.partition("/experiments")[0]}/compare-runs?runs=[{listed}]&experiments=["1"]&workflowType=machine_learning'
    )
    page.get_by_text("Parallel Coordinates").first.wait_for()
    shoot(page, "comparison")
    page.get_by_text("Metrics", exact=True).last.scroll_into_view_if_needed()
    shoot(page, "comparison-table")
    assert "test_error" in text(page)


def test_the_winner_of_a_search_is_the_champion(page: Any, server: str) -> None:
    page.goto(f"{server.partition('#')[0]}#/models/mnist?workflowType=machine_learning")
    page.get_by_text("champion").first.wait_for()
    shoot(page, "registry")
    assert "validation_error" in text(page)
