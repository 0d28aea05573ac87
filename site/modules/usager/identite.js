/** The fields of an identity: prénoms one by one in civil-registry order; the birth place in France or abroad. */
import { h, remplacer, tous, trouver } from "../dom.js";
import { communesDuDepartement } from "./communes.js";

const formulaire = trouver("#prenoms").closest("form");
const zone = trouver("[data-prenoms]");
const maximum = Number(trouver("#prenoms").dataset.nombreMax);

function ajouterPrenom(valeur = "") {
  const rang = zone.children.length;
  const premier = rang === 0;
  const champ = h("input", {
    class: "fr-input",
    id: `prenoms-${rang}`,
    name: `prenoms.${rang}`,
    maxlength: zone.dataset.longueurMax,
    required: premier,
    "data-manque": premier ? zone.dataset.manque : null,
    autocomplete: premier ? "given-name" : "off",
    spellcheck: "false",
    "aria-describedby": `prenoms-${rang}-messages`,
  });
  champ.value = valeur;
  zone.append(
    h(
      "div",
      { class: "fr-input-group", "data-champ": `prenoms.${rang}` },
      h("label", { class: "fr-label", for: `prenoms-${rang}` }, premier ? "1er prénom" : `${rang + 1}ème prénom`, premier && h("span", { class: "obligatoire", "aria-hidden": "true" }, " *")),
      champ,
      h("div", { class: "fr-messages-group", id: `prenoms-${rang}-messages`, "aria-live": "polite" }),
    ),
  );
  trouver("[data-ajouter-prenom]").hidden = zone.children.length >= maximum;
  return champ;
}

function montrerPrenoms(prenoms) {
  const nombre = Math.max(prenoms?.length ?? 0, 1);
  if (zone.children.length > nombre) remplacer(zone);
  while (zone.children.length < nombre) ajouterPrenom();
}

function montrerLieu(ou) {
  for (const radio of tous("[data-ne]")) radio.checked = radio.dataset.ne === ou;
  for (const lieu of tous("[data-lieu]")) lieu.hidden = lieu.dataset.lieu !== ou;
}

async function proposerCommunes() {
  const code = trouver("[name='lieu_naissance.departement']").value;
  const communes = await communesDuDepartement(code);
  remplacer(trouver("#communes-naissance"), communes.map((nom) => h("option", { value: nom })));
}

montrerPrenoms([]);
trouver("[data-ajouter-prenom]").addEventListener("click", () => ajouterPrenom().focus());
for (const radio of tous("[data-ne]")) {
  radio.addEventListener("change", () => {
    montrerLieu(radio.dataset.ne);
    formulaire.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
trouver("[name='lieu_naissance.departement']").addEventListener("change", proposerCommunes);

/** Make room for `donnees` (as the API gives them), before the form is filled with them. */
export function montrerIdentite(donnees) {
  montrerPrenoms(donnees?.prenoms);
  const lieu = donnees?.lieu_naissance;
  if (lieu) montrerLieu("pays" in lieu || "ville" in lieu ? "etranger" : "france");
  if (lieu?.departement) proposerCommunes();
  if (donnees?.neph || donnees?.numero_dossier) trouver("details.facultatif").open = true;
}
