"""The Chalice application: each module below owns its routes, and becomes one Lambda function when packaged.

With ``ROUTE_GROUP`` set (as each deployed function has it) only that module is imported: a function loads its own room.
"""

import importlib
import os

from chalice import Chalice

from chalicelib.http import traduire_erreurs

GROUPES = (
    "autorisation",
    "referentiel.motifs",
    "referentiel.communes",
    "referentiel.prefectures",
    "referentiel.openapi",
    "comptes.anti_robot",
    "comptes.creer",
    "comptes.activer",
    "comptes.renvoyer_code",
    "comptes.ouvrir_session",
    "comptes.renouveler_session",
    "comptes.fermer_session",
    "comptes.moi",
    "comptes.identifiant_oublie",
    "comptes.mot_de_passe_oublie",
    "comptes.changer_mot_de_passe",
    "demandes.creer",
    "demandes.lister",
    "demandes.lire",
    "demandes.retirer",
    "demandes.suivi",
    "demandes.historique",
    "demandes.messages",
    "demandes.justificatif",
    "demandes.talon",
    "demandes.recu",
    "demandes.recepisse",
    "demandes.complement",
    "demandes.representant",
    "demandes.confirmer_adresse",
    "steps.motif",
    "steps.etat_civil",
    "steps.adresse",
    "steps.photo_signature",
    "steps.pieces",
    "steps.paiement",
    "steps.recapitulatif",
    "steps.confirmation",
    "pieces.controler",
    "pieces.consulter",
    "pieces.retirer",
    "partenaires.paiement",
    "partenaires.production",
    "partenaires.photo",
    "instruction.rechercher",
    "instruction.recherche_enregistree",
    "instruction.saisir",
    "instruction.historique",
    "instruction.verifier_historique",
    "instruction.consultations",
    "instruction.motifs",
    "instruction.corbeille",
    "instruction.suivante",
    "instruction.prise_en_charge",
    "instruction.affectation",
    "instruction.agents",
    "instruction.habilitation",
    "instruction.historique_agent",
    "instruction.dossier",
    "instruction.messages",
    "instruction.sans_reponse",
    "instruction.notes",
    "instruction.pages",
    "instruction.controler",
    "instruction.valider",
    "instruction.refuser",
    "instruction.reexpedier",
    "instruction.suspendre",
    "instruction.lever",
    "notifications.consommateur",
    "notifications.envoyer_mail",
    "notifications.envoyer_sms",
    "notifications.recevoir_retours",
    "notifications.reprendre_attente",
    "notifications.liberer_photo",
    "workflow.controler",
    "workflow.echeance",
    "workflow.commander",
    "veille.ancrage",
    "veille.brouillons",
    "veille.comptes",
    "veille.purge",
    "veille.reconciliation",
)

app = Chalice(app_name="permis")
app.api.binary_types = []
app.register_middleware(traduire_erreurs, "http")

choisi = os.environ.get("ROUTE_GROUP")
for groupe in (choisi,) if choisi else GROUPES:
    module = importlib.import_module(f"chalicelib.{groupe}")
    app.register_blueprint(module.bp)

deployee = choisi and "AWS_LAMBDA_FUNCTION_NAME" in os.environ
if deployee and any(ressource.startswith("table:") for ressource in module.FONCTION.droits):
    # While the function starts: a burst of first calls on a slow machine would spend on it the time of its answers.
    importlib.import_module("chalicelib.adapters.clients").client("dynamodb")
