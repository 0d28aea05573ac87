/** « Information de la demande » line by line, each with its mark against the SNPC, and what is known of its life. */
import { alerte, dateHeure, euros, h, jour, remplacer, trouver } from "../../dom.js";
import { MOTIFS_COURTS } from "../../referentiel.js";
import { ciblesDe } from "./designation.js";
import { definitions, tableDeLignes } from "./lignes.js";
import { DETENTEURS, enTexte, ETATS_PAIEMENT, ISSUES, QUALITES } from "./mots.js";

const GENRES = { identique: ["✓", "identique au SNPC"], forme: ["≈", "écrit autrement au SNPC"], absent: ["–", "absent d'un côté"], different: ["✗", "différent du SNPC"] };

/** The lines of the form: état civil beside the SNPC, then the address. */
export function montrerInformation({ demande, snpc, ecarts }) {
  const colonnes = snpc ? ["Champ", "SNPC", "Demande"] : ["Champ", "Demande"];
  remplacer(
    trouver("[data-information]"),
    h("h3", { class: "fr-h6 fr-mb-1v" }, "État civil"),
    tableDeLignes("État civil", colonnes, lignesEtatCivil(demande.etat_civil ?? {}, snpc, ecarts)),
    h("h3", { class: "fr-h6 fr-mt-2w fr-mb-1v" }, "Adresse et contact"),
    tableDeLignes("Adresse et contact", ["Champ", "Demande"], lignesAdresse(demande)),
  );
}

function lignesEtatCivil(civil, snpc, ecarts) {
  const vide = snpc ? [""] : [];
  const [[tout, mots], ...champs] = ciblesDe("etat_civil");
  const lignes = champs.flatMap(([cible, libelle]) => {
    const champ = cible.split(".")[1];
    if (champ === "lieu_naissance") return lignesLieu(cible, civil.lieu_naissance ?? {}, snpc, ecarts);
    return [{ cible, libelle, ...compare(champ, libelle, enTexte(champ, civil[champ]), snpc, ecarts) }];
  });
  return [{ cible: tout, genre: "champ", libelle: `${mots} : tout`, cellules: [...vide, ""], seule: true }, ...lignes.map((ligne) => ({ genre: "champ", ...ligne }))];
}

/** A birth place is asked again as one, and compared in two. */
function lignesLieu(cible, lieu, snpc, ecarts) {
  const noms = "pays" in lieu ? ["Ville de naissance", "Pays de naissance"] : ["Commune de naissance", "Département de naissance"];
  const valeurs = "pays" in lieu ? [lieu.ville, lieu.pays] : [lieu.commune, lieu.departement];
  return ["commune", "departement"].map((partie, rang) => ({ cible: rang === 0 ? cible : null, libelle: noms[rang], ...compare(`lieu_naissance.${partie}`, noms[rang], valeurs[rang], snpc, ecarts) }));
}

function compare(champ, libelle, valeur, snpc, ecarts) {
  const ecart = ecarts?.find((un) => un.champ === champ);
  if (!ecart) return { cellules: [...(snpc ? [""] : []), valeur] };
  const [signe, sens] = GENRES[ecart.genre];
  const muet = ecart.genre === "identique" || (!ecart.snpc && !ecart.demande);
  return {
    contenu: h("span", {}, h("span", { class: `ecart ecart-${ecart.genre}`, "aria-hidden": "true", title: sens }, signe), h("span", { class: "fr-sr-only" }, `${sens} : `), " ", libelle),
    cellules: [ecart.snpc, h("span", {}, valeur || "–", !muet && h("span", { class: "ecart-explication" }, ecart.explication))],
  };
}

function lignesAdresse({ adresse, autorite, service }) {
  const [[tout, mots], ...champs] = ciblesDe("adresse");
  return [
    { cible: tout, genre: "champ", libelle: `${mots} : tout`, cellules: [""], seule: true },
    ...champs.map(([cible, libelle]) => ({ cible, genre: "champ", libelle, cellules: [enTexte(cible, adresse?.[cible.split(".")[1]])] })),
    { libelle: "Préfecture", cellules: [`${service} (${autorite})`] },
  ];
}

/** Where it stands: who must act, until when, who holds it, what was paid and decided, who acts for the holder. */
export function montrerSuivi({ demande }, motifs) {
  const { representant, paiement, decision, agent } = demande;
  const motif = decision && motifs.refus.find(({ code }) => code === decision.motif);
  remplacer(
    trouver("[data-suivi]"),
    definitions([
      ["État", demande.libelle],
      ["Doit agir", DETENTEURS[demande.detenteur]],
      ["Urgence", urgence(demande.urgence)],
      ["Réponse attendue avant le", demande.echeance && dateHeure(demande.echeance)],
      ["Décision attendue avant le", demande.decision_avant && jour(demande.decision_avant)],
      ["Droits provisoires jusqu'au", demande.droits_jusqua && jour(demande.droits_jusqua)],
      ["Prise en charge", agent ? `${agent.de_moi ? "par vous" : `par ${agent.nom ?? "un collègue"}`}, jusqu'au ${dateHeure(agent.bail_jusqua)}` : "personne"],
      ["Représentant", representant && [`${QUALITES[representant.qualite]} : ${representant.prenoms.join(" ")} ${representant.nom}`, representant.email, representant.telephone].filter(Boolean).join(", ")],
      ["Titulaire prévenu par", demande.joignable_par.map((canal) => ({ mail: "courriel", sms: "SMS", courrier: "courrier de votre service" })[canal]).join(", ")],
      ["Paiement", [ETATS_PAIEMENT[paiement.etat], paiement.montant_centimes > 0 && euros(paiement.montant_centimes), paiement.numero_timbre && `timbre ${paiement.numero_timbre}`].filter(Boolean).join(", ")],
      ["Décision", decision && h("span", {}, `Refus : ${motif?.libelle ?? decision.motif}`, h("span", { class: "texte-libre" }, `\n${decision.message}`))],
      ["Droits", demande.droits_etablis_autrement && "établis autrement que par le SNPC, l'agent en répond"],
      ["Titre commandé le", demande.commande_le && dateHeure(demande.commande_le)],
      ["Numéro de suivi", demande.numero_suivi],
      ["Retours du titre", demande.retours > 0 && String(demande.retours)],
      ["Adresse confirmée le", demande.adresse_confirmee_le && dateHeure(demande.adresse_confirmee_le)],
    ]),
  );
}

/** The worklist's own order, in words: 0 is its head, 1 the day before which it should be treated. */
function urgence(code) {
  if (!code) return "";
  const [rang, instant] = code.split("#");
  return rang === "0" ? `en tête de file : l'usager a fait sa part le ${dateHeure(instant)}` : `à traiter avant le ${jour(instant)}`;
}

/** « Prédemande »: number, code autorité, date, motif, as the deck shows them; the button unfolds it. */
export function montrerPrededemande({ demande }) {
  remplacer(
    trouver("[data-prededemande]"),
    h("h3", { class: "fr-h6" }, "Données prédemande"),
    definitions([
      ["Numéro de prédemande", demande.numero],
      ["Code autorité", demande.autorite],
      ["Service", demande.service],
      ["Date prédemande", demande.deposee_le && dateHeure(demande.deposee_le)],
      ["Motif", MOTIFS_COURTS[demande.motif]],
      ["Origine", demande.origine === "papier" ? "dossier papier" : "en ligne"],
    ]),
  );
}

const boutonPrededemande = trouver("[data-voir-prededemande]");
boutonPrededemande.addEventListener("click", () => {
  const zone = trouver("[data-prededemande]");
  zone.hidden = !zone.hidden;
  boutonPrededemande.setAttribute("aria-expanded", String(!zone.hidden));
});

/** What an agent must see before anything else: another demande of the same person, an usager who waits for an answer. */
export function montrerAlertes({ doublons, messages }) {
  remplacer(
    trouver("[data-alertes]"),
    messages.attend_reponse_depuis && alerte("info", "Un message attend votre réponse", h("p", {}, `L'usager a écrit le ${dateHeure(messages.attend_reponse_depuis)}. `, h("a", { class: "fr-link", href: "#t-messages", "data-evitement": true }, "Lire les messages"))),
    doublons.length > 0 && alerte("warning", "Autre demande en cours pour cette personne", listeDesDoublons(doublons)),
  );
}

/** A long list is folded: the dossier's own lines come first. */
function listeDesDoublons(doublons) {
  const liste = h("ul", {}, doublons.map((un) => h("li", {}, un.id && [lienDuDoublon(un), " – "], `${un.libelle} (${un.service})`)));
  return doublons.length <= 3 ? liste : h("details", {}, h("summary", {}, `Voir les ${doublons.length} demandes`), liste);
}

function lienDuDoublon({ id, motif, numero }) {
  return h("a", { class: "fr-link", href: `/agent/dossier/#${id}`, target: "_blank" }, `${MOTIFS_COURTS[motif]}, n° ${numero}`, h("span", { class: "fr-sr-only" }, " (nouvel onglet)"));
}

/** The complements asked so far: what, why, before and after. */
export function montrerSuspensions({ suspensions, pieces }) {
  const fichiers = new Map(pieces.map((piece) => [piece.piece_id, piece.nom_fichier]));
  const lire = (cible, valeur) => (Array.isArray(valeur) && valeur.every((un) => fichiers.has(un)) ? valeur.map((un) => fichiers.get(un)).join(", ") : (fichiers.get(valeur) ?? enTexte(cible, valeur)));
  trouver("[data-suspensions]").hidden = suspensions.length === 0;
  remplacer(
    trouver("[data-liste-suspensions]"),
    suspensions.map((une) =>
      h(
        "div",
        { class: "fr-mb-2w" },
        h("p", { class: "fr-mb-1v" }, h("strong", {}, `Demande suspendue par l'agent ${une.par_nom} le ${dateHeure(une.suspendue_le)}`), ` – ${ISSUES[une.issue]}${une.close_le ? ` (${dateHeure(une.close_le)})` : `, ${une.delai_jours} jours pour répondre`}`),
        h("p", { class: "texte-libre fr-mb-1v" }, une.message),
        h("ul", {}, une.elements.map((e) => h("li", {}, `${e.libelle} : ${e.raison}`, e.pages.map(({ libelle }) => ` – ${libelle}`), lire(e.cible, e.avant) && ` – avant : ${lire(e.cible, e.avant)}`, lire(e.cible, e.apres) && ` – après : ${lire(e.cible, e.apres)}`))),
      ),
    ),
  );
}
