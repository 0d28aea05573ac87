"""The second act: an agent's day on the « vol » of the first act, until the card is in its owner's hands.

Everything told is read from the service and verified: what is not as its contract says raises ``Inattendu``.
"""

from io import BytesIO
from typing import Any

from PIL import Image

from demo import fichiers
from demo.client import Client, DelaiDepasse, Demande, Fichier, attendre, nouvelle_cle
from demo.guichet import MOT_DE_PASSE_LOCAL, Guichet
from demo.parcours import ETAT_CIVIL, Citoyen, Journal, verifier
from demo.relecture import relire
from demo.scene import PHOTO_ATTENDUE, TITRE, UN_COMPLEMENT, UN_MESSAGE, Evenement, Scene, heure, jour, ou_en_est

AGENT, OPERATEUR, AGENT_D_AILLEURS = "agent.543", "ctn.543", "agent.751"
PATIENCE_S = 5.0
"""How long the printer and the post are waited for, before this play speaks in their place."""

NOTE = "L'adresse de la facture se lit mal : à redemander."
MESSAGE = "Bonjour, habitez-vous toujours au 3 bis rue de la Poste ?"
REPONSE = "Oui, au 2e étage, porte gauche."
DEMANDE_DE_COMPLEMENT = "L'adresse de votre facture se lit mal : joignez un autre justificatif, bien lisible."

GENRES = {"forme": "même valeur, écrite autrement", "absent": "une seule des deux la donne"}


def jouer_la_suite(url: str, citoyen: Citoyen, demande: Demande, journal: Journal) -> None:
    """The whole second act, on the confirmed ``demande`` of ``citoyen``."""
    journal.partie(f"Second acte : la demande n° {demande['numero']} (vol), jusqu'à la remise du titre")
    scene = Scene(Client(url), citoyen, Guichet(url), Guichet(url), demande, journal)
    _controler(scene)
    _recevoir_la_photo(scene)
    _arriver_au_guichet(scene)
    _examiner(scene)
    _suspendre(scene)
    _completer(scene)
    _decider(scene)
    _fabriquer_et_remettre(scene)
    relire(scene)


def _controler(scene: Scene) -> None:
    """The operator judges what no machine can: here, the receipt of the theft and nothing else."""
    operateur, journal = scene.operateur, scene.journal
    journal.acte("Le CTN regarde ce qu'aucune machine ne lit")
    with journal.etape("connexion de l'opérateur") as note:
        session = operateur.ouvrir_session(OPERATEUR, MOT_DE_PASSE_LOCAL)
        note.texte = f"{session['prenom']} {session['nom']}, {OPERATEUR}"
    with journal.etape("pièces à contrôler") as note:
        dossier = attendre(
            lambda: operateur.dossier(scene.id), lambda lu: lu["demande"]["statut"] == "en_controle", "le contrôle"
        )
        doutes = {piece["type"]: piece["doute"] for piece in dossier["pieces"] if piece["statut"] == "a_verifier"}
        verifier(list(doutes) == ["recepisse_vol"], f"L'opérateur doit juger {sorted(doutes)}, pas le seul récépissé.")
        note.texte = f"1 sur {len(dossier['pieces'])} : {_piece(dossier, 'recepisse_vol')['libelle']}"
        note.suite.append(doutes["recepisse_vol"]["libelle"])
    with journal.etape("page 1 du récépissé, acceptée") as note:
        operateur.page(scene.id, _piece(dossier, "recepisse_vol")["piece_id"], 1)
        operateur.controler_les_pieces(scene.id)
        operateur.fermer_session()
        note.texte = "le contrôle se termine"


def _recevoir_la_photo(scene: Scene) -> None:
    usager, journal = scene.usager, scene.journal
    journal.acte("La photo arrive par la poste")
    with journal.etape("l'usager se reconnecte") as note:
        usager.ouvrir_session(scene.citoyen.identifiant, scene.citoyen.mot_de_passe)
        note.texte = ou_en_est(scene.attendre_le_statut("attente_photo"))
    with journal.etape("courriel et SMS : photo attendue") as note:
        # A notice that is no longer true when its turn comes is not sent: the talon waits for these two.
        scene.attendre_le_sms("photo")
        note.texte = scene.attendre_le_courriel(PHOTO_ATTENDUE)["objet"]
    with journal.etape("le talon arrive") as note:
        scene.agent.jouer_talon(scene.numero)
        note.texte = ou_en_est(scene.attendre_le_statut("en_instruction"))


def _arriver_au_guichet(scene: Scene) -> None:
    agent, journal = scene.agent, scene.journal
    journal.acte("L'agent prend la demande")
    with journal.etape("connexion de l'agent") as note:
        session = agent.ouvrir_session(AGENT, MOT_DE_PASSE_LOCAL)
        note.texte = f"{session['prenom']} {session['nom']}, {AGENT}"
    with journal.etape("sa corbeille") as note:
        avant = attendre(agent.corbeille, lambda lue: lue["a_prendre"]["nombre"] > 0, "une demande à prendre")
        note.texte = (
            f"{_compte(avant, 'a_prendre')} à prendre, {_compte(avant, 'miennes')} déjà prises, "
            f"{_compte(avant, 'en_retard')} en retard"
        )
    with journal.etape("« suivante » : la plus urgente") as note:
        note.texte = _prendre_la_suivante(scene, avant)
    with journal.etape("prise en charge") as note:
        tenue = agent.prendre(scene.id)
        attendre(agent.corbeille, lambda lue: scene.id in _miennes(lue), "la demande parmi les siennes")
        verifier(tenue["numero"] == scene.numero, "La demande prise en charge n'est pas celle demandée.")
        note.texte = f"tenue par {tenue['agent_nom']} jusqu'à {heure(tenue['bail_jusqua'])}"
    with journal.etape("un agent d'une autre préfecture") as note:
        ailleurs = Guichet(agent.url).entrer(AGENT_D_AILLEURS)
        lue = ailleurs.brut("GET", f"/api/instruction/demandes/{scene.id}")
        ailleurs.fermer_session()
        verifier(lue.status_code == 404, f"Un agent d'une autre préfecture a eu {lue.status_code}, pas 404.")
        note.texte = f"{AGENT_D_AILLEURS} : 404, cette demande n'existe pas pour lui"


def _prendre_la_suivante(scene: Scene, avant: dict[str, Any]) -> str:
    """Take the most urgent one; another than ours is given back at once. What it was, in words."""
    agent = scene.agent
    prise = agent.suivante()
    verifier(prise is not None, "La corbeille a des demandes à prendre, mais « suivante » n'en donne pas.")
    assert prise is not None
    # Those before it in the list just read were taken by somebody else meanwhile, or it was not the most urgent.
    lues = [ligne["id"] for ligne in avant["a_prendre"]["elements"]]
    devant = lues[: lues.index(prise["id"])] if prise["id"] in lues else lues
    restantes = {ligne["id"] for ligne in agent.corbeille()["a_prendre"]["elements"]}
    verifier(not restantes.intersection(devant), "« Suivante » n'a pas donné la demande la plus urgente.")
    if prise["id"] == scene.id:
        return f"n° {prise['numero']} : la nôtre"
    agent.rendre(prise["id"])
    return f"n° {prise['numero']}, plus urgente que la nôtre : rendue"


def _examiner(scene: Scene) -> None:
    agent, journal = scene.agent, scene.journal
    journal.acte("L'agent examine le dossier")
    with journal.etape("dossier, le SNPC en regard") as note:
        dossier = agent.dossier(scene.id)
        verifier((dossier["demande"]["agent"] or {}).get("de_moi"), "Le dossier ne dit pas que cet agent le tient.")
        verifier(dossier["photo"]["signee"], "Le dossier ne dit pas que la photo est arrivée.")
        photo = dossier["photo"]
        vue = bool(photo["image"]) and agent.telecharger(photo["image"]["url"]).startswith(b"\xff\xd8\xff")
        verifier(vue and not photo["conseils"], "Le dossier ne montre pas la photo, ou en dit autre chose que rien.")
        permis = _comparer(dossier, note.suite)
        note.texte = f"permis {permis['numero_dossier']} {permis['etat'].lower()}, {permis['points']} points"
        note.suite.append(f"Autres demandes en cours de la même personne : {len(dossier['doublons'])}")
    with journal.etape("page 1 du justificatif de domicile") as note:
        octets = agent.page(scene.id, _piece(dossier, "domicile")["piece_id"], 1)
        with Image.open(BytesIO(octets)) as page:
            note.texte = f"{page.format}, {page.width} × {page.height} pixels"
    with journal.etape("recherche « CORNEILLE pi »") as note:
        note.texte = _rechercher(scene)
    _noter(scene)
    _dialoguer(scene)


def _comparer(dossier: dict[str, Any], suite: list[str]) -> dict[str, Any]:
    """Tell where the SNPC and the demande are not written the same, none of it of substance; the SNPC's answer."""
    verifier(dossier["snpc_etat"] == "trouve", f"SNPC : {dossier['snpc_message']}")
    verifier(
        dossier["snpc"]["numero_dossier"] == ETAT_CIVIL["numero_dossier"],
        "Le SNPC a donné le dossier d'un autre conducteur.",
    )
    ecarts = [ecart for ecart in dossier["ecarts"] if ecart["genre"] != "identique"]
    genres = {ecart["champ"]: ecart["genre"] for ecart in ecarts}
    verifier(genres.get("nom_naissance") == "forme", "« Corneille » et « CORNEILLE » ne sont pas dits d'égale valeur.")
    verifier("different" not in genres.values(), "Le dossier voit une différence de fond là où il n'y en a pas.")
    suite += ["Au SNPC / dans la demande :"]
    suite += [
        f"- {ecart['libelle']} : {ecart['snpc'] or 'rien'} / {ecart['demande'] or 'rien'} ({GENRES[ecart['genre']]})"
        for ecart in ecarts
    ]
    snpc: dict[str, Any] = dossier["snpc"]
    return snpc


def _rechercher(scene: Scene) -> str:
    criteres = {"nom": "CORNEILLE pi", "date_naissance": ETAT_CIVIL["date_naissance"], "motif": "vol"}
    trouvees = attendre(
        lambda: scene.agent.chercher(**criteres, statut="en_instruction", tri="-date_demande"),
        lambda lues: any(ligne["id"] == scene.id for ligne in lues),
        "la demande dans la recherche",
    )
    verifier(
        all((ligne["motif"], ligne["statut"]) == ("vol", "en_instruction") for ligne in trouvees),
        "La recherche a donné des demandes qui ne répondent pas aux critères.",
    )
    rang = [ligne["id"] for ligne in trouvees].index(scene.id)
    return f"{_ordinal(rang)} sur {len(trouvees)} (né en 1956, vol, en instruction)"


def _noter(scene: Scene) -> None:
    agent, usager = scene.agent, scene.usager
    with scene.journal.etape("note interne") as note:
        agent.agir(scene.id, "notes", {"texte": NOTE}, cle=nouvelle_cle())
        verifier(agent.notes(scene.id)[-1]["texte"] == NOTE, "La note interne ne se relit pas.")
        vues = [usager.brut("GET", f"/api/demandes/{scene.id}{suite}").text for suite in ("", "/suivi", "/messages")]
        verifier(not any(NOTE in vue for vue in vues), "L'usager peut lire une note interne.")
        note.texte = f"« {NOTE} »"
        note.suite = ["Elle n'est ni dans la demande, ni dans le suivi, ni dans les messages que lit l'usager."]


def _dialoguer(scene: Scene) -> None:
    agent, usager, journal = scene.agent, scene.usager, scene.journal
    with journal.etape("message à l'usager") as note:
        agent.agir(scene.id, "messages", {"texte": MESSAGE}, cle=nouvelle_cle())
        annonce = scene.attendre_le_courriel(UN_MESSAGE)
        verifier(MESSAGE not in annonce["texte"], "Le courriel montre le message de l'agent.")
        note.texte = f"« {MESSAGE} »"
        note.suite = ["Un courriel l'annonce à l'usager, sans le montrer."]
    with journal.etape("l'usager répond") as note:
        recu = usager.messages(scene.id)[-1]
        verifier(recu["texte"] == MESSAGE, "L'usager ne lit pas le message de l'agent.")
        verifier("Guichet" not in recu["auteur"], "L'usager lit le nom de l'agent.")
        usager.ecrire(scene.id, REPONSE, nouvelle_cle())
        note.texte = f"« {REPONSE} »"
        note.suite = [f"Il a lu le message comme venant de : {recu['auteur']}."]
    with journal.etape("l'agent lit la réponse") as note:
        attend = agent.dossier(scene.id)["messages"]
        lu = agent.messages(scene.id)[-1]
        verifier(lu["texte"] == REPONSE and lu["de"] == "usager", "L'agent ne lit pas la réponse de l'usager.")
        verifier(attend["attend_reponse_depuis"], "Le dossier ne dit pas qu'un message de l'usager est sans réponse.")
        note.texte = f"{attend['nombre']} messages"


def _suspendre(scene: Scene) -> None:
    agent, usager, journal = scene.agent, scene.usager, scene.journal
    journal.acte("Il manque un justificatif lisible")
    with journal.etape("suspension du justificatif") as note:
        domicile = _piece(agent.dossier(scene.id), "domicile")
        voulue = {
            "elements": [{"cible": domicile["piece_id"], "motif": "illisible"}],
            "message": DEMANDE_DE_COMPLEMENT,
        }
        faite = agent.agir(scene.id, "suspension", voulue)
        verifier(faite["statut"] == "suspendue", f"Après la suspension la demande est dite « {faite['statut']} ».")
        note.texte = "justificatif de domicile : illisible"
        note.suite = [f"« {DEMANDE_DE_COMPLEMENT} »"]
    with journal.etape("le suivi de l'usager le dit") as note:
        suivi = scene.attendre_le_statut("suspendue")
        attendu = suivi["complement"] or {"elements": [], "message": ""}
        verifier(
            suivi["detenteur"] == "usager" and suivi["echeance"], "Le suivi ne dit ni à qui c'est, ni jusqu'à quand."
        )
        verifier(attendu["message"] == DEMANDE_DE_COMPLEMENT, "Le suivi ne montre pas le message de l'agent.")
        verifier(len(attendu["elements"]) == 1, "Le suivi ne montre pas le seul élément demandé.")
        note.texte = f"{ou_en_est(suivi)}, à répondre avant {jour(suivi['echeance'])}"
        note.suite = [f"{element['libelle']} : {element['raison']}" for element in attendu["elements"]]
    with journal.etape("courriel et SMS : complément") as note:
        scene.attendre_le_sms("complément")
        note.texte = scene.attendre_le_courriel(UN_COMPLEMENT)["objet"]
    with journal.etape("rien d'autre ne s'ouvre") as note:
        autre = {"type": "identite", "nom_fichier": "carte.jpg", "taille": 1000, "mime": "image/jpeg"}
        refus = usager.brut("POST", f"/api/demandes/{scene.id}/pieces", autre)
        verifier(refus.status_code == 422, f"Une pièce qui n'est pas demandée a eu {refus.status_code}, pas 422.")
        note.texte = "une autre pièce d'identité est refusée (422)"


def _completer(scene: Scene) -> None:
    agent, usager, journal = scene.agent, scene.usager, scene.journal
    with journal.etape("l'usager joint une quittance") as note:
        nouveau = Fichier("quittance.png", "image/png", fichiers.quittance_png())
        controle = usager.joindre(scene.id, "domicile", nouveau)
        verifier(controle["statut"] == "valide", f"{nouveau.nom} est dit « {controle['statut']} ».")
        note.texte = f"{nouveau.nom} : {controle['pages']} page, {len(nouveau.octets) / 1024:.0f} Ko"
    with journal.etape("il envoie son complément") as note:
        usager.completer(scene.id)
        note.texte = ou_en_est(scene.attendre_le_statut("en_instruction"))
    with journal.etape("en tête chez le même agent") as note:
        corbeille = attendre(agent.corbeille, lambda lue: scene.id in _miennes(lue), "le retour chez le même agent")
        lignes = corbeille["miennes"]["elements"]
        rang = _miennes(corbeille).index(scene.id)
        # Only what came back before it may stand before it: another run of this play, stopped on its way.
        verifier(
            all(ligne["a_traiter_avant"] is None for ligne in lignes[: rang + 1]),
            "La demande complétée n'est pas revenue en tête de la corbeille.",
        )
        note.texte = f"{_ordinal(rang)} sur {_compte(corbeille, 'miennes')}"
    with journal.etape("dossier : l'ancien et le nouveau") as note:
        domiciles = [piece for piece in agent.dossier(scene.id)["pieces"] if piece["type"] == "domicile"]
        ancien, courant = [[p for p in domiciles if p["courante"] is vrai] for vrai in (False, True)]
        verifier(
            len(ancien) == 1 and len(courant) == 1, "Le dossier ne montre pas l'ancien justificatif et le nouveau."
        )
        verifier(ancien[0]["remplacee_par"] == [courant[0]["piece_id"]], "L'ancien justificatif ne dit pas par quoi.")
        note.texte = (
            f"{ancien[0]['nom_fichier']} (illisible), remplacé par {courant[0]['nom_fichier']} ({courant[0]['statut']})"
        )


def _decider(scene: Scene) -> None:
    agent, journal = scene.agent, scene.journal
    journal.acte("L'agent décide, le titre est fait et remis")
    with journal.etape("validation") as note:
        version = agent.dossier(scene.id)["demande"]["version"]
        validee = agent.agir(scene.id, "validation", {}, si_version=version)
        verifier(validee["statut"] == "validee", f"Après la validation la demande est dite « {validee['statut']} ».")
        note.texte = f"sur la version {version} du dossier, celle qu'il a lue"
    with journal.etape("commande chez l'imprimeur") as note:
        commandes = attendre(lambda: agent.commandes(scene.numero), bool, "la commande du titre")
        verifier(len(commandes) == 1, f"L'imprimeur a reçu {len(commandes)} commandes pour un titre.")
        note.texte = f"1 commande, n° {commandes[0]['numero']}"


def _fabriquer_et_remettre(scene: Scene) -> None:
    """What printer and post do by themselves; or played here, when they wait to be told (PERMIS_SIMULATEURS=manuel)."""
    patience = PATIENCE_S
    for attendu in TITRE:
        with scene.journal.etape(attendu.nom) as note:
            if _arrive(scene, attendu, patience):
                note.texte = f"{attendu.qui} : annoncé par le simulateur, de lui-même"
            else:
                patience = 0
                _jouer(scene, attendu)
                note.texte = f"{attendu.qui} : simulateur muet, annoncé ici par /dev/production"
            if attendu.code not in _dits(scene):
                note.texte = f"{attendu.qui} : rien n'en est dit, la suite est arrivée d'abord"
    suivi = scene.usager.suivi(scene.id)
    verifier(suivi["statut"] == "distribuee", f"À la fin la demande est dite « {suivi['statut']} ».")


def _arrive(scene: Scene, attendu: Evenement, patience: float) -> bool:
    """Whether it, or what follows it, comes by itself."""
    try:
        attendre(lambda: _dits(scene), lambda lus: _atteint(lus, attendu), attendu.nom, delai_s=patience)
    except DelaiDepasse:
        return False
    return True


def _jouer(scene: Scene, attendu: Evenement) -> None:
    scene.agent.jouer_titre(scene.numero, attendu.evenement)
    attendre(lambda: _dits(scene), lambda lus: _atteint(lus, attendu), attendu.nom)
    if attendu.objet:
        # A mail that is no longer true when its turn comes is not sent: each is waited for.
        scene.attendre_le_courriel(attendu.objet)


def _dits(scene: Scene) -> list[str]:
    """The events that the usager reads."""
    return [evenement["evenement"] for evenement in scene.usager.suivi(scene.id)["evenements"]]


def _atteint(lus: list[str], attendu: Evenement) -> bool:
    """Whether the card is there, or further on."""
    return any(suivant.code in lus for suivant in TITRE[TITRE.index(attendu) :])


def _piece(dossier: dict[str, Any], type_: str) -> dict[str, Any]:
    """The current pièce of this type (the first file of it)."""
    return next(piece for piece in dossier["pieces"] if piece["type"] == type_ and piece["courante"])


def _miennes(corbeille: dict[str, Any]) -> list[str]:
    return [ligne["id"] for ligne in corbeille["miennes"]["elements"]]


def _compte(corbeille: dict[str, Any], liste: str) -> str:
    return f"{corbeille[liste]['nombre']}{'+' if corbeille[liste]['et_plus'] else ''}"


def _ordinal(rang: int) -> str:
    return "1re" if rang == 0 else f"{rang + 1}e"
