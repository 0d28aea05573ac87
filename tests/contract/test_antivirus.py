"""The scanner: the same promises from the fake, our simulator of ClamAV's daemon, that daemon itself and S3's tag."""

import asyncio
import socket
import struct
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

import pikepdf
import pytest

from chalicelib import wiring
from chalicelib.adapters import clients
from chalicelib.adapters.antivirus_clamav import AntiVirusClamav
from chalicelib.adapters.antivirus_s3 import ETIQUETTE, AntiVirusS3
from chalicelib.demande.erreurs import FichierAbsent, ServiceIndisponible
from chalicelib.demande.modeles import StatutPiece
from chalicelib.demande.motifs import TAILLE_MAX
from chalicelib.demande.ports_antivirus import AntiVirus
from infra.local.simulateurs.antivirus import AntiVirusSimule
from infra.local.simulateurs.socle import Pannes, ouvrir
from tests.clamd import Clamd, clamd
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import piece
from tests.fakes.exterieur import EICAR, FakeAntiVirus
from tests.parcours import Parcours
from tests.ports import exterieur_simule
from tests.specimens import image

PIECE = piece("domicile", statut=StatutPiece.ATTENDUE, pages=0)
QUARANTAINE = "permis-quarantaine"


class Monde(Protocol):
    """The port under test, and what happens on the other side."""

    @property
    def antivirus(self) -> AntiVirus: ...

    def poster(self, octets: bytes) -> None:
        """The browser posts, the scanner does its work."""

    def panne(self, oui: bool) -> None: ...


class MondeFactice:
    def __init__(self) -> None:
        self.antivirus = FakeAntiVirus()

    def poster(self, octets: bytes) -> None:
        pass

    def panne(self, oui: bool) -> None:
        self.antivirus.en_panne = oui


class MondeClamav:
    def __init__(self, prise: Path, pannes: Pannes) -> None:
        self.antivirus = AntiVirusClamav(f"unix:{prise}", 2)
        self._pannes = pannes

    def poster(self, octets: bytes) -> None:
        pass

    def panne(self, oui: bool) -> None:
        self._pannes.regler("antivirus", "panne" if oui else "aucune", 0)


class MondeClamd:
    """ClamAV's own daemon, which falls silent."""

    def __init__(self, vrai: Clamd) -> None:
        self.antivirus = AntiVirusClamav(vrai.adresses[0], 2)
        self._vrai = vrai

    def poster(self, octets: bytes) -> None:
        pass

    def panne(self, oui: bool) -> None:
        self._vrai.muet(oui)


class MondeS3:
    def __init__(self, s3: Any) -> None:
        self.antivirus = AntiVirusS3(s3, QUARANTAINE)
        self._s3 = s3
        self._octets = b""

    def poster(self, octets: bytes) -> None:
        self._octets = octets
        etiqueter(self._s3, octets, "THREATS_FOUND" if EICAR in octets else "NO_THREATS_FOUND")

    def panne(self, oui: bool) -> None:
        etiqueter(self._s3, self._octets, "FAILED" if oui else "NO_THREATS_FOUND")


def etiqueter(s3: Any, octets: bytes, etat: str | None, nom: str = ETIQUETTE) -> None:
    """Post ``octets``; then GuardDuty says ``etat`` of them."""
    cle = f"{PIECE.demande_id}/{PIECE.piece_id}"
    s3.put_object(Bucket=QUARANTAINE, Key=cle, Body=octets)
    if etat is not None:
        s3.put_object_tagging(Bucket=QUARANTAINE, Key=cle, Tagging={"TagSet": [{"Key": nom, "Value": etat}]})


@contextmanager
def clamav_simule(dossier: Path) -> Iterator[MondeClamav]:
    boucle = asyncio.new_event_loop()
    fil = threading.Thread(target=boucle.run_forever, daemon=True)
    fil.start()
    pannes = Pannes(ouvrir(dossier))
    prise = dossier / "clamd.sock"
    tache = asyncio.run_coroutine_threadsafe(AntiVirusSimule(prise, pannes).servir(), boucle)
    while not prise.exists():
        time.sleep(0.01)
    try:
        yield MondeClamav(prise, pannes)
    finally:
        tache.cancel()
        boucle.call_soon_threadsafe(boucle.stop)
        fil.join()


@pytest.fixture(params=["factice", "clamav", pytest.param("clamd", marks=pytest.mark.long), "s3"])
def monde(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Monde]:
    if request.param == "factice":
        yield MondeFactice()
    elif request.param == "clamav":
        with clamav_simule(tmp_path) as simule:
            yield simule
    elif request.param == "clamd":
        with clamd(tmp_path) as vrai:
            yield MondeClamd(vrai)
    else:
        with aws_simule():
            yield MondeS3(clients.client("s3"))


class TestAntiVirus:
    @pytest.mark.parametrize("taille", [1, 300_000, TAILLE_MAX])
    def test_a_clean_file_is_told_clean(self, monde: Monde, taille: int) -> None:
        monde.poster(b"\xff" * taille)
        assert monde.antivirus.analyser(PIECE, b"\xff" * taille) == "saine"

    @pytest.mark.parametrize("octets", [EICAR, b"\xff\xd8" + b"\0" * 400_000 + EICAR])
    def test_a_virus_is_found_wherever_it_is(self, monde: Monde, octets: bytes) -> None:
        monde.poster(octets)
        assert monde.antivirus.analyser(PIECE, octets) == "infectee"

    def test_a_scanner_that_cannot_tell_is_told_as_unavailable_then_works_again(self, monde: Monde) -> None:
        monde.poster(b"a")
        monde.panne(True)
        with pytest.raises(ServiceIndisponible):
            monde.antivirus.analyser(PIECE, b"a")
        monde.panne(False)
        assert monde.antivirus.analyser(PIECE, b"a") == "saine"


class TestEtiquetteS3:
    @pytest.fixture
    def s3(self) -> Iterator[Any]:
        with aws_simule():
            yield clients.client("s3")

    def test_a_file_without_its_tag_waits(self, s3: Any) -> None:
        etiqueter(s3, b"a", None)
        assert AntiVirusS3(s3, QUARANTAINE).analyser(PIECE, b"a") == "en_cours"

    def test_another_tag_says_nothing(self, s3: Any) -> None:
        etiqueter(s3, b"a", "NO_THREATS_FOUND", "Autre")
        assert AntiVirusS3(s3, QUARANTAINE).analyser(PIECE, b"a") == "en_cours"

    def test_a_second_post_takes_the_first_ones_tag_away(self, s3: Any) -> None:
        etiqueter(s3, b"saine", "NO_THREATS_FOUND")
        etiqueter(s3, EICAR, None)
        assert AntiVirusS3(s3, QUARANTAINE).analyser(PIECE, EICAR) == "en_cours"

    def test_what_was_read_is_not_what_was_scanned(self, s3: Any) -> None:
        etiqueter(s3, b"saine", "NO_THREATS_FOUND")
        assert AntiVirusS3(s3, QUARANTAINE).analyser(PIECE, EICAR) == "en_cours"

    @pytest.mark.parametrize("etat", ["ACCESS_DENIED", "FAILED", "", "no_threats_found", "autre"])
    def test_any_other_word_lets_nothing_through(self, s3: Any, etat: str) -> None:
        etiqueter(s3, b"a", etat)
        with pytest.raises(ServiceIndisponible):
            AntiVirusS3(s3, QUARANTAINE).analyser(PIECE, b"a")

    def test_what_aws_cannot_look_into_is_told_so(self, s3: Any) -> None:
        etiqueter(s3, b"a", "UNSUPPORTED")
        assert AntiVirusS3(s3, QUARANTAINE).analyser(PIECE, b"a") == "impenetrable"

    def test_a_file_that_is_gone_is_absent(self, s3: Any) -> None:
        with pytest.raises(FichierAbsent):
            AntiVirusS3(s3, QUARANTAINE).analyser(PIECE, b"a")


Reponse = Callable[[socket.socket], None]


@contextmanager
def parodie(repondre: Reponse) -> Iterator[AntiVirusClamav]:
    """A scanner that does as it likes with one connection, on the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as serveur:

        def servir() -> None:
            with suppress(OSError):
                prise, _ = serveur.accept()
                with prise:
                    repondre(prise)

        fil = threading.Thread(target=servir, daemon=True)
        fil.start()
        yield AntiVirusClamav(f"tcp:127.0.0.1:{serveur.getsockname()[1]}", 1)
    fil.join(5)


def lire_tout(prise: socket.socket) -> bytes:
    """What was sent, up to the block of size zero."""
    recu = b""
    while not recu.endswith(b"\0\0\0\0"):
        morceau = prise.recv(65_536)
        if not morceau:
            break
        recu += morceau
    return recu


class TestProtocoleClamav:
    def test_the_bytes_are_sent_in_blocks_ended_by_an_empty_one(self) -> None:
        recus: list[bytes] = []

        def repondre(prise: socket.socket) -> None:
            recus.append(lire_tout(prise))
            prise.sendall(b"stream: OK\0")

        with parodie(repondre) as antivirus:
            assert antivirus.analyser(PIECE, b"abc") == "saine"
        assert recus == [b"zINSTREAM\0" + struct.pack(">I", 3) + b"abc" + struct.pack(">I", 0)]

    @pytest.mark.parametrize(
        "reponse",
        [
            b"", b"\0", b"stream: OK", b"stream: OK\n", b"OK\0", b"stream: ok\0", b"stream: Lstat() failed: ERROR\0",
            b"INSTREAM size limit exceeded. ERROR\0", b"UNKNOWN COMMAND\0", b"stream: OK\0stream: OK", b"x" * 5_000,
        ],
    )  # fmt: skip
    def test_any_other_answer_lets_nothing_through(self, reponse: bytes) -> None:
        def repondre(prise: socket.socket) -> None:
            lire_tout(prise)
            prise.sendall(reponse)

        with parodie(repondre) as antivirus, pytest.raises(ServiceIndisponible):
            antivirus.analyser(PIECE, b"abc")

    def test_a_name_of_virus_is_found_whatever_it_is(self) -> None:
        def repondre(prise: socket.socket) -> None:
            lire_tout(prise)
            prise.sendall(b"stream: OK \xff.Trojan FOUND\0")

        with parodie(repondre) as antivirus:
            assert antivirus.analyser(PIECE, b"abc") == "infectee"

    def test_a_refusal_told_before_the_end_is_heard(self) -> None:
        def repondre(prise: socket.socket) -> None:
            prise.sendall(b"INSTREAM size limit exceeded. ERROR\0")

        with parodie(repondre) as antivirus, pytest.raises(ServiceIndisponible):
            antivirus.analyser(PIECE, b"\0" * TAILLE_MAX)

    @pytest.mark.parametrize("lecture", [True, False])
    def test_a_scanner_that_says_nothing_is_left_in_time(self, lecture: bool) -> None:
        def repondre(prise: socket.socket) -> None:
            if lecture:
                lire_tout(prise)
            time.sleep(3)

        debut = time.monotonic()
        with parodie(repondre) as antivirus, pytest.raises(ServiceIndisponible):
            antivirus.analyser(PIECE, b"\0" * TAILLE_MAX)
        assert time.monotonic() - debut < 5

    def test_nobody_there(self, tmp_path: Path) -> None:
        for adresse in (f"unix:{tmp_path}/absente.sock", "tcp:127.0.0.1:1"):
            with pytest.raises(ServiceIndisponible):
                AntiVirusClamav(adresse).analyser(PIECE, b"abc")

    @pytest.mark.parametrize("adresse", ["", "unix:", "http://clamd", "/run/clamd.ctl"])
    def test_an_address_that_means_nothing_is_a_fault_of_ours(self, adresse: str) -> None:
        with pytest.raises(ValueError, match="unix:/chemin"):
            AntiVirusClamav(adresse)


@pytest.mark.long
class TestVraiClamd:
    """What our simulator does not do."""

    @pytest.fixture
    def vrai(self, tmp_path: Path) -> Iterator[Clamd]:
        with clamd(tmp_path, "AlertExceedsMax yes", "MaxScanSize 20M") as lance:
            yield lance

    def test_it_answers_the_same_over_both_kinds_of_sockets_and_to_many_at_once(self, vrai: Clamd) -> None:
        def analyser(rang: int) -> str:
            return AntiVirusClamav(vrai.adresses[rang % 2]).analyser(PIECE, EICAR if rang % 3 else b"a" * 300_000)

        with ThreadPoolExecutor(12) as fils:
            rendus = list(fils.map(analyser, range(48)))
        assert rendus == ["infectee" if rang % 3 else "saine" for rang in range(48)]

    def test_a_virus_is_found_inside_a_compressed_stream(self, vrai: Clamd) -> None:
        sortie = BytesIO()
        with pikepdf.new() as pdf:
            pdf.add_blank_page()
            pdf.Root.Cache = pdf.make_indirect(pikepdf.Stream(pdf, EICAR))
            pdf.save(sortie)
        assert EICAR not in sortie.getvalue()
        assert AntiVirusClamav(vrai.adresses[0]).analyser(PIECE, sortie.getvalue()) == "infectee"

    @pytest.mark.parametrize("rang", [0, 1])
    @pytest.mark.parametrize("de_trop", [1, TAILLE_MAX])
    def test_more_than_it_takes_lets_nothing_through(self, vrai: Clamd, rang: int, de_trop: int) -> None:
        antivirus = AntiVirusClamav(vrai.adresses[rang])
        with pytest.raises(ServiceIndisponible):
            antivirus.analyser(PIECE, b"\0" * (TAILLE_MAX + de_trop))
        assert antivirus.analyser(PIECE, b"\0" * TAILLE_MAX) == "saine"

    def test_what_it_scanned_in_part_is_not_clean_and_has_no_virus(self, vrai: Clamd) -> None:
        assert AntiVirusClamav(vrai.adresses[0]).analyser(PIECE, bombe()) == "impenetrable"

    def test_without_its_setting_it_tells_clean_what_it_scanned_in_part(self, tmp_path: Path) -> None:
        """Why docs/decisions/antivirus.md asks for AlertExceedsMax."""
        with clamd(tmp_path, "MaxScanSize 20M") as vrai:
            assert AntiVirusClamav(vrai.adresses[0]).analyser(PIECE, bombe()) == "saine"

    @pytest.mark.parametrize("octets", [b"", EICAR, b"\0" * TAILLE_MAX], ids=["vide", "petit", "gros"])
    def test_killed_while_it_was_asked_it_has_said_nothing(self, vrai: Clamd, octets: bytes) -> None:
        vrai.muet(True)
        with ThreadPoolExecutor(1) as fils:
            rendu = fils.submit(AntiVirusClamav(vrai.adresses[0], 30).analyser, PIECE, octets)
            vrai.attendre_un_client()
            vrai.tuer()
            with pytest.raises(ServiceIndisponible):
                rendu.result()

    @pytest.mark.parametrize("genre", ["PNG", "JPEG", "TIFF", "PDF"])
    def test_an_ordinary_file_is_clean(self, vrai: Clamd, genre: str) -> None:
        assert AntiVirusClamav(vrai.adresses[0]).analyser(PIECE, image(genre)) == "saine"


def bombe() -> bytes:
    """40 MB in 40 kB."""
    sortie = BytesIO()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * 40_000_000)
    return sortie.getvalue()


CONTROLE = "/demandes/{id}/pieces/{piece_id}/controle"


class TestAnalyseParAws:
    """The whole control where AWS scans: what it says meanwhile, and what it costs."""

    @pytest.fixture
    def parcours(self) -> Iterator[Parcours]:
        with aws_simule(), exterieur_simule():
            vrai = wiring.antivirus
            vars(wiring)["antivirus"] = lambda: AntiVirusS3(clients.client("s3"), QUARANTAINE)
            try:
                yield Parcours("vol")
            finally:
                vars(wiring)["antivirus"] = vrai

    def appeler(self, parcours: Parcours, methode: str) -> tuple[int, dict[str, Any], list[str]]:
        with compter_appels() as appels:
            resultat = parcours.appeler(methode, CONTROLE)
        return resultat.statut, resultat.corps, [appel.operation for appel in appels]

    def dire(self, parcours: Parcours, etat: str) -> None:
        cle = f"{parcours.id}/{parcours.chemin['piece_id']}"
        etiquette = {"TagSet": [{"Key": ETIQUETTE, "Value": etat}]}
        clients.client("s3").put_object_tagging(Bucket=QUARANTAINE, Key=cle, Tagging=etiquette)

    def statut(self, parcours: Parcours) -> str:
        (lue,) = parcours.reussir("GET", "/demandes/{id}")["pieces"]
        return str(lue["statut"])

    @pytest.mark.parametrize("methode", ["POST", "GET"])
    def test_it_is_under_way_then_asked_again_it_is_judged(self, parcours: Parcours, methode: str) -> None:
        parcours.deposer_fichier(image("PNG"))
        statut, corps, appels = self.appeler(parcours, "POST")
        assert (statut, corps["statut"], corps["anomalies"]) == (202, "en_cours", [])
        assert appels == ["Query", "GetObject", "GetObjectTagging", "UpdateItem"]
        assert self.statut(parcours) == "en_cours"

        statut, corps, appels = self.appeler(parcours, methode)
        assert (statut, corps["statut"]) == (202, "en_cours")
        assert appels == ["Query", "GetObject", "GetObjectTagging"], "nothing new, nothing written"

        self.dire(parcours, "NO_THREATS_FOUND")
        statut, corps, appels = self.appeler(parcours, methode)
        assert (statut, corps["statut"], corps["pages"]) == (200, "valide", 1)
        assert appels == [
            "Query",
            "GetObject",
            "GetObjectTagging",
            "HeadObject",
            "PutObject",
            "PutObject",
            "UpdateItem",
        ]

    @pytest.mark.parametrize(
        ("dite", "code"), [("THREATS_FOUND", "virus_trouve"), ("UNSUPPORTED", "analyse_impossible")]
    )
    def test_what_is_not_clean_is_refused_and_nothing_of_it_is_kept(
        self, parcours: Parcours, dite: str, code: str
    ) -> None:
        parcours.deposer_fichier(image("PNG"))
        self.dire(parcours, dite)
        statut, corps, _ = self.appeler(parcours, "POST")
        assert (statut, corps["statut"]) == (200, "invalide")
        assert [(une["code"], une["gravite"]) for une in corps["anomalies"]] == [(code, "refus")]
        assert "Contents" not in clients.client("s3").list_objects_v2(Bucket="permis-pieces")

    def test_what_the_quarantine_has_dropped_meanwhile_is_told_and_may_be_sent_again(self, parcours: Parcours) -> None:
        parcours.deposer_fichier(image("PNG"))
        self.appeler(parcours, "POST")
        cle = f"{parcours.id}/{parcours.chemin['piece_id']}"
        clients.client("s3").delete_object(Bucket=QUARANTAINE, Key=cle)
        statut, corps, _ = self.appeler(parcours, "GET")
        assert (statut, corps["statut"]) == (200, "invalide")
        assert [une["code"] for une in corps["anomalies"]] == ["fichier_perdu"]
        parcours.reussir("DELETE", "/demandes/{id}/pieces/{piece_id}")

    def test_what_could_not_be_scanned_stays_under_way_and_is_told(self, parcours: Parcours) -> None:
        parcours.deposer_fichier(image("PNG"))
        self.dire(parcours, "FAILED")
        statut, corps, _ = self.appeler(parcours, "POST")
        assert (statut, corps["statut"]) == (202, "en_cours")
        assert [(une["code"], une["gravite"]) for une in corps["anomalies"]] == [("analyse_indisponible", "conseil")]

    def test_reading_the_verdict_of_a_file_never_controlled_controls_nothing(self, parcours: Parcours) -> None:
        parcours.deposer_fichier(image("PNG"))
        statut, corps, appels = self.appeler(parcours, "GET")
        assert (statut, corps["statut"], appels) == (200, "attendue", ["Query"])

    def test_a_demande_with_a_file_under_way_is_not_complete(self, parcours: Parcours) -> None:
        parcours.saisir()
        parcours.deposer_fichier(image("PNG"))
        self.appeler(parcours, "POST")
        manques = parcours.reussir("GET", "/demandes/{id}")["etapes"]["pieces"]["donnees"]["manques"]
        (identite,) = [un for un in manques if un["champ"] == "identite"]
        assert "n'est pas fini" in identite["message"]
        assert parcours.appeler("POST", "/demandes/{id}/confirmation", {"attestation": True}).statut == 409
