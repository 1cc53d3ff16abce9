"""The page of the programming interface: what own parts and notebooks call."""

MODULES = (
    ("In a notebook", ("runner.run.notebook",)),
    ("Types of options", ("runner.base.option_types",)),
    ("Networks", ("runner.models.layers",)),
    ("Augmentation", ("runner.training.augmentation", "runner.training.augmentation.draws")),
    (
        "Figures",
        (
            "runner.figures.finished_run",
            "runner.figures.figure_declarations",
            "runner.figures.canvas",
        ),
    ),
    ("Data", ("runner.datasets.source", "runner.datasets.splits")),
    ("Predictions", ("runner.evaluation.predictions", "runner.evaluation.probabilities")),
    ("Stores of runs", ("runner.tracking.run_store",)),
    ("Errors", ("runner.base.errors",)),
)


def api_page() -> str:
    """Return a page with the docstrings of the modules that others build upon."""
    parts = [
        "# Programming interface",
        "What notebooks call, and what [parts of your own](extending.md) are made of. The command "
        "line needs none of it.",
    ]
    for title, modules in MODULES:
        parts.append(f"## {title}")
        parts += [f"::: {module}" for module in modules]
    return "\n\n".join(parts) + "\n"
