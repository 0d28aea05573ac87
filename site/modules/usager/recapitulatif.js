/** Step 7: one section per step, each with its pencil; the attestation; then the confirmation, once. */
import { appeler, nouvelleCle, Probleme } from "../api.js";
import { garderCopie, lireCopie, oublierCopie } from "../copie.js";
import { alerte, charge, datePartielle, euros, h, remplacer, trouver } from "../dom.js";
import { aLEnvoi, montrerErreur } from "../formulaire.js";
import { exigerSession } from "../session.js";
import { prefectures } from "./communes.js";
import { libelleDeLaPiece, nomDuRepresentant } from "./demande.js";
import { identifiantDemande, lienVers, montrerStepper, pageDEtape, retenir } from "./etape.js";

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
const id = identifiantDemande();
if (id) ouvrir();

async function ouvrir() {
  await exigerSession();
  try {
    const [lus, connues, recapitulatif] = await Promise.all([appeler("GET", "/api/motifs", { anonyme: true }), prefectures(), appeler("GET", `/api/demandes/${id}/recapitulatif`)]);
    motifs = lus;
    services = Object.values(connues);
    montrer(recapitulatif);
  } catch (faute) {
    const zone = trouver("[data-impossible]");
    remplacer(zone, alerte("error", "Le récapitulatif n'a pas pu être ouvert", faute.message, h("p", {}, h("a", { href: "/demandes/" }, "Mes demandes"))));
    zone.hidden = false;
    trouver("[data-corps-etape]").hidden = true;
  }
  charge();
}

function montrer(recapitulatif) {
  const { demande, sections, manques, doublons } = recapitulatif;
  if (demande.statut !== "brouillon") return void location.replace(`/demande/confirmation/#${id}`);
  retenir(demande);
  montrerStepper(demande, "recapitulatif");
  trouver("[data-precedente]").href = pageDEtape("paiement", id);
  remplacer(trouver("[data-sections]"), sections.flatMap((section) => enSections(section, demande)));
  montrerManques(manques);
  const zone = trouver("[data-doublons]");
  zone.hidden = doublons.length === 0;
  if (doublons.length > 0) remplacer(zone, alerte("warning", "Une demande est déjà en cours pour cette personne", "Vous pouvez tout de même confirmer celle-ci, si c'est bien ce que vous voulez.", h("p", {}, h("a", { href: "/demandes/" }, "Voir mes demandes"))));
}

function montrerManques(manques) {
  const zone = trouver("[data-manques]");
  zone.hidden = manques.length === 0;
  if (manques.length === 0) return;
  remplacer(
    zone,
    alerte(
      "warning",
      manques.length > 1 ? `Il manque ${manques.length} choses avant de pouvoir confirmer` : "Il manque une chose avant de pouvoir confirmer",
      h("ul", {}, manques.map(({ etape, champ, message }) => h("li", {}, message, " ", champ === "representant" ? h("a", { href: pageDEtape("representant", id) }, "Nommer le représentant légal") : lienVers(etape, id)))),
    ),
  );
}

function enSections({ etape, etat, donnees, modifiable }, demande) {
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

const formulaire = trouver("form[data-attestation]");
aLEnvoi(
  formulaire,
  async (saisi) => {
    // Kept until the answer: whatever happens to the network, this demande is confirmed once.
    const cle = lireCopie(`confirmation:${id}`) ?? nouvelleCle();
    garderCopie(`confirmation:${id}`, cle);
    try {
      return await appeler("POST", `/api/demandes/${id}/confirmation`, { corps: saisi, cle });
    } catch (faute) {
      if (faute instanceof Probleme) {
        oublierCopie(`confirmation:${id}`);
        if (faute.manques.length > 0) {
          montrerManques(faute.manques);
          montrerErreur(formulaire, "attestation", "Complétez d'abord ce qui manque.");
        }
      }
      throw faute;
    }
  },
  (confirmee) => {
    oublierCopie(`confirmation:${id}`);
    garderCopie(`confirmee:${id}`, confirmee);
    location.assign(`/demande/confirmation/#${id}`);
  },
);
