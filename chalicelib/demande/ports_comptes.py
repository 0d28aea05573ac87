"""What the accounts need of the outside: a store of accounts, one of sessions, the hashing of secrets, the anti-robot.

Each adapter passes ``tests/contract/test_comptes.py``; instants are epoch seconds given by the caller.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from chalicelib.demande.codes import UsageCode
from chalicelib.demande.comptes import Acces, CodeEmis, Compte, Creation, Defi, Evenement, Limite, Session


class EmailPris(Exception):
    """The e-mail got another holder since it was looked up; never told to the caller."""


class CreationConnue(Exception):
    """The Idempotency-Key has been used; ``creation`` is what was kept of its first use."""

    def __init__(self, creation: Creation) -> None:
        super().__init__("clé connue")
        self.creation = creation


class LimiteAtteinte(Exception):
    """The hourly allowance of this target is spent."""


class EtatInattendu(Exception):
    """The account is no longer as it was read (closed, changed by another call)."""


class AccesInattendu(Exception):
    """A password is to be chosen with the activation (``attendu``), or was chosen before."""

    def __init__(self, attendu: bool) -> None:
        super().__init__("accès à choisir" if attendu else "accès déjà choisi")
        self.attendu = attendu


class Comptes(Protocol):
    """The accounts, their unique identifiants and e-mails, their codes and their events to notify."""

    def resoudre(self, identifiant: str) -> str | None:
        """The ``compte_id`` of an identifiant, whatever its case; None when free."""

    def titulaire(self, email: str, maintenant: int) -> str | None:
        """The ``compte_id`` holding this e-mail now; None when free or when its day to activate has passed."""

    def lire(self, compte_id: str) -> Compte | None:
        """The account, read consistently; None when absent or closed."""

    def creer(
        self,
        compte: Compte,
        code: CodeEmis,
        limites: Sequence[Limite],
        evenements: Sequence[Evenement],
        defi: Defi,
        creation: Creation | None,
        maintenant: int,
    ) -> None:
        """Write a new account, its unique keys, its code and its events at once, and spend challenge and allowances.

        A ghost (``fantome_de``) reserves its identifiant but no e-mail. Raises ``CreationConnue``, ``AntiRobotRefuse``,
        ``IdentifiantPris``, ``EmailPris`` or ``LimiteAtteinte``, in this order, and then nothing is written.
        """

    def emettre(
        self, limites: Sequence[Limite], defi: Defi, codes: Sequence[CodeEmis], evenements: Sequence[Evenement]
    ) -> None:
        """Spend the challenge and the allowances, replace the codes, add the events: all or nothing.

        Raises ``AntiRobotRefuse`` or ``LimiteAtteinte``.
        """

    def compter_essai(self, compte_id: str, usage: UsageCode, maintenant: int) -> CodeEmis | None:
        """Count one more try on a code before it is compared; None when there is none, or expired, or 5 tries spent."""

    def activer(self, code: CodeEmis, maintenant: int, acces: Acces | None = None) -> bool:
        """Make the account active and its reservation final. True also when it already was; False when it cannot be.

        From then on it is watched, if it has a ``veille_le``.
        ``acces`` is what its holder chooses when somebody else opened it for him; raises ``AccesInattendu`` when it is
        missing then, or given otherwise.
        """

    def changer_mot_de_passe(
        self, compte: Compte, mot_de_passe: str, codes: Sequence[CodeEmis], evenement: Evenement
    ) -> None:
        """Replace the hash, spend the codes, end every session and lift the block of the identifiant, at once.

        Raises ``EtatInattendu`` when a code was spent or replaced meanwhile.
        """

    def modifier(
        self,
        compte_id: str,
        changements: Mapping[str, str],
        limites: Sequence[Limite],
        codes: Sequence[CodeEmis],
        evenements: Sequence[Evenement],
    ) -> None:
        """Change members of an active account, with the codes and events that this asks for.

        Raises ``LimiteAtteinte``, ``EtatInattendu``.
        """

    def confirmer(self, compte: Compte, code: CodeEmis, evenement: Evenement, maintenant: int) -> None:
        """Make the pending e-mail or phone (``code.usage``) the account's own.

        Raises ``EtatInattendu`` when it is no longer the pending one, or when the e-mail now belongs to another.
        """

    def fermer(self, compte: Compte, evenement: Evenement, maintenant: int) -> None:
        """Close the account: sessions dead, identifiant and e-mail free, identity erased.

        Its id stays for its demandes.
        """

    def a_veiller(self, jusqua: str) -> Iterator[str]:
        """The ids of the accounts to look at by ``jusqua`` (stored instant), oldest first, read as asked for."""

    def replanifier(self, compte: Compte, prochaine: str) -> None:
        """Look again at the account on ``prochaine``; raises ``EtatInattendu`` when it is no longer as read."""

    def prevenir(self, compte: Compte, evenement: Evenement, prevenu_le: str, prochaine: str) -> None:
        """Tell its holder, once, and look again on ``prochaine``.

        Raises ``EtatInattendu`` when he logged in, or it was told, since it was read.
        """

    def fermer_inutilise(self, compte: Compte, evenement: Evenement, maintenant: int) -> None:
        """As ``fermer``, if nobody logged in since it was read; raises ``EtatInattendu``."""

    def installer(self, compte: Compte) -> None:
        """Write an account as it is, with its unique keys (agents, whose accounts are not opened by themselves)."""


class Sessions(Protocol):
    """The open sessions and the password tries."""

    def session_du_jeton(self, jeton: str) -> Session | None:
        """The live session of a jeton. Forged or expired: None without a read; revoked: None after its one read."""

    def jeton(self, session: Session) -> str:
        """The signed jeton of a session."""

    def reserver_essai(self, identifiant: str, adresse: str, maintenant: int) -> None:
        """Count a password try before it is made, so that parallel tries cannot outrun the rule.

        Raises ``TropDeTentatives`` while the identifiant (existing or not) or the address must wait.
        """

    def compter_echec(self, adresse: str, maintenant: int) -> None:
        """Count one failure of the address."""

    def ouvrir(self, compte: Compte, session: Session, maintenant: int) -> None:
        """Open ``session`` and forget the tries, if the account still has the password just verified.

        At most ``SESSIONS_PAR_COMPTE`` at once: the oldest close. Raises ``EtatInattendu``.
        """

    def remplacer(self, ancienne: str, session: Session) -> None:
        """Open ``session`` in place of the session ``ancienne``, which dies.

        Raises ``EtatInattendu`` if it was dead.
        """

    def lire(self, compte_id: str, session_id: str) -> Session | None:
        """A session, live or expired; None once closed."""

    def fermer(self, compte_id: str, session_id: str) -> None:
        """Close a session; closing it twice changes nothing."""


class Secrets(Protocol):
    """Slow hashing of passwords and secret answers."""

    def hacher(self, secret: str) -> str:
        """A salted hash of ``secret``."""

    def verifier(self, hache: str | None, secret: str) -> bool:
        """Whether ``hache`` is that of ``secret``; with None the same work is done, and the answer is False."""


class AntiRobot(Protocol):
    """A proof of work, without picture (ALTCHA)."""

    def defi(self, maintenant: int) -> dict[str, str | int]:
        """A new challenge {algorithm, challenge, salt, maxnumber, signature}."""

    def verifier(self, reponse: str, maintenant: int) -> Defi:
        """The challenge that ``reponse`` solves, still to be spent; raises ``AntiRobotRefuse``."""
