"""A paper dossier: an agent types it for its holder, who has signed the form and may have no account (DOMAIN §8).

It is the same demande as on line and lives the same life. Its owner is ``papier#<account of the agent>``: no usager's
account is named so, and an agent reaches what he or, once deposited, his service entered; never what a usager began.
"""

from chalicelib.demande.journal import Auteur
from chalicelib.demande.modeles import Demande

PROPRIETAIRE = "papier#"

ATTESTATION = (
    "J'atteste que le formulaire papier joint à cette demande porte l'attestation sur l'honneur de la personne "
    "concernée (ou de son représentant), datée et signée, et que la saisie y est conforme."
)
"""What an agent accepts in place of the attestation sur l'honneur, which the form bears."""


def proprietaire(compte_id: str) -> str:
    """The owner of what the agent of this account types."""
    return f"{PROPRIETAIRE}{compte_id}"


def est_du_service(demande: Demande, autorites: tuple[str, ...]) -> bool:
    """Whether an agent of ``autorites`` may act for the holder: once deposited, a paper dossier is its service's.

    Who typed it may be away when a complement comes on paper; until then it is his alone.
    """
    return demande.origine == "papier" and demande.autorite is not None and demande.autorite in autorites


def auteur_de(demande: Demande) -> Auteur:
    """Who writes in the journal what the owner of ``demande`` does: its usager, or the agent who types for him."""
    if demande.origine == "papier":
        return Auteur(demande.saisie_role or "agent", demande.saisie_par or "")
    return Auteur("usager", demande.usager)


def manques(demande: Demande, autorites: tuple[str, ...]) -> list[dict[str, str]]:
    """What forbids the agent of ``autorites`` to confirm: he only enters what his own service will treat."""
    if demande.adresse is not None and demande.adresse.prefecture not in autorites:
        message = "Cette préfecture n'est pas la vôtre : transmettez-lui le dossier papier."
        return [{"etape": "adresse", "champ": "prefecture", "message": message}]
    return []


def canaux(demande: Demande) -> list[str]:
    """How the holder can be told: ``mail``, ``sms``; ``courrier`` when neither is known, which an agent posts."""
    adresse = demande.adresse
    if adresse is None:
        return ["courrier"]
    connus = {"mail": adresse.email, "sms": adresse.telephone}
    return [canal for canal, vers in connus.items() if vers] or ["courrier"]


def titulaire_prevenu(demande: Demande) -> list[str] | None:
    """How the holder of a paper dossier is told; None on line, where the notices are enough."""
    return canaux(demande) if demande.origine == "papier" else None
