// What pages can do better with a script: live progress, suggestions while one types, a word before typed words are lost.
// Everything works without it.
"use strict";

// A part of a page that changes by itself says where it is asked for; it ends when the answer asks for nothing more.
const refresh = part => setTimeout(async () => {
  try {
    const answer = await fetch(part.dataset.live, {headers: {"X-Part": "1"}, cache: "no-store"});
    if (answer.ok) {
      const holder = document.createElement("template");
      holder.innerHTML = await answer.text();
      const fresh = holder.content.firstElementChild;
      if (!fresh || !fresh.dataset.live) return location.reload();
      part.replaceWith(fresh);
      return refresh(fresh);
    }
    if (answer.status < 500) return location.reload();
  } catch { /* the line is down for a moment */ }
  refresh(part);
}, 1000);
document.querySelectorAll("[data-live]").forEach(refresh);

// The first thing that is wrong gets the focus.
document.querySelector("[data-first]")?.focus();

// Whoever leaves a form with words in it is asked whether that is meant.
let typed = false;
document.querySelectorAll("form[data-typed]").forEach(form => {
  if (form.dataset.typed === "already") typed = true;
  form.addEventListener("input", () => { typed = true; });
});
document.addEventListener("submit", () => { typed = false; });
addEventListener("beforeunload", event => { if (typed) event.preventDefault(); });

// A claim code that came behind the # of an address, as cards have it, is filled in and taken out of the address.
const code = document.getElementById("code");
if (code && !code.value && location.hash.length > 1) {
  code.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}

// Suggestions for words, as they are typed: the same list that the button brings.
document.querySelectorAll("[data-suggest]").forEach(words => {
  const target = document.getElementById(words.dataset.suggest);
  let asked = 0, timer = 0;
  words.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const turn = ++asked, name = target.dataset.name;
      const answer = await fetch("/web/suggest?" + new URLSearchParams({words: words.value.slice(0, 1500), name}), {cache: "no-store"});
      if (!answer.ok) return;
      const list = await answer.text();
      if (turn !== asked) return;
      const before = new Map([...target.querySelectorAll("input")].map(box => [box.name + "\n" + box.value, box.checked]));
      target.innerHTML = list; // what was ticked or unticked for words that stay is as it was
      target.querySelectorAll("input").forEach(box => { box.checked = before.get(box.name + "\n" + box.value) ?? box.checked; });
    }, 250);
  });
});
