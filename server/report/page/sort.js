"use strict";
{
  // The table of all pairings sorts by its column headings. Without this script it is a table in the order of its sections.
  const table = document.getElementById("pairings");
  const heads = table ? [...table.tHead.rows[0].cells] : [];
  const rows = table ? [...table.tBodies].flatMap(body => [...body.rows].slice(1)) : [];
  const home = new Map(rows.map(row => [row, row.parentNode]));
  const sorted = document.createElement("tbody");
  const collator = new Intl.Collator(document.documentElement.lang, {numeric: true});
  const number = cell => Number(cell.textContent.replace(/[^0-9]/g, ""));
  const words = cell => (cell.querySelector("a,b") ?? cell.firstChild ?? cell).textContent.trim();
  const order = cell => Number(cell.dataset.order);
  const keys = {number, words, order};

  const compare = (a, b) => typeof a === "number" ? a - b : collator.compare(a, b);

  const sort = (at, direction) => {
    heads.forEach((head, i) => i === at ? head.setAttribute("aria-sort", direction) : head.removeAttribute("aria-sort"));
    const key = keys[heads[at].dataset.by];
    const sign = direction === "ascending" ? 1 : -1;
    const list = rows.map(row => ({row, key: key(row.cells[at]), place: number(row.cells[0])}));
    // What is empty comes last in either direction; what is equal keeps the report's order.
    list.sort((a, b) => (a.key === "") - (b.key === "") || sign * compare(a.key, b.key) || a.place - b.place);
    sorted.append(...list.map(item => item.row));
    table.append(sorted);
    table.classList.add("flat");
  };

  const unsort = () => {
    heads.forEach(head => head.removeAttribute("aria-sort"));
    rows.forEach(row => home.get(row).append(row));
    sorted.remove();
    table.classList.remove("flat");
  };

  heads.forEach((head, at) => {
    const first = head.dataset.first ?? "ascending";
    const second = first === "ascending" ? "descending" : "ascending";
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      if (now === second) unsort();
      else sort(at, now === first ? second : first);
    });
    head.append(button);
  });
  if (table) document.getElementById("hint").hidden = false;
}
