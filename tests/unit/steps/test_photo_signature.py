"""Another photo, given while one is awaited: what ends the wait, what goes on waiting, what is held and given back."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.demande.erreurs import ConflitDeVersion, SaisieInvalide, ServiceIndisponible, TransitionInterdite
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Demande, Demandeur, EtatPhoto, PhotoSignature, Statut
from chalicelib.demande.photo import recevoir, refuser
from chalicelib.demande.vie import SIGNAL
from chalicelib.partenaires.photo import NotificationPhoto, recevoir_la_photo
from chalicelib.steps.photo_signature import ChoixPhoto, donner_une_autre
from tests.agents import AGENT
from tests.dossiers import DEMANDE_ID, JOUR_S, MAINTENANT, il_y_a, prete
from tests.fakes.comptes import ComptesEnMemoire, Magasin
from tests.fakes.demandes import FakeDemandes, FakeFichiers
from tests.fakes.exterieur import FakePhotos
from tests.personnel import compte_de

S = Statut
SERVICE = ComptesEnMemoire(Magasin({AGENT.compte_id: compte_de(AGENT)}))
ECHEANCE = ecrire(MAINTENANT + timedelta(days=30))
TALON = PhotoSignature(mode="talon", etat=EtatPhoto.TALON)


class Concurrence(FakeDemandes):
    """A store in which somebody else writes just before."""

    def __init__(self) -> None:
        super().__init__()
        self.avant: list[Changement] = []

    def transiter(self, demande: Demande, changement: Changement) -> Demande:
        if self.avant:
            super().transiter(self.lire(demande.id), self.avant.pop())
        return super().transiter(demande, changement)


class Monde:
    """A demande that waits for its e-photo, in activation and held for it."""

    def __init__(self, **champs: Any) -> None:
        self.photos, self.demandes = FakePhotos(), Concurrence()
        self.ancien = self.photos.creer("en_activation")
        self.photos.reserver(self.ancien, DEMANDE_ID)
        attente: dict[str, Any] = {
            "statut": S.ATTENTE_PHOTO,
            "numero": "1" * 23,
            "autorite": "543",
            "deposee_le": ecrire(il_y_a(31)),
            "chez_usager_depuis": ecrire(il_y_a(30)),
            "echeance": ECHEANCE,
            "photo_signature": PhotoSignature(mode="numerique", code=self.ancien, etat=EtatPhoto.EN_ACTIVATION),
            "photo_attendue": self.ancien,
        }
        self.demandes.creer(prete(**{**attente, **champs}))

    def donner(self, code: str | None = None, si_version: int | None = None, a: datetime = MAINTENANT) -> Demande:
        choix = ChoixPhoto(mode="talon" if code is None else "numerique", code=code)

        def lire() -> Demande:
            return self.demande

        return donner_une_autre(self.demandes, self.photos, SERVICE, lire, choix, si_version, a, "correlation", JOUR_S)

    def dire(self, resultat: str, **corps: str) -> str:
        notice = NotificationPhoto.model_validate({"resultat": resultat, **corps})
        return recevoir_la_photo(self.demandes, SERVICE, FakeFichiers, notice, MAINTENANT, "correlation", JOUR_S).effet

    @property
    def demande(self) -> Demande:
        return self.demandes.lire(DEMANDE_ID)

    @property
    def histoire(self) -> list[tuple[str, str, str]]:
        return [(une.evenement, une.statut, une.auteur_genre) for une in self.demandes.journal(DEMANDE_ID)]


def test_un_code_valide_met_fin_a_l_attente() -> None:
    monde = Monde()
    monde.dire("refuse", code=monde.ancien)
    nouveau = monde.photos.creer()
    assert [monde.donner(nouveau).statut for _ in range(2)] == [S.EN_INSTRUCTION] * 2, "twice is once"
    demande = monde.demande
    assert demande.photo_signature == PhotoSignature(mode="numerique", code=nouveau, etat=EtatPhoto.VALIDE)
    assert (demande.photos_quittees, demande.photo_attendue, demande.veille) == ([monde.ancien], None, SIGNAL)
    assert (demande.photo_recue_le, demande.echeance) == (ecrire(MAINTENANT), None)
    assert monde.photos.reservations[nouveau] == DEMANDE_ID
    assert monde.histoire == [
        ("PhotoRefusee", "attente_photo", "partenaire"),
        ("PhotoRecue", "en_instruction", "usager"),
    ]


def test_un_code_en_activation_est_attendu_a_la_place_de_l_autre_jusqu_a_la_meme_echeance() -> None:
    monde = Monde()
    nouveau = monde.photos.creer("en_activation")
    assert [monde.donner(nouveau).statut for _ in range(2)] == [S.ATTENTE_PHOTO] * 2
    demande = monde.demande
    assert (demande.photo_attendue, demande.photos_quittees, demande.veille) == (nouveau, [monde.ancien], SIGNAL)
    assert (demande.echeance, demande.chez_usager_depuis) == (ECHEANCE, ecrire(il_y_a(30)))
    assert monde.histoire == [("PhotoChangee", "attente_photo", "usager")]
    assert monde.dire("refuse", code=monde.ancien) == "inattendue"
    assert monde.dire("valide", code=nouveau) == "applique"
    assert monde.demande.statut is S.EN_INSTRUCTION


def test_le_nouveau_code_peut_etre_refuse_le_meme_jour_que_l_ancien() -> None:
    monde = Monde()
    monde.dire("refuse", code=monde.ancien)
    nouveau = monde.photos.creer("en_activation")
    monde.donner(nouveau)
    assert monde.dire("refuse", code=nouveau) == "applique"
    assert [evenement for evenement, _, _ in monde.histoire] == ["PhotoRefusee", "PhotoChangee", "PhotoRefusee"]


def test_le_talon_se_choisit_puis_s_attend() -> None:
    monde = Monde()
    monde.donner()
    choisie = monde.demande
    assert choisie.photo_signature == TALON and choisie.photo_attendue is None
    with pytest.raises(TransitionInterdite):
        monde.donner(monde.ancien)
    assert monde.dire("valide", code_talon="1" * 23) == "applique"
    assert [evenement for evenement, _, _ in monde.histoire] == ["PhotoChangee", "PhotoRecue"]


def test_un_talon_refuse_se_refait() -> None:
    monde = Monde(photo_signature=TALON, photo_attendue=None)
    monde.dire("refuse", code_talon="1" * 23)
    monde.donner()
    assert monde.demande.photo_signature == TALON
    assert [evenement for evenement, _, _ in monde.histoire] == ["PhotoRefusee", "PhotoChangee"]


@pytest.mark.parametrize("etat", ["inconnu", "deja_utilise", "expire"])
def test_un_code_inutilisable_ne_remplace_pas_celui_qui_est_attendu(etat: Any) -> None:
    monde = Monde()
    avant = monde.demande
    with pytest.raises(SaisieInvalide):
        monde.donner(monde.photos.creer(etat))
    assert monde.demande == avant


def test_un_code_refuse_ne_se_redonne_pas() -> None:
    monde = Monde()
    monde.dire("refuse", code=monde.ancien)
    with pytest.raises(SaisieInvalide) as refus:
        monde.donner(monde.ancien)
    assert refus.value.champs["erreurs"][0]["champ"] == "code"


def test_un_code_active_dont_l_avis_s_est_perdu_se_redonne() -> None:
    monde = Monde()
    monde.photos.etats[monde.ancien] = "valide"
    assert monde.donner(monde.ancien).statut is S.EN_INSTRUCTION
    assert monde.demande.photos_quittees == []


def test_un_code_valide_rend_la_demande_a_l_agent_qui_avait_redemande_la_photo() -> None:
    monde = Monde(photo_redemandee_par=Demandeur(par=AGENT.compte_id, par_nom="Agnès GUICHET"))
    monde.donner(monde.photos.creer("en_activation"))
    assert monde.demande.photo_redemandee_par is not None, "he still waits for it"
    apres = monde.donner(monde.photos.creer())
    assert (apres.agent, apres.urgence, apres.photo_redemandee_par) == (
        AGENT.compte_id,
        f"0#{ecrire(MAINTENANT)}",
        None,
    )


def test_passe_l_echeance_rien_ne_se_donne_plus() -> None:
    monde = Monde()
    with pytest.raises(TransitionInterdite):
        monde.donner(a=MAINTENANT + timedelta(days=30))
    assert monde.histoire == []


@pytest.mark.parametrize("statut", [s for s in S if s is not S.ATTENTE_PHOTO])
def test_hors_de_l_attente_la_photo_ne_se_change_pas(statut: Statut) -> None:
    monde = Monde(statut=statut)
    code = monde.photos.creer()
    with pytest.raises(TransitionInterdite):
        monde.donner(code)
    assert code not in monde.photos.reservations


def test_une_version_perimee_est_refusee() -> None:
    monde = Monde()
    with pytest.raises(ConflitDeVersion):
        monde.donner(si_version=monde.demande.version + 1)


def test_une_base_en_panne_ne_perd_rien() -> None:
    monde = Monde()
    nouveau = monde.photos.creer()
    monde.photos.en_panne = True
    with pytest.raises(ServiceIndisponible):
        monde.donner(nouveau)
    assert monde.histoire == []


def _refus(monde: Monde) -> Changement:
    changement = refuser(monde.demande, Auteur("partenaire", "photo"), MAINTENANT, "autre", JOUR_S)
    assert changement is not None
    return changement


def test_un_refus_au_meme_instant_n_empeche_pas_l_autre_photo() -> None:
    monde = Monde()
    monde.demandes.avant = [_refus(monde)]
    assert monde.donner(monde.photos.creer()).statut is S.EN_INSTRUCTION
    assert [evenement for evenement, _, _ in monde.histoire] == ["PhotoRefusee", "PhotoRecue"]


def test_une_photo_arrivee_au_meme_instant_l_emporte_et_le_code_tenu_pour_rien_est_rendu() -> None:
    monde = Monde()
    nouveau = monde.photos.creer()
    arrivee = recevoir(monde.demande, "valide", False, MAINTENANT, "autre", JOUR_S)
    assert arrivee is not None
    monde.demandes.avant = [arrivee]
    with pytest.raises(TransitionInterdite):
        monde.donner(nouveau)
    assert nouveau not in monde.photos.reservations
    assert [evenement for evenement, _, _ in monde.histoire] == ["PhotoRecue"]


def test_avec_une_version_exigee_un_conflit_rend_le_code() -> None:
    monde = Monde()
    nouveau = monde.photos.creer()
    monde.demandes.avant = [_refus(monde)]
    with pytest.raises(ConflitDeVersion):
        monde.donner(nouveau, si_version=monde.demande.version)
    assert nouveau not in monde.photos.reservations
