/** A demande read again, one section per step, as the récapitulatif and the confirmation show it. */
import { appeler } from "../api.js";
import { datePartielle, euros, h } from "../dom.js";
import { prefectures } from "./communes.js";
import { libelleDeLaPiece, nomDuRepresentant } from "./demande.js";
import { pageDEtape } from "./etape.js";

const TITRES = {
  motif: "Motif de la demande du titre",
  etat_civil: "État civil de la personne concernée par le titre",
  adresse: "Adresse de la personne concernée par le titre",
  photo_signature: "Photo / Signature de la personne concernée par le titre",
  pieces: "Pièces Justificatives",
  paiement: "Paiement",
};
const PHOTOS = {
  code_attendu: "Code « photo numérique » à donner",
  en_activation: "Code donné, en cours d'activation (72 heures au plus)",
  valide: "Code « photo numérique » reconnu",
  talon: "Talon à envoyer par la poste",
  inconnu: "Code inconnu : à corriger",
  deja_utilise: "Code déjà utilisé : à remplacer",
  expire: "Code expiré : à remplacer",
  refuse: "Photo refusée : à remplacer",
};
const PAIEMENTS = { non_requis: "Rien à payer", a_payer: "À payer", en_attente: "Paiement en cours", reserve: "Timbre fiscal prêt", consomme: "Timbre fiscal utilisé", libere: "Timbre rendu", refuse: "Paiement refusé" };

let motifs = [];
let services = [];

/** The récapitulatif of the demande `id`, as the API gives it, and the words that its sections need. */
export async function lireRecapitulatif(id) {
  const [lus, connues, recapitulatif] = await Promise.all([appeler("GET", "/api/motifs", { anonyme: true }), prefectures(), appeler("GET", `/api/demandes/${id}/recapitulatif`)]);
  motifs = lus;
  services = Object.values(connues);
  return recapitulatif;
}

/** The sections of a récapitulatif that was read, open, each that can be changed with its pencil. */
export function enSections(sections, demande) {
  return sections.flatMap((une) => deLEtape(une, demande));
}

function deLEtape({ etape, etat, donnees, modifiable }, demande) {
  const { id } = demande;
  if (etape === "adresse") {
    const { email, telephone, reutilisation_donnees, ...lieu } = donnees ?? {};
    return [
      section(TITRES.adresse, pageDEtape(etape, id), etat, modifiable, [["Adresse", [[lieu.numero, lieu.extension, lieu.type_voie, lieu.nom_voie].filter(Boolean).join(" "), lieu.complement, [lieu.code_postal, lieu.commune].filter(Boolean).join(" ")]], ["Préfecture de rattachement", services.find(({ code }) => code === lieu.prefecture)?.libelle ?? lieu.prefecture]]),
      section("Coordonnées où l'on peut vous joindre", pageDEtape(etape, id), etat, modifiable, [["Adresse mél.", email], ["Téléphone portable", telephone], ["Réutilisation de mes données à des fins d'information", reutilisation_donnees === undefined ? null : reutilisation_donnees ? "Oui" : "Non"]]),
    ];
  }
  const lignes = {
    motif: () => [["Motif", motifs.find(({ code }) => code === demande.motif)?.phrase]],
    etat_civil: () => etatCivil(donnees ?? {}),
    photo_signature: () => [["Photo et signature", PHOTOS[donnees?.etat] ?? (donnees?.mode === "talon" ? PHOTOS.talon : "À fournir")]],
    pieces: () => parType((demande.pieces ?? []).filter(({ statut }) => statut !== "remplacee")),
    paiement: () => [["Montant", euros(donnees?.montant_centimes ?? 0)], ["État", PAIEMENTS[donnees?.etat]]],
  }[etape];
  const siennes = lignes ? [section(TITRES[etape], pageDEtape(etape, id), etat, modifiable, lignes())] : [];
  if (etape === "etat_civil" && demande.representant) siennes.push(section("Personne qui fait la demande", pageDEtape("representant", id), "complete", modifiable, [["Représentant", nomDuRepresentant(demande.representant)]]));
  return siennes;
}

/** One line for each type, with its files in order. */
function parType(pieces) {
  const types = new Map();
  for (const { type, nom_fichier, pages, statut } of [...pieces].sort((a, b) => a.rang - b.rang)) {
    const dit = `${nom_fichier} (${pages} page${pages > 1 ? "s" : ""})${statut === "valide" ? " – Document valide\u00a0✓" : ""}`;
    types.set(type, [...(types.get(type) ?? []), dit]);
  }
  return [...types].map(([type, fichiers]) => [libelleDeLaPiece(type) || "Autre pièce", fichiers]);
}

function etatCivil(donnees) {
  const lieu = donnees.lieu_naissance ?? {};
  return [
    ["Nom de naissance", donnees.nom_naissance],
    ["Nom d'usage", donnees.nom_usage],
    ["Prénoms", donnees.prenoms?.join(", ")],
    ["Sexe", { F: "Femme", M: "Homme" }[donnees.sexe]],
    ["Date de naissance", datePartielle(donnees.date_naissance)],
    ["Lieu de naissance", lieu.pays ? `${lieu.ville} (${lieu.pays})` : lieu.commune && `${lieu.commune} (${lieu.departement ?? ""})`],
    ["Numéro NEPH", donnees.neph],
    ["Numéro de dossier", donnees.numero_dossier],
  ];
}

function section(titre, page, etat, modifiable, lignes) {
  const dites = lignes.map(([nom, valeur]) => [nom, [valeur].flat().filter(Boolean)]).filter(([, valeurs]) => valeurs.length > 0);
  return h(
    "details",
    { open: true, class: "section-recapitulatif" },
    h("summary", {}, titre, { a_revoir: " – à revoir", vide: " – à remplir", brouillon: " – à terminer" }[etat] ?? ""),
    dites.length > 0 && h("dl", {}, dites.map(([nom, valeurs]) => [h("dt", {}, nom), valeurs.map((une) => h("dd", {}, une))])),
    dites.length === 0 && h("p", {}, "Rien pour le moment."),
    modifiable && h("a", { class: "fr-link fr-icon-edit-line fr-link--icon-left", href: page }, "Corriger", h("span", { class: "fr-sr-only" }, ` : ${titre}`)),
  );
}
