"""The people of a service and a demande in their hands, for tests of the agents' routes (inside ``aws_simule``)."""

from datetime import UTC, datetime
from typing import Any

from chalicelib import wiring
from chalicelib.adapters import clients
from chalicelib.adapters.dynamo import item
from chalicelib.demande.comptes import Compte, StatutCompte
from chalicelib.demande.index import cles_de_recherche, ecrire_fiche, fiche_de
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, Piece, Statut
from chalicelib.http import Identite
from tests.dossiers import USAGER, pieces_de, prete

AGENT = Identite("agent-de-nancy", "session-a", "agent", ("543",))
CHEF = Identite("chef-de-nancy", "session-c", "chef", ("543",))
CTN = Identite("ctn-de-nancy", "session-o", "ctn", ("543",))
AILLEURS = Identite("agent-de-paris", "session-p", "agent", ("751",))
PIERRE = Identite(USAGER, "session-u", "usager")
PAUL = Identite("compte-de-paul", "session-v", "usager")

NUMERO = "12441542134215461243643"


NOMS = {AGENT: ("Agnès", "Guichet"), CHEF: ("Charles", "Service"), CTN: ("Corinne", "Traitement")}


def habiliter(*agents: Identite) -> None:
    """Store the accounts of ``agents``: all those of the service when none is named."""
    for agent in agents or tuple(NOMS):
        prenom, nom = NOMS[agent]
        wiring.comptes().installer(
            Compte(
                compte_id=agent.compte_id,
                identifiant=agent.compte_id,
                statut=StatutCompte.ACTIF,
                role=agent.role,
                autorites=agent.autorites,
                prenom=prenom,
                nom=nom,
                email=f"{agent.compte_id}@prefecture.exemple",
                sexe="F",
                telephone="0300000000",
                question_secrete="Quel guichet ?",
                reponse_secrete="$argon2id$x",
                mot_de_passe="$argon2id$y",
                cgu_acceptees_le="2026-11-24T10:00:00.000Z",
                cree_le="2026-11-24T10:00:00.000Z",
            )
        )


def en_cours(statut: Statut = Statut.EN_INSTRUCTION, **champs: Any) -> Demande:
    """A demande of Pierre's, deposited just now and treated by the autorité 543."""
    maintenant = ecrire(datetime.now(UTC))
    defaut: dict[str, Any] = {
        "statut": statut,
        "numero": NUMERO,
        "deposee_le": maintenant,
        "modifie_le": maintenant,
        "veille": None,
        "veille_le": None,
    }
    demande = prete(**{**defaut, **champs})
    deposees = [piece.piece_id for piece in pieces_de(demande)]
    suite = {**cles_de_recherche(demande), "pieces_deposees": deposees}
    return Demande.model_validate({**demande.model_dump(exclude_none=True), **suite, **champs})


def deposer(statut: Statut = Statut.EN_INSTRUCTION, *autres: Piece, **champs: Any) -> Demande:
    """Store that demande with its pièces, and ``autres``."""
    demande = en_cours(statut, **champs)
    wiring.demandes().creer(demande)
    if demande.statut is not Statut.BROUILLON:
        # What the entry into the control writes, and that is no field of the demande.
        clients.client("dynamodb").update_item(
            TableName="permis-demandes",
            Key=item({"id": demande.id, "element": "DEMANDE"}),
            UpdateExpression="SET fiche = :fiche",
            ExpressionAttributeValues=item({":fiche": ecrire_fiche(fiche_de(demande))}),
        )
    for une in (*pieces_de(demande), *autres):
        wiring.demandes().ajouter_piece(une)
    return demande
