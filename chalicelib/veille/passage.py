"""One run of a watch: while there is time, then told in counts, and failed when something could not be looked at."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from chalicelib.observabilite import compter, journal_technique, publier_metriques

MARGE_MS = 15_000
"""What the last one looked at may take: two answers of a remote system would not come in less."""


class VeilleIncomplete(Exception):
    """Some could not be looked at: the rest was, and these come first at the next run."""


def tourner(
    titre: str,
    nom: str,
    contexte: Any,
    veiller: Callable[[Callable[[], bool]], Counter[str]],
    incomplete: type[Exception] = VeilleIncomplete,
) -> dict[str, int]:
    """Run ``veiller``, given what says whether there is time for one more, and answer its counts.

    They are measured as ``<nom>_<count>`` and logged under ``titre``. Raises ``incomplete`` when some were ``erreurs``.
    """
    try:
        comptes = veiller(lambda: contexte.get_remaining_time_in_millis() > MARGE_MS)
        for compte, nombre in comptes.items():
            compter(f"{nom}_{compte}", nombre)
        journal_technique.info(titre, extra={"comptes": dict(comptes)})
        if comptes["erreurs"]:
            raise incomplete(f"{titre} : {comptes['erreurs']} en échec")
        return dict(comptes)
    finally:
        publier_metriques()
