/** Whether a document shown to somebody is one of ours: its photo, its PDF or its code; nothing is kept. */
import { appeler, enClair } from "./api.js";
import { alerte, charge, datePartielle, euros, h, remplacer, trouver } from "./dom.js";
import { aLEnvoi } from "./formulaire.js";

const COTE_MAX = 1800;
const QUALITES = [0.85, 0.7, 0.5];
/** What is said of each verdict before its sentence; the alert's icon differs too. */
const VERDICTS = {
  valide: ["success", "Document authentique"],
  expire: ["warning", "Document expiré : il n'est plus valable"],
  termine: ["error", "Document qui ne vaut plus rien"],
  remplace: ["error", "Document qui ne vaut plus rien"],
  altere: ["error", "Document faux ou modifié"],
  inconnu: ["error", "Ce code n'est pas du service"],
  illisible: ["warning", "Lecture impossible"],
  absent: ["warning", "Aucun code trouvé"],
};

const OCTETS_MAX = Number(trouver("[data-verifier]").dataset.octetsMax);
const verdict = trouver("[data-verdict]");
const attente = trouver("[data-attente]");
let tour = 0;

function montrer({ etat, message, document: lu }) {
  const [genre, titre] = VERDICTS[etat];
  remplacer(verdict, alerte(genre, titre, message), lu && h("h2", { class: "fr-h5 fr-mt-2w" }, "À comparer avec le document"), lu && h("dl", { class: "durees" }, lignes(lu)));
  reveler();
}

function reveler() {
  verdict.hidden = false;
  verdict.classList.add("fr-mb-4w");
  verdict.focus();
  verdict.scrollIntoView({ block: "start" });
}

function lignes(lu) {
  const dites = [
    ["Document", lu.libelle],
    [lu.abrege ? "Titulaire (nom abrégé : le document l'écrit en entier)" : "Titulaire", `${lu.prenom} ${lu.nom}`.trim()],
    ["Date de naissance", lu.date_naissance && datePartielle(lu.date_naissance)],
    ["Numéro de la demande", lu.numero],
    ["Délivré le", datePartielle(lu.emis_le)],
    ["Valable jusqu'au", lu.expire_le && datePartielle(lu.expire_le)],
    ["Montant", lu.montant_centimes !== null && euros(lu.montant_centimes)],
  ];
  return dites.filter(([, valeur]) => valeur).flatMap(([nom, valeur]) => [h("dt", {}, nom), h("dd", {}, valeur)]);
}

/** The image as JPEG, small enough to be sent; what the browser can't open is sent as it is. */
async function preparer(fichier) {
  if (fichier.type === "application/pdf" || fichier.name.toLowerCase().endsWith(".pdf")) return fichier;
  let image;
  try {
    image = await createImageBitmap(fichier);
  } catch {
    return fichier;
  }
  const echelle = Math.min(1, COTE_MAX / Math.max(image.width, image.height));
  const toile = h("canvas", { width: Math.max(1, Math.round(image.width * echelle)), height: Math.max(1, Math.round(image.height * echelle)) });
  const trace = toile.getContext("2d");
  trace.fillStyle = "white";
  trace.fillRect(0, 0, toile.width, toile.height);
  trace.drawImage(image, 0, 0, toile.width, toile.height);
  image.close();
  for (const qualite of QUALITES) {
    const reduite = await new Promise((suite) => toile.toBlob(suite, "image/jpeg", qualite));
    if (reduite && reduite.size <= OCTETS_MAX) return reduite;
  }
  return fichier;
}

function enBase64(contenu) {
  return new Promise((suite, echec) => {
    const lecteur = new FileReader();
    lecteur.onload = () => suite(lecteur.result.slice(lecteur.result.indexOf(",") + 1));
    lecteur.onerror = () => echec(lecteur.error);
    lecteur.readAsDataURL(contenu);
  });
}

async function verifier(fichier) {
  const celui = (tour += 1);
  verdict.hidden = true;
  remplacer(attente, "Vérification en cours…");
  try {
    const contenu = await preparer(fichier);
    if (contenu.size > OCTETS_MAX) return refuser("Fichier trop lourd", `Il dépasse ${OCTETS_MAX / 1_000_000} Mo. Photographiez plutôt le carré noir et blanc du document.`);
    const rendu = contenu.size === 0 ? null : await appeler("POST", "/api/verifications", { corps: { fichier: await enBase64(contenu) }, anonyme: true });
    if (celui !== tour) return;
    if (rendu) montrer(rendu);
    else refuser("Fichier vide", "Choisissez une autre photo du document.");
  } catch (faute) {
    if (celui === tour) refuser("La vérification n'a pas pu être faite", enClair(faute));
  } finally {
    if (celui === tour) remplacer(attente);
  }
}

function refuser(titre, message) {
  remplacer(verdict, alerte("error", titre, message));
  reveler();
}

for (const genre of ["photo", "fichier"]) {
  const champ = trouver(`[data-${genre}]`);
  trouver(`[data-choisir="${genre}"]`).addEventListener("click", () => champ.click());
  champ.addEventListener("change", () => {
    const [fichier] = champ.files;
    if (fichier) verifier(fichier);
    champ.value = "";
  });
}
aLEnvoi(trouver("form[data-code]"), ({ code }) => appeler("POST", "/api/verifications", { corps: { code }, anonyme: true }), montrer);
charge();
