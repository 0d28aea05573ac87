/** The chef's service: who treats what, a new agent, a change, an end, and the history of each. */
import { appeler, toutLire } from "../api.js";
import { alerte, charge, dateHeure, h, remplacer, trouver } from "../dom.js";
import { aLEnvoi } from "../formulaire.js";
import { ouvrirDialogue } from "../session.js";
import { direLaFaute, exigerAgent, liste, resumeErreurs, tableau } from "./commun.js";

const ROLES = { agent: "Agent instructeur", ctn: "Opérateur du CTN", chef: "Chef de service" };

await exigerAgent("chef");
const formulaire = trouver("#habiliter");
const boutonSuite = trouver("#suite");
let agents = [];
let curseur = null;

const enCodes = (texte) => (texte ?? "").toUpperCase().split(/[\s,;]+/).filter(Boolean);
const enMots = (habilitation) => (habilitation ? `${ROLES[habilitation.role]}, autorités ${habilitation.autorites.join(", ")}` : "aucune habilitation");

function bouton(mots, agent, faire) {
  return h("button", { class: "fr-btn fr-btn--tertiary fr-btn--sm pga-cible", type: "button", "aria-label": `${mots} : ${agent.prenom} ${agent.nom}`, onclick: () => faire(agent) }, mots);
}

function cases(agent) {
  const actions = [agent.role !== "chef" && [bouton("Modifier", agent, modifier), bouton("Fermer", agent, clore)], bouton("Historique", agent, historique)];
  const connexion = agent.derniere_connexion_le ? dateHeure(agent.derniere_connexion_le) : "Jamais";
  return [`${agent.prenom} ${agent.nom}`, agent.identifiant, ROLES[agent.role], agent.autorites.join(", "), agent.statut === "actif" ? "Actif" : "À activer", connexion, h("div", { class: "pga-boutons" }, actions.flat())];
}

async function montrer(suite = null) {
  const page = await appeler("GET", `/api/instruction/agents${suite ? `?curseur=${encodeURIComponent(suite)}` : ""}`);
  agents = suite ? [...agents, ...page.elements] : page.elements;
  curseur = page.curseur;
  boutonSuite.hidden = !curseur;
  remplacer(trouver("#agents"), tableau("Agents du service", ["Nom", "Identifiant", "Rôle", "Autorités", "Compte", "Dernière connexion", "Actions"], agents.map(cases)));
}

async function dire(phrase) {
  await montrer();
  remplacer(trouver("[data-avis]"), alerte("success", null, phrase));
  trouver("[data-avis]").focus();
}

function modifier(agent) {
  const roles = ["agent", "ctn"].map((code) => ({ code, libelle: ROLES[code] }));
  const autorites = h("input", { class: "fr-input", id: "autorites-voulues", name: "autorites", required: true, value: agent.autorites.join(" "), "aria-describedby": "autorites-voulues-messages" });
  const demande = h(
    "form",
    {},
    resumeErreurs(),
    liste("role-voulu", "role", "Rôle", roles, agent.role),
    h("div", { class: "fr-input-group", "data-champ": "autorites" }, h("label", { class: "fr-label", for: "autorites-voulues" }, "Autorités", h("span", { class: "fr-hint-text" }, "Leurs codes, séparés par une espace.")), autorites, h("div", { class: "fr-messages-group", id: "autorites-voulues-messages", "aria-live": "polite" })),
    h("p", {}, "Il devra se reconnecter. Ce qu'il ne peut plus traiter retourne à la corbeille."),
    h("button", { class: "fr-btn", type: "submit" }, "Enregistrer"),
  );
  const dialogue = ouvrirDialogue(`Modifier l'habilitation de ${agent.prenom} ${agent.nom}`, demande);
  aLEnvoi(
    demande,
    (saisi) => appeler("PUT", `/api/instruction/agents/${agent.compte_id}`, { corps: { role: saisi.role, autorites: enCodes(saisi.autorites) } }),
    async () => {
      dialogue.close();
      await dire("L'habilitation est modifiée.");
    },
  );
}

function clore(agent) {
  const demande = h("form", {}, resumeErreurs(), h("p", {}, "Il ne pourra plus se connecter. Ses demandes retournent à la corbeille ; ses saisies de dossiers papier vous reviennent."), h("button", { class: "fr-btn", type: "submit" }, "Fermer le compte"));
  const dialogue = ouvrirDialogue(`Fermer le compte de ${agent.prenom} ${agent.nom} ?`, demande);
  aLEnvoi(
    demande,
    () => appeler("DELETE", `/api/instruction/agents/${agent.compte_id}`),
    async () => {
      dialogue.close();
      await dire("Le compte est fermé.");
    },
  );
}

async function historique(agent) {
  try {
    const mouvements = await toutLire(`/api/instruction/agents/${agent.compte_id}/historique`);
    const lignes = mouvements.map((un) => h("li", {}, `${dateHeure(un.survenu_le)}, par ${un.par_nom} : ${enMots(un.avant)} → ${enMots(un.apres)}`));
    ouvrirDialogue(`Historique de ${agent.prenom} ${agent.nom}`, lignes.length > 0 ? h("ul", {}, lignes) : h("p", {}, "Aucun changement n'est enregistré."));
  } catch (faute) {
    direLaFaute(faute);
  }
}

aLEnvoi(
  formulaire,
  (saisi) => appeler("POST", "/api/instruction/agents", { corps: { ...saisi, autorites: enCodes(saisi.autorites) } }),
  async (cree) => {
    formulaire.reset();
    await dire(`${cree.prenom} ${cree.nom} est habilité : un code d'activation lui est envoyé par courriel.`);
  },
);
boutonSuite.addEventListener("click", () => montrer(curseur).catch((faute) => direLaFaute(faute)));

try {
  await montrer();
} catch (faute) {
  direLaFaute(faute);
}
charge();
