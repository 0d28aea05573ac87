/** The pièces one by one, with what was found of each, and the photo and signature. */
import { dateHeure, h, remplacer, tous, trouver } from "../../dom.js";
import { raisonDuDoute, remarqueDuControle } from "../doute.js";
import { definitions, tableDeLignes } from "./lignes.js";
import { ETATS_PHOTO, STATUTS_PIECE } from "./mots.js";
import { montrerLaVisionneuse, montrerPiece } from "./visionneuse.js";

const LARGEUR_PHOTO = 245;

/** Every version of every pièce; types of which there is none are lines only to be pointed at. */
export function montrerPieces(chemin, pieces) {
  const fichiers = new Map(pieces.map((piece) => [piece.piece_id, piece.nom_fichier]));
  const deposees = new Set(pieces.filter(({ courante }) => courante).map(({ type }) => type));
  const absentes = tous("template[data-type-piece]")
    .filter(({ dataset }) => !deposees.has(dataset.typePiece))
    .map(({ dataset }) => ({ cible: dataset.typePiece, genre: "manquante", libelle: dataset.libelle, cellules: ["aucune déposée"], seule: true }));
  const lignes = pieces.map((piece) => ({ cible: piece.courante ? piece.piece_id : null, genre: "piece", libelle: `${piece.libelle} (${piece.nom_fichier})`, contenu: nom(piece), cellules: [etat(piece, fichiers)] }));
  remplacer(trouver("[data-pieces]"), tableDeLignes("Pièces de la demande", ["Pièce", "État"], [...lignes, ...absentes]));
  montrerLaVisionneuse(chemin, pieces);
}

function nom(piece) {
  const voir = h("button", { class: "fr-btn fr-btn--tertiary-no-outline fr-btn--sm dossier-voir", type: "button", onclick: () => montrerPiece(piece.piece_id) }, h("span", { class: "fr-sr-only" }, "Voir : "), piece.libelle, !piece.courante && " (version remplacée)");
  return h("span", {}, piece.pages > 0 ? voir : piece.libelle, h("span", { class: "dossier-fichier" }, `${piece.nom_fichier}, ${piece.pages} page${piece.pages > 1 ? "s" : ""}`));
}

function etat(piece, fichiers) {
  const successeurs = piece.remplacee_par.map((un) => fichiers.get(un)).filter(Boolean);
  const phrases = [successeurs.length > 0 && `par ${successeurs.join(", ")}`, piece.refus, ...piece.pages_refusees.map(({ libelle }) => libelle), ...piece.anomalies.map(remarqueDuControle)].filter(Boolean);
  return h("span", {}, h("span", { class: ["refusee", "invalide"].includes(piece.statut) ? "ecart-different" : null }, STATUTS_PIECE[piece.statut]), phrases.map((phrase) => h("span", { class: "ecart-explication" }, phrase)), raisonDuDoute(piece));
}

/** What came with them, and what a machine says of it; without an image, the base shows its own by the code. */
export function montrerPhoto({ mode, etat: ou, code, recue_le, signee, image, conseils }) {
  remplacer(
    trouver("[data-photo]"),
    tableDeLignes("Photo et signature", ["Élément", "État"], [{ cible: "photo_signature", genre: "photo", libelle: "Photo et signature", cellules: [etatDeLaPhoto(ou, conseils)] }]),
    h("div", { class: "dossier-photo" }, image && portrait(image), definitions([["Moyen", { talon: "Talon papier", numerique: "Code « photo numérique »" }[mode]], ["Code", code], ["Reçue le", recue_le && dateHeure(recue_le)], ["Demande signée", signee ? "OUI" : "NON"]])),
  );
}

function etatDeLaPhoto(etat, conseils) {
  const phrases = [...conseils.map(({ message }) => message), conseils.length > 0 && "Ces conseils sont automatiques : c'est vous qui décidez."].filter(Boolean);
  return h("span", {}, ETATS_PHOTO[etat] ?? "non choisie", phrases.map((phrase) => h("span", { class: "ecart-explication" }, phrase)));
}

/** Its link is short-lived: one that has ended leads to a page read again. */
function portrait({ url, largeur, hauteur }) {
  const legende = h("figcaption", { class: "fr-text--xs fr-mb-0" }, `Photo reçue, ${largeur} × ${hauteur} points`);
  const nonAffichee = () => image.replaceWith(h("p", { class: "fr-text--sm fr-mb-0" }, "La photo n'a pas pu être affichée : rechargez la page."));
  const image = h("img", { src: url, alt: "Photo d'identité reçue", width: LARGEUR_PHOTO, height: Math.round((LARGEUR_PHOTO * hauteur) / largeur), onerror: nonAffichee });
  return h("figure", {}, image, legende);
}
