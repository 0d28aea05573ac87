/** The CTN: each pièce that no machine judges, page by page, accepted or refused; then the next demande. */
import { appeler, enClair, Probleme } from "../api.js";
import { alerte, charge, h, remplacer, tous, trouver } from "../dom.js";
import { aLEnvoi } from "../formulaire.js";
import { MOTIFS_COURTS } from "../referentiel.js";
import { ouvrirDialogue } from "../session.js";
import { ancre, direLaFaute, exigerAgent, liste, resumeErreurs } from "./commun.js";
import { raisonDuDoute, remarqueDuControle } from "./doute.js";

const A_JUGER = new Set(["a_verifier", "refusee"]);
const IDENTIFIANT = /^[0-9a-f]{32}$/;
const ETATS = { valide: "Contrôlée automatiquement", acceptee: "Acceptée" };

await exigerAgent("ctn");
const id = ancre();
const chemin = `/api/instruction/demandes/${id}`;
const formulaire = trouver("#controle");
const motifsDUnComplement = tous("option", trouver("[data-motifs-complement]").content).map((option) => ({ code: option.value, libelle: option.textContent }));
let version = 0;
let motifsDUnRefus = [];
let motifsDUnePage = [];

/** The pages of a pièce, one shown at a time and when asked for, so that each look is one that the journal tells. */
function pages(piece) {
  const image = h("img", { class: "pga-page", alt: "", hidden: true });
  const zoom = h("button", { class: "fr-btn fr-btn--tertiary", type: "button", "aria-pressed": "false", hidden: true }, "Agrandir");
  const cadre = h("div", { class: "pga-cadre", tabindex: 0, role: "region", "aria-label": `Page de : ${piece.libelle} (${piece.nom_fichier})`, hidden: true }, image);
  const etat = h("p", { class: "fr-text--sm fr-mb-1w", role: "status" }, piece.pages === 0 ? "Aucune page n'a pu être lue : téléchargement impossible ici." : "");
  const vues = new Set();
  zoom.addEventListener("click", () => zoom.setAttribute("aria-pressed", String(image.classList.toggle("pga-page--grande"))));
  const boutons = Array.from({ length: piece.pages }, (_, i) => h("button", { class: "fr-btn fr-btn--secondary", type: "button", onclick: () => voir(i + 1), "aria-pressed": "false", "aria-label": `Page ${i + 1} de : ${piece.libelle}` }, `Page ${i + 1}`));
  const voir = async (n) => {
    try {
      const { url } = await appeler("GET", `${chemin}/pieces/${piece.piece_id}/pages/${n}`);
      vues.add(n);
      image.alt = `${piece.libelle}, page ${n} sur ${piece.pages}`;
      image.src = url;
      image.hidden = zoom.hidden = cadre.hidden = false;
      boutons.forEach((bouton, i) => bouton.setAttribute("aria-pressed", String(i + 1 === n)));
      const reste = piece.pages - vues.size;
      remplacer(etat, `Page ${n} sur ${piece.pages}${reste > 0 ? ` : ${reste > 1 ? `${reste} pages restent` : "une page reste"} à regarder` : ""}.`);
    } catch (faute) {
      direLaFaute(faute);
    }
  };
  return { voir, noeuds: [piece.pages > 0 && h("div", { class: "pga-boutons fr-mb-1w" }, boutons, zoom), etat, cadre] };
}

/** The pages at fault of a refused pièce, each with its motif; once one is named, that of the pièce may stay empty. */
function pagesEnCause(piece, motif) {
  const id = piece.piece_id;
  const nommees = new Map(piece.pages_refusees.map((une) => [une.page, une.motif]));
  const ligne = (n) => {
    const raison = liste(`raison-${id}-${n}`, `pages.p${id}.n${n}`, `Motif pour la page ${n}`, motifsDUnePage, nommees.get(n) ?? "");
    raison.hidden = !nommees.has(n);
    raison.classList.add("fr-mt-1w");
    const case_ = h("input", { type: "checkbox", id: `page-${id}-${n}`, checked: nommees.has(n), onchange: () => ((raison.hidden = !case_.checked), exigerLeMotif()) });
    return h("div", { class: "fr-fieldset__element" }, h("div", { class: "fr-checkbox-group" }, case_, h("label", { class: "fr-label", for: case_.id }, `Page ${n}`)), raison);
  };
  const aide = "Facultatif. Si vous nommez des pages, le motif du refus peut rester vide : c'est alors celui de la première.";
  const legende = h("legend", { class: "fr-fieldset__legend fr-fieldset__legend--regular", id: `pages-${id}` }, `Pages en cause de : ${piece.libelle}`, h("span", { class: "fr-hint-text" }, aide));
  const groupe = h("fieldset", { class: "fr-fieldset fr-mt-2w", "aria-labelledby": `pages-${id}` }, legende, Array.from({ length: piece.pages }, (_, i) => ligne(i + 1)));
  const exigerLeMotif = () => (trouver("select", motif).required = tous(":checked[type=checkbox]", groupe).length === 0);
  exigerLeMotif();
  return groupe;
}

function avisSur(piece) {
  const id = piece.piece_id;
  const refusee = piece.statut === "refusee";
  const motif = liste(`motif-${id}`, `motif.p${id}`, "Motif du refus", motifsDUnRefus, piece.motif_refus ?? "");
  const refus = h("div", { hidden: !refusee }, motif, piece.pages > 1 && pagesEnCause(piece, motif));
  const radio = (valeur, mots, coche) =>
    h(
      "div",
      { class: "fr-fieldset__element fr-fieldset__element--inline" },
      h("div", { class: "fr-radio-group" }, h("input", { type: "radio", id: `${valeur}-${id}`, name: `avis.p${id}`, value: valeur, checked: coche, onchange: () => (refus.hidden = valeur !== "refusee") }), h("label", { class: "fr-label", for: `${valeur}-${id}` }, mots)),
    );
  const legende = h("legend", { class: "fr-fieldset__legend fr-fieldset__legend--regular", id: `legende-${id}` }, `Votre avis sur : ${piece.libelle}`);
  return [h("fieldset", { class: "fr-fieldset", "aria-labelledby": `legende-${id}` }, legende, radio("acceptee", "Accepter", false), radio("refusee", "Refuser", refusee)), refus];
}

const enTete = (piece) => [h("p", { class: "fr-text--sm fr-mb-1w pga-fichier" }, piece.nom_fichier), piece.anomalies.map((une) => h("p", { class: "fr-text--sm fr-mb-1w" }, remarqueDuControle(une))), raisonDuDoute(piece)];

function aJuger(piece) {
  const vue = pages(piece);
  if (piece.pages > 0) vue.voir(1);
  return h("section", { class: "piece pga-piece" }, h("div", {}, h("h2", { class: "fr-h5 fr-mb-1v" }, piece.libelle), enTete(piece), vue.noeuds), h("div", {}, avisSur(piece)));
}

/** Those that are sure, to compare with; nothing is read before one opens it. */
function dejaSure(piece) {
  const vue = pages(piece);
  const detail = h("details", { class: "pga-detail" }, h("summary", {}, `${piece.libelle} – ${ETATS[piece.statut] ?? piece.statut}`), enTete(piece), vue.noeuds);
  detail.addEventListener("toggle", () => detail.open && piece.pages > 0 && vue.voir(1), { once: true });
  return detail;
}

async function envoyer({ avis = {}, motif = {}, pages = {} }) {
  const enCause = (nom) => Object.entries(pages[nom] ?? {}).map(([page, raison]) => ({ page: Number(page.slice(1)), motif: raison }));
  // Names carry a letter before the id: one made of digits only would be read as the place in a list.
  const pieces = Object.entries(avis).map(([nom, statut]) => ({ piece_id: nom.slice(1), statut, ...(statut === "refusee" && { motif: motif[nom], pages: enCause(nom) }) }));
  return appeler("POST", `${chemin}/controle`, { corps: { pieces }, version });
}

async function laSuivante() {
  const prise = await appeler("POST", "/api/instruction/corbeille/suivante");
  location.assign(prise ? `/agent/controle/#${prise.id}` : "/agent/");
}

/** The usager is asked again for pièces, each with its motif, in the operator's own words. */
function demanderAlUsager(pieces) {
  const lignes = pieces.map((piece) => {
    const nom = `p${piece.piece_id}`;
    const refusee = piece.statut === "refusee";
    const motif = liste(`raison-${nom}`, `raison.${nom}`, `Motif pour : ${piece.libelle}`, motifsDUnComplement, piece.motif_refus ?? "");
    motif.hidden = !refusee;
    motif.classList.add("fr-mt-1w");
    const case_ = h("input", { type: "checkbox", id: `choix-${nom}`, name: `choix.${nom}`, checked: refusee, onchange: ({ target }) => (motif.hidden = !target.checked) });
    return h("div", { class: "fr-fieldset__element" }, h("div", { class: "fr-checkbox-group" }, case_, h("label", { class: "fr-label", for: `choix-${nom}` }, piece.libelle, h("span", { class: "fr-hint-text pga-fichier" }, piece.nom_fichier))), motif);
  });
  const messages = h("div", { class: "fr-messages-group", id: "elements-messages", "aria-live": "polite" });
  const choix = h("fieldset", { class: "fr-fieldset", "data-champ": "elements", "aria-labelledby": "elements-legende elements-messages" }, h("legend", { class: "fr-fieldset__legend fr-fieldset__legend--regular", id: "elements-legende" }, "Pièces à revoir"), lignes, messages);
  const message = document.importNode(trouver("[data-message-complement]").content, true);
  const demande = h("form", {}, resumeErreurs(), choix, message, h("button", { class: "fr-btn fr-mt-2w", type: "submit" }, "Demander à l'usager"));
  ouvrirDialogue("Demander un complément", demande);
  aLEnvoi(
    demande,
    async ({ choix: choisies = {}, raison = {}, message: texte }) => {
      const noms = Object.keys(choisies);
      if (noms.length === 0) throw new Probleme(422, { erreurs: [{ champ: "elements", message: "Choisissez au moins une pièce." }] });
      const elements = noms.map((nom) => ({ cible: nom.slice(1), motif: raison[nom] }));
      try {
        return await appeler("POST", `${chemin}/suspension`, { corps: { elements, message: texte }, version });
      } catch (faute) {
        // What is said of the third element is about the third pièce chosen.
        for (const erreur of faute.erreurs ?? []) erreur.champ = erreur.champ.replace(/^elements\.(\d+)\..*$/, (_, rang) => `raison.${noms[rang]}`);
        throw faute;
      }
    },
    laSuivante,
  );
}

async function montrer() {
  if (!IDENTIFIANT.test(id)) throw new Probleme(404, { detail: "Cette demande n'existe pas, ou ne relève pas de votre service." });
  await appeler("POST", `${chemin}/prise-en-charge`);
  const [dossier, listes] = await Promise.all([appeler("GET", chemin), appeler("GET", "/api/instruction/motifs")]);
  const { demande } = dossier;
  motifsDUnRefus = listes.piece;
  motifsDUnePage = listes.page;
  version = demande.version;
  const courantes = dossier.pieces.filter((piece) => piece.courante);
  const jugees = courantes.filter(({ statut }) => A_JUGER.has(statut));
  const sures = courantes.filter(({ statut }) => !A_JUGER.has(statut));
  remplacer(trouver("#demande"), h("p", {}, "Demande ", h("strong", { class: "numero" }, demande.numero), ` – ${MOTIFS_COURTS[demande.motif]}`));
  const boutons = h(
    "div",
    { class: "pga-boutons fr-mt-3w" },
    h("button", { class: "fr-btn", type: "submit" }, jugees.length > 0 ? "Enregistrer mes avis" : "Terminer le contrôle"),
    courantes.length > 0 && h("button", { class: "fr-btn fr-btn--secondary", type: "button", onclick: () => demanderAlUsager(courantes) }, "Demander un complément"),
  );
  remplacer(
    formulaire,
    jugees.length === 0 && alerte("info", null, "Il ne reste aucune pièce à juger."),
    jugees.map(aJuger),
    sures.length > 0 && h("section", { class: "fr-mt-3w" }, h("h2", { class: "fr-h5" }, "Les autres pièces, pour comparer"), sures.map(dejaSure)),
    boutons,
  );
  return jugees;
}

aLEnvoi(formulaire, envoyer, async (suite) => {
  if (suite.statut !== "en_controle") return laSuivante();
  const jugees = await montrer();
  const refusees = jugees.some(({ statut }) => statut === "refusee");
  const reste = jugees.some(({ statut }) => statut === "a_verifier");
  const avis = [reste && "il reste des pièces à juger", refusees && "demandez à l'usager de remplacer les pièces refusées"].filter(Boolean).join(", puis ");
  remplacer(trouver("[data-avis]"), alerte("success", null, `Vos avis sont enregistrés : ${avis}.`));
  trouver("[data-avis]").focus();
});

try {
  await montrer();
} catch (faute) {
  remplacer(trouver("[data-avis]"), alerte("error", null, enClair(faute)));
}
charge();
window.addEventListener("hashchange", () => location.reload());
