"""A contact that another takes the place of is told so itself: the change may be somebody else's doing.

It is an event of its own, so that it has its own notices. The bus carries no address: the sender finds the former one
on the demande, by the rank of the event.
"""

from typing import Any

from chalicelib.demande.modeles import AncienContact, Demande, Statut

REMPLACE = "ContactRemplace"


def remplacement(demande: Demande, apres: Demande) -> tuple[tuple[tuple[str, Statut], ...], dict[str, Any]]:
    """The event that comes first when ``apres`` has another contact than ``demande``, and what it writes; else nothing.

    Only what was replaced is told there: an e-mail that stays is told by what replaced the phone.
    """
    avant, suite = demande.adresse, apres.adresse
    if avant is None or suite is None:
        return (), {}
    email = avant.email if avant.email != suite.email else None
    telephone = avant.telephone if avant.telephone != suite.telephone else None
    if email is None and telephone is None:
        return (), {}
    ancien = AncienContact(rang=demande.journal_rang + 1, email=email, telephone=telephone)
    tous = [un.model_dump(exclude_none=True) for un in (*(demande.anciens_contacts or ()), ancien)]
    return ((REMPLACE, demande.statut),), {"anciens_contacts": tous}


def ancien_contact(demande: Demande, rang: int | None) -> AncienContact | None:
    """The contact that the event ``rang`` of ``demande`` tells."""
    return next((ancien for ancien in demande.anciens_contacts or () if ancien.rang == rang), None)
