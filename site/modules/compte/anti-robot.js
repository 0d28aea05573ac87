/**
 * The anti-robot without any picture: a proof of work (ALTCHA) that starts by itself when the page opens, and says in words
 * where it is. A proof serves once; one that the service finds too old or used is made again, and the form sent once more.
 */
import { appeler, enClair, Probleme } from "../api.js";
import { ACTIFS, remplacer, trouver } from "../dom.js";
import { effacerErreur } from "../formulaire.js";

// The service takes a proof for ten minutes; people may stay longer on the page.
const FRAICHEUR_MS = 8 * 60_000;

/**
 * Start the proof of `formulaire`.
 * @returns {(envoyer: (preuve: string) => Promise<any>) => Promise<any>} sends with a proof, waiting for it when needed
 */
export function preparerAntiRobot(formulaire) {
  const etat = trouver("[data-anti-robot]", formulaire);
  const bouton = trouver("[data-anti-robot-refaire]", formulaire);
  let preuve = null;

  function commencer() {
    bouton.hidden = true;
    etat.textContent = "Vérification en cours, cela prend quelques secondes. Vous pouvez remplir le formulaire.";
    const neuve = { le: Date.now(), valeur: prouver() };
    neuve.valeur.then(
      () => {
        etat.textContent = "✓ Vérification faite.";
        effacerErreur(formulaire, "anti_robot");
      },
      (faute) => {
        remplacer(etat, `La vérification n'a pas abouti. ${enClair(faute)}`);
        bouton.hidden = false;
        if (preuve === neuve) preuve = null;
      },
    );
    preuve = neuve;
  }

  async function valeur() {
    if (!preuve || Date.now() - preuve.le > FRAICHEUR_MS) commencer();
    return preuve.valeur;
  }

  bouton.addEventListener("click", commencer);
  commencer();
  return async (envoyer) => {
    try {
      return await envoyer(await valeur());
    } catch (faute) {
      if (!(faute instanceof Probleme) || !faute.erreurs.some(({ champ }) => champ === "anti_robot")) throw faute;
      commencer();
      return await envoyer(await valeur());
    } finally {
      // Sent, it may be spent, whatever was answered.
      commencer();
    }
  };
}

async function prouver() {
  const defi = await appeler("GET", "/api/anti-robot", { anonyme: true });
  const number = await chercher(defi);
  const { algorithm, challenge, salt, signature } = defi;
  return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
}

async function chercher({ algorithm, challenge, salt, maxnumber }) {
  const { solveChallengeWorkers } = await import(`${ACTIFS}/altcha/index.js`);
  const ouvriers = Math.min(4, navigator.hardwareConcurrency || 2);
  const trouve = await solveChallengeWorkers(`${ACTIFS}/altcha/worker.js`, ouvriers, challenge, salt, algorithm, maxnumber);
  if (!trouve) throw new Error("défi sans solution");
  return trouve.number;
}
