"""The e-photo base over HTTP (docs/contrats/photos.md)."""

from pydantic import BaseModel

from chalicelib.adapters.http_exterieur import Distant, comprendre
from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.ports_externes import EtatPhotoExterne


class _Reponse(BaseModel):
    etat: EtatPhotoExterne


class PhotosHttp:
    """The port ``Photos``; ``base_url`` is ``URL_PHOTOS``."""

    def __init__(self, base_url: str) -> None:
        self._distant = Distant(base_url)

    def consulter(self, code: str, reference: str | None = None) -> EtatPhotoExterne:
        return self._etat("/consultation", {"code": code} if reference is None else _demande(code, reference))

    def reserver(self, code: str, reference: str) -> EtatPhotoExterne:
        return self._etat("/reservation", _demande(code, reference))

    def liberer(self, code: str, reference: str) -> None:
        self._etat("/liberation", _demande(code, reference))

    def _etat(self, chemin: str, corps: dict[str, str]) -> EtatPhotoExterne:
        # In the body: a code leads to somebody's photo, and addresses end up in logs.
        statut, octets = self._distant.appeler("POST", chemin, corps)
        if statut != 200:
            raise ServiceIndisponible()
        return comprendre(_Reponse, octets).etat


def _demande(code: str, reference: str) -> dict[str, str]:
    return {"code": code, "reference": reference}
