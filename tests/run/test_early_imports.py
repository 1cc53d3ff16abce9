"""What a run imports while its training is compiled."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.config.run_config import Config
from runner.figures.drawing_pool import DrawingPool
from runner.figures.drawing_process import MEASURING, PRELOADED
from runner.run import early_imports

RUN = """
import sys
from runner import __main__ as program
sys.argv = [program.__file__, "model=dense", "dataset.train_size=200", "training.epochs=1"]
sys.argv += ["figures=[]", "device=cpu", "tracking=folder"]
program.main()
print([name for name in ("sklearn.metrics", "matplotlib") if name in sys.modules])
"""


def test_a_run_that_draws_nothing_does_not_import_matplotlib(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.stdout.endswith("['sklearn.metrics']\n"), done.stderr


@pytest.mark.parametrize(
    ("overrides", "workers", "imported"),
    [
        (["figures=[roc]"], 0, PRELOADED),
        (["figures=[roc]"], 1, MEASURING),
        (["figures=[]"], 0, MEASURING),
        (["figures=[]", "seeds=2"], 0, PRELOADED),  # there is a figure of all seeds
    ],
)
def test_what_draws_is_imported_where_this_process_will_draw(
    overrides: list[str],
    workers: int,
    imported: tuple[str, ...],
    configure: Callable[..., Config],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    modules: list[str] = []
    monkeypatch.setattr(early_imports, "_import_all", modules.extend)
    with DrawingPool(0) as drawing:
        drawing.number = workers
        early_imports.import_early(configure(*overrides), drawing).join()
    assert modules == list(imported)
