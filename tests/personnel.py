"""The agents of the tests as accounts, and demandes in their worklists, inside ``aws_simule``."""

from typing import Any

from chalicelib import wiring
from chalicelib.adapters.clients import client
from chalicelib.adapters.dynamo import item
from chalicelib.demande.comptes import Compte, StatutCompte
from chalicelib.demande.index import cles_de_recherche
from chalicelib.demande.instants import ecrire
from chalicelib.demande.modeles import Demande, Statut
from chalicelib.demande.vie import urgence
from chalicelib.http import Identite
from tests.agents import AGENT, AILLEURS, CHEF, CTN, en_cours

PARIS = Identite("chef-de-paris", "session-q", "chef", ("751",))
SECOND = Identite("5b0c7d4e-3f0a-4a53-9a57-0d1f7e2c9b12", "session-b", "agent", ("543",))

NOMS = {
    AGENT.compte_id: ("agent.nancy", "Agnès", "Guichet"),
    SECOND.compte_id: ("second.nancy", "Bruno", "Martin"),
    CHEF.compte_id: ("chef.nancy", "Charles", "Service"),
    CTN.compte_id: ("ctn.nancy", "Corinne", "Traitement"),
    AILLEURS.compte_id: ("agent.paris", "Adrien", "Ailleurs"),
    PARIS.compte_id: ("chef.paris", "Chantal", "Ailleurs"),
}
TOUS = (AGENT, SECOND, CHEF, CTN, AILLEURS, PARIS)


def compte_de(identite: Identite, **champs: Any) -> Compte:
    """The account of ``identite``."""
    identifiant, prenom, nom = NOMS[identite.compte_id]
    defaut: dict[str, Any] = {
        "compte_id": identite.compte_id,
        "identifiant": identifiant,
        "role": identite.role,
        "autorites": identite.autorites,
        "statut": StatutCompte.ACTIF,
        "prenom": prenom,
        "nom": nom,
        "email": f"{identifiant}@prefecture.example",
        "sexe": "F",
        "telephone": "0383000000",
        "question_secrete": "?",
        "reponse_secrete": "",
        "mot_de_passe": "haché",
        "cgu_acceptees_le": "2026-11-24T00:00:00.000Z",
        "cree_le": "2026-11-24T00:00:00.000Z",
    }
    return Compte(**{**defaut, **champs})


def installer(*identites: Identite) -> None:
    """Write the accounts of ``identites``, all of them by default."""
    for identite in identites or TOUS:
        wiring.comptes().installer(compte_de(identite))


def en_file(rang: int = 0, file: str = "543#agent", **champs: Any) -> Demande:
    """Store a demande that waits in ``file``: the ``rang``-th deposited, so the ``rang``-th most urgent."""
    maintenant = wiring.horloge()
    autorite, _, qui = file.partition("#")
    defaut: dict[str, Any] = {
        "id": f"{rang + 1:032x}",
        "numero": str(10**22 + rang),
        "autorite": autorite,
        "corbeille": file,
    }
    statut = Statut.EN_CONTROLE if qui == "ctn" else Statut.EN_INSTRUCTION
    demande = en_cours(**{"statut": statut, **defaut, **champs})
    if demande.corbeille is not None:
        limite = urgence(demande, 86400.0)[:-5] + f".{rang:03d}Z"
        demande = demande.model_copy(update={"urgence": champs.get("urgence", limite)})
    valeurs = {**demande.model_dump(mode="json", exclude_none=True), "fiche": cles_de_recherche(demande)["fiche"]}
    valeurs |= {"element": "DEMANDE", "modifie_le": ecrire(maintenant)}
    client("dynamodb").put_item(TableName="permis-demandes", Item=item(valeurs))
    return wiring.demandes().lire(demande.id)
