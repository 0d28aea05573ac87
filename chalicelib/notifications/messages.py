"""Every text sent to people, by mail and by SMS: these tables are the only list of what is told, and of what is not.

A type without an entry has no notice on that channel; one that has none at all is in ``TUS``. All that the usager must
know has a mail; an SMS is for what asks him something or says when. A mail's subject and an SMS carry no identity data,
nor the numéro of the demande: they show on a locked screen. An SMS fits 160 GSM-7 characters, checked by its sender.
"""

from collections.abc import Callable, Mapping

from chalicelib.demande.notifications import Courriel
from chalicelib.notifications import textes_comptes, textes_demandes, textes_titres
from chalicelib.notifications.redaction import Dossier

MAILS: Mapping[str, Callable[[Dossier], Courriel | None]] = {
    **textes_comptes.MAILS,
    **textes_demandes.MAILS,
    **textes_titres.MAILS,
}

SMS: Mapping[str, Callable[[Dossier], str | None]] = {
    **textes_comptes.SMS,
    **textes_demandes.SMS,
    **textes_titres.SMS,
}

TUS = frozenset(
    {
        "ControleCommence",  # the mail of the deposit announced it
        "PiecesControlees",  # what is missing is asked by a suspension
        "PhotoChangee",  # he has just given it, and reads there what comes next
        "TitreProduit",  # its sending is told
        "AffectationChangee",  # a matter of the agents
        "MessageUsager",  # he has just written it
    }
)
"""The events that nobody is told of, on purpose."""
