"""What the wizard needs of the outside: the store of the demandes with its ledger and journal, and the files.

``tests/contract/test_demandes.py`` is the contract: the fake and the real store pass the same suite.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from chalicelib.demande.journal import Changement, Entree
from chalicelib.demande.modeles import Demande, Motif, Paiement, Piece, Statut, Timbre
from chalicelib.demande.suspension import SuspensionClose


@dataclass(frozen=True)
class Modification:
    """One write of a usager on his draft, or on what a suspension asks, and the conditions under which it may happen.

    ``limite_rappel`` and ``limite``: a draft last touched before ``limite`` and not reminded since ``limite_rappel`` is
    closed, even if nobody has written so yet. ``si_version`` is the caller's If-Match. ``poser``/``oter``: attributes.
    ``suspension`` is the rank of the open suspension that it answers, before its deadline, instead of a draft.
    """

    usager: str
    maintenant: datetime
    limite: datetime
    limite_rappel: datetime
    si_version: int | None = None
    poser: Mapping[str, Any] = field(default_factory=dict)
    oter: tuple[str, ...] = ()
    suspension: int | None = None


@dataclass(frozen=True)
class Doublon:
    """Another demande under way for the same person, as the search index knows it."""

    id: str
    numero: str
    motif: Motif
    statut: Statut
    deposee_le: str
    autorite: str


class AchatEnCours(Exception):
    """The draft ``demande`` waits for the end of another purchase, which is to be looked at first."""

    def __init__(self, demande: Demande) -> None:
        super().__init__("un achat est en cours")
        self.demande = demande


class Demandes(Protocol):
    """The store. Every write is conditional; a refused one raises what made it so:

    ``DemandeInconnue`` (none, or another usager's), ``TransitionInterdite`` (no longer a draft, or an expired one; no
    longer this suspension, or past its deadline), ``ConflitDeVersion`` (If-Match, or a concurrent write), in this
    order.
    """

    def creer(self, demande: Demande) -> None:
        """Write a new demande."""

    def lire(self, demande_id: str) -> Demande:
        """The demande as it is now; raises ``DemandeInconnue``."""

    def lire_avec_pieces(self, demande_id: str) -> tuple[Demande, list[Piece]]:
        """The demande and its pièces by rank; raises ``DemandeInconnue``."""

    def lire_par_numero(self, numero: str) -> Demande:
        """The demande of this numéro, once it has entered its control; raises ``DemandeInconnue``.

        An index may be late by an instant: a partner that is told so asks again.
        """

    def lire_par_photo(self, code: str) -> Demande:
        """The demande that waits for the photo of this code; raises ``DemandeInconnue``."""

    def lister(self, usager: str, apres: str | None, limite: int) -> tuple[list[Demande], str | None]:
        """A page of the demandes of a usager, newest first, after the position ``apres``; and where the next begins.

        Raises ``ValueError`` for what is no position.
        """

    def modifier(self, demande_id: str, modification: Modification) -> Demande:
        """Write on a draft, or what answers a suspension; gives the demande as it now is. One call."""

    def changer_motif(self, demande_id: str, modification: Modification) -> Demande:
        """Same, but answers the demande as it was just before, so that what no longer fits can be told. One call."""

    def ouvrir_achat(
        self,
        demande_id: str,
        modification: Modification,
        paiement: Paiement,
        payants: Sequence[Motif],
        remplace: str | None = None,
    ) -> Demande:
        """Note a purchase under way; raises ``RienAPayer`` when the motif is free, ``DejaPaye`` when a stamp is held.

        Raises ``AchatEnCours`` when the draft waits for the end of another one than ``remplace``. Answers the stored
        demande when the same key opened a purchase before, whatever became of it. One call.
        """

    def reserver_timbre(
        self, demande_id: str, modification: Modification, timbre: Timbre, payants: Sequence[Motif]
    ) -> Demande:
        """Hold a stamp for the draft, freeing the one it held; raises ``TimbreIndisponible``, ``RienAPayer``.

        One transaction (two when the draft held another stamp), then one read: a transaction answers no item.
        """

    def rendre_timbre(self, demande: Demande, maintenant: datetime) -> Demande:
        """Free the stamp of the draft in one transaction; raises ``ConflitDeVersion``, ``TimbreIndisponible``."""

    def noter_paiement(self, demande: Demande, paiement: Paiement, maintenant: datetime) -> None:
        """Write what the shop said of a purchase; raises ``ConflitDeVersion`` when somebody wrote in between."""

    def encaisser(self, demande: Demande, paiement: Paiement, timbre: Timbre, maintenant: datetime) -> bool:
        """Hold the stamp just bought for ``demande``; False when the draft moved on: then the caller looks again."""

    def conserver(self, demande: Demande, timbre: Timbre, changement: Changement) -> None:
        """Enter in the ledger, free, a stamp bought too late, with the event that tells it. Once."""

    def timbre(self, numero: str) -> Timbre | None:
        """A line of the ledger."""

    def ajouter_piece(self, piece: Piece) -> None:
        """Note a file that is awaited."""

    def conclure_piece(self, piece: Piece) -> Piece:
        """Write the verdict on an awaited file, or that its scan is under way; answers what is then written.

        The first verdict stays. Raises ``PieceInconnue``.
        """

    def retirer_piece(self, demande_id: str, modification: Modification, piece_id: str) -> None:
        """Remove a pièce from a draft, or from what answers a suspension.

        The version moves, so that no confirmation and no complement counts on it.
        """

    def transiter(self, demande: Demande, changement: Changement) -> Demande:
        """Write an event, those it implies, all that they change and their journal entries in one transaction.

        It holds on the version that was read: raises ``ConflitDeVersion`` when somebody wrote in between,
        ``TimbreIndisponible`` when the stamp is not held, ``TransitionInterdite`` for what the table forbids.
        """

    def suspensions_closes(self, demande_id: str) -> list[SuspensionClose]:
        """The suspensions that are over, and those that a correction replaced, oldest first."""

    def doublons(self, demande: Demande) -> list[Doublon]:
        """The other demandes under way for the same person (nom, prénoms, date de naissance), seen by the agents.

        A demande without état civil has none. The index may be late by an instant.
        """

    def noter_commande(self, demande: Demande, le: str | None) -> Demande:
        """Note when the order left, or that it did not (None), which confirms the machine's signal.

        Raises ``ConflitDeVersion`` when somebody wrote in between.
        """

    def changer_de_generation(self, demande: Demande, maintenant: datetime) -> Demande:
        """Have the next execution of the machine follow ``demande``; raises ``ConflitDeVersion``.

        It is marked as a signal not heard yet: an execution that is not started after all is found by that.
        """

    def signal_entendu(self, demande: Demande) -> None:
        """The machine knows of the last signal of ``demande``; nothing happens if there has been another since."""

    def signaux_en_attente(self, avant: datetime, limite: int) -> list[str]:
        """The demandes with a signal given before ``avant`` and not heard, oldest first, ``limite`` at most."""

    def journal(self, demande_id: str) -> list[Entree]:
        """The journal, oldest first."""

    def a_veiller(self, maintenant: datetime) -> Iterator[str]:
        """The drafts whose turn to be looked at has come, oldest first, read as they are asked for."""

    def replanifier(self, demande: Demande, prochaine: datetime) -> None:
        """Look again at a draft on ``prochaine``; nothing happens if it moved on meanwhile."""

    def a_purger(self, avant: datetime) -> Iterator[str]:
        """The demandes that ended as drafts before ``avant`` and still have pièces, oldest first, read as asked for."""

    def oublier_pieces(self, demande_id: str) -> None:
        """Forget the pièces of a demande that ended as a draft, and the image of its photo: it is no longer to purge.

        Twice does no more.
        """


@dataclass(frozen=True)
class Envoi:
    """Where and how the browser posts a file: ``champs`` first, then ``file``."""

    url: str
    champs: dict[str, str]


class Fichiers(Protocol):
    """The buckets: quarantine, controlled pièces and photos, documents that we issue."""

    def preparer_envoi(self, piece: Piece, usager: str) -> Envoi:
        """A presigned POST bound to this key, size, type and owner. No call."""

    def lire_quarantaine(self, piece: Piece) -> bytes | None:
        """What was posted, None while nothing was."""

    def ranger(self, piece: Piece, original: bytes, pages: Sequence[bytes]) -> None:
        """Keep a controlled file: its pages as images made by us, and beside them the ``original`` that was read.

        They are kept under the pièce's ``empreinte``.
        """

    def abandonner(self, piece: Piece) -> None:
        """Remove what was kept under this ``empreinte``: another control of the pièce gave the verdict."""

    def liens_pages(self, piece: Piece) -> list[str]:
        """Short-lived links to the pages. No call."""

    def supprimer(self, piece: Piece) -> None:
        """Remove everything of a pièce; nothing happens when it is gone."""

    def ranger_photo(self, demande_id: str, nom: str, jpeg: bytes) -> None:
        """Keep the image of a photo, made by us."""

    def lien_photo(self, demande_id: str, nom: str) -> str:
        """A short-lived link to it. No call."""

    def retirer_photo(self, demande_id: str, nom: str) -> None:
        """Remove it; nothing happens when it is gone."""

    def vider(self, demande_id: str) -> None:
        """Remove every file that was kept for a demande, pièces and photo; nothing happens when there is none."""

    def publier_document(self, cle: str, octets: bytes, nom: str) -> str:
        """Store a PDF that we issue under ``cle`` and give a short-lived link that downloads it as ``nom``."""
