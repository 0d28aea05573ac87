"""The agents' accounts in memory, beside the other accounts' fake."""

from collections.abc import Collection

from chalicelib.demande.comptes import (
    CodeEmis,
    Compte,
    Evenement,
    StatutCompte,
    cle_identifiant,
    empreinte_email,
    nom_complet,
)
from chalicelib.demande.erreurs import IdentifiantPris
from chalicelib.demande.habilitations import Habilitation, Mouvement
from chalicelib.demande.ports_comptes import EmailPris, EtatInattendu
from tests.fakes.comptes import ComptesEnMemoire, Magasin, _prise


class HabilitationsEnMemoire(ComptesEnMemoire):
    """The port ``Habilitations``."""

    def __init__(self, magasin: Magasin | None = None) -> None:
        super().__init__(magasin)
        self.histoire: dict[str, list[Mouvement]] = {}

    def equipe(self, autorite: str, apres: str | None, limite: int) -> tuple[list[Compte], str | None]:
        siens = sorted(
            (c for c in self.m.comptes.values() if autorite in c.autorites and c.statut is not StatutCompte.FERME),
            key=lambda compte: compte.compte_id,
        )
        page = [compte for compte in siens if apres is None or compte.compte_id > apres][: limite + 1]
        return page[:limite], page[limite - 1].compte_id if len(page) > limite else None

    def noms(self, compte_ids: Collection[str]) -> dict[str, str]:
        lus = {compte_id: self.lire(compte_id) for compte_id in compte_ids}
        return {id_: nom_complet(compte) for id_, compte in lus.items() if compte and compte.role != "usager"}

    def habiliter(
        self, compte: Compte, code: CodeEmis, evenement: Evenement, mouvement: Mouvement, maintenant: int
    ) -> None:
        with self.m.verrou:
            identifiant, email = cle_identifiant(compte.identifiant), empreinte_email(compte.email)
            if _prise(self.m.identifiants, identifiant, maintenant):
                raise IdentifiantPris()
            if _prise(self.m.emails, email, maintenant):
                raise EmailPris()
            self._suites([], [code], [evenement])
            self.m.identifiants[identifiant] = self.m.emails[email] = (compte.compte_id, compte.expire)
            self.m.comptes[compte.compte_id] = compte
            self._noter(compte.compte_id, mouvement)

    def changer_habilitation(
        self, compte: Compte, apres: Habilitation, evenement: Evenement, mouvement: Mouvement
    ) -> None:
        with self.m.verrou:
            self._exiger_comme_lu(compte)
            self._changer(compte.compte_id, role=apres.role, autorites=apres.autorites)
            self.m.sessions.pop(compte.compte_id, None)
            self._suites([], [], [evenement])
            self._noter(compte.compte_id, mouvement)

    def clore(self, compte: Compte, evenement: Evenement, mouvement: Mouvement, maintenant: int) -> None:
        with self.m.verrou:
            self._exiger_comme_lu(compte)
            self._changer(compte.compte_id, statut=StatutCompte.FERME, autorites=())
            self.m.identifiants.pop(cle_identifiant(compte.identifiant))
            self.m.emails.pop(empreinte_email(compte.email))
            self.m.sessions.pop(compte.compte_id, None)
            self._suites([], [], [evenement])
            self._noter(compte.compte_id, mouvement)

    def mouvements(self, compte_id: str, avant: str | None, limite: int) -> tuple[list[Mouvement], str | None]:
        tous = {f"{m.survenu_le}#{m.mouvement_id}": m for m in self.histoire.get(compte_id, [])}
        cles = sorted((cle for cle in tous if avant is None or cle < avant), reverse=True)
        return [tous[cle] for cle in cles[:limite]], cles[limite - 1] if len(cles) > limite else None

    def _exiger_comme_lu(self, compte: Compte) -> None:
        actuel = self.m.comptes[compte.compte_id]
        if (actuel.role, actuel.autorites, actuel.statut) != (compte.role, compte.autorites, compte.statut):
            raise EtatInattendu()

    def _noter(self, compte_id: str, mouvement: Mouvement) -> None:
        self.histoire.setdefault(compte_id, []).append(mouvement)
