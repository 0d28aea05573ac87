"""What reads an untrusted file is not believed: it may answer badly, by halves, or what we never wrote."""

import json
import os
import stat
import struct
import time
from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Any

import pytest

from chalicelib.adapters import antivirus_clamav
from chalicelib.documents import inspection, lecture, reperage
from chalicelib.documents.inspection import inspecter
from chalicelib.documents.isolement import LimiteAtteinte, executer
from chalicelib.pieces import controler
from tests import specimens

Lecture = Callable[[], tuple[dict[str, Any], list[bytes]]]
REPONSE = json.dumps({"valeur": {"dit": "trop tard"}, "blobs": 0}).encode()


def _ecrire(octets: bytes, sauf: Set[str]) -> None:
    """Write in the pipes of this process, ``sauf`` those of its parent: what a decoder that was taken over would do."""
    for nom in set(os.listdir("/proc/self/fd")) - sauf:
        with suppress(OSError):
            if stat.S_ISFIFO(os.fstat(int(nom)).st_mode):
                os.write(int(nom), octets)


@pytest.fixture
def ecrire() -> Callable[[bytes], None]:
    return partial(_ecrire, sauf=set(os.listdir("/proc/self/fd")))


def test_an_answer_by_halves_is_not_waited_for_beyond_the_time(ecrire: Callable[[bytes], None]) -> None:
    def par_moities() -> tuple[dict[str, Any], list[bytes]]:
        ecrire(struct.pack("!i", len(REPONSE)) + REPONSE[:5])
        time.sleep(3)  # whoever waited for the rest would get it
        ecrire(REPONSE[5:])
        return {}, []

    with pytest.raises(LimiteAtteinte):
        executer(par_moities, 1, 512 * 1024**2)


def test_an_answer_byte_by_byte_ends_with_the_time_too(ecrire: Callable[[bytes], None]) -> None:
    def goutte_a_goutte() -> tuple[dict[str, Any], list[bytes]]:
        for octet in struct.pack("!i", len(REPONSE)) + REPONSE:
            ecrire(bytes([octet]))
            time.sleep(0.06)
        return {}, []

    with pytest.raises(LimiteAtteinte):
        executer(goutte_a_goutte, 1, 512 * 1024**2)


@pytest.mark.parametrize("annonce", [0xFFFFFFFF, 2**31, 2**20 + 1])
def test_an_answer_longer_than_any_of_ours_is_not_kept(ecrire: Callable[[bytes], None], annonce: int) -> None:
    def longue() -> tuple[dict[str, Any], list[bytes]]:
        ecrire(struct.pack("!I", annonce) + b" " * 4096)
        return {}, []

    with pytest.raises(LimiteAtteinte):
        executer(longue, 8, 512 * 1024**2)


def test_what_is_answered_comes_back_whole() -> None:
    blobs = [b"", b"\0" * 3_000_000, os.urandom(100_000)]
    assert executer(lambda: ({"é": [1, None]}, blobs), 8, 512 * 1024**2) == ({"é": [1, None]}, blobs)


def test_a_control_whose_every_part_is_late_still_answers() -> None:
    """The scan gives up in time for the inspection, the reading and what is written; a cold start has five seconds."""
    apres = inspection.SECONDES + max(lecture.SECONDES, reperage.FICHIER_S)
    assert apres + 3 <= antivirus_clamav.MARGE_S
    assert controler.FONCTION.delai - 5 >= antivirus_clamav.TOTAL_S + antivirus_clamav.MARGE_S


VUE = "0" * 36


def _repondre(
    valeur: Mapping[str, Any], blobs: int
) -> Callable[[Lecture, int, int], tuple[dict[str, Any], list[bytes]]]:
    """A child that answers what its file wants."""
    return lambda _lecture, _secondes, _memoire: (dict(valeur), [b"\xff\xd8"] * blobs)


@pytest.mark.parametrize(
    ("valeur", "blobs"),
    [
        ({"vues": ["zz" * 18], "conseils": []}, 1),
        ({"vues": ["0" * 35], "conseils": []}, 1),
        ({"vues": [VUE + "\n"], "conseils": []}, 1),
        ({"vues": [12], "conseils": []}, 1),
        ({"vues": [VUE, VUE], "conseils": []}, 1),
        ({"vues": [VUE] * 3, "conseils": []}, 3),
        ({"vues": [VUE], "conseils": [{"code": "inventé", "message": "Appelez le 0 800", "gravite": "conseil"}]}, 1),
        ({"vues": [VUE], "conseils": [{"code": "page_vide", "message": "x" * 401, "gravite": "conseil"}]}, 1),
        ({"vues": [VUE], "conseils": [{"code": "page_vide", "message": "x", "gravite": "refus"}]}, 1),
        ({"code": "inventé", "valeurs": {}}, 0),
        ({"code": ["pdf_script"], "valeurs": {}}, 0),
        ({"code": "image_trop_petite", "valeurs": {"largeur": "12"}}, 0),
        ({"code": "image_trop_petite", "valeurs": {"largeur": "1" * 81, "hauteur": "12"}}, 0),
        ({"code": "pdf_script", "self": "x"}, 0),
    ],
)
def test_an_answer_that_we_never_wrote_is_a_refusal_and_no_fault(
    monkeypatch: pytest.MonkeyPatch, valeur: dict[str, Any], blobs: int
) -> None:
    monkeypatch.setattr(inspection, "executer", _repondre(valeur, blobs))
    rendu = inspecter(specimens.quittance_png(), "domicile", 2)
    assert (rendu.statut, [une.code for une in rendu.anomalies]) == ("invalide", ["fichier_trop_complexe"])
    assert rendu.rendu == []


ZONE = ["IDFRACORNEILLE<<<<<<<<<<<<<<<<543001", "0101543001234PIERRE<<<<<<<<5601014M0"]


@pytest.mark.parametrize(
    "valeur",
    [{}, {"zones": None}, {"zones": "AB"}, {"zones": [[1, 2]]}, {"zones": [["A" * 100_000]]}, {"zones": [ZONE]}],
)
def test_a_zone_that_is_none_or_whose_keys_are_wrong_is_not_kept(
    monkeypatch: pytest.MonkeyPatch, valeur: dict[str, Any]
) -> None:
    monkeypatch.setattr(lecture, "executer", _repondre(valeur, 0))
    lue = lecture.lire("identite", b"", "image/png", [b""], certificats="", jour=date(2026, 11, 25))
    assert lue.mrz == []
