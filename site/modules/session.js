/**
 * The session of this browser: opened by a sign-in, prolonged while the person works, shared by the tabs of one site.
 * Before its end a dialog warns and lets one stay; once ended, it is opened again in place, so that no word is lost.
 * The usager's site and the agents' have each their own (docs/decisions/les-deux-sites.md).
 */
import { appeler, enClair, Probleme } from "./api.js";
import { oublierTout, proprietaire } from "./copie.js";
import { h, remplacer, trouver } from "./dom.js";

export const AGENT = location.pathname.startsWith("/agent/");
const CLE = AGENT ? "session-agent" : "session-usager";
/** Where one signs in on this site. */
export const CONNEXION = AGENT ? "/agent/connexion/" : "/compte/connexion/";
const CONSERVE = AGENT ? "Ne rechargez pas : ce que vous avez écrit est encore à l'écran." : "Ce que vous avez saisi est conservé.";
const PREVENIR_MS = 5 * 60_000;
const PROLONGER_MS = 20 * 60_000;
const ACTIVITE_MS = 2 * 60_000;

/** @returns {{jeton: string, expire_le: string, profil: string, nom: string, prenom: string, autorites: string[], identifiant: string}|null} */
export function session() {
  const texte = localStorage.getItem(CLE);
  return texte ? JSON.parse(texte) : null;
}

/** `l'autorité 543`, `les autorités 543, 751`: whose demandes an agent treats. */
export function motsDesAutorites({ autorites = [] }) {
  return `${autorites.length > 1 ? "les autorités" : "l'autorité"} ${autorites.join(", ")}`;
}

export function jeton() {
  return session()?.jeton ?? null;
}

/** Sign in; raises `Probleme` as the API does. Copies left by somebody else on this browser go. */
export async function ouvrirSession(saisi, mot_de_passe) {
  // The service takes an identifiant in any case: the same person must be known as such, or their copies would go.
  const identifiant = saisi.trim().toLowerCase();
  const ouverte = await appeler("POST", "/api/sessions", { corps: { identifiant: saisi, mot_de_passe }, anonyme: true });
  if (!AGENT && proprietaire()?.toLowerCase() !== identifiant) await oublierTout(identifiant);
  garder({ ...ouverte, identifiant });
  return ouverte;
}

/** Sign out: the jeton is dead, and nothing of the person stays in this browser. */
export async function fermerSession() {
  try {
    if (jeton()) await appeler("DELETE", "/api/sessions/courante", { sansReprise: true });
  } catch (faute) {
    // Whatever the service says, this browser forgets: the jeton ends by itself within the hour.
    if (!(faute instanceof Probleme)) console.info("session fermée sur cet appareil seulement");
  }
  await oublierSession();
  location.assign(AGENT ? CONNEXION : "/");
}

/** This browser forgets the session, and what it kept for the person. */
export async function oublierSession() {
  localStorage.removeItem(CLE);
  if (!AGENT) await oublierTout(null);
}

/** The page needs somebody: go and sign in, and come back here. @returns the session, or never */
export function exigerSession() {
  const ouverte = session();
  if (ouverte) return ouverte;
  sessionStorage.setItem("retour", location.pathname + location.hash);
  location.replace(CONNEXION);
  return new Promise(() => {});
}

/** Where to go after a sign-in: the page that asked for it, else `sinon`. */
export function pageDeRetour(sinon) {
  const retour = sessionStorage.getItem("retour");
  sessionStorage.removeItem("retour");
  return retour?.startsWith("/") && !retour.startsWith("//") ? retour : sinon;
}

function garder(ouverte) {
  localStorage.setItem(CLE, JSON.stringify(ouverte));
}

let reprise = null;

/** The session has ended in the middle of something: ask for the password in place. Resolves when it is open again. */
export function reprendreLaSession() {
  const ancienne = session();
  if (!ancienne) {
    exigerSession();
    return new Promise(() => {});
  }
  reprise ??= demander(ancienne).finally(() => (reprise = null));
  return reprise;
}

function demander(ancienne) {
  return new Promise((suite) => {
    const mot = h("input", { class: "fr-input", type: "password", id: "reprise-mot", autocomplete: "current-password", required: true, "aria-describedby": "reprise-message" });
    const message = h("p", { class: "fr-error-text", id: "reprise-message", role: "alert", hidden: true });
    const bouton = h("button", { class: "fr-btn", type: "submit" }, "Me reconnecter");
    const formulaire = h(
      "form",
      {
        novalidate: true,
        onsubmit: async (evenement) => {
          evenement.preventDefault();
          message.hidden = true;
          bouton.disabled = true;
          try {
            await ouvrirSession(ancienne.identifiant, mot.value);
            dialogue.remove();
            suite();
          } catch (faute) {
            remplacer(message, enClair(faute));
            message.hidden = false;
            mot.focus();
          } finally {
            bouton.disabled = false;
          }
        },
      },
      h("p", {}, `Votre session est terminée. ${CONSERVE} Saisissez votre mot de passe pour continuer là où vous étiez.`),
      h("p", {}, "Identifiant : ", h("strong", {}, ancienne.identifiant)),
      h("div", { class: "fr-input-group" }, h("label", { class: "fr-label", for: "reprise-mot" }, "Mot de passe"), mot, message),
      h("div", { class: "fr-btns-group fr-btns-group--inline fr-mt-2w" }, bouton, h("button", { class: "fr-btn fr-btn--secondary", type: "button", onclick: () => fermerSession() }, "Quitter")),
    );
    const dialogue = ouvrirDialogue("Reprendre où vous en étiez", formulaire, { refermable: false });
    mot.focus();
  });
}

/**
 * A modal dialog: focus held inside, given back at the end. Escape closes it when it is `refermable`.
 * @returns {HTMLDialogElement}
 */
export function ouvrirDialogue(titre, contenu, { refermable = true, fermeture = () => {} } = {}) {
  const entete = h("h2", { class: "fr-h4", id: `titre-${crypto.randomUUID()}` }, titre);
  const dialogue = h("dialog", { class: "dialogue", "aria-labelledby": entete.id });
  if (refermable) dialogue.append(h("button", { class: "fr-btn fr-btn--tertiary-no-outline fr-btn--sm fr-icon-close-line fr-btn--icon-right dialogue-fermer", type: "button", onclick: () => dialogue.close() }, "Fermer"));
  dialogue.append(entete, contenu);
  dialogue.addEventListener("cancel", (evenement) => refermable || evenement.preventDefault());
  dialogue.addEventListener("close", () => {
    // The browser honours a second Escape whatever the page says: a dialog that may not be closed comes back.
    if (!refermable && dialogue.isConnected) return dialogue.showModal();
    dialogue.remove();
    fermeture();
  });
  trouver("body").append(dialogue);
  dialogue.showModal();
  return dialogue;
}

let dernierGeste = Date.now();
let avertissement = null;

/** Watch over the session of this page: prolong it while the person works, warn before its end. */
export function veillerSurLaSession() {
  for (const geste of ["keydown", "pointerdown", "scroll"]) {
    document.addEventListener(geste, () => (dernierGeste = Date.now()), { passive: true, capture: true });
  }
  setInterval(regarder, 15_000);
  document.addEventListener("visibilitychange", () => document.hidden || regarder());
  window.addEventListener("storage", (evenement) => {
    // Signed out in another tab: nothing of the person stays on this one either.
    if (evenement.key === CLE && evenement.newValue === null) location.assign(AGENT ? CONNEXION : "/");
  });
}

async function regarder() {
  const ouverte = session();
  if (!ouverte || reprise) return;
  const reste = new Date(ouverte.expire_le) - Date.now();
  if (reste <= 0) {
    avertissement?.close();
    return void reprendreLaSession();
  }
  if (reste < PROLONGER_MS && Date.now() - dernierGeste < ACTIVITE_MS) return void (await prolonger());
  if (reste < PREVENIR_MS && !avertissement) avertir(reste);
}

async function prolonger() {
  try {
    const neuve = await appeler("POST", "/api/sessions/renouvellement");
    garder({ ...session(), ...neuve });
    avertissement?.close();
    return true;
  } catch {
    // Asked again at the next look; who pressed « Rester connecté » is told.
    return false;
  }
}

function avertir(reste) {
  const delai = h("p", {});
  const message = h("p", { class: "fr-error-text", role: "alert", hidden: true });
  const dire = (ms) => {
    const minutes = Math.max(1, Math.ceil(ms / 60_000));
    remplacer(delai, `Sans action de votre part, elle se termine dans ${minutes} minute${minutes > 1 ? "s" : ""}. ${CONSERVE}`);
  };
  const rester = async () => {
    message.hidden = true;
    if (await prolonger()) return;
    remplacer(message, "Pas de réseau : réessayez.");
    message.hidden = false;
  };
  dire(reste);
  const minuterie = setInterval(() => session() && dire(new Date(session().expire_le) - Date.now()), 15_000);
  avertissement = ouvrirDialogue(
    "Votre session va se terminer",
    h(
      "div",
      {},
      delai,
      message,
      h("div", { class: "fr-btns-group fr-btns-group--inline" }, h("button", { class: "fr-btn", type: "button", onclick: rester }, "Rester connecté"), h("button", { class: "fr-btn fr-btn--secondary", type: "button", onclick: () => fermerSession() }, "Me déconnecter")),
    ),
    {
      fermeture: () => {
        clearInterval(minuterie);
        avertissement = null;
      },
    },
  );
}
