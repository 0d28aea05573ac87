"""An usager who walks the steps through the application's routes, inside ``aws_simule`` and ``exterieur_simule``."""

from collections.abc import Mapping
from typing import Any

from chalicelib.adapters import clients
from chalicelib.demande.modeles import Motif
from chalicelib.demande.motifs import types_demandes
from chalicelib.http import Identite
from tests.appel import Resultat, appeler
from tests.dossiers import ADRESSE, ETAT_CIVIL
from tests.specimens import image

PIERRE = Identite("compte-de-pierre", "session-1", "usager")
PAUL = Identite("compte-de-paul", "session-2", "usager")

FICHIER = {"type": "identite", "nom_fichier": "carte.png", "taille": 20_000, "mime": "image/png"}


class Parcours:
    """One demande of ``identite``, through the routes. ``id`` and ``piece_id`` fill the paths' parameters."""

    def __init__(self, motif: str = "vol", identite: Identite = PIERRE) -> None:
        self.identite = identite
        self.motif = motif
        self.chemin: dict[str, str] = {}
        self.chemin["id"] = self.reussir("POST", "/demandes", {"motif": motif})["id"]

    @property
    def id(self) -> str:
        """The demande's id."""
        return self.chemin["id"]

    def appeler(
        self, methode: str, route: str, corps: Any = None, entetes: Mapping[str, str] | None = None
    ) -> Resultat:
        """Call a route on this demande."""
        return appeler(methode, route, self.chemin or None, corps, self.identite, entetes)

    def reussir(self, methode: str, route: str, corps: Any = None) -> Any:
        """Call a route and give its body; anything but a 2xx is a failed test."""
        resultat = self.appeler(methode, route, corps)
        assert resultat.statut // 100 == 2, resultat
        return resultat.corps

    def deposer_fichier(self, octets: bytes, **fichier: Any) -> str:
        """Announce a file and leave it in the quarantine, as the browser's POST does; gives the pièce's id."""
        annonce = {**FICHIER, "taille": len(octets), **fichier}
        piece_id: str = self.reussir("POST", "/demandes/{id}/pieces", annonce)["piece_id"]
        clients.client("s3").put_object(Bucket="permis-quarantaine", Key=f"{self.id}/{piece_id}", Body=octets)
        self.chemin["piece_id"] = piece_id
        return piece_id

    def saisir(self) -> None:
        """Fill the steps 2, 3 and 4 (by talon)."""
        self.reussir("PUT", "/demandes/{id}/etat-civil", ETAT_CIVIL)
        self.reussir("PUT", "/demandes/{id}/adresse", ADRESSE)
        self.reussir("PUT", "/demandes/{id}/photo-signature", {"mode": "talon"})

    def joindre(self) -> None:
        """Send one valid file for each mandatory pièce."""
        for type_, obligatoire in types_demandes(Motif(self.motif)).items():
            if obligatoire:
                self.deposer_fichier(image("PNG"), type=type_)
                self.reussir("POST", "/demandes/{id}/pieces/{piece_id}/controle")

    def preparer(self, numero_timbre: str | None = None) -> None:
        """Everything up to the confirmation, with a stamp already bought where something is due."""
        self.saisir()
        self.joindre()
        if numero_timbre is not None:
            self.reussir("PUT", "/demandes/{id}/paiement", {"numero_timbre": numero_timbre})
