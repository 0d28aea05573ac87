/**
 * Step 6: the stamp, bought at the shop or bought before. The shop tells the service, sometimes later than it sends the
 * person back: the page then looks again, a few times, and says what it knows.
 */
import { appeler, enClair, HorsLigne, nouvelleCle } from "../api.js";
import { garderCopie, lireCopie, oublierCopie } from "../copie.js";
import { alerte, euros, h, remplacer, trouver } from "../dom.js";
import { aLEnvoi, montrerRefus } from "../formulaire.js";
import { identifiantDemande, montrerStepper, ouvrirDemande, pageDEtape, retenir } from "./etape.js";

const RELECTURES_MS = [2_000, 4_000, 8_000, 16_000, 30_000];
const PAYE = new Set(["reserve", "consomme", "non_requis"]);

const id = identifiantDemande();
const zone = trouver("[data-etat-paiement]");
const timbre = trouver("form[data-timbre]");
const suite = trouver("form[data-suite]");
const cleAchat = `achat:${id}`;
const retour = `retour-boutique:${id}`;
let dernier = null;
let relecture = null;
let relectures = 0;

function motsDe({ etat, montant_centimes, numero_timbre }) {
  const prix = euros(montant_centimes);
  const revenu = sessionStorage.getItem(retour) !== null;
  switch (etat) {
    case "non_requis":
      return ["success", "Rien à payer", "Aucun timbre n'est demandé pour ce motif. Passez à l'étape suivante."];
    case "a_payer":
      if (revenu) return ["warning", "L'achat n'a pas été terminé", "Rien n'a été débité. Vous pouvez recommencer, ou indiquer un timbre déjà acheté."];
      return ["info", "Le timbre reste à payer", `Achetez un timbre de ${prix}, ou indiquez le numéro d'un timbre déjà acheté.`];
    case "en_attente":
      return ["info", "Nous attendons la réponse du site de paiement", "Si vous avez payé, ne payez pas de nouveau : la réponse peut arriver dans quelques minutes. Si vous n'avez pas payé, reprenez l'achat."];
    case "reserve":
      return ["success", "Paiement accepté", `Votre timbre de ${prix}${numero_timbre ? `, n° ${numero_timbre},` : ""} est réservé pour cette demande.`];
    case "consomme":
      return ["success", "Timbre utilisé", "Votre timbre a servi à cette demande."];
    case "refuse":
      return ["error", "Le paiement n'a pas abouti", "Il a été refusé ou abandonné. Rien n'a été débité : vous pouvez recommencer, ou indiquer un timbre déjà acheté."];
    case "libere":
      return ["info", "Votre timbre est de nouveau libre", "Il n'est plus retenu par cette demande : vous pouvez l'utiliser ailleurs."];
    default:
      return ["info", "Paiement", etat];
  }
}

function montrer(paiement) {
  dernier = paiement;
  const { etat, montant_centimes } = paiement;
  trouver("[data-montant]").textContent = euros(montant_centimes);
  const [genre, titre, phrase] = motsDe(paiement);
  const plus = [];
  if (etat === "en_attente") plus.push(h("button", { class: "fr-btn fr-btn--secondary fr-mt-2w", type: "button", onclick: () => relire() }, "Vérifier"));
  if (paiement.recu) plus.push(h("button", { class: "fr-btn fr-btn--secondary fr-mt-2w", type: "button", onclick: (e) => ouvrirRecu(e.target) }, "Télécharger le reçu (PDF)"));
  remplacer(zone, alerte(genre, titre, phrase, ...plus));
  zone.dataset.etat = etat;
  trouver("[data-a-payer]").hidden = PAYE.has(etat) || etat === "libere";
  trouver("[data-acheter]").textContent = etat === "en_attente" ? "Reprendre l'achat en ligne" : "Acheter en ligne";
  if (etat !== "en_attente" && etat !== "a_payer") {
    oublierCopie(cleAchat);
    if (etat !== "refuse") sessionStorage.removeItem(retour);
  }
}

async function ouvrirRecu(bouton) {
  try {
    const { url } = await appeler("GET", dernier.recu);
    location.assign(url);
  } catch (faute) {
    bouton.after(h("p", { class: "fr-message fr-message--error", role: "alert" }, enClair(faute)));
  }
}

async function relire() {
  clearTimeout(relecture);
  try {
    montrer(await appeler("GET", `/api/demandes/${id}/paiement`));
  } catch (faute) {
    if (!dernier) throw faute;
    if (!(faute instanceof HorsLigne)) return montrerRefus(suite, faute);
  }
  if (dernier.etat === "en_attente" && relectures < RELECTURES_MS.length) {
    relecture = setTimeout(relire, RELECTURES_MS[relectures]);
    relectures += 1;
  }
}

async function acheter() {
  const bouton = trouver("[data-acheter]");
  const dit = trouver("[data-acheter-etat]");
  if (bouton.getAttribute("aria-disabled") === "true") return;
  bouton.setAttribute("aria-disabled", "true");
  dit.textContent = "Ouverture du site de paiement…";
  clearTimeout(relecture);
  // One key as long as the purchase may go on: asked twice, it is opened once.
  const cle = lireCopie(cleAchat) ?? nouvelleCle();
  garderCopie(cleAchat, cle);
  try {
    const url_retour = `${location.origin}/demande/paiement/#${id}`;
    const { url_paiement } = await appeler("POST", `/api/demandes/${id}/paiement`, { corps: { url_retour }, cle });
    sessionStorage.setItem(retour, "1");
    location.assign(url_paiement);
  } catch (faute) {
    remplacer(dit, enClair(faute));
    bouton.removeAttribute("aria-disabled");
    if (!(faute instanceof HorsLigne)) {
      oublierCopie(cleAchat);
      await relire();
    }
  }
}

if (id) {
  trouver("[data-precedente]").href = pageDEtape("pieces", id);
  const revenu = sessionStorage.getItem(retour) !== null;
  ouvrirDemande(id, (demande, fraiche) => {
    if (demande.statut !== "brouillon") return void location.replace(`/demande/suivi/#${id}`);
    montrerStepper(demande, "paiement");
    const donnees = demande.etapes.paiement.donnees;
    if (donnees && !dernier) montrer(donnees);
    if (fraiche) {
      relire().then(() => revenu && (zone.focus(), zone.scrollIntoView({ block: "center" })), (faute) => montrerRefus(suite, faute));
    }
  });
  trouver("[data-acheter]").addEventListener("click", acheter);
  // Back from the shop by the browser's own button: the page is as it was left.
  window.addEventListener("pageshow", (evenement) => {
    if (!evenement.persisted) return;
    trouver("[data-acheter]").removeAttribute("aria-disabled");
    trouver("[data-acheter-etat]").textContent = "";
    relectures = 0;
    relire();
  });
  aLEnvoi(
    timbre,
    (corps) => appeler("PUT", `/api/demandes/${id}/paiement`, { corps }),
    async (demande) => {
      montrerStepper(retenir(demande), "paiement");
      await relire();
      zone.focus();
    },
  );
  suite.addEventListener("submit", (evenement) => {
    evenement.preventDefault();
    if (PAYE.has(dernier?.etat)) return location.assign(pageDEtape("recapitulatif", id));
    const resume = trouver("[data-resume-erreurs]");
    const [, titre] = dernier ? motsDe(dernier) : ["", "Le paiement n'est pas connu"];
    remplacer(resume, h("h2", { class: "fr-alert__title" }, titre), h("p", {}, "Achetez un timbre fiscal, ou indiquez le numéro d'un timbre, avant de continuer."));
    resume.hidden = false;
    resume.focus();
  });
}
