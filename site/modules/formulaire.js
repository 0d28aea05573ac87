/**
 * A form of the site: read it as the API's body, fill it, check what can be checked here, show each error beside its field
 * and a summary that takes the focus. Limits and sentences come from the models, as attributes written by the build.
 *
 * Names are dotted (`lieu_naissance.commune`, `prenoms.0`). A group carries `data-champ`, its messages `…-messages`.
 */
import { Probleme } from "./api.js";
import { h, remplacer, tous, trouver } from "./dom.js";

/** What the form holds, as the API's body: empty fields left out, names unfolded. @returns {Record<string, any>} */
export function lire(formulaire) {
  const corps = {};
  for (const champ of formulaire.elements) {
    if (!champ.name || champ.disabled || champ.closest("[hidden]")) continue;
    const valeur = valeurDe(champ);
    if (valeur !== undefined) poser(corps, champ.name.split("."), valeur);
  }
  for (const groupe of tous("[data-date]", formulaire)) {
    if (groupe.closest("[hidden]")) continue;
    const date = lireDate(groupe);
    if (date) poser(corps, groupe.dataset.date.split("."), date);
  }
  return compacter(corps);
}

function valeurDe(champ) {
  if (champ.type === "radio") {
    if (!champ.checked) return undefined;
    return "booleen" in champ.dataset ? champ.value === "true" : champ.value;
  }
  if (champ.type === "checkbox") return champ.checked ? true : undefined;
  // A password is taken as it is typed, spaces included.
  const texte = champ.classList.contains("fr-password__input") ? champ.value : champ.value.trim();
  return texte === "" ? undefined : texte;
}

/** `AAAA-MM-JJ`, shorter when day or month is unknown (empty or 00); what can't be one is left to the API to refuse. */
function lireDate(groupe) {
  const [quantieme, mois, annee] = ["jour", "mois", "annee"].map((part) => trouver(`[data-part="${part}"]`, groupe).value.trim());
  if (!quantieme && !mois && !annee) return "";
  const connu = (part) => (/^0*$/.test(part) ? "" : part.padStart(2, "0"));
  return [annee, ...(connu(mois) ? [connu(mois)] : []), ...(connu(quantieme) ? [connu(mois) ? connu(quantieme) : `??-${connu(quantieme)}`] : [])].join("-");
}

/** Put `valeur` at `chemin` (names, and ranks of lists) in `objet`. */
export function poser(objet, chemin, valeur) {
  const [tete, ...reste] = chemin;
  if (reste.length === 0) objet[tete] = valeur;
  else {
    objet[tete] ??= /^\d+$/.test(reste[0]) ? [] : {};
    poser(objet[tete], reste, valeur);
  }
}

/** Lists without the holes that empty boxes leave. */
function compacter(objet) {
  for (const [cle, valeur] of Object.entries(objet)) {
    if (Array.isArray(valeur)) objet[cle] = valeur.filter((un) => un !== undefined);
  }
  return objet;
}

/** Put `donnees` (as the API gives them) in the form; fields they do not name are left. */
export function remplir(formulaire, donnees) {
  for (const [nom, valeur] of aplatir(donnees)) {
    for (const champ of tous(`[name="${CSS.escape(nom)}"]`, formulaire)) {
      if (champ.type === "radio") champ.checked = champ.value === String(valeur);
      else if (champ.type === "checkbox") champ.checked = Boolean(valeur);
      else champ.value = valeur;
    }
    const groupe = formulaire.querySelector(`[data-date="${CSS.escape(nom)}"]`);
    if (groupe) {
      const [annee, mois = "", quantieme = ""] = String(valeur).split("-");
      for (const [part, texte] of Object.entries({ jour: quantieme, mois, annee })) trouver(`[data-part="${part}"]`, groupe).value = texte.replace("??", "");
    }
  }
}

/** `[["lieu_naissance.commune", "Nancy"], ["prenoms.0", "Pierre"], …]` */
export function aplatir(donnees, prefixe = "") {
  return Object.entries(donnees ?? {}).flatMap(([cle, valeur]) => {
    const nom = prefixe ? `${prefixe}.${cle}` : cle;
    return valeur !== null && typeof valeur === "object" ? aplatir(valeur, nom) : valeur === null ? [] : [[nom, valeur]];
  });
}

/** What is wrong and can be seen here: a mandatory field left empty, a form that is not the one asked. */
export function verifier(formulaire) {
  const erreurs = [];
  const vus = new Set();
  for (const groupe of tous("[data-champ]", formulaire)) {
    const nom = groupe.dataset.champ;
    if (groupe.closest("[hidden]") || vus.has(nom)) continue;
    vus.add(nom);
    const faute = fauteDe(groupe);
    if (faute) erreurs.push({ champ: nom, message: faute });
  }
  return erreurs;
}

function fauteDe(groupe) {
  if ("date" in groupe.dataset) return groupe.dataset.manque && !lireDate(groupe) ? groupe.dataset.manque : null;
  const champs = tous("input, select, textarea", groupe).filter((champ) => champ.name === groupe.dataset.champ);
  const [premier] = champs;
  if (!premier) return null;
  if (premier.type === "radio") return groupe.dataset.manque && !champs.some((champ) => champ.checked) ? groupe.dataset.manque : null;
  if (premier.type === "checkbox") return premier.required && !premier.checked ? premier.dataset.manque : null;
  const texte = premier.value.trim();
  if (!texte) return premier.required ? premier.dataset.manque : null;
  const { motif, motifMessage } = premier.dataset;
  if (!motif) return null;
  // Spaces and hyphens help to read a number; the service drops them where it may.
  const forme = new RegExp(`^(?:${motif})$`, "u");
  return forme.test(texte) || forme.test(texte.replace(/[\s-]/g, "")) ? null : motifMessage;
}

/** The group that shows the errors of `nom`: its own, else its nearest parent's (`prenoms.0` → `prenoms`). */
function groupeDe(formulaire, nom) {
  for (let chemin = nom; chemin; chemin = chemin.split(".").slice(0, -1).join(".")) {
    const groupe = formulaire.querySelector(`[data-champ="${CSS.escape(chemin)}"]`);
    if (groupe && !groupe.closest("[hidden]")) return groupe;
  }
  return null;
}

/** Show `message` beside the field `nom`, where the page has it. */
export function montrerErreur(formulaire, nom, message) {
  const groupe = groupeDe(formulaire, nom);
  if (!groupe) return;
  const genre = groupe.matches("fieldset") ? "fr-fieldset" : groupe.classList.contains("fr-select-group") ? "fr-select-group" : groupe.classList.contains("fr-checkbox-group") ? "fr-checkbox-group" : "fr-input-group";
  groupe.classList.remove("valide");
  groupe.classList.add(`${genre}--error`);
  remplacer(messagesDe(groupe), h("p", { class: "fr-message fr-message--error" }, message));
  for (const champ of champsDe(groupe)) champ.setAttribute("aria-invalid", "true");
}

/** The field is right: its error goes; `valide` shows the deck's ✓. */
export function effacerErreur(formulaire, nom, { valide = false } = {}) {
  const groupe = groupeDe(formulaire, nom);
  if (!groupe) return;
  groupe.classList.remove("fr-fieldset--error", "fr-select-group--error", "fr-checkbox-group--error", "fr-input-group--error");
  groupe.classList.toggle("valide", valide);
  remplacer(messagesDe(groupe), ...(valide ? [h("span", { class: "fr-sr-only" }, "Champ valide")] : []));
  for (const champ of champsDe(groupe)) champ.removeAttribute("aria-invalid");
}

function messagesDe(groupe) {
  return [...groupe.querySelectorAll(".fr-messages-group")].find((zone) => zone.closest("[data-champ]") === groupe);
}

function champsDe(groupe) {
  return tous("input, select, textarea", groupe).filter((champ) => champ.closest("[data-champ]") === groupe);
}

/** Every error beside its field, and above the form a summary with a link to each, which takes the focus. */
export function montrerErreurs(formulaire, erreurs) {
  effacerErreurs(formulaire);
  const liens = erreurs.map(({ champ, message }) => {
    montrerErreur(formulaire, champ, message);
    const groupe = groupeDe(formulaire, champ);
    const cible = groupe && champsDe(groupe)[0];
    const phrase = groupe ? `${libelleDe(formulaire, champ)} : ${message}` : message;
    return h("li", {}, cible ? h("a", { class: "fr-link", href: `#${cible.id}`, onclick: (e) => (e.preventDefault(), cible.focus(), cible.scrollIntoView({ block: "center" })) }, phrase) : phrase);
  });
  const entete = liens.length > 1 ? `${liens.length} points sont à corriger` : "Un point est à corriger";
  montrerResume(formulaire, h("h2", { class: "fr-alert__title" }, entete), liens.length > 0 && h("ul", {}, liens));
}

/** A refusal that concerns no field: what it is, in the summary's place. */
export function montrerRefus(formulaire, faute) {
  const erreurs = faute instanceof Probleme ? faute.erreurs : [];
  if (erreurs.length > 0) return montrerErreurs(formulaire, erreurs);
  const titre = (faute instanceof Probleme && faute.titre) || "Cela n'a pas pu être fait";
  montrerResume(formulaire, h("h2", { class: "fr-alert__title" }, titre), h("p", {}, faute.message));
}

function montrerResume(formulaire, ...contenu) {
  const resume = resumeDe(formulaire);
  remplacer(resume, ...contenu);
  resume.hidden = false;
  resume.focus();
  resume.scrollIntoView({ block: "start" });
}

export function effacerErreurs(formulaire) {
  for (const groupe of tous("[data-champ]", formulaire)) effacerErreur(formulaire, groupe.dataset.champ, { valide: groupe.classList.contains("valide") });
  resumeDe(formulaire).hidden = true;
}

function resumeDe(formulaire) {
  return formulaire.querySelector("[data-resume-erreurs]") ?? trouver("[data-resume-erreurs]");
}

/** The words of the field `nom`, without its mark and its hint; its name when the page does not show it. */
export function libelleDe(formulaire, nom) {
  const libelle = groupeDe(formulaire, nom)?.querySelector("legend, label");
  const texte = [...(libelle?.childNodes ?? [])].filter((noeud) => noeud.nodeType === Node.TEXT_NODE).map((noeud) => noeud.textContent);
  return texte.join(" ").trim().replace(/\s+/g, " ") || nom.replace(/[._]/g, " ");
}

/**
 * The form is sent by `envoyer(corps)`, once at a time; errors are shown. `suite(answer)` comes after it went well.
 */
export function aLEnvoi(formulaire, envoyer, suite) {
  let enCours = false;
  formulaire.noValidate = true;
  formulaire.addEventListener("submit", async (evenement) => {
    evenement.preventDefault();
    if (enCours) return;
    const erreurs = verifier(formulaire);
    if (erreurs.length > 0) return void montrerErreurs(formulaire, erreurs);
    enCours = true;
    const boutons = tous("button[type=submit]").filter((bouton) => bouton.form === formulaire);
    for (const bouton of boutons) bouton.setAttribute("aria-disabled", "true");
    try {
      const reponse = await envoyer(lire(formulaire), evenement.submitter);
      effacerErreurs(formulaire);
      await suite(reponse, evenement.submitter);
    } catch (faute) {
      montrerRefus(formulaire, faute);
    } finally {
      enCours = false;
      for (const bouton of boutons) bouton.removeAttribute("aria-disabled");
    }
  });
  // As one corrects, the error goes: while typing, for at the leaving of the field it would move the button being pressed.
  formulaire.addEventListener("input", (evenement) => {
    const groupe = evenement.target.closest("[data-champ]");
    if (groupe && !fauteDe(groupe)) effacerErreur(formulaire, groupe.dataset.champ);
  });
}
