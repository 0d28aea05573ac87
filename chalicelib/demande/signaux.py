"""Telling the machine that a demande has moved on: once, whatever is lost or doubled on the way.

A wait and a signal meet on one item (``Reprise``): whichever comes second sees the other. A signal that is not heard
leaves its mark on the demande, which the reconciler finds.
"""

from datetime import datetime
from typing import Literal

from chalicelib.demande.machine import a_commander, point
from chalicelib.demande.modeles import Demande
from chalicelib.demande.ports import Demandes
from chalicelib.demande.ports_machine import JetonPerime, Machine, Reprises

ESSAIS = 3
"""How many tokens are tried, each parked while the one before died."""

Effet = Literal["entendu", "annonce", "perime"]


def signaler(
    demande: Demande, demandes: Demandes, reprises: Reprises, machine: Machine, maintenant: datetime, jour_s: float
) -> Effet:
    """Tell the execution that follows ``demande`` where it now is.

    ``annonce``: the execution is between two waits, and will see the word left for it. ``perime``: the same, but its
    last token is dead. A signal after which an order is placed keeps its mark: the order's own write takes it off
    (``Demandes.noter_commande``), so that one write less is paid, and an order that does not leave is seen.
    """
    reprise, mort = reprises.lire(demande.id), False
    if not reprise.attend(demande):
        reprise = reprises.annoncer(demande)
    for _ in range(ESSAIS):
        if not reprise.attend(demande) or reprise.jeton is None:
            break
        try:
            machine.signaler(reprise.jeton, point(demande, maintenant, jour_s))
        except JetonPerime:
            # Its wait has just ended by time: the word is left for the next one, which may have begun already.
            suivante, mort = reprises.annoncer(demande), True
            if suivante.jeton == reprise.jeton:
                break
            reprise = suivante
            continue
        if not a_commander(demande):
            demandes.signal_entendu(demande)
        return "entendu"
    return "perime" if mort else "annonce"
