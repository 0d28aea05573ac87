"""The arrival of a photo: awaited, early, late, doubled, refused."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.demande.bail import bail_d_une_affectation
from chalicelib.demande.erreurs import DemandeInconnue
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, Demandeur, EtatPhoto, PhotoSignature, Statut
from chalicelib.demande.statuts import FINALS
from chalicelib.partenaires.photo import NotificationPhoto, recevoir_la_photo
from tests.agents import AGENT
from tests.dossiers import DEMANDE_ID, JOUR_S, MAINTENANT, il_y_a, prete
from tests.fakes.comptes import ComptesEnMemoire, Magasin
from tests.fakes.demandes import FakeDemandes, FakeFichiers
from tests.personnel import compte_de

NUMERO = "12441542134215461243643"
CODE = "A1B2C3D4E5F6G7H8J9K0L1"
S = Statut
SERVICE = ComptesEnMemoire(Magasin({AGENT.compte_id: compte_de(AGENT)}))
EN_ACTIVATION = PhotoSignature(mode="numerique", code=CODE, etat=EtatPhoto.EN_ACTIVATION)


class Monde:
    """A demande, and what is told of its photo."""

    def __init__(self, **champs: Any) -> None:
        self.demandes = FakeDemandes()
        statut = champs.get("statut", S.BROUILLON)
        depose = {} if statut is S.BROUILLON else {"numero": NUMERO, "autorite": "543", "deposee_le": ecrire(il_y_a(1))}
        self.demandes.creer(prete(**{**depose, **champs}))

    def dire(self, jours: float = 0, **corps: Any) -> str:
        notice = NotificationPhoto.model_validate({"code_talon": NUMERO, "resultat": "valide", **corps})
        instant = MAINTENANT + timedelta(days=jours)
        return recevoir_la_photo(self.demandes, SERVICE, FakeFichiers, notice, instant, "correlation", JOUR_S).effet

    @property
    def demande(self) -> Demande:
        return self.demandes.lire(DEMANDE_ID)

    @property
    def histoire(self) -> list[tuple[str, str]]:
        return [(entree.evenement, entree.statut) for entree in self.demandes.journal(DEMANDE_ID)]


def test_un_talon_attendu_mene_a_l_instruction_une_fois() -> None:
    monde = Monde(statut=S.ATTENTE_PHOTO)
    assert [monde.dire() for _ in range(3)] == ["applique", "sans_effet", "sans_effet"]
    assert monde.histoire == [("PhotoRecue", "en_instruction")]
    assert monde.demande.photo_recue_le == ecrire(MAINTENANT)


def test_un_code_active_mene_a_l_instruction_et_sa_repetition_n_est_pas_une_erreur() -> None:
    monde = Monde(statut=S.ATTENTE_PHOTO, photo_signature=EN_ACTIVATION, photo_attendue=CODE)
    par_code: dict[str, Any] = {"code_talon": None, "code": CODE}
    assert [monde.dire(**par_code) for _ in range(2)] == ["applique", "inattendue"]
    photo = monde.demande.photo_signature
    assert photo and (monde.demande.statut, photo.etat) == ("en_instruction", "valide")


@pytest.mark.parametrize("statut", [S.DEPOSEE, S.EN_CONTROLE, S.SUSPENDUE])
def test_une_photo_en_avance_est_gardee_sans_changer_le_statut(statut: Statut) -> None:
    monde = Monde(statut=statut)
    assert [monde.dire(code_talon=DEMANDE_ID) for _ in range(2)] == ["applique", "sans_effet"]
    assert monde.histoire == [("PhotoRecue", statut)] and monde.demande.photo_recue_le


def test_le_talon_d_un_brouillon_est_note_sans_journal() -> None:
    monde = Monde()
    assert [monde.dire(code_talon=DEMANDE_ID) for _ in range(2)] == ["note", "sans_effet"]
    assert monde.histoire == [] and monde.demande.photo_recue_le == ecrire(MAINTENANT)


def test_le_talon_d_un_brouillon_a_clore_ne_le_rouvre_pas() -> None:
    monde = Monde(modifie_le=ecrire(il_y_a(20)))
    assert monde.dire(code_talon=DEMANDE_ID) == "sans_effet" and monde.demande.photo_recue_le is None


@pytest.mark.parametrize("statut", sorted(FINALS))
def test_une_photo_tardive_se_dit_une_fois_et_ne_rouvre_rien(statut: Statut) -> None:
    monde = Monde(statut=statut)
    assert [monde.dire() for _ in range(2)] == ["applique", "sans_effet"]
    assert monde.histoire == [("PhotoTardive", statut)]


@pytest.mark.parametrize("statut", [S.EN_INSTRUCTION, S.VALIDEE, S.EN_PRODUCTION, S.EXPEDIEE, S.NON_DISTRIBUEE])
def test_une_photo_de_plus_ne_change_rien(statut: Statut) -> None:
    monde = Monde(statut=statut)
    assert monde.dire() == "sans_effet" and monde.histoire == []


def test_un_refus_se_dit_une_fois_et_la_demande_attend_toujours_la_meme_echeance() -> None:
    echeance = ecrire(MAINTENANT + timedelta(days=30))
    monde = Monde(statut=S.ATTENTE_PHOTO, echeance=echeance)
    assert [monde.dire(jours, resultat="refuse") for jours in (0, 0.5)] == ["applique", "sans_effet"]
    assert monde.histoire == [("PhotoRefusee", "attente_photo")] and monde.demande.echeance == echeance
    assert monde.demande.photo_signature == PhotoSignature(mode="talon", etat=EtatPhoto.REFUSE)
    assert monde.dire(5, resultat="refuse") == "applique"
    assert monde.dire(6) == "applique" and monde.demande.statut == "en_instruction"


def test_un_code_refuse_le_reste_quel_que_soit_le_jour_ou_on_le_redit() -> None:
    monde = Monde(statut=S.ATTENTE_PHOTO, photo_signature=EN_ACTIVATION, photo_attendue=CODE)
    par_code: dict[str, Any] = {"code_talon": None, "code": CODE, "resultat": "refuse"}
    assert [monde.dire(jours, **par_code) for jours in (0, 0.5, 9)] == ["applique", "sans_effet", "sans_effet"]
    photo = monde.demande.photo_signature
    assert photo and (photo.code, photo.etat) == (CODE, "refuse")


def test_le_refus_d_un_talon_ne_touche_pas_le_code_donne_depuis() -> None:
    monde = Monde(statut=S.ATTENTE_PHOTO, photo_signature=EN_ACTIVATION, photo_attendue=CODE)
    assert monde.dire(resultat="refuse") == "sans_effet" and monde.histoire == []


def test_un_talon_ne_prend_pas_la_place_du_code_qui_doit_encore_s_activer() -> None:
    monde = Monde(statut=S.ATTENTE_PHOTO, photo_signature=EN_ACTIVATION, photo_attendue=CODE)
    assert monde.dire() == "sans_effet" and monde.demande.photo_signature == EN_ACTIVATION


def test_un_talon_arrive_sert_a_la_place_du_code_refuse_qui_est_a_rendre() -> None:
    refuse = EN_ACTIVATION.model_copy(update={"etat": EtatPhoto.REFUSE})
    monde = Monde(statut=S.ATTENTE_PHOTO, photo_signature=refuse, photo_attendue=CODE)
    assert monde.dire() == "applique"
    demande = monde.demande
    assert demande.photo_signature == PhotoSignature(mode="talon", etat=EtatPhoto.TALON)
    assert (demande.statut, demande.photos_quittees) == ("en_instruction", [CODE])


def test_un_talon_inconnu_est_introuvable() -> None:
    with pytest.raises(DemandeInconnue):
        Monde().dire(code_talon="9" * 23)


DEMANDEUR = Demandeur(par=AGENT.compte_id, par_nom="Agnès GUICHET")


def test_une_photo_redemandee_revient_a_l_agent_qui_l_a_demandee_en_tete_de_sa_file() -> None:
    monde = Monde(statut=S.ATTENTE_PHOTO, photo_redemandee_par=DEMANDEUR)
    monde.dire()
    demande = monde.demande
    assert (demande.agent, demande.agent_nom, demande.urgence) == (
        AGENT.compte_id,
        "Agnès GUICHET",
        f"0#{ecrire(MAINTENANT)}",
    )
    assert demande.bail_jusqua == bail_d_une_affectation(MAINTENANT, JOUR_S)
    assert demande.photo_redemandee_par is None


def test_sans_l_agent_qui_l_a_demandee_elle_revient_en_tete_a_tous() -> None:
    partie = DEMANDEUR.model_copy(update={"par": "parti"})
    monde = Monde(statut=S.ATTENTE_PHOTO, photo_redemandee_par=partie)
    monde.dire()
    assert (monde.demande.agent, monde.demande.urgence) == (None, f"0#{ecrire(MAINTENANT)}")


def test_une_photo_que_personne_n_a_redemandee_prend_son_rang() -> None:
    monde = Monde(statut=S.ATTENTE_PHOTO)
    monde.dire()
    assert monde.demande.agent is None and (monde.demande.urgence or "").startswith("1#")
