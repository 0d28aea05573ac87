/** « Recueil complémentaire »: what a suspension asks, each with its reason; only that opens, and it goes in one sending. */
import { appeler, enClair, HorsLigne, Probleme } from "../api.js";
import { garderCopie, lireCopie, oublierCopie } from "../copie.js";
import { h, jour, remplacer, telQuel, tous, trouver } from "../dom.js";
import { aLEnvoi, lire, remplir } from "../formulaire.js";
import { identifiantDemande, ouvrirDemande, retenir } from "./etape.js";
import { montrerIdentite } from "./identite.js";
import { monterPieces } from "./pieces.js";

const PAGES = { etat_civil: "etat-civil", adresse: "adresse" };
const id = identifiantDemande();
const formulaire = trouver("form[data-complement]");
const etat = trouver("[data-etat-saisie]");
const cleCopie = `complement:${id}`;
let actuelle = null;
let pieces = null;
let touche = false;

/** The fields of `etape` that may be changed now. */
function ouverts(etape) {
  return actuelle.modifiable.filter((nom) => nom.startsWith(`${etape}.`)).map((nom) => nom.slice(etape.length + 1));
}

const suspendue = ({ statut, suspension }) => statut === "suspendue" && Boolean(suspension);

function montrer(demande) {
  actuelle = demande;
  if (!suspendue(demande)) return void location.replace(`/demande/suivi/#${id}`);
  trouver("[data-retour]").href = `/demande/suivi/#${id}`;
  montrerLaDemande(demande.suspension);
  for (const etape of Object.keys(PAGES)) ouvrirLesChamps(etape);
  const photo = trouver('[data-partie="photo_signature"]');
  photo.hidden = !demande.modifiable.includes("photo_signature");
  const donnee = demande.suspension.elements.find(({ cible }) => cible === "photo_signature")?.repondu;
  remplacer(
    trouver("[data-etat-photo]"),
    donnee ? "Votre nouveau choix est enregistré : vous pouvez envoyer votre complément." : "Donnez un nouveau code « photo numérique », ou choisissez le talon à envoyer par la poste. Revenez ensuite ici pour envoyer votre complément.",
  );
  trouver("[data-photo]").href = `/demande/photo-signature/#${id}`;
  trouver('[data-partie="pieces"]').hidden = ouverts("pieces").length === 0;
  if (ouverts("pieces").length > 0 && demande.pieces) {
    pieces ??= monterPieces(trouver("[data-pieces]"), demande, { apres: (fraiche) => montrer(retenir(fraiche)) });
    pieces.montrer(demande);
  }
  if (touche) return;
  const saisi = lireCopie(cleCopie);
  const civil = { ...demande.etapes.etat_civil?.donnees, ...saisi };
  montrerIdentite(civil);
  remplir(formulaire, demande.etapes.etat_civil?.donnees);
  remplir(formulaire, demande.etapes.adresse?.donnees);
  if (saisi) {
    remplir(formulaire, saisi);
    etat.textContent = "Votre saisie non envoyée a été reprise de cet appareil.";
  }
}

function montrerLaDemande({ message, elements, echeance }) {
  remplacer(
    trouver("[data-demande-de-complement]"),
    h("h2", {}, "Ce qui vous est demandé"),
    echeance && h("p", {}, "À envoyer avant le ", h("strong", {}, jour(echeance)), ". Passé cette date, votre demande sera classée sans suite."),
    h(
      "ul",
      { class: "elements-demandes" },
      elements.map(({ libelle, raison, pages, repondu, cible }) => h("li", { "data-cible": cible }, h("strong", {}, libelle), ` : ${raison}`, repondu && h("span", { class: "element-fait" }, " ✓ répondu"), pages.length > 0 && h("ul", {}, pages.map((page) => h("li", {}, page.libelle))))),
    ),
    message && h("figure", { class: "citation" }, h("blockquote", {}, h("p", { class: "message-texte" }, telQuel(message))), h("figcaption", {}, "Le service qui traite votre demande")),
  );
}

function ouvrirLesChamps(etape) {
  const champs = new Set(ouverts(etape));
  const partie = trouver(`[data-partie="${etape}"]`);
  partie.hidden = champs.size === 0;
  for (const groupe of tous("[data-champ]", partie)) groupe.hidden = !champs.has(groupe.dataset.champ.split(".")[0]);
  if (etape !== "etat_civil") return;
  trouver("#lieu").hidden = !champs.has("lieu_naissance");
  trouver("details.facultatif", partie).hidden = !champs.has("neph") && !champs.has("numero_dossier");
}

/** The whole step as the service takes it: what is kept, with the opened fields as they are typed. */
function corpsDe(etape, saisi) {
  const champs = new Set(ouverts(etape));
  const gardes = Object.entries(actuelle.etapes[etape].donnees ?? {}).filter(([nom]) => !champs.has(nom));
  const corps = Object.fromEntries([...gardes, ...Object.entries(saisi).filter(([nom]) => champs.has(nom))]);
  if (corps.numero_dossier) corps.numero_dossier = corps.numero_dossier.toUpperCase();
  return corps;
}

formulaire.addEventListener("input", (evenement) => {
  if (evenement.target.type === "file") return;
  touche = true;
  garderCopie(cleCopie, lire(formulaire));
  etat.textContent = "Gardé sur cet appareil.";
});

aLEnvoi(
  formulaire,
  async (saisi) => {
    etat.textContent = "Envoi de votre complément…";
    try {
      for (const [etape, page] of Object.entries(PAGES)) {
        if (ouverts(etape).length > 0) actuelle = retenir(await appeler("PUT", `/api/demandes/${id}/${page}`, { corps: corpsDe(etape, saisi) }));
      }
      return await appeler("POST", `/api/demandes/${id}/complement`);
    } catch (faute) {
      remplacer(etat, faute instanceof HorsLigne ? `Ce que vous avez saisi est gardé sur cet appareil. ${enClair(faute)}` : "");
      if (faute instanceof Probleme && faute.manques.length > 0) faute.erreurs = faute.manques.map(({ champ, etape, message }) => ({ champ: champ ?? etape, message }));
      throw faute;
    }
  },
  (demande) => {
    oublierCopie(cleCopie);
    retenir(demande);
    garderCopie(`complete:${id}`, true);
    location.assign(`/demande/suivi/#${id}`);
  },
);

if (id) ouvrirDemande(id, montrer, suspendue);
