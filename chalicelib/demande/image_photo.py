"""The image that comes with a photo: which one an agent is shown, and what a machine says of it in his words.

A photo is 35 × 45 mm, the face 32 to 36 mm of it, on a plain light background that is not white (arrêté du 5 février
2009, ISO/IEC 19794-5). All is advice: an agent decides.
"""

from chalicelib.demande.modeles import Anomalie, Demande, ImagePhoto

_TETE = "du menton au sommet du crâne, il doit faire 32 à 36\u00a0mm sur les 45\u00a0mm de la photo"

CONSEILS = {
    "photo_illisible": (
        "L'image reçue avec la photo n'a pas pu être lue : regardez la photo sur le talon, ou dans la base e-photo."
    ),
    "photo_rapport": (
        "Les proportions ne sont pas celles d'une photo d'identité, 35\u00a0mm de large sur 45\u00a0mm de haut : "
        "vérifiez qu'elle n'est ni coupée ni déformée."
    ),
    "photo_petite": (
        "L'image a peu de points ({largeur} × {hauteur}), alors qu'il en faut environ 413 × 531 : vérifiez que le "
        "visage reste net une fois imprimé."
    ),
    "photo_sans_visage": (
        "Aucun visage n'a été reconnu : vérifiez qu'il est de face, tête nue, bien éclairé et sans ombre."
    ),
    "photo_plusieurs_visages": (
        "Plusieurs visages paraissent sur la photo : vérifiez que la personne y est seule, sans motif derrière elle."
    ),
    "photo_visage_petit": f"Le visage paraît trop petit : {_TETE}.",
    "photo_visage_grand": f"Le visage paraît trop grand : {_TETE}.",
    "photo_decentree": "Le visage ne paraît pas au milieu : vérifiez que la tête est entière et de face.",
    "photo_yeux": (
        "Les deux yeux n'ont pas été reconnus : vérifiez qu'ils sont ouverts et bien visibles, sans reflet sur les "
        "lunettes ni cheveux devant."
    ),
    "photo_penchee": "La tête paraît penchée : les deux yeux doivent être à la même hauteur.",
    "photo_fond": "Le fond ne paraît pas uni : il doit être clair, sans motif ni ombre.",
    "photo_fond_sombre": "Le fond paraît sombre : il doit être clair, par exemple gris clair ou bleu clair.",
    "photo_fond_blanc": (
        "Le fond paraît blanc : il doit être clair sans être blanc, par exemple gris clair ou bleu clair."
    ),
    "photo_floue": "Le visage paraît flou : vérifiez que ses traits se distinguent.",
}

ILLISIBLE = "photo_illisible"


def image_montree(demande: Demande) -> ImagePhoto | None:
    """The image of the photo that counts, or of the one that a suspension asks again; None when there is none.

    The image of another photo, which a later one has replaced, is not shown.
    """
    image, suspension = demande.photo_image, demande.suspension
    venues = {demande.photo_recue_le, suspension.photo_recue_le if suspension else None}
    return image if image is not None and image.recue_le in venues else None


def conseils(image: ImagePhoto) -> list[Anomalie]:
    """The advice about ``image``, in words."""
    valeurs = {"largeur": image.largeur, "hauteur": image.hauteur}
    return [
        Anomalie(code=code, message=CONSEILS[code].format(**valeurs), gravite="conseil")
        for code in image.conseils
        if code in CONSEILS
    ]
