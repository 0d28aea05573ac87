"""What is left of a demande once its card is handed over: history, proof, mails and SMS, stamp, receipt.

``relire`` tells it and verifies all of it; what differs from what was played raises ``Inattendu``.
"""

from collections import Counter

from demo.client import attendre
from demo.parcours import ETAT_CIVIL, verifier, verifier_pdf
from demo.scene import (
    EN_CHEMIN,
    FABRICATION,
    PHOTO_ATTENDUE,
    REMIS,
    TITRE,
    UN_COMPLEMENT,
    UN_MESSAGE,
    Scene,
    heure,
    ou_en_est,
)

DEPOT = ("DemandeDeposee", "ControleCommence", "PhotoAttendue", "PhotoRecue")
INSTRUCTION = ("MessageAgent", "MessageUsager", "DemandeSuspendue", "ComplementDepose", "DemandeValidee")

COURRIELS = (
    "Votre demande de permis de conduire est déposée",
    PHOTO_ATTENDUE,
    "Votre photo et votre signature sont arrivées",
    UN_MESSAGE,
    UN_COMPLEMENT,
    "Votre complément est bien arrivé",
    "Votre demande de permis de conduire est acceptée",
    REMIS,
)
COURRIELS_DATES = (FABRICATION, EN_CHEMIN)
"""Not sent once the card is further on already."""

SMS_MIN, SMS_MAX = 4, 5
"""Deposit, photo, message, complement; and the sending, unless the card is already handed over."""

AUTEURS = {
    "usager": "l'usager",
    "ctn": "le CTN",
    "agent": "l'agent",
    "systeme": "le service",
    "partenaire": "partenaire",
}


def relire(scene: Scene) -> None:
    """The last scene: the usager and the agent read again all that was done, then leave."""
    usager, agent, journal = scene.usager, scene.agent, scene.journal
    journal.acte("Ce qui en reste")
    with journal.etape("suivi de l'usager") as note:
        suivi = usager.suivi(scene.id)
        note.texte = f"{ou_en_est(suivi)}, envoi {suivi['numero_suivi']}"
    with journal.etape("historique, lu par l'usager") as note:
        lignes = usager.historique(scene.id)
        _verifier_histoire([ligne["code_evenement"] for ligne in lignes])
        libelles = {evenement["evenement"]: evenement["libelle"] for evenement in suivi["evenements"]}
        note.texte = f"{len(lignes)} écritures"
        for ligne in lignes:
            qui = AUTEURS.get(ligne["auteur"], ligne["auteur"])
            note.suite.append(f"{heure(ligne['date_statut'])}  {qui:<10}  {libelles[ligne['code_evenement']]}")
    with journal.etape("vérification de la chaîne") as note:
        verdict = agent.verification(scene.id)
        verifier(verdict["intacte"], f"L'historique n'est pas intact : {verdict['ruptures']}")
        verifier(verdict["entrees"] == len(lignes), "L'agent et l'usager ne lisent pas le même historique.")
        note.texte = f"intacte, {verdict['entrees']} écritures enchaînées"
    with journal.etape("timbre") as note:
        paiement = usager.paiement(scene.id)
        verifier(paiement["etat"] == "consomme", f"Le timbre d'un titre remis est dit « {paiement['etat']} ».")
        note.texte = f"{paiement.get('numero_timbre')}, utilisé"
    _relire_les_envois(scene)
    with journal.etape("accusé de réception") as note:
        octets = usager.document(scene.id, "recepisse")
        verifier_pdf(octets, "accusé de réception")
        note.texte = f"PDF, {len(octets) / 1024:.0f} Ko"
    with journal.etape("déconnexions"):
        usager.fermer_session()
        agent.fermer_session()


def _verifier_histoire(lue: list[str]) -> None:
    attendue = [*DEPOT, *INSTRUCTION, *(evenement.code for evenement in TITRE)]
    if "TitreProduit" not in lue:
        # The post was heard before the printer: a card on its way was made, and nothing more is written of it.
        attendue.remove("TitreProduit")
    verifier(lue == attendue, f"L'historique est {', '.join(lue)}, au lieu de {', '.join(attendue)}.")


def _relire_les_envois(scene: Scene) -> None:
    with scene.journal.etape("courriels reçus") as note:
        courriels = attendre(
            lambda: scene.envois("mail"),
            lambda lus: {lu["objet"] for lu in lus} >= set(COURRIELS),
            "tous les courriels",
        )
        objets = Counter(envoi["objet"] for envoi in courriels)
        verifier(set(objets) <= {*COURRIELS, *COURRIELS_DATES}, f"Un courriel inattendu est parti : {sorted(objets)}.")
        verifier(set(objets.values()) == {1}, f"Un courriel est parti plusieurs fois : {dict(objets)}.")
        note.texte = f"{len(courriels)}, chacun une fois"
        note.suite = [f"{heure(envoi['envoye_le'])}  {envoi['objet']}" for envoi in courriels]
        note.suite += [
            f"(« {objet} » : inutile, le titre était déjà plus loin)"
            for objet in COURRIELS_DATES
            if objet not in objets
        ]
    with scene.journal.etape("SMS reçus") as note:
        textos = attendre(lambda: scene.envois("sms"), lambda lus: len(lus) >= SMS_MIN, f"{SMS_MIN} SMS")
        textes = [envoi["texte"] for envoi in textos]
        verifier(len(textes) <= SMS_MAX and len(set(textes)) == len(textes), f"Un SMS est parti deux fois : {textes}.")
        nom = ETAT_CIVIL["nom_naissance"].lower()
        verifier(not any(nom in texte.lower() for texte in textes), "Un SMS porte le nom de la personne.")
        verifier(all(len(texte) <= 160 for texte in textes), "Un SMS dépasse 160 caractères.")
        note.texte = f"{len(textes)}, sans nom ni numéro de demande"
        verifier(not any(scene.numero in texte for texte in textes), "Un SMS porte le numéro de la demande.")
        note.suite = [f"{heure(envoi['envoye_le'])}  {envoi['texte']}" for envoi in textos]
