"""Task ``Controler``: what machines are sure of passes at once; the rest waits for a person, or for its photo."""

from typing import Any

import pytest

from chalicelib.demande.controle import Avis, juger
from chalicelib.demande.journal import Auteur
from chalicelib.demande.machine import Point
from chalicelib.demande.modeles import Demande, EtatPhoto, PhotoSignature, Piece, Statut, StatutPiece
from chalicelib.demande.verification import chaine_intacte
from chalicelib.workflow.controler import controler_le_depot
from tests.dossiers import DEMANDE_ID, JOUR_S, MAINTENANT, piece, pieces_de, prete
from tests.fakes.demandes import FakeDemandes
from tests.fakes.exterieur import FakePhotos

CODE = f"PHOTO{0:017d}"
NUMERIQUE = PhotoSignature(mode="numerique", code=CODE, etat=EtatPhoto.VALIDE)


class Monde:
    """A store with one deposited demande, and the e-photo base."""

    def __init__(self, *ajoutees: Piece, photo: str = "valide", **champs: Any) -> None:
        self.demandes, self.photos = FakeDemandes(), FakePhotos()
        self.photos.creer(photo)  # type: ignore[arg-type]  # the states of the base, given as text
        demande = prete(**{"statut": Statut.DEPOSEE, "numero": "1" * 23, "photo_signature": NUMERIQUE, **champs})
        pieces = [*pieces_de(demande), *ajoutees]
        retenues = [une.piece_id for une in pieces if une.statut is StatutPiece.VALIDE]
        self.demandes.creer(demande.model_copy(update={"pieces_deposees": retenues, "veille": "signal"}))
        for une in pieces:
            self.demandes.ajouter_piece(une)

    def controler(self) -> Point:
        return controler_le_depot(DEMANDE_ID, self.demandes, self.photos, MAINTENANT, "corr", JOUR_S)

    @property
    def demande(self) -> Demande:
        return self.demandes.lire(DEMANDE_ID)

    @property
    def evenements(self) -> list[str]:
        return [entree.evenement for entree in self.demandes.journal(DEMANDE_ID)]


def test_un_dossier_sur_passe_en_instruction_d_une_ecriture() -> None:
    monde = Monde()

    point = monde.controler()

    assert monde.evenements == ["ControleCommence", "ControleTermine"]
    assert (point.statut, point.version) == ("en_instruction", 2)
    assert monde.demande.corbeille == "543#agent"
    assert monde.demande.veille is None, "the machine's own doing confirms its signal"
    assert monde.photos.reservations == {CODE: DEMANDE_ID}
    assert chaine_intacte(monde.demandes.journal(DEMANDE_ID), monde.demande)


def test_une_piece_que_rien_ne_juge_attend_un_operateur() -> None:
    monde = Monde(piece("justificatif_etat_civil", 9))

    assert monde.controler().statut == "en_controle"
    assert monde.demande.corbeille == "543#ctn"
    statuts = {une.type: une.statut for une in monde.demandes.lire_avec_pieces(DEMANDE_ID)[1]}
    assert statuts["justificatif_etat_civil"] is StatutPiece.A_VERIFIER


def test_une_piece_qui_n_est_pas_deposee_n_arrete_rien() -> None:
    monde = Monde(piece("avis_medical", 9, StatutPiece.INVALIDE))

    assert monde.controler().statut == "en_instruction"


@pytest.mark.parametrize(
    ("photo", "attendue"),
    [
        (PhotoSignature(mode="talon", etat=EtatPhoto.TALON), None),
        (PhotoSignature(mode="numerique", code=CODE, etat=EtatPhoto.EN_ACTIVATION), CODE),
    ],
)
def test_une_photo_a_venir_s_attend_soixante_jours(photo: PhotoSignature, attendue: str | None) -> None:
    monde = Monde(photo="en_activation", photo_signature=photo)

    point = monde.controler()

    assert monde.evenements == ["ControleCommence", "PhotoAttendue"]
    assert point.statut == "attente_photo"
    assert monde.demande.photo_attendue == attendue
    # A code is asked about each day; a talon is waited for until the first reminder, at mid-delay.
    assert point.secondes == (JOUR_S if attendue else 30 * JOUR_S)
    assert monde.demande.corbeille is None


def test_un_controle_fini_par_un_operateur_signale_la_photo_attendue() -> None:
    """The machine waits for the operator: nobody but a signal tells it that a deadline runs now."""
    talon = PhotoSignature(mode="talon", etat=EtatPhoto.TALON)
    monde = Monde(piece("justificatif_etat_civil", 9), photo_signature=talon)
    monde.controler()
    demande, pieces = monde.demandes.lire_avec_pieces(DEMANDE_ID)
    avis = [Avis(une.piece_id, acceptee=True) for une in pieces if une.statut is StatutPiece.A_VERIFIER]

    fini = juger(demande, pieces, avis, Auteur("ctn", "c1"), MAINTENANT, "corr", JOUR_S)

    assert (fini.evenement, fini.poser["veille"]) == ("PhotoAttendue", "signal")


def test_un_code_active_depuis_le_depot_ne_s_attend_pas() -> None:
    en_activation = NUMERIQUE.model_copy(update={"etat": EtatPhoto.EN_ACTIVATION})
    monde = Monde(photo="valide", photo_signature=en_activation)

    assert monde.controler().statut == "en_instruction"
    assert monde.demande.photo_signature == NUMERIQUE


def test_un_code_devenu_inutile_va_a_l_agent() -> None:
    """Nothing will come: the agent asks for another photo."""
    monde = Monde()
    monde.photos.reserver(CODE, "une-autre")

    assert monde.controler().statut == "en_instruction"
    assert monde.demande.photo_signature == NUMERIQUE.model_copy(update={"etat": EtatPhoto.DEJA_UTILISE})


def test_un_doublon_se_dit_a_l_agent() -> None:
    monde = Monde()
    autre = monde.demande.model_copy(update={"id": "autre", "numero": "2" * 23})
    monde.demandes.creer(autre)
    controler_le_depot("autre", monde.demandes, monde.photos, MAINTENANT, "corr", JOUR_S)

    monde.controler()

    assert monde.demande.doublons == ["2" * 23]


@pytest.mark.parametrize("statut", [Statut.EN_CONTROLE, Statut.RETIREE])
def test_une_demande_deja_plus_loin_est_laissee_ou_elle_est(statut: Statut) -> None:
    monde = Monde(statut=statut)

    assert monde.controler().statut == statut
    assert monde.evenements == []


def test_deux_controles_n_en_font_qu_un() -> None:
    monde = Monde()

    assert monde.controler() == monde.controler()
    assert monde.evenements == ["ControleCommence", "ControleTermine"]


def test_une_base_d_e_photos_en_panne_n_arrete_pas_le_controle() -> None:
    monde = Monde()
    monde.photos.en_panne = True

    assert monde.controler().statut == "en_instruction"
