"""The card as printer and post tell it: whatever is doubled, late or reordered, it ends where the ordered life ends."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.demande.erreurs import ConflitDeVersion, DemandeInconnue
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Auteur, Changement
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.statuts import FINALS, SUIVANTS
from chalicelib.demande.titre import CONNUS_MAX, SUIVIS, Evenement, EvenementTitre
from chalicelib.demande.verification import chaine_intacte
from chalicelib.demande.vie import passer
from chalicelib.partenaires.production import TropTot, suivre_le_titre
from tests.dossiers import DEMANDE_ID, JOUR_S, MAINTENANT, il_y_a, prete
from tests.fakes.demandes import FakeDemandes

NUMERO = "12441542134215461243643"
DEBUT = il_y_a(1)
S = Statut


def recu(evenement: Evenement, minute: int, suivi: str | None = None) -> EvenementTitre:
    """An event that happened ``minute`` minutes after the first day."""
    poste = suivi or ("LX1" if evenement in ("expedie", "distribue", "retourne") else None)
    return EvenementTitre(evenement, ecrire(DEBUT + timedelta(minutes=minute)), poste)


VIE = [recu("accepte", 1), recu("produit", 2), recu("expedie", 3)]
FINS = {"remis": [*VIE, recu("distribue", 4)], "revenu": [*VIE, recu("retourne", 4)], "en route": VIE, "fait": VIE[:2]}


class Monde:
    """A demande in production, and what its partners tell."""

    def __init__(self, statut: Statut = S.VALIDEE, demandes: FakeDemandes | None = None) -> None:
        self.demandes = demandes or FakeDemandes()
        self.demandes.creer(prete(statut=statut, numero=NUMERO, autorite="543", deposee_le=ecrire(il_y_a(10))))

    def dire(self, un: EvenementTitre) -> str:
        return suivre_le_titre(self.demandes, NUMERO, un, MAINTENANT, "correlation", JOUR_S).effet

    def renvoyer(self) -> None:
        """An agent has the card posted again, at minute 10."""
        demande = self.demande
        renvoi = passer(
            demande, "TitreReexpedie", Auteur("agent", "a"), MAINTENANT, "c", jour_s=JOUR_S, vers=S.EXPEDIEE
        )
        self.demandes.transiter(demande, renvoi)

    @property
    def demande(self) -> Demande:
        return self.demandes.lire(DEMANDE_ID)

    @property
    def histoire(self) -> list[tuple[str, str]]:
        return [(entree.evenement, entree.statut) for entree in self.demandes.journal(DEMANDE_ID)]

    @property
    def fin(self) -> tuple[str, int, str | None]:
        return self.demande.statut, self.demande.retours, self.demande.numero_suivi


@pytest.mark.parametrize("nom", FINS)
def test_la_vie_dans_l_ordre(nom: str) -> None:
    monde = Monde()
    assert [monde.dire(un) for un in FINS[nom]] == ["applique"] * len(FINS[nom])
    attendu = [
        ("CommandeAcceptee", "en_production"),
        ("TitreProduit", "en_production"),
        ("TitreExpedie", "expediee"),
        ("TitreDistribue", "distribuee") if nom == "remis" else ("TitreRetourne", "non_distribuee"),
    ]
    assert monde.histoire == attendu[: len(FINS[nom])]
    dernier = FINS[nom][-1]
    assert (monde.demande.constate_le, monde.demande.numero_suivi) == (dernier.survenu_le, dernier.numero_suivi)
    assert [entree.constate_le for entree in monde.demandes.journal(DEMANDE_ID)] == [un.survenu_le for un in FINS[nom]]


def test_ce_qui_saute_des_etapes_les_ecrit_dans_une_seule_transaction() -> None:
    monde = Monde()
    assert monde.dire(recu("distribue", 4)) == "applique"
    assert monde.histoire == [
        ("CommandeAcceptee", "en_production"),
        ("TitreExpedie", "expediee"),
        ("TitreDistribue", "distribuee"),
    ]
    assert monde.demande.version == 2


def test_un_titre_produit_avant_que_sa_commande_soit_dite_acceptee() -> None:
    monde = Monde()
    monde.dire(recu("produit", 2))
    assert monde.histoire == [("CommandeAcceptee", "en_production"), ("TitreProduit", "en_production")]
    assert monde.dire(recu("accepte", 1)) == "sans_effet"


def test_un_retour_attend_l_usager_puis_l_agent_et_demande_de_nouveau_l_adresse() -> None:
    monde = Monde()
    avant = prete(id="b" * 32, numero="2" + NUMERO[1:], autorite="543", statut=S.EXPEDIEE, adresse_confirmee_le="hier")
    monde.demandes.creer(avant)
    suivre_le_titre(monde.demandes, "2" + NUMERO[1:], recu("retourne", 4), MAINTENANT, "c", JOUR_S)
    apres = monde.demandes.lire("b" * 32)
    assert (apres.statut, apres.retours, apres.adresse_confirmee_le) == ("non_distribuee", 1, None)
    assert apres.chez_usager_depuis == ecrire(MAINTENANT) and apres.corbeille == "543#agent"


def test_un_second_envoi_recommence_le_cycle_sous_son_numero_de_suivi() -> None:
    monde = Monde()
    for un in FINS["revenu"]:
        monde.dire(un)
    monde.renvoyer()
    assert monde.dire(recu("expedie", 3)) == "sans_effet"
    assert monde.dire(recu("expedie", 11, "LX2")) == "applique"
    assert monde.histoire[-1] == ("TitreExpedie", "expediee") and monde.fin == ("expediee", 1, "LX2")
    assert monde.dire(recu("expedie", 12, "LX3")) == "sans_effet"
    assert monde.dire(recu("retourne", 13, "LX2")) == "applique"
    assert monde.fin == ("non_distribuee", 2, "LX2")


def test_l_horloge_de_la_poste_en_retard_sur_celle_de_l_imprimeur_ne_bloque_rien() -> None:
    monde = Monde()
    monde.dire(recu("produit", 30))
    assert monde.dire(recu("expedie", 3)) == "applique"
    assert monde.dire(recu("distribue", 29)) == "applique"


@pytest.mark.parametrize("statut", sorted(FINALS - SUIVIS))
def test_rien_ne_change_hors_de_la_production_et_le_partenaire_n_a_pas_a_repeter(statut: Statut) -> None:
    monde = Monde(statut)
    avant = monde.demande
    assert [monde.dire(un) for un in FINS["remis"]] == ["hors_production"] * 4
    assert monde.demande == avant and monde.histoire == []


@pytest.mark.parametrize("statut", [statut for statut in S if statut not in SUIVIS | FINALS])
def test_un_evenement_venu_avant_la_validation_est_a_redire_et_ne_change_rien(statut: Statut) -> None:
    monde = Monde(statut)
    avant = monde.demande
    for un in FINS["remis"]:
        with pytest.raises(TropTot):
            monde.dire(un)
    assert monde.demande == avant and monde.histoire == []


def test_un_numero_inconnu_est_introuvable() -> None:
    with pytest.raises(DemandeInconnue):
        suivre_le_titre(FakeDemandes(), NUMERO, VIE[0], MAINTENANT, "c", JOUR_S)


class Disputees(FakeDemandes):
    """Somebody else writes just before each of the first ``fois`` transactions."""

    fois = 0

    def transiter(self, demande: Demande, changement: Changement) -> Demande:
        if self.fois:
            self.fois -= 1
            self.changer_de_generation(self.lire(demande.id), MAINTENANT)
        return super().transiter(demande, changement)


def test_une_ecriture_concurrente_fait_relire_et_recommencer() -> None:
    demandes = Disputees()
    monde = Monde(demandes=demandes)
    demandes.fois = 4
    assert monde.dire(VIE[0]) == "applique" and len(monde.histoire) == 1
    demandes.fois = 5
    with pytest.raises(ConflitDeVersion):
        monde.dire(VIE[1])
    assert monde.dire(VIE[1]) == "applique"


def en_desordre(vie: list[EvenementTitre]) -> st.SearchStrategy[list[EvenementTitre]]:
    """The events of ``vie``, each at least once, in any order."""
    return st.lists(st.sampled_from(vie), max_size=5).flatmap(lambda doubles: st.permutations([*vie, *doubles]))


def coherent(monde: Monde) -> None:
    """The journal is whole, each statut allowed after the one before, each card event once by cycle."""
    entrees = monde.demandes.journal(DEMANDE_ID)
    assert chaine_intacte(entrees, monde.demande)
    statuts = [S.VALIDEE, *(entree.statut for entree in entrees)]
    assert all(un is suivant or suivant in SUIVANTS[un] for un, suivant in pairwise(statuts))
    assert len(monde.demande.evenements_titre) <= CONNUS_MAX


@given(st.sampled_from(sorted(FINS)).flatmap(lambda nom: st.tuples(st.just(nom), en_desordre(FINS[nom]))))
def test_tout_ordre_et_tout_double_finit_comme_la_vie_dans_l_ordre(cas: tuple[str, list[EvenementTitre]]) -> None:
    nom, recus = cas
    ordonne, desordonne = Monde(), Monde()
    for un in FINS[nom]:
        ordonne.dire(un)
    for un in recus:
        desordonne.dire(un)
    assert desordonne.fin == ordonne.fin
    coherent(desordonne)
    noms = [evenement for evenement, _ in desordonne.histoire]
    assert len(noms) == len(set(noms)) and set(noms) <= {evenement for evenement, _ in ordonne.histoire}


SECOND = [recu("expedie", 11, "LX2"), recu("distribue", 12, "LX2")]


@given(
    en_desordre(FINS["revenu"]),
    st.lists(st.sampled_from(FINS["revenu"]), max_size=4).flatmap(lambda tards: st.permutations([*SECOND, *tards])),
)
def test_ce_qui_reste_du_premier_envoi_ne_touche_pas_au_second(
    premiers: list[EvenementTitre], ensuite: list[EvenementTitre]
) -> None:
    monde = Monde()
    for un in premiers:
        monde.dire(un)
    assert monde.fin == ("non_distribuee", 1, "LX1")
    monde.renvoyer()
    for un in ensuite:
        monde.dire(un)
    assert monde.fin == ("distribuee", 1, "LX2")
    coherent(monde)


def test_apres_beaucoup_de_retours_les_premiers_evenements_restent_sans_effet() -> None:
    monde = Monde()
    for cycle in range(8):
        for un in (*VIE[:2], recu("expedie", 3), recu("retourne", 4)) if cycle == 0 else ():
            monde.dire(un)
        if cycle:
            monde.renvoyer()
            monde.dire(recu("expedie", 10 * cycle, f"LX{cycle}"))
            monde.dire(recu("retourne", 10 * cycle + 1, f"LX{cycle}"))
    assert monde.demande.retours == 8
    monde.renvoyer()
    assert [monde.dire(un) for un in FINS["revenu"]] == ["sans_effet"] * 4
    coherent(monde)
