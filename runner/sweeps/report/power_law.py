"""A power law through errors against numbers of training images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.base.option_types import Language
from runner.figures.translations import Texts, translator

_FEWEST = 3
TEXTS: Texts = {
    "error ∝ size^({exponent} ± {sd:.2f}); twice the images: {percent:.0f} % fewer errors": (
        "erro ∝ imagens^({exponent} ± {sd:.2f}); o dobro das imagens: {percent:.0f} % menos erros"
    )
}


@dataclass(frozen=True)
class PowerLaw:
    """Errors that fall as scale * size ** -exponent, by least squares on logarithms.

    Attributes:
        scale: error at one image.
        exponent: positive where more images help.
        error: standard error of the exponent.
    """

    scale: float
    exponent: float
    error: float

    def __call__(self, sizes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the errors at some sizes."""
        return self.scale * sizes**-self.exponent

    def sentence(self, language: Language = "en") -> str:
        """Return exponent and what twice the images are worth."""
        translate = translator(language, TEXTS)
        exponent = translate.number(-self.exponent, ".2f").replace("-", "\N{MINUS SIGN}")
        percent = 100 * (1 - 2**-self.exponent)
        return translate(
            "error ∝ size^({exponent} ± {sd:.2f}); twice the images: {percent:.0f} % fewer errors",
            exponent=exponent,
            sd=self.error,
            percent=percent,
        )


def fit_power_law(sizes: NDArray[np.float64], errors: NDArray[np.float64]) -> PowerLaw | None:
    """Fit a power law to errors above 0; None for fewer than three sizes."""
    above = errors > 0
    if len(set(sizes[above].tolist())) < _FEWEST:
        return None
    x, y = np.log(sizes[above]), np.log(errors[above])
    slope, start = np.polyfit(x, y, 1)
    residuals = y - (slope * x + start)
    variance = residuals @ residuals / (len(x) - 2) / ((x - x.mean()) ** 2).sum()
    return PowerLaw(float(np.exp(start)), float(-slope), float(np.sqrt(variance)))
