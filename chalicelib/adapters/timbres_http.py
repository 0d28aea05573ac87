"""The stamp shop over HTTP (docs/contrats/timbres.md)."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, Field, RootModel, StringConstraints

from chalicelib.adapters.http_exterieur import Distant, comprendre
from chalicelib.demande.erreurs import Conflit, Introuvable, ServiceIndisponible
from chalicelib.demande.ports_externes import Achat, EtatTimbreExterne, TimbreVerifie

IDENTIFIANT_COMMERCANT = "permis-en-ligne"

ACHAT_INCONNU = "Cet achat n'existe pas à la boutique des timbres."
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_Instant = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}Z$")]
_Montant = Annotated[int, Field(ge=0, strict=True)]


class _AchatCree(BaseModel):
    url_paiement: Annotated[str, StringConstraints(pattern=r"^https?://", max_length=2048)]


class _AchatEnCours(BaseModel):
    resultat: Literal["en_attente", "refuse", "abandon"]
    montant_centimes: _Montant


class _AchatAccepte(BaseModel):
    resultat: Literal["accepte"]
    montant_centimes: _Montant
    numero_timbre: Annotated[str, StringConstraints(pattern=r"^[0-9]{16}$")]
    expire_le: _Instant


class _Achat(RootModel[Annotated[_AchatEnCours | _AchatAccepte, Field(discriminator="resultat")]]):
    """One purchase: the stamp comes with an accepted one, and only then."""


class _Verification(BaseModel):
    etat: EtatTimbreExterne
    montant_centimes: _Montant
    expire_le: _Instant | None = None


class BoutiqueHttp:
    """The port ``Boutique``; ``base_url`` is ``URL_TIMBRES``."""

    def __init__(self, base_url: str, identifiant_commercant: str = IDENTIFIANT_COMMERCANT) -> None:
        self._distant = Distant(base_url)
        self._commercant = identifiant_commercant

    def creer_achat(self, reference: str, montant_centimes: int, url_retour: str) -> str:
        achat = {
            "reference": reference,
            "montant_centimes": montant_centimes,
            "url_retour": url_retour,
            "identifiant_commercant": self._commercant,
        }
        statut, octets = self._distant.appeler("POST", "/achats", achat)
        if statut in (409, 422):
            raise Conflit("La boutique des timbres n'accepte pas cet achat : reprenez le paiement dans votre demande.")
        if statut != 201:
            raise ServiceIndisponible()
        return comprendre(_AchatCree, octets).url_paiement

    def consulter_achat(self, reference: str) -> Achat:
        # What has not the form of a reference could be another address of the shop.
        if not _REFERENCE.fullmatch(reference):
            raise Introuvable(ACHAT_INCONNU)
        statut, octets = self._distant.appeler("GET", f"/achats/{reference}")
        if statut == 404:
            raise Introuvable(ACHAT_INCONNU)
        if statut != 200:
            raise ServiceIndisponible()
        return Achat(**comprendre(_Achat, octets).root.model_dump())

    def verifier(self, numero: str) -> TimbreVerifie:
        # In the body: whoever knows a stamp's number can use it.
        statut, octets = self._distant.appeler("POST", "/verification", {"numero_timbre": numero})
        if statut != 200:
            raise ServiceIndisponible()
        return TimbreVerifie(**comprendre(_Verification, octets).model_dump())
