"""A card that came back: its holder confirms or corrects his address, and the agent sees it."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.demande.evenements import evenement_du_journal
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.titre import EvenementTitre, appliquer
from chalicelib.demande.verification import chaine_intacte
from chalicelib.http import Identite
from chalicelib.notifications.acheminement import Lectures
from chalicelib.notifications.envoyer_mail import envoyer_mail
from tests.agents import AGENT, PAUL, PIERRE, deposer, habiliter
from tests.appel import Resultat, appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import ADRESSE, DEMANDE_ID, JOUR_S, MAINTENANT
from tests.fakes.notifications import ContactsFactices, FilesFactices, MailsFactices, NotificationsFactices
from tests.personnel import en_file

ROUTE = "/demandes/{id}/adresse/confirmation"
CORRIGEE = {**ADRESSE, "nom_voie": "Saint-Dizier", "code_postal": "54100"}


@pytest.fixture(autouse=True)
def _aws() -> Iterator[None]:
    with aws_simule():
        yield


def revenue(**champs: Any) -> Demande:
    """A card that the post brought back."""
    return deposer(Statut.NON_DISTRIBUEE, **{"retours": 1, "chez_usager_depuis": ecrire(MAINTENANT), **champs})


def confirmer(corps: dict[str, Any], identite: Identite = PIERRE, entetes: dict[str, str] | None = None) -> Resultat:
    return appeler("PUT", ROUTE, {"id": DEMANDE_ID}, corps, identite, entetes)


def evenements() -> list[str]:
    return [entree.evenement for entree in wiring.demandes().journal(DEMANDE_ID)]


def test_l_adresse_se_confirme_telle_quelle() -> None:
    avant = revenue()
    with compter_appels() as appels:
        confirmee = confirmer(ADRESSE)
    assert (confirmee.statut, confirmee.corps["statut"]) == (200, "non_distribuee")
    assert [appel.operation for appel in appels] == ["GetItem", "TransactWriteItems"]
    demande = wiring.demandes().lire(DEMANDE_ID)
    assert demande.adresse == avant.adresse
    assert demande.adresse_confirmee_le is not None
    assert evenements() == ["AdresseConfirmee"]
    suivi = appeler("GET", "/demandes/{id}/suivi", {"id": DEMANDE_ID}, None, PIERRE).corps
    assert suivi["detenteur"] == "agent"


def test_une_adresse_corrigee_est_celle_ou_le_titre_repart_et_ou_on_la_cherche() -> None:
    revenue()
    assert confirmer(CORRIGEE).statut == 200
    demande = wiring.demandes().lire(DEMANDE_ID)
    assert demande.adresse is not None
    assert (demande.adresse.nom_voie, demande.adresse.code_postal) == ("Saint-Dizier", "54100")
    (ligne,) = appeler(
        "POST", "/instruction/recherches", None, {"nom": "CORNEILLE", "code_postal": "54100"}, AGENT
    ).corps["elements"]
    assert ligne["id"] == DEMANDE_ID


def test_le_contact_remplace_est_prevenu_la_ou_il_etait_sans_paraitre_dans_l_evenement() -> None:
    revenue()
    avant = ADRESSE["email"]
    for email in ("autre@exemple.fr", "troisieme@exemple.fr"):
        assert confirmer({**ADRESSE, "email": email}).statut == 200
    assert evenements() == ["ContactRemplace", "AdresseConfirmee"] * 2
    journal, demande = wiring.demandes().journal(DEMANDE_ID), wiring.demandes().lire(DEMANDE_ID)
    partis = MailsFactices()
    lectures = Lectures(wiring.demandes(), ContactsFactices(), "cle", "https://permis.exemple.fr", JOUR_S)
    for entree in journal:
        evenement = evenement_du_journal(entree.model_dump())
        assert "@" not in evenement.model_dump_json()
        envoyer_mail(evenement, lectures, NotificationsFactices(), partis, FilesFactices(), lambda: 1_795_000_000)
    assert [adresse for adresse, _ in partis.partis] == [
        avant,
        "troisieme@exemple.fr",
        "autre@exemple.fr",
        "troisieme@exemple.fr",
    ]
    assert chaine_intacte(journal, demande)


def test_un_contact_inchange_ne_se_previent_pas_lui_meme() -> None:
    revenue()
    assert confirmer(CORRIGEE).statut == 200
    assert wiring.demandes().lire(DEMANDE_ID).anciens_contacts is None


def test_confirmer_deux_fois_n_ecrit_qu_une_fois_mais_se_corrige_encore() -> None:
    revenue()
    premiere = confirmer(ADRESSE)
    assert confirmer(ADRESSE).corps == premiere.corps
    assert confirmer(CORRIGEE).statut == 200
    assert evenements() == ["AdresseConfirmee"] * 2


def test_la_prefecture_ne_change_plus() -> None:
    revenue()
    refus = confirmer({**ADRESSE, "prefecture": "751"})
    assert (refus.statut, [erreur["champ"] for erreur in refus.corps["erreurs"]]) == (422, ["prefecture"])
    assert evenements() == []


@pytest.mark.parametrize("statut", [s for s in Statut if s is not Statut.NON_DISTRIBUEE])
def test_hors_d_un_retour_il_n_y_a_rien_a_confirmer(statut: Statut) -> None:
    deposer(statut)
    refus = confirmer(ADRESSE)
    assert (refus.statut, refus.corps["statut"]) == (409, statut)


def test_une_version_perimee_est_refusee() -> None:
    revenue()
    refus = confirmer(CORRIGEE, entetes={"If-Match": '"99"'})
    assert (refus.statut, evenements()) == (412, [])


@pytest.mark.parametrize("autre", [PAUL, AGENT], ids=lambda autre: autre.compte_id)
def test_le_titre_d_un_autre_n_existe_pas(autre: Identite) -> None:
    revenue()
    assert confirmer(ADRESSE, autre).statut == 404


REEXPEDITION = "/instruction/demandes/{id}/reexpedition"


def renvoyer(corps: Any = None) -> Resultat:
    return appeler("POST", REEXPEDITION, {"id": DEMANDE_ID}, corps, AGENT)


def a_prendre() -> list[Any]:
    vue = appeler("GET", "/instruction/corbeille", None, None, AGENT).corps
    elements: list[Any] = vue["a_prendre"]["elements"]
    return elements


def par_la_poste() -> None:
    """The card of the stored demande comes back now."""
    demande = deposer(Statut.EXPEDIEE)
    recu = EvenementTitre("retourne", ecrire(wiring.horloge()))
    changement = appliquer(demande, recu, wiring.horloge(), "correlation", JOUR_S)
    assert changement is not None
    wiring.demandes().transiter(demande, changement)


def test_un_titre_revenu_ne_passe_devant_les_agents_qu_une_fois_son_adresse_confirmee() -> None:
    habiliter()
    par_la_poste()
    autre = en_file(1)
    assert [ligne["id"] for ligne in a_prendre()] == [autre.id]
    trouvees = appeler("POST", "/instruction/recherches", None, {"nom": "CORNEILLE"}, AGENT).corps["elements"]
    assert DEMANDE_ID in [trouvee["id"] for trouvee in trouvees], "an agent who is called still finds it"

    assert confirmer(ADRESSE).statut == 200

    tete, suivante = a_prendre()
    assert (tete["id"], tete["en_tete"], tete["a_traiter_avant"]) == (DEMANDE_ID, "adresse_confirmee", None)
    assert (suivante["en_tete"], tete["en_retard"]) == (None, False)
    prise = appeler("POST", "/instruction/corbeille/suivante", None, None, AGENT)
    assert prise.corps["id"] == DEMANDE_ID
    assert renvoyer().corps["statut"] == "expediee"


def test_sans_confirmation_la_suivante_ne_le_donne_pas_et_il_ne_repart_pas() -> None:
    habiliter()
    par_la_poste()
    assert appeler("POST", "/instruction/corbeille/suivante", None, None, AGENT).statut == 204
    refus = renvoyer()
    assert (refus.statut, refus.corps["statut"]) == (409, "non_distribuee")
    assert "confirmé" in refus.corps["detail"]
    assert renvoyer({"adresse_verifiee": False}).statut == 409
    assert renvoyer({"adresse_verifiee": "oui"}).statut == 422


def test_un_agent_qui_a_verifie_l_adresse_avec_l_usager_le_dit_et_renvoie_le_titre() -> None:
    par_la_poste()
    assert renvoyer({"adresse_verifiee": True}).corps["statut"] == "expediee"
    demande = wiring.demandes().lire(DEMANDE_ID)
    assert demande.adresse_confirmee_le is not None
    assert evenements() == ["TitreRetourne", "TitreReexpedie"]


def test_corriger_encore_garde_la_place_dans_la_file() -> None:
    par_la_poste()
    confirmer(ADRESSE)
    place = wiring.demandes().lire(DEMANDE_ID).urgence
    confirmer(CORRIGEE)
    assert wiring.demandes().lire(DEMANDE_ID).urgence == place
