/** The CTN: each pièce that no machine judges, page by page, accepted or refused; then the next demande. */
import { appeler, enClair } from "../api.js";
import { alerte, charge, h, remplacer, trouver } from "../dom.js";
import { aLEnvoi } from "../formulaire.js";
import { ouvrirDialogue } from "../session.js";
import { direLaFaute, exigerAgent, MOTIFS } from "./commun.js";

await exigerAgent("ctn");
const chemin = `/api/instruction/demandes/${encodeURIComponent(location.hash.slice(1))}`;
const formulaire = trouver("#controle");
let version = 0;
let motifs = { piece: [], suspension: [] };

/** A page shown when asked for, so that each look is one that the journal of consultations tells. */
function pages(piece) {
  const image = h("img", { class: "pga-page", alt: "", hidden: true });
  const zoom = h("button", { class: "fr-btn fr-btn--tertiary", type: "button", "aria-pressed": "false", hidden: true }, "Agrandir");
  const cadre = h("div", { class: "pga-cadre", tabindex: 0, role: "region", "aria-label": `Page de : ${piece.libelle}` }, image);
  zoom.addEventListener("click", () => {
    const grand = image.classList.toggle("pga-page--grande");
    zoom.setAttribute("aria-pressed", String(grand));
  });
  const voir = async (n) => {
    try {
      const { url } = await appeler("GET", `${chemin}/pieces/${piece.piece_id}/pages/${n}`);
      image.alt = `${piece.libelle}, page ${n} sur ${piece.pages}`;
      image.src = url;
      image.hidden = zoom.hidden = false;
    } catch (faute) {
      direLaFaute(faute);
    }
  };
  const boutons = Array.from({ length: piece.pages }, (_, i) => h("button", { class: "fr-btn fr-btn--secondary", type: "button", onclick: () => voir(i + 1), "aria-label": `Page ${i + 1} de : ${piece.libelle}` }, `Page ${i + 1}`));
  if (piece.pages > 0) voir(1);
  return [h("div", { class: "pga-boutons fr-mb-1w" }, boutons, zoom), cadre];
}

function liste(id, nom, libelle, valeurs) {
  const champ = h("select", { class: "fr-select", id, name: nom, required: true, "data-manque": "Choisissez dans la liste.", "aria-describedby": `${id}-messages` }, h("option", { value: "" }, "Choisissez…"));
  champ.append(...valeurs.map(({ code, libelle: mots }) => h("option", { value: code }, mots)));
  return h("div", { class: "fr-select-group", "data-champ": nom }, h("label", { class: "fr-label", for: id }, libelle), champ, h("div", { class: "fr-messages-group", id: `${id}-messages`, "aria-live": "polite" }));
}

function avisSur(piece) {
  const id = piece.piece_id;
  const motif = liste(`motif-${id}`, `motif.p${id}`, "Motif du refus", motifs.piece);
  motif.hidden = true;
  const radio = (valeur, mots) =>
    h(
      "div",
      { class: "fr-fieldset__element fr-fieldset__element--inline" },
      h("div", { class: "fr-radio-group" }, h("input", { type: "radio", id: `${valeur}-${id}`, name: `avis.p${id}`, value: valeur, onchange: () => (motif.hidden = valeur !== "refusee") }), h("label", { class: "fr-label", for: `${valeur}-${id}` }, mots)),
    );
  const legende = h("legend", { class: "fr-fieldset__legend fr-fieldset__legend--regular", id: `legende-${id}` }, `Votre avis sur : ${piece.libelle}`);
  const avis = h("fieldset", { class: "fr-fieldset", "aria-labelledby": `legende-${id}` }, legende, radio("acceptee", "Accepter"), radio("refusee", "Refuser"));
  return [avis, motif];
}

function dessiner(piece) {
  return h("section", { class: "piece" }, h("h2", { class: "fr-h5" }, piece.libelle), h("p", {}, piece.nom_fichier), piece.anomalies.map((une) => h("p", {}, une.message)), pages(piece), avisSur(piece));
}

async function envoyer({ avis = {}, motif = {} }) {
  // Names carry a letter before the id: one made of digits only would be read as the place in a list.
  const pieces = Object.entries(avis).map(([nom, statut]) => ({ piece_id: nom.slice(1), statut, ...(statut === "refusee" && { motif: motif[nom] }) }));
  return appeler("POST", `${chemin}/controle`, { corps: { pieces }, version });
}

async function laSuivante() {
  const prise = await appeler("POST", "/api/instruction/corbeille/suivante");
  location.assign(prise ? `/agent/controle/#${prise.id}` : "/agent/");
}

/** The usager is asked again for one pièce, in the operator's own words. */
function demanderAlUsager(pieces) {
  const message = h("textarea", { class: "fr-input", id: "message", name: "message", rows: 4, required: true, "data-manque": "Écrivez ce que vous attendez de l'usager.", "aria-describedby": "message-messages" });
  const groupe = h("div", { class: "fr-input-group", "data-champ": "message" }, h("label", { class: "fr-label", for: "message" }, "Message à l'usager", h("span", { class: "fr-hint-text" }, "Il le lit tel quel.")), message, h("div", { class: "fr-messages-group", id: "message-messages", "aria-live": "polite" }));
  const resume = h("div", { class: "fr-alert fr-alert--error fr-mb-2w", "data-resume-erreurs": true, tabindex: -1, hidden: true });
  const choix = pieces.map((piece) => ({ code: piece.piece_id, libelle: piece.libelle }));
  const demande = h("form", {}, resume, liste("cible", "cible", "Pièce à revoir", choix), liste("motif", "motif", "Motif", motifs.suspension), groupe, h("button", { class: "fr-btn fr-mt-2w", type: "submit" }, "Demander à l'usager"));
  ouvrirDialogue("Demander un complément", demande);
  const suspendre = ({ cible, motif, message: texte }) => appeler("POST", `${chemin}/suspension`, { corps: { elements: [{ cible, motif }], message: texte }, version });
  aLEnvoi(demande, suspendre, laSuivante);
}

async function montrer() {
  await appeler("POST", `${chemin}/prise-en-charge`);
  const [dossier, listes] = await Promise.all([appeler("GET", chemin), appeler("GET", "/api/instruction/motifs")]);
  const { demande } = dossier;
  motifs = listes;
  version = demande.version;
  const courantes = dossier.pieces.filter((piece) => piece.courante);
  const aJuger = courantes.filter((piece) => piece.statut === "a_verifier");
  remplacer(trouver("#demande"), h("p", {}, "Demande ", h("strong", { class: "numero" }, demande.numero), ` – ${MOTIFS[demande.motif]}`));
  const boutons = h(
    "div",
    { class: "pga-boutons" },
    h("button", { class: "fr-btn", type: "submit" }, aJuger.length > 0 ? "Enregistrer mes avis" : "Terminer le contrôle"),
    courantes.length > 0 && h("button", { class: "fr-btn fr-btn--secondary", type: "button", onclick: () => demanderAlUsager(courantes) }, "Demander un complément"),
  );
  remplacer(formulaire, aJuger.length === 0 && alerte("info", null, "Il ne reste aucune pièce à juger."), aJuger.map(dessiner), boutons);
}

aLEnvoi(formulaire, envoyer, async (suite) => {
  if (suite.statut !== "en_controle") return laSuivante();
  await montrer();
  remplacer(trouver("[data-avis]"), alerte("success", null, "Vos avis sont enregistrés : il reste des pièces à juger."));
  trouver("[data-avis]").focus();
});

try {
  await montrer();
} catch (faute) {
  remplacer(trouver("[data-avis]"), alerte("error", null, enClair(faute)));
}
charge();
window.addEventListener("hashchange", () => location.reload());
