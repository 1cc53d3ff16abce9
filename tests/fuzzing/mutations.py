"""Damage to the content of files: by the byte, and inside of what is packed or written as text."""

import gzip
import io
import json
import re
import zlib
from collections.abc import Callable
from random import Random
from typing import Any
from zipfile import BadZipFile, ZipFile

import yaml  # type: ignore[import-untyped]

Mutation = Callable[[bytes, Random], bytes]

VALUES: list[Any] = [
    *(None, True, -1, 0, 2**31, 2**63, 10**30, 1e308, float("nan"), float("inf"), "", "\0", "../x"),
    *([], {}, [[]], [None], {"": None}, "os.system", "builtins.exec", "x" * 5000),
]
NUMBERS = [
    b"-1",
    b"0",
    b"1e999",
    b"nan",
    b"99999999999",
    b"4294967295",
    b"",
    b"0x7f",
    b"1.5",
]
_NUMBER = re.compile(rb"\d+")
_DAMAGE = (OSError, EOFError, ValueError, BadZipFile, zlib.error, RecursionError, yaml.YAMLError)


def truncated(content: bytes, random: Random) -> bytes:
    return content[: random.randrange(len(content) + 1)]


def bits_flipped(content: bytes, random: Random) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice([1, 1, 3, 30])):
        changed[_place(content, random)] ^= 1 << random.randrange(8)
    return bytes(changed)


def overwritten(content: bytes, random: Random) -> bytes:
    start, size = _place(content, random), random.choice([1, 2, 4, 8])
    with_what = random.choice([b"\xff", b"\0", b"\x7f", b"\x80", random.randbytes(1)])
    return content[:start] + with_what * size + content[start + size :]


def part_removed(content: bytes, random: Random) -> bytes:
    start = _place(content, random)
    return content[:start] + content[start + random.choice([1, 7, 512]) :]


def part_doubled(content: bytes, random: Random) -> bytes:
    start = _place(content, random)
    end = start + random.choice([1, 7, 512])
    return content[:end] + content[start:end] + content[end:]


def lengthened(content: bytes, random: Random) -> bytes:
    return content + random.choice([b"\0", b"\n", content, random.randbytes(100)])


def number_replaced(content: bytes, random: Random) -> bytes:
    """Replace one number of those written in figures."""
    found = list(_NUMBER.finditer(content))
    if not found:
        return overwritten(content, random)
    one = random.choice(found)
    return content[: one.start()] + random.choice(NUMBERS) + content[one.end() :]


BY_THE_BYTE: list[Mutation] = [
    truncated,
    bits_flipped,
    overwritten,
    part_removed,
    part_doubled,
    lengthened,
    number_replaced,
]


def mutated(content: bytes, random: Random) -> bytes:
    """Damage a file: mostly inside, where checksums and syntax still hold."""
    inside = _inside(content)
    if inside and random.random() < 0.7:
        try:
            return inside(content, random)
        except _DAMAGE:
            pass  # it only looks like it
    return random.choice(BY_THE_BYTE)(content, random) if content else b"\0"


def _inside(content: bytes) -> Mutation | None:
    if content.startswith(b"PK"):
        return in_zip
    if content.startswith(b"\x1f\x8b"):
        return in_gzip
    if content[:1] in (b"{", b"["):
        return in_json_lines if content.count(b"\n{") and b"}\n" in content else in_json
    return in_yaml if re.match(rb"\w+:\s", content) else None


def in_zip(content: bytes, random: Random) -> bytes:
    """Damage, remove or rename a member; its checksum is right."""
    with ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = random.choice(list(members))
    action = random.randrange(8)
    if action == 0:
        del members[name]
    elif action == 1:
        members[f"{name}x"] = members.pop(name)
    else:
        members[name] = mutated(members[name], random)
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for each, value in members.items():
            archive.writestr(each, value)
    return packed.getvalue()


def in_gzip(content: bytes, random: Random) -> bytes:
    return gzip.compress(mutated(gzip.decompress(content), random), mtime=0)


def in_json(content: bytes, random: Random) -> bytes:
    return json.dumps(value_replaced(json.loads(content), random)).encode()


def in_json_lines(content: bytes, random: Random) -> bytes:
    lines = content.splitlines()
    number = random.randrange(len(lines))
    return b"\n".join([*lines[:number], in_json(lines[number], random), *lines[number + 1 :], b""])


def in_yaml(content: bytes, random: Random) -> bytes:
    return str(yaml.safe_dump(value_replaced(yaml.safe_load(content), random))).encode()


def value_replaced(value: Any, random: Random) -> Any:
    """Replace, remove or add one value somewhere in nested containers."""
    keys: list[Any] = list(value) if isinstance(value, dict) else []
    keys = list(range(len(value))) if isinstance(value, list) else keys
    if not keys or random.random() < 0.1:
        return random.choice(VALUES)
    key, copied = random.choice(keys), value.copy()
    if random.random() < 0.1:
        del copied[key]
    else:
        copied[key] = value_replaced(value[key], random)
    return copied


def _place(content: bytes, random: Random) -> int:
    """Return a place, as often as not in the first bytes, where headers are."""
    most = len(content) if random.random() < 0.5 else min(len(content), 300)
    return random.randrange(max(1, most))
