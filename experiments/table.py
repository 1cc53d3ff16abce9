"""Write what experiments/results/ holds into experiments/README.md and conf/experiment/*.yaml.

With `--check` nothing is written, and a text that is not up to date is an error.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from runner.seeds import spread

HERE = Path(__file__).parent
README = HERE / "README.md"
EXPERIMENTS = HERE.parent / "conf" / "experiment"
SAID = re.compile("# (hardware|duration|result) ")
BEGIN, END = "<!-- table: made by `make table` -->\n", "<!-- end of table -->\n"
HEADER = (
    "| experiment | task | handout | test error, mean ± sd | n | min .. max | training s "
    "| device |\n"
    "|---|---|---|---|---|---|---|---|\n"
)


def main() -> None:
    """Write the table and the headers, or fail where they are not up to date."""
    made = {README: _with_table(README.read_text(encoding="utf-8"))}
    for name, result in _results().items():
        path = EXPERIMENTS / f"{name}.yaml"
        if path.is_file():
            made[path] = _with_header(path.read_text(encoding="utf-8"), result)
    for path, text in made.items():
        if "--check" in sys.argv and path.read_text(encoding="utf-8") != text:
            sys.exit(f"{path.name} differs from experiments/results/; run `make table`")
        path.write_text(text, encoding="utf-8")


def _with_table(text: str) -> str:
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + table() + END + rest.partition(END)[2]


def _with_header(text: str, result: dict[str, Any]) -> str:
    """Replace what a YAML file says of hardware, duration and result."""
    said = f"# hardware  {_device(result)}\n# duration  {_seconds(result):.2g} s a training\n"
    said += f"# result    {_error(result)} wrong, {len(result['seeds'])} seeds\n"
    lines = [line for line in text.splitlines(keepends=True) if not SAID.match(line)]
    after = next(n for n, line in enumerate(lines, 1) if line.startswith("# command"))
    return "".join([*lines[:after], said, *lines[after:]])


def _results() -> dict[str, dict[str, Any]]:
    paths = sorted((HERE / "results").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def table() -> str:
    """Return the Markdown table of all results, in the order of the handouts, then by name."""
    handouts = json.loads((HERE / "handouts.json").read_text(encoding="utf-8"))
    results = _results()
    order = [name for name in handouts if name in results]
    order += [name for name in results if name not in handouts]
    return HEADER + "".join(_row(name, handouts.get(name, {}), results[name]) for name in order)


def _row(name: str, handout: dict[str, Any], result: dict[str, Any]) -> str:
    errors = [100 * seed["test_error"] for seed in result["seeds"]]
    printed = ", ".join(f"{number:g} %" for number in handout.get("printed", [])) or "-"
    return (
        f"| {name} | {handout.get('task', '')} | {printed} | {_error(result)} | {len(errors)} | "
        f"{min(errors):.2f} .. {max(errors):.2f} | {_seconds(result):.2f} | {_device(result)} |\n"
    )


def _error(result: dict[str, Any]) -> str:
    described = spread([100 * seed["test_error"] for seed in result["seeds"]])
    sd = f" ± {described['sd']:.3f}" if "sd" in described else ""
    return f"{described['mean']:.3f}{sd} %"


def _seconds(result: dict[str, Any]) -> float:
    return spread([seed["train_seconds"] for seed in result["seeds"]])["mean"]


def _device(result: dict[str, Any]) -> str:
    environment = result["environment"]
    gpu = environment["gpu"]
    return f"{environment['cpu'] if gpu == 'none' else f'one {gpu}'}, {result['date']}"


if __name__ == "__main__":
    main()
