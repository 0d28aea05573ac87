/** The list of shortcuts, and the choice to do without them. */
import { charge, h, remplacer, trouver } from "../dom.js";
import { choisirRaccourcis, RACCOURCIS, raccourcisActifs } from "./raccourcis-liste.js";

remplacer(
  trouver("[data-raccourcis]"),
  RACCOURCIS.map(({ touche, mots }) => h("div", {}, h("dt", {}, h("kbd", {}, touche)), h("dd", {}, mots))),
);
const choix = trouver("#raccourcis");
choix.checked = raccourcisActifs();
choix.addEventListener("change", () => choisirRaccourcis(choix.checked));
charge();
