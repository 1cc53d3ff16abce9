"""Kuzushiji-Kanji, 3832 characters of which some have one picture: those with most, as a data set.

Which characters have enough pictures to learn from is only known from the archive, so the YAML file
of the data set is written when that is unpacked. The archive is read as its authors describe it,
`kkanji2/U+4E00/NAME.png`; it was not at hand when this was written.
"""

from __future__ import annotations

import re
import shutil
import tarfile
from collections.abc import Iterable
from pathlib import Path

from runner.base.atomic_files import write_text
from runner.base.errors import DAMAGE, ConfigurationError, DataError
from runner.datasets.picture_archive import LARGEST_PICTURE

NAME = "kuzushiji-kanji"
FOLDER = "kuzushiji_kanji"
_PNG = b"\x89PNG\r\n\x1a\n"
_MEMBER = re.compile(r"(?:.*/)?(U\+[0-9A-F]{4,6})/([\w.+-]+\.png)")
_FEWEST = 10
"""Pictures of a character at least: its test split has two."""

_YAML = """\
# Kuzushiji-Kanji: the {count} of 3832 characters with most pictures, by their code points.
# Written by `python -m runner.datasets prepare {name}`.
defaults: [base/dataset@_here_, _self_]

name: {name}
title: Kuzushiji-Kanji characters
shape: [64, 64, 1]
class_names:
  en: [{classes}]
  pt: ${{.en}}
train_images: null
test_images: null
source:
  _target_: runner.datasets.folders.whole_folder
  folder: {folder}
  classes: ${{..class_names.en}}
  shape: ${{..shape}}
  test_fraction: 0.2
  split_seed: 0
  skip_damaged: false
  origin: http://codh.rois.ac.jp/kmnist/dataset/kkanji/kkanji.tar
own_pictures:
  fit: tight
  ink: 64
  background: dark
"""


def sort_characters(path: Path, folder: Path, count: int) -> list[str]:
    """Unpack the characters with most pictures into a folder each, and return their code points.

    Args:
        path: of the archive.
        folder: to be made.
        count: of characters.

    Raises:
        DataError: the archive is damaged, or holds something else.
        ConfigurationError: so many characters do not have ten pictures, or the folder is there.
    """
    if folder.exists():
        raise ConfigurationError(f"{folder}: is there already; remove it, or choose another folder")
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        with tarfile.open(path) as archive:
            members = _by_character(archive)
            chosen = _with_most(members, count, path)
            for character in chosen:
                for member in members[character]:
                    _unpack(archive, member, part / character)
        part.rename(folder)
    except (tarfile.TarError, *DAMAGE) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{path} cannot be read as the tar archive kkanji.tar: {reason}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return chosen


def write_choice(conf: Path, classes: Iterable[str]) -> Path:
    """Write the YAML file that `dataset=kuzushiji-kanji` chooses, and return its path."""
    path, names = conf / "dataset" / f"{NAME}.yaml", list(classes)
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = {"count": len(names), "name": NAME, "folder": FOLDER, "classes": ", ".join(names)}
    write_text(path, _YAML.format(**texts))
    return path


def _by_character(archive: tarfile.TarFile) -> dict[str, list[tarfile.TarInfo]]:
    found: dict[str, list[tarfile.TarInfo]] = {}
    for member in archive:
        if member.isreg() and (matched := _MEMBER.fullmatch(member.name)):
            found.setdefault(matched[1], []).append(member)
    return found


def _with_most(members: dict[str, list[tarfile.TarInfo]], count: int, path: Path) -> list[str]:
    enough = [name for name, pictures in members.items() if len(pictures) >= _FEWEST]
    if len(enough) < count:
        raise ConfigurationError(
            f"{path}: expected {count} characters with at least {_FEWEST} pictures in folders like "
            f"U+4E00, got {len(enough)}; choose a smaller --classes, or give kkanji.tar"
        )
    return sorted(enough, key=lambda name: (-len(members[name]), name))[:count]


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Write a picture under its own last name; no path of the archive is followed."""
    if member.size > LARGEST_PICTURE:
        raise ValueError(f"{member.name} would take {member.size:,} bytes")
    file = archive.extractfile(member)
    content = file.read() if file else b""
    if not content.startswith(_PNG):
        raise ValueError(f"{member.name} is no PNG file")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / Path(member.name).name).write_bytes(content)
