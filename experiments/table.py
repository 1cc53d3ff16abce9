"""Make the table of experiments/README.md from experiments/results/; `--check` compares only."""

import json
import sys
from pathlib import Path
from typing import Any

from runner.seeds import spread

HERE = Path(__file__).parent
README = HERE / "README.md"
BEGIN, END = "<!-- table: made by `make table` -->\n", "<!-- end of table -->\n"
HEADER = (
    "| experiment | task | handout | test error, mean ± sd | n | min .. max | training s "
    "| device |\n"
    "|---|---|---|---|---|---|---|---|\n"
)


def main() -> None:
    """Write the table into the README, or fail where it is not up to date."""
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    made = before + BEGIN + table() + END + rest.partition(END)[2]
    if "--check" in sys.argv and made != text:
        sys.exit("experiments/README.md differs from experiments/results/; run `make table`")
    README.write_text(made, encoding="utf-8")


def table() -> str:
    """Return the Markdown table of all results, in the order of the handouts, then by name."""
    handouts = json.loads((HERE / "handouts.json").read_text(encoding="utf-8"))
    files = {path.stem: path for path in sorted((HERE / "results").glob("*.json"))}
    order = [name for name in handouts if name in files]
    order += [name for name in files if name not in handouts]
    return HEADER + "".join(
        _row(name, handouts.get(name, {}), json.loads(files[name].read_text(encoding="utf-8")))
        for name in order
    )


def _row(name: str, handout: dict[str, Any], result: dict[str, Any]) -> str:
    errors = [100 * seed["test_error"] for seed in result["seeds"]]
    described = spread(errors)
    mean, sd = described["mean"], described.get("sd")
    seconds = spread([seed["train_seconds"] for seed in result["seeds"]])["mean"]
    shown = f"{mean:.3f} ± {sd:.3f} %" if sd is not None else f"{mean:.3f} %"
    printed = ", ".join(f"{number:g} %" for number in handout.get("printed", [])) or "-"
    environment = result["environment"]
    device = environment["gpu"] if environment["gpu"] != "none" else environment["cpu"]
    return (
        f"| {name} | {handout.get('task', '')} | {printed} | {shown} | {len(errors)} | "
        f"{min(errors):.2f} .. {max(errors):.2f} | {seconds:.2f} | {device}, {result['date']} |\n"
    )


if __name__ == "__main__":
    main()
