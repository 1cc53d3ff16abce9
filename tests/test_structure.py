"""How the package is built: what `lint-imports` does not see."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.config.run_config import CONF

PACKAGE = Path(__file__).resolve().parents[1] / "runner"
MODULES = sorted(PACKAGE.rglob("*.py"))
MANY = ("__init__", "__main__")
ENTRIES, LINES = 17, 250  # the last one is play/, a page with many answers
WRITERS = {
    "write_text",
    "write_bytes",
    "savez",
    "savez_compressed",
    "savefig",
    "save",
    "tofile",
    "dump",
}
OF_OURS = {"comparison", "recorder", "result", "self", "_store"}  # their `save` is one of ours
DIRECT = {
    "base/atomic_files.py": "write_text",
    "datasets/download.py": "open",  # goes on with what an earlier download left
    "datasets/picture_archive.py": "write_bytes",  # into a folder that is renamed when it is whole
    "datasets/kuzushiji_kanji.py": "write_bytes",  # likewise
    "datasets/keras_datasets.py": "savez open",  # into the file of a download
    "tracking/journal.py": "open",  # line by line; an incomplete last one is cut off
    "training/checkpoint.py": "write_bytes",  # into a temporary folder
    "tracking/network_flavor.py": "write_bytes write_text save",  # into MLflow's temporary folder
    "sweeps/worker.py": "open",  # output of a job, line by line
    "play/given_pictures.py": "save",  # into memory
    "tracking/ui_command.py": "open",  # output of a server, line by line
}


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


def writes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield method and target of each call that writes a file, the temporary ones left out."""
    temporary = {
        item.optional_vars.id
        for node in ast.walk(tree)
        if isinstance(node, ast.With)
        for item in node.items
        if isinstance(item.optional_vars, ast.Name) and "replacing(" in ast.unparse(item)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")
            arguments = [ast.unparse(argument) for argument in node.args]
            modes = [*arguments, *(ast.unparse(each.value) for each in node.keywords)]
            opens = name[2] == "open" and any(re.search("^'.?[wax+]", mode) for mode in modes)
            method = name[0] and name[2] in WRITERS  # a mere write_text is that of atomic_files
            if (method or opens) and not temporary & {name[0], *arguments}:
                yield name[2], name[0]


def test_files_are_written_whole_or_not_at_all() -> None:
    found = set()
    for path in MODULES:
        room = path.relative_to(PACKAGE).as_posix()
        for method, target in writes(ast.parse(path.read_text(encoding="utf-8"))):
            ours = method == "save" and target.rpartition(".")[2] in OF_OURS
            if not ours and method not in DIRECT.get(room, "").split():
                found.add(f"{room}: {target}.{method}; use runner.base.atomic_files.replacing")
    assert not found


@pytest.mark.parametrize(
    ("code", "direct"),
    [
        ("path.write_text(text)", True),
        ("np.savez(path, x=1)", True),
        ("path.open('wb')", True),
        ("open(path, mode='a')", True),
        ("path.open('rb')", False),
        ("path.open(encoding='utf-8')", False),
        ("with replacing(path) as part:\n    model.save(part)", False),
        ("with replacing(path) as part:\n    part.write_text(text)", False),
        ("with replacing(path) as part:\n    model.save(path)", True),
    ],
)
def test_a_direct_write_is_seen(code: str, direct: bool) -> None:
    assert bool(list(writes(ast.parse(code)))) == direct
