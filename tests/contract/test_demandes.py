"""What any store of demandes must do, with its ledger and its journal: the same tests on the fake and on DynamoDB."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from typing import Any, TypeVar

import pytest

from chalicelib import wiring
from chalicelib.demande.controle import controler
from chalicelib.demande.erreurs import (
    ConflitDeVersion,
    DejaPaye,
    DemandeIncomplete,
    DemandeInconnue,
    ErreurMetier,
    PieceInconnue,
    RienAPayer,
    TimbreIndisponible,
    TransitionInterdite,
)
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur, Changement, MouvementTimbre
from chalicelib.demande.modeles import (
    Anomalie,
    Demande,
    EtatPaiement,
    EtatTimbre,
    Motif,
    Paiement,
    Piece,
    Statut,
    StatutPiece,
)
from chalicelib.demande.ports import AchatEnCours, Demandes, Modification
from chalicelib.demande.verification import chaine_intacte
from chalicelib.demande.vie import PURGE
from chalicelib.steps.confirmation import Confirmee, confirmer
from tests.contract.tables import aws_simule
from tests.dossiers import (
    DEMANDE_ID,
    JOUR_S,
    MAINTENANT,
    NUMERO_TIMBRE,
    USAGER,
    brouillon,
    changement,
    ecriture,
    il_y_a,
    paiement_reserve,
    piece,
    pieces_de,
    prete,
    timbre_reserve,
)
from tests.fakes.demandes import FakeDemandes
from tests.fakes.exterieur import FakePhotos

R = TypeVar("R")
PAYANTS = (Motif.PERTE, Motif.VOL, Motif.DETERIORATION)
AUTRE_TIMBRE = "6543210987654321"
ACHAT = Paiement(etat=EtatPaiement.EN_ATTENTE, montant_centimes=0, reference=DEMANDE_ID + "c" * 12, cle="cle-1")
AUTRE_ACHAT = ACHAT.model_copy(update={"cle": "cle-2", "reference": DEMANDE_ID + "d" * 12})


@pytest.fixture(params=["fake", "dynamodb"])
def demandes(request: pytest.FixtureRequest) -> Iterator[Demandes]:
    if request.param == "fake":
        yield FakeDemandes()
        return
    with aws_simule():
        yield wiring.demandes()


def reserver(demandes: Demandes, id_: str = DEMANDE_ID, numero: str = NUMERO_TIMBRE, **conditions: Any) -> Demande:
    """What PUT paiement writes."""
    paiement = paiement_reserve(numero_timbre=numero)
    timbre = timbre_reserve(numero=numero, demande_id=id_)
    return demandes.reserver_timbre(id_, ecriture(poser={"paiement": paiement}, **conditions), timbre, PAYANTS)


def deposer_prete(demandes: Demandes, id_: str = DEMANDE_ID, **champs: Any) -> Demande:
    """A demande ready to confirm, its stamp held in the ledger."""
    demande = prete(id=id_, paiement=None, **champs)
    demandes.creer(demande)
    for une in pieces_de(demande):
        demandes.ajouter_piece(une)
    return reserver(demandes, id_)


def confirme(demandes: Demandes, cle: str | None = None, numero: Callable[[], str] | None = None) -> Confirmee:
    def lire() -> tuple[Demande, list[Piece]]:
        return demandes.lire_avec_pieces(DEMANDE_ID)

    return confirmer(
        demandes, FakePhotos(), lire, None, numero or (lambda: "1" * 23), cle, MAINTENANT, JOUR_S, "correlation"
    )


def a_la_fois(actions: list[Callable[[], R]]) -> tuple[list[R], list[ErreurMetier]]:
    """Run the actions in threads, together; what they answered, and the domain errors they raised."""
    reponses: list[R] = []
    erreurs: list[ErreurMetier] = []

    def executer(action: Callable[[], R]) -> None:
        try:
            reponses.append(action())
        except ErreurMetier as erreur:
            erreurs.append(erreur)

    with ThreadPoolExecutor(len(actions)) as fils:
        list(fils.map(executer, actions))
    return reponses, erreurs


def etat_du_timbre(demandes: Demandes, numero: str = NUMERO_TIMBRE) -> tuple[EtatTimbre, str | None] | None:
    ligne = demandes.timbre(numero)
    return (ligne.etat, ligne.demande_id) if ligne else None


class TestLire:
    def test_ce_qui_est_cree_se_relit_entier(self, demandes: Demandes) -> None:
        demande = prete(brouillon_adresse={"nom_voie": "é", "vide": {}}, rappele_le=ecrire(il_y_a(2)))
        demandes.creer(demande)
        assert demandes.lire(DEMANDE_ID) == demande
        assert demandes.lire_avec_pieces(DEMANDE_ID) == (demande, [])

    def test_une_demande_absente_est_inconnue(self, demandes: Demandes) -> None:
        for lire in (demandes.lire, demandes.lire_avec_pieces):
            with pytest.raises(DemandeInconnue):
                lire(DEMANDE_ID)

    def test_les_pieces_viennent_avec_la_demande_dans_leur_ordre(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        demandes.creer(brouillon(id="b" * 32))
        siennes = [
            piece("domicile", 3),
            piece("identite", 1, anomalies=[Anomalie(code="x", message="y")]),
            piece("a", 2),
        ]
        for une in siennes:
            demandes.ajouter_piece(une)
        demandes.ajouter_piece(piece("identite", 1, demande_id="b" * 32))
        assert demandes.lire_avec_pieces(DEMANDE_ID)[1] == sorted(siennes, key=lambda une: une.rang)

    def test_la_liste_d_un_usager_va_du_plus_recent_au_plus_ancien_par_pages(self, demandes: Demandes) -> None:
        siennes = [brouillon(id=f"{rang:032x}", cree_le=ecrire(il_y_a(rang))) for rang in range(5)]
        for demande in siennes:
            demandes.creer(demande)
        demandes.creer(brouillon(id="f" * 32, usager="un-autre"))

        vues: list[Demande] = []
        suite: str | None = None
        for _ in range(4):
            page, suite = demandes.lister(USAGER, suite, 2)
            assert len(page) <= 2
            vues += page
            if suite is None:
                break

        assert suite is None
        assert vues == siennes
        assert demandes.lister("personne", None, 2) == ([], None)

    @pytest.mark.parametrize("position", ["", "x", "/", "/a", "2026/"])
    def test_une_position_qui_n_en_est_pas_une_est_refusee(self, demandes: Demandes, position: str) -> None:
        with pytest.raises(ValueError):
            demandes.lister(USAGER, position, 2)


ECRITURES: dict[str, Callable[[Demandes, Modification], Any]] = {
    "modifier": lambda d, m: d.modifier(DEMANDE_ID, m),
    "changer_motif": lambda d, m: d.changer_motif(DEMANDE_ID, m),
    "ouvrir_achat": lambda d, m: d.ouvrir_achat(DEMANDE_ID, m, ACHAT, PAYANTS),
    "reserver_timbre": lambda d, m: d.reserver_timbre(DEMANDE_ID, m, timbre_reserve(), PAYANTS),
    "retirer_piece": lambda d, m: d.retirer_piece(DEMANDE_ID, m, piece("identite").piece_id),
}


@pytest.fixture(params=list(ECRITURES))
def ecrire_sur(request: pytest.FixtureRequest, demandes: Demandes) -> Callable[[Modification], Any]:
    """One of the conditional writes on a draft."""
    return lambda modification: ECRITURES[request.param](demandes, modification)


class TestEcrireSurUnBrouillon:
    """Every write on a draft tells the same refusals, in the same order: 404, 409, 412."""

    def creer(self, demandes: Demandes, **champs: Any) -> Demande:
        demande = brouillon(**champs)
        demandes.creer(demande)
        demandes.ajouter_piece(piece("identite"))
        return demande

    def test_une_demande_absente_est_inconnue(
        self, demandes: Demandes, ecrire_sur: Callable[[Modification], Any]
    ) -> None:
        with pytest.raises(DemandeInconnue):
            ecrire_sur(ecriture())
        with pytest.raises(DemandeInconnue):
            demandes.lire(DEMANDE_ID)

    def test_celle_d_un_autre_est_inconnue_quels_que_soient_son_statut_et_sa_version(
        self, demandes: Demandes, ecrire_sur: Callable[[Modification], Any]
    ) -> None:
        demande = self.creer(demandes, statut=Statut.DEPOSEE)
        with pytest.raises(DemandeInconnue):
            ecrire_sur(ecriture(usager="un-autre", si_version=9))
        assert demandes.lire(DEMANDE_ID) == demande

    @pytest.mark.parametrize("statut", [Statut.DEPOSEE, Statut.SUSPENDUE, Statut.RETIREE])
    def test_hors_du_brouillon_le_statut_se_dit_avant_la_version(
        self, demandes: Demandes, ecrire_sur: Callable[[Modification], Any], statut: Statut
    ) -> None:
        demande = self.creer(demandes, statut=statut)
        with pytest.raises(TransitionInterdite) as erreur:
            ecrire_sur(ecriture(si_version=9))
        assert erreur.value.champs == {"statut": statut}
        assert demandes.lire(DEMANDE_ID) == demande

    def test_une_version_perimee_dit_la_version_actuelle(
        self, demandes: Demandes, ecrire_sur: Callable[[Modification], Any]
    ) -> None:
        demande = self.creer(demandes, version=3)
        with pytest.raises(ConflitDeVersion) as erreur:
            ecrire_sur(ecriture(si_version=2))
        assert erreur.value.champs == {"version": 3}
        assert demandes.lire(DEMANDE_ID) == demande

    @pytest.mark.parametrize(
        ("touche", "rappele", "vivant"),
        [(14.9, None, True), (15, None, False), (19, 4.9, True), (19, 5, False), (20, 10, False), (1, 4.9, True)],
    )
    def test_un_brouillon_vit_quinze_jours_et_cinq_apres_son_rappel(
        self,
        demandes: Demandes,
        ecrire_sur: Callable[[Modification], Any],
        touche: float,
        rappele: float | None,
        vivant: bool,
    ) -> None:
        rappel = ecrire(il_y_a(rappele)) if rappele is not None else None
        demande = self.creer(demandes, modifie_le=ecrire(il_y_a(touche)), rappele_le=rappel)
        if vivant:
            ecrire_sur(ecriture())
            assert demandes.lire(DEMANDE_ID).version == 2
            return
        with pytest.raises(TransitionInterdite):
            ecrire_sur(ecriture(si_version=9))
        assert demandes.lire(DEMANDE_ID) == demande

    def test_une_ecriture_avance_la_version_et_la_date(
        self, demandes: Demandes, ecrire_sur: Callable[[Modification], Any]
    ) -> None:
        self.creer(demandes)
        ecrire_sur(ecriture(si_version=1))
        apres = demandes.lire(DEMANDE_ID)
        assert (apres.version, apres.modifie_le) == (2, ecrire(MAINTENANT))

    def test_de_deux_ecritures_sur_une_meme_version_une_seule_gagne(
        self, demandes: Demandes, ecrire_sur: Callable[[Modification], Any]
    ) -> None:
        self.creer(demandes)
        reponses, erreurs = a_la_fois([lambda: ecrire_sur(ecriture(si_version=1))] * 8)
        assert len(reponses) >= 1
        assert demandes.lire(DEMANDE_ID).version == 2


class TestModifier:
    def test_poser_et_oter_donnent_la_demande_comme_elle_est_maintenant(self, demandes: Demandes) -> None:
        demandes.creer(brouillon(brouillon_adresse={"nom_voie": "x"}))
        adresse = prete().adresse
        apres = demandes.modifier(DEMANDE_ID, ecriture(poser={"adresse": adresse}, oter=("brouillon_adresse",)))
        assert apres == demandes.lire(DEMANDE_ID)
        assert (apres.adresse, apres.brouillon_adresse) == (adresse, None)

    def test_oter_ce_qui_n_y_est_pas_ne_gene_pas(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        assert demandes.modifier(DEMANDE_ID, ecriture(oter=("brouillon_adresse",))).version == 2

    def test_huit_ecrivains_sans_version_ecrivent_tous(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        _, erreurs = a_la_fois([lambda: demandes.modifier(DEMANDE_ID, ecriture())] * 8)
        assert erreurs == []
        assert demandes.lire(DEMANDE_ID).version == 9

    def test_sur_une_version_un_ecrivain_gagne_et_les_autres_apprennent_la_nouvelle(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        actions = [
            lambda nom=nom: demandes.modifier(
                DEMANDE_ID, ecriture(si_version=1, poser={"brouillon_adresse": {"n": nom}})
            )
            for nom in "abcdefgh"
        ]
        (gagnant,), erreurs = a_la_fois(actions)
        assert [(type(erreur), erreur.champs) for erreur in erreurs] == [(ConflitDeVersion, {"version": 2})] * 7
        assert demandes.lire(DEMANDE_ID) == gagnant

    def test_changer_le_motif_repond_l_avant(self, demandes: Demandes) -> None:
        avant = brouillon()
        demandes.creer(avant)
        assert demandes.changer_motif(DEMANDE_ID, ecriture(poser={"motif": Motif.VOL})) == avant
        assert demandes.lire(DEMANDE_ID).motif is Motif.VOL


class TestOuvrirUnAchat:
    def ouvrir(self, demandes: Demandes, achat: Paiement = ACHAT, **conditions: Any) -> Demande:
        return demandes.ouvrir_achat(DEMANDE_ID, ecriture(**conditions), achat, PAYANTS)

    def test_l_achat_est_note_sur_le_brouillon(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        assert self.ouvrir(demandes) == demandes.lire(DEMANDE_ID)
        assert demandes.lire(DEMANDE_ID).paiement == ACHAT

    def test_la_meme_cle_redonne_la_demande_sans_rien_ecrire(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        premiere = self.ouvrir(demandes, si_version=1)
        assert self.ouvrir(demandes, si_version=1) == premiere
        assert self.ouvrir(demandes) == premiere
        assert demandes.lire(DEMANDE_ID) == premiere

    def test_la_meme_cle_ne_rouvre_ni_un_refus_ni_un_achat_paye(self, demandes: Demandes) -> None:
        for id_, etat in (("b" * 32, EtatPaiement.REFUSE), ("c" * 32, EtatPaiement.RESERVE)):
            finie = brouillon(id=id_, paiement=ACHAT.model_copy(update={"etat": etat}))
            demandes.creer(finie)
            assert demandes.ouvrir_achat(id_, ecriture(), ACHAT, PAYANTS) == finie
            assert demandes.lire(id_) == finie

    def test_une_autre_cle_remplace_un_achat_qui_n_est_pas_paye(self, demandes: Demandes) -> None:
        demandes.creer(brouillon(paiement=ACHAT.model_copy(update={"etat": EtatPaiement.REFUSE})))
        assert self.ouvrir(demandes, AUTRE_ACHAT).paiement == AUTRE_ACHAT

    def test_un_achat_dont_la_fin_n_est_pas_connue_n_est_remplace_que_nommement(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        ouverte = self.ouvrir(demandes)
        for remplace in (None, "d" * 44):
            with pytest.raises(AchatEnCours) as en_cours:
                demandes.ouvrir_achat(DEMANDE_ID, ecriture(), AUTRE_ACHAT, PAYANTS, remplace)
            assert en_cours.value.demande == ouverte
        assert demandes.lire(DEMANDE_ID) == ouverte
        remplacee = demandes.ouvrir_achat(DEMANDE_ID, ecriture(), AUTRE_ACHAT, PAYANTS, ACHAT.reference)
        assert remplacee.paiement == AUTRE_ACHAT

    @pytest.mark.parametrize("motif", [Motif.EXPIRATION, Motif.CHANGEMENT_ETAT_CIVIL])
    def test_un_motif_gratuit_n_ouvre_rien(self, demandes: Demandes, motif: Motif) -> None:
        demandes.creer(brouillon(motif=motif))
        with pytest.raises(RienAPayer):
            self.ouvrir(demandes)

    def test_un_timbre_tenu_n_ouvre_rien(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        reserver(demandes)
        with pytest.raises(DejaPaye):
            self.ouvrir(demandes)

    def test_vingt_fois_la_meme_cle_a_la_fois_ouvrent_un_seul_achat(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        reponses, erreurs = a_la_fois([lambda: self.ouvrir(demandes)] * 20)
        assert erreurs == []
        assert {reponse.version for reponse in reponses} == {2}


class TestReserverUnTimbre:
    def test_un_timbre_nouveau_entre_au_registre(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        assert reserver(demandes) == demandes.lire(DEMANDE_ID)
        assert demandes.lire(DEMANDE_ID).paiement == paiement_reserve()
        assert demandes.timbre(NUMERO_TIMBRE) == timbre_reserve()

    def test_le_meme_timbre_deux_fois_est_tenu_une_fois(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        reserver(demandes)
        reserver(demandes)
        assert etat_du_timbre(demandes) == (EtatTimbre.RESERVE, DEMANDE_ID)

    def test_un_timbre_tenu_par_une_autre_demande_est_refuse_et_rien_ne_change(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        demandes.creer(brouillon(id="b" * 32))
        reserver(demandes, "b" * 32)
        with pytest.raises(TimbreIndisponible):
            reserver(demandes)
        assert demandes.lire(DEMANDE_ID) == brouillon()
        assert etat_du_timbre(demandes) == (EtatTimbre.RESERVE, "b" * 32)

    def test_changer_de_timbre_libere_le_premier(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        reserver(demandes)
        apres = reserver(demandes, numero=AUTRE_TIMBRE)
        assert apres.paiement is not None
        assert apres.paiement.numero_timbre == AUTRE_TIMBRE
        assert etat_du_timbre(demandes) == (EtatTimbre.LIBRE, None)
        assert etat_du_timbre(demandes, AUTRE_TIMBRE) == (EtatTimbre.RESERVE, DEMANDE_ID)

    def test_un_echange_refuse_garde_le_timbre_tenu(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        demandes.creer(brouillon(id="b" * 32))
        reserver(demandes)
        reserver(demandes, "b" * 32, AUTRE_TIMBRE)
        with pytest.raises(TimbreIndisponible):
            reserver(demandes, numero=AUTRE_TIMBRE)
        assert etat_du_timbre(demandes) == (EtatTimbre.RESERVE, DEMANDE_ID)

    def test_un_timbre_libere_sert_a_une_autre_demande_avec_sa_premiere_fin(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        demandes.creer(brouillon(id="b" * 32))
        reserver(demandes)
        reserver(demandes, numero=AUTRE_TIMBRE)
        plus_tard = timbre_reserve(demande_id="b" * 32, expire_le="2099-01-01T00:00:00.000Z")
        poser = {"paiement": paiement_reserve()}
        demandes.reserver_timbre("b" * 32, ecriture(poser=poser), plus_tard, PAYANTS)
        assert demandes.timbre(NUMERO_TIMBRE) == timbre_reserve(demande_id="b" * 32)

    def test_un_timbre_consomme_ne_resert_pas(self, demandes: Demandes) -> None:
        deposer_prete(demandes)
        confirme(demandes)
        demandes.creer(brouillon(id="b" * 32))
        with pytest.raises(TimbreIndisponible):
            reserver(demandes, "b" * 32)
        assert etat_du_timbre(demandes) == (EtatTimbre.CONSOMME, DEMANDE_ID)

    def test_un_motif_gratuit_ne_prend_aucun_timbre(self, demandes: Demandes) -> None:
        demandes.creer(brouillon(motif=Motif.EXPIRATION))
        with pytest.raises(RienAPayer):
            reserver(demandes)
        assert etat_du_timbre(demandes) is None

    def test_un_achat_en_attente_cede_la_place_a_un_timbre_saisi(self, demandes: Demandes) -> None:
        demandes.creer(brouillon(paiement=ACHAT))
        assert reserver(demandes).paiement == paiement_reserve()

    def test_cinquante_demandes_pour_un_timbre_une_seule_l_obtient(self, demandes: Demandes) -> None:
        ids = [f"{rang:032x}" for rang in range(50)]
        for id_ in ids:
            demandes.creer(brouillon(id=id_))

        (gagnante,), erreurs = a_la_fois([lambda id_=id_: reserver(demandes, id_) for id_ in ids])

        assert [type(erreur) for erreur in erreurs] == [TimbreIndisponible] * 49
        assert etat_du_timbre(demandes) == (EtatTimbre.RESERVE, gagnante.id)
        assert [id_ for id_ in ids if demandes.lire(id_).paiement] == [gagnante.id]

    def test_une_demande_qui_saisit_deux_timbres_a_la_fois_n_en_tient_qu_un(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        a_la_fois([lambda n=n: reserver(demandes, numero=n) for n in (NUMERO_TIMBRE, AUTRE_TIMBRE) * 4])
        tenu = demandes.lire(DEMANDE_ID).paiement
        assert tenu is not None
        etats = {numero: etat_du_timbre(demandes, numero) for numero in (NUMERO_TIMBRE, AUTRE_TIMBRE)}
        assert etats.pop(str(tenu.numero_timbre)) == (EtatTimbre.RESERVE, DEMANDE_ID)
        assert set(etats.values()) <= {None, (EtatTimbre.LIBRE, None)}


class TestFinDAchat:
    def test_rendre_libere_le_timbre_une_fois_et_garde_sa_fin(self, demandes: Demandes) -> None:
        demandes.creer(prete(paiement=None))
        assert demandes.encaisser(demandes.lire(DEMANDE_ID), paiement_reserve(), timbre_reserve(), MAINTENANT)
        tenue = demandes.lire(DEMANDE_ID)
        rendue = demandes.rendre_timbre(tenue, MAINTENANT)
        assert rendue == demandes.lire(DEMANDE_ID)
        assert rendue.paiement == paiement_reserve(etat=EtatPaiement.LIBERE)
        assert demandes.timbre(NUMERO_TIMBRE) == timbre_reserve(etat=EtatTimbre.LIBRE, demande_id=None)
        with pytest.raises(ConflitDeVersion):
            demandes.rendre_timbre(tenue, MAINTENANT)
        assert demandes.rendre_timbre(rendue, MAINTENANT) == rendue

    def test_encaisser_tient_le_timbre_et_entre_au_registre(self, demandes: Demandes) -> None:
        demandes.creer(brouillon(paiement=ACHAT))
        assert demandes.encaisser(demandes.lire(DEMANDE_ID), paiement_reserve(), timbre_reserve(), MAINTENANT)
        assert demandes.lire(DEMANDE_ID).paiement == paiement_reserve()
        assert demandes.timbre(NUMERO_TIMBRE) == timbre_reserve()

    def test_encaisser_sur_une_version_depassee_ne_fait_rien(self, demandes: Demandes) -> None:
        lue = brouillon(paiement=ACHAT)
        demandes.creer(lue)
        demandes.modifier(DEMANDE_ID, ecriture())
        assert not demandes.encaisser(lue, paiement_reserve(), timbre_reserve(), MAINTENANT)
        assert demandes.timbre(NUMERO_TIMBRE) is None
        assert demandes.lire(DEMANDE_ID).paiement == ACHAT

    def test_un_timbre_deja_au_registre_ne_s_encaisse_pas(self, demandes: Demandes) -> None:
        demandes.creer(brouillon(id="b" * 32))
        reserver(demandes, "b" * 32)
        demandes.creer(brouillon(paiement=ACHAT))
        assert not demandes.encaisser(demandes.lire(DEMANDE_ID), paiement_reserve(), timbre_reserve(), MAINTENANT)
        assert etat_du_timbre(demandes) == (EtatTimbre.RESERVE, "b" * 32)

    def test_huit_avis_a_la_fois_n_encaissent_qu_une_fois(self, demandes: Demandes) -> None:
        demandes.creer(brouillon(paiement=ACHAT))
        lue = demandes.lire(DEMANDE_ID)
        reponses, _ = a_la_fois([lambda: demandes.encaisser(lue, paiement_reserve(), timbre_reserve(), MAINTENANT)] * 8)
        assert sorted(reponses) == [False] * 7 + [True]
        assert demandes.lire(DEMANDE_ID).version == 2

    @pytest.mark.parametrize("statut", [Statut.BROUILLON, Statut.EN_CONTROLE, Statut.RETIREE])
    def test_conserver_garde_le_timbre_libre_et_le_raconte_une_fois(self, demandes: Demandes, statut: Statut) -> None:
        demandes.creer(brouillon(statut=statut))
        libre = timbre_reserve(etat=EtatTimbre.LIBRE, demande_id=None)
        evenement = changement("TimbreConserve", vers=None, touche=False)

        for _ in range(2):
            demandes.conserver(demandes.lire(DEMANDE_ID), libre, evenement)

        assert demandes.timbre(NUMERO_TIMBRE) == libre
        assert [entree.evenement for entree in demandes.journal(DEMANDE_ID)] == ["TimbreConserve"]
        apres = demandes.lire(DEMANDE_ID)
        assert (apres.statut, apres.version, apres.modifie_le) == (statut, 2, brouillon().modifie_le)
        assert chaine_intacte(demandes.journal(DEMANDE_ID), apres)

    def test_conserver_sur_une_version_depassee_le_dit(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        demandes.modifier(DEMANDE_ID, ecriture())
        libre = timbre_reserve(etat=EtatTimbre.LIBRE, demande_id=None)
        with pytest.raises(ConflitDeVersion):
            demandes.conserver(brouillon(), libre, changement("TimbreConserve", vers=None))
        assert demandes.timbre(NUMERO_TIMBRE) is None

    def test_un_refus_se_note_sur_la_version_lue_seulement(self, demandes: Demandes) -> None:
        demandes.creer(brouillon(paiement=ACHAT))
        refuse = ACHAT.model_copy(update={"etat": EtatPaiement.REFUSE})
        lue = demandes.lire(DEMANDE_ID)
        demandes.noter_paiement(lue, refuse, MAINTENANT)
        assert demandes.lire(DEMANDE_ID).paiement == refuse
        with pytest.raises(ConflitDeVersion) as erreur:
            demandes.noter_paiement(lue, ACHAT, MAINTENANT)
        assert erreur.value.champs == {"version": 2}


class TestPieces:
    def test_une_piece_attendue_se_juge_une_fois(self, demandes: Demandes) -> None:
        attendue = piece("identite", statut=StatutPiece.ATTENDUE, pages=0)
        demandes.ajouter_piece(attendue)
        valide = attendue.model_copy(update={"statut": StatutPiece.VALIDE, "pages": 2, "mime": "image/png"})
        refus = [Anomalie(code="illisible", message="Illisible.")]
        invalide = attendue.model_copy(update={"statut": StatutPiece.INVALIDE, "anomalies": refus})

        assert demandes.conclure_piece(valide) == valide
        assert demandes.conclure_piece(invalide) == valide

    def test_une_piece_en_cours_d_analyse_attend_encore_son_verdict(self, demandes: Demandes) -> None:
        attendue = piece("identite", statut=StatutPiece.ATTENDUE, pages=0, empreinte="")
        demandes.ajouter_piece(attendue)
        en_cours = attendue.model_copy(update={"statut": StatutPiece.EN_COURS})
        valide = attendue.model_copy(update={"statut": StatutPiece.VALIDE, "pages": 2, "vues": ["0" * 36, ""]})

        assert demandes.conclure_piece(en_cours) == en_cours
        assert demandes.conclure_piece(valide) == valide
        assert demandes.conclure_piece(en_cours) == valide, "a slower control takes no verdict back"

    def test_deux_controles_a_la_fois_rendent_le_meme_verdict(self, demandes: Demandes) -> None:
        attendue = piece("identite", statut=StatutPiece.ATTENDUE, pages=0)
        demandes.ajouter_piece(attendue)
        verdicts = [attendue.model_copy(update={"statut": StatutPiece.VALIDE, "pages": pages}) for pages in range(1, 9)]
        reponses, _ = a_la_fois([lambda v=v: demandes.conclure_piece(v) for v in verdicts])
        assert len({reponse.pages for reponse in reponses}) == 1

    def test_une_piece_absente_ne_se_juge_pas_ni_ne_nait_de_son_verdict(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        with pytest.raises(PieceInconnue):
            demandes.conclure_piece(piece("identite"))
        assert demandes.lire_avec_pieces(DEMANDE_ID)[1] == []

    def test_retirer_une_piece_avance_la_version(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        demandes.ajouter_piece(piece("identite"))
        demandes.retirer_piece(DEMANDE_ID, ecriture(), piece("identite").piece_id)
        demande, pieces = demandes.lire_avec_pieces(DEMANDE_ID)
        assert (demande.version, pieces) == (2, [])

    def test_retirer_une_piece_absente_ne_change_rien(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        with pytest.raises(PieceInconnue):
            demandes.retirer_piece(DEMANDE_ID, ecriture(), piece("identite").piece_id)
        assert demandes.lire(DEMANDE_ID) == brouillon()

    def test_une_confirmation_qui_avait_lu_une_piece_retiree_relit_et_la_reclame(self, demandes: Demandes) -> None:
        deposer_prete(demandes)
        lecture = [demandes.lire_avec_pieces(DEMANDE_ID)]
        demandes.retirer_piece(DEMANDE_ID, ecriture(), pieces_de(prete())[0].piece_id)

        def lire() -> tuple[Demande, list[Piece]]:
            return lecture.pop() if lecture else demandes.lire_avec_pieces(DEMANDE_ID)

        with pytest.raises(DemandeIncomplete):
            confirmer(demandes, FakePhotos(), lire, None, lambda: "1" * 23, None, MAINTENANT, JOUR_S, "correlation")
        assert lecture == []
        assert demandes.lire(DEMANDE_ID).statut is Statut.BROUILLON


class TestTransiter:
    def test_l_evenement_son_effet_et_son_entree_sont_ecrits_ensemble(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        depot = changement(
            "DemandeDeposee", vers=Statut.DEPOSEE, poser={"numero": "1" * 23}, oter=("veille", "veille_le")
        )
        apres = demandes.transiter(demandes.lire(DEMANDE_ID), depot)
        apres = demandes.transiter(apres, changement("ControleCommence", vers=Statut.EN_CONTROLE, touche=False))

        assert apres == demandes.lire(DEMANDE_ID)
        assert (apres.statut, apres.version, apres.journal_rang) == (Statut.EN_CONTROLE, 3, 2)
        assert (apres.veille, apres.veille_le) == (None, None)
        journal = demandes.journal(DEMANDE_ID)
        assert [entree.evenement for entree in journal] == ["DemandeDeposee", "ControleCommence"]
        assert chaine_intacte(journal, apres)

    def test_seul_un_geste_de_l_usager_avance_la_date(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        rappel = changement("BrouillonRappele", vers=None, poser={"rappele_le": ecrire(MAINTENANT)}, touche=False)
        apres = demandes.transiter(brouillon(), rappel)
        assert (apres.modifie_le, apres.rappele_le) == (brouillon().modifie_le, ecrire(MAINTENANT))
        assert demandes.transiter(apres, changement()).modifie_le == ecrire(MAINTENANT)

    def test_un_passage_interdit_n_ecrit_rien(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        with pytest.raises(TransitionInterdite):
            demandes.transiter(brouillon(), changement(vers=Statut.VALIDEE))
        assert demandes.journal(DEMANDE_ID) == []

    def test_une_version_depassee_n_ecrit_rien_et_dit_l_actuelle(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        demandes.modifier(DEMANDE_ID, ecriture())
        with pytest.raises(ConflitDeVersion) as erreur:
            demandes.transiter(brouillon(), changement())
        assert erreur.value.champs == {"version": 2}
        assert demandes.journal(DEMANDE_ID) == []

    @pytest.mark.parametrize(
        "ligne", [{"demande_id": "b" * 32}, {"expire_le": ecrire(MAINTENANT)}, {"numero": AUTRE_TIMBRE}]
    )
    def test_un_timbre_qui_n_est_plus_tenu_ou_plus_valable_arrete_tout(
        self, demandes: Demandes, ligne: dict[str, Any]
    ) -> None:
        demandes.creer(prete())
        demandes.creer(brouillon(id="b" * 32, paiement=ACHAT))
        autre = demandes.lire("b" * 32)
        assert demandes.encaisser(autre, paiement_reserve(), timbre_reserve(**ligne), MAINTENANT)
        depot = changement("DemandeDeposee", vers=Statut.DEPOSEE, timbre=MouvementTimbre(NUMERO_TIMBRE, "consomme"))
        with pytest.raises(TimbreIndisponible):
            demandes.transiter(prete(), depot)
        assert demandes.lire(DEMANDE_ID) == prete()
        assert demandes.journal(DEMANDE_ID) == []

    def test_de_huit_passages_a_la_fois_un_seul_se_fait(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        reponses, erreurs = a_la_fois([lambda: demandes.transiter(brouillon(), changement())] * 8)
        assert (len(reponses), len(erreurs)) == (1, 7)
        assert len(demandes.journal(DEMANDE_ID)) == 1


class TestConfirmer:
    def test_cinquante_confirmations_a_la_fois_donnent_un_numero_un_timbre_une_entree(self, demandes: Demandes) -> None:
        deposer_prete(demandes)
        suite = count(10**22)

        reponses, erreurs = a_la_fois([lambda: confirme(demandes, "la-meme-cle", lambda: str(next(suite)))] * 50)

        assert erreurs == []
        assert len(reponses) == 50
        demande = demandes.lire(DEMANDE_ID)
        assert {reponse.numero for reponse in reponses} == {demande.numero}
        assert etat_du_timbre(demandes) == (EtatTimbre.CONSOMME, DEMANDE_ID)
        journal = demandes.journal(DEMANDE_ID)
        assert [entree.evenement for entree in journal] == ["DemandeDeposee"]
        assert chaine_intacte(journal, demande)

    def test_cinquante_confirmations_sous_des_cles_differentes_une_seule_aboutit(self, demandes: Demandes) -> None:
        deposer_prete(demandes)
        suite = count(10**22)
        actions = [lambda r=r: confirme(demandes, f"cle-{r}", lambda: str(next(suite))) for r in range(50)]

        (seule,), erreurs = a_la_fois(actions)

        assert [type(erreur) for erreur in erreurs] == [TransitionInterdite] * 49
        assert demandes.lire(DEMANDE_ID).numero == seule.numero
        assert len(demandes.journal(DEMANDE_ID)) == 1

    def test_confirmer_retirer_et_ecrire_a_la_fois_finit_dans_un_etat_juste(self, demandes: Demandes) -> None:
        lue = deposer_prete(demandes)

        def retirer() -> Any:
            timbre = MouvementTimbre(NUMERO_TIMBRE, "libre")
            libere = {"paiement": paiement_reserve(etat=EtatPaiement.LIBERE)}
            return demandes.transiter(lue, changement(poser=libere, timbre=timbre))

        a_la_fois([lambda: confirme(demandes), retirer, lambda: demandes.modifier(DEMANDE_ID, ecriture())] * 4)

        demande, journal = demandes.lire(DEMANDE_ID), demandes.journal(DEMANDE_ID)
        assert chaine_intacte(journal, demande)
        attendu = {
            Statut.DEPOSEE: (EtatTimbre.CONSOMME, DEMANDE_ID, EtatPaiement.CONSOMME),
            Statut.RETIREE: (EtatTimbre.LIBRE, None, EtatPaiement.LIBERE),
        }
        assert demande.paiement is not None
        assert (*(etat_du_timbre(demandes) or ()), demande.paiement.etat) == attendu[demande.statut]


class TestDoublons:
    """Two demandes of one person, confirmed at the same time: whoever treats them knows."""

    DEUX = ("b" * 32, "c" * 32)

    def deposer(self, demandes: Demandes) -> None:
        for rang, id_ in enumerate(self.DEUX):
            deposee = prete(id=id_, statut=Statut.DEPOSEE, numero=f"{rang + 1:023}", deposee_le=ecrire(MAINTENANT))
            demandes.creer(deposee)

    def controle(self, demandes: Demandes, id_: str) -> Changement:
        """What the control of one writes, from what it sees before it writes."""
        demande, pieces = demandes.lire_avec_pieces(id_)
        vus = [autre.numero for autre in demandes.doublons(demande)]
        systeme = Auteur("systeme", "controle")
        return controler(demande, pieces, vus, demande.photo_signature, systeme, MAINTENANT, "corr", JOUR_S)

    def test_le_second_controle_connait_la_premiere(self, demandes: Demandes) -> None:
        self.deposer(demandes)
        for id_ in self.DEUX:
            demandes.transiter(demandes.lire(id_), self.controle(demandes, id_))
        assert [demandes.lire(id_).doublons for id_ in self.DEUX] == [None, [f"{1:023}"]]

    def test_deux_controles_au_meme_instant_ne_cachent_rien_a_l_agent(self, demandes: Demandes) -> None:
        """Neither saw the other; the dossier asks again when it is opened, and shows each of them (instruction)."""
        self.deposer(demandes)
        changements = [self.controle(demandes, id_) for id_ in self.DEUX]
        for id_, changement_ in zip(self.DEUX, changements, strict=True):
            demandes.transiter(demandes.lire(id_), changement_)
        vus = [[autre.id for autre in demandes.doublons(demandes.lire(id_))] for id_ in self.DEUX]
        assert vus == [[self.DEUX[1]], [self.DEUX[0]]]


class TestVeille:
    def test_les_brouillons_dont_l_heure_est_venue_du_plus_ancien_au_plus_recent(self, demandes: Demandes) -> None:
        for rang, retard in enumerate((1, 3, 2, -1)):
            demandes.creer(brouillon(id=f"{rang:032x}", veille_le=ecrire(il_y_a(retard))))
        venus = demandes.a_veiller(MAINTENANT)
        assert list(venus) == [f"{rang:032x}" for rang in (1, 2, 0)]

    def test_une_demande_confirmee_ou_retiree_n_est_plus_veillee(self, demandes: Demandes) -> None:
        demandes.creer(brouillon(veille_le=ecrire(il_y_a(1))))
        demandes.transiter(demandes.lire(DEMANDE_ID), changement(oter=("veille", "veille_le")))
        assert list(demandes.a_veiller(MAINTENANT)) == []

    def test_un_brouillon_fini_est_a_purger_jusqu_a_ce_que_ses_pieces_soient_oubliees(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        demandes.ajouter_piece(piece("identite"))
        fin = {"veille": PURGE, "veille_le": ecrire(MAINTENANT)}
        demandes.transiter(demandes.lire(DEMANDE_ID), changement(poser=fin))
        assert list(demandes.a_purger(MAINTENANT - timedelta(seconds=1))) == []
        assert list(demandes.a_purger(MAINTENANT)) == [DEMANDE_ID]
        for _ in range(2):
            demandes.oublier_pieces(DEMANDE_ID)
        assert list(demandes.a_purger(MAINTENANT)) == []
        demande, pieces = demandes.lire_avec_pieces(DEMANDE_ID)
        assert (demande.statut, demande.veille, demande.veille_le, pieces) == (Statut.RETIREE, None, None, [])

    def test_replanifier_ne_touche_ni_la_version_ni_ce_qui_a_bouge(self, demandes: Demandes) -> None:
        demandes.creer(brouillon())
        demandes.replanifier(brouillon(), MAINTENANT + timedelta(days=1))
        apres = demandes.lire(DEMANDE_ID)
        assert apres == brouillon(veille_le=ecrire(MAINTENANT + timedelta(days=1)))
        demandes.replanifier(brouillon(), MAINTENANT + timedelta(days=2))
        assert demandes.lire(DEMANDE_ID) == apres


def test_une_creation_dont_la_reponse_s_est_perdue_peut_etre_rejouee() -> None:
    with aws_simule():
        demandes = wiring.demandes()
        demande, recue = brouillon(), piece("identite", 1)
        for _ in range(2):
            demandes.creer(demande)
            demandes.ajouter_piece(recue)
        assert demandes.lire_avec_pieces(demande.id) == (demande, [recue])


def test_lire_les_pieces_va_au_bout_des_pages_et_s_arrete_a_elles() -> None:
    with aws_simule() as dynamodb:
        demandes = wiring.demandes()
        demande = brouillon()
        longues = [piece("identite", rang, nom_fichier="x" * 350_000) for rang in range(1, 5)]
        demandes.creer(demande)
        for une in longues:
            demandes.ajouter_piece(une)
        suite = {"id": {"S": demande.id}, "element": {"S": "SUITE#1"}}
        dynamodb.put_item(TableName="permis-demandes", Item=suite)
        pages: list[list[Any]] = []
        dynamodb.meta.events.register("after-call.dynamodb.Query", lambda parsed, **_: pages.append(parsed["Items"]))
        assert demandes.lire_avec_pieces(demande.id) == (demande, longues)
        assert len(pages) > 1
        assert suite not in [element for page in pages for element in page]
