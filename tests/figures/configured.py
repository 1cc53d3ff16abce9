"""Figures with the options of their YAML files, as the program draws them."""

from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from omegaconf import OmegaConf

from runner.config.component import Component, parse_component
from runner.config.groups import FIGURES
from runner.config.run_config import CONF

NAMES = sorted(path.stem for path in (CONF / "figures").glob("*.yaml"))


@dataclass(frozen=True)
class Configured:
    """A figure by the name of its YAML file; options of a call go before those of the file."""

    name: str

    @property
    def node(self) -> dict[str, Any]:
        node = OmegaConf.to_container(OmegaConf.load(CONF / "figures" / f"{self.name}.yaml"))
        assert isinstance(node, dict)
        assert list(node) == [self.name]
        configured: dict[str, Any] = node[self.name]
        return configured

    @property
    def listed(self) -> set[str]:
        """The options in the file."""
        return set(self.node) - {"_target_"}

    def component(self, **options: Any) -> Component:
        return parse_component(self.node | options, FIGURES)

    def __call__(self, run: Any, **options: Any) -> Any:
        return self.component(**options)(run)


def drawn(figure: Figure | None) -> Figure:
    assert figure is not None
    return figure
