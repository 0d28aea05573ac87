"""The one Lambda authorizer: it checks the jeton and reads its session, so that a revoked one is dead at once.

The policy it answers covers the API as a whole, since API Gateway caches it across routes; the role is checked in
each function (``chalicelib/http.py``) from the context given here, without a call (DESIGN §7).
"""

import os

from chalice import AuthResponse, Blueprint
from chalice.app import AuthRequest

from chalicelib.fonctions import Fonction
from chalicelib.temps import borne

bp = Blueprint(__name__)

FONCTION = Fonction(droits={"table:sessions": ("GetItem",)}, variables=("CLE_JETONS",), memoire=256)


@bp.authorizer(ttl_seconds=int(os.environ.get("AUTORISEUR_TTL", "60")))
def autoriseur(requete: AuthRequest) -> AuthResponse:
    """Allow the whole API to the holder of a live session; anything else becomes a 401 at the gateway."""
    from chalicelib import wiring

    genre, _, jeton = requete.token.partition(" ")
    with borne(FONCTION.delai):
        session = wiring.sessions().session_du_jeton(jeton.strip()) if genre.lower() == "bearer" else None
    if session is None:
        return AuthResponse(routes=[], principal_id="inconnu")
    return AuthResponse(
        routes=["*"],
        principal_id=session.compte_id,
        context={"session": session.session_id, "role": session.role, "autorites": ",".join(session.autorites)},
    )
