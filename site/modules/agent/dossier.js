/** The dossier on one screen: the SNPC beside the demande, the pièces, the history, messages, notes, and the decisions. */
import { appeler, Probleme } from "../api.js";
import { alerte, charge, h, remplacer, trouver } from "../dom.js";
import { MOTIFS_COURTS } from "../referentiel.js";
import { ancre, direLaFaute, exigerAgent, lienDe, reserver } from "./commun.js";
import { montrerLesActions } from "./dossier/actions.js";
import { montrerLeBail, veillerSurLeBail } from "./dossier/bail.js";
import { direFait } from "./dossier/decisions.js";
import { rappelerLesDesignes } from "./dossier/designation.js";
import { brancherEchanges, montrerEchanges } from "./dossier/echanges.js";
import { brancherVerification, montrerHistorique } from "./dossier/historique.js";
import { montrerAlertes, montrerInformation, montrerPrededemande, montrerSuivi, montrerSuspensions } from "./dossier/information.js";
import { montrerPhoto, montrerPieces } from "./dossier/pieces.js";
import { brancherLesRaccourcis } from "./dossier/raccourcis.js";
import { brancherConsulter, montrerSnpc } from "./dossier/snpc.js";
import { brancherLaSuspension } from "./dossier/suspension.js";

const DU_SNPC = "dossier=";
const NUMERO_DOSSIER = /^[0-9A-Z]{6,15}$/;
const ouverte = await exigerAgent();
// An operator of the CTN judges pièces elsewhere, on the same demande.
if (ouverte.profil === "ctn" && !location.hash.startsWith(`#${DU_SNPC}`)) location.replace(`/agent/controle/${location.hash}`);
window.addEventListener("hashchange", () => location.reload());

/** What the parts of the screen share: the demande read last, how to read it again, where to say what was done. */
const page = { chemin: "", dossier: null, relire, avis };
let motifs = null;

try {
  const id = await identifiant();
  if (id) await ouvrir(id);
} catch (faute) {
  direLaFaute(faute);
}
charge();

/** The demande that the address names, by its id or by the number of a dossier of the SNPC; null when one is to choose. */
async function identifiant() {
  const nomme = ancre();
  if (!nomme) return sansDossier("Aucune demande n'est indiquée. Choisissez-en une dans la corbeille, ou cherchez-la.");
  if (!nomme.startsWith(DU_SNPC)) return nomme;
  // The SNPC shows it in two parts: « 13572A 7654 ».
  const numero_dossier = nomme.slice(DU_SNPC.length).replace(/\s/g, "");
  if (!NUMERO_DOSSIER.test(numero_dossier)) return sansDossier("Ce numéro de dossier n'a pas la bonne forme : il comporte 6 à 15 chiffres et majuscules.");
  const { elements, curseur } = await chercher(numero_dossier);
  if (elements.length === 1 && !curseur) {
    // From now on the address names the demande, and no longer the person's dossier.
    history.replaceState(null, "", `#${elements[0].id}`);
    return elements[0].id;
  }
  if (elements.length === 0) remplacer(trouver("[data-avis]"), alerte("info", null, "Aucune demande de votre service ne porte ce numéro de dossier."));
  else choisir(elements, curseur);
  return null;
}

async function chercher(numero_dossier) {
  try {
    return await appeler("POST", "/api/instruction/recherches", { corps: { numero_dossier } });
  } catch (faute) {
    if (faute instanceof Probleme && faute.statut === 403) return reserver();
    throw faute;
  }
}

/** The address names no demande: why, and where they are found. @returns null */
function sansDossier(pourquoi) {
  const liens = [
    ["/agent/", "Aller à la corbeille"],
    ["/agent/recherche/", "Chercher une demande"],
  ].map(([href, mots]) => h("li", {}, h("a", { class: "fr-link", href }, mots)));
  remplacer(trouver("[data-avis]"), alerte("info", null, pourquoi, h("ul", {}, liens)));
  return null;
}

function choisir(elements, curseur) {
  const liens = elements.map((une) => h("li", {}, h("a", { class: "fr-link", href: lienDe(ouverte, une.id) }, `${une.nom} ${une.prenom}, ${MOTIFS_COURTS[une.motif]}, n° ${une.numero}`)));
  const suite = curseur && h("p", {}, h("a", { class: "fr-link", href: "/agent/recherche/" }, "Il y en a d'autres : cherchez par d'autres critères"));
  remplacer(trouver("[data-avis]"), h("p", {}, "Plusieurs demandes de votre service portent ce numéro de dossier :"), h("ul", {}, liens), suite);
}

async function ouvrir(id) {
  page.chemin = `/api/instruction/demandes/${encodeURIComponent(id)}`;
  motifs = await appeler("GET", "/api/instruction/motifs");
  await relire();
  brancherConsulter(page.chemin, montrer);
  brancherVerification(page.chemin);
  brancherEchanges(page.chemin, apresUnEcrit);
  brancherLaSuspension(page);
  brancherLesRaccourcis(page);
  veillerSurLeBail(page.chemin, relire);
}

/** The demande and what is said of it, read and shown again; what is being typed or pointed at stays. */
async function relire() {
  montrer(await appeler("GET", page.chemin));
  await Promise.all([montrerHistorique(page.chemin), montrerEchanges(page.chemin)]);
}

function montrer(dossier) {
  page.dossier = dossier;
  const { demande } = dossier;
  const civil = demande.etat_civil;
  trouver("[data-titre]").textContent = `${civil ? `${civil.prenoms[0]} ${civil.nom_naissance}` : "Dossier"} – ${MOTIFS_COURTS[demande.motif]} – ${demande.libelle}`;
  trouver("[data-dossier]").hidden = false;
  montrerAlertes(dossier);
  montrerLeBail(demande);
  montrerSnpc(dossier);
  montrerInformation(dossier);
  montrerSuivi(dossier, motifs);
  montrerPrededemande(dossier);
  montrerSuspensions(dossier);
  montrerPieces(page.chemin, dossier.pieces);
  montrerPhoto(dossier.photo);
  rappelerLesDesignes();
  montrerLesActions(page);
}

/** A message answers the usager, and moves the demande; a holder whom nothing reaches is to be written to. */
async function apresUnEcrit(fil, fait, ecrit) {
  if (fil === "messages") await relire();
  if (ecrit.titulaire_prevenu?.includes("courrier")) direFait(page, fait, ecrit);
}

function avis(genre, texte) {
  const zone = trouver("[data-avis]");
  remplacer(zone, alerte(genre, null, texte));
  zone.focus();
}
