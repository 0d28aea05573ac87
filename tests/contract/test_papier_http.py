"""A paper dossier through the routes: typed by an agent, in his own drafts only, then the same demande as any other."""

import importlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters import clients
from chalicelib.demande.controle import controler
from chalicelib.demande.instants import jour_legal
from chalicelib.demande.journal import Auteur
from chalicelib.demande.modeles import Demande, EtatPhoto, PhotoSignature, Statut
from chalicelib.demande.papier import ATTESTATION
from chalicelib.demande.ports_consultations import Quoi
from chalicelib.fonctions import Fonction
from chalicelib.http import ROUTES, Identite
from tests.agents import AGENT, AILLEURS, CHEF, CTN, PIERRE, habiliter
from tests.appel import appeler
from tests.compteur import compter_appels
from tests.contract.tables import aws_simule
from tests.dossiers import ADRESSE, ETAT_CIVIL, JOUR_S
from tests.droits import relever_droits
from tests.parcours import Parcours
from tests.ports import Exterieur, exterieur_simule
from tests.specimens import facture, image

SANS_CONTACT = {nom: valeur for nom, valeur in ADRESSE.items() if nom not in ("email", "telephone")}
COLLEGUE = Identite("autre-agent-de-nancy", "session-b", "agent", ("543",))
AUJOURD_HUI = jour_legal(datetime.now(UTC))


@pytest.fixture
def exterieur() -> Iterator[Exterieur]:
    with aws_simule(), exterieur_simule() as simules:
        yield simules


class Papier(Parcours):
    """A paper dossier that ``identite`` types, received ten days ago."""

    def __init__(self, motif: str = "perte", identite: Identite = AGENT, recu_le: date | None = None) -> None:
        self.identite, self.motif, self.chemin = identite, motif, {}
        jour = recu_le or AUJOURD_HUI - timedelta(days=10)
        corps = {"motif": motif, "recu_le": jour.isoformat()}
        self.chemin["id"] = self.reussir("POST", "/instruction/demandes", corps)["id"]

    def completer(self, exterieur: Exterieur, adresse: dict[str, Any] = ADRESSE) -> None:
        self.reussir("PUT", "/demandes/{id}/etat-civil", ETAT_CIVIL)
        self.reussir("PUT", "/demandes/{id}/adresse", adresse)
        self.reussir("PUT", "/demandes/{id}/photo-signature", {"mode": "talon"})
        self.joindre()
        self.deposer_fichier(facture(), type="formulaire_papier", mime="application/pdf")
        self.reussir("POST", "/demandes/{id}/pieces/{piece_id}/controle")
        self.reussir("PUT", "/demandes/{id}/paiement", {"numero_timbre": exterieur.boutique.creer_timbre()})

    def stockee(self) -> Demande:
        return wiring.demandes().lire(self.id)


def confirmer(dossier: Parcours) -> Any:
    return dossier.reussir("POST", "/demandes/{id}/confirmation", {"attestation": True})


def test_un_agent_saisit_un_dossier_papier_de_bout_en_bout(exterieur: Exterieur) -> None:
    dossier = Papier()
    dossier.completer(exterieur)
    recapitulatif = dossier.reussir("GET", "/demandes/{id}/recapitulatif")
    assert (recapitulatif["manques"], recapitulatif["attestation"]) == ([], ATTESTATION)

    confirmee = confirmer(dossier)

    assert (confirmee["statut"], confirmee["titulaire_prevenu"]) == ("deposee", ["mail", "sms"])
    demande = dossier.stockee()
    assert (demande.origine, demande.saisie_par, demande.numero) == ("papier", AGENT.compte_id, confirmee["numero"])
    (entree,) = wiring.demandes().journal(demande.id)
    assert (entree.evenement, entree.auteur_genre, entree.auteur_id) == ("DemandeDeposee", "agent", AGENT.compte_id)
    suivi = dossier.reussir("GET", "/demandes/{id}/suivi")
    assert suivi["evenements"][-1]["libelle"] == "Un agent a enregistré votre dossier papier"
    for document in ("justificatif", "recepisse", "recu", "talon"):
        assert dossier.reussir("GET", f"/demandes/{{id}}/{document}")["url"].startswith("https://")


def test_qui_a_saisi_un_dossier_papier_ne_relit_du_timbre_que_ses_quatre_derniers_chiffres(
    exterieur: Exterieur,
) -> None:
    dossier = Papier()
    dossier.completer(exterieur)
    lue = dossier.reussir("GET", "/demandes/{id}")["etapes"]["paiement"]["donnees"]
    payee = dossier.reussir("GET", "/demandes/{id}/paiement")
    assert {vu["numero_timbre"] for vu in (lue, payee)} == {"••••••••••••0001"}


def test_le_delai_court_du_jour_ou_le_papier_est_arrive(exterieur: Exterieur) -> None:
    dossier = Papier()
    dossier.completer(exterieur)
    confirmer(dossier)
    deposee_le = dossier.stockee().deposee_le
    assert deposee_le is not None
    assert deposee_le.startswith((AUJOURD_HUI - timedelta(days=10)).isoformat())


def test_un_dossier_recu_aujourd_hui_n_est_pas_depose_dans_le_futur(exterieur: Exterieur) -> None:
    recue_le = Papier(recu_le=AUJOURD_HUI).stockee().recue_le
    assert recue_le is not None
    assert recue_le <= datetime.now(UTC).isoformat()


def test_sans_adresse_electronique_ni_telephone_le_titulaire_est_prevenu_par_courrier(exterieur: Exterieur) -> None:
    dossier = Papier()
    dossier.completer(exterieur, SANS_CONTACT)
    assert confirmer(dossier)["titulaire_prevenu"] == ["courrier"]


def test_le_formulaire_signe_tient_lieu_d_attestation_et_ne_peut_manquer(exterieur: Exterieur) -> None:
    dossier = Papier("expiration")
    dossier.reussir("PUT", "/demandes/{id}/etat-civil", ETAT_CIVIL)
    dossier.reussir("PUT", "/demandes/{id}/adresse", SANS_CONTACT)
    dossier.reussir("PUT", "/demandes/{id}/photo-signature", {"mode": "talon"})
    dossier.joindre()
    refus = dossier.appeler("POST", "/demandes/{id}/confirmation", {"attestation": True})
    assert [manque["champ"] for manque in refus.corps["manques"]] == ["formulaire_papier"]


def test_un_agent_n_enregistre_que_pour_son_service(exterieur: Exterieur) -> None:
    dossier = Papier("expiration", AILLEURS)
    dossier.saisir()
    dossier.joindre()
    dossier.deposer_fichier(facture(), type="formulaire_papier", mime="application/pdf")
    dossier.reussir("POST", "/demandes/{id}/pieces/{piece_id}/controle")
    lu = dossier.reussir("GET", "/demandes/{id}/recapitulatif")
    assert [(manque["etape"], manque["champ"]) for manque in lu["manques"]] == [("adresse", "prefecture")]
    refus = dossier.appeler("POST", "/demandes/{id}/confirmation", {"attestation": True})
    assert (refus.statut, refus.corps["manques"][0]["champ"]) == (409, "prefecture")


@pytest.mark.parametrize("autre", [COLLEGUE, CHEF, AILLEURS, PIERRE], ids=lambda autre: autre.compte_id)
def test_le_dossier_d_un_agent_n_existe_que_pour_lui(exterieur: Exterieur, autre: Identite) -> None:
    dossier = Papier()
    dossier.deposer_fichier(image("PNG"))
    avant = dossier.reussir("GET", "/demandes/{id}")
    dossier.identite = autre
    for methode, route, corps in (
        ("GET", "/demandes/{id}", None),
        ("PUT", "/demandes/{id}/etat-civil", ETAT_CIVIL),
        ("PUT", "/demandes/{id}/adresse", ADRESSE),
        ("DELETE", "/demandes/{id}/pieces/{piece_id}", None),
        ("POST", "/demandes/{id}/confirmation", {"attestation": True}),
        ("DELETE", "/demandes/{id}", None),
    ):
        assert dossier.appeler(methode, route, corps).statut == 404, (methode, route)
    dossier.identite = AGENT
    assert dossier.reussir("GET", "/demandes/{id}") == avant


def exiger_les_droits(methode: str, route: str, exerces: dict[str, set[str]]) -> None:
    """What a route did is among the rights of its function, and its consultation one of them."""
    fonction: Fonction = importlib.import_module(ROUTES[(methode, route)].module).FONCTION
    assert exerces["table:consultations"] == {"PutItem"} == set(fonction.droits["table:consultations"])
    assert {table: actions - set(fonction.droits[table]) for table, actions in exerces.items()} == dict.fromkeys(
        exerces, set()
    )


def entre_en_controle(dossier: Papier) -> None:
    """Have the dossier enter the control of its service."""
    demande, auteur = dossier.stockee(), Auteur("systeme", "controler")
    suite = controler(demande, [], [], demande.photo_signature, auteur, datetime.now(UTC), "correlation", JOUR_S)
    wiring.demandes().transiter(demande, suite)


def suspendre(dossier: Papier) -> str:
    """Have a paper dossier of the service suspended for its proof of domicile; gives the pièce's id."""
    pieces = dossier.reussir("GET", "/demandes/{id}")["pieces"]
    domicile: str = next(piece["piece_id"] for piece in pieces if piece["type"] == "domicile")
    demandes, demande = wiring.demandes(), dossier.stockee()
    auteur, maintenant = Auteur("agent", AGENT.compte_id), datetime.now(UTC)
    prete = demande.model_copy(
        update={"photo_signature": PhotoSignature(mode="numerique", code="A" * 22, etat=EtatPhoto.VALIDE)}
    )
    instruite = demandes.transiter(
        demande,
        controler(prete, [], [], prete.photo_signature, auteur, maintenant, "correlation", JOUR_S),
    )
    assert instruite.statut is Statut.EN_INSTRUCTION
    corps = {"elements": [{"cible": domicile, "motif": "illisible"}], "message": "La facture est coupée."}
    suspendue = appeler("POST", "/instruction/demandes/{id}/suspension", dossier.chemin, corps, AGENT)
    assert suspendue.statut == 200, suspendue.corps
    return domicile


def test_un_complement_venu_sur_papier_est_saisi_par_un_collegue_du_service(exterieur: Exterieur) -> None:
    habiliter(AGENT)
    dossier = Papier()
    dossier.completer(exterieur)
    confirmer(dossier)
    suspendre(dossier)

    dossier.identite = COLLEGUE
    dossier.deposer_fichier(facture(), type="domicile", mime="application/pdf")
    dossier.reussir("POST", "/demandes/{id}/pieces/{piece_id}/controle")
    assert dossier.appeler("DELETE", "/demandes/{id}/pieces/{piece_id}").statut == 204
    dossier.deposer_fichier(facture(), type="domicile", mime="application/pdf")
    dossier.reussir("POST", "/demandes/{id}/pieces/{piece_id}/controle")
    repris = dossier.reussir("POST", "/demandes/{id}/complement")

    assert repris["statut"] == "en_instruction"
    entree = wiring.demandes().journal(dossier.id)[-1]
    assert (entree.evenement, entree.auteur_genre, entree.auteur_id) == (
        "ComplementDepose",
        "agent",
        COLLEGUE.compte_id,
    )
    assert dossier.stockee().saisie_par == AGENT.compte_id
    dossier.identite = AILLEURS
    for methode, route in (
        ("GET", "/demandes/{id}"),
        ("POST", "/demandes/{id}/complement"),
        ("DELETE", "/demandes/{id}"),
    ):
        assert dossier.appeler(methode, route).statut == 404


LECTURES = (
    *("", "/motif", "/etat-civil", "/adresse", "/photo-signature", "/paiement", "/recapitulatif", "/suivi"),
    *("/representant", "/justificatif", "/recepisse", "/recu", "/talon", "/pieces/{piece_id}"),
    "/pieces/{piece_id}/controle",
)


def consultations(dossier: Papier) -> list[tuple[str, Quoi, str | None]]:
    trouvees, _ = wiring.consultations().lister(dossier.id, wiring.horloge(), None, 100)
    return [(une.compte_id, une.quoi, une.detail) for une in trouvees]


@pytest.mark.parametrize("lecture", LECTURES)
def test_chaque_lecture_d_un_dossier_depose_par_un_agent_est_consignee(exterieur: Exterieur, lecture: str) -> None:
    dossier = Papier()
    dossier.completer(exterieur)
    confirmer(dossier)
    entre_en_controle(dossier)
    assert consultations(dossier) == [], "typing one's own draft opens no dossier"

    dossier.identite = CHEF
    with relever_droits() as exerces:
        dossier.reussir("GET", f"/demandes/{{id}}{lecture}")

    detail = dossier.chemin["piece_id"] if "piece_id" in lecture else None
    assert consultations(dossier) == [(CHEF.compte_id, Quoi.DOSSIER, detail)]
    exiger_les_droits("GET", f"/demandes/{{id}}{lecture}", exerces)


def test_un_dossier_dont_la_lecture_ne_peut_etre_consignee_n_est_pas_montre(exterieur: Exterieur) -> None:
    dossier = Papier()
    dossier.completer(exterieur)
    confirmer(dossier)
    clients.client("dynamodb").delete_table(TableName="permis-consultations")
    assert dossier.appeler("GET", "/demandes/{id}").statut == 500


def test_ce_qu_un_chef_ecrit_sur_un_dossier_papier_est_a_son_nom_et_a_son_role(exterieur: Exterieur) -> None:
    habiliter()
    dossier = Papier()
    dossier.completer(exterieur)
    confirmer(dossier)
    suspendre(dossier)

    dossier.identite = CHEF
    dossier.deposer_fichier(facture(), type="domicile", mime="application/pdf")
    dossier.reussir("POST", "/demandes/{id}/pieces/{piece_id}/controle")
    for methode, route in (("POST", "/demandes/{id}/complement"), ("DELETE", "/demandes/{id}")):
        with relever_droits() as exerces:
            dossier.reussir(methode, route)
        exiger_les_droits(methode, route, exerces)

    entrees = wiring.demandes().journal(dossier.id)[-2:]
    assert [(une.evenement, une.auteur_genre, une.auteur_id) for une in entrees] == [
        ("ComplementDepose", "chef", CHEF.compte_id),
        ("DemandeRetiree", "chef", CHEF.compte_id),
    ]
    suivi = dossier.reussir("GET", "/demandes/{id}/suivi")
    assert [ligne["libelle"] for ligne in suivi["evenements"][-2:]] == [
        "Un agent a enregistré votre complément",
        "Un agent a retiré votre demande, comme vous l'avez demandé",
    ]
    assert "Vous avez retiré" not in suivi["raison"]


def test_un_titulaire_sans_contact_est_a_prevenir_par_courrier_de_chaque_acte(exterieur: Exterieur) -> None:
    habiliter()
    dossier = Papier()
    dossier.completer(exterieur, SANS_CONTACT)
    confirmer(dossier)
    domicile = suspendre(dossier)
    demande = {"elements": [{"cible": domicile, "motif": "expiree"}], "message": "Merci d'en joindre une autre."}
    refus = {"motif": "fraude", "message": "La facture a été modifiée."}
    for methode, route, corps in (
        ("PUT", "suspension", demande),
        ("POST", "messages", {"texte": "Nous vous attendons au guichet."}),
        ("POST", "levee", None),
        ("POST", "suspension", demande),
        ("POST", "levee", None),
        ("POST", "refus", refus),
    ):
        reponse = appeler(methode, f"/instruction/demandes/{{id}}/{route}", dossier.chemin, corps, AGENT)
        assert reponse.statut in (200, 201), reponse.corps
        assert reponse.corps["titulaire_prevenu"] == ["courrier"], route
    dossier_lu = appeler("GET", "/instruction/demandes/{id}", dossier.chemin, None, AGENT).corps
    assert dossier_lu["demande"]["joignable_par"] == ["courrier"]


def test_un_champ_demande_est_corrige_par_un_collegue_du_service(exterieur: Exterieur) -> None:
    habiliter(AGENT)
    dossier = Papier()
    dossier.completer(exterieur, SANS_CONTACT)
    confirmer(dossier)
    suspendre(dossier)
    corps = {"elements": [{"cible": "adresse.nom_voie", "motif": "inexacte"}], "message": "Quelle rue ?"}
    corrigee = appeler("PUT", "/instruction/demandes/{id}/suspension", dossier.chemin, corps, AGENT)
    assert corrigee.statut == 200, corrigee.corps

    dossier.identite = COLLEGUE
    dossier.reussir("PUT", "/demandes/{id}/adresse", {**SANS_CONTACT, "nom_voie": "Saint-Dizier"})
    dossier.reussir("POST", "/demandes/{id}/complement")

    adresse = dossier.stockee().adresse
    assert adresse is not None
    assert (adresse.nom_voie, adresse.email) == ("Saint-Dizier", None)


def test_un_compte_d_usager_nomme_comme_un_agent_n_atteint_pas_ses_dossiers(exterieur: Exterieur) -> None:
    dossier = Papier()
    dossier.identite = Identite(AGENT.compte_id, "session-x", "usager")
    assert dossier.appeler("GET", "/demandes/{id}").statut == 404


def test_un_agent_liste_ce_qu_il_saisit_et_rien_d_autre(exterieur: Exterieur) -> None:
    dossier = Papier()
    Parcours("vol")
    Papier("vol", COLLEGUE)
    page = appeler("GET", "/demandes", None, None, AGENT).corps
    assert [ligne["id"] for ligne in page["elements"]] == [dossier.id]


def test_un_retrait_demande_par_ecrit_est_fait_par_l_agent_en_son_nom(exterieur: Exterieur) -> None:
    dossier = Papier()
    dossier.completer(exterieur)
    confirmer(dossier)
    assert dossier.reussir("DELETE", "/demandes/{id}")["statut"] == "retiree"
    assert [entree.auteur_genre for entree in wiring.demandes().journal(dossier.id)] == ["agent", "agent"]


@pytest.mark.parametrize("identite", [PIERRE, CTN], ids=lambda identite: identite.role)
def test_seul_un_agent_commence_un_dossier_papier(exterieur: Exterieur, identite: Identite) -> None:
    corps = {"motif": "vol", "recu_le": AUJOURD_HUI.isoformat()}
    with compter_appels() as appels:
        assert appeler("POST", "/instruction/demandes", None, corps, identite).statut == 403
    assert appels == []


@pytest.mark.parametrize(
    ("champ", "valeur"),
    [
        ("motif", "voler"),
        ("recu_le", None),
        ("recu_le", "2026"),
        ("recu_le", "2026-11"),
        ("recu_le", "2026-02-30"),
        ("recu_le", "hier"),
        ("recu_le", (AUJOURD_HUI + timedelta(days=2)).isoformat()),
        ("recu_le", (AUJOURD_HUI - timedelta(days=400)).isoformat()),
    ],
)
def test_une_date_de_reception_impossible_est_refusee_sans_appel(exterieur: Exterieur, champ: str, valeur: Any) -> None:
    corps = {"motif": "vol", "recu_le": AUJOURD_HUI.isoformat(), champ: valeur}
    with compter_appels() as appels:
        refus = appeler("POST", "/instruction/demandes", None, corps, AGENT)
    assert (refus.statut, [erreur["champ"] for erreur in refus.corps["erreurs"]]) == (422, [champ])
    assert appels == []


def test_commencer_un_dossier_papier_est_une_ecriture(exterieur: Exterieur) -> None:
    with compter_appels() as appels:
        Papier()
    assert [appel.operation for appel in appels] == ["PutItem"]
