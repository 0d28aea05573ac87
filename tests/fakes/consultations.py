"""The consultations in memory, with the guarantees of the real store."""

from datetime import datetime

from chalicelib.demande.instants import ecrire
from chalicelib.demande.ports_consultations import CONSERVATION, Consultation


class FakeConsultations:
    """The port ``Consultations``."""

    def __init__(self) -> None:
        self._notees: dict[tuple[str, str], Consultation] = {}

    def noter(self, consultation: Consultation) -> None:
        cle = f"{consultation.consultee_le}_{consultation.consultation_id}"
        self._notees.setdefault((consultation.demande_id, cle), consultation)

    def lister(
        self, demande_id: str, maintenant: datetime, apres: str | None, limite: int
    ) -> tuple[list[Consultation], str | None]:
        if apres is not None and "_" not in apres:
            raise ValueError("position inconnue")
        gardees = sorted(
            cle for id_, cle in self._notees if id_ == demande_id and cle > ecrire(maintenant - CONSERVATION)
        )
        reste = [cle for cle in reversed(gardees) if apres is None or cle < apres]
        page = reste[:limite]
        return [self._notees[(demande_id, cle)] for cle in page], page[-1] if len(page) == limite else None
