/** The words of the dossier's codes, and its values as an agent reads them. */
import { datePartielle } from "../../dom.js";

export const STATUTS_PIECE = {
  attendue: "attendue",
  en_cours: "contrôle en cours",
  valide: "lisible, contrôle automatique passé",
  invalide: "refusée par le contrôle automatique",
  a_verifier: "à vérifier par le centre de traitement",
  acceptee: "acceptée",
  refusee: "refusée",
  remplacee: "remplacée",
};

export const ETATS_PHOTO = {
  code_attendu: "code attendu",
  en_activation: "code en cours d'activation",
  valide: "code valide",
  inconnu: "code inconnu",
  deja_utilise: "code déjà utilisé",
  expire: "code expiré",
  talon: "talon papier",
  refuse: "photo refusée",
};

export const ETATS_PAIEMENT = {
  non_requis: "rien à payer",
  a_payer: "à payer",
  en_attente: "paiement en attente",
  reserve: "timbre réservé",
  consomme: "timbre utilisé",
  libere: "timbre rendu à l'usager",
  refuse: "paiement refusé",
};

export const DETENTEURS = {
  usager: "l'usager",
  ctn: "le centre de traitement des pièces",
  agent: "un agent du service",
  imprimeur: "l'imprimeur",
  poste: "La Poste",
  personne: "personne : la demande est terminée",
};

export const AUTEURS = {
  usager: "usager",
  agent: "agent",
  chef: "chef de service",
  ctn: "centre de traitement",
  systeme: "automatique",
  partenaire: "partenaire",
};

export const QUALITES = { representant_legal: "Représentant légal", mandataire: "Mandataire" };

export const ISSUES = {
  ouverte: "en attente de l'usager",
  complement: "l'usager a répondu",
  levee: "levée",
  corrigee: "corrigée depuis",
  retiree: "demande retirée par l'usager",
  sans_reponse: "restée sans réponse",
};

/** A value of the form in words, whatever its kind; empty when there is none. */
export function enTexte(champ, valeur) {
  if (valeur === null || valeur === undefined) return "";
  if (champ.endsWith("date_naissance")) return datePartielle(valeur);
  if (champ.endsWith("sexe")) return { F: "Femme", M: "Homme" }[valeur];
  if (Array.isArray(valeur)) return valeur.join(", ");
  if (typeof valeur === "object") return Object.values(valeur).filter((une) => ["string", "number"].includes(typeof une)).join(" ");
  return String(valeur);
}
