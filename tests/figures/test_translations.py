"""Every text of our own figures has a Portuguese version; a user's own figure needs none."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest

import runner
from runner.base.objective import OBJECTIVES, SPLITS
from runner.base.option_types import Items
from runner.figures import translations
from runner.figures.baseline_errors import draw_baselines
from runner.figures.seed_errors import draw_seeds
from runner.figures.translations import COMMON, Texts, translator

ROOT = Path(runner.__file__).parent
MODULES = sorted(
    path.relative_to(ROOT.parent).with_suffix("").as_posix().replace("/", ".")
    for path in ROOT.rglob("*.py")
    if "import Texts, " in path.read_text(encoding="utf-8")
)
CHOSEN_AS_IT_RUNS = {
    *("network", "training"),
    *get_args(Items),
    *SPLITS,
    *(each.label for each in OBJECTIVES),
}
"""Texts that are no literals where they are translated; `missing_texts_are_errors` watches them."""


def calls(module: str) -> Iterator[ast.Call]:
    path = ROOT.parent / f"{module.replace('.', '/')}.py"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def used(module: str) -> set[str]:
    """Return the literals that a module translates."""
    found = [call for call in calls(module) if getattr(call.func, "id", "") == "translate"]
    return {str(a.value) for call in found for a in call.args if isinstance(a, ast.Constant)}


def own_texts(module: str) -> Texts:
    texts: Texts = import_module(module).TEXTS
    return texts


def test_every_text_has_a_translation() -> None:
    assert sum(len(used(module)) for module in MODULES) > 80
    for module in MODULES:
        assert used(module) <= {*own_texts(module), *COMMON}, module


def test_every_module_that_translates_is_looked_at() -> None:
    for path in ROOT.rglob("*.py"):
        module = path.relative_to(ROOT.parent).with_suffix("").as_posix().replace("/", ".")
        if module != translations.__name__ and "translator(" in path.read_text(encoding="utf-8"):
            assert module in MODULES
            # a text that is translated without the name `translate` would not be found above
            at_once = [call.func for call in calls(module) if isinstance(call.func, ast.Call)]
            assert not any(getattr(c.func, "id", "") == "translator" for c in at_once), module


def test_no_translation_is_left_over_or_stands_twice() -> None:
    for module in MODULES:
        assert set(own_texts(module)) <= used(module) | CHOSEN_AS_IT_RUNS, module
        assert not set(own_texts(module)) & set(COMMON), module
    everywhere = [used(module) for module in MODULES]
    for text in set(COMMON) - CHOSEN_AS_IT_RUNS:
        assert sum(text in texts for texts in everywhere) > 1, text


@pytest.mark.parametrize("texts", [COMMON, *map(own_texts, MODULES)])
def test_a_translation_has_the_same_fields(texts: Texts) -> None:
    for english, portuguese in texts.items():
        fields = [list(Formatter().parse(text)) for text in (english, portuguese)]
        first, second = (sorted(str(field[1:3]) for field in each if field[1]) for each in fields)
        assert first == second


def test_texts_chosen_as_a_figure_is_drawn_are_translated() -> None:
    errors = [{"seed": n, "test_error": 0.1, "validation_error": 0.2} for n in (0, 1)]
    for seeds in (errors, [{"seed": n, "test_mse": 0.1, "validation_mse": 0.2} for n in (0, 1)]):
        for axes in draw_seeds(seeds, "pt").axes:
            assert axes.get_ylabel().split(":")[0] in {"teste", "validação"}
    features = {"count": 8, "layer": "dense_1", "images": 600}
    names: Any = {"features": features, "learners": {}, "epochs": 0}
    rows = draw_baselines([seed | names for seed in errors], "pt").axes[0].get_yticklabels()
    assert [row.get_text() for row in rows] == ["rede"]


def test_a_text_without_a_translation_stays_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # missing_texts_are_errors
    translate = translator("pt", {"my title": "meu título"})
    assert [translate(text) for text in ("my title", "my axis", "training")] == [
        "meu título",
        "my axis",
        "treino",
    ]
    assert translator("en", {"my title": "meu título"})("my title") == "my title"
