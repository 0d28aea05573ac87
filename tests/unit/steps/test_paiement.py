"""Paying: a purchase opened once per key, a stamp held once, a shop that may be down."""

from typing import Any

import pytest

from chalicelib.demande.erreurs import (
    ConflitDeVersion,
    DejaPaye,
    RienAPayer,
    SaisieInvalide,
    ServiceIndisponible,
    TimbreIndisponible,
)
from chalicelib.demande.modeles import Demande, EtatPaiement, EtatTimbre, Motif, Paiement
from chalicelib.saisie import valider_objet
from chalicelib.steps.paiement import Achat, AchatOuvert, TimbreDetenu, acheter, reference_achat, revoir, utiliser
from tests.dossiers import (
    ADRESSE,
    DEMANDE_ID,
    NUMERO_TIMBRE,
    brouillon,
    ecriture,
    paiement_reserve,
    prete,
    timbre_reserve,
)
from tests.fakes.demandes import FakeDemandes
from tests.fakes.exterieur import EXPIRE_LE, FakeBoutique

RETOUR = "https://permis.invalid/retour"
REFERENCE = reference_achat(DEMANDE_ID, "cle")


class Monde:
    """A store with one draft, and a shop."""

    def __init__(self, demande: Demande | None = None) -> None:
        self.demandes, self.boutique = FakeDemandes(), FakeBoutique()
        self.demandes.creer(demande or brouillon())

    def acheter(self, cle: str = "cle", **conditions: Any) -> AchatOuvert:
        return acheter(self.demandes, self.boutique, DEMANDE_ID, ecriture(**conditions), cle, RETOUR, "correlation")

    def revoir(self) -> Demande:
        return revoir(self.demandes, self.boutique, self.demande, ecriture().maintenant, "correlation")

    def utiliser(self, numero: str) -> Demande:
        return utiliser(self.demandes, self.boutique, DEMANDE_ID, ecriture(), numero)

    @property
    def demande(self) -> Demande:
        return self.demandes.lire(DEMANDE_ID)

    @property
    def paiement(self) -> Paiement:
        assert self.demande.paiement is not None
        return self.demande.paiement


def test_un_achat_est_note_sur_le_brouillon_puis_ouvert_a_la_boutique() -> None:
    monde = Monde()

    achat = monde.acheter()

    assert achat == AchatOuvert(
        reference=REFERENCE, montant_centimes=2500, url_paiement=f"https://boutique.invalid/{REFERENCE}"
    )
    assert (monde.paiement.etat, monde.paiement.reference) == (EtatPaiement.EN_ATTENTE, REFERENCE)
    assert monde.boutique.retours == {REFERENCE: RETOUR}


def test_la_reference_commence_par_la_demande_et_ne_porte_rien_d_autre_que_de_l_hexadecimal() -> None:
    assert REFERENCE.startswith(DEMANDE_ID)
    assert int(REFERENCE, 16)
    assert reference_achat(DEMANDE_ID, "autre") != REFERENCE
    assert reference_achat("b" * 32, "cle")[32:] != REFERENCE[32:]


def test_la_cle_d_idempotence_n_est_pas_gardee_telle_quelle() -> None:
    monde = Monde()
    monde.acheter("ma-cle-a-moi")
    assert "ma-cle-a-moi" not in monde.demande.model_dump_json()


def test_en_guyane_l_achat_est_d_un_demi_timbre() -> None:
    monde = Monde(prete(paiement=None, adresse={**ADRESSE, "prefecture": "9731"}))
    assert monde.acheter().montant_centimes == 1250


@pytest.mark.parametrize("motif", [Motif.EXPIRATION, Motif.CHANGEMENT_ETAT_CIVIL])
def test_pour_un_motif_gratuit_il_n_y_a_rien_a_payer(motif: Motif) -> None:
    monde = Monde(brouillon(motif=motif))
    numero = monde.boutique.creer_timbre()
    with pytest.raises(RienAPayer):
        monde.acheter()
    with pytest.raises(RienAPayer):
        monde.utiliser(numero)
    assert monde.boutique.achats == {}
    assert monde.demande.paiement is None


def test_un_timbre_deja_tenu_n_ouvre_pas_d_achat() -> None:
    monde = Monde()
    monde.utiliser(monde.boutique.creer_timbre())
    with pytest.raises(DejaPaye):
        monde.acheter()
    assert monde.boutique.achats == {}


@pytest.mark.parametrize(
    "tenu", [{"montant_centimes": 1250}, {"expire_le": "2026-01-01T00:00:00.000Z"}], ids=["insuffisant", "expiré"]
)
@pytest.mark.parametrize("si_version", [None, 1])
def test_un_timbre_tenu_qui_ne_peut_pas_payer_est_rendu_et_l_achat_s_ouvre(
    tenu: dict[str, Any], si_version: int | None
) -> None:
    monde = Monde(prete(paiement=paiement_reserve(**tenu)))
    monde.demandes.timbres[NUMERO_TIMBRE] = timbre_reserve(**tenu)
    expire_le = timbre_reserve(**tenu).expire_le

    assert monde.acheter(si_version=si_version).montant_centimes == 2500
    assert monde.paiement.etat is EtatPaiement.EN_ATTENTE
    ligne = monde.demandes.timbre(NUMERO_TIMBRE)
    assert ligne is not None
    assert (ligne.etat, ligne.demande_id, ligne.expire_le) == (EtatTimbre.LIBRE, None, expire_le)


def test_la_meme_cle_deux_fois_ouvre_un_achat_et_n_ecrit_qu_une_fois() -> None:
    monde = Monde()
    premier = monde.acheter(si_version=1)
    assert monde.acheter(si_version=1) == premier
    assert monde.acheter() == premier
    assert list(monde.boutique.achats) == [REFERENCE]
    assert monde.demande.version == 2


def test_la_meme_cle_apres_un_refus_ne_fait_pas_attendre_de_nouveau_un_achat_fini() -> None:
    monde = Monde()
    premier = monde.acheter()
    refuse = monde.paiement.model_copy(update={"etat": EtatPaiement.REFUSE, "montant_centimes": 2500})
    monde.demandes.noter_paiement(monde.demande, refuse, ecriture().maintenant)

    assert monde.acheter() == premier
    assert monde.paiement.etat is EtatPaiement.REFUSE


def test_une_autre_cle_ouvre_un_autre_achat_qui_remplace_le_premier() -> None:
    monde = Monde()
    monde.acheter()
    second = monde.acheter("autre")
    assert second.reference != REFERENCE
    assert monde.paiement.reference == second.reference


@pytest.mark.parametrize("si_version", [None, 2])
def test_un_achat_paye_dont_l_avis_s_est_perdu_n_est_pas_paye_deux_fois(si_version: int | None) -> None:
    monde = Monde()
    monde.acheter()
    numero = monde.boutique.finir(REFERENCE, "accepte").numero_timbre
    with pytest.raises(DejaPaye):
        monde.acheter("autre", si_version=si_version)
    assert (monde.paiement.etat, monde.paiement.numero_timbre) == (EtatPaiement.RESERVE, numero)
    assert list(monde.boutique.achats) == [REFERENCE]


@pytest.mark.parametrize("resultat", ["refuse", "abandon"])
@pytest.mark.parametrize("si_version", [None, 2])
def test_un_achat_refuse_sans_avis_laisse_la_place_au_suivant(resultat: Any, si_version: int | None) -> None:
    monde = Monde()
    monde.acheter()
    monde.boutique.finir(REFERENCE, resultat)
    second = monde.acheter("autre", si_version=si_version)
    assert (monde.paiement.etat, monde.paiement.reference) == (EtatPaiement.EN_ATTENTE, second.reference)


def test_un_achat_que_la_boutique_n_a_jamais_recu_laisse_la_place_au_suivant() -> None:
    monde = Monde()
    monde.acheter()
    monde.boutique.achats.clear()
    assert monde.acheter("autre", si_version=2).reference == monde.paiement.reference


def test_tant_que_la_boutique_ne_dit_pas_si_le_premier_est_paye_aucun_autre_ne_s_ouvre() -> None:
    monde = Monde()
    monde.acheter()
    monde.boutique.en_panne = True
    with pytest.raises(ServiceIndisponible):
        monde.acheter("autre")
    assert monde.paiement.reference == REFERENCE


def test_un_achat_paye_qui_ne_suffit_plus_est_rendu_et_un_autre_s_ouvre() -> None:
    monde = Monde(prete(paiement=None, adresse={**ADRESSE, "prefecture": "9731"}))
    monde.acheter()
    numero = str(monde.boutique.finir(REFERENCE, "accepte").numero_timbre)
    monde.demandes.modifier(DEMANDE_ID, ecriture(poser={"adresse": prete().adresse}))
    assert monde.acheter("autre", si_version=monde.demande.version).montant_centimes == 2500
    ligne = monde.demandes.timbre(numero)
    assert ligne is not None and ligne.etat is EtatTimbre.LIBRE


def test_qui_revient_a_la_page_voit_son_achat_paye_avant_tout_avis() -> None:
    monde = Monde()
    monde.acheter()
    en_attente = monde.demande
    assert monde.revoir() == en_attente
    monde.boutique.finir(REFERENCE, "accepte")
    assert monde.revoir() == monde.demande
    assert monde.paiement.etat is EtatPaiement.RESERVE
    vus = monde.boutique.appels
    assert monde.revoir() == monde.demande
    assert monde.boutique.appels == vus, "the shop is asked about what is not known, no more"


def test_une_boutique_en_panne_laisse_une_note_et_le_meme_achat_se_poursuit() -> None:
    monde = Monde()
    monde.boutique.en_panne = True
    with pytest.raises(ServiceIndisponible):
        monde.acheter()
    assert (monde.paiement.etat, monde.paiement.reference) == (EtatPaiement.EN_ATTENTE, REFERENCE)

    monde.boutique.en_panne = False
    assert monde.acheter().reference == REFERENCE
    assert list(monde.boutique.achats) == [REFERENCE]


def test_une_version_perimee_n_ouvre_rien() -> None:
    monde = Monde()
    with pytest.raises(ConflitDeVersion):
        monde.acheter(si_version=7)
    assert monde.boutique.appels == 0


def test_un_timbre_deja_achete_est_reserve_avec_sa_propre_fin() -> None:
    monde = Monde()
    numero = monde.boutique.creer_timbre()

    demande = monde.utiliser(numero)

    assert demande == monde.demande
    assert (monde.paiement.etat, monde.paiement.numero_timbre) == (EtatPaiement.RESERVE, numero)
    assert (monde.paiement.montant_centimes, monde.paiement.expire_le) == (2500, EXPIRE_LE)
    ligne = monde.demandes.timbre(numero)
    assert ligne == timbre_reserve(numero=numero, expire_le=EXPIRE_LE)


@pytest.mark.parametrize(("etat", "mot"), [("inconnu", "connu"), ("expire", "valable"), ("rembourse", "remboursé")])
def test_un_timbre_inconnu_expire_ou_rembourse_est_refuse_avec_sa_raison(etat: Any, mot: str) -> None:
    monde = Monde()
    numero = NUMERO_TIMBRE if etat == "inconnu" else monde.boutique.creer_timbre(etat=etat)
    with pytest.raises(TimbreIndisponible) as erreur:
        monde.utiliser(numero)
    assert mot in erreur.value.detail
    assert monde.demandes.timbre(numero) is None
    assert monde.demande.version == 1


def test_une_boutique_en_panne_ne_reserve_rien() -> None:
    monde = Monde()
    monde.boutique.en_panne = True
    with pytest.raises(ServiceIndisponible):
        monde.utiliser(NUMERO_TIMBRE)
    assert monde.demandes.timbre(NUMERO_TIMBRE) is None


def test_un_timbre_tenu_par_une_autre_demande_est_refuse() -> None:
    monde = Monde()
    numero = monde.boutique.creer_timbre()
    monde.demandes.timbres[numero] = timbre_reserve(numero=numero, demande_id="b" * 32)
    with pytest.raises(TimbreIndisponible):
        monde.utiliser(numero)


def test_un_autre_timbre_libere_le_premier() -> None:
    monde = Monde()
    premier, second = monde.boutique.creer_timbre(), monde.boutique.creer_timbre()
    monde.utiliser(premier)
    monde.utiliser(second)
    lignes = [monde.demandes.timbre(numero) for numero in (premier, second)]
    assert [ligne.etat for ligne in lignes if ligne] == [EtatTimbre.LIBRE, EtatTimbre.RESERVE]


@pytest.mark.parametrize("saisi", ["1234567890123456", "1234 5678 9012 3456", " 1234567890123456 "])
def test_un_numero_de_timbre_se_tape_avec_ou_sans_espaces(saisi: str) -> None:
    assert valider_objet(TimbreDetenu, {"numero_timbre": saisi}).numero_timbre == NUMERO_TIMBRE


@pytest.mark.parametrize(
    ("site", "url"),
    [
        ("https://permis.invalid", "https://permis.invalid/retour?x=1#y"),
        ("https://permis.invalid/", "https://PERMIS.invalid:443"),
        ("https://permis.invalid", "/demande?etape=paiement"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ("http://127.0.0.1:8080", "http://localhost:8000/"),
    ],
)
def test_le_retour_est_une_page_du_site(site: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("URL_SITE", site)
    assert valider_objet(Achat, {"url_retour": url}).url_retour == url


@pytest.mark.parametrize(
    "url",
    [
        "https://ailleurs.fr/",
        "http://permis.invalid/",
        "https://permis.invalid:8443/",
        "https://permis.invalid.ailleurs.fr/",
        "https://permis.invalid@ailleurs.fr/",
        "https://ailleurs.fr\\@permis.invalid/",
        "https://permis.invalid:port/",
        "http://127.0.0.1:8080/",
        "https:///permis.invalid/",
        "javascript:alert(1)",
        "//ailleurs.fr",
        "\\\\ailleurs.fr",
        "/\\ailleurs.fr",
        "ftp://permis.invalid/",
        "permis.invalid/",
    ],
)
def test_un_retour_vers_ailleurs_est_refuse(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("URL_SITE", "https://permis.invalid")
    with pytest.raises(SaisieInvalide):
        valider_objet(Achat, {"url_retour": url})
