"""The end of a purchase, told late, twice or never: a stamp paid for is held, or kept for its owner, never lost."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.demande.achats import ESSAIS, AchatInconnu
from chalicelib.demande.erreurs import ConflitDeVersion, ServiceIndisponible
from chalicelib.demande.modeles import Demande, EtatPaiement, EtatTimbre, Motif, Statut
from chalicelib.demande.ports_externes import Achat
from chalicelib.partenaires.paiement import encaisser
from chalicelib.steps.paiement import acheter, utiliser
from tests.dossiers import DEMANDE_ID, MAINTENANT, USAGER, brouillon, changement, ecriture
from tests.fakes.demandes import FakeDemandes
from tests.fakes.exterieur import FakeBoutique


class Monde:
    """A draft whose purchase is open at the shop."""

    def __init__(self, demandes: FakeDemandes | None = None) -> None:
        self.demandes, self.boutique = demandes or FakeDemandes(), FakeBoutique()
        self.demandes.creer(brouillon())
        self.reference = self.acheter("cle")

    def acheter(self, cle: str) -> str:
        return acheter(self.demandes, self.boutique, DEMANDE_ID, ecriture(), cle, "/", "correlation").reference

    def finir(self, resultat: Any, reference: str | None = None) -> str | None:
        """The shop's own end; the number of the stamp sold, if any."""
        return self.boutique.finir(reference or self.reference, resultat).numero_timbre

    def prevenir(self, reference: str | None = None) -> str:
        """The notice; what it did."""
        return encaisser(self.demandes, self.boutique, reference or self.reference, MAINTENANT, "correlation").effet

    @property
    def demande(self) -> Demande:
        return self.demandes.lire(DEMANDE_ID)

    def etat(self) -> tuple[str, str | None]:
        paiement = self.demande.paiement
        return (paiement.etat, paiement.numero_timbre) if paiement else ("a_payer", None)

    def ligne(self, numero: str | None) -> tuple[str, str | None]:
        ligne = self.demandes.timbre(str(numero))
        assert ligne is not None, "a stamp paid for is in the ledger"
        return ligne.etat, ligne.demande_id

    def garde_pour_l_usager(self, numero: str | None) -> bool:
        return self.ligne(numero) == (EtatTimbre.LIBRE, None) and self.demandes.proprietaires[str(numero)] == USAGER


def test_un_achat_accepte_reserve_son_timbre() -> None:
    monde = Monde()
    numero = monde.finir("accepte")
    assert monde.prevenir() == "reserve"
    assert monde.etat() == (EtatPaiement.RESERVE, numero)
    assert monde.ligne(numero) == (EtatTimbre.RESERVE, DEMANDE_ID)


def test_un_avis_double_ne_change_rien_de_plus() -> None:
    monde = Monde()
    monde.finir("accepte")
    monde.prevenir()
    apres = monde.demande
    assert [monde.prevenir() for _ in range(3)] == ["sans_effet"] * 3
    assert monde.demande == apres


@pytest.mark.parametrize("resultat", ["refuse", "abandon"])
def test_un_refus_ou_un_abandon_se_note_une_fois_et_permet_de_recommencer(resultat: str) -> None:
    monde = Monde()
    monde.finir(resultat)
    assert [monde.prevenir() for _ in range(2)] == ["refuse", "sans_effet"]
    assert monde.etat() == (EtatPaiement.REFUSE, None)
    assert monde.acheter("autre") != monde.reference


def test_un_avis_venu_avant_la_fin_ne_fait_rien() -> None:
    monde = Monde()
    assert monde.prevenir() == "sans_effet"
    assert monde.etat() == (EtatPaiement.EN_ATTENTE, None)


def test_ce_qui_compte_est_ce_que_dit_la_boutique_et_non_l_avis() -> None:
    """A forged « accepte » on a purchase that the shop refused changes nothing: the notice only says to go and look."""
    monde = Monde()
    monde.finir("refuse")
    assert monde.prevenir() == "refuse"
    assert monde.demandes.timbres == {}


def test_un_refus_suivi_d_un_succes_reserve_le_timbre() -> None:
    monde = Monde()
    monde.finir("refuse")
    monde.prevenir()
    numero = monde.finir("accepte")
    assert monde.prevenir() == "reserve"
    assert monde.etat() == (EtatPaiement.RESERVE, numero)


def test_un_achat_remplace_par_un_autre_garde_son_timbre_pour_l_usager() -> None:
    monde = Monde()
    seconde = monde.acheter("autre")
    numero = monde.finir("accepte")
    assert [monde.prevenir() for _ in range(2)] == ["conserve", "sans_effet"]
    assert monde.garde_pour_l_usager(numero)
    assert (monde.etat()[0], monde.demande.paiement and monde.demande.paiement.reference) == ("en_attente", seconde)
    assert [entree.evenement for entree in monde.demandes.journal(DEMANDE_ID)] == ["TimbreConserve"]


def test_un_timbre_garde_sert_ensuite_a_la_demande() -> None:
    monde = Monde()
    monde.acheter("autre")
    numero = monde.finir("accepte")
    monde.prevenir()
    utiliser(monde.demandes, monde.boutique, DEMANDE_ID, ecriture(), str(numero))
    assert monde.ligne(numero) == (EtatTimbre.RESERVE, DEMANDE_ID)


def test_un_timbre_deja_saisi_par_son_numero_n_est_pas_compte_deux_fois() -> None:
    monde = Monde()
    numero = monde.finir("accepte")
    utiliser(monde.demandes, monde.boutique, DEMANDE_ID, ecriture(), str(numero))
    assert monde.prevenir() == "sans_effet"
    assert monde.ligne(numero) == (EtatTimbre.RESERVE, DEMANDE_ID)


@pytest.mark.parametrize("vers", [Statut.DEPOSEE, Statut.RETIREE, Statut.CLASSEE_SANS_SUITE])
def test_une_demande_partie_entre_temps_garde_le_timbre_pour_l_usager(vers: Statut) -> None:
    monde = Monde()
    numero = monde.finir("accepte")
    monde.demandes.transiter(monde.demande, changement(vers=vers))
    avant = monde.demande.statut
    assert [monde.prevenir() for _ in range(2)] == ["conserve", "sans_effet"]
    assert monde.garde_pour_l_usager(numero)
    assert monde.demande.statut is avant
    assert [entree.evenement for entree in monde.demandes.journal(DEMANDE_ID)][-1:] == ["TimbreConserve"]


def test_un_motif_devenu_gratuit_tient_quand_meme_le_timbre_paye() -> None:
    monde = Monde()
    numero = monde.finir("accepte")
    monde.demandes.modifier(DEMANDE_ID, ecriture(poser={"motif": Motif.EXPIRATION}))
    assert monde.prevenir() == "reserve"
    assert monde.ligne(numero) == (EtatTimbre.RESERVE, DEMANDE_ID)


@pytest.mark.parametrize("reference", ["inconnue", "b" * 44])
def test_un_achat_que_la_boutique_ou_nous_ne_connaissons_pas_est_inconnu(reference: str) -> None:
    monde = Monde()
    with pytest.raises(AchatInconnu):
        monde.prevenir(reference)
    monde.boutique.achats[reference] = Achat("accepte", 2500, "9" * 16, "2027-11-24T10:00:00.000Z")
    with pytest.raises(AchatInconnu):
        monde.prevenir(reference)


def test_une_boutique_en_panne_se_dit_pour_qu_elle_previenne_de_nouveau() -> None:
    monde = Monde()
    monde.finir("accepte")
    monde.boutique.en_panne = True
    with pytest.raises(ServiceIndisponible):
        monde.prevenir()
    assert monde.etat() == (EtatPaiement.EN_ATTENTE, None)


class EntreLectureEtEcriture(FakeDemandes):
    """The store where the usager writes right after each of the first reads."""

    def __init__(self) -> None:
        super().__init__()
        self.gestes: list[Callable[[], Any]] = []

    def lire(self, demande_id: str) -> Demande:
        lue = super().lire(demande_id)
        if self.gestes:
            self.gestes.pop(0)()
        return lue


def monde_dispute(*gestes: Callable[[FakeDemandes], Any]) -> Monde:
    """A draft on which the usager makes ``gestes``, each right after one of our reads."""
    demandes = EntreLectureEtEcriture()
    monde = Monde(demandes)
    demandes.gestes = [lambda geste=geste: geste(demandes) for geste in gestes]
    return monde


def toucher(demandes: FakeDemandes) -> None:
    demandes.modifier(DEMANDE_ID, ecriture())


def retirer(demandes: FakeDemandes) -> None:
    demandes.transiter(demandes.toutes[DEMANDE_ID], changement())


@pytest.mark.parametrize("resultat", ["accepte", "refuse"])
def test_un_usager_qui_ecrit_au_meme_instant_fait_seulement_regarder_de_nouveau(resultat: str) -> None:
    monde = monde_dispute(toucher)
    monde.finir(resultat)
    assert monde.prevenir() == {"accepte": "reserve", "refuse": "refuse"}[resultat]


def test_une_demande_retiree_au_meme_instant_garde_le_timbre_pour_l_usager() -> None:
    monde = monde_dispute(retirer)
    numero = monde.finir("accepte")
    assert monde.prevenir() == "conserve"
    assert monde.garde_pour_l_usager(numero)


@pytest.mark.parametrize("resultat", ["accepte", "refuse"])
def test_apres_trop_de_conflits_la_boutique_est_priee_de_revenir(resultat: str) -> None:
    monde = monde_dispute(*[toucher] * (2 * ESSAIS))
    numero = monde.finir(resultat)
    with pytest.raises(ConflitDeVersion):
        monde.prevenir()
    vars(monde.demandes)["gestes"].clear()
    assert monde.prevenir() == {"accepte": "reserve", "refuse": "refuse"}[resultat]
    assert numero is None or monde.ligne(numero) == (EtatTimbre.RESERVE, DEMANDE_ID)
