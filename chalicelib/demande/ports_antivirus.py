"""The scan of what people send. It fails closed: nothing but a clear « nothing found » lets a file through."""

from typing import Literal, Protocol

from chalicelib.demande.modeles import Piece

Analyse = Literal["saine", "infectee", "refusee", "en_cours"]


class AntiVirus(Protocol):
    """A scanner of files. It may take its time: the same question is asked again until it has an answer."""

    def analyser(self, piece: Piece, octets: bytes) -> Analyse:
        """What the scanner says of ``octets``, posted for ``piece``; ``en_cours`` while it has not said, ``refusee``
        when it never will: it cannot read such a file.

        Raises ``ServiceIndisponible`` when it cannot tell: down, too slow, or an answer that is not understood.
        """
        ...
