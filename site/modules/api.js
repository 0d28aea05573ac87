/**
 * The one way to the API. What goes wrong is one of two errors: `Probleme` (the service answered no, in French) and
 * `HorsLigne` (nothing answered). A session that has ended is asked for again in place, then the call goes on.
 */
import { AGENT, jeton, reprendreLaSession } from "./session.js";

const ESSAIS = 3;
const ATTENTE_MS = 30_000;
const PASSAGERS = new Set([429, 502, 503, 504]);

/** The service refused: what, why, and what to do, as its problem document says. */
export class Probleme extends Error {
  constructor(statut, corps) {
    super(corps.detail || corps.title || `Le service a répondu ${statut}.`);
    this.statut = statut;
    this.titre = corps.title ?? "";
    this.corps = corps;
    /** @type {{champ: string, message: string}[]} */
    this.erreurs = corps.erreurs ?? [];
    /** @type {{etape: string, champ?: string, message: string}[]} */
    this.manques = corps.manques ?? [];
  }
}

/** Nothing answered: no network, or a service that can't be reached. */
export class HorsLigne extends Error {
  constructor() {
    // What an agent writes is in the page only: it stands as long as the page does.
    const suite = AGENT ? "Ne rechargez pas : ce que vous avez écrit est encore à l'écran. Réessayez." : "Rien de ce que vous avez saisi n'est perdu.";
    super(`Le service ne répond pas : vérifiez votre connexion à internet. ${suite}`);
  }
}

/**
 * Call the API.
 * @param {string} methode
 * @param {string} chemin from `/api`, without identity data
 * @param {{corps?: unknown, version?: number, cle?: string, anonyme?: boolean, sansReprise?: boolean, signal?: AbortSignal}} options
 *   `version` sends If-Match; `cle` is the Idempotency-Key; `anonyme` calls without a session, `sansReprise` does not open an ended one again.
 * @returns {Promise<any>} the JSON answered, null when there is none
 */
export async function appeler(methode, chemin, options = {}) {
  // A repeated read changes nothing, and neither does a write that carries its key: those are tried again.
  const essais = methode === "GET" || options.cle ? ESSAIS : 1;
  for (let essai = 1; ; essai += 1) {
    try {
      return await uneFois(methode, chemin, options);
    } catch (faute) {
      const passagere = faute instanceof HorsLigne || (faute instanceof Probleme && PASSAGERS.has(faute.statut));
      if (!passagere || essai >= essais || options.signal?.aborted) throw faute;
      await delai(400 * 3 ** (essai - 1));
    }
  }
}

async function uneFois(methode, chemin, options) {
  const reponse = await envoyer(methode, chemin, options);
  if (reponse.status === 401 && !options.anonyme && !options.sansReprise) {
    await reprendreLaSession();
    return lire(await envoyer(methode, chemin, options));
  }
  return lire(reponse);
}

async function envoyer(methode, chemin, { corps, version, cle, anonyme, signal }) {
  const entetes = { Accept: "application/json" };
  if (corps !== undefined) entetes["Content-Type"] = "application/json";
  if (version !== undefined) entetes["If-Match"] = `"${version}"`;
  if (cle) entetes["Idempotency-Key"] = cle;
  if (!anonyme && jeton()) entetes.Authorization = `Bearer ${jeton()}`;
  const bornes = [AbortSignal.timeout(ATTENTE_MS), ...(signal ? [signal] : [])];
  try {
    return await fetch(chemin, {
      method: methode,
      headers: entetes,
      body: corps === undefined ? undefined : JSON.stringify(corps),
      signal: AbortSignal.any(bornes),
      cache: "no-store",
    });
  } catch {
    if (signal?.aborted) throw signal.reason;
    throw new HorsLigne();
  }
}

async function lire(reponse) {
  const texte = await reponse.text();
  let corps = null;
  try {
    corps = texte ? JSON.parse(texte) : null;
  } catch {
    // Something between the service and here answered in its place.
    if (reponse.ok) throw new HorsLigne();
  }
  if (!reponse.ok) throw new Probleme(reponse.status, corps ?? {});
  return corps;
}

/** Every element of a paged list, page after page. @returns {Promise<any[]>} */
export async function toutLire(chemin) {
  const elements = [];
  let curseur = null;
  do {
    const page = await appeler("GET", curseur ? `${chemin}?curseur=${encodeURIComponent(curseur)}` : chemin);
    elements.push(...page.elements);
    curseur = page.curseur;
  } while (curseur);
  return elements;
}

function delai(ms) {
  return new Promise((suite) => setTimeout(suite, ms));
}

/** A key for a call that must have its effect once, however often it is sent. */
export function nouvelleCle() {
  return crypto.randomUUID();
}

/** What to tell the person of any error. */
export function enClair(faute) {
  if (faute instanceof Probleme || faute instanceof HorsLigne) return faute.message;
  const suite = AGENT ? "Ne la rechargez pas : ce que vous avez écrit est encore à l'écran. Réessayez." : "Rechargez-la : ce que vous avez saisi est conservé.";
  return `La page a rencontré une difficulté inattendue. ${suite}`;
}
