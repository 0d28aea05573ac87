/** The local tools: what went out, asked again every few seconds, and the forms that play the outside world. */
const { h, alerte, charge, dateHeure, remplacer, tous, trouver } = await import(`${document.body.dataset.actifs}/modules/dom.js`);

const PERIODE_MS = 5000;
const MONTRES = 50;
const CANAUX = { mail: "Courriel", sms: "SMS" };
const MODES = { aucune: "répond normalement", lent: "répond lentement", panne: "est en panne" };

let envois = [];
const lignes = new Map();

/** Links of this very service are followed; anything else stays text. */
function texteAvecLiens(texte) {
  return texte.split(/(https?:\/\/[^\s<>«»]*[^\s<>«».,;:!?)])/).map((partie) => (URL.canParse(partie) && new URL(partie).origin === location.origin ? h("a", { href: partie }, partie) : partie));
}

function ligne(envoi) {
  const tete = [h("span", { class: "fr-badge fr-badge--no-icon fr-badge--sm" }, CANAUX[envoi.canal]), " ", h("strong", {}, envoi.objet || "Message"), h("br"), h("span", { class: "envoi-qui" }, `à ${envoi.destinataire}, le ${dateHeure(envoi.envoye_le)}`)];
  const texte = h("p", { class: "envoi-texte" }, texteAvecLiens(envoi.texte));
  if (envoi.canal === "sms") return h("li", {}, h("div", {}, tete), texte);
  return h("li", {}, h("details", {}, h("summary", {}, tete), texte));
}

function correspond(envoi, cherche) {
  const compact = cherche.replace(/[\s.]/g, "").replace(/^0/, "+33");
  return envoi.destinataire.toLowerCase().includes(cherche.trim().toLowerCase()) || envoi.destinataire.includes(compact);
}

function montrer() {
  const cherche = trouver("#filtre").value;
  // Two messages may be the same word for word: each has its rank among its likes.
  const rangs = new Map();
  const connus = envois.map((envoi) => {
    const contenu = JSON.stringify(envoi);
    rangs.set(contenu, (rangs.get(contenu) ?? 0) + 1);
    return { envoi, cle: `${rangs.get(contenu)} ${contenu}` };
  });
  const voulus = connus.filter(({ envoi }) => correspond(envoi, cherche)).reverse();
  const montres = voulus.slice(0, MONTRES);
  const noeuds = montres.map(({ envoi, cle }) => {
    if (!lignes.has(cle)) lignes.set(cle, ligne(envoi));
    return lignes.get(cle);
  });
  // What is there already is not moved: it may hold the focus, or be open.
  const liste = trouver("#envois");
  const gardes = new Set(noeuds);
  for (const present of [...liste.children]) if (!gardes.has(present)) present.remove();
  noeuds.forEach((noeud, rang) => {
    if (liste.children[rang] !== noeud) liste.insertBefore(noeud, liste.children[rang] ?? null);
  });
  const nombre = voulus.length === 0 ? "Aucun message." : voulus.length === 1 ? "1 message." : `${voulus.length} messages.`;
  dire(voulus.length > MONTRES ? `${nombre} Les ${MONTRES} derniers sont montrés.` : nombre);
}

function dire(texte) {
  const compte = trouver("#compte");
  if (compte.textContent !== texte) compte.textContent = texte;
}

async function actualiser() {
  try {
    const reponse = await fetch("/dev/envois");
    if (!reponse.ok) throw new Error(String(reponse.status));
    envois = await reponse.json();
    montrer();
  } catch {
    dire("Les messages ne peuvent pas être lus : le service est-il lancé ?");
  }
}

async function montrerLesPannes() {
  const reponse = await fetch("/dev/pannes");
  if (!reponse.ok) return;
  const etats = await reponse.json();
  const noms = Object.fromEntries(tous("#panne-service option").map((option) => [option.value, option.textContent]));
  remplacer(trouver("#pannes"), Object.entries(etats).map(([service, mode]) => h("li", {}, `${noms[service]} : ${MODES[mode]}`)));
}

function valeur(champ) {
  let lue = champ.value.trim();
  if ("compact" in champ.dataset) lue = lue.replace(/\s/g, "");
  if ("majuscules" in champ.dataset) lue = lue.toUpperCase();
  if ("centimes" in champ.dataset) return Math.round(Number(lue) * 100);
  if ("liste" in champ.dataset) return lue.split(",").map((mot) => mot.trim()).filter(Boolean);
  return champ.type === "number" ? Number(lue) : lue;
}

/** `Code : {code}` with what the service answered, each value ready to be copied. */
function phrase(modele, reponse) {
  return h("p", {}, modele.split(/(\{\w+\})/).map((partie) => (partie.startsWith("{") ? h("code", { class: "valeur" }, reponse[partie.slice(1, -1)]) : partie)));
}

async function envoyer(formulaire) {
  const champs = {};
  for (const champ of formulaire.elements) if (champ.name && champ.value.trim()) champs[champ.name] = valeur(champ);
  const chemin = formulaire.dataset.chemin.replace(/\{(\w+)\}/g, (_, nom) => {
    const dit = encodeURIComponent(champs[nom]);
    delete champs[nom];
    return dit;
  });
  const resultat = trouver(".outil-resultat", formulaire);
  try {
    const reponse = await fetch(chemin, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(champs) });
    const lu = await reponse.json();
    if (reponse.ok) {
      const enAttente = lu.notifications_en_attente > 0 && "Le service ne l'a pas encore accepté : vérifiez le numéro. L'annonce lui sera redite.";
      remplacer(resultat, alerte(enAttente ? "warning" : "success", null, phrase(formulaire.dataset.reussite, lu), ...(enAttente ? [enAttente] : [])));
    } else {
      remplacer(resultat, alerte("error", null, lu.detail, ...(lu.erreurs ?? []).map((erreur) => `${erreur.champ} : ${erreur.message}`)));
    }
  } catch {
    remplacer(resultat, alerte("error", null, "Le service local ne répond pas."));
  }
}

for (const formulaire of tous("form[data-chemin]")) {
  formulaire.addEventListener("submit", async (evenement) => {
    evenement.preventDefault();
    await envoyer(formulaire);
    await montrerLesPannes();
  });
}
trouver("#filtre").addEventListener("input", montrer);
trouver("#actualiser").addEventListener("click", actualiser);
setInterval(() => trouver("#suivre").checked && !document.hidden && actualiser(), PERIODE_MS);
await Promise.all([actualiser(), montrerLesPannes()]);
charge();
