"""The e-photo base over HTTP (docs/contrats/photos.md)."""

from pydantic import BaseModel

from chalicelib.adapters.http_exterieur import Distant, comprendre
from chalicelib.demande.erreurs import ServiceIndisponible
from chalicelib.demande.ports_externes import EtatPhotoExterne


class _Consultation(BaseModel):
    etat: EtatPhotoExterne


class PhotosHttp:
    """The port ``Photos``; ``base_url`` is ``URL_PHOTOS``."""

    def __init__(self, base_url: str) -> None:
        self._distant = Distant(base_url)

    def consulter(self, code: str) -> EtatPhotoExterne:
        # In the body: a code leads to somebody's photo, and addresses end up in logs.
        statut, octets = self._distant.appeler("POST", "/consultation", {"code": code})
        if statut != 200:
            raise ServiceIndisponible()
        return comprendre(_Consultation, octets).etat
