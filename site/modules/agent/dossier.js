/** The dossier on one screen: the SNPC beside the demande, the pièces, the history, messages, notes, and the decisions. */
import { appeler, enClair, nouvelleCle, Probleme, toutLire } from "../api.js";
import { alerte, charge, dateHeure, datePartielle, h, jour, remplacer, trouver } from "../dom.js";
import { ouvrirDialogue } from "../session.js";
import { direLaFaute, exigerAgent, lienDe, MOTIFS, tableau } from "./commun.js";
import { monterVisionneuse } from "./visionneuse.js";

const GENRES = { identique: ["✓", "identique"], forme: ["≈", "écrit autrement"], absent: ["–", "absent d'un côté"], different: ["✗", "différent"] };
const ouverte = await exigerAgent();
// An operator of the CTN judges pièces elsewhere, on the same demande.
if (ouverte.profil === "ctn" && !location.hash.startsWith("#dossier=")) location.replace(`/agent/controle/${location.hash}`);
let id = null;
let dossier = null;
let motifs = null;
let visionneuse = null;

await trouverLaDemande();

async function trouverLaDemande() {
  const ancre = decodeURIComponent(location.hash.slice(1));
  if (!ancre.startsWith("dossier=")) {
    id = ancre;
    return ouvrir();
  }
  try {
    const { elements } = await appeler("POST", "/api/instruction/recherches", { corps: { numero_dossier: ancre.slice(8) } });
    if (elements.length === 1) {
      id = elements[0].id;
      return await ouvrir();
    }
    charge();
    const avis = elements.length === 0 ? "Aucune demande de votre service ne porte ce numéro de dossier." : "Plusieurs demandes portent ce numéro de dossier :";
    remplacer(trouver("[data-avis]"), h("p", {}, avis), h("ul", {}, elements.map((une) => h("li", {}, h("a", { href: lienDe(ouverte, une.id), onclick: () => setTimeout(() => location.reload()) }, `${une.nom} ${une.prenom}, ${MOTIFS[une.motif]}, n° ${une.numero}`)))));
  } catch (faute) {
    charge();
    direLaFaute(faute);
  }
}

async function ouvrir() {
  try {
    [dossier, motifs] = await Promise.all([appeler("GET", `/api/instruction/demandes/${id}`), motifs ?? appeler("GET", "/api/instruction/motifs")]);
    montrer();
    await Promise.all([montrerHistorique(), montrerEchanges("messages"), montrerEchanges("notes")]);
  } catch (faute) {
    direLaFaute(faute);
  }
  charge();
}

function montrer() {
  const { demande, photo, pieces, suspensions, doublons } = dossier;
  const civil = demande.etat_civil;
  trouver("[data-titre]").textContent = `${civil ? `${civil.prenoms[0]} ${civil.nom_naissance}` : "Dossier"} – ${MOTIFS[demande.motif]} – ${demande.libelle}`;
  trouver("[data-dossier]").hidden = false;
  montrerSnpc();
  remplacer(
    trouver("[data-prededemande]"),
    definitions([
      ["Numéro de prédemande", demande.numero],
      ["Code autorité", demande.autorite],
      ["Service", demande.service],
      ["Date prédemande", demande.deposee_le && dateHeure(demande.deposee_le)],
      ["Motif", MOTIFS[demande.motif]],
      ["Décision attendue avant le", demande.decision_avant && jour(demande.decision_avant)],
      ["Droits provisoires jusqu'au", demande.droits_jusqua && jour(demande.droits_jusqua)],
      ["Adresse", demande.adresse && [demande.adresse.numero, demande.adresse.extension, demande.adresse.type_voie, demande.adresse.nom_voie, demande.adresse.code_postal, demande.adresse.commune].filter(Boolean).join(" ")],
      ["Adresse mél.", demande.adresse?.email],
      ["Téléphone", demande.adresse?.telephone],
      ["Prise en charge", demande.agent ? `${demande.agent.de_moi ? "par vous" : demande.agent.nom}, jusqu'au ${dateHeure(demande.agent.bail_jusqua)}` : "personne"],
    ]),
    doublons.length > 0 && alerte("warning", "Autre demande en cours pour cette personne", h("ul", {}, doublons.map((un) => h("li", {}, `${un.libelle} (${un.service})`)))),
  );
  remplacer(trouver("[data-photo]"), definitions([["Photo", photo.mode === "talon" ? "Talon papier" : "Code « photo numérique »"], ["État", photo.etat], ["Reçue le", photo.recue_le && dateHeure(photo.recue_le)], ["Demande signée", photo.signee ? "OUI" : "NON"]]));
  trouver("[data-suspensions]").hidden = suspensions.length === 0;
  remplacer(trouver("[data-liste-suspensions]"), suspensions.map((une) => h("div", { class: "fr-mb-2w" }, h("p", { class: "fr-mb-1v" }, h("strong", {}, `Demande suspendue par ${une.par_nom} le ${dateHeure(une.suspendue_le)}`), ` – ${une.issue}`), h("p", { class: "fr-mb-1v" }, une.message), h("ul", {}, une.elements.map((e) => h("li", {}, `${e.libelle} : ${e.raison}`, enTexte(e.avant) && ` – avant : ${enTexte(e.avant)}`, enTexte(e.apres) && ` – après : ${enTexte(e.apres)}`))))));
  visionneuse = monterVisionneuse(id, pieces);
  const premiere = pieces.find(({ courante, pages }) => courante && pages > 0);
  if (premiere) visionneuse.montrer(premiere.piece_id);
  montrerActions();
}

const enTexte = (valeur) => (typeof valeur === "string" ? valeur : "");

function montrerSnpc() {
  const zone = trouver("[data-snpc]");
  const civil = dossier.demande.etat_civil;
  if (!dossier.snpc) {
    remplacer(zone, alerte("warning", "Le SNPC n'est pas à côté", dossier.snpc_message), civil && definitions([["Nom de naissance", civil.nom_naissance], ["Nom d'usage", civil.nom_usage], ["Prénoms", civil.prenoms.join(", ")], ["Date de naissance", datePartielle(civil.date_naissance)], ["Sexe", civil.sexe]]));
    return;
  }
  const { snpc, ecarts } = dossier;
  remplacer(
    zone,
    definitions([
      ["Numéro de dossier", snpc.numero_dossier],
      ["Libellé de dossier incohérent", snpc.libelle_incoherent],
      ["État-civil", [snpc.sexe, snpc.nom, ...snpc.prenoms].join(" ")],
      ["Nom d'épouse", snpc.nom_epouse],
      ["Nom d'usage", snpc.nom_usage],
      ["État du dossier", snpc.etat.toUpperCase()],
      ["Solde de points", `${snpc.points} / ${snpc.points_max}`],
      ["Libellé contrôle impossible", snpc.libelle_controle_impossible],
      ["Échange à l'étranger", snpc.echange_etranger],
      ["Département de naissance", snpc.departement_naissance],
    ]),
    tableau(
      "Comparaison du SNPC et de la demande",
      ["Marque", "Champ", "SNPC", "Demande", "Écart"],
      ecarts.map((e) => [h("span", { class: `ecart ecart-${e.genre}`, "aria-hidden": "true" }, GENRES[e.genre][0]), e.libelle, e.snpc ?? "–", e.demande ?? "–", ["different", "absent"].includes(e.genre) && (e.snpc || e.demande) ? e.explication : GENRES[e.genre][1]]),
    ),
  );
}

function definitions(lignes) {
  return h("dl", { class: "dossier-liste" }, lignes.filter(([, valeur]) => valeur).map(([nom, valeur]) => h("div", {}, h("dt", {}, nom), h("dd", {}, valeur))));
}

async function montrerHistorique() {
  const elements = await toutLire(`/api/instruction/demandes/${id}/historique`);
  remplacer(trouver("[data-historique]"), tableau("Entrées de l'historique", ["Date statut", "Code statut", "Libellé statut", "Code événement"], elements.map((e) => [dateHeure(e.date_statut), e.code_statut, e.libelle_statut, e.code_evenement])));
}

trouver("[data-verifier]").addEventListener("click", async () => {
  const zone = trouver("[data-verification]");
  zone.textContent = "Vérification…";
  try {
    const { intacte, entrees } = await appeler("GET", `/api/instruction/demandes/${id}/historique/verification`);
    zone.textContent = intacte ? `Historique intact (${entrees} entrées).` : "Historique altéré : prévenez votre chef de service.";
  } catch (faute) {
    zone.textContent = enClair(faute);
  }
});

async function montrerEchanges(genre) {
  const zone = trouver(`[data-${genre}]`);
  const elements = await toutLire(`/api/instruction/demandes/${id}/${genre}`);
  const saisie = h("textarea", { class: "fr-input", id: `texte-${genre}`, rows: 3, maxlength: 2000 });
  const message = h("p", { class: "fr-error-text", role: "alert", hidden: true });
  remplacer(
    zone,
    elements.length === 0 ? h("p", {}, genre === "messages" ? "Aucun message." : "Aucune note.") : h("ul", { class: "echanges" }, elements.map((un) => h("li", {}, h("p", { class: "fr-text--sm fr-mb-1v" }, `${un.de === "usager" ? "Usager" : (un.auteur_nom ?? un.auteur ?? "Service")}, ${dateHeure(un.ecrit_le)}`), h("p", { class: "texte-libre" }, un.texte)))),
    h(
      "form",
      {
        onsubmit: async (evenement) => {
          evenement.preventDefault();
          message.hidden = true;
          try {
            await appeler("POST", `/api/instruction/demandes/${id}/${genre}`, { corps: { texte: saisie.value }, cle: nouvelleCle() });
            await montrerEchanges(genre);
            avis("success", genre === "messages" ? "Message envoyé à l'usager." : "Note enregistrée.");
          } catch (faute) {
            message.textContent = faute.erreurs?.[0]?.message ?? enClair(faute);
            message.hidden = false;
          }
        },
      },
      h("label", { class: "fr-label", for: `texte-${genre}` }, genre === "messages" ? "Écrire à l'usager" : "Écrire une note, que l'usager ne voit pas"),
      saisie,
      message,
      h("button", { class: "fr-btn fr-btn--secondary fr-btn--sm fr-mt-1w", type: "submit" }, genre === "messages" ? "Envoyer le message" : "Enregistrer la note"),
    ),
  );
}

function avis(genre, texte) {
  const zone = trouver("[data-avis]");
  remplacer(zone, alerte(genre, null, texte));
  zone.focus();
}

function montrerActions() {
  const { statut, agent } = dossier.demande;
  const mien = agent?.de_moi;
  const possibles = [];
  if (!mien && ["en_instruction", "suspendue", "non_distribuee", "en_controle"].includes(statut)) possibles.push(["Prendre en charge", () => agir("prise-en-charge", undefined, "Demande prise en charge.")]);
  if (mien) possibles.push(["Rendre", () => agir("prise-en-charge", undefined, "Demande rendue.", { methode: "DELETE" })]);
  if (statut === "en_instruction") possibles.push(["Valider", valider, "v"], ["Suspendre", () => suspendre(false), "s"], ["Refuser", refuser, "r"]);
  if (statut === "suspendue") possibles.push(["Corriger la suspension", () => suspendre(true)], ["Lever la suspension", () => agir("levee", undefined, "Suspension levée.")]);
  if (statut === "non_distribuee") possibles.push(["Réexpédier", reexpedier]);
  remplacer(trouver("[data-actions]"), possibles.length === 0 && h("p", {}, "Aucune action n'est possible dans cet état."), possibles.map(([mots, faire], rang) => h("button", { class: `fr-btn ${rang ? "fr-btn--secondary " : ""}fr-btn--sm`, type: "button", onclick: faire }, mots)));
}

/** One action; the dossier is read again when it is done. `zone` says a refusal (the page's own when there is none). @returns whether it was done */
async function agir(action, corps, succes, { zone = null, methode = "POST" } = {}) {
  try {
    await appeler(methode, `/api/instruction/demandes/${id}/${action}`, { corps });
    await ouvrir();
    avis("success", succes);
    return true;
  } catch (faute) {
    if (zone) {
      const detail = faute instanceof Probleme && faute.erreurs.length > 0 ? faute.erreurs.map(({ message }) => message).join(" ") : enClair(faute);
      zone.textContent = detail;
      zone.hidden = false;
    } else direLaFaute(faute);
    return false;
  }
}

function dialogueDAction(titre, contenu, bouton, envoyer) {
  const message = h("p", { class: "fr-error-text", role: "alert", hidden: true });
  const dialogue = ouvrirDialogue(
    titre,
    h(
      "form",
      {
        novalidate: true,
        onsubmit: async (evenement) => {
          evenement.preventDefault();
          message.hidden = true;
          if (await envoyer(message)) dialogue.close();
        },
      },
      contenu,
      message,
      h("button", { class: "fr-btn fr-mt-2w", type: "submit" }, bouton),
    ),
  );
}

function valider() {
  const ailleurs = h("input", { type: "checkbox", id: "droits-ailleurs" });
  const inconnu = dossier.snpc_etat !== "trouve";
  dialogueDAction(
    "Valider la demande",
    h("div", {}, h("p", {}, "La commande du titre part chez l'imprimeur. L'usager en est prévenu."), inconnu && h("div", { class: "fr-checkbox-group" }, ailleurs, h("label", { class: "fr-label", for: "droits-ailleurs" }, "J'ai établi les droits du conducteur autrement que par le SNPC"))),
    "Valider la demande",
    (zone) => agir("validation", ailleurs.checked ? { droits_etablis_autrement: true } : {}, "Demande validée.", { zone }),
  );
}

function choixMotif(liste, idChamp) {
  return h("select", { class: "fr-select", id: idChamp }, h("option", { value: "" }, "Choisissez un motif…"), liste.map(({ code, libelle }) => h("option", { value: code }, libelle)));
}

function refuser() {
  const motif = choixMotif(motifs.refus, "motif-refus");
  const texte = h("textarea", { class: "fr-input", id: "message-refus", rows: 4, maxlength: 2000 });
  dialogueDAction(
    "Refuser la demande",
    h("div", {}, h("label", { class: "fr-label", for: "motif-refus" }, "Motif"), motif, h("label", { class: "fr-label fr-mt-2w", for: "message-refus" }, "Message à l'usager"), texte),
    "Refuser la demande",
    (zone) => agir("refus", { motif: motif.value, message: texte.value }, "Demande refusée.", { zone }),
  );
}

function reexpedier() {
  const verifiee = h("input", { type: "checkbox", id: "adresse-verifiee" });
  dialogueDAction(
    "Réexpédier le titre",
    h("div", { class: "fr-checkbox-group" }, verifiee, h("label", { class: "fr-label", for: "adresse-verifiee" }, "J'ai vérifié l'adresse avec l'usager")),
    "Réexpédier",
    (zone) => agir("reexpedition", verifiee.checked ? { adresse_verifiee: true } : {}, "Titre réexpédié.", { zone }),
  );
}

const CHAMPS = [
  ["etat_civil.nom_naissance", "Nom de naissance"],
  ["etat_civil.prenoms", "Prénoms"],
  ["etat_civil.date_naissance", "Date de naissance"],
  ["etat_civil.lieu_naissance", "Lieu de naissance"],
  ["adresse.nom_voie", "Nom de la voie"],
  ["adresse.code_postal", "Code postal"],
  ["adresse.commune", "Commune"],
  ["photo_signature", "Photo et signature"],
];

/** What is asked again is pointed at: a pièce or a field, each with its motif. */
function suspendre(corriger) {
  const cibles = [...dossier.pieces.filter(({ courante }) => courante).map((piece) => [piece.piece_id, `${piece.libelle} (${piece.nom_fichier})`]), ...CHAMPS];
  const lignes = cibles.map(([cible, libelle], rang) => {
    const case_ = h("input", { type: "checkbox", id: `cible-${rang}`, onchange: () => (motif.parentElement.hidden = !case_.checked) });
    const motif = choixMotif(motifs.suspension, `motif-${rang}`);
    const element = h("div", { class: "cible" }, h("div", { class: "fr-checkbox-group fr-checkbox-group--sm" }, case_, h("label", { class: "fr-label", for: `cible-${rang}` }, libelle)), h("div", { hidden: true }, h("label", { class: "fr-label fr-text--sm", for: `motif-${rang}` }, `Motif pour : ${libelle}`), motif));
    return { cible, case_, motif, element };
  });
  const texte = h("textarea", { class: "fr-input", id: "message-suspension", rows: 4, maxlength: 2000 });
  if (corriger) texte.value = dossier.suspensions.find(({ issue }) => issue === "ouverte")?.message ?? "";
  const delai = h("input", { class: "fr-input", id: "delai", type: "number", min: 1, max: 180, value: 60 });
  dialogueDAction(
    corriger ? "Corriger le complément demandé" : "Suspendre et demander un complément",
    h("div", {}, h("fieldset", { class: "cibles" }, h("legend", {}, "Ce qui est à refaire"), lignes.map(({ element }) => element)), h("label", { class: "fr-label", for: "message-suspension" }, "Message à l'usager"), texte, h("label", { class: "fr-label fr-mt-2w", for: "delai" }, "Délai, en jours"), delai),
    corriger ? "Corriger" : "Suspendre la demande",
    (zone) => {
      const elements = lignes.filter(({ case_ }) => case_.checked).map(({ cible, motif }) => ({ cible, motif: motif.value }));
      const succes = corriger ? "Le complément demandé est corrigé." : "La demande a été suspendue.";
      return agir("suspension", { elements, message: texte.value, delai_jours: Number(delai.value) }, succes, { zone, methode: corriger ? "PUT" : "POST" });
    },
  );
}

// Shortcuts (listed in /agent/raccourcis/): never while one types, nor when they were turned off there.
document.addEventListener("keydown", (evenement) => {
  if (evenement.defaultPrevented || evenement.ctrlKey || evenement.metaKey || evenement.altKey || localStorage.getItem("raccourcis") === "non") return;
  if (evenement.target.closest("input, textarea, select, dialog, .visionneuse") || !dossier) return;
  const actions = { v: valider, s: () => suspendre(false), r: refuser };
  const geste = { n: () => visionneuse.page(1), p: () => visionneuse.page(-1), t: visionneuse.tourner, "+": () => visionneuse.zoomer(1.4), "-": () => visionneuse.zoomer(1 / 1.4), c: visionneuse.comparer, f: visionneuse.pleinePage, ...(dossier.demande.statut === "en_instruction" ? actions : {}) }[evenement.key];
  if (geste) {
    evenement.preventDefault();
    geste();
  }
});
