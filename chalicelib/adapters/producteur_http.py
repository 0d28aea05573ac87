"""The printer of the cards over HTTP (docs/contrats/producteur.md)."""

from typing import Any

from pydantic import BaseModel

from chalicelib.adapters.http_exterieur import Distant, NonJoint, comprendre
from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.ports_externes import Commande, CommandeNonRecue, ReponseCommande

ADRESSE = frozenset({"numero", "extension", "type_voie", "nom_voie", "complement", "code_postal", "commune"})
"""What the post needs of the address; the mail, the telephone and the consent stay with us."""


class _Reponse(BaseModel):
    numero: str
    rang: int
    etat: ReponseCommande


class ProducteurHttp:
    """The port ``Producteur``; ``base_url`` is ``URL_PRODUCTEUR``."""

    def __init__(self, base_url: str) -> None:
        self._distant = Distant(base_url)

    def commander(self, commande: Commande) -> ReponseCommande:
        try:
            statut, octets = self._distant.appeler("POST", "/commandes", _corps(commande))
        except NonJoint:
            raise CommandeNonRecue() from None
        if statut == 503:
            # By the contract the printer says so before it does anything.
            raise CommandeNonRecue()
        if statut not in (200, 201):
            raise ServiceIndisponible()
        reponse = comprendre(_Reponse, octets)
        if (reponse.numero, reponse.rang) != (commande.numero, commande.rang):
            raise ServiceIndisponible()
        return reponse.etat


def _corps(commande: Commande) -> dict[str, Any]:
    corps = {
        "numero": commande.numero,
        "rang": commande.rang,
        "motif": commande.motif.value,
        "titulaire": commande.etat_civil.model_dump(mode="json", exclude_none=True),
        "adresse": commande.adresse.model_dump(mode="json", include=set(ADRESSE), exclude_none=True),
    }
    return corps if commande.code_photo is None else {**corps, "code_photo": commande.code_photo}
