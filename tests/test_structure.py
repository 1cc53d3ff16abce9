"""How the package is built: what `lint-imports` does not see."""

import ast
from collections import Counter
from pathlib import Path

from runner.config.run_config import CONF

PACKAGE = Path(__file__).resolve().parents[1] / "runner"
MODULES = sorted(PACKAGE.rglob("*.py"))
MANY = ("__init__", "__main__")
ENTRIES, LINES = 16, 250


def imported(path: Path) -> set[str]:
    """Return the names that a module imports, as module.name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def test_only_tracking_knows_mlflow() -> None:
    knowing = {path for path in MODULES if any("mlflow" in name for name in imported(path))}
    outside = {p.relative_to(PACKAGE).as_posix() for p in knowing if p.parent.name != "tracking"}
    assert outside == {"base/lazy.py"}


def test_the_house_has_few_rooms_and_each_file_name_occurs_once() -> None:
    entries = [path for path in PACKAGE.iterdir() if path.name != "__pycache__"]
    assert len(entries) <= ENTRIES
    names = Counter(path.stem for path in MODULES if path.stem not in MANY)
    assert [name for name, count in names.items() if count > 1] == []


def test_no_module_is_too_long() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert [path.name for path, count in lines.items() if count > LINES] == []


def test_heavy_libraries_come_from_one_module() -> None:
    heavy = ("keras", "tensorflow", "matplotlib", "mlflow", "sklearn", "scipy", "optuna", "h5py")
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                typing_only = "matplotlib" in name  # Figure and Axes, under TYPE_CHECKING
                assert path.name == "lazy.py" or typing_only or name.split(".")[0] not in heavy, (
                    f"{path}: {name} should come from runner.base.lazy"
                )


def test_every_target_of_conf_is_a_function_of_the_package() -> None:
    texts = [path.read_text(encoding="utf-8") for path in CONF.rglob("*.yaml")]
    targets = {
        line.partition("_target_:")[2].strip()
        for text in texts
        for line in text.splitlines()
        if "_target_:" in line
    }
    assert len(targets) > 50
    for target in targets:
        module, _, function = target.rpartition(".")
        path = PACKAGE.parent / (module.replace(".", "/") + ".py")
        if not path.is_file():
            path = path.with_suffix("") / "__init__.py"
        assert f"def {function}(" in path.read_text(encoding="utf-8"), target
