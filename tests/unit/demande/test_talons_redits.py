"""A talon doubled, late, refused before it is awaited, or left for an e-photo: only the new photo is the new photo."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.demande.complement import completer, corrigee, repondre
from chalicelib.demande.controle import suite_du_controle
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur
from chalicelib.demande.modeles import Demande, Element, EtatPhoto, PhotoSignature, Statut
from chalicelib.demande.suspension import corriger, lever, suspendre
from tests.dossiers import JOUR_S, MAINTENANT, pieces_de
from tests.unit.demande.test_photo import CODE, EN_ACTIVATION, Monde

S = Statut
AGENT = Auteur("agent", "agent-de-nancy")
CTN = Auteur("ctn", "ctn-de-nancy")
USAGER = Auteur("usager", "usager-de-nancy")
TALON = PhotoSignature(mode="talon", etat=EtatPhoto.TALON)
REFUSE = PhotoSignature(mode="talon", etat=EtatPhoto.REFUSE)
PHOTO = Element(cible="photo_signature", motif="photo_non_conforme")
VOIE = Element(cible="adresse.nom_voie", motif="inexacte")


def le(jours: float) -> str:
    return ecrire(MAINTENANT + timedelta(days=jours))


class Vie(Monde):
    """A demande in its agent's hands, whose usager is asked for another photo."""

    def suspendre(self, jours: float, *elements: Element, qui: Auteur = AGENT) -> None:
        demande, instant = self.demande, MAINTENANT + timedelta(days=jours)
        self.demandes.transiter(
            demande,
            suspendre(
                demande, pieces_de(demande), elements or (PHOTO,), "Merci.", None, qui, "Agnès", instant, "c", JOUR_S
            ),
        )

    def repondre(self, jours: float, photo: PhotoSignature) -> None:
        demande = self.demande
        suspension = repondre(demande, "photo_signature", photo, MAINTENANT + timedelta(days=jours))
        self.demandes.toutes[demande.id] = demande.model_copy(
            update={"suspension": suspension, "version": demande.version + 1}
        )

    def completer(self, jours: float, photo: PhotoSignature) -> Demande:
        self.repondre(jours, photo)
        return self.envoyer(jours)

    def envoyer(self, jours: float) -> Demande:
        demande, instant = self.demande, MAINTENANT + timedelta(days=jours)
        changement = completer(
            demande, corrigee(demande), pieces_de(demande), None, USAGER, instant, "c", JOUR_S, encore_la=False
        )
        return self.demandes.transiter(demande, changement)


DATES: list[dict[str, Any]] = [{}, {"survenu_le": MAINTENANT}]


@pytest.fixture(params=DATES, ids=["sans date", "date"])
def talon(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The notice of a talon that came at the start, dated or not."""
    return dict(request.param)


def test_le_talon_redit_pendant_la_suspension_n_est_pas_le_nouveau(talon: dict[str, Any]) -> None:
    vie = Vie(statut=S.ATTENTE_PHOTO)
    assert vie.dire(**talon) == "applique"
    vie.suspendre(0.1)
    assert vie.dire(0.2, **talon) == "sans_effet" and vie.demande.photo_recue_le is None
    assert vie.completer(0.3, TALON).statut is S.ATTENTE_PHOTO
    assert vie.dire(0.4, **talon) == "sans_effet"
    nouveau = {"survenu_le": MAINTENANT + timedelta(days=5)} if talon else {}
    assert vie.dire(5, **nouveau) == "applique" and vie.demande.statut is S.EN_INSTRUCTION


def test_le_talon_redit_ne_vaut_pas_activation_du_code_donne_depuis(talon: dict[str, Any]) -> None:
    vie = Vie(statut=S.ATTENTE_PHOTO)
    vie.dire(**talon)
    vie.suspendre(0.1)
    assert vie.completer(0.2, EN_ACTIVATION).statut is S.ATTENTE_PHOTO
    assert [vie.dire(jours, **talon) for jours in (0.3, 5)] == ["sans_effet"] * 2
    assert vie.demande.photo_signature == EN_ACTIVATION
    assert vie.dire(6, code_talon=None, code=CODE) == "applique"


def test_un_autre_talon_venu_avant_la_suspension_n_y_repond_pas() -> None:
    """Two papers were sent: the second came while the first was being looked at, and is told late."""
    vie = Vie(statut=S.ATTENTE_PHOTO)
    vie.dire(survenu_le=MAINTENANT)
    vie.suspendre(2)
    assert vie.dire(2.1, survenu_le=MAINTENANT + timedelta(days=1)) == "sans_effet"
    assert vie.demande.photo_recue_le is None


def test_un_talon_neuf_du_meme_jour_compte_quand_il_est_date() -> None:
    vie = Vie(statut=S.ATTENTE_PHOTO)
    vie.dire(survenu_le=MAINTENANT)
    vie.suspendre(0.1)
    vie.completer(0.2, TALON)
    assert vie.dire(0.4, survenu_le=MAINTENANT + timedelta(days=0.3)) == "applique"


def test_une_correction_qui_demande_la_photo_arrete_aussi_les_talons_d_avant() -> None:
    vie = Vie(statut=S.ATTENTE_PHOTO)
    vie.dire(survenu_le=MAINTENANT)
    vie.suspendre(1, VOIE)
    demande = vie.demande
    changement = corriger(
        demande, pieces_de(demande), [PHOTO], "Merci.", None, AGENT, MAINTENANT + timedelta(days=2), "c", JOUR_S
    )
    assert changement is not None
    vie.demandes.transiter(demande, changement)
    assert (vie.demande.photo_recue_le, vie.demande.talons_jusqua) == (None, le(2))
    assert vie.dire(2.1, survenu_le=MAINTENANT) == "sans_effet"


def test_la_levee_rend_la_photo_et_un_talon_jamais_venu_compte_encore() -> None:
    vie = Vie(statut=S.EN_CONTROLE)
    vie.suspendre(1, qui=CTN)
    demande = vie.demande
    vie.demandes.transiter(demande, lever(demande, CTN, MAINTENANT + timedelta(days=2), "c", JOUR_S, encore_la=False))
    assert vie.dire(2.1, survenu_le=MAINTENANT + timedelta(days=0.5)) == "applique"


def test_le_talon_venu_pendant_la_suspension_n_active_pas_le_code_choisi_ensuite() -> None:
    vie = Vie(statut=S.ATTENTE_PHOTO)
    vie.dire(survenu_le=MAINTENANT)
    vie.suspendre(1)
    assert vie.dire(5, survenu_le=MAINTENANT + timedelta(days=5)) == "applique"
    demande = vie.completer(6, EN_ACTIVATION)
    assert (demande.statut, demande.photo_recue_le, demande.photo_attendue) == (S.ATTENTE_PHOTO, None, CODE)


def test_le_talon_ne_compte_pas_pour_qui_repond_par_un_code() -> None:
    vie = Vie(statut=S.ATTENTE_PHOTO)
    vie.dire(survenu_le=MAINTENANT)
    vie.suspendre(1)
    vie.repondre(2, EN_ACTIVATION)
    assert vie.dire(5, survenu_le=MAINTENANT + timedelta(days=5)) == "sans_effet"


def test_le_code_qu_un_complement_remplace_est_a_rendre() -> None:
    valide = EN_ACTIVATION.model_copy(update={"etat": EtatPhoto.VALIDE})
    vie = Vie(statut=S.EN_INSTRUCTION, photo_signature=valide)
    vie.suspendre(1)
    demande = vie.completer(2, TALON)
    assert (demande.photo_signature, demande.photos_quittees) == (TALON, [CODE])
    vie = Vie(statut=S.EN_INSTRUCTION, photo_signature=valide)
    vie.suspendre(1)
    assert vie.completer(2, valide).photos_quittees == [], "it is his still"


@pytest.mark.parametrize("statut", [S.DEPOSEE, S.EN_CONTROLE])
def test_un_talon_refuse_avant_d_etre_attendu_se_fait_attendre_comme_refuse(
    statut: Statut, talon: dict[str, Any]
) -> None:
    vie = Vie(statut=statut)
    assert [vie.dire(jours, resultat="refuse", **talon) for jours in (0, 0.5)] == ["applique", "sans_effet"]
    demande = vie.demande
    assert (vie.histoire, demande.photo_signature) == ([("PhotoRefusee", statut)], REFUSE)
    evenement, vers, _ = suite_du_controle(demande, demande.photo_signature, MAINTENANT, JOUR_S)
    assert (evenement, vers) == ("PhotoAttendue", S.ATTENTE_PHOTO)
    nouveau = {"survenu_le": MAINTENANT + timedelta(days=0.6)} if talon else {}
    assert vie.dire(0.7, **nouveau) == "applique", "another paper is looked at for itself"
    demande = vie.demande
    assert demande.photo_signature == TALON
    assert suite_du_controle(demande, TALON, MAINTENANT, JOUR_S)[1] is S.EN_INSTRUCTION


def test_un_nouveau_talon_refuse_pendant_la_suspension_se_dit_et_la_reponse_reste(talon: dict[str, Any]) -> None:
    vie = Vie(statut=S.ATTENTE_PHOTO)
    vie.dire(survenu_le=MAINTENANT - timedelta(days=1))
    vie.suspendre(0.1)
    vie.repondre(0.2, TALON)
    suite = {"survenu_le": MAINTENANT + timedelta(days=3)} if talon else {}
    assert [vie.dire(jours, resultat="refuse", **suite) for jours in (3, 3.5)] == ["applique", "sans_effet"]
    assert vie.histoire[-1] == ("PhotoRefusee", "suspendue") and vie.demande.photo_signature == TALON
    demande = vie.envoyer(4)
    assert (demande.statut, demande.photo_signature) == (S.ATTENTE_PHOTO, TALON)


def test_un_talon_deja_compte_ne_se_refuse_plus() -> None:
    vie = Vie(statut=S.EN_CONTROLE)
    vie.dire()
    assert vie.dire(0.1, resultat="refuse") == "sans_effet" and vie.demande.photo_signature == TALON


def test_un_talon_valide_dit_apres_le_refus_d_un_autre_plus_recent_compte() -> None:
    vie = Vie(statut=S.ATTENTE_PHOTO)
    vie.dire(3, resultat="refuse", survenu_le=MAINTENANT + timedelta(days=3))
    assert vie.dire(3.1, survenu_le=MAINTENANT + timedelta(days=1)) == "applique"


def test_un_brouillon_garde_le_refus_de_son_talon_et_en_demande_un_autre() -> None:
    monde = Monde()
    assert [monde.dire(code_talon=monde.demande.id, resultat="refuse") for _ in range(2)] == ["note", "sans_effet"]
    assert monde.demande.photo_signature == REFUSE and monde.histoire == []
    assert monde.dire(1, code_talon=monde.demande.id) == "note"
    assert monde.demande.photo_signature == TALON and monde.demande.photo_recue_le == le(1)


def test_un_brouillon_en_e_photo_ne_note_pas_de_talon() -> None:
    monde = Monde(photo_signature=EN_ACTIVATION)
    assert monde.dire(code_talon=monde.demande.id) == "sans_effet" and monde.demande.photo_recue_le is None
