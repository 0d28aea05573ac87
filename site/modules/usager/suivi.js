/** The follow-up of one demande: where it is, who must act and until when, what happened, and what one can do about it. */
import { appeler, enClair, HorsLigne, toutLire } from "../api.js";
import { garderCopie, lireCopie, oublierCopie } from "../copie.js";
import { alerte, charge, dateHeure, h, jour, remplacer, telQuel, trouver } from "../dom.js";
import { aLEnvoi, remplir } from "../formulaire.js";
import { MOTIFS, RETIRABLES } from "../referentiel.js";
import { exigerSession, ouvrirDialogue } from "../session.js";
import { marqueDesNouveaux, messagesNonLus, nomDuRepresentant, QUI, telechargement } from "./demande.js";
import { direImpossible, ETAPES, identifiantDemande, pageDEtape, retenir } from "./etape.js";

const BANDES = ["Création du compte", "Saisie de la demande", "Instruction", "Fabrication et remise du titre"];
const FABRICATION = new Set(["validee", "en_production", "expediee", "non_distribuee", "distribuee"]);
const AUTEURS = { usager: "Vous", agent: "Un agent", chef: "Un agent", ctn: "Le centre de traitement", partenaire: "Un partenaire de l'État", systeme: "Le service" };

const id = identifiantDemande();
const annonce = trouver("[data-annonce]");
const adresse = trouver("[data-adresse]");
const formulaireAdresse = trouver("form[data-adresse-formulaire]");
let actuelle = null;

async function ouvrir() {
  await exigerSession();
  const [connue, connu] = [lireCopie(`vue:${id}`), lireCopie(`suivi:${id}`)];
  if (connue && connu) montrer(connue, connu);
  if (lireCopie(`complete:${id}`)) {
    oublierCopie(`complete:${id}`);
    remplacer(annonce, alerte("success", "Votre complément est envoyé", "L'examen de votre demande reprend là où il s'était arrêté."));
    annonce.focus();
  }
  try {
    await relire();
  } catch (faute) {
    if (connu && faute instanceof HorsLigne) remplacer(annonce, alerte("warning", "Pas de réseau", "Voici votre demande telle que vous l'avez vue la dernière fois sur cet appareil."));
    else direImpossible(faute);
  }
  charge();
}

async function relire() {
  const [demande, suivi] = await Promise.all([appeler("GET", `/api/demandes/${id}`), appeler("GET", `/api/demandes/${id}/suivi`)]);
  garderCopie(`suivi:${id}`, suivi);
  montrer(retenir(demande), suivi);
}

function montrer(demande, suivi) {
  actuelle = demande;
  remplacer(trouver("[data-quelle]"), MOTIFS[demande.motif], demande.numero && h("span", { class: "numero numero-entier" }, `Demande n°\u00a0${demande.numero}`));
  remplacer(
    trouver("[data-suivi]"),
    bandes(demande),
    h(
      "section",
      { class: "situation", "data-statut": suivi.statut },
      h("h2", {}, suivi.libelle),
      h("p", {}, suivi.raison),
      h(
        "dl",
        {},
        definition("Qui doit agir", QUI[suivi.detenteur]),
        definition("Ensuite", suivi.prochaine_etape),
        suivi.echeance && definition("Date limite", h("strong", {}, jour(suivi.echeance)), suivi.echeance_sens && h("span", { class: "fr-hint-text" }, suivi.echeance_sens)),
        suivi.droits && definition("Conduire en attendant", h("strong", {}, `Jusqu'au ${jour(suivi.droits.jusqua)}`), h("span", { class: "fr-hint-text" }, suivi.droits.libelle)),
        suivi.numero_suivi && definition("Numéro de suivi de la poste", h("span", { class: "numero" }, suivi.numero_suivi)),
        demande.representant && definition("Demande faite par", nomDuRepresentant(demande.representant)),
      ),
      action(demande, suivi),
    ),
    suivi.decision && decision(suivi.decision),
  );
  const aConfirmer = suivi.statut === "non_distribuee" && suivi.detenteur === "usager";
  if (aConfirmer && adresse.hidden) remplir(formulaireAdresse, demande.etapes.adresse?.donnees);
  adresse.hidden = !aConfirmer;
  remplacer(trouver("[data-suite]"), documents(suivi), messages(demande, suivi), deroulement(suivi), retrait(demande));
}

/** The deck's four bands: which are behind, and where the demande is. */
function bandes(demande) {
  const rang = demande.numero === null ? 1 : FABRICATION.has(demande.statut) ? 3 : 2;
  const finie = demande.statut === "distribuee";
  return h(
    "ol",
    { class: "progression", "aria-label": "Avancement" },
    BANDES.map((nom, place) => {
      const faite = place < rang || finie;
      return h("li", { class: faite ? "bande-faite" : place === rang ? "bande-courante" : "", "aria-current": place === rang && !finie ? "step" : null }, nom, faite && h("span", { class: "fr-sr-only" }, " (terminé)"));
    }),
  );
}

function definition(terme, ...valeur) {
  return h("div", {}, h("dt", {}, terme), h("dd", {}, valeur));
}

/** What the person can do now: one button, when something awaits them. */
function action(demande, suivi) {
  const lien = (href, mots) => h("a", { class: "fr-btn", href, "data-action": "" }, mots);
  if (demande.statut === "brouillon") return lien(pageDEtape(premiereIncomplete(demande), id), "Continuer ma demande");
  if (suivi.complement)
    return [
      h("ul", {}, suivi.complement.elements.map(({ libelle, raison, pages }) => h("li", {}, h("strong", {}, libelle), ` : ${raison}`, pages.length > 0 && h("ul", {}, pages.map((page) => h("li", {}, page.libelle)))))),
      lien(`/demande/complement/#${id}`, "Compléter ma demande"),
    ];
  if (demande.modifiable.includes("photo_signature")) return lien(`/demande/photo-signature/#${id}`, "Donner un autre code ou choisir le talon");
  return null;
}

function premiereIncomplete(demande) {
  const faite = (nom) => ["complete", "non_requise"].includes(demande.etapes[nom]?.etat);
  return (ETAPES.find(([page, nom]) => page !== "recapitulatif" && page !== "confirmation" && !faite(nom)) ?? ["recapitulatif"])[0];
}

function decision({ libelle, message, recours }) {
  return h("section", {}, h("h2", { class: "fr-mt-4w" }, "La décision"), h("p", {}, h("strong", {}, libelle)), message && h("p", { class: "message-texte" }, telQuel(message)), h("h3", {}, "Contester cette décision"), h("p", {}, recours));
}

function documents({ documents: offerts }) {
  return offerts.length > 0 && h("section", {}, h("h2", { class: "fr-mt-4w" }, "Vos documents"), offerts.map(({ code, libelle }) => telechargement(id, code, libelle)));
}

function messages(demande, suivi) {
  if (demande.numero === null) return null;
  const nouveaux = marqueDesNouveaux(messagesNonLus(id, suivi));
  return h("section", {}, h("h2", { class: "fr-mt-4w" }, "Vos échanges"), nouveaux && h("p", {}, nouveaux), h("p", {}, "Une question sur votre demande ? Le service qui la traite vous répond."), h("a", { class: "fr-btn fr-btn--secondary", href: `/demande/messages/#${id}` }, "Messages"));
}

function deroulement(suivi) {
  const table = h("div", { "data-historique": "" });
  const details = h("details", { class: "facultatif", ontoggle: () => details.open && montrerHistorique(table) }, h("summary", {}, "Voir l'historique complet"), table);
  return h(
    "section",
    {},
    h("h2", { class: "fr-mt-4w" }, "Ce qui s'est passé"),
    h("ol", { class: "evenements" }, [...suivi.evenements].reverse().map(({ date, libelle }) => h("li", {}, h("time", { datetime: date }, dateHeure(date)), h("span", {}, libelle)))),
    details,
  );
}

async function montrerHistorique(zone) {
  if (zone.childElementCount > 0) return;
  let lignes;
  try {
    lignes = await toutLire(`/api/demandes/${id}/historique`);
  } catch (faute) {
    return remplacer(zone, h("p", { class: "fr-error-text", role: "alert" }, enClair(faute)));
  }
  if (lignes.length === 0) return remplacer(zone, h("p", {}, "Votre demande n'est pas encore confirmée : son historique commence là."));
  remplacer(
    zone,
    h("ol", { class: "evenements" }, lignes.map(({ date_statut, libelle_statut, auteur, empreinte }) => h("li", {}, h("time", { datetime: date_statut }, dateHeure(date_statut)), h("span", {}, `${libelle_statut} – ${AUTEURS[auteur] ?? "Le service"}`), h("span", { class: "fr-hint-text numero" }, `Empreinte ${empreinte.slice(0, 16)}`)))),
  );
}

function retrait(demande) {
  if (!RETIRABLES.has(demande.statut)) return null;
  return h("section", {}, h("h2", { class: "fr-mt-4w" }, "Renoncer"), h("button", { class: "fr-btn fr-btn--tertiary fr-icon-delete-line fr-btn--icon-left", type: "button", onclick: () => demanderLeRetrait(demande) }, "Retirer ma demande"));
}

function demanderLeRetrait(demande) {
  const message = h("p", { class: "fr-error-text", role: "alert", hidden: true });
  const retirer = async () => {
    message.hidden = true;
    try {
      await appeler("DELETE", `/api/demandes/${id}`);
      await relire();
      dialogue.close();
      remplacer(annonce, alerte("success", "Votre demande est retirée"));
      annonce.focus();
    } catch (faute) {
      remplacer(message, enClair(faute));
      message.hidden = false;
    }
  };
  const paye = ["reserve", "consomme", "en_attente"].includes(demande.etapes.paiement?.donnees?.etat);
  const dialogue = ouvrirDialogue(
    "Retirer cette demande ?",
    h(
      "div",
      {},
      h("p", {}, "Elle s'arrête pour de bon : pour avoir un titre, il faudra en commencer une autre."),
      paye && h("p", {}, "Votre timbre fiscal redevient utilisable, jusqu'à sa propre date d'expiration."),
      demande.motif === "perte" && demande.numero !== null && h("p", {}, "Votre déclaration de perte, elle, reste faite : elle ne s'annule pas, même si vous retrouvez votre permis."),
      message,
      h("div", { class: "fr-btns-group fr-btns-group--inline fr-mt-2w" }, h("button", { class: "fr-btn", type: "button", onclick: retirer }, "Oui, retirer ma demande"), h("button", { class: "fr-btn fr-btn--secondary", type: "button", onclick: () => dialogue.close() }, "Non, la garder")),
    ),
  );
}

aLEnvoi(
  formulaireAdresse,
  (saisi) => {
    const { prefecture, email, telephone, reutilisation_donnees } = actuelle.etapes.adresse.donnees;
    return appeler("PUT", `/api/demandes/${id}/adresse/confirmation`, { corps: { ...saisi, prefecture, email, telephone, reutilisation_donnees } });
  },
  async () => {
    await relire();
    remplacer(annonce, alerte("success", "Votre adresse est confirmée", "Un agent renvoie votre titre par la poste."));
    annonce.focus();
  },
);

if (id) ouvrir();
