"use strict";
// Sorts and filters the rows. Without it the page shows all of them in their order.
(() => {
  const table = document.getElementById("rows");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const search = document.getElementById("search");
  const verdict = document.getElementById("verdict");
  const said = document.getElementById("said");
  const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const texts = rows.map((row) => row.textContent.toLocaleLowerCase());
  const places = new Map(rows.map((row, place) => [row, place]));

  const filter = () => {
    const words = search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const wanted = verdict ? verdict.value : "";
    let shown = 0;
    rows.forEach((row, place) => {
      const fits = (!wanted || row.className === wanted) && words.every((word) => texts[place].includes(word));
      row.hidden = !fits;
      shown += fits;
    });
    said.textContent = shown === rows.length ? `All ${shown} rows are shown.` : `${shown} of ${rows.length} rows are shown.`;
  };

  // What the source did not say comes last, either way.
  const key = (cell) => {
    if (cell.classList.contains("a")) return null;
    return cell.dataset.k === undefined ? cell.textContent : Number(cell.dataset.k);
  };
  const compare = (one, other) =>
    typeof one === "number" && typeof other === "number" ? one - other : order.compare(one, other);

  const sort = (heading, column) => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const it of table.tHead.rows[0].cells) it.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const keys = new Map(rows.map((row) => [row, key(row.cells[column])]));
    const sorted = [...rows].sort((one, other) => {
      const [a, b] = [keys.get(one), keys.get(other)];
      if (a === null || b === null) return (a === null) - (b === null) || places.get(one) - places.get(other);
      return (down ? compare(b, a) : compare(a, b)) || places.get(one) - places.get(other);
    });
    body.append(...sorted);
  };

  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    heading.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => sort(heading, column));
  });
  search.addEventListener("input", filter);
  if (verdict) verdict.addEventListener("change", filter);
  document.getElementById("filters").hidden = false;
  filter();
})();
