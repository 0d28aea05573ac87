"""The words of the deck of July 2016 are on the pages: notices, labels, buttons, consent, steps, columns.

Words that the build writes are read in its pages; those that a page makes from a demande, in the browser.
"""

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from playwright.sync_api import expect

from demo import fichiers
from demo.client import Fichier
from infra.pages.__main__ import SORTIE
from tests.e2e.acteurs import Usager
from tests.e2e.navigateur.agents import signer_agent
from tests.e2e.navigateur.conftest import Ecran
from tests.e2e.navigateur.demandes import brouillon, signer
from tests.e2e.navigateur.pages import MOTS_DU_PREALABLE
from tests.e2e.outils import demande_remplie, fichier_de, pieces_demandees
from tests.e2e.vies import Vie

ETAPES = (
    "1 Motif de demande",
    "2 État civil",
    "3 Adresse et contact",
    "4 Photo / Signature",
    "5 Pièces justificatives",
    "6 Paiement",
    "7 Récapitulatif",
    "8 Confirmation",
)
OBLIGATOIRES = "* : Champs obligatoires"
ENREGISTRER, PRECEDENTE, SUIVANTE = "Enregistrer", "<< Etape précédente", "Etape suivante >>"
DANS_LES_PAGES = {
    "compte/connexion": ("Identifiant", "Mot de passe", "Identifiant oublié", "Mot de passe oublié", "Me connecter"),
    "compte/creer": (
        "Créer mon compte",
        *MOTS_DU_PREALABLE,
    ),
    "demandes": ("Faire une nouvelle demande",),
    "demande/motif": (
        *ETAPES,
        "Motif de la demande du titre",
        OBLIGATOIRES,
        "Quel est le motif de la demande du titre *",
        "Perte du titre",
        "Vol du titre",
        "Détérioration du titre",
        "Expiration de la durée administrative du titre",
        "Changement d'état civil",
        "La demande du titre est effectuée à la suite du vol du précédent titre.",
        SUIVANTE,
    ),
    "demande/etat-civil": (
        *ETAPES,
        "État civil de la personne concernée par le titre",
        OBLIGATOIRES,
        "Nom de naissance *",
        "Nom figurant sur votre acte de naissance",
        "Sexe *",
        "Femme",
        "Homme",
        "Entrez vos prénoms dans l'ordre de l'état civil. Les prénoms composés sont séparés par un tiret",
        "Jean-Pierre",
        "+ Ajouter un prénom",
        "Date de naissance *",
        "JJ/MM/AAAA",
        ENREGISTRER,
        PRECEDENTE,
        SUIVANTE,
    ),
    "demande/adresse": (
        *ETAPES,
        "Adresse de la personne concernée par le titre",
        OBLIGATOIRES,
        "N° de la voie",
        "Extension (bis, ter, etc)",
        "Type de voie (avenue, boulevard, etc)",
        "Nom de la voie *",
        "Complément d'adresse",
        "Étage, escalier, appartement - Immeuble, bâtiment, résidence - Lieu-dit - Boîte postale",
        "Code Postal *",
        "Commune *",
        "Votre préfecture de rattachement *",
        "Coordonnées où l'on peut vous joindre",
        "Adresse mél. *",
        "Téléphone portable (Recommandé)",
        "J'accepte que mes données personnelles soient réutilisées à des fins d'information (elles ne seront ni "
        "vendues ni cédées à des organismes à but lucratif). *",
        "Oui",
        "Non",
        ENREGISTRER,
        PRECEDENTE,
        SUIVANTE,
    ),
    "demande/photo-signature": (
        *ETAPES,
        "Photo / Signature de la personne concernée par le titre",
        OBLIGATOIRES,
        "Si vous disposez de ce code « photo numérique »",
        "Si vous ne disposez pas de ce code « photo numérique »",
        "A tout instant, tant que vous n'avez pas validé définitivement votre demande, vous pouvez revenir en arrière "
        "et modifier vos données. Vous pouvez également indiquer votre code « photo numérique » si vous l'obtenez dans "
        "les 15 jours.",
        "Où faire votre photo / signature numérique ?",
        "afin de trouver une cabine et/ou un photographe près de chez vous",
        "Fournir la photo et la signature en eService",
        ENREGISTRER,
        PRECEDENTE,
        SUIVANTE,
    ),
    "demande/pieces": (
        *ETAPES,
        "Pour pouvoir compléter cette demande, vous devez obligatoirement nous fournir les pièces justificatives "
        "demandées ci-dessous.",
        "Formats autorisés : JPG, PNG, BMP, TIFF, PDF (11Mo maximum)",
        PRECEDENTE,
        SUIVANTE,
    ),
    "demande/paiement": (*ETAPES, "Paiement par timbre fiscal dématérialisé", PRECEDENTE, SUIVANTE),
    "demande/recapitulatif": (
        *ETAPES,
        "Relisez-vous !",
        OBLIGATOIRES,
        "Relisez soigneusement les informations de votre récapitulatif. Une fois validée, la pré-demande ne pourra en "
        "effet plus être modifiée et toute erreur risque d'entraîner l'échec de la procédure de délivrance de votre "
        "titre.",
        "Je soussigné(e), le (la) déclarant(e), atteste sur l'honneur que les renseignements de la présente demande "
        "sont exacts et ne pas faire l'objet d'une suspension du permis de conduire en cours d'exécution ou d'une "
        "interdiction judiciaire de solliciter la délivrance du permis de conduire. *",
        ENREGISTRER,
        PRECEDENTE,
        SUIVANTE,
    ),
    "demande/confirmation": ETAPES,
    "demande/complement": ("Recueil complémentaire",),
    "agent/connexion": ("Portail Guichet Agent",),
    "agent/dossier": (
        "Consultation SNPC",
        "Information de la demande",
        "Pièces",
        "Photo et signature",
        "Historique de la demande",
        "Prédemande",
        "CONSULTER",
    ),
    "agent/recherche": (
        "Recherche globale",
        "Liste des demandes",
        "Nom",
        "Prénom",
        "Date de naissance",
        "Sexe",
        "Numéro de dossier",
        "Année",
        "Dpt",
        "Code postal",
        "Modification De",
        "Modification À",
        "Statut",
        "Motif",
        "Trier par",
        "Rechercher",
    ),
}


class _Mots(HTMLParser):
    """The text of a page, without what only modules read."""

    def __init__(self) -> None:
        super().__init__()
        self.textes: list[str] = []
        self._muets = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._muets += tag in ("template", "noscript", "title")

    def handle_endtag(self, tag: str) -> None:
        self._muets -= tag in ("template", "noscript", "title")

    def handle_data(self, data: str) -> None:
        if not self._muets:
            self.textes.append(data)


def _compact(texte: str) -> str:
    """Spaces as one, whatever they are."""
    return " ".join(texte.split())


def _absents(texte: str, mots: tuple[str, ...]) -> list[str]:
    return [un for un in mots if un not in _compact(texte)]


@pytest.mark.parametrize("page", DANS_LES_PAGES)
def test_la_page_a_les_mots_du_deck(url: str, page: str) -> None:
    lecteur = _Mots()
    lecteur.feed((SORTIE / page / "index.html").read_text())
    assert _absents("".join(lecteur.textes), DANS_LES_PAGES[page]) == []


def _a(ecran: Ecran, *mots: str) -> None:
    """Once the page is ready, it says ``mots``."""
    expect(ecran.page.locator("main")).to_contain_text(mots[0])
    assert _absents(ecran.page.locator("body").inner_text(), mots) == [], ecran.page.url.split("#")[0]


def test_l_usager_lit_les_mots_du_deck(ecran: Callable[..., Ecran], usager: Usager) -> None:
    vu = ecran(bureau=True)
    signer(vu, usager)
    neuve = brouillon(usager)["id"]
    vu.ouvrir(f"/demande/etat-civil/#{neuve}")
    vu.cliquer("+ Ajouter un prénom")
    _a(vu, "1er prénom *", "2ème prénom", "Bienvenue Pierre Corneille")
    vu.ouvrir(f"/demande/paiement/#{neuve}")
    vu.cliquer("Acheter en ligne")
    vu.page.wait_for_url("**/dev/boutique/**")
    _a(
        vu,
        "Renseignements sur votre carte de paiement",
        "Timbres électroniques",
        "Identifiant commerçant",
        "Référence de la transaction",
        "Montant de la transaction 25,00 €",
        "N° de carte",
        "Expire fin",
        "N° de contrôle au dos de la carte",
        "VALIDER",
        "ANNULATION - RETOUR A LA BOUTIQUE",
    )
    remplie = demande_remplie(usager.client, "vol", sauf=("pieces",))["id"]
    for type_piece in pieces_demandees(usager.client.url, "vol"):
        une_page = Fichier("facture.pdf", "application/pdf", fichiers.facture(1))
        usager.client.joindre(remplie, type_piece, une_page if type_piece == "domicile" else fichier_de(type_piece))
    vu.ouvrir(f"/demande/pieces/#{remplie}")
    _a(
        vu,
        "Document valide",
        "Justificatif de domicile de moins de",
        "(1 page / 5 pages maximum)",
        "Pièce d'identité (1 page / 2 pages maximum)",
        "Récépissé de déclaration de vol (1 page / 1 page maximum)",
        "Joindre un fichier",
        "Liste des fichiers",
    )
    sections = (
        "Motif de la demande du titre",
        "La demande du titre est effectuée à la suite du vol du précédent titre.",
        "État civil de la personne concernée par le titre",
        "Adresse de la personne concernée par le titre",
        "Coordonnées où l'on peut vous joindre",
        "Photo / Signature de la personne concernée par le titre",
        "Pièces Justificatives",
    )
    vu.ouvrir(f"/demande/recapitulatif/#{remplie}")
    _a(vu, *sections)
    usager.client.confirmer(remplie)
    vu.ouvrir(f"/demande/confirmation/#{remplie}")
    expect(vu.page.locator("[data-sections]")).to_contain_text("Pièces Justificatives")
    _a(vu, "Demande confirmée et consultable", "Justificatif de la pré-demande", *sections[3:], "Paiement")
    vu.page.locator("[data-sections] summary").first.click()
    vu.accessible("confirmation, demande consultée")


def test_l_agent_lit_les_mots_du_deck(ecran: Callable[..., Ecran], url: str) -> None:
    vie = Vie(url).confirmer().jusqu_a("en_instruction")
    vie.chef.prendre(vie.id)
    elements = [{"cible": vie.piece("domicile"), "motif": "illisible"}]
    vie.chef.agir(vie.id, "suspension", {"elements": elements, "message": "Envoyez une autre facture."})
    vu = ecran(bureau=True)
    signer_agent(vu, url, "chef.543")
    vu.ouvrir(f"/agent/dossier/#{vie.id}")
    vu.page.locator("[data-voir-prededemande]").click()
    expect(vu.page.locator("[data-historique]")).to_contain_text("suspendue")
    _a(
        vu,
        "Numéro de dossier",
        "PGA – Portail Guichet Agent",
        "13572A7654",
        "Libellé de dossier incohérent",
        "État-civil",
        "Nom d'épouse",
        "Nom d'usage",
        "État du dossier",
        "VALIDE",
        "Solde de points",
        "12 / 12",
        "Libellé contrôle impossible",
        "Échange à l'étranger",
        "Département de naissance",
        "Nom de naissance",
        "Prénoms",
        "Date de naissance",
        "Sexe",
        "Commune de naissance",
        "Pièce d'identité",
        "Demande signée",
        "OUI",
        "Demande suspendue par l'agent",
        "Date statut",
        "Code statut",
        "Libellé statut",
        "Code événement",
        "Données prédemande",
        "Numéro de prédemande",
        vie.numero,
        "Code autorité",
        "543",
        "Date prédemande",
        "Motif",
        "Perte",
    )
    vu.ouvrir("/agent/recherche/")
    vu.page.fill("#numero", vie.numero)
    vu.cliquer("Rechercher")
    vu.page.locator("#lignes tbody tr").wait_for()
    colonnes = ("N° Dossier", "Nom", "Prénom", "Date Naissance", "Sexe", "N° Demande", "Date Demande", "Motif", "Voir")
    assert vu.page.locator("#lignes th").all_inner_texts()[-len(colonnes) :] == list(colonnes)
    _a(vu, "Liste des demandes sur l'autorité 543")
