"""Valid files changed by chance: bits, bytes, lengths, blocks, cuts. The same ``alea`` gives the same files."""

import random
import struct
from collections.abc import Callable
from functools import cache

from tests import specimens
from tests.specimens import image

BASES: dict[str, Callable[[], bytes]] = {
    "JPEG": cache(lambda: image("JPEG", (480, 320))),
    "JPEG progressif": cache(lambda: image("JPEG", (480, 320), progressive=True)),
    "PNG": cache(lambda: image("PNG", (480, 320))),
    "PNG à palette": cache(lambda: image("PNG", (480, 320), "P")),
    "BMP": cache(lambda: image("BMP", (240, 160))),
    "TIFF": cache(lambda: image("TIFF", (240, 160))),
    "TIFF LZW": cache(lambda: image("TIFF", (480, 320), compression="tiff_lzw")),
    "TIFF fax": cache(lambda: image("TIFF", (480, 320), "1", compression="group4")),
    "HEIC": specimens.carte_identite_heic,
    "PDF": specimens.recepisse_vol,
}

EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def muter(octets: bytes, alea: random.Random) -> tuple[bytes, str]:
    """A changed copy, and how it was changed."""
    mutation = alea.choice(MUTATIONS)
    return mutation(octets, alea), mutation.__name__.lstrip("_")


def _place(octets: bytes | bytearray, alea: random.Random) -> int:
    """Anywhere, but one time in two in the first kilobyte, where headers are."""
    return alea.randrange(min(len(octets), 1024) if alea.random() < 0.5 else len(octets))


def _bits(octets: bytes, alea: random.Random) -> bytes:
    change = bytearray(octets)
    for _ in range(alea.choice((1, 1, 2, 8, 64))):
        change[_place(change, alea)] ^= 1 << alea.randrange(8)
    return bytes(change)


def _octets(octets: bytes, alea: random.Random) -> bytes:
    change = bytearray(octets)
    for _ in range(alea.choice((1, 4, 32))):
        change[_place(change, alea)] = alea.choice((0, 255, alea.randrange(256)))
    return bytes(change)


def _coupe(octets: bytes, alea: random.Random) -> bytes:
    return octets[: alea.randrange(1, len(octets))]


def _longueur(octets: bytes, alea: random.Random) -> bytes:
    """A field of two or four bytes, of either order, takes an extreme value."""
    change = bytearray(octets)
    valeur = alea.choice(EXTREMES)
    champ = (
        struct.pack(alea.choice(("<", ">")) + ("I" if alea.random() < 0.5 else "H"), valeur)
        if valeur < 65536
        else struct.pack(alea.choice(("<I", ">I")), valeur)
    )
    place = _place(change, alea)
    change[place : place + len(champ)] = champ
    return bytes(change)


def _echange(octets: bytes, alea: random.Random) -> bytes:
    """Two blocks of the file change places."""
    taille = alea.choice((4, 16, 256, 4096))
    un, deux = sorted(alea.randrange(max(1, len(octets) - taille)) for _ in range(2))
    if deux - un < taille:
        deux = un + taille
    return (
        octets[:un] + octets[deux : deux + taille] + octets[un + taille : deux] + octets[un : un + taille]
        + octets[deux + taille :]
    )  # fmt: skip


def _retrait(octets: bytes, alea: random.Random) -> bytes:
    place = _place(octets, alea)
    return octets[:place] + octets[place + alea.choice((1, 4, 64, 1024)) :]


def _repetition(octets: bytes, alea: random.Random) -> bytes:
    place = _place(octets, alea)
    morceau = octets[place : place + alea.choice((4, 64, 1024))]
    return octets[:place] + morceau * alea.choice((2, 10, 100)) + octets[place + len(morceau) :]


def _insertion(octets: bytes, alea: random.Random) -> bytes:
    place = _place(octets, alea)
    return octets[:place] + alea.randbytes(alea.choice((1, 4, 64))) + octets[place:]


MUTATIONS = (_bits, _octets, _coupe, _longueur, _echange, _retrait, _repetition, _insertion)
