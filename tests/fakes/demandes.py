"""In-memory store of demandes, with its ledger and journal, and in-memory files: what the ports promise, no more."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from threading import RLock
from typing import Any

from pydantic import BaseModel

from chalicelib.demande.erreurs import (
    ConflitDeVersion,
    DejaPaye,
    DemandeInconnue,
    PieceInconnue,
    RienAPayer,
    TimbreIndisponible,
    TransitionInterdite,
)
from chalicelib.demande.index import cles_de_recherche
from chalicelib.demande.instants import ecrire
from chalicelib.demande.journal import Changement, Entree, ecritures, exiger_chaine, liberation
from chalicelib.demande.modeles import (
    Demande,
    EtatPaiement,
    EtatTimbre,
    Motif,
    Paiement,
    Piece,
    Statut,
    StatutPiece,
    Timbre,
)
from chalicelib.demande.ports import AchatEnCours, Doublon, Envoi, Modification
from chalicelib.demande.statuts import FINALS
from chalicelib.demande.suspension import SuspensionClose, prefixe
from chalicelib.demande.vie import PURGE, SIGNAL

TENUS = (EtatPaiement.RESERVE, EtatPaiement.CONSOMME)


class FakeDemandes:
    """The port ``Demandes`` in dicts, each call alone. ``proprietaires`` tells for whom a free stamp was kept."""

    def __init__(self) -> None:
        self.toutes: dict[str, Demande] = {}
        self.pieces: dict[tuple[str, str], Piece] = {}
        self.timbres: dict[str, Timbre] = {}
        self.proprietaires: dict[str, str] = {}
        self.entrees: dict[str, list[Entree]] = {}
        self.elements: dict[tuple[str, str], dict[str, Any]] = {}
        self._verrou = RLock()

    def creer(self, demande: Demande) -> None:
        with self._verrou:
            if demande.id in self.toutes:
                raise ValueError(f"demande déjà créée : {demande.id}")
            self.toutes[demande.id] = demande

    def lire(self, demande_id: str) -> Demande:
        with self._verrou:
            if demande_id not in self.toutes:
                raise DemandeInconnue()
            return self.toutes[demande_id]

    def lire_avec_pieces(self, demande_id: str) -> tuple[Demande, list[Piece]]:
        with self._verrou:
            siennes = [piece for (id_, _), piece in self.pieces.items() if id_ == demande_id]
            return self.lire(demande_id), sorted(siennes, key=lambda piece: (piece.rang, piece.piece_id))

    def lister(self, usager: str, apres: str | None, limite: int) -> tuple[list[Demande], str | None]:
        with self._verrou:
            siennes = [demande for demande in self.toutes.values() if demande.usager == usager]
        positions = {f"{demande.cree_le}/{demande.id}": demande for demande in siennes}
        if apres is not None and ("/" not in apres or "" in apres.split("/", 1)):
            raise ValueError("position inconnue")
        suivantes = sorted((p for p in positions if apres is None or p < apres), reverse=True)
        page = suivantes[:limite]
        return [positions[p] for p in page], page[-1] if len(suivantes) > limite else None

    def modifier(self, demande_id: str, modification: Modification) -> Demande:
        with self._verrou:
            return self._ecrire(self._exiger(demande_id, modification), modification)

    def changer_motif(self, demande_id: str, modification: Modification) -> Demande:
        with self._verrou:
            avant = self._exiger(demande_id, modification)
            self._ecrire(avant, modification)
            return avant

    def ouvrir_achat(
        self,
        demande_id: str,
        modification: Modification,
        paiement: Paiement,
        payants: Sequence[Motif],
        remplace: str | None = None,
    ) -> Demande:
        with self._verrou:
            demande = self._exiger_vivant(demande_id, modification)
            tenu = demande.paiement
            if tenu is not None and tenu.cle is not None and tenu.cle == paiement.cle:
                return demande
            self._exiger_version(demande, modification)
            if demande.motif not in payants:
                raise RienAPayer()
            if tenu is not None and tenu.etat in TENUS:
                raise DejaPaye()
            if tenu is not None and tenu.etat is EtatPaiement.EN_ATTENTE and tenu.reference != remplace:
                raise AchatEnCours(demande)
            return self._ecrire(demande, modification, paiement=paiement)

    def reserver_timbre(
        self, demande_id: str, modification: Modification, timbre: Timbre, payants: Sequence[Motif]
    ) -> Demande:
        with self._verrou:
            demande = self._exiger(demande_id, modification)
            if demande.motif not in payants:
                raise RienAPayer()
            ligne = self.timbres.get(timbre.numero)
            if ligne is not None and ligne.etat is not EtatTimbre.LIBRE:
                a_elle = ligne.etat is EtatTimbre.RESERVE and ligne.demande_id == demande_id
                if not a_elle:
                    raise TimbreIndisponible()
            tenu = demande.paiement
            if tenu is not None and tenu.etat in TENUS and tenu.numero_timbre not in (None, timbre.numero):
                self._liberer(str(tenu.numero_timbre), demande_id)
            gardee = ligne.expire_le if ligne is not None else None
            prise = {"demande_id": demande_id, "expire_le": gardee or timbre.expire_le}
            self.timbres[timbre.numero] = timbre.model_copy(update=prise)
            return self._ecrire(demande, modification)

    def rendre_timbre(self, demande: Demande, maintenant: datetime) -> Demande:
        with self._verrou:
            mouvement, libere = liberation(demande)
            if mouvement is None:
                return demande
            if not self._inchangee(demande):
                raise ConflitDeVersion(self.lire(demande.id).version)
            self._liberer(mouvement.numero, demande.id)
            return self._sur_version(demande, {**libere, "modifie_le": ecrire(maintenant)})

    def noter_paiement(self, demande: Demande, paiement: Paiement, maintenant: datetime) -> None:
        with self._verrou:
            self._sur_version(demande, {"paiement": paiement, "modifie_le": ecrire(maintenant)})

    def encaisser(self, demande: Demande, paiement: Paiement, timbre: Timbre, maintenant: datetime) -> bool:
        with self._verrou:
            if timbre.numero in self.timbres or not self._inchangee(demande):
                return False
            self._sur_version(demande, {"paiement": paiement, "modifie_le": ecrire(maintenant)})
            self.timbres[timbre.numero] = timbre
            return True

    def conserver(self, demande: Demande, timbre: Timbre, changement: Changement) -> None:
        with self._verrou:
            if timbre.numero in self.timbres:
                return
            self.transiter(demande, changement)
            self.timbres[timbre.numero] = timbre
            self.proprietaires[timbre.numero] = demande.usager

    def timbre(self, numero: str) -> Timbre | None:
        with self._verrou:
            return self.timbres.get(numero)

    def ajouter_piece(self, piece: Piece) -> None:
        with self._verrou:
            self.pieces[(piece.demande_id, piece.piece_id)] = piece

    def conclure_piece(self, piece: Piece) -> Piece:
        with self._verrou:
            cle = (piece.demande_id, piece.piece_id)
            if cle not in self.pieces:
                raise PieceInconnue()
            if self.pieces[cle].statut in (StatutPiece.ATTENDUE, StatutPiece.EN_COURS):
                self.pieces[cle] = piece
            return self.pieces[cle]

    def retirer_piece(self, demande_id: str, modification: Modification, piece_id: str) -> None:
        with self._verrou:
            demande = self._exiger(demande_id, modification)
            if (demande_id, piece_id) not in self.pieces:
                raise PieceInconnue()
            del self.pieces[(demande_id, piece_id)]
            self._ecrire(demande, modification)

    def transiter(self, demande: Demande, changement: Changement) -> Demande:
        with self._verrou:
            exiger_chaine(demande, changement)
            nouveaux = {(demande.id, element): dict(valeurs) for element, valeurs in changement.elements.items()}
            if not self._inchangee(demande) or nouveaux.keys() & self.elements.keys():
                raise ConflitDeVersion(self.lire(demande.id).version)
            mouvement = changement.timbre
            if mouvement is not None and mouvement.vers == "libre":
                self._liberer(mouvement.numero, demande.id)
            elif mouvement is not None:
                self._consommer(mouvement.numero, demande.id, changement.maintenant)
            posees, entrees = ecritures(demande, changement)
            self.entrees.setdefault(demande.id, []).extend(entrees)
            self.elements |= nouveaux
            for piece_id, statut in changement.pieces.items():
                piece = self.pieces[(demande.id, piece_id)]
                jugee = {
                    "statut": statut,
                    "motif_refus": changement.refus.get(piece_id),
                    "pages_refusees": list(changement.pages_refusees.get(piece_id, ())),
                }
                self.pieces[(demande.id, piece_id)] = piece.model_copy(update=jugee)
            return self._sur_version(demande, posees)

    def lire_par_numero(self, numero: str) -> Demande:
        return self._lire_par(lambda demande: demande.numero == numero and demande.autorite is not None)

    def lire_par_photo(self, code: str) -> Demande:
        return self._lire_par(lambda demande: demande.photo_attendue == code)

    def _lire_par(self, voulue: Callable[[Demande], bool]) -> Demande:
        with self._verrou:
            trouvees = [demande for demande in self.toutes.values() if voulue(demande)]
        if not trouvees:
            raise DemandeInconnue()
        return trouvees[0]

    def suspensions_closes(self, demande_id: str) -> list[SuspensionClose]:
        with self._verrou:
            closes = [
                SuspensionClose.model_validate(valeurs)
                for (id_, element), valeurs in self.elements.items()
                if id_ == demande_id and element.startswith(prefixe())
            ]
        return sorted(closes, key=lambda close: close.close_le)

    def doublons(self, demande: Demande) -> list[Doublon]:
        if demande.etat_civil is None:
            return []
        cles = cles_de_recherche(demande)
        with self._verrou:
            trouves = [
                Doublon(autre.id, autre.numero, autre.motif, autre.statut, str(autre.deposee_le), str(autre.autorite))
                for autre in self.toutes.values()
                if (autre.naissance, autre.nom_recherche) == (cles["naissance"], cles["nom_recherche"])
                and autre.id != demande.id
                and autre.statut not in FINALS
                and autre.numero is not None
            ]
        return sorted(trouves, key=lambda autre: autre.deposee_le)

    def noter_commande(self, demande: Demande, le: str | None) -> Demande:
        with self._verrou:
            return self._sur_version(demande, {"commande_le": le, "veille": None, "veille_le": None})

    def changer_de_generation(self, demande: Demande, maintenant: datetime) -> Demande:
        marque = {"veille": SIGNAL, "veille_le": ecrire(maintenant)}
        with self._verrou:
            return self._sur_version(demande, {"generation": demande.generation + 1, **marque})

    def signal_entendu(self, demande: Demande) -> None:
        with self._verrou:
            actuelle = self.lire(demande.id)
            if (actuelle.veille, actuelle.veille_le) == (SIGNAL, demande.veille_le):
                sans = {"veille": None, "veille_le": None}
                self.toutes[demande.id] = actuelle.model_copy(update=sans)

    def signaux_en_attente(self, avant: datetime, limite: int) -> list[str]:
        return self._veilles(SIGNAL, avant)[:limite]

    def journal(self, demande_id: str) -> list[Entree]:
        with self._verrou:
            return list(self.entrees.get(demande_id, []))

    def a_veiller(self, maintenant: datetime) -> Iterator[str]:
        return iter(self._veilles("brouillon", maintenant))

    def a_purger(self, avant: datetime) -> Iterator[str]:
        return iter(self._veilles(PURGE, avant))

    def oublier_pieces(self, demande_id: str) -> None:
        with self._verrou:
            self.pieces = {cle: piece for cle, piece in self.pieces.items() if cle[0] != demande_id}
            actuelle = self.lire(demande_id)
            if actuelle.veille == PURGE:
                self.toutes[demande_id] = actuelle.model_copy(
                    update={"veille": None, "veille_le": None, "photo_image": None}
                )

    def _veilles(self, veille: str, jusqua: datetime) -> list[str]:
        with self._verrou:
            venus = [d for d in self.toutes.values() if d.veille == veille and (d.veille_le or "") <= ecrire(jusqua)]
        return [demande.id for demande in sorted(venus, key=lambda demande: demande.veille_le or "")]

    def replanifier(self, demande: Demande, prochaine: datetime) -> None:
        with self._verrou:
            actuelle = self.lire(demande.id)
            if actuelle.statut is Statut.BROUILLON and actuelle.veille_le == demande.veille_le:
                self.toutes[demande.id] = actuelle.model_copy(update={"veille_le": ecrire(prochaine)})

    def _exiger_vivant(self, demande_id: str, modification: Modification) -> Demande:
        demande = self.toutes.get(demande_id)
        if demande is None or demande.usager != modification.usager:
            raise DemandeInconnue()
        if modification.suspension is not None:
            ouverte = demande.suspension.rang if demande.suspension and demande.statut is Statut.SUSPENDUE else None
            if ouverte != modification.suspension or (demande.echeance or "") <= ecrire(modification.maintenant):
                raise TransitionInterdite(demande.statut)
            return demande
        if demande.statut is not Statut.BROUILLON:
            raise TransitionInterdite(demande.statut)
        rappele = (demande.rappele_le or "") > ecrire(modification.limite_rappel)
        if demande.modifie_le <= ecrire(modification.limite) and not rappele:
            raise TransitionInterdite(demande.statut, "Cette demande est close.")
        return demande

    def _exiger_version(self, demande: Demande, modification: Modification) -> None:
        if modification.si_version is not None and modification.si_version != demande.version:
            raise ConflitDeVersion(demande.version)

    def _exiger(self, demande_id: str, modification: Modification) -> Demande:
        demande = self._exiger_vivant(demande_id, modification)
        self._exiger_version(demande, modification)
        return demande

    def _ecrire(self, demande: Demande, modification: Modification, **autres: Any) -> Demande:
        posees = {**modification.poser, **dict.fromkeys(modification.oter), **autres}
        touche = {"modifie_le": ecrire(modification.maintenant)} if modification.suspension is None else {}
        return self._poser(demande, {**posees, **touche})

    def _inchangee(self, demande: Demande) -> bool:
        actuelle = self.toutes.get(demande.id)
        return actuelle is not None and _lue(actuelle) == _lue(demande)

    def _sur_version(self, demande: Demande, posees: dict[str, Any]) -> Demande:
        if not self._inchangee(demande):
            raise ConflitDeVersion(self.lire(demande.id).version)
        return self._poser(self.toutes[demande.id], posees)

    def _poser(self, demande: Demande, posees: dict[str, Any]) -> Demande:
        simples = {nom: v.model_dump(mode="json") if isinstance(v, BaseModel) else v for nom, v in posees.items()}
        suite = {**demande.model_dump(mode="json"), **simples, "version": demande.version + 1}
        presents = {nom: valeur for nom, valeur in suite.items() if valeur is not None}
        self.toutes[demande.id] = Demande.model_validate(presents)
        return self.toutes[demande.id]

    def _liberer(self, numero: str, demande_id: str) -> None:
        ligne = self.timbres.get(numero)
        if ligne is None or ligne.demande_id != demande_id:
            raise TimbreIndisponible()
        self.timbres[numero] = ligne.model_copy(update={"etat": EtatTimbre.LIBRE, "demande_id": None})

    def _consommer(self, numero: str, demande_id: str, maintenant: datetime) -> None:
        ligne = self.timbres.get(numero)
        a_elle = ligne is not None and ligne.etat is EtatTimbre.RESERVE and ligne.demande_id == demande_id
        if ligne is None or not a_elle or (ligne.expire_le or "") <= ecrire(maintenant):
            raise TimbreIndisponible()
        self.timbres[numero] = ligne.model_copy(update={"etat": EtatTimbre.CONSOMME})


def _lue(demande: Demande) -> tuple[Any, ...]:
    """What a write on a demande that was read holds on: a lease moves no version."""
    return demande.version, demande.statut, demande.agent, demande.bail_jusqua


class FakeFichiers:
    """The port ``Fichiers``.

    ``quarantaine`` is what browsers posted, by pièce; ``rangees`` the controlled pages, by pièce and digest.
    """

    def __init__(self) -> None:
        self.quarantaine: dict[str, bytes] = {}
        self.rangees: dict[str, list[bytes]] = {}
        self.photos: dict[str, bytes] = {}
        self.documents: dict[str, bytes] = {}

    def preparer_envoi(self, piece: Piece, usager: str) -> Envoi:
        return Envoi("https://depot.invalid/", {"key": piece.piece_id, "x-amz-meta-usager": usager})

    def lire_quarantaine(self, piece: Piece) -> bytes | None:
        return self.quarantaine.get(piece.piece_id)

    def ranger(self, piece: Piece, original: bytes, pages: Sequence[bytes]) -> None:
        self.rangees[_rangement(piece)] = list(pages)

    def abandonner(self, piece: Piece) -> None:
        self.rangees.pop(_rangement(piece), None)

    def liens_pages(self, piece: Piece) -> list[str]:
        return [f"https://pieces.invalid/{_rangement(piece)}/{rang}" for rang in range(1, piece.pages + 1)]

    def supprimer(self, piece: Piece) -> None:
        self.rangees = {cle: pages for cle, pages in self.rangees.items() if not cle.startswith(piece.piece_id)}
        self.quarantaine.pop(piece.piece_id, None)

    def ranger_photo(self, demande_id: str, nom: str, jpeg: bytes) -> None:
        self.photos[f"{demande_id}/{nom}"] = jpeg

    def lien_photo(self, demande_id: str, nom: str) -> str:
        return f"https://pieces.invalid/{demande_id}/photo/{nom}"

    def retirer_photo(self, demande_id: str, nom: str) -> None:
        self.photos.pop(f"{demande_id}/{nom}", None)

    def vider(self, demande_id: str) -> None:
        self.rangees.clear()
        self.photos.clear()

    def publier_document(self, cle: str, octets: bytes, nom: str) -> str:
        self.documents[cle] = octets
        return f"https://documents.invalid/{cle}?nom={nom}"


def _rangement(piece: Piece) -> str:
    return f"{piece.piece_id}/{piece.empreinte}"
