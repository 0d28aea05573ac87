"""The life of a demande as a table: which statut may follow which, and who holds the ball (DOMAIN §5)."""

from chalicelib.demande.erreurs import TransitionInterdite
from chalicelib.demande.modeles import Statut

S = Statut

SUIVANTS: dict[Statut, frozenset[Statut]] = {
    S.BROUILLON: frozenset({S.DEPOSEE, S.CLASSEE_SANS_SUITE, S.RETIREE}),
    S.DEPOSEE: frozenset({S.EN_CONTROLE, S.RETIREE}),
    S.EN_CONTROLE: frozenset({S.EN_INSTRUCTION, S.ATTENTE_PHOTO, S.SUSPENDUE, S.RETIREE}),
    S.ATTENTE_PHOTO: frozenset({S.EN_INSTRUCTION, S.CLASSEE_SANS_SUITE, S.RETIREE}),
    S.EN_INSTRUCTION: frozenset({S.SUSPENDUE, S.VALIDEE, S.REFUSEE, S.RETIREE}),
    S.SUSPENDUE: frozenset({S.EN_CONTROLE, S.EN_INSTRUCTION, S.CLASSEE_SANS_SUITE, S.RETIREE}),
    S.VALIDEE: frozenset({S.EN_PRODUCTION, S.RETIREE}),
    S.EN_PRODUCTION: frozenset({S.EXPEDIEE}),
    S.EXPEDIEE: frozenset({S.DISTRIBUEE, S.NON_DISTRIBUEE}),
    S.NON_DISTRIBUEE: frozenset({S.EXPEDIEE}),
    S.DISTRIBUEE: frozenset(),
    S.REFUSEE: frozenset(),
    S.CLASSEE_SANS_SUITE: frozenset(),
    S.RETIREE: frozenset(),
}

DETENTEURS: dict[Statut, str] = {
    S.BROUILLON: "usager",
    S.DEPOSEE: "ctn",
    S.EN_CONTROLE: "ctn",
    S.ATTENTE_PHOTO: "usager",
    S.EN_INSTRUCTION: "agent",
    S.SUSPENDUE: "usager",
    S.VALIDEE: "imprimeur",
    S.EN_PRODUCTION: "imprimeur",
    S.EXPEDIEE: "poste",
    S.NON_DISTRIBUEE: "usager",
    S.DISTRIBUEE: "personne",
    S.REFUSEE: "personne",
    S.CLASSEE_SANS_SUITE: "personne",
    S.RETIREE: "personne",
}

FINALS = frozenset({S.DISTRIBUEE, S.REFUSEE, S.CLASSEE_SANS_SUITE, S.RETIREE})
"""Nothing follows them."""

CHEZ_USAGER = frozenset({S.ATTENTE_PHOTO, S.SUSPENDUE, S.NON_DISTRIBUEE})
"""The usager must act: this time is his, and the delay clock leaves it out (DOMAIN §5)."""


def exiger_transition(de: Statut, vers: Statut) -> None:
    """Raise ``TransitionInterdite`` (with the current statut) unless the table lets ``de`` become ``vers``."""
    if vers not in SUIVANTS[de]:
        raise TransitionInterdite(de)
