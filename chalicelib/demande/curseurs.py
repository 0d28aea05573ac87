"""The cursors of the pages: a position in a list, written so that it may travel in a URL, and read back safely."""

import base64
import re

from pydantic import AfterValidator

CURSEUR_INCONNU = "Ce curseur n'est pas l'un des nôtres : reprenez la liste depuis le début."


def ecrire_curseur(position: str | None) -> str | None:
    """What a page gives so that the next one can be asked; None on the last page."""
    return base64.urlsafe_b64encode(position.encode()).decode() if position is not None else None


def position_de(motif: re.Pattern[str]) -> AfterValidator:
    """Have a field be read as the position that its cursor stands for; what ``motif`` does not match is refused."""

    def lire(curseur: str) -> str:
        try:
            position = base64.b64decode(curseur, altchars=b"-_", validate=True).decode("ascii")
        except ValueError:
            raise ValueError(CURSEUR_INCONNU) from None
        if not motif.fullmatch(position):
            raise ValueError(CURSEUR_INCONNU)
        return position

    return AfterValidator(lire)
