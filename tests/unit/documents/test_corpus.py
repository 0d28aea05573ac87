"""Whatever is sent, it is judged in bounded time and memory, and nothing hostile is taken."""

import multiprocessing
import random
import resource
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from io import BytesIO

import pytest
from PIL import Image

from chalicelib.documents.anomalies import MESSAGES
from chalicelib.documents.inspection import Inspection, inspecter
from chalicelib.documents.lecture import lire
from tests.unit.documents.corpus import CORPUS
from tests.unit.documents.mutations import BASES, muter

SECONDES_MAX = 10
MEMOIRE_MAX = 512 * 1024**2
PAGES_MAX = 5
JOUR = date(2026, 11, 25)


class Mesure:
    """The longest control, and the most memory that a reading held beyond what it was born with (shared with its
    parent). Times are of processor, children included: another program's load is not ours."""

    def __init__(self) -> None:
        self.secondes, self.nom, self.memoire = 0.0, "", 0

    def inspecter(self, nom: str, octets: bytes) -> tuple[Inspection, list[str]]:
        """Inspect, read what is taken as an identity document and as a bill, and say what is out of bounds."""
        with open("/proc/self/statm", encoding="ascii") as statm:
            a_la_naissance = int(statm.read().split()[1]) * resource.getpagesize()
        avant = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        debut = _processeur()
        inspection = inspecter(octets, "domicile", PAGES_MAX)
        duree = _processeur() - debut
        if inspection.statut == "valide" and inspection.mime:
            lectures = []
            for type_piece in ("identite", "domicile"):
                debut = _processeur()
                lire(type_piece, octets, inspection.mime, inspection.rendu, "", JOUR)
                lectures.append(_processeur() - debut)
            duree += max(lectures)
        apres = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        memoire = max(0, apres * 1024 - a_la_naissance) if apres > avant else 0
        if duree > self.secondes:
            self.secondes, self.nom = duree, nom
        self.memoire = max(self.memoire, memoire)
        fautes = _fautes_du_rendu(inspection)
        fautes += [f"{duree:.1f} s"] if duree > SECONDES_MAX else []
        fautes += [f"{memoire} octets"] if memoire > MEMOIRE_MAX else []
        return inspection, [f"{nom} : {faute}" for faute in fautes]

    def __str__(self) -> str:
        return f"Le plus long : {self.secondes:.1f} s ({self.nom}). Mémoire au plus : {self.memoire / 1024**2:.0f} Mo."


Jugements = tuple[Counter[str], Mesure, list[str]]


def test_the_corpus_is_large_and_each_file_has_its_name() -> None:
    noms = [nom for nom, _, _ in CORPUS]
    assert len(set(noms)) == len(noms) >= 300


def test_nothing_hostile_or_broken_is_taken_and_nothing_takes_long(capfd: pytest.CaptureFixture[str]) -> None:
    juges, mesure, fautes = _dans_un_processus_neuf(_juger_le_corpus)
    with capfd.disabled():
        print(
            f"\nCorpus : {len(CORPUS)} fichiers, {sum(bool(attendus) for _, _, attendus in CORPUS)} à refuser. "
            f"{_verdicts(juges)} {mesure}"
        )
    assert not fautes, "\n".join(fautes)
    assert mesure.memoire > 0, "no reading was weighed"


@pytest.mark.parametrize("nombre", [300, pytest.param(10_000, marks=pytest.mark.long)])
def test_a_valid_file_somewhat_changed_is_a_picture_or_is_refused(
    nombre: int, capfd: pytest.CaptureFixture[str]
) -> None:
    juges, mesure, fautes = _dans_un_processus_neuf(partial(_juger_des_mutations, nombre))
    with capfd.disabled():
        print(f"\nMutations : {nombre} de {len(BASES)} fichiers valides. {_verdicts(juges)} {mesure}")
    assert not fautes, "\n".join(fautes)
    assert juges["valide"] > nombre / 20, "a mutation that always breaks everything proves little"
    assert mesure.memoire > 0, "no reading was weighed"


def _dans_un_processus_neuf(juger: Callable[[], Jugements]) -> Jugements:
    """The peak that the kernel keeps of ended children is the highest of all of them: only where none ended before is
    it that of the readings weighed here. Not a fork: the threads of typst, which draws the files, do not outlive it."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as neuf:
        return neuf.submit(juger).result()


def _juger_le_corpus() -> Jugements:
    juges: Counter[str] = Counter()
    mesure, fautes = Mesure(), []
    for nom, construire, attendus in CORPUS:
        inspection, siennes = mesure.inspecter(nom, construire())
        fautes += siennes
        code = _code(inspection)
        juges[code] += 1
        if attendus and code not in attendus:
            fautes.append(f"{nom} : {code}, attendu {sorted(attendus)}")
    return juges, mesure, fautes


def _juger_des_mutations(nombre: int) -> Jugements:
    alea = random.Random(nombre)
    juges: Counter[str] = Counter()
    mesure, fautes = Mesure(), []
    for rang in range(nombre):
        base = list(BASES)[rang % len(BASES)]
        octets, comment = muter(BASES[base](), alea)
        inspection, siennes = mesure.inspecter(f"{rang} {base}, {comment}", octets)
        fautes += siennes
        juges[_code(inspection)] += 1
    return juges, mesure, fautes


def _verdicts(juges: Counter[str]) -> str:
    return "Verdicts : " + ", ".join(f"{code} {nombre}" for code, nombre in juges.most_common()) + "."


def _code(inspection: Inspection) -> str:
    return "valide" if inspection.statut == "valide" else inspection.anomalies[0].code


def _fautes_du_rendu(inspection: Inspection) -> list[str]:
    """What is wrong with an answer, whatever the verdict."""
    if inspection.statut == "invalide":
        connue = bool(inspection.anomalies) and inspection.anomalies[0].code in MESSAGES
        return [] if connue and not inspection.rendu and inspection.pages == 0 else ["refus sans raison ou avec pages"]
    fautes = [] if 1 <= inspection.pages == len(inspection.rendu) <= PAGES_MAX else ["nombre de pages"]
    for page in inspection.rendu:
        image = Image.open(BytesIO(page))
        image.load()
        if image.format != "JPEG" or image.mode != "RGB" or not 1 <= max(image.size) <= 2000:
            fautes.append(f"page {image.format} {image.mode} {image.size}")
        if image.info.keys() - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}:
            fautes.append(f"métadonnées {sorted(image.info)}")
    return fautes


def _processeur() -> float:
    """Seconds of processor spent by this process and by its ended children."""
    usages = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
