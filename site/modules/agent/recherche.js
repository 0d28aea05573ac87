/** « Recherche globale »: the criteria stay in this tab, never in an address; a link to a search carries only its id. */
import { appeler } from "../api.js";
import { alerte, annoncer, charge, dateHeure, datePartielle, h, jour, remplacer, trouver } from "../dom.js";
import { aLEnvoi, effacerErreurs, lire, montrerRefus, remplir } from "../formulaire.js";
import { MOTIFS_COURTS } from "../referentiel.js";
import { ouvrirDialogue } from "../session.js";
import { monterAffectation } from "./affecter.js";
import { direLaFaute, exigerAgent, lienDe, listeDesDemandes, resumeErreurs, tableau } from "./commun.js";

const CLE = "recherche-agent";
const ouverte = await exigerAgent("agent", "chef");
const formulaire = trouver("#recherche");
const zone = trouver("#resultats");
const precedente = trouver("#precedente");
const suivante = trouver("#page-suivante");
const affectation = ouverte.profil === "chef" && monterAffectation(trouver("#affecter"), () => allerA(curseurs));

/** What is looked for, and the curseurs of the pages seen, the last being the one shown. */
let criteres = {};
let curseurs = [null];
let suite = null;

function criteresSaisis() {
  const saisis = lire(formulaire);
  // A year that is no number is for the API to refuse.
  if (/^\d+$/.test(saisis.annee ?? "")) saisis.annee = Number(saisis.annee);
  return saisis;
}

function demander(curseur) {
  return appeler("POST", "/api/instruction/recherches", { corps: curseur ? { ...criteres, curseur } : criteres });
}

function montrer(page) {
  suite = page.curseur;
  const colonnes = [...(affectation ? ["Choisir"] : []), "N° Dossier", "Nom", "Prénom", "Date Naissance", "Sexe", "N° Demande", "Date Demande", "Motif", "Voir"];
  const lignes = page.elements.map((une) => [
    ...(affectation ? [affectation.caseDe(une)] : []),
    une.numero_dossier ?? "",
    une.nom,
    une.prenom,
    datePartielle(une.date_naissance),
    une.sexe,
    une.numero,
    jour(une.date_demande),
    MOTIFS_COURTS[une.motif],
    h("a", { href: lienDe(ouverte, une.id), "aria-label": `Voir la demande ${une.numero}` }, "Voir"),
  ]);
  const partiel = page.partiel && alerte("info", null, "Cette page est incomplète : la recherche a beaucoup à parcourir. Continuez avec « Page suivante ».");
  const vide = page.partiel ? "Aucune demande trouvée jusqu'ici." : "Aucune demande ne répond à ces critères.";
  remplacer(trouver("#lignes"), partiel, lignes.length > 0 ? tableau("Demandes trouvées", colonnes, lignes) : h("p", {}, vide));
  if (affectation) affectation.oublier();
  precedente.hidden = curseurs.length < 2;
  suivante.hidden = !suite;
  zone.hidden = false;
  annoncer(`Page ${curseurs.length} : ${lignes.length} demande${lignes.length > 1 ? "s" : ""}.`);
  sessionStorage.setItem(CLE, JSON.stringify({ criteres, curseurs }));
}

async function allerA(voulus) {
  try {
    const page = await demander(voulus.at(-1));
    curseurs = voulus;
    montrer(page);
    trouver("h2", zone).focus();
  } catch (faute) {
    direLaFaute(faute);
  }
}

function reprendre(voulus) {
  criteres = Object.fromEntries(Object.entries(voulus).filter(([, valeur]) => valeur !== null));
  formulaire.reset();
  remplir(formulaire, criteres);
}

async function ouvrirLaPartagee(id) {
  const partagee = await appeler("GET", `/api/instruction/recherches-enregistrees/${encodeURIComponent(id)}`);
  reprendre(partagee.criteres);
  if (partagee.nom) remplacer(trouver("[data-avis]"), h("p", {}, "Recherche partagée : ", h("strong", {}, partagee.nom)));
  montrer(await demander(null));
}

function partager() {
  effacerErreurs(formulaire);
  const nom = h("input", { class: "fr-input", id: "nom-recherche", name: "nom", maxlength: 100, "aria-describedby": "nom-recherche-messages" });
  const groupe = h(
    "div",
    { class: "fr-input-group", "data-champ": "nom" },
    h("label", { class: "fr-label", for: "nom-recherche" }, "Nom de la recherche", h("span", { class: "fr-hint-text" }, "Facultatif.")),
    nom,
    h("div", { class: "fr-messages-group", id: "nom-recherche-messages", "aria-live": "polite" }),
  );
  const aEnvoyer = h("form", {}, resumeErreurs(), h("p", {}, "Le lien s'ouvre par les agents de votre autorité. Il ne contient aucun critère."), groupe, h("button", { class: "fr-btn", type: "submit" }, "Créer le lien"));
  ouvrirDialogue("Partager cette recherche", aEnvoyer);
  const envoyer = (saisi) => appeler("POST", "/api/instruction/recherches-enregistrees", { corps: { ...saisi, criteres: criteresSaisis() } });
  aLEnvoi(aEnvoyer, envoyer, (gardee) => {
    const lien = h("input", { class: "fr-input", id: "lien", readonly: true, value: `${location.origin}/agent/recherche/#r=${gardee.id}` });
    const copier = async () => {
      lien.select();
      await navigator.clipboard?.writeText(lien.value);
      annonce.textContent = "Lien copié.";
    };
    const annonce = h("p", { role: "status" });
    remplacer(aEnvoyer, h("label", { class: "fr-label", for: "lien" }, "Lien à transmettre"), lien, h("p", { class: "fr-mt-1w" }, `Il s'ouvre jusqu'au ${dateHeure(gardee.expire_le)}.`), h("button", { class: "fr-btn", type: "button", onclick: copier }, "Copier le lien"), annonce);
    lien.focus();
  });
}

aLEnvoi(
  formulaire,
  () => {
    criteres = criteresSaisis();
    return demander(null);
  },
  (page) => {
    curseurs = [null];
    // What was opened by a link is left once another search is made.
    if (location.hash) history.replaceState(null, "", location.pathname);
    remplacer(trouver("[data-avis]"));
    montrer(page);
    trouver("h2", zone).focus();
  },
);
suivante.addEventListener("click", () => allerA([...curseurs, suite]));
precedente.addEventListener("click", () => allerA(curseurs.slice(0, -1)));
trouver("#partager").addEventListener("click", partager);
trouver("#effacer").addEventListener("click", () => {
  formulaire.reset();
  effacerErreurs(formulaire);
  sessionStorage.removeItem(CLE);
  zone.hidden = true;
});

trouver("h2", zone).textContent = listeDesDemandes(ouverte);
try {
  const gardees = JSON.parse(sessionStorage.getItem(CLE) ?? "null");
  if (location.hash.startsWith("#r=")) await ouvrirLaPartagee(location.hash.slice(3));
  else if (gardees) {
    reprendre(gardees.criteres);
    curseurs = gardees.curseurs;
    montrer(await demander(curseurs.at(-1)));
  }
} catch (faute) {
  montrerRefus(formulaire, faute);
}
charge();
window.addEventListener("hashchange", () => location.reload());
