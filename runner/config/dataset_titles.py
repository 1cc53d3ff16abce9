"""Titles of data sets in the language of who reads them."""

from __future__ import annotations

from runner.base.option_types import Language

PORTUGUESE = {
    "MNIST digits": "Dígitos do MNIST",
    "MNIST digits, 14x14": "Dígitos do MNIST, 14x14",
    "MNIST digits, 32x32 RGB": "Dígitos do MNIST, 32x32 RGB",
    "MNIST digits 5 and 6": "Dígitos 5 e 6 do MNIST",
    "EMNIST digits and letters": "Dígitos e letras do EMNIST",
    "Fashion-MNIST clothes": "Roupas do Fashion-MNIST",
    "Pullovers among clothes": "Pulôveres entre roupas",
    "Kuzushiji-MNIST characters": "Caracteres do Kuzushiji-MNIST",
    "Kuzushiji-49 characters": "Caracteres do Kuzushiji-49",
    "CIFAR-10 photographs": "Fotografias do CIFAR-10",
    "Street View House Numbers": "Números de casas do Street View",
    "Cats and dogs": "Gatos e cães",
    "Cats and dogs, 20 000 pictures": "Gatos e cães, 20 000 imagens",
    "Basic Shapes": "Formas básicas (Basic Shapes)",
    "Basic Shapes, nearest pixel": "Formas básicas (Basic Shapes), pixel mais próximo",
    "Drawn shapes": "Formas desenhadas",
    "Drawn shapes, several in a picture": "Formas desenhadas, várias na mesma imagem",
    "pictures of your own": "imagens suas",
    "a table of your own": "uma tabela sua",
    "Banknotes": "Cédulas",
    "Age by weight": "Idade pelo peso",
    "Age by weight and skin tone": "Idade pelo peso e pelo tom da pele",
    "Swapped numbers": "Números trocados",
    "Disk in a ring": "Disco num anel",
    "Two half moons": "Duas meias-luas",
    "Two arms of a spiral": "Dois braços de uma espiral",
    "Same sign or not": "O mesmo sinal ou não",
}
"""By the English title, which a file in conf/dataset has."""


def title_in_language(title: str, language: Language) -> str:
    """Return the title of a data set in a language; one of a user's own stays as it is."""
    return PORTUGUESE.get(title, title) if language == "pt" else title
