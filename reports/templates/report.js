"use strict";
// Everything on the page can be read without this; it only searches, filters, opens, closes and copies.
(() => {
  const all = [...document.querySelectorAll("details.scenario")];
  const words = document.getElementById("words");
  const tag = document.getElementById("tag");
  const boxes = [...document.querySelectorAll("#filter input[type=checkbox]")];
  const found = document.getElementById("found");

  // What can be searched: title, tags, reason and steps; not the messages under them.
  const text = new Map(
    all.map((one) => [
      one,
      [...one.querySelectorAll(".name, .reason, .example, .tags > .tag, .step > .text, p.id")]
        .map((part) => part.textContent)
        .join(" ")
        .toLowerCase(),
    ]),
  );
  const tags = new Map(all.map((one) => [one, new Set([...one.querySelectorAll(".tag")].map((t) => t.textContent))]));

  const show = () => {
    const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    for (const one of all) {
      const fits =
        verdicts.has(one.dataset.verdict) &&
        (!tag.value || tags.get(one).has(tag.value)) &&
        asked.every((word) => text.get(one).includes(word));
      one.hidden = !fits;
      count += fits;
    }
    for (const group of document.querySelectorAll(".feature, .risk")) {
      group.hidden = !group.querySelector("details.scenario:not([hidden])");
    }
    found.textContent = count === all.length ? `${count} scenarios` : `${count} of ${all.length} scenarios`;
  };

  document.getElementById("filter").hidden = all.length === 0;
  for (const field of [words, tag, ...boxes]) field.addEventListener("input", show);
  document.getElementById("open").addEventListener("click", () => {
    for (const one of all) one.open = !one.hidden;
  });
  document.getElementById("close").addEventListener("click", () => {
    for (const one of all) one.open = false;
  });

  // A link to a scenario opens it, and un-hides it where a filter had hidden it.
  const reveal = () => {
    const one = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!one) return;
    one.hidden = false;
    for (let box = one; box; box = box.parentElement) {
      box.hidden = false;
      if (box.matches("details")) box.open = true;
    }
    one.scrollIntoView();
  };
  window.addEventListener("hashchange", reveal);

  // For browsers that cannot unfold by style alone when they print.
  window.addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("#checklist details")) one.open = true;
  });

  const copy = (pre, button) => {
    const select = () => {
      const range = document.createRange();
      range.selectNodeContents(pre);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      button.textContent = document.execCommand("copy") ? "copied" : "selected";
    };
    if (navigator.clipboard) {
      navigator.clipboard.writeText(pre.textContent).then(() => { button.textContent = "copied"; }, select);
    } else {
      select();
    }
  };
  const dress = (root) => {
    for (const pre of root.querySelectorAll(".curl > pre")) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "copy";
      button.addEventListener("click", () => copy(pre, button));
      pre.before(button);
    }
  };
  dress(document);

  // Insides of scenarios that were packed to keep the file small; each is put in its place when it is opened.
  let unpacked;
  const unpack = async () => {
    const data = atob(document.getElementById("package").textContent);
    const bytes = Uint8Array.from(data, (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };
  const unfold = async (one) => {
    if (!one.open || one.dataset.packed === undefined) return;
    unpacked ??= unpack();
    const parts = await unpacked;
    if (one.dataset.packed === undefined) return;
    const place = one.querySelector(".inside");
    place.innerHTML = parts[Number(one.dataset.packed)];
    delete one.dataset.packed;
    dress(place);
  };
  document.addEventListener("toggle", (event) => { if (event.target.matches("details.scenario")) unfold(event.target); }, true);
  for (const one of all) unfold(one);

  show();
  reveal();
})();
