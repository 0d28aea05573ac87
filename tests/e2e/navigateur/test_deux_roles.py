"""One demande and its two parts, each in its browser: a citizen on his phone, an agent at his desk.

From the home page to the card in hand: the eight steps, an agent who suspends by pointing at a pièce, the complement,
the validation, the printer and the post. The same with a finger and a mouse, then with the keyboard alone.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, expect

from demo import fichiers
from demo.client import Client, attendre
from demo.facturier import Client as Facture
from demo.guichet import MOT_DE_PASSE_LOCAL, Guichet
from demo.parcours import Citoyen, inventer_citoyen
from tests.e2e.navigateur.conftest import Ecran
from tests.e2e.navigateur.mains import Clavier, Doigt, Main

CHEZ_LUI = Facture(voie="66 RUE DU PAS")
MESSAGE = "La facture est floue : envoyez-en une autre."
FICHIERS: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "Pièce d'identité": ("carte.jpg", "image/jpeg", lambda: fichiers.carte_identite("recto", "PIERRE<<JEAN<NOEL")),
    "Justificatif de domicile": ("facture.pdf", "application/pdf", lambda: fichiers.facture(1, CHEZ_LUI)),
    "Récépissé de déclaration de vol": ("recepisse.pdf", "application/pdf", fichiers.recepisse_vol),
}


@pytest.mark.parametrize("sorte", [Doigt, Clavier])
def test_une_demande_de_l_accueil_a_la_remise_du_titre(
    ecran: Callable[..., Ecran], url: str, sorte: Callable[[Ecran], Main]
) -> None:
    service, citoyen = Client(url), inventer_citoyen()
    service.creer_compte(citoyen.fiche())
    service.activer_compte(citoyen.identifiant, service.code_recu(citoyen.email))
    telephone, bureau = sorte(ecran()), sorte(ecran(bureau=True))

    numero = _demander(telephone, service, citoyen)
    guichet = Guichet(url).entrer("agent.543")
    (demande,) = attendre(lambda: guichet.chercher(numero=numero), bool, "la demande chez l'agent")
    attendre(lambda: guichet.dossier(demande["id"])["demande"]["statut"], "en_controle".__eq__, "le contrôle")
    Guichet(url).entrer("ctn.543").controler_les_pieces(demande["id"])
    attendre(lambda: guichet.dossier(demande["id"])["demande"]["statut"], "en_instruction".__eq__, "l'instruction")

    _suspendre(bureau, numero)
    _lire_le_courriel(telephone, citoyen)
    _completer(telephone)
    attendre(lambda: guichet.dossier(demande["id"])["demande"]["statut"], "en_instruction".__eq__, "le complément")
    _valider(bureau, numero)
    attendre(lambda: guichet.commandes(numero), bool, "la commande du titre")
    for evenement in ("accepte", "produit", "expedie", "distribue"):
        guichet.jouer_titre(numero, evenement)
    attendre(lambda: guichet.dossier(demande["id"])["demande"]["statut"], "distribuee".__eq__, "la remise")
    _voir_la_remise(telephone, numero)
    telephone.finir()
    bureau.finir()


def _demander(main: Main, service: Client, citoyen: Citoyen) -> str:
    """From the home page through the eight steps; the numéro of the demande."""
    page = main.ecran.page
    main.ouvrir("/")
    main.activer("Me connecter", vers="/compte/connexion/")
    main.ecrire("#identifiant", citoyen.identifiant)
    main.ecrire("#mot-de-passe", citoyen.mot_de_passe)
    main.activer("Me connecter", vers="/demandes/")
    main.activer("Faire une nouvelle demande", vers="/demande/motif/")

    main.choisir("Vol du titre")
    main.activer("Etape suivante >>", vers="/demande/etat-civil/**")

    main.ecrire("#nom-naissance", "Corneille")
    main.choisir("Homme")
    main.ecrire("#prenoms-0", "Pierre")
    main.activer("+ Ajouter un prénom")
    expect(page.locator("#prenoms-1")).to_be_focused()
    main.ecrire("#prenoms-1", "Jean-Noël")
    for part, texte in (("jour", "1"), ("mois", "1"), ("annee", "1956")):
        main.ecrire(f"[data-part={part}]", texte)
    main.ecrire("[name='lieu_naissance.commune']", "Nancy")
    main.selectionner("[name='lieu_naissance.departement']", "54")
    main.activer("Etape suivante >>", vers="/demande/adresse/**")

    expect(page.locator("#email")).to_have_value(citoyen.email)
    main.ecrire("#numero", "66")
    main.ecrire("#type-voie", "rue")
    main.ecrire("#nom-voie", "du Pas")
    main.ecrire("#code-postal", "54000")
    expect(page.locator("#commune")).to_have_value("Nancy")
    expect(page.locator("#prefecture")).to_have_value("543")
    main.choisir("Non")
    main.activer("Etape suivante >>", vers="/demande/photo-signature/**")

    main.choisir("J'ai un code")
    main.ecrire("#code", service.code_photo())
    main.activer("Etape suivante >>", vers="/demande/pieces/**")

    for rang, (libelle, (nom, mime, dessiner)) in enumerate(FICHIERS.items(), 1):
        main.joindre(f"Joindre un fichier : {libelle}", FilePayload(name=nom, mimeType=mime, buffer=dessiner()))
        expect(page.locator(".piece-etat", has_text="Document valide")).to_have_count(rang)
    main.activer("Etape suivante >>", vers="/demande/paiement/**")

    main.ecrire("#numero-timbre", service.timbre(2500))
    main.activer("Utiliser ce timbre")
    expect(page.get_by_text("Paiement accepté")).to_be_visible()
    main.activer("Etape suivante >>", vers="/demande/recapitulatif/**")

    main.cocher("atteste sur l'honneur")
    main.activer("Etape suivante >>", vers="/demande/confirmation/**")
    expect(page.get_by_text("Demande confirmée et consultable")).to_be_visible()
    with page.expect_download() as recu:
        main.activer("Télécharger le justificatif de la pré-demande")
    assert recu.value.path().read_bytes().startswith(b"%PDF-")
    return page.locator(".numero").first.inner_text()


def _suspendre(main: Main, numero: str) -> None:
    """The agent signs in, finds the demande, takes it, and points at the pièce to send again."""
    page = main.ecran.page
    main.ouvrir("/agent/connexion/")
    main.ecrire("#identifiant", "agent.543")
    main.ecrire("#mot-de-passe", MOT_DE_PASSE_LOCAL)
    main.activer("Me connecter", vers="/agent/")
    main.activer("Recherche globale", vers="/agent/recherche/")
    main.ecrire("#numero", numero)
    main.activer("Rechercher")
    main.activer(f"Voir la demande {numero}", vers="/agent/dossier/**")
    main.activer("Prendre en charge")
    expect(page.locator("[data-avis]")).to_contain_text("prise en charge")
    main.activer("Suspendre")
    main.cocher("À revoir : Justificatif de domicile")
    main.selectionner("[data-motif-de] select", "document illisible")
    main.ecrire("#suspension-message", MESSAGE)
    main.activer("Suspendre la demande")
    expect(page.locator("[data-avis]")).to_contain_text("La demande a été suspendue.")
    expect(page.get_by_role("dialog")).to_have_count(0)
    main.ecran.accessible("suspendue par l'agent")


def _lire_le_courriel(main: Main, citoyen: Citoyen) -> None:
    """The outbox shows the mail that tells the suspension; its link leads to what is asked."""
    page = main.ecran.page
    main.ouvrir("/dev/")
    main.ecrire("#filtre", citoyen.email)
    main.activer("Un complément est nécessaire pour votre demande")
    expect(page.locator("#envois details[open]")).to_contain_text("illisible")
    main.activer("/demande/complement/", vers="/demande/complement/**")
    expect(page.locator("blockquote")).to_have_text(MESSAGE)


def _completer(main: Main) -> None:
    """The citizen joins another file on his phone, and sends it."""
    page = main.ecran.page
    nouveau = FilePayload(name="quittance.png", mimeType="image/png", buffer=fichiers.quittance_png())
    main.joindre("Joindre un fichier : Justificatif de domicile", nouveau)
    expect(page.locator(".piece-etat", has_text="Document valide")).to_be_visible()
    main.activer("Envoyer mon complément", vers="/demande/suivi/**")
    expect(page.get_by_text("Votre complément est envoyé")).to_be_visible()


def _valider(main: Main, numero: str) -> None:
    """It is back with the agent who asked: he finds it among his own, and validates it."""
    page = main.ecran.page
    main.activer("Corbeille", vers="/agent/")
    main.activer(numero, vers="/agent/dossier/**")
    main.activer("Valider")
    main.activer("Valider la demande")
    expect(page.locator("[data-avis]")).to_contain_text("validée")
    expect(page.get_by_role("dialog")).to_have_count(0)


def _voir_la_remise(main: Main, numero: str) -> None:
    """« distribuée » of the printer and the post is « Titre remis » for the citizen."""
    page = main.ecran.page
    main.activer("Mes demandes", vers="/demandes/")
    main.activer(f"Suivre : Vol du titre, demande n° {numero}", vers="/demande/suivi/**")
    expect(page.get_by_role("heading", level=2, name="Titre remis")).to_be_visible()
    expect(page.locator("[data-statut=distribuee]")).to_be_visible()
    main.ecran.accessible("titre remis")
