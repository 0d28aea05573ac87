"""A client of the Portail Guichet Agent that knows only its published contract (API.md): one method per call."""

from typing import Any

from demo.client import Client

MOT_DE_PASSE_LOCAL = "Guichet-543-local"


class Guichet(Client):
    """An agent, a chef de service or a CTN operator at his desk."""

    def entrer(self, identifiant: str, mot_de_passe: str = MOT_DE_PASSE_LOCAL) -> "Guichet":
        """Open a session; gives the client itself."""
        self.ouvrir_session(identifiant, mot_de_passe)
        return self

    def agir(self, demande_id: str, action: str, corps: Any = None, **options: Any) -> dict[str, Any]:
        """POST an action on a demande (``validation``, ``suspension``, ``levee``…): {statut, version, …}."""
        fait: dict[str, Any] = self.appeler("POST", _chemin(demande_id, action), corps, **options)
        return fait

    def dossier(self, demande_id: str) -> dict[str, Any]:
        """All that is known of a demande, the SNPC beside it."""
        lu: dict[str, Any] = self.appeler("GET", f"/api/instruction/demandes/{demande_id}")
        return lu

    def corbeille(self) -> dict[str, Any]:
        """Mine, mine to take, late, with counters."""
        lue: dict[str, Any] = self.appeler("GET", "/api/instruction/corbeille")
        return lue

    def suivante(self) -> dict[str, Any] | None:
        """Take the most urgent demande that one may treat; None when nothing waits."""
        prise: dict[str, Any] | None = self.appeler("POST", "/api/instruction/corbeille/suivante")
        return prise

    def prendre(self, demande_id: str) -> dict[str, Any]:
        """Take this one, or keep it longer."""
        return self.agir(demande_id, "prise-en-charge")

    def rendre(self, demande_id: str) -> None:
        """Give it back."""
        self.appeler("DELETE", _chemin(demande_id, "prise-en-charge"))

    def page(self, demande_id: str, piece_id: str, rang: int) -> bytes:
        """A page of a pièce: the bytes of its image."""
        return self.telecharger(self.appeler("GET", _chemin(demande_id, f"pieces/{piece_id}/pages/{rang}"))["url"])

    def messages(self, demande_id: str) -> list[dict[str, Any]]:
        """What the usager and the agents wrote to each other, as agents read it."""
        return self._elements(_chemin(demande_id, "messages"))

    def notes(self, demande_id: str) -> list[dict[str, Any]]:
        """What agents wrote for each other."""
        return self._elements(_chemin(demande_id, "notes"))

    def historique(self, demande_id: str) -> list[dict[str, Any]]:
        """The journal, oldest first."""
        return self._elements(_chemin(demande_id, "historique"))

    def verification(self, demande_id: str) -> dict[str, Any]:
        """Whether the journal's chain is intact."""
        lue: dict[str, Any] = self.appeler("GET", _chemin(demande_id, "historique/verification"))
        return lue

    def chercher(self, **criteres: Any) -> list[dict[str, Any]]:
        """The first page of a search."""
        lues: list[dict[str, Any]] = self.appeler("POST", "/api/instruction/recherches", criteres)["elements"]
        return lues

    def controler_les_pieces(self, demande_id: str) -> dict[str, Any]:
        """A CTN operator accepts every pièce that is left to judge."""
        pieces = [p for p in self.dossier(demande_id)["pieces"] if p["statut"] == "a_verifier"]
        jugees = [{"piece_id": piece["piece_id"], "statut": "acceptee"} for piece in pieces]
        return self.agir(demande_id, "controle", {"pieces": jugees})

    # Local only: printer and post

    def jouer_titre(self, numero: str, evenement: str, **options: Any) -> None:
        """Printer or post tells an event of a card; options ``repetitions``, ``survenu_le``, ``numero_suivi``."""
        self.appeler("POST", f"/dev/production/{numero}", {"evenement": evenement, **options})

    def commandes(self, numero: str) -> list[dict[str, Any]]:
        """The orders that the printer took for a numéro."""
        lues: list[dict[str, Any]] = self.appeler("GET", f"/dev/production/{numero}")
        return lues

    def jouer_talon(self, numero: str) -> None:
        """The talon of a numéro arrives by post."""
        self.appeler("POST", f"/dev/talons/{numero}", {})

    def activer_photo(self, code: str) -> None:
        """The activation of an e-photo code ends well."""
        self.appeler("POST", f"/dev/photos/{code}", {"etat": "valide"})


def _chemin(demande_id: str, action: str) -> str:
    return f"/api/instruction/demandes/{demande_id}/{action}"
