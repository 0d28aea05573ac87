"""What a local run starts with, put in after each deployment: the agents of API.md, and the sender of the mails.

Sowing again changes nothing: an account that is there stays as it is.
"""

import os
import secrets
from typing import Any

MOT_DE_PASSE = "Guichet-543-local"
"""The password of every agent of a local run (API.md, Local only)."""

AGENTS = (
    ("agent.543", "agent", ("543",), "Agnès", "Guichet"),
    ("chef.543", "chef", ("543",), "Charles", "Service"),
    ("ctn.543", "ctn", ("543",), "Corinne", "Traitement"),
    ("agent.751", "agent", ("751",), "Adrien", "Ailleurs"),
)


def semer(sorties: dict[str, Any]) -> None:
    """Sow the stack whose Outputs are ``sorties``."""
    os.environ["TABLE_COMPTES"] = sorties["TableComptes"]
    from chalicelib import wiring
    from chalicelib.adapters.clients import client
    from chalicelib.demande.comptes import Compte, StatutCompte
    from chalicelib.demande.instants import ecrire

    client("ses").verify_email_identity(EmailAddress=os.environ["EXPEDITEUR"])
    comptes, maintenant = wiring.comptes(), ecrire(wiring.horloge())
    for identifiant, role, autorites, prenom, nom in AGENTS:
        if comptes.resoudre(identifiant) is None:
            comptes.installer(
                Compte(
                    compte_id=wiring.nouvel_id(),
                    identifiant=identifiant,
                    mot_de_passe=wiring.secrets().hacher(MOT_DE_PASSE),
                    role=role,
                    autorites=autorites,
                    prenom=prenom,
                    nom=nom,
                    email=f"{identifiant}@prefecture.example",
                    sexe="F" if prenom in ("Agnès", "Corinne") else "M",
                    telephone="0300000000",
                    question_secrete="Quel guichet ?",
                    reponse_secrete=wiring.secrets().hacher(secrets.token_urlsafe(32)),
                    cgu_acceptees_le=maintenant,
                    cree_le=maintenant,
                    statut=StatutCompte.ACTIF,
                )
            )
